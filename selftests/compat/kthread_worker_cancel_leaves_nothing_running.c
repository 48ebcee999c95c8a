// SPDX-License-Identifier: MIT
/*
 * A kthread_worker runs its items one at a time and in order; a cancel returns
 * when the item neither runs nor can come back; a flush waits for what was there
 * before it and for nothing else; delayed items come after their time.
 */
#include "../kselftest_harness.h"

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/spinlock.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"

#include "lock_test.h"

struct item {
	struct kthread_work work;
	int runs, started, gate;	/* gate 1: hold the function, 2: let it go */
	int place;
};

static struct kthread_worker *worker;
static int places, running, most_running;

static void item_fn(struct kthread_work *work)
{
	struct item *item = container_of(work, struct item, work);
	int now = flag_add(&running, 1);

	if (now > most_running)
		flag_set(&most_running, now);
	item->place = ++places;
	flag_add(&item->started, 1);
	if (flag_get(&item->gate))
		COMES_TRUE(flag_get(&item->gate) == 2);
	flag_add(&running, -1);
	flag_add(&item->runs, 1);
}

static void item_init(struct item *item)
{
	*item = (struct item){ 0 };
	kthread_init_work(&item->work, item_fn);
}

FIXTURE(worker)
{
	unsigned long warnings;
};

FIXTURE_SETUP(worker)
{
	worker = kthread_create_worker(0, "test_worker/%d", 7);
	ASSERT_FALSE(IS_ERR(worker));
	self->warnings = uwq_warn_count();
}

FIXTURE_TEARDOWN(worker)
{
	if (worker)
		kthread_destroy_worker(worker);
	EXPECT_EQ(self->warnings, uwq_warn_count());
}

TEST_F(worker, items_run_one_at_a_time_in_order)
{
	struct item items[20];

	for (int i = 0; i < 20; i++) {
		item_init(&items[i]);
		EXPECT_TRUE(kthread_queue_work(worker, &items[i].work));
	}
	kthread_flush_worker(worker);
	for (int i = 0; i < 20; i++) {
		EXPECT_EQ(1, items[i].runs);
		EXPECT_EQ(i + 1, items[i].place);
	}
	EXPECT_EQ(1, most_running);
	EXPECT_STREQ("test_worker/7", worker->task->comm);
}

TEST_F(worker, an_item_is_queued_once)
{
	struct item blocker, item;

	item_init(&blocker);
	item_init(&item);
	blocker.gate = 1;
	kthread_queue_work(worker, &blocker.work);
	EXPECT_TRUE(COMES_TRUE(flag_get(&blocker.started)));
	EXPECT_TRUE(kthread_queue_work(worker, &item.work));
	EXPECT_FALSE(kthread_queue_work(worker, &item.work));
	/* what runs may be queued again */
	EXPECT_TRUE(kthread_queue_work(worker, &blocker.work));
	flag_set(&blocker.gate, 2);
	kthread_flush_worker(worker);
	EXPECT_EQ(1, item.runs);
	EXPECT_EQ(2, blocker.runs);
}

struct cancel {
	struct item *item;
	int ended;
	bool was_pending;
};

static void *cancel_it(void *arg)
{
	struct cancel *c = arg;

	c->was_pending = kthread_cancel_work_sync(&c->item->work);
	flag_set(&c->ended, 1);
	return NULL;
}

static bool is_being_cancelled(struct kthread_work *work)
{
	bool canceling;

	raw_spin_lock_irq(&worker->lock);
	canceling = work->canceling;
	raw_spin_unlock_irq(&worker->lock);
	return canceling;
}

TEST_F(worker, cancel_waits_for_the_function_and_keeps_it_out)
{
	struct cancel c = { 0 };
	struct item item;
	pthread_t thread;

	item_init(&item);
	item.gate = 1;
	EXPECT_FALSE(kthread_cancel_work_sync(&item.work));
	kthread_queue_work(worker, &item.work);
	EXPECT_TRUE(COMES_TRUE(flag_get(&item.started)));
	EXPECT_TRUE(kthread_queue_work(worker, &item.work));

	c.item = &item;
	thread = start_thread(cancel_it, &c);
	/* queueing is refused from the moment that the cancel is under way */
	EXPECT_TRUE(COMES_TRUE(!kthread_queue_work(worker, &item.work) &&
			       is_being_cancelled(&item.work)));
	nap_us(5000);
	EXPECT_FALSE(flag_get(&c.ended));
	flag_set(&item.gate, 2);
	pthread_join(thread, NULL);
	EXPECT_TRUE(c.was_pending);
	EXPECT_EQ(1, item.runs);
	kthread_flush_worker(worker);
	EXPECT_EQ(1, item.runs);
	EXPECT_TRUE(kthread_queue_work(worker, &item.work));
	kthread_flush_work(&item.work);
	EXPECT_EQ(2, item.runs);
}

struct again {
	struct kthread_delayed_work dwork;
	int runs;
};

static void again_fn(struct kthread_work *work)
{
	struct again *again = container_of(work, struct again, dwork.work);

	again->runs++;
	if (again->runs & 1)
		kthread_queue_work(worker, work);
	else
		kthread_queue_delayed_work(worker, &again->dwork, 1);
}

/* The item queues itself for ever; the memory is gone right after the cancel. */
TEST_F(worker, cancel_ends_an_item_that_queues_itself)
{
	for (int i = 0; i < ROUNDS(300); i++) {
		struct again *again = kmalloc(sizeof(*again), GFP_KERNEL);

		again->runs = 0;
		kthread_init_delayed_work(&again->dwork, again_fn);
		ASSERT_TRUE(kthread_queue_delayed_work(worker, &again->dwork, i % 2));
		nap_us(i % 7 * 300);
		kthread_cancel_delayed_work_sync(&again->dwork);
		memset(again, 0x55, sizeof(*again));
		kfree(again);
	}
}

static void free_itself(struct kthread_work *work)
{
	kfree(container_of(work, struct item, work));
}

TEST_F(worker, an_item_may_free_itself)
{
	for (int i = 0; i < ROUNDS(1000); i++) {
		struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

		kthread_init_work(&item->work, free_itself);
		kthread_queue_work(worker, &item->work);
	}
	kthread_flush_worker(worker);
}

TEST_F(worker, flush_ignores_later_items)
{
	struct item first, later;
	int flushed = 0;

	item_init(&first);
	item_init(&later);
	later.gate = 1;
	kthread_queue_work(worker, &first.work);
	kthread_queue_work(worker, &later.work);
	kthread_flush_work(&first.work);
	flushed = first.runs;
	EXPECT_EQ(1, flushed);
	EXPECT_EQ(0, flag_get(&later.runs));
	flag_set(&later.gate, 2);
	kthread_flush_worker(worker);
}

static void *flush_running(void *arg)
{
	struct cancel *c = arg;

	kthread_flush_work(&c->item->work);
	flag_set(&c->ended, 1);
	return NULL;
}

TEST_F(worker, flush_waits_for_what_runs)
{
	struct cancel c = { 0 };
	struct item item, behind;
	pthread_t thread;

	item_init(&item);
	item_init(&behind);
	item.gate = 1;
	behind.gate = 1;
	kthread_flush_work(&item.work);		/* never queued: returns */
	kthread_queue_work(worker, &item.work);
	kthread_queue_work(worker, &behind.work);
	EXPECT_TRUE(COMES_TRUE(flag_get(&item.started)));
	c.item = &item;
	thread = start_thread(flush_running, &c);
	nap_us(5000);
	EXPECT_FALSE(flag_get(&c.ended));
	flag_set(&item.gate, 2);
	pthread_join(thread, NULL);
	EXPECT_EQ(1, item.runs);
	EXPECT_EQ(0, flag_get(&behind.runs));
	flag_set(&behind.gate, 2);
	kthread_flush_worker(worker);
}

struct late {
	struct kthread_delayed_work dwork;
	long since, took;
	int runs;
};

static void late_fn(struct kthread_work *work)
{
	struct late *late = container_of(work, struct late, dwork.work);

	late->took = now_ms() - late->since;
	flag_add(&late->runs, 1);
}

static void late_init(struct late *late)
{
	*late = (struct late){ .since = now_ms() };
	kthread_init_delayed_work(&late->dwork, late_fn);
}

TEST_F(worker, delayed_items_come_after_their_time)
{
	struct late late;

	late_init(&late);
	EXPECT_TRUE(kthread_queue_delayed_work(worker, &late.dwork, 10000 * HZ));
	EXPECT_FALSE(kthread_queue_delayed_work(worker, &late.dwork, 0));
	EXPECT_FALSE(kthread_queue_work(worker, &late.dwork.work));
	kthread_flush_work(&late.dwork.work);
	kthread_flush_worker(worker);
	EXPECT_EQ(0, flag_get(&late.runs));
	late.since = now_ms();
	EXPECT_TRUE(kthread_mod_delayed_work(worker, &late.dwork, msecs_to_jiffies(30)));
	EXPECT_TRUE(COMES_TRUE(flag_get(&late.runs)));
	EXPECT_LE(30, late.took);
	kthread_flush_worker(worker);
	EXPECT_EQ(1, late.runs);
	EXPECT_FALSE(kthread_cancel_delayed_work_sync(&late.dwork));
}

TEST_F(worker, mod_gives_a_new_delay)
{
	struct late late;

	late_init(&late);
	EXPECT_FALSE(kthread_mod_delayed_work(worker, &late.dwork, 60 * HZ));
	EXPECT_TRUE(kthread_mod_delayed_work(worker, &late.dwork, 1));
	EXPECT_TRUE(COMES_TRUE(flag_get(&late.runs)));
	EXPECT_FALSE(kthread_mod_delayed_work(worker, &late.dwork, 60 * HZ));
	EXPECT_TRUE(kthread_mod_delayed_work(worker, &late.dwork, 0));
	kthread_flush_worker(worker);
	EXPECT_EQ(2, late.runs);
}

TEST_F(worker, cancel_of_an_armed_item_is_told)
{
	struct late late;

	late_init(&late);
	kthread_queue_delayed_work(worker, &late.dwork, 60 * HZ);
	EXPECT_TRUE(kthread_cancel_delayed_work_sync(&late.dwork));
	EXPECT_FALSE(kthread_cancel_delayed_work_sync(&late.dwork));
	EXPECT_EQ(0, late.runs);
}

static struct late shared;
static int stop;

static void *mod_often(void *arg)
{
	(void)arg;
	for (int i = 0; !flag_get(&stop); i++)
		kthread_mod_delayed_work(worker, &shared.dwork, i % 3);
	return NULL;
}

static void *cancel_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(2000); i++)
		kthread_cancel_delayed_work_sync(&shared.dwork);
	flag_set(&stop, 1);
	return NULL;
}

TEST_F(worker, mod_and_cancel_may_race)
{
	pthread_t threads[3];

	late_init(&shared);
	threads[0] = start_thread(mod_often, NULL);
	threads[1] = start_thread(mod_often, NULL);
	threads[2] = start_thread(cancel_often, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	kthread_cancel_delayed_work_sync(&shared.dwork);
	kthread_flush_worker(worker);
	EXPECT_TRUE(list_empty(&worker->work_list));
	EXPECT_TRUE(list_empty(&worker->delayed_work_list));
}

TEST_F(worker, destroy_runs_what_is_queued)
{
	struct item items[10];

	for (int i = 0; i < 10; i++) {
		item_init(&items[i]);
		kthread_queue_work(worker, &items[i].work);
	}
	kthread_destroy_worker(worker);
	worker = NULL;
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(1, items[i].runs);
}

static void waits_for_itself(struct kthread_work *work)
{
	struct item *item = container_of(work, struct item, work);

	kthread_flush_work(work);
	kthread_cancel_work_sync(work);
	kthread_flush_worker(worker);
	flag_set(&item->runs, 1);
}

TEST(waiting_for_oneself_is_reported_and_refused)
{
	unsigned long before = uwq_warn_count();
	struct item item;

	worker = kthread_create_worker(0, "test_worker");
	item_init(&item);
	item.work.func = waits_for_itself;
	kthread_queue_work(worker, &item.work);
	EXPECT_TRUE(COMES_TRUE(flag_get(&item.runs)));
	EXPECT_EQ(before + 3, uwq_warn_count());
	kthread_destroy_worker(worker);
}

static DEFINE_KTHREAD_WORKER(own_worker);
static void own_fn(struct kthread_work *work);
static DEFINE_KTHREAD_WORK(own_work, own_fn);
static DEFINE_KTHREAD_DELAYED_WORK(own_dwork, own_fn);
static int own_runs;

static void own_fn(struct kthread_work *work)
{
	(void)work;
	flag_add(&own_runs, 1);
}

TEST(a_worker_of_ones_own_made_of_static_parts)
{
	struct task_struct *task;

	/* queued before there is a thread */
	EXPECT_TRUE(kthread_queue_work(&own_worker, &own_work));
	EXPECT_TRUE(kthread_queue_delayed_work(&own_worker, &own_dwork, 1));
	task = kthread_run(kthread_worker_fn, &own_worker, "own");
	ASSERT_FALSE(IS_ERR(task));
	EXPECT_TRUE(COMES_TRUE(flag_get(&own_runs) == 2));
	kthread_flush_worker(&own_worker);
	EXPECT_EQ(0, kthread_stop(task));
	EXPECT_EQ(NULL, own_worker.task);
}

TEST(failure_to_make_a_worker_is_an_error)
{
	uwq_test_fail_thread(1, -1);
	EXPECT_TRUE(IS_ERR(kthread_create_worker(0, "none")));
	uwq_test_fail_thread(0, 0);
	uwq_test_fail_alloc(1, 1);
	EXPECT_EQ(-ENOMEM, PTR_ERR(kthread_create_worker(0, "none")));
	uwq_test_fail_alloc(0, 0);
}

TEST(a_worker_can_be_bound_to_a_cpu)
{
	worker = kthread_run_worker_on_cpu(0, 0, "bound/%u");
	ASSERT_FALSE(IS_ERR(worker));
	EXPECT_STREQ("bound/0", worker->task->comm);
	kthread_flush_worker(worker);
	kthread_destroy_worker(worker);
}

TEST_HARNESS_MAIN

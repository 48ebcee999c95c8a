// SPDX-License-Identifier: MIT
/*
 * Proves C123, C124, C125, C126, U18: while workqueues are frozen, what is active on
 * freezable queues finishes and nothing else starts, though queueing works; other
 * queues go on. Limits that are set meanwhile count from the thaw on, and what waited
 * runs then, in order. A queue made while frozen is born frozen. Flush, drain and
 * destroy wait for the thaw, cancelling does not. Misuse is reported once.
 */
#include "wq_test.h"

#define ITEMS	100

static int order[ITEMS], nr_ran;	/* atomic */

struct item {
	struct work_struct work;
	int number;
};

static struct item items[ITEMS];

static void note(struct work_struct *work)
{
	int at = ADD(nr_ran, 1) - 1;

	if (at < ITEMS)
		order[at] = container_of(work, struct item, work)->number;
}

static void queue_items(struct workqueue_struct *wq)
{
	SET(nr_ran, 0);
	for (int i = 0; i < ITEMS; i++) {
		items[i].number = i;
		INIT_WORK(&items[i].work, note);
		queue_work_on(0, wq, &items[i].work);
	}
}

FIXTURE(frozen)
{
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(frozen)
{
	unsigned int flags;
	bool ordered;
};

FIXTURE_VARIANT_ADD(frozen, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(frozen, highpri) { .flags = WQ_PERCPU | WQ_HIGHPRI };
FIXTURE_VARIANT_ADD(frozen, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(frozen, ordered) { .flags = WQ_UNBOUND, .ordered = true };
FIXTURE_VARIANT_ADD(frozen, reclaim) { .flags = WQ_UNBOUND | WQ_MEM_RECLAIM };

static struct workqueue_struct *make(unsigned int flags, bool ordered, int max_active)
{
	return ordered ? alloc_ordered_workqueue("frozen", flags | WQ_FREEZABLE) :
			 alloc_workqueue("frozen", flags | WQ_FREEZABLE, max_active);
}

FIXTURE_SETUP(frozen)
{
	self->wq = make(variant->flags, variant->ordered, 0);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(frozen)
{
	thaw_workqueues();
	destroy_workqueue(self->wq);
}

TEST_F(frozen, active_items_finish_and_later_ones_wait)
{
	struct blocker blocker;

	blocker_start_on(&blocker, 0, self->wq);
	freeze_workqueues_begin();
	EXPECT_TRUE(freeze_workqueues_busy());
	queue_items(self->wq);
	blocker_release(&blocker);
	EXPECT_TRUE(COMES_TRUE(!freeze_workqueues_busy()));
	EXPECT_EQ(1, GET(blocker.runs));
	nap_us(2000);
	EXPECT_EQ(0, GET(nr_ran));
	EXPECT_TRUE(work_pending(&items[0].work));
	EXPECT_FALSE(queue_work(self->wq, &items[0].work));
	EXPECT_FALSE(freeze_workqueues_busy());
	thaw_workqueues();
	__flush_workqueue(self->wq);
	EXPECT_EQ(ITEMS, GET(nr_ran));
}

TEST_F(frozen, order_is_kept_by_a_queue_of_one)
{
	struct workqueue_struct *one = make(variant->flags, variant->ordered, 1);
	struct blocker blocker;

	/* some items wait already for another reason */
	blocker_start_on(&blocker, 0, one);
	queue_items(one);
	freeze_workqueues_begin();
	blocker_release(&blocker);
	EXPECT_TRUE(COMES_TRUE(!freeze_workqueues_busy()));
	nap_us(1000);
	EXPECT_EQ(0, GET(nr_ran));
	thaw_workqueues();
	__flush_workqueue(one);
	EXPECT_EQ(ITEMS, GET(nr_ran));
	/* one CPU queued them all: a single pwq, so the limit of one is an order */
	for (int i = 0; i < ITEMS; i++)
		EXPECT_EQ(i, order[i]);
	destroy_workqueue(one);
}

TEST_F(frozen, born_frozen)
{
	struct workqueue_struct *born;
	struct counter counter;

	freeze_workqueues_begin();
	born = make(variant->flags, variant->ordered, 0);
	ASSERT_NOT_NULL(born);
	counter_init(&counter);
	EXPECT_TRUE(queue_work(born, &counter.work));
	nap_us(2000);
	EXPECT_EQ(0, GET(counter.runs));
	EXPECT_FALSE(freeze_workqueues_busy());
	thaw_workqueues();
	flush_work(&counter.work);
	EXPECT_EQ(1, GET(counter.runs));
	destroy_workqueue(born);
}

/* ---- waiting for frozen items ---- */

static int returned;	/* atomic */

static void *flush_item(void *arg)
{
	(void)arg;
	flush_work(&items[ITEMS - 1].work);
	ADD(returned, 1);
	return NULL;
}

static void *flush_queue(void *wq)
{
	__flush_workqueue(wq);
	ADD(returned, 1);
	return NULL;
}

static void *drain(void *wq)
{
	drain_workqueue(wq);
	ADD(returned, 1);
	return NULL;
}

TEST_F(frozen, flush_and_drain_wait_for_the_thaw)
{
	void *(*waiters[])(void *) = { flush_item, flush_queue, drain };
	pthread_t threads[3];

	freeze_workqueues_begin();
	queue_items(self->wq);
	SET(returned, 0);
	for (int i = 0; i < 3; i++)
		threads[i] = start_thread(waiters[i], self->wq);
	EXPECT_TRUE(COMES_TRUE(wq_flags(self->wq) & __WQ_DRAINING));
	nap_us(5000);
	EXPECT_EQ(0, GET(returned));
	EXPECT_EQ(0, GET(nr_ran));
	thaw_workqueues();
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(ITEMS, GET(nr_ran));
}

static void *destroy(void *wq)
{
	destroy_workqueue(wq);
	ADD(returned, 1);
	return NULL;
}

TEST_F(frozen, destroy_waits_for_the_thaw)
{
	struct workqueue_struct *wq = make(variant->flags, variant->ordered, 0);
	pthread_t thread;

	freeze_workqueues_begin();
	queue_items(wq);
	SET(returned, 0);
	thread = start_thread(destroy, wq);
	nap_us(5000);
	EXPECT_EQ(0, GET(returned));
	thaw_workqueues();
	pthread_join(thread, NULL);
	EXPECT_EQ(ITEMS, GET(nr_ran));
}

TEST_F(frozen, cancelling_does_not_wait)
{
	freeze_workqueues_begin();
	queue_items(self->wq);
	for (int i = 0; i < ITEMS; i += 2)
		EXPECT_TRUE(cancel_work_sync(&items[i].work));
	EXPECT_TRUE(disable_work_sync(&items[1].work));
	thaw_workqueues();
	__flush_workqueue(self->wq);
	EXPECT_EQ(ITEMS / 2 - 1, GET(nr_ran));
}

struct load {
	struct workqueue_struct *wq;
	struct counter c;
	int stop, queued;	/* atomic */
};

static void *requeue(void *arg)
{
	struct load *load = arg;

	while (!GET(load->stop))
		ADD(load->queued, queue_work(load->wq, &load->c.work));
	return NULL;
}

TEST_F(frozen, again_and_again_under_load)
{
	struct load p = { .wq = self->wq };
	pthread_t thread;
	int before;

	counter_init(&p.c);
	thread = start_thread(requeue, &p);
	EXPECT_TRUE(COMES_TRUE(GET(p.queued) > 0));
	for (int i = 0; i < ROUNDS(200); i++) {
		freeze_workqueues_begin();
		if (!COMES_TRUE(!freeze_workqueues_busy()))
			break;
		before = GET(p.c.runs);
		sched_yield();
		EXPECT_EQ(before, GET(p.c.runs));
		EXPECT_FALSE(freeze_workqueues_busy());
		thaw_workqueues();
	}
	SET(p.stop, 1);
	pthread_join(thread, NULL);
	__flush_workqueue(self->wq);
	EXPECT_EQ(GET(p.queued), GET(p.c.runs));
}

/* ---- limits ---- */


TEST(limits_set_meanwhile_count_from_the_thaw_on)
{
	unsigned int kinds[] = { WQ_PERCPU, WQ_UNBOUND };

	for (int k = 0; k < 2; k++) {
		struct workqueue_struct *wq = make(kinds[k], false, 2);
		struct blocker blockers[6];

		freeze_workqueues_begin();
		for (int i = 0; i < 6; i++) {
			blocker_init(&blockers[i]);
			queue_work_on(0, wq, &blockers[i].work);
		}
		workqueue_set_max_active(wq, 4);
		nap_us(2000);
		for (int i = 0; i < 6; i++)
			EXPECT_FALSE(completion_done(&blockers[i].started));
		thaw_workqueues();
		EXPECT_TRUE(COMES_TRUE(completion_done(&blockers[3].started)));
		nap_us(1000);
		EXPECT_FALSE(completion_done(&blockers[4].started));
		for (int i = 0; i < 6; i++)
			blocker_release(&blockers[i]);
		destroy_workqueue(wq);
	}
}

TEST(others_go_on)
{
	struct workqueue_struct *wq = alloc_workqueue("warm", WQ_UNBOUND, 0);
	struct workqueue_struct *others[] = {
		wq, system_percpu_wq, system_highpri_wq, system_dfl_wq, system_power_efficient_wq,
		system_bh_wq,
	};
	struct counter counter;

	freeze_workqueues_begin();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		counter_init(&counter);
		queue_work(others[i], &counter.work);
		flush_work(&counter.work);
		EXPECT_EQ(1, GET(counter.runs));
	}
	/* also one that is made now */
	destroy_workqueue(wq);
	wq = alloc_workqueue("warm", WQ_PERCPU, 0);
	workqueue_set_max_active(wq, 7);
	queue_work(wq, &counter.work);
	flush_work(&counter.work);
	EXPECT_EQ(2, GET(counter.runs));
	EXPECT_FALSE(freeze_workqueues_busy());
	thaw_workqueues();
	destroy_workqueue(wq);
}

TEST(queues_made_by_name_take_part)
{
	struct workqueue_struct *legacy = create_freezable_workqueue("legacy");
	struct workqueue_struct *freezable[] = {
		system_freezable_wq, system_freezable_power_efficient_wq, legacy,
	};
	struct counter counters[3];

	freeze_workqueues_begin();
	for (int i = 0; i < 3; i++) {
		counter_init(&counters[i]);
		queue_work(freezable[i], &counters[i].work);
	}
	nap_us(2000);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, GET(counters[i].runs));
	thaw_workqueues();
	for (int i = 0; i < 3; i++) {
		flush_work(&counters[i].work);
		EXPECT_EQ(1, GET(counters[i].runs));
	}
	destroy_workqueue(legacy);
}

static void count_delayed(struct work_struct *work)
{
	(void)work;
	ADD(nr_ran, 1);
}

TEST(timers_fire_into_the_frozen_queue)
{
	struct delayed_work dwork;

	INIT_DELAYED_WORK_ONSTACK(&dwork, count_delayed);
	SET(nr_ran, 0);
	freeze_workqueues_begin();
	queue_delayed_work(system_freezable_wq, &dwork, 1);
	EXPECT_TRUE(COMES_TRUE(!timer_pending(&dwork.timer)));
	nap_us(1000);
	EXPECT_EQ(0, GET(nr_ran));
	EXPECT_TRUE(delayed_work_pending(&dwork));
	thaw_workqueues();
	EXPECT_TRUE(COMES_TRUE(GET(nr_ran) == 1));
	cancel_delayed_work_sync(&dwork);
	destroy_delayed_work_on_stack(&dwork);
}

TEST(misuse_is_reported_once)
{
	thaw_workqueues();	/* nothing to do, and no harm */
	log_count("while workqueues are frozen already");
	freeze_workqueues_begin();
	EXPECT_EQ(0, GET(log_hits));
	freeze_workqueues_begin();
	freeze_workqueues_begin();
	EXPECT_EQ(1, GET(log_hits));
	/* it does not nest */
	thaw_workqueues();
	log_count("while workqueues are not frozen");
	freeze_workqueues_busy();
	freeze_workqueues_busy();
	EXPECT_EQ(1, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

TEST_HARNESS_MAIN_CPUS(4)

// SPDX-License-Identifier: MIT
/*
 * U11, B71: whatever the parent's threads were doing with an item or a queue, a child can
 * use both at once; limits and disable counts are kept; the parent goes on undisturbed.
 */
#include "fork_test.h"

#include <linux/interrupt.h>

static struct workqueue_struct *wq;
static struct counter counter, second;
static struct blocker blocker;

static void set_up(unsigned int flags, int max_active)
{
	wq = alloc_workqueue("test", flags, max_active);
	counter_init(&counter);
	counter_init(&second);
}

static void release_and_expect(struct __test_metadata *_metadata, int runs)
{
	blocker_release(&blocker);
	flush_workqueue(wq);
	EXPECT_EQ(1, GET(blocker.runs));
	EXPECT_EQ(runs, GET(counter.runs));
	destroy_workqueue(wq);
}

static void use_item(void)
{
	CHECK_USABLE(wq, &counter.work, counter.runs);
	CHECK_USABLE(system_percpu_wq, &counter.work, counter.runs);
	flush_workqueue(wq);
	destroy_workqueue(wq);
}

/* In the child the function of @blocker does not wait. */
static void use_blocker(void)
{
	CHECK(!work_busy(&blocker.work));
	complete(&blocker.release);
	CHECK_USABLE(wq, &blocker.work, blocker.runs);
	use_item();
}

/* ---- items ---- */

TEST(running)
{
	set_up(WQ_PERCPU, 0);
	blocker_start(&blocker, wq);
	EXPECT_EQ(0, IN_CHILD(use_blocker));
	release_and_expect(_metadata, 0);
}

static void queue_both(void)
{
	/* the limit of one is in force here too */
	complete(&blocker.release);
	CHECK(queue_work(wq, &blocker.work));
	CHECK(queue_work(wq, &counter.work));
	flush_workqueue(wq);
	CHECK(GET(counter.runs) == 1 && GET(counter.overlaps) == 0);
	use_item();
}

TEST(inactive)
{
	set_up(WQ_UNBOUND, 1);
	blocker_start(&blocker, wq);
	queue_work(wq, &counter.work);
	/* out of the inbox */
	EXPECT_EQ(2, items_in_flight(wq));
	EXPECT_EQ(0, IN_CHILD(queue_both));
	release_and_expect(_metadata, 1);
}

TEST(inactive_on_a_cpu)
{
	set_up(WQ_PERCPU, 1);
	blocker_start_on(&blocker, 0, wq);
	queue_work_on(0, wq, &counter.work);
	EXPECT_EQ(2, items_in_flight(wq));
	EXPECT_EQ(0, IN_CHILD(queue_both));
	release_and_expect(_metadata, 1);
}

static struct delayed_work dwork;
static int delayed_runs;	/* atomic */

static void delayed_func(struct work_struct *work)
{
	(void)work;
	ADD(delayed_runs, 1);
}

static void wait_for_nothing(void)
{
	CHECK(!delayed_work_pending(&dwork));
	CHECK(!cancel_delayed_work_sync(&dwork));
	nap_us(150000);
	CHECK(!GET(delayed_runs));
	CHECK(queue_delayed_work(wq, &dwork, 10000 * HZ));
	CHECK(delayed_work_pending(&dwork));
	CHECK(mod_delayed_work(wq, &dwork, 2));
	CHECK(COMES_TRUE(GET(delayed_runs) == 1));
	CHECK(mod_delayed_work(wq, &dwork, 1) == false);
	CHECK(COMES_TRUE(GET(delayed_runs) == 2));
}

TEST(armed)
{
	set_up(WQ_UNBOUND, 0);
	INIT_DELAYED_WORK(&dwork, delayed_func);
	queue_delayed_work(wq, &dwork, 100);
	/* another child, later, would find that it has run: again from the start then */
	EXPECT_ENDS_WELL(outcome(start_child(wait_for_nothing)));
	EXPECT_TRUE(COMES_TRUE(GET(delayed_runs) == 1));
}

static void enable_both(void)
{
	CHECK(disable_depth(&counter.work) == 2);
	CHECK(!queue_work(wq, &counter.work));
	CHECK(!enable_work(&counter.work));
	CHECK(enable_work(&counter.work));
	use_item();
}

TEST(disabled_items_keep_their_depth)
{
	set_up(WQ_UNBOUND, 0);
	disable_work(&counter.work);
	disable_work(&counter.work);
	EXPECT_EQ(0, IN_CHILD(enable_both));
	EXPECT_EQ(2, disable_depth(&counter.work));
}

/* ---- waiters ---- */

static void *cancel_blocker(void *arg)
{
	(void)arg;
	cancel_work_sync(&blocker.work);
	return NULL;
}

TEST(a_cancel_that_waits_disables_nothing)
{
	pthread_t a, b;

	set_up(WQ_UNBOUND, 0);
	blocker_start(&blocker, wq);
	disable_work(&counter.work);
	enable_work(&counter.work);
	a = start_thread(cancel_blocker, NULL);
	b = start_thread(cancel_blocker, NULL);
	EXPECT_TRUE(COMES_TRUE(disable_depth(&blocker.work) == 2));
	EXPECT_EQ(0, IN_CHILD(use_blocker));
	EXPECT_EQ(2, disable_depth(&blocker.work));
	blocker_release(&blocker);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	EXPECT_EQ(0, disable_depth(&blocker.work));
}

static void *flush_blocker(void *arg)
{
	(void)arg;
	flush_work(&blocker.work);
	return NULL;
}

static void *flush_queue(void *arg)
{
	(void)arg;
	flush_workqueue(wq);
	return NULL;
}

TEST(flushers)
{
	pthread_t threads[40];

	set_up(WQ_UNBOUND, 1);
	blocker_start(&blocker, wq);
	queue_work(wq, &counter.work);
	/* more flushes than there are colours, and barriers behind the item */
	for (int i = 0; i < 20; i++) {
		threads[2 * i] = start_thread(flush_queue, NULL);
		threads[2 * i + 1] = start_thread(flush_blocker, NULL);
	}
	EXPECT_TRUE(COMES_TRUE(items_in_flight(wq) == 22));
	EXPECT_EQ(0, IN_CHILD(use_blocker));
	blocker_release(&blocker);
	for (int i = 0; i < 40; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(1, GET(counter.runs));
}

static void *drain_queue(void *arg)
{
	(void)arg;
	drain_workqueue(wq);
	return NULL;
}

static void *destroy_queue(void *arg)
{
	(void)arg;
	destroy_workqueue(wq);
	return NULL;
}

TEST(drainers)
{
	pthread_t a, b;

	set_up(WQ_UNBOUND, 0);
	blocker_start(&blocker, wq);
	a = start_thread(drain_queue, NULL);
	b = start_thread(drain_queue, NULL);
	EXPECT_TRUE(COMES_TRUE(UNDER_MUTEX(wq, wq->nr_drainers) == 2));
	EXPECT_EQ(0, IN_CHILD(use_blocker));
	blocker_release(&blocker);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	destroy_workqueue(wq);
}

TEST(a_queue_that_is_being_destroyed)
{
	pthread_t thread;

	set_up(WQ_UNBOUND, 0);
	blocker_start(&blocker, wq);
	thread = start_thread(destroy_queue, NULL);
	EXPECT_TRUE(COMES_TRUE(UNDER_MUTEX(wq, wq->nr_drainers) == 1));
	EXPECT_EQ(0, IN_CHILD(use_blocker));
	blocker_release(&blocker);
	pthread_join(thread, NULL);
}

/* ---- queues ---- */

static void check_order(void)
{
	complete(&blocker.release);
	CHECK(queue_work(wq, &blocker.work));
	CHECK(queue_work(wq, &counter.work));
	flush_work(&counter.work);
	CHECK(GET(blocker.runs) == 1);
	use_item();
}

TEST(ordered_queue_with_new_attributes)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	wq = alloc_ordered_workqueue("ordered", 0);
	counter_init(&counter);
	blocker_start(&blocker, wq);
	attrs->nice = 3;
	EXPECT_EQ(0, apply_workqueue_attrs(wq, attrs));
	queue_work(wq, &counter.work);
	attrs->nice = 5;
	EXPECT_EQ(0, apply_workqueue_attrs(wq, attrs));
	EXPECT_EQ(0, IN_CHILD(check_order));
	release_and_expect(_metadata, 1);
	free_workqueue_attrs(attrs);
}

TEST(queue_with_a_rescuer)
{
	set_up(WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	blocker_start(&blocker, wq);
	EXPECT_EQ(0, IN_CHILD(use_blocker));
	release_and_expect(_metadata, 0);
}

static struct gate bh_go, bh_inside;

static void bh_func(struct work_struct *work)
{
	(void)work;
	gate_open(&bh_inside);
	gate_wait(&bh_go);
}

static void use_bh(void)
{
	CHECK(!work_busy(&counter.work));
	/* of the CPU whose thread was busy */
	CHECK(queue_work_on(0, system_bh_wq, &counter.work));
	CHECK(COMES_TRUE(GET(counter.runs) == 1));
	flush_work(&counter.work);
	CHECK_USABLE(system_bh_wq, &counter.work, counter.runs);
	CHECK_USABLE(system_bh_highpri_wq, &counter.work, counter.runs);
}

TEST(bottom_halves)
{
	struct work_struct busy;

	set_up(WQ_PERCPU, 0);
	INIT_WORK(&busy, bh_func);
	queue_work_on(0, system_bh_wq, &busy);
	gate_wait(&bh_inside);
	queue_work_on(0, system_bh_wq, &counter.work);
	EXPECT_EQ(0, IN_CHILD(use_bh));
	gate_open(&bh_go);
	flush_work(&counter.work);
	flush_work(&busy);
	EXPECT_EQ(1, GET(counter.runs));
}

static struct tasklet_struct running, parked, free_one;
static int tasklet_runs;	/* atomic */

static void running_fn(struct tasklet_struct *t)
{
	(void)t;
	gate_open(&bh_inside);
	gate_wait(&bh_go);
}

static void counting_fn(struct tasklet_struct *t)
{
	(void)t;
	ADD(tasklet_runs, 1);
}

static void use_tasklets(void)
{
	gate_open(&bh_go);
	nap_us(20000);
	CHECK(!GET(tasklet_runs));
	tasklet_enable(&parked);
	tasklet_schedule(&parked);
	tasklet_kill(&parked);
	CHECK(GET(tasklet_runs) == 1);
	tasklet_schedule(&free_one);
	tasklet_kill(&free_one);
	CHECK(GET(tasklet_runs) == 2);
	tasklet_schedule(&running);
	tasklet_kill(&running);
	tasklet_disable(&running);
}

static void *kill_parked(void *arg)
{
	(void)arg;
	tasklet_kill(&free_one);
	return NULL;
}

TEST(tasklets)
{
	pthread_t killer;

	/* all on one list, behind the one that runs */
	ASSERT_TRUE(pin_to_real_cpu(0));

	tasklet_setup(&running, running_fn);
	tasklet_setup(&parked, counting_fn);
	tasklet_setup(&free_one, counting_fn);
	tasklet_schedule(&running);
	gate_wait(&bh_inside);
	tasklet_disable(&parked);
	tasklet_schedule(&parked);
	tasklet_schedule(&free_one);
	killer = start_thread(kill_parked, NULL);
	nap_us(10000);
	EXPECT_EQ(0, IN_CHILD(use_tasklets));
	gate_open(&bh_go);
	pthread_join(killer, NULL);
	tasklet_kill(&running);
	tasklet_enable(&parked);
	tasklet_kill(&parked);
	EXPECT_TRUE(COMES_TRUE(GET(tasklet_runs) == 2));
}

/* All workers of the parent are named by items as their last; all ids are given anew. */
static void recycle_ids(void)
{
	static struct blocker blockers[8];

	for (int i = 0; i < 8; i++)
		blocker_start(&blockers[i], wq);
	CHECK(!work_busy(&counter.work));
	CHECK_USABLE(wq, &counter.work, counter.runs);
	for (int i = 0; i < 8; i++)
		blocker_release(&blockers[i]);
}

TEST(last_workers_are_not_there)
{
	set_up(WQ_UNBOUND, 0);
	blocker_start(&blocker, wq);
	queue_work(wq, &counter.work);
	flush_work(&counter.work);
	queue_work(system_percpu_wq, &blocker.work);
	EXPECT_EQ(0, IN_CHILD(recycle_ids));
	blocker_release(&blocker);
	blocker_release(&blocker);
	flush_work(&blocker.work);
	EXPECT_EQ(2, GET(blocker.runs));
}

TEST_HARNESS_MAIN

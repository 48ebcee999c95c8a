// SPDX-License-Identifier: MIT
/*
 * Proves of batches that several workers of a pool have at the same time (batch.c): who finds
 * nothing else to do runs what another one has taken and not begun; what an owner that does not
 * come on has taken is soon passed by no more items; taken back, all of them wait in the order in
 * which they were queued (C7); one worker takes no more than its share; never more items of a
 * queue run than it has slots (C89), and each of them runs once; what follows a run does not wait
 * for a batch (C17); somebody watches over each batch.
 */
#include "batch_workers.h"

#include <uwq/blocking.h>

FIXTURE_SETUP(queue)
{
	prepare();
	queues_make(_metadata, self, variant);
	stop_looks();
}

/* As many slots as workers: what is taken waits for the slot of the one before. */
static void limit_slots(FIXTURE_DATA(queue) *self)
{
	workqueue_set_max_active(self->wq, 2);
}

/* ---- nobody is idle because of a batch ---- */

static void let_other_take_over(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self)
{
	have_batch(_metadata, self, NR_QUICK, NR_QUICK);
	let_end(&ahead);
	EXPECT_TRUE(COMES_TRUE(GET(nr_begun) == NR_QUICK));
	EXPECT_FALSE(GET(with_batch.may_end));
	for (int i = 0; i < NR_QUICK; i++)
		EXPECT_EQ(i + 1, GET(quick[i].place));
	let_end(&with_batch);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR_QUICK, GET(nr_begun));
}

TEST_F_FOR(queue, idle_one_takes_over, TWO_WORKERS)
{
	let_other_take_over(_metadata, self);
}

TEST_F_FOR(queue, idle_one_takes_over_with_its_own_slot, TWO_WORKERS)
{
	limit_slots(self);
	let_other_take_over(_metadata, self);
}

/* In the pool of a CPU that is offline: a worker that is not counted is no reason to rest. */
TEST_F_FOR(queue, uncounted_one_leaves_the_others_to_another_worker, ONE_WORKER && SEVERAL_SLOTS)
{
	struct workqueue_struct *wq = alloc_workqueue("uncounted", WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	struct stayer uncounted;

	ASSERT_NOT_NULL(wq);
	stayer_init(&uncounted);
	have_batch(_metadata, self, NR_QUICK, NR_QUICK);
	queue(wq, &uncounted.work);
	let_end(&ahead);
	EXPECT_TRUE(COMES_TRUE(GET(nr_begun) == NR_QUICK));
	EXPECT_TRUE(GET(uncounted.begun));
	let_end(&uncounted);
	let_end(&with_batch);
	flush_workqueue(self->wq);
	destroy_workqueue(wq);
}

/* ---- an owner that does not come on ---- */

#define MOST_AHEAD	200	/* see take_back_old(); a look comes late by one batch at most */

static void leave_behind(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self)
{
	have_batch(_metadata, self, NR_QUICK, NR_QUICK);
	queue_quick(self->wq, NR_QUICK, ARRAY_SIZE(quick) - NR_QUICK);
	let_end(&ahead);
	EXPECT_TRUE(COMES_TRUE(GET(nr_begun) == ARRAY_SIZE(quick)));
	for (int i = 0; i < NR_QUICK; i++)
		EXPECT_GE(MOST_AHEAD, GET(quick[i].place));
	let_end(&with_batch);
	flush_workqueue(self->wq);
}

TEST_F_FOR(queue, few_pass_what_is_left_in_a_batch, TWO_WORKERS)
{
	leave_behind(_metadata, self);
}

TEST_F_FOR(queue, few_pass_what_waits_for_the_slot_of_a_batch, TWO_WORKERS)
{
	limit_slots(self);
	leave_behind(_metadata, self);
}

/* ---- the order on the list ---- */

/* On the list are @nr, from @first on. */
static void expect_order(struct __test_metadata *_metadata, struct list_head *list, int first,
			 int nr)
{
	struct work_struct *work;
	int i = first;

	list_for_each_entry(work, list, entry) {
		ASSERT_LT(i, first + nr);
		EXPECT_EQ(i, (int)(container_of(work, struct quick, work) - quick));
		i++;
	}
	EXPECT_EQ(first + nr, i);
}

/* True: it was two batches. */
static bool take_back_two(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self)
{
	bool both;

	have_batch(_metadata, self, 3, 3);
	queue(self->wq, &with_later_batch.work);
	queue_quick(self->wq, 3, 3);
	let_end(&ahead);
	while (!GET(with_later_batch.begun))
		nap_us(50);
	both = size_of_batch(&with_batch) == 3 && size_of_batch(&with_later_batch) == 3;
	pool_lock(self->pool);
	if (both)
		expect_order(_metadata, self->pwq->max_active == 2 ? &self->pwq->inactive_works :
								     &self->pool->worklist, 0, 6);
	EXPECT_EQ(0, (int)self->pool->batchers);
	pool_unlock(self->pool);
	let_end(&with_batch);
	let_end(&with_later_batch);
	flush_workqueue(self->wq);
	EXPECT_EQ(6, GET(nr_begun));
	return both;
}

static void take_back_both(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self)
{
	int tries = 50;

	while (!take_back_two(_metadata, self) && --tries)
		prepare();
	EXPECT_NE(0, tries);
}

TEST_F_FOR(queue, two_batches_are_taken_back_in_their_order, TWO_WORKERS)
{
	take_back_both(_metadata, self);
}

TEST_F_FOR(queue, two_batches_without_slots_are_taken_back_in_their_order, TWO_WORKERS)
{
	limit_slots(self);
	take_back_both(_metadata, self);
}

/* There is a slot, and none of those in the batch has it; it goes to the first of them. */
TEST_F_FOR(queue, younger_one_that_waits_gives_its_slot_back, TWO_WORKERS)
{
	workqueue_set_max_active(self->wq, 3);
	have_batch(_metadata, self, NR_QUICK, NR_QUICK);
	queue_quick(self->wq, NR_QUICK, 1);
	pool_lock_quick(self->pool);
	pool_drain_inbox(self->pool);
	expect_order(_metadata, &self->pool->worklist, NR_QUICK, 1);
	pool_unlock(self->pool);
	pool_lock(self->pool);
	expect_order(_metadata, &self->pool->worklist, 0, 1);
	expect_order(_metadata, &self->pwq->inactive_works, 1, NR_QUICK);
	EXPECT_EQ(3, self->pwq->nr_active);
	pool_unlock(self->pool);
	let_end(&ahead);
	let_end(&with_batch);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR_QUICK + 1, GET(nr_begun));
}

/* ---- what must follow a run ---- */

/* It sleeps, visibly, until @with_batch has run once more. */
static void wait_for_stayer(struct work_struct *work)
{
	(void)work;
	uwq_blocking_begin();
	if (!COMES_TRUE(GET(with_batch.runs) == 2))
		SET(wrong_line, __LINE__);
	uwq_blocking_end();
}

/*
 * The item of an owner is queued again, and another worker finds it: it runs where it runs
 * already, and before what that one has taken, which may wait for it.
 */
TEST_F_FOR(queue, item_that_follows_its_run_does_not_wait_for_a_batch, TWO_WORKERS)
{
	struct stayer busy;

	stayer_init(&busy);
	first_func = wait_for_stayer;
	have_batch(_metadata, self, 1, 1);
	queue(self->wq, &with_batch.work);
	queue(self->wq, &busy.work);
	let_end(&ahead);
	while (!GET(busy.begun))
		nap_us(50);
	let_end(&with_batch);
	EXPECT_TRUE(COMES_TRUE(GET(with_batch.runs) == 2));
	let_end(&busy);
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(with_batch.runs));
}

/* ---- a batch beside a worker that is on its way ---- */

/* Nobody watched when it was taken. Who comes sees to it that somebody does. */
TEST_F_FOR(queue, batch_is_watched_when_the_last_worker_has_come, TWO_WORKERS)
{
	struct stayer opener, single;

	stayer_init(&opener);
	stayer_init(&single);
	want_running(self->pool, 2);
	/* so that both are there */
	stayer_queue(&ahead, self->wq);
	stayer_queue(&single, self->wq);
	let_end(&ahead);
	let_end(&single);
	want_running(self->pool, 2);
	stayer_init(&single);
	stayer_queue(&opener, self->wq);
	hold_next("worker_woken");
	queue(self->wq, &leader);
	hold_wait();
	start_looks();
	ASSERT_TRUE(COMES_TRUE(!GET(monitor_on)));
	queue(self->wq, &with_batch.work);
	queue_quick(self->wq, 0, 1);
	let_end(&opener);
	while (!GET(with_batch.begun))
		nap_us(50);
	queue(self->wq, &single.work);
	hold_release();
	while (!GET(single.begun))
		nap_us(50);
	EXPECT_TRUE(GET(monitor_on) || GET(nr_begun));
	EXPECT_TRUE(COMES_TRUE(GET(nr_begun) == 1));
	let_end(&with_batch);
	let_end(&single);
	flush_workqueue(self->wq);
}

/* ---- shares ---- */

/* The first run of each worker is measured, and says that nothing is short. */
static void measure_both(FIXTURE_DATA(queue) *self)
{
	want_running(self->pool, 2);
	stayer_queue(&ahead, self->wq);
	stayer_queue(&with_batch, self->wq);
	let_end(&ahead);
	let_end(&with_batch);
	flush_workqueue(self->wq);
	stayer_init(&ahead);
	stayer_init(&with_batch);
}

static void share(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self, int waiting,
		  unsigned int least, unsigned int most)
{
	measure_both(self);
	uwq_test_force_batches(false);
	have_batch(_metadata, self, waiting, least);
	EXPECT_GE(most, size_of_batch(&with_batch));
	let_end(&ahead);
	let_end(&with_batch);
	flush_workqueue(self->wq);
}

TEST_F_FOR(queue, few_items_are_left_to_all, TWO_WORKERS)
{
	share(_metadata, self, 6, 0, 0);
}

TEST_F_FOR(queue, some_items_are_shared, TWO_WORKERS)
{
	share(_metadata, self, 20, 1, 5);
}

TEST_F_FOR(queue, many_items_are_taken, TWO_WORKERS)
{
	share(_metadata, self, 60, BATCH_MAX, BATCH_MAX);
}

/* ---- a stream ---- */

#define NR_STREAM	ROUNDS(40000)
#define NR_SLOTS	3

static struct counter stream[40000];
static int inside, too_many;	/* atomic */
static int stop;		/* atomic */
static int nr_batches;		/* atomic: taken beside another one */

/* Long enough that more than one worker is useful. */
static void stream_func(struct work_struct *work)
{
	u64 until = ktime_get_ns() + 500;

	if (ADD(inside, 1) > NR_SLOTS)
		ADD(too_many, 1);
	counter_func(work);
	while (ktime_get_ns() < until)
		cpu_relax();
	ADD(inside, -1);
}

static void count_batches(const char *name)
{
	u32 batchers;

	if (strcmp(name, "batch_taken"))
		return;
	batchers = this_worker->pool->batchers;
	if (batchers & (batchers - 1))
		ADD(nr_batches, 1);
}

/* Takes the batches back again and again. */
static void *look_thread(void *pool)
{
	while (!GET(stop)) {
		pool_lock(pool);
		pool_unlock(pool);
		nap_us(50);
	}
	return NULL;
}

static void run_stream(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	for (int i = 0; i < NR_STREAM; i++) {
		counter_init(&stream[i]);
		INIT_WORK(&stream[i].work, stream_func);
	}
	for (int i = 0; i < NR_STREAM; i++)
		queue(wq, &stream[i].work);
	flush_workqueue(wq);
	for (int i = 0; i < NR_STREAM; i++)
		ASSERT_EQ(1, GET(stream[i].runs));
}

/* Until there were batches beside each other, which takes CPUs for several workers. */
TEST_F_FOR(queue, all_of_a_stream_run_once_in_their_slots, TWO_WORKERS)
{
	long until = now_ms() + 20000 * KS_SLOW;
	pthread_t thread;

	workqueue_set_max_active(self->wq, NR_SLOTS);
	want_running(self->pool, NR_SLOTS);
	SET(uwq_test_point_hook, count_batches);
	thread = start_thread(look_thread, self->pool);
	while (GET(nr_batches) < ENOUGH && now_ms() < until)
		run_stream(_metadata, self->wq);
	SET(stop, 1);
	pthread_join(thread, NULL);
	SET(uwq_test_point_hook, NULL);
	EXPECT_EQ(0, GET(too_many));
	EXPECT_LE(ENOUGH, GET(nr_batches));
}

TEST_HARNESS_MAIN

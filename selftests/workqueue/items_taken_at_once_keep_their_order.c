// SPDX-License-Identifier: MIT
/*
 * Proves that who takes several items at once overtakes nothing (C7), neither items of other
 * queues of the pool nor what another worker or a rescuer could begin before them, and takes
 * none that another worker should run meanwhile.
 */
#include "batch_test.h"

#include "workqueue/params.h"

/* ---- two queues ---- */

static void nap_first(struct work_struct *work)
{
	(void)work;
	nap_us(1000);
}

/* Each of them is flushed while a worker has a batch. */
TEST_F(queue, queues_keep_their_items_apart)
{
	struct noted items[8], napping;

	noted_init(&napping, nap_first);
	for (int round = 0; round < ENOUGH; round++) {
		begin_held(self->wq, &leader);
		queue(self->wq, &napping.work);
		for (int i = 0; i < 8; i++) {
			noted_init(&items[i], noted_func);
			queue(i & 2 ? self->wq : self->other, &items[i].work);
		}
		hold_release();
		flush_workqueue(self->other);
		for (int i = 0; i < 8; i++)
			if (!(i & 2))
				ASSERT_NE(0, GET(items[i].place));
		flush_workqueue(self->wq);
		for (int i = 0; i < 8; i++)
			ASSERT_NE(0, GET(items[i].place));
	}
}

/*
 * The slot of the queue is taken by @blocker; another worker holds an item of the other
 * queue, and nothing is left in the inbox.
 */
static void hold_other(struct workqueue_struct *wq, struct workqueue_struct *other,
		       struct blocker *blocker)
{
	blocker_start_on(blocker, 0, wq);
	begin_held(other, &leader);
}

/* Its function is over, and its slot passed on. */
static void end_blocker(struct workqueue_struct *wq, struct blocker *blocker, unsigned long left)
{
	blocker_release(blocker);
	while (items_in_flight(wq) != left)
		nap_us(100);
}

/* What is before the next ones of the same queue in the list of all goes first. */
TEST_F_FOR(queue, item_of_another_queue_is_not_overtaken, ONE_SLOT && ONE_WORKER)
{
	struct noted next, others;
	struct blocker blocker;

	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&next, noted_func);
		noted_init(&others, noted_func);
		hold_other(self->wq, self->other, &blocker);
		queue(self->wq, &first.work);
		queue(self->wq, &next.work);
		end_blocker(self->wq, &blocker, 2);
		queue(self->other, &others.work);
		items_in_flight(self->other);
		hold_release();
		flush_workqueue(self->wq);
		flush_workqueue(self->other);
		ASSERT_LT(GET(first.place), GET(others.place));
		ASSERT_LT(GET(others.place), GET(next.place));
	}
}

/* An item that cannot be taken along keeps those behind it as well. */
TEST_F_FOR(queue, flushed_item_is_not_overtaken, ONE_SLOT && ONE_WORKER)
{
	struct noted flushed, behind, others;
	struct blocker blocker;

	for (int round = 0; round < ENOUGH; round++) {
		pthread_t thread;

		noted_init(&flushed, noted_func);
		noted_init(&behind, noted_func);
		noted_init(&others, stay_at_gate);
		gate_close(&may_return);
		hold_other(self->wq, self->other, &blocker);
		queue(self->wq, &first.work);
		queue(self->wq, &flushed.work);
		thread = start_flush(self->wq, &flushed.work);
		queue(self->other, &others.work);
		queue(self->wq, &behind.work);
		hold_release();
		EXPECT_TRUE(COMES_TRUE(GET(others.place)));
		/* @behind is in what was taken from the inbox, and on no list yet */
		blocker_release(&blocker);
		EXPECT_TRUE(COMES_TRUE(GET(blocker.runs)));
		nap_us(200);
		gate_open(&may_return);
		pthread_join(thread, NULL);
		flush_workqueue(self->wq);
		flush_workqueue(self->other);
		ASSERT_LT(GET(flushed.place), GET(behind.place));
	}
}

static bool only_one_runs(struct pool_workqueue *pwq, int nr_active)
{
	bool only;

	pool_lock(pwq->pool);
	only = pwq->pool->nr_running == 1 && pwq->nr_active == nr_active;
	pool_unlock(pwq->pool);
	return only;
}

/*
 * The same, when there is a slot for it too: those before it are on the list of all by now,
 * and it is in what was taken from the inbox.
 */
TEST_F_FOR(queue, item_of_the_list_is_not_overtaken, SEVERAL_SLOTS && ONE_WORKER)
{
	struct noted flushed, behind, others;
	struct blocker blockers[3];

	workqueue_set_max_active(self->wq, 3);
	for (int round = 0; round < ENOUGH; round++) {
		pthread_t thread;

		noted_init(&flushed, noted_func);
		noted_init(&behind, noted_func);
		noted_init(&others, stay_at_gate);
		gate_close(&may_return);
		for (int i = 0; i < 3; i++)
			blocker_start_on(&blockers[i], 0, self->wq);
		begin_held(self->other, &leader);
		queue(self->wq, &first.work);
		queue(self->wq, &flushed.work);
		thread = start_flush(self->wq, &flushed.work);
		queue(self->other, &others.work);
		queue(self->wq, &behind.work);
		hold_release();
		EXPECT_TRUE(COMES_TRUE(GET(others.place)));
		for (int i = 0; i < 3; i++)
			blocker_release(&blockers[i]);
		EXPECT_TRUE(COMES_TRUE(only_one_runs(self->pwq, 2)));
		gate_open(&may_return);
		pthread_join(thread, NULL);
		flush_workqueue(self->wq);
		flush_workqueue(self->other);
		ASSERT_LT(GET(flushed.place), GET(behind.place));
	}
}

/* ---- two workers ---- */

/* As with two CPUs. @ns: how long functions take. */
static void want_two_running(struct worker_pool *pool, u64 ns)
{
	pool_lock(pool);
	pool->max_running = 2;
	pool->run_ns = ns;
	pool->runs_short = ns < 100;
	pool_update_kick(pool);
	pool_unlock(pool);
}

/* A second one shall come for what is behind the item that the first one runs. */
TEST_F_FOR(queue, items_that_two_could_run_are_left, TWO_WORKERS)
{
	struct noted staying, behind;

	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&staying, stay_at_gate);
		noted_init(&behind, noted_func);
		gate_close(&may_return);
		ASSERT_TRUE(COMES_TRUE(pool_rests(self->pool)));
		want_two_running(self->pool, 1000);
		hold_next("worker_woken");
		SET(uwq_test_point_hook, place_hook);
		queue(self->wq, &leader.work);
		hold_wait();
		queue(self->wq, &staying.work);
		queue(self->wq, &behind.work);
		hold_release();
		EXPECT_TRUE(COMES_TRUE(GET(behind.place)));
		gate_open(&may_return);
		flush_workqueue(self->wq);
	}
}

/* Its second run follows the first one on the same worker, whoever finds it in between. */
static struct {
	struct work_struct work;
	struct gate may_end[2];
	int runs;	/* atomic: begun */
} twice;

static void stay_twice(struct work_struct *work)
{
	(void)work;
	gate_wait(&twice.may_end[ADD(twice.runs, 1) - 1]);
}

/*
 * The first run of @twice stays, another worker holds @leader, and behind that come the
 * second run, @staying and two more.
 */
static void hold_beside_twice(struct workqueue_struct *wq, struct workqueue_struct *other,
			      struct noted *staying)
{
	gate_close(&may_return);
	gate_close(&twice.may_end[0]);
	gate_close(&twice.may_end[1]);
	SET(twice.runs, 0);
	queue(wq, &twice.work);
	while (!GET(twice.runs))
		nap_us(100);
	begin_held(other, &leader);
	queue(wq, &twice.work);
	noted_init(staying, stay_at_gate);
	queue(other, &staying->work);
	for (int i = 0; i < 2; i++)
		queue(wq, &exact[i].work);
}

/* A run that does not count takes nothing along: who counts, beside it, comes to that first. */
TEST_F_FOR(queue, counted_out_one_overtakes_nothing, SEVERAL_SLOTS && ONE_WORKER)
{
	struct workqueue_struct *wq = alloc_workqueue("uncounted", WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	struct noted staying;

	ASSERT_NOT_NULL(wq);
	INIT_WORK(&twice.work, stay_twice);
	for (int round = 0; round < ENOUGH; round++) {
		for (int i = 0; i < 3; i++)
			noted_init(&exact[i], brief_func);
		hold_beside_twice(wq, self->other, &staying);
		hold_release();
		ASSERT_TRUE(COMES_TRUE(GET(staying.place)));
		gate_open(&twice.may_end[0]);
		ASSERT_TRUE(COMES_TRUE(GET(twice.runs) == 2));
		queue(wq, &exact[2].work);
		gate_open(&may_return);
		EXPECT_TRUE(COMES_TRUE(GET(exact[2].place)));
		gate_open(&twice.may_end[1]);
		flush_workqueue(self->other);
		flush_workqueue(wq);
		ASSERT_LT(GET(exact[0].place), GET(exact[1].place));
		ASSERT_LT(GET(exact[1].place), GET(exact[2].place));
	}
	destroy_workqueue(wq);
}

static void let_owner_return(struct work_struct *work)
{
	(void)work;
	gate_open(&may_return);
	while (!GET(nr_begun))
		nap_us(50);
}

/* A rescuer is not counted, so a worker that is back may have a batch beside it. */
TEST_F_FOR(queue, rescuer_overtakes_nothing, TWO_WORKERS)
{
	struct workqueue_struct *wq;
	struct work_struct letting;
	struct blocker blocker;
	struct noted staying;

	wq = alloc_workqueue("rescued", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	ASSERT_NOT_NULL(wq);
	INIT_WORK(&letting, let_owner_return);
	WRITE_ONCE(wq_params.create_retry_ms, 1000000);
	uwq_test_fail_thread(1, -1);
	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&staying, stay_at_gate);
		gate_close(&may_return);
		blocker_start(&blocker, wq);
		want_two_running(pwq_of(wq)->pool, 1);
		queue(wq, &staying.work);
		start_looks();
		ASSERT_TRUE(COMES_TRUE(GET(staying.place)));
		want_two_running(pwq_of(wq)->pool, 1);
		queue(wq, &letting);
		for (int i = 0; i < 20; i++) {
			noted_init(&exact[i], brief_func);
			queue(wq, &exact[i].work);
		}
		SET(nr_begun, 0);
		blocker_release(&blocker);
		flush_workqueue(wq);
		for (int i = 0; i < 20; i++)
			ASSERT_EQ(i + 1, GET(exact[i].place));
	}
	uwq_test_fail_thread(0, 0);
	destroy_workqueue(wq);
}

/* ---- streams ---- */

#define NR_STREAM	ROUNDS(40000)

static struct work_struct stream[40000];
static int nr_finished, too_early, stream_runs;	/* atomic */
static int nr_slots;
static int stop;				/* atomic */

/* Of those before an item, all but as many as there are other slots are over. */
static void stream_func(struct work_struct *work)
{
	int index = (int)(work - stream);

	if (index - GET(nr_finished) >= nr_slots)
		ADD(too_early, 1);
	if (index % 1024 == 500)
		schedule_timeout_uninterruptible(1);
	if (ADD(stream_runs, 1) != index + 1 && nr_slots == 1)
		ADD(too_early, 1);
	ADD(nr_finished, 1);
}

static int nr_batches;				/* atomic: taken so far */

static void count_batches(const char *name)
{
	if (!strcmp(name, "batch_taken"))
		ADD(nr_batches, 1);
}

/* Somebody who looks at the pool again and again. */
static void *recall_thread(void *pool)
{
	while (!GET(stop)) {
		pretend_short_runs(pool);
		nap_us(20);
	}
	return NULL;
}

static void run_stream(struct __test_metadata *_metadata, unsigned int flags, int slots)
{
	struct workqueue_struct *wq;
	pthread_t thread;

	uwq_test_force_batches(true);
	SET(uwq_test_point_hook, count_batches);
	nr_slots = slots;
	wq = alloc_workqueue("stream", flags, slots);
	ASSERT_NOT_NULL(wq);
	for (int i = 0; i < NR_STREAM; i++)
		INIT_WORK(&stream[i], stream_func);
	thread = start_thread(recall_thread, pwq_of(wq)->pool);
	for (int i = 0; i < NR_STREAM; i++)
		queue(wq, &stream[i]);
	flush_workqueue(wq);
	SET(stop, 1);
	pthread_join(thread, NULL);
	EXPECT_EQ(NR_STREAM, GET(stream_runs));
	EXPECT_EQ(0, GET(too_early));
	EXPECT_LT(0, GET(nr_batches));
	destroy_workqueue(wq);
}

TEST(items_of_one_slot_keep_their_order)
{
	run_stream(_metadata, WQ_UNBOUND, 1);
}

TEST(items_of_one_slot_keep_their_order_on_a_cpu)
{
	run_stream(_metadata, WQ_PERCPU, 1);
}

TEST(items_do_not_begin_too_early)
{
	run_stream(_metadata, WQ_PERCPU, 4);
}

TEST_HARNESS_MAIN

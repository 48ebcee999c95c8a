// SPDX-License-Identifier: MIT
/*
 * Proves C1, C2, C3 and catches B41: every queue call that returns true is one run,
 * every pending instance that a cancel removed is one run less, and no run comes from
 * anything else. Threads race on one item; what they were told is added up and
 * compared with the runs. PENDING is off when the function is entered: queueing from
 * inside or beside it gives exactly one more run. Also C16 and B2 under a race
 * detector: entry and data pass from owner to owner.
 */
#include "wq_test.h"

#define NR_THREADS	4

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct counter item;
	int accepted, removed, refused;	/* atomic */
	int cpus;		/* spread over so many */
	bool cancel;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, highpri) { .flags = WQ_PERCPU | WQ_HIGHPRI };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, bottom_half) { .flags = WQ_BH | WQ_PERCPU };

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("one_true", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(self->wq);
	counter_init(&self->item);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

static void *race(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;
	static int turn;
	int me = ADD(turn, 1);

	for (int i = 0; i < ROUNDS(20000); i++) {
		int cpu = self->cpus ? (i + me) % self->cpus : WORK_CPU_UNBOUND;

		if (queue_work_on(cpu, self->wq, &self->item.work))
			ADD(self->accepted, 1);
		else
			ADD(self->refused, 1);
		if (self->cancel && i % 2 && cancel_work(&self->item.work))
			ADD(self->removed, 1);
	}
	return NULL;
}

static void check_sum(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self)
{
	run_threads(NR_THREADS, race, self);
	flush_work(&self->item.work);
	EXPECT_FALSE(work_pending(&self->item.work));
	EXPECT_LT(0, self->accepted);
	EXPECT_LT(0, self->refused);
	EXPECT_EQ(GET(self->accepted) - GET(self->removed), GET(self->item.runs));
	EXPECT_EQ(0, GET(self->item.overlaps));
}

TEST_F(queue, threads_queue_one_item)
{
	check_sum(_metadata, self);
}

TEST_F(queue, threads_queue_one_item_everywhere)
{
	self->cpus = nr_cpu_ids;
	check_sum(_metadata, self);
}

TEST_F(queue, threads_queue_and_cancel_one_item)
{
	self->cancel = true;
	check_sum(_metadata, self);
	EXPECT_LT(0, self->removed);
}

TEST_F(queue, threads_queue_and_cancel_one_item_everywhere)
{
	self->cancel = true;
	self->cpus = nr_cpu_ids;
	check_sum(_metadata, self);
	EXPECT_LT(0, self->removed);
}

/* An idle item, and two calls at the same moment, again and again. */
static int arrived, go;		/* atomic */

static void *queue_at_the_same_moment(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;
	int round;

	for (round = 1; round <= ROUNDS(30000); round++) {
		if (ADD(arrived, 1) == 2) {
			flush_work(&self->item.work);
			SET(arrived, 0);
			SET(go, round);
		}
		while (GET(go) < round)
			sched_yield();
		ADD(self->accepted, queue_work(self->wq, &self->item.work));
	}
	return NULL;
}

TEST_F(queue, two_calls_at_the_same_moment)
{
	run_threads(2, queue_at_the_same_moment, self);
	flush_work(&self->item.work);
	EXPECT_EQ(GET(self->accepted), GET(self->item.runs));
	EXPECT_LE(ROUNDS(30000), GET(self->accepted));
	EXPECT_EQ(0, GET(self->item.overlaps));
}

/* ---- C2 ---- */

struct repeater {
	struct work_struct work;
	struct workqueue_struct *wq;
	struct gate entered, leave;
	int runs, trues, pending_on_entry;	/* atomic */
};

static void queue_myself(struct work_struct *work)
{
	struct repeater *item = container_of(work, struct repeater, work);
	int i;

	ADD(item->pending_on_entry, work_pending(work));
	if (ADD(item->runs, 1) > 1)
		return;
	for (i = 0; i < 5; i++)
		ADD(item->trues, queue_work(item->wq, work));
}

TEST_F(queue, function_that_queues_itself_five_times_runs_once_more)
{
	struct repeater item = { .wq = self->wq };

	INIT_WORK(&item.work, queue_myself);
	ASSERT_TRUE(queue_work(self->wq, &item.work));
	flush_workqueue(self->wq);
	/* the requeue may have come after the flush began */
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.trues));
	EXPECT_EQ(2, GET(item.runs));
	EXPECT_EQ(0, GET(item.pending_on_entry));
	cancel_work_sync(&item.work);
}

static void wait_inside(struct work_struct *work)
{
	struct repeater *item = container_of(work, struct repeater, work);

	ADD(item->pending_on_entry, work_pending(work));
	if (ADD(item->runs, 1) > 1)
		return;
	gate_open(&item->entered);
	gate_wait(&item->leave);
}

TEST_F(queue, queueing_a_running_item_gives_one_more_run)
{
	struct repeater item = { .wq = self->wq };
	int i;

	INIT_WORK(&item.work, wait_inside);
	ASSERT_TRUE(queue_work(self->wq, &item.work));
	gate_wait(&item.entered);
	EXPECT_FALSE(work_pending(&item.work));
	EXPECT_TRUE(queue_work(self->wq, &item.work));
	for (i = 0; i < 4; i++)
		EXPECT_FALSE(queue_work(self->wq, &item.work));
	EXPECT_TRUE(work_pending(&item.work));
	EXPECT_EQ(1, GET(item.runs));
	gate_open(&item.leave);
	flush_work(&item.work);
	EXPECT_EQ(2, GET(item.runs));
	EXPECT_EQ(0, GET(item.pending_on_entry));
}

/* The last moment: the item is chosen but PENDING not off yet. The call changes nothing. */
TEST_F(queue, queueing_is_refused_until_pending_is_off)
{
	hold_next("worker_begin");
	ASSERT_TRUE(queue_work(self->wq, &self->item.work));
	hold_wait();
	EXPECT_TRUE(work_pending(&self->item.work));
	EXPECT_FALSE(queue_work(self->wq, &self->item.work));
	hold_release();
	flush_work(&self->item.work);
	EXPECT_EQ(1, GET(self->item.runs));

	/* from here on it counts, though the function has not begun */
	hold_next("worker_call");
	ASSERT_TRUE(queue_work(self->wq, &self->item.work));
	hold_wait();
	EXPECT_FALSE(work_pending(&self->item.work));
	EXPECT_TRUE(queue_work(self->wq, &self->item.work));
	hold_release();
	flush_work(&self->item.work);
	EXPECT_EQ(3, GET(self->item.runs));
}

/* What a thread queues that was told to. */
struct late_call {
	struct workqueue_struct *wq;
	struct work_struct *work;
};

static void *call_late(void *arg)
{
	struct late_call *late = arg;

	return (void *)(long)queue_work(late->wq, late->work);
}

static void run_never(struct work_struct *work)
{
	(void)work;
}

/* A call has seen the item idle, and is about to take it, when another one does. */
TEST_F(queue, of_two_calls_that_saw_it_idle_one_has_it)
{
	struct delayed_work dwork;
	struct late_call call = { self->wq, &dwork.work };
	pthread_t late;
	void *queued;

	INIT_DELAYED_WORK(&dwork, run_never);
	hold_next("pending_looked");
	late = start_thread(call_late, &call);
	hold_wait();
	EXPECT_TRUE(queue_delayed_work(self->wq, &dwork, 1000 * HZ));
	hold_release();
	pthread_join(late, &queued);
	EXPECT_NULL(queued);
	EXPECT_TRUE(timer_pending(&dwork.timer));
	EXPECT_TRUE(cancel_delayed_work_sync(&dwork));
}

/* The same, but the run is over: what was seen is old, and the call is one like any. */
TEST_F(queue, call_that_saw_it_idle_before_a_run_gives_another)
{
	struct late_call call = { self->wq, &self->item.work };
	pthread_t late;
	void *queued;

	hold_next("pending_looked");
	late = start_thread(call_late, &call);
	hold_wait();
	EXPECT_TRUE(queue_work(self->wq, &self->item.work));
	flush_work(&self->item.work);
	EXPECT_EQ(1, GET(self->item.runs));
	hold_release();
	pthread_join(late, &queued);
	EXPECT_NOT_NULL(queued);
	flush_work(&self->item.work);
	EXPECT_EQ(2, GET(self->item.runs));
}

TEST_HARNESS_MAIN_CPUS(4)

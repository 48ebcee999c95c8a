// SPDX-License-Identifier: MIT
/*
 * Proves C13, C15, C16, U34, catches B2, B74: plain stores before a queue call that returns
 * true are seen by the run; what a run did is seen by the next run of the item and
 * after a flush, cancel_sync or drain that waited for it, also if the call returned
 * false; what an owner of PENDING did is seen by the next owner. All hand-overs go
 * through plain variables: a race detector reports a missing order, and the values are
 * compared too.
 */
#include "wq_test.h"

#define NR_ROUNDS	ROUNDS(20000)

struct parcel {
	struct work_struct work;
	unsigned long sent[4];	/* plain: stored before queueing */
	unsigned long got;	/* plain: stored by the run */
	unsigned long runs;	/* plain */
	int bad;		/* atomic */
};

static void receive(struct work_struct *work)
{
	struct parcel *parcel = container_of(work, struct parcel, work);

	if (parcel->sent[1] != parcel->sent[0] || parcel->sent[2] != parcel->sent[0] ||
	    parcel->sent[3] != parcel->sent[0] || parcel->sent[0] != parcel->runs + 1)
		ADD(parcel->bad, 1);
	parcel->runs++;
	parcel->got = parcel->sent[0];
}

static void fill(struct parcel *parcel, unsigned long value)
{
	for (int i = 0; i < 4; i++)
		parcel->sent[i] = value;
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct parcel parcel;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, bottom_half) { .flags = WQ_PERCPU | WQ_BH };

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("parcels", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	INIT_WORK(&self->parcel.work, receive);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

TEST_F(queue, run_sees_the_queuer_and_flush_sees_the_run)
{
	struct parcel *parcel = &self->parcel;
	unsigned long i;

	for (i = 1; i <= NR_ROUNDS; i++) {
		fill(parcel, i);
		ASSERT_TRUE(queue_work_on(i % 2, self->wq, &parcel->work));
		/* false: it was over before, and is seen all the same */
		flush_work(&parcel->work);
		ASSERT_EQ(i, parcel->got);
	}
	EXPECT_EQ(0, GET(parcel->bad));
}

TEST_F(queue, flush_workqueue_sees_the_run)
{
	struct parcel *parcel = &self->parcel;
	unsigned long i;

	for (i = 1; i <= NR_ROUNDS / 4; i++) {
		fill(parcel, i);
		ASSERT_TRUE(queue_work(self->wq, &parcel->work));
		if (i % 2)
			flush_workqueue(self->wq);
		else
			drain_workqueue(self->wq);
		ASSERT_EQ(i, parcel->got);
	}
	EXPECT_EQ(0, GET(parcel->bad));
}

/* Whether the cancel takes the instance, waits for the run, or comes after it. */
TEST_F(queue, cancel_sync_sees_the_run)
{
	struct parcel *parcel = &self->parcel;
	unsigned long i, runs = 0, cancelled = 0;

	for (i = 1; i <= NR_ROUNDS; i++) {
		fill(parcel, runs + 1);
		ASSERT_TRUE(queue_work(self->wq, &parcel->work));
		for (unsigned long n = 0; n < i % 200; n++)
			cpu_relax();
		if (i % 3 == 0)
			sched_yield();
		if (cancel_work_sync(&parcel->work))
			cancelled++;
		else
			runs++;
		ASSERT_EQ(runs, parcel->runs);
	}
	TH_LOG("%lu ran, %lu were cancelled", runs, cancelled);
	EXPECT_EQ(0, GET(parcel->bad));
}

/* A cancel_sync that has to wait, and returns false. */
struct held_parcel {
	struct work_struct work;
	struct gate entered, leave;
	unsigned long stored;	/* plain */
};

static void store_late(struct work_struct *work)
{
	struct held_parcel *parcel = container_of(work, struct held_parcel, work);

	gate_open(&parcel->entered);
	gate_wait(&parcel->leave);
	parcel->stored = 42;
}

static void *open_late(void *arg)
{
	struct held_parcel *parcel = arg;

	/* the cancel has disabled the item: it waits, or is about to */
	while (!(atomic_long_read(&parcel->work.data) & WORK_OFFQ_DISABLE_MASK))
		sched_yield();
	gate_open(&parcel->leave);
	return NULL;
}

TEST_F(queue, cancel_sync_that_waited_and_says_false_sees_the_run)
{
	int i;

	for (i = 0; i < 20; i++) {
		struct held_parcel parcel = { .stored = 0 };
		pthread_t thread;

		INIT_WORK(&parcel.work, store_late);
		ASSERT_TRUE(queue_work(self->wq, &parcel.work));
		gate_wait(&parcel.entered);
		thread = start_thread(open_late, &parcel);
		EXPECT_FALSE(cancel_work_sync(&parcel.work));
		EXPECT_EQ(42, parcel.stored);
		pthread_join(thread, NULL);
	}
}

/* C15, C16: runs and owners follow each other on many threads; the counter is plain. */
struct chain {
	struct work_struct work;
	struct workqueue_struct *wq;
	unsigned long runs;	/* plain: only one run at a time */
	unsigned long left;	/* plain */
	struct completion done;
};

static void next_link(struct work_struct *work)
{
	struct chain *chain = container_of(work, struct chain, work);

	chain->runs++;
	if (chain->left--)
		queue_work_on(chain->left % 2, chain->wq, work);
	else
		complete(&chain->done);
}

TEST_F(queue, run_sees_the_run_before)
{
	struct chain chain = { .wq = self->wq, .left = NR_ROUNDS };

	INIT_WORK(&chain.work, next_link);
	init_completion(&chain.done);
	ASSERT_TRUE(queue_work(self->wq, &chain.work));
	wait_for_completion(&chain.done);
	flush_work(&chain.work);
	EXPECT_EQ(NR_ROUNDS + 1, chain.runs);
}

static void count_plain(struct work_struct *work)
{
	struct parcel *parcel = container_of(work, struct parcel, work);

	parcel->runs++;
}

static int accepted;	/* atomic */

static void *queue_often(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;

	for (int i = 0; i < NR_ROUNDS; i++)
		ADD(accepted, queue_work_on(i % 2, self->wq, &self->parcel.work));
	return NULL;
}

TEST_F(queue, owners_follow_each_other_on_many_threads)
{
	INIT_WORK(&self->parcel.work, count_plain);
	run_threads(3, queue_often, self);
	flush_work(&self->parcel.work);
	EXPECT_EQ(GET(accepted), self->parcel.runs);
}

TEST_HARNESS_MAIN_CPUS(2)

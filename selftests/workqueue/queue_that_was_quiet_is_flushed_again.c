// SPDX-License-Identifier: MIT
/*
 * C39, C42: a flush that finds its queue quiet takes nobody's lock, and sees what the items
 * did (QUIET/1 and QUIET/2 of workqueue/pwq.h). What was noted when the queue was quiet says
 * nothing of items that came later: whatever lap the inbox is in, whoever else of the pool
 * rests, and when the pwq was another queue's before.
 */
#include "wq_test.h"
#include "workqueue/pwq.h"

#define MOST_ITEMS	(3 * INBOX_SIZE)

static struct counter counters[MOST_ITEMS];

static void *flush_thread(void *wq)
{
	flush_workqueue((struct workqueue_struct *)wq);
	return NULL;
}

/* @blocker runs on @wq: a flush that begins now waits for it. False: it did not. */
static bool flush_waits_for(struct blocker *blocker, struct workqueue_struct *wq)
{
	int color = UNDER_MUTEX(wq, wq->work_color);
	pthread_t flusher = start_thread(flush_thread, wq);
	bool waits = COMES_TRUE(UNDER_MUTEX(wq, wq->work_color) != color);

	blocker_release(blocker);
	pthread_join(flusher, NULL);
	return waits && GET(blocker->runs) == 1;
}

FIXTURE(queue)
{
	struct workqueue_struct *wq;
	struct pool_workqueue *pwq;
	struct worker_pool *pool;
};

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("quiet", WQ_UNBOUND, 2);
	ASSERT_NOT_NULL(self->wq);
	self->pwq = near_pwq(self->wq);
	self->pool = pwq_pool(self->pwq);
	flush_workqueue(self->wq);
	ASSERT_TRUE(pwq_is_quiet(self->pwq, self->pool));
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

TEST_F(queue, quiet_one_needs_no_lock)
{
	pthread_t flusher;

	counter_init(&counters[0]);
	queue_work(self->wq, &counters[0].work);
	flush_workqueue(self->wq);
	/* whoever has run it says so when it finds nothing more */
	ASSERT_TRUE(COMES_TRUE(pwq_is_quiet(self->pwq, self->pool)));
	pool_lock(self->pool);
	flusher = start_thread(flush_thread, self->wq);
	pthread_join(flusher, NULL);
	pool_unlock(self->pool);
}

static int number_of_idle(struct worker_pool *pool)
{
	int nr;

	pool_lock(pool);
	nr = pool->nr_idle;
	pool_unlock(pool);
	return nr;
}

/* The one that rests has seen all of the inbox, but not the end of what another one runs. */
TEST_F(queue, one_worker_rests_and_one_runs)
{
	struct blocker blocker;

	blocker_start(&blocker, self->wq);
	counter_init(&counters[0]);
	queue_work(self->wq, &counters[0].work);
	ASSERT_TRUE(COMES_TRUE(GET(counters[0].runs) == 1 && number_of_idle(self->pool)));
	EXPECT_FALSE(pwq_is_quiet(self->pwq, self->pool));
	EXPECT_TRUE(flush_waits_for(&blocker, self->wq));
}

/* All slots of the inbox may have been used since, and be free again. */
static bool waits_after(FIXTURE_DATA(queue) *self, int nr)
{
	unsigned long quiet_at = GET(self->pwq->quiet_at);
	struct blocker first, last;
	int i;

	workqueue_set_max_active(self->wq, 1);
	blocker_start(&first, self->wq);
	for (i = 0; i < nr; i++) {
		counter_init(&counters[i]);
		queue_work(self->wq, &counters[i].work);
	}
	blocker_init(&last);
	queue_work(self->wq, &last.work);
	blocker_release(&first);
	wait_for_completion(&last.started);
	return GET(self->pwq->quiet_at) == quiet_at && !pwq_is_quiet(self->pwq, self->pool) &&
	       flush_waits_for(&last, self->wq);
}

TEST_F(queue, portion_of_the_inbox_later)
{
	EXPECT_TRUE(waits_after(self, 2 * INBOX_RETURN_EVERY));
}

TEST_F(queue, lap_of_the_inbox_later)
{
	EXPECT_TRUE(waits_after(self, INBOX_SIZE));
}

TEST_F(queue, full_inbox_later)
{
	EXPECT_TRUE(waits_after(self, MOST_ITEMS));
}

struct writer {
	struct work_struct work;
	long value;	/* plain */
};

static void write_func(struct work_struct *work)
{
	container_of(work, struct writer, work)->value++;
}

TEST_F(queue, what_the_items_did_is_seen)
{
	struct writer writer = { .value = 0 };
	long i;

	INIT_WORK(&writer.work, write_func);
	for (i = 1; i <= ROUNDS(50000); i++) {
		ASSERT_TRUE(queue_work(self->wq, &writer.work));
		flush_workqueue(self->wq);
		ASSERT_EQ(i, writer.value);
	}
}

/* The numbers of one inbox mean nothing in another. */
TEST(pwq_that_was_quiet_in_another_pool)
{
	struct workqueue_struct *wq = alloc_workqueue("before", WQ_PERCPU, 0);
	struct blocker blocker;
	int i;

	for (i = 0; i < INBOX_SIZE / 2; i++) {
		counter_init(&counters[i]);
		queue_work_on(i % nr_cpu_ids, wq, &counters[i].work);
	}
	flush_workqueue(wq);
	destroy_workqueue(wq);
	wq = alloc_workqueue("after", WQ_PERCPU | WQ_HIGHPRI, 0);
	blocker_start_on(&blocker, 0, wq);
	EXPECT_TRUE(flush_waits_for(&blocker, wq));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN

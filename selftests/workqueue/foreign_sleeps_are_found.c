// SPDX-License-Identifier: MIT
/*
 * Proves the second and third layer of U1, and C97 for them: a per-CPU worker that sleeps
 * in a system call of its own is found by the sampler, the next item starts, and the
 * worker counts again when it is found running. Hog detection and the liveness bound
 * are off, so that nobody else can be the reason. Where items do not wait, nobody looks.
 */
#include "cm_test.h"

#include <linux/mutex.h>

struct sleeper {
	struct work_struct work;
	struct gate begun, release, computing;
	int fd;
	int enough;		/* atomic: it may end */
	void (*sleep)(struct sleeper *sleeper);
};

static void sleep_in_futex(struct sleeper *sleeper)
{
	gate_wait(&sleeper->release);
}

static void sleep_in_read(struct sleeper *sleeper)
{
	char byte;

	while (read(sleeper->fd, &byte, 1) != 1)
		;
}

static void sleep_in_nanosleep(struct sleeper *sleeper)
{
	while (!GET(sleeper->release.open))
		nap_us(20000);
}

static void sleeper_func(struct work_struct *work)
{
	struct sleeper *sleeper = container_of(work, struct sleeper, work);

	gate_open(&sleeper->begun);
	sleeper->sleep(sleeper);
	gate_open(&sleeper->computing);
	BURN_UNTIL(GET(sleeper->enough));
}

static void sleeper_start(struct sleeper *sleeper, struct workqueue_struct *wq)
{
	INIT_WORK(&sleeper->work, sleeper_func);
	gate_close(&sleeper->begun);
	gate_close(&sleeper->release);
	gate_close(&sleeper->computing);
	SET(sleeper->enough, 0);
	queue_work_on(0, wq, &sleeper->work);
	gate_wait(&sleeper->begun);
}

FIXTURE(sampled) {
	struct workqueue_struct *wq;
	struct worker_pool *pool;
	struct sleeper sleeper;
	int fds[2];
};

FIXTURE_VARIANT(sampled) {
	void (*sleep)(struct sleeper *sleeper);
};

FIXTURE_VARIANT_ADD(sampled, futex) { .sleep = sleep_in_futex };
FIXTURE_VARIANT_ADD(sampled, read) { .sleep = sleep_in_read };
FIXTURE_VARIANT_ADD(sampled, nanosleep) { .sleep = sleep_in_nanosleep };

FIXTURE_SETUP(sampled)
{
	without_hogs();
	self->wq = alloc_workqueue("sampled", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(self->wq);
	self->pool = pool_of(self->wq);
	ASSERT_EQ(0, pipe(self->fds));
	self->sleeper.fd = self->fds[0];
	self->sleeper.sleep = variant->sleep;
	sleeper_start(&self->sleeper, self->wq);
}

FIXTURE_TEARDOWN(sampled)
{
	SET(self->sleeper.enough, 1);
	destroy_workqueue(self->wq);
	close(self->fds[0]);
	close(self->fds[1]);
}

static int nr_flagged(struct worker_pool *pool, unsigned int flag)
{
	struct worker *worker;
	int nr = 0;

	pool_lock(pool);
	list_for_each_entry(worker, &pool->workers, pool_node)
		if (worker->flags & flag)
			nr++;
	pool_unlock(pool);
	return nr;
}

static void wake(struct sleeper *sleeper, int fd)
{
	gate_open(&sleeper->release);
	if (write(fd, "x", 1) != 1)
		abort();
	gate_wait(&sleeper->computing);
}

TEST_F(sampled, next_item_starts)
{
	struct counter behind;

	counter_init(&behind);
	for (int i = 1; i <= 20; i++) {
		queue_work_on(0, self->wq, &behind.work);
		flush_work(&behind.work);
		EXPECT_EQ(i, GET(behind.runs));
	}
	EXPECT_FALSE(GET(self->sleeper.computing.open));
	EXPECT_EQ(1, nr_flagged(self->pool, WORKER_ASLEEP));
	EXPECT_LE(1, UNDER_POOL_LOCK(self->pool, self->wq->cpu_pwq[0]->cm_wakeup));
	EXPECT_EQ(0, UNDER_POOL_LOCK(self->pool, self->wq->cpu_pwq[0]->cpu_intensive));
	EXPECT_EQ(0, count_error(self->pool));
	wake(&self->sleeper, self->fds[1]);
}

/* It has the CPU again: the next look, which a waiting item brings about, counts it. */
TEST_F(sampled, found_running_it_counts_again)
{
	struct counter behind;
	struct sleeper other = { .sleep = sleep_in_futex };

	counter_init(&behind);
	queue_work_on(0, self->wq, &behind.work);
	flush_work(&behind.work);
	EXPECT_EQ(1, nr_flagged(self->pool, WORKER_ASLEEP));
	/* another one has the turn, so that items wait and looks go on */
	SET(other.release.open, 1);
	INIT_WORK(&other.work, sleeper_func);
	SET(other.enough, 0);
	queue_work_on(0, self->wq, &other.work);
	gate_wait(&other.computing);
	queue_work_on(0, self->wq, &behind.work);
	wake(&self->sleeper, self->fds[1]);
	EXPECT_TRUE(COMES_TRUE(!nr_flagged(self->pool, WORKER_ASLEEP)));
	/* a worker on its way to rest counts a moment longer */
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_running) == 2));
	EXPECT_EQ(0, count_error(self->pool));
	EXPECT_EQ(1, GET(behind.runs));
	SET(other.enough, 1);
	SET(self->sleeper.enough, 1);
	flush_work(&behind.work);
	flush_work(&other.work);
	EXPECT_EQ(2, GET(behind.runs));
}

/* It goes on and ends before anybody looks: the pool counts right without that. */
TEST_F(sampled, its_end_clears_the_mark)
{
	struct counter behind;

	counter_init(&behind);
	queue_work_on(0, self->wq, &behind.work);
	flush_work(&behind.work);
	SET(self->sleeper.enough, 1);
	wake(&self->sleeper, self->fds[1]);
	flush_work(&self->sleeper.work);
	EXPECT_EQ(0, nr_flagged(self->pool, WORKER_ASLEEP | WORKER_OUT | WORKER_BLOCKED));
	EXPECT_TRUE(COMES_TRUE(!UNDER_POOL_LOCK(self->pool, self->pool->nr_running)));
	EXPECT_EQ(0, count_error(self->pool));
}

TEST_F(sampled, nobody_looks_where_nothing_waits)
{
	nap_us(30000);
	EXPECT_TRUE(COMES_TRUE(!GET(monitor_on)));
	EXPECT_EQ(0, nr_flagged(self->pool, WORKER_ASLEEP));
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_running) == 1));
	wake(&self->sleeper, self->fds[1]);
}

/* ---- a sleep that the library sees, after one that was found ---- */

static DEFINE_MUTEX(mutex);

static void sleep_twice(struct sleeper *sleeper)
{
	gate_wait(&sleeper->release);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

TEST(hook_and_sampler_count_once)
{
	struct workqueue_struct *wq = alloc_workqueue("twice", WQ_PERCPU, 0);
	struct worker_pool *pool = pool_of(wq);
	struct sleeper sleeper = { .sleep = sleep_twice };
	struct counter behind;

	without_hogs();
	counter_init(&behind);
	mutex_lock(&mutex);
	sleeper_start(&sleeper, wq);
	queue_work_on(0, wq, &behind.work);
	flush_work(&behind.work);
	EXPECT_EQ(1, nr_flagged(pool, WORKER_ASLEEP));
	gate_open(&sleeper.release);
	EXPECT_TRUE(COMES_TRUE(nr_flagged(pool, WORKER_BLOCKED) == 1));
	EXPECT_EQ(0, count_error(pool));
	mutex_unlock(&mutex);
	gate_wait(&sleeper.computing);
	/* both marks are gone: it was seen to go on */
	EXPECT_EQ(0, nr_flagged(pool, WORKER_ASLEEP | WORKER_BLOCKED));
	/* the worker of the other item may still be on its way to rest */
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(pool, pool->nr_running) == 1));
	EXPECT_EQ(0, count_error(pool));
	SET(sleeper.enough, 1);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN

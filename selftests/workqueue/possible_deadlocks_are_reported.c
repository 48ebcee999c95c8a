// SPDX-License-Identifier: MIT
/*
 * Proves U25, catches B46, and B40 before it happens, in UWQ_DEBUG builds: a function takes a lock,
 * and somebody waits for its item, or flushes its queue, with that lock held. Reported
 * once for each pair, in whatever order the two are seen, although nobody was stuck; not
 * for other locks, trylocks, two readers, or a lock that was initialised anew. Other builds
 * record no locks, and report nothing.
 */
#include "wq_test.h"

#include <linux/mutex.h>
#include <linux/rwsem.h>

/* So many in a debug build, none in others. */
#ifdef UWQ_DEBUG
#define IN_DEBUG(n)	(n)
#else
#define IN_DEBUG(n)	0
#endif

static struct workqueue_struct *wq;
static struct work_struct item;
static DEFINE_MUTEX(lock);
static DEFINE_MUTEX(other_lock);
static DECLARE_RWSEM(sem);

static void take_lock(struct work_struct *work)
{
	(void)work;
	mutex_lock(&lock);
	mutex_unlock(&lock);
}

static void try_lock(struct work_struct *work)
{
	(void)work;
	if (mutex_trylock(&lock))
		mutex_unlock(&lock);
}

static void read_sem(struct work_struct *work)
{
	(void)work;
	down_read(&sem);
	up_read(&sem);
}

static void run_once(work_func_t func)
{
	INIT_WORK(&item, func);
	queue_work(wq, &item);
	flush_work(&item);
}

FIXTURE(pair) {
	unsigned long warned;
};

FIXTURE_SETUP(pair)
{
	log_count("possible deadlock");
	wq = alloc_workqueue("pair", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(wq);
	self->warned = uwq_warn_count();
}

FIXTURE_TEARDOWN(pair)
{
	if (wq)
		destroy_workqueue(wq);
}

static void wait_with(struct mutex *mutex, bool (*wait)(struct work_struct *work))
{
	mutex_lock(mutex);
	wait(&item);
	mutex_unlock(mutex);
}

TEST_F(pair, taken_first)
{
	run_once(take_lock);
	EXPECT_EQ(0, GET(log_hits));
	wait_with(&lock, flush_work);
	EXPECT_EQ(IN_DEBUG(1), GET(log_hits));
	wait_with(&lock, cancel_work_sync);
	queue_work(wq, &item);
	flush_work(&item);
	EXPECT_EQ(self->warned + IN_DEBUG(1), uwq_warn_count());
}

TEST_F(pair, held_first)
{
	INIT_WORK(&item, take_lock);
	wait_with(&lock, cancel_work_sync);
	EXPECT_EQ(0, GET(log_hits));
	queue_work(wq, &item);
	flush_work(&item);
	EXPECT_EQ(IN_DEBUG(1), GET(log_hits));
}

TEST_F(pair, queue_flushed_with_the_lock_held)
{
	run_once(take_lock);
	mutex_lock(&lock);
	flush_workqueue(wq);
	mutex_unlock(&lock);
	EXPECT_EQ(IN_DEBUG(1), GET(log_hits));
}

TEST_F(pair, reader_and_writer)
{
	run_once(read_sem);
	down_read(&sem);
	flush_work(&item);
	up_read(&sem);
	EXPECT_EQ(0, GET(log_hits));
	down_write(&sem);
	flush_work(&item);
	up_write(&sem);
	EXPECT_EQ(IN_DEBUG(1), GET(log_hits));
}

TEST_F(pair, harmless_ones_are_not_reported)
{
	run_once(take_lock);
	wait_with(&other_lock, flush_work);
	run_once(try_lock);
	wait_with(&lock, flush_work);
	EXPECT_EQ(self->warned, uwq_warn_count());
}

TEST_F(pair, lock_initialised_anew_is_another)
{
	run_once(take_lock);
	mutex_init(&lock);
	wait_with(&lock, flush_work);
	EXPECT_EQ(self->warned, uwq_warn_count());
}

TEST_HARNESS_MAIN

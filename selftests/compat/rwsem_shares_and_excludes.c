// SPDX-License-Identifier: MIT
/*
 * A rw_semaphore admits many readers or one writer, turns a writer into a reader
 * without letting another writer in between, and forgets who gave up.
 */
#include "../kselftest_harness.h"

#include <linux/errno.h>
#include <linux/percpu-rwsem.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "lock_test.h"

static DECLARE_RWSEM(sem);
static long left, right;	/* equal whenever no writer is inside */
static int torn;

#define EACH	ROUNDS(20000)

static void *read_some(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		down_read(&sem);
		if (left != right)
			flag_set(&torn, 1);
		up_read(&sem);
	}
	return NULL;
}

static void *write_some(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		if (i & 1)
			down_write(&sem);
		else
			while (!down_write_trylock(&sem))
				nap_us(1);
		left++;
		right++;
		if (i % 3 == 0) {
			downgrade_write(&sem);
			if (left != right)
				flag_set(&torn, 1);
			up_read(&sem);
		} else {
			up_write(&sem);
		}
	}
	return NULL;
}

static void *half_reads_half_writes(void *arg)
{
	return flag_add(arg, 1) & 1 ? read_some(NULL) : write_some(NULL);
}

TEST(writers_are_alone)
{
	int turn = 0;

	run_threads(4, half_reads_half_writes, &turn);
	EXPECT_EQ(2L * EACH, left);
	EXPECT_EQ(left, right);
	EXPECT_FALSE(torn);
	EXPECT_FALSE(rwsem_is_locked(&sem));
}

static int inside;

static void *read_together(void *arg)
{
	down_read(&sem);
	flag_add(&inside, 1);
	if (COMES_TRUE(flag_get(&inside) == 3))
		flag_add(arg, 1);
	up_read(&sem);
	return NULL;
}

TEST(readers_share)
{
	int together = 0;

	run_threads(3, read_together, &together);
	EXPECT_EQ(3, together);
}

static void *try_both(void *arg)
{
	int *got = arg;

	got[0] = down_read_trylock(&sem);
	if (got[0])
		up_read(&sem);
	got[1] = down_write_trylock(&sem);
	if (got[1])
		up_write(&sem);
	return NULL;
}

TEST(trylocks_and_downgrade)
{
	int got[2];

	down_write(&sem);
	run_threads(1, try_both, got);
	EXPECT_EQ(0, got[0]);
	EXPECT_EQ(0, got[1]);
	downgrade_write(&sem);
	EXPECT_TRUE(rwsem_is_locked(&sem));
	run_threads(1, try_both, got);
	EXPECT_EQ(1, got[0]);
	EXPECT_EQ(0, got[1]);
	up_read(&sem);
	run_threads(1, try_both, got);
	EXPECT_EQ(1, got[0]);
	EXPECT_EQ(1, got[1]);
}

struct waiter {
	struct task_struct *task;
	int (*take)(struct rw_semaphore *sem);
	void (*give)(struct rw_semaphore *sem);
	int ready, ended, ret;
};

static void *wait_for_sem(void *arg)
{
	struct waiter *w = arg;

	w->task = current;
	flag_set(&w->ready, 1);
	w->ret = w->take(&sem);
	if (!w->ret)
		w->give(&sem);
	flag_set(&w->ended, 1);
	COMES_TRUE(flag_get(&w->ready) == 2);
	return NULL;
}

static int take_read(struct rw_semaphore *s)
{
	down_read(s);
	return 0;
}

TEST(a_writer_that_gives_up_lets_readers_pass)
{
	struct waiter writer = { .take = down_write_killable, .give = up_write };
	struct waiter reader = { .take = take_read, .give = up_read };
	pthread_t threads[2];

	down_read(&sem);
	threads[0] = start_thread(wait_for_sem, &writer);
	EXPECT_TRUE(COMES_TRUE(rwsem_is_contended(&sem)));
	threads[1] = start_thread(wait_for_sem, &reader);
	nap_us(20000);
	EXPECT_FALSE(flag_get(&reader.ended));
	send_sig(SIGKILL, writer.task, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&writer.ended)));
	EXPECT_EQ(-EINTR, writer.ret);
	EXPECT_TRUE(COMES_TRUE(flag_get(&reader.ended)));
	flag_set(&writer.ready, 2);
	flag_set(&reader.ready, 2);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	up_read(&sem);
	EXPECT_FALSE(rwsem_is_locked(&sem));
}

TEST(a_signal_ends_an_interruptible_wait)
{
	struct waiter w = { .take = down_read_interruptible, .give = up_read };
	pthread_t thread;

	down_write(&sem);
	thread = start_thread(wait_for_sem, &w);
	EXPECT_TRUE(COMES_TRUE(rwsem_is_contended(&sem)));
	send_sig(SIGTERM, w.task, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&w.ended)));
	EXPECT_EQ(-EINTR, w.ret);
	flag_set(&w.ready, 2);
	pthread_join(thread, NULL);
	EXPECT_FALSE(rwsem_is_contended(&sem));
	up_write(&sem);
}

/* The signal comes first, but the lock is granted before the waiter has left. */
TEST(a_grant_to_a_leaving_waiter_is_taken)
{
	struct waiter w = { .take = down_read_interruptible, .give = up_read };
	pthread_t thread;

	down_write(&sem);
	thread = start_thread(wait_for_sem, &w);
	EXPECT_TRUE(COMES_TRUE(rwsem_is_contended(&sem)));
	hold_threads_at("lock_waiter:gives_up");
	send_sig(SIGTERM, w.task, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&held_threads)));
	up_write(&sem);
	let_threads_go();
	EXPECT_TRUE(COMES_TRUE(flag_get(&w.ended)));
	EXPECT_EQ(0, w.ret);
	flag_set(&w.ready, 2);
	pthread_join(thread, NULL);
	EXPECT_FALSE(rwsem_is_locked(&sem));
}

/* A signal and a grant at the same time: whatever wins, nothing is left locked. */
TEST(a_grant_that_races_with_a_signal_is_not_lost)
{
	for (int i = 0; i < ROUNDS(500); i++) {
		struct waiter w = { .take = down_read_interruptible, .give = up_read };
		pthread_t thread;

		down_write(&sem);
		thread = start_thread(wait_for_sem, &w);
		ASSERT_TRUE(COMES_TRUE(rwsem_is_contended(&sem)));
		if (i & 1) {
			send_sig(SIGTERM, w.task, 1);
			up_write(&sem);
		} else {
			up_write(&sem);
			send_sig(SIGTERM, w.task, 1);
		}
		ASSERT_TRUE(COMES_TRUE(flag_get(&w.ended)));
		flag_set(&w.ready, 2);
		pthread_join(thread, NULL);
		ASSERT_FALSE(rwsem_is_locked(&sem));
	}
}

static void *give_back_for_another(void *arg)
{
	(void)arg;
	up_read_non_owner(&sem);
	return NULL;
}

TEST(a_non_owner_may_release)
{
	down_read_non_owner(&sem);
	EXPECT_TRUE(rwsem_is_locked(&sem));
	run_threads(1, give_back_for_another, NULL);
	EXPECT_FALSE(rwsem_is_locked(&sem));
}

DEFINE_STATIC_PERCPU_RWSEM(static_percpu);

TEST(percpu_rwsem_has_the_same_promises)
{
	struct percpu_rw_semaphore made;

	EXPECT_EQ(0, percpu_init_rwsem(&made));
	percpu_down_read(&made);
	EXPECT_TRUE(percpu_is_read_locked(&made));
	percpu_up_read(&made);
	percpu_down_write(&made);
	EXPECT_FALSE(percpu_is_read_locked(&made));
	EXPECT_TRUE(percpu_is_write_locked(&made));
	percpu_up_write(&made);
	percpu_free_rwsem(&made);
	EXPECT_TRUE(percpu_down_read_trylock(&static_percpu));
	percpu_up_read(&static_percpu);
}

TEST_HARNESS_MAIN

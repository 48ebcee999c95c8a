// SPDX-License-Identifier: MIT
/*
 * A mutex has one holder at a time; everybody who waits for it gets it, also
 * when others give up on a signal, and however busy the thread is that has it.
 */
#include "../kselftest_harness.h"

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "kernel-compat/futex.h"
#include "kernel-compat/task_wait.h"
#include "lock_test.h"

static DEFINE_MUTEX(lock);
static long counter;

#define THREADS		4
#define EACH		ROUNDS(50000)

static void *count_up(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		if (i & 1) {
			mutex_lock(&lock);
		} else if (!mutex_trylock(&lock) && mutex_lock_interruptible(&lock)) {
			return NULL;	/* no signal was sent: the count will tell */
		}
		counter++;
		mutex_unlock(&lock);
	}
	return NULL;
}

TEST(nothing_is_lost_between_threads)
{
	run_threads(THREADS, count_up, NULL);
	EXPECT_EQ((long)THREADS * EACH, counter);
	EXPECT_FALSE(mutex_is_locked(&lock));
}

static void *lock_sleep_unlock(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		mutex_lock(&lock);
		counter++;
		nap_us(100);
		mutex_unlock(&lock);
	}
	return NULL;
}

TEST(every_sleeper_is_woken)
{
	counter = 0;
	run_threads(12, lock_sleep_unlock, NULL);
	EXPECT_EQ(12 * 20, counter);
}

static void *try_once(void *arg)
{
	*(int *)arg = mutex_trylock(&lock);
	return NULL;
}

TEST(trylock_answers_one_for_success)
{
	struct mutex made;
	int got = -1;

	mutex_init(&made);
	EXPECT_EQ(1, mutex_trylock(&made));
	EXPECT_TRUE(mutex_is_locked(&made));
	mutex_unlock(&made);
	mutex_destroy(&made);

	mutex_lock(&lock);
	run_threads(1, try_once, &got);
	EXPECT_EQ(0, got);
	mutex_unlock(&lock);
}

struct waiter {
	struct task_struct *task;
	int (*take)(struct mutex *lock);
	int ready, ended, ret;
};

static void *wait_for_lock(void *arg)
{
	struct waiter *w = arg;

	w->task = current;
	flag_set(&w->ready, 1);
	w->ret = w->take(&lock);
	if (!w->ret)
		mutex_unlock(&lock);
	flag_set(&w->ended, 1);
	/* the task must live until the test has sent its signals */
	COMES_TRUE(flag_get(&w->ready) == 2);
	return NULL;
}

static pthread_t start_waiter(struct waiter *w)
{
	pthread_t thread = start_thread(wait_for_lock, w);

	COMES_TRUE(flag_get(&w->ready));
	nap_us(2000);
	return thread;
}

TEST(a_signal_ends_an_interruptible_wait)
{
	struct waiter w = { .take = mutex_lock_interruptible };
	pthread_t thread;

	mutex_lock(&lock);
	thread = start_waiter(&w);
	EXPECT_FALSE(flag_get(&w.ended));
	send_sig(SIGTERM, w.task, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&w.ended)));
	EXPECT_EQ(-EINTR, w.ret);
	flag_set(&w.ready, 2);
	pthread_join(thread, NULL);
	mutex_unlock(&lock);
}

TEST(only_a_kill_ends_a_killable_wait)
{
	struct waiter w = { .take = mutex_lock_killable };
	pthread_t thread;

	mutex_lock(&lock);
	thread = start_waiter(&w);
	send_sig(SIGTERM, w.task, 1);
	nap_us(20000);
	EXPECT_FALSE(flag_get(&w.ended));
	send_sig(SIGKILL, w.task, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&w.ended)));
	EXPECT_EQ(-EINTR, w.ret);
	flag_set(&w.ready, 2);
	pthread_join(thread, NULL);
	mutex_unlock(&lock);
}

static int take_plainly(struct mutex *m)
{
	mutex_lock(m);
	return 0;
}

TEST(a_signal_to_one_and_an_unlock_leave_the_other_running)
{
	for (int i = 0; i < ROUNDS(200); i++) {
		struct waiter quitter = { .take = mutex_lock_interruptible };
		struct waiter stayer = { .take = take_plainly };
		pthread_t threads[2];

		mutex_lock(&lock);
		threads[0] = start_thread(wait_for_lock, &quitter);
		COMES_TRUE(flag_get(&quitter.ready));
		threads[1] = start_thread(wait_for_lock, &stayer);
		COMES_TRUE(flag_get(&stayer.ready));
		nap_us(i % 5 * 100);
		send_sig(SIGTERM, quitter.task, 1);
		mutex_unlock(&lock);
		ASSERT_TRUE(COMES_TRUE(flag_get(&stayer.ended)));
		ASSERT_TRUE(COMES_TRUE(flag_get(&quitter.ended)));
		flag_set(&quitter.ready, 2);
		flag_set(&stayer.ready, 2);
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
	}
}

#define HUNGRY	4u	/* as in mutex.c */

static u32 word_of(struct mutex *m)
{
	return __atomic_load_n(&m->word, __ATOMIC_RELAXED);
}

/*
 * A sleeper that lost often reserves the mutex. If it gives up while the mutex is
 * free, whoever came meanwhile and stood back for it must hear of that.
 */
TEST(giving_up_a_reserved_mutex_wakes_who_stood_back)
{
	struct waiter quitter = { .take = mutex_lock_interruptible };
	struct waiter stayer = { .take = take_plainly };
	pthread_t threads[2];

	/* who sleeps looks after itself now and then, and would not need to be woken */
	__atomic_store_n(&deadlock_check, false, __ATOMIC_RELAXED);
	mutex_lock(&lock);
	threads[0] = start_waiter(&quitter);
	/* woken for nothing: that counts as having lost, once it sleeps */
	ASSERT_TRUE(COMES_TRUE((futex_wake(&lock.word, 1), word_of(&lock) & HUNGRY)));
	hold_threads_at("mutex:gives_up");
	send_sig(SIGTERM, quitter.task, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&held_threads)));
	mutex_unlock(&lock);
	threads[1] = start_waiter(&stayer);
	EXPECT_FALSE(flag_get(&stayer.ended));
	let_threads_go();
	EXPECT_TRUE(COMES_TRUE(flag_get(&stayer.ended)));
	EXPECT_TRUE(COMES_TRUE(flag_get(&quitter.ended)));
	EXPECT_EQ(-EINTR, quitter.ret);
	flag_set(&quitter.ready, 2);
	flag_set(&stayer.ready, 2);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	EXPECT_FALSE(mutex_is_locked(&lock));
}

static int stop;

/* Has the mutex all the time but for an instant, and never sleeps. */
static void *hog(void *arg)
{
	(void)arg;
	while (!flag_get(&stop)) {
		mutex_lock(&lock);
		for (int i = 0; i < 2000; i++)
			cpu_relax();
		mutex_unlock(&lock);
	}
	return NULL;
}

static void be_late(const char *point)
{
	if (!strcmp(point, "mutex:woken"))
		nap_us(300);
}

/* A woken thread always looks when the hog is inside again. */
TEST(a_busy_thread_lets_sleepers_in)
{
	pthread_t thread;
	long since;

	uwq_test_point_hook = be_late;
	thread = start_thread(hog, NULL);
	nap_us(1000);
	since = now_ms();
	for (int i = 0; i < 20; i++) {
		mutex_lock(&lock);
		mutex_unlock(&lock);
		nap_us(100);
	}
	EXPECT_GT(20000, now_ms() - since);
	flag_set(&stop, 1);
	pthread_join(thread, NULL);
}

static atomic_t users;
static int last_seen;

static void *drop_one(void *arg)
{
	(void)arg;
	if (atomic_dec_and_mutex_lock(&users, &lock)) {
		flag_add(&last_seen, atomic_read(&users) == 0 && mutex_is_locked(&lock));
		mutex_unlock(&lock);
	}
	return NULL;
}

TEST(the_last_count_and_no_other_takes_the_mutex)
{
	for (int i = 0; i < 100; i++) {
		atomic_set(&users, THREADS);
		last_seen = 0;
		run_threads(THREADS, drop_one, NULL);
		ASSERT_EQ(1, last_seen);
	}
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * A semaphore lets in as many as its count, serves in order of arrival, gives up
 * after the time asked for, and loses no unit when a wait ends early.
 */
#include "../kselftest_harness.h"

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>

#include "lock_test.h"

static DEFINE_SEMAPHORE(three, 3);
static DEFINE_SEMAPHORE(one);
static int inside, most;

#define EACH	ROUNDS(10000)

static void *come_and_go(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		int now;

		down(&three);
		now = flag_add(&inside, 1);
		if (now > flag_get(&most))
			flag_set(&most, now);
		flag_add(&inside, -1);
		up(&three);
	}
	return NULL;
}

TEST(never_more_inside_than_the_count)
{
	run_threads(6, come_and_go, NULL);
	EXPECT_LE(most, 3);
	EXPECT_EQ(3, (int)three.count);
}

TEST(trylock_answers_zero_for_success)
{
	EXPECT_EQ(0, down_trylock(&one));
	EXPECT_EQ(1, down_trylock(&one));
	up(&one);
	EXPECT_EQ(0, down_trylock(&one));
	up(&one);
}

TEST(timeouts_are_kept_and_cost_no_unit)
{
	long since = now_ms();

	down(&one);
	EXPECT_EQ(-ETIME, down_timeout(&one, msecs_to_jiffies(30)));
	EXPECT_LE(30, now_ms() - since);
	EXPECT_EQ(-ETIME, down_timeout(&one, 0));
	up(&one);
	EXPECT_EQ(0, down_timeout(&one, msecs_to_jiffies(30)));
	up(&one);
	EXPECT_EQ(1, (int)one.count);
}

struct waiter {
	struct task_struct *task;
	int ready, ended, ret, place;
};

static int places;

static void *wait_in_line(void *arg)
{
	struct waiter *w = arg;

	w->task = current;
	flag_set(&w->ready, 1);
	w->ret = down_interruptible(&one);
	if (!w->ret) {
		w->place = flag_add(&places, 1);
		up(&one);
	}
	flag_set(&w->ended, 1);
	COMES_TRUE(flag_get(&w->ready) == 2);
	return NULL;
}

static int waiting(void)
{
	struct list_head *pos;
	int n = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&one.lock, flags);
	list_for_each(pos, &one.wait_list)
		n++;
	raw_spin_unlock_irqrestore(&one.lock, flags);
	return n;
}

TEST(first_come_first_served)
{
	struct waiter w[4] = { 0 };
	pthread_t threads[4];

	down(&one);
	for (int i = 0; i < 4; i++) {
		threads[i] = start_thread(wait_in_line, &w[i]);
		ASSERT_TRUE(COMES_TRUE(waiting() == i + 1));
	}
	up(&one);
	for (int i = 0; i < 4; i++) {
		EXPECT_TRUE(COMES_TRUE(flag_get(&w[i].ended)));
		EXPECT_EQ(i + 1, w[i].place);
		flag_set(&w[i].ready, 2);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(1, (int)one.count);
}

/* The signal comes first, but the unit is granted before the waiter has left. */
TEST(a_unit_granted_to_a_leaving_waiter_is_taken)
{
	struct waiter w = { 0 };
	pthread_t thread;

	down(&one);
	thread = start_thread(wait_in_line, &w);
	ASSERT_TRUE(COMES_TRUE(waiting() == 1));
	hold_threads_at("lock_waiter:gives_up");
	send_sig(SIGTERM, w.task, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&held_threads)));
	up(&one);
	let_threads_go();
	EXPECT_TRUE(COMES_TRUE(flag_get(&w.ended)));
	EXPECT_EQ(0, w.ret);
	flag_set(&w.ready, 2);
	pthread_join(thread, NULL);
	EXPECT_EQ(1, (int)one.count);
}

TEST(a_signal_and_an_up_at_once_lose_no_unit)
{
	for (int i = 0; i < ROUNDS(500); i++) {
		struct waiter w = { 0 };
		pthread_t thread;

		down(&one);
		thread = start_thread(wait_in_line, &w);
		ASSERT_TRUE(COMES_TRUE(waiting() == 1));
		if (i & 1) {
			send_sig(SIGTERM, w.task, 1);
			up(&one);
		} else {
			up(&one);
			send_sig(SIGTERM, w.task, 1);
		}
		ASSERT_TRUE(COMES_TRUE(flag_get(&w.ended)));
		ASSERT_TRUE(w.ret == 0 || w.ret == -EINTR);
		flag_set(&w.ready, 2);
		pthread_join(thread, NULL);
		ASSERT_EQ(1, (int)one.count);
	}
}

static void *up_once(void *arg)
{
	(void)arg;
	nap_us(5000);
	up(&one);
	return NULL;
}

TEST(anybody_may_up)
{
	pthread_t thread;

	sema_init(&one, 0);
	thread = start_thread(up_once, NULL);
	down(&one);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, (int)one.count);
}

TEST_HARNESS_MAIN

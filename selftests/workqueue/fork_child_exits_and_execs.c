// SPDX-License-Identifier: MIT
/*
 * U11, B71: a forked child ends by exit(), _exit() or exec() without waiting for threads
 * that it does not have, with or without having used workqueues; children have children;
 * the parent's kthreads have ended for it; its timers are not inherited.
 */
#include "fork_test.h"

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/wait_bit.h>
#include <spawn.h>
#include <uwq/workqueue.h>

static struct workqueue_struct *wq;
static struct counter counter;
static struct blocker blocker;

static void set_up(void)
{
	wq = alloc_workqueue("test", WQ_UNBOUND, 0);
	counter_init(&counter);
	blocker_start(&blocker, wq);
	queue_work(system_percpu_wq, &counter.work);
}

static void just_exit(void)
{
	exit(0);
}

static void use_and_exit(void)
{
	CHECK_USABLE(wq, &counter.work, counter.runs);
	exit(failed_line != 0);
}

static void exit_while_busy(void)
{
	struct blocker *own = calloc(1, sizeof(*own));

	blocker_start(own, wq);
	/* the exit handler waits its time for this one, and no longer */
	exit(failed_line != 0);
}

static void shut_down(void)
{
	CHECK_USABLE(wq, &counter.work, counter.runs);
	workqueue_shutdown(true);
	exit(failed_line != 0);
}

static void exec_true(void)
{
	execl("/bin/true", "true", (char *)NULL);
	_exit(7);
}

static void use_and_exec(void)
{
	CHECK_USABLE(wq, &counter.work, counter.runs);
	if (!failed_line)
		exec_true();
}

TEST(ends_of_a_child)
{
	set_up();
	EXPECT_EQ(0, IN_CHILD(just_exit));
	EXPECT_EQ(0, IN_CHILD(use_and_exit));
	EXPECT_EQ(0, IN_CHILD(exit_while_busy));
	EXPECT_EQ(0, IN_CHILD(shut_down));
	EXPECT_EQ(0, IN_CHILD(exec_true));
	EXPECT_EQ(0, IN_CHILD(use_and_exec));
	blocker_release(&blocker);
	flush_workqueue(wq);
	EXPECT_EQ(1, GET(blocker.runs));
}

TEST(ways_that_call_no_handlers)
{
	static char name[] = "true", *argv[] = { name, NULL };
	pid_t child;

	set_up();
	ASSERT_EQ(0, posix_spawn(&child, "/bin/true", NULL, NULL, argv, NULL));
	EXPECT_EQ(0, outcome(child));
	EXPECT_EQ(0, system("true"));
	child = vfork();
	if (!child)
		_exit(0);
	EXPECT_EQ(0, outcome(child));
	blocker_release(&blocker);
}

static int depth;

static void have_children(void)
{
	struct blocker *own = calloc(1, sizeof(*own));

	CHECK_USABLE(wq, &counter.work, counter.runs);
	blocker_start(own, wq);
	queue_work(system_percpu_wq, &counter.work);
	if (++depth < ROUNDS(20) + 1)
		CHECK(!IN_CHILD(have_children));
	blocker_release(own);
	flush_workqueue(wq);
	CHECK(GET(own->runs) == 1);
	free(own);
}

TEST_TIMEOUT(children_have_children, 60)
{
	set_up();
	EXPECT_EQ(0, IN_CHILD(have_children));
	blocker_release(&blocker);
}

/* The child of a process that is about to exit has not begun to. */
static struct gate exiting, may_exit;

static void hold_exit(void)
{
	gate_open(&exiting);
	gate_wait(&may_exit);
}

static void *exit_thread(void *arg)
{
	(void)arg;
	exit(0);
}

static void exit_elsewhere(void)
{
	/* runs after the library's own handler, which is registered later */
	atexit(hold_exit);
	wq = alloc_workqueue("test", WQ_UNBOUND, 0);
	counter_init(&counter);
	CHECK_USABLE(wq, &counter.work, counter.runs);
	start_thread(exit_thread, NULL);
	gate_wait(&exiting);
	CHECK(!IN_CHILD(use_and_exit));
	_exit(failed_line != 0);
}

TEST(fork_while_another_thread_exits)
{
	/* the library is not used before */
	EXPECT_EQ(0, IN_CHILD(exit_elsewhere));
}

/* ---- other threads and timers of the parent ---- */

static bool stoppable_begun;	/* atomic */

static int stoppable(void *arg)
{
	(void)arg;
	SET(stoppable_begun, true);
	while (!kthread_should_stop())
		msleep_interruptible(10);
	return 5;
}

static struct task_struct *kthread;

static void stop_kthread(void)
{
	CHECK(kthread_stop(kthread) == -EINTR);
	SET(stoppable_begun, false);
	kthread = kthread_run(stoppable, NULL, "mine");
	CHECK(!IS_ERR(kthread));
	CHECK(COMES_TRUE(GET(stoppable_begun)));
	CHECK(kthread_stop(kthread) == 5);
}

TEST(kthreads_have_ended)
{
	kthread = kthread_run(stoppable, NULL, "stoppable");
	ASSERT_FALSE(IS_ERR(kthread));
	ASSERT_TRUE(COMES_TRUE(GET(stoppable_begun)));
	EXPECT_EQ(0, IN_CHILD(stop_kthread));
	EXPECT_EQ(5, kthread_stop(kthread));
}

static int fired;	/* atomic */

static void timer_fn(struct timer_list *timer)
{
	(void)timer;
	ADD(fired, 1);
}

static DEFINE_TIMER(timer, timer_fn);

static void arm_anew(void)
{
	CHECK(!timer_pending(&timer));
	CHECK(!mod_timer(&timer, jiffies + 1));
	CHECK(COMES_TRUE(GET(fired) == 1));
	CHECK(!timer_delete_sync(&timer));
}

TEST(timers_are_not_inherited)
{
	mod_timer(&timer, jiffies + 10000 * HZ);
	EXPECT_EQ(0, IN_CHILD(arm_anew));
	EXPECT_EQ(1, mod_timer(&timer, jiffies + 1));
	EXPECT_TRUE(COMES_TRUE(GET(fired) == 1));
}

static unsigned long variable;

static void *wait_for_variable(void *arg)
{
	(void)arg;
	wait_var_event(&variable, GET(variable));
	return NULL;
}

static void wake_nobody(void)
{
	SET(variable, 1);
#ifndef __SANITIZE_THREAD__
	/* the thread sanitizer takes the addresses of new threads for those of the parent's */
	run_threads(4, wait_for_variable, NULL);
#endif
	wake_up_var(&variable);
	CHECK_USABLE(wq, &counter.work, counter.runs);
}

TEST(sleepers_of_the_parent_are_not_woken)
{
	pthread_t thread;

	wq = alloc_workqueue("test", WQ_UNBOUND, 0);
	counter_init(&counter);
	thread = start_thread(wait_for_variable, NULL);
	msleep(20);
	EXPECT_EQ(0, IN_CHILD(wake_nobody));
	SET(variable, 1);
	wake_up_var(&variable);
	pthread_join(thread, NULL);
}

/* Handlers of the program's run before ours at first and after ours in the child. */
static struct mutex user_mutex;
static int handler_runs;

static void user_prepare(void)
{
	mutex_lock(&user_mutex);
	queue_work(wq, &counter.work);
	flush_work(&counter.work);
}

static void user_parent(void)
{
	mutex_unlock(&user_mutex);
}

static void user_child(void)
{
	mutex_unlock(&user_mutex);
	queue_work(wq, &counter.work);
	flush_work(&counter.work);
	handler_runs = GET(counter.runs);
}

#define HUNGRY	4u	/* mutex.c: a sleeper has asked for the mutex to be kept for it */

static void check_handlers(void)
{
	CHECK(handler_runs == 2);
	mutex_lock(&user_mutex);
	mutex_unlock(&user_mutex);
	/* the sleeper does not exist */
	SET(user_mutex.word, HUNGRY);
	mutex_lock(&user_mutex);
	mutex_unlock(&user_mutex);
	CHECK(!GET(user_mutex.word));
}

static void *lock_unlock(void *arg)
{
	while (!GET(*(bool *)arg)) {
		mutex_lock(&user_mutex);
		cpu_relax();
		mutex_unlock(&user_mutex);
	}
	return NULL;
}

TEST(handlers_of_the_program_may_use_queues)
{
	bool stop = false;
	pthread_t thread;

	wq = alloc_workqueue("test", WQ_UNBOUND, 0);
	counter_init(&counter);
	mutex_init(&user_mutex);
	ASSERT_EQ(0, pthread_atfork(user_prepare, user_parent, user_child));
	thread = start_thread(lock_unlock, &stop);
	EXPECT_EQ(0, IN_CHILD(check_handlers));
	SET(stop, true);
	pthread_join(thread, NULL);
	EXPECT_EQ(1, GET(counter.runs));
}

TEST_HARNESS_MAIN

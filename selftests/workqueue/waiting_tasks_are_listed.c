// SPDX-License-Identifier: MIT
/*
 * Proves U25, for a person who debugs: each task that waits for a lock, a completion, a
 * semaphore, a kthread, an item or a queue is listed with the call, what it waits for, the
 * queue, the owner where that is known, and the time; tasks that do not wait are not, nor
 * those that have ended, nor in a child the threads that were not forked.
 */
#include "deadlock_test.h"

#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <uwq/tasks.h>

static DEFINE_MUTEX(lock);
static DECLARE_RWSEM(sem);
static DEFINE_SEMAPHORE(counting, 0);
static DECLARE_COMPLETION(done);
static struct blocker blocker;
static struct workqueue_struct *wq;

/* ---- the list ---- */

struct wanted {
	const void *object;
	struct uwq_wait_info info;
	int found;
};

static void look_for(const struct uwq_wait_info *info, void *arg)
{
	struct wanted *wanted = arg;

	if (info->object != wanted->object)
		return;
	wanted->info = *info;
	wanted->found++;
}

static int find(struct wanted *wanted, const void *object)
{
	wanted->object = object;
	wanted->found = 0;
	uwq_wait_for_each(look_for, wanted);
	return wanted->found;
}

static int sleepers;	/* atomic: tid of the last one that was started */

static void *lock_it(void *arg)
{
	SET(sleepers, gettid());
	mutex_lock(&lock);
	mutex_unlock(&lock);
	return arg;
}

static void *read_it(void *arg)
{
	SET(sleepers, gettid());
	down_read(&sem);
	up_read(&sem);
	return arg;
}

static void *take_it(void *arg)
{
	SET(sleepers, gettid());
	down(&counting);
	return arg;
}

static void *wait_for_it(void *arg)
{
	SET(sleepers, gettid());
	wait_for_completion(&done);
	return arg;
}

static void *flush_it(void *arg)
{
	SET(sleepers, gettid());
	flush_work(&blocker.work);
	return arg;
}

static void *flush_all(void *arg)
{
	SET(sleepers, gettid());
	flush_workqueue(wq);
	return arg;
}

static void hold_all(void)
{
	mutex_lock(&lock);
	down_write(&sem);
	wq = alloc_workqueue("listed", WQ_UNBOUND, 0);
	blocker_start(&blocker, wq);
}

static void release_all(void)
{
	mutex_unlock(&lock);
	up_write(&sem);
	up(&counting);
	complete(&done);
	blocker_release(&blocker);
}

FIXTURE(wait) {
};

FIXTURE_VARIANT(wait) {
	void *(*thread)(void *arg);
	const void *object;
	const char *call;
	bool owned;
};

FIXTURE_VARIANT_ADD(wait, mutex) {
	.thread = lock_it, .object = &lock, .call = "mutex_lock", .owned = true,
};
FIXTURE_VARIANT_ADD(wait, rwsem) {
	.thread = read_it, .object = &sem, .call = "down_read", .owned = true,
};
FIXTURE_VARIANT_ADD(wait, semaphore) {
	.thread = take_it, .object = &counting, .call = "down",
};
FIXTURE_VARIANT_ADD(wait, completion) {
	.thread = wait_for_it, .object = &done, .call = "wait_for_completion",
};
FIXTURE_VARIANT_ADD(wait, item) {
	.thread = flush_it, .object = &blocker.work, .call = "flush_work",
};
FIXTURE_VARIANT_ADD(wait, queue) {
	.thread = flush_all, .call = "flush_workqueue",
};

FIXTURE_SETUP(wait)
{
	hold_all();
}

FIXTURE_TEARDOWN(wait)
{
	destroy_workqueue(wq);
}

TEST_F(wait, is_listed_while_it_lasts)
{
	const void *object = variant->object ? variant->object : wq;
	bool has_queue = object == wq || object == &blocker.work;
	struct wanted wanted;
	pthread_t thread;

	EXPECT_EQ(0, find(&wanted, object));
	thread = start_thread(variant->thread, NULL);
	ASSERT_TRUE(COMES_TRUE(find(&wanted, object)));
	nap_us(20000);
	EXPECT_EQ(1, find(&wanted, object));
	EXPECT_STREQ(variant->call, wanted.info.call);
	EXPECT_EQ(GET(sleepers), wanted.info.tid);
	EXPECT_STREQ("waiting_tasks_a", wanted.info.comm);
	EXPECT_STREQ(has_queue ? "listed" : "", wanted.info.wq_name);
	EXPECT_EQ(object == &blocker.work, wanted.info.func == blocker_func);
	EXPECT_EQ(variant->owned ? gettid() : 0, wanted.info.for_tid);
	EXPECT_LE(19, wanted.info.ms);
	EXPECT_GE(10000, wanted.info.ms);
	release_all();
	pthread_join(thread, NULL);
	EXPECT_EQ(0, find(&wanted, object));
}

static void forget(const struct uwq_wait_info *info, void *arg)
{
	(void)info;
	(void)arg;
}

TEST(threads_that_were_not_forked_wait_for_nothing)
{
	struct wanted wanted;
	pthread_t thread;
	int status;
	pid_t pid;

	hold_all();
	thread = start_thread(lock_it, NULL);
	ASSERT_TRUE(COMES_TRUE(find(&wanted, &lock)));
	pid = fork();
	if (!pid)
		_exit(uwq_wait_for_each(forget, NULL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(1, find(&wanted, &lock));
	release_all();
	pthread_join(thread, NULL);
}

/* ---- the print-out ---- */

static int lines_of[4];	/* atomic: each pattern */
static const char *const patterns[] = {
	"Showing waiting tasks:", "mutex_lock() of ", ", needs waiting_tasks_a/",
	"(blocker_func) on wq listed, for ",
};

static void count_lines(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)len;
	(void)arg;
	for (int i = 0; i < 4; i++)
		if (strstr(text, patterns[i]))
			ADD(lines_of[i], 1);
}

TEST(print_out_names_them)
{
	struct wanted wanted;
	pthread_t threads[2];

	hold_all();
	threads[0] = start_thread(lock_it, NULL);
	threads[1] = start_thread(flush_it, NULL);
	ASSERT_TRUE(COMES_TRUE(find(&wanted, &lock) && find(&wanted, &blocker.work)));
	uwq_set_log_sink(count_lines, NULL);
	show_waiting_tasks();
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(1, GET(lines_of[i])) { TH_LOG("%s", patterns[i]); }
	uwq_set_log_sink(NULL, NULL);
	release_all();
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

TEST_HARNESS_MAIN

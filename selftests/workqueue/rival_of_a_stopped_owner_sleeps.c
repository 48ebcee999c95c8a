// SPDX-License-Identifier: MIT
/*
 * Proves C10 and U2: a thread that owns PENDING, or has not published the item yet, may
 * lose its CPU there for any time. Whoever wants the item meanwhile does not burn a
 * CPU, gets the item when the owner goes on, and does not keep the owner from
 * going on, whatever their priorities. The owner is held at a test point; 300 looks of
 * a rival that slept in between take 100 ms and more, of one that spun much less than
 * that. Catches B36: the item does not run, and is not lost, after the cancel.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

#define ENOUGH_LOOKS	300

static struct workqueue_struct *wq;
static struct counter item;
static struct delayed_work dwork;
static struct blocker blocker;	/* what the owner queues waits behind it */
static int looks;		/* atomic: "grab_backoff" passed */

static void count_looks(const char *point)
{
	if (!strcmp(point, "grab_backoff"))
		ADD(looks, 1);
	held_hook(point);
}

/* ---- rivals ---- */

static void *by_cancel(void *arg)
{
	(void)arg;
	return (void *)(long)cancel_work(&item.work);
}

static void *by_cancel_sync(void *arg)
{
	(void)arg;
	return (void *)(long)cancel_work_sync(&item.work);
}

static void *by_disable(void *arg)
{
	bool taken = disable_work(&item.work);

	(void)arg;
	enable_work(&item.work);
	return (void *)(long)taken;
}

static void *by_cancel_delayed(void *arg)
{
	(void)arg;
	return (void *)(long)cancel_delayed_work(&dwork);
}

static void *by_mod(void *arg)
{
	bool taken = mod_delayed_work(wq, &dwork, 1000 * HZ);

	(void)arg;
	return (void *)(long)(taken && cancel_delayed_work(&dwork));
}

/* ---- owners ---- */

static void *queue_item(void *arg)
{
	(void)arg;
	return (void *)(long)queue_work_on(0, wq, &item.work);
}

static void *queue_at_once(void *arg)
{
	(void)arg;
	return (void *)(long)queue_delayed_work_on(0, wq, &dwork, 0);
}

static int dwork_runs;	/* atomic */

static void count_dwork(struct work_struct *work)
{
	(void)work;
	ADD(dwork_runs, 1);
}

static void start(struct __test_metadata *_metadata)
{
	wq = alloc_workqueue("stopped", WQ_PERCPU, 1);
	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	INIT_DELAYED_WORK(&dwork, count_dwork);
	blocker_start_on(&blocker, 0, wq);
}

/* Nothing is left that would run when it could. */
static void finish(struct __test_metadata *_metadata)
{
	blocker_release(&blocker);
	flush_workqueue(wq);
	EXPECT_EQ(0, GET(item.runs));
	EXPECT_EQ(0, GET(dwork_runs));
	destroy_workqueue(wq);
}

static void check(struct __test_metadata *_metadata, const char *point, void *(*owner)(void *),
		  void *(*rival)(void *))
{
	pthread_t owner_thread, rival_thread;
	void *queued, *taken;
	long begin;

	SET(looks, 0);
	hold_next(point);
	SET(uwq_test_point_hook, count_looks);
	owner_thread = start_thread(owner, NULL);
	hold_wait();
	begin = now_ms();
	rival_thread = start_thread(rival, NULL);
	ASSERT_TRUE(COMES_TRUE(GET(looks) >= ENOUGH_LOOKS));
	EXPECT_LE(100, now_ms() - begin);
	hold_release();
	pthread_join(owner_thread, &queued);
	pthread_join(rival_thread, &taken);
	EXPECT_NOT_NULL(queued);
	EXPECT_NOT_NULL(taken);
	EXPECT_FALSE(work_pending(&item.work));
	EXPECT_FALSE(delayed_work_pending(&dwork));
}

TEST(owner_stops_after_it_took_pending)
{
	start(_metadata);
	check(_metadata, "queue_took_pending", queue_item, by_cancel);
	check(_metadata, "queue_took_pending", queue_item, by_cancel_sync);
	check(_metadata, "queue_took_pending", queue_item, by_disable);
	finish(_metadata);
}

TEST(owner_stops_before_it_publishes)
{
	start(_metadata);
	check(_metadata, "queue_owned", queue_item, by_cancel);
	check(_metadata, "queue_owned", queue_item, by_cancel_sync);
	check(_metadata, "queue_owned", queue_item, by_disable);
	finish(_metadata);
}

TEST(owner_of_a_zero_delay_stops)
{
	start(_metadata);
	check(_metadata, "queue_owned", queue_at_once, by_cancel_delayed);
	check(_metadata, "queue_owned", queue_at_once, by_mod);
	finish(_metadata);
}

static void *queue_short_delay(void *arg)
{
	(void)arg;
	return (void *)(long)queue_delayed_work_on(0, wq, &dwork, 1);
}

/* The timer thread is the owner that stops. */
TEST(timer_stops_after_it_fired)
{
	start(_metadata);
	check(_metadata, "delayed_timer_fired", queue_short_delay, by_cancel_delayed);
	check(_metadata, "delayed_timer_fired", queue_short_delay, by_mod);
	check(_metadata, "queue_owned", queue_short_delay, by_cancel_delayed);
	finish(_metadata);
}

static void *by_flush(void *arg)
{
	struct timespec used;

	(void)arg;
	flush_work(&item.work);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (void *)(used.tv_sec * 1000 + used.tv_nsec / 1000000 + 1);
}

/* flush_work() looks again without a test point: its CPU time tells. */
TEST(flush_of_an_item_that_is_not_published)
{
	pthread_t owner_thread, flusher;
	void *used_ms;

	start(_metadata);
	hold_next("queue_owned");
	owner_thread = start_thread(queue_item, NULL);
	hold_wait();
	flusher = start_thread(by_flush, NULL);
	nap_us(300 * 1000);
	hold_release();
	pthread_join(owner_thread, NULL);
	blocker_release(&blocker);
	pthread_join(flusher, &used_ms);
	EXPECT_GT(100, (long)used_ms);
	EXPECT_EQ(1, GET(item.runs));
	destroy_workqueue(wq);
}

static bool be_realtime(pthread_t thread)
{
	struct sched_param param = { .sched_priority = 10 };

	return pthread_setschedparam(thread, SCHED_FIFO, &param) == 0;
}

/* The owner gets its CPU only when the rival, which is above it, leaves that CPU. */
static void wait_for_rival(const char *point)
{
	if (!strcmp(point, "grab_backoff"))
		ADD(looks, 1);
	if (!strcmp(point, "queue_took_pending"))
		while (!GET(looks))
			sched_yield();
}

static void *realtime_cancel(void *arg)
{
	(void)arg;
	if (!pin_to_real_cpu(0) || !be_realtime(pthread_self()))
		return (void *)2;
	return (void *)(long)cancel_work(&item.work);
}

static void *pinned_queue(void *arg)
{
	(void)arg;
	pin_to_real_cpu(0);
	return queue_item(NULL);
}

TEST(rival_of_higher_priority_on_the_same_cpu)
{
	pthread_t owner_thread, rival_thread;
	void *queued, *taken;

	start(_metadata);
	SET(uwq_test_point_hook, wait_for_rival);
	owner_thread = start_thread(pinned_queue, NULL);
	ASSERT_TRUE(COMES_TRUE(work_pending(&item.work)));
	rival_thread = start_thread(realtime_cancel, NULL);
	pthread_join(rival_thread, &taken);
	SET(looks, 1);
	pthread_join(owner_thread, &queued);
	if (taken == (void *)2) {
		cancel_work(&item.work);
		finish(_metadata);
		SKIP(return, "the system grants no real-time priority");
	}
	EXPECT_EQ((void *)1, queued);
	EXPECT_EQ((void *)1, taken);
	finish(_metadata);
}

TEST_HARNESS_MAIN

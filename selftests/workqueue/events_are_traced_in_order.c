// SPDX-License-Identifier: MIT
/*
 * events_are_traced_in_order.c - C142: queue, activate, start, end of each item
 *
 * Of one that starts at once, one that max_active holds back, a delayed one, a cancelled
 * one, and one that frees itself. And probes that come and go while items run.
 */
#include "wq_test.h"

#include <linux/errno.h>
#include <linux/slab.h>
#include <trace/events/workqueue.h>

/* ---- what was traced ---- */

enum { QUEUE = 'q', ACTIVATE = 'a', START = 's', END = 'e' };

struct event {
	char what;
	const struct work_struct *work;
	work_func_t func;
	char wq_name[32];
	int req_cpu, cpu;
	long ms;
};

static struct event events[100];
static int nr_events;			/* atomic: entries taken */

static struct event *note(char what, const struct work_struct *work, work_func_t func)
{
	static struct event too_many;
	int at = ADD(nr_events, 1) - 1;
	struct event *event = at < (int)ARRAY_SIZE(events) ? &events[at] : &too_many;

	event->what = what;
	event->work = work;
	event->func = func;
	event->ms = now_ms();
	return event;
}

static void on_queue(void *data, int req_cpu, struct pool_workqueue *pwq,
		     struct work_struct *work)
{
	struct event *event = note(QUEUE, work, work->func);

	strcpy(event->wq_name, uwq_pwq_name(pwq));
	event->cpu = uwq_pwq_cpu(pwq);
	event->req_cpu = req_cpu;
	(void)data;
}

static void on_activate(void *data, struct work_struct *work)
{
	(void)data;
	note(ACTIVATE, work, work->func);
}

static void on_start(void *data, struct work_struct *work)
{
	(void)data;
	note(START, work, work->func);
}

static void on_end(void *data, struct work_struct *work, work_func_t function)
{
	(void)data;
	note(END, work, function);
}

/* Returns 0 if all went well. */
static int trace_all(void)
{
	SET(nr_events, 0);
	return register_trace_workqueue_queue_work(on_queue, NULL) |
	       register_trace_workqueue_activate_work(on_activate, NULL) |
	       register_trace_workqueue_execute_start(on_start, NULL) |
	       register_trace_workqueue_execute_end(on_end, NULL);
}

static int trace_no_more(void)
{
	int err = unregister_trace_workqueue_queue_work(on_queue, NULL) |
		  unregister_trace_workqueue_activate_work(on_activate, NULL) |
		  unregister_trace_workqueue_execute_start(on_start, NULL) |
		  unregister_trace_workqueue_execute_end(on_end, NULL);

	tracepoint_synchronize_unregister();
	return err;
}

/* The events of @work, one letter each. Nothing is being traced any more. */
static const char *history(const struct work_struct *work)
{
	static char text[sizeof(events) / sizeof(events[0]) + 1];
	int n = 0;

	for (int i = 0; i < nr_events; i++)
		if (events[i].work == work)
			text[n++] = events[i].what;
	text[n] = '\0';
	return text;
}

static struct event *find(char what, const struct work_struct *work)
{
	static struct event none;

	for (int i = 0; i < nr_events; i++)
		if (events[i].what == what && events[i].work == work)
			return &events[i];
	return &none;
}

/* ---- the items ---- */

static void free_me(struct work_struct *work)
{
	kfree(work);
}

TEST(four_events_of_each_item)
{
	struct workqueue_struct *wq = alloc_workqueue("tracedq", WQ_PERCPU, 1);
	struct work_struct *own = kmalloc(sizeof(*own), GFP_KERNEL);
	struct counter held, plain;
	struct blocker first;

	ASSERT_EQ(0, trace_all());
	blocker_start_on(&first, 2, wq);
	counter_init(&held);
	queue_work_on(2, wq, &held.work);
	counter_init(&plain);
	queue_work_on(1, wq, &plain.work);
	INIT_WORK(own, free_me);
	queue_work_on(3, wq, own);
	/* the one that is held back has not been activated yet */
	EXPECT_EQ(0, work_busy(&held.work) & WORK_BUSY_RUNNING);
	blocker_release(&first);
	destroy_workqueue(wq);
	ASSERT_EQ(0, trace_no_more());

	EXPECT_STREQ("qase", history(&first.work));
	EXPECT_STREQ("qase", history(&held.work));
	EXPECT_STREQ("qase", history(&plain.work));
	EXPECT_STREQ("qase", history(own));
	EXPECT_TRUE(find(ACTIVATE, &held.work) > find(END, &first.work));
	EXPECT_STREQ("tracedq", find(QUEUE, &held.work)->wq_name);
	EXPECT_EQ(2, find(QUEUE, &held.work)->req_cpu);
	EXPECT_EQ(2, find(QUEUE, &held.work)->cpu);
	EXPECT_TRUE(find(START, &held.work)->func == counter_func);
	EXPECT_TRUE(find(END, own)->func == free_me);
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

TEST(delayed_item_is_queued_when_its_time_has_come)
{
	struct workqueue_struct *wq = alloc_workqueue("delayq", WQ_UNBOUND, 0);
	struct delayed_work dwork;
	long armed;

	INIT_DELAYED_WORK(&dwork, nothing);
	ASSERT_EQ(0, trace_all());
	armed = now_ms();
	queue_delayed_work(wq, &dwork, msecs_to_jiffies(50));
	EXPECT_EQ(0, GET(nr_events));
	ASSERT_TRUE(COMES_TRUE(GET(nr_events) == 4));
	flush_work(&dwork.work);
	ASSERT_EQ(0, trace_no_more());
	EXPECT_STREQ("qase", history(&dwork.work));
	EXPECT_TRUE(find(QUEUE, &dwork.work)->ms >= armed + 50);
	EXPECT_STREQ("delayq", find(QUEUE, &dwork.work)->wq_name);
	EXPECT_EQ(WORK_CPU_UNBOUND, find(QUEUE, &dwork.work)->req_cpu);
	EXPECT_EQ(-1, find(QUEUE, &dwork.work)->cpu);
	destroy_workqueue(wq);
}

TEST(cancelled_item_does_not_start)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("cancelq", 0);
	struct counter held;
	struct delayed_work dwork;
	struct blocker first;

	ASSERT_EQ(0, trace_all());
	blocker_start(&first, wq);
	counter_init(&held);
	queue_work(wq, &held.work);
	EXPECT_TRUE(cancel_work_sync(&held.work));
	INIT_DELAYED_WORK(&dwork, nothing);
	queue_delayed_work(wq, &dwork, 100 * HZ);
	EXPECT_TRUE(cancel_delayed_work_sync(&dwork));
	blocker_release(&first);
	destroy_workqueue(wq);
	ASSERT_EQ(0, trace_no_more());
	EXPECT_STREQ("qase", history(&first.work));
	EXPECT_STREQ("q", history(&held.work));
	EXPECT_STREQ("", history(&dwork.work));
}

TEST(barrier_starts_and_ends)
{
	struct workqueue_struct *wq = alloc_workqueue("barrierq", WQ_UNBOUND, 0);
	struct blocker first;
	int seen = 0;

	ASSERT_EQ(0, trace_all());
	blocker_start(&first, wq);
	blocker_release(&first);
	flush_work(&first.work);
	destroy_workqueue(wq);
	ASSERT_EQ(0, trace_no_more());
	for (int i = 0; i < nr_events; i++)
		seen += events[i].work != &first.work;
	/* there may have been nothing to wait for any more */
	EXPECT_TRUE(seen == 0 || seen == 2);
}

/* ---- probes ---- */

static void count_start(void *data, struct work_struct *work)
{
	(void)work;
	ADD(*(int *)data, 1);
}

TEST(probe_is_known_by_function_and_data)
{
	int a = 0, b = 0;
	struct work_struct work;

	EXPECT_FALSE(trace_workqueue_execute_start_enabled());
	EXPECT_EQ(-EINVAL, register_trace_workqueue_execute_start(NULL, &a));
	EXPECT_EQ(0, register_trace_workqueue_execute_start(count_start, &a));
	EXPECT_EQ(-EEXIST, register_trace_workqueue_execute_start(count_start, &a));
	EXPECT_EQ(0, register_trace_workqueue_execute_start(count_start, &b));
	EXPECT_TRUE(trace_workqueue_execute_start_enabled());
	EXPECT_FALSE(trace_workqueue_execute_end_enabled());
	INIT_WORK(&work, nothing);
	for (int i = 0; i < 3; i++) {
		schedule_work(&work);
		flush_work(&work);
	}
	/* barriers, if there was something to wait for, count as well */
	EXPECT_TRUE(GET(a) >= 3 && GET(a) == GET(b));
	EXPECT_EQ(0, unregister_trace_workqueue_execute_start(count_start, &a));
	EXPECT_EQ(-ENOENT, unregister_trace_workqueue_execute_start(count_start, &a));
	tracepoint_synchronize_unregister();
	a = b = 0;
	schedule_work(&work);
	flush_work(&work);
	EXPECT_EQ(0, GET(a));
	EXPECT_TRUE(GET(b) >= 1);
	EXPECT_EQ(0, unregister_trace_workqueue_execute_start(count_start, &b));
	EXPECT_FALSE(trace_workqueue_execute_start_enabled());
	log_count("out of memory");
	EXPECT_EQ(-ENOMEM, ({ uwq_test_fail_alloc(1, 1);
			      int err = register_trace_workqueue_execute_start(count_start, &a);
			      uwq_test_fail_alloc(0, 0);
			      err; }));
}

/* Each probe sees a counter that lives only while it is registered. */
static void *come_and_go(void *arg)
{
	for (int i = 0; i < ROUNDS(300); i++) {
		int *count = calloc(1, sizeof(*count));

		register_trace_workqueue_execute_start(count_start, count);
		if (i)
			sched_yield();
		else
			COMES_TRUE(GET(*count));
		unregister_trace_workqueue_execute_start(count_start, count);
		tracepoint_synchronize_unregister();
		ADD(*(int *)arg, GET(*count));
		free(count);
	}
	return NULL;
}

static bool over;	/* atomic */

static void *queue_all_the_time(void *arg)
{
	struct workqueue_struct *wq = arg;
	struct counter items[8];
	int n = 0;

	for (int i = 0; i < 8; i++)
		counter_init(&items[i]);
	while (!GET(over))
		queue_work_on(n % 4, wq, &items[n % 8].work), n++;
	drain_workqueue(wq);
	return NULL;
}

TEST(probes_come_and_go_while_items_run)
{
	struct workqueue_struct *wq = alloc_workqueue("busyq", WQ_PERCPU, 0);
	pthread_t thread;
	int seen = 0;

	SET(over, false);
	thread = start_thread(queue_all_the_time, wq);
	run_threads(2, come_and_go, &seen);
	SET(over, true);
	pthread_join(thread, NULL);
	destroy_workqueue(wq);
	EXPECT_TRUE(seen > 0);
	EXPECT_FALSE(trace_workqueue_execute_start_enabled());
}

TEST_HARNESS_MAIN_CPUS(4)

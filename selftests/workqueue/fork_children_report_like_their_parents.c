// SPDX-License-Identifier: MIT
/*
 * U11, U15: whoever was reporting, tracing or asking for a stack at the moment of a fork
 * does so no more in the child, which reports its own stalls, sees other threads' stacks,
 * counts hogs and registers probes. When the sink of the log forks in a thread of the
 * library, be it the sampler or the manager, the child ends with status 0 after the sink.
 */
#include "fork_test.h"
#include "rescue_test.h"

#include <signal.h>
#include <linux/err.h>
#include <trace/events/workqueue.h>

#include "kernel-compat/sched_internal.h"
#include "kernel-compat/thread_stack.h"

/* A thread sanitizer delivers signals when it likes: nothing is promised about the answer. */
#if defined(__SANITIZE_THREAD__)
#define ANSWERS	0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ANSWERS	0
#endif
#endif
#ifndef ANSWERS
#define ANSWERS	1
#endif

static struct workqueue_struct *wq;
static struct counter counter, used;

/* ---- stalls ---- */

static int stalls;			/* atomic: reports heard */
static const char *forker;		/* name of the thread in which the sink forks */
static bool is_child;
static pid_t child;			/* atomic */

static void use_item(void)
{
	CHECK_USABLE(system_dfl_wq, &used.work, used.runs);
}

static void fork_here(void)
{
	pid_t pid = fork();

	if (pid) {
		SET(child, pid);
		return;
	}
	is_child = true;
	alarm(2 * CHILD_SECONDS);
	threads_again();
	failed_line = 0;
	use_item();
	if (failed_line)
		_exit(1);
}

static void sink(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)len;
	(void)arg;
	if (strstr(text, "BUG: workqueue lockup"))
		ADD(stalls, 1);
	if (forker && !is_child && !GET(child) && !strcmp(current->comm, forker))
		fork_here();
}

static void start_both_threads(void)
{
	manager_start();
	monitor_start();
}

static bool both_run(void)
{
	return threads_called("kworker/sampler") == 1 && threads_called("kworker/manager") == 1 &&
	       !GET(monitor_on);
}

static void set_up(void)
{
	counter_init(&counter);
	counter_init(&used);
	uwq_set_log_sink(sink, NULL);
	wq = alloc_workqueue("guarded", WQ_PERCPU, 0);
	start_both_threads();
}

static void stall(void)
{
	__atomic_store_n(&wq_params.watchdog_thresh_ms, 100, __ATOMIC_RELEASE);
	no_threads();
	queue_work_on(0, wq, &counter.work);
}

static void end_stall(void)
{
	__atomic_store_n(&wq_params.watchdog_thresh_ms, 30000, __ATOMIC_RELEASE);
	threads_again();
	flush_work(&counter.work);
}

static void stall_again(void)
{
	__atomic_store_n(&wq_params.watchdog_thresh_ms, 30000, __ATOMIC_RELEASE);
	threads_again();
	SET(stalls, 0);
	start_both_threads();
	CHECK(COMES_TRUE(both_run()));
	stall();
	CHECK(COMES_TRUE(GET(stalls) >= 1));
	end_stall();
	CHECK(GET(counter.runs) == 1);
}

TEST(stalls_are_reported_again)
{
	set_up();
	ASSERT_TRUE(COMES_TRUE(both_run()));
	hold_next("watchdog_reports");
	stall();
	hold_wait();
	EXPECT_EQ(0, IN_CHILD(stall_again));
	hold_release();
	EXPECT_TRUE(COMES_TRUE(GET(stalls) >= 1));
	end_stall();
}

static void fork_in_the_sink(struct __test_metadata *_metadata, const char *name)
{
	set_up();
	ASSERT_TRUE(COMES_TRUE(both_run()));
	forker = name;
	stall();
	ASSERT_TRUE(COMES_TRUE(GET(child)));
	EXPECT_ENDS_WELL(outcome(GET(child)));
	end_stall();
	EXPECT_EQ(1, GET(counter.runs));
}

TEST(sampler_whose_sink_forks)
{
	fork_in_the_sink(_metadata, "kworker/sampler");
}

TEST(manager_whose_sink_forks)
{
	fork_in_the_sink(_metadata, "kworker/manager");
}

/* Any other thread of the library's. */
static void forking_main(void *arg)
{
	(void)arg;
	fork_here();
}

TEST(thread_that_forks)
{
	struct task_struct *task;

	set_up();
	task = uwq_thread_start(NULL, "forker", forking_main, NULL, 0, NULL, -1);
	ASSERT_FALSE(IS_ERR(task));
	ASSERT_TRUE(COMES_TRUE(GET(child)));
	EXPECT_ENDS_WELL(outcome(GET(child)));
	put_task_struct(task);
}

/* ---- stacks ---- */

static bool begun, stop;	/* atomic */

static void sleep_on(void *arg)
{
	sigset_t all;

	sigfillset(&all);
	if (arg)
		pthread_sigmask(SIG_SETMASK, &all, NULL);
	SET(begun, true);
	while (!GET(stop))
		nap_us(1000);
}

static void *ask_the_deaf(void *arg)
{
	unsigned long ips[8];

	while (!GET(stop))
		thread_stack_save(arg, ips, 8);
	return NULL;
}

static void ask(void)
{
	unsigned long ips[8];
	struct task_struct *task;

	SET(begun, false);
	task = uwq_thread_start(NULL, "asked", sleep_on, NULL, 0, NULL, -1);
	CHECK(COMES_TRUE(GET(begun)));
	CHECK(!ANSWERS || COMES_TRUE(thread_stack_save(task, ips, 8) > 0));
}

TEST(stacks_can_be_asked_for_again)
{
	struct task_struct *task;
	pthread_t asker;

	task = uwq_thread_start(NULL, "deaf", sleep_on, &stop, 0, NULL, -1);
	ASSERT_FALSE(IS_ERR(task));
	ASSERT_TRUE(COMES_TRUE(GET(begun)));
	asker = start_thread(ask_the_deaf, task);
	nap_us(50000);
	EXPECT_EQ(0, IN_CHILD(ask));
	SET(stop, true);
	pthread_join(asker, NULL);
	uwq_task_wait_exit(task);
	put_task_struct(task);
}

/* ---- tables ---- */

static void on_start(void *data, struct work_struct *work)
{
	(void)data;
	(void)work;
}

static void *register_probes(void *arg)
{
	(void)arg;
	while (!GET(stop))
		register_trace_workqueue_execute_start(on_start, &wq);
	return NULL;
}

static void *count_hogs(void *arg)
{
	(void)arg;
	while (!GET(stop))
		cpu_intensive_report(counter_func);
	return NULL;
}

static void register_here(void)
{
	CHECK(!register_trace_workqueue_execute_start(on_start, &stop));
	CHECK(!unregister_trace_workqueue_execute_start(on_start, &stop));
	cpu_intensive_report(counter_func);
}

TEST(tables_of_probes_and_hogs)
{
	pthread_t threads[2];

	WRITE_ONCE(wq_params.cpu_intensive_warning_thresh, 0);
	/* it is there: each further attempt looks for it under the mutex, and changes nothing */
	ASSERT_EQ(0, register_trace_workqueue_execute_start(on_start, &wq));
	threads[0] = start_thread(register_probes, NULL);
	threads[1] = start_thread(count_hogs, NULL);
	for (int i = 0; i < ROUNDS(100); i++)
		EXPECT_EQ(0, IN_CHILD(register_here));
	SET(stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

TEST_HARNESS_MAIN

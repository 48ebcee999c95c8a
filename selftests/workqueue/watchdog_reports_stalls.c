// SPDX-License-Identifier: MIT
/*
 * Proves C132, C133, C134, C136, C137, U15, catches B19: a pool in which items wait while
 * nothing starts is reported after the threshold, with its identity, the dump of all queues
 * and the stacks of all busy workers of a per-CPU pool, sleeping ones too; once for each
 * threshold. A queue that is merely long, one that is touched, one that moves just before
 * the report, and a process that was stopped, are not reported. A worker that was called
 * and never comes is. The threshold 0 turns it off, and a new value starts afresh. The
 * thresholds here are shorter than the parameter can say.
 */
#include "rescue_test.h"

#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <signal.h>
#include <sys/wait.h>
#include <uwq/blocking.h>
#include <uwq/workqueue.h>

#include "kernel-compat/param_internal.h"

/* ---- what was reported ---- */

static char said[1 << 20];
static size_t said_len;		/* under said_lock */
static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;

static void listen(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)arg;
	pthread_mutex_lock(&said_lock);
	if (said_len + len + 2 < sizeof(said)) {
		memcpy(said + said_len, text, len);
		said_len += len;
		said[said_len++] = '\n';
		said[said_len] = '\0';
	}
	pthread_mutex_unlock(&said_lock);
}

/* How often @pattern was said so far, behind @from. */
static int count_from(size_t from, const char *pattern)
{
	const char *at = said + from;
	int nr = 0;

	pthread_mutex_lock(&said_lock);
	while ((at = strstr(at, pattern))) {
		at++;
		nr++;
	}
	pthread_mutex_unlock(&said_lock);
	return nr;
}

static int count(const char *pattern)
{
	return count_from(0, pattern);
}

#define REPORT	"BUG: workqueue lockup"

static int reports(void)
{
	return count(REPORT);
}

static void threshold(unsigned long ms)
{
	__atomic_store_n(&wq_params.watchdog_thresh_ms, ms, __ATOMIC_RELEASE);
}

/* ---- parameters, as a command line sets them ---- */

extern const struct kernel_param __start___param[] __attribute__((__visibility__("hidden")));
extern const struct kernel_param __stop___param[] __attribute__((__visibility__("hidden")));

static const struct kernel_param *param(const char *name)
{
	const struct kernel_param *kp;

	for (kp = __start___param; kp < __stop___param; kp++)
		if (!strcmp(kp->name, name))
			return kp;
	return NULL;
}

/* ---- a pool that stalls ---- */

static struct workqueue_struct *wq;
static struct witness waiting;

/* The item waits on CPU 0 until threads can be made again. */
static void stall(void)
{
	no_threads();
	witness_init(&waiting);
	queue_work_on(0, wq, &waiting.work);
}

static void end_stall(void)
{
	threads_again();
	flush_work(&waiting.work);
}

FIXTURE(watchdog) {
};

FIXTURE_SETUP(watchdog)
{
	threshold(30000);
	uwq_set_log_sink(listen, NULL);
	wq = alloc_workqueue("guarded", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	/* it exists, so that the shortage of threads does not matter, and has nothing to do */
	monitor_start();
	ASSERT_TRUE(COMES_TRUE(threads_called("kworker/sampler") == 1 && !GET(monitor_on)));
}

FIXTURE_TEARDOWN(watchdog)
{
	threads_again();
	destroy_workqueue(wq);
}

TEST_F(watchdog, reports_after_the_threshold)
{
	long begin = now_ms(), stuck;
	char identity[64];

	threshold(300);
	stall();
	ASSERT_TRUE(COMES_TRUE(reports() == 1));
	EXPECT_LE(300, now_ms() - begin + 1);
	snprintf(identity, sizeof(identity), REPORT ": pool %d: cpus=0 ",
		 pwq_on(wq, 0)->pool->id);
	EXPECT_EQ(1, count(identity));
	/* whole seconds: none, unless the machine was late */
	ASSERT_EQ(1, count(" stuck for "));
	stuck = atol(strstr(said, " stuck for ") + strlen(" stuck for "));
	EXPECT_GE((now_ms() - begin) / 1000, stuck);
	EXPECT_LE(0, stuck);
	/* the dump, with the item that waits */
	EXPECT_TRUE(COMES_TRUE(count("workqueue guarded: flags=") == 1));
	EXPECT_TRUE(COMES_TRUE(count("witness_func")));
	end_stall();
	EXPECT_EQ(1, GET(waiting.runs));
}

/* For two thresholds, but for what somebody was about to say. */
static bool is_silent(void)
{
	int seen = reports();

	nap_us(300000);
	return reports() == seen;
}

/*
 * It says how long it is, also if somebody else's report was in between. A machine that
 * stood still meanwhile is forgiven, and the time begins anew.
 */
TEST_F(watchdog, repeats_once_for_each_threshold)
{
	long begin = now_ms();
	int seen;

	threshold(150);
	stall();
	while (((seen = reports()) < 7 || !count(" stuck for 1s")) && now_ms() < begin + 20000) {
		EXPECT_GE((now_ms() - begin) / 150, seen);
		nap_us(1000);
	}
	EXPECT_LE(7, seen);
	EXPECT_LE(1, count(" stuck for 1s"));
	end_stall();
	EXPECT_TRUE(COMES_TRUE(is_silent()));
}

/* ---- stacks ---- */

static int may_end;	/* atomic */

__attribute__((__noinline__)) static void sleeping_in_the_library(struct work_struct *work)
{
	blocker_func(work);
	barrier();
}

__attribute__((__noinline__)) static void sleeping_out_of_sight(struct work_struct *work)
{
	complete(&container_of(work, struct blocker, work)->started);
	uwq_blocking_begin();
	while (!GET(may_end))
		nap_us(20000);
	uwq_blocking_end();
}

__attribute__((__noinline__)) static void computing_for_ever(struct work_struct *work)
{
	complete(&container_of(work, struct blocker, work)->started);
	while (!GET(may_end))
		barrier();
}

static void start_all(struct blocker *blockers, struct workqueue_struct *queue)
{
	static const work_func_t funcs[] = {
		sleeping_in_the_library, sleeping_out_of_sight, computing_for_ever,
	};
	int i;

	SET(may_end, 0);
	for (i = 0; i < 3; i++) {
		blocker_init(&blockers[i]);
		INIT_WORK(&blockers[i].work, funcs[i]);
		queue_work_on(0, queue, &blockers[i].work);
		wait_for_completion(&blockers[i].started);
	}
}

static void end_all(struct blocker *blockers)
{
	int i;

	SET(may_end, 1);
	complete(&blockers[0].release);
	for (i = 0; i < 3; i++)
		flush_work(&blockers[i].work);
}

/* No idle worker is left, and items wait. */
static int use_up(struct blocker *blockers, int nr, struct workqueue_struct *queue)
{
	struct worker_pool *pool = pwq_on(queue, 0)->pool;
	int i;

	no_threads();
	for (i = 0; i < nr && !in_distress(pool); i++) {
		blocker_init(&blockers[i]);
		queue_work_on(0, queue, &blockers[i].work);
		COMES_TRUE(completion_done(&blockers[i].started) || in_distress(pool));
	}
	return i;
}

/* A thread sanitizer delivers a signal only when the thread comes by. */
#if defined(__SANITIZE_THREAD__)
#define SIGNALS_AT_ONCE	0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIGNALS_AT_ONCE	0
#endif
#endif
#ifndef SIGNALS_AT_ONCE
#define SIGNALS_AT_ONCE	1
#endif

TEST_F(watchdog, shows_the_stacks_of_busy_workers)
{
	struct blocker busy[3], more[10];
	size_t stacks;
	int i, nr;

	start_all(busy, wq);
	nr = use_up(more, 10, wq);
	ASSERT_TRUE(in_distress(pwq_on(wq, 0)->pool));
	threshold(200);
	ASSERT_TRUE(COMES_TRUE(count("stacks of") >= 1));
	stacks = (size_t)(strstr(said, "stacks of") - said);
	EXPECT_TRUE(COMES_TRUE(count_from(stacks, "task:kworker/0:") >= 3));
	/* a thread that gets no CPU does not answer: the next report asks it again */
	if (SIGNALS_AT_ONCE) {
		EXPECT_TRUE(COMES_TRUE(count_from(stacks, " sleeping_in_the_library+0x")));
		EXPECT_TRUE(COMES_TRUE(count_from(stacks, " sleeping_out_of_sight+0x")));
		EXPECT_TRUE(COMES_TRUE(count_from(stacks, " computing_for_ever+0x")));
	}
	threshold(30000);
	for (i = 0; i < nr; i++)
		blocker_release(&more[i]);
	end_all(busy);
	threads_again();
	for (i = 0; i < nr; i++)
		flush_work(&more[i].work);
}

TEST_F(watchdog, shows_no_stacks_of_unbound_pools)
{
	struct workqueue_struct *unbound = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	struct blocker busy[3], more[10];
	int i, nr;

	ASSERT_NOT_NULL(unbound);
	start_all(busy, unbound);
	nr = use_up(more, 10, unbound);
	threshold(200);
	ASSERT_TRUE(COMES_TRUE(reports() == 1));
	threshold(30000);
	nap_us(100000);
	EXPECT_EQ(0, count("stacks of"));
	for (i = 0; i < nr; i++)
		blocker_release(&more[i]);
	end_all(busy);
	threads_again();
	destroy_workqueue(unbound);
}

/* ---- no stall ---- */

static int relay_goes_on;	/* atomic */
static int relay_runs;		/* atomic: of all */

/* A millisecond; then behind the others. */
static void relay_func(struct work_struct *work)
{
	long until = now_ms() + 1;

	while (now_ms() < until)
		barrier();
	ADD(relay_runs, 1);
	if (GET(relay_goes_on))
		queue_work_on(0, wq, work);
}

TEST_F(watchdog, is_silent_about_a_long_queue)
{
	static struct work_struct relays[200];
	long until = now_ms() + 1500;
	int i;

	threshold(1000);
	SET(relay_goes_on, 1);
	for (i = 0; i < 200; i++) {
		INIT_WORK(&relays[i], relay_func);
		queue_work_on(0, wq, &relays[i]);
	}
	while (now_ms() < until || GET(relay_runs) <= 200)
		nap_us(10000);
	SET(relay_goes_on, 0);
	flush_workqueue(wq);
	EXPECT_LT(200, GET(relay_runs));
	EXPECT_EQ(0, reports());
}

TEST_F(watchdog, is_silent_while_it_is_touched)
{
	long until = now_ms() + 1300;

	threshold(1000);
	stall();
	while (now_ms() < until) {
		wq_watchdog_touch(0);
		nap_us(10000);
	}
	EXPECT_EQ(0, reports());
	/* another CPU's touch is of no use */
	until = now_ms() + 10000;
	while (!reports() && now_ms() < until) {
		wq_watchdog_touch(1);
		nap_us(10000);
	}
	EXPECT_EQ(1, reports());
	end_stall();
}

TEST_F(watchdog, is_silent_while_code_says_that_it_computes)
{
	long until = now_ms() + 1300;

	threshold(1000);
	stall();
	while (now_ms() < until) {
		touch_all_softlockup_watchdogs();
		nap_us(10000);
	}
	EXPECT_EQ(0, reports());
	end_stall();
}

TEST_F(watchdog, touching_needs_a_cpu)
{
	unsigned long warned = uwq_warn_count();

	wq_watchdog_touch(-1);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_EQ(1, count("wq_watchdog_touch()"));
	wq_watchdog_touch(-1);
	EXPECT_EQ(1, count("wq_watchdog_touch()"));
	wq_watchdog_touch(0);
	wq_watchdog_touch((int)nr_cpu_ids - 1);
	touch_softlockup_watchdog();
	touch_nmi_watchdog();
	EXPECT_EQ(1, count("wq_watchdog_touch()"));
}

/* It was decided to report; then the item runs, and others come and have to wait. */
TEST_F(watchdog, looks_again_before_it_reports)
{
	struct blocker blocker;
	struct witness fresh;

	threshold(1000);
	hold_next("watchdog_reports");
	stall();
	hold_wait();
	end_stall();
	EXPECT_EQ(1, GET(waiting.runs));
	no_threads();
	blocker_start_on(&blocker, 0, wq);
	witness_init(&fresh);
	queue_work_on(0, wq, &fresh.work);
	ASSERT_TRUE(COMES_TRUE(in_distress(pwq_on(wq, 0)->pool)));
	hold_release();
	nap_us(50000);
	EXPECT_EQ(0, GET(fresh.runs));
	EXPECT_EQ(0, reports());
	threads_again();
	blocker_release(&blocker);
	flush_work(&fresh.work);
	flush_work(&blocker.work);
}

static bool all_idle(struct worker_pool *pool)
{
	bool idle;

	pool_lock(pool);
	idle = pool->nr_idle && pool->nr_idle == pool->nr_workers;
	pool_unlock(pool);
	return idle;
}

/* ---- workers who are on their way ---- */

TEST_F(watchdog, misses_a_worker_that_was_called)
{
	struct witness item, later;

	witness_init(&item);
	witness_init(&later);
	queue_work_on(0, wq, &item.work);
	flush_work(&item.work);
	ASSERT_TRUE(COMES_TRUE(all_idle(pwq_on(wq, 0)->pool)));
	threshold(100);
	/* the one who naps learns of the new threshold when it is called; then all sleep */
	manager_call();
	ASSERT_TRUE(COMES_TRUE(GET(watchdog_sleeps) && !GET(monitor_on)));
	nap_us(50000);
	hold_next("worker_woken");
	queue_work_on(0, wq, &later.work);
	hold_wait();
	ASSERT_TRUE(COMES_TRUE(reports() >= 1));
	hold_release();
	flush_work(&later.work);
	EXPECT_EQ(1, GET(later.runs));
}

/* Nobody waits for anything: everybody sleeps, until something is queued. */
TEST_F(watchdog, sleeps_when_all_is_quiet)
{
	struct witness item;

	/* half of it is how long it is seen awake */
	threshold(2000);
	witness_init(&item);
	queue_work_on(0, wq, &item.work);
	flush_work(&item.work);
	ASSERT_TRUE(COMES_TRUE(GET(watchdog_sleeps)));
	queue_work_on(0, wq, &item.work);
	flush_work(&item.work);
	EXPECT_EQ(2, GET(item.runs));
	ASSERT_TRUE(COMES_TRUE(!GET(watchdog_sleeps)));
	ASSERT_TRUE(COMES_TRUE(GET(watchdog_sleeps)));
	EXPECT_EQ(0, reports());
}

TEST_F(watchdog, misses_a_worker_that_is_being_made)
{
	threshold(100);
	witness_init(&waiting);
	hold_next("creating_worker");
	queue_work_on(0, wq, &waiting.work);
	hold_wait();
	ASSERT_TRUE(COMES_TRUE(reports() >= 1));
	hold_release();
	flush_work(&waiting.work);
	EXPECT_EQ(1, GET(waiting.runs));
}

/* ---- the threshold ---- */

TEST_F(watchdog, can_be_turned_off_and_on)
{
	const struct kernel_param *thresh = param("workqueue.watchdog_thresh");
	char text[4096];
	long set;

	ASSERT_NOT_NULL(thresh);
	EXPECT_EQ(0644, thresh->perm);
	EXPECT_EQ(3, thresh->ops->get(text, thresh));
	EXPECT_STREQ("30\n", text);
	threshold(0);
	stall();
	nap_us(700000);
	EXPECT_EQ(0, reports());
	/* the 700 ms do not count */
	set = now_ms();
	EXPECT_EQ(0, thresh->ops->set("1", thresh));
	ASSERT_TRUE(COMES_TRUE(reports() == 1));
	EXPECT_LE(1000, now_ms() - set + 1);
	EXPECT_EQ(0, thresh->ops->set("0", thresh));
	EXPECT_EQ(-EINVAL, thresh->ops->set("soon", thresh));
	thresh->ops->get(text, thresh);
	EXPECT_STREQ("0\n", text);
	end_stall();
}

/* ---- a stopped process ---- */

static int in_a_stopped_process(int go)
{
	char byte;

	threshold(2500);
	stall();
	if (read(go, &byte, 1) != 1)
		return 100;
	end_stall();
	return reports();
}

TEST_F(watchdog, forgives_a_process_that_was_stopped)
{
	int go[2], status = -1;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	destroy_workqueue(wq);
	workqueue_shutdown(true);
	pid = fork();
	if (!pid) {
		wq = alloc_workqueue("stopped", WQ_PERCPU, 0);
		_exit(wq && sampler_start() ? in_a_stopped_process(go[0]) : 100);
	}
	nap_us(100000);
	kill(pid, SIGSTOP);
	nap_us(3500000);
	kill(pid, SIGCONT);
	/* time for a report by a watchdog that believes what it sees */
	nap_us(100000);
	ASSERT_EQ(1, write(go[1], "x", 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	wq = alloc_workqueue("again", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
}

TEST_HARNESS_MAIN_CPUS(2)

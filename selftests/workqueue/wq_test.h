/* SPDX-License-Identifier: MIT */
/*
 * wq_test.h - gates, items and threads for the tests of the engine
 *
 * A gate holds a thread until another opens it; the engine does not see that a
 * worker waits at one, so a hook may use it under a pool lock. A blocker is an item
 * whose function sleeps, visibly, until it is released. hold_next() stops the next
 * thread that passes a test point.
 */
#ifndef UWQ_SELFTESTS_WQ_TEST_H
#define UWQ_SELFTESTS_WQ_TEST_H

#include "../kselftest_harness.h"

#include <pthread.h>
#include <sched.h>

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#include <uwq/log.h>
#include <uwq/warn.h>

#include "kernel-compat/futex.h"
#include "kernel-compat/test_points.h"
#include "workqueue/workqueue_internal.h"

/* Under a sanitizer everything takes ten times as long: do less of it. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ROUNDS(n)	((n) / 10)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define ROUNDS(n)	((n) / 10)
#endif
#endif
#ifndef ROUNDS
#define ROUNDS(n)	(n)
#endif

#define MAX_THREADS	128

/* ---- numbers that threads share ---- */

#define GET(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define SET(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELEASE)
#define ADD(x, n)	__atomic_add_fetch(&(x), (n), __ATOMIC_ACQ_REL)

static inline long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline void nap_us(long us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/*
 * Wait for what another thread brings about; false after 10 s, which is "never". Sanitizers
 * have four times as long, as for everything.
 */
#define COMES_TRUE(cond)						\
	__extension__({							\
		long until_ = now_ms() + 10000 * KS_SLOW;		\
		bool true_;						\
									\
		while (!(true_ = (cond)) && now_ms() < until_)		\
			nap_us(100);					\
		true_;							\
	})

/* Rounds of a race: so many, or what fits in the time on a machine that is busy. */
static inline bool go_on(int round, int most, long until_ms)
{
	return round < most && (round % 64 || now_ms() < until_ms);
}

/* ---- gates ---- */

struct gate {
	uint32_t open;	/* atomic */
};

static inline void gate_open(struct gate *gate)
{
	SET(gate->open, 1);
	futex_wake(&gate->open, INT32_MAX);
}

static inline void gate_close(struct gate *gate)
{
	SET(gate->open, 0);
}

static inline void gate_wait(struct gate *gate)
{
	while (!GET(gate->open))
		futex_wait(&gate->open, 0, NULL);
}

/* ---- test points ---- */

/* The next thread that passes @point stays there until hold_release(). */
static struct {
	const char *point;	/* atomic: NULL = hold nobody */
	struct gate reached, go;
} held;

static inline void held_hook(const char *name)
{
	const char *point = GET(held.point);

	if (!point || strcmp(point, name) ||
	    !__atomic_compare_exchange_n(&held.point, &point, NULL, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return;
	gate_open(&held.reached);
	gate_wait(&held.go);
}

static inline void hold_next(const char *point)
{
	gate_close(&held.reached);
	gate_close(&held.go);
	SET(held.point, point);
	SET(uwq_test_point_hook, held_hook);
}

static inline void hold_wait(void)
{
	gate_wait(&held.reached);
}

static inline void hold_release(void)
{
	gate_open(&held.go);
}

/* No worker of @pool runs, or is on its way. */
static inline bool pool_rests(struct worker_pool *pool)
{
	bool rests;

	pool_lock(pool);
	rests = !pool->nr_running && !pool->nr_waking;
	pool_unlock(pool);
	return rests;
}

/*
 * As if all runs of @pool had been short so far, which they are not where there are instruments:
 * one worker is enough, so nobody else is called for what is queued, and may take many at once.
 */
static inline void pretend_short_runs(struct worker_pool *pool)
{
	pool_lock(pool);
	pool->run_ns = 1;
	pool_note_run(pool, 1);
	pool_update_kick(pool);
	pool_unlock(pool);
}

/* ---- the monitor ---- */

static bool monitor_rests;	/* atomic: it has looked, and nothing that is new waits */

static inline void monitor_hook(const char *name)
{
	if (!strcmp(name, "monitor_looks"))
		SET(monitor_rests, false);
	else if (!strcmp(name, "monitor_rests"))
		SET(monitor_rests, true);
}

/*
 * A worker that is held would be taken for asleep, and others be called. So the monitor, which
 * rests, shall be thought to be awake.
 */
static inline void stop_looks(void)
{
	void (*hook)(const char *name) = GET(uwq_test_point_hook);

	SET(monitor_rests, false);
	SET(uwq_test_point_hook, monitor_hook);
	monitor_start();
	/* it is off for a moment before it looks for the last time */
	while (GET(monitor_on) || !GET(monitor_rests))
		nap_us(200);
	SET(monitor_on, 1);
	SET(uwq_test_point_hook, hook);
}

static inline void start_looks(void)
{
	SET(monitor_on, 0);
	monitor_start();
}

/* ---- items ---- */

/* An item that sleeps in its function until blocker_release(). */
struct blocker {
	struct work_struct work;
	struct completion started, release;
	int runs;	/* atomic: finished ones */
};

static inline void blocker_func(struct work_struct *work)
{
	struct blocker *blocker = container_of(work, struct blocker, work);

	complete(&blocker->started);
	wait_for_completion(&blocker->release);
	ADD(blocker->runs, 1);
}

static inline void blocker_init(struct blocker *blocker)
{
	INIT_WORK(&blocker->work, blocker_func);
	init_completion(&blocker->started);
	init_completion(&blocker->release);
	SET(blocker->runs, 0);
}

/* Queue it and return when its function runs. @cpu may be WORK_CPU_UNBOUND. */
static inline void blocker_start_on(struct blocker *blocker, int cpu, struct workqueue_struct *wq)
{
	blocker_init(blocker);
	queue_work_on(cpu, wq, &blocker->work);
	wait_for_completion(&blocker->started);
}

static inline void blocker_start(struct blocker *blocker, struct workqueue_struct *wq)
{
	blocker_start_on(blocker, WORK_CPU_UNBOUND, wq);
}

static inline void blocker_release(struct blocker *blocker)
{
	complete(&blocker->release);
}

/* An item that counts its runs, and runs that overlap another one of itself. */
struct counter {
	struct work_struct work;
	int runs, inside, overlaps;	/* atomic */
};

static inline void counter_func(struct work_struct *work)
{
	struct counter *counter = container_of(work, struct counter, work);

	if (ADD(counter->inside, 1) > 1)
		ADD(counter->overlaps, 1);
	ADD(counter->runs, 1);
	ADD(counter->inside, -1);
}

static inline void counter_init(struct counter *counter)
{
	INIT_WORK(&counter->work, counter_func);
	SET(counter->runs, 0);
	SET(counter->inside, 0);
	SET(counter->overlaps, 0);
}

/*
 * How many items and barriers of @wq are queued or running. Tells when a flusher, which
 * cannot be asked, has attached its barrier.
 */
static inline unsigned long items_in_flight(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	unsigned long nr = 0;

	mutex_lock(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		pool_drain_inbox(pwq->pool);
		nr += pwq->nr_total;
		pool_unlock_and_wake(pwq->pool);
	}
	mutex_unlock(&wq->mutex);
	return nr;
}

/* What @expr says while nobody changes the queue. */
#define UNDER_MUTEX(wq, expr)						\
	__extension__({							\
		mutex_lock(&(wq)->mutex);				\
		__auto_type value_ = (expr);				\
		mutex_unlock(&(wq)->mutex);				\
		value_;							\
	})

/* How often @work is disabled; a queued item is not. */
static inline unsigned int disable_depth(struct work_struct *work)
{
	unsigned long data = work_data(work);

	return data & WORK_STRUCT_PWQ ? 0 : work_data_depth(data);
}

/* ---- threads ---- */

static inline pthread_t start_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, arg)) {
		perror("pthread_create");
		exit(1);
	}
	return thread;
}

/* @n threads run fn(arg); returns when all have ended. */
static inline void run_threads(int n, void *(*fn)(void *), void *arg)
{
	pthread_t threads[MAX_THREADS];

	for (int i = 0; i < n; i++)
		threads[i] = start_thread(fn, arg);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

/* ---- what the library says ---- */

static const char *log_pattern;
static int log_hits;	/* atomic: messages that contained it */

static inline void log_watch(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)len;
	(void)arg;
	if (strstr(text, log_pattern))
		ADD(log_hits, 1);
}

/* Count messages with @pattern in log_hits, and show none, so that expected ones do no harm. */
static inline void log_count(const char *pattern)
{
	log_pattern = pattern;
	SET(log_hits, 0);
	uwq_set_log_sink(log_watch, NULL);
}

/* ---- CPUs ---- */

/*
 * First thing in main(): run the program with @n CPUs, virtual ones if the machine
 * has fewer or more.
 */
static inline void with_cpus(char **argv, int n)
{
	char line[64];

	if (getenv("UWQ_TEST_CPUS"))
		return;
	snprintf(line, sizeof(line), "uwq.nr_cpus=%d", n);
	setenv("UWQ_CMDLINE", line, 1);
	setenv("UWQ_TEST_CPUS", "1", 1);
	execv("/proc/self/exe", argv);
	perror("execv");
	exit(1);
}

#define TEST_HARNESS_MAIN_CPUS(n)		\
	int main(int argc, char **argv)		\
	{					\
		with_cpus(argv, (n));		\
		return ks_main(argc, argv);	\
	}

/* The calling thread stays on CPU @cpu; false: the system does not let it. */
static inline bool pin_to_real_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

#endif

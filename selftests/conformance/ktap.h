/* SPDX-License-Identifier: MIT */
/*
 * ktap.h - checks in a kernel module that runs in a real kernel and under uwq
 *
 * A module is a table of named checks. Loading it runs them in order and prints
 * KTAP; nothing is left running. Only what Linux 6.12 offers to modules is used.
 * The same checks must give the same verdicts in both worlds. Where uwq deviates
 * on purpose, the check has an #ifdef __UWQ__ branch that names its U number.
 *
 *	static void c2_idle_on_entry(void) { ... CHECK(!work_pending(&w)); ... }
 *	static const struct ktap_case cases[] = {
 *		{ "C2 pending is clear on entry", c2_idle_on_entry },
 *	};
 *	KTAP_MODULE(cases, "who holds PENDING");
 *
 * A check waits on gates with WAIT(), which gives up after LONG_TIME, so that a
 * broken promise is reported rather than waited for. CHECK may be used from any
 * thread. After a failed check the function goes on: it must end its own items.
 */
#ifndef UWQ_CONFORMANCE_KTAP_H
#define UWQ_CONFORMANCE_KTAP_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

/* The flag is younger than 6.12; without it a queue is per-CPU there. */
#ifdef __UWQ__
#define KTAP_PERCPU	WQ_PERCPU
#else
#define KTAP_PERCPU	0
#endif

struct ktap_case {
	const char *name;
	void (*run)(void);
};

/* Longer than anything takes that works, even in an emulated machine. */
#define LONG_TIME	(20 * HZ)
/* Time in which something that must not happen gets its chance, in ms. */
#define A_WHILE		30

static atomic_t ktap_failures;
static const char *ktap_skipped;

static inline bool ktap_check(bool good, const char *what, const char *func, int line)
{
	if (!good) {
		atomic_inc(&ktap_failures);
		printk(KERN_INFO "# %s:%d: not so: %s\n", func, line, what);
	}
	return good;
}

static inline bool ktap_check_eq(long long want, long long got, const char *what,
				 const char *func, int line)
{
	if (want != got) {
		atomic_inc(&ktap_failures);
		printk(KERN_INFO "# %s:%d: %s is %lld, not %lld\n", func, line, what, got, want);
	}
	return want == got;
}

#define CHECK(cond)		ktap_check(cond, #cond, __func__, __LINE__)
#define CHECK_EQ(want, got)	ktap_check_eq(want, got, #got, __func__, __LINE__)
#define WAIT(done)		CHECK(wait_for_completion_timeout(done, LONG_TIME) > 0)
#define KTAP_SKIP(why)		do { ktap_skipped = (why); return; } while (0)

/* Poll, for states that have no gate: true as soon as @cond, false after LONG_TIME. */
#define BECOMES(cond)								\
	({									\
		unsigned long ktap_end_ = jiffies + LONG_TIME;			\
		while (!(cond) && time_before(jiffies, ktap_end_))		\
			usleep_range(200, 400);					\
		(cond);								\
	})

/* Runs longer than @ms of pure wall time must not be needed to see @cond stay true. */
#define STAYS(cond, ms)								\
	({									\
		unsigned long ktap_end_ = jiffies + msecs_to_jiffies(ms) + 1;	\
		while ((cond) && time_before(jiffies, ktap_end_))		\
			usleep_range(200, 400);					\
		(cond);								\
	})

/* An item that says when it started, waits for its gate, and counts. */
struct gate_work {
	struct work_struct work;
	struct completion started;	/* one complete() per run */
	struct completion go;		/* one wait per run; complete_all() opens it for good */
	atomic_t runs;			/* begun */
	atomic_t ended;
};

static inline void gate_func(struct work_struct *work)
{
	struct gate_work *g = container_of(work, struct gate_work, work);

	atomic_inc(&g->runs);
	complete(&g->started);
	CHECK(wait_for_completion_timeout(&g->go, 2 * LONG_TIME) > 0);
	atomic_inc(&g->ended);
}

static inline void gate_init(struct gate_work *g)
{
	INIT_WORK(&g->work, gate_func);
	init_completion(&g->started);
	init_completion(&g->go);
	atomic_set(&g->runs, 0);
	atomic_set(&g->ended, 0);
}

/* Queue @g and wait until it runs: from then on it blocks until complete(&g->go). */
static inline void gate_block(struct workqueue_struct *wq, struct gate_work *g)
{
	CHECK(queue_work(wq, &g->work));
	WAIT(&g->started);
}

/* An item that only counts. */
struct count_work {
	struct work_struct work;
	atomic_t runs;
};

static inline void count_func(struct work_struct *work)
{
	atomic_inc(&container_of(work, struct count_work, work)->runs);
}

static inline void count_init(struct count_work *c)
{
	INIT_WORK(&c->work, count_func);
	atomic_set(&c->runs, 0);
}

/* A call made by a thread of its own, for checks of calls that block. */
struct caller {
	struct task_struct *task;
	struct completion done;
	void (*call)(struct caller *c);
	void *arg;
	struct workqueue_struct *wq;
	bool result;
};

static inline int caller_thread(void *arg)
{
	struct caller *c = arg;

	c->call(c);
	complete(&c->done);
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static inline bool caller_start(struct caller *c, void (*call)(struct caller *), void *arg)
{
	init_completion(&c->done);
	c->call = call;
	c->arg = arg;
	c->result = false;
	c->task = kthread_run(caller_thread, c, "ktap_caller");
	return CHECK(!IS_ERR(c->task));
}

/* Wait for the call to return, then for its thread; gives what it returned. */
static inline bool caller_end(struct caller *c)
{
	if (IS_ERR(c->task))
		return false;
	WAIT(&c->done);
	kthread_stop(c->task);
	return c->result;
}

static inline void call_flush(struct caller *c) { c->result = flush_work(c->arg); }
static inline void call_cancel_sync(struct caller *c) { c->result = cancel_work_sync(c->arg); }
static inline void call_disable_sync(struct caller *c) { c->result = disable_work_sync(c->arg); }
static inline void call_flush_queue(struct caller *c) { flush_workqueue(c->arg); }
static inline void call_drain(struct caller *c) { drain_workqueue(c->arg); }
static inline void call_destroy(struct caller *c) { destroy_workqueue(c->arg); }

static inline void ktap_run_case(int nr, const struct ktap_case *k)
{
	atomic_set(&ktap_failures, 0);
	ktap_skipped = NULL;
	k->run();
	if (ktap_skipped)
		printk(KERN_INFO "ok %d %s # SKIP %s\n", nr, k->name, ktap_skipped);
	else
		printk(KERN_INFO "%s %d %s\n", atomic_read(&ktap_failures) ? "not ok" : "ok", nr,
		       k->name);
}

static inline int ktap_run(const struct ktap_case *cases, int nr)
{
	int i;

	printk(KERN_INFO "KTAP version 1\n");
	printk(KERN_INFO "1..%d\n", nr);
	for (i = 0; i < nr; i++)
		ktap_run_case(i + 1, &cases[i]);
	return 0;
}

#define KTAP_MODULE(cases, text)						\
	static int __init ktap_init(void)					\
	{									\
		return ktap_run(cases, ARRAY_SIZE(cases));			\
	}									\
	static void __exit ktap_exit(void) { }					\
	module_init(ktap_init);							\
	module_exit(ktap_exit);							\
	MODULE_DESCRIPTION("conformance: " text);				\
	MODULE_LICENSE("Dual MIT/GPL")

#endif

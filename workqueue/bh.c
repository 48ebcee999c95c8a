// SPDX-License-Identifier: MIT
/*
 * bh.c - bottom halves: one thread for each CPU serves the two pools of the CPU
 *
 * A bottom-half pool has one worker from birth, which has no thread of its own. The
 * thread of the CPU, ksoftirqd/N, takes its part: in each round it works off the highpri
 * pool and then the normal one, at most BH_ROUND_ITEMS items or BH_ROUND_NS of each,
 * and lets others run when something is left (C129). So no two bottom halves ever run at
 * the same time on a CPU, items of one pool run in the order of queueing (C127), highpri
 * goes first in every round, and a flood of highpri items does not starve the normal
 * ones: those get their share of each round, as in the kernel.
 *
 * While its worker is not idle, a pool counts as one where somebody looks
 * (KICK_LOOKING, see pool_kick_state(); the worker stays in nr_waking): submitters wake nobody. The
 * worker goes idle under the pool lock and the thread then looks at the inbox once more,
 * as every worker does (pool.c).
 *
 * The thread is made by the manager when the first item needs it, and replaced if a
 * function ends it (U13).
 *
 * When a CPU goes, its pools become guests of another one: that CPU's thread serves them
 * too, in its own rounds, until the CPU is back (C131).
 *
 * Locks: a pool lock at a time. Nobody waits here for anybody but in
 * workqueue_softirq_dead().
 *
 * Differs from Linux: the thread is preempted like any other, it only asks for the best
 * nice value. preempt_disable() and local_bh_disable() keep no bottom half off a CPU.
 */
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/llist.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <pthread.h>

#include "kernel-compat/printk_internal.h"
#include "kernel-compat/test_points.h"
#include "workqueue/backoff.h"
#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

#define BH_ROUND_ITEMS	10
#define BH_ROUND_NS	(2 * 1000 * 1000ULL)

/* Values of bh_cpu->raised. */
enum bh_raised {
	BH_NO_THREAD,	/* the first who raises it asks for a thread */
	BH_AWAKE,	/* the thread looks; it will look again if this changes */
	BH_RAISED,	/* somebody has called since the thread began to look */
	BH_ASLEEP,
};

struct bh_cpu {
	u32		 raised __aligned(64);	/* A: enum bh_raised, futex word */
	int		 cpu;		/* I */
	int		 server;	/* A: CPU whose thread serves these pools */
	u32		 busy;		/* A: a thread is serving them */
	int		 nr_guests;	/* A: other CPUs that this one serves */
	bool		 alive;		/* A: the thread exists or is being made */
	bool		 more;		/* S: the round left something */
	struct worker	 *workers[NR_STD_WORKER_POOLS]; /* I */
	struct llist_node want_node;	/* A: on the manager's list while want_listed */
	int		 want_listed;	/* A */
};

static struct bh_cpu bh_cpus[NR_CPUS];
static LLIST_HEAD(wanted);		/* A: CPUs that need a thread */
static u64 create_after;		/* manager thread: ns, pause after a failure */
static __thread struct bh_cpu *this_bh;	/* the CPU whose thread this is */

/* ---- calling the thread ---- */

static void want_thread(struct bh_cpu *bh)
{
	if (!__atomic_exchange_n(&bh->want_listed, 1, __ATOMIC_ACQ_REL))
		llist_add(&bh->want_node, &wanted);
	manager_call();
}

static void raise_cpu(struct bh_cpu *bh)
{
	switch (__atomic_exchange_n(&bh->raised, BH_RAISED, __ATOMIC_SEQ_CST)) {
	case BH_NO_THREAD:
		want_thread(bh);
		break;
	case BH_ASLEEP:
		futex_wake(&bh->raised, 1);
		break;
	}
}

/*
 * A worker of @pool was called. RAISE/1: its wake word was set, then the server of the
 * pool is read. RAISE/2 in serve_from(): the server is stored, then that one is raised
 * and reads the wake word. Forbids: we raise the old server AND the new one sees nothing.
 * Test: bh_items_of_a_dead_cpu_run_elsewhere.c
 */
void bh_raise(struct worker_pool *pool)
{
	int server = __atomic_load_n(&bh_cpus[pool->cpu].server, __ATOMIC_SEQ_CST);

	raise_cpu(&bh_cpus[server]);
}

/* Is this the thread that everything in @pool waits for? */
bool bh_serves(const struct worker_pool *pool)
{
	return this_bh && (pool_flags(pool) & POOL_BH) &&
	       __atomic_load_n(&bh_cpus[pool->cpu].server, __ATOMIC_RELAXED) == this_bh->cpu;
}

/* ---- one round ---- */

/* Nothing is left in the pool: the worker waits for the next call. Drops the lock. */
static void rest(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	pool->nr_waking--;
	worker_set_flag(worker, WORKER_IDLE);
	pool->nr_idle++;
	list_add(&worker->node, &pool->idle_list);
	__atomic_store_n(&worker->wake, WAKE_BH, __ATOMIC_RELEASE);
	pool_update_kick(pool);
	pool_unlock(pool);
	pool_look_again(pool, false);
}

/* Run one item. Pool lock held, dropped and taken again. */
static void run_taken(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct completion *flushed;

	pool_unlock(pool);
	worker_call(worker);
	/* the function has forked, and this is the child: another thread has our place */
	if (unlikely(this_worker != worker))
		fork_end_child();
	pool_lock(pool);
	flushed = worker_finish(worker);
	if (unlikely(flushed)) {
		pool_unlock(pool);
		complete(flushed);
		pool_lock(pool);
	}
}

static bool is_server(const struct bh_cpu *bh, const struct bh_cpu *of)
{
	return __atomic_load_n(&of->server, __ATOMIC_SEQ_CST) == bh->cpu;
}

/*
 * A round of one pool of @of, as far as the budget goes and while it is ours to serve.
 * True: something is left.
 */
static bool run_round(struct bh_cpu *bh, struct bh_cpu *of, struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	u64 now = ktime_get_ns(), end = now + BH_ROUND_NS;
	int left = BH_ROUND_ITEMS;
	bool more = true;

	this_worker = worker;
	run_clock_set(now);
	__atomic_store_n(&worker->task, current, __ATOMIC_RELEASE);
	pool_lock(pool);
	/* the thread has served others meanwhile */
	worker_clock_start(worker);
	do {
		more = worker_take(worker);
		if (!more)
			break;
		run_taken(worker);
	} while (--left && ktime_get_ns() < end && is_server(bh, of));
	this_worker = NULL;
	worker_clock_stop(worker);
	__atomic_store_n(&worker->task, NULL, __ATOMIC_RELEASE);
	if (more)
		pool_unlock(pool);
	else
		rest(worker);
	return more;
}

/* Serve one pool of @of, if it was called and nobody else does it. */
static void serve(struct bh_cpu *bh, struct bh_cpu *of, bool highpri)
{
	struct worker *worker = of->workers[highpri];

	if (__atomic_load_n(&worker->wake, __ATOMIC_ACQUIRE) == WAKE_BH)
		return;
	/* who has it sees that the server changed, and raises the new one */
	if (__atomic_exchange_n(&of->busy, 1, __ATOMIC_SEQ_CST))
		return;
	if (is_server(bh, of) && run_round(bh, of, worker))
		bh->more = true;
	__atomic_store_n(&of->busy, 0, __ATOMIC_SEQ_CST);
	if (unlikely(!is_server(bh, of)))
		raise_cpu(&bh_cpus[__atomic_load_n(&of->server, __ATOMIC_SEQ_CST)]);
}

/**
 * workqueue_softirq_action - a round of bottom halves of one priority
 * @highpri: the pool of WQ_HIGHPRI, else the normal one
 *
 * Runs what waits in that pool of this CPU, 10 items or 2 ms of them. The library calls
 * it; nobody else needs to.
 *
 * Context: the bottom-half thread of a CPU, outside an item; elsewhere it is refused
 * with a warning.
 */
void workqueue_softirq_action(bool highpri)
{
	struct bh_cpu *bh = this_bh;
	int cpu;

	if (WARN_ONCE(!bh || this_worker,
		      "workqueue: workqueue_softirq_action() outside the bottom-half thread; refused\n"))
		return;
	serve(bh, bh, highpri);
	if (likely(!__atomic_load_n(&bh->nr_guests, __ATOMIC_ACQUIRE)))
		return;
	for_each_possible_cpu(cpu)
		if (cpu != bh->cpu && is_server(bh, &bh_cpus[cpu]))
			serve(bh, &bh_cpus[cpu], highpri);
}
EXPORT_SYMBOL_GPL(workqueue_softirq_action);

/* ---- the thread ---- */

/* Nothing waits: sleep until raised. */
static void await_raise(struct bh_cpu *bh)
{
	u32 awake = BH_AWAKE;

	/* a line that a function did not end shall not wait for the next one */
	log_flush_current();
	if (!__atomic_compare_exchange_n(&bh->raised, &awake, BH_ASLEEP, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_ACQUIRE))
		return;
	while (__atomic_load_n(&bh->raised, __ATOMIC_ACQUIRE) == BH_ASLEEP)
		futex_wait(&bh->raised, BH_ASLEEP, NULL);
}

/* workqueue_shutdown() runs, and nobody has called since the last round. */
static bool may_leave(struct bh_cpu *bh)
{
	u32 awake = BH_AWAKE;

	return wq_stopping() &&
	       __atomic_compare_exchange_n(&bh->raised, &awake, BH_NO_THREAD, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
}

static void bh_loop(struct bh_cpu *bh)
{
	for (;;) {
		__atomic_exchange_n(&bh->raised, BH_AWAKE, __ATOMIC_SEQ_CST);
		bh->more = false;
		workqueue_softirq_action(true);
		workqueue_softirq_action(false);
		if (bh->more)
			sched_yield();
		else if (may_leave(bh))
			return;
		else
			await_raise(bh);
	}
}

/* A function ended the thread (U13): its run is over, and a new thread goes on. */
static void abandon(struct bh_cpu *bh)
{
	struct worker *worker = this_worker;
	struct bh_cpu *of = &bh_cpus[worker->pool->cpu];
	struct completion *flushed;

	this_worker = NULL;
	WARN(1, "workqueue: function %ps ended the bottom-half thread of CPU %d\n",
	     (void *)worker->current_func, bh->cpu);
	pool_lock(worker->pool);
	flushed = worker_finish(worker);
	__atomic_store_n(&worker->task, NULL, __ATOMIC_RELEASE);
	pool_unlock(worker->pool);
	if (flushed)
		complete(flushed);
	__atomic_store_n(&of->busy, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&bh->raised, BH_RAISED, __ATOMIC_SEQ_CST);
}

static void bh_gone(void *arg)
{
	struct bh_cpu *bh = arg;

	bool ended_by_function = this_worker;

	if (!this_bh)
		fork_end_child();
	this_bh = NULL;
	if (ended_by_function)
		abandon(bh);
	TEST_POINT("bh_thread_leaves");
	__atomic_store_n(&bh->alive, false, __ATOMIC_RELEASE);
	if (ended_by_function)
		want_thread(bh);
}

static void bh_main(void *arg)
{
	struct bh_cpu *bh = arg;

	this_bh = bh;
	uwq_context_enter_softirq();
	pthread_cleanup_push(bh_gone, bh);
	bh_loop(bh);
	pthread_cleanup_pop(1);
	uwq_context_leave_softirq();
}

/* ---- for the manager ---- */

static bool start_thread(struct bh_cpu *bh)
{
	struct task_struct *task;
	char name[TASK_COMM_LEN];

	snprintf(name, sizeof(name), "ksoftirqd/%d", bh->cpu);
	__atomic_store_n(&bh->alive, true, __ATOMIC_RELEASE);
	task = uwq_thread_start(NULL, name, bh_main, bh, HIGHPRI_NICE_LEVEL, NULL, bh->cpu);
	if (!IS_ERR(task)) {
		put_task_struct(task);
		return true;
	}
	__atomic_store_n(&bh->alive, false, __ATOMIC_RELEASE);
	manager_tell_failure(bh->workers[0]->pool, PTR_ERR(task));
	return false;
}

/*
 * Make the threads that are asked for. Manager thread. Returns the time until which the
 * manager may sleep because of a pause after a failure; 0 = none.
 */
u64 bh_start_threads(void)
{
	struct llist_node *list;
	struct bh_cpu *bh, *next;

	if (llist_empty(&wanted))
		return 0;
	if (create_after > ktime_get_ns())
		return create_after;
	list = llist_del_all(&wanted);
	llist_for_each_entry_safe(bh, next, list, want_node) {
		/* a request from here on lists the CPU again */
		__atomic_store_n(&bh->want_listed, 0, __ATOMIC_RELEASE);
		if (start_thread(bh))
			continue;
		create_after = ktime_get_ns() + READ_ONCE(wq_params.create_retry_ms) * 1000000ULL;
		want_thread(bh);
	}
	return llist_empty(&wanted) ? 0 : create_after;
}

/*
 * For workqueue_shutdown(): let the thread of the CPU leave. True: it has left. Nobody else
 * calls it meanwhile, so awake it finds out by itself; and on its last steps it must not be
 * called, for who finds no thread there asks for another.
 */
bool bh_is_deserted(int cpu)
{
	struct bh_cpu *bh = &bh_cpus[cpu];
	u32 asleep = BH_ASLEEP;

	if (!__atomic_load_n(&bh->alive, __ATOMIC_ACQUIRE))
		return true;
	if (__atomic_compare_exchange_n(&bh->raised, &asleep, BH_RAISED, false, __ATOMIC_SEQ_CST,
					__ATOMIC_ACQUIRE))
		futex_wake(&bh->raised, 1);
	return false;
}

/* ---- CPUs that come and go ---- */

/* The pools of @of are served by the thread of CPU @server from now on. */
static void serve_from(struct bh_cpu *of, int server)
{
	int old = __atomic_load_n(&of->server, __ATOMIC_RELAXED);

	if (old == server)
		return;
	if (server != of->cpu)
		__atomic_fetch_add(&bh_cpus[server].nr_guests, 1, __ATOMIC_SEQ_CST);
	/* RAISE/2: see bh_raise() */
	__atomic_store_n(&of->server, server, __ATOMIC_SEQ_CST);
	if (old != of->cpu)
		__atomic_fetch_sub(&bh_cpus[old].nr_guests, 1, __ATOMIC_SEQ_CST);
	raise_cpu(&bh_cpus[server]);
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

static bool is_idle(struct worker_pool *pool)
{
	bool idle;

	pool_lock(pool);
	idle = pool->nr_idle == pool->nr_workers && !pool_has_work(pool);
	pool_unlock(pool);
	return idle;
}

/* Everything that was queued on @wq for @cpu before has run. */
static void run_all(int cpu, struct workqueue_struct *wq)
{
	struct work_struct last;

	/* no thread is made for nothing: it may not be possible to make one */
	if (is_idle(bh_pool_of_cpu(cpu, wq == system_bh_highpri_wq)))
		return;
	INIT_WORK_ONSTACK(&last, nothing);
	queue_work_on(cpu, wq, &last);
	flush_work(&last);
	destroy_work_on_stack(&last);
}

/**
 * workqueue_softirq_dead - a CPU is gone; run what its bottom halves still have to do
 * @cpu: it
 *
 * The CPU that the caller is on runs it among its own, and also what is queued for
 * @cpu later, until that comes back.
 *
 * Context: May sleep; one caller at a time, as for every change of CPUs.
 */
void workqueue_softirq_dead(unsigned int cpu)
{
	int here = raw_smp_processor_id();

	if (here == (int)cpu)
		here = cpumask_any_but(cpu_online_mask, cpu);
	if (WARN_ONCE(cpu >= nr_cpu_ids || here >= (int)nr_cpu_ids,
		      "workqueue: workqueue_softirq_dead(): no CPU %u, or no other\n", cpu))
		return;
	serve_from(&bh_cpus[cpu], here);
	run_all(cpu, system_bh_highpri_wq);
	run_all(cpu, system_bh_wq);
}
EXPORT_SYMBOL_GPL(workqueue_softirq_dead);

/* The CPU is back: its bottom halves run there again. One caller at a time. */
void bh_cpu_online(int cpu)
{
	serve_from(&bh_cpus[cpu], cpu);
}

/* ---- start-up ---- */

/* The only worker of a pool in which nothing runs. */
static void take_place(struct worker *worker, struct worker_pool *pool)
{
	worker->flags = WORKER_IDLE;
	worker->wake = WAKE_BH;
	__atomic_store_n(&worker->pool, pool, __ATOMIC_RELEASE);
	list_add(&worker->node, &pool->idle_list);
	list_add(&worker->pool_node, &pool->workers);
	pool->nr_workers = 1;
	pool->nr_idle = 1;
}

/* The worker of a new pool. False: no memory. */
static bool init_worker(struct bh_cpu *bh, struct worker_pool *pool, bool highpri)
{
	struct worker *worker = worker_new();

	if (!worker)
		return false;
	bh->workers[highpri] = worker;
	take_place(worker, pool);
	return true;
}

/* The bottom-half pools of @cpu exist. A CPU that is not there is served by another. */
bool bh_init_cpu(int cpu)
{
	struct bh_cpu *bh = &bh_cpus[cpu];

	bh->cpu = cpu;
	bh->server = cpu;
	if (!cpu_online(cpu)) {
		bh->server = cpumask_first(cpu_online_mask);
		bh_cpus[bh->server].nr_guests++;
	}
	return init_worker(bh, bh_pool_of_cpu(cpu, false), false) &&
	       init_worker(bh, bh_pool_of_cpu(cpu, true), true);
}

/* ---- fork ---- */

static void forget_thread(struct bh_cpu *bh)
{
	int hi;

	bh->raised = BH_NO_THREAD;
	bh->busy = 0;
	bh->alive = false;
	bh->more = false;
	bh->want_listed = 0;
	bh->nr_guests = 0;
	for (hi = 0; hi < NR_STD_WORKER_POOLS; hi++)
		take_place(bh->workers[hi], bh_pool_of_cpu(bh->cpu, hi));
}

/* In the child: no thread serves anything. The pools and their workers are empty. */
void bh_fork_child(void)
{
	int cpu;

	this_bh = NULL;
	create_after = 0;
	init_llist_head(&wanted);
	for_each_possible_cpu(cpu)
		forget_thread(&bh_cpus[cpu]);
	for_each_possible_cpu(cpu)
		if (bh_cpus[cpu].server != cpu)
			bh_cpus[bh_cpus[cpu].server].nr_guests++;
}

// SPDX-License-Identifier: MIT
/*
 * manage.c - the manager thread, which makes workers
 *
 * Queueing must not create threads: it allocates nothing and may happen under any
 * lock. So a pool that needs a worker asks the manager. A creation that fails is
 * logged once, and tried again after a pause while it is still needed; meanwhile
 * the existing workers go on and nothing is lost (C107, U6). For the same reason a worker
 * counts as running, and others rely on it, only from the moment at which its thread exists:
 * a creation may take for ever.
 *
 * The same thread stands in for the sampler (sampler.c) if that cannot be started. And
 * when the replaced pwq of an ordered queue has become empty, it lets the
 * next one start (attrs.c). Whoever notices holds a pool lock and may not.
 *
 * It is the witness of what CPUs the process may use (kernel-compat/cpu_allowed.c), and
 * now and then looks itself whether they have changed, but is never woken for that.
 *
 * The first use of the library starts the manager; if that fails, the next one
 * tries again.
 *
 * Locks: start_lock, innermost and short; a pool lock at a time.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "kernel-compat/cpu_internal.h"
#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/pod.h"
#include "workqueue/workqueue_internal.h"

#define CPU_LOOK_NS		(1000 * 1000 * 1000ULL)
#define START_RETRY_NS		(1000 * 1000 * 1000ULL)

u32 manager_runs;		/* A: the thread exists; set under start_lock */
static int tid;			/* A: of the latest one */

static u32 manager_word;	/* A: futex word, counts calls */
static LLIST_HEAD(requests);	/* A: pools with create != CREATE_NONE */
static LLIST_HEAD(emptied);	/* A: retired pwqs that have become empty */

static struct futex_lock start_lock = FUTEX_LOCK_INIT;
static u64 start_after;		/* start_lock: ns, pause after a failure */
static bool creation_failure_told; /* A */
static bool start_failure_told;	/* A */

/* ---- calls from other threads ---- */

void manager_call(void)
{
	__atomic_fetch_add(&manager_word, 1, __ATOMIC_SEQ_CST);
	futex_wake(&manager_word, 1);
}

/* Ask for one more worker of @pool, which is no bottom-half pool. Pool lock held. */
void manager_request(struct worker_pool *pool, enum create_state what)
{
	assert_pool_locked(pool);
	if (pool->create >= what || wq_exiting())
		return;
	pool->create = what;
	/* the manager may be held up at another pool */
	if (what == CREATE_NEEDED)
		sampler_expect_worker();
	if (!__atomic_exchange_n(&pool->create_listed, 1, __ATOMIC_ACQ_REL))
		llist_add(&pool->create_node, &requests);
	manager_call();
}

/* The thread that makes workers, for those who show what goes on. */
int manager_tid(void)
{
	return __atomic_load_n(&tid, __ATOMIC_RELAXED);
}

/* A retired pwq became empty: the next one of its queue may start. Pool lock held. */
void manager_unplug(struct pool_workqueue *pwq)
{
	if (__atomic_exchange_n(&pwq->unplug_listed, 1, __ATOMIC_ACQ_REL))
		return;
	llist_add(&pwq->unplug_node, &emptied);
	manager_call();
}

/* ---- making workers ---- */

/* C107: one line for each process. */
void manager_tell_failure(struct worker_pool *pool, long err)
{
	if (!__atomic_exchange_n(&creation_failure_told, true, __ATOMIC_RELAXED))
		pr_err("workqueue: cannot create a worker for pool %d (error %ld), trying again every %u ms\n",
		       pool->id, err, READ_ONCE(wq_params.create_retry_ms));
}

static int take_name_id(struct worker_pool *pool)
{
	unsigned long id = find_first_zero_bit(pool->name_ids, WORKER_NAME_IDS);

	assert_pool_locked(pool);
	if (id < WORKER_NAME_IDS)
		__set_bit(id, pool->name_ids);
	return (int)id;
}

/* Its whole name; the system shows 15 characters of it. */
void worker_name(const struct worker *worker, char *name, size_t size)
{
	struct worker_pool *pool = worker->pool;
	int id = worker->name_id < WORKER_NAME_IDS ? worker->name_id : (int)worker->id;
	const char *high;

	/* a rescuer's pool may be becoming another one at this moment */
	if (worker->rescue_wq) {
		snprintf(name, size, "kworker/R-%s", worker->rescue_wq->name);
		return;
	}
	high = pool->nice < 0 ? "H" : "";
	if (pool->cpu >= 0)
		snprintf(name, size, "kworker/%d:%d%s", pool->cpu, id, high);
	else
		snprintf(name, size, "kworker/u%d:%d%s", pool->id, id, high);
}

static struct task_struct *start_thread(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	char name[TASK_COMM_LEN];

	worker_name(worker, name, sizeof(name));
	/* it is on its CPU while that is online, and anywhere meanwhile */
	return uwq_thread_start(NULL, name, worker_main, worker, pool->nice,
				pool_start_cpus(pool), pool->cpu);
}

/* It belongs to the pool, but nobody relies on it: its creation may fail, or last for ever. */
static void pool_expect_worker(struct worker_pool *pool, struct worker *worker)
{
	pool->nr_workers++;
	pool->creating = true;
	worker->flags = WORKER_NEW;
	worker->name_id = take_name_id(pool);
	list_add_tail(&worker->pool_node, &pool->workers);
}

static void pool_expect_no_worker(struct worker_pool *pool, struct worker *worker)
{
	pool->nr_workers--;
	pool->creating = false;
	list_del_init(&worker->pool_node);
	if (worker->name_id < WORKER_NAME_IDS)
		__clear_bit(worker->name_id, pool->name_ids);
}

/* The thread of the new worker exists: it counts as running. Pool lock held. */
void worker_made(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	pool->creating = false;
	pool->nr_created++;
	worker_clear_flag(worker, WORKER_NEW);
}

static void creation_succeeded(struct worker_pool *pool, struct worker *worker)
{
	pool_lock(pool);
	/* if it has arrived already, it may even be gone */
	if (pool->creating) {
		worker_made(worker);
		pool->nr_waking++;
		pool_update_kick(pool);
	}
	pool_unlock(pool);
}

/* The creation failed: wake an idle worker instead if there is one by now, or ask again. */
static void creation_failed(struct worker_pool *pool, struct worker *worker, long err)
{
	struct worker *other = NULL;

	manager_tell_failure(pool, err);
	pool->create_after = ktime_get_ns() + READ_ONCE(wq_params.create_retry_ms) * 1000000ULL;
	pool_lock(pool);
	if (worker)
		pool_expect_no_worker(pool, worker);
	pool->create = CREATE_NONE;
	pool_update_kick(pool);
	other = pool_more_work(pool);
	pool_unlock(pool);
	worker_wake_up(other);
	pool_look_again(pool, true);
	monitor_start();
	if (worker)
		worker_recycle(worker);
}

static void create_worker(struct worker_pool *pool)
{
	struct worker *worker;
	struct task_struct *task;

	worker = worker_new();
	TEST_POINT("request_taken");
	if (!worker) {
		creation_failed(pool, NULL, -ENOMEM);
		return;
	}
	worker_set_pool(worker, pool);
	pool_lock(pool);
	if (pool->create == CREATE_NONE) {
		pool_unlock(pool);
		worker_recycle(worker);
		return;
	}
	pool->create = CREATE_NONE;
	pool_expect_worker(pool, worker);
	pool_update_kick(pool);
	pool_unlock(pool);

	TEST_POINT("creating_worker");
	task = start_thread(worker);
	if (IS_ERR(task)) {
		creation_failed(pool, worker, PTR_ERR(task));
		return;
	}
	put_task_struct(task);
	creation_succeeded(pool, worker);
}

/*
 * Serve the pools that ask. Returns the time until which the manager may sleep
 * because of a pool in its pause; 0 = none.
 */
static u64 serve_requests(void)
{
	struct llist_node *list = llist_del_all(&requests);
	struct worker_pool *pool, *next;
	u64 until = 0;

	llist_for_each_entry_safe(pool, next, list, create_node) {
		if (pool->create_after > ktime_get_ns()) {
			llist_add(&pool->create_node, &requests);
			if (!until || pool->create_after < until)
				until = pool->create_after;
			continue;
		}
		/* a request from here on lists the pool again */
		__atomic_store_n(&pool->create_listed, 0, __ATOMIC_RELEASE);
		create_worker(pool);
		/* a failed one that asked again is found by the next round */
	}
	return until;
}

/* ---- ordered queues ---- */

/* Is @wq alive? wq_pool_mutex held. The pointer may be stale. */
static bool wq_exists(const struct workqueue_struct *wq)
{
	struct workqueue_struct *each;

	list_for_each_entry(each, &workqueues, list)
		if (each == wq)
			return true;
	return false;
}

static void serve_emptied(void)
{
	struct llist_node *list = llist_del_all(&emptied);
	struct pool_workqueue *pwq, *next;

	llist_for_each_entry_safe(pwq, next, list, unplug_node) {
		struct workqueue_struct *wq;

		__atomic_store_n(&pwq->unplug_listed, 0, __ATOMIC_RELEASE);
		mutex_lock(&wq_pool_mutex);
		wq = pwq_wq(pwq);
		if (wq_exists(wq)) {
			mutex_lock(&wq->mutex);
			wq_unplug_oldest(wq);
			mutex_unlock(&wq->mutex);
		}
		mutex_unlock(&wq_pool_mutex);
	}
}

/* ---- the thread ---- */

/* The earlier of two times; 0 = never. */
static u64 earlier(u64 a, u64 b)
{
	return a && (!b || a < b) ? a : b;
}

static void sleep_until(u32 seen, u64 ns)
{
	struct timespec deadline = {
		.tv_sec = ns / 1000000000ULL,
		.tv_nsec = ns % 1000000000ULL,
	};

	futex_wait(&manager_word, seen, ns ? &deadline : NULL);
}

static void manager_main(void *arg)
{
	u64 look = 0;		/* time of the next look in the sampler's place; 0 = none */
	u64 look_at_cpus = 0;	/* when to look at the process's CPUs again, if awake */
	u32 generation = uwq_fork_generation;

	(void)arg;
	__atomic_store_n(&tid, task_pid_nr(current), __ATOMIC_RELAXED);
	cpu_witness_set(true);
	wq_need_topology();
	while (!wq_stopping()) {
		u32 seen = __atomic_load_n(&manager_word, __ATOMIC_ACQUIRE);
		u64 until = earlier(serve_requests(), bh_start_threads());

		until = earlier(until, earlier(rescuers_restart(), watchdog_nap()));
		serve_emptied();
		if (ktime_get_ns() >= look_at_cpus || cpu_look_wanted()) {
			hotplug_look();
			look_at_cpus = ktime_get_ns() + CPU_LOOK_NS;
		}
		look = sampler_stand_in(look);
		/* the log's sink has forked, and this is the child */
		if (unlikely(uwq_fork_generation != generation))
			fork_end_child();
		sleep_until(seen, earlier(look, until));
	}
	cpu_witness_set(false);
	/* under the lock: whoever started us says so before we say that we are gone */
	futex_lock(&start_lock);
	__atomic_store_n(&manager_runs, 0, __ATOMIC_RELEASE);
	futex_unlock(&start_lock);
}

/* U6: one line for each process. No lock held, because the log may queue work. */
static void tell_start_failure(long err)
{
	if (err && !__atomic_exchange_n(&start_failure_told, true, __ATOMIC_RELAXED))
		pr_err("workqueue: cannot create the manager thread (error %ld), so no item starts; who queues or waits tries again every %llu ms\n",
		       err, START_RETRY_NS / 1000000);
}

/* Any number at once start one. False: it could not be made now. */
static bool start(bool pause)
{
	struct task_struct *task;
	bool running;
	long err = 0;

	futex_lock(&start_lock);
	running = manager_runs;
	if (!running && !wq_stopping() && !wq_exiting() &&
	    (!pause || ktime_get_ns() >= start_after)) {
		task = uwq_thread_start(NULL, "kworker/manager", manager_main, NULL, 0, NULL, -1);
		if (IS_ERR(task)) {
			start_after = ktime_get_ns() + START_RETRY_NS;
			err = PTR_ERR(task);
		} else {
			put_task_struct(task);
			__atomic_store_n(&manager_runs, 1, __ATOMIC_RELEASE);
			running = true;
			wq_register_exit();
		}
	}
	futex_unlock(&start_lock);
	tell_start_failure(err);
	return running;
}

/*
 * Start the manager unless it runs. Any thread may call it at any time. False: it could
 * not be made now; the sampler, if there is one, tries again while items wait.
 */
bool manager_start(void)
{
	if (likely(manager_running()) || start(true))
		return true;
	monitor_start();
	return false;
}

/* For the sampler, which comes again. */
bool manager_try_start(void)
{
	return start(true);
}

/* For a caller who reports the failure: without a pause after an earlier one. */
bool manager_start_now(void)
{
	return likely(manager_running()) || start(false);
}

/* For workqueue_shutdown(): the manager leaves; returns when it is gone. */
void manager_stop(void)
{
	while (manager_running()) {
		manager_call();
		schedule_timeout_uninterruptible(1);
	}
}

/* The manager stayed in the parent; the first use starts one. */
void manager_fork(enum fork_step step)
{
	if (step == FORK_CHILD) {
		init_llist_head(&requests);
		init_llist_head(&emptied);
		start_after = 0;
		__atomic_store_n(&manager_runs, 0, __ATOMIC_RELAXED);
	}
	fork_step_lock(&start_lock, step);
}

// SPDX-License-Identifier: MIT
/*
 * rescuer.c - progress when no worker can be made
 *
 * A queue with WQ_MEM_RECLAIM owns one thread, its rescuer, made with the queue, so that
 * asking for help needs nothing new (U7). While a pool waits for a worker whose creation
 * takes too long or fails, the sampler calls the rescuers of all queues that have items
 * waiting there: after 10 ms, then every 100 ms (C110). A rescuer joins the pool as a
 * worker that is not counted, takes the calling pwq's items one at a time, at most 16
 * before it looks after other pwqs of its queue, and leaves when the pool can help itself
 * (C111, C112). Nothing is ever private to it but the item that it runs and what must
 * follow that item.
 *
 * A rescuer is stopped after its queue was drained and before destroy_workqueue() looks
 * whether the queue is idle (B21). One whose thread a function has ended (U13) is made
 * again by the manager.
 *
 * Locks: mayday_lock, innermost, protects the lists of calling pwqs; a pwq is called
 * for under its pool's lock. wq_pool_mutex: which thread a rescuer has.
 *
 * Differs from Linux: the need for help is the refusal of pthread_create(), and is looked
 * for by the sampler instead of a timer. Items of the calling pwq are brought to the front
 * of the pool's list, where Linux moves a marker through the list.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <pthread.h>

#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

#define MS			(1000 * 1000ULL)
#define FIRST_CALL_NS		(10 * MS)
#define NEXT_CALL_NS		(100 * MS)
#define RESCUER_BATCH		16

struct rescuer {
	struct workqueue_struct *wq;	/* I */
	struct worker	 *worker;	/* I */
	struct task_struct *task;	/* M: its thread; NULL = it shall have none */
	struct list_head maydays;	/* mayday_lock: pwqs that call, oldest first */
	u32		 word;		/* A: futex word, counts calls */
	u32		 stop;		/* A: the thread shall end */
	u32		 lost;		/* A: it has ended without being asked */
	struct pool_workqueue *at;	/* the thread: being served */
	bool		 over;		/* the thread: leaving at its own wish */
};

static struct futex_lock mayday_lock = FUTEX_LOCK_INIT;
static u32 some_are_lost;	/* A: for rescuers_restart() */
static u64 restart_after;	/* manager thread: ns, pause after a failure */

/**
 * current_is_workqueue_rescuer - is this thread the rescuer of some queue?
 *
 * Context: Any.
 * Return: true only there, also between items.
 */
bool current_is_workqueue_rescuer(void)
{
	return this_worker && this_worker->rescue_wq;
}
EXPORT_SYMBOL_GPL(current_is_workqueue_rescuer);

/* ---- calling ---- */

/*
 * Items of this pool can only start on a worker that is not there yet and that the
 * manager has been asked for. Pool lock held.
 */
bool pool_needs_help(const struct worker_pool *pool)
{
	assert_pool_locked(pool);
	return pool_kick_state(pool) == KICK_CREATING;
}

static void rescuer_call(struct rescuer *rescuer)
{
	__atomic_fetch_add(&rescuer->word, 1, __ATOMIC_RELEASE);
	futex_wake(&rescuer->word, 1);
}

/*
 * Behind the calls of others, also if it has called already. Pool lock held; an item of the
 * queue waits there, so the rescuer exists.
 */
static void send_mayday(struct pool_workqueue *pwq, struct rescuer *rescuer)
{
	futex_lock(&mayday_lock);
	list_move_tail(&pwq->mayday_node, &rescuer->maydays);
	futex_unlock(&mayday_lock);
	pwq->mayday = true;
	rescuer_call(rescuer);
}

/* Call the rescuers of all queues that have items waiting. Pool lock held. */
static void call_rescuers(struct worker_pool *pool)
{
	struct work_struct *work;

	pool_drain_inbox(pool);
	list_for_each_entry(work, &pool->worklist, entry) {
		struct pool_workqueue *pwq = work_data_pwq(work_data(work));

		if (!pwq->wq->rescuer || pwq->mayday)
			continue;
		pwq->nr_mayday++;
		send_mayday(pwq, pwq->wq->rescuer);
	}
}

static void look_at_pool(struct worker_pool *pool, struct monitor_look *look)
{
	u64 now = look->now;

	pool_lock(pool);
	if (!pool_needs_help(pool) || !pool_has_work(pool)) {
		pool->help_since = 0;
	} else if (!pool->help_since || pool->watched_created != pool->nr_created) {
		/* a creation that succeeds ends the waiting, whatever follows */
		look->changed = true;
		pool->help_since = now;
		pool->watched_created = pool->nr_created;
		pool->next_mayday = now + FIRST_CALL_NS;
	} else if (now >= pool->next_mayday) {
		pool->next_mayday = now + NEXT_CALL_NS;
		call_rescuers(pool);
	}
	if (pool->help_since)
		monitor_due(look, pool->next_mayday);
	pool_unlock(pool);
}

/* Part of the sampler's look: which pools wait for a creation that takes too long? */
void rescuer_look(struct monitor_look *look)
{
	int i;

	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);

		/* without the lock for the others */
		if (pool->help_since ||
		    __atomic_load_n(&pool->kick, __ATOMIC_RELAXED) == KICK_CREATING)
			look_at_pool(pool, look);
	}
}

/* ---- rescuing ---- */

static struct pool_workqueue *next_call(struct rescuer *rescuer)
{
	struct pool_workqueue *pwq;

	futex_lock(&mayday_lock);
	pwq = list_first_entry_or_null(&rescuer->maydays, struct pool_workqueue, mayday_node);
	if (pwq)
		list_del_init(&pwq->mayday_node);
	futex_unlock(&mayday_lock);
	return pwq;
}

/* Behind the last of those that hang on @work. */
static struct work_struct *after_linked(struct work_struct *work)
{
	while (work_data(work) & WORK_STRUCT_LINKED)
		work = list_next_entry(work, entry);
	return list_next_entry(work, entry);
}

/* Bring a batch of the pwq's items to the front, so that the list is searched once for all. */
static void gather(struct worker_pool *pool, const struct pool_workqueue *pwq)
{
	struct work_struct *work = list_first_entry(&pool->worklist, struct work_struct, entry);
	LIST_HEAD(found);
	int nr = 0;

	while (!list_entry_is_head(work, &pool->worklist, entry) && nr < RESCUER_BATCH) {
		struct work_struct *next = after_linked(work);

		if (work_data_pwq(work_data(work)) == pwq) {
			move_linked(work, &found);
			nr++;
		}
		work = next;
	}
	list_splice(&found, &pool->worklist);
}

static struct work_struct *first_of(struct worker_pool *pool, const struct pool_workqueue *pwq)
{
	struct work_struct *work = list_first_entry_or_null(&pool->worklist, struct work_struct,
							    entry);

	return work && work_data_pwq(work_data(work)) == pwq ? work : NULL;
}

/* The oldest waiting item of @pwq; NULL: none waits in the pool's list. Pool lock held. */
static struct work_struct *next_item(struct worker_pool *pool, const struct pool_workqueue *pwq)
{
	struct work_struct *work;

	pool_drain_inbox(pool);
	work = first_of(pool, pwq);
	if (work)
		return work;
	gather(pool, pwq);
	return first_of(pool, pwq);
}

/* One item at a time, so that a function that blocks keeps no other item (B25). */
static bool rescue_one(struct rescuer *rescuer)
{
	struct pool_workqueue *pwq = rescuer->at;
	struct work_struct *work;

	/* a worker that came back meanwhile may have taken what is next (C7) */
	pool_recall_batches(pwq->pool);
	/* asked before every item: the shortage may be over (B26) */
	if (wq_exiting() || !pool_needs_help(pwq->pool))
		return false;
	work = next_item(pwq->pool, pwq);
	if (!work)
		return false;
	if (worker_assign(rescuer->worker, work)) {
		pwq->nr_rescued++;
		worker_run_scheduled(rescuer->worker);
	}
	return true;
}

static void take_cpus_of(const struct worker_pool *pool)
{
	/* a CPU that is offline does no harm: anywhere then */
	task_bind(current, pool->cpu >= 0 ? cpumask_of(pool->cpu) : pool->cpumask);
}

/* Pool lock held. */
static void attach(struct rescuer *rescuer, struct pool_workqueue *pwq)
{
	struct worker *worker = rescuer->worker;

	rescuer->at = pwq;
	pwq->rescuing = true;
	list_add_tail(&worker->pool_node, &pwq->pool->workers);
}

/* Pool lock held. What was not started any more, because the process exits, stays queued. */
static void detach(struct rescuer *rescuer)
{
	struct worker *worker = rescuer->worker;

	list_splice_init(&worker->scheduled, &worker->pool->worklist);
	worker_clock_stop(worker);
	worker_keep_desc(worker);
	list_del_init(&worker->pool_node);
	rescuer->at->rescuing = false;
	rescuer->at = NULL;
}

static void rescue(struct rescuer *rescuer, struct pool_workqueue *pwq)
{
	struct worker_pool *pool = pwq->pool;
	int nr = 0;

	TEST_POINT("rescuer_called");
	worker_set_pool(rescuer->worker, pool);
	pool_lock(pool);
	pwq->mayday = false;
	if (!pool_needs_help(pool)) {
		pool_unlock_and_wake(pool);
		return;
	}
	attach(rescuer, pwq);
	pool_unlock(pool);
	take_cpus_of(pool);
	TEST_POINT("rescuer_attached");
	pool_lock(pool);
	while (nr < RESCUER_BATCH && rescue_one(rescuer))
		nr++;
	detach(rescuer);
	/*
	 * The others of the queue first, whenever they have called: this one calls after 100 ms
	 * as well while the rescuer is there. Not a call that is counted.
	 */
	if (nr == RESCUER_BATCH && pool_needs_help(pool) && first_of(pool, pwq))
		send_mayday(pwq, rescuer);
	pool_unlock_and_wake(pool);
	task_bind(current, cpu_possible_mask);
}

/* ---- the thread ---- */

/* Thread exit: at the rescuer's own wish, or because a function ended it (U13). */
static void rescuer_gone(void *arg)
{
	struct rescuer *rescuer = arg;
	struct worker *worker = rescuer->worker;
	struct completion *flushed;

	if (!this_worker)
		fork_end_child();
	this_worker = NULL;
	__atomic_store_n(&current->worker_private, NULL, __ATOMIC_RELEASE);
	if (rescuer->over)
		return;
	flushed = worker_give_up(worker);
	detach(rescuer);
	pool_unlock_and_wake(worker->pool);
	if (flushed)
		complete(flushed);
	__atomic_store_n(&rescuer->lost, 1, __ATOMIC_RELEASE);
	/* @rescuer may be another thread's from here on */
	__atomic_store_n(&some_are_lost, 1, __ATOMIC_RELEASE);
	manager_call();
}

static void rescuer_loop(struct rescuer *rescuer)
{
	while (!__atomic_load_n(&rescuer->stop, __ATOMIC_ACQUIRE)) {
		u32 seen = __atomic_load_n(&rescuer->word, __ATOMIC_ACQUIRE);
		struct pool_workqueue *pwq = next_call(rescuer);

		if (pwq)
			rescue(rescuer, pwq);
		else
			futex_wait(&rescuer->word, seen, NULL);
	}
	rescuer->over = true;
}

static void rescuer_main(void *arg)
{
	struct rescuer *rescuer = arg;

	this_worker = rescuer->worker;
	current->flags |= PF_WQ_WORKER;
	__atomic_store_n(&current->worker_private, rescuer->worker, __ATOMIC_RELEASE);
	__atomic_store_n(&rescuer->worker->task, current, __ATOMIC_RELEASE);
	pthread_cleanup_push(rescuer_gone, rescuer);
	rescuer_loop(rescuer);
	pthread_cleanup_pop(1);
}

/* False: no thread can be had. */
static bool start_thread(struct rescuer *rescuer)
{
	char name[WORKER_ID_LEN];
	struct task_struct *task;

	worker_name(rescuer->worker, name, sizeof(name));
	__atomic_store_n(&rescuer->lost, 0, __ATOMIC_RELAXED);
	rescuer->over = false;
	task = uwq_thread_start(NULL, name, rescuer_main, rescuer, MIN_NICE, NULL, -1);
	if (IS_ERR(task))
		return false;
	rescuer->task = task;
	return true;
}

/* ---- with the queue ---- */

/* Give @wq, which has its pwqs and no items yet, a rescuer. False: no memory or no thread. */
bool rescuer_create(struct workqueue_struct *wq)
{
	struct rescuer *rescuer = kzalloc(sizeof(*rescuer), GFP_KERNEL);
	struct pool_workqueue *pwq;

	if (!rescuer)
		return false;
	INIT_LIST_HEAD(&rescuer->maydays);
	rescuer->wq = wq;
	rescuer->worker = worker_new();
	if (!rescuer->worker)
		goto free_rescuer;
	rescuer->worker->flags = WORKER_RESCUER;
	rescuer->worker->name_id = WORKER_NAME_IDS;
	rescuer->worker->rescue_wq = wq;
	/* some pool, so that whoever asks in between finds one; the mask may be changed now */
	mutex_lock(&wq_pool_mutex);
	pwq = list_first_entry(&wq->pwqs, struct pool_workqueue, pwqs_node);
	worker_set_pool(rescuer->worker, pwq->pool);
	mutex_unlock(&wq_pool_mutex);
	if (!start_thread(rescuer))
		goto free_worker;
	mutex_lock(&wq_pool_mutex);
	wq->rescuer = rescuer;
	mutex_unlock(&wq_pool_mutex);
	return true;

free_worker:
	worker_recycle(rescuer->worker);
free_rescuer:
	kfree(rescuer);
	return false;
}

/* Nobody comes to these calls any more. */
static void forget_calls(struct rescuer *rescuer)
{
	struct pool_workqueue *pwq;

	while ((pwq = next_call(rescuer))) {
		pool_lock(pwq->pool);
		pwq->mayday = false;
		pool_unlock(pwq->pool);
	}
}

/* End the thread of @wq's rescuer, if it has one, and wait for it. Nothing of @wq runs. */
void rescuer_stop(struct workqueue_struct *wq)
{
	struct rescuer *rescuer = wq->rescuer;
	struct task_struct *task;

	if (!rescuer)
		return;
	mutex_lock(&wq_pool_mutex);
	__atomic_store_n(&rescuer->stop, 1, __ATOMIC_RELEASE);
	task = rescuer->task;
	rescuer->task = NULL;
	mutex_unlock(&wq_pool_mutex);
	if (task) {
		rescuer_call(rescuer);
		uwq_task_wait_exit(task);
		put_task_struct(task);
	}
	forget_calls(rescuer);
}

/* The thread is gone, or never was. */
void rescuer_free(struct workqueue_struct *wq)
{
	struct worker *worker;

	if (!wq->rescuer)
		return;
	worker = wq->rescuer->worker;
	/* whoever describes the worker asks for the queue's name under this lock */
	pool_lock(worker->pool);
	worker->rescue_wq = NULL;
	pool_unlock(worker->pool);
	worker_recycle(worker);
	kfree(wq->rescuer);
	wq->rescuer = NULL;
}

/* The thread of @wq's rescuer; 0: it has none at this moment. wq_pool_mutex held. */
int rescuer_tid(const struct workqueue_struct *wq)
{
	struct rescuer *rescuer = wq->rescuer;

	lockdep_assert_held(&wq_pool_mutex);
	return rescuer && rescuer->task ? task_pid_nr(rescuer->task) : 0;
}

/* ---- for all queues ---- */

/* For workqueue_shutdown(): no thread is left. The next use of the library makes new ones. */
void rescuers_stop_all(void)
{
	struct workqueue_struct *wq;

	list_for_each_entry(wq, &workqueues, list) {
		if (!wq->rescuer)
			continue;
		rescuer_stop(wq);
		__atomic_store_n(&wq->rescuer->stop, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&wq->rescuer->lost, 1, __ATOMIC_RELEASE);
		__atomic_store_n(&some_are_lost, 1, __ATOMIC_RELEASE);
	}
}

static void restart(struct rescuer *rescuer)
{
	struct task_struct *old = rescuer->task;

	if (start_thread(rescuer)) {
		if (old)
			put_task_struct(old);
		return;
	}
	pr_warn_once("workqueue: wq %s is without its rescuer, trying again every %u ms\n",
		     rescuer->wq->name, READ_ONCE(wq_params.create_retry_ms));
	__atomic_store_n(&rescuer->lost, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&some_are_lost, 1, __ATOMIC_RELEASE);
	restart_after = ktime_get_ns() + READ_ONCE(wq_params.create_retry_ms) * MS;
}

/* For the manager: make threads that are missing. Returns when to try again; 0 = no need. */
u64 rescuers_restart(void)
{
	struct workqueue_struct *wq;

	if (likely(!__atomic_load_n(&some_are_lost, __ATOMIC_ACQUIRE)))
		return 0;
	if (ktime_get_ns() >= restart_after) {
		mutex_lock(&wq_pool_mutex);
		__atomic_store_n(&some_are_lost, 0, __ATOMIC_RELEASE);
		list_for_each_entry(wq, &workqueues, list)
			if (wq->rescuer && __atomic_load_n(&wq->rescuer->lost, __ATOMIC_ACQUIRE) &&
			    !__atomic_load_n(&wq->rescuer->stop, __ATOMIC_ACQUIRE))
				restart(wq->rescuer);
		mutex_unlock(&wq_pool_mutex);
	}
	return __atomic_load_n(&some_are_lost, __ATOMIC_ACQUIRE) ? restart_after : 0;
}

/* ---- fork ---- */

/* Its thread stayed in the parent. One that was about to be stopped is wanted again. */
static void lose(struct rescuer *rescuer)
{
	INIT_LIST_HEAD(&rescuer->maydays);
	rescuer->at = NULL;
	rescuer->over = false;
	rescuer->stop = 0;
	rescuer->lost = 1;
	some_are_lost = 1;
}

/* The manager, when there is one again, makes the threads. */
void rescuers_fork(enum fork_step step)
{
	struct workqueue_struct *wq;

	if (step == FORK_CHILD) {
		restart_after = 0;
		list_for_each_entry(wq, &workqueues, list)
			if (wq->rescuer)
				lose(wq->rescuer);
	}
	fork_step_lock(&mayday_lock, step);
}

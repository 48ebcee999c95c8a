// SPDX-License-Identifier: MIT
/*
 * worker.c - the life of a worker thread
 *
 * One hold of the pool lock per item: finish the previous one, choose the next,
 * say what runs, clear PENDING, drop the lock, call. Where functions are short it does for
 * several items, see batch.c, and one that queues itself needs none, see requeue.c. Nothing
 * that waits is ever private to a worker, except items that must follow the one it runs: those
 * of a batch, and one that is kept, are anybody's who asks.
 *
 * A function may free its item, queue it again, or end its thread. After the call
 * only the worker's own fields are used.
 */
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/prefetch.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <pthread.h>

#include "kernel-compat/cpu_internal.h"
#include "kernel-compat/fork.h"
#include "kernel-compat/lock_order.h"
#include "kernel-compat/rcu_internal.h"
#include "workqueue/batch.h"
#include "workqueue/pwq.h"
#include "workqueue/requeue.h"
#include "workqueue/running.h"
#include "workqueue/trace.h"
#include "workqueue/workqueue_internal.h"

__thread struct worker *this_worker;
u64 run_clock __aligned(64);

/* ---- choosing the next item ---- */

/*
 * What the run needs to remember; the item itself may not outlive its function. @id: the worker
 * that others ask for it.
 */
static __always_inline void begin_as(struct worker *worker, struct worker_pool *pool,
				     struct work_struct *work, struct pool_workqueue *pwq,
				     int color, bool active, unsigned int id)
{
	worker->current_color = color;
	worker->current_active = active;
	if (unlikely(pwq != worker->current_pwq))
		worker_turn_to(worker, pwq);
	pwq->nr_started++;
	__atomic_store_n(&worker->last_func, worker->current_func, __ATOMIC_RELAXED);
	/* RUN/3: see running.c */
	__atomic_store_n(&worker->current_func, work->func, __ATOMIC_RELEASE);
	worker->run_since = run_clock_read();
	/* RUN/1: see running.c */
	__atomic_store_n(&worker->current_work, work, __ATOMIC_RELEASE);
	__atomic_store_n(&worker->nr_runs, worker->nr_runs + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&pool->nr_started, pool->nr_started + 1, __ATOMIC_RELAXED);
	if (unlikely(pwq->counted_out) && active) {
		/* in the pool of a CPU that is offline, where others may have some */
		batches_stop(pool);
		worker_set_flag(worker, WORKER_OUT);
	}
	TEST_POINT("worker_chose");
	TEST_POINT("worker_begin");
	work_release_pending(work, (unsigned long)id << WORK_LAST_SHIFT | pool->offq);
}

/* The item may still be running elsewhere, but not in this pool. */
static noinline void begin_rival(struct worker *worker, struct work_struct *work,
				 unsigned long data, struct pool_workqueue *pwq, int color,
				 bool active)
{
	struct worker_pool *pool = worker->pool;
	unsigned int last = work_data_last(data);
	bool many = !last_worker_is_in(last, pool) && running_outside_pool(work, last, pool);

	begin_as(worker, pool, work, pwq, color, active, many ? WORKER_ID_MANY : worker->id);
}

static __always_inline void worker_begin(struct worker *worker, struct worker_pool *pool,
					 struct work_struct *work, unsigned long data,
					 struct pool_workqueue *pwq, int color, bool active)
{
	if (unlikely(may_run_in_another(work_data_last(data), worker)))
		begin_rival(worker, work, data, pwq, color, active);
	else
		begin_as(worker, pool, work, pwq, color, active, worker->id);
}

static __always_inline void worker_begin_listed(struct worker *worker, struct worker_pool *pool,
						struct work_struct *work)
{
	unsigned long data = work_data(work);

	list_del_init(&work->entry);
	worker_begin(worker, pool, work, data, work_data_pwq(data), work_data_color(data),
		     !(data & WORK_STRUCT_INACTIVE));
}

/* The worker of this pool behind whose present run the item has to wait (C17, C18). */
static inline struct worker *collision(const struct worker *worker, struct work_struct *work,
				       unsigned long data)
{
	unsigned int last = work_data_last(data);

	if (likely(!may_run_in_another(last, worker)))
		return NULL;
	return running_in_pool(work, last, worker->pool);
}

/* Start the first item of the worklist; false: there was none left to start. */
static __always_inline bool worker_take_listed(struct worker *worker, struct worker_pool *pool)
{
	while (!list_empty(&pool->worklist)) {
		struct work_struct *work = list_first_entry(&pool->worklist,
							    struct work_struct, entry);
		unsigned long data = work_data(work);
		struct worker *other = collision(worker, work, data);

		if (unlikely(other)) {
			/* what follows its run must not come behind its batch; ask again then */
			if (!batch_end(other))
				move_linked(work, &other->scheduled);
			continue;
		}
		if (unlikely(data & WORK_STRUCT_LINKED)) {
			move_linked(work, &worker->scheduled);
			work = list_first_entry(&worker->scheduled, struct work_struct, entry);
		}
		worker_begin_listed(worker, pool, work);
		return true;
	}
	return false;
}

/*
 * An item of the inbox that was not run by this worker last. False: it waits for that one, or on
 * the worklist, to be asked for again, because that one had a batch, which waits there as well.
 */
static noinline bool begin_foreign(struct worker *worker, struct work_struct *work,
				   unsigned long data, struct pool_workqueue *pwq, int color)
{
	struct worker *other = running_in_pool(work, work_data_last(data), worker->pool);

	if (likely(!other)) {
		begin_rival(worker, work, data, pwq, color, true);
		return true;
	}
	work_set_data(work, data | (unsigned long)color << WORK_STRUCT_COLOR_SHIFT);
	list_add_tail(&work->entry, &worker->pool->worklist);
	if (!batch_end(other))
		list_move_tail(&work->entry, &other->scheduled);
	return false;
}

/* Start the first item of the inbox that may run now. The worklist is empty. */
static __always_inline bool worker_take_inbox(struct worker *worker, struct worker_pool *pool)
{
	struct work_struct *work;

	while (inbox_take(&pool->inbox, &work)) {
		unsigned long data = work_data(work);
		struct pool_workqueue *pwq = work_data_pwq(data);
		int color;

		TEST_POINT("inbox_taken");
		if (unlikely(!pwq_admit(pwq, &color))) {
			work_set_data(work, data | WORK_STRUCT_INACTIVE |
				      (unsigned long)color << WORK_STRUCT_COLOR_SHIFT);
			list_add_tail(&work->entry, &pwq->inactive_works);
			continue;
		}
		if (wq_tracing(WQ_EVENT_ACTIVATE))
			trace_workqueue_activate_work(work);
		if (likely(!may_run_in_another(work_data_last(data), worker))) {
			begin_as(worker, pool, work, pwq, color, true, worker->id);
		} else if (!begin_foreign(worker, work, data, pwq, color)) {
			if (list_empty(&pool->worklist))
				continue;
			return worker_take(worker);
		}
		return true;
	}
	return false;
}

/*
 * For a rescuer: give @work, which waits on the worklist, and what hangs on it to
 * @worker. False: it went to the worker that runs it now.
 */
bool worker_assign(struct worker *worker, struct work_struct *work)
{
	struct worker *other = running_in_pool(work, work_data_last(work_data(work)), worker->pool);

	assert_pool_locked(worker->pool);
	move_linked(work, other ? &other->scheduled : &worker->scheduled);
	return !other;
}

/* What follows the last run. At exit only barriers do, which release their waiters. */
static noinline bool worker_take_scheduled(struct worker *worker)
{
	struct work_struct *work = list_first_entry(&worker->scheduled, struct work_struct, entry);

	if (wq_exiting() && !(work_data(work) & WORK_STRUCT_INACTIVE))
		return false;
	worker_begin_listed(worker, worker->pool, work);
	return true;
}

static __always_inline bool take(struct worker *worker, struct worker_pool *pool)
{
	assert_pool_locked(pool);
	if (unlikely(!list_empty(&worker->scheduled)))
		return worker_take_scheduled(worker);
	/* others came to run while this one was counted out or blocked, or one is enough */
	if (unlikely(pool->nr_running > pool_useful_workers(pool) || wq_exiting())) {
		/* what is left to them waits until they end, or the monitor counts them out */
		if (pool_has_work(pool) || pool_has_batches(pool))
			monitor_start();
		return false;
	}
	/* what another worker keeps comes before what is in the inbox */
	if (unlikely(pool->batchers & BATCHERS_KEEP))
		requeue_close(pool);
	return worker_take_listed(worker, pool) || worker_take_inbox(worker, pool);
}

/* For those who have a loop of their own. */
bool worker_take(struct worker *worker)
{
	return take(worker, worker->pool);
}

/*
 * An item was taken: is another worker needed for what still waits, if @more? Returns it
 * for worker_wake_up(). KICK/2 for the end of LOOKING, see pool.c; @look is set when
 * pool_look_again() has to follow.
 */
static struct worker *pool_after_take(struct worker_pool *pool, bool more, bool *look)
{
	u32 kick = pool_kick_state(pool);

	if (unlikely(kick != pool->kick)) {
		pool_set_kick(pool, kick);
		if (kick == KICK_WANTED && pool_take_was_busy(pool)) {
			*look = true;
		} else {
			smp_mb();
			more = more || !inbox_empty_locked(&pool->inbox);
		}
	}
	if (more && kick == KICK_WANTED)
		return pool_call_worker(pool);
	/* what is in a batch may wait behind a long run, too */
	if (more || pool_has_batches(pool))
		monitor_expect(kick);
	return NULL;
}

/* The same, and the lock is dropped. */
static noinline void pool_unlock_after_take(struct worker_pool *pool, bool more)
{
	bool look = false;
	struct worker *next = pool_after_take(pool, more, &look);

	pool_unlock(pool);
	if (unlikely(next))
		worker_wake_up(next);
	if (unlikely(look))
		pool_look_again(pool, true);
}

/* ---- running ---- */

static void close_brackets(work_func_t func)
{
	unsigned int depth = uwq_blocking_close();

	pr_err("workqueue: function %ps returned inside %u uwq_blocking_begin()\n", (void *)func,
	       depth);
	WARN_ONCE(1, "work function %ps left uwq_blocking_begin() open\n", (void *)func);
}

/* C106: the function must leave the thread as it found it. */
static noinline void report_leaks(struct worker *worker, int preempt, work_func_t func)
{
	if (uwq_thread.in_block)
		close_brackets(func);
	if (preempt_count() == preempt && !uwq_rcu_read_depth())
		return;
	pr_err("workqueue: function %ps leaked state: preempt_count %#x, RCU read depth %d, pool %d\n",
	       (void *)func, (unsigned int)preempt_count(), uwq_rcu_read_depth(),
	       worker->pool->id);
	WARN_ONCE(1, "work function %ps returned with a lock or a read section held\n",
		  (void *)func);
	uwq_thread.preempt_count = preempt;
	while (uwq_rcu_read_depth() > 0)
		rcu_read_unlock();
}

/* @preempt: what preempt_count() says now. */
static __always_inline void call(struct worker *worker, int preempt)
{
	struct work_struct *work = worker->current_work;
	work_func_t func = worker->current_func;

	TEST_POINT("worker_call");
	if (wq_tracing(WQ_EVENT_START))
		trace_workqueue_execute_start(work);
	lock_order_run_begins(work, (void *)func, worker->current_pwq->wq);
	func(work);
	/* @work may be gone from here on */
	lock_order_run_ends();
	if (wq_tracing(WQ_EVENT_END))
		trace_workqueue_execute_end(work, func);
	if (unlikely((preempt_count() ^ preempt) | (int)uwq_thread.in_block |
		     uwq_rcu_read_depth()))
		report_leaks(worker, preempt, func);
}

void worker_call(struct worker *worker)
{
	call(worker, preempt_count());
}

/* The run is over; everything it did is visible to whoever sees the NULL (C15). */
static __always_inline struct completion *finish(struct worker *worker)
{
	assert_pool_locked(worker->pool);
	__atomic_store_n(&worker->current_work, NULL, __ATOMIC_RELEASE);
	if (unlikely(worker->flags)) {
		if (worker->flags & WORKER_FORKED) {
			pool_unlock(worker->pool);
			fork_end_child();
		}
		worker_clear_flag(worker, WORKER_BLOCKED | WORKER_ASLEEP | WORKER_OUT);
		pool_update_kick(worker->pool);
	}
	return pwq_done(worker->current_pwq, worker->current_color, worker->current_active);
}

struct completion *worker_finish(struct worker *worker)
{
	return finish(worker);
}

/* The function has returned. No lock held on entry, the pool lock held on return. */
static __always_inline void worker_end_run(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct completion *flushed = NULL;

	pool_lock_quick(pool);
	if (worker->batch.bit) {
		if (pool->batchers & BATCHERS_KEEP)
			requeue_close(pool);
		flushed = batch_settle(worker);
	}
	flushed = finish(worker) ?: flushed;
	if (unlikely(flushed)) {
		pool_unlock(pool);
		complete(flushed);
		pool_lock_quick(pool);
	}
}

/*
 * What worker_loop() does, with a clock. No lock on entry, the pool lock held on return. The
 * next one is not a fixed number of runs away: long runs may come in step with it.
 */
static noinline void measured_run(struct worker *worker)
{
	u64 before = ktime_get_ns();
	u64 start = ktime_get_ns();
	u64 end, ns;

	call(worker, 0);
	end = ktime_get_ns();
	/* without the clock itself, which may take longer than the function, and varies */
	ns = end - start - min(end - start, start - before);
	worker->measured_run = worker->nr_runs + PACE_EVERY / 2 + end % PACE_EVERY;
	worker_end_run(worker);
	pool_note_run(worker->pool, ns);
}

/* For a rescuer: run what it was given. Pool lock held, dropped for each run. */
void worker_run_scheduled(struct worker *worker)
{
	while (!list_empty(&worker->scheduled) && worker_take_scheduled(worker)) {
		pool_unlock(worker->pool);
		worker_call(worker);
		/* the function has forked, and this is the child: another has our place */
		if (unlikely(this_worker != worker))
			fork_end_child();
		worker_end_run(worker);
	}
}

/*
 * The function ended its thread: the run is over, what waits for this worker goes
 * back to the pool. Takes the pool lock and returns with it held; its answer is
 * what the caller completes when it has dropped it.
 */
struct completion *worker_give_up(struct worker *worker)
{
	struct completion *flushed;

	WARN(1, "workqueue: function %ps ended the thread of its worker\n",
	     (void *)worker->current_func);
	pool_lock(worker->pool);
	flushed = worker_finish(worker);
	list_splice_init(&worker->scheduled, &worker->pool->worklist);
	return flushed;
}

/* ---- without the lock ---- */

/*
 * As begin_as(), but without the lock: what is to be counted is counted later. PENDING is still
 * to be given back.
 */
static __always_inline void begin_unlocked(struct worker *worker, struct work_struct *work)
{
	__atomic_store_n(&worker->last_func, worker->current_func, __ATOMIC_RELAXED);
	/* RUN/3 and RUN/1: see running.c */
	__atomic_store_n(&worker->current_func, work->func, __ATOMIC_RELEASE);
	worker->run_since = run_clock_read();
	__atomic_store_n(&worker->current_work, work, __ATOMIC_RELEASE);
	__atomic_store_n(&worker->nr_runs, worker->nr_runs + 1, __ATOMIC_RELAXED);
	TEST_POINT("worker_begin");
}

/* Run what is left to this worker of its batch of @nr. No lock held. */
static __always_inline void run_batch(struct worker *worker, unsigned int nr)
{
	struct batch *batch = &worker->batch;
	unsigned int index;

	/* a run is over when the next one begins, or in finish(); BATCH/1: see batch.h */
	while (batch_claim(batch, nr, &index)) {
		struct work_struct *work = batch->items[index].work;

		TEST_POINT("batch_claimed");
		if (index + 1 < nr)
			prefetchw(batch->items[index + 1].work);
		worker->current_color = work_data_color(batch->items[index].data);
		begin_unlocked(worker, work);
		/* it was cut off its list as it was, see take_from_list() */
		INIT_LIST_HEAD(&work->entry);
		work_release_pending(work, work_data_begun(worker));
		batch_announce(batch, index);
		call(worker, 0);
	}
}

/* Run what queues itself until something else is to be done. No lock held. */
static __always_inline void run_requeued(struct worker *worker)
{
	struct work_struct *work;

	while ((work = requeue_claim(worker))) {
		begin_unlocked(worker, work);
		work_release_pending_kept(work, work_data_begun(worker));
		requeue_leave(&worker->requeue);
		call(worker, 0);
	}
}

/* ---- the thread ---- */

/* Pool lock held. The worker does not belong to the pool from here on. */
static void worker_leave_pool(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	worker_clock_stop(worker);
	worker_keep_desc(worker);
	list_del_init(&worker->pool_node);
	if (worker->name_id < WORKER_NAME_IDS)
		__clear_bit(worker->name_id, pool->name_ids);
	pool->nr_workers--;
	pool_update_kick(pool);
}

/*
 * Thread exit. At the worker's own wish there is nothing left to do. Otherwise a
 * function ended its thread (U13): the run is over, what waits here goes back to
 * the pool, and somebody else goes on.
 */
static void worker_gone(void *arg)
{
	struct worker *worker = arg;
	struct worker_pool *pool = worker->pool;
	struct completion *flushed;
	struct worker *successor;

	if (this_worker != worker)
		fork_end_child();
	this_worker = NULL;
	current->sched_hooks = NULL;
	__atomic_store_n(&current->worker_private, NULL, __ATOMIC_RELEASE);
	if (!worker->exiting) {
		flushed = worker_give_up(worker);
		pool->nr_running--;
		worker_leave_pool(worker);
		successor = pool_more_work(pool);
		pool_unlock(pool);
		if (flushed)
			complete(flushed);
		worker_wake_up(successor);
		pool_look_again(pool, true);
	}
	worker_recycle(worker);
}

/*
 * A worker has found nothing to do: is there something in the batches of the others? Pool lock
 * held, may be dropped for a moment. False: there are no batches, or this worker is one too many.
 */
static bool take_back(struct worker_pool *pool)
{
	if (likely(!pool_has_batches(pool)) || pool->nr_running > pool_useful_workers(pool) ||
	    wq_exiting())
		return false;
	pool_recall_batches(pool);
	/* what waits for a slot is nothing for this worker */
	return pool_has_work(pool);
}

static void worker_loop(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	/* has this worker changed what kick depends on? Others have put it right themselves */
	bool kick_due = true;

	pool_lock_quick(pool);
	if (worker->flags & WORKER_NEW)
		worker_made(worker);
	else
		pool->nr_waking--;
	for (;;) {
		if (likely(take(worker, pool))) {
			bool measure = unlikely(worker->nr_runs >= worker->measured_run);
			unsigned int nr = !measure && batch_pays(worker) ? batch_take(worker) : 0;
			bool more = nr || !list_empty(&pool->worklist) ||
				    inbox_window_nonempty(&pool->inbox);

			if (requeue_may_open(worker) && !more && !measure)
				requeue_open(worker);
			/* one that is counted out does not run any more */
			if (unlikely(kick_due || worker->flags || (more && !pool_is_attended(pool))))
				pool_unlock_after_take(pool, more);
			else
				pool_unlock(pool);
			kick_due = measure;
			if (unlikely(measure)) {
				measured_run(worker);
				continue;
			}
			call(worker, 0);
			if (nr)
				run_batch(worker, nr);
			else
				run_requeued(worker);
			worker_end_run(worker);
			continue;
		}
		kick_due = true;
		if (likely(worker->current_pwq))
			pwq_note_quiet(worker->current_pwq);
		if (take_back(pool) || (worker_may_spin(worker) && worker_spin(worker)))
			continue;
		/* a batch that was taken meanwhile must not be left when this one rests */
		if (take_back(pool))
			continue;
		if (!worker_idle(worker))
			break;
	}
	worker_leave_pool(worker);
	worker->exiting = true;
	pool_unlock(pool);
}

void worker_main(void *arg)
{
	struct worker *worker = arg;

	this_worker = worker;
	run_clock_set(ktime_get_ns());
	current->flags |= PF_WQ_WORKER;
	__atomic_store_n(&current->worker_private, worker, __ATOMIC_RELEASE);
	current->sched_hooks = &worker_sched_hooks;
	__atomic_store_n(&worker->task, current, __ATOMIC_RELEASE);
	worker_settle(worker);

	if (unlikely(cpu_look_wanted()))
		manager_call();
	TEST_POINT("worker_main");
	pthread_cleanup_push(worker_gone, worker);
	worker_loop(worker);
	pthread_cleanup_pop(1);
}

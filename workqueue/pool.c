// SPDX-License-Identifier: MIT
/*
 * pool.c - worker pools: the table, and waking the right number of workers
 *
 * Each CPU has two pools (normal, highpri) and two bottom-half pools (bh.c). Unbound queues
 * share a pool for each nice value and set of CPUs. Pools are never given back to the
 * allocator: an unbound one that no queue has lets its threads go, is found again by
 * its attributes, or is given others.
 *
 * The wake-up protocol. A submitter publishes an item in the inbox and looks at
 * pool->kick:
 *
 *   BUSY	  as many workers run as shall. Each of them looks for more when its
 *		  function returns, or blocks and passes the turn on. The monitor
 *		  (monitor.c) watches for functions that do neither. One of them may just
 *		  be taking its first look for what comes next (rest.c).
 *   COMING	  the same, but one of them was woken and has not come yet.
 *   LOOKING	  a worker goes on spinning or is on its way. It looks after it has changed kick.
 *   CREATING	  nobody is there, and a thread was asked for or is being made. Whether
 *		  it ever comes is not known, so whoever leaves an item sees that the sampler
 *		  is awake (monitor_expect()), which calls the rescuers (rescuer.c).
 *   WANTED	  nobody would come: pool_kick().
 *
 * KICK/1, submitter: publish, then read kick. KICK/2, pool: change kick, then read
 * the inbox. One of the two must see the other, which needs a full barrier on both
 * sides. The submitter's common answer is BUSY, and it must be cheap, so:
 *  - a submitter that reads BUSY has executed no barrier. That is right as long as
 *    the pool stays BUSY, or takes items: every worker looks again. But once kick
 *    has been BUSY (pool->was_busy), the next change to WANTED runs a membarrier
 *    between the store and the look, which is the barrier of all such submitters;
 *  - the same is right for COMING, if the monitor is on: the worker that comes has to switch
 *    it on for what it leaves, and must see that. COMING is what the submitters of a per-CPU
 *    pool read for as long as they keep its worker from the CPU;
 *  - a submitter that reads COMING otherwise, LOOKING or CREATING executes a real barrier and
 *    reads again; a worker that ends these by taking an item executes one too
 *    (pool_after_take()). So a hand-over to a spinning worker needs no system call.
 * Where the system has no membarrier, submitters always execute the barrier.
 * Forbids: the submitter relies on somebody who has already looked.
 * Test: no_wakeup_is_lost.c, shortage_of_threads_hides_no_item.c
 */
#include <linux/build_bug.h>
#include <linux/cpumask.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "workqueue/pod.h"
#include "workqueue/pwq.h"
#include "workqueue/requeue.h"
#include "workqueue/trace.h"
#include "workqueue/workqueue_internal.h"

#define MAX_POOLS	(4 * NR_CPUS + 1024)

struct mutex wq_pool_mutex = __MUTEX_INITIALIZER(wq_pool_mutex);
bool submitters_fence;

static struct worker_pool *pools[MAX_POOLS];	/* A: set once, in order */
static int nr_pools;				/* A */
static struct worker_pool *cpu_pools[NR_CPUS][NR_STD_WORKER_POOLS];	/* I */
static struct worker_pool *bh_pools[NR_CPUS][NR_STD_WORKER_POOLS];	/* I */

struct worker_pool *pool_by_index(int id)
{
	return __atomic_load_n(&pools[id], __ATOMIC_ACQUIRE);
}

int nr_worker_pools(void)
{
	return __atomic_load_n(&nr_pools, __ATOMIC_ACQUIRE);
}

struct worker_pool *pool_of_cpu(int cpu, bool highpri)
{
	return cpu_pools[cpu][highpri];
}

struct worker_pool *bh_pool_of_cpu(int cpu, bool highpri)
{
	return bh_pools[cpu][highpri];
}

static void pool_init(struct worker_pool *pool)
{
	futex_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->worklist);
	INIT_LIST_HEAD(&pool->idle_list);
	INIT_LIST_HEAD(&pool->workers);
	pool->batch_size = 1;
	pool->kick = KICK_WANTED;
	pool->max_running = 1;
	pool->node = NUMA_NO_NODE;
}

/* A new pool without workers, not in the table yet. */
static struct worker_pool *pool_alloc(void)
{
	struct worker_pool *pool;
	void *raw;

	if (nr_pools >= MAX_POOLS)
		return NULL;
	raw = kzalloc(sizeof(*pool) + 64, GFP_KERNEL);
	if (!raw)
		return NULL;
	pool = PTR_ALIGN(raw, 64);
	pool_init(pool);
	return pool;
}

/* Called at start-up or under wq_pool_mutex. */
static void pool_enter_table(struct worker_pool *pool)
{
	pool->id = nr_pools;
	pool->offq = work_data_offq(WORKER_ID_NONE, pool->id,
				    pool->flags & POOL_BH ? WORK_OFFQ_BH : 0);
	__atomic_store_n(&pools[nr_pools], pool, __ATOMIC_RELEASE);
	__atomic_store_n(&nr_pools, nr_pools + 1, __ATOMIC_RELEASE);
}

static struct worker_pool *cpu_pool_new(int cpu, int nice, unsigned int flags)
{
	struct worker_pool *pool = pool_alloc();

	if (!pool)
		return NULL;
	pool->cpu = cpu;
	pool->nice = nice;
	pool->flags = flags;
	pool->max_running = pool_wanted_running(pool);
	pool_enter_table(pool);
	return pool;
}

/* The pools of every possible CPU. False: no memory. */
bool pools_init(void)
{
	int cpu, hi;

	submitters_fence = !membarrier_available();
	for_each_possible_cpu(cpu) {
		for (hi = 0; hi < NR_STD_WORKER_POOLS; hi++) {
			int nice = hi ? HIGHPRI_NICE_LEVEL : 0;
			unsigned int flags = cpu_online(cpu) ? 0 : POOL_DISASSOCIATED;

			cpu_pools[cpu][hi] = cpu_pool_new(cpu, nice, flags);
			bh_pools[cpu][hi] = cpu_pool_new(cpu, nice, flags | POOL_BH);
			if (!cpu_pools[cpu][hi] || !bh_pools[cpu][hi])
				return false;
		}
		if (!bh_init_cpu(cpu))
			return false;
		tasklets_init_cpu(cpu);
	}
	return true;
}

/* ---- unbound pools ---- */

/* May items that want these attributes share the pool (C115)? */
static bool pool_fits(const struct worker_pool *pool, int nice, bool strict,
		      const struct cpumask *cpus, const struct cpumask *pod_cpus)
{
	return pool->cpu < 0 && pool->nice == nice && pool->affn_strict == strict &&
	       cpumask_equal(pool->pod_cpumask, pod_cpus) &&
	       (strict || cpumask_equal(pool->cpumask, cpus));
}

/*
 * Nobody has it and no thread is left in it, nor will be: it may become another one. A
 * request that the manager has taken from its list is still in pool->create.
 */
static bool pool_is_abandoned(struct worker_pool *pool)
{
	bool abandoned;

	if (pool->cpu >= 0 || pool->refcnt)
		return false;
	pool_lock(pool);
	abandoned = !pool->nr_workers && !pool_has_work(pool) &&
		    pool->create == CREATE_NONE &&
		    !__atomic_load_n(&pool->create_listed, __ATOMIC_ACQUIRE);
	pool_unlock(pool);
	return abandoned;
}

/* An unbound pool without attributes; NULL: no memory. */
static struct worker_pool *pool_get_blank(void)
{
	struct worker_pool *pool;
	struct cpumask *masks;
	int i;

	for (i = 0; i < nr_pools; i++)
		if (pool_is_abandoned(pools[i]))
			return pools[i];
	masks = kcalloc(2, sizeof(*masks), GFP_KERNEL);
	pool = masks ? pool_alloc() : NULL;
	if (!pool) {
		kfree(masks);
		return NULL;
	}
	pool->cpu = -1;
	pool->cpumask = &masks[0];
	pool->pod_cpumask = &masks[1];
	pool_enter_table(pool);
	return pool;
}

/*
 * The unbound pool for these attributes, made if there is none; NULL: no memory.
 * @cpus: where workers may run; @pod_cpus: where they start, and if @strict stay.
 * wq_pool_mutex held.
 */
struct worker_pool *pool_of_attrs(int nice, bool strict, const struct cpumask *cpus,
				  const struct cpumask *pod_cpus)
{
	struct worker_pool *pool;
	int i;

	lockdep_assert_held(&wq_pool_mutex);
	for (i = 0; i < nr_pools; i++)
		if (pool_fits(pools[i], nice, strict, cpus, pod_cpus))
			return pools[i];
	pool = pool_get_blank();
	if (!pool)
		return NULL;
	/* whoever shows pools looks at them under the lock */
	pool_lock(pool);
	pool->nice = nice;
	pool->affn_strict = strict;
	/* what a strict one has does not depend on who was the first to ask for it */
	cpumask_copy(pool->cpumask, strict ? pod_cpus : cpus);
	cpumask_copy(pool->pod_cpumask, pod_cpus);
	pool->node = wq_node_of_cpus(pod_cpus);
	pool->repatriates = !strict && !cpumask_equal(cpus, pod_cpus);
	pool_unlock(pool);
	pool_update_max_running(pool);
	return pool;
}

/* One more pwq belongs to the pool. wq_pool_mutex held. */
void pool_get(struct worker_pool *pool)
{
	lockdep_assert_held(&wq_pool_mutex);
	if (pool->refcnt++)
		return;
	pool_lock(pool);
	pool->unused = false;
	pool_unlock(pool);
}

/* Wake an idle worker so that it leaves; false: there is none. */
static bool pool_dismiss_one(struct worker_pool *pool)
{
	struct worker *worker;

	pool_lock(pool);
	worker = pool_take_idle(pool);
	pool_unlock(pool);
	worker_wake_up(worker);
	return worker;
}

/* One less. An unbound pool that nobody has lets its threads go. wq_pool_mutex held. */
void pool_put(struct worker_pool *pool)
{
	lockdep_assert_held(&wq_pool_mutex);
	if (--pool->refcnt || pool->cpu >= 0)
		return;
	pool_lock(pool);
	pool->unused = true;
	pool_unlock(pool);
	while (pool_dismiss_one(pool))
		;
}

/* ---- waking ---- */

/* Call an idle worker; NULL: there is none. For worker_wake_up(), without the lock. */
struct worker *pool_take_idle(struct worker_pool *pool)
{
	struct worker *worker;

	assert_pool_locked(pool);
	worker = list_first_entry_or_null(&pool->idle_list, struct worker, node);
	if (!worker)
		return NULL;
	list_del_init(&worker->node);
	worker->flags &= ~WORKER_IDLE;
	pool->nr_idle--;
	pool->nr_running++;
	pool->nr_waking++;
	pool_update_kick(pool);
	watchdog_expect_worker();
	return worker;
}

/* After the pool lock was dropped: let the worker that was chosen go on. */
void worker_wake_up(struct worker *worker)
{
	if (!worker)
		return;
	switch (__atomic_exchange_n(&worker->wake, WAKE_GIVEN, __ATOMIC_SEQ_CST)) {
	case WAKE_ASLEEP:
		futex_wake(&worker->wake, 1);
		break;
	case WAKE_BH:
		bh_raise(worker->pool);
		break;
	}
}

/*
 * There is work that one more worker should start. Returns an idle worker for
 * worker_wake_up(), which the caller calls after it dropped the lock, or NULL:
 * somebody looks already, or the manager was asked to make one.
 */
struct worker *pool_call_worker(struct worker_pool *pool)
{
	assert_pool_locked(pool);
	if (pool->spinner) {
		__atomic_store_n(&pool->spin_break, 1, __ATOMIC_RELEASE);
		return NULL;
	}
	if (pool->nr_waking || pool->nr_running >= pool_useful_workers(pool) || wq_exiting())
		return NULL;
	if (list_empty(&pool->idle_list)) {
		if (!pool->creating)
			manager_request(pool, CREATE_NEEDED);
		pool_update_kick(pool);
		return NULL;
	}
	return pool_take_idle(pool);
}

/* Somebody put items on the worklist, or has dropped a limit. As pool_call_worker(). */
struct worker *pool_more_work(struct worker_pool *pool)
{
	struct worker *worker;

	assert_pool_locked(pool);
	if (!pool_has_work(pool))
		return NULL;
	/* nobody is woken for items that max_active holds back: see which those are */
	if (pool->kick == KICK_WANTED) {
		pool_drain_inbox(pool);
		if (list_empty(&pool->worklist))
			return NULL;
	}
	worker = pool_call_worker(pool);
	if (!worker)
		monitor_expect(pool->kick);
	return worker;
}

/* Items may have come or become free to run: drop the lock and see that somebody comes. */
void pool_unlock_and_wake(struct worker_pool *pool)
{
	struct worker *worker = pool_more_work(pool);
	bool waiting = pool_has_work(pool);

	pool_unlock(pool);
	worker_wake_up(worker);
	if (waiting && unlikely(!manager_running()))
		manager_start();
}

/* Any context, no pool lock held: something may be waiting for which nobody comes. */
void pool_kick(struct worker_pool *pool)
{
	pool_lock_quick(pool);
	pool_unlock_and_wake(pool);
}

/*
 * After kick became WANTED and the lock was dropped: KICK/2, the look. @was_busy is
 * what pool_take_was_busy() said.
 */
void pool_look_again(struct worker_pool *pool, bool was_busy)
{
	if (was_busy && !submitters_fence)
		membarrier_all();
	else
		smp_mb();
	if (inbox_maybe_nonempty(&pool->inbox))
		pool_kick(pool);
}

/* Put an item that left the inbox on the list where it waits. */
void pool_admit(struct worker_pool *pool, struct work_struct *work)
{
	unsigned long data = work_data(work);
	struct pool_workqueue *pwq = work_data_pwq(data);
	int color;
	bool active = pwq_admit(pwq, &color);

	assert_pool_locked(pool);
	data |= (unsigned long)color << WORK_STRUCT_COLOR_SHIFT;
	if (!active)
		data |= WORK_STRUCT_INACTIVE;
	work_set_data(work, data);
	list_add_tail(&work->entry, active ? &pool->worklist : &pwq->inactive_works);
	if (active && wq_tracing(WQ_EVENT_ACTIVATE))
		trace_workqueue_activate_work(work);
}

/* Items of one pwq that leave the inbox in a row. */
struct arrivals {
	struct pool_workqueue *pwq;	/* NULL: there are none */
	unsigned long	 color;		/* what they count under, as it is in their data */
	unsigned int	 nr;		/* not counted yet */
	struct list_head *list;		/* where they go */
	struct list_head *last;		/* its last entry; list and it do not know that yet */
};

static __always_inline void begin_list(struct arrivals *arrivals, struct list_head *list)
{
	arrivals->list = list;
	arrivals->last = list->prev;
}

static __always_inline void end_list(struct arrivals *arrivals)
{
	WRITE_ONCE(arrivals->last->next, arrivals->list);
	arrivals->list->prev = arrivals->last;
}

static __always_inline void begin_arrivals(struct arrivals *arrivals, struct pool_workqueue *pwq)
{
	arrivals->pwq = pwq;
	arrivals->color = (unsigned long)pwq->work_color << WORK_STRUCT_COLOR_SHIFT;
	arrivals->nr = 0;
	begin_list(arrivals, list_empty(&pwq->inactive_works) ? &pwq->pool->worklist :
								&pwq->inactive_works);
}

static __always_inline void end_arrivals(struct arrivals *arrivals)
{
	if (!arrivals->pwq)
		return;
	end_list(arrivals);
	pwq_count_in(arrivals->pwq, arrivals->nr);
}

/*
 * At most @most items of the inbox go to the lists, as with pool_admit(). What is the same for
 * those of one pwq in a row is done once for them. Until then the lists have no end and the counts
 * are too small. Who has no lock sees a list that is not empty, or a count that is old, as it may
 * be anyway: nobody keeps an item (requeue.c), and who waits for a queue comes to the lock.
 * Test: items_leave_the_inbox_together.c
 */
static noinline void admit_some(struct worker_pool *pool, unsigned int most)
{
	struct arrivals arrivals = { .pwq = NULL };
	struct work_struct *work;

	while (most-- && inbox_take(&pool->inbox, &work)) {
		unsigned long data = work_data(work);
		struct pool_workqueue *pwq = work_data_pwq(data);

		if (unlikely(pwq != arrivals.pwq)) {
			end_arrivals(&arrivals);
			begin_arrivals(&arrivals, pwq);
		}
		arrivals.nr++;
		/* the first one without a slot, and all that follow, wait for one */
		if (arrivals.list == &pool->worklist && !pwq_take_slot(pwq)) {
			end_list(&arrivals);
			begin_list(&arrivals, &pwq->inactive_works);
		}
		data |= arrivals.color;
		if (arrivals.list != &pool->worklist)
			data |= WORK_STRUCT_INACTIVE;
		else if (wq_tracing(WQ_EVENT_ACTIVATE))
			trace_workqueue_activate_work(work);
		work_set_data(work, data);
		work->entry.prev = arrivals.last;
		WRITE_ONCE(arrivals.last->next, &work->entry);
		arrivals.last = &work->entry;
	}
	end_arrivals(&arrivals);
}

/* If the ring is full, there is room for some items afterwards. */
void pool_drain_portion(struct worker_pool *pool)
{
	BUILD_BUG_ON(INBOX_MAKE_ROOM < INBOX_RETURN_EVERY);
	assert_pool_locked(pool);
	if (unlikely(pool->batchers & BATCHERS_KEEP))
		requeue_close(pool);
	admit_some(pool, INBOX_MAKE_ROOM);
}

/* Everything that any returned queue call has published is on a list afterwards. */
void pool_drain_inbox(struct worker_pool *pool)
{
	assert_pool_locked(pool);
	if (unlikely(pool->batchers & BATCHERS_KEEP))
		requeue_close(pool);
	/* mostly there is nothing: who looks for items, or flushes, finds an idle pool */
	if (!inbox_empty_locked(&pool->inbox))
		admit_some(pool, UINT_MAX);
}

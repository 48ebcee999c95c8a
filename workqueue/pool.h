/* SPDX-License-Identifier: MIT */
/*
 * pool.h - what the engine may ask of a worker_pool, and its lock
 *
 * Part of workqueue_internal.h, which includes it.
 */
#ifndef UWQ_WORKQUEUE_POOL_H
#define UWQ_WORKQUEUE_POOL_H

/* ---- pool.c ---- */

struct worker_pool *pool_of_cpu(int cpu, bool highpri);
struct worker_pool *bh_pool_of_cpu(int cpu, bool highpri);
struct worker_pool *pool_of_attrs(int nice, bool strict, const struct cpumask *cpus,
				  const struct cpumask *pod_cpus);
void pool_get(struct worker_pool *pool);
void pool_put(struct worker_pool *pool);
struct worker_pool *pool_by_index(int id);
int nr_worker_pools(void);
bool pools_init(void);

extern bool submitters_fence;	/* I: no membarrier here, they must use a full fence */

/* Without the lock POOL_DISASSOCIATED may be old; the others never change. */
static inline unsigned int pool_flags(const struct worker_pool *pool)
{
	return __atomic_load_n(&pool->flags, __ATOMIC_RELAXED);
}

/* Is it the pool of a CPU that is there? Exact under the lock. */
static inline bool pool_is_bound(const struct worker_pool *pool)
{
	return pool->cpu >= 0 && !(pool_flags(pool) & POOL_DISASSOCIATED);
}

/* Does it run its items on the CPU of this thread, and so not while the thread does? */
static inline bool pool_serves_here(const struct worker_pool *pool)
{
	return pool && pool_is_bound(pool) && pool->cpu == (int)raw_smp_processor_id();
}

/* ---- the lock: batch.c, node_active.c ---- */

bool pool_recall_batches(struct worker_pool *pool);
void pool_recall_for_another(struct worker_pool *pool);

/*
 * All items that queue calls have brought are in the inbox, on lists, or what a worker runs,
 * and the counts are right, but for those that are just being brought.
 */
static inline void pool_lock(struct worker_pool *pool)
{
	futex_lock(&pool->lock);
	if (unlikely(pool->batchers))
		pool_recall_for_another(pool);
}

/* For those who neither look for items nor at counts of them: a batch, or what is kept, stays. */
static inline void pool_lock_quick(struct worker_pool *pool)
{
	futex_lock(&pool->lock);
}

void nodes_serve(struct wq_node_nr_active *node);

static inline void pool_unlock(struct worker_pool *pool)
{
	struct wq_node_nr_active *serve = pool->serve;

	if (likely(!serve)) {
		futex_unlock(&pool->lock);
		return;
	}
	pool->serve = NULL;
	futex_unlock(&pool->lock);
	nodes_serve(serve);
}

#define assert_pool_locked(pool)	futex_lock_assert_held(&(pool)->lock)

/* ---- who comes to the items: pool.c ---- */

void pool_kick(struct worker_pool *pool);
void pool_look_again(struct worker_pool *pool, bool was_busy);
struct worker *pool_take_idle(struct worker_pool *pool);
struct worker *pool_call_worker(struct worker_pool *pool);
struct worker *pool_more_work(struct worker_pool *pool);
void worker_wake_up(struct worker *worker);
void pool_unlock_and_wake(struct worker_pool *pool);
void pool_admit(struct worker_pool *pool, struct work_struct *work);
void pool_drain_portion(struct worker_pool *pool);
void pool_drain_inbox(struct worker_pool *pool);

/* Pool lock held: is there something that a worker could start? */
static inline bool pool_has_work(struct worker_pool *pool)
{
	return !list_empty(&pool->worklist) || inbox_window_nonempty(&pool->inbox) ||
	       !inbox_empty_locked(&pool->inbox);
}

/* How many runnable workers get more done than one less? */
static inline int pool_useful_workers(const struct worker_pool *pool)
{
	return likely(!pool->runs_short) ? pool->max_running : 1;
}

static inline enum kick_state pool_kick_state(const struct worker_pool *pool)
{
	if (pool->spinner)
		return KICK_LOOKING;
	if (pool->nr_running >= pool_useful_workers(pool)) {
		if (!pool->nr_waking)
			return KICK_BUSY;
		/* the end of bottom halves has no membarrier, see bh.c */
		return pool->flags & POOL_BH ? KICK_LOOKING : KICK_COMING;
	}
	if (pool->nr_waking)
		return KICK_LOOKING;
	if (likely(!pool->creating && pool->create != CREATE_NEEDED))
		return KICK_WANTED;
	/* a worker that went to rest meanwhile is there at once */
	return list_empty(&pool->idle_list) ? KICK_CREATING : KICK_WANTED;
}

/* Do submitters rely on the workers that there are, without a barrier of their own? */
static inline bool kick_is_relied_on(u32 kick)
{
	return likely(kick <= KICK_COMING);
}

static inline void pool_set_kick(struct worker_pool *pool, enum kick_state kick)
{
	assert_pool_locked(pool);
	if (kick == pool->kick)
		return;
	__atomic_store_n(&pool->kick, kick, __ATOMIC_RELAXED);
	if (kick_is_relied_on(kick))
		pool->was_busy = true;
}

/*
 * Whoever makes kick WANTED asks this before it drops the lock, and then calls
 * pool_look_again() with the answer.
 */
static inline bool pool_take_was_busy(struct worker_pool *pool)
{
	bool was_busy = pool->was_busy;

	pool->was_busy = false;
	return was_busy;
}

static inline void pool_update_kick(struct worker_pool *pool)
{
	pool_set_kick(pool, pool_kick_state(pool));
}

/* ---- idle_timeout.c ---- */

unsigned int pool_idle_timeout_ms(const struct worker_pool *pool);
void wq_move_idle_timeout(struct workqueue_struct *wq, struct pool_workqueue *from,
			  struct pool_workqueue *to);

/* ---- min_workers.c ---- */

void pool_want_min_workers(struct worker_pool *pool);
void wq_move_min_workers(struct workqueue_struct *wq, struct pool_workqueue *from,
			 struct pool_workqueue *to);

/* ---- affinity.c ---- */

const struct cpumask *pool_start_cpus(const struct worker_pool *pool);
void worker_settle(struct worker *worker);
bool worker_come_home(struct worker *worker);
void pool_note_repatriation(struct worker_pool *pool);

/* ---- pace.c ---- */

#define PACE_EVERY	64	/* one of so many runs of a worker is measured */

void pool_note_run(struct worker_pool *pool, u64 ns);
bool pool_runs_got_long(const struct worker_pool *pool, u64 now);
void pool_end_short_runs(struct worker_pool *pool);

/* ---- manage.c ---- */

extern u32 manager_runs;
bool manager_start(void);
bool manager_try_start(void);
bool manager_start_now(void);
void manager_stop(void);

static inline bool manager_running(void)
{
	return __atomic_load_n(&manager_runs, __ATOMIC_ACQUIRE);
}

void manager_request(struct worker_pool *pool, enum create_state what);
void manager_call(void);
int manager_tid(void);
void worker_name(const struct worker *worker, char *name, size_t size);
void manager_tell_failure(struct worker_pool *pool, long err);
void manager_unplug(struct pool_workqueue *pwq);
void worker_made(struct worker *worker);

#endif

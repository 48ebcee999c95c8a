/* SPDX-License-Identifier: MIT */
/*
 * worker.h - what the engine may ask of a worker, and which one runs an item
 *
 * Part of workqueue_internal.h, which includes it.
 */
#ifndef UWQ_WORKQUEUE_WORKER_H
#define UWQ_WORKQUEUE_WORKER_H

/* ---- worker.c ---- */

/* The worker that this thread is, or NULL. */
extern __thread struct worker *this_worker __attribute__((tls_model("initial-exec")));

void worker_main(void *arg);
bool worker_take(struct worker *worker);
void worker_call(struct worker *worker);
struct completion *worker_finish(struct worker *worker);
bool worker_assign(struct worker *worker, struct work_struct *work);
void worker_run_scheduled(struct worker *worker);
struct completion *worker_give_up(struct worker *worker);

/*
 * Time in ns, not newer than the last look at the clock that somebody had a reason for: a
 * worker that went to sleep or polled, or the monitor. For the start of runs, which is
 * recorded for each item and must not cost a look at the clock: while items follow each
 * other without a pause, somebody waits, and the monitor looks.
 */
extern u64 run_clock;	/* A */

static inline u64 run_clock_read(void)
{
	return __atomic_load_n(&run_clock, __ATOMIC_RELAXED);
}

/* Every store is seen by all CPUs, so not more often than it matters. */
static inline void run_clock_set(u64 now)
{
	if (now - run_clock_read() >= NSEC_PER_MSEC)
		__atomic_store_n(&run_clock, now, __ATOMIC_RELAXED);
}

/* ---- worker_table.c ---- */

extern struct worker *worker_table[];	/* A: by id; see worker_by_id() */
struct worker *worker_new(void);
void worker_recycle(struct worker *worker);
void worker_set_pool(struct worker *worker, struct worker_pool *pool);
struct worker *worker_by_id(unsigned int id);
unsigned int worker_id_limit(void);

/*
 * Pool lock held: the item that @worker runs, or NULL. What else there is about the run is to
 * be read after this, and stays until the lock is dropped, also if the run ends meanwhile
 * and the next answer is NULL.
 */
static inline struct work_struct *worker_item(const struct worker *worker)
{
	return __atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE);
}

/* Which run of @worker it is. */
static inline unsigned long worker_run(const struct worker *worker)
{
	return __atomic_load_n(&worker->nr_runs, __ATOMIC_RELAXED);
}

/* ---- running.c ---- */

bool running_here(struct work_struct *work);
struct worker *running_in_pool(struct work_struct *work, unsigned int last,
			       const struct worker_pool *pool);
bool running_outside_pool(struct work_struct *work, unsigned int last,
			  const struct worker_pool *pool);
bool runs_in_pool(const struct worker *worker, const struct work_struct *work,
		  const struct worker_pool *pool);
struct worker *running_after_id(struct work_struct *work, unsigned int last, unsigned int id);
struct pool_workqueue *running_for_wq(struct work_struct *work, unsigned int last,
				      const struct workqueue_struct *wq);

/* ---- concurrency.c ---- */

extern const struct sched_hooks worker_sched_hooks;
void worker_set_flag(struct worker *worker, unsigned int flag);
void worker_clear_flag(struct worker *worker, unsigned int flag);
void pool_pass_on(struct worker_pool *pool, struct pool_workqueue *pwq, u32 before);

/* ---- rest.c ---- */

bool worker_may_spin(struct worker *worker);
bool worker_spin(struct worker *worker);
bool worker_idle(struct worker *worker);

/* ---- describe.c ---- */

void worker_keep_desc(struct worker *worker);
void workers_forget_pwq(struct pool_workqueue *pwq);

/* ---- stats.c ---- */

void worker_clock_start(struct worker *worker);
void worker_clock_stop(struct worker *worker);
void worker_clock_idle(struct worker *worker);
void worker_clock_woken(struct worker *worker);
void worker_turn_to(struct worker *worker, struct pool_workqueue *pwq);

#endif

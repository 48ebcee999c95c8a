/* SPDX-License-Identifier: MIT */
/*
 * monitor.h - those who look whether pools move on, and help if not
 *
 * Part of workqueue_internal.h, which includes it.
 */
#ifndef UWQ_WORKQUEUE_MONITOR_H
#define UWQ_WORKQUEUE_MONITOR_H

/* ---- sampler.c ---- */

extern u32 monitor_on;
void monitor_start(void);

/* As many workers run as shall, and they are watched. Without the lock it may be old. */
static inline bool pool_is_attended(const struct worker_pool *pool)
{
	return likely(__atomic_load_n(&pool->kick, __ATOMIC_RELAXED) == KICK_BUSY) &&
	       likely(__atomic_load_n(&monitor_on, __ATOMIC_RELAXED));
}

bool sampler_start(void);
void sampler_stop(void);
void sampler_expect_worker(void);

/* Items were left to those for whom @kick stands: may they wait for ever? */
static inline void monitor_expect(u32 kick)
{
	if (likely(__atomic_load_n(&monitor_on, __ATOMIC_RELAXED)))
		return;
	if (kick == KICK_BUSY)
		monitor_start();
	else if (kick == KICK_CREATING)
		sampler_expect_worker();
}

u64 sampler_stand_in(u64 next);

/* ---- monitor.c ---- */

/* What a look at all pools has found. */
struct monitor_look {
	u64	 now;		/* ns */
	u64	 due;		/* ns: when something will be too late; 0 = nothing */
	int	 nr_waiting;	/* pools in which items wait */
	bool	 changed;	/* something is not as the last look left it */
	bool	 stalled;	/* a pool has not moved for too long */
};

static inline void monitor_due(struct monitor_look *look, u64 ns)
{
	if (!look->due || ns < look->due)
		look->due = ns;
}

void monitor_look(struct monitor_look *look);
void monitor_look_at_worker(struct worker *worker);

/* ---- cpu_intensive.c ---- */

unsigned long cpu_intensive_thresh_us(void);
unsigned long cpu_intensive_default_us(unsigned long speed);
void cpu_intensive_report(work_func_t func);

/* ---- watchdog.c ---- */

extern u32 watchdog_sleeps;
void watchdog_begin_look(u64 now);
void watchdog_look(struct worker_pool *pool, struct monitor_look *look);
void watchdog_report(void);
void watchdog_wake(void);
u64 watchdog_nap(void);

/* Pool lock held; kick has said that a worker is on its way. NAP/2, see watchdog.c. */
static inline void watchdog_expect_worker(void)
{
	if (unlikely(submitters_fence))
		smp_mb();
	else
		barrier();
	if (unlikely(__atomic_load_n(&watchdog_sleeps, __ATOMIC_RELAXED)))
		watchdog_wake();
}

/* ---- rescuer.c ---- */

bool rescuer_create(struct workqueue_struct *wq);
void rescuer_stop(struct workqueue_struct *wq);
void rescuer_free(struct workqueue_struct *wq);
int rescuer_tid(const struct workqueue_struct *wq);
void rescuers_stop_all(void);
u64 rescuers_restart(void);
void rescuer_look(struct monitor_look *look);
bool pool_needs_help(const struct worker_pool *pool);

/* Pool lock held: a rescuer knows of @pwq, which must not become another's meanwhile. */
static inline bool pwq_in_distress(const struct pool_workqueue *pwq)
{
	return pwq->mayday || pwq->rescuing;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * workqueue_internal.h - structures of the engine, who may touch what, lock order
 *
 * A workqueue owns pool_workqueues (pwqs), one per CPU or one for all. A pwq
 * joins its queue to a worker_pool and counts the queue's items there. A pool has
 * an inbox, a worklist and workers; pools are shared by all queues of equal
 * attributes. Pools, workers and pwqs are never given back to the allocator: a
 * pointer or id read without a lock may be stale, but never dangling, and is
 * checked again under the pool lock.
 *
 * What the files of the engine ask of each other stands in pool.h, worker.h and monitor.h,
 * which are parts of this one, and at the end.
 *
 * Letters behind fields:
 *   I   set at birth, then read-only
 *   L   pool->lock
 *   W   wq->mutex
 *   M   wq_pool_mutex
 *   S   stored by the owning worker only, loaded by anyone: release and acquire
 *   SL  stored by the owning worker under pool->lock, or while it begins an item of a batch
 *	 (batch.c); loaded by anyone with acquire
 *   LA  stored under pool->lock, loaded by anyone: atomic
 *   A   atomic, anyone
 *
 * Lock order: wq_pool_mutex > wq->mutex > one pool->lock. Never two pool locks;
 * never a sleep, a user's function or an allocation under one.
 */
#ifndef UWQ_WORKQUEUE_INTERNAL_H
#define UWQ_WORKQUEUE_INTERNAL_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "kernel-compat/fork_gate.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"
#include "kernel-compat/wait_spin.h"
#include "workqueue/inbox.h"
#include "workqueue/work_data.h"

/* variables of other files are reached without a detour: nobody outside has them */
#pragma GCC visibility push(hidden)

#define WQ_NAME_LEN		32
#define NR_STD_WORKER_POOLS	2	/* per CPU: normal, highpri */
#define HIGHPRI_NICE_LEVEL	(-20)
#define WORKER_ID_LEN		48	/* "kworker/R-" and the name of a queue */
#define WORKER_NAME_IDS		2048	/* names beyond that use the table index */

enum pool_flags {
	POOL_BH			= 1 << 0,	/* one worker without a thread: bh.c */
	POOL_DISASSOCIATED	= 1 << 2,	/* not tied to a CPU */
};

/*
 * What a submitter has to do after it published an item. Kept in pool->kick by
 * whoever holds the lock; see pool_kick_state().
 */
enum kick_state {
	KICK_BUSY,	/* as many workers run as shall: nothing, they come back */
	KICK_COMING,	/* the same, but one of them is on its way */
	KICK_LOOKING,	/* a worker spins or is on its way: nothing, it will look */
	KICK_CREATING,	/* its thread is not there yet: see that the sampler looks */
	KICK_WANTED,	/* nobody would notice: wake or make one */
};

enum create_state {
	CREATE_NONE,
	CREATE_RESERVE,	/* nobody idle is left for the next time somebody blocks */
	CREATE_NEEDED,	/* an item waits for this worker */
};

#define BATCH_MAX	7
#define BATCH_CLOSED	(1u << 16)
#define MAX_BATCHERS	31
#define BATCHERS_KEEP	(1u << MAX_BATCHERS)	/* the only one keeps an item: requeue.c */

struct batched {
	struct work_struct *work;
	unsigned long	 data;		/* as on a list */
};

/* Items of one pwq that a worker, one of pool->batchers, runs after the current one: see batch.c */
struct batch {
	unsigned int	 claims;	/* A: to be begun; from BATCH_CLOSED on: none */
	unsigned int	 begun;		/* S: of these */
	unsigned int	 nr;		/* L: items */
	u32		 bit;		/* L: of pool->batchers; 0 = there is no batch */
	unsigned long	 number;	/* L: a later batch of the pool has a greater one */
	bool		 heirs;		/* L: they hold no slots of their own */
	int		 color;		/* L: of the run before the batch */
	struct batched	 items[BATCH_MAX]; /* stored by the owner, who holds L; it reads them without */
};

/* The item that a worker, then the only one of pool->batchers, keeps for its next run: requeue.c */
struct requeue {
	u32		 open;		/* LA: it may keep one */
	u32		 busy;		/* A: the worker is in a step */
	struct work_struct *work;	/* what is kept; the worker's in a step, L when closed */
	unsigned long	 nr_begun;	/* the same: since it was opened */
	unsigned long	 last_run;	/* S: the last one that queued its own item */
	unsigned int	 streak;	/* S: how many in a row did so up to that one */
	unsigned int	 met;		/* L: how many more are asked for, see requeue_met() */
};

/*
 * Several workers of one pool hand its lines from CPU to CPU with each item, so what an
 * item needs under the lock is on one line, behind the window of the inbox: up to @batches_looked.
 * What submitters read besides the inbox is on the read-mostly one.
 */
struct worker_pool {
	struct inbox	 inbox __aligned(64);

	struct futex_lock lock;
	int		 nr_running;	/* L: neither idle, blocked nor counted out */
	struct list_head worklist;	/* L: waiting items, oldest first */
	unsigned long	 nr_started;	/* LA: runs begun, the manager's sign of progress */
	struct worker	 *spinner;	/* L: the one that polls the inbox */
	u32		 batchers;	/* L: a bit for each worker that has a batch; BATCHERS_KEEP */
	u32		 batches_looked; /* L: nr_started when somebody looked how old batches are */

	/* changes seldom while items flow; kick and flags are what submitters read */
	u32		 kick __aligned(64); /* LA: enum kick_state */
	unsigned int	 flags;		/* LA: enum pool_flags; see pool_flags() */
	unsigned long	 offq;		/* I: what data says of it when an item's run begins */
	struct wq_node_nr_active *serve; /* L: accounts to serve after the lock is dropped */
	int		 nr_waking;	/* L: woken, or its thread was made: not yet arrived */
	enum create_state create;	/* L: what the manager is asked for */
	int		 max_running;	/* L: runnable workers wanted at the same time */
	bool		 runs_short;	/* L: one worker is enough at present, see pace.c */
	unsigned int	 batch_size;	/* L: items that a worker takes at once, see batch.c */
	unsigned long	 full_at;	/* L: nr_started when the inbox was full last */
	bool		 was_busy;	/* L: kick was BUSY or COMING since the last membarrier */
	bool		 unused;	/* L: no queue has it any more, idle workers leave */
	bool		 creating;	/* L: a thread is being made, one of workers is WORKER_NEW */
	u32		 spin_break;	/* LA: the spinner shall come to the lock */
	struct spin_habit habit;	/* L: how long it polls */
	unsigned int	 gather;	/* L: how long it leaves a stream alone before, see rest.c */

	int		 nr_workers __aligned(64); /* L: all, also those on their way */
	int		 min_workers;	/* L: so many stay; see min_workers.c */
	int		 nr_idle;	/* L */
	struct list_head idle_list;	/* L: latest first */
	u64		 run_ns;	/* L: about how long a function takes, see pace.c */
	int		 id;		/* I: index in the pool table */
	int		 cpu;		/* I: -1 = unbound */
	int		 nice;		/* I */
	struct cpumask	 *cpumask;	/* unbound, changes only while unused: the queue's CPUs */
	struct cpumask	 *pod_cpumask;	/* the same: where workers start */
	bool		 affn_strict;	/* the same: they do not leave those */
	bool		 repatriates;	/* the same: they may, and are brought back */
	int		 node;		/* the same, or when nodes get known: of pod_cpumask */
	unsigned int	 idle_timeout_ms; /* M, read by any: 0 = as all; see idle_timeout.c */
	int		 refcnt;	/* M: pwqs that belong to it */

	/* manager */
	struct llist_node create_node;	/* A: on the manager's list while create_listed */
	int		 create_listed;	/* A */
	u64		 create_after;	/* manager thread: ns, pause after a failure */
	bool		 watched_waiting; /* L: items waited at the last look */
	unsigned long	 watched_started; /* L: nr_started at the last look */
	u64		 moved_at;	/* L: ns, look at which items waited and it had grown */
	u64		 still_since; /* L: ns, last progress seen while items wait; 0 = none wait */
	unsigned long	 still_started; /* L: nr_started at that time */
	bool		 stall_reported; /* L: by the report that is being made */
	unsigned long	 nr_created;	/* L: threads made so far */

	/* calls for rescuers, see rescuer.c */
	u64		 help_since;	/* sampler: ns, items wait for a creation since; 0 = none */
	u64		 next_mayday;	/* sampler: ns */
	unsigned long	 watched_created; /* sampler: nr_created when last looked at */
	struct worker	 *batch_owners[MAX_BATCHERS]; /* L: whose the bits of batchers are */
	struct list_head workers;	/* L: all that have been given to the pool */
	unsigned long	 name_ids[WORKER_NAME_IDS / BITS_PER_LONG]; /* L: taken numbers */
};

static_assert(offsetof(struct worker_pool, lock) % 64 +
	      offsetof(struct worker_pool, batches_looked) + sizeof(u32) -
	      offsetof(struct worker_pool, lock) <= 64, "an item needs one line of its pool");

enum worker_flags {
	WORKER_IDLE	= 1 << 0,	/* on pool->idle_list */
	WORKER_BLOCKED	= 1 << 1,	/* asleep inside a function */
	WORKER_OUT	= 1 << 2,	/* its run is no longer counted as running */
	WORKER_RESCUER	= 1 << 3,	/* never counted */
	WORKER_ASLEEP	= 1 << 4,	/* blocked, as the monitor has found */
	WORKER_FORKED	= 1 << 5,	/* its function forked, and this is the child: none any more */
	WORKER_NEW	= 1 << 6,	/* its thread is not there yet */
	WORKER_NOT_RUNNING = WORKER_IDLE | WORKER_BLOCKED | WORKER_OUT | WORKER_RESCUER |
			     WORKER_ASLEEP | WORKER_NEW,
};

/* Values of worker->wake. WAKE_BH: idle, in a pool that another's thread serves. */
enum worker_wake { WAKE_NONE, WAKE_GIVEN, WAKE_ASLEEP, WAKE_BH };

/*
 * Groups of fields that different threads write stand on lines of their own. The
 * padding is explicit, because list heads are taken for entries in loops, which an
 * alignment attribute of the type would turn into a complaint of the sanitizers.
 */
struct worker {
	/* what it runs; compared by others without a lock */
	union {
		struct {
			struct work_struct *current_work; /* SL: release at every store */
			work_func_t	 current_func;	/* SL */
			struct pool_workqueue *current_pwq; /* SL */
			unsigned long	 nr_runs;	/* SL: which run this is */
			int		 current_color;	/* SL */
			bool		 current_active; /* SL: holds an active slot */
			bool		 exiting;	/* S: leaving at its own wish */
			u64		 run_since;	/* SL: run clock when this run began */
			work_func_t	 last_func;	/* SL: of the run before the current one */
			unsigned long	 measured_run;	/* S: the next one that is, see pace.c */
		};
		char line_run[64];
	};
	union {
		struct {
			u32		 wake;		/* A: enum worker_wake, futex word */
			unsigned int	 flags;		/* L: enum worker_flags */
			struct list_head scheduled;	/* L: must follow the current item here */
			struct list_head node;		/* L: idle_list */
			struct list_head pool_node;	/* L: pool->workers */
			unsigned long	 watched_run;	/* L: nr_runs when last looked at; 0 = it blocked */
			u64		 watched_cpu;	/* L: ns of CPU time at the last look */
			u64		 cpu_since;	/* L: the same when it began to compute */
		};
		char lines_locked[128];
	};
	union {
		struct {
			struct worker_pool *pool;	/* LA, that of the one before; NULL: none yet */
			struct task_struct *task;	/* LA: set when its thread begins */
			unsigned int	 id;		/* I: index in the worker table */
			int		 name_id;	/* I while employed: number in its pool */
			struct worker	 *free_next;	/* worker table's lock */
			struct workqueue_struct *rescue_wq; /* I: the queue that a rescuer serves */
		};
		char line_const[64];
	};
	union {
		struct batch	 batch;
		char lines_batch[192];
	};
	union {
		struct requeue	 requeue;
		char line_requeue[64];
	};
	/* what it says of itself, see describe.c */
	unsigned long	 desc_run;		/* L: the run that desc belongs to */
	char		 desc[WORKER_DESC_LEN];	/* L */

	/* CPU time, see stats.c */
	u64		 cpu_seen;		/* L: its thread's clock when it was last read */
	u64		 cpu_polled;		/* L: since then for polling */
	u64		 cpu_tick;		/* S: the coarse clock at that time */
};

struct pool_workqueue {
	union {
		struct {
			struct worker_pool *pool;	/* LA: changes only while unused */
			struct workqueue_struct *wq;	/* LA: changes only while unused */
			bool		 counted_out;	/* I: its items do not count as running */
		};
		char line_const[64];
	};
	int		 nr_active;	/* L: hold a slot: waiting or running */
	int		 max_active;	/* L: slots, if it shares them with no other pwq */
	struct wq_node_nr_active *node_active; /* LA: whose slots it shares, NULL = has its own */
	s8		 work_color;	/* L: colour of items that come now */
	s8		 flush_color;	/* L: colour being flushed, -1 = none */
	bool		 plugged;	/* L: ordered queue: an older pwq goes first */
	bool		 retired;	/* L: ordered queue: gets nothing any more */
	struct list_head inactive_works; /* L: beyond max_active, oldest first, see pwq_mend_first() */
	unsigned long	 nr_total;	/* LA: sum of nr_in_flight */
	unsigned long	 nr_admitted;	/* L: items that ever came; two looks compare it */
	unsigned long	 nr_started;	/* L: runs begun, of barriers too */
	int		 nr_in_flight[WORK_NR_COLORS]; /* L: queued or running, by colour */
	union {
		/* who waits for the last item looks here, and disturbs nobody */
		unsigned long	 quiet_at;	/* LA: number in the inbox, see pwq_note_quiet() */
		char line_quiet[64];
	};
	struct wq_node_nr_active *account; /* LA, changes only while unused: unbound: its node's */
	struct list_head pending_node;	/* account->lock: waits there for a slot */
	unsigned long	 nr_repatriated; /* L: workers brought back to the pod for its items */
	unsigned long	 cpu_intensive;	/* L: runs that were found to be CPU hogs */
	unsigned long	 cm_wakeup;	/* L: workers woken because one blocked or hogged */
	u64		 cpu_ns;	/* L: CPU time of its runs, see stats.c */
	struct list_head pwqs_node;	/* W: wq->pwqs */
	bool		 former;	/* W: serves no CPU, was empty when looked at: former.c */
	unsigned long	 former_admitted; /* W: nr_admitted at that look */
	struct llist_node unplug_node;	/* A: on the manager's list while unplug_listed */
	int		 unplug_listed;	/* A */
	bool		 mayday;	/* L: its rescuer is called and has not come yet */
	bool		 rescuing;	/* L: the rescuer is there */
	unsigned long	 nr_mayday;	/* L: calls */
	unsigned long	 nr_rescued;	/* L: items that the rescuer took */
	struct list_head mayday_node;	/* mayday_lock: rescuer->maydays */
	struct pool_workqueue *free_next; /* pwq_free_lock */
	struct pool_workqueue *made_next; /* A: the one made after it, see first_pwq_made() */
};

/*
 * The active slots of an unbound queue on one memory node, see node_active.c. Kept for
 * ever and used again, so a stale pointer is harmless.
 */
struct wq_node_nr_active {
	int		 nr;		/* A: taken by pwqs that share */
	int		 max;		/* A: stored under wq->mutex */
	int		 nr_pending;	/* A: pwqs on the list; stored under the lock */
	struct futex_lock lock;
	struct list_head pending_pwqs;	/* lock: wait for a slot, next one first */
	u32		 serve_listed;	/* A: on the serve list of some pool */
	struct wq_node_nr_active *serve_next; /* lock of that pool */
	struct wq_node_nr_active *free_next; /* free list's lock */
};

/* work->data keeps the address without its low bits */
#define PWQ_ALIGN		(1 << WORK_STRUCT_PWQ_SHIFT)

static_assert(offsetof(struct pool_workqueue, nr_active) == 64 &&
	      offsetof(struct pool_workqueue, nr_in_flight) == 128 &&
	      offsetof(struct pool_workqueue, quiet_at) == 192,
	      "what an item changes of its pwq is on two lines, what submitters read on another");

/* A caller of flush_workqueue() that waits; lives on its stack. */
struct wq_flusher {
	struct list_head list;		/* W: wq->flushers */
	int		 color;		/* W: what it waits for; -1 = no colour was free */
	struct completion done;
};

struct workqueue_struct {
	/* what submitters read; the others keep a line's distance */
	unsigned int	 flags;		/* A: enum wq_flags */
	struct pool_workqueue **cpu_pwq; /* A: by CPU; NULL: unbound and dfl_pwq serves all */
	struct pool_workqueue *dfl_pwq;	/* A: unbound: for all CPUs of the queue */
	char		 name[WQ_NAME_LEN]; /* I */
	u64		 serial;	/* I: no two queues ever have the same */
	struct rescuer	 *rescuer;	/* I: WQ_MEM_RECLAIM, else NULL */
	struct wq_device *wq_dev;	/* owner: its files in /sys; NULL = none */
	struct workqueue_attrs *attrs;	/* W: unbound queues: as asked for */

	struct mutex	 mutex;
	struct list_head pwqs;		/* W: all, also replaced ones */
	int		 saved_max_active; /* W: as asked for, clamped */
	int		 saved_min_active; /* W: unbound queues */
	int		 max_active;	/* W: in force; 0 = frozen */
	int		 min_active;	/* W: in force */
	int		 nr_drainers;	/* W */
	int		 min_workers;	/* W: workers that it asks its pool to keep */
	unsigned int	 idle_timeout_ms; /* W and M: that it asks its pool for; 0 = none */

	int		 work_color;	/* W: colour of items that come now */
	int		 flush_color;	/* W: oldest colour not flushed; = work_color: none */
	atomic_t	 nr_pwqs_to_flush; /* A: pwqs with items of flush_color left */
	struct wq_flusher *leader;	/* A: is told when that count is zero */
	struct list_head flushers;	/* W: others, by colour, those without one last */

	struct wq_node_nr_active **node_nr_active; /* M: unbound queues: by node, last = none */
	bool		 nodes_shared;	/* W: several pwqs take slots from the accounts */
	struct list_head list;		/* M: workqueues */
	unsigned long	 shown_in_dump;	/* A: the last dump that showed the queue */
};

extern struct mutex wq_pool_mutex;
extern struct list_head workqueues;

#include "workqueue/pool.h"
#include "workqueue/worker.h"
#include "workqueue/monitor.h"

/* What data says of an item that @worker has begun, and that runs nowhere else. */
static inline unsigned long work_data_begun(const struct worker *worker)
{
	return (unsigned long)worker->id << WORK_LAST_SHIFT | worker->pool->offq;
}

/* ---- bh.c ---- */

bool bh_init_cpu(int cpu);
void tasklets_init_cpu(int cpu);
void bh_raise(struct worker_pool *pool);
bool bh_serves(const struct worker_pool *pool);
u64 bh_start_threads(void);
bool bh_is_deserted(int cpu);
void bh_cpu_online(int cpu);

/* ---- pwq.c ---- */

struct pool_workqueue *pwq_new(struct workqueue_struct *wq, struct worker_pool *pool);
void pwq_recycle(struct pool_workqueue *pwq);
struct pool_workqueue *first_pwq_made(void);
struct pool_workqueue *next_pwq_made(struct pool_workqueue *pwq);
struct completion *pwq_color_done(struct pool_workqueue *pwq);
void move_linked(struct work_struct *work, struct list_head *to);

/* ---- node_active.c ---- */

struct wq_node_nr_active *node_account(struct workqueue_struct *wq, int node);
void node_accounts_free(struct workqueue_struct *wq);
void wq_share_accounts(struct workqueue_struct *wq);
void wq_unshare_accounts(struct workqueue_struct *wq);
void wq_update_node_max_active(struct workqueue_struct *wq);
void wq_serve_nodes(struct workqueue_struct *wq);
bool pwq_take_shared_slot(struct pool_workqueue *pwq);
void pwq_give_shared_slots(struct pool_workqueue *pwq, int nr);
void pwq_activate_waiting(struct pool_workqueue *pwq);
void pwq_stop_pending(struct pool_workqueue *pwq);
void pwq_set_limit(struct pool_workqueue *pwq);

/* Pool lock held. Who waits looks at it without, to see when it is worth to take the lock. */
static inline void pwq_set_total(struct pool_workqueue *pwq, unsigned long total)
{
	__atomic_store_n(&pwq->nr_total, total, __ATOMIC_RELAXED);
}

static inline struct worker_pool *pwq_pool(struct pool_workqueue *pwq)
{
	return __atomic_load_n(&pwq->pool, __ATOMIC_ACQUIRE);
}

static inline struct workqueue_struct *pwq_wq(struct pool_workqueue *pwq)
{
	return __atomic_load_n(&pwq->wq, __ATOMIC_ACQUIRE);
}

/* ---- queue.c ---- */

void queue_owned_work(int cpu, struct workqueue_struct *wq, struct work_struct *work,
		      unsigned long old);
bool release_if_disabled(struct work_struct *work, unsigned long old);

static inline unsigned int wq_flags(const struct workqueue_struct *wq)
{
	return __atomic_load_n(&wq->flags, __ATOMIC_RELAXED);
}

/* ---- flush_queue.c ---- */

void wq_flush(struct workqueue_struct *wq, const char *call);

/* ---- grab.c ---- */

bool grab_pending(struct work_struct *work, bool is_dwork, unsigned long *data);

/* ---- flush.c ---- */

bool wait_for_runs(struct work_struct *work, const char *call, bool is_flush);
int barrier_waiter(const struct work_struct *work);

/* ---- dependency.c ---- */

bool may_wait_for_queue(const struct workqueue_struct *target);
void report_flush_dependency(const char *wq_name, work_func_t func);

/* ---- deadlock.c ---- */

struct task_wait_watch;
void wait_for_workers(struct completion *done, struct task_wait_watch *watch);

/* ---- drain.c ---- */

bool wq_is_idle(struct workqueue_struct *wq);
bool runs_on_queue(const struct workqueue_struct *wq);

/*
 * U26: waiting for the queue on which one runs would never end. True: it was reported, once for
 * each place in the code, and the caller does nothing.
 */
#define refuse_own_queue(wq, call)							\
	WARN_ONCE(runs_on_queue(wq),							\
		  "workqueue: %s() of wq %s from %ps, which runs on it; refused\n",	\
		  call, (wq)->name, (void *)this_worker->current_func)

/* ---- ordered.c ---- */

void wq_switch_ordered(struct workqueue_struct *wq, struct pool_workqueue *pwq);
void wq_unplug_oldest(struct workqueue_struct *wq);

/* ---- former.c ---- */

void wq_forget_former(struct workqueue_struct *wq);

/* ---- hotplug.c ---- */

int pool_wanted_running(const struct worker_pool *pool);
void pool_update_max_running(struct worker_pool *pool);
void hotplug_look(void);
void hotplug_settle(void);

/* ---- attrs.c ---- */

void copy_workqueue_attrs(struct workqueue_attrs *to, const struct workqueue_attrs *from);

/* ---- unbound.c ---- */

extern struct cpumask wq_unbound_cpumask;	/* M to change, A to look: in force */
extern struct cpumask wq_requested_unbound_cpumask;	/* M: as asked for */
extern struct cpumask wq_isolated_cpumask;	/* M: kept out by housekeeping */
void wq_unbound_init(void);
int wq_apply_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs);
void wq_update_pods(int cpu);
void wq_update_all_pods(void);
int workqueue_set_unbound_cpumask(const struct cpumask *cpus);
int wq_select_unbound_cpu(void);

/* ---- alloc.c ---- */

extern bool workqueue_freezing;	/* M: freezable queues start nothing */
void wq_adjust_max_active(struct workqueue_struct *wq);
struct workqueue_struct *wq_alloc_va(const char *fmt, unsigned int flags, int max_active,
				     va_list args) __attribute__((__format__(__printf__, 1, 0)));
struct workqueue_struct *wq_create(const char *name, unsigned int flags, int max_active);
void wq_free(struct workqueue_struct *wq);

/* ---- sysfs.c ---- */

void wq_sysfs_unregister(struct workqueue_struct *wq);

/* ---- exit.c ---- */

extern u32 wq_stop_state;	/* A: enum wq_stop_state */
enum wq_stop_state { WQ_RUNNING, WQ_STOPPING, WQ_EXITING };

/* The process exits: nothing new may start. */
static inline bool wq_exiting(void)
{
	return unlikely(__atomic_load_n(&wq_stop_state, __ATOMIC_RELAXED) == WQ_EXITING);
}

void exit_await_choices(void);

/* The same, and when it says so all that still starts was seen to start. */
static inline bool wq_exit_has_settled(void)
{
	if (!wq_exiting())
		return false;
	exit_await_choices();
	return true;
}

/* workqueue_shutdown() runs: workers leave when they have nothing to do. */
static inline bool wq_stopping(void)
{
	return unlikely(__atomic_load_n(&wq_stop_state, __ATOMIC_RELAXED) == WQ_STOPPING);
}

void wq_register_exit(void);

#pragma GCC visibility pop

#endif

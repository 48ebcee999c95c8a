/* SPDX-License-Identifier: MIT */
/*
 * workqueue.h - run a function later, in a thread
 *
 * A work item is embedded in the user's structure and names a function. Queueing
 * it hands it to a workqueue, whose worker threads call the function once for
 * each successful queueing. Documentation/workqueue.rst tells the whole story;
 * the contract of each function stands above its body in workqueue/.
 *
 * Differs from Linux: Documentation/differences.rst. In short: data keeps the
 * worker that ran the item last in its upper 16 bits, also while queued; misuse
 * on which the kernel would hang is reported and refused.
 */
#ifndef UWQ_LINUX_WORKQUEUE_H
#define UWQ_LINUX_WORKQUEUE_H

#include <linux/types.h>
#include <linux/kconfig.h>
#include <linux/compiler.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/timer.h>
#include <linux/threads.h>
#include <linux/cpumask_types.h>
#include <linux/lockdep_types.h>
#include <linux/rcupdate.h>
#include <linux/version.h>
#include <uwq/api.h>

struct device;
struct workqueue_struct;
struct work_struct;
struct task_struct;

typedef void (*work_func_t)(struct work_struct *work);

/*
 * Bits of work->data. Two readings, told apart by WORK_STRUCT_PWQ; the drawing
 * and who may write which bit are in workqueue/work_data.h.
 */
enum work_bits {
	WORK_STRUCT_PENDING_BIT	= 0,	/* somebody owns the next run */
	WORK_STRUCT_INACTIVE_BIT = 1,	/* queued beyond max_active */
	WORK_STRUCT_PWQ_BIT	= 2,	/* data holds a queue pointer */
	WORK_STRUCT_LINKED_BIT	= 3,	/* the next entry belongs to this one */
	WORK_STRUCT_STATIC_BIT	= 4,	/* of debug objects: never set, WORK_STRUCT_STATIC is 0 */
	WORK_STRUCT_FLAG_BITS	= 4,

	WORK_STRUCT_COLOR_SHIFT	= WORK_STRUCT_FLAG_BITS,
	WORK_STRUCT_COLOR_BITS	= 4,
	WORK_STRUCT_PWQ_SHIFT	= WORK_STRUCT_COLOR_SHIFT + WORK_STRUCT_COLOR_BITS,

	WORK_OFFQ_FLAG_SHIFT	= WORK_STRUCT_FLAG_BITS,
	WORK_OFFQ_BH_BIT	= WORK_OFFQ_FLAG_SHIFT,
	WORK_OFFQ_FLAG_END,
	WORK_OFFQ_FLAG_BITS	= WORK_OFFQ_FLAG_END - WORK_OFFQ_FLAG_SHIFT,
	WORK_OFFQ_DISABLE_SHIFT	= WORK_OFFQ_FLAG_SHIFT + WORK_OFFQ_FLAG_BITS,
	WORK_OFFQ_DISABLE_BITS	= 16,
	WORK_OFFQ_POOL_SHIFT	= WORK_OFFQ_DISABLE_SHIFT + WORK_OFFQ_DISABLE_BITS,
	/* the upper 16 bits name the last worker, so fewer are left than in Linux */
	WORK_OFFQ_LEFT		= 48 - WORK_OFFQ_POOL_SHIFT,
	WORK_OFFQ_POOL_BITS	= WORK_OFFQ_LEFT <= 31 ? WORK_OFFQ_LEFT : 31,
};

enum work_flags {
	WORK_STRUCT_PENDING	= 1 << WORK_STRUCT_PENDING_BIT,
	WORK_STRUCT_INACTIVE	= 1 << WORK_STRUCT_INACTIVE_BIT,
	WORK_STRUCT_PWQ		= 1 << WORK_STRUCT_PWQ_BIT,
	WORK_STRUCT_LINKED	= 1 << WORK_STRUCT_LINKED_BIT,
	WORK_STRUCT_STATIC	= 0,
};

enum wq_misc_consts {
	WORK_NR_COLORS		= 1 << WORK_STRUCT_COLOR_BITS,
	WORK_CPU_UNBOUND	= NR_CPUS,
	WORK_BUSY_PENDING	= 1 << 0,
	WORK_BUSY_RUNNING	= 1 << 1,
	WORKER_DESC_LEN		= 32,
};

#define WORK_OFFQ_BH		(1ul << WORK_OFFQ_BH_BIT)
#define WORK_OFFQ_FLAG_MASK	(((1ul << WORK_OFFQ_FLAG_BITS) - 1) << WORK_OFFQ_FLAG_SHIFT)
#define WORK_OFFQ_DISABLE_MASK	(((1ul << WORK_OFFQ_DISABLE_BITS) - 1) << WORK_OFFQ_DISABLE_SHIFT)
#define WORK_OFFQ_POOL_NONE	((1ul << WORK_OFFQ_POOL_BITS) - 1)
#define WORK_STRUCT_NO_POOL	(WORK_OFFQ_POOL_NONE << WORK_OFFQ_POOL_SHIFT)
#define WORK_STRUCT_PWQ_MASK	(((1ul << 48) - 1) & ~((1ul << WORK_STRUCT_PWQ_SHIFT) - 1))

#define WORK_DATA_INIT()	ATOMIC_LONG_INIT((long)WORK_STRUCT_NO_POOL)
#define WORK_DATA_STATIC_INIT()	WORK_DATA_INIT()

struct work_struct {
	atomic_long_t	 data;	/* private: see workqueue/work_data.h */
	struct list_head entry;	/* private: the pool's lock, while queued */
	work_func_t	 func;	/* the user's; set before queueing */
};

struct delayed_work {
	struct work_struct	work;
	struct timer_list	timer;
	/* where the item goes when the timer fires; written by arming only */
	struct workqueue_struct	*wq;
	int			cpu;
};

struct rcu_work {
	struct work_struct	work;
	struct rcu_head		rcu;
	struct workqueue_struct	*wq;
};

struct execute_work {
	struct work_struct	work;
};

enum wq_affn_scope {
	WQ_AFFN_DFL,		/* what workqueue.default_affinity_scope says */
	WQ_AFFN_CPU,
	WQ_AFFN_SMT,
	WQ_AFFN_CACHE,
	WQ_AFFN_CACHE_SHARD,
	WQ_AFFN_NUMA,
	WQ_AFFN_SYSTEM,
	WQ_AFFN_NR_TYPES,
};

/**
 * struct workqueue_attrs - how an unbound queue's workers run
 * @nice: nice value of the workers
 * @cpumask: CPUs on which they may run
 * @__pod_cpumask: private
 * @affn_strict: never leave the pod
 * @affn_scope: size of a pod; belongs to the queue, not to a pool
 * @ordered: one item at a time, in order; belongs to the queue
 */
struct workqueue_attrs {
	int			nice;
	cpumask_var_t		cpumask;
	cpumask_var_t		__pod_cpumask;
	bool			affn_strict;
	enum wq_affn_scope	affn_scope;
	bool			ordered;
};

enum wq_flags {
	WQ_BH			= 1 << 0,	/* run as a bottom half, without sleeping */
	WQ_UNBOUND		= 1 << 1,	/* not tied to the queueing CPU */
	WQ_FREEZABLE		= 1 << 2,
	WQ_MEM_RECLAIM		= 1 << 3,	/* progress is guaranteed without new threads */
	WQ_HIGHPRI		= 1 << 4,	/* workers at nice -20 */
	WQ_CPU_INTENSIVE	= 1 << 5,	/* not counted while running */
	WQ_SYSFS		= 1 << 6,
	WQ_POWER_EFFICIENT	= 1 << 7,
	WQ_PERCPU		= 1 << 8,	/* tied to the queueing CPU */

	__WQ_DESTROYING		= 1 << 15,
	__WQ_DRAINING		= 1 << 16,
	__WQ_ORDERED		= 1 << 17,
	__WQ_LEGACY		= 1 << 18,
	__WQ_DEPRECATED		= 1 << 19,

	__WQ_BH_ALLOWS		= WQ_BH | WQ_HIGHPRI | WQ_PERCPU,
};

enum wq_consts {
	WQ_MAX_ACTIVE		= 2048,
	WQ_UNBOUND_MAX_ACTIVE	= WQ_MAX_ACTIVE,
	WQ_DFL_ACTIVE		= WQ_MAX_ACTIVE / 2,
	WQ_DFL_MIN_ACTIVE	= 8,
};

#define work_data_bits(work)	((unsigned long *)(&(work)->data))

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

static inline struct rcu_work *to_rcu_work(struct work_struct *work)
{
	return container_of(work, struct rcu_work, work);
}

#define from_work(var, callback_work, work_fieldname) \
	container_of(callback_work, __typeof__(*(var)), work_fieldname)

UWQ_API_BEGIN

/* ---- making items ---- */

void delayed_work_timer_fn(struct timer_list *timer);

#define __WORK_INIT_LOCKDEP_MAP(name, key)

#define __WORK_INITIALIZER(n, f)					\
	{								\
		.data = WORK_DATA_STATIC_INIT(),			\
		.entry = { &(n).entry, &(n).entry },			\
		.func = (f),						\
	}

#define __DELAYED_WORK_INITIALIZER(n, f, tflags)			\
	{								\
		.work = __WORK_INITIALIZER((n).work, (f)),		\
		.timer = __TIMER_INITIALIZER(delayed_work_timer_fn,	\
					     (tflags) | TIMER_IRQSAFE),	\
	}

#define DECLARE_WORK(n, f) \
	struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f) \
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, 0)
#define DECLARE_DEFERRABLE_WORK(n, f) \
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, TIMER_DEFERRABLE)

/*
 * The debug hooks of the kernel's object tracker have nothing to track here:
 * AddressSanitizer sees a stack item that outlives its frame.
 */
static inline void __init_work(struct work_struct *work, int onstack)
{
	(void)work;
	(void)onstack;
}

static inline void destroy_work_on_stack(struct work_struct *work)
{
	(void)work;
}

static inline void destroy_delayed_work_on_stack(struct delayed_work *dwork)
{
	destroy_timer_on_stack(&dwork->timer);
}

static inline unsigned int work_static(struct work_struct *work)
{
	(void)work;
	return 0;
}

/* A fresh, idle, enabled item that has never run. Any state it had is forgotten. */
static inline void uwq_init_work(struct work_struct *work, work_func_t func, int onstack)
{
	__init_work(work, onstack);
	atomic_long_set(&work->data, (long)WORK_STRUCT_NO_POOL);
	INIT_LIST_HEAD(&work->entry);
	work->func = func;
}

#define __INIT_WORK_KEY(w, f, onstack, key) \
	do { (void)(key); uwq_init_work((w), (f), (onstack)); } while (0)
#define __INIT_WORK(w, f, onstack)	uwq_init_work((w), (f), (onstack))
#define INIT_WORK(w, f)			__INIT_WORK((w), (f), 0)
#define INIT_WORK_ONSTACK(w, f)		__INIT_WORK((w), (f), 1)
#define INIT_WORK_ONSTACK_KEY(w, f, key) __INIT_WORK_KEY((w), (f), 1, key)

#define __INIT_DELAYED_WORK(d, f, tflags)				\
	do {								\
		__INIT_WORK(&(d)->work, (f), 0);			\
		timer_setup(&(d)->timer, delayed_work_timer_fn,		\
			    (tflags) | TIMER_IRQSAFE);			\
	} while (0)
#define __INIT_DELAYED_WORK_ONSTACK(d, f, tflags)			\
	do {								\
		__INIT_WORK(&(d)->work, (f), 1);			\
		timer_setup_on_stack(&(d)->timer, delayed_work_timer_fn, \
				     (tflags) | TIMER_IRQSAFE);		\
	} while (0)
#define INIT_DELAYED_WORK(d, f)			__INIT_DELAYED_WORK(d, f, 0)
#define INIT_DELAYED_WORK_ONSTACK(d, f)		__INIT_DELAYED_WORK_ONSTACK(d, f, 0)
#define INIT_DEFERRABLE_WORK(d, f)		__INIT_DELAYED_WORK(d, f, TIMER_DEFERRABLE)
#define INIT_DEFERRABLE_WORK_ONSTACK(d, f) \
	__INIT_DELAYED_WORK_ONSTACK(d, f, TIMER_DEFERRABLE)

#define INIT_RCU_WORK(r, f)		INIT_WORK(&(r)->work, (f))
#define INIT_RCU_WORK_ONSTACK(r, f)	INIT_WORK_ONSTACK(&(r)->work, (f))

#define work_pending(w) \
	((atomic_long_read(&(w)->data) & WORK_STRUCT_PENDING) != 0)
#define delayed_work_pending(d)	work_pending(&(d)->work)

/* ---- the system's queues ---- */

extern struct workqueue_struct *system_wq;		/* deprecated: system_percpu_wq */
extern struct workqueue_struct *system_percpu_wq;
extern struct workqueue_struct *system_highpri_wq;
extern struct workqueue_struct *system_long_wq;
extern struct workqueue_struct *system_unbound_wq;	/* deprecated: system_dfl_wq */
extern struct workqueue_struct *system_dfl_wq;
extern struct workqueue_struct *system_freezable_wq;
extern struct workqueue_struct *system_power_efficient_wq;
extern struct workqueue_struct *system_freezable_power_efficient_wq;
extern struct workqueue_struct *system_bh_wq;
extern struct workqueue_struct *system_bh_highpri_wq;
extern struct workqueue_struct *system_dfl_long_wq;

/* ---- queues ---- */

struct workqueue_struct *alloc_workqueue_noprof(const char *fmt, unsigned int flags,
						int max_active, ...) __printf(1, 4);

/* Before 7.0 a queue without WQ_UNBOUND was per-CPU, and nothing was said about it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define __uwq_alloc_flags(flags)	((flags) & WQ_UNBOUND ? (flags) : (flags) | WQ_PERCPU)
#else
#define __uwq_alloc_flags(flags)	(flags)
#endif
#define alloc_workqueue(fmt, flags, ...) \
	alloc_workqueue_noprof((fmt), __uwq_alloc_flags(flags), __VA_ARGS__)

#define alloc_ordered_workqueue(fmt, flags, ...) \
	alloc_workqueue((fmt), WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##__VA_ARGS__)
#define create_workqueue(name) \
	alloc_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM | WQ_PERCPU, 1, (name))
#define create_freezable_workqueue(name) \
	alloc_workqueue("%s", __WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND | WQ_MEM_RECLAIM, 1, (name))
#define create_singlethread_workqueue(name) \
	alloc_ordered_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, (name))

void destroy_workqueue(struct workqueue_struct *wq);

/* Queues that are destroyed when their device is unregistered */
struct workqueue_struct *devm_alloc_workqueue_noprof(struct device *dev, const char *fmt,
						     unsigned int flags, int max_active, ...)
	__printf(2, 5);
#define devm_alloc_workqueue(dev, fmt, flags, ...) \
	devm_alloc_workqueue_noprof((dev), (fmt), __uwq_alloc_flags(flags), __VA_ARGS__)
#define devm_alloc_ordered_workqueue(dev, fmt, flags, ...) \
	devm_alloc_workqueue((dev), (fmt), WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##__VA_ARGS__)

/* The caller has a lock map for the queue; there is no lock checker that would use it. */
struct workqueue_struct *alloc_workqueue_lockdep_map(const char *fmt, unsigned int flags,
						     int max_active, struct lockdep_map *map, ...)
	__attribute__((__format__(__printf__, 1, 5)));
#define alloc_ordered_workqueue_lockdep_map(fmt, flags, map, ...) \
	alloc_workqueue_lockdep_map((fmt), WQ_UNBOUND | __WQ_ORDERED | (flags), 1, (map), \
				    ##__VA_ARGS__)

/* With WQ_SYSFS alloc_workqueue() calls it */
int workqueue_sysfs_register(struct workqueue_struct *wq);

struct workqueue_attrs *alloc_workqueue_attrs_noprof(void);
#define alloc_workqueue_attrs()	alloc_workqueue_attrs_noprof()
void free_workqueue_attrs(struct workqueue_attrs *attrs);
int workqueue_unbound_housekeeping_update(const struct cpumask *hk);
int apply_workqueue_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs);
void workqueue_set_max_active(struct workqueue_struct *wq, int max_active);
void workqueue_set_min_active(struct workqueue_struct *wq, int min_active);

/* ---- queueing ---- */

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work);
bool queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			   unsigned long delay);
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			 unsigned long delay);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);
int schedule_on_each_cpu(work_func_t func);
int execute_in_process_context(work_func_t fn, struct execute_work *ew);
long work_on_cpu_key(int cpu, long (*fn)(void *), void *arg, struct lock_class_key *key);
#define work_on_cpu(cpu, fn, arg)	work_on_cpu_key((cpu), (fn), (arg), NULL)
long work_on_cpu_safe(int cpu, long (*fn)(void *), void *arg);

/* ---- waiting, cancelling, disabling ---- */

void __flush_workqueue(struct workqueue_struct *wq);
void drain_workqueue(struct workqueue_struct *wq);
void __warn_flushing_systemwide_wq(void);
bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *dwork);
bool flush_rcu_work(struct rcu_work *rwork);

bool cancel_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);
bool disable_work(struct work_struct *work);
bool disable_work_sync(struct work_struct *work);
bool enable_work(struct work_struct *work);
bool disable_delayed_work(struct delayed_work *dwork);
bool disable_delayed_work_sync(struct delayed_work *dwork);
bool enable_delayed_work(struct delayed_work *dwork);

/* ---- CPUs that come and go: called by the library itself ---- */

int workqueue_prepare_cpu(unsigned int cpu);
int workqueue_online_cpu(unsigned int cpu);
int workqueue_offline_cpu(unsigned int cpu);

/* ---- looking ---- */

struct work_struct *current_work(void);
bool current_is_workqueue_rescuer(void);
bool current_is_workqueue_mem_reclaim(void);
bool workqueue_congested(int cpu, struct workqueue_struct *wq);
unsigned int work_busy(struct work_struct *work);
void set_worker_desc(const char *fmt, ...) __printf(1, 2);
void print_worker_info(const char *log_lvl, struct task_struct *task);
void wq_worker_comm(char *buf, size_t size, struct task_struct *task);
void show_all_workqueues(void);
void show_freezable_workqueues(void);
void show_one_workqueue(struct workqueue_struct *wq);
void wq_watchdog_touch(int cpu);

/* queues made with WQ_FREEZABLE */
void freeze_workqueues_begin(void);
bool freeze_workqueues_busy(void);
void thaw_workqueues(void);

/* bottom halves: for the library's own thread, and for a CPU that is gone */
void workqueue_softirq_action(bool highpri);
void workqueue_softirq_dead(unsigned int cpu);

/* start-up: the library calls them itself; again they do no harm */
void workqueue_init_early(void);
void workqueue_init(void);
void workqueue_init_topology(void);

/* ---- what the kernel's scheduler calls ---- */

void wq_worker_sleeping(struct task_struct *task);
void wq_worker_running(struct task_struct *task);
void wq_worker_tick(struct task_struct *task);
work_func_t wq_worker_last_func(struct task_struct *task);

UWQ_API_END

static inline bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work_on(WORK_CPU_UNBOUND, wq, work);
}

static inline bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				      unsigned long delay)
{
	return queue_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				    unsigned long delay)
{
	return mod_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool schedule_work_on(int cpu, struct work_struct *work)
{
	return queue_work_on(cpu, system_percpu_wq, work);
}

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_percpu_wq, work);
}

static inline bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork,
					    unsigned long delay)
{
	return queue_delayed_work_on(cpu, system_percpu_wq, dwork, delay);
}

static inline bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work(system_percpu_wq, dwork, delay);
}

/* Undo one disable; if that was the last one, queue. True: the item is enabled now. */
static inline bool enable_and_queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	bool enabled = enable_work(work);

	if (enabled)
		queue_work(wq, work);
	return enabled;
}

/*
 * Whether @wq is one of the queues shared by everybody, whose flush waits for
 * strangers. Compared by address at run time: a program cannot know here.
 */
static inline bool uwq_is_systemwide_wq(const struct workqueue_struct *wq)
{
	return wq == system_percpu_wq || wq == system_highpri_wq || wq == system_long_wq ||
	       wq == system_dfl_wq || wq == system_dfl_long_wq || wq == system_freezable_wq ||
	       wq == system_power_efficient_wq || wq == system_freezable_power_efficient_wq;
}

#define flush_workqueue(wq)						\
	do {								\
		struct workqueue_struct *flush_wq_ = (wq);		\
									\
		if (uwq_is_systemwide_wq(flush_wq_))			\
			__warn_flushing_systemwide_wq();		\
		__flush_workqueue(flush_wq_);				\
	} while (0)

#define flush_scheduled_work()						\
	do {								\
		__warn_flushing_systemwide_wq();			\
		__flush_workqueue(system_percpu_wq);			\
	} while (0)

#endif

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
/** struct workqueue_struct - a queue; what is in it is private */
struct workqueue_struct;
struct work_struct;
struct task_struct;

/** work_func_t - what an item does; gets the address of the item itself */
typedef void (*work_func_t)(struct work_struct *work);

/**
 * enum work_bits - where the parts of work->data are
 * @WORK_STRUCT_PENDING_BIT: somebody owns the next run
 * @WORK_STRUCT_INACTIVE_BIT: queued beyond max_active
 * @WORK_STRUCT_PWQ_BIT: data holds a queue pointer
 * @WORK_STRUCT_LINKED_BIT: the next entry belongs to this one
 * @WORK_STRUCT_STATIC_BIT: of debug objects: never set, WORK_STRUCT_STATIC is 0
 * @WORK_STRUCT_FLAG_BITS: how many flags there are
 * @WORK_STRUCT_COLOR_SHIFT: on a queue: where the flush colour begins
 * @WORK_STRUCT_COLOR_BITS: width of the flush colour
 * @WORK_STRUCT_PWQ_SHIFT: low bits that the queue pointer has not
 * @WORK_OFFQ_FLAG_SHIFT: off a queue: where the flags of that state begin
 * @WORK_OFFQ_BH_BIT: it ran as a bottom half last
 * @WORK_OFFQ_FLAG_END: one past those flags
 * @WORK_OFFQ_FLAG_BITS: how many they are
 * @WORK_OFFQ_DISABLE_SHIFT: where the depth of disable_work() begins
 * @WORK_OFFQ_DISABLE_BITS: width of the depth
 * @WORK_OFFQ_POOL_SHIFT: where the number of the last pool begins
 * @WORK_OFFQ_LEFT: what is left for it; fewer than in Linux, because the upper 16 bits
 *	name the last worker
 * @WORK_OFFQ_POOL_BITS: its width
 *
 * Two readings, told apart by WORK_STRUCT_PWQ; the drawing and who may write which bit
 * are in workqueue/work_data.h.
 */
enum work_bits {
	WORK_STRUCT_PENDING_BIT	= 0,
	WORK_STRUCT_INACTIVE_BIT = 1,
	WORK_STRUCT_PWQ_BIT	= 2,
	WORK_STRUCT_LINKED_BIT	= 3,
	WORK_STRUCT_STATIC_BIT	= 4,
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
	WORK_OFFQ_LEFT		= 48 - WORK_OFFQ_POOL_SHIFT,
	WORK_OFFQ_POOL_BITS	= WORK_OFFQ_LEFT <= 31 ? WORK_OFFQ_LEFT : 31,
};

/**
 * enum work_flags - the flags of work->data, by value
 * @WORK_STRUCT_PENDING: somebody owns the next run
 * @WORK_STRUCT_INACTIVE: queued beyond max_active
 * @WORK_STRUCT_PWQ: data holds a queue pointer
 * @WORK_STRUCT_LINKED: the next entry belongs to this one
 * @WORK_STRUCT_STATIC: 0: there are no debug objects
 */
enum work_flags {
	WORK_STRUCT_PENDING	= 1 << WORK_STRUCT_PENDING_BIT,
	WORK_STRUCT_INACTIVE	= 1 << WORK_STRUCT_INACTIVE_BIT,
	WORK_STRUCT_PWQ		= 1 << WORK_STRUCT_PWQ_BIT,
	WORK_STRUCT_LINKED	= 1 << WORK_STRUCT_LINKED_BIT,
	WORK_STRUCT_STATIC	= 0,
};

/**
 * enum wq_misc_consts - odd numbers
 * @WORK_NR_COLORS: flush colours
 * @WORK_CPU_UNBOUND: no CPU is asked for
 * @WORK_BUSY_PENDING: work_busy(): it is queued or about to be
 * @WORK_BUSY_RUNNING: work_busy(): its function runs
 * @WORKER_DESC_LEN: room for set_worker_desc(), with the terminator
 */
enum wq_misc_consts {
	WORK_NR_COLORS		= 1 << WORK_STRUCT_COLOR_BITS,
	WORK_CPU_UNBOUND	= NR_CPUS,
	WORK_BUSY_PENDING	= 1 << 0,
	WORK_BUSY_RUNNING	= 1 << 1,
	WORKER_DESC_LEN		= 32,
};

/** WORK_OFFQ_BH - the flag of an item that ran as a bottom half last */
#define WORK_OFFQ_BH		(1ul << WORK_OFFQ_BH_BIT)
/** WORK_OFFQ_FLAG_MASK - all flags of an item off a queue */
#define WORK_OFFQ_FLAG_MASK	(((1ul << WORK_OFFQ_FLAG_BITS) - 1) << WORK_OFFQ_FLAG_SHIFT)
/** WORK_OFFQ_DISABLE_MASK - the depth of disable_work() in data */
#define WORK_OFFQ_DISABLE_MASK	(((1ul << WORK_OFFQ_DISABLE_BITS) - 1) << WORK_OFFQ_DISABLE_SHIFT)
/** WORK_OFFQ_POOL_NONE - the pool number of an item that has never run */
#define WORK_OFFQ_POOL_NONE	((1ul << WORK_OFFQ_POOL_BITS) - 1)
/** WORK_STRUCT_NO_POOL - data of a new item */
#define WORK_STRUCT_NO_POOL	(WORK_OFFQ_POOL_NONE << WORK_OFFQ_POOL_SHIFT)
/** WORK_STRUCT_PWQ_MASK - the queue pointer in data */
#define WORK_STRUCT_PWQ_MASK	(((1ul << 48) - 1) & ~((1ul << WORK_STRUCT_PWQ_SHIFT) - 1))

/** WORK_DATA_INIT - initialiser of data: never run, idle, enabled */
#define WORK_DATA_INIT()	ATOMIC_LONG_INIT((long)WORK_STRUCT_NO_POOL)
/** WORK_DATA_STATIC_INIT - the same for a static item */
#define WORK_DATA_STATIC_INIT()	WORK_DATA_INIT()

/**
 * struct work_struct - an item; embedded in what its function works on
 * @data: private: see workqueue/work_data.h
 * @entry: private: the pool's lock, while queued
 * @func: the user's; set before queueing
 */
struct work_struct {
	atomic_long_t	 data;
	struct list_head entry;
	work_func_t	 func;
};

/**
 * struct delayed_work - an item that is queued when a timer fires
 * @work: the item; its func gets this address, see to_delayed_work()
 * @timer: private
 * @wq: private: where the item goes when the timer fires; written by arming only
 * @cpu: private: the same
 */
struct delayed_work {
	struct work_struct	work;
	struct timer_list	timer;

	struct workqueue_struct	*wq;
	int			cpu;
};

/**
 * struct rcu_work - an item that is queued after a grace period
 * @work: the item; see to_rcu_work()
 * @rcu: private
 * @wq: private: where it goes then
 */
struct rcu_work {
	struct work_struct	work;
	struct rcu_head		rcu;
	struct workqueue_struct	*wq;
};

/**
 * struct execute_work - room for execute_in_process_context()
 * @work: private
 */
struct execute_work {
	struct work_struct	work;
};

/**
 * enum wq_affn_scope - how many CPUs the pods of an unbound queue have
 * @WQ_AFFN_DFL: what workqueue.default_affinity_scope says
 * @WQ_AFFN_CPU: one
 * @WQ_AFFN_SMT: a core
 * @WQ_AFFN_CACHE: those that share a last-level cache
 * @WQ_AFFN_CACHE_SHARD: a part of those, of workqueue.cache_shard_size cores
 * @WQ_AFFN_NUMA: a memory node
 * @WQ_AFFN_SYSTEM: all
 * @WQ_AFFN_NR_TYPES: how many scopes there are
 */
enum wq_affn_scope {
	WQ_AFFN_DFL,
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

/**
 * enum wq_flags - what alloc_workqueue() is asked for
 * @WQ_BH: run as a bottom half, without sleeping
 * @WQ_UNBOUND: not tied to the queueing CPU
 * @WQ_FREEZABLE: stops between freeze_workqueues_begin() and thaw_workqueues()
 * @WQ_MEM_RECLAIM: progress is guaranteed without new threads
 * @WQ_HIGHPRI: workers at nice -20
 * @WQ_CPU_INTENSIVE: items are not counted while running
 * @WQ_SYSFS: has files under /sys/bus/workqueue/devices
 * @WQ_POWER_EFFICIENT: unbound if workqueue.power_efficient is on
 * @WQ_PERCPU: tied to the queueing CPU
 * @__WQ_DESTROYING: private: destroy_workqueue() has begun
 * @__WQ_DRAINING: private: drain_workqueue() is under way
 * @__WQ_ORDERED: private: set by alloc_ordered_workqueue()
 * @__WQ_LEGACY: private: set by create_workqueue() and its kin
 * @__WQ_DEPRECATED: private: a queue of an old name
 * @__WQ_BH_ALLOWS: what may stand beside WQ_BH
 */
enum wq_flags {
	WQ_BH			= 1 << 0,
	WQ_UNBOUND		= 1 << 1,
	WQ_FREEZABLE		= 1 << 2,
	WQ_MEM_RECLAIM		= 1 << 3,
	WQ_HIGHPRI		= 1 << 4,
	WQ_CPU_INTENSIVE	= 1 << 5,
	WQ_SYSFS		= 1 << 6,
	WQ_POWER_EFFICIENT	= 1 << 7,
	WQ_PERCPU		= 1 << 8,

	__WQ_DESTROYING		= 1 << 15,
	__WQ_DRAINING		= 1 << 16,
	__WQ_ORDERED		= 1 << 17,
	__WQ_LEGACY		= 1 << 18,
	__WQ_DEPRECATED		= 1 << 19,

	__WQ_BH_ALLOWS		= WQ_BH | WQ_HIGHPRI | WQ_PERCPU,
};

/**
 * enum wq_consts - limits of max_active
 * @WQ_MAX_ACTIVE: the most
 * @WQ_UNBOUND_MAX_ACTIVE: the most of an unbound queue
 * @WQ_DFL_ACTIVE: what 0 stands for
 * @WQ_DFL_MIN_ACTIVE: an unbound queue gets so many on each memory node
 */
enum wq_consts {
	WQ_MAX_ACTIVE		= 2048,
	WQ_UNBOUND_MAX_ACTIVE	= WQ_MAX_ACTIVE,
	WQ_DFL_ACTIVE		= WQ_MAX_ACTIVE / 2,
	WQ_DFL_MIN_ACTIVE	= 8,
};

/** work_data_bits - the address of data as an unsigned long */
#define work_data_bits(work)	((unsigned long *)(&(work)->data))

/** to_delayed_work - the delayed item in which @work is embedded */
static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

/** to_rcu_work - the RCU item in which @work is embedded */
static inline struct rcu_work *to_rcu_work(struct work_struct *work)
{
	return container_of(work, struct rcu_work, work);
}

/** from_work - the structure of @var's type in which an item is embedded */
#define from_work(var, callback_work, work_fieldname) \
	container_of(callback_work, __typeof__(*(var)), work_fieldname)

UWQ_API_BEGIN

/* ---- making items ---- */

void delayed_work_timer_fn(struct timer_list *timer);

/** __WORK_INIT_LOCKDEP_MAP - nothing: items have no lock map here */
#define __WORK_INIT_LOCKDEP_MAP(name, key)

/** __WORK_INITIALIZER - initialiser of an item */
#define __WORK_INITIALIZER(n, f)					\
	{								\
		.data = WORK_DATA_STATIC_INIT(),			\
		.entry = { &(n).entry, &(n).entry },			\
		.func = (f),						\
	}

/** __DELAYED_WORK_INITIALIZER - initialiser of a delayed item */
#define __DELAYED_WORK_INITIALIZER(n, f, tflags)			\
	{								\
		.work = __WORK_INITIALIZER((n).work, (f)),		\
		.timer = __TIMER_INITIALIZER(delayed_work_timer_fn,	\
					     (tflags) | TIMER_IRQSAFE),	\
	}

/** DECLARE_WORK - define an item @n with function @f */
#define DECLARE_WORK(n, f) \
	struct work_struct n = __WORK_INITIALIZER(n, f)
/** DECLARE_DELAYED_WORK - define a delayed item */
#define DECLARE_DELAYED_WORK(n, f) \
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, 0)
/** DECLARE_DEFERRABLE_WORK - define a delayed item whose timer may be late */
#define DECLARE_DEFERRABLE_WORK(n, f) \
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, TIMER_DEFERRABLE)

/**
 * __init_work - hook of the kernel's object tracker
 * @work: item
 * @onstack: is it on a stack?
 *
 * Nothing is tracked here: AddressSanitizer sees a stack item that outlives its frame.
 */
static inline void __init_work(struct work_struct *work, int onstack)
{
	(void)work;
	(void)onstack;
}

/** destroy_work_on_stack - before an item on the stack ends: nothing, see __init_work() */
static inline void destroy_work_on_stack(struct work_struct *work)
{
	(void)work;
}

/** destroy_delayed_work_on_stack - the same for a delayed item */
static inline void destroy_delayed_work_on_stack(struct delayed_work *dwork)
{
	destroy_timer_on_stack(&dwork->timer);
}

/** work_static - is it a static item of the tracker? Never */
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

/** __INIT_WORK_KEY - as __INIT_WORK(), with the key of a lock map that is not there */
#define __INIT_WORK_KEY(w, f, onstack, key) \
	do { (void)(key); uwq_init_work((w), (f), (onstack)); } while (0)
/** __INIT_WORK - make a fresh item: idle, enabled, never run; its state is forgotten */
#define __INIT_WORK(w, f, onstack)	uwq_init_work((w), (f), (onstack))
/** INIT_WORK - the same, as users write it */
#define INIT_WORK(w, f)			__INIT_WORK((w), (f), 0)
/** INIT_WORK_ONSTACK - for an item on a stack */
#define INIT_WORK_ONSTACK(w, f)		__INIT_WORK((w), (f), 1)
/** INIT_WORK_ONSTACK_KEY - for an item on a stack, with a key */
#define INIT_WORK_ONSTACK_KEY(w, f, key) __INIT_WORK_KEY((w), (f), 1, key)

/** __INIT_DELAYED_WORK - make a fresh delayed item; @tflags are flags of its timer */
#define __INIT_DELAYED_WORK(d, f, tflags)				\
	do {								\
		__INIT_WORK(&(d)->work, (f), 0);			\
		timer_setup(&(d)->timer, delayed_work_timer_fn,		\
			    (tflags) | TIMER_IRQSAFE);			\
	} while (0)
/** __INIT_DELAYED_WORK_ONSTACK - the same on a stack */
#define __INIT_DELAYED_WORK_ONSTACK(d, f, tflags)			\
	do {								\
		__INIT_WORK(&(d)->work, (f), 1);			\
		timer_setup_on_stack(&(d)->timer, delayed_work_timer_fn, \
				     (tflags) | TIMER_IRQSAFE);		\
	} while (0)
/** INIT_DELAYED_WORK - make a fresh delayed item */
#define INIT_DELAYED_WORK(d, f)			__INIT_DELAYED_WORK(d, f, 0)
/** INIT_DELAYED_WORK_ONSTACK - the same on a stack */
#define INIT_DELAYED_WORK_ONSTACK(d, f)		__INIT_DELAYED_WORK_ONSTACK(d, f, 0)
/** INIT_DEFERRABLE_WORK - a delayed item whose timer may be late */
#define INIT_DEFERRABLE_WORK(d, f)		__INIT_DELAYED_WORK(d, f, TIMER_DEFERRABLE)
/** INIT_DEFERRABLE_WORK_ONSTACK - the same on a stack */
#define INIT_DEFERRABLE_WORK_ONSTACK(d, f) \
	__INIT_DELAYED_WORK_ONSTACK(d, f, TIMER_DEFERRABLE)

/** INIT_RCU_WORK - make a fresh RCU item */
#define INIT_RCU_WORK(r, f)		INIT_WORK(&(r)->work, (f))
/** INIT_RCU_WORK_ONSTACK - the same on a stack */
#define INIT_RCU_WORK_ONSTACK(r, f)	INIT_WORK_ONSTACK(&(r)->work, (f))

/** work_pending - is the item queued, or about to be? Old news */
#define work_pending(w) \
	((atomic_long_read(&(w)->data) & WORK_STRUCT_PENDING) != 0)
/** delayed_work_pending - is it armed, queued, or about to be? Old news */
#define delayed_work_pending(d)	work_pending(&(d)->work)

/* ---- the system's queues ---- */

/** system_wq - system_percpu_wq by an old name */
extern struct workqueue_struct *system_wq;
/** system_percpu_wq - for items of the queueing CPU that end soon */
extern struct workqueue_struct *system_percpu_wq;
/** system_highpri_wq - the same with workers at nice -20 */
extern struct workqueue_struct *system_highpri_wq;
/** system_long_wq - for items that may take long */
extern struct workqueue_struct *system_long_wq;
/** system_unbound_wq - system_dfl_wq by an old name */
extern struct workqueue_struct *system_unbound_wq;
/** system_dfl_wq - for items that no CPU is tied to */
extern struct workqueue_struct *system_dfl_wq;
/** system_freezable_wq - per CPU, freezable */
extern struct workqueue_struct *system_freezable_wq;
/** system_power_efficient_wq - per CPU, or unbound if that saves power */
extern struct workqueue_struct *system_power_efficient_wq;
/** system_freezable_power_efficient_wq - the same, freezable */
extern struct workqueue_struct *system_freezable_power_efficient_wq;
/** system_bh_wq - bottom halves */
extern struct workqueue_struct *system_bh_wq;
/** system_bh_highpri_wq - bottom halves that go first */
extern struct workqueue_struct *system_bh_highpri_wq;
/** system_dfl_long_wq - unbound, for items that may take long */
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
/** alloc_workqueue - make a queue; see alloc_workqueue_noprof() */
#define alloc_workqueue(fmt, flags, ...) \
	alloc_workqueue_noprof((fmt), __uwq_alloc_flags(flags), __VA_ARGS__)

/** alloc_ordered_workqueue - a queue of one item at a time, in queueing order */
#define alloc_ordered_workqueue(fmt, flags, ...) \
	alloc_workqueue((fmt), WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##__VA_ARGS__)
/** create_workqueue - as old code makes a per-CPU queue */
#define create_workqueue(name) \
	alloc_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM | WQ_PERCPU, 1, (name))
/** create_freezable_workqueue - as old code makes a freezable queue */
#define create_freezable_workqueue(name) \
	alloc_workqueue("%s", __WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND | WQ_MEM_RECLAIM, 1, (name))
/** create_singlethread_workqueue - as old code makes an ordered queue */
#define create_singlethread_workqueue(name) \
	alloc_ordered_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, (name))

void destroy_workqueue(struct workqueue_struct *wq);

/* Queues that are destroyed when their device is unregistered */
struct workqueue_struct *devm_alloc_workqueue_noprof(struct device *dev, const char *fmt,
						     unsigned int flags, int max_active, ...)
	__printf(2, 5);
/** devm_alloc_workqueue - a queue that ends with its device; see devm_alloc_workqueue_noprof() */
#define devm_alloc_workqueue(dev, fmt, flags, ...) \
	devm_alloc_workqueue_noprof((dev), (fmt), __uwq_alloc_flags(flags), __VA_ARGS__)
/** devm_alloc_ordered_workqueue - the same, ordered */
#define devm_alloc_ordered_workqueue(dev, fmt, flags, ...) \
	devm_alloc_workqueue((dev), (fmt), WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##__VA_ARGS__)

/* The caller has a lock map for the queue; there is no lock checker that would use it. */
struct workqueue_struct *alloc_workqueue_lockdep_map(const char *fmt, unsigned int flags,
						     int max_active, struct lockdep_map *map, ...)
	__attribute__((__format__(__printf__, 1, 5)));
/** alloc_ordered_workqueue_lockdep_map - alloc_workqueue_lockdep_map(), ordered */
#define alloc_ordered_workqueue_lockdep_map(fmt, flags, map, ...) \
	alloc_workqueue_lockdep_map((fmt), WQ_UNBOUND | __WQ_ORDERED | (flags), 1, (map), \
				    ##__VA_ARGS__)

/* With WQ_SYSFS alloc_workqueue() calls it */
int workqueue_sysfs_register(struct workqueue_struct *wq);

struct workqueue_attrs *alloc_workqueue_attrs_noprof(void);
/** alloc_workqueue_attrs - see alloc_workqueue_attrs_noprof() */
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
/** work_on_cpu - run @fn on a CPU and wait; see work_on_cpu_key() */
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

/** workqueue_init_early - start-up: queues can be made; the library calls it itself */
void workqueue_init_early(void);
/** workqueue_init - start-up: workers come; the library calls it itself */
void workqueue_init(void);
/** workqueue_init_topology - the pods follow the topology; the library calls it itself */
void workqueue_init_topology(void);

/* ---- what the kernel's scheduler calls ---- */

void wq_worker_sleeping(struct task_struct *task);
void wq_worker_running(struct task_struct *task);
void wq_worker_tick(struct task_struct *task);
work_func_t wq_worker_last_func(struct task_struct *task);

UWQ_API_END

/** queue_work - queue_work_on() where the caller is */
static inline bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work_on(WORK_CPU_UNBOUND, wq, work);
}

/** queue_delayed_work - queue_delayed_work_on() without a CPU */
static inline bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				      unsigned long delay)
{
	return queue_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

/** mod_delayed_work - mod_delayed_work_on() without a CPU */
static inline bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				    unsigned long delay)
{
	return mod_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

/** schedule_work_on - queue_work_on() of system_percpu_wq */
static inline bool schedule_work_on(int cpu, struct work_struct *work)
{
	return queue_work_on(cpu, system_percpu_wq, work);
}

/** schedule_work - queue_work() on system_percpu_wq */
static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_percpu_wq, work);
}

/** schedule_delayed_work_on - queue_delayed_work_on() of system_percpu_wq */
static inline bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork,
					    unsigned long delay)
{
	return queue_delayed_work_on(cpu, system_percpu_wq, dwork, delay);
}

/** schedule_delayed_work - queue_delayed_work() on system_percpu_wq */
static inline bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work(system_percpu_wq, dwork, delay);
}

/**
 * enable_and_queue_work - undo one disable; if that was the last one, queue
 * @wq: queue
 * @work: item
 *
 * Return: true if the item is enabled now.
 */
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

/** flush_workqueue - __flush_workqueue(), with a warning for the queues that all share */
#define flush_workqueue(wq)						\
	do {								\
		struct workqueue_struct *flush_wq_ = (wq);		\
									\
		if (uwq_is_systemwide_wq(flush_wq_))			\
			__warn_flushing_systemwide_wq();		\
		__flush_workqueue(flush_wq_);				\
	} while (0)

/** flush_scheduled_work - flush_workqueue() of system_percpu_wq */
#define flush_scheduled_work()						\
	do {								\
		__warn_flushing_systemwide_wq();			\
		__flush_workqueue(system_percpu_wq);			\
	} while (0)

#endif

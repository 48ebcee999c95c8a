/* SPDX-License-Identifier: MIT */
/*
 * timer.h - call a function at a later tick
 *
 * A timer is armed for a moment in jiffies. Its function is called once, in a
 * thread of the library that counts as a softirq (in_softirq(), must not sleep),
 * not before that moment; armed for jiffies + n it waits n full ticks, measured
 * from the arming and not from the last tick. Timers due at the same moment are
 * called in the order of their arming. kernel-compat/timer.c has the contracts.
 *
 * Differs from Linux: all timers share one thread, so a function that takes long
 * delays the others. That thread counts as CPU so-and-so only for pinned timers.
 * TIMER_DEFERRABLE is accepted and not used: no CPU of ours saves power by
 * waiting, and being on time is allowed.
 */
#ifndef UWQ_LINUX_TIMER_H
#define UWQ_LINUX_TIMER_H

#include <linux/list.h>
#include <linux/container_of.h>
#include <linux/ktime.h>
#include <linux/stddef.h>
#include <linux/lockdep_types.h>
#include <linux/timer_types.h>
#include <uwq/api.h>

/*
 * ->flags: the CPU of a pinned timer in the low bits, then properties fixed by
 * timer_setup(). Bits 22 and up are not used here.
 */
#define TIMER_CPUMASK		0x0003FFFF
#define TIMER_MIGRATING		0x00040000
#define TIMER_BASEMASK		(TIMER_CPUMASK | TIMER_MIGRATING)
#define TIMER_DEFERRABLE	0x00080000
#define TIMER_PINNED		0x00100000
#define TIMER_IRQSAFE		0x00200000
#define TIMER_INIT_FLAGS	(TIMER_DEFERRABLE | TIMER_PINNED | TIMER_IRQSAFE)
#define TIMER_ARRAYSHIFT	22
#define TIMER_ARRAYMASK		0xFFC00000

/* entry, expires, function, flags, slot, deadline: in the order of the struct */
#define __TIMER_INITIALIZER(fn, fl)					\
	{ { NULL, NULL }, 0, (fn), (fl), 0, 0 }

#define DEFINE_TIMER(name, fn)						\
	struct timer_list name = __TIMER_INITIALIZER(fn, 0)

UWQ_API_BEGIN

void timer_init_key(struct timer_list *timer, void (*func)(struct timer_list *),
		    unsigned int flags, const char *name, struct lock_class_key *key);

void add_timer(struct timer_list *timer);
void add_timer_local(struct timer_list *timer);
void add_timer_global(struct timer_list *timer);
void add_timer_on(struct timer_list *timer, int cpu);
int mod_timer(struct timer_list *timer, unsigned long expires);
int mod_timer_pending(struct timer_list *timer, unsigned long expires);
int timer_reduce(struct timer_list *timer, unsigned long expires);

int uwq_timer_delete(struct timer_list *timer);
int timer_delete_sync(struct timer_list *timer);
int timer_delete_sync_try(struct timer_list *timer);
int timer_shutdown(struct timer_list *timer);
int timer_shutdown_sync(struct timer_list *timer);

UWQ_API_END

/*
 * POSIX has another timer_delete(), in libc. Modules have no use for that one;
 * programs may want both, and get the one that fits the argument.
 */
#ifdef __cplusplus
static inline int timer_delete(struct timer_list *timer)
{
	return uwq_timer_delete(timer);
}
#elif defined(MODULE)
#define timer_delete(timer)	uwq_timer_delete(timer)
#else
#include <time.h>
#define timer_delete(timer)						\
	_Generic((timer), struct timer_list *: uwq_timer_delete, default: (timer_delete))(timer)
#endif

static inline void timer_setup(struct timer_list *timer, void (*func)(struct timer_list *),
			       unsigned int flags)
{
	timer_init_key(timer, func, flags, NULL, NULL);
}

/* Nothing tracks where a timer lives: the stack is as good as any place. */
static inline void timer_setup_on_stack(struct timer_list *timer,
					void (*func)(struct timer_list *), unsigned int flags)
{
	timer_init_key(timer, func, flags, NULL, NULL);
}

static inline void destroy_timer_on_stack(struct timer_list *timer)
{
	(void)timer;
}

/* Armed and not yet being called? Old news unless the caller excludes others. */
static inline int timer_pending(const struct timer_list *timer)
{
	return __atomic_load_n(&timer->entry.pprev, __ATOMIC_RELAXED) != NULL;
}

#define timer_container_of(var, callback_timer, timer_fieldname)	\
	container_of(callback_timer, __typeof__(*var), timer_fieldname)

/* Names of other kernel versions */
#define from_timer(var, callback_timer, timer_fieldname)		\
	timer_container_of(var, callback_timer, timer_fieldname)
#define init_timer_key(timer, func, flags, name, key)			\
	timer_init_key(timer, func, flags, name, key)
#define timer_init_key_on_stack(timer, func, flags, name, key)		\
	timer_init_key(timer, func, flags, name, key)
#define __timer_init(timer, func, flags)	timer_setup(timer, func, flags)
#define __init_timer(timer, func, flags)	timer_setup(timer, func, flags)
#define __timer_init_on_stack(timer, func, flags)	timer_setup_on_stack(timer, func, flags)
#define __init_timer_on_stack(timer, func, flags)	timer_setup_on_stack(timer, func, flags)
#define timer_destroy_on_stack(timer)	destroy_timer_on_stack(timer)

static inline int del_timer(struct timer_list *timer)
{
	return uwq_timer_delete(timer);
}

static inline int del_timer_sync(struct timer_list *timer)
{
	return timer_delete_sync(timer);
}

static inline int try_to_del_timer_sync(struct timer_list *timer)
{
	return timer_delete_sync_try(timer);
}

static inline int del_singleshot_timer_sync(struct timer_list *timer)
{
	return timer_delete_sync(timer);
}


#endif

/* SPDX-License-Identifier: MIT */
/*
 * interrupt.h - tasklets, and what else code that "uses interrupts" includes
 *
 * In the kernel this header is an umbrella as much as an interface: many sources
 * include it for locks, atomics or work items. That part comes first.
 *
 * A tasklet is a function that runs soon in softirq context, on the CPU that
 * scheduled it, never twice at the same time; workqueue/tasklet.c has the contract.
 *
 * Differs from Linux: there are no interrupts to request, so request_irq() is
 * absent and code that needs it does not compile. A disabled tasklet that was
 * scheduled waits without keeping the CPU busy.
 */
#ifndef UWQ_LINUX_INTERRUPT_H
#define UWQ_LINUX_INTERRUPT_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <uwq/api.h>

/* Bits of tasklet_struct.state; the others belong to the library. */
enum {
	TASKLET_STATE_SCHED,	/* scheduled, its run has not begun */
	TASKLET_STATE_RUN,	/* its function runs */
};

struct tasklet_struct {
	struct tasklet_struct *next;	/* the library's */
	unsigned long state;		/* atomic */
	atomic_t count;			/* disables in force; runs only at 0 */
	bool use_callback;		/* which of the two it is */
	union {
		void (*func)(unsigned long data);
		void (*callback)(struct tasklet_struct *t);
	};
	unsigned long data;		/* for func */
	unsigned int list;		/* the library's: where it was scheduled last */
};

#define UWQ_TASKLET(name, disables, kind, fn)				\
	struct tasklet_struct name = {					\
		.count = ATOMIC_INIT(disables),				\
		.use_callback = (kind),					\
		fn,							\
	}

#define DECLARE_TASKLET(name, _callback)				\
	UWQ_TASKLET(name, 0, true, .callback = (_callback))
#define DECLARE_TASKLET_DISABLED(name, _callback)			\
	UWQ_TASKLET(name, 1, true, .callback = (_callback))
#define DECLARE_TASKLET_OLD(name, _func)				\
	UWQ_TASKLET(name, 0, false, .func = (_func))
#define DECLARE_TASKLET_DISABLED_OLD(name, _func)			\
	UWQ_TASKLET(name, 1, false, .func = (_func))

/* The structure around the tasklet that a callback got. */
#define from_tasklet(var, callback_tasklet, tasklet_fieldname)		\
	container_of(callback_tasklet, typeof(*(var)), tasklet_fieldname)

UWQ_API_BEGIN

void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *t));
void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long data),
		  unsigned long data);
void tasklet_schedule(struct tasklet_struct *t);
void tasklet_hi_schedule(struct tasklet_struct *t);
void tasklet_disable_nosync(struct tasklet_struct *t);
void tasklet_disable(struct tasklet_struct *t);
void tasklet_disable_in_atomic(struct tasklet_struct *t);
void tasklet_enable(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);
bool tasklet_trylock(struct tasklet_struct *t);
void tasklet_unlock(struct tasklet_struct *t);
void tasklet_unlock_wait(struct tasklet_struct *t);
void tasklet_unlock_spin_wait(struct tasklet_struct *t);

UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * preempt.h - which context does this thread run in?
 *
 * preempt_count() is a thread-local word with the fields of the kernel's:
 *
 *	bits  0-7	preempt_disable() and spinlocks held
 *	bits  8-15	softirq: bit 8 while serving one, 0x200 per local_bh_disable()
 *	bits 16-19	hard interrupt
 *	bits 20-23	NMI (never set here)
 *
 * so in_atomic(), in_softirq(), in_task() and the like answer as they do there.
 * Timer callbacks and BH work run in threads that set the softirq field,
 * hrtimer callbacks in one that sets the hardirq field. Going to sleep while the
 * word is not 0 is reported, see schedule().
 *
 * Differs from Linux: preempt_disable() counts, and keeps nobody off the CPU.
 * The system preempts and migrates threads as it likes, so code that needs
 * exclusion needs a lock. That the count is kept is what makes misuse visible.
 */
#ifndef UWQ_LINUX_PREEMPT_H
#define UWQ_LINUX_PREEMPT_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/cleanup.h>
#include <uwq/api.h>
#include <uwq/thread_state.h>

#define PREEMPT_BITS		8
#define SOFTIRQ_BITS		8
#define HARDIRQ_BITS		4
#define NMI_BITS		4

#define PREEMPT_SHIFT		0
#define SOFTIRQ_SHIFT		(PREEMPT_SHIFT + PREEMPT_BITS)
#define HARDIRQ_SHIFT		(SOFTIRQ_SHIFT + SOFTIRQ_BITS)
#define NMI_SHIFT		(HARDIRQ_SHIFT + HARDIRQ_BITS)

#define PREEMPT_MASK		(((1UL << PREEMPT_BITS) - 1) << PREEMPT_SHIFT)
#define SOFTIRQ_MASK		(((1UL << SOFTIRQ_BITS) - 1) << SOFTIRQ_SHIFT)
#define HARDIRQ_MASK		(((1UL << HARDIRQ_BITS) - 1) << HARDIRQ_SHIFT)
#define NMI_MASK		(((1UL << NMI_BITS) - 1) << NMI_SHIFT)

#define PREEMPT_OFFSET		(1UL << PREEMPT_SHIFT)
#define SOFTIRQ_OFFSET		(1UL << SOFTIRQ_SHIFT)
#define HARDIRQ_OFFSET		(1UL << HARDIRQ_SHIFT)
#define NMI_OFFSET		(1UL << NMI_SHIFT)

/* Serving a softirq is an odd number of SOFTIRQ_OFFSETs, keeping them off an even one */
#define SOFTIRQ_DISABLE_OFFSET	(2 * SOFTIRQ_OFFSET)
#define PREEMPT_DISABLE_OFFSET	PREEMPT_OFFSET
#define PREEMPT_LOCK_OFFSET	PREEMPT_DISABLE_OFFSET
#define SOFTIRQ_LOCK_OFFSET	(SOFTIRQ_DISABLE_OFFSET + PREEMPT_LOCK_OFFSET)

static __always_inline int preempt_count(void)
{
	return (int)uwq_thread.preempt_count;
}

/* The fences keep the compiler from moving the protected code out. */
static __always_inline void preempt_count_add(unsigned int val)
{
	uwq_thread.preempt_count += val;
	barrier();
}

static __always_inline void preempt_count_sub(unsigned int val)
{
	barrier();
	uwq_thread.preempt_count -= val;
}

#define __preempt_count_add(val)	preempt_count_add(val)
#define __preempt_count_sub(val)	preempt_count_sub(val)
#define preempt_count_inc()		preempt_count_add(1)
#define preempt_count_dec()		preempt_count_sub(1)

#define nmi_count()		(preempt_count() & NMI_MASK)
#define hardirq_count()		(preempt_count() & HARDIRQ_MASK)
#define softirq_count()		(preempt_count() & SOFTIRQ_MASK)
#define irq_count()		(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK))

#define in_nmi()		(nmi_count())
#define in_hardirq()		(hardirq_count())
#define in_irq()		(hardirq_count())
#define in_serving_softirq()	(softirq_count() & SOFTIRQ_OFFSET)
#define in_softirq()		(softirq_count())
#define in_interrupt()		(irq_count())
#define in_task()	\
	(!(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic()		(preempt_count() != 0)
#define in_atomic_preempt_off()	(preempt_count() != PREEMPT_DISABLE_OFFSET)

/* 0 task, 1 softirq, 2 hard interrupt, 3 NMI */
static __always_inline unsigned char interrupt_context_level(void)
{
	return (unsigned char)(!!in_nmi() + !!(in_nmi() || in_hardirq()) +
			       !!(in_nmi() || in_hardirq() || in_serving_softirq()));
}

#define preemptible()		(preempt_count() == 0 && !uwq_thread.irqs_off)

static __always_inline void preempt_disable(void)
{
	preempt_count_add(PREEMPT_OFFSET);
}

/* Nothing to catch up with: the system preempted us all the while. */
static __always_inline void preempt_enable(void)
{
	preempt_count_sub(PREEMPT_OFFSET);
}

#define preempt_enable_no_resched()	preempt_enable()
#define sched_preempt_enable_no_resched() preempt_enable()
#define preempt_disable_notrace()	preempt_disable()
#define preempt_enable_notrace()	preempt_enable()
#define preempt_enable_no_resched_notrace() preempt_enable()
#define preempt_check_resched()		barrier()

#ifndef __cplusplus
DEFINE_LOCK_GUARD_0(preempt, preempt_disable(), preempt_enable())
DEFINE_LOCK_GUARD_0(preempt_notrace, preempt_disable_notrace(), preempt_enable_notrace())
#endif

#endif

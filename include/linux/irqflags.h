/* SPDX-License-Identifier: MIT */
/*
 * irqflags.h - local_irq_disable() and friends
 *
 * Differs from Linux: a flag of the calling thread that irqs_disabled()
 * answers. That is enough, because nothing interrupts a thread here: timer,
 * hrtimer and BH callbacks run in threads of their own. Code that shares data
 * with them needs a lock, which spin_lock_irqsave() takes; switching interrupts
 * off alone protects nothing.
 *
 * The saved flags word is 0 for "on" and 1 for "off"; its bits mean nothing else.
 */
#ifndef UWQ_LINUX_IRQFLAGS_H
#define UWQ_LINUX_IRQFLAGS_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/cleanup.h>
#include <uwq/thread_state.h>

static __always_inline unsigned long uwq_irq_flags(void)
{
	return uwq_thread.irqs_off;
}

static __always_inline void uwq_irq_set(unsigned long off)
{
	barrier();
	uwq_thread.irqs_off = (unsigned int)off;
	barrier();
}

static __always_inline unsigned long uwq_irq_save(void)
{
	unsigned long flags = uwq_irq_flags();

	uwq_irq_set(1);
	return flags;
}

#define local_irq_disable()		uwq_irq_set(1)
#define local_irq_enable()		uwq_irq_set(0)
#define local_irq_save(flags)		((flags) = uwq_irq_save())
#define local_irq_restore(flags)	uwq_irq_set(flags)
#define local_save_flags(flags)		((flags) = uwq_irq_flags())
#define irqs_disabled()			(uwq_irq_flags() != 0)
#define irqs_disabled_flags(flags)	((flags) != 0)

#define raw_local_irq_disable()		local_irq_disable()
#define raw_local_irq_enable()		local_irq_enable()
#define raw_local_irq_save(flags)	local_irq_save(flags)
#define raw_local_irq_restore(flags)	local_irq_restore(flags)
#define raw_local_save_flags(flags)	local_save_flags(flags)
#define raw_irqs_disabled()		irqs_disabled()
#define raw_irqs_disabled_flags(flags)	irqs_disabled_flags(flags)

#ifndef __cplusplus
DEFINE_LOCK_GUARD_0(irq, local_irq_disable(), local_irq_enable())
DEFINE_LOCK_GUARD_0(irqsave, local_irq_save(_T->flags), local_irq_restore(_T->flags),
		    unsigned long flags)
#endif

#endif

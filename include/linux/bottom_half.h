/* SPDX-License-Identifier: MIT */
/*
 * bottom_half.h - local_bh_disable() and local_bh_enable()
 *
 * Differs from Linux: they count, so that in_softirq() and in_atomic() answer
 * truly, and exclude nobody: softirq work runs in other threads, at the same
 * time on this CPU too. Data shared with it needs a lock; the spin_lock_bh()
 * family takes one.
 */
#ifndef UWQ_LINUX_BOTTOM_HALF_H
#define UWQ_LINUX_BOTTOM_HALF_H

#include <linux/preempt.h>

static __always_inline void local_bh_disable(void)
{
	preempt_count_add(SOFTIRQ_DISABLE_OFFSET);
}

static __always_inline void local_bh_enable(void)
{
	preempt_count_sub(SOFTIRQ_DISABLE_OFFSET);
}

#define _local_bh_enable()	local_bh_enable()

static __always_inline bool local_bh_blocked(void)
{
	return false;
}

#ifndef __cplusplus
DEFINE_LOCK_GUARD_0(bh, local_bh_disable(), local_bh_enable())
#endif

#endif

/* SPDX-License-Identifier: MIT */
/*
 * nmi.h - telling watchdogs that a long computation is all right
 *
 * The watchdog here is that of workqueues: a touch starts its clock anew, so that
 * items which wait behind the caller are not reported as stalled yet.
 *
 * Differs from Linux: soft and hard lockups are not looked for, since the system
 * preempts every thread; what would set up those detectors is absent.
 */
#ifndef UWQ_LINUX_NMI_H
#define UWQ_LINUX_NMI_H

#include <linux/cpumask.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

/* For the CPU that the caller is on. Any context. */
static inline void touch_softlockup_watchdog(void)
{
	wq_watchdog_touch(raw_smp_processor_id());
}

static inline void touch_softlockup_watchdog_sched(void)
{
	touch_softlockup_watchdog();
}

static inline void touch_nmi_watchdog(void)
{
	touch_softlockup_watchdog();
}

/* For all CPUs. */
static inline void touch_all_softlockup_watchdogs(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		wq_watchdog_touch((int)cpu);
}

#endif

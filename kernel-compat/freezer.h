/* SPDX-License-Identifier: MIT */
/*
 * freezer.h - freezing kthreads, for the engine, which freezes workqueues with them
 */
#ifndef UWQ_KERNEL_COMPAT_FREEZER_H
#define UWQ_KERNEL_COMPAT_FREEZER_H

extern unsigned int uwq_freeze_timeout_ms;	/* uwq.freeze_timeout_ms */

int uwq_freeze_kthreads(void);
void uwq_thaw_kthreads(void);

#endif

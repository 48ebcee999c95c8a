/* SPDX-License-Identifier: MIT */
/*
 * thread_info.h - kernel code includes it for what sched.h offers
 *
 * Differs from Linux: there is no thread_info. Its flag words
 * (TIF_SIGPENDING, TIF_NEED_RESCHED) are answered by signal_pending() and
 * need_resched(), so code that tests the bits does not build.
 */
#ifndef UWQ_LINUX_THREAD_INFO_H
#define UWQ_LINUX_THREAD_INFO_H

#include <linux/types.h>
#include <linux/bug.h>
#include <asm/current.h>

#endif

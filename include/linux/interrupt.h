/* SPDX-License-Identifier: MIT */
/*
 * interrupt.h - what code that "uses interrupts" expects to see through this name
 *
 * In the kernel this header is an umbrella as much as an interface: many sources
 * include it for locks, atomics or work items. That part is here.
 *
 * Differs from Linux: there are no interrupts to request, so request_irq() and
 * tasklets are absent and code that needs them does not compile.
 */
#ifndef UWQ_LINUX_INTERRUPT_H
#define UWQ_LINUX_INTERRUPT_H

#include <linux/kernel.h>
#include <linux/bitops.h>
#include <linux/preempt.h>
#include <linux/cpumask.h>
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/bottom_half.h>
#include <linux/spinlock.h>
#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/workqueue.h>

#endif

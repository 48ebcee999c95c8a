/* SPDX-License-Identifier: MIT */
/*
 * hardirq.h - kernel code includes it for in_interrupt() and synchronize_irq()
 *
 * Differs from Linux: there are no interrupt lines, so nothing that names one
 * (synchronize_irq(), irq_enter()) exists; the context questions are in preempt.h.
 */
#ifndef UWQ_LINUX_HARDIRQ_H
#define UWQ_LINUX_HARDIRQ_H

#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/bottom_half.h>

#endif

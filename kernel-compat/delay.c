// SPDX-License-Identifier: MIT
/*
 * delay.c - msleep() and its kin, udelay() and its kin
 *
 * The sleeping ones go through the scheduler, so that a worker which sleeps is
 * seen to do so. A wake_up_process() does not shorten msleep() or
 * usleep_range(), as in the kernel; a signal ends msleep_interruptible().
 *
 * Differs from Linux: usleep_range() aims at the early end of its range.
 */
#include <time.h>

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sched.h>

#include "kernel-compat/sched_internal.h"
#include "kernel-compat/time_internal.h"

/**
 * msleep - sleep
 * @msecs: at least so many milliseconds
 *
 * Context: may sleep.
 */
void msleep(unsigned int msecs)
{
	/* Not msecs_to_jiffies(), for which 2^31 and more means "for ever". */
	signed long left = (signed long)msecs * (HZ / 1000);

	while (left)
		left = schedule_timeout_uninterruptible(left);
}
EXPORT_SYMBOL(msleep);

/**
 * msleep_interruptible - sleep, unless there is a signal
 * @msecs: at least so many milliseconds
 *
 * Context: may sleep.
 * Return: 0, or the milliseconds left when a signal ended it.
 */
unsigned long msleep_interruptible(unsigned int msecs)
{
	signed long left = (signed long)msecs * (HZ / 1000);

	while (left && !signal_pending(current))
		left = schedule_timeout_interruptible(left);
	return jiffies_to_msecs((unsigned long)left);
}
EXPORT_SYMBOL(msleep_interruptible);

/**
 * usleep_range_state - sleep for a short time
 * @min: at least so many microseconds
 * @max: more is not wanted; not used, the system is asked for @min
 * @state: TASK_UNINTERRUPTIBLE or TASK_IDLE, for those who look
 *
 * Context: may sleep.
 */
void usleep_range_state(unsigned long min, unsigned long max, unsigned int state)
{
	uint32_t never = 0;
	uint64_t end = uwq_mono_ns();
	struct timespec deadline;

	(void)max;
	end += min < (KTIME_MAX - end) / NSEC_PER_USEC ? min * NSEC_PER_USEC : KTIME_MAX - end;
	deadline = uwq_deadline_ns(end);
	__set_current_state(state);
	while (schedule_on(&never, 0, &deadline) != -ETIMEDOUT)
		;
	__set_current_state(TASK_RUNNING);
}
EXPORT_SYMBOL(usleep_range_state);

/* Busy waiting passes real time, also when a test has stopped the clock. */
static uint64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

/**
 * ndelay - stay on the CPU
 * @nsecs: at least so many nanoseconds
 *
 * Context: any.
 */
void ndelay(unsigned long nsecs)
{
	uint64_t begin = real_ns();

	while (real_ns() - begin < nsecs)
		cpu_relax();
}

void udelay(unsigned long usecs)
{
	ndelay(usecs < ULONG_MAX / NSEC_PER_USEC ? usecs * NSEC_PER_USEC : ULONG_MAX);
}

void mdelay(unsigned long msecs)
{
	ndelay(msecs < ULONG_MAX / NSEC_PER_MSEC ? msecs * NSEC_PER_MSEC : ULONG_MAX);
}

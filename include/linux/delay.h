/* SPDX-License-Identifier: MIT */
/*
 * delay.h - waiting for a time: asleep, or busy
 *
 * The sleeping forms must not be used in atomic context. All wait at least as
 * long as asked; a time too long to count is waited for ever.
 *
 * Differs from Linux: udelay() and ndelay() have no upper limit.
 */
#ifndef UWQ_LINUX_DELAY_H
#define UWQ_LINUX_DELAY_H

#include <linux/math.h>
#include <linux/sched.h>
#include <linux/jiffies.h>
#include <uwq/api.h>

UWQ_API_BEGIN

void msleep(unsigned int msecs);
unsigned long msleep_interruptible(unsigned int msecs);
void usleep_range_state(unsigned long min, unsigned long max, unsigned int state);

void mdelay(unsigned long msecs);
void udelay(unsigned long usecs);
void ndelay(unsigned long nsecs);

UWQ_API_END

static inline void usleep_range(unsigned long min, unsigned long max)
{
	usleep_range_state(min, max, TASK_UNINTERRUPTIBLE);
}

static inline void usleep_range_idle(unsigned long min, unsigned long max)
{
	usleep_range_state(min, max, TASK_IDLE);
}

static inline void ssleep(unsigned int seconds)
{
	unsigned int step;

	for (; seconds; seconds -= step) {
		step = seconds < 1000000 ? seconds : 1000000;
		msleep(step * 1000);
	}
}

/* Microseconds; sleeps unless the time is too short to be worth it. */
static inline void fsleep(unsigned long usecs)
{
	if (usecs <= 10)
		udelay(usecs);
	else if (usecs <= 20000)
		usleep_range(usecs, usecs + usecs / 4);
	else
		msleep((unsigned int)(usecs / 1000 + (usecs % 1000 != 0)));
}

#endif

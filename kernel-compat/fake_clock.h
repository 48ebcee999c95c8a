/* SPDX-License-Identifier: MIT */
/*
 * fake_clock.h - a clock that tests move by hand (UWQ_TEST builds only)
 *
 * While it is enabled, time stands still but for uwq_fake_clock_advance():
 * jiffies, ktime_get() and its kin, timers, hrtimers and the deadlines of
 * sleeps that begin from then on all follow it. Sleeps and timers that were
 * under way keep their deadlines; a thread that was asleep on the real clock
 * may notice late.
 *
 * Time never goes back: enabling freezes it where it is, disabling lets it run
 * on from where it was moved to.
 */
#ifndef UWQ_KERNEL_COMPAT_FAKE_CLOCK_H
#define UWQ_KERNEL_COMPAT_FAKE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#ifdef UWQ_TEST

void uwq_fake_clock_enable(void);
void uwq_fake_clock_disable(void);

/*
 * Move the clock by @ns and return when every timer and hrtimer that is due by
 * then has been called and has returned, also those armed meanwhile. Threads
 * asleep in schedule_timeout() and the like are woken, not waited for. Not from
 * a timer's callback, and by one thread at a time.
 */
void uwq_fake_clock_advance(uint64_t ns);

bool uwq_fake_clock_active(void);

/*
 * For schedule_on() while the fake clock is active: sleep on @word as
 * futex_wait() does, until @deadline of the fake clock.
 */
int uwq_fake_clock_wait(const uint32_t *word, uint32_t val, const struct timespec *deadline);

/* Inside: what time.c keeps and fake_clock.c and clock_thread.c use. */
void uwq_fake_clock_freeze(void);
void uwq_fake_clock_thaw(void);
uint64_t uwq_fake_clock_move(uint64_t ns);	/* returns the new time */
uint64_t uwq_fake_clock_ahead(void);		/* ns before the real clock */

#endif
#endif

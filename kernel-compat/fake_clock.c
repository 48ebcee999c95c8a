// SPDX-License-Identifier: MIT
/*
 * fake_clock.c - moving the clock by hand, see fake_clock.h
 *
 * Empty outside the test build. The time itself is kept in time.c; here is what
 * must happen when it changes: the timer threads look at it again, and sleepers
 * with a deadline notice.
 */
#include "kernel-compat/fake_clock.h"

#ifdef UWQ_TEST

#include <errno.h>

#include "kernel-compat/clock_thread.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/time_internal.h"
#include "kernel-compat/timer_internal.h"

/* How soon a sleeper sees that the fake clock has passed its deadline, real ns */
#define LOOK_EVERY_NS	500000u

void uwq_fake_clock_enable(void)
{
	timer_date_undated();
	uwq_fake_clock_freeze();
}

void uwq_fake_clock_disable(void)
{
	uwq_fake_clock_thaw();
	/* They may be asleep without an end. */
	clock_thread_settle(&uwq_timer_thread, 0);
	clock_thread_settle(&uwq_hrtimer_thread, 0);
}

void uwq_fake_clock_advance(uint64_t ns)
{
	uint64_t now;

	/* what was armed since the last move was armed at this moment */
	timer_date_undated();
	now = uwq_fake_clock_move(ns);
	/* A callback of one may arm the other: again until both have nothing. */
	do {
		clock_thread_settle(&uwq_hrtimer_thread, now);
		clock_thread_settle(&uwq_timer_thread, now);
	} while (clock_thread_has_due(&uwq_hrtimer_thread, now));
}

static bool has_passed(const struct timespec *deadline)
{
	uint64_t now = uwq_mono_ns();
	uint64_t sec = now / 1000000000u;
	uint64_t nsec = now % 1000000000u;

	return sec > (uint64_t)deadline->tv_sec ||
	       (sec == (uint64_t)deadline->tv_sec && nsec >= (uint64_t)deadline->tv_nsec);
}

/* Short sleeps on the real clock, with a look at the fake one in between. */
int uwq_fake_clock_wait(const uint32_t *word, uint32_t val, const struct timespec *deadline)
{
	if (!deadline)
		return futex_wait(word, val, NULL);
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == val) {
		struct timespec slice;
		int ret;

		if (has_passed(deadline))
			return -ETIMEDOUT;
		clock_gettime(CLOCK_MONOTONIC, &slice);
		slice.tv_nsec += LOOK_EVERY_NS;
		if (slice.tv_nsec >= 1000000000) {
			slice.tv_nsec -= 1000000000;
			slice.tv_sec++;
		}
		ret = futex_wait(word, val, &slice);
		if (ret != -ETIMEDOUT)
			return ret;
	}
	return 0;
}

#else
typedef int fake_clock_is_for_the_test_build;
#endif

/* SPDX-License-Identifier: MIT */
/*
 * time_internal.h - the library's own clock, and deadlines on it
 *
 * Everything that asks for the time or computes a deadline comes here, so that
 * the fake clock of the test build (fake_clock.h) reaches all of it. Times are
 * nanoseconds of CLOCK_MONOTONIC, real or faked.
 */
#ifndef UWQ_KERNEL_COMPAT_TIME_INTERNAL_H
#define UWQ_KERNEL_COMPAT_TIME_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define UWQ_TICK_NS	1000000u

/* Now. */
uint64_t uwq_mono_ns(void);

/* Atomic: 0 until somebody looked at the clock, then fixed. */
extern uint64_t uwq_tick_base;
uint64_t uwq_tick_base_first(void);

/* The moment at which jiffies was INITIAL_JIFFIES; every tick is a multiple of 1 ms later. */
static inline uint64_t uwq_tick_base_ns(void)
{
	uint64_t base = __atomic_load_n(&uwq_tick_base, __ATOMIC_RELAXED);

	return __builtin_expect(base != 0, 1) ? base : uwq_tick_base_first();
}

/*
 * When the calling thread last read jiffies; 0: never. A time that it computes
 * from them is meant from that moment on, not from the begin of the tick.
 */
uint64_t uwq_jiffies_read_at(void);

/* @ns as a deadline for schedule_on(); times beyond any clock saturate. */
struct timespec uwq_deadline_ns(uint64_t ns);

/*
 * The deadline @ticks full ticks from now. False: there is none, because @ticks
 * is MAX_SCHEDULE_TIMEOUT (LONG_MAX) or so far away that no clock gets there.
 */
bool uwq_deadline_ticks(unsigned long ticks, struct timespec *deadline);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * time_test.h - shared by the tests of timers, clocks and delays
 */
#ifndef UWQ_SELFTESTS_TIME_TEST_H
#define UWQ_SELFTESTS_TIME_TEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "kernel-compat/fake_clock.h"

#define MS	1000000ull	/* in ns */
/* Timers are due at a multiple of this after jiffies began */
#define GRAIN	(MS / 1000)

static inline int load(const int *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void store(int *p, int value)
{
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
}

static inline int add(int *p, int value)
{
	return __atomic_add_fetch(p, value, __ATOMIC_ACQ_REL);
}

static inline uint64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline void nap_us(long us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/* Until *p is at least @value; false after 10 s. For what other threads do. */
static inline bool reaches(const int *p, int value)
{
	int i;

	for (i = 0; i < 100000; i++) {
		if (load(p) >= value)
			return true;
		nap_us(100);
	}
	return false;
}

/* xorshift: the same numbers in every run */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif

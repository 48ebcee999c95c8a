/* SPDX-License-Identifier: MIT */
/*
 * lock_test.h - threads, waiting and held test points for the tests of locks
 *
 * Plain pthreads: locks are for any thread of a program, not for kthreads only.
 */
#ifndef UWQ_SELFTESTS_LOCK_TEST_H
#define UWQ_SELFTESTS_LOCK_TEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel-compat/test_points.h"

/* Under a sanitizer everything takes longer: do less of it. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ROUNDS(n)	((n) / 3)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define ROUNDS(n)	((n) / 3)
#endif
#endif
#ifndef ROUNDS
#define ROUNDS(n)	(n)
#endif

#define MAX_THREADS	16

static inline long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline void nap_us(long us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

static inline int flag_get(const int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static inline void flag_set(int *flag, int value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

static inline int flag_add(int *flag, int value)
{
	return __atomic_add_fetch(flag, value, __ATOMIC_ACQ_REL);
}

/* Wait for a condition that another thread brings about; false after 10 s, or 40 if sanitized. */
#define COMES_TRUE(cond)						\
	__extension__({							\
		long until_ = now_ms() + 10000 * KS_SLOW;				\
		bool true_;						\
									\
		while (!(true_ = (cond)) && now_ms() < until_)		\
			nap_us(200);					\
		true_;							\
	})

static inline pthread_t start_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, arg)) {
		perror("pthread_create");
		exit(1);
	}
	return thread;
}

/* A test point at which threads are held: see kernel-compat/test_points.h. */
static const char *held_point;
static int held_threads, held_open;

static inline void hold_here(const char *point)
{
	if (strcmp(point, held_point))
		return;
	flag_add(&held_threads, 1);
	COMES_TRUE(flag_get(&held_open));
}

static inline void hold_threads_at(const char *point)
{
	held_point = point;
	flag_set(&held_threads, 0);
	flag_set(&held_open, 0);
	__atomic_store_n(&uwq_test_point_hook, hold_here, __ATOMIC_RELEASE);
}

static inline void let_threads_go(void)
{
	flag_set(&held_open, 1);
}

/* @n threads run fn(arg); returns when all have ended. */
static inline void run_threads(int n, void *(*fn)(void *), void *arg)
{
	pthread_t threads[MAX_THREADS];

	for (int i = 0; i < n; i++)
		threads[i] = start_thread(fn, arg);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

#endif

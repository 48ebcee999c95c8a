/* SPDX-License-Identifier: MIT */
/*
 * test_points.h - seams through which tests force rare events
 *
 * Compiled into the test build of the library only (UWQ_TEST); elsewhere every
 * macro is empty or false. Three kinds:
 *
 *   TEST_POINT("name")	   a place where a test may hold a thread: the hook is
 *			   called with the name and may block on a gate
 *   test_alloc_fails()	   asked by every allocation: should this one fail?
 *   test_thread_fails()   asked by every thread creation: should it fail?
 */
#ifndef UWQ_KERNEL_COMPAT_TEST_POINTS_H
#define UWQ_KERNEL_COMPAT_TEST_POINTS_H

#include <stdbool.h>

#ifdef UWQ_TEST

/* Set by a test; NULL = no hook. Called in the context of the passing thread. */
extern void (*uwq_test_point_hook)(const char *name);

#define TEST_POINT(name)						\
	do {								\
		void (*hook_)(const char *) =				\
			__atomic_load_n(&uwq_test_point_hook, __ATOMIC_ACQUIRE); \
		if (hook_)						\
			hook_(name);					\
	} while (0)

/*
 * Let the @k-th call from now on fail (1 = the next), and @count - 1 calls
 * after it; count < 0 means all later ones. count 0 switches it off.
 */
void uwq_test_fail_alloc(long k, long count);
void uwq_test_fail_thread(long k, long count);

/* Calls since the last uwq_test_fail_*(): lets a test walk over all k. */
long uwq_test_alloc_calls(void);
long uwq_test_thread_calls(void);

bool test_alloc_fails(void);
bool test_thread_fails(void);

/*
 * From now on, or with UWQ_TEST_BATCHES in the environment from the start: workers take
 * several items at once, however long those run. Off: as it was measured.
 */
void uwq_test_force_batches(bool on);
bool test_batches_always(void);

#else

#define TEST_POINT(name)	do { } while (0)
static inline bool test_alloc_fails(void) { return false; }
static inline bool test_thread_fails(void) { return false; }
static inline bool test_batches_always(void) { return false; }

#endif
#endif

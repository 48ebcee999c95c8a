// SPDX-License-Identifier: MIT
/*
 * test_points.c - the state behind the test seams, see test_points.h
 *
 * Empty outside the test build. Two independent counters: allocations and
 * thread creations. Any thread may ask; tests arm a counter before they start
 * the threads that shall meet the failure.
 */
#include "kernel-compat/test_points.h"

#ifdef UWQ_TEST

#include <stdlib.h>

struct fault {
	long calls;	/* atomic: questions since armed */
	long first;	/* atomic: first failing call, 1-based; 0 = off */
	long count;	/* atomic: how many fail; < 0 = all from first on */
};

static struct fault alloc_fault, thread_fault;

void (*uwq_test_point_hook)(const char *name);

static void arm(struct fault *fault, long k, long count)
{
	__atomic_store_n(&fault->first, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&fault->calls, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&fault->count, count, __ATOMIC_RELEASE);
	__atomic_store_n(&fault->first, count ? k : 0, __ATOMIC_RELEASE);
}

static bool hit(struct fault *fault)
{
	long call = __atomic_add_fetch(&fault->calls, 1, __ATOMIC_ACQ_REL);
	long first = __atomic_load_n(&fault->first, __ATOMIC_ACQUIRE);
	long count = __atomic_load_n(&fault->count, __ATOMIC_ACQUIRE);

	return first && call >= first && (count < 0 || call < first + count);
}

void uwq_test_fail_alloc(long k, long count)
{
	arm(&alloc_fault, k, count);
}

void uwq_test_fail_thread(long k, long count)
{
	arm(&thread_fault, k, count);
}

long uwq_test_alloc_calls(void)
{
	return __atomic_load_n(&alloc_fault.calls, __ATOMIC_ACQUIRE);
}

long uwq_test_thread_calls(void)
{
	return __atomic_load_n(&thread_fault.calls, __ATOMIC_ACQUIRE);
}

bool test_alloc_fails(void)
{
	return hit(&alloc_fault);
}

bool test_thread_fails(void)
{
	return hit(&thread_fault);
}

static int batches_always = -1;	/* atomic: -1 = the environment was not asked yet */

void uwq_test_force_batches(bool on)
{
	__atomic_store_n(&batches_always, on, __ATOMIC_RELAXED);
}

bool test_batches_always(void)
{
	int always = __atomic_load_n(&batches_always, __ATOMIC_RELAXED);

	if (always < 0) {
		always = getenv("UWQ_TEST_BATCHES") != NULL;
		__atomic_store_n(&batches_always, always, __ATOMIC_RELAXED);
	}
	return always;
}

#else
typedef int test_points_are_for_the_test_build;
#endif

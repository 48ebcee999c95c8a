// SPDX-License-Identifier: MIT
/*
 * Proves: a coroutine keeps its stack and its place from yield to enter, may enter others,
 * may be continued by another thread, and is freed with its stack when its function has
 * returned; entering one that runs, yielding outside of any, and a NULL function are refused.
 */
#define _GNU_SOURCE
#include <unistd.h>

#include "offload_test.h"

#include <uwq/coroutine.h>

static int steps[64], nr_steps;

static int wrong;	/* things that a coroutine found to be otherwise than they should be */

static void step(int n)
{
	steps[nr_steps++ % 64] = n;
}

static void coroutine_fn count_to_three(void *opaque)
{
	int base = *(int *)opaque;
	volatile char stack[64 * 1024];

	for (int i = 1; i <= 3; i++) {
		stack[i * 1000] = (char)i;
		step(base + i);
		qemu_coroutine_yield();
		wrong += stack[i * 1000] != i;
	}
}

TEST(two_take_turns)
{
	static const int wanted[] = { 11, 21, 12, 22, 13, 23 };
	int base[2] = { 10, 20 };
	Coroutine *co[2];

	for (int i = 0; i < 2; i++)
		co[i] = qemu_coroutine_create(count_to_three);
	for (int round = 0; round < 4; round++)
		for (int i = 0; i < 2; i++)
			qemu_coroutine_enter(co[i], &base[i]);
	EXPECT_EQ(0, wrong);
	ASSERT_EQ(6, nr_steps);
	for (int i = 0; i < 6; i++)
		EXPECT_EQ(wanted[i], steps[i]);
}

static Coroutine *outer;

static void coroutine_fn inner_func(void *opaque)
{
	step(2);
	wrong += !qemu_in_coroutine() || qemu_coroutine_self() == outer;
	qemu_coroutine_yield();
	*(int *)opaque = 4;
	step(4);
}

static void coroutine_fn outer_func(void *opaque)
{
	Coroutine *inner = qemu_coroutine_create(inner_func);

	wrong += qemu_coroutine_self() != outer;
	step(1);
	qemu_coroutine_enter(inner, opaque);
	step(3);
	qemu_coroutine_enter(inner, opaque);
	step(5);
}

TEST(one_enters_another)
{
	int seen = 0;

	EXPECT_FALSE(qemu_in_coroutine());
	outer = qemu_coroutine_create(outer_func);
	qemu_coroutine_enter(outer, &seen);
	EXPECT_FALSE(qemu_in_coroutine());
	EXPECT_EQ(4, seen);
	EXPECT_EQ(0, wrong);
	ASSERT_EQ(5, nr_steps);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(i + 1, steps[i]);
}

/* Not pthread_self(), which compilers take to be the same in one function. */
static int begun_by, ended_by;

static void coroutine_fn migrate(void *opaque)
{
	(void)opaque;
	begun_by = gettid();
	qemu_coroutine_yield();
	ended_by = gettid();
	wrong += !qemu_in_coroutine();
}

static void *enter(void *co)
{
	qemu_coroutine_enter(co, NULL);
	wrong += qemu_in_coroutine();
	return NULL;
}

TEST(another_thread_may_continue_it)
{
	Coroutine *co = qemu_coroutine_create(migrate);

	qemu_coroutine_enter(co, NULL);
	run_threads(1, enter, co);
	EXPECT_EQ(gettid(), begun_by);
	EXPECT_NE(gettid(), ended_by);
	EXPECT_EQ(0, wrong);
	EXPECT_FALSE(qemu_in_coroutine());
}

static void coroutine_fn enter_self(void *opaque)
{
	(void)opaque;
	qemu_coroutine_enter(qemu_coroutine_self(), NULL);
	step(1);
}

TEST(misuse_is_reported)
{
	log_count("coroutine");
	errno = 0;
	EXPECT_NULL(qemu_coroutine_create(NULL));
	EXPECT_EQ(EINVAL, errno);
	qemu_coroutine_yield();
	EXPECT_EQ(1, uwq_warn_count());
	qemu_coroutine_enter(qemu_coroutine_create(enter_self), NULL);
	EXPECT_EQ(2, uwq_warn_count());
	EXPECT_EQ(1, nr_steps);
	qemu_coroutine_enter(qemu_coroutine_self(), NULL);
	EXPECT_EQ(1, nr_steps);
}

static long mapped_kib(void)
{
	char line[128];
	FILE *file = fopen("/proc/self/status", "r");
	long kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmSize: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

TEST(stacks_are_freed)
{
	int base = 0;
	long before = mapped_kib();

	for (int i = 0; i < 2000; i++) {
		Coroutine *co = qemu_coroutine_create(count_to_three);

		for (int j = 0; j < 4; j++)
			qemu_coroutine_enter(co, &base);
	}
	/* 2000 stacks are 500 MiB */
	EXPECT_GE(before + 200 * 1024, mapped_kib());
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Per-CPU variables and memory: each possible CPU has its own copy with the
 * initial value; this_cpu_add() and its kin lose nothing however threads move;
 * misuse is reported.
 */
#include "../kselftest_harness.h"

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "time_test.h"

struct stats {
	u64 packets;
	u32 errors;
	u8 flags[3];
	void *owner;
};

static DEFINE_PER_CPU(int, counter) = 42;
static DEFINE_PER_CPU(struct stats, stats);
static DEFINE_PER_CPU_SHARED_ALIGNED(int[7], array) = { 1, 2, 3 };
DEFINE_PER_CPU(unsigned long, shared);
static DEFINE_PER_CPU_PAGE_ALIGNED(char, page);

TEST(variables)
{
	int cpu, other;

	for_each_possible_cpu(cpu) {
		EXPECT_EQ(42, per_cpu(counter, cpu));
		EXPECT_EQ(2, per_cpu(array, cpu)[1]);
		EXPECT_EQ(0, per_cpu(stats, cpu).packets);
		EXPECT_EQ(0, (uintptr_t)per_cpu_ptr(&array, cpu) % 64);
		EXPECT_EQ(0, (uintptr_t)per_cpu_ptr(&page, cpu) % 4096);
		per_cpu(counter, cpu) = cpu;
		per_cpu_ptr(&stats, cpu)->errors = (u32)cpu + 7;
		for_each_possible_cpu(other)
			if (other != cpu)
				EXPECT_NE(per_cpu_ptr(&counter, cpu),
					  per_cpu_ptr(&counter, other));
	}
	for_each_possible_cpu(cpu) {
		EXPECT_EQ(cpu, per_cpu(counter, cpu));
		EXPECT_EQ((u32)cpu + 7, per_cpu(stats.errors, cpu));
	}
}

TEST(operations_on_the_present_cpu)
{
	struct stats __percpu *p = alloc_percpu(struct stats);
	u64 expected = 5;

	ASSERT_NE(NULL, p);
	/* No other thread here: the sum is what one copy got, wherever it was. */
	this_cpu_add(p->packets, 5);
	this_cpu_inc(p->packets);
	this_cpu_dec(p->packets);
	EXPECT_EQ(expected, per_cpu_sum(&p->packets));
	this_cpu_sub(p->packets, 2);
	EXPECT_EQ(3, per_cpu_sum(&p->packets));
	this_cpu_or(p->flags[1], 0x81);
	this_cpu_and(p->flags[1], 0x80);
	this_cpu_write(p->owner, p);
	get_cpu_ptr(p)->errors++;
	EXPECT_EQ(1, preempt_count());
	put_cpu_ptr(p);
	get_cpu_var(stats).errors++;
	put_cpu_var(stats);
	EXPECT_EQ(0, preempt_count());
	EXPECT_EQ(1, per_cpu_sum(&p->errors));
	free_percpu(p);
}

/* One CPU only, so that the copies hold still. */
TEST(operations_with_a_value)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(raw_smp_processor_id(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	this_cpu_write(shared, 10);
	EXPECT_EQ(10, this_cpu_read(shared));
	EXPECT_EQ(13, this_cpu_add_return(shared, 3));
	EXPECT_EQ(14, this_cpu_inc_return(shared));
	EXPECT_EQ(14, this_cpu_xchg(shared, 1));
	EXPECT_EQ(1, this_cpu_cmpxchg(shared, 5, 6));
	EXPECT_EQ(1, this_cpu_cmpxchg(shared, 1, 6));
	EXPECT_EQ(6, raw_cpu_read(shared));
	EXPECT_EQ(6, *this_cpu_ptr(&shared));
}

#ifdef UWQ_SANITIZE
#define EACH	50000
#else
#define EACH	500000
#endif

static int ready;

static void *add_many(void *arg)
{
	/* All on one CPU by name and on several in fact: the worst case. */
	if (arg)
		current->bound_cpu = 0;
	add(&ready, 1);
	while (load(&ready) < 8)
		;
	for (int i = 0; i < EACH; i++)
		this_cpu_inc(shared);
	return NULL;
}

TEST(threads_lose_no_addition)
{
	pthread_t threads[8];
	unsigned long sum;

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, add_many, i < 4 ? &threads : NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	sum = per_cpu_sum(&shared);
	EXPECT_EQ(8ul * EACH, sum);
}

TEST(memory_is_zeroed_aligned_and_reused)
{
	static const size_t sizes[] = { 1, 8, 24, 100, 4096, 60000 };
	void *p[600];
	int cpu;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 600; i++) {
			size_t size = sizes[i % 6], align = 1ul << i % 13;

			p[i] = __alloc_percpu(size, align);
			ASSERT_NE(NULL, p[i]);
			for_each_possible_cpu(cpu) {
				char *copy = per_cpu_ptr((char *)p[i], cpu);

				ASSERT_EQ(0, (uintptr_t)copy % align);
				ASSERT_EQ(0, copy[0]);
				ASSERT_EQ(0, copy[size - 1]);
				memset(copy, 0xff, size);
			}
		}
		for (int i = 0; i < 600; i++)
			free_percpu(p[i * 7 % 600]);
	}
	free_percpu(NULL);
}

TEST(failure_and_misuse)
{
	unsigned long warned = uwq_warn_count();
	int local = 0;

	uwq_test_fail_alloc(1, 1);
	EXPECT_EQ(NULL, alloc_percpu(int));
	uwq_test_fail_alloc(0, 0);
	EXPECT_EQ(NULL, __alloc_percpu(4, 3 * 4096));
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_EQ(&local, per_cpu_ptr(&local, 0));
	EXPECT_EQ(warned + 2, uwq_warn_count());
	per_cpu_ptr(&counter, (int)nr_cpu_ids);
	EXPECT_EQ(warned + 3, uwq_warn_count());
	free_percpu(&counter);
	EXPECT_EQ(warned + 4, uwq_warn_count());
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * cpumask.c - the constant sets of CPUs, and picking a CPU fairly
 *
 * cpumask_of() must give a set of its own for each of NR_CPUS CPUs. They share
 * one table: row r has bit r in its first word and NR_CPUS bits behind and
 * before it that are zero, so a pointer to w words ahead of the row is the set
 * of CPU 64 * w + r.
 */
#include <linux/cpumask.h>
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/export.h>

#define WORDS	BITS_TO_LONGS(NR_CPUS)

/* Row 0 stays empty: it is what lies before row 1. */
#define ROW(bit)	[(bit) + 1] = { 1UL << (bit) }
#define ROWS4(bit)	ROW(bit), ROW((bit) + 1), ROW((bit) + 2), ROW((bit) + 3)
#define ROWS16(bit)	ROWS4(bit), ROWS4((bit) + 4), ROWS4((bit) + 8), ROWS4((bit) + 12)

static const unsigned long single[BITS_PER_LONG + 1][WORDS] = {
	ROWS16(0), ROWS16(16), ROWS16(32), ROWS16(48),
};

const struct cpumask uwq_cpu_all = CPU_MASK_ALL;
const struct cpumask uwq_cpu_none = CPU_MASK_NONE;

/**
 * cpumask_of - the set of one CPU
 * @cpu: < NR_CPUS
 *
 * Return: a constant set that lives for ever.
 */
const struct cpumask *cpumask_of(unsigned int cpu)
{
	const unsigned long *row = &single[0][0] + (cpu % BITS_PER_LONG + 1) * WORDS;

	return (const struct cpumask *)(row - cpu / BITS_PER_LONG);
}
EXPORT_SYMBOL(cpumask_of);

/* Where the last pick was; only a hint, so races over it do no harm. */
static atomic_t last_pick;

/**
 * cpumask_any_and_distribute - a CPU that is in both sets
 * @a: one set
 * @b: the other
 *
 * Each call goes on from where the last one stopped, so that work is spread.
 *
 * Return: the CPU, >= nr_cpu_ids if there is none.
 */
unsigned int cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b)
{
	unsigned int start = atomic_read(&last_pick) + 1;
	unsigned int cpu;

	if (start >= nr_cpumask_bits)
		start = 0;
	cpu = find_next_and_bit_wrap(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits, start);
	if (cpu < nr_cpumask_bits)
		atomic_set(&last_pick, cpu);
	return cpu;
}
EXPORT_SYMBOL(cpumask_any_and_distribute);

unsigned int cpumask_any_distribute(const struct cpumask *srcp)
{
	return cpumask_any_and_distribute(srcp, srcp);
}
EXPORT_SYMBOL(cpumask_any_distribute);

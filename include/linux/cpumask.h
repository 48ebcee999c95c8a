/* SPDX-License-Identifier: MIT */
/*
 * cpumask.h - sets of CPUs and the sets that describe this machine
 *
 * CPU ids go from 0 to nr_cpu_ids - 1. Looking for a CPU that is not there
 * gives a number >= nr_cpu_ids. Sets are copied and combined over all NR_CPUS
 * bits, so a set is good even if it was made before nr_cpu_ids was known.
 *
 * Changing one CPU in a set is atomic; combining sets is not.
 *
 * Differs from Linux: cpu_possible_mask, cpu_online_mask and the others are
 * about what this process may use (kernel-compat/cpu.c), and bits out of range
 * are not warned about.
 */
#ifndef UWQ_LINUX_CPUMASK_H
#define UWQ_LINUX_CPUMASK_H

#include <linux/types.h>
#include <linux/threads.h>
#include <linux/cpumask_types.h>
#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/gfp_types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
/* Defined in kernel-compat/cpu.c and set before any other code of ours runs. */
extern unsigned int nr_cpu_ids;
extern struct cpumask __cpu_possible_mask;
extern struct cpumask __cpu_online_mask;
extern struct cpumask __cpu_present_mask;
extern struct cpumask __cpu_active_mask;

/* All NR_CPUS bits set. */
extern const struct cpumask uwq_cpu_all;
extern const struct cpumask uwq_cpu_none;

/* The set of @cpu alone; it lives for ever. */
const struct cpumask *cpumask_of(unsigned int cpu);
/* Some CPU of the set(s), another one with every call, as far as there are. */
unsigned int cpumask_any_distribute(const struct cpumask *srcp);
unsigned int cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b);
UWQ_API_END

#define cpu_possible_mask	((const struct cpumask *)&__cpu_possible_mask)
#define cpu_online_mask		((const struct cpumask *)&__cpu_online_mask)
#define cpu_present_mask	((const struct cpumask *)&__cpu_present_mask)
#define cpu_active_mask		((const struct cpumask *)&__cpu_active_mask)
#define cpu_all_mask		(&uwq_cpu_all)
#define cpu_none_mask		(&uwq_cpu_none)

#define nr_cpumask_bits		nr_cpu_ids
/* For printk: "%*pbl", cpumask_pr_args(mask) */
#define cpumask_pr_args(maskp)	nr_cpu_ids, cpumask_bits(maskp)

#define CPU_BITS_NONE		{ 0UL }
#define CPU_BITS_CPU0		{ 1UL }
#define CPU_MASK_NONE		{ CPU_BITS_NONE }
#define CPU_MASK_CPU0		{ CPU_BITS_CPU0 }
#ifndef __cplusplus
#define CPU_MASK_ALL		{ { [0 ... BITS_TO_LONGS(NR_CPUS) - 1] = ~0UL } }
#endif

/* A bitmap of NR_CPUS bits, seen as a set. */
#define to_cpumask(bitmap)	((struct cpumask *)(bitmap))

static inline unsigned int cpumask_size(void)
{
	return sizeof(struct cpumask);
}

static inline void cpumask_clear(struct cpumask *dstp)
{
	bitmap_zero(cpumask_bits(dstp), NR_CPUS);
}

static inline void cpumask_setall(struct cpumask *dstp)
{
	cpumask_clear(dstp);
	bitmap_set(cpumask_bits(dstp), 0, nr_cpu_ids);
}

static inline void cpumask_copy(struct cpumask *dstp, const struct cpumask *srcp)
{
	bitmap_copy(cpumask_bits(dstp), cpumask_bits(srcp), NR_CPUS);
}

static __always_inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *dstp)
{
	set_bit(cpu, cpumask_bits(dstp));
}

static __always_inline void __cpumask_set_cpu(unsigned int cpu, struct cpumask *dstp)
{
	__set_bit(cpu, cpumask_bits(dstp));
}

static __always_inline void cpumask_clear_cpu(int cpu, struct cpumask *dstp)
{
	clear_bit(cpu, cpumask_bits(dstp));
}

static __always_inline void __cpumask_clear_cpu(int cpu, struct cpumask *dstp)
{
	__clear_bit(cpu, cpumask_bits(dstp));
}

static __always_inline void cpumask_assign_cpu(int cpu, struct cpumask *dstp, bool value)
{
	assign_bit(cpu, cpumask_bits(dstp), value);
}

static __always_inline bool cpumask_test_cpu(int cpu, const struct cpumask *maskp)
{
	return test_bit(cpu, cpumask_bits(maskp));
}

static __always_inline bool cpumask_test_and_set_cpu(int cpu, struct cpumask *maskp)
{
	return test_and_set_bit(cpu, cpumask_bits(maskp));
}

static __always_inline bool cpumask_test_and_clear_cpu(int cpu, struct cpumask *maskp)
{
	return test_and_clear_bit(cpu, cpumask_bits(maskp));
}

static inline bool cpumask_and(struct cpumask *dstp, const struct cpumask *a,
			       const struct cpumask *b)
{
	return bitmap_and(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), NR_CPUS);
}

static inline bool cpumask_andnot(struct cpumask *dstp, const struct cpumask *a,
				  const struct cpumask *b)
{
	return bitmap_andnot(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), NR_CPUS);
}

static inline void cpumask_or(struct cpumask *dstp, const struct cpumask *a,
			      const struct cpumask *b)
{
	bitmap_or(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), NR_CPUS);
}

static inline void cpumask_xor(struct cpumask *dstp, const struct cpumask *a,
			       const struct cpumask *b)
{
	bitmap_xor(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), NR_CPUS);
}

static inline bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_equal(cpumask_bits(a), cpumask_bits(b), NR_CPUS);
}

static inline bool cpumask_or_equal(const struct cpumask *a, const struct cpumask *b,
				    const struct cpumask *sum)
{
	return bitmap_or_equal(cpumask_bits(a), cpumask_bits(b), cpumask_bits(sum), NR_CPUS);
}

static inline bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_intersects(cpumask_bits(a), cpumask_bits(b), NR_CPUS);
}

static inline bool cpumask_subset(const struct cpumask *sub, const struct cpumask *super)
{
	return bitmap_subset(cpumask_bits(sub), cpumask_bits(super), NR_CPUS);
}

static inline bool cpumask_empty(const struct cpumask *srcp)
{
	return bitmap_empty(cpumask_bits(srcp), NR_CPUS);
}

static inline bool cpumask_full(const struct cpumask *srcp)
{
	return bitmap_full(cpumask_bits(srcp), nr_cpumask_bits);
}

static inline unsigned int cpumask_weight(const struct cpumask *srcp)
{
	return bitmap_weight(cpumask_bits(srcp), nr_cpumask_bits);
}

static inline unsigned int cpumask_weight_and(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_weight_and(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}

static inline unsigned int cpumask_weight_andnot(const struct cpumask *a,
						 const struct cpumask *b)
{
	return bitmap_weight_andnot(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}

static inline void cpumask_shift_right(struct cpumask *dstp, const struct cpumask *srcp, int n)
{
	bitmap_shift_right(cpumask_bits(dstp), cpumask_bits(srcp), n, NR_CPUS);
}

static inline void cpumask_shift_left(struct cpumask *dstp, const struct cpumask *srcp, int n)
{
	bitmap_shift_left(cpumask_bits(dstp), cpumask_bits(srcp), n, NR_CPUS);
}

static inline unsigned int cpumask_first(const struct cpumask *srcp)
{
	return find_first_bit(cpumask_bits(srcp), nr_cpumask_bits);
}

static inline unsigned int cpumask_first_zero(const struct cpumask *srcp)
{
	return find_first_zero_bit(cpumask_bits(srcp), nr_cpumask_bits);
}

static inline unsigned int cpumask_first_and(const struct cpumask *a, const struct cpumask *b)
{
	return find_first_and_bit(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}

static inline unsigned int cpumask_last(const struct cpumask *srcp)
{
	return find_last_bit(cpumask_bits(srcp), nr_cpumask_bits);
}

/* The one behind @n; -1 to begin. */
static inline unsigned int cpumask_next(int n, const struct cpumask *srcp)
{
	return find_next_bit(cpumask_bits(srcp), nr_cpumask_bits, n + 1);
}

static inline unsigned int cpumask_next_zero(int n, const struct cpumask *srcp)
{
	return find_next_zero_bit(cpumask_bits(srcp), nr_cpumask_bits, n + 1);
}

static inline unsigned int cpumask_next_and(int n, const struct cpumask *a,
					    const struct cpumask *b)
{
	return find_next_and_bit(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits, n + 1);
}

/*
 * The one behind @n, going around the end; @start is where the walk began and
 * @wrap whether it has been around. >= nr_cpumask_bits when back at @start.
 */
static inline unsigned int cpumask_next_wrap(int n, const struct cpumask *mask, int start,
					     bool wrap)
{
	unsigned int next = cpumask_next(n, mask);

	if (wrap && n < start && next >= (unsigned int)start)
		return nr_cpumask_bits;
	if (next < nr_cpumask_bits)
		return next;
	next = cpumask_first(mask);
	return next < (unsigned int)start ? next : nr_cpumask_bits;
}

static inline unsigned int cpumask_nth(unsigned int n, const struct cpumask *srcp)
{
	return find_nth_bit(cpumask_bits(srcp), nr_cpumask_bits, n);
}

static inline unsigned int cpumask_nth_and(unsigned int n, const struct cpumask *a,
					   const struct cpumask *b)
{
	return find_nth_and_bit(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits, n);
}

static inline unsigned int cpumask_any_but(const struct cpumask *mask, unsigned int cpu)
{
	unsigned int i = cpumask_first(mask);

	return i == cpu ? cpumask_next(i, mask) : i;
}

static inline unsigned int cpumask_any_and_but(const struct cpumask *a, const struct cpumask *b,
					       unsigned int cpu)
{
	unsigned int i = cpumask_first_and(a, b);

	return i == cpu ? cpumask_next_and(i, a, b) : i;
}

#define cpumask_any(srcp)	cpumask_first(srcp)
#define cpumask_any_and(a, b)	cpumask_first_and((a), (b))

#define for_each_cpu(cpu, mask)			\
	for_each_set_bit(cpu, cpumask_bits(mask), nr_cpumask_bits)
#define for_each_cpu_not(cpu, mask)		\
	for_each_clear_bit(cpu, cpumask_bits(mask), nr_cpumask_bits)
#define for_each_cpu_and(cpu, a, b)		\
	for_each_and_bit(cpu, cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits)
#define for_each_cpu_andnot(cpu, a, b)		\
	for_each_andnot_bit(cpu, cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits)
#define for_each_cpu_or(cpu, a, b)		\
	for_each_or_bit(cpu, cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits)
#define for_each_cpu_from(cpu, mask)		\
	for_each_set_bit_from(cpu, cpumask_bits(mask), nr_cpumask_bits)
#define for_each_cpu_wrap(cpu, mask, start)	\
	for_each_set_bit_wrap(cpu, cpumask_bits(mask), nr_cpumask_bits, start)

#define for_each_possible_cpu(cpu)	for_each_cpu((cpu), cpu_possible_mask)
#define for_each_online_cpu(cpu)	for_each_cpu((cpu), cpu_online_mask)
#define for_each_present_cpu(cpu)	for_each_cpu((cpu), cpu_present_mask)

static inline unsigned int num_online_cpus(void)
{
	return cpumask_weight(cpu_online_mask);
}

#define num_possible_cpus()	cpumask_weight(cpu_possible_mask)
#define num_present_cpus()	cpumask_weight(cpu_present_mask)
#define num_active_cpus()	cpumask_weight(cpu_active_mask)

static inline bool cpu_possible(unsigned int cpu)
{
	return cpu < NR_CPUS && cpumask_test_cpu(cpu, cpu_possible_mask);
}

static inline bool cpu_online(unsigned int cpu)
{
	return cpu < NR_CPUS && cpumask_test_cpu(cpu, cpu_online_mask);
}

static inline bool cpu_present(unsigned int cpu)
{
	return cpu < NR_CPUS && cpumask_test_cpu(cpu, cpu_present_mask);
}

static inline bool cpu_active(unsigned int cpu)
{
	return cpu < NR_CPUS && cpumask_test_cpu(cpu, cpu_active_mask);
}

/* One mask is part of cpumask_var_t itself: nothing to allocate or to free. */
static inline bool alloc_cpumask_var(cpumask_var_t *mask __maybe_unused,
				     gfp_t flags __maybe_unused)
{
	return true;
}

static inline bool alloc_cpumask_var_node(cpumask_var_t *mask __maybe_unused,
					  gfp_t flags __maybe_unused, int node __maybe_unused)
{
	return true;
}

static inline bool zalloc_cpumask_var(cpumask_var_t *mask, gfp_t flags __maybe_unused)
{
	cpumask_clear(*mask);
	return true;
}

static inline bool zalloc_cpumask_var_node(cpumask_var_t *mask, gfp_t flags __maybe_unused,
					   int node __maybe_unused)
{
	cpumask_clear(*mask);
	return true;
}

static inline void free_cpumask_var(cpumask_var_t mask __maybe_unused)
{
}

static inline bool cpumask_available(cpumask_var_t mask __maybe_unused)
{
	return true;
}

/* Hexadecimal and list form; 0, -EINVAL, -ERANGE, -EOVERFLOW. See bitmap.h. */
static inline int cpumask_parse(const char *buf, struct cpumask *dstp)
{
	cpumask_clear(dstp);
	return bitmap_parse(buf, UINT_MAX, cpumask_bits(dstp), nr_cpumask_bits);
}

static inline int cpulist_parse(const char *buf, struct cpumask *dstp)
{
	cpumask_clear(dstp);
	return bitmap_parselist(buf, cpumask_bits(dstp), nr_cpumask_bits);
}

static inline ssize_t cpumap_print_to_pagebuf(bool list, char *buf, const struct cpumask *mask)
{
	return bitmap_print_to_pagebuf(list, buf, cpumask_bits(mask), nr_cpu_ids);
}

#endif

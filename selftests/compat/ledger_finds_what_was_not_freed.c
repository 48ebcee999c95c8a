// SPDX-License-Identifier: MIT
/*
 * The ledger counts live blocks and their bytes, says who allocated them, and
 * agrees with many threads that allocate and free at once.
 */
#include "../kselftest_harness.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <uwq/ledger.h>
#include <uwq/warn.h>

#include "lock_test.h"
#include "log_test.h"

static __attribute__((__noinline__)) void *allocate_here(size_t size)
{
	void *p = kmalloc(size, GFP_KERNEL);

	/* no tail call: this function shall be seen */
	__asm__ volatile("" : "+r"(p));
	return p;
}

TEST(counts_bytes_and_names_places)
{
	unsigned int mark = uwq_ledger_mark();
	void *a = allocate_here(100), *b = allocate_here(52), *v = vmalloc(5000);
	struct uwq_ledger_sum sum = uwq_ledger_count(mark, NULL, NULL);

	EXPECT_EQ(3, sum.objects);
	EXPECT_EQ(5152, sum.bytes);
	capture_start();
	sum = uwq_ledger_report(mark, NULL, NULL);
	EXPECT_EQ(3, sum.objects);
	EXPECT_NOT_NULL(strstr(captured.text, "3 objects, 5152 bytes"));
	EXPECT_NOT_NULL(strstr(captured.text, "2 (152 bytes) from allocate_here+0x"));
	kfree(a);
	kfree(b);
	vfree(v);
	captured.messages = 0;
	sum = uwq_ledger_report(mark, NULL, NULL);
	EXPECT_EQ(0, sum.objects);
	EXPECT_EQ(0, captured.messages);
	capture_end();
}

TEST(earlier_blocks_and_other_code_do_not_count)
{
	void *early = allocate_here(10), *late;
	unsigned int mark = uwq_ledger_mark();

	late = allocate_here(20);
	EXPECT_EQ(1, uwq_ledger_count(mark, NULL, NULL).objects);
	EXPECT_EQ(1, uwq_ledger_count(mark, allocate_here, (char *)allocate_here + 256).objects);
	EXPECT_EQ(0, uwq_ledger_count(mark, (void *)16, (void *)4096).objects);
	kfree(early);
	kfree(late);
}

TEST(what_waits_for_a_grace_period_is_not_left)
{
	unsigned int mark = uwq_ledger_mark();
	struct item {
		long x;
		struct rcu_head rcu;
	} *item = kmalloc(sizeof(*item), GFP_KERNEL);

	capture_start();
	kfree_rcu(item, rcu);
	EXPECT_EQ(0, uwq_ledger_report(mark, NULL, NULL).objects);
	capture_end();
}

#define SLOTS	64
#define EACH	ROUNDS(60000)

static void *churn(void *arg)
{
	unsigned int seed = (unsigned int)(unsigned long)&arg;
	void *slot[SLOTS] = { NULL };

	(void)arg;
	for (int i = 0; i < EACH; i++) {
		int n = rand_r(&seed) % SLOTS;

		kfree(slot[n]);
		slot[n] = kmalloc((size_t)rand_r(&seed) % 300 + 1, GFP_KERNEL);
	}
	for (int n = 0; n < SLOTS; n++)
		kfree(slot[n]);
	return NULL;
}

TEST(agrees_with_many_threads)
{
	unsigned int mark = uwq_ledger_mark();

	run_threads(4, churn, NULL);
	EXPECT_EQ(0, uwq_ledger_count(mark, NULL, NULL).objects);
	EXPECT_EQ(0, uwq_warn_count());
}

#ifdef UWQ_HAVE_ASAN
int __lsan_do_recoverable_leak_check(void);

static unsigned long hidden;

/* In a thread, so that no copy stays on a stack. */
static void *lose_a_block(void *arg)
{
	(void)arg;
	hidden = ~(unsigned long)kmalloc(4321, GFP_KERNEL);
	return NULL;
}

TEST(leak_checkers_see_lost_blocks)
{
	run_threads(1, lose_a_block, NULL);
	/* the ledger's knowledge does not count as a reference */
	EXPECT_EQ(0, uwq_warn_count());
	EXPECT_EQ(1, __lsan_do_recoverable_leak_check());
	kfree((void *)~hidden);
	EXPECT_EQ(0, __lsan_do_recoverable_leak_check());
}
#endif

TEST(holds_many)
{
	enum { MANY = 100000 };
	static void *p[MANY];
	unsigned int mark = uwq_ledger_mark();

	for (int i = 0; i < MANY; i++)
		p[i] = kmalloc(8, GFP_KERNEL);
	EXPECT_EQ(MANY, uwq_ledger_count(mark, NULL, NULL).objects);
	/* first the odd, then the even: gaps everywhere */
	for (int i = 1; i < MANY; i += 2)
		kfree(p[i]);
	EXPECT_EQ(MANY / 2, uwq_ledger_count(mark, NULL, NULL).objects);
	for (int i = 0; i < MANY; i += 2)
		kfree(p[i]);
	EXPECT_EQ(0, uwq_ledger_count(mark, NULL, NULL).objects);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST_HARNESS_MAIN

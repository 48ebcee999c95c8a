// SPDX-License-Identifier: MIT
/*
 * Proves the sizes that users of the library embed: a work item has the 32 bytes of
 * the kernel's, initialised statically and at run time alike, in any memory that has
 * the alignment of a pointer. What is remembered about an item fits in its one word.
 */
#include "wq_test.h"

#include <stddef.h>

static int nr_runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(nr_runs, 1);
}

static DECLARE_WORK(static_work, count_run);
static DECLARE_DELAYED_WORK(static_dwork, count_run);

TEST(sizes)
{
	EXPECT_EQ(32u, sizeof(struct work_struct));
	EXPECT_EQ(8u, __alignof__(struct work_struct));
	EXPECT_EQ(0u, offsetof(struct delayed_work, work));
	EXPECT_EQ(0u, offsetof(struct rcu_work, work));
	EXPECT_EQ(32u, sizeof(struct execute_work));
}

TEST(static_and_dynamic_initialisers_agree)
{
	struct work_struct work;

	INIT_WORK(&work, count_run);
	EXPECT_EQ(atomic_long_read(&static_work.data), atomic_long_read(&work.data));
	EXPECT_EQ((long)WORK_STRUCT_NO_POOL, atomic_long_read(&work.data));
	EXPECT_TRUE(list_empty(&static_work.entry));
	EXPECT_TRUE(list_empty(&static_dwork.work.entry));
	EXPECT_TRUE(static_work.func == count_run);
	EXPECT_FALSE(work_pending(&static_work));
	EXPECT_FALSE(delayed_work_pending(&static_dwork));
}

TEST(static_items_run)
{
	ASSERT_TRUE(schedule_work(&static_work));
	ASSERT_TRUE(schedule_delayed_work(&static_dwork, 0));
	flush_work(&static_work);
	flush_delayed_work(&static_dwork);
	EXPECT_EQ(2, GET(nr_runs));
}

/* Nothing beyond the 32 bytes is written, at any place in an array. */
TEST(neighbours_are_left_alone)
{
	struct {
		unsigned long before;
		struct work_struct work;
		unsigned long after;
	} items[16];
	int i, round;

	for (i = 0; i < 16; i++) {
		items[i].before = items[i].after = 0x5aa55aa55aa55aa5ul;
		INIT_WORK(&items[i].work, count_run);
	}
	SET(nr_runs, 0);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < 16; i++)
			schedule_work_on(0, &items[i].work);
		for (i = 0; i < 16; i++)
			flush_work(&items[i].work);
	}
	for (i = 0; i < 16; i++) {
		EXPECT_EQ(0x5aa55aa55aa55aa5ul, items[i].before);
		EXPECT_EQ(0x5aa55aa55aa55aa5ul, items[i].after);
	}
	EXPECT_EQ(1600, GET(nr_runs));
}

TEST_HARNESS_MAIN

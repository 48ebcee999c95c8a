// SPDX-License-Identifier: MIT
/*
 * U24: what devm_*() recorded with a device is undone when it is unregistered,
 * newest first, each thing once; groups, single actions and blocks can go before.
 * When a record cannot be made nothing is recorded, and devm_add_action_or_reset()
 * has called the action.
 */
#include "../kselftest_harness.h"

#include <linux/device.h>
#include <linux/devm-helpers.h>
#include <uwq/ledger.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "log_test.h"

static char trail[64];	/* letters of the actions, in the order of their calls */

static void note(void *letter)
{
	size_t len = strlen(trail);

	trail[len] = *(char *)letter;
	trail[len + 1] = '\0';
}

static char letters[] = "abcde";
static char *const a = letters, *const b = letters + 1, *const c = letters + 2;
static char *const d = letters + 3, *const e = letters + 4;

FIXTURE(dev) {
	struct device *dev;
	unsigned int mark;
};

FIXTURE_SETUP(dev)
{
	self->mark = uwq_ledger_mark();
	self->dev = root_device_register("scope");
	ASSERT_FALSE(IS_ERR(self->dev));
}

FIXTURE_TEARDOWN(dev)
{
	if (self->dev)
		root_device_unregister(self->dev);
	EXPECT_EQ(0, uwq_ledger_count(self->mark, NULL, NULL).objects);
}

static void end_device(struct device **dev)
{
	root_device_unregister(*dev);
	*dev = NULL;
}

TEST_F(dev, actions_run_newest_first)
{
	EXPECT_EQ(0, devm_add_action(self->dev, note, a));
	EXPECT_EQ(0, devm_add_action_or_reset(self->dev, note, b));
	EXPECT_EQ(0, devm_add_action(self->dev, note, c));
	EXPECT_STREQ("", trail);
	end_device(&self->dev);
	EXPECT_STREQ("cba", trail);
}

TEST_F(dev, references_do_not_delay_them)
{
	struct device *dev = get_device(self->dev);

	EXPECT_EQ(0, devm_add_action(dev, note, a));
	end_device(&self->dev);
	EXPECT_STREQ("a", trail);
	/* what comes too late goes with the last of them */
	EXPECT_EQ(0, devm_add_action(dev, note, b));
	EXPECT_STREQ("a", trail);
	put_device(dev);
	EXPECT_STREQ("ab", trail);
}

TEST_F(dev, an_action_can_go_before)
{
	devm_add_action(self->dev, note, a);
	devm_add_action(self->dev, note, b);
	devm_add_action(self->dev, note, c);
	EXPECT_TRUE(devm_is_action_added(self->dev, note, b));
	devm_release_action(self->dev, note, b);
	EXPECT_STREQ("b", trail);
	EXPECT_FALSE(devm_is_action_added(self->dev, note, b));
	devm_remove_action(self->dev, note, a);
	EXPECT_STREQ("b", trail);
	EXPECT_EQ(-ENOENT, devm_remove_action_nowarn(self->dev, note, a));
	EXPECT_EQ(0, uwq_warn_count());
	capture_start();
	devm_remove_action(self->dev, note, a);
	EXPECT_EQ(1, uwq_warn_count());
	devm_release_action(self->dev, note, d);
	EXPECT_EQ(2, uwq_warn_count());
	capture_end();
	end_device(&self->dev);
	EXPECT_STREQ("bc", trail);
}

static void adds_another(void *dev)
{
	note(a);
	devm_add_action(dev, note, b);
}

TEST_F(dev, what_an_action_adds_is_undone_too)
{
	devm_add_action(self->dev, adds_another, self->dev);
	end_device(&self->dev);
	EXPECT_STREQ("ab", trail);
}

TEST_F(dev, failure_records_nothing)
{
	uwq_test_fail_alloc(1, -1);
	EXPECT_EQ(-ENOMEM, devm_add_action(self->dev, note, a));
	EXPECT_STREQ("", trail);
	EXPECT_EQ(-ENOMEM, devm_add_action_or_reset(self->dev, note, b));
	EXPECT_STREQ("b", trail);
	EXPECT_NULL(devm_kzalloc(self->dev, 8, GFP_KERNEL | __GFP_NOWARN));
	EXPECT_NULL(devm_kstrdup(self->dev, "x", GFP_KERNEL | __GFP_NOWARN));
	EXPECT_NULL(devm_kasprintf(self->dev, GFP_KERNEL | __GFP_NOWARN, "%d", 1));
	EXPECT_NULL(devm_kmemdup(self->dev, "x", 1, GFP_KERNEL | __GFP_NOWARN));
	EXPECT_NULL(devres_alloc(NULL, 8, GFP_KERNEL | __GFP_NOWARN));
	EXPECT_NULL(devres_open_group(self->dev, NULL, GFP_KERNEL | __GFP_NOWARN));
	uwq_test_fail_alloc(0, 0);
	end_device(&self->dev);
	EXPECT_STREQ("b", trail);
}

TEST_F(dev, memory_is_freed_with_the_device)
{
	char *zeros = devm_kzalloc(self->dev, 64, GFP_KERNEL);
	char *text = devm_kstrdup(self->dev, "hello", GFP_KERNEL);
	char *printed = devm_kasprintf(self->dev, GFP_KERNEL, "%s-%d", "x", 42);
	int *array = devm_kcalloc(self->dev, 4, sizeof(*array), GFP_KERNEL);
	volatile size_t huge = SIZE_MAX;

	ASSERT_TRUE(zeros && text && printed && array);
	for (int i = 0; i < 64; i++)
		ASSERT_EQ(0, zeros[i]);
	EXPECT_EQ(0, (unsigned long)zeros % 16);
	EXPECT_STREQ("hello", text);
	EXPECT_STREQ("x-42", printed);
	EXPECT_EQ(0, array[3]);
	EXPECT_NULL(devm_kcalloc(self->dev, huge, 2, GFP_KERNEL));
	EXPECT_EQ(ZERO_SIZE_PTR, devm_kmalloc(self->dev, 0, GFP_KERNEL));
	EXPECT_NULL(devm_kstrdup(self->dev, NULL, GFP_KERNEL));
	devm_kfree(self->dev, text);
	devm_kfree(self->dev, NULL);
	EXPECT_EQ(0, uwq_warn_count());
	capture_start();
	devm_kfree(self->dev, trail);
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
	/* the rest is looked for by the teardown */
}

TEST_F(dev, krealloc_keeps_contents_and_place)
{
	char *p, *q;

	devm_add_action(self->dev, note, a);
	p = devm_krealloc(self->dev, NULL, 6, GFP_KERNEL);
	ASSERT_NOT_NULL(p);
	strcpy(p, "hello");
	q = devm_krealloc(self->dev, p, 5000, GFP_KERNEL);
	ASSERT_NOT_NULL(q);
	EXPECT_STREQ("hello", q);
	EXPECT_EQ(q, devm_krealloc(self->dev, q, 10, GFP_KERNEL));
	uwq_test_fail_alloc(1, -1);
	EXPECT_NULL(devm_krealloc(self->dev, q, 9000, GFP_KERNEL | __GFP_NOWARN));
	uwq_test_fail_alloc(0, 0);
	EXPECT_STREQ("hello", q);
	EXPECT_EQ(ZERO_SIZE_PTR, devm_krealloc(self->dev, q, 0, GFP_KERNEL));
}

TEST_F(dev, a_group_goes_alone)
{
	void *group;

	devm_add_action(self->dev, note, a);
	group = devres_open_group(self->dev, NULL, GFP_KERNEL);
	ASSERT_NOT_NULL(group);
	devm_add_action(self->dev, note, b);
	devm_add_action(self->dev, note, c);
	devres_close_group(self->dev, group);
	devm_add_action(self->dev, note, d);
	EXPECT_EQ(2, devres_release_group(self->dev, group));
	EXPECT_STREQ("cb", trail);
	end_device(&self->dev);
	EXPECT_STREQ("cbda", trail);
}

TEST_F(dev, groups_lie_within_each_other)
{
	ASSERT_EQ(a, devres_open_group(self->dev, a, GFP_KERNEL));
	devm_add_action(self->dev, note, a);
	ASSERT_EQ(b, devres_open_group(self->dev, b, GFP_KERNEL));
	devm_add_action(self->dev, note, b);
	devres_close_group(self->dev, b);
	ASSERT_EQ(c, devres_open_group(self->dev, c, GFP_KERNEL));
	devm_add_action(self->dev, note, c);
	/* the newest open one is c, which is inside a */
	EXPECT_EQ(1, devres_release_group(self->dev, NULL));
	EXPECT_STREQ("c", trail);
	devm_add_action(self->dev, note, d);
	/* a is open still: all that came since belongs to it, b too */
	EXPECT_EQ(3, devres_release_group(self->dev, a));
	EXPECT_STREQ("cdba", trail);
	EXPECT_EQ(0, uwq_warn_count());
	capture_start();
	devm_add_action(self->dev, note, e);
	EXPECT_EQ(0, devres_release_group(self->dev, b));
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
}

TEST_F(dev, groups_may_overlap)
{
	ASSERT_EQ(a, devres_open_group(self->dev, a, GFP_KERNEL));
	devm_add_action(self->dev, note, a);
	ASSERT_EQ(b, devres_open_group(self->dev, b, GFP_KERNEL));
	devm_add_action(self->dev, note, b);
	devres_close_group(self->dev, a);
	devm_add_action(self->dev, note, c);
	devres_close_group(self->dev, b);
	EXPECT_EQ(2, devres_release_group(self->dev, a));
	EXPECT_STREQ("ba", trail);
	EXPECT_EQ(1, devres_release_group(self->dev, b));
	EXPECT_STREQ("bac", trail);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST_F(dev, a_group_can_be_forgotten)
{
	void *group = devres_open_group(self->dev, NULL, GFP_KERNEL);

	devm_add_action(self->dev, note, a);
	devres_remove_group(self->dev, group);
	EXPECT_STREQ("", trail);
	end_device(&self->dev);
	EXPECT_STREQ("a", trail);
}

static void note_record(struct device *dev, void *res)
{
	(void)dev;
	note(res);
}

static int same_letter(struct device *dev, void *res, void *letter)
{
	(void)dev;
	return *(char *)res == *(char *)letter;
}

static char *new_record(char letter)
{
	char *res = devres_alloc(note_record, 1, GFP_KERNEL);

	*res = letter;
	return res;
}

TEST_F(dev, records_of_ones_own)
{
	char *ra = new_record('a'), *rb = new_record('b'), *again = new_record('a');

	devres_add(self->dev, ra);
	EXPECT_EQ(ra, devres_find(self->dev, note_record, same_letter, a));
	EXPECT_NULL(devres_find(self->dev, note_record, same_letter, b));
	EXPECT_EQ(ra, devres_get(self->dev, again, same_letter, a));
	EXPECT_EQ(rb, devres_get(self->dev, rb, same_letter, b));
	EXPECT_EQ(rb, devres_find(self->dev, note_record, NULL, NULL));
	EXPECT_EQ(0, devres_destroy(self->dev, note_record, same_letter, a));
	EXPECT_EQ(-ENOENT, devres_destroy(self->dev, note_record, same_letter, a));
	EXPECT_STREQ("", trail);
	EXPECT_EQ(0, devres_release(self->dev, note_record, NULL, NULL));
	EXPECT_STREQ("b", trail);
	EXPECT_EQ(-ENOENT, devres_release(self->dev, note_record, NULL, NULL));
	devres_free(new_record('c'));
	EXPECT_STREQ("b", trail);
	EXPECT_EQ(0, devres_release_all(self->dev));
}

/* Items of a device are cancelled with it, see linux/devm-helpers.h */
static int runs;	/* atomic */

static void count(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED);
}

TEST_F(dev, items_are_cancelled_with_the_device)
{
	static struct delayed_work late;
	static struct work_struct work;

	ASSERT_EQ(0, devm_delayed_work_autocancel(self->dev, &late, count));
	ASSERT_EQ(0, devm_work_autocancel(self->dev, &work, count));
	schedule_delayed_work(&late, 1000 * HZ);
	schedule_work(&work);
	flush_work(&work);
	EXPECT_EQ(1, __atomic_load_n(&runs, __ATOMIC_RELAXED));
	end_device(&self->dev);
	EXPECT_FALSE(delayed_work_pending(&late));
	self->mark = uwq_ledger_mark();	/* the engine keeps what it made for the first item */
}

TEST_HARNESS_MAIN

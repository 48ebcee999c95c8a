// SPDX-License-Identifier: MIT
/*
 * A branch on a static key follows the key: as it was defined, counted by inc and
 * dec, switched by enable and disable. Who finds it on sees what was stored before.
 */
#include "../kselftest_harness.h"

#include <linux/jump_label.h>
#include <linux/kthread.h>
#include <uwq/warn.h>

#include "log_test.h"

static DEFINE_STATIC_KEY_FALSE(off);
static DEFINE_STATIC_KEY_TRUE(on);
static DEFINE_STATIC_KEY_ARRAY_TRUE(both_on, 2);
static struct static_key old = STATIC_KEY_INIT_FALSE;

TEST(keys_start_as_defined)
{
	EXPECT_FALSE(static_branch_unlikely(&off));
	EXPECT_FALSE(static_branch_likely(&off));
	EXPECT_TRUE(static_branch_unlikely(&on));
	EXPECT_TRUE(static_branch_likely(&on));
	EXPECT_TRUE(static_branch_likely(&both_on[1]));
	EXPECT_FALSE(static_key_false(&old));
	EXPECT_FALSE(static_key_enabled(&old));
}

TEST(the_last_dec_switches_off)
{
	static_branch_inc(&off);
	static_branch_inc(&off);
	EXPECT_EQ(2, static_key_count(&off.key));
	static_branch_dec(&off);
	EXPECT_TRUE(static_branch_unlikely(&off));
	static_branch_dec(&off);
	EXPECT_FALSE(static_branch_unlikely(&off));
	EXPECT_FALSE(static_key_fast_inc_not_disabled(&off.key));
}

TEST(enable_and_disable_do_not_count)
{
	static_branch_enable(&off);
	static_branch_enable(&off);
	EXPECT_TRUE(static_key_enabled(&off));
	static_branch_disable(&off);
	EXPECT_FALSE(static_key_enabled(&off));
	static_branch_disable(&off);
	EXPECT_FALSE(static_key_enabled(&off));
	static_branch_disable(&on);
	EXPECT_FALSE(static_branch_likely(&on));
	static_branch_enable(&on);
}

TEST(one_dec_too_many_is_reported)
{
	capture_start();
	static_branch_dec(&off);
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_NE(NULL, strstr(captured.text, "negative count"));
	capture_end();
	EXPECT_EQ(0, static_key_count(&off.key));
	static_branch_inc(&off);
	EXPECT_TRUE(static_branch_unlikely(&off));
	static_branch_dec(&off);
}

static int prepared;	/* plain: the key alone orders it */

static int prepare(void *unused)
{
	(void)unused;
	prepared = 7;
	static_branch_enable(&off);
	return 0;
}

TEST(what_was_stored_before_is_seen_behind_the_branch)
{
	struct task_struct *other = kthread_run(prepare, NULL, "prepare");

	ASSERT_FALSE(IS_ERR(other));
	while (!static_branch_unlikely(&off))
		cpu_relax();
	EXPECT_EQ(7, prepared);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves that every way to declare or initialise an item gives the same: idle, enabled,
 * never run, with the function; a delayed one with an unarmed timer of the right
 * function and kind. Each can be queued at once and runs once. The conversions between
 * an item and what it is embedded in lead back to the same object.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

static int runs;	/* atomic */
static void *seen;	/* atomic: what the function got */

static void note(struct work_struct *work)
{
	SET(seen, (void *)work);
	ADD(runs, 1);
}

static DECLARE_WORK(declared, note);
static DECLARE_DELAYED_WORK(declared_delayed, note);
static DECLARE_DEFERRABLE_WORK(declared_deferrable, note);
static struct work_struct by_initializer = __WORK_INITIALIZER(by_initializer, note);
static struct delayed_work delayed_by_initializer =
	__DELAYED_WORK_INITIALIZER(delayed_by_initializer, note, TIMER_DEFERRABLE);
static struct work_struct by_data_init = {
	.data = WORK_DATA_INIT(),
	.entry = LIST_HEAD_INIT(by_data_init.entry),
	.func = note,
};
static struct lock_class_key key;

static void check(struct __test_metadata *_metadata, struct work_struct *work)
{
	EXPECT_EQ((long)WORK_STRUCT_NO_POOL, atomic_long_read(&work->data));
	EXPECT_EQ(WORK_STRUCT_NO_POOL, *work_data_bits(work));
	EXPECT_TRUE(list_empty(&work->entry));
	EXPECT_TRUE(work->func == note);
	EXPECT_FALSE(work_pending(work));
	EXPECT_EQ(0u, work_busy(work));
	EXPECT_EQ(0u, work_static(work));

	SET(runs, 0);
	SET(seen, NULL);
	EXPECT_TRUE(schedule_work(work));
	flush_work(work);
	EXPECT_EQ(1, GET(runs));
	EXPECT_TRUE(GET(seen) == work);
}

static void check_delayed(struct __test_metadata *_metadata, struct delayed_work *dwork,
			  u32 kind)
{
	EXPECT_FALSE(timer_pending(&dwork->timer));
	EXPECT_TRUE(dwork->timer.function == delayed_work_timer_fn);
	EXPECT_EQ(TIMER_IRQSAFE | kind, dwork->timer.flags & (TIMER_IRQSAFE | TIMER_DEFERRABLE));
	EXPECT_FALSE(delayed_work_pending(dwork));
	EXPECT_TRUE(to_delayed_work(&dwork->work) == dwork);
	check(_metadata, &dwork->work);

	SET(runs, 0);
	EXPECT_TRUE(schedule_delayed_work(dwork, 1));
	EXPECT_TRUE(COMES_TRUE(GET(runs) == 1));
	cancel_delayed_work_sync(dwork);
	EXPECT_EQ(1, GET(runs));
}

TEST(declared)
{
	check(_metadata, &declared);
	check(_metadata, &by_initializer);
	check(_metadata, &by_data_init);
}

TEST(declared_delayed)
{
	check_delayed(_metadata, &declared_delayed, 0);
	check_delayed(_metadata, &declared_deferrable, TIMER_DEFERRABLE);
	check_delayed(_metadata, &delayed_by_initializer, TIMER_DEFERRABLE);
}

/* Whatever was in the memory before. */
#define POISONED(type, name)				\
	type name;					\
	memset(&name, 0xa5, sizeof(name))

TEST(initialised)
{
	POISONED(struct work_struct, work);

	INIT_WORK(&work, note);
	check(_metadata, &work);
	memset(&work, 0x5a, sizeof(work));
	INIT_WORK_ONSTACK(&work, note);
	check(_metadata, &work);
	destroy_work_on_stack(&work);
	memset(&work, 0xff, sizeof(work));
	INIT_WORK_ONSTACK_KEY(&work, note, &key);
	check(_metadata, &work);
	destroy_work_on_stack(&work);
	memset(&work, 0xff, sizeof(work));
	__INIT_WORK(&work, note, 0);
	check(_metadata, &work);
	memset(&work, 0xff, sizeof(work));
	__INIT_WORK_KEY(&work, note, 0, &key);
	check(_metadata, &work);
}

TEST(initialised_delayed)
{
	POISONED(struct delayed_work, dwork);

	INIT_DELAYED_WORK(&dwork, note);
	check_delayed(_metadata, &dwork, 0);
	memset(&dwork, 0x5a, sizeof(dwork));
	INIT_DELAYED_WORK_ONSTACK(&dwork, note);
	check_delayed(_metadata, &dwork, 0);
	destroy_delayed_work_on_stack(&dwork);
	memset(&dwork, 0xff, sizeof(dwork));
	INIT_DEFERRABLE_WORK(&dwork, note);
	check_delayed(_metadata, &dwork, TIMER_DEFERRABLE);
	memset(&dwork, 0xff, sizeof(dwork));
	INIT_DEFERRABLE_WORK_ONSTACK(&dwork, note);
	check_delayed(_metadata, &dwork, TIMER_DEFERRABLE);
	destroy_delayed_work_on_stack(&dwork);
	memset(&dwork, 0xff, sizeof(dwork));
	__INIT_DELAYED_WORK(&dwork, note, TIMER_DEFERRABLE);
	check_delayed(_metadata, &dwork, TIMER_DEFERRABLE);
	memset(&dwork, 0xff, sizeof(dwork));
	__INIT_DELAYED_WORK_ONSTACK(&dwork, note, 0);
	check_delayed(_metadata, &dwork, 0);
	destroy_delayed_work_on_stack(&dwork);
}

TEST(initialised_rcu)
{
	POISONED(struct rcu_work, rwork);

	INIT_RCU_WORK(&rwork, note);
	EXPECT_TRUE(to_rcu_work(&rwork.work) == &rwork);
	check(_metadata, &rwork.work);
	memset(&rwork, 0xff, sizeof(rwork));
	INIT_RCU_WORK_ONSTACK(&rwork, note);
	SET(runs, 0);
	EXPECT_TRUE(queue_rcu_work(system_dfl_wq, &rwork));
	flush_rcu_work(&rwork);
	EXPECT_EQ(1, GET(runs));
}

struct embedding {
	char before[24];
	struct work_struct work;
	struct delayed_work dwork;
	struct rcu_work rwork;
};

TEST(conversions)
{
	struct embedding e, *back;
	struct work_struct *work = &e.work;

	back = from_work(back, work, work);
	EXPECT_TRUE(back == &e);
	work = &e.dwork.work;
	EXPECT_TRUE(to_delayed_work(work) == &e.dwork);
	back = from_work(back, work, dwork.work);
	EXPECT_TRUE(back == &e);
	EXPECT_TRUE(to_rcu_work(&e.rwork.work) == &e.rwork);
}

TEST_HARNESS_MAIN

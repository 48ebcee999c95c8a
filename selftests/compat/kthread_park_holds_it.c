// SPDX-License-Identifier: MIT
/*
 * A parked kthread does nothing until it is unparked, kthread_park() returns
 * when it is there, and a stop unparks. A bound kthread is on its CPU.
 */
#include "../kselftest_harness.h"

#include <linux/cpumask.h>
#include <linux/smp.h>
#include <uwq/warn.h>

#include "task_test.h"

static int beats, cpu_seen;

static int beat(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		flag_set(&cpu_seen, raw_smp_processor_id());
		flag_add(&beats, 1);
		schedule_timeout_interruptible(1);
	}
	return 3;
}

TEST_TIMEOUT(parked_is_still, 60)
{
	struct task_struct *task = run_kthread(beat, NULL, "beat");
	int before;

	ASSERT_NOT_NULL(task);
	for (int i = 0; i < ROUNDS(300); i++) {
		ASSERT_EQ(0, kthread_park(task));
		before = flag_get(&beats);
		EXPECT_TRUE(__kthread_should_park(task));
		if (i % 50 == 0) {
			nap_us(5000);
			EXPECT_EQ('P', task_state_to_char(task));
			/* other wake-ups do not let it go */
			EXPECT_EQ(0, wake_up_process(task));
			nap_us(2000);
			EXPECT_EQ(before, flag_get(&beats));
		}
		kthread_unpark(task);
		if (i % 3 == 0)
			ASSERT_TRUE(COMES_TRUE(flag_get(&beats) > before));
	}
	EXPECT_EQ(3, kthread_stop_put(task));
}

TEST(park_twice_is_busy)
{
	struct task_struct *task = run_kthread(beat, NULL, "beat");
	unsigned long before = uwq_warn_count();

	ASSERT_NOT_NULL(task);
	ASSERT_TRUE(COMES_TRUE(flag_get(&beats)));
	ASSERT_EQ(0, kthread_park(task));
	EXPECT_EQ(-EBUSY, kthread_park(task));
	EXPECT_EQ(before + 1, uwq_warn_count());
	kthread_unpark(task);
	kthread_unpark(task);
	EXPECT_EQ(3, kthread_stop_put(task));
}

TEST(parked_before_it_ever_ran)
{
	struct task_struct *task = kthread_create(beat, NULL, "beat");

	ASSERT_FALSE(IS_ERR(task));
	ASSERT_EQ(0, kthread_park(task));
	EXPECT_EQ(0, beats);
	kthread_unpark(task);
	EXPECT_TRUE(COMES_TRUE(flag_get(&beats) > 0));
	EXPECT_EQ(3, kthread_stop(task));
}

TEST(stop_ends_parking)
{
	struct task_struct *task = run_kthread(beat, NULL, "beat");

	ASSERT_NOT_NULL(task);
	ASSERT_TRUE(COMES_TRUE(flag_get(&beats)));
	ASSERT_EQ(0, kthread_park(task));
	EXPECT_EQ(3, kthread_stop_put(task));
}

static int end_when_asked_to_park(void *data)
{
	(void)data;
	flag_set(&beats, 1);
	while (!kthread_should_park())
		schedule_timeout_interruptible(1);
	return 0;
}

TEST(one_that_ends_instead)
{
	struct task_struct *task = run_kthread(end_when_asked_to_park, NULL, "stubborn");

	ASSERT_NOT_NULL(task);
	ASSERT_TRUE(COMES_TRUE(flag_get(&beats)));
	EXPECT_EQ(-ENOSYS, kthread_park(task));
	reap(task);
}

TEST(bound_to_a_cpu)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);
	struct task_struct *task = kthread_create_on_cpu(beat, NULL, cpu, "beat/%u");
	unsigned long before;

	ASSERT_FALSE(IS_ERR(task));
	EXPECT_EQ((int)cpu, task->bound_cpu);
	EXPECT_TRUE(task->flags & PF_NO_SETAFFINITY);
	wake_up_process(task);
	ASSERT_TRUE(COMES_TRUE(flag_get(&beats) > 2));
	EXPECT_EQ((int)cpu, flag_get(&cpu_seen));
	before = uwq_warn_count();
	ASSERT_TRUE(COMES_TRUE(READ_ONCE(task->__state) == TASK_INTERRUPTIBLE));
	kthread_set_per_cpu(task, (int)cpu);
	EXPECT_TRUE(kthread_is_per_cpu(task));
	ASSERT_EQ(0, kthread_park(task));
	kthread_unpark(task);
	EXPECT_EQ(before, uwq_warn_count());
	EXPECT_EQ(3, kthread_stop(task));
}

TEST_HARNESS_MAIN

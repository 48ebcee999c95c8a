// SPDX-License-Identifier: MIT
/*
 * U3: return values, context and life cycle of timer_list: what mod_timer() and
 * its kin answer, shutdown, callbacks that re-arm, free or delete their timer.
 */
#include "../kselftest_harness.h"

#include <linux/bug.h>
#include <linux/hardirq.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>

#include <uwq/warn.h>

#include "time_test.h"

static int fired;

static void count_it(struct timer_list *timer)
{
	(void)timer;
	add(&fired, 1);
}

FIXTURE(timer) {
	struct timer_list t;
};

FIXTURE_SETUP(timer)
{
	uwq_fake_clock_enable();
	timer_setup(&self->t, count_it, 0);
}

FIXTURE_TEARDOWN(timer)
{
	timer_shutdown_sync(&self->t);
	uwq_fake_clock_disable();
}

TEST_F(timer, mod_timer_tells_whether_it_was_pending)
{
	EXPECT_EQ(0, timer_pending(&self->t));
	EXPECT_EQ(0, mod_timer(&self->t, jiffies + 10));
	EXPECT_EQ(1, timer_pending(&self->t));
	EXPECT_EQ(1, mod_timer(&self->t, jiffies + 20));
	EXPECT_EQ(jiffies + 20, self->t.expires);
	uwq_fake_clock_advance(19 * MS);
	EXPECT_EQ(0, load(&fired));
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(1, load(&fired));
	EXPECT_EQ(0, timer_pending(&self->t));
	EXPECT_EQ(0, mod_timer(&self->t, jiffies + 20));
}

TEST_F(timer, deleted_means_not_called)
{
	EXPECT_EQ(0, timer_delete(&self->t));
	mod_timer(&self->t, jiffies + 1);
	EXPECT_EQ(1, timer_delete(&self->t));
	EXPECT_EQ(0, timer_delete(&self->t));
	EXPECT_EQ(0, timer_delete_sync(&self->t));
	mod_timer(&self->t, jiffies + 1);
	EXPECT_EQ(1, del_timer_sync(&self->t));
	mod_timer(&self->t, jiffies + 1);
	EXPECT_EQ(1, try_to_del_timer_sync(&self->t));
	uwq_fake_clock_advance(10 * MS);
	EXPECT_EQ(0, load(&fired));
}

TEST_F(timer, mod_timer_pending_only_moves)
{
	EXPECT_EQ(0, mod_timer_pending(&self->t, jiffies + 1));
	EXPECT_EQ(0, timer_pending(&self->t));
	mod_timer(&self->t, jiffies + 1);
	EXPECT_EQ(1, mod_timer_pending(&self->t, jiffies + 5));
	uwq_fake_clock_advance(4 * MS);
	EXPECT_EQ(0, load(&fired));
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(1, load(&fired));
}

TEST_F(timer, timer_reduce_never_makes_it_later)
{
	EXPECT_EQ(0, timer_reduce(&self->t, jiffies + 10));
	EXPECT_EQ(1, timer_reduce(&self->t, jiffies + 100));
	EXPECT_EQ(1, timer_reduce(&self->t, jiffies + 5));
	uwq_fake_clock_advance(6 * MS);
	EXPECT_EQ(1, load(&fired));
}

TEST_F(timer, add_timer_takes_expires_and_objects_to_a_pending_one)
{
	unsigned long warned = uwq_warn_count();

	self->t.expires = jiffies + 3;
	add_timer(&self->t);
	EXPECT_EQ(warned, uwq_warn_count());
	add_timer(&self->t);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	uwq_fake_clock_advance(4 * MS);
	EXPECT_EQ(1, load(&fired));
}

TEST_F(timer, shut_down_is_for_good_until_set_up_again)
{
	mod_timer(&self->t, jiffies + 1);
	EXPECT_EQ(1, timer_shutdown(&self->t));
	EXPECT_EQ(0, mod_timer(&self->t, jiffies + 1));
	EXPECT_EQ(0, timer_pending(&self->t));
	self->t.expires = jiffies + 1;
	add_timer(&self->t);
	uwq_fake_clock_advance(5 * MS);
	EXPECT_EQ(0, load(&fired));
	EXPECT_EQ(0, timer_shutdown_sync(&self->t));
	timer_setup(&self->t, count_it, 0);
	mod_timer(&self->t, jiffies + 1);
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(1, load(&fired));
}

/* ---- what a callback may do with its own timer ---- */

static void rearm_ten_times(struct timer_list *timer)
{
	if (add(&fired, 1) < 10)
		mod_timer(timer, jiffies + 1);
}

TEST_F(timer, a_callback_may_rearm)
{
	timer_setup(&self->t, rearm_ten_times, 0);
	mod_timer(&self->t, jiffies + 1);
	for (int i = 0; i < 30; i++)
		uwq_fake_clock_advance(MS);
	EXPECT_EQ(10, load(&fired));
}

static void free_it(struct timer_list *timer)
{
	memset(timer, 0x5a, sizeof(*timer));
	free(timer);
	add(&fired, 1);
}

TEST_F(timer, a_callback_may_free_its_timer)
{
	for (int i = 0; i < 100; i++) {
		struct timer_list *t = malloc(sizeof(*t));

		timer_setup(t, free_it, 0);
		mod_timer(t, jiffies + 1 + (unsigned long)i % 3);
	}
	uwq_fake_clock_advance(4 * MS);
	EXPECT_EQ(100, load(&fired));
}

static void delete_it(struct timer_list *timer)
{
	mod_timer(timer, jiffies + 1);
	add(&fired, timer_delete(timer));
}

TEST_F(timer, a_callback_may_delete_its_timer)
{
	timer_setup(&self->t, delete_it, 0);
	mod_timer(&self->t, jiffies + 1);
	uwq_fake_clock_advance(5 * MS);
	EXPECT_EQ(1, load(&fired));
}

static void wait_for_itself(struct timer_list *timer)
{
	mod_timer(timer, jiffies + 1);
	add(&fired, 10 + timer_delete_sync(timer));
}

TEST_F(timer, waiting_for_oneself_is_reported_and_does_not_hang)
{
	unsigned long warned = uwq_warn_count();

	timer_setup(&self->t, wait_for_itself, 0);
	mod_timer(&self->t, jiffies + 1);
	uwq_fake_clock_advance(5 * MS);
	EXPECT_EQ(11, load(&fired));
	EXPECT_EQ(warned + 1, uwq_warn_count());
}

static struct timer_list victim;

static void delete_victim(struct timer_list *timer)
{
	(void)timer;
	add(&fired, 100 * timer_delete(&victim));
}

/* Both are due at once: the second is still armed while the first is called. */
TEST_F(timer, a_timer_that_is_due_can_be_deleted_until_it_is_called)
{
	timer_setup(&self->t, delete_victim, 0);
	timer_setup(&victim, count_it, 0);
	mod_timer(&self->t, jiffies + 1);
	mod_timer(&victim, jiffies + 1);
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(100, load(&fired));
}

/* ---- context ---- */

static struct {
	int softirq, interrupt, task, irqs_off, cpu;
} seen;

static void look_around(struct timer_list *timer)
{
	(void)timer;
	seen.softirq = !!in_serving_softirq();
	seen.interrupt = !!in_interrupt();
	seen.task = !!in_task();
	seen.irqs_off = irqs_disabled();
	seen.cpu = smp_processor_id();
	add(&fired, 1);
}

TEST_F(timer, callbacks_are_in_softirq_context)
{
	timer_setup(&self->t, look_around, 0);
	mod_timer(&self->t, jiffies + 1);
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(1, seen.softirq);
	EXPECT_EQ(1, seen.interrupt);
	EXPECT_EQ(0, seen.task);
	EXPECT_EQ(0, seen.irqs_off);
	timer_setup(&self->t, look_around, TIMER_IRQSAFE);
	mod_timer(&self->t, jiffies + 1);
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(1, seen.irqs_off);
}

TEST_F(timer, a_pinned_one_counts_as_on_its_cpu)
{
	int cpu;

	for_each_online_cpu(cpu) {
		timer_setup(&self->t, look_around, 0);
		self->t.expires = jiffies + 1;
		add_timer_on(&self->t, cpu);
		uwq_fake_clock_advance(2 * MS);
		EXPECT_EQ(cpu, seen.cpu);
	}
	EXPECT_EQ((int)num_online_cpus(), load(&fired));
}

static void leak_preempt(struct timer_list *timer)
{
	(void)timer;
	preempt_disable();
}

TEST_F(timer, a_leaked_preempt_count_is_reported_and_repaired)
{
	unsigned long warned = uwq_warn_count();

	timer_setup(&self->t, leak_preempt, 0);
	mod_timer(&self->t, jiffies + 1);
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	timer_setup(&self->t, look_around, 0);
	mod_timer(&self->t, jiffies + 1);
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(1, load(&fired));
}

static DEFINE_TIMER(at_file_scope, count_it);

TEST_F(timer, one_can_be_defined_at_file_scope)
{
	mod_timer(&at_file_scope, jiffies + 1);
	uwq_fake_clock_advance(2 * MS);
	EXPECT_EQ(1, load(&fired));
}

TEST_HARNESS_MAIN

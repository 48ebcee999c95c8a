// SPDX-License-Identifier: MIT
/*
 * C74, U14: in a rush of long delays the clock is read for many of them at once. None is
 * early for that; each is counted at the latest from the thread's next look, within 10 ms;
 * equal delays stay in order; and what is short or has a time of its own is exact as ever.
 */
#include "../kselftest_harness.h"

#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/timer.h>

#include <sys/wait.h>
#include <unistd.h>

#include "kernel-compat/clock_thread.h"
#include "kernel-compat/time_internal.h"
#include "kernel-compat/timer_internal.h"
#include "kernel-compat/timer_wheel.h"
#include "time_test.h"

#define DELAY		HZ		/* the shortest that is long */
#define DELAY_NS	(DELAY * MS)
#define LOOKS_WITHIN	(10 * MS)
#define ENOUGH		1000		/* armings that surely are a rush, if made at once */

struct one {
	struct timer_list timer;
	int turn;	/* when it was called, 0: not yet */
};

static struct one ones[300];
static int fired;

static void take_turn(struct timer_list *timer)
{
	store(&container_of(timer, struct one, timer)->turn, add(&fired, 1));
}

/* Armed, and not yet counted from any moment? If it is, when it is due. */
static bool is_undated(struct timer_list *timer, uint64_t *due)
{
	bool undated;

	if (!timer_lock_armed(timer))
		return false;
	undated = timer->slot == WHEEL_UNDATED;
	*due = uwq_tick_base_ns() + timer->deadline * GRAIN;
	timer_unlock();
	return undated;
}

static bool is_waiting(struct timer_list *timer)
{
	uint64_t due = 0;

	return is_undated(timer, &due);
}

static uint64_t due_of(struct timer_list *timer)
{
	uint64_t due = 0;

	is_undated(timer, &due);
	return due;
}

/* Arms and cancels one until it is not dated at once. */
static bool begin_rush(void)
{
	struct timer_list *timer = &ones[0].timer;
	bool rush = false;
	int i;

	for (i = 0; i < ENOUGH && !rush; i++) {
		timer_arm_after(timer, DELAY);
		rush = is_waiting(timer);
		timer_delete(timer);
	}
	return rush;
}

/* Time goes on, and nobody notices. */
static void pass(uint64_t ns)
{
	uwq_fake_clock_move(ns);
}

/* Time goes on, and the thread looks if it said it would. */
static void pass_and_look(uint64_t ns)
{
	clock_thread_settle(&uwq_timer_thread, uwq_fake_clock_move(ns));
}

FIXTURE(rush) {
	struct timer_list t;
};

FIXTURE_SETUP(rush)
{
	(void)self;
	for (int i = 0; i < 300; i++)
		timer_setup(&ones[i].timer, take_turn, 0);
	uwq_fake_clock_enable();
	uwq_fake_clock_advance(MS);
	ASSERT_TRUE(begin_rush());
}

FIXTURE_TEARDOWN(rush)
{
	(void)self;
	for (int i = 0; i < 300; i++)
		timer_shutdown_sync(&ones[i].timer);
	uwq_fake_clock_disable();
}

/* Others arm until one of them reads the clock. */
static bool others_date(struct timer_list *timer)
{
	int i;

	for (i = 100; i < 300 && is_waiting(timer); i++)
		timer_arm_after(&ones[i].timer, 2 * DELAY);
	return i < 300;
}

TEST_F(rush, delay_is_not_counted_from_before_the_arming)
{
	struct timer_list *timer = &ones[1].timer;
	uint64_t armed;

	pass(3 * MS);
	armed = uwq_mono_ns();
	timer_arm_after(timer, DELAY);
	ASSERT_TRUE(is_waiting(timer));
	pass(2 * MS);
	ASSERT_TRUE(others_date(timer));
	EXPECT_GE(due_of(timer), armed + DELAY_NS);
	EXPECT_LE(due_of(timer), armed + 2 * MS + DELAY_NS + GRAIN);
	uwq_fake_clock_advance(armed + DELAY_NS - 1 - uwq_mono_ns());
	EXPECT_EQ(0, load(&fired));
	uwq_fake_clock_advance(2 * MS + GRAIN + 1);
	EXPECT_EQ(1, load(&fired));
}

/* Once when the rush has just begun, and again as it goes on. */
TEST_F(rush, thread_looks_within_ten_ms)
{
	struct timer_list *timer = &ones[1].timer;

	for (int look = 0; look < 2; look++) {
		uint64_t armed;

		pass(MS);
		timer_arm_after(timer, DELAY);
		ASSERT_TRUE(others_date(timer));
		armed = uwq_mono_ns();
		timer_arm_after(timer, DELAY);
		ASSERT_TRUE(is_waiting(timer));
		pass_and_look(LOOKS_WITHIN - MS + 2 * GRAIN);
		ASSERT_FALSE(is_waiting(timer));
		EXPECT_GE(due_of(timer), armed + DELAY_NS);
		EXPECT_LE(due_of(timer), armed + LOOKS_WITHIN + DELAY_NS);
	}
}

TEST_F(rush, rush_ends)
{
	struct timer_list *timer = &ones[1].timer;
	uint64_t armed;

	pass_and_look(LOOKS_WITHIN + GRAIN);
	pass_and_look(LOOKS_WITHIN + GRAIN);
	armed = uwq_mono_ns();
	timer_arm_after(timer, DELAY);
	ASSERT_FALSE(is_waiting(timer));
	EXPECT_GE(due_of(timer), armed + DELAY_NS);
	EXPECT_LE(due_of(timer), armed + DELAY_NS + GRAIN);
}

/* A few hundred at once, now and then, are none. */
TEST_F(rush, burst_is_no_rush)
{
	for (int burst = 0; burst < 5; burst++) {
		pass_and_look(LOOKS_WITHIN + GRAIN);
		pass_and_look(LOOKS_WITHIN + GRAIN);
		for (int i = 0; i < 300; i++) {
			timer_arm_after(&ones[i].timer, DELAY);
			ASSERT_FALSE(is_waiting(&ones[i].timer));
		}
	}
}

/* What an undated timer says of its time is too late, for who compares. */
TEST_F(rush, sooner_is_sooner_than_what_is_not_counted_yet)
{
	struct timer_list *timer = &ones[1].timer;

	pass(5 * MS);
	timer_arm_after(timer, DELAY);
	ASSERT_TRUE(is_waiting(timer));
	EXPECT_EQ(1, timer_reduce(timer, jiffies + DELAY - 5));
	ASSERT_FALSE(is_waiting(timer));
	EXPECT_LE(due_of(timer), uwq_mono_ns() + DELAY_NS - 4 * MS);
	timer_arm_after(timer, DELAY);
	ASSERT_TRUE(is_waiting(timer));
	EXPECT_EQ(1, timer_reduce(timer, jiffies + DELAY + 3));
	ASSERT_FALSE(is_waiting(timer));
	EXPECT_LE(due_of(timer), uwq_mono_ns() + DELAY_NS + GRAIN);
}

TEST_F(rush, equal_delays_stay_in_order)
{
	int waiting = 0;

	for (int i = 0; i < 300; i++) {
		timer_arm_after(&ones[i].timer, DELAY);
		waiting += is_waiting(&ones[i].timer);
		if (i % 7 == 0)
			pass(GRAIN / 2);
	}
	ASSERT_GT(waiting, 200);
	uwq_fake_clock_advance(DELAY_NS + MS);
	for (int i = 0; i < 300; i++)
		ASSERT_EQ(i + 1, load(&ones[i].turn));
}

TEST_F(rush, short_delays_and_times_are_exact)
{
	struct timer_list *after = &ones[1].timer, *at = &ones[2].timer, *moved = &ones[3].timer;
	uint64_t now = uwq_mono_ns();

	timer_arm_after(after, DELAY - 1);
	mod_timer(at, jiffies + 2 * DELAY);
	timer_arm_after(moved, DELAY);
	ASSERT_TRUE(is_waiting(moved));
	EXPECT_EQ(1, mod_timer(moved, jiffies + 5));
	EXPECT_FALSE(is_waiting(after) || is_waiting(at) || is_waiting(moved));
	EXPECT_LE(due_of(after), now + DELAY_NS - MS + GRAIN);
	EXPECT_LE(due_of(at), now + 2 * DELAY_NS + GRAIN);
	EXPECT_LE(due_of(moved), now + 5 * MS + GRAIN);
	uwq_fake_clock_advance(5 * MS + GRAIN);
	EXPECT_EQ(1, load(&ones[3].turn));
}

TEST_F(rush, armed_one_gets_a_long_delay)
{
	struct timer_list *timer = &ones[1].timer;
	struct timer_moment moment = timer_moment_after(3 * DELAY);
	uint64_t armed = uwq_mono_ns();

	timer_arm_after(timer, 5);
	ASSERT_TRUE(timer_lock_armed(timer));
	timer_unlock_and_kick(timer_move_locked(timer, &moment));
	EXPECT_TRUE(is_waiting(timer));
	uwq_fake_clock_advance(3 * DELAY_NS - 1);
	EXPECT_EQ(0, load(&fired));
	EXPECT_GE(due_of(timer), armed + 3 * DELAY_NS);
	uwq_fake_clock_advance(GRAIN);
	EXPECT_EQ(1, load(&fired));
}

TEST_F(rush, undated_timer_is_armed_and_can_be_cancelled)
{
	static const int taken[] = { 3, 1, 4, 2 };	/* from the middle, the front, the end */

	for (int i = 1; i < 5; i++)
		timer_arm_after(&ones[i].timer, DELAY);
	for (int i = 0; i < 4; i++) {
		struct timer_list *timer = &ones[taken[i]].timer;

		ASSERT_TRUE(is_waiting(timer));
		EXPECT_TRUE(timer_pending(timer));
		EXPECT_EQ(1, timer_delete_sync(timer));
		EXPECT_FALSE(timer_pending(timer));
		EXPECT_EQ(0, timer_delete_sync(timer));
	}
	timer_arm_after(&ones[5].timer, DELAY);
	EXPECT_TRUE(is_waiting(&ones[5].timer));
	uwq_fake_clock_advance(DELAY_NS + MS);
	EXPECT_EQ(1, load(&fired));
}

/* ->expires, that is, for who looks without asking. */
TEST_F(rush, undated_timer_tells_no_time_before_it_is_due)
{
	struct timer_list *timer = &ones[1].timer;

	for (int late = 0; late < 2; late++) {
		unsigned long expires;

		timer_arm_after(timer, DELAY);
		ASSERT_TRUE(is_waiting(timer));
		expires = timer->expires;
		EXPECT_TRUE(time_after_eq(expires, jiffies + DELAY));
		EXPECT_TRUE(time_before_eq(expires, jiffies + DELAY + 10));
		pass(late * 2 * MS);
		ASSERT_TRUE(others_date(timer));
		EXPECT_TRUE(time_before_eq(timer->expires, expires));
		EXPECT_EQ(jiffies + DELAY, timer->expires);
		pass(7 * MS);
	}
}

/* Without a thread: a race detector knows no child of a fork that starts one. */
static bool child_is_in_rush(void)
{
	struct timer_moment moment = timer_moment_after(DELAY);

	futex_lock(&uwq_timer_thread.lock);
	timer_move_locked(&ones[2].timer, &moment);
	return ones[2].timer.slot == WHEEL_UNDATED;
}

/* Nobody in the child would date them. */
TEST_F(rush, child_of_a_fork_has_no_rush)
{
	struct timer_list *timer = &ones[1].timer;
	int status = -1;
	pid_t child;

	timer_arm_after(timer, DELAY);
	ASSERT_TRUE(is_waiting(timer));
	child = fork();
	if (!child)
		_exit(timer_pending(timer) || child_is_in_rush());
	ASSERT_GT(child, 0);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(is_waiting(timer));
}

/* ---- on the real clock: two threads, and whoever gets to it reads it ---- */

#define EACH	150

static int early, waited;

static void *arm_many(void *arg)
{
	struct one *mine = arg;
	uint64_t before[EACH];

	for (int round = 0; round < 300; round++) {
		for (int i = 0; i < EACH; i++) {
			before[i] = uwq_mono_ns();
			timer_arm_after(&mine[i].timer, DELAY + 3600 * HZ);
			add(&waited, is_waiting(&mine[i].timer));
		}
		for (int i = 0; i < EACH; i++) {
			struct timer_list *timer = &mine[i].timer;
			uint64_t due = 0;

			while (is_undated(timer, &due))
				nap_us(1000);
			add(&early, due < before[i] + DELAY_NS + 3600 * 1000 * MS);
			/* some stay where they are, for the next round to move */
			if (i % 3)
				timer_delete(timer);
		}
	}
	return NULL;
}

TEST(threads_in_a_rush_are_never_early)
{
	pthread_t thread;

	for (int i = 0; i < 300; i++)
		timer_setup(&ones[i].timer, take_turn, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, arm_many, &ones[EACH]));
	arm_many(ones);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, load(&early));
	TH_LOG("%d of %d waited for a reading", load(&waited), 2 * 300 * EACH);
	for (int i = 0; i < 300; i++)
		timer_delete_sync(&ones[i].timer);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * U15: a process that is stopped for a while and continued calls every timer that
 * was due meanwhile, once, in the order of their times.
 */
#include "../kselftest_harness.h"

#include <linux/jiffies.h>
#include <linux/timer.h>

#include "time_test.h"

#define NR	200

static struct timer_list timers[NR];
static int calls[NR], order[NR], fired;

static void note(struct timer_list *timer)
{
	long i = timer - timers;

	calls[i]++;
	order[load(&fired)] = (int)i;
	add(&fired, 1);
}

/*
 * Spread over a second, in a mixed order; all before the first one is due, for those that
 * are armed for the past have no order.
 */
static bool arm_all(void)
{
	unsigned long now = 0;

	for (int tries = 0; tries < 100; tries++) {
		now = jiffies;
		for (int i = 0; i < NR; i++)
			mod_timer(&timers[i * 77 % NR],
				  now + 20 + (unsigned long)(i * 77 % NR) * 2);
		if (jiffies - now < 20)
			return true;
		for (int i = 0; i < NR; i++)
			timer_delete_sync(&timers[i]);
		memset(calls, 0, sizeof(calls));
		store(&fired, 0);
	}
	return false;
}

/* Stops its parent, and continues it 150 ms later. */
static void stop_me(void)
{
	pid_t me = getpid(), child = fork();

	if (!child) {
		kill(me, SIGSTOP);
		nap_us(150000);
		kill(me, SIGCONT);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

TEST(none_is_lost_or_out_of_order)
{
	for (int i = 0; i < NR; i++)
		timer_setup(&timers[i], note, 0);
	ASSERT_TRUE(arm_all());
	nap_us(50000);
	stop_me();
	EXPECT_TRUE(reaches(&fired, NR));
	for (int i = 0; i < NR; i++) {
		EXPECT_EQ(1, calls[i]);
		EXPECT_EQ(i, order[i]);
	}
}

TEST_HARNESS_MAIN

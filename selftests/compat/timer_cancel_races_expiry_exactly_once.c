// SPDX-License-Identifier: MIT
/*
 * C78, B34, B50: timer_delete() racing the expiry: 1 and no call, or 0 and one
 * call; never both, never neither. Also mod_timer() racing: one call per arming.
 */
#include "../kselftest_harness.h"

#include <linux/jiffies.h>
#include <linux/timer.h>

#include "time_test.h"

#ifdef UWQ_SANITIZE
#define SHOTS	400
#else
#define SHOTS	1500
#endif

static int calls;

static void count_it(struct timer_list *timer)
{
	(void)timer;
	add(&calls, 1);
}

static void spin_until(uint64_t ns)
{
	while (real_ns() < ns)
		;
}

TEST(one_thread_aims_at_the_expiry)
{
	int taken = 0;
	struct timer_list timer;

	timer_setup(&timer, count_it, 0);
	for (int i = 0; i < SHOTS; i++) {
		int before = load(&calls), got;
		uint64_t armed = real_ns();

		mod_timer(&timer, jiffies + 1);
		/* From 10 us before to 90 us after the moment */
		spin_until(armed + MS - 10000 + (uint64_t)(i % 100) * 1000);
		got = timer_delete_sync(&timer);
		taken += got;
		ASSERT_EQ(1, got + load(&calls) - before);
		ASSERT_EQ(0, timer_pending(&timer));
	}
	/* Both outcomes should have been seen, or nothing was tested. */
	TH_LOG("%d of %d cancelled in time", taken, SHOTS);
	EXPECT_GT(taken, 0);
	EXPECT_LT(taken, SHOTS);
}

#define NR	64
#define THREADS	3

static struct timer_list timers[NR];
static int armings, cancels, stop;

static void *arm_and_cancel(void *arg)
{
	uint64_t rnd = (uint64_t)(uintptr_t)arg * 2654435761u + 1;

	while (!load(&stop)) {
		struct timer_list *t = &timers[next_random(&rnd) % NR];

		if (next_random(&rnd) % 3) {
			/* Moving an armed one replaces its arming. */
			if (!mod_timer(t, jiffies + next_random(&rnd) % 3))
				add(&armings, 1);
		} else if (timer_delete(t)) {
			add(&cancels, 1);
		}
		if (next_random(&rnd) % 64 == 0)
			nap_us(100);
	}
	return NULL;
}

TEST(every_arming_ends_in_one_call_or_one_cancel)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < NR; i++)
		timer_setup(&timers[i], count_it, 0);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, arm_and_cancel, (void *)(i + 1));
	nap_us(1500000);
	store(&stop, 1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < NR; i++)
		cancels += timer_delete_sync(&timers[i]);
	TH_LOG("%d armings, %d calls, %d cancels", armings, load(&calls), cancels);
	EXPECT_GT(load(&calls), 0);
	EXPECT_GT(cancels, 0);
	EXPECT_EQ(armings, load(&calls) + cancels);
}

TEST_HARNESS_MAIN

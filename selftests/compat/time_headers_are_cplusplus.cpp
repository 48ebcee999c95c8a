// SPDX-License-Identifier: MIT
/*
 * The timer and clock headers can be included by C++, next to libc's own time.h,
 * which has another timer_delete().
 */
#include <linux/timer.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/jiffies.h>
#include <time.h>

#include <cstdio>

static int fired;

static void count_it(struct timer_list *timer)
{
	(void)timer;
	__atomic_add_fetch(&fired, 1, __ATOMIC_RELEASE);
}

static DEFINE_TIMER(timer, count_it);

int main()
{
	int ok;

	std::printf("TAP version 13\n1..1\n");
	mod_timer(&timer, jiffies + msecs_to_jiffies(1));
	for (int i = 0; i < 1000 && !__atomic_load_n(&fired, __ATOMIC_ACQUIRE); i++) {
		struct timespec ts = { 0, 1000000 };

		nanosleep(&ts, nullptr);
	}
	ok = __atomic_load_n(&fired, __ATOMIC_ACQUIRE) == 1 && timer_delete(&timer) == 0 &&
	     time_after(jiffies, INITIAL_JIFFIES) && ktime_get() > 0;
	std::printf("%s 1 a timer armed from C++\n", ok ? "ok" : "not ok");
	return !ok;
}

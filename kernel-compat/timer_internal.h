/* SPDX-License-Identifier: MIT */
/*
 * timer_internal.h - what the library asks of timers beyond the kernel's API
 */
#ifndef UWQ_KERNEL_COMPAT_TIMER_INTERNAL_H
#define UWQ_KERNEL_COMPAT_TIMER_INTERNAL_H

#include <linux/timer.h>

/*
 * mod_timer(timer, jiffies + @ticks), which reads the clock once and not twice, and
 * does not count as a reading of jiffies by the calling thread. 1 tick or more; the
 * far future stays there. When very many are armed, a second and more may be counted
 * from a moment up to 10 ms after the call.
 */
void timer_arm_after(struct timer_list *timer, unsigned long ticks);

/*
 * A time for a timer, computed before the timer lock is taken; or a long delay, which is counted
 * with the lock held (timer_rush.h).
 */
struct timer_moment {
	unsigned long wait;	/* a long delay in ticks, and nothing else is set; 0: not long */
	unsigned long expires;	/* in jiffies */
	u64 deadline;		/* in the wheel's own unit, as the next */
	u64 now;		/* when it was computed */
};

/* @ticks from now, as for timer_arm_after(). */
struct timer_moment timer_moment_after(unsigned long ticks);

/*
 * For whom an armed timer holds something. True: @timer is armed, and the timer lock is held,
 * under which it stays so, unless timer_take_locked() takes it off; until the lock is dropped no
 * other lock and no other function of timers. A fork waits for the lock. timer_unlock() is an
 * exchange, as futex_unlock() is. timer_move_locked() gives it another time; what it returns is
 * for timer_unlock_and_kick().
 */
bool timer_lock_armed(struct timer_list *timer);
void timer_take_locked(struct timer_list *timer);
bool timer_move_locked(struct timer_list *timer, const struct timer_moment *moment);
void timer_unlock(void);
void timer_unlock_and_kick(bool wake);

/*
 * Show every armed timer to @fn, in no order, under the timer lock: @fn must
 * not call timer functions or block. @running_fn gets the callback that is running, if
 * one is; its timer may be gone. For reports of what was left behind.
 */
void timer_walk_armed(void (*fn)(struct timer_list *timer, void *arg),
		      void (*running_fn)(void (*function)(struct timer_list *), void *arg),
		      void *arg);

#ifdef UWQ_TEST
/* What waits for a reading of the clock is counted from now: for the fake clock */
void timer_date_undated(void);
#endif

/*
 * By a callback, in a section of the fork gate: what the timer stood for is handed on.
 * Before that a child of a fork finds the timer through timer_fork_each().
 */
void timer_callback_begun(void);

#endif

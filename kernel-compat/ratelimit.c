// SPDX-License-Identifier: MIT
/*
 * ratelimit.c - at most so many messages in so long
 *
 * One atomic word per state: when the running interval began, in milliseconds
 * of the log's clock, and how many messages it let through. Every question is
 * one compare-and-swap, so that no caller can hold up another.
 *
 * Differs from Linux: measured on the log's clock, which a test's fake clock does
 * not move; printk_ratelimit() shares one state between all its users, as there.
 */
#include <linux/export.h>
#include <linux/ratelimit.h>

#include "kernel-compat/printk_internal.h"

#define PASSED_BITS	24
#define PASSED_MASK	((1ull << PASSED_BITS) - 1)

DEFINE_RATELIMIT_STATE(printk_ratelimit_state, DEFAULT_RATELIMIT_INTERVAL,
		       DEFAULT_RATELIMIT_BURST);
EXPORT_SYMBOL(printk_ratelimit_state);

static void say_missed(struct ratelimit_state *rs, const char *func)
{
	int missed = __atomic_exchange_n(&rs->missed, 0, __ATOMIC_RELAXED);

	if (missed)
		printk(KERN_WARNING "%s: %d messages like the next were not shown\n", func, missed);
}

/**
 * ___ratelimit - may this message pass?
 * @rs: state; several threads may share it
 * @func: whose messages they are, for the line that says how many were kept back
 *
 * Context: any. Return: 1 = yes, 0 = no.
 */
int ___ratelimit(struct ratelimit_state *rs, const char *func)
{
	unsigned long long now = log_now_ns() / 1000000;
	unsigned long long interval = (unsigned long long)rs->interval * (1000 / HZ);
	u64 old = __atomic_load_n(&rs->window, __ATOMIC_RELAXED);
	u64 next;
	bool fresh;

	if (rs->interval <= 0)
		return 1;
	do {
		fresh = !old || now - (old >> PASSED_BITS) >= interval;
		if (fresh)
			next = now << PASSED_BITS;
		else
			next = old;
		if (rs->burst <= 0 || (next & PASSED_MASK) >= (u64)rs->burst) {
			__atomic_fetch_add(&rs->missed, 1, __ATOMIC_RELAXED);
			return 0;
		}
		next++;
	} while (!__atomic_compare_exchange_n(&rs->window, &old, next, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	if (fresh && !(rs->flags & RATELIMIT_MSG_ON_RELEASE))
		say_missed(rs, func);
	return 1;
}
EXPORT_SYMBOL(___ratelimit);

void ratelimit_state_exit(struct ratelimit_state *rs)
{
	if (rs->flags & RATELIMIT_MSG_ON_RELEASE)
		say_missed(rs, "ratelimit");
}

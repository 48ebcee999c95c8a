/* SPDX-License-Identifier: MIT */
/*
 * ratelimit_types.h - the state behind "so many messages in so long"
 */
#ifndef UWQ_LINUX_RATELIMIT_TYPES_H
#define UWQ_LINUX_RATELIMIT_TYPES_H

#include <linux/types.h>
#include <asm/param.h>
#include <uwq/api.h>

#define DEFAULT_RATELIMIT_INTERVAL	(5 * HZ)
#define DEFAULT_RATELIMIT_BURST		10

/* Say at release, not at the next message, how many were kept back. */
#define RATELIMIT_MSG_ON_RELEASE	1UL

/*
 * Differs from Linux: no lock inside. One word holds the period and what was
 * let through in it, so that __ratelimit() can never spin.
 */
struct ratelimit_state {
	int		interval;	/* jiffies; 0 = everything passes */
	int		burst;
	u64		window;		/* atomic: start in ms << 24 | passed */
	int		missed;		/* atomic */
	unsigned long	flags;
};

#define RATELIMIT_STATE_INIT_FLAGS(name, interval_, burst_, flags_)	\
	{ (interval_), (burst_), 0, 0, (flags_) }
#define RATELIMIT_STATE_INIT(name, interval_, burst_)			\
	RATELIMIT_STATE_INIT_FLAGS(name, interval_, burst_, 0)
#define RATELIMIT_STATE_INIT_DISABLED					\
	RATELIMIT_STATE_INIT(ratelimit_state, 0, DEFAULT_RATELIMIT_BURST)
#define DEFINE_RATELIMIT_STATE(name, interval_, burst_)			\
	struct ratelimit_state name = RATELIMIT_STATE_INIT(name, interval_, burst_)

UWQ_API_BEGIN
extern int ___ratelimit(struct ratelimit_state *rs, const char *func);
UWQ_API_END

#define __ratelimit(state)	___ratelimit(state, __func__)

#endif

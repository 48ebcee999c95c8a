/* SPDX-License-Identifier: MIT */
/*
 * ratelimit.h - so many messages in so long, then silence and a count
 *
 * Any context. Several threads may use one state; at most burst of them pass
 * in each interval.
 */
#ifndef UWQ_LINUX_RATELIMIT_H
#define UWQ_LINUX_RATELIMIT_H

#include <linux/bug.h>
#include <linux/ratelimit_types.h>
#include <linux/printk.h>

UWQ_API_BEGIN
extern struct ratelimit_state printk_ratelimit_state;
UWQ_API_END

static inline void ratelimit_state_init(struct ratelimit_state *rs, int interval, int burst)
{
	rs->interval = interval;
	rs->burst = burst;
	rs->window = 0;
	rs->missed = 0;
	rs->flags = 0;
}

static inline void ratelimit_default_init(struct ratelimit_state *rs)
{
	ratelimit_state_init(rs, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
}

static inline void ratelimit_set_flags(struct ratelimit_state *rs, unsigned long flags)
{
	rs->flags = flags;
}

UWQ_API_BEGIN
/* Says how many messages of the current task's user were kept back, if any. */
void ratelimit_state_exit(struct ratelimit_state *rs);
UWQ_API_END

#define printk_ratelimit()	__ratelimit(&printk_ratelimit_state)

#define WARN_RATELIMIT(condition, ...) __extension__			\
({									\
	static DEFINE_RATELIMIT_STATE(uwq_rs, DEFAULT_RATELIMIT_INTERVAL, \
				      DEFAULT_RATELIMIT_BURST);		\
	bool uwq_rl_cond = !!(condition);				\
									\
	if (unlikely(uwq_rl_cond) && __ratelimit(&uwq_rs))		\
		WARN(1, __VA_ARGS__);					\
	uwq_rarely(uwq_rl_cond);					\
})
#define WARN_ON_RATELIMIT(condition, state) __extension__		\
({									\
	bool uwq_rl_cond = !!(condition);				\
									\
	if (unlikely(uwq_rl_cond) && __ratelimit(state))		\
		WARN_ON(1);						\
	uwq_rarely(uwq_rl_cond);					\
})

#endif

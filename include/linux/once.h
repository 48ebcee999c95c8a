/* SPDX-License-Identifier: MIT */
/*
 * once.h - call a function once, everybody else waits for nothing
 *
 * Differs from Linux: DO_ONCE() promises only that one caller runs the
 * function. As there, the others go on at once and may overtake it.
 */
#ifndef UWQ_LINUX_ONCE_H
#define UWQ_LINUX_ONCE_H

#include <linux/once_lite.h>

/* Has the value true for the caller that ran @func. */
#define DO_ONCE(func, ...) __extension__				\
({									\
	static unsigned int uwq_place;					\
	bool uwq_mine = uwq_once(&uwq_place);				\
									\
	if (unlikely(uwq_mine))						\
		func(__VA_ARGS__);					\
	uwq_rarely(uwq_mine);						\
})
#define DO_ONCE_SLEEPABLE(func, ...)	DO_ONCE(func, ##__VA_ARGS__)

#endif

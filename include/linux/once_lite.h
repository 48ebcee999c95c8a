/* SPDX-License-Identifier: MIT */
/*
 * once_lite.h - code that runs at most once per place in the source
 *
 * A place remembers the generation in which it last ran; there is one global
 * generation. So uwq_warn_reset_once() makes every place fresh again by adding
 * one, and no list has to know about places in modules that come and go.
 *
 * Any context, any thread: one of several callers that arrive together wins.
 */
#ifndef UWQ_LINUX_ONCE_LITE_H
#define UWQ_LINUX_ONCE_LITE_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <uwq/api.h>

UWQ_API_BEGIN
/* atomic; never 0, so that zeroed places are fresh */
extern unsigned int uwq_once_generation;
UWQ_API_END

/*
 * The value of the macros here and in bug.h. A function, because compilers warn of
 * a bare value or __builtin_expect() that nobody uses inside another macro.
 */
static inline bool uwq_rarely(bool condition)
{
	return unlikely(condition);
}

/* True for the first caller with this @place since the last reset. */
static inline bool uwq_once(unsigned int *place)
{
	unsigned int now = __atomic_load_n(&uwq_once_generation, __ATOMIC_RELAXED);

	if (likely(__atomic_load_n(place, __ATOMIC_RELAXED) == now))
		return false;
	return __atomic_exchange_n(place, now, __ATOMIC_RELAXED) != now;
}

#define DO_ONCE_LITE(func, ...)		DO_ONCE_LITE_IF(true, func, ##__VA_ARGS__)

/* Has the value of @condition. */
#define DO_ONCE_LITE_IF(condition, func, ...) __extension__		\
({									\
	static unsigned int uwq_place;					\
	bool uwq_cond = !!(condition);					\
									\
	if (unlikely(uwq_cond) && uwq_once(&uwq_place))			\
		func(__VA_ARGS__);					\
	uwq_rarely(uwq_cond);						\
})

#endif

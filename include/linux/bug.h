/* SPDX-License-Identifier: MIT */
/*
 * bug.h - WARN() and BUG(): something happened that should not
 *
 * Every WARN has the value of its condition. A hit is always counted
 * (uwq_warn_count(), uwq/warn.h) and printed, with a stack trace, the first
 * time it happens at its place in the source. Usable in any context, with any
 * lock held.
 *
 * Differs from Linux: all forms print once per place, not only the _ONCE ones,
 * because the report costs much more here than in a kernel log. BUG() ends the
 * calling task only where the library made the thread; see warn.c.
 */
#ifndef UWQ_LINUX_BUG_H
#define UWQ_LINUX_BUG_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/once_lite.h>
#include <linux/build_bug.h>
#include <uwq/api.h>

/* One place in the source that may warn. */
struct uwq_warn_site {
	const char	*file;
	const char	*func;
	int		 line;
	unsigned int	 once;	/* atomic: see once_lite.h */
};

UWQ_API_BEGIN
void uwq_warn(struct uwq_warn_site *site, const char *fmt, ...)
	__attribute__((__cold__, __format__(__printf__, 2, 3)));
void uwq_bug(const char *file, int line, const char *func)
	__attribute__((__cold__, __noreturn__));
UWQ_API_END

#define UWQ_WARN_HIT(...)						\
do {									\
	static struct uwq_warn_site uwq_site = {			\
		__FILE__, __func__, __LINE__, 0				\
	};								\
									\
	uwq_warn(&uwq_site, __VA_ARGS__);				\
} while (0)

#define WARN(condition, ...) __extension__				\
({									\
	bool uwq_warn_cond = !!(condition);				\
									\
	if (unlikely(uwq_warn_cond))					\
		UWQ_WARN_HIT(__VA_ARGS__);				\
	uwq_rarely(uwq_warn_cond);					\
})

/* Without a message the report quotes the condition, as it was written. */
#define WARN_ON(condition)		WARN(condition, "%s", #condition)
#define WARN_ONCE(condition, ...)	WARN(condition, __VA_ARGS__)
#define WARN_ON_ONCE(condition)		WARN(condition, "%s", #condition)
#define WARN_ON_SMP(condition)		WARN(condition, "%s", #condition)
#define __WARN()			WARN(1, "%s", "__WARN()")

#define BUG()				uwq_bug(__FILE__, __LINE__, __func__)
#define BUG_ON(condition)						\
do {									\
	if (unlikely(condition))					\
		BUG();							\
} while (0)

/* Has the value of @condition: true when something was found corrupt. */
#define CHECK_DATA_CORRUPTION(condition, addr, fmt, ...) __extension__	\
({									\
	bool uwq_corrupt = !!(condition);				\
									\
	if (unlikely(uwq_corrupt))					\
		UWQ_WARN_HIT("%px: " fmt, (const void *)(addr), ##__VA_ARGS__); \
	uwq_rarely(uwq_corrupt);					\
})

#endif

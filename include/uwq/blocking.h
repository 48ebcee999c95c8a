/* SPDX-License-Identifier: MIT */
/*
 * blocking.h - around calls that may block where the library cannot see it
 *
 * read(2), a condition variable, somebody else's lock. A worker inside such a bracket
 * counts as asleep, so that its CPU's next item starts at once instead of when the
 * sampler notices. The blocking calls of the library have it built in.
 *
 * Brackets nest. Both ends belong in the same function; one that a work function leaves
 * open is reported and closed when the function returns. They keep errno. In threads
 * that are no workers they do nothing. For C and C++.
 */
#ifndef UWQ_BLOCKING_H
#define UWQ_BLOCKING_H

#include <uwq/api.h>

UWQ_API_BEGIN
void uwq_blocking_begin(void);
void uwq_blocking_end(void);
UWQ_API_END

/**
 * uwq_blocking_leave - uwq_blocking_end() for uwq_blocking_scope(), which leaves its block
 * @scope: not used
 *
 * Context: as uwq_blocking_end().
 */
static inline void uwq_blocking_leave(const char *scope)
{
	(void)scope;
	uwq_blocking_end();
}

#define UWQ_BLOCKING_NAME2(line)	uwq_blocking_scope_##line
#define UWQ_BLOCKING_NAME(line)		UWQ_BLOCKING_NAME2(line)

/*
 * A declaration: the bracket is open from here to the end of the enclosing block,
 * whichever way that is left.
 *
 *	{
 *		uwq_blocking_scope();
 *		n = read(fd, buf, sizeof(buf));
 *	}
 */
#define uwq_blocking_scope()							\
	const char UWQ_BLOCKING_NAME(__LINE__)					\
	__attribute__((__cleanup__(uwq_blocking_leave), __unused__)) =		\
		(uwq_blocking_begin(), '\0')

#endif

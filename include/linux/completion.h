/* SPDX-License-Identifier: MIT */
/*
 * completion.h - wait until somebody says that something is over
 *
 * One 64-bit word: how often complete() was called and not yet answered by a
 * waiter, and how many waiters there are. complete() is one atomic operation on
 * it, plus a wake-up only if somebody waits, and does not look at the
 * completion afterwards. So it may be on the stack of a function that returns as
 * soon as its wait is over.
 *
 * Ordering: everything before complete() is seen after the wait that it ended,
 * and after completion_done() or try_wait_for_completion() said true.
 *
 * Differs from Linux: no order among waiters. A wait that finds the completion
 * done succeeds even if a signal is pending too.
 */
#ifndef UWQ_LINUX_COMPLETION_H
#define UWQ_LINUX_COMPLETION_H

#include <linux/types.h>
#include <uwq/api.h>

struct completion {
	union {
		u64 word;	/* atomic; all accesses of the library go through it */
		struct {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			unsigned int done;	/* futex word; UINT_MAX after complete_all() */
			unsigned int waiters;
#else
			unsigned int waiters;
			unsigned int done;
#endif
		};
	};
};

#ifdef __cplusplus
#define COMPLETION_INITIALIZER(work)		{ }
#define COMPLETION_INITIALIZER_ONSTACK(work)	{ }
#else
#define COMPLETION_INITIALIZER(work)		{ { 0 } }
#define COMPLETION_INITIALIZER_ONSTACK(work)		\
	(*({ init_completion(&(work)); &(work); }))
#endif
/* No lock classes are kept, so the map is dropped */
#define COMPLETION_INITIALIZER_ONSTACK_MAP(work, map)	COMPLETION_INITIALIZER_ONSTACK(work)
#define DECLARE_COMPLETION(work)	struct completion work = COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work)		DECLARE_COMPLETION(work)
#define DECLARE_COMPLETION_ONSTACK_MAP(work, map)	DECLARE_COMPLETION(work)

static inline void init_completion(struct completion *x)
{
	__atomic_store_n(&x->word, 0, __ATOMIC_RELAXED);
}

#define init_completion_map(x, map)	init_completion(x)

UWQ_API_BEGIN

void reinit_completion(struct completion *x);

void wait_for_completion(struct completion *x);
void wait_for_completion_io(struct completion *x);
int wait_for_completion_interruptible(struct completion *x);
int wait_for_completion_killable(struct completion *x);
int wait_for_completion_state(struct completion *x, unsigned int state);
unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout);
unsigned long wait_for_completion_io_timeout(struct completion *x, unsigned long timeout);
long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout);
long wait_for_completion_killable_timeout(struct completion *x, unsigned long timeout);
bool try_wait_for_completion(struct completion *x);
bool completion_done(struct completion *x);

void complete(struct completion *x);
void complete_on_current_cpu(struct completion *x);
void complete_all(struct completion *x);

UWQ_API_END

#endif

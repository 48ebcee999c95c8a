/* SPDX-License-Identifier: MIT */
/*
 * threaded_workqueue_internal.h - lanes, requests, and the word that says where one is
 *
 * A lane is what one thread works off: some requests and a pair of bitmaps. Bits of
 * "filled" are requests for the thread. Bits of "available" tell where to look for a
 * request that somebody may have: none lacks that is FREE, or HANDLED and not held; that
 * one is, only its word says. Everybody changes bitmaps with one atomic operation, so any
 * number of submitters needs no lock, and each has a cache line of its own.
 *
 * A request's word, 32 bits:
 *
 *	| times submitted 27 | held 1 | waited for 1 | state 3 |
 *
 * state	  changed by whoever owns the request at that moment: see the enum
 * waited for	  set by who is about to sleep; the next change of the state wakes
 * held		  its owner wants it back after it was handled; changed while it is got
 * times submitted  tells a waiter that the request has gone on without it
 *
 * Letters: I set at birth, then read-only; A atomic; G under threads->getters_lock.
 */
#ifndef UWQ_WORKQUEUE_OFFLOAD_THREADED_WORKQUEUE_INTERNAL_H
#define UWQ_WORKQUEUE_OFFLOAD_THREADED_WORKQUEUE_INTERNAL_H

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>
#include <uwq/threaded_workqueue.h>

enum request_state {
	REQUEST_FREE,		/* nobody's: whoever changes that owns it */
	REQUEST_GOT,		/* its getter's */
	REQUEST_SUBMITTED,	/* the thread's */
	REQUEST_HANDLED,	/* nobody's, or its holder's; done() is still to be called */
	REQUEST_SETTLING,	/* somebody is calling done() */

	REQUEST_STATE		= 7,
	REQUEST_WAITED		= 1 << 3,
	REQUEST_HELD		= 1 << 4,
	REQUEST_ONE_MORE	= 1 << 5,
};

struct request {
	u32 word;		/* A: as drawn above */
	u32 index;		/* I: its bit */
	struct lane *lane;	/* I */
	char data[];		/* the user's, aligned as malloc() would */
} __aligned(16);

#define NR_PLACES	16	/* submitters that do not share where they look first */

struct lane {
	u64 filled ____cacheline_aligned;	/* A: submitters set bits, the thread takes all */
	u64 available ____cacheline_aligned;	/* A: set by who lets go, cleared by who got */
	u32 awake ____cacheline_aligned;	/* A: the item is queued or runs */
	struct work_struct work;
	struct Threads *threads ____cacheline_aligned;	/* I */
	char *requests;				/* I: its part of threads->requests */
	unsigned int nr_init;			/* requests that were initialised */
};

/* Where a submitter goes on looking for a free request; only a hint. */
struct place {
	u32 lane ____cacheline_aligned;		/* A */
};

struct Threads {
	const ThreadedWorkqueueOps *ops;	/* I */
	struct workqueue_struct *wq;		/* I */
	struct lane *lanes;			/* I: threads_nr of them */
	char *requests;				/* I: those of the first lane, of the second.. */
	unsigned int threads_nr;		/* I */
	unsigned int requests_nr;		/* I: of each lane */
	size_t request_size;			/* I: with the header, in whole cache lines */
	unsigned int low;			/* I: see runs_low() */
	unsigned int turn;			/* I: requests before others get their turn */
	bool has_cpus;				/* I: one for each thread */
	bool spins;				/* I: and one to spare for who waits */

	u32 nr_getters ____cacheline_aligned;	/* A: changed under the lock */
	u32 nr_passed;				/* A: got by others under the eyes of the first */
	spinlock_t getters_lock;
	struct list_head getters;		/* G: who waits for a request, first one first */
	struct completion first_may_look;
	struct timer_list late_wake;		/* of the first one */

	struct place places[NR_PLACES];
};

static inline struct request *lane_request(const struct lane *lane, unsigned int index)
{
	return (struct request *)(lane->requests + index * lane->threads->request_size);
}

/* DONE/2: see request_set() */
static inline u32 request_word(const struct request *request)
{
	return __atomic_load_n(&request->word, __ATOMIC_ACQUIRE);
}

static inline enum request_state request_state(u32 word)
{
	return (enum request_state)(word & REQUEST_STATE);
}

/*
 * For its owner. DONE/1: the request's contents, then its new state. Pairs with DONE/2 in
 * request_word() and request_take(): the state, then the contents. Forbids: done(), a
 * waiter or the next owner sees less than the handler has stored.
 * Test: threaded_requests_run_once_each.c
 */
static inline void request_set(struct request *request, u32 word)
{
	u32 was = __atomic_exchange_n(&request->word, word & ~REQUEST_WAITED, __ATOMIC_SEQ_CST);

	/* only an address from here on: the next owner may go on with it */
	if (was & REQUEST_WAITED)
		wake_up_var(&request->word);
}

static inline void request_set_state(struct request *request, enum request_state state)
{
	request_set(request, (request_word(request) & ~REQUEST_STATE) | state);
}


/*
 * For its owner, who is about to make it FREE or HANDLED.
 *
 * AVAIL/1: set the bit, then the state. Pairs with AVAIL/2 in request_get(), where the
 * state is taken, then the bit. Forbids: somebody knows that a request is over and finds
 * no bit. Test: one_request_can_be_waited_for.c
 *
 * GET/1: then, in wake_getters(), look for getters. Pairs with GET/2 in getter_join(): be
 * counted, then look at bits and states. Forbids: nobody sees the getter AND it sees no
 * request. Test: get_request_can_wait.c
 */
static inline void request_offer(struct request *request)
{
	__atomic_fetch_or(&request->lane->available, BIT_ULL(request->index), __ATOMIC_SEQ_CST);
}

void lane_func(struct work_struct *work);
void lane_submit(struct lane *lane, unsigned int index);
bool lane_is_mine(const struct Threads *threads);

void wake_getters(struct Threads *threads);
void wake_getters_late(struct timer_list *timer);

#endif

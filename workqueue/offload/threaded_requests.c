// SPDX-License-Identifier: MIT
/*
 * threaded_requests.c - the side of the submitters: get, submit, wait, hold and put
 *
 * Any number of threads may do all of it at the same time. A getter fills the lane where it
 * found a request last before it moves on, so that a lane gets batches; each thread starts
 * at a lane of its own. done() is called by whoever takes a handled request, or waits for
 * it.
 *
 * Who waits for a request to get stands in a line, and only the first one looks: nobody is
 * overtaken by others who wait. Who finds one on coming may pass the line, but not for ever:
 * while one is the first of it, others get about as many as there are requests, then none.
 *
 * Locks: getters_lock, innermost.
 */
#include <errno.h>

#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <asm/processor.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/threaded_workqueue_internal.h"

#define WAIT_PAUSES	400	/* some microseconds of looking before a waiter sleeps */

/* ---- one request ---- */

/*
 * Is it still as *word says? Then its state is @to now, and it is the caller's; a waiter's
 * mark stays, for the one who ends the new state. Else *word is what it is instead.
 * DONE/2: see request_set().
 */
static bool request_take(struct request *request, u32 *word, enum request_state to)
{
	return __atomic_compare_exchange_n(&request->word, word, (*word & ~REQUEST_STATE) | to,
					   false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* It is SETTLING, and the caller's. */
static void request_settle(struct request *request, enum request_state to)
{
	const ThreadedWorkqueueOps *ops = request->lane->threads->ops;

	TEST_POINT("request_settles");
	if (ops->thread_request_done)
		ops->thread_request_done(request->data);
	request_set_state(request, to);
}

/* The request of @threads that the user calls @data, or NULL. */
static struct request *find_request(const Threads *threads, const void *data)
{
	size_t offset = (const char *)data - threads->requests;

	if (offset / threads->request_size >= (size_t)threads->threads_nr * threads->requests_nr ||
	    offset % threads->request_size != offsetof(struct request, data))
		return NULL;
	return container_of(data, struct request, data);
}

/* ---- getting ---- */

/*
 * Is it nobody's? Then it is the caller's now, and done() has been called. The bit of
 * "available" has told where to look; the word decides. AVAIL/2: the word, then the bit.
 */
static bool request_get(struct request *request)
{
	u32 word = __atomic_load_n(&request->word, __ATOMIC_SEQ_CST);
	enum request_state state;

	do {
		state = request_state(word);
		if ((state != REQUEST_FREE && state != REQUEST_HANDLED) || (word & REQUEST_HELD))
			return false;
	} while (!request_take(request, &word,
			       state == REQUEST_FREE ? REQUEST_GOT : REQUEST_SETTLING));
	__atomic_fetch_and(&request->lane->available, ~BIT_ULL(request->index), __ATOMIC_RELAXED);
	if (state == REQUEST_HANDLED)
		request_settle(request, REQUEST_GOT);
	return true;
}

static struct request *lane_get(struct lane *lane)
{
	u64 bits = __atomic_load_n(&lane->available, __ATOMIC_SEQ_CST);

	for (; bits; bits &= bits - 1) {
		struct request *request = lane_request(lane, __ffs64(bits));

		TEST_POINT("bit_was_seen");
		if (request_get(request))
			return request;
	}
	return NULL;
}

static struct place *my_place(Threads *threads)
{
	static u32 nr_submitters;	/* A */
	static __thread u32 me;		/* from 1 on */

	if (!me)
		me = __atomic_add_fetch(&nr_submitters, 1, __ATOMIC_RELAXED);
	return &threads->places[me % NR_PLACES];
}

static struct request *get_request(Threads *threads)
{
	struct place *place = my_place(threads);
	u32 start = __atomic_load_n(&place->lane, __ATOMIC_RELAXED);
	unsigned int i;

	for (i = 0; i < threads->threads_nr; i++) {
		u32 nr = start + i < threads->threads_nr ? start + i :
							   start + i - threads->threads_nr;
		struct request *request = lane_get(&threads->lanes[nr]);

		if (request) {
			if (i)
				__atomic_store_n(&place->lane, nr, __ATOMIC_RELAXED);
			return request;
		}
	}
	return NULL;
}

/* Does somebody wait for a request? */
static bool have_line(const Threads *threads)
{
	return unlikely(__atomic_load_n(&threads->nr_getters, __ATOMIC_RELAXED));
}

/*
 * For who does not stand in the line. It may be passed, for to change threads for each
 * request costs far more than getting one, and those who poll have to get on beside a line
 * that never ends. After some the first of the line is to have one before.
 * Test: get_request_can_wait.c
 */
static struct request *get_request_passing(Threads *threads)
{
	struct request *request;

	if (have_line(threads) && __atomic_load_n(&threads->nr_passed, __ATOMIC_RELAXED) >=
				  threads->threads_nr * threads->requests_nr)
		return NULL;
	request = get_request(threads);
	if (request && have_line(threads))
		__atomic_fetch_add(&threads->nr_passed, 1, __ATOMIC_RELAXED);
	return request;
}

/**
 * threaded_workqueue_get_request - take a request that is free
 * @threads: where from
 *
 * May call done() for requests that have been handled meanwhile. The request is the
 * caller's until it submits or puts it.
 *
 * Fairness: none among those who call this again and again. They have no place in a line,
 * and while all requests are in use the scheduler decides who asks at the right moment,
 * which may be the same one for long. Who must not come off badly uses
 * threaded_workqueue_get_request_wait(), which callers of this one cannot starve.
 *
 * Context: any thread, also a handler; does not wait.
 * Ordering: sees what the request's last handler stored.
 * Return: the request; NULL: all are in use, or kept for who waits.
 */
void *threaded_workqueue_get_request(Threads *threads)
{
	struct request *request = get_request_passing(threads);

	return request ? request->data : NULL;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_get_request);

/* Somebody who waits for a request; on its stack. */
struct getter {
	struct list_head node;		/* G */
	struct completion turn;		/* nobody is in front any more */
};

/*
 * Something may be free. No lock here: whoever is woken may run at once in the place of
 * the caller, and shall not wait for it.
 */
void wake_getters(struct Threads *threads)
{
	if (unlikely(__atomic_load_n(&threads->nr_getters, __ATOMIC_SEQ_CST)))
		complete(&threads->first_may_look);
}

/* A wake that was put off, see runs_low(). */
void wake_getters_late(struct timer_list *timer)
{
	Threads *threads = from_timer(threads, timer, late_wake);

	wake_getters(threads);
}

/* Returns when the caller is the first of the line. */
static void getter_join(Threads *threads, struct getter *getter)
{
	bool first;

	init_completion(&getter->turn);
	spin_lock(&threads->getters_lock);
	first = list_empty(&threads->getters);
	list_add_tail(&getter->node, &threads->getters);
	/* GET/2: see request_offer() */
	__atomic_fetch_add(&threads->nr_getters, 1, __ATOMIC_SEQ_CST);
	spin_unlock(&threads->getters_lock);
	if (!first)
		wait_for_completion(&getter->turn);
}

static void getter_leave(Threads *threads, struct getter *getter)
{
	struct getter *next;

	spin_lock(&threads->getters_lock);
	list_del(&getter->node);
	__atomic_fetch_sub(&threads->nr_getters, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&threads->nr_passed, 0, __ATOMIC_RELAXED);
	next = list_first_entry_or_null(&threads->getters, struct getter, node);
	spin_unlock(&threads->getters_lock);
	/* it cannot have gone: only we tell it that it is its turn */
	if (next)
		complete(&next->turn);
}

/* Look for a moment, if that takes no CPU from a thread that works. */
static struct request *get_request_spin(Threads *threads)
{
	struct request *request = get_request_passing(threads);
	int i;

	for (i = 0; !request && threads->spins && !have_line(threads) && i < WAIT_PAUSES; i++) {
		cpu_relax();
		request = get_request(threads);
	}
	return request;
}

/**
 * threaded_workqueue_get_request_wait - take a request, wait until one is free
 * @threads: where from
 *
 * Who waits is served in the order of coming. Others may find a request free and pass; as
 * long as the same one is the first that waits, they do so about as many times as there are
 * requests, and not again before it has its request.
 *
 * Context: may sleep. In a handler of @threads it does not wait, because what it waits for
 * may be behind it.
 * Return: the request; NULL, in a handler only: all are in use, or kept for who waits.
 */
void *threaded_workqueue_get_request_wait(Threads *threads)
{
	struct request *request = get_request_spin(threads);
	struct getter getter;

	if (request)
		return request->data;
	if (lane_is_mine(threads))
		return threaded_workqueue_get_request(threads);
	getter_join(threads, &getter);
	while (!(request = get_request(threads)))
		wait_for_completion(&threads->first_may_look);
	getter_leave(threads, &getter);
	return request->data;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_get_request_wait);

/**
 * threaded_workqueue_hold_request - keep a request after it will have been handled
 * @threads: whose it is
 * @data: a request that the caller got
 *
 * Until it is put, the request comes back to the caller: after each submission
 * threaded_workqueue_wait_for_request() makes it the caller's again, to be read,
 * submitted once more, or put. Nobody else calls done() for it.
 *
 * Context: Any thread, one at a time for each request. Does not sleep.
 * Return: 0; -EINVAL: not a request of @threads, or nobody has got it.
 */
int threaded_workqueue_hold_request(Threads *threads, void *data)
{
	struct request *request = find_request(threads, data);

	if (!request || request_state(request_word(request)) != REQUEST_GOT)
		return -EINVAL;
	request_set(request, request_word(request) | REQUEST_HELD);
	return 0;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_hold_request);

/**
 * threaded_workqueue_put_request - give a request back without submitting it
 * @threads: whose it is
 * @data: a request that the caller got, or held and waited for; not the caller's any more
 *
 * Context: Any thread, one at a time for each request. Does not sleep.
 * Return: 0; -EINVAL: not a request of @threads, or nobody has got it; -EBUSY: it has been
 * submitted and the caller has not waited for it.
 */
int threaded_workqueue_put_request(Threads *threads, void *data)
{
	struct request *request = find_request(threads, data);
	u32 word;

	if (!request)
		return -EINVAL;
	word = request_word(request);
	if (request_state(word) != REQUEST_GOT)
		return request_state(word) == REQUEST_FREE ? -EINVAL : -EBUSY;
	request_offer(request);
	request_set(request, (word & ~(REQUEST_STATE | REQUEST_HELD)) | REQUEST_FREE);
	wake_getters(threads);
	return 0;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_put_request);

/* ---- submitting and waiting ---- */

/**
 * threaded_workqueue_submit_request - have a request handled
 * @threads: whose it is
 * @data: a request that the caller got; unless it is held, not the caller's any more
 *
 * The requests of one thread are handled in batches, in no particular order; none waits
 * for more than what was submitted to that thread before and twice its requests.
 *
 * Context: any thread, also a handler; does not wait.
 * Ordering: the handler sees what was stored before.
 * Return: 0; -EINVAL: not a request of @threads, or nobody has got it; -EBUSY: it has been
 * submitted already.
 */
int threaded_workqueue_submit_request(Threads *threads, void *data)
{
	struct request *request = find_request(threads, data);
	u32 word;

	if (!request)
		return -EINVAL;
	word = request_word(request);
	do {
		if (request_state(word) != REQUEST_GOT)
			return request_state(word) == REQUEST_FREE ? -EINVAL : -EBUSY;
	} while (!__atomic_compare_exchange_n(&request->word, &word,
					      ((word & ~REQUEST_STATE) | REQUEST_SUBMITTED) +
					      REQUEST_ONE_MORE, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	lane_submit(request->lane, request->index);
	return 0;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_submit_request);

/* Sleep until @request is not as @word says any more. */
static void request_sleep(struct request *request, u32 word)
{
	u32 marked = word | REQUEST_WAITED;

	if (word == marked ||
	    __atomic_compare_exchange_n(&request->word, &word, marked, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		wait_var_event(&request->word, request_word(request) != marked);
}

/* Handled, and nobody calls done() yet. What is held is left to its holder. */
static void settle_one(struct request *request, bool holder, u32 word)
{
	bool held = word & REQUEST_HELD;

	if ((held && !holder) || !request_take(request, &word, REQUEST_SETTLING))
		return;
	request_settle(request, held ? REQUEST_GOT : REQUEST_FREE);
	/* a getter may have passed by meanwhile */
	if (!held)
		wake_getters(request->lane->threads);
}

/* Until the submission that is under way now, if there is one, is over and settled. */
static void wait_for_one(struct request *request, bool holder)
{
	u32 first = request_word(request), word = first;
	int pauses = request->lane->threads->spins ? WAIT_PAUSES : 0;

	for (;; word = request_word(request)) {
		enum request_state state = request_state(word);

		if (((word ^ first) & ~(REQUEST_ONE_MORE - 1)) || state == REQUEST_FREE ||
		    state == REQUEST_GOT)
			return;
		if (state == REQUEST_HANDLED) {
			settle_one(request, holder, word);
			if ((word & REQUEST_HELD) && !holder)
				return;
		} else if (pauses-- > 0) {
			cpu_relax();
		} else {
			request_sleep(request, word);
		}
	}
}

/**
 * threaded_workqueue_wait_for_request - until one request has been handled
 * @threads: whose it is
 * @data: a request that the caller has submitted
 *
 * On return it has been handled and its done() has returned. If the caller holds it, it
 * is the caller's again. If not, it may have been got by somebody else.
 *
 * Context: may sleep; not in a handler of @threads.
 * Ordering: sees what the handler stored.
 * Return: 0; -EINVAL: not a request of @threads; -EDEADLK: a handler of @threads asks.
 */
int threaded_workqueue_wait_for_request(Threads *threads, void *data)
{
	struct request *request = find_request(threads, data);

	if (!request)
		return -EINVAL;
	if (lane_is_mine(threads))
		return -EDEADLK;
	wait_for_one(request, true);
	return 0;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_wait_for_request);

/**
 * threaded_workqueue_wait_for_requests - until all that was submitted has been handled
 * @threads: which ones
 *
 * On return every request submitted before the call has been handled and its done() has
 * returned. A held one has been handled; its holder calls done() when it waits for it.
 * Requests that are submitted during the call may or may not be waited for, but never
 * more than one for each request that there is.
 *
 * Context: may sleep; not in a handler of @threads.
 * Ordering: sees what the handlers stored.
 * Return: 0; -EDEADLK: a handler of @threads asks.
 */
int threaded_workqueue_wait_for_requests(Threads *threads)
{
	unsigned int i, index;

	if (lane_is_mine(threads))
		return -EDEADLK;
	/* the last ones of a batch first: when they are over, the others are */
	for (i = 0; i < threads->threads_nr; i++)
		for (index = threads->requests_nr; index-- > 0;)
			wait_for_one(lane_request(&threads->lanes[i], index), false);
	return 0;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_wait_for_requests);

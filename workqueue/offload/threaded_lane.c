// SPDX-License-Identifier: MIT
/*
 * threaded_lane.c - the side of the threads: a lane's item works off what is filled in
 *
 * A lane has one work item, which is queued when a request comes to a lane that sleeps,
 * and runs until there is nothing more to do. So the threads are workers of the engine:
 * one serves a lane only while there is work, polls a moment before it sleeps, and a
 * stall, a fork or the end of the process are what they are for other items. An item
 * that lived as long as the queue would hold its worker for ever. That an item never runs
 * twice at once makes the lane's requests run one after the other.
 *
 * After LANE_TURN requests the item goes to the end of the pool's line, behind the other
 * lanes and the items of other queues: more threads than CPUs take turns.
 *
 * Locks: none but getters_lock, in wake_getters().
 */
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/timer.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/threaded_workqueue_internal.h"

#define LANE_TURN	64	/* requests before others get their turn */
#define PUT_OFF		1	/* jiffies that a getter's wake may be late */

/* The lane whose handler the calling thread runs. */
static __thread const struct lane *my_lane;

/* Does a handler of @threads call us? It must not wait for its own end. */
bool lane_is_mine(const struct Threads *threads)
{
	return my_lane && my_lane->threads == threads;
}

/*
 * A wake takes longer than many a handler. So a getter is woken when little is left to
 * do in the lane, and can fill it again with one batch. Before that only if handlers are
 * so slow that PUT_OFF passes meanwhile. @left: how many of the thread's batch.
 */
static bool lane_runs_low(const struct lane *lane, unsigned int left)
{
	left += hweight64(__atomic_load_n(&lane->filled, __ATOMIC_RELAXED));
	return left <= (lane->threads->requests_nr + 3) / 4;
}

static void wake_getters_soon(struct Threads *threads)
{
	/* GET/1: see request_offer() */
	if (unlikely(__atomic_load_n(&threads->nr_getters, __ATOMIC_SEQ_CST)))
		timer_reduce(&threads->late_wake, jiffies + PUT_OFF);
}

static void lane_handle(struct lane *lane, unsigned int index, unsigned int left)
{
	struct request *request = lane_request(lane, index);
	bool held;

	my_lane = lane;
	lane->threads->ops->thread_request_handler(request->data);
	my_lane = NULL;
	held = request_word(request) & REQUEST_HELD;
	if (!held)
		request_offer(request);
	request_set_state(request, REQUEST_HANDLED);
	TEST_POINT("request_handled");
	/* @request is somebody else's from here on */
	if (held)
		return;
	if (lane_runs_low(lane, left))
		wake_getters(lane->threads);
	else
		wake_getters_soon(lane->threads);
}

/*
 * Nothing is filled. LANE/1: awake = 0, then read filled. Pairs with LANE/2 in
 * lane_submit(): set the bit, then read awake. Forbids: the thread sees no request AND the
 * submitter sees it awake. True: it may return. Test: no_request_is_left_behind.c
 */
static bool lane_rest(struct lane *lane)
{
	TEST_POINT("lane_found_nothing");
	__atomic_store_n(&lane->awake, 0, __ATOMIC_SEQ_CST);
	TEST_POINT("lane_rests");
	if (!__atomic_load_n(&lane->filled, __ATOMIC_SEQ_CST))
		return true;
	/* 1: a submitter was faster and has queued the item */
	return __atomic_exchange_n(&lane->awake, 1, __ATOMIC_SEQ_CST);
}

void lane_func(struct work_struct *work)
{
	struct lane *lane = container_of(work, struct lane, work);
	unsigned int left = LANE_TURN;
	u64 batch;

	do {
		/* FILL/2: see lane_submit() */
		while ((batch = __atomic_exchange_n(&lane->filled, 0, __ATOMIC_ACQUIRE))) {
			unsigned int nr = hweight64(batch);

			left -= min(left, nr);
			for (; batch; batch &= batch - 1)
				lane_handle(lane, __ffs64(batch), --nr);
			if (!left) {
				queue_work(lane->threads->wq, &lane->work);
				return;
			}
		}
	} while (!lane_rest(lane));
}

void lane_submit(struct lane *lane, unsigned int index)
{
	/*
	 * LANE/2: see lane_rest().
	 * FILL/1: the request's contents, then its bit. Pairs with FILL/2 in lane_func(): take
	 * the bits, then handle. Forbids: the handler sees less than the submitter has stored.
	 * Test: threaded_requests_run_once_each.c
	 */
	__atomic_fetch_or(&lane->filled, BIT_ULL(index), __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&lane->awake, __ATOMIC_SEQ_CST) &&
	    !__atomic_exchange_n(&lane->awake, 1, __ATOMIC_SEQ_CST))
		queue_work(lane->threads->wq, &lane->work);
}

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
 * After some requests the item goes to the end of the pool's line, behind the other lanes
 * and the items of other queues: more threads than CPUs take turns.
 *
 * Locks: none.
 */
#include <linux/bitops.h>
#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/timer.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/threaded_workqueue_internal.h"

#define PUT_OFF		5	/* jiffies that a getter's wake may be late */

/* The lane whose handler the calling thread runs. */
static __thread const struct lane *my_lane;

/* Does a handler of @threads call us? It must not wait for its own end. */
bool lane_is_mine(const struct Threads *threads)
{
	return my_lane && my_lane->threads == threads;
}

/* How many requests of @threads are submitted or with somebody; counts up to @most. */
static unsigned int count_used(const struct Threads *threads, unsigned int most)
{
	unsigned int i, used = 0;

	for (i = 0; i < threads->threads_nr && used <= most; i++)
		used += threads->requests_nr -
			hweight64(__atomic_load_n(&threads->lanes[i].available, __ATOMIC_RELAXED));
	return used;
}

/*
 * A wake takes longer than many a handler, and if all CPUs work it takes one from a
 * thread. So a getter is woken when it can fill nearly all lanes in one go: when little is
 * left in all of them together, or nothing in one that has a CPU for itself. Before that
 * only if handlers are so slow that PUT_OFF passes meanwhile. @left: how many of the
 * thread's batch.
 */
static bool runs_low(const struct lane *lane, unsigned int left)
{
	const struct Threads *threads = lane->threads;

	if (!left && threads->has_cpus && !__atomic_load_n(&lane->filled, __ATOMIC_RELAXED))
		return true;
	return count_used(threads, threads->low) <= threads->low;
}

/* GET/1: see request_offer() */
static void getters_may_look(const struct lane *lane, unsigned int left)
{
	struct Threads *threads = lane->threads;

	if (likely(!__atomic_load_n(&threads->nr_getters, __ATOMIC_SEQ_CST)))
		return;
	if (runs_low(lane, left))
		wake_getters(threads);
	else
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
	if (!held)
		getters_may_look(lane, left);
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
	unsigned int left = lane->threads->turn;
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

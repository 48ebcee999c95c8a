/* SPDX-License-Identifier: MIT */
/*
 * threaded_test.h - requests for the tests of the threaded workqueue
 *
 * A request counts its runs and its done() calls in the order in which they must come, and
 * may stop at a gate in its handler.
 */
#ifndef UWQ_SELFTESTS_THREADED_TEST_H
#define UWQ_SELFTESTS_THREADED_TEST_H

#include <uwq/threaded_workqueue.h>

#include "offload_test.h"

struct req {
	struct gate *gate;	/* the handler waits here; NULL = it does not */
	int inside;		/* atomic: handlers under way */
	long submitted, handled, done;	/* plain: handed over with the request */
	long value;
};

static int nr_inits, nr_uninits, nr_handled, nr_done;	/* atomic */
static int nr_inside, most_inside;			/* atomic: handlers at once */
static int wrong;					/* atomic */

static inline int req_init(void *request)
{
	struct req *req = request;

	if (req->submitted || req->gate)
		ADD(wrong, 1);
	ADD(nr_inits, 1);
	return 0;
}

static inline void req_uninit(void *request)
{
	(void)request;
	ADD(nr_uninits, 1);
}

static inline void req_handler(void *request)
{
	struct req *req = request;
	int at_once = ADD(nr_inside, 1), most = GET(most_inside);

	while (at_once > most && !__atomic_compare_exchange_n(&most_inside, &most, at_once, false,
							      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
	if (ADD(req->inside, 1) != 1)
		ADD(wrong, 1);
	if (req->gate)
		gate_wait(req->gate);
	if (++req->handled != req->submitted)
		ADD(wrong, 1);
	req->value = -req->value;
	ADD(req->inside, -1);
	ADD(nr_inside, -1);
	ADD(nr_handled, 1);
}

static inline void req_done(void *request)
{
	struct req *req = request;

	if (++req->done != req->handled || GET(req->inside))
		ADD(wrong, 1);
	ADD(nr_done, 1);
}

static const ThreadedWorkqueueOps req_ops = {
	.thread_request_init = req_init,
	.thread_request_uninit = req_uninit,
	.thread_request_handler = req_handler,
	.thread_request_done = req_done,
	.request_size = sizeof(struct req),
};

static inline int submit(Threads *threads, struct req *req, struct gate *gate)
{
	req->gate = gate;
	req->submitted++;
	return threaded_workqueue_submit_request(threads, req);
}

static inline bool thread_sleeps(int tid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (file && fscanf(file, "%*d %*s %c", &state) != 1)
		state = 0;
	if (file)
		fclose(file);
	return state == 'S';
}

/* Does *tid, when it is known, sleep for a while, and not only between two looks? */
static inline bool thread_rests(const int *tid)
{
	int asleep = 0;

	while (asleep < 20 && GET(*tid) && thread_sleeps(GET(*tid))) {
		asleep++;
		nap_us(1000);
	}
	return asleep == 20;
}

/* Everybody's thread keeps its promise: nothing lost, nothing twice. */
#define EXPECT_ALL_SETTLED(n)				\
	do {						\
		EXPECT_EQ((n), GET(nr_handled));	\
		EXPECT_EQ((n), GET(nr_done));		\
		EXPECT_EQ(0, GET(wrong));		\
	} while (0)

#endif

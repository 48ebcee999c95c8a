/* SPDX-License-Identifier: MIT */
/*
 * threadlet_test.h - works that stop where a test wants them
 */
#ifndef UWQ_SELFTESTS_THREADLET_TEST_H
#define UWQ_SELFTESTS_THREADLET_TEST_H

#include "offload_test.h"

#include <uwq/threadlet.h>

/* A work that waits in its function until the gate is opened; the engine does not see it. */
struct stopper {
	ThreadletWork work;
	struct gate started, go;
	int runs;	/* atomic */
};

static inline void stopper_func(ThreadletWork *work)
{
	struct stopper *stopper = container_of(work, struct stopper, work);

	gate_open(&stopper->started);
	gate_wait(&stopper->go);
	ADD(stopper->runs, 1);
}

static inline void stopper_start(struct stopper *stopper, ThreadletQueue *queue)
{
	memset(stopper, 0, sizeof(*stopper));
	stopper->work.func = stopper_func;
	submit_work_to_queue(queue, &stopper->work);
	gate_wait(&stopper->started);
}

static inline void stopper_end(struct stopper *stopper)
{
	gate_open(&stopper->go);
	threadlet_wait(&stopper->work);
}

struct tally {
	ThreadletWork work;
	int runs;	/* atomic */
};

static inline void tally_func(ThreadletWork *work)
{
	ADD(container_of(work, struct tally, work)->runs, 1);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * threadlet.h - run a function in some thread, which may block as it likes
 *
 * A ThreadletWork is embedded in the program's own structure, names a function, and is
 * submitted to the global queue (8 to 64 threads) or to a queue of the program. The
 * function finds its structure with container_of(). It may submit its work again, and
 * may free it. The contract of each call stands above its body in
 * workqueue/offload/threadlet.c and threadlet_queue.c; Documentation/offload.rst tells the rest.
 *
 *	struct job { ThreadletWork work; int fd; };
 *
 *	job->work.func = job_func;
 *	submit_work(&job->work);
 *	threadlet_wait(&job->work);
 *
 * For C and C++; no kernel header is needed.
 */
#ifndef UWQ_THREADLET_H
#define UWQ_THREADLET_H

#include <stdint.h>
#include <uwq/api.h>

struct workqueue_struct;

typedef struct ThreadletQueue {
	struct workqueue_struct *wq;	/* private, like all the rest */
	uintptr_t made;
	int max_threads;
	int min_threads;
	unsigned int flags;
} ThreadletQueue;

typedef struct ThreadletWork {
	void (*func)(struct ThreadletWork *work);	/* the program's; set before submitting */

	struct {
		uint64_t item[4];			/* the engine's part */
		uintptr_t queue;			/* and in bit 0: it computes */
		uintptr_t made;
		unsigned int ran;
	} priv;
} ThreadletWork;

/* Where a work is: what threadlet_state() answers. */
typedef enum ThreadletState {
	THREADLET_IDLE,		/* never submitted, or dequeued since */
	THREADLET_QUEUED,	/* its function will be called */
	THREADLET_RUNNING,	/* in its function */
	THREADLET_FINISHED,	/* its function has returned */
} ThreadletState;

/* Flags of threadlet_queue_init_flags(). */
enum {
	/*
	 * Functions compute, and say uwq_blocking_begin() where they block. Then no more of
	 * them run at the same time than there are CPUs, which is faster for short ones.
	 */
	THREADLET_QUEUE_COMPUTES = 1 << 0,
};

/* How many threads the global queue has. */
#define THREADLET_GLOBAL_MIN	8
#define THREADLET_GLOBAL_MAX	64

UWQ_API_BEGIN

int threadlet_queue_init(ThreadletQueue *queue, int max_threads, int min_threads);
int threadlet_queue_init_flags(ThreadletQueue *queue, int max_threads, int min_threads,
			       unsigned int flags);
int threadlet_queue_destroy(ThreadletQueue *queue);

void threadlet_work_init(ThreadletWork *work, void (*func)(ThreadletWork *work));
int submit_work(ThreadletWork *work);
int submit_work_to_queue(ThreadletQueue *queue, ThreadletWork *work);
int dequeue_work(ThreadletWork *work);
int dequeue_work_on_queue(ThreadletQueue *queue, ThreadletWork *work);

int threadlet_wait(ThreadletWork *work);
ThreadletState threadlet_state(ThreadletWork *work);

UWQ_API_END

/* ---- the names of the first version ---- */

/**
 * submit_threadletwork - submit a work; as submit_work()
 * @work: work
 */
static inline int submit_threadletwork(ThreadletWork *work)
{
	return submit_work(work);
}

/**
 * submit_threadletwork_to_queue - submit a work; as submit_work_to_queue()
 * @queue: queue
 * @work: work
 */
static inline int submit_threadletwork_to_queue(ThreadletQueue *queue, ThreadletWork *work)
{
	return submit_work_to_queue(queue, work);
}

/**
 * cancel_threadletwork - take a work back; as dequeue_work()
 * @work: work
 */
static inline int cancel_threadletwork(ThreadletWork *work)
{
	return dequeue_work(work);
}

/**
 * cancel_threadletwork_on_queue - take a work back; as dequeue_work_on_queue()
 * @queue: queue
 * @work: work
 */
static inline int cancel_threadletwork_on_queue(ThreadletQueue *queue, ThreadletWork *work)
{
	return dequeue_work_on_queue(queue, work);
}

#endif

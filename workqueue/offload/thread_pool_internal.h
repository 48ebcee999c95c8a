/* SPDX-License-Identifier: MIT */
/*
 * thread_pool_internal.h - what the files of the thread pool share
 *
 * Letters: I fixed at birth; A atomic; P only the thread that polls the context.
 */
#ifndef UWQ_OFFLOAD_THREAD_POOL_INTERNAL_H
#define UWQ_OFFLOAD_THREAD_POOL_INTERNAL_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/workqueue.h>

#include <uwq/thread_pool.h>

struct ThreadPool {
	AioContext *ctx;		/* I */
	struct workqueue_struct *wq;	/* I: its workers are the threads */
	QEMUBH *completion_bh;		/* I */
	QEMUBH *affinity_bh;		/* I */
	struct llist_head done;		/* A: finished or cancelled, latest first */
	struct list_head to_call;	/* P: taken from there, oldest first */
	int in_flight;			/* A: submitted, callback has not returned */
	ThreadPoolCoroutines co;	/* P */
};

/* thread_pool_request.c */
void thread_pool_complete(void *pool);

/* thread_pool_co.c */
extern const ThreadPoolCoroutines thread_pool_ucontext;

#endif

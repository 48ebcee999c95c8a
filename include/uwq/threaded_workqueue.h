/* SPDX-License-Identifier: MIT */
/*
 * threaded_workqueue.h - pre-allocated requests, partitioned over threads
 *
 * For many small jobs of one kind that one or a few threads give to others: compressing
 * pages, hashing blocks. All requests are made at the start, a fixed number for each
 * thread. Somebody gets a free one, fills it, submits it; the handler runs in one of the
 * threads; whoever looks next calls done() and the request is free again. Nothing is
 * allocated or locked on the way.
 *
 *	Threads *threads = threaded_workqueue_create("zip", 0, DEFAULT_THREAD_REQUEST_NR, &ops);
 *	struct page_request *req = threaded_workqueue_get_request_wait(threads);
 *
 *	req->page = page;
 *	threaded_workqueue_submit_request(threads, req);
 *	...
 *	threaded_workqueue_wait_for_requests(threads);
 *	threaded_workqueue_destroy(threads);
 *
 * The contract of each function stands above its body in workqueue/offload/.
 * Documentation/offload.rst tells when to choose it. For C and C++, without any header
 * of a kernel.
 */
#ifndef UWQ_THREADED_WORKQUEUE_H
#define UWQ_THREADED_WORKQUEUE_H

#include <stddef.h>

#include <uwq/api.h>

typedef struct Threads Threads;

/* Requests for each thread: what does well, and the most there can be. */
#define DEFAULT_THREAD_REQUEST_NR	4
#define MAX_THREAD_REQUEST_NR		64
/* The most threads that one of them can have. */
#define MAX_THREADS_NR			512

/**
 * struct ThreadedWorkqueueOps - what the requests of a threaded workqueue are
 * @thread_get_request_size: bytes of a request, asked once; used if @request_size is 0
 * @thread_request_init: called for each request when it is made, in zeroed memory; other
 *	than 0 makes create fail. May be NULL
 * @thread_request_uninit: called for each request that was initialised. May be NULL
 * @thread_request_handler: does the work, in a thread of the queue
 * @thread_request_done: called once after each run of the handler, by a thread that gets
 *	or waits for requests. For different requests it may be called by several such
 *	threads at once. May be NULL
 * @request_size: bytes of a request
 */
struct ThreadedWorkqueueOps {
	int (*thread_get_request_size)(void);
	int (*thread_request_init)(void *request);
	void (*thread_request_uninit)(void *request);
	void (*thread_request_handler)(void *request);
	void (*thread_request_done)(void *request);
	size_t request_size;
};
typedef struct ThreadedWorkqueueOps ThreadedWorkqueueOps;

UWQ_API_BEGIN

Threads *threaded_workqueue_create(const char *name, unsigned int threads_nr,
				   unsigned int thread_requests_nr,
				   const ThreadedWorkqueueOps *ops);
int threaded_workqueue_destroy(Threads *threads);
unsigned int threaded_workqueue_threads_nr(const Threads *threads);

void *threaded_workqueue_get_request(Threads *threads);
void *threaded_workqueue_get_request_wait(Threads *threads);
int threaded_workqueue_hold_request(Threads *threads, void *request);
int threaded_workqueue_put_request(Threads *threads, void *request);

int threaded_workqueue_submit_request(Threads *threads, void *request);
int threaded_workqueue_wait_for_request(Threads *threads, void *request);
int threaded_workqueue_wait_for_requests(Threads *threads);

UWQ_API_END

#endif

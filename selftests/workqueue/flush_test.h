/* SPDX-License-Identifier: MIT */
/*
 * flush_test.h - threads that flush an item or a queue while a test goes on
 */
#ifndef UWQ_SELFTESTS_FLUSH_TEST_H
#define UWQ_SELFTESTS_FLUSH_TEST_H

#include "wq_test.h"

static int nr_flushed __attribute__((unused));	/* atomic */

static inline void *flush_thread(void *work)
{
	flush_work(work);
	ADD(nr_flushed, 1);
	return NULL;
}

/* Returns when the barrier is in its place. All items leave the inbox. */
static inline pthread_t start_flush(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long before = items_in_flight(wq);
	pthread_t thread;

	SET(nr_flushed, 0);
	thread = start_thread(flush_thread, work);
	while (items_in_flight(wq) == before)
		nap_us(100);
	return thread;
}

static inline void *flush_queue_thread(void *wq)
{
	flush_workqueue(wq);
	ADD(nr_flushed, 1);
	return NULL;
}

/* Returns when the flush waits for what was queued before. All items leave the inbox. */
static inline pthread_t start_queue_flush(struct workqueue_struct *wq)
{
	pthread_t thread;

	SET(nr_flushed, 0);
	thread = start_thread(flush_queue_thread, wq);
	while (UNDER_MUTEX(wq, wq->flush_color == wq->work_color))
		nap_us(100);
	return thread;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * threadlet_internal.h - between works (threadlet.c) and queues (threadlet_queue.c)
 */
#ifndef UWQ_OFFLOAD_THREADLET_INTERNAL_H
#define UWQ_OFFLOAD_THREADLET_INTERNAL_H

#include <stdbool.h>

#include <uwq/threadlet.h>

/* Was the queue made, and not destroyed since? */
bool threadlet_queue_is_made(const ThreadletQueue *queue);
/* Is the caller a function that runs for @queue? */
bool threadlet_is_inside_queue(const ThreadletQueue *queue);

/* The global queue, which the first call makes; NULL: no memory. */
ThreadletQueue *threadlet_global_queue(void);
/* The same, but NULL if nobody has needed it yet. */
ThreadletQueue *threadlet_global_queue_if_made(void);

#endif

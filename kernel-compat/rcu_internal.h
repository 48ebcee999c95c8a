/* SPDX-License-Identifier: MIT */
/*
 * rcu_internal.h - what the rest of the library asks RCU
 */
#ifndef UWQ_KERNEL_COMPAT_RCU_INTERNAL_H
#define UWQ_KERNEL_COMPAT_RCU_INTERNAL_H

#include <stdint.h>
#include <time.h>

struct rcu_head;

/*
 * How many rcu_read_lock() of the calling thread are open. A function that
 * returns with more than it was called with has leaked a reader: it will hold up
 * every grace period until somebody calls rcu_read_unlock() in that thread.
 */
extern __thread int uwq_rcu_depth __attribute__((__tls_model__("initial-exec")));

static inline int uwq_rcu_read_depth(void)
{
	return uwq_rcu_depth;
}

/* Callbacks one after another, in the order of the list, as a softirq would run them. */
void rcu_run_callbacks(struct rcu_head *list);

/*
 * By a callback, in a section of the fork gate: what its head stood for is handed on.
 * Before that a child of a fork finds the head through rcu_fork_take().
 */
void rcu_callback_begun(void);

/* A list linked newest first, turned round. */
struct rcu_head *rcu_reverse(struct rcu_head *list);

/* So far ahead on the real clock; a test's fake one moves no grace period. */
struct timespec rcu_deadline(uint64_t ns);

/* The kind of callback that stands for kvfree(): the offset of the head in its block. */
#define RCU_KVFREE_OFFSET_MAX	4096

#endif

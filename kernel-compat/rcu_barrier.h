/* SPDX-License-Identifier: MIT */
/*
 * rcu_barrier.h - a callback that somebody waits for; for rcu_callbacks.c and srcu_callbacks.c
 *
 * It lies on the waiter's stack and is called behind all that were there before it.
 */
#ifndef UWQ_KERNEL_COMPAT_RCU_BARRIER_H
#define UWQ_KERNEL_COMPAT_RCU_BARRIER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/kernel.h>
#include <linux/types.h>

#include "kernel-compat/futex.h"

struct barrier_callback {
	struct rcu_head head;
	const void *waiter;	/* I: the mark of its thread */
	uint32_t reached;	/* atomic, futex word */
};

static inline void barrier_reached(struct rcu_head *head)
{
	uint32_t *word = &container_of(head, struct barrier_callback, head)->reached;

	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	/* the waiter's stack may be gone: only its address is used */
	futex_wake(word, INT_MAX);
}

/* For the child of a fork: is it one whose waiter, not the thread of @mark, is not there? */
static inline bool is_barrier_of_another(const struct rcu_head *head, const void *mark)
{
	return head->func == barrier_reached &&
	       container_of(head, const struct barrier_callback, head)->waiter != mark;
}

#endif

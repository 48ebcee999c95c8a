// SPDX-License-Identifier: MIT
/*
 * srcu_fork.c - domains of sleeping readers in a process that forks
 *
 * In the child no reader is left but those of the forking thread, nobody waits for a grace
 * period, and no thread serves the callbacks. Nobody keeps a list of the domains, which are
 * the user's. So each remembers in which process it was last used (ssp->generation), and the
 * first call in another one makes it right. Until then nothing about it has changed since
 * the fork: what the forking thread had in its list of readers at that moment still holds.
 *
 * Callbacks that had not begun run in the child too, with the next call_srcu() or
 * srcu_barrier() of their domain.
 *
 * Locks: adopt_lock, a leaf.
 */
#include <linux/srcu.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/srcu_internal.h"

static struct futex_lock adopt_lock = FUTEX_LOCK_INIT;
static struct srcu_readers forkers;	/* I: of the thread that made this process */
static const void *forker;		/* I: its mark */

static void keep_forkers_readers(struct srcu_struct *ssp)
{
	unsigned long in[2] = { 0, 0 };

	for (unsigned int i = 0; i < forkers.nr; i++) {
		if (forkers.of[i].ssp != ssp)
			continue;
		in[0] = forkers.of[i].nr[0];
		in[1] = forkers.of[i].nr[1];
	}
	for (int i = 0; i < UWQ_SRCU_SHARDS; i++) {
		for (int half = 0; half < 2; half++) {
			__atomic_store_n(&ssp->shard[i].out[half], 0, __ATOMIC_RELAXED);
			__atomic_store_n(&ssp->shard[i].in[half], i ? 0 : in[half],
					 __ATOMIC_RELAXED);
		}
	}
}

/* The first call for @ssp in this process; others wait until it is done. */
void srcu_adopt(struct srcu_struct *ssp)
{
	futex_lock(&adopt_lock);
	if (ssp->generation != uwq_fork_generation) {
		futex_lock_init(&ssp->gp_lock);
		keep_forkers_readers(ssp);
		srcu_callbacks_fork_child(ssp, forker);
		__atomic_store_n(&ssp->generation, uwq_fork_generation, __ATOMIC_RELEASE);
	}
	futex_unlock(&adopt_lock);
}

void srcu_fork(enum fork_step step)
{
	if (step == FORK_CHILD) {
		forkers = srcu_mine;
		forker = &srcu_mine;
	}
	fork_step_lock(&adopt_lock, step);
}

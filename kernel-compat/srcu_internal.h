/* SPDX-License-Identifier: MIT */
/*
 * srcu_internal.h - what the three files of SRCU share
 */
#ifndef UWQ_KERNEL_COMPAT_SRCU_INTERNAL_H
#define UWQ_KERNEL_COMPAT_SRCU_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/compiler.h>
#include <linux/srcu.h>

#include "kernel-compat/fork.h"

#define SRCU_READERS_NOTED	4	/* domains that a thread reads at the same time */

/* How many readers of a domain a thread is in, by half. */
struct srcu_reader {
	struct srcu_struct *ssp;
	unsigned int nr[2];
};

struct srcu_readers {
	unsigned int nr;
	struct srcu_reader of[SRCU_READERS_NOTED];
};

extern __thread struct srcu_readers srcu_mine __attribute__((__tls_model__("initial-exec")));

/* ---- srcu.c ---- */

bool srcu_half_empty(struct srcu_struct *ssp, int half);
void srcu_pause(uint64_t ns);

/* ---- srcu_callbacks.c ---- */

/* In a child: gather the callbacks again; barriers of all but thread @forker are gone. */
void srcu_callbacks_fork_child(struct srcu_struct *ssp, const void *forker);

/* ---- srcu_fork.c ---- */

void srcu_adopt(struct srcu_struct *ssp);

/* Everything that is done with a domain begins with this. */
static inline void srcu_in_this_process(struct srcu_struct *ssp)
{
	if (unlikely(__atomic_load_n(&ssp->generation, __ATOMIC_ACQUIRE) != uwq_fork_generation))
		srcu_adopt(ssp);
}

#endif

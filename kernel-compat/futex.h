/* SPDX-License-Identifier: MIT */
/*
 * futex.h - the only door to futex(2) and membarrier(2)
 *
 * A futex word is a u32 that threads change with atomic operations; the kernel
 * is asked only to sleep while it has a value, or to wake who sleeps on it.
 * Waking an address whose memory is already somebody else's is harmless: every
 * sleeper looks at its word again and goes back to sleep. Completions and locks
 * rely on that, because their memory may be a stack that has returned.
 *
 * Nobody but sched.c, the locks and the engine's idle wait calls futex_wait()
 * directly: a task that sleeps in a work function must be seen sleeping, so the
 * ordinary way is schedule_on() in sched_internal.h.
 */
#ifndef UWQ_KERNEL_COMPAT_FUTEX_H
#define UWQ_KERNEL_COMPAT_FUTEX_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * Sleep while *word == val, until woken or until CLOCK_MONOTONIC reaches
 * *deadline (NULL: no limit). Returns 0 when woken or when the value differed,
 * -EINTR after a signal, -ETIMEDOUT. Preserves errno.
 */
int futex_wait(const uint32_t *word, uint32_t val, const struct timespec *deadline);

/* Wake up to @nr sleepers; returns how many. Never touches *word itself. Preserves errno. */
int futex_wake(const uint32_t *word, int nr);

/*
 * A full memory barrier on every running thread of the process, so that the
 * frequent side of a store/load pair can do without one. False: the system
 * cannot do it and the frequent side must use a real fence; the answer never
 * changes while the process lives.
 */
bool membarrier_available(void);
void membarrier_all(void);

#endif

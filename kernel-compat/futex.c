// SPDX-License-Identifier: MIT
/*
 * futex.c - futex(2) and membarrier(2) behind plain functions
 *
 * See futex.h for what callers may rely on. Both calls keep errno, because a
 * work function or a lock in user code must not see it change.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex.h"

int futex_wait(const uint32_t *word, uint32_t val, const struct timespec *deadline)
{
	int saved = errno;
	int ret = 0;

	/* WAIT_BITSET takes an absolute time on CLOCK_MONOTONIC */
	if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, val, deadline, NULL,
		    FUTEX_BITSET_MATCH_ANY) < 0 &&
	    (errno == EINTR || errno == ETIMEDOUT))
		ret = -errno;
	errno = saved;
	return ret;
}

int futex_wake(const uint32_t *word, int nr)
{
	int saved = errno;
	long woken = syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, nr, NULL, NULL, 0);

	errno = saved;
	return woken < 0 ? 0 : (int)woken;
}

static bool have_membarrier;

/*
 * Registration belongs to the process and has to precede the first use. It is
 * done before main() so that no thread can have taken the other answer, and again in
 * a child before there is another thread.
 */
__attribute__((constructor(101))) static void membarrier_register(void)
{
	int saved = errno;

	have_membarrier = syscall(SYS_membarrier,
				  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
	errno = saved;
}

bool membarrier_available(void)
{
	return have_membarrier;
}

void membarrier_all(void)
{
	int saved = errno;

	if (have_membarrier)
		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	errno = saved;
}

void futex_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		membarrier_register();
}

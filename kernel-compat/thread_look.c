// SPDX-License-Identifier: MIT
/*
 * thread_look.c - CPU time and state of another thread of this process
 *
 * The CPU clock of a thread is one cheap system call and exact: it stands still while
 * the thread does not run. Whether such a thread waits for something or for a CPU is
 * told by its stat file only, which takes three calls.
 *
 * Locks: none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel-compat/thread_look.h"

/* Clock ids of threads, part of the system's interface: inverted id, kind in three bits. */
#define CLOCK_OF_THREAD		4
#define CLOCK_PRECISE		2

bool uwq_thread_cpu_ns(pid_t tid, u64 *ns)
{
	clockid_t clock = (clockid_t)(~(unsigned int)tid << 3 | CLOCK_OF_THREAD | CLOCK_PRECISE);
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return false;
	*ns = (u64)ts.tv_sec * 1000000000ULL + (u64)ts.tv_nsec;
	return true;
}

/* "12 (name) S 1 ...": the name may hold anything, also parentheses. */
static char state_letter(const char *stat)
{
	const char *name_end = strrchr(stat, ')');

	return name_end && name_end[1] == ' ' ? name_end[2] : '\0';
}

enum thread_activity uwq_thread_activity(pid_t tid)
{
	char path[48], stat[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return THREAD_UNKNOWN;
	len = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (len <= 0)
		return THREAD_UNKNOWN;
	stat[len] = '\0';
	switch (state_letter(stat)) {
	case 'S':
	case 'D':
		return THREAD_ASLEEP;
	case '\0':
		return THREAD_UNKNOWN;
	default:
		return THREAD_ON_CPU;
	}
}

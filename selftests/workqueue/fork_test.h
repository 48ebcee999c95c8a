/* SPDX-License-Identifier: MIT */
/*
 * fork_test.h - children that report by their status
 *
 * IN_CHILD() runs a function in a forked child and gives 0, or 1 if a CHECK() failed
 * there, or -1 if a signal ended it, as the alarm does when it hangs.
 *
 * The address sanitizer of gcc 12 and clang 14 does not prepare its allocator for a fork:
 * a child hangs in malloc() if another thread was just there. So in its builds a child
 * that was ended by the alarm, which comes early there, is tried again.
 */
#ifndef UWQ_SELFTESTS_FORK_TEST_H
#define UWQ_SELFTESTS_FORK_TEST_H

#include "wq_test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define CHILD_SECONDS	10
#define TRIES		4
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHILD_SECONDS	10
#define TRIES		4
#endif
#endif
#ifndef TRIES
#define CHILD_SECONDS	60
#define TRIES		1
#endif

/* The thread sanitizer has threads in a child of threads only if asked. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}

static int failed_line;	/* in a child: of the first CHECK() that failed */

/* In a child, where the harness cannot hear. */
#define CHECK(cond)								\
	do {									\
		if (!(cond) && !failed_line) {					\
			failed_line = __LINE__;					\
			fprintf(stderr, "# %s:%d: child: %s\n", __FILE__, __LINE__, #cond); \
		}								\
	} while (0)

static int child_level;		/* children of children have less time */
static bool child_hung;

/* Wait for @child: 0 = ended with status 0, -1 = by a signal. */
static inline int outcome(pid_t child)
{
	int status = 0;

	if (child < 0 || waitpid(child, &status, 0) != child)
		return -2;
	child_hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "# child ended by signal %d\n", WTERMSIG(status));
		return -1;
	}
	return WEXITSTATUS(status);
}

/* Statuses have 8 bits: any number but 0 says "failed", the line is on standard error. */
static inline void end_child(void)
{
	_exit(failed_line ? 1 : 0);
}

static inline pid_t start_child(void (*fn)(void))
{
	pid_t child = fork();

	if (child)
		return child;
	alarm(CHILD_SECONDS / ++child_level);
	failed_line = 0;
	fn();
	end_child();
	return 0;
}

static inline int in_child(void (*fn)(void))
{
	int ret = outcome(start_child(fn));

	for (int i = 1; i < TRIES && ret == -1 && child_hung; i++)
		ret = outcome(start_child(fn));
	return ret;
}

#define IN_CHILD(fn)	in_child(fn)

/* In a child: @work is idle, can be queued on @wq, and runs once more than @runs says. */
#define CHECK_USABLE(wq, work, runs)						\
	do {									\
		int before_ = GET(runs);					\
										\
		CHECK(!work_pending(work) && !work_busy(work));			\
		CHECK(queue_work(wq, work));					\
		flush_work(work);						\
		CHECK(GET(runs) == before_ + 1);				\
		CHECK(!work_pending(work) && !work_busy(work));			\
	} while (0)

#endif

/* SPDX-License-Identifier: MIT */
/*
 * fork_test.h - children that report by their status
 *
 * IN_CHILD() runs a function in a forked child and gives 0, or 1 if a CHECK() failed
 * there, -1 if a signal ended it, or CHILD_HUNG. A child that hangs is ended by its parent,
 * which shows its stacks first; the alarm is for those whose parent is gone.
 *
 * Neither sanitizer of gcc 12 and clang 14 prepares its allocator for a fork: a child hangs
 * in malloc() or pthread_create() if another thread was just in there. So in their builds
 * a child that hung is given up early and tried again, or the whole test is.
 */
#ifndef UWQ_SELFTESTS_FORK_TEST_H
#define UWQ_SELFTESTS_FORK_TEST_H

#include "wq_test.h"

#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Less than the time limit of a test, so that a hung child is shown and not its parent. */
#if defined(__has_feature)
#define BUILT_FOR(feature)	__has_feature(feature)
#else
#define BUILT_FOR(feature)	0
#endif
#if defined(__SANITIZE_ADDRESS__) || BUILT_FOR(address_sanitizer)
#define CHILD_SECONDS	10
#define TRIES		8
#elif defined(__SANITIZE_THREAD__) || BUILT_FOR(thread_sanitizer)
#define CHILD_SECONDS	20
#define TRIES		4
#else
#define CHILD_SECONDS	20
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

#define CHILD_HUNG	-4

/* Milliseconds for a child of this process: less than it has itself, but always seconds. */
static inline int child_ms(void)
{
	return CHILD_SECONDS * 1000 * 32 / (32 + child_level);
}

static inline bool ends_in_time(pid_t child)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };
	int ready;

	if (end.fd < 0)
		return true;
	do
		ready = poll(&end, 1, child_ms());
	while (ready < 0 && errno == EINTR);
	close(end.fd);
	return ready == 1;
}

/* Wait for @child: 0 = ended with status 0, -1 = by a signal, CHILD_HUNG. */
static inline int outcome(pid_t child)
{
	bool in_time = child > 0 && ends_in_time(child);
	int status = 0;

	if (child > 0 && !in_time) {
		fprintf(stderr, "# child %d hangs:\n", (int)child);
		ks_show_stacks(child);
		kill(child, SIGKILL);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -2;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	fprintf(stderr, "# child ended by signal %d\n", WTERMSIG(status));
	return !in_time || WTERMSIG(status) == SIGALRM ? CHILD_HUNG : -1;
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
	alarm(2 * child_ms() / 1000);
	child_level++;
	failed_line = 0;
	fn();
	end_child();
	return 0;
}

static inline int in_child(void (*fn)(void))
{
	int ret = outcome(start_child(fn));

	for (int i = 1; i < TRIES && ret == CHILD_HUNG; i++)
		ret = outcome(start_child(fn));
	return ret;
}

#define IN_CHILD(fn)	in_child(fn)

/* outcome() of a child that was forked where nobody can fork another: the whole test again. */
#define EXPECT_ENDS_WELL(outcome)					\
	do {								\
		int outcome_ = (outcome);				\
									\
		if (outcome_ == CHILD_HUNG && _metadata->attempt < TRIES) \
			TEST_AGAIN();					\
		EXPECT_EQ(0, outcome_);					\
	} while (0)

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

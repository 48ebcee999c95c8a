// SPDX-License-Identifier: MIT
/*
 * log_sink.c - the one place where the log leaves the library
 *
 * Standard error, one write(2) per message, each line with a time stamp and, on
 * a terminal, in the colour of its level; or a function of the user's.
 *
 * The user's function is called without any lock: it may log, queue work, or
 * take locks of its own. It is published with a generation, whose low bit says
 * which of two counters its callers use, so that replacing it can wait for the
 * last caller of the old one.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/export.h>
#include <linux/printk.h>
#include <uwq/log.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/printk_internal.h"

typedef void (*sink_fn)(int level, const char *text, size_t len, void *arg);

static unsigned long long loaded_ns;	/* set before main() */

/*
 * Readers: count in calls[gen & 1], look at gen again, use sink[gen & 1], count
 * out. The setter fills the other half, raises gen, waits for its old half.
 * SINK/1 (reader): raise calls, then read gen. Pairs with SINK/2 (setter): raise
 * gen, then read calls. Forbids: a reader uses a half that the setter saw empty.
 */
static struct {
	struct futex_lock lock;		/* setters only */
	unsigned int	  gen;		/* atomic */
	int		  calls[2];	/* atomic */
	sink_fn		  fn[2];	/* atomic */
	void		 *arg[2];	/* atomic */
} sink;

/* Calls of a sink that this thread is in: what it logs there goes to standard error. */
static __thread int in_sink __attribute__((__tls_model__("initial-exec")));
/* ... and the counter that says so. */
static __thread unsigned int my_half __attribute__((__tls_model__("initial-exec")));

static unsigned long long clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long long)ts.tv_sec * 1000000000 + (unsigned long long)ts.tv_nsec;
}

__attribute__((__constructor__(101))) static void note_load_time(void)
{
	loaded_ns = clock_ns();
}

unsigned long long log_now_ns(void)
{
	/* never so small that "50 ms ago" wraps */
	return clock_ns() - loaded_ns + 1000000000;
}

static bool use_colours(void)
{
	static int answer;	/* atomic: 0 not asked, 1 no, 2 yes */
	int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);

	if (!known) {
		known = isatty(STDERR_FILENO) && !getenv("NO_COLOR") ? 2 : 1;
		__atomic_store_n(&answer, known, __ATOMIC_RELAXED);
	}
	return known == 2;
}

static const char *level_colour(int level)
{
	static const char *const colours[] = {
		"\033[1;31m", "\033[1;31m", "\033[1;31m", "\033[31m", "\033[33m", "\033[1m",
	};

	return level < (int)(sizeof(colours) / sizeof(colours[0])) ? colours[level] : "";
}

/* All of it, whatever the descriptor is; a reader who does not read for a second loses it. */
static void write_all(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, text, len);
		struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (poll(&room, 1, 1000) <= 0)
				return;
		} else if (errno != EINTR) {
			return;
		}
	}
}

/* Stamp and colour in front of a line; returns the length. */
static size_t line_prefix(char *to, size_t size, int level, unsigned long long ns)
{
	bool colours = use_colours();

	return (size_t)scnprintf(to, size, "%s[%5llu.%06llu]%s %s", colours ? "\033[32m" : "",
				 ns / 1000000000, ns / 1000 % 1000000, colours ? "\033[0m" : "",
				 colours ? level_colour(level) : "");
}

static void write_stderr(int level, const char *text, size_t len)
{
	const char *const end = text + len;
	const char *const line_end = use_colours() ? "\033[0m\n" : "\n";
	char out[6144];	/* a whole stack trace */
	char prefix[64];
	size_t prefix_len = line_prefix(prefix, sizeof(prefix), level, clock_ns() - loaded_ns);
	size_t tail_len = strlen(line_end);
	size_t at = 0;

	for (;;) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);

		if (at && at + prefix_len + n + tail_len > sizeof(out)) {
			write_all(out, at);
			at = 0;
		}
		memcpy(out + at, prefix, prefix_len);
		memcpy(out + at + prefix_len, text, n);
		memcpy(out + at + prefix_len + n, line_end, tail_len);
		at += prefix_len + n + tail_len;
		if (!newline)
			break;
		text = newline + 1;
	}
	write_all(out, at);
}

/* False: there is no sink. */
static bool call_sink(int level, const char *text, size_t len)
{
	unsigned int gen = __atomic_load_n(&sink.gen, __ATOMIC_ACQUIRE);
	sink_fn fn;

	for (;;) {
		unsigned int now;

		__atomic_fetch_add(&sink.calls[gen & 1], 1, __ATOMIC_SEQ_CST);	/* SINK/1 */
		now = __atomic_load_n(&sink.gen, __ATOMIC_SEQ_CST);
		if (now == gen)
			break;
		__atomic_fetch_sub(&sink.calls[gen & 1], 1, __ATOMIC_RELEASE);
		gen = now;
	}
	fn = __atomic_load_n(&sink.fn[gen & 1], __ATOMIC_RELAXED);
	if (fn) {
		my_half = gen & 1;
		in_sink++;
		fn(level, text, len, __atomic_load_n(&sink.arg[gen & 1], __ATOMIC_RELAXED));
		in_sink--;
	}
	__atomic_fetch_sub(&sink.calls[gen & 1], 1, __ATOMIC_RELEASE);
	return fn != NULL;
}

void log_emit(int level, const char *text, size_t len)
{
	if (in_sink || !call_sink(level, text, len))
		write_stderr(level, text, len);
}

/**
 * uwq_set_log_sink - send the log somewhere else
 * @fn: gets every message; NULL = standard error. See uwq/log.h for what it may do
 * @arg: given to @fn
 *
 * Context: may sleep; not with a lock held that the previous sink takes. From a
 * sink it does not wait for callers of the previous one.
 */
void uwq_set_log_sink(sink_fn fn, void *arg)
{
	struct timespec pause = { .tv_nsec = 100000 };
	unsigned int gen;

	futex_lock(&sink.lock);
	gen = sink.gen + 1;
	/* a caller from inside a sink may have left callers in the half we fill */
	while (!in_sink && __atomic_load_n(&sink.calls[gen & 1], __ATOMIC_ACQUIRE))
		nanosleep(&pause, NULL);
	__atomic_store_n(&sink.fn[gen & 1], fn, __ATOMIC_RELAXED);
	__atomic_store_n(&sink.arg[gen & 1], arg, __ATOMIC_RELAXED);
	__atomic_store_n(&sink.gen, gen, __ATOMIC_SEQ_CST);	/* SINK/2 */
	futex_unlock(&sink.lock);
	/* the next setter waits for the same half: its success is ours */
	while (!in_sink && __atomic_load_n(&sink.calls[!(gen & 1)], __ATOMIC_SEQ_CST) &&
	       __atomic_load_n(&sink.gen, __ATOMIC_ACQUIRE) == gen)
		nanosleep(&pause, NULL);
}
EXPORT_SYMBOL(uwq_set_log_sink);

/* Its lock is held while a sink of the user's runs: not waited for. Other callers are gone. */
void log_sink_fork(enum fork_step step)
{
	if (step != FORK_CHILD)
		return;
	futex_lock_init(&sink.lock);
	sink.calls[0] = 0;
	sink.calls[1] = 0;
	if (in_sink)
		sink.calls[my_half] = 1;
}

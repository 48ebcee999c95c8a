/* SPDX-License-Identifier: MIT */
/*
 * printk_internal.h - the log behind printk(): printk.c makes lines, log_sink.c
 * shows them
 */
#ifndef UWQ_KERNEL_COMPAT_PRINTK_INTERNAL_H
#define UWQ_KERNEL_COMPAT_PRINTK_INTERNAL_H

#include <stddef.h>

/* Nanoseconds since the library was loaded: the log's own clock, never faked. */
unsigned long long log_now_ns(void);

/*
 * A line that nobody continued for so long is shown as it is; up to a second.
 * A variable, so that tests need not be punctual.
 */
extern unsigned long long log_stale_ns;

/*
 * Show a message without its final newline. Text is NUL-terminated. Goes to the
 * user's sink, or to standard error in one write. Keeps no lock; may change errno.
 */
void log_emit(int level, const char *text, size_t len);

/*
 * A report of many lines that shall stay together, larger than a message may be.
 * Filled without allocating, shown in one piece; what does not fit is cut off.
 */
struct report {
	size_t len;
	char   text[4096];
};

void report_add(struct report *report, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
/* CPU, thread, and the stack from the frame with return address @caller on. */
void report_add_stack(struct report *report, const void *caller);
void report_show(struct report *report, int level);

/*
 * Show the line that the calling thread left without newline, if any. For places
 * where a thread is done with somebody's function and may be silent for long.
 */
void log_flush_current(void);

#endif

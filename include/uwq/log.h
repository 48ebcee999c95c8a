/* SPDX-License-Identifier: MIT */
/*
 * log.h - where printk() goes
 */
#ifndef UWQ_LOG_H
#define UWQ_LOG_H

#include <stddef.h>
#include <uwq/api.h>

UWQ_API_BEGIN
/*
 * @sink gets every message that the console level lets through instead of
 * standard error: the level (0 to 7) and the text, ended by NUL, without level
 * mark, time stamp or final newline; a message may hold newlines inside.
 * NULL goes back to standard error.
 *
 * The sink runs in the thread that logs, which may hold locks and may be a
 * worker, a timer or an RCU callback; several threads may be in it at once. No
 * lock of the library is held for its sake: it may queue work. It must not
 * wait for work. What it logs itself goes to standard error. When this function
 * returns, no thread but the caller's own is in the previous sink any more.
 */
void uwq_set_log_sink(void (*sink)(int level, const char *text, size_t len, void *arg),
		      void *arg);

/* Prints every line that still waits for its pr_cont(). */
void uwq_log_flush(void);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * warn.h - what a program may know and decide about WARN(), BUG() and panic()
 */
#ifndef UWQ_WARN_H
#define UWQ_WARN_H

#include <uwq/api.h>

UWQ_API_BEGIN
/* Hits of every WARN in the process so far, printed or not. */
unsigned long uwq_warn_count(void);

/* Lets every WARN, *_once() and DO_ONCE*() in the process speak once more. */
void uwq_warn_reset_once(void);

/*
 * @hook runs first in panic(), in the thread that panicked, with the message;
 * NULL removes it. It may end the process in its own way; when it returns, the
 * stack is printed and the process aborted.
 */
void uwq_set_panic_hook(void (*hook)(const char *message, void *arg), void *arg);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * warn.h - what a program may know and decide about WARN(), BUG() and panic()
 */
#ifndef UWQ_WARN_H
#define UWQ_WARN_H

#include <uwq/api.h>

UWQ_API_BEGIN
unsigned long uwq_warn_count(void);
void uwq_warn_reset_once(void);
void uwq_set_panic_hook(void (*hook)(const char *message, void *arg), void *arg);
UWQ_API_END

#endif

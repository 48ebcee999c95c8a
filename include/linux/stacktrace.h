/* SPDX-License-Identifier: MIT */
/*
 * stacktrace.h - who called
 */
#ifndef UWQ_LINUX_STACKTRACE_H
#define UWQ_LINUX_STACKTRACE_H

#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
/*
 * Return addresses of the calling thread into @store, innermost first, without
 * the @skipnr innermost frames; how many were stored. Any context; takes no lock.
 */
unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skipnr);
void stack_trace_print(const unsigned long *entries, unsigned int nr_entries, int spaces);
int stack_trace_snprint(char *buf, size_t size, const unsigned long *entries,
			unsigned int nr_entries, int spaces);
UWQ_API_END

#endif

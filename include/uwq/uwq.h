/* SPDX-License-Identifier: MIT */
/*
 * uwq.h - what a program that links the library says to it at start and end
 *
 * Kernel code inside a program marks its beginnings with module_init() and the
 * initcalls of linux/init.h. Linking starts none of them: the program calls
 * uwq_run_initcalls(), each shared object for its own code.
 */
#ifndef UWQ_UWQ_H
#define UWQ_UWQ_H

#include <linux/init.h>
#include <uwq/api.h>

#ifndef MODULE

UWQ_API_BEGIN
int __uwq_run_initcalls(const struct uwq_initcall *begin, const struct uwq_initcall *end);
void __uwq_run_exitcalls(const struct uwq_initcall *begin, const struct uwq_initcall *end);

/* The linker's names for the table of the object that this file ends up in */
extern const struct uwq_initcall __start_uwq_initcalls[]
	__attribute__((__weak__, __visibility__("hidden")));
extern const struct uwq_initcall __stop_uwq_initcalls[]
	__attribute__((__weak__, __visibility__("hidden")));
UWQ_API_END

/**
 * uwq_run_initcalls - run the initcalls of this object by level, in link order within one
 *
 * Context: as __uwq_run_initcalls().
 * Return: the same.
 */
static inline int uwq_run_initcalls(void)
{
	return __uwq_run_initcalls(__start_uwq_initcalls, __stop_uwq_initcalls);
}

/**
 * uwq_run_exitcalls - run the module_exit() functions of this object, last one linked first
 *
 * Context: as __uwq_run_exitcalls().
 */
static inline void uwq_run_exitcalls(void)
{
	__uwq_run_exitcalls(__start_uwq_initcalls, __stop_uwq_initcalls);
}

#endif
#endif

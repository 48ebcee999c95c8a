/* SPDX-License-Identifier: MIT */
/*
 * coroutine.h - functions that stop in the middle and are continued later
 *
 * A small implementation on ucontext for programs that have none: each coroutine has a
 * stack of its own, with a page below it that must not be touched. thread_pool_submit_co()
 * uses these unless it is given the hooks of another library.
 *
 * A coroutine runs in the thread that enters it, until it yields or returns; then the call
 * that entered it returns. It may enter others. After it has returned it is freed. One that
 * never gets that far is lost with its stack. If it is continued in another thread, it must
 * not rely on what a compiler takes to be the same throughout a function: errno,
 * pthread_self(), addresses of a thread's variables.
 *
 * The names and prototypes are those of QEMU 2.1. For C and C++.
 */
#ifndef UWQ_COROUTINE_H
#define UWQ_COROUTINE_H

#include <stdbool.h>

#include <uwq/api.h>

/* Marks functions that may yield, for the reader. */
#define coroutine_fn

typedef struct Coroutine Coroutine;
typedef void CoroutineEntry(void *opaque);

UWQ_API_BEGIN
Coroutine *qemu_coroutine_create(CoroutineEntry *entry);
void qemu_coroutine_enter(Coroutine *co, void *opaque);
void qemu_coroutine_yield(void);
Coroutine *qemu_coroutine_self(void);
bool qemu_in_coroutine(void);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * poison.h - values that mark what must not be used any more
 *
 * The addresses are not canonical on x86-64 and mapped nowhere: following a
 * stale list pointer faults at once, on an address that names the reason.
 */
#ifndef UWQ_LINUX_POISON_H
#define UWQ_LINUX_POISON_H

#define POISON_POINTER_DELTA	0xdead000000000000UL

/* left behind by list_del() and hlist_del() */
#define LIST_POISON1	((void *)(0x100 + POISON_POINTER_DELTA))
#define LIST_POISON2	((void *)(0x122 + POISON_POINTER_DELTA))

#define TIMER_ENTRY_STATIC	((void *)(0x300 + POISON_POINTER_DELTA))

/* bytes in freed and in not yet initialised objects */
#define POISON_INUSE	0x5a
#define POISON_FREE	0x6b
#define POISON_END	0xa5

#endif

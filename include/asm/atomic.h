/* SPDX-License-Identifier: MIT */
/* asm/atomic.h - the old home of atomic_t; all of it is in linux/atomic.h */
#ifndef UWQ_ASM_ATOMIC_H
#define UWQ_ASM_ATOMIC_H

#include <linux/atomic.h>

#endif

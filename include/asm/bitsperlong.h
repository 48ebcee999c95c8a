/* SPDX-License-Identifier: MIT */
/*
 * asm/bitsperlong.h - BITS_PER_LONG under the name of its own header
 */
#ifndef UWQ_ASM_BITSPERLONG_H
#define UWQ_ASM_BITSPERLONG_H

#include_next <asm/bitsperlong.h>
#include <asm/types.h>

#endif

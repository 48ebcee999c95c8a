/* SPDX-License-Identifier: MIT */
/* wordpart.h - halves of a word, and one byte repeated all over it */
#ifndef UWQ_LINUX_WORDPART_H
#define UWQ_LINUX_WORDPART_H

#include <linux/types.h>

#define upper_32_bits(n)	((u32)((u64)(n) >> 32))
#define lower_32_bits(n)	((u32)((n) & 0xffffffff))
#define upper_16_bits(n)	((u16)((n) >> 16))
#define lower_16_bits(n)	((u16)((n) & 0xffff))
#define REPEAT_BYTE(x)		((~0UL / 0xff) * (x))
#define REPEAT_BYTE_U32(x)	lower_32_bits(REPEAT_BYTE(x))

#endif

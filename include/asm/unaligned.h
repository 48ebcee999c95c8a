/* SPDX-License-Identifier: MIT */
/* asm/unaligned.h - where linux/unaligned.h lived before Linux 6.12 */
#ifndef UWQ_ASM_UNALIGNED_H
#define UWQ_ASM_UNALIGNED_H

#include <linux/unaligned.h>

#endif

/* SPDX-License-Identifier: MIT */
/* asm/byteorder.h - this machine's byte order and conversions to and from it */
#ifndef UWQ_ASM_BYTEORDER_H
#define UWQ_ASM_BYTEORDER_H

#include_next <asm/byteorder.h>
#include <linux/swab.h>
#include <linux/byteorder/generic.h>

#endif

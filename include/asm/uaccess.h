/* SPDX-License-Identifier: MIT */
/*
 * asm/uaccess.h - copying to and from user memory, under the name of older code
 */
#ifndef UWQ_ASM_UACCESS_H
#define UWQ_ASM_UACCESS_H

#include <linux/uaccess.h>

#endif

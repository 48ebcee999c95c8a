/* SPDX-License-Identifier: MIT */
/*
 * bug.h - asm/bug.h: the machine's part of BUG() and WARN(); here nothing is
 * the machine's, everything is in linux/bug.h
 */
#ifndef UWQ_ASM_BUG_H
#define UWQ_ASM_BUG_H

#include <linux/bug.h>

#endif

/* SPDX-License-Identifier: MIT */
/* linux/const.h - constants for C and assembly: UL(), ULL() */
#ifndef UWQ_LINUX_CONST_H
#define UWQ_LINUX_CONST_H

#include_next <linux/const.h>

#define UL(x)	_UL(x)
#define ULL(x)	_ULL(x)

#endif

/* SPDX-License-Identifier: MIT */
/*
 * asm/param.h - HZ, ticks a second
 *
 * libc's sys/param.h gets here too, and leaves an HZ alone that is there.
 */
#ifndef UWQ_ASM_PARAM_H
#define UWQ_ASM_PARAM_H

#include <linux/kconfig.h>

#define HZ		CONFIG_HZ
#define USER_HZ		100
#include_next <asm/param.h>

#endif

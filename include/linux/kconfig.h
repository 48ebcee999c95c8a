/* SPDX-License-Identifier: MIT */
/*
 * kconfig.h - the fixed configuration of this kernel, and how to ask for it
 *
 * Included by compiler.h and types.h, so every header of ours sees it. An
 * option is "y" when it is defined as 1 here; all others are unset, and
 * IS_ENABLED() of an unknown option is 0 as in Linux.
 *
 * Differs from Linux: nothing is a module (=m), because one library holds all.
 */
#ifndef UWQ_LINUX_KCONFIG_H
#define UWQ_LINUX_KCONFIG_H

#if !defined(__LP64__)
#error "uwq supports 64-bit (LP64) systems only"
#endif

#define CONFIG_64BIT		1
#define CONFIG_SMP		1
#define CONFIG_NUMA		1
#define CONFIG_MODULES		1
#define CONFIG_PRINTK		1
#define CONFIG_BUG		1
#define CONFIG_HZ		1000
#define CONFIG_HZ_1000		1
#define CONFIG_HIGH_RES_TIMERS	1
#define CONFIG_NR_CPUS		1024
#define CONFIG_NODES_SHIFT	6
#define CONFIG_STACKTRACE	1

/* For sources that must know in which of the two worlds they are compiled. */
#define __UWQ__			1

/*
 * UWQ_CFG_MARK_1 is the only mark that exists, and it holds a comma: pasting a
 * value of 1 shifts the wanted "1" to the second place, anything else leaves
 * the "0" there.
 */
#define UWQ_CFG_MARK_1			~,
#define UWQ_CFG_SECOND(a, b, ...)	b
#define UWQ_CFG_CHOOSE(mark)		UWQ_CFG_SECOND(mark 1, 0, 0)
#define UWQ_CFG_PASTE(value)		UWQ_CFG_CHOOSE(UWQ_CFG_MARK_##value)
#define UWQ_CFG_IS_ONE(value)		UWQ_CFG_PASTE(value)

#define IS_BUILTIN(option)	UWQ_CFG_IS_ONE(option)
#define IS_MODULE(option)	UWQ_CFG_IS_ONE(option##_MODULE)
/* Both sides are literal 0 or 1: usable in #if as well as in C. */
#define IS_ENABLED(option)	(UWQ_CFG_IS_ONE(option) || UWQ_CFG_IS_ONE(option##_MODULE))
#define IS_REACHABLE(option)	IS_ENABLED(option)

#endif

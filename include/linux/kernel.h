/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - the umbrella over what nearly all kernel code uses
 *
 * libc's sys/sysinfo.h includes this name for struct sysinfo. It gets the
 * system's header and no more, so that min() and its like do not come over a
 * program that never asked for them; a later include of one's own brings all.
 *
 * Differs from Linux: no tracing (trace_printk, tracing_off).
 */
#include_next <linux/kernel.h>

#if defined(_SYS_SYSINFO_H) && !defined(UWQ_LINUX_KERNEL_FOR_LIBC) && !defined(UWQ_LINUX_KERNEL_H)
#define UWQ_LINUX_KERNEL_FOR_LIBC
#elif !defined(UWQ_LINUX_KERNEL_H)
#define UWQ_LINUX_KERNEL_H
#define UWQ_LINUX_KERNEL_FOR_LIBC

#include <linux/stdarg.h>
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/limits.h>
#include <linux/linkage.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/bitops.h>
#include <linux/hex.h>
#include <linux/kstrtox.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/typecheck.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/build_bug.h>
#include <linux/sprintf.h>
#include <linux/instruction_pointer.h>
#include <linux/util_macros.h>
#include <linux/wordpart.h>
#include <asm/byteorder.h>
#include <uwq/might_sleep.h>
#include <uwq/api.h>

#define STACK_MAGIC	0xdeadbeef

/* The same address in the one address space there is. */
#define u64_to_user_ptr(x)	((void __user *)(uintptr_t)(u64)(x))

#define PTR_IF(cond, ptr)	((cond) ? (ptr) : NULL)

UWQ_API_BEGIN
/* A number with k, m, g, t, p or e behind it; *@retptr is what follows. */
unsigned long long memparse(const char *ptr, char **retptr);
/* One number of a list: 0 none, 1 the last, 2 more follow, 3 a range follows. */
int get_option(char **str, int *pint);
/* A list such as 1,4-6 into @ints; ints[0] becomes their number. */
char *get_options(const char *str, int nints, int *ints);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * uaccess.h - memory that somebody else vouches for
 *
 * Kernel and user share one address space here, but the promise is kept: a bad
 * address ends in -EFAULT or a count of bytes not copied, never in a fault.
 *
 * Differs from Linux: every address of the process is a user address, so that a
 * kernel buffer passed by mistake is not noticed. Each call costs a system call.
 */
#ifndef UWQ_LINUX_UACCESS_H
#define UWQ_LINUX_UACCESS_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long clear_user(void __user *to, unsigned long n);
long strncpy_from_user(char *dst, const char __user *src, long count);
long strnlen_user(const char __user *str, long n);
bool uwq_access_ok(const void __user *addr, unsigned long size);

UWQ_API_END

#define access_ok(addr, size)		uwq_access_ok((addr), (size))
#define __copy_from_user(to, from, n)	copy_from_user(to, from, n)
#define __copy_to_user(to, from, n)	copy_to_user(to, from, n)
#define __clear_user(to, n)		clear_user(to, n)

/* 0, or -EFAULT: then get_user() stores 0 in @x */
#define get_user(x, ptr) __extension__						\
({										\
	__typeof__(*(ptr)) uwq_got;						\
	int uwq_ret = copy_from_user(&uwq_got, (ptr), sizeof(uwq_got)) ? -EFAULT : 0; \
	(x) = (__typeof__(x))uwq_got;						\
	uwq_ret;								\
})
#define put_user(x, ptr) __extension__						\
({										\
	__typeof__(*(ptr)) uwq_put = (__typeof__(*(ptr)))(x);			\
	copy_to_user((ptr), &uwq_put, sizeof(uwq_put)) ? -EFAULT : 0;		\
})
#define __get_user(x, ptr)	get_user(x, ptr)
#define __put_user(x, ptr)	put_user(x, ptr)

#endif

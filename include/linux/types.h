/* SPDX-License-Identifier: MIT */
/*
 * types.h - the kernel's basic types
 *
 * Names that libc has as well (size_t, pid_t, loff_t, uint32_t, ...) are the
 * same types as libc's, so both can be included in any order. libc is asked
 * for type names alone: its sys/types.h would also bring in select(), and
 * define both __BIG_ENDIAN and __LITTLE_ENDIAN, which kernel code tells apart
 * with #ifdef.
 *
 * Differs from Linux: dev_t is libc's 64-bit type, uint64_t and int64_t are
 * `long` (print them with %lu, or use u64 and s64, which are long long).
 */
#ifndef UWQ_LINUX_TYPES_H
#define UWQ_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <linux/kconfig.h>
#include <asm/types.h>

#if __has_include(<bits/types.h>)
#include <bits/types.h>
typedef __ssize_t	ssize_t;
typedef __off_t		off_t;
typedef __loff_t	loff_t;
typedef __pid_t		pid_t;
typedef __uid_t		uid_t;
typedef __gid_t		gid_t;
typedef __dev_t		dev_t;
typedef __ino_t		ino_t;
typedef __mode_t	mode_t;
typedef __nlink_t	nlink_t;
typedef __time_t	time_t;
typedef __clock_t	clock_t;
typedef __clockid_t	clockid_t;
typedef __timer_t	timer_t;
typedef __key_t		key_t;
typedef __suseconds_t	suseconds_t;
typedef __blkcnt_t	blkcnt_t;
typedef __caddr_t	caddr_t;
typedef unsigned char	u_char;
typedef unsigned short	u_short;
typedef unsigned int	u_int;
typedef unsigned long	u_long;
typedef unsigned short	ushort;
typedef unsigned int	uint;
typedef unsigned long	ulong;
#else
#include <sys/types.h>
#endif

typedef unsigned char		unchar;
typedef unsigned long long	ullong;
typedef unsigned short		umode_t;

#define aligned_u64	__aligned_u64
#define aligned_be64	__aligned_be64
#define aligned_le64	__aligned_le64

typedef u64		sector_t;
typedef u64		dma_addr_t;
typedef u64		phys_addr_t;
typedef phys_addr_t	resource_size_t;
typedef unsigned long	pgoff_t;
typedef unsigned long	irq_hw_number_t;
typedef unsigned int	gfp_t;
typedef unsigned int	slab_flags_t;
typedef unsigned int	fmode_t;
typedef s64		ktime_t;
typedef s64		time64_t;

typedef struct {
	int counter;
} atomic_t;

/* Aligned by hand: some 64-bit fields of UAPI structs are not. */
typedef struct {
	s64 counter __attribute__((__aligned__(8)));
} atomic64_t;

#define ATOMIC_INIT(i)		{ (i) }
#define ATOMIC64_INIT(i)	{ (i) }

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

/* pprev points at whatever pointer points here, so unlinking needs no head. */
struct hlist_node {
	struct hlist_node *next, **pprev;
};

/* What call_rcu() needs inside an object; also queued by other subsystems. */
struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
} __attribute__((__aligned__(sizeof(void *))));
#define rcu_head callback_head

typedef void (*rcu_callback_t)(struct rcu_head *head);
typedef void (*call_rcu_func_t)(struct rcu_head *head, rcu_callback_t func);

typedef void (*swap_func_t)(void *a, void *b, int size);
typedef void (*swap_r_func_t)(void *a, void *b, int size, const void *priv);
typedef int (*cmp_func_t)(const void *a, const void *b);
typedef int (*cmp_r_func_t)(const void *a, const void *b, const void *priv);

#endif

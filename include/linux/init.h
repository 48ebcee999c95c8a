/* SPDX-License-Identifier: MIT */
/*
 * init.h - where a module or a part of a program begins and ends
 *
 * In a module (MODULE defined) every kind of initcall is the module's init
 * function, run when the module is loaded. In a program the calls are collected
 * by level, and run when the program asks: uwq_run_initcalls() in uwq/uwq.h.
 * Not by a constructor: linking must start nothing, and an initcall may want
 * what main() prepares.
 *
 * Differs from Linux: nothing is discarded after start-up, so that __init and
 * its relatives only tell the compiler that the code is cold. A call of an
 * __init function after init works here and is a bug in a kernel.
 */
#ifndef UWQ_LINUX_INIT_H
#define UWQ_LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <uwq/section.h>

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

#define __init		__attribute__((__cold__))
#define __exit		__attribute__((__cold__))
#define __initdata
#define __initconst
#define __exitdata
#define __ref
#define __refdata
#define __refconst
#define __meminit
#define __meminitdata
#define __net_init
#define __net_exit
#define __init_or_module
#define __initdata_or_module
#define __initconst_or_module

/* The wrong kind of function is an error here, not a crash later */
#define UWQ_CHECK_INITCALL(fn)							\
	_Static_assert(__builtin_types_compatible_p(__typeof__(fn), int(void)),	\
		       #fn " is not of the form int " #fn "(void)");
#define UWQ_CHECK_EXITCALL(fn)							\
	_Static_assert(__builtin_types_compatible_p(__typeof__(fn), void(void)), \
		       #fn " is not of the form void " #fn "(void)");

#ifdef MODULE

/* Old code defines these two itself, without module_init() and module_exit() */
int init_module(void);
void cleanup_module(void);

/*
 * Where the loader looks first. Both macros work with and without a semicolon
 * after them: existing code has both.
 */
extern const initcall_t uwq_module_init_call;
extern const exitcall_t uwq_module_exit_call;

#define module_init(fn)								\
	UWQ_CHECK_INITCALL(fn)							\
	const initcall_t uwq_module_init_call = fn;
#define module_exit(fn)								\
	UWQ_CHECK_EXITCALL(fn)							\
	const exitcall_t uwq_module_exit_call = fn;

#define early_initcall(fn)		module_init(fn)
#define pure_initcall(fn)		module_init(fn)
#define core_initcall(fn)		module_init(fn)
#define core_initcall_sync(fn)		module_init(fn)
#define postcore_initcall(fn)		module_init(fn)
#define postcore_initcall_sync(fn)	module_init(fn)
#define arch_initcall(fn)		module_init(fn)
#define arch_initcall_sync(fn)		module_init(fn)
#define subsys_initcall(fn)		module_init(fn)
#define subsys_initcall_sync(fn)	module_init(fn)
#define fs_initcall(fn)			module_init(fn)
#define fs_initcall_sync(fn)		module_init(fn)
#define rootfs_initcall(fn)		module_init(fn)
#define device_initcall(fn)		module_init(fn)
#define device_initcall_sync(fn)	module_init(fn)
#define late_initcall(fn)		module_init(fn)
#define late_initcall_sync(fn)		module_init(fn)
#define console_initcall(fn)		module_init(fn)
#define __initcall(fn)			module_init(fn)

#else

/* One call of a program; the section holds those of one linked object */
struct uwq_initcall {
	const char *name;
	initcall_t init;	/* NULL: an exit call */
	exitcall_t exit;	/* NULL: an initcall */
	int level;		/* ten times the kernel's digit, _sync adds five */
};

#define UWQ_INITCALL_ENTRY(fn, init, exit, level)				\
	static const struct uwq_initcall UWQ_INITCALL_NAME(fn, level)		\
	UWQ_SECTION_ENTRY("uwq_initcalls", __alignof__(struct uwq_initcall)) =	\
		{ #fn, init, exit, level };
#define UWQ_INITCALL_NAME(fn, level)	uwq_initcall_ ## level ## _ ## fn

#define UWQ_INITCALL(fn, level)							\
	UWQ_CHECK_INITCALL(fn)							\
	UWQ_INITCALL_ENTRY(fn, fn, (exitcall_t)0, level)

#define pure_initcall(fn)		UWQ_INITCALL(fn, 0)
#define early_initcall(fn)		UWQ_INITCALL(fn, 1)
#define core_initcall(fn)		UWQ_INITCALL(fn, 10)
#define core_initcall_sync(fn)		UWQ_INITCALL(fn, 15)
#define postcore_initcall(fn)		UWQ_INITCALL(fn, 20)
#define postcore_initcall_sync(fn)	UWQ_INITCALL(fn, 25)
#define arch_initcall(fn)		UWQ_INITCALL(fn, 30)
#define arch_initcall_sync(fn)		UWQ_INITCALL(fn, 35)
#define subsys_initcall(fn)		UWQ_INITCALL(fn, 40)
#define subsys_initcall_sync(fn)	UWQ_INITCALL(fn, 45)
#define fs_initcall(fn)			UWQ_INITCALL(fn, 50)
#define fs_initcall_sync(fn)		UWQ_INITCALL(fn, 55)
#define rootfs_initcall(fn)		UWQ_INITCALL(fn, 57)
#define device_initcall(fn)		UWQ_INITCALL(fn, 60)
#define device_initcall_sync(fn)	UWQ_INITCALL(fn, 65)
#define late_initcall(fn)		UWQ_INITCALL(fn, 70)
#define late_initcall_sync(fn)		UWQ_INITCALL(fn, 75)
#define __initcall(fn)			device_initcall(fn)
#define __exitcall(fn)								\
	UWQ_CHECK_EXITCALL(fn)							\
	UWQ_INITCALL_ENTRY(fn, (initcall_t)0, fn, 0)

#define module_init(fn)			device_initcall(fn)
#define module_exit(fn)			__exitcall(fn)

#endif
#endif

/* SPDX-License-Identifier: MIT */
/*
 * module.h - what a module says about itself, and references to modules
 *
 * An umbrella, as in Linux: much code includes nothing else for lists, locks, waits,
 * printk, errno values, work items and memory. The loader's side is uwq/module.h.
 *
 * Differs from Linux: a module is a shared object in the process. Its symbols
 * are seen by other modules only if exported when `uwq build` or `uwq run` made
 * it; MODULE_LICENSE() restricts nothing, and neither does a symbol namespace.
 */
#ifndef UWQ_LINUX_MODULE_H
#define UWQ_LINUX_MODULE_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/notifier.h>
#include <linux/once.h>
#include <linux/percpu-rwsem.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/ratelimit.h>
#include <linux/rbtree.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/swait.h>
#include <linux/sysfs.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/uuid.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

/* Texts for people; `uwq modinfo` prints them */
#define MODULE_LICENSE(text)		MODULE_INFO(license, text)
#define MODULE_AUTHOR(text)		MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text)	MODULE_INFO(description, text)
#define MODULE_VERSION(text)		MODULE_INFO(version, text)
#define MODULE_ALIAS(text)		MODULE_INFO(alias, text)
#define MODULE_SOFTDEP(text)		MODULE_INFO(softdep, text)
#define MODULE_FIRMWARE(text)		MODULE_INFO(firmware, text)
/* Linux takes an identifier before 6.13 and a string since; __stringify serves the first */
#define MODULE_IMPORT_NS(ns)		MODULE_INFO(import_ns, UWQ_NS_TEXT(ns))
#define UWQ_NS_TEXT(ns)			__stringify(ns)
/*
 * The table stays in the module's own data. No bus asks for a driver here, so
 * nobody would read an index of it.
 */
#define MODULE_DEVICE_TABLE(type, name)						\
	extern __typeof__(name) name __attribute__((__unused__))

#define MODULE_ABI	1

enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
	MODULE_STATE_GOING,
	MODULE_STATE_UNFORMED,
};

/*
 * Fields down to refcnt are named as in Linux. L: the loader's list lock;
 * I: set before init runs, then read-only.
 */
struct module {
	enum module_state state;	/* atomic; written under L */
	struct list_head list;		/* L */
	char name[MODULE_NAME_LEN];	/* I */
	const char *version;		/* I: MODULE_VERSION(), or NULL */
	const struct kernel_param *kp;	/* I */
	unsigned int num_kp;		/* I */
	int (*init)(void);		/* I: NULL is allowed */
	void (*exit)(void);		/* I: NULL: cannot be unloaded once it is live */
	atomic_t refcnt;		/* users, -1 while going */

	unsigned int abi;		/* I: MODULE_ABI of the headers it was built with */
	const struct kernel_param *kp_end;	/* I */
	void *handle;			/* I: of dlopen() */
	const char *base;		/* I: where it lies in memory, */
	size_t size;			/* I: from its first to its last segment */
	struct module **uses;		/* I: modules whose symbols it was bound to */
	unsigned int nr_uses;		/* I */
	bool initialized;		/* L: init returned 0 */
};

#ifdef MODULE
/*
 * One per module, however many source files it has: the linker keeps one of the
 * weak copies. Protected, so that a module never gets to see another's.
 */
extern const struct kernel_param __start___param[]
	__attribute__((__weak__, __visibility__("hidden")));
extern const struct kernel_param __stop___param[]
	__attribute__((__weak__, __visibility__("hidden")));
__attribute__((__weak__, __visibility__("protected"))) struct module __this_module = {
	.state = MODULE_STATE_UNFORMED,
	.name = KBUILD_MODNAME,
	.abi = MODULE_ABI,
	.kp = __start___param,
	.kp_end = __stop___param,
};
#define THIS_MODULE	(&__this_module)
#else
#define THIS_MODULE	((struct module *)0)
#endif

UWQ_API_BEGIN

bool try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);
int module_refcount(struct module *module);

struct module *find_module(const char *name);
struct module *__module_address(unsigned long addr);
bool is_module_address(unsigned long addr);
bool within_module(unsigned long addr, const struct module *mod);

void __noreturn __module_put_and_kthread_exit(struct module *mod, long code);

UWQ_API_END

#define module_put_and_kthread_exit(code)	__module_put_and_kthread_exit(THIS_MODULE, code)

static inline bool module_is_live(struct module *mod)
{
	return __atomic_load_n(&mod->state, __ATOMIC_ACQUIRE) != MODULE_STATE_GOING;
}

/* "kernel" for code that belongs to a program */
#define module_name(mod)						\
	__extension__ ({						\
		struct module *module_name_of = (mod);			\
		module_name_of ? module_name_of->name : "kernel";	\
	})

#endif

// SPDX-License-Identifier: MIT
/*
 * warn.c - WARN(), BUG() and panic()
 *
 * A WARN is counted always and reported the first time at its place. It may
 * strike anywhere: with any lock held, in a callback, inside the log itself. So
 * nothing here takes a lock or allocates, and what warns while the same thread
 * is reporting is only counted.
 *
 * BUG() says that the calling task must not go on. Linux kills the task and
 * keeps its locks held; here, a thread that the library made is ended in the same
 * way (its worker or kthread accounting is finished by whoever made it, and the
 * rest of the program lives). Any other thread is the program's: it may own
 * anything, a silent end of main() would look like a hang, so that is a panic.
 * As in Linux, BUG() in interrupt context and uwq.panic_on_oops=1 panic too.
 *
 * panic() calls the user's hook, shows the stack, and aborts: the one place in
 * the library that does, and only user code or a parameter leads here.
 *
 * Differs from Linux: WARN() and WARN_ON() report once per place, like the _ONCE
 * forms.
 */
#define _GNU_SOURCE
#define KBUILD_MODNAME "uwq"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <uwq/log.h>
#include <uwq/warn.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/printk_internal.h"

unsigned int uwq_once_generation = 1;
EXPORT_SYMBOL(uwq_once_generation);

int panic_on_warn;
EXPORT_SYMBOL(panic_on_warn);
int panic_on_oops;
EXPORT_SYMBOL(panic_on_oops);
module_param(panic_on_oops, int, 0644);
core_param(panic_on_warn, panic_on_warn, int, 0644);
__module_param_call("uwq.panic_on_", warn, &param_ops_int, &panic_on_warn, 0644, -1, 0);

static unsigned long warnings;	/* atomic */

static struct {
	void (*fn)(const char *message, void *arg);	/* atomic */
	void *arg;					/* set before fn */
} panic_hook;

static int panicking;	/* atomic: thread id of the first that panics */
static __thread bool reporting __attribute__((__tls_model__("initial-exec")));

/**
 * uwq_warn_count - hits of every WARN in the process so far, printed or not
 *
 * Context: Any.
 * Return: how many.
 */
unsigned long uwq_warn_count(void)
{
	return __atomic_load_n(&warnings, __ATOMIC_RELAXED);
}
EXPORT_SYMBOL(uwq_warn_count);

/**
 * uwq_warn_reset_once - let every WARN, *_once() and DO_ONCE*() speak once more
 *
 * Context: Any.
 */
void uwq_warn_reset_once(void)
{
	/* 0 is what fresh places hold */
	if (!__atomic_add_fetch(&uwq_once_generation, 1, __ATOMIC_RELAXED))
		__atomic_add_fetch(&uwq_once_generation, 1, __ATOMIC_RELAXED);
}
EXPORT_SYMBOL(uwq_warn_reset_once);

/**
 * uwq_set_panic_hook - have a function called when the program panics
 * @hook: runs first in panic(), in the thread that panicked, with the message; NULL: none. It
 * 	may end the process in its own way; when it returns, the stack is printed and the
 * 	process aborted
 * @arg: for @hook
 *
 * Context: Any thread, one at a time.
 */
void uwq_set_panic_hook(void (*hook)(const char *message, void *arg), void *arg)
{
	__atomic_store_n(&panic_hook.fn, NULL, __ATOMIC_RELEASE);
	panic_hook.arg = arg;
	__atomic_store_n(&panic_hook.fn, hook, __ATOMIC_RELEASE);
}
EXPORT_SYMBOL(uwq_set_panic_hook);

static void report_warning(const struct uwq_warn_site *site, const void *caller, const char *fmt,
			   va_list *args)
{
	struct report report = { 0 };
	struct va_format vaf = { .fmt = fmt, .va = args };

	report_add(&report, "------------[ cut here ]------------\n");
	report_add(&report, "WARNING: CPU: %d PID: %d at %s:%d %pB\n", raw_smp_processor_id(),
		   (int)gettid(), site->file, site->line, caller);
	report_add(&report, "%pV", &vaf);
	if (report.len && report.text[report.len - 1] != '\n')
		report_add(&report, "\n");
	report_add_stack(&report, caller);
	report_add(&report, "---[ end trace ]---\n");
	report_show(&report, LOGLEVEL_WARNING);
}

/**
 * uwq_warn - behind every WARN whose condition was true
 * @site: the place
 * @fmt: message
 *
 * Context: any. Counts, reports the first time, panics if asked to.
 */
void uwq_warn(struct uwq_warn_site *site, const char *fmt, ...)
{
	int saved = errno;
	va_list args;

	__atomic_fetch_add(&warnings, 1, __ATOMIC_RELAXED);
	if (reporting || !uwq_once(&site->once))
		return;
	reporting = true;
	va_start(args, fmt);
	report_warning(site, __builtin_return_address(0), fmt, &args);
	va_end(args);
	reporting = false;
	/* off first: what panic() calls may warn */
	if (__atomic_exchange_n(&panic_on_warn, 0, __ATOMIC_RELAXED))
		panic("uwq.panic_on_warn is set\n");
	errno = saved;
}
EXPORT_SYMBOL(uwq_warn);

/**
 * panic - end the process
 * @fmt: why
 *
 * Context: any. One thread does it; others that panic meanwhile wait for the end.
 */
void panic(const char *fmt, ...)
{
	void (*hook)(const char *message, void *arg);
	struct report report = { 0 };
	char message[512];
	int none = 0;
	va_list args;

	va_start(args, fmt);
	vscnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (!__atomic_compare_exchange_n(&panicking, &none, (int)gettid(), false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		while (none != (int)gettid())
			pause();
		abort();
	}
	__atomic_store_n(&oops_in_progress, 1, __ATOMIC_RELAXED);
	hook = __atomic_load_n(&panic_hook.fn, __ATOMIC_ACQUIRE);
	if (hook)
		hook(message, panic_hook.arg);
	report_add(&report, "Kernel panic - not syncing: %s", message);
	if (report.text[report.len - 1] != '\n')
		report_add(&report, "\n");
	report_add_stack(&report, __builtin_return_address(0));
	report_add(&report, "---[ end Kernel panic ]---\n");
	report_show(&report, LOGLEVEL_EMERG);
	uwq_log_flush();
	abort();
}
EXPORT_SYMBOL(panic);

/**
 * uwq_bug - behind BUG() and BUG_ON()
 * @file: of the place
 * @line: of the place
 * @func: of the place
 *
 * Context: any. Does not return: see the top of this file.
 */
void uwq_bug(const char *file, int line, const char *func)
{
	struct report report = { 0 };

	report_add(&report, "------------[ cut here ]------------\nkernel BUG at %s:%d! (%s)\n",
		   file, line, func);
	report_add_stack(&report, __builtin_return_address(0));
	report_add(&report, "---[ end trace ]---\n");
	report_show(&report, LOGLEVEL_CRIT);
	if (in_interrupt())
		panic("Fatal exception in interrupt\n");
	if (panic_on_oops || !(current->flags & PF_KTHREAD))
		panic("Fatal exception\n");
	kthread_exit(-EFAULT);
}
EXPORT_SYMBOL(uwq_bug);

/* A panic of another thread ends the parent; the child may have one of its own. */
void warn_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		panicking = 0;
}

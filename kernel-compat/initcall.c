// SPDX-License-Identifier: MIT
/*
 * initcall.c - the beginnings and ends of kernel code inside a program
 *
 * The table is made by linux/init.h in the object that calls; see uwq/uwq.h for
 * the inline functions that pass it here.
 *
 * Differs from Linux: exit functions of built-in code can run, since a program
 * ends more often than a kernel does.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/printk.h>

#include <uwq/uwq.h>

/* Levels are small numbers, see linux/init.h */
#define TOP_LEVEL	75

/**
 * __uwq_run_initcalls - run a table of initcalls
 * @begin: first entry
 * @end: behind the last
 *
 * A call that fails is reported and the next ones run, as in a kernel's boot:
 * one driver that finds no device must not stop the others.
 *
 * Context: May sleep; they run in the calling thread.
 * Return: 0, or the first error that a call returned.
 */
int __uwq_run_initcalls(const struct uwq_initcall *begin, const struct uwq_initcall *end)
{
	int first = 0;

	for (int level = 0; level <= TOP_LEVEL; level++) {
		for (const struct uwq_initcall *call = begin; call < end; call++) {
			int ret;

			if (call->level != level || !call->init)
				continue;
			ret = call->init();
			if (!ret)
				continue;
			pr_warn("initcall %s returned %pe\n", call->name, ERR_PTR(ret));
			if (!first)
				first = ret;
		}
	}
	return first;
}

/**
 * __uwq_run_exitcalls - run a table's exit functions, backwards
 * @begin: first entry
 * @end: behind the last
 *
 * Context: May sleep; they run in the calling thread.
 */
void __uwq_run_exitcalls(const struct uwq_initcall *begin, const struct uwq_initcall *end)
{
	for (const struct uwq_initcall *call = end; call > begin; call--)
		if (call[-1].exit)
			call[-1].exit();
}

// SPDX-License-Identifier: MIT
/*
 * leftovers.c - what modules still have going, and what they left behind
 *
 * One question with two uses. While a module runs it is alive as long as there
 * is something of it: items that are running, queued or armed, timers, kthreads.
 * After its exit the same things are mistakes, and so is memory that it did not
 * free, and a file below /sys. What belongs to a module is told by addresses: of the
 * function that an item, a timer or a thread runs, of the code that asked for memory, of
 * the attribute that a file was made from.
 */
#include <stdio.h>

#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/printk.h>

#include <uwq/ledger.h>
#include <uwq/module.h>
#include <uwq/tasks.h>
#include <uwq/workqueue.h>

#include "scripts/uwq/uwq.h"

struct search {
	struct module **modules;
	size_t nr;
	size_t found;
	bool tell;
};

static const struct module *owner(const struct search *search, const void *code)
{
	for (size_t i = 0; i < search->nr; i++)
		if (within_module((unsigned long)code, search->modules[i]))
			return search->modules[i];
	return NULL;
}

static void see_work(const struct uwq_work_info *info, void *arg)
{
	static const char *const states[] = {
		[UWQ_WORK_RUNNING] = "is still running",
		[UWQ_WORK_QUEUED] = "is still queued",
		[UWQ_WORK_INACTIVE] = "is still queued",
		[UWQ_WORK_ARMED] = "is still armed: its delay has not passed",
	};
	struct search *search = arg;
	const struct module *mod = owner(search, (const void *)info->func);

	if (!mod)
		return;
	search->found++;
	if (search->tell)
		pr_warn("%s: left behind: work item %ps on workqueue %s %s\n", mod->name,
			(void *)info->func, info->wq_name, states[info->state]);
}

static void see_kthread(const struct uwq_kthread_info *info, void *arg)
{
	struct search *search = arg;
	const struct module *mod = owner(search, (const void *)info->threadfn);

	if (!mod)
		mod = owner(search, info->creator);
	if (!mod)
		return;
	search->found++;
	if (search->tell)
		pr_warn("%s: left behind: kthread %s (%d, %ps) was not stopped\n", mod->name,
			info->comm, info->pid, (void *)info->threadfn);
}

/* Under the timers' lock, where printing must not happen: keep them for later */
struct timer_list_copy {
	const void *function[16];
	bool running[16];
	size_t nr;
};

static void see_timer(const void *timer, const void *function, void *arg)
{
	struct timer_list_copy *copy = arg;

	if (copy->nr == sizeof(copy->function) / sizeof(copy->function[0]))
		return;
	copy->running[copy->nr] = !timer;
	copy->function[copy->nr++] = function;
}

static void search_timers(struct search *search)
{
	for (size_t i = 0; i < search->nr; i++) {
		struct timer_list_copy copy = { .nr = 0 };
		long found = uwq_module_for_each_timer(search->modules[i], see_timer, &copy);

		search->found += (size_t)found;
		for (size_t k = 0; search->tell && k < copy.nr; k++)
			pr_warn("%s: left behind: timer with function %ps is still %s\n",
				search->modules[i]->name, copy.function[k],
				copy.running[k] ? "running" : "armed");
	}
}

struct file_search {
	struct search *search;
	const struct module *mod;
};

static void see_file(const char *path, void *arg)
{
	const struct file_search *file = arg;

	if (file->search->tell)
		pr_warn("%s: left behind: file %s was not removed\n", file->mod->name, path);
}

/* Files do not keep a module alive: it is there to serve them until it is told to go */
static void search_files(struct search *search)
{
	for (size_t i = 0; i < search->nr; i++) {
		struct file_search file = { .search = search, .mod = search->modules[i] };

		search->found += (size_t)uwq_module_for_each_file(file.mod, see_file, &file);
	}
}

static size_t search_all(struct search *search)
{
	uwq_work_for_each(see_work, search);
	uwq_kthread_for_each_live(see_kthread, search);
	search_timers(search);
	return search->found;
}

bool modules_are_busy(struct module **modules, size_t nr)
{
	struct search search = { .modules = modules, .nr = nr };

	return search_all(&search) > 0;
}

void leftovers_mark(struct leftovers *left)
{
	left->ledger_mark = uwq_ledger_mark();
}

size_t leftovers_report(const struct leftovers *left, struct module **modules, size_t nr)
{
	struct search search = { .modules = modules, .nr = nr, .tell = true };
	size_t found;

	search_all(&search);
	search_files(&search);
	found = search.found;
	for (size_t i = 0; i < nr; i++) {
		struct uwq_ledger_sum sum =
			uwq_ledger_report(left->ledger_mark, modules[i]->base,
					  modules[i]->base + modules[i]->size);

		found += sum.objects;
	}
	return found;
}

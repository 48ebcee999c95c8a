// SPDX-License-Identifier: MIT
/*
 * module_timers.c - timers that run code of a module
 *
 * For the uwq command, which keeps a module as long as one is armed or its function is
 * running, and names those that exit has left. The timer of a delayed_work runs code of
 * the engine and does not count: the engine shows it as an armed item.
 */
#include <linux/module.h>
#include <linux/timer.h>

#include <uwq/module.h>

#include "kernel-compat/timer_internal.h"

struct timer_search {
	const struct module *mod;
	void (*show)(const void *timer, const void *function, void *arg);
	void *arg;
	long found;
};

static void look_at(struct timer_list *timer, void *arg)
{
	struct timer_search *search = arg;

	if (!within_module((unsigned long)timer->function, search->mod))
		return;
	search->found++;
	if (search->show)
		search->show(timer, (const void *)timer->function, search->arg);
}

static void look_at_running(void (*function)(struct timer_list *), void *arg)
{
	struct timer_search *search = arg;

	if (!within_module((unsigned long)function, search->mod))
		return;
	search->found++;
	if (search->show)
		search->show(NULL, (const void *)function, search->arg);
}

/**
 * uwq_module_for_each_timer - show the timers of a module that are armed or being called
 * @mod: the module
 * @show: called for each under the timers' lock, with a timer of NULL for one that is
 *	  being called; NULL = only count
 * @arg: for @show
 *
 * Context: Any.
 * Return: how many there are.
 */
long uwq_module_for_each_timer(const struct module *mod,
			       void (*show)(const void *timer, const void *function, void *arg),
			       void *arg)
{
	struct timer_search search = { .mod = mod, .show = show, .arg = arg };

	timer_walk_armed(look_at, look_at_running, &search);
	return search.found;
}

// SPDX-License-Identifier: MIT
/*
 * module_files.c - files below /sys that call code of a module
 *
 * For the uwq command, which names those that exit has left. A file is a module's if
 * the attribute that it was made from is: that has the functions. Files of parameters
 * come and go with the module by themselves and do not count.
 */
#include <linux/module.h>

#include <uwq/module.h>

#include "kernel-compat/sysfs_tree.h"

struct file_search {
	const struct module *mod;
	void (*show)(const char *path, void *arg);
	void *arg;
	long found;
};

static void look_at(const struct sysfs_node *file, const char *path, void *arg)
{
	struct file_search *search = arg;
	const struct module *mod = search->mod;
	const struct kernel_param *kp = file->attr;

	if (!within_module((unsigned long)file->attr, mod) || (kp >= mod->kp && kp < mod->kp_end))
		return;
	search->found++;
	if (search->show)
		search->show(path, search->arg);
}

/**
 * uwq_module_for_each_file - show the files below /sys that a module serves
 * @mod: the module
 * @show: called with the path of each, under the tree's lock; NULL = only count
 * @arg: for @show
 *
 * Context: May sleep.
 * Return: how many there are.
 */
long uwq_module_for_each_file(const struct module *mod,
			      void (*show)(const char *path, void *arg), void *arg)
{
	struct file_search search = { .mod = mod, .show = show, .arg = arg };

	sysfs_for_each_file(look_at, &search);
	return search.found;
}

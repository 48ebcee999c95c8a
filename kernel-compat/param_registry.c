// SPDX-License-Identifier: MIT
/*
 * param_registry.c - all parameters of the process, by name and as files
 *
 * The library, each part of the program that has parameters, and each loaded module
 * bring a table. A parameter PREFIX.NAME can be looked at and set by name
 * (uwq/param.h) and is the file /sys/module/PREFIX/parameters/NAME, unless its mode
 * is 0. One without a prefix belongs to "kernel", as in Linux.
 *
 * Locks: the lock of kernel_param_lock() covers the list of tables and all values.
 * Files are added and removed without it, because removing waits for callbacks,
 * which take it.
 * Differs from Linux: what nobody may write by its mode (0444) is refused by
 * uwq_param_set() as well, with -EPERM and a message: UWQ_CMDLINE is the place.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <stdlib.h>

#include <uwq/param.h>

#include "kernel-compat/param_internal.h"
#include "kernel-compat/sysfs_tree.h"

struct table {
	struct list_head node;		/* L */
	const char *modname;		/* I: NULL: names come with their prefix */
	const struct kernel_param *begin, *end;	/* I */
};

static LIST_HEAD(tables);		/* L */

/* ---- files ---- */

static ssize_t show(void *owner, const void *attr, char *buf)
{
	const struct kernel_param *kp = attr;
	ssize_t ret;

	(void)owner;
	if (!kp->ops->get)
		return -EPERM;
	kernel_param_lock(kp->mod);
	ret = kp->ops->get(buf, kp);
	kernel_param_unlock(kp->mod);
	return ret;
}

static ssize_t store(void *owner, const void *attr, const char *buf, size_t count)
{
	const struct kernel_param *kp = attr;
	int err;

	(void)owner;
	if (!kp->ops->set)
		return -EPERM;
	kernel_param_lock(kp->mod);
	if (kp->flags & KERNEL_PARAM_FL_UNSAFE)
		pr_warn("setting the unsafe parameter %s\n", kp->name);
	err = kp->ops->set(buf, kp);
	kernel_param_unlock(kp->mod);
	return err ? err : (ssize_t)count;
}

static const struct sysfs_file_ops file_ops = { .show = show, .store = store };

/* The folder that is there, or made now if @make; with a reference, or NULL */
static struct sysfs_node *folder(struct sysfs_node *parent, const char *name, bool make)
{
	struct sysfs_node *node = sysfs_node_child(parent, name);

	if (node || !make)
		return node;
	node = sysfs_node_add_dir(parent, name);
	return IS_ERR(node) ? NULL : sysfs_node_get(node);
}

static struct sysfs_node *parameters_of(const char *prefix, bool make)
{
	struct sysfs_node *module = folder(sysfs_place(SYSFS_MODULE), prefix, make);
	struct sysfs_node *node = module ? folder(module, "parameters", make) : NULL;

	sysfs_node_put(module);
	return node;
}

/* Cut @kp's name in two: where the file is, and what it is called */
static const char *split(const struct table *table, const struct kernel_param *kp, char *prefix)
{
	const char *dot = table->modname ? NULL : strchr(kp->name, '.');

	if (table->modname)
		strscpy(prefix, table->modname, MODULE_NAME_LEN);
	else if (dot)
		scnprintf(prefix, MODULE_NAME_LEN, "%.*s", (int)(dot - kp->name), kp->name);
	else
		strscpy(prefix, "kernel", MODULE_NAME_LEN);
	return dot ? dot + 1 : kp->name;
}

static bool add_file(const struct table *table, const struct kernel_param *kp)
{
	char prefix[MODULE_NAME_LEN];
	const char *name = split(table, kp, prefix);
	struct sysfs_node *parameters, *file;

	if (!kp->perm)
		return true;
	parameters = parameters_of(prefix, true);
	if (!parameters)
		return false;
	file = sysfs_node_add_file(parameters, name, kp->perm, &file_ops, NULL, kp);
	sysfs_node_put(parameters);
	return !IS_ERR(file);
}

static void remove_file(const struct table *table, const struct kernel_param *kp)
{
	char prefix[MODULE_NAME_LEN];
	const char *name = split(table, kp, prefix);
	struct sysfs_node *parameters = parameters_of(prefix, false);
	struct sysfs_node *file = parameters ? sysfs_node_child(parameters, name) : NULL;

	/* of two parameters of one name the first has the file */
	if (file && file->attr == kp)
		sysfs_node_remove(file);
	sysfs_node_put(file);
	sysfs_node_put(parameters);
}

static void remove_module_folder(const char *modname)
{
	sysfs_node_remove_child(sysfs_place(SYSFS_MODULE), modname);
}

/* ---- tables ---- */

int param_table_add(const char *modname, const struct kernel_param *begin,
		    const struct kernel_param *end)
{
	/* malloc(), not kmalloc(): no memory of the module that is being loaded */
	struct table *table = calloc(1, sizeof(*table));
	bool good = true;

	if (!table)
		return -ENOMEM;
	table->modname = modname;
	table->begin = begin;
	table->end = end;
	kernel_param_lock(NULL);
	list_add_tail(&table->node, &tables);
	kernel_param_unlock(NULL);
	for (const struct kernel_param *kp = begin; kp < end; kp++)
		good &= add_file(table, kp);
	return good ? 0 : -ENOMEM;
}

static struct table *take_table(const struct kernel_param *begin)
{
	struct table *table, *found = NULL;

	kernel_param_lock(NULL);
	list_for_each_entry(table, &tables, node) {
		if (table->begin == begin) {
			found = table;
			list_del(&table->node);
			break;
		}
	}
	kernel_param_unlock(NULL);
	return found;
}

void param_table_remove(const struct kernel_param *begin)
{
	struct table *table = take_table(begin);

	if (!table)
		return;
	for (const struct kernel_param *kp = table->begin; kp < table->end; kp++)
		if (kp->perm)
			remove_file(table, kp);
	if (table->modname)
		remove_module_folder(table->modname);
	free(table);
}

/* The library's own, once all of them are there; a static program's are among them */
__attribute__((constructor(105))) static void add_own_table(void)
{
	if (param_table_add(NULL, param_own_begin(), param_own_end()))
		pr_warn("no memory for all files in /sys/module\n");
}

/* ---- by name ---- */

static const struct kernel_param *find(const char *name)
{
	const char *dot = strchr(name, '.');
	struct table *table;

	list_for_each_entry(table, &tables, node) {
		const struct kernel_param *kp = NULL;

		if (!table->modname)
			kp = param_find(table->begin, table->end, name);
		else if (dot && param_prefix_eq(table->modname, name, (size_t)(dot - name)))
			kp = param_find(table->begin, table->end, dot + 1);
		if (kp)
			return kp;
	}
	return NULL;
}

/* Under the lock */
static int set(const char *name, const char *value)
{
	const struct kernel_param *kp = find(name);

	if (!kp) {
		pr_err("uwq_param_set: there is no parameter %s\n", name);
		return -ENOENT;
	}
	if (!(kp->perm & 0222)) {
		pr_err("uwq_param_set: %s is fixed from the start on: UWQ_CMDLINE=\"%s=...\"\n",
		       kp->name, name);
		return -EPERM;
	}
	return param_set_value(kp, "uwq_param_set", value);
}

/**
 * uwq_param_set - set a parameter of the library, of the program or of a module
 * @name: with its prefix, "workqueue.watchdog_thresh"; '-' and '_' are one letter
 * @value: text as in UWQ_CMDLINE; NULL: the name alone, for what is true or false
 *
 * What is wrong is reported with the name of the parameter, and changes nothing.
 *
 * Context: May sleep. Not from a parameter's own function.
 * Return: 0; -ENOENT: no such parameter; -EPERM: it is fixed from the start on;
 * -EINVAL, -ERANGE, -ENOSPC and others: @value is not what it takes.
 */
int uwq_param_set(const char *name, const char *value)
{
	int err;

	kernel_param_lock(NULL);
	err = set(name, value);
	kernel_param_unlock(NULL);
	return err;
}
EXPORT_SYMBOL_GPL(uwq_param_set);

/**
 * uwq_param_get - look at a parameter
 * @name: with its prefix
 * @buf: becomes the value as text, without a newline, with a zero at its end
 * @size: bytes in @buf, at least 1
 *
 * Context: May sleep. Not from a parameter's own function.
 * Return: length of the whole text, of which @size - 1 bytes fit; -ENOENT: no such
 * parameter; -EPERM: it can only be set; -ENOMEM.
 */
ssize_t uwq_param_get(const char *name, char *buf, size_t size)
{
	const struct kernel_param *kp;
	ssize_t ret = -ENOENT;
	/* one page, as getters are promised */
	char *text = calloc(1, PAGE_SIZE);

	buf[0] = '\0';
	if (!text)
		return -ENOMEM;
	kernel_param_lock(NULL);
	kp = find(name);
	if (kp)
		ret = kp->ops->get ? kp->ops->get(text, kp) : -EPERM;
	kernel_param_unlock(NULL);
	if (ret > 0 && text[ret - 1] == '\n')
		text[--ret] = '\0';
	if (ret >= 0)
		strscpy(buf, text, size);
	free(text);
	return ret;
}
EXPORT_SYMBOL_GPL(uwq_param_get);

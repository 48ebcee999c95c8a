// SPDX-License-Identifier: MIT
/*
 * module.c - the loader: shared objects that are kernel modules
 *
 * The dynamic linker maps and relocates; this file finds the module's
 * description (__this_module), refuses what cannot work with the names of
 * everything that is missing, sets parameters, and runs init and exit in the
 * thread that asks. The list of modules answers "whose address is this?" and
 * keeps a module alive while another was bound to its symbols.
 *
 * Locks: module_mutex covers the list and changes of state. init and exit run
 * without it, so that a module may ask about modules. Parameters are set under
 * kernel_param_lock().
 * Differs from Linux: an unknown parameter is an error (-ENOENT) that lists the
 * known ones; Linux warns and goes on. A module with users is refused with
 * -EWOULDBLOCK as in Linux, and there is no forced unloading.
 */
#define _GNU_SOURCE
#include <linux/module.h>
#include <linux/kthread.h>
#include <linux/minmax.h>

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include <uwq/module.h>

#include "kernel-compat/elf_file.h"
#include "kernel-compat/fork.h"
#include "kernel-compat/param_internal.h"

static DEFINE_MUTEX(module_mutex);
static LIST_HEAD(modules);		/* L: newest first */

/* --- references --------------------------------------------------------- */

/**
 * try_module_get - keep a module from being unloaded
 * @module: the module; NULL stands for the program, which never goes away
 *
 * Context: Any.
 * Return: false if the module is going: then it must not be called.
 */
bool try_module_get(struct module *module)
{
	return !module || atomic_inc_unless_negative(&module->refcnt);
}

/**
 * __module_get - one more reference, by somebody who has one
 * @module: the module or NULL
 */
void __module_get(struct module *module)
{
	if (module)
		atomic_inc(&module->refcnt);
}

/**
 * module_put - give a reference back
 * @module: the module or NULL
 *
 * Context: Any. The caller's code may be unmapped any time after the last one.
 */
void module_put(struct module *module)
{
	if (module)
		WARN_ON(atomic_dec_if_positive(&module->refcnt) < 0);
}

/**
 * module_refcount - how many references are held
 * @module: the module
 *
 * Return: the number, or -1 while the module is being unloaded.
 */
int module_refcount(struct module *module)
{
	return atomic_read(&module->refcnt);
}

/**
 * __module_put_and_kthread_exit - end the current kthread and drop its reference
 * @mod: module whose code the thread ran
 * @code: what kthread_stop() returns
 */
void __noreturn __module_put_and_kthread_exit(struct module *mod, long code)
{
	module_put(mod);
	kthread_exit(code);
}

/* --- the list ------------------------------------------------------------ */

/**
 * within_module - does an address belong to a module?
 * @addr: address of code or data
 * @mod: module that the caller knows to be loaded
 */
bool within_module(unsigned long addr, const struct module *mod)
{
	return addr - (unsigned long)mod->base < mod->size;
}

static struct module *module_at(unsigned long addr)
{
	struct module *mod;

	lockdep_assert_held(&module_mutex);
	list_for_each_entry(mod, &modules, list)
		if (within_module(addr, mod))
			return mod;
	return NULL;
}

/**
 * __module_address - the module that an address belongs to
 * @addr: address of code or data
 *
 * Context: May sleep. The caller makes sure that the module stays.
 * Return: the module or NULL.
 */
struct module *__module_address(unsigned long addr)
{
	struct module *mod;

	mutex_lock(&module_mutex);
	mod = module_at(addr);
	mutex_unlock(&module_mutex);
	return mod;
}

/**
 * is_module_address - does an address belong to any module?
 * @addr: address of code or data
 *
 * Context: May sleep.
 */
bool is_module_address(unsigned long addr)
{
	return __module_address(addr) != NULL;
}

static struct module *find_locked(const char *name)
{
	struct module *mod;

	lockdep_assert_held(&module_mutex);
	list_for_each_entry(mod, &modules, list)
		if (param_name_eq(mod->name, name))
			return mod;
	return NULL;
}

/**
 * find_module - a loaded module by its name
 * @name: name; '-' and '_' are the same
 *
 * Context: May sleep. The caller makes sure that the module stays.
 * Return: the module or NULL.
 */
struct module *find_module(const char *name)
{
	struct module *mod;

	mutex_lock(&module_mutex);
	mod = find_locked(name);
	mutex_unlock(&module_mutex);
	return mod;
}

/* --- opening ------------------------------------------------------------- */

struct missing {
	const char *path;
	int count;
};

static int report_if_missing(const char *name, void *arg)
{
	struct missing *missing = arg;

	if (!dlsym(RTLD_DEFAULT, name)) {
		pr_err("%s: unknown symbol %s\n", missing->path, name);
		missing->count++;
	}
	return 0;
}

/* The dynamic linker names one missing symbol and stops; people want all */
static int explain_dlopen_failure(const char *path, const struct elf_file *elf)
{
	struct missing missing = { .path = path };
	const char *reason = dlerror();

	elf_each_needed(elf, report_if_missing, &missing);
	if (missing.count)
		return -ENOENT;
	pr_err("%s: cannot be loaded: %s\n", path, reason ? reason : "unknown reason");
	return -ENOEXEC;
}

static int find_extent(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct module *mod = arg;
	unsigned long low = ~0UL, high = 0;
	bool found = false;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *seg = &info->dlpi_phdr[i];
		unsigned long start = info->dlpi_addr + seg->p_vaddr;

		if (seg->p_type != PT_LOAD)
			continue;
		low = min(low, start);
		high = max(high, start + seg->p_memsz);
		if ((unsigned long)mod - start < seg->p_memsz)
			found = true;
	}
	if (!found)
		return 0;
	mod->base = (const char *)low;
	mod->size = high - low;
	return 1;
}

static int remember_version(const char *text, void *arg)
{
	struct module *mod = arg;
	static const char tag[] = "version=";

	if (strncmp(text, tag, sizeof(tag) - 1))
		return 0;
	mod->version = strdup(text + sizeof(tag) - 1);
	return 1;
}

/* Collects the modules that symbols of @mod were bound to, each once */
static int note_use(const char *name, void *arg)
{
	struct module *mod = arg;
	void *addr = dlsym(mod->handle, name);
	struct module *user = addr ? module_at((unsigned long)addr) : NULL;
	struct module **more;

	if (!user || user == mod)
		return 0;
	for (unsigned int i = 0; i < mod->nr_uses; i++)
		if (mod->uses[i] == user)
			return 0;
	if (!try_module_get(user)) {
		pr_err("%s: needs %s of %s, which is being unloaded\n", mod->name, name,
		       user->name);
		return -EBUSY;
	}
	more = realloc(mod->uses, (mod->nr_uses + 1) * sizeof(*more));
	if (!more) {
		module_put(user);
		return -ENOMEM;
	}
	mod->uses = more;
	more[mod->nr_uses++] = user;
	return 0;
}

static void release(struct module *mod)
{
	for (unsigned int i = 0; i < mod->nr_uses; i++)
		module_put(mod->uses[i]);
	free(mod->uses);
	mod->uses = NULL;
	mod->nr_uses = 0;
	free((char *)mod->version);
	mod->version = NULL;
}

static int enlist(struct module *mod, const struct elf_file *elf)
{
	int ret;

	mutex_lock(&module_mutex);
	if (find_locked(mod->name)) {
		pr_err("%s: a module of this name is loaded already\n", mod->name);
		ret = -EEXIST;
		goto out;
	}
	dl_iterate_phdr(find_extent, mod);
	elf_each_string(elf, ".modinfo", remember_version, mod);
	ret = elf_each_needed(elf, note_use, mod);
	if (ret) {
		release(mod);
		goto out;
	}
	atomic_set(&mod->refcnt, 0);
	WRITE_ONCE(mod->state, MODULE_STATE_COMING);
	list_add(&mod->list, &modules);
out:
	mutex_unlock(&module_mutex);
	return ret;
}

/* The module's own description, checked; NULL after an explanation */
static struct module *description(const char *path, void *handle)
{
	struct module *mod = dlsym(handle, "__this_module");

	if (!mod) {
		pr_err("%s: is no module: it includes no linux/module.h\n", path);
		return NULL;
	}
	if (mod->abi != MODULE_ABI) {
		pr_err("%s: was built with headers of another uwq (%u, this one has %u)\n", path,
		       mod->abi, MODULE_ABI);
		return NULL;
	}
	return mod;
}

/* module_init() and module_exit() leave pointers; old code has functions of fixed names */
static void find_calls(struct module *mod)
{
	const initcall_t *init = dlsym(mod->handle, "uwq_module_init_call");
	const exitcall_t *exit = dlsym(mod->handle, "uwq_module_exit_call");

	mod->init = init ? *init : (initcall_t)dlsym(mod->handle, "init_module");
	mod->exit = exit ? *exit : (exitcall_t)dlsym(mod->handle, "cleanup_module");
}

/**
 * uwq_module_open - map a module
 * @path: shared object
 * @modp: where the module goes; the caller's until uwq_module_close()
 *
 * Everything that its code needs must be there: every missing symbol is named.
 * Neither init nor exit runs. What UWQ_CMDLINE says for it is set.
 *
 * Context: May sleep.
 * Return: 0; -ENOENT for a missing file or symbol; -EEXIST if a module of that
 * name is loaded; -ENOEXEC if the file is no module; other errors of opening.
 */
int uwq_module_open(const char *path, struct module **modp)
{
	char real[PATH_MAX];
	struct elf_file elf;
	struct module *mod;
	void *handle;
	int ret;

	/* dlopen() would look for a name without a slash in system folders */
	ret = realpath(path, real) ? elf_open(&elf, real) : -errno;
	if (ret) {
		pr_err("%s: cannot be loaded: %pe\n", path, ERR_PTR(ret));
		return ret;
	}
	handle = dlopen(real, RTLD_NOW | RTLD_GLOBAL);
	if (!handle) {
		ret = explain_dlopen_failure(path, &elf);
		goto out;
	}
	mod = description(path, handle);
	if (!mod) {
		ret = -ENOEXEC;
		goto unmap;
	}
	if (smp_load_acquire(&mod->state) != MODULE_STATE_UNFORMED) {
		pr_err("%s: is loaded already\n", mod->name);
		ret = -EEXIST;
		goto unmap;
	}
	mod->handle = handle;
	find_calls(mod);
	mod->num_kp = (unsigned int)(mod->kp_end - mod->kp);
	ret = enlist(mod, &elf);
	if (ret)
		goto unmap;
	param_set_from_cmdline(mod->name, mod->kp, mod->kp_end);
	if (mod->num_kp && param_table_add(mod->name, mod->kp, mod->kp_end))
		pr_warn("%s: no memory for all its files in /sys/module\n", mod->name);
	*modp = mod;
	goto out;
unmap:
	dlclose(handle);
out:
	elf_close(&elf);
	return ret;
}

/* --- parameters ---------------------------------------------------------- */

static void list_parameters(const struct module *mod, const char *wanted)
{
	char kind[160];

	if (!mod->num_kp) {
		pr_err("%s: unknown parameter %s; this module has none\n", mod->name, wanted);
		return;
	}
	pr_err("%s: unknown parameter %s; it has:\n", mod->name, wanted);
	for (const struct kernel_param *kp = mod->kp; kp < mod->kp_end; kp++)
		pr_err("%s:   %s: %s\n", mod->name, kp->name,
		       param_kind_text(kp, kind, sizeof(kind)));
}

/**
 * uwq_module_param - set a parameter before init
 * @mod: module that was opened
 * @assignment: "name=value", or "name" alone for a bool; no quotes are removed
 *
 * Context: May sleep; calls the module if the parameter has callbacks.
 * Return: 0; -ENOENT: no such parameter; -EINVAL, -ERANGE, -ENOSPC: the text is
 * not such a value; -EBUSY after init; or what the module's callback returned.
 */
int uwq_module_param(struct module *mod, const char *assignment)
{
	const char *equals = strchrnul(assignment, '=');
	char *name = strndup(assignment, (size_t)(equals - assignment));
	const struct kernel_param *kp;
	int ret = -ENOENT;

	if (!name)
		return -ENOMEM;
	kernel_param_lock(mod);
	kp = param_find(mod->kp, mod->kp_end, name);
	if (!kp)
		list_parameters(mod, name);
	else if (READ_ONCE(mod->state) != MODULE_STATE_COMING)
		ret = -EBUSY;
	else
		ret = param_set_value(kp, mod->name, *equals ? equals + 1 : NULL);
	kernel_param_unlock(mod);
	free(name);
	return ret;
}

/* --- init and exit ------------------------------------------------------- */

/**
 * uwq_module_init - run the module's init function
 * @mod: module that was opened
 *
 * Context: May sleep; init runs in the calling thread. After a failure only
 * uwq_module_close() may follow.
 * Return: what init returned (0 if there is none); a positive value counts as 0
 * after a warning, as in Linux.
 */
int uwq_module_init(struct module *mod)
{
	int ret;

	if (mod->initialized)
		return -EBUSY;
	ret = mod->init ? mod->init() : 0;
	if (ret > 0) {
		pr_warn("%s: init returned %d, taken as success; errors are negative\n",
			mod->name, ret);
		ret = 0;
	}
	mutex_lock(&module_mutex);
	WRITE_ONCE(mod->state, ret ? MODULE_STATE_GOING : MODULE_STATE_LIVE);
	mod->initialized = !ret;
	mutex_unlock(&module_mutex);
	return ret;
}

/**
 * uwq_module_exit - run the module's exit function
 * @mod: module whose init has succeeded
 *
 * Context: May sleep; exit runs in the calling thread.
 * Return: 0; -EWOULDBLOCK: references are held; -EBUSY: it has an init but no
 * exit, so it is there to stay; -EINVAL: init has not succeeded.
 */
int uwq_module_exit(struct module *mod)
{
	int ret = 0;

	mutex_lock(&module_mutex);
	if (!mod->initialized || mod->state != MODULE_STATE_LIVE)
		ret = -EINVAL;
	else if (mod->init && !mod->exit)
		ret = -EBUSY;
	else if (atomic_cmpxchg(&mod->refcnt, 0, -1) != 0)
		ret = -EWOULDBLOCK;
	else
		WRITE_ONCE(mod->state, MODULE_STATE_GOING);
	mutex_unlock(&module_mutex);
	if (!ret && mod->exit)
		mod->exit();
	return ret;
}

/**
 * uwq_module_close - forget a module and unmap it
 * @mod: module that never ran, whose init failed or whose exit has run; gone afterwards
 *
 * Whoever closes a module that left work, timers or threads behind unmaps the
 * code that they will run.
 *
 * Context: May sleep.
 * Return: 0, or -EBUSY if it is live.
 */
int uwq_module_close(struct module *mod)
{
	mutex_lock(&module_mutex);
	if (mod->state == MODULE_STATE_LIVE) {
		mutex_unlock(&module_mutex);
		return -EBUSY;
	}
	list_del(&mod->list);
	release(mod);
	mutex_unlock(&module_mutex);
	param_table_remove(mod->kp);
	kernel_param_lock(mod);
	param_free_table(mod->kp, mod->kp_end);
	kernel_param_unlock(mod);
	WRITE_ONCE(mod->state, MODULE_STATE_UNFORMED);
	dlclose(mod->handle);
	return 0;
}

void module_fork(enum fork_step step)
{
	fork_step_mutex(&module_mutex, step);
}

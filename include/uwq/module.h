/* SPDX-License-Identifier: MIT */
/*
 * module.h - load modules into this process, for the uwq command and programs
 *
 * One module passes through: uwq_module_open() maps it and checks that nothing
 * is missing; uwq_module_param() any number of times; uwq_module_init(); and,
 * when it is no longer wanted, uwq_module_exit() and uwq_module_close(). What
 * is wrong is told through printk in words, and returned as an errno.
 */
#ifndef UWQ_MODULE_H
#define UWQ_MODULE_H

#include <uwq/api.h>

struct module;

UWQ_API_BEGIN

int uwq_module_open(const char *path, struct module **modp);
int uwq_module_param(struct module *mod, const char *assignment);
int uwq_module_init(struct module *mod);
int uwq_module_exit(struct module *mod);
int uwq_module_close(struct module *mod);
int uwq_module_info(const char *path,
		    int (*fn)(const char *tag, const char *text, void *arg), void *arg);


/*
 * Call @show with every armed timer whose function is code of @mod, under the
 * timers' lock: it must not touch timers or sleep. Returns how many there are.
 */
long uwq_module_for_each_timer(const struct module *mod,
			       void (*show)(const void *timer, const void *function, void *arg),
			       void *arg);

/*
 * Call @show with the path of every file below /sys that calls code of @mod, its
 * parameters apart, under the lock of that tree: it must not touch it. Returns how many
 * there are. NULL = only count.
 */
long uwq_module_for_each_file(const struct module *mod,
			      void (*show)(const char *path, void *arg), void *arg);

UWQ_API_END

#endif

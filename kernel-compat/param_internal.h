/* SPDX-License-Identifier: MIT */
/*
 * param_internal.h - parameters, between param.c, param_kinds.c and the loader
 */
#ifndef UWQ_KERNEL_COMPAT_PARAM_INTERNAL_H
#define UWQ_KERNEL_COMPAT_PARAM_INTERNAL_H

#include <stddef.h>

#include <linux/moduleparam.h>

/* Does @a name the same parameter as @b? '-' and '_' are one letter. */
bool param_name_eq(const char *a, const char *b);

/* The parameter of that name in a table, or NULL. */
const struct kernel_param *param_find(const struct kernel_param *begin,
				      const struct kernel_param *end, const char *name);

/*
 * Check @value (NULL: the name stood alone) and store it. Whatever is wrong is
 * reported on @owner's behalf, with the parameter, its type and the text given.
 * Returns 0 or what the setter said.
 */
int param_set_value(const struct kernel_param *kp, const char *owner, const char *value);

/* Set what UWQ_CMDLINE says for "@modname."; bad words are reported and ignored. */
void param_set_from_cmdline(const char *modname, const struct kernel_param *begin,
			    const struct kernel_param *end);

/* The kind of @kp in words, with its range: "uint (0 to 4294967295)". Returns @buf. */
const char *param_kind_text(const struct kernel_param *kp, char *buf, size_t size);

/* Does the module @modname own the first @len letters of a name? As param_name_eq(). */
bool param_prefix_eq(const char *modname, const char *name, size_t len);

/* The table that was linked with the library. */
const struct kernel_param *param_own_begin(void);
const struct kernel_param *param_own_end(void);

/*
 * Make a table known by name and as files. @modname: of the module, which lives as
 * long as the table; NULL: names have their prefix. -ENOMEM: perhaps without some of
 * the files; param_table_remove() is needed all the same.
 */
int param_table_add(const char *modname, const struct kernel_param *begin,
		    const struct kernel_param *end);

/* Forget the table that begins at @begin. Sleeps: waits for callbacks of its files. */
void param_table_remove(const struct kernel_param *begin);

/* Release what the setters of a table allocated. */
void param_free_table(const struct kernel_param *begin, const struct kernel_param *end);

#endif

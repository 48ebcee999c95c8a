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

/* Release what the setters of a table allocated. */
void param_free_table(const struct kernel_param *begin, const struct kernel_param *end);

#endif

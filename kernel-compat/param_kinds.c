// SPDX-License-Identifier: MIT
/*
 * param_kinds.c - the kinds of parameters: numbers, truth values, text, arrays
 *
 * Each kind is a setter, which refuses text that is not wholly a value of it,
 * and a getter. Called by param.c and by modules that wrap a kind in callbacks
 * of their own. The lock around parameters is param.c's.
 *
 * Differs from Linux: a charp always points to a copy, made by malloc() so that
 * it never shows up as memory that the module left behind.
 */
#include <linux/errno.h>
#include <linux/array_size.h>
#include <linux/kstrtox.h>
#include <linux/string.h>
#include <linux/sprintf.h>

#include <stdlib.h>
#include <string.h>

#include "kernel-compat/param_internal.h"

/*
 * Whoever has a parameter wants UWQ_CMDLINE read. In a static library a
 * constructor alone does not make the linker take its file: a reference does.
 */
static void (*const brings_in_param_c)(struct module *) __attribute__((__used__)) =
	kernel_param_lock;

/* One page, as getters are promised */
#define GET_SIZE	4096

#define NUMBER_KIND(kind, type, parse, format)						\
	int param_set_##kind(const char *val, const struct kernel_param *kp)		\
	{										\
		type num;								\
		int ret = parse(val, 0, &num);						\
											\
		if (!ret)								\
			WRITE_ONCE(*(type *)kp->arg, num);				\
		return ret;								\
	}										\
	int param_get_##kind(char *buffer, const struct kernel_param *kp)		\
	{										\
		return scnprintf(buffer, GET_SIZE, format "\n", READ_ONCE(*(type *)kp->arg)); \
	}										\
	const struct kernel_param_ops param_ops_##kind = {				\
		.set = param_set_##kind,						\
		.get = param_get_##kind,						\
	}

NUMBER_KIND(byte, unsigned char, kstrtou8, "%hhu");
NUMBER_KIND(short, short, kstrtos16, "%hd");
NUMBER_KIND(ushort, unsigned short, kstrtou16, "%hu");
NUMBER_KIND(int, int, kstrtoint, "%d");
NUMBER_KIND(uint, unsigned int, kstrtouint, "%u");
NUMBER_KIND(long, long, kstrtol, "%ld");
NUMBER_KIND(ulong, unsigned long, kstrtoul, "%lu");
NUMBER_KIND(ullong, unsigned long long, kstrtoull, "%llu");
NUMBER_KIND(hexint, unsigned int, kstrtouint, "%#08x");

/**
 * param_set_uint_minmax - set an unsigned int that has limits of its own
 * @val: text
 * @kp: parameter, ->arg points to an unsigned int
 * @min: least value
 * @max: greatest value
 *
 * Return: 0, -EINVAL if @val is no number or outside the limits, -ERANGE if it
 * does not fit into an unsigned int.
 */
int param_set_uint_minmax(const char *val, const struct kernel_param *kp,
			  unsigned int min, unsigned int max)
{
	unsigned int num;
	int ret;

	if (!val)
		return -EINVAL;
	ret = kstrtouint(val, 0, &num);
	if (ret)
		return ret;
	if (num < min || num > max)
		return -EINVAL;
	WRITE_ONCE(*(unsigned int *)kp->arg, num);
	return 0;
}

/* Truth values: a name that stands alone means true */

int param_set_bool(const char *val, const struct kernel_param *kp)
{
	bool value;
	int ret = kstrtobool(val ? val : "1", &value);

	if (!ret)
		WRITE_ONCE(*(bool *)kp->arg, value);
	return ret;
}

int param_get_bool(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, GET_SIZE, "%c\n", READ_ONCE(*(bool *)kp->arg) ? 'Y' : 'N');
}

const struct kernel_param_ops param_ops_bool = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = param_set_bool,
	.get = param_get_bool,
};

int param_set_bool_enable_only(const char *val, const struct kernel_param *kp)
{
	bool now = *(bool *)kp->arg;
	bool wanted;
	int ret = kstrtobool(val ? val : "1", &wanted);

	if (ret)
		return ret;
	if (now && !wanted)
		return -EROFS;
	WRITE_ONCE(*(bool *)kp->arg, wanted);
	return 0;
}

const struct kernel_param_ops param_ops_bool_enable_only = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = param_set_bool_enable_only,
	.get = param_get_bool,
};

int param_set_invbool(const char *val, const struct kernel_param *kp)
{
	bool value;
	int ret = kstrtobool(val, &value);

	if (!ret)
		WRITE_ONCE(*(bool *)kp->arg, !value);
	return ret;
}

int param_get_invbool(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, GET_SIZE, "%c\n", READ_ONCE(*(bool *)kp->arg) ? 'N' : 'Y');
}

const struct kernel_param_ops param_ops_invbool = {
	.set = param_set_invbool,
	.get = param_get_invbool,
};

int param_set_bint(const char *val, const struct kernel_param *kp)
{
	bool value;
	int ret = kstrtobool(val ? val : "1", &value);

	if (!ret)
		WRITE_ONCE(*(int *)kp->arg, value);
	return ret;
}

const struct kernel_param_ops param_ops_bint = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = param_set_bint,
	.get = param_get_int,
};

/*
 * charp: the copies handed out, so that a later set or the unloading frees a
 * copy of ours but never the string constant that the variable began with.
 */
struct text {
	struct text *next;
	char chars[];
};

static struct text *texts;	/* under the parameter lock */

static char *text_copy(const char *val)
{
	size_t len = strlen(val);
	struct text *text = malloc(sizeof(*text) + len + 1);

	if (!text)
		return NULL;
	memcpy(text->chars, val, len + 1);
	text->next = texts;
	texts = text;
	return text->chars;
}

static void text_free(const char *chars)
{
	struct text **at, *text;

	for (at = &texts; (text = *at); at = &text->next) {
		if (text->chars == chars) {
			*at = text->next;
			free(text);
			return;
		}
	}
}

int param_set_charp(const char *val, const struct kernel_param *kp)
{
	char *copy = text_copy(val);

	if (!copy)
		return -ENOMEM;
	text_free(*(char **)kp->arg);
	*(char **)kp->arg = copy;
	return 0;
}

int param_get_charp(char *buffer, const struct kernel_param *kp)
{
	const char *text = *(char **)kp->arg;

	return scnprintf(buffer, GET_SIZE, "%s\n", text ? text : "(null)");
}

void param_free_charp(void *arg)
{
	text_free(*(char **)arg);
}

const struct kernel_param_ops param_ops_charp = {
	.set = param_set_charp,
	.get = param_get_charp,
	.free = param_free_charp,
};

/* string: into the module's own buffer */

int param_set_copystring(const char *val, const struct kernel_param *kp)
{
	const struct kparam_string *str = kp->str;
	size_t len = strlen(val);

	if (len + 1 > str->maxlen)
		return -ENOSPC;
	memcpy(str->string, val, len + 1);
	return 0;
}

int param_get_string(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, GET_SIZE, "%s\n", kp->str->string);
}

const struct kernel_param_ops param_ops_string = {
	.set = param_set_copystring,
	.get = param_get_string,
};

/* Arrays: values separated by commas, each handed to the kind of the elements */

static struct kernel_param array_element(const struct kernel_param *kp, unsigned int i)
{
	const struct kparam_array *arr = kp->arr;
	struct kernel_param elem = {
		.name = kp->name, .mod = kp->mod, .ops = arr->ops, .perm = kp->perm,
		.level = kp->level, .flags = kp->flags,
		{ (char *)arr->elem + (size_t)i * arr->elemsize },
	};

	return elem;
}

static int param_array_set(const char *val, const struct kernel_param *kp)
{
	const struct kparam_array *arr = kp->arr;
	char *copy = strdup(val);
	char *at = copy, *comma;
	unsigned int i = 0;
	int ret = 0;

	if (!copy)
		return -ENOMEM;
	do {
		struct kernel_param elem = array_element(kp, i);

		comma = strchr(at, ',');
		if (comma)
			*comma = '\0';
		ret = i < arr->max ? elem.ops->set(at, &elem) : -EINVAL;
		if (ret)
			break;
		i++;
		if (comma)
			at = comma + 1;
	} while (comma);
	free(copy);
	if (!ret && arr->num)
		*arr->num = i;
	return ret;
}

static int param_array_get(char *buffer, const struct kernel_param *kp)
{
	const struct kparam_array *arr = kp->arr;
	unsigned int nr = arr->num ? *arr->num : arr->max;
	char *text = malloc(GET_SIZE);
	int at = 0;

	if (!text)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr; i++) {
		struct kernel_param elem = array_element(kp, i);
		int len = elem.ops->get(text, &elem);

		if (len < 0) {
			at = len;
			break;
		}
		if (at)
			buffer[at - 1] = ',';	/* in place of the newline */
		at += scnprintf(buffer + at, GET_SIZE - at, "%.*s", len, text);
	}
	free(text);
	return at;
}

static void param_array_free(void *arg)
{
	const struct kparam_array *arr = arg;
	unsigned int nr = arr->num ? *arr->num : arr->max;

	if (!arr->ops->free)
		return;
	for (unsigned int i = 0; i < nr; i++)
		arr->ops->free((char *)arr->elem + (size_t)i * arr->elemsize);
}

const struct kernel_param_ops param_array_ops = {
	.set = param_array_set,
	.get = param_array_get,
	.free = param_array_free,
};

/* What to tell somebody whose text was refused */
static const struct {
	const struct kernel_param_ops *ops;
	const char *text;
} kinds[] = {
	{ &param_ops_byte,   "byte (0 to 255)" },
	{ &param_ops_short,  "short (-32768 to 32767)" },
	{ &param_ops_ushort, "ushort (0 to 65535)" },
	{ &param_ops_int,    "int (-2147483648 to 2147483647)" },
	{ &param_ops_uint,   "uint (0 to 4294967295)" },
	{ &param_ops_long,   "long (-9223372036854775808 to 9223372036854775807)" },
	{ &param_ops_ulong,  "ulong (0 to 18446744073709551615)" },
	{ &param_ops_ullong, "ullong (0 to 18446744073709551615)" },
	{ &param_ops_hexint, "hexint (0x0 to 0xffffffff)" },
	{ &param_ops_bool,   "bool (y, n, 1, 0, on, off)" },
	{ &param_ops_bool_enable_only, "bool (y, n, 1, 0, on, off; once on it stays on)" },
	{ &param_ops_invbool, "invbool (y, n, 1, 0, on, off)" },
	{ &param_ops_bint,   "bint (y, n, 1, 0, on, off)" },
	{ &param_ops_charp,  "charp (text)" },
};

static const char *kind_of(const struct kernel_param_ops *ops)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].ops == ops)
			return kinds[i].text;
	return "what its own check accepts";
}

const char *param_kind_text(const struct kernel_param *kp, char *buf, size_t size)
{
	if (kp->ops == &param_array_ops)
		scnprintf(buf, size, "array of 1 to %u, separated by commas, each %s",
			  kp->arr->max, kind_of(kp->arr->ops));
	else if (kp->ops == &param_ops_string)
		scnprintf(buf, size, "string (up to %u bytes)", kp->str->maxlen - 1);
	else
		scnprintf(buf, size, "%s", kind_of(kp->ops));
	return buf;
}

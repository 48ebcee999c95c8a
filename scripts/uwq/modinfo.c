// SPDX-License-Identifier: MIT
/*
 * modinfo.c - uwq modinfo: what a module says about itself
 *
 * From a shared object, or from sources, which are compiled first. Parameters
 * come last, each with its text and type.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errname.h>

#include <uwq/module.h>

#include "scripts/uwq/uwq.h"

/* Shown in this order; the others follow as they come */
static const char *const first[] = { "description", "version", "author", "license" };
#define NR_FIRST	(sizeof(first) / sizeof(first[0]))

struct param {
	struct param *next;
	char *name;
	char *text;	/* NULL: no MODULE_PARM_DESC() */
	char *type;	/* NULL: has callbacks of its own */
};

struct info {
	const char *wanted;		/* tag to print in this walk; NULL = others */
	struct param *params;
};

static bool is_first(const char *tag)
{
	for (size_t i = 0; i < NR_FIRST; i++)
		if (!strcmp(tag, first[i]))
			return true;
	return false;
}

static void print_line(const char *tag, const char *text)
{
	printf("%s:%*s%s\n", tag, (int)(strlen(tag) < 15 ? 15 - strlen(tag) : 1), "", text);
}

/* The type as it was written: headers may have expanded a bool to _Bool */
static void plain_type(char *type)
{
	char *at = strstr(type, "_Bool");

	if (at)
		memmove(at, "bool", sizeof("bool"));
}

/* "name:text" belongs to a parameter */
static void note_param(struct info *info, const char *text, bool is_type)
{
	size_t len = strcspn(text, ":");
	struct param **at = &info->params, *param;
	char **field;

	while (*at && (strlen((*at)->name) != len || strncmp((*at)->name, text, len)))
		at = &(*at)->next;
	param = *at;
	if (!param) {
		param = *at = zalloc(sizeof(*param));
		param->name = text_of("%.*s", (int)len, text);
	}
	field = is_type ? &param->type : &param->text;
	free(*field);
	*field = text_of("%s", text[len] ? text + len + 1 : "");
	if (is_type)
		plain_type(*field);
}

static int print_wanted(const char *tag, const char *text, void *arg)
{
	struct info *info = arg;

	if (info->wanted ? !strcmp(tag, info->wanted) :
	    !is_first(tag) && strcmp(tag, "parm") && strcmp(tag, "parmtype"))
		print_line(tag, text);
	return 0;
}

static int collect_params(const char *tag, const char *text, void *arg)
{
	if (!strcmp(tag, "parm"))
		note_param(arg, text, false);
	else if (!strcmp(tag, "parmtype"))
		note_param(arg, text, true);
	return 0;
}

static void print_params(struct info *info)
{
	while (info->params) {
		struct param *param = info->params;
		char *line = text_of("%s:%s%s%s%s", param->name, param->text ? param->text : "",
				     param->type ? " (" : "", param->type ? param->type : "",
				     param->type ? ")" : "");

		print_line("parm", line);
		info->params = param->next;
		free(line);
		free(param->name);
		free(param->text);
		free(param->type);
		free(param);
	}
}

static int print_unit(const struct unit *unit)
{
	struct info info = { 0 };
	int ret = uwq_module_info(unit->object, collect_params, &info);

	if (ret) {
		say("%s: cannot be read: %s", unit->object, errname(ret));
		return 1;
	}
	print_line("name", unit->name);
	for (size_t i = 0; i < unit->sources.nr; i++)
		print_line("source", unit->sources.item[i]);
	if (!unit->sources.nr)
		print_line("filename", unit->object);
	for (size_t i = 0; i < NR_FIRST; i++) {
		info.wanted = first[i];
		uwq_module_info(unit->object, print_wanted, &info);
	}
	info.wanted = NULL;
	uwq_module_info(unit->object, print_wanted, &info);
	print_params(&info);
	return 0;
}

static int print_units(struct unit *units, const struct options *opt)
{
	const char *dir = NULL;
	int ret;

	for (struct unit *unit = units; unit; unit = unit->next) {
		if (unit->object)
			continue;
		dir = scratch_dir();
		if (!dir)
			return EXIT_BUILD;
	}
	catch_interrupts();
	ret = build_units(units, opt, dir, NULL);
	for (struct unit *unit = units; unit && !ret; unit = unit->next) {
		if (unit != units)
			putchar('\n');
		ret = print_unit(unit);
	}
	return ret;
}

int cmd_modinfo(char **argv)
{
	struct options opt;
	struct unit *units = NULL;
	int ret = parse_options(&opt, "modinfo", argv);

	if (!ret)
		ret = find_units(&opt.inputs, &units);
	if (!ret)
		ret = print_units(units, &opt);
	free_units(units);
	strings_free(&opt.inputs);
	strings_free(&opt.params);
	strings_free(&opt.library);
	strings_free(&opt.flags);
	return ret;
}

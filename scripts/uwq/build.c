// SPDX-License-Identifier: MIT
/*
 * build.c - compile the sources of a module and link them
 *
 * As Kbuild would: the module's name and the flags of the kernel's dialect; what
 * is declared nowhere is an error, since the kernel has no such call here. Only
 * exported symbols are visible to other modules, so the linker gets a list of
 * them, collected from the object files.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uwq/module.h>

#include "scripts/uwq/uwq.h"

/* What the library was built with; a module has to match the sanitizer */
#ifndef UWQ_CC
#define UWQ_CC			"cc"
#endif
#ifndef UWQ_SANITIZE_LIST
#define UWQ_SANITIZE_LIST	""
#endif

static const char *const dialect[] = {
	"-std=gnu11", "-O2", "-g", "-fPIC", "-pthread", "-fno-strict-aliasing", "-fno-common",
	"-fwrapv", "-fno-delete-null-pointer-checks", "-fno-omit-frame-pointer",
	"-Wall", "-Wno-pointer-sign", "-Wno-unused-but-set-variable",
	"-Wno-address-of-packed-member",
	"-Werror=implicit-function-declaration", "-Werror=implicit-int", "-Werror=return-type",
	"-Werror=incompatible-pointer-types", "-Werror=int-conversion",
	"-D__KERNEL__", "-DMODULE",
};

/* $CC may carry arguments: "ccache gcc" */
static void add_compiler(struct strings *args)
{
	const char *cc = getenv("CC");
	char *copy = text_of("%s", cc && *cc ? cc : UWQ_CC);
	char *save;

	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		strings_add(args, word);
	free(copy);
}

static void add_sanitizer(struct strings *args)
{
	if (*UWQ_SANITIZE_LIST)
		strings_add(args, "-fsanitize=" UWQ_SANITIZE_LIST);
}

/*
 * The headers: named by UWQ_INCLUDE, or beside the command: in the source tree
 * (build/uwq) or installed (PREFIX/bin/uwq).
 */
static char *include_dir(void)
{
	static const char *const places[] = {
		"../include/uwq",	/* installed: has linux/ inside */
		"../include",
		"../../include",
	};
	const char *given = getenv("UWQ_INCLUDE");
	char self[PATH_MAX];
	ssize_t len;

	if (given && *given)
		return text_of("%s", given);
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len > 0) {
		self[len] = '\0';
		*strrchr(self, '/') = '\0';
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			char *dir = text_of("%s/%s", self, places[i]);
			char *probe = text_of("%s/linux/workqueue.h", dir);
			bool there = !access(probe, R_OK);
			char real[PATH_MAX];
			char *found = there && realpath(dir, real) ? text_of("%s", real) : NULL;

			free(probe);
			free(dir);
			if (found)
				return found;
		}
	}
#ifdef UWQ_SOURCE_INCLUDE
	return text_of("%s", UWQ_SOURCE_INCLUDE);
#else
	say("the headers of uwq are not beside the command; set UWQ_INCLUDE to their folder");
	return NULL;
#endif
}

static void add_version(struct strings *args, const char *version)
{
	unsigned int major, minor;

	if (!version || sscanf(version, "%u.%u", &major, &minor) != 2)
		return;
	strings_addf(args, "-DUWQ_KERNEL_VERSION_MAJOR=%u", major);
	strings_addf(args, "-DUWQ_KERNEL_VERSION_MINOR=%u", minor);
}

static char *base_name_of(const char *source)
{
	const char *slash = strrchr(source, '/');
	char *name = text_of("%s", slash ? slash + 1 : source);
	char *dot = strrchr(name, '.');

	if (dot)
		*dot = '\0';
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return name;
}

static int compile(const struct unit *unit, const struct options *opt, const char *include,
		   const char *source, const char *object)
{
	struct strings args = { 0 };
	char *base = base_name_of(source);
	int status;

	add_compiler(&args);
	for (size_t i = 0; i < sizeof(dialect) / sizeof(dialect[0]); i++)
		strings_add(&args, dialect[i]);
	add_sanitizer(&args);
	if (*UWQ_SANITIZE_LIST)
		strings_add(&args, "-DUWQ_SANITIZE");
	strings_addf(&args, "-DKBUILD_MODNAME=\"%s\"", unit->name);
	strings_addf(&args, "-DKBUILD_BASENAME=\"%s\"", base);
	add_version(&args, opt->kernel);
	strings_addf(&args, "-I%s", include);
	for (size_t i = 0; i < unit->flags.nr; i++)
		strings_add(&args, unit->flags.item[i]);
	for (size_t i = 0; i < opt->flags.nr; i++)
		strings_add(&args, opt->flags.item[i]);
	strings_add(&args, "-c");
	strings_add(&args, "-o");
	strings_add(&args, object);
	strings_add(&args, source);
	status = run_program(args.item);
	strings_free(&args);
	free(base);
	if (status > 0)
		say("%s: did not compile", source);
	return status ? EXIT_BUILD : 0;
}

static int write_export(const char *tag, const char *text, void *arg)
{
	if (!strcmp(tag, "export"))
		fprintf(arg, "\t%s;\n", text);
	return 0;
}

static int write_symbol_list(const struct strings *objects, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		say("%s: %s", path, strerror(errno));
		return EXIT_BUILD;
	}
	fputs("{ global:\n\t__this_module;\n"
	      "\tuwq_module_init_call;\n\tinit_module;\n"
	      "\tuwq_module_exit_call;\n\tcleanup_module;\n", file);
	for (size_t i = 0; i < objects->nr; i++)
		uwq_module_info(objects->item[i], write_export, file);
	fputs("local:\n\t*;\n};\n", file);
	if (!fclose(file))
		return 0;
	say("%s: %s", path, strerror(errno));
	return EXIT_BUILD;
}

static int link_unit(const struct unit *unit, const struct strings *objects, const char *symbols,
		     const char *output)
{
	struct strings args = { 0 };
	int status;

	add_compiler(&args);
	strings_add(&args, "-shared");
	strings_add(&args, "-pthread");
	add_sanitizer(&args);
	strings_add(&args, "-Wl,-Bsymbolic");
	strings_addf(&args, "-Wl,--version-script=%s", symbols);
	strings_add(&args, "-o");
	strings_add(&args, output);
	for (size_t i = 0; i < objects->nr; i++)
		strings_add(&args, objects->item[i]);
	status = run_program(args.item);
	strings_free(&args);
	if (status > 0)
		say("%s: did not link", unit->name);
	return status ? EXIT_BUILD : 0;
}

static int build_unit(struct unit *unit, const struct options *opt, const char *include,
		      const char *output)
{
	struct strings objects = { 0 };
	const char *scratch = scratch_dir();
	char *symbols;
	int ret = 0;

	if (!scratch)
		return EXIT_BUILD;
	for (size_t i = 0; i < unit->sources.nr && !ret; i++) {
		strings_addf(&objects, "%s/%s.%zu.o", scratch, unit->name, i);
		ret = compile(unit, opt, include, unit->sources.item[i], objects.item[i]);
		if (interrupted())
			ret = EXIT_BUILD;
	}
	symbols = text_of("%s/%s.map", scratch, unit->name);
	if (!ret)
		ret = write_symbol_list(&objects, symbols);
	if (!ret)
		ret = link_unit(unit, &objects, symbols, output);
	for (size_t i = 0; i < objects.nr; i++)
		unlink(objects.item[i]);
	unlink(symbols);
	free(symbols);
	strings_free(&objects);
	if (!ret)
		unit->object = text_of("%s", output);
	return ret;
}

int build_units(struct unit *units, const struct options *opt, const char *dir,
		const char *output)
{
	char *include = include_dir();
	int ret = include ? 0 : EXIT_BUILD;

	for (struct unit *unit = units; unit && !ret; unit = unit->next) {
		char *path;

		if (unit->object)
			continue;
		path = output ? text_of("%s", output) : text_of("%s/%s.so", dir, unit->name);
		ret = build_unit(unit, opt, include, path);
		free(path);
	}
	free(include);
	return ret;
}

int cmd_build(char **argv)
{
	struct options opt;
	struct unit *units = NULL;
	int ret = parse_options(&opt, "build", argv);

	if (!ret)
		ret = find_units(&opt.inputs, &units);
	if (!ret && opt.output && units->next) {
		say("-o names one file, but this makes several modules");
		ret = EXIT_USAGE;
	}
	for (struct unit *unit = units; unit && !ret; unit = unit->next) {
		if (unit->object) {
			say("%s: is built already", unit->object);
			ret = EXIT_USAGE;
		}
	}
	if (!ret) {
		catch_interrupts();
		ret = build_units(units, &opt, ".", opt.output);
	}
	for (struct unit *unit = units; unit && !ret; unit = unit->next)
		printf("%s\n", unit->object);
	free_units(units);
	strings_free(&opt.inputs);
	strings_free(&opt.params);
	strings_free(&opt.library);
	strings_free(&opt.flags);
	return ret;
}

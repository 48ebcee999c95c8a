// SPDX-License-Identifier: MIT
/*
 * sources.c - from files and folders to modules
 *
 * All .c files named together are one module, called after the first. Each .so
 * is a module. A folder is what its Kbuild or Makefile says (kbuild.c), or one
 * module of all .c files in it, called after the folder. Modules keep the order
 * in which they were named.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scripts/uwq/uwq.h"

static struct unit *add_unit(struct unit **units)
{
	struct unit *unit = zalloc(sizeof(*unit));

	while (*units)
		units = &(*units)->next;
	*units = unit;
	return unit;
}

void free_units(struct unit *units)
{
	while (units) {
		struct unit *unit = units;

		units = unit->next;
		strings_free(&unit->sources);
		strings_free(&unit->flags);
		free(unit->name);
		free(unit->object);
		free(unit);
	}
}

/* The last part of a path without its ending, as kernel modules are named */
static char *module_name_of(const char *path)
{
	char real[PATH_MAX];
	const char *slash;
	char *name, *dot;

	if (realpath(path, real))
		path = real;
	slash = strrchr(path, '/');
	name = text_of("%s", slash ? slash + 1 : path);
	dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = '\0';
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return name;
}

static bool has_ending(const char *path, const char *ending)
{
	size_t len = strlen(path), tail = strlen(ending);

	return len > tail && !strcmp(path + len - tail, ending);
}

static int is_source(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && has_ending(entry->d_name, ".c") &&
	       !has_ending(entry->d_name, ".mod.c");
}

static int add_all_sources(const char *dir, struct unit **units)
{
	struct dirent **entries;
	int nr = scandir(dir, &entries, is_source, alphasort);
	struct unit *unit;

	if (nr < 0) {
		say("%s: %s", dir, strerror(errno));
		return EXIT_USAGE;
	}
	if (!nr) {
		free(entries);
		say("%s: there is no .c file in this folder", dir);
		return EXIT_USAGE;
	}
	unit = add_unit(units);
	unit->name = module_name_of(dir);
	for (int i = 0; i < nr; i++) {
		strings_addf(&unit->sources, "%s/%s", dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static int add_folder(const char *dir, struct unit **units)
{
	static const char *const names[] = { "Kbuild", "Makefile" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct unit *found = NULL, **at = units;
		char *path = text_of("%s/%s", dir, names[i]);
		int ret = access(path, R_OK) ? 0 : read_kbuild(dir, path, &found);

		free(path);
		if (ret)
			return ret;
		while (*at)
			at = &(*at)->next;
		*at = found;
		if (found)
			return 0;
	}
	return add_all_sources(dir, units);
}

static int add_file(const char *path, struct unit **units, struct unit **of_sources)
{
	if (has_ending(path, ".so")) {
		struct unit *unit = add_unit(units);

		unit->name = module_name_of(path);
		unit->object = text_of("%s", path);
		return 0;
	}
	if (!has_ending(path, ".c")) {
		say("%s: neither a .c file, nor a .so file, nor a folder", path);
		return EXIT_USAGE;
	}
	if (!*of_sources) {
		*of_sources = add_unit(units);
		(*of_sources)->name = module_name_of(path);
	}
	strings_add(&(*of_sources)->sources, path);
	return 0;
}

int find_units(const struct strings *inputs, struct unit **units)
{
	struct unit *of_sources = NULL;
	struct stat st;
	int ret = 0;

	for (size_t i = 0; i < inputs->nr && !ret; i++) {
		const char *path = inputs->item[i];

		if (stat(path, &st)) {
			say("%s: %s", path, strerror(errno));
			ret = EXIT_USAGE;
		} else if (S_ISDIR(st.st_mode)) {
			ret = add_folder(path, units);
		} else {
			ret = add_file(path, units, &of_sources);
		}
	}
	return ret;
}

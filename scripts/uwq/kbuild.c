// SPDX-License-Identifier: MIT
/*
 * kbuild.c - the part of Kbuild files that says what a module is made of
 *
 * Understood: obj-m, NAME-objs, NAME-y and ccflags-y or EXTRA_CFLAGS, assigned
 * with =, := or +=, over continued lines, with $(src), $(obj), $(PWD), $(CURDIR)
 * and $(M) for the folder. Conditions are taken as true: what stands before the
 * "else" of an ifneq ($(KERNELRELEASE),) is the part that Kbuild reads, and
 * recipes are not looked at. Other variables in those lines are more than this
 * reader knows; it says so, and the sources have to be named instead.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scripts/uwq/uwq.h"

/* One assignment: the name on its left, the words on its right */
struct assignment {
	char *name;
	struct strings words;
};

struct kbuild {
	const char *dir;
	const char *path;
	struct assignment *items;
	size_t nr;
};

static struct assignment *find(struct kbuild *kb, const char *name)
{
	for (size_t i = 0; i < kb->nr; i++)
		if (!strcmp(kb->items[i].name, name))
			return &kb->items[i];
	return NULL;
}

static struct assignment *find_or_add(struct kbuild *kb, const char *name)
{
	struct assignment *item = find(kb, name);
	struct assignment *more;

	if (item)
		return item;
	more = zalloc((kb->nr + 1) * sizeof(*more));
	if (kb->nr)
		memcpy(more, kb->items, kb->nr * sizeof(*more));
	free(kb->items);
	kb->items = more;
	more[kb->nr].name = text_of("%s", name);
	return &more[kb->nr++];
}

static bool ends_with(const char *text, const char *tail)
{
	size_t len = strlen(text), tail_len = strlen(tail);

	return len > tail_len && !strcmp(text + len - tail_len, tail);
}

static bool is_ours(const char *name)
{
	return !strcmp(name, "obj-m") || !strcmp(name, "EXTRA_CFLAGS") ||
	       ends_with(name, "-objs") || ends_with(name, "-y");
}

/* The word with the folder in place of its variables; NULL if there are others */
static char *expand(const struct kbuild *kb, const char *word)
{
	static const char *const names[] = {
		"$(src)", "$(obj)", "$(PWD)", "$(CURDIR)", "$(M)", "${src}", "${PWD}",
	};
	char *out = text_of("%s", "");

	while (*word) {
		size_t i, len = 1;
		const char *piece = word;
		char *more;

		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (!strncmp(word, names[i], strlen(names[i]))) {
				len = strlen(names[i]);
				piece = kb->dir;
				break;
			}
		}
		if (*piece == '$' && piece == word) {
			free(out);
			return NULL;
		}
		more = piece == word ? text_of("%s%c", out, *word) : text_of("%s%s", out, piece);
		free(out);
		out = more;
		word += len;
	}
	return out;
}

/* Flags pass through a shell in Kbuild: quotes and backslashes are its own */
static void unquote(char *word)
{
	char *to = word;

	for (; *word; word++) {
		if (*word == '\\' && word[1])
			*to++ = *++word;
		else if (*word != '"' && *word != '\'')
			*to++ = *word;
	}
	*to = '\0';
}

static int add_words(struct kbuild *kb, struct assignment *item, char *words)
{
	char *save, *word;

	for (word = strtok_r(words, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save)) {
		char *text = expand(kb, word);

		if (!text) {
			say("%s: %s: %s is more than uwq reads; name the sources instead",
			    kb->path, item->name, word);
			return EXIT_USAGE;
		}
		if (*text == '-')
			unquote(text);
		strings_add(&item->words, text);
		free(text);
	}
	return 0;
}

static int read_line(struct kbuild *kb, char *line)
{
	char *equals = strchr(line, '='), *name = line, *end;
	bool adds;

	if (*line == '\t' || !equals || equals == line)
		return 0;
	name += strspn(name, " ");
	adds = equals[-1] == '+';
	for (end = equals; end > name && strchr(" \t:+?", end[-1]); end--)
		;
	*end = '\0';
	if (!is_ours(name))
		return 0;
	if (!adds && find(kb, name))
		strings_free(&find(kb, name)->words);
	return add_words(kb, find_or_add(kb, name), equals + 1);
}

static int read_lines(struct kbuild *kb, FILE *file)
{
	char *line = NULL, *whole = NULL;
	size_t size = 0;
	int ret = 0;

	while (!ret && getline(&line, &size, file) >= 0) {
		char *comment = strchr(line, '#');
		char *joined;
		size_t len;

		if (comment)
			*comment = '\0';
		len = strcspn(line, "\r\n");
		line[len] = '\0';
		joined = text_of("%s%s", whole ? whole : "", line);
		free(whole);
		whole = joined;
		len = strlen(whole);
		if (len && whole[len - 1] == '\\') {
			whole[len - 1] = ' ';
			continue;
		}
		ret = read_line(kb, whole);
		free(whole);
		whole = NULL;
	}
	free(whole);
	free(line);
	return ret;
}

static void add_sources(struct kbuild *kb, struct unit *unit, const struct strings *objects)
{
	for (size_t i = 0; i < objects->nr; i++) {
		const char *object = objects->item[i];

		if (ends_with(object, ".o"))
			strings_addf(&unit->sources, "%s/%.*s.c", kb->dir,
				     (int)strlen(object) - 2, object);
	}
}

static struct unit *make_unit(struct kbuild *kb, const char *object)
{
	static const char *const parts[] = { "-objs", "-y" };
	static const char *const flags[] = { "ccflags-y", "EXTRA_CFLAGS" };
	struct unit *unit = zalloc(sizeof(*unit));
	char *stem = text_of("%.*s", (int)strlen(object) - 2, object);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *name = text_of("%s%s", stem, parts[i]);
		struct assignment *item = find(kb, name);

		if (item)
			add_sources(kb, unit, &item->words);
		free(name);
	}
	if (!unit->sources.nr)
		strings_addf(&unit->sources, "%s/%s.c", kb->dir, stem);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct assignment *item = find(kb, flags[i]);

		for (size_t k = 0; item && k < item->words.nr; k++)
			strings_add(&unit->flags, item->words.item[k]);
	}
	strings_addf(&unit->flags, "-I%s", kb->dir);
	for (char *c = stem; *c; c++)
		if (*c == '-')
			*c = '_';
	unit->name = stem;
	return unit;
}

int read_kbuild(const char *dir, const char *path, struct unit **units)
{
	struct kbuild kb = { .dir = dir, .path = path };
	FILE *file = fopen(path, "re");
	struct assignment *modules;
	int ret;

	if (!file) {
		say("%s: %s", path, strerror(errno));
		return EXIT_USAGE;
	}
	ret = read_lines(&kb, file);
	fclose(file);
	modules = ret ? NULL : find(&kb, "obj-m");
	for (size_t i = 0; modules && i < modules->words.nr; i++) {
		if (!ends_with(modules->words.item[i], ".o"))
			continue;
		*units = make_unit(&kb, modules->words.item[i]);
		units = &(*units)->next;
	}
	for (size_t i = 0; i < kb.nr; i++) {
		free(kb.items[i].name);
		strings_free(&kb.items[i].words);
	}
	free(kb.items);
	return ret;
}

// SPDX-License-Identifier: MIT
/*
 * text.c - strings, lists of them, and messages
 *
 * Used by every file of the command. A command of this size does not go on
 * without memory, so running out of it ends the process with a message.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scripts/uwq/uwq.h"

static void *checked(void *memory)
{
	if (!memory) {
		fputs("uwq: out of memory\n", stderr);
		exit(EXIT_BUILD);
	}
	return memory;
}

void *zalloc(size_t size)
{
	return checked(calloc(1, size));
}

char *text_of(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	return checked(text);
}

static void add_owned(struct strings *list, char *text)
{
	list->item = checked(realloc(list->item, (list->nr + 2) * sizeof(*list->item)));
	list->item[list->nr++] = text;
	list->item[list->nr] = NULL;
}

void strings_add(struct strings *list, const char *text)
{
	add_owned(list, checked(strdup(text)));
}

void strings_addf(struct strings *list, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	add_owned(list, checked(text));
}

void strings_free(struct strings *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->item[i]);
	free(list->item);
	list->item = NULL;
	list->nr = 0;
}

void say(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	fprintf(stderr, "uwq: %s\n", text ? text : fmt);
	free(text);
}

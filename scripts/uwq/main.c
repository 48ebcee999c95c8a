// SPDX-License-Identifier: MIT
/*
 * main.c - the uwq command: which subcommand?
 */
#include <stdio.h>
#include <string.h>

#include "scripts/uwq/uwq.h"

#ifndef UWQ_VERSION
#define UWQ_VERSION	"unknown"
#endif

static const struct {
	const char *name;
	int (*run)(char **argv);
} commands[] = {
	{ "run",     cmd_run },
	{ "build",   cmd_build },
	{ "modinfo", cmd_modinfo },
};

static bool asks_for_help(char **argv)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (!strcmp(word, "--version")) {
		puts("uwq " UWQ_VERSION);
		return 0;
	}
	if (!strcmp(word, "help"))
		return usage(argc > 2 ? argv[2] : "", true);
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return usage("", true);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(word, commands[i].name))
			continue;
		if (asks_for_help(argv + 2))
			return usage(word, true);
		return commands[i].run(argv + 2);
	}
	if (!*word)
		return usage("", false);
	say("%s: unknown command; see uwq help", word);
	return EXIT_USAGE;
}

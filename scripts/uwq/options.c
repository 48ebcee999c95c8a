// SPDX-License-Identifier: MIT
/*
 * options.c - what was typed, sorted: options, files, parameters
 *
 * A word with '=' and no '/' before it is a parameter; "workqueue." and "uwq."
 * parameters are the library's. A word without '=' that names no file is a
 * parameter too, once a file was named (a bool may stand alone). All else is a
 * file, and sources.c says what is wrong with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/errname.h>

#include "scripts/uwq/uwq.h"

/* ERRNO values end below this, those of the kernel itself included */
#define MAX_ERRNO_NUMBER	600

/* Letters of names of parameters, of modules before their dot, and of kernel modules' files */
static bool is_name(const char *text, size_t len)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	return len && strspn(text, letters) >= len;
}

static bool is_library_param(const char *word)
{
	return !strncmp(word, "workqueue.", 10) || !strncmp(word, "uwq.", 4);
}

static bool has_ending(const char *word, const char *ending)
{
	size_t len = strlen(word), tail = strlen(ending);

	return len > tail && !strcmp(word + len - tail, ending);
}

static bool is_parameter(const struct options *opt, const char *word)
{
	const char *equals = strchr(word, '=');

	if (equals)
		return is_name(word, (size_t)(equals - word));
	return opt->inputs.nr && is_name(word, strlen(word)) && access(word, F_OK) &&
	       !has_ending(word, ".c") && !has_ending(word, ".so");
}

static int parse_errno(struct options *opt, const char *name)
{
	if (*name == '-')
		name++;
	for (int err = 1; err < MAX_ERRNO_NUMBER; err++) {
		const char *known = errname(err);

		if (known && !strcmp(known, name)) {
			opt->expect = known;
			opt->expect_errno = err;
			return 0;
		}
	}
	say("--expect-error: there is no error named %s", name);
	return EXIT_USAGE;
}

static int parse_kernel(struct options *opt, const char *text)
{
	unsigned int major, minor;
	char more;

	if (sscanf(text, "%u.%u%c", &major, &minor, &more) != 2 || major > 255 || minor > 255) {
		say("--kernel wants a version like 6.12, not %s", text);
		return EXIT_USAGE;
	}
	opt->kernel = text;
	return 0;
}

static int parse_seconds(struct options *opt, const char *text)
{
	char *end;

	opt->seconds = strtod(text, &end);
	if (end == text || *end || !(opt->seconds >= 0 && opt->seconds < 1e9)) {
		say("--for wants a number of seconds, not %s", text);
		return EXIT_USAGE;
	}
	return 0;
}

static int parse_cpus(struct options *opt, const char *text)
{
	char *end;
	long nr = strtol(text, &end, 10);

	if (end == text || *end || nr < 1 || nr > 1024) {
		say("--cpus wants a number from 1 to 1024, not %s", text);
		return EXIT_USAGE;
	}
	strings_addf(&opt->library, "uwq.nr_cpus=%ld", nr);
	return 0;
}

static int parse_output(struct options *opt, const char *text)
{
	opt->output = text;
	return 0;
}

static const struct {
	const char *name;
	int (*parse)(struct options *opt, const char *text);
	const char *commands;	/* that know it */
} valued[] = {
	{ "--cpus",	    parse_cpus,	   "run" },
	{ "--for",	    parse_seconds, "run" },
	{ "--expect-error", parse_errno,   "run" },
	{ "--kernel",	    parse_kernel,  "run build modinfo" },
	{ "-o",		    parse_output,  "build" },
};

/*
 * An option with a value, as "--x V" or "--x=V". Moves *argv to the last word
 * used. Returns -1 if the word is no such option.
 */
static int parse_valued(struct options *opt, const char *command, char ***argv)
{
	const char *word = **argv;

	for (size_t i = 0; i < sizeof(valued) / sizeof(valued[0]); i++) {
		size_t len = strlen(valued[i].name);

		if (strncmp(word, valued[i].name, len) || !strstr(valued[i].commands, command))
			continue;
		if (word[len] == '=')
			return valued[i].parse(opt, word + len + 1);
		if (word[len])
			continue;
		if (!(*argv)[1]) {
			say("%s needs a value", word);
			return EXIT_USAGE;
		}
		return valued[i].parse(opt, *++*argv);
	}
	return -1;
}

static int parse_word(struct options *opt, const char *command, char ***argv)
{
	char *word = **argv;
	int ret;

	if (*word == '-') {
		if ((word[1] == 'D' || word[1] == 'I') && word[2]) {
			strings_add(&opt->flags, word);
			return 0;
		}
		ret = parse_valued(opt, command, argv);
		if (ret < 0) {
			say("%s: unknown option; see uwq help %s", word, command);
			ret = EXIT_USAGE;
		}
		return ret;
	}
	if (!is_parameter(opt, word))
		strings_add(&opt->inputs, word);
	else if (is_library_param(word))
		strings_add(&opt->library, word);
	else
		strings_add(&opt->params, word);
	return 0;
}

int parse_options(struct options *opt, const char *command, char **argv)
{
	int ret = 0;

	*opt = (struct options){ .seconds = -1 };
	for (; *argv && !ret; argv++)
		ret = parse_word(opt, command, &argv);
	if (ret)
		return ret;
	if (!opt->inputs.nr) {
		say("which module? Name a FILE.c, a FILE.so or a folder");
		return EXIT_USAGE;
	}
	if (strcmp(command, "run") && (opt->params.nr || opt->library.nr)) {
		say("%s: parameters are for uwq run",
		    opt->params.nr ? opt->params.item[0] : opt->library.item[0]);
		return EXIT_USAGE;
	}
	return 0;
}

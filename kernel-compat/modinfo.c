// SPDX-License-Identifier: MIT
/*
 * modinfo.c - what a module file says about itself
 *
 * Called by the uwq command: for `uwq modinfo`, and for the list of exported
 * symbols when it links a module. Nothing of the module is loaded or run.
 */
#include <string.h>

#include <uwq/module.h>

#include "kernel-compat/elf_file.h"

struct info_reader {
	int (*fn)(const char *tag, const char *text, void *arg);
	void *arg;
};

static int split_info(const char *text, void *arg)
{
	const struct info_reader *reader = arg;
	const char *equals = strchr(text, '=');
	char tag[64];

	if (!equals || (size_t)(equals - text) >= sizeof(tag))
		return 0;
	memcpy(tag, text, (size_t)(equals - text));
	tag[equals - text] = '\0';
	return reader->fn(tag, equals + 1, reader->arg);
}

/**
 * uwq_module_info - what a module file says about itself, without loading it
 * @path: shared object or object file
 * @fn: called with each tag and its text, in the order of the sources; a value
 *	other than 0 ends the walk
 * @arg: handed to @fn
 *
 * Tags are those of Linux (license, author, parm, parmtype ...) and "export"
 * for each exported symbol.
 *
 * Context: Any thread. Reads the file.
 * Return: 0, what @fn returned, or a negative errno: -ENOEXEC for another kind
 * of file.
 */
int uwq_module_info(const char *path,
		    int (*fn)(const char *tag, const char *text, void *arg), void *arg)
{
	struct info_reader reader = { fn, arg };
	struct elf_file elf;
	int ret = elf_open(&elf, path);

	if (ret)
		return ret;
	ret = elf_each_string(&elf, ".modinfo", split_info, &reader);
	elf_close(&elf);
	return ret;
}

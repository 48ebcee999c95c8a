// SPDX-License-Identifier: MIT
/*
 * help.c - uwq help, and what wrong words are answered with
 */
#include <stdio.h>
#include <string.h>

#include "scripts/uwq/uwq.h"

static const struct {
	const char *command;
	const char *text;
} pages[] = {
	{ "", /* the overview */
	  "usage: uwq run [OPTION]... FILE.c|FILE.so|FOLDER... [PARAM=VALUE]...\n"
	  "       uwq build [-o OUT] FILE.c|FOLDER...\n"
	  "       uwq modinfo FILE.c|FILE.so|FOLDER...\n"
	  "       uwq help [COMMAND]\n"
	  "       uwq --version\n"
	  "\n"
	  "Runs kernel modules that use workqueues as a process.\n"
	  "Exit status: 0 as asked, 1 the module failed, 2 wrong usage, 3 could not build.\n" },
	{ "run",
	  "usage: uwq run [OPTION]... FILE.c|FILE.so|FOLDER... [PARAM=VALUE]...\n"
	  "\n"
	  "Compiles what has to be compiled, loads it, sets parameters, runs init, stays until\n"
	  "nothing of the module runs, is queued, armed or alive, then runs exit and reports\n"
	  "what was left behind.\n"
	  "\n"
	  "All .c files together are one module, called after the first. A folder is what its\n"
	  "Kbuild or Makefile says, or one module of all its .c files. A .so file was made by\n"
	  "uwq build. With several modules, a later one may use symbols that an earlier exports.\n"
	  "\n"
	  "  --cpus N            run as on N CPUs, whatever the machine has\n"
	  "  --kernel X.Y        the version that LINUX_VERSION_CODE tells the module\n"
	  "  --for SECONDS       stay no longer than this before running exit\n"
	  "  --expect-error NAME succeed if init returns exactly this error, and only then\n"
	  "  -DNAME[=X], -IDIR   for the compiler\n"
	  "  workqueue.P=V       parameter of the library, as in UWQ_CMDLINE; also uwq.P=V\n"
	  "  P=V                 parameter of the module; MODULE.P=V of one of several\n"
	  "\n"
	  "SIGINT (Ctrl-C) or SIGTERM runs exit early; a second one ends the process at once.\n"
	  "Status: 0; 1 if init failed otherwise than expected or something was left behind;\n"
	  "2 for a wrong word or parameter; 3 if a source did not compile.\n"
	  "Environment: UWQ_CMDLINE, CC, TMPDIR, UWQ_INCLUDE (folder of the headers).\n" },
	{ "build",
	  "usage: uwq build [-o OUT] [--kernel X.Y] [-DX] [-IDIR] FILE.c|FOLDER...\n"
	  "\n"
	  "Makes NAME.so of the sources in the current folder, or OUT, for uwq run and for\n"
	  "uwq_module_open(); prints where it is. Options as in uwq help run.\n" },
	{ "modinfo",
	  "usage: uwq modinfo [--kernel X.Y] [-DX] [-IDIR] FILE.c|FILE.so|FOLDER...\n"
	  "\n"
	  "Prints what a module says about itself: description, author, license, exported\n"
	  "symbols, and its parameters with text and type. Nothing of it runs.\n" },
	{ "help",
	  "usage: uwq help [COMMAND]\n" },
};

/* @asked: the text is what the person wants; else it explains an error */
int usage(const char *command, bool asked)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(pages[i].command, command))
			continue;
		fputs(pages[i].text, asked ? stdout : stderr);
		return asked ? 0 : EXIT_USAGE;
	}
	say("there is no command %s", command);
	return EXIT_USAGE;
}

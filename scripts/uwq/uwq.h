/* SPDX-License-Identifier: MIT */
/*
 * uwq.h - between the files of the uwq command
 *
 * main.c picks the subcommand; options.c and sources.c understand what was
 * typed; build.c makes shared objects of sources; run.c leads modules through
 * their lives, with watch.c deciding when it is time to leave and leftovers.c
 * looking at what stayed behind.
 */
#ifndef UWQ_SCRIPTS_UWQ_H
#define UWQ_SCRIPTS_UWQ_H

#include <stdbool.h>
#include <stddef.h>

#define EXIT_USAGE	2
#define EXIT_BUILD	3

/* A growing list of strings, each its own copy; what NULL-terminated argv needs */
struct strings {
	char **item;	/* item[nr] is NULL once something was added */
	size_t nr;
};

/* Memory running out ends the command with a message; nothing is half done then */
void strings_add(struct strings *list, const char *text);
__attribute__((format(printf, 2, 3))) void strings_addf(struct strings *list,
							const char *fmt, ...);
void strings_free(struct strings *list);
__attribute__((format(printf, 1, 2))) char *text_of(const char *fmt, ...);
void *zalloc(size_t size);

/* "uwq: ..." on standard error */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

/* One module to be: sources to compile, or a shared object that is there already */
struct unit {
	struct unit *next;
	char *name;		/* of the module, as KBUILD_MODNAME */
	struct strings sources;	/* empty: @object was given */
	struct strings flags;	/* -D and -I of its Makefile */
	char *object;		/* path of the shared object, NULL until it is built */
};

/* What was typed after `uwq run`, `uwq build` and `uwq modinfo` */
struct options {
	struct strings inputs;	/* FILE.c, FILE.so, DIR */
	struct strings params;	/* name=value for the modules */
	struct strings library;	/* workqueue.x=y, uwq.x=y: for the library */
	struct strings flags;	/* -DX, -IX for the compiler */
	const char *output;	/* -o; NULL = chosen */
	const char *kernel;	/* --kernel X.Y; NULL = newest */
	double seconds;		/* --for; negative = as long as it takes */
	const char *expect;	/* --expect-error NAME; NULL = success */
	int expect_errno;	/* positive number of that name */
};

/* options.c: 0, or EXIT_USAGE after a message */
int parse_options(struct options *opt, const char *command, char **argv);

/* sources.c: the modules that the inputs stand for; 0, or EXIT_USAGE or EXIT_BUILD after a message */
int find_units(const struct strings *inputs, struct unit **units);
void free_units(struct unit *units);

/* kbuild.c: obj-m and its relatives in a directory's Kbuild or Makefile */
int read_kbuild(const char *dir, const char *path, struct unit **units);

/* build.c: make the objects of all units that have sources, in @dir or at @output */
int build_units(struct unit *units, const struct options *opt, const char *dir,
		const char *output);

/* scratch.c: a private folder, gone when the command ends */
const char *scratch_dir(void);
void scratch_remove(void);

/* process.c: run a program and wait; its exit status, or -1 after a message */
int run_program(char *const argv[]);
/* A SIGINT or SIGTERM that came while programs were running, or 0 */
int interrupted(void);
void catch_interrupts(void);

/* watch.c */
struct life;
struct module;

enum life_task { LIFE_INIT, LIFE_EXIT };

struct life *life_start(void);
int life_do(struct life *life, int (*fn)(void *arg), void *arg, const char *what,
	    double *seconds);
void life_wait_until_over(struct life *life, struct module **modules, size_t nr,
			  double *seconds);
void life_end(struct life *life);

/* leftovers.c: report what @mod left behind; how many things */
struct leftovers {
	unsigned int ledger_mark;
};
void leftovers_mark(struct leftovers *left);
size_t leftovers_report(const struct leftovers *left, struct module **modules, size_t nr);
bool modules_are_busy(struct module **modules, size_t nr);

/* Subcommands: exit status */
int cmd_run(char **argv);
int cmd_build(char **argv);
int cmd_modinfo(char **argv);
int usage(const char *command, bool asked);

#endif

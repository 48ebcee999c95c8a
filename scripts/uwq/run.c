// SPDX-License-Identifier: MIT
/*
 * run.c - uwq run: modules from their sources to their last word
 *
 * Compile, map, set parameters; then init in the order named, wait until the
 * work is over, exit in reverse order, and a look at what stayed behind. Nothing
 * of any module runs before all of them could be loaded and configured.
 *
 * Parameters of the library must be there before its constructors: for them the
 * command starts itself once more with a longer UWQ_CMDLINE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/errname.h>
#include <linux/module.h>

#include <uwq/module.h>
#include <uwq/workqueue.h>

#include "scripts/uwq/uwq.h"

/* Tells the second start that UWQ_CMDLINE is complete */
#define STARTED_AGAIN	"UWQ_RUN_STARTED_AGAIN"

struct run {
	struct options opt;
	struct unit *units;
	struct module **modules;
	size_t nr;		/* opened */
	size_t nr_live;		/* init has succeeded; they come first */
	struct leftovers left;
	struct life *life;
	double seconds;		/* left of --for */
	int failed;		/* what a failed init returned */
	int status;
};

/* "-ENOENT (No such file or directory)" in a buffer of the caller's */
static const char *explain(int ret, char *buf, size_t size)
{
	const char *name = errname(ret);

	if (name)
		snprintf(buf, size, "%s (%s)", name, strerror(-ret));
	else
		snprintf(buf, size, "%d", ret);
	return buf;
}

/* A word for UWQ_CMDLINE; white space needs quotes there */
static void append_word(char **cmdline, const char *word)
{
	const char *quote = strpbrk(word, " \t\n") ? "\"" : "";
	char *longer = text_of("%s%s%s%s%s", *cmdline, **cmdline ? " " : "", quote, word, quote);

	free(*cmdline);
	*cmdline = longer;
}

static int start_again(const struct options *opt, char **argv)
{
	const char *old = getenv("UWQ_CMDLINE");
	char *cmdline = text_of("%s", old ? old : "");
	struct strings args = { 0 };
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	for (size_t i = 0; i < opt->library.nr; i++)
		append_word(&cmdline, opt->library.item[i]);
	setenv("UWQ_CMDLINE", cmdline, 1);
	setenv(STARTED_AGAIN, "1", 1);
	strings_add(&args, "uwq");
	strings_add(&args, "run");
	for (; *argv; argv++)
		strings_add(&args, *argv);
	if (len > 0) {
		self[len] = '\0';
		execv(self, args.item);
	}
	say("cannot start again with the parameters of the library: %s", strerror(errno));
	return EXIT_BUILD;
}

static int open_modules(struct run *run)
{
	size_t nr = 0;

	for (struct unit *unit = run->units; unit; unit = unit->next)
		nr++;
	run->modules = zalloc(nr * sizeof(*run->modules));
	for (struct unit *unit = run->units; unit; unit = unit->next) {
		if (uwq_module_open(unit->object, &run->modules[run->nr]))
			return 1;
		run->nr++;
	}
	return 0;
}

static bool has_param(const struct module *mod, const char *name, size_t len)
{
	for (unsigned int i = 0; i < mod->num_kp; i++) {
		const char *known = mod->kp[i].name;
		size_t k;

		for (k = 0; k < len && known[k]; k++)
			if (known[k] != name[k] && !(known[k] == '_' && name[k] == '-'))
				break;
		if (k == len && !known[k])
			return true;
	}
	return false;
}

/* NAME=VALUE is for every module that has a NAME, MODULE.NAME=VALUE for that one */
static int set_param(struct run *run, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *dot = memchr(word, '.', len);
	size_t taken = 0;

	for (size_t i = 0; i < run->nr; i++) {
		struct module *mod = run->modules[i];
		size_t prefix = dot ? (size_t)(dot - word) : 0;
		const char *plain = word;

		if (dot && strlen(mod->name) == prefix && !strncmp(word, mod->name, prefix))
			plain = dot + 1;
		else if (!has_param(mod, word, len))
			continue;
		taken++;
		if (uwq_module_param(mod, plain))
			return EXIT_USAGE;
	}
	if (taken)
		return 0;
	/* let the loader say which ones there are */
	for (size_t i = 0; i < run->nr; i++)
		uwq_module_param(run->modules[i], word);
	return EXIT_USAGE;
}

static int set_params(struct run *run)
{
	int ret = 0;

	for (size_t i = 0; i < run->opt.params.nr && !ret; i++)
		ret = set_param(run, run->opt.params.item[i]);
	return ret;
}

static int run_init(void *mod)
{
	return uwq_module_init(mod);
}

static int run_exit(void *mod)
{
	return uwq_module_exit(mod);
}

static int close_modules(void *arg)
{
	struct run *run = arg;

	while (run->nr)
		uwq_module_close(run->modules[--run->nr]);
	return 0;
}

struct report_request {
	struct run *run;
	size_t found;
};

static int run_report(void *arg)
{
	struct report_request *request = arg;
	struct run *run = request->run;

	request->found = leftovers_report(&run->left, run->modules, run->nr);
	return 0;
}

static void init_modules(struct run *run)
{
	const struct options *opt = &run->opt;
	char text[128];

	for (size_t i = 0; i < run->nr && !run->failed; i++) {
		struct module *mod = run->modules[i];

		run->failed = life_do(run->life, run_init, mod, "asking init to give up",
				      &run->seconds);
		if (!run->failed) {
			run->nr_live++;
			continue;
		}
		explain(run->failed, text, sizeof(text));
		say("%s: init returned %s%s", mod->name, text,
		    run->failed == -opt->expect_errno ? ", as expected" : "");
	}
	if (opt->expect ? run->failed != -opt->expect_errno : run->failed != 0)
		run->status = 1;
	if (opt->expect && !run->failed)
		say("init returned 0, not -%s as expected", opt->expect);
}

static void exit_modules(struct run *run)
{
	char text[128];

	while (run->nr_live) {
		struct module *mod = run->modules[--run->nr_live];
		int ret = life_do(run->life, run_exit, mod, "exit is running already", NULL);

		if (ret == -EBUSY) {
			say("%s: has no exit function and stays loaded", mod->name);
		} else if (ret == -EWOULDBLOCK) {
			say("%s: is still in use (%d references), exit did not run", mod->name,
			    module_refcount(mod));
			run->status = 1;
		} else if (ret) {
			say("%s: exit did not run: %s", mod->name,
			    explain(ret, text, sizeof(text)));
			run->status = 1;
		}
	}
}

/* From here on code of the modules runs */
static void live(struct run *run)
{
	struct report_request request = { .run = run };
	bool expected_end;

	leftovers_mark(&run->left);
	init_modules(run);
	expected_end = run->failed || run->opt.expect;
	if (!expected_end)
		life_wait_until_over(run->life, run->modules, run->nr, &run->seconds);
	exit_modules(run);
	life_do(run->life, run_report, &request, "looking for what was left behind", NULL);
	if (request.found) {
		say("%zu thing%s left behind, see above", request.found,
		    request.found == 1 ? " was" : "s were");
		run->status = 1;
		return;		/* it may still run: the code has to stay */
	}
	workqueue_shutdown(true);
	life_do(run->life, close_modules, run, "ending", NULL);
}

static int load_and_live(struct run *run)
{
	int ret = open_modules(run);

	if (!ret)
		ret = set_params(run);
	if (ret) {
		close_modules(run);
		return ret;
	}
	run->life = life_start();
	if (!run->life)
		return EXIT_BUILD;
	live(run);
	life_end(run->life);
	return run->status;
}

static int run_units(struct run *run)
{
	const char *dir = NULL;
	int ret;

	for (struct unit *unit = run->units; unit; unit = unit->next) {
		if (unit->object)
			continue;
		dir = scratch_dir();
		if (!dir)
			return EXIT_BUILD;
	}
	catch_interrupts();
	ret = build_units(run->units, &run->opt, dir, NULL);
	if (interrupted())
		return 128 + interrupted();
	return ret ? ret : load_and_live(run);
}

int cmd_run(char **argv)
{
	struct run run = { 0 };
	int ret = parse_options(&run.opt, "run", argv);

	if (!ret && run.opt.library.nr && !getenv(STARTED_AGAIN))
		ret = start_again(&run.opt, argv);
	unsetenv(STARTED_AGAIN);
	run.seconds = run.opt.seconds;
	if (!ret)
		ret = find_units(&run.opt.inputs, &run.units);
	if (!ret)
		ret = run_units(&run);
	free(run.modules);
	free_units(run.units);
	strings_free(&run.opt.inputs);
	strings_free(&run.opt.params);
	strings_free(&run.opt.library);
	strings_free(&run.opt.flags);
	return ret;
}

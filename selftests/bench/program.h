/* SPDX-License-Identifier: MIT */
/*
 * program.h - main() of every program of the bench
 *
 *	PROGRAM [-l] [-n] [-s SCALE] [CASE...]
 *
 * Runs the cases named, or all, once each and prints one line for each figure; -l lists
 * their names, -n names and counts. The includer has defined bench_cases[].
 */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <sys/wait.h>

#include "crew.h"

struct bench_case {
	const char *name;
	void (*run)(const struct bench_case *c);
	long n;			/* how often, or how many; see the function */
	int producers, workers;
};

/*
 * In a process of its own: some libraries have one set of threads for the life of a
 * process, pinned where the case before left them.
 */
static inline void run_case(const struct bench_case *c)
{
	int status;
	pid_t child;

	bench_case = c->name;
	child = fork();
	if (!child) {
		c->run(c);
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		bench_fail("the case did not end well");
}

static inline const struct bench_case *find_case(const struct bench_case *cases, int nr,
						 const char *name)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(cases[i].name, name))
			return &cases[i];
	return NULL;
}

static inline int bench_main(int argc, char **argv, const struct bench_case *cases, int nr)
{
	int opt, i;

	sched_getaffinity(0, sizeof(bench_cpus), &bench_cpus);
	while ((opt = getopt(argc, argv, "lns:")) != -1) {
		switch (opt) {
		case 'l':
			for (i = 0; i < nr; i++)
				printf("%s\n", cases[i].name);
			return 0;
		case 'n':
			for (i = 0; i < nr; i++)
				printf("%s\t%ld\n", cases[i].name, scaled(cases[i].n, 0));
			return 0;
		case 's':
			bench_scale = atof(optarg);
			break;
		default:
			fprintf(stderr, "usage: %s [-l] [-n] [-s SCALE] [CASE...]\n", argv[0]);
			return 2;
		}
	}
	for (i = optind; i < argc; i++)
		if (!find_case(cases, nr, argv[i])) {
			fprintf(stderr, "%s: no case %s\n", CONTESTANT, argv[i]);
			return 2;
		}
	for (i = optind; i < argc; i++)
		run_case(find_case(cases, nr, argv[i]));
	for (i = 0; optind == argc && i < nr; i++)
		run_case(&cases[i]);
	return 0;
}

#endif

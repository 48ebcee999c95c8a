// SPDX-License-Identifier: MIT
/*
 * process.c - run the compiler and wait for it
 *
 * While it runs, Ctrl-C is noted instead of obeyed at once: the compiler gets
 * it too and ends, and the command still has its temporary folder to remove.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scripts/uwq/uwq.h"

static volatile sig_atomic_t caught;

static void note_signal(int sig)
{
	caught = sig;
}

void catch_interrupts(void)
{
	struct sigaction act = { .sa_handler = note_signal };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}

int interrupted(void)
{
	return caught;
}

int run_program(char *const argv[])
{
	pid_t pid;
	int status;
	int err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

	if (err) {
		say("%s cannot be started: %s", argv[0], strerror(err));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
		if (caught == SIGTERM)	/* unlike Ctrl-C it came to us alone */
			kill(pid, SIGTERM);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// SPDX-License-Identifier: MIT
/*
 * scratch.c - the command's temporary folder
 *
 * Compiled modules lie there while they run, because stack traces and debuggers
 * read their symbols. It is made when first asked for, readable by its owner
 * only, and removed when the command ends in any way but a crash.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scripts/uwq/uwq.h"

static char *path;

const char *scratch_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (path)
		return path;
	path = text_of("%s/uwq-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(path)) {
		say("%s: no temporary folder can be made: %s", path, strerror(errno));
		free(path);
		path = NULL;
		return NULL;
	}
	atexit(scratch_remove);
	return path;
}

/* Only what build.c put there: plain files. Also called while threads still run. */
void scratch_remove(void)
{
	char *gone = __atomic_exchange_n(&path, NULL, __ATOMIC_ACQ_REL);
	struct dirent *entry;
	DIR *dir = gone ? opendir(gone) : NULL;

	if (dir) {
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				unlinkat(dirfd(dir), entry->d_name, 0);
		closedir(dir);
	}
	if (gone)
		rmdir(gone);
	free(gone);
}

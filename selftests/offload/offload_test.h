/* SPDX-License-Identifier: MIT */
/*
 * offload_test.h - what the tests of the offload facilities share
 *
 * Gates, threads, shared numbers and the log counter come from the engine's tests. A
 * test here looks at a facility through its public header; wq_test.h is for holding
 * threads in place and for counting.
 */
#ifndef UWQ_SELFTESTS_OFFLOAD_TEST_H
#define UWQ_SELFTESTS_OFFLOAD_TEST_H

#include "../workqueue/wq_test.h"

/* How many threads this process has now. */
static inline int count_threads(void)
{
	char line[128];
	FILE *file = fopen("/proc/self/status", "r");
	int nr = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Threads: %d", &nr) == 1)
			break;
	if (file)
		fclose(file);
	return nr;
}

#endif

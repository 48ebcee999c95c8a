/* SPDX-License-Identifier: MIT */
/*
 * resident.h - how much memory the process has, for memory.c and bare.c
 */
#ifndef BENCH_RESIDENT_H
#define BENCH_RESIDENT_H

#include "measure.h"

/* smaps_rollup is exact; the counters in other files of /proc are brought up to date late. */
static inline long resident_kib(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[256];
	long kib = -1;

	while (file && kib < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "Rss: %ld", &kib);
	if (kib < 0)
		bench_fail("no /proc/self/smaps_rollup");
	fclose(file);
	return kib;
}

#endif

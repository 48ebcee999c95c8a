// SPDX-License-Identifier: MIT
/*
 * bare.c - a program without the library, and how much memory it has: for memory.c
 */
#define CONTESTANT "bare"
#include "contestant.h"
#include "resident.h"

int main(void)
{
	printf("%ld\n", resident_kib());
	return 0;
}

// SPDX-License-Identifier: MIT
/*
 * paio_uwq.c - asynchronous reads by <uwq/paio.h>
 */
#include <stdbool.h>
#include <uwq/paio.h>

#include "paio_reads.h"

static struct qemu_paiocb slots[MAX_IN_FLIGHT];
static int file;

static bool open_all(int fd)
{
	file = fd;
	return true;
}

static void start(int slot, char *buf, off_t offset)
{
	if (paio_read(&slots[slot], file, buf, PAGE, offset))
		die("paio_read");
}

static int finish(int oldest, ssize_t *n)
{
	paio_wait(&slots[oldest]);
	*n = paio_return(&slots[oldest]);
	return oldest;
}

int main(int argc, char **argv)
{
	return study("uwq", argc, argv);
}

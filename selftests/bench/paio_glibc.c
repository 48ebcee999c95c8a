// SPDX-License-Identifier: MIT
/*
 * paio_glibc.c - asynchronous reads by the C library's aio_read(3)
 */
#include <aio.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

#include "paio_reads.h"

static struct aiocb slots[MAX_IN_FLIGHT];
static int file;

static bool open_all(int fd)
{
	file = fd;
	return true;
}

static void start(int slot, char *buf, off_t offset)
{
	struct aiocb *cb = &slots[slot];

	memset(cb, 0, sizeof(*cb));
	cb->aio_fildes = file;
	cb->aio_buf = buf;
	cb->aio_nbytes = PAGE;
	cb->aio_offset = offset;
	cb->aio_sigevent.sigev_notify = SIGEV_NONE;
	if (aio_read(cb))
		die("aio_read");
}

static int finish(int oldest, ssize_t *n)
{
	const struct aiocb *list[1] = { &slots[oldest] };

	while (aio_error(&slots[oldest]) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	*n = aio_return(&slots[oldest]);
	return oldest;
}

int main(int argc, char **argv)
{
	return study("glibc", argc, argv);
}

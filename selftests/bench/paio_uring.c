// SPDX-License-Identifier: MIT
/*
 * paio_uring.c - asynchronous reads by io_uring, through liburing
 */
#include <stdbool.h>
#include <sys/types.h>
#include <liburing.h>

#include "paio_reads.h"

static struct io_uring ring;
static int file;

static bool open_all(int fd)
{
	file = fd;
	return !io_uring_queue_init(MAX_IN_FLIGHT, &ring, 0);
}

/* Submitted with the next wait: one system call for both. */
static void start(int slot, char *buf, off_t offset)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_read(sqe, file, buf, PAGE, offset);
	io_uring_sqe_set_data(sqe, (void *)(long)slot);
}

static int finish(int oldest, ssize_t *n)
{
	struct io_uring_cqe *cqe;
	int slot;

	(void)oldest;
	if (io_uring_peek_cqe(&ring, &cqe)) {
		io_uring_submit_and_wait(&ring, 1);
		if (io_uring_wait_cqe(&ring, &cqe))
			die("io_uring_wait_cqe");
	}
	slot = (int)(long)io_uring_cqe_get_data(cqe);
	*n = cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	return slot;
}

int main(int argc, char **argv)
{
	return study("uring", argc, argv);
}

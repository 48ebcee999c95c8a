// SPDX-License-Identifier: MIT
/*
 * Proves: a program that was written against the original's header, with its names, fields,
 * constants and signal, does what it did, with only the include line changed.
 */
#include <uwq/paio.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int nr;
static volatile sig_atomic_t signals;

static void on_signal(int signo)
{
	(void)signo;
	signals++;
}

static void result(int good, const char *claim)
{
	printf("%s %d %s\n", good ? "ok" : "not ok", ++nr, claim);
	if (!good)
		exit(1);
}

static ssize_t finish(struct qemu_paiocb *acb)
{
	while (qemu_paio_error(acb) == EINPROGRESS)
		usleep(100);
	return qemu_paio_return(acb);
}

int main(void)
{
	struct qemu_paioinit init = { .aio_threads = 64, .aio_num = 64 };
	char path[] = "/tmp/paio_old.XXXXXX", out[512], in[512] = "";
	struct iovec iov = { out, sizeof(out) };
	struct qemu_paiocb acb;
	int pipes[2], waiting = 0;

	printf("TAP version 13\n1..5\n");
	signal(SIGUSR2, on_signal);
	result(!qemu_paio_init(&init), "init");
	memset(&acb, 0, sizeof(acb));
	memset(out, 'x', sizeof(out));
	acb.aio_fildes = mkstemp(path);
	acb.ev_signo = SIGUSR2;
	acb.aio_iov = &iov;
	acb.aio_niov = 1;
	acb.aio_nbytes = sizeof(out);
	acb.aio_offset = 512;
	acb.aio_flags = QEMU_AIO_SECTOR_ALIGNED;
	result(!qemu_paio_write(&acb) && finish(&acb) == 512, "write");
	iov.iov_base = in;
	result(!qemu_paio_read(&acb) && finish(&acb) == 512 && !memcmp(in, out, 512), "read");
	result(qemu_paio_cancel(acb.aio_fildes, &acb) == QEMU_PAIO_ALLDONE, "cancel");
	unlink(path);
	if (pipe(pipes) || write(pipes[1], "123", 3) != 3)
		return 1;
	acb.aio_fildes = pipes[0];
	acb.aio_ioctl_cmd = FIONREAD;
	acb.aio_ioctl_buf = &waiting;
	result(!qemu_paio_ioctl(&acb) && !finish(&acb) && waiting == 3 && signals > 0,
	       "ioctl, and a signal came");
	return 0;
}

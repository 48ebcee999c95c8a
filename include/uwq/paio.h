/* SPDX-License-Identifier: MIT */
/*
 * paio.h - asynchronous input and output on files and block devices, by threads
 *
 * A request is a struct qemu_paiocb, zeroed before its first use and embedded where the
 * program likes. It is filled in and submitted, or made by one of the short calls, and is
 * the library's until it has ended. Then it may be used again. Requests run in parallel,
 * also those of one descriptor, and in no order. The contract of each call stands above
 * its body in workqueue/offload/paio.c, paio_wait.c and paio_calls.c;
 * Documentation/offload.rst tells the rest.
 *
 *	struct qemu_paiocb acb = { 0 };
 *
 *	paio_read(&acb, fd, buf, 4096, 0);
 *	...
 *	paio_wait(&acb);
 *	n = paio_return(&acb);
 *
 * For C and C++; no kernel header is needed.
 */
#ifndef UWQ_PAIO_H
#define UWQ_PAIO_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <uwq/api.h>
#include <uwq/threadlet.h>

/* aio_type: what is to be done */
#define QEMU_AIO_READ		0x0001
#define QEMU_AIO_WRITE		0x0002
#define QEMU_AIO_IOCTL		0x0004
#define QEMU_AIO_FLUSH		0x0008	/* fdatasync(2) */
#define QEMU_AIO_DISCARD	0x0010	/* aio_nbytes at aio_offset are not needed any more */
#define PAIO_FALLOCATE		0x0020	/* fallocate(2) with aio_mode */

/* aio_flags */
#define QEMU_AIO_SECTOR_ALIGNED	0x01	/* of old programs; says nothing here */
#define PAIO_ZERO_FILL		0x02	/* what a read misses at the end of the file is zero */
#define PAIO_NO_BOUNCE		0x04	/* with O_DIRECT, let Linux refuse unaligned memory */
#define PAIO_BY_THREAD		0x08	/* always by another thread, also what is in the cache */

/* ev_notify: who hears of the end */
enum paio_notify {
	PAIO_DEFAULT,	/* ev_signo, if it is not 0; else whoever asks */
	PAIO_SIGNAL,	/* ev_signo is sent to the process */
	PAIO_EVENTFD,	/* 1 is added to the eventfd ev_fd */
	PAIO_CALLBACK,	/* ev_func is called, in the thread that did it or took it back */
	PAIO_CONTEXT,	/* ev_func is called by the event loop ev_ctx, see <uwq/aio_context.h> */
};

struct AioContext;
struct QEMUBH;

struct qemu_paiocb {
	int aio_fildes;
	int aio_type;
	union {
		struct iovec *aio_iov;		/* stays in place until the request has ended */
		void *aio_ioctl_buf;
	};
	int aio_niov;
	int aio_mode;
	size_t aio_nbytes;			/* 0 = all of aio_iov; else so much of it */
#define aio_ioctl_cmd	aio_nbytes
	off_t aio_offset;
	unsigned int aio_flags;

	int ev_signo;
	enum paio_notify ev_notify;
	int ev_fd;
	void (*ev_func)(struct qemu_paiocb *acb);
	void *ev_opaque;			/* the program's */
	struct AioContext *ev_ctx;

	ThreadletQueue *aio_queue;		/* who runs it; NULL: a queue of 64 threads */

	struct {
		struct iovec iov;		/* of the short calls */
		ThreadletQueue *queue;		/* NULL: the submitter or the shelf has it */
		struct QEMUBH *bh;
		uintptr_t state;
		size_t done;
		ssize_t ret;
		int missed;			/* it was not in the cache */
		int cached_fd;			/* + 1: was not opened with O_DIRECT */
		unsigned int cached_uses;	/* so often this is believed */
		ThreadletWork work;
	} priv;
};

UWQ_API_BEGIN

int paio_submit(struct qemu_paiocb *acb);

int paio_read(struct qemu_paiocb *acb, int fd, void *buf, size_t nbytes, off_t offset);
int paio_write(struct qemu_paiocb *acb, int fd, const void *buf, size_t nbytes, off_t offset);
int paio_readv(struct qemu_paiocb *acb, int fd, const struct iovec *iov, int niov, off_t offset);
int paio_writev(struct qemu_paiocb *acb, int fd, const struct iovec *iov, int niov, off_t offset);
int paio_flush(struct qemu_paiocb *acb, int fd);
int paio_ioctl(struct qemu_paiocb *acb, int fd, unsigned long cmd, void *buf);
int paio_discard(struct qemu_paiocb *acb, int fd, off_t offset, size_t nbytes);
int paio_fallocate(struct qemu_paiocb *acb, int fd, int mode, off_t offset, size_t nbytes);

int paio_error(const struct qemu_paiocb *acb);
ssize_t paio_return(const struct qemu_paiocb *acb);
size_t paio_done(const struct qemu_paiocb *acb);
int paio_wait(struct qemu_paiocb *acb);
int paio_cancel(struct qemu_paiocb *acb);

UWQ_API_END

/* ---- the names of the original ---- */

#define QEMU_PAIO_CANCELED	0x01
#define QEMU_PAIO_NOTCANCELED	0x02
#define QEMU_PAIO_ALLDONE	0x03

struct qemu_paioinit {
	unsigned int aio_threads;
	unsigned int aio_num;
	unsigned int aio_idle_time;
};

/**
 * qemu_paio_init - nothing: threads come with the first request, and leave by themselves
 * @init: not used
 *
 * Context: Any.
 * Return: 0.
 */
static inline int qemu_paio_init(struct qemu_paioinit *init)
{
	(void)init;
	return 0;
}

/**
 * qemu_paio_submit_type - start a request of a kind; as paio_submit()
 * @acb: request, all other fields set
 * @type: QEMU_AIO_ kind
 */
static inline int qemu_paio_submit_type(struct qemu_paiocb *acb, int type)
{
	acb->aio_type = type;
	return paio_submit(acb);
}

/**
 * qemu_paio_read - start a read; as paio_submit()
 * @acb: request, all fields set but its kind
 */
static inline int qemu_paio_read(struct qemu_paiocb *acb)
{
	return qemu_paio_submit_type(acb, QEMU_AIO_READ);
}

/**
 * qemu_paio_write - start a write; as paio_submit()
 * @acb: request, all fields set but its kind
 */
static inline int qemu_paio_write(struct qemu_paiocb *acb)
{
	return qemu_paio_submit_type(acb, QEMU_AIO_WRITE);
}

/**
 * qemu_paio_ioctl - start an ioctl(2); as paio_submit()
 * @acb: request, all fields set but its kind
 */
static inline int qemu_paio_ioctl(struct qemu_paiocb *acb)
{
	return qemu_paio_submit_type(acb, QEMU_AIO_IOCTL);
}

/**
 * qemu_paio_error - how a request stands; as paio_error()
 * @acb: request
 */
static inline int qemu_paio_error(struct qemu_paiocb *acb)
{
	return paio_error(acb);
}

/**
 * qemu_paio_return - the result of a request; as paio_return()
 * @acb: request
 */
static inline ssize_t qemu_paio_return(struct qemu_paiocb *acb)
{
	return paio_return(acb);
}

/**
 * qemu_paio_cancel - take a request back, or wait until it has ended
 * @fd: its descriptor
 * @acb: request
 *
 * Context: as paio_cancel().
 * Return: QEMU_PAIO_CANCELED; QEMU_PAIO_ALLDONE: it has ended; QEMU_PAIO_NOTCANCELED: it was
 * never submitted, or is not one of @fd.
 */
static inline int qemu_paio_cancel(int fd, struct qemu_paiocb *acb)
{
	int ret = acb && acb->aio_fildes == fd ? paio_cancel(acb) : -1;

	return ret < 0 ? QEMU_PAIO_NOTCANCELED : ret ? QEMU_PAIO_ALLDONE : QEMU_PAIO_CANCELED;
}

#endif

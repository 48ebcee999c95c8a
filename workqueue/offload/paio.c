// SPDX-License-Identifier: MIT
/*
 * paio.c - asynchronous I/O by threadlets: a request from its submission to its end
 *
 * A request has a threadlet work in it. priv.state is the one word that says how far it is:
 *
 *	IDLE		zeroed memory, never submitted
 *	IN_FLIGHT	submitted; taken by the one compare-and-exchange in paio_submit()
 *	a pointer	the same, and these threads wait, each with a completion on its stack
 *	DONE		ended; the result is in priv.ret
 *
 * The exchange to DONE is the last access to the request, unless the program asked for a
 * callback, which gets it, at once or from the event loop that it named. So a program may
 * free a request as soon as paio_error() says that it has ended. Whoever notifies knows by
 * then what it needs, and lets those who waited go after the notification, through their own
 * memory.
 *
 * Cancelling takes the work back, or waits (paio_wait.c). The thread that took it back ends
 * the request.
 *
 * A small read is tried by the submitter, in case it is cached, or by who shares its reads
 * (paio_shelf.c). The queue for the rest is one whose functions compute: a read of cached
 * data never waits, so no more of them run than there are CPUs. What can block says so
 * (paio_io.c), and makes room for the next, up to 64.
 *
 * Locks: none of its own.
 */
#define pr_fmt(fmt) "paio: " fmt

#include <linux/container_of.h>
#include <linux/printk.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <uwq/aio_context.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/paio_internal.h"

#define PAIO_THREADS	64

static ThreadletQueue *common_queue;		/* A: set once */
static __thread const struct qemu_paiocb *calling;	/* whose callback this thread is in */

bool paio_calls_back(const struct qemu_paiocb *acb)
{
	return calling == acb;
}

/* ---- the end of a request ---- */

/* What is needed when the request may be gone. */
struct notice {
	enum paio_notify how;
	int signo;
	int fd;
	void (*func)(struct qemu_paiocb *acb);
	struct QEMUBH *bh;
};

static void add_to_eventfd(int fd)
{
	static const uint64_t one = 1;
	ssize_t n;

	do
		n = write(fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
	/* a full counter is readable anyway */
	if (n != sizeof(one) && errno != EAGAIN)
		pr_err("eventfd %d cannot be written (error %d): an end of a request is not told\n",
		       fd, errno);
}

static void call_back(const struct notice *notice, struct qemu_paiocb *acb)
{
	const struct qemu_paiocb *outer = calling;

	calling = acb;
	notice->func(acb);
	calling = outer;
}

static void notify(const struct notice *notice, struct qemu_paiocb *acb)
{
	switch (notice->how) {
	case PAIO_SIGNAL:
		kill(getpid(), notice->signo);
		break;
	case PAIO_EVENTFD:
		add_to_eventfd(notice->fd);
		break;
	case PAIO_CALLBACK:
		call_back(notice, acb);
		break;
	case PAIO_CONTEXT:
		qemu_bh_schedule(notice->bh);
		break;
	default:
		break;
	}
}

static void release_waiters(uintptr_t state)
{
	while (state != PAIO_STATE_IN_FLIGHT) {
		struct paio_waiter *waiter = (struct paio_waiter *)state;

		state = waiter->next;
		complete(&waiter->ended);
		/* @waiter may be gone from here on */
	}
}

void paio_end(struct qemu_paiocb *acb, ssize_t ret, size_t done)
{
	struct notice notice = {
		.how = paio_notify_of(acb), .signo = acb->ev_signo, .fd = acb->ev_fd,
		.func = acb->ev_func, .bh = acb->priv.bh,
	};
	uintptr_t state;

	acb->priv.ret = ret;
	acb->priv.done = done;
	state = __atomic_exchange_n(&acb->priv.state, PAIO_STATE_DONE, __ATOMIC_ACQ_REL);
	/* @acb may be gone from here on, unless the program waits for its callback */
	TEST_POINT("paio_ended");
	notify(&notice, acb);
	release_waiters(state);
}

static void run(ThreadletWork *work)
{
	struct qemu_paiocb *acb = container_of(work, struct qemu_paiocb, priv.work);
	size_t done = 0;
	ssize_t ret = paio_perform(acb, &done);

	paio_end(acb, ret, done);
}

/* ---- submitting ---- */

/* As the threadlets' global queue: of those who come first, one puts its queue in place. */
static ThreadletQueue *common_queue_make(void)
{
	ThreadletQueue *queue = malloc(sizeof(*queue)), *other = NULL;

	if (!queue)
		return NULL;
	if (threadlet_queue_init_flags(queue, PAIO_THREADS, 0, THREADLET_QUEUE_COMPUTES)) {
		free(queue);
		return NULL;
	}
	if (__atomic_compare_exchange_n(&common_queue, &other, queue, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return queue;
	threadlet_queue_destroy(queue);
	free(queue);
	return other;
}

ThreadletQueue *paio_common_queue(void)
{
	ThreadletQueue *queue = __atomic_load_n(&common_queue, __ATOMIC_ACQUIRE);

	return queue ? queue : common_queue_make();
}

/* Take the request; false: it is in flight. */
static bool take(struct qemu_paiocb *acb)
{
	uintptr_t state = paio_state(acb);

	return paio_has_ended(state) &&
	       __atomic_compare_exchange_n(&acb->priv.state, &state, PAIO_STATE_IN_FLIGHT, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static int busy(const struct qemu_paiocb *acb)
{
	pr_warn_ratelimited("request %p is in flight already\n", (const void *)acb);
	return -EBUSY;
}

/* 0: the request can be filled in and submitted. */
int paio_check_free(const struct qemu_paiocb *acb)
{
	if (!acb) {
		pr_err("no request to submit\n");
		return -EINVAL;
	}
	return paio_has_ended(paio_state(acb)) ? 0 : busy(acb);
}

/* In the event loop: the request has ended. */
static void call_from_loop(void *opaque)
{
	struct qemu_paiocb *acb = opaque;

	qemu_bh_delete(acb->priv.bh);
	acb->ev_func(acb);
	/* @acb may be gone from here on */
}

/* What the end of the request will need, so that it cannot fail then. */
static int prepare_notify(struct qemu_paiocb *acb)
{
	if (paio_notify_of(acb) != PAIO_CONTEXT)
		return 0;
	acb->priv.bh = aio_bh_new(acb->ev_ctx, call_from_loop, acb);
	return acb->priv.bh ? 0 : -ENOMEM;
}

/* It was taken, but cannot be sent. */
static int give_up(struct qemu_paiocb *acb, int err)
{
	acb->priv.ret = err;
	acb->priv.done = 0;
	release_waiters(__atomic_exchange_n(&acb->priv.state, PAIO_STATE_DONE, __ATOMIC_ACQ_REL));
	return err;
}

/*
 * May the submitter read? A callback would come before the submission has returned, and a
 * program that names a queue wants its threads. Part of a buffer would need a copy of it.
 */
static bool may_try_now(struct qemu_paiocb *acb)
{
	return acb->aio_type == QEMU_AIO_READ && !acb->aio_queue && !acb->aio_nbytes &&
	       !(acb->aio_flags & PAIO_BY_THREAD) && paio_notify_of(acb) != PAIO_CALLBACK &&
	       paio_is_small(acb);
}

/* False: not all of it was in the cache. */
static bool try_now(struct qemu_paiocb *acb)
{
	size_t done;

	if (!paio_read_cached(acb, &done)) {
		acb->priv.missed = 1;
		return false;
	}
	paio_end(acb, done, done);
	return true;
}

static int send_to(ThreadletQueue *queue, struct qemu_paiocb *acb)
{
	int err;

	if (!queue)
		return -ENOMEM;
	__atomic_store_n(&acb->priv.queue, queue, __ATOMIC_RELEASE);
	acb->priv.work.func = run;
	err = submit_work_to_queue(queue, &acb->priv.work);
	/* @acb may be gone from here on, if that went well */
	return err;
}

/* A request that was on the shelf, by who has taken it from there. */
void paio_read_shelved(struct qemu_paiocb *acb)
{
	int err;

	if (try_now(acb))
		return;
	err = send_to(paio_common_queue(), acb);
	if (err)
		paio_end(acb, err, 0);
}

/* The request is taken and checked. */
static int send(struct qemu_paiocb *acb)
{
	int err;

	err = prepare_notify(acb);
	if (err)
		return give_up(acb, err);
	acb->priv.missed = 0;
	__atomic_store_n(&acb->priv.queue, NULL, __ATOMIC_RELAXED);
	if (may_try_now(acb) && (paio_shelf_put(acb) || try_now(acb)))
		return 0;
	err = send_to(acb->aio_queue ? acb->aio_queue : paio_common_queue(), acb);
	if (!err)
		return 0;
	if (paio_notify_of(acb) == PAIO_CONTEXT)
		qemu_bh_delete(acb->priv.bh);
	return give_up(acb, err);
}

/**
 * paio_submit - start a request
 * @acb: filled in; it, its aio_iov and the memory stay in place until it has ended
 *
 * Before its first submission a request is zeroed, but for what the program fills in.
 * Requests run at the same time, and end in any order; one that must follow another is
 * submitted when that has ended. A small read may have ended when this returns: if all of it
 * is cached, this thread reads it, which takes less time than to wake another. From a thread
 * that submits many, one that is awake takes a part of them. That is not done with
 * PAIO_BY_THREAD, a callback, or a queue of the program.
 *
 * A read or write goes on until everything was transferred, or the end of the file is
 * reached, or an error comes. A read that ends early there returns what it got, or with
 * PAIO_ZERO_FILL all, the rest being zero. If a descriptor with O_DIRECT refuses the
 * memory, it is copied through memory that it takes (not with PAIO_NO_BOUNCE); offset and
 * length have to be as Linux wants them, or the result is -EINVAL.
 *
 * Each accepted request is notified once, as ev_notify says, also a cancelled one. A
 * callback gets the request, and may free it or submit it again; until it was called, the
 * request stays in place. One that an event loop calls comes with a later turn of it, never
 * from here; the loop outlives the request. An eventfd stays open until the notification
 * came, or paio_wait() or paio_cancel() has returned.
 *
 * Context: Any thread; not a signal handler. The first call makes the queue.
 * Ordering: whoever has seen the end sees what was read.
 * Return: 0; -EBADF: a descriptor is negative; -EINVAL: a field is wrong; -EBUSY: it is in
 * flight already, which it stays; -ENOMEM. Then nothing is done and nobody notified, and
 * the reason is logged. What Linux says about the request itself is its result.
 */
int paio_submit(struct qemu_paiocb *acb)
{
	int err = paio_check_free(acb);

	if (err)
		return err;
	err = paio_check(acb);
	if (err)
		return err;
	return take(acb) ? send(acb) : busy(acb);
}

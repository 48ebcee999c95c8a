// SPDX-License-Identifier: MIT
/*
 * paio_wait.c - what has become of a request: asking, waiting, cancelling
 *
 * The getters read one word, and change nothing. Who waits enters the list in that word
 * (paio.c); who finds the end there has no need to, but may have to wait for the one who
 * is still notifying.
 *
 * Locks: none.
 */
#define pr_fmt(fmt) "paio: " fmt

#include <linux/printk.h>
#include <errno.h>

#include "workqueue/offload/paio_internal.h"

/* ---- asking ---- */

/**
 * paio_error - has a request ended, and how?
 * @acb: request
 *
 * Context: Any, signal handlers too. Changes nothing, so it may be asked again.
 * Ordering: after another answer than EINPROGRESS the request's effects are visible.
 * Return: EINPROGRESS; 0: done; ECANCELED; the error, which is positive; EINVAL also for
 * what was never submitted.
 */
int paio_error(const struct qemu_paiocb *acb)
{
	ssize_t ret = paio_return(acb);

	return ret < 0 ? (int)-ret : 0;
}

/**
 * paio_return - the result of a request
 * @acb: request
 *
 * Context: as paio_error().
 * Return: what was transferred, or what ioctl() returned; or an error, which is negative;
 * -EINPROGRESS: it has not ended; -EINVAL also for what was never submitted.
 */
ssize_t paio_return(const struct qemu_paiocb *acb)
{
	uintptr_t state = acb ? paio_state(acb) : PAIO_STATE_IDLE;

	if (state == PAIO_STATE_IDLE)
		return -EINVAL;
	return state == PAIO_STATE_DONE ? acb->priv.ret : -EINPROGRESS;
}

/**
 * paio_done - how much a request has transferred, also before an error
 * @acb: request
 *
 * Context: as paio_error().
 * Return: bytes, without those that PAIO_ZERO_FILL added; 0 as long as it has not ended.
 */
size_t paio_done(const struct qemu_paiocb *acb)
{
	return acb && paio_state(acb) == PAIO_STATE_DONE ? acb->priv.done : 0;
}

/* ---- waiting and cancelling ---- */

/* Enter the list of those who wait; false: it has ended. */
static bool enter(struct qemu_paiocb *acb, struct paio_waiter *waiter)
{
	uintptr_t state = paio_state(acb);

	do {
		if (paio_has_ended(state))
			return false;
		waiter->next = state;
	} while (!__atomic_compare_exchange_n(&acb->priv.state, &state, (uintptr_t)waiter, false,
					      __ATOMIC_RELEASE, __ATOMIC_ACQUIRE));
	return true;
}

static void wait_for_end(struct qemu_paiocb *acb)
{
	struct paio_waiter waiter;

	if (paio_state(acb) == PAIO_STATE_DONE && paio_notify_of(acb) == PAIO_DEFAULT)
		return;
	init_completion(&waiter.ended);
	if (enter(acb, &waiter))
		wait_for_completion(&waiter.ended);
	else if (paio_notify_of(acb) != PAIO_DEFAULT && !paio_calls_back(acb)) {
		/* it has ended, but somebody may still be about to notify */
		threadlet_wait(&acb->priv.work);
		paio_shelf_wait_notified(acb);
	}
}

/* Nobody has begun it, and nobody hears of its end but who asks: then do it here. */
static bool is_left_to_us(struct qemu_paiocb *acb)
{
	return !paio_has_ended(paio_state(acb)) && paio_notify_of(acb) == PAIO_DEFAULT &&
	       !__atomic_load_n(&acb->priv.queue, __ATOMIC_ACQUIRE) && paio_shelf_take_back(acb);
}

static bool was_submitted(const struct qemu_paiocb *acb, const char *call)
{
	if (acb && paio_state(acb) != PAIO_STATE_IDLE)
		return true;
	pr_err("%s: %s\n", call, acb ? "the request was never submitted" : "no request");
	return false;
}

/**
 * paio_wait - wait until a request has ended
 * @acb: request whose callback does not free it
 *
 * Its notification has been given then, and its callback, if this is not called by it, has
 * returned; but an event loop calls when it gets to it. Any number of threads
 * may wait.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL: no request, or one that was never submitted, which is logged.
 */
int paio_wait(struct qemu_paiocb *acb)
{
	if (!was_submitted(acb, __func__))
		return -EINVAL;
	paio_shelf_is_waited_for(acb);
	if (is_left_to_us(acb))
		paio_read_shelved(acb);
	wait_for_end(acb);
	return 0;
}

/* Nobody does it now, and nobody will. */
static bool take_back(struct qemu_paiocb *acb)
{
	ThreadletQueue *queue = __atomic_load_n(&acb->priv.queue, __ATOMIC_ACQUIRE);

	return queue ? !dequeue_work_on_queue(queue, &acb->priv.work) :
		       paio_shelf_take_back(acb);
}

/**
 * paio_cancel - take a request back, or wait for it
 * @acb: request whose callback does not free it
 *
 * One that waits for a thread is taken back: it ends with -ECANCELED, has done nothing, and
 * is notified; a callback is called in this thread. One that runs is waited for, as by
 * paio_wait(): Linux gives no way to stop it.
 *
 * Context: May sleep.
 * Return: 0: taken back by this call; 1: it had ended, or now has; -EINVAL: no request, or
 * one that was never submitted, which is logged.
 */
int paio_cancel(struct qemu_paiocb *acb)
{
	if (!was_submitted(acb, __func__))
		return -EINVAL;
	if (!paio_has_ended(paio_state(acb)) && take_back(acb)) {
		paio_end(acb, -ECANCELED, 0);
		return 0;
	}
	wait_for_end(acb);
	return 1;
}

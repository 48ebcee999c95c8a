/* SPDX-License-Identifier: MIT */
/*
 * paio_internal.h - between a request's life (paio.c), what becomes of it (paio_wait.c), what
 * it does (paio_io.c), who helps (paio_shelf.c), the calls that make one (paio_calls.c) and
 * what they may say (paio_check.c)
 */
#ifndef UWQ_OFFLOAD_PAIO_INTERNAL_H
#define UWQ_OFFLOAD_PAIO_INTERNAL_H

#include <stdbool.h>

#include <linux/completion.h>
#include <uwq/paio.h>

/* What priv.state says; anything else is a struct paio_waiter, and the request in flight. */
#define PAIO_STATE_IDLE		0ul
#define PAIO_STATE_DONE		1ul
#define PAIO_STATE_IN_FLIGHT	2ul

/* A thread that waits for a request; on its stack. */
struct paio_waiter {
	struct completion ended;
	uintptr_t next;		/* the waiter before it, or PAIO_STATE_IN_FLIGHT */
};

static inline uintptr_t paio_state(const struct qemu_paiocb *acb)
{
	return __atomic_load_n(&acb->priv.state, __ATOMIC_ACQUIRE);
}

static inline bool paio_has_ended(uintptr_t state)
{
	return state == PAIO_STATE_IDLE || state == PAIO_STATE_DONE;
}

/* Is the caller in the callback of @acb? */
bool paio_calls_back(const struct qemu_paiocb *acb);

/* The request has ended: tell it. It may be gone afterwards. */
void paio_end(struct qemu_paiocb *acb, ssize_t ret, size_t done);

/* Who runs what names no queue; NULL: no memory. */
ThreadletQueue *paio_common_queue(void);

/* ---- the shelf (paio_shelf.c) ---- */

/*
 * The reader leaves when it has looked so long at an empty shelf, or when so many requests,
 * and one in eight, had no next one behind them. Tests set both before the first request.
 */
extern unsigned int paio_shelf_look_us, paio_shelf_alone_most;

/* Leave a small read to the reader; false: the caller does it. */
bool paio_shelf_put(struct qemu_paiocb *acb);
/* Take it back; false: it is not there any more, or never was. */
bool paio_shelf_take_back(struct qemu_paiocb *acb);
/* Whoever has taken a request from the shelf does it, or sends it to the common queue. */
void paio_read_shelved(struct qemu_paiocb *acb);
/* This thread now waits for it, whoever does it. */
void paio_shelf_is_waited_for(const struct qemu_paiocb *acb);
/* Once a request has ended: wait until the reader has told it. */
void paio_shelf_wait_notified(const struct qemu_paiocb *acb);

/* ---- the rest ---- */

/*
 * Do what the request says, in this thread, which may block. Returns what paio_return()
 * will; *done is what was transferred, also if the end was an error.
 */
ssize_t paio_perform(struct qemu_paiocb *acb, size_t *done);

/* Is it a read that is worth trying in the thread that submits it? */
bool paio_is_small(struct qemu_paiocb *acb);

/*
 * Read all of it from the cache, in this thread, without waiting; false: nothing came of
 * that. The memory may have been written to.
 */
bool paio_read_cached(const struct qemu_paiocb *acb, size_t *done);

/* 0: the request can be filled in; -EBUSY, -EINVAL: it is in flight, or NULL, which is logged. */
int paio_check_free(const struct qemu_paiocb *acb);

/* 0: its fields make sense; else the error, which is logged. */
int paio_check(const struct qemu_paiocb *acb);

/* How its end is told: ev_notify, or what the default stands for. */
enum paio_notify paio_notify_of(const struct qemu_paiocb *acb);

#endif

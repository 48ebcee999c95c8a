/* SPDX-License-Identifier: MIT */
/*
 * paio_internal.h - between a request's life (paio.c), what it does (paio_io.c), the
 * calls that make one (paio_calls.c) and what they may say (paio_check.c)
 */
#ifndef UWQ_OFFLOAD_PAIO_INTERNAL_H
#define UWQ_OFFLOAD_PAIO_INTERNAL_H

#include <stdbool.h>

#include <uwq/paio.h>

/*
 * Do what the request says, in this thread, which may block. Returns what paio_return()
 * will; *done is what was transferred, also if the end was an error.
 */
ssize_t paio_perform(struct qemu_paiocb *acb, size_t *done);

/*
 * Read all of it from the cache, in this thread, without waiting; false: nothing came of
 * that, or it is not worth trying. The memory may have been written to.
 */
bool paio_read_cached(struct qemu_paiocb *acb, size_t *done);

/* 0: the request can be filled in; -EBUSY, -EINVAL: it is in flight, or NULL, which is logged. */
int paio_check_free(const struct qemu_paiocb *acb);

/* 0: its fields make sense; else the error, which is logged. */
int paio_check(const struct qemu_paiocb *acb);

/* How its end is told: ev_notify, or what the default stands for. */
enum paio_notify paio_notify_of(const struct qemu_paiocb *acb);

#endif

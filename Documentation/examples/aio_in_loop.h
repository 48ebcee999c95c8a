/* SPDX-License-Identifier: MIT */
/*
 * aio_in_loop.h - what the examples of foreign loops have in common
 *
 * A little traffic on an AioContext: a socket that echoes, a timer that ticks, and a thread
 * that asks for bottom halves while the foreign loop sleeps. A program attaches the context to
 * its loop, calls traffic_start(), and runs the loop until traffic_done() says true after a
 * dispatch. traffic_end() prints one line and returns the exit status.
 */
#ifndef AIO_IN_LOOP_H
#define AIO_IN_LOOP_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uwq/aio_context.h>

#define WANTED 100	/* of each kind */

static AioContext *ctx;
static QEMUTimer *ticker;
static pthread_t asker;
static int sockets[2], echoes, ticks, answers;

static inline void echo(void *opaque)
{
	char byte;

	(void)opaque;
	if (read(sockets[0], &byte, 1) == 1 && ++echoes < WANTED &&
	    write(sockets[1], &byte, 1) != 1)
		perror("write");
}

static inline void tick(void *opaque)
{
	(void)opaque;
	if (++ticks < WANTED)
		timer_mod(ticker, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + 1);
}

static inline void answer(void *opaque)
{
	(void)opaque;
	answers++;
}

static inline void *ask(void *opaque)
{
	(void)opaque;
	for (int i = 0; i < WANTED; i++) {
		usleep(500);
		aio_bh_schedule_oneshot(ctx, answer, NULL);
	}
	return NULL;
}

static inline void traffic_start(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) {
		perror("socketpair");
		exit(1);
	}
	aio_set_fd_handler(ctx, sockets[0], echo, NULL, NULL);
	ticker = aio_timer_new(ctx, QEMU_CLOCK_REALTIME, SCALE_MS, tick, NULL);
	timer_mod(ticker, 0);
	pthread_create(&asker, NULL, ask, NULL);
	if (write(sockets[1], "x", 1) != 1)
		perror("write");
}

static inline bool traffic_done(void)
{
	return echoes == WANTED && ticks == WANTED && answers == WANTED;
}

static inline int traffic_end(const char *loop)
{
	pthread_join(asker, NULL);
	aio_set_fd_handler(ctx, sockets[0], NULL, NULL, NULL);
	timer_free(ticker);
	aio_context_unref(ctx);
	close(sockets[0]);
	close(sockets[1]);
	printf("%s: %d echoes, %d ticks, %d answers\n", loop, echoes, ticks, answers);
	return 0;
}

#endif

// SPDX-License-Identifier: MIT
/*
 * aio_in_libuv.c - an AioContext inside a loop of libuv
 *
 *	cc aio_in_libuv.c $(pkg-config --cflags --libs uwq libuv)
 */
#include <uv.h>

#include "aio_in_loop.h"

static void readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	aio_dispatch(ctx);
	if (traffic_done())
		uv_poll_stop(poll);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	uv_poll_t poll;

	ctx = aio_context_new();
	if (!ctx || uv_poll_init(loop, &poll, aio_context_get_fd(ctx))) {
		perror("aio_in_libuv");
		return 1;
	}
	uv_poll_start(&poll, UV_READABLE, readable);
	traffic_start();
	uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&poll, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	return traffic_end("libuv");
}

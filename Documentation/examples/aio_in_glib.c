// SPDX-License-Identifier: MIT
/*
 * aio_in_glib.c - an AioContext inside a GMainLoop
 *
 *	cc aio_in_glib.c $(pkg-config --cflags --libs uwq glib-2.0)
 */
#include <glib-unix.h>

#include "aio_in_loop.h"

static gboolean readable(gint fd, GIOCondition condition, gpointer loop)
{
	(void)fd;
	(void)condition;
	aio_dispatch(ctx);
	if (traffic_done())
		g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

int main(void)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	ctx = aio_context_new();
	if (!ctx) {
		perror("aio_in_glib");
		return 1;
	}
	g_unix_fd_add(aio_context_get_fd(ctx), G_IO_IN, readable, loop);
	traffic_start();
	g_main_loop_run(loop);
	g_main_loop_unref(loop);
	return traffic_end("glib");
}

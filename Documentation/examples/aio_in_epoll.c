// SPDX-License-Identifier: MIT
/*
 * aio_in_epoll.c - an AioContext inside a loop over epoll_wait()
 *
 *	cc aio_in_epoll.c $(pkg-config --cflags --libs uwq)
 */
#include <sys/epoll.h>

#include "aio_in_loop.h"

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int loop = epoll_create1(0);

	ctx = aio_context_new();
	if (!ctx || epoll_ctl(loop, EPOLL_CTL_ADD, aio_context_get_fd(ctx), &event)) {
		perror("aio_in_epoll");
		return 1;
	}
	traffic_start();
	while (!traffic_done())
		if (epoll_wait(loop, &event, 1, -1) == 1)
			aio_dispatch(ctx);
	close(loop);
	return traffic_end("epoll");
}

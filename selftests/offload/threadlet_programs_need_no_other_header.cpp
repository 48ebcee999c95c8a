// SPDX-License-Identifier: MIT
/*
 * Proves: a program in C++ includes uwq/threadlet.h alone, embeds works in its classes and
 * links.
 */
#include <uwq/threadlet.h>

#include <cstddef>
#include <cstdio>

struct square {
	int n, result;
	ThreadletWork work;
};

static void square_func(ThreadletWork *work)
{
	auto *self = reinterpret_cast<square *>(reinterpret_cast<char *>(work) -
						offsetof(square, work));

	self->result = self->n * self->n;
}

int main()
{
	square job = {};
	ThreadletQueue queue;
	bool good;

	job.n = 12;
	job.work.func = square_func;
	good = !threadlet_queue_init(&queue, 2, 1) && !submit_work_to_queue(&queue, &job.work) &&
	       !threadlet_wait(&job.work) && job.result == 144 &&
	       threadlet_state(&job.work) == THREADLET_FINISHED &&
	       dequeue_work_on_queue(&queue, &job.work) == 1 && !threadlet_queue_destroy(&queue);
	std::printf("TAP version 13\n1..1\n%s 1 threadlets in C++\n", good ? "ok" : "not ok");
	return good ? 0 : 1;
}

// SPDX-License-Identifier: MIT
/*
 * Proves: a program written against the names that the lockless threaded workqueue had in
 * its two forms, size by a function or by a number, compiles with only its include lines
 * changed, and does what it did.
 */
#include <uwq/threaded_workqueue.h>

#include "../kselftest_harness.h"

typedef struct SquareRequest {
	long value;
	long square;
	char *scratch;
} SquareRequest;

static long sum;
static int open_scratches;

static int square_request_size(void)
{
	return sizeof(SquareRequest);
}

static int square_request_init(void *request)
{
	SquareRequest *sq = request;

	sq->scratch = malloc(100);
	open_scratches++;
	return sq->scratch ? 0 : -1;
}

static void square_request_uninit(void *request)
{
	SquareRequest *sq = request;

	free(sq->scratch);
	open_scratches--;
}

static void square_request_handler(void *request)
{
	SquareRequest *sq = request;

	sq->scratch[0] = 1;
	sq->square = sq->value * sq->value;
}

/* Called by the submitter: no lock needed. */
static void square_request_done(void *request)
{
	SquareRequest *sq = request;

	sum += sq->square;
}

static ThreadedWorkqueueOps size_by_function = {
	.thread_get_request_size = square_request_size,
	.thread_request_init = square_request_init,
	.thread_request_uninit = square_request_uninit,
	.thread_request_handler = square_request_handler,
	.thread_request_done = square_request_done,
};

static const ThreadedWorkqueueOps size_by_number = {
	.thread_request_init = square_request_init,
	.thread_request_uninit = square_request_uninit,
	.thread_request_handler = square_request_handler,
	.thread_request_done = square_request_done,
	.request_size = sizeof(SquareRequest),
};

static void square_with_threads(Threads *threads, long value)
{
	SquareRequest *sq;

retry:
	sq = threaded_workqueue_get_request(threads);
	if (!sq)
		goto retry;
	sq->value = value;
	threaded_workqueue_submit_request(threads, sq);
}

static void run(struct __test_metadata *_metadata, const ThreadedWorkqueueOps *ops)
{
	Threads *threads = threaded_workqueue_create("square", 2, DEFAULT_THREAD_REQUEST_NR, ops);

	ASSERT_NOT_NULL(threads);
	EXPECT_EQ(2 * DEFAULT_THREAD_REQUEST_NR, open_scratches);
	for (long i = 1; i <= 1000; i++)
		square_with_threads(threads, i);
	threaded_workqueue_wait_for_requests(threads);
	EXPECT_EQ(1000L * 1001 * 2001 / 6, sum);
	threaded_workqueue_destroy(threads);
	EXPECT_EQ(0, open_scratches);
}

TEST(with_the_size_by_a_function)
{
	run(_metadata, &size_by_function);
}

TEST(with_the_size_by_a_number)
{
	run(_metadata, &size_by_number);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves: a request that comes at the moment at which its thread finds nothing and is about
 * to rest is handled, without another one coming (LANE/1, LANE/2); so is one submitted by
 * a handler to its own thread; and none waits behind endless traffic.
 */
#include "threaded_test.h"

static Threads *threads;
static int stop;	/* atomic */

TEST(that_comes_while_the_thread_goes_to_rest)
{
	static const char *const points[] = { "lane_found_nothing", "lane_rests" };
	struct req *req, *late;

	threads = threaded_workqueue_create("rest", 1, 2, &req_ops);
	for (int i = 0; i < 20; i++) {
		req = threaded_workqueue_get_request_wait(threads);
		late = threaded_workqueue_get_request_wait(threads);
		hold_next(points[i % 2]);
		ASSERT_EQ(0, submit(threads, req, NULL));
		hold_wait();
		/* it looks once more, or the item is queued anew */
		ASSERT_EQ(0, submit(threads, late, NULL));
		hold_release();
		ASSERT_EQ(0, threaded_workqueue_wait_for_requests(threads));
	}
	EXPECT_ALL_SETTLED(40);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
}

static void passing_handler(void *request)
{
	struct req *req = request, *next;
	long left = req->value - 1;

	req_handler(request);
	if (left < 0)
		return;
	next = threaded_workqueue_get_request(threads);
	if (!next) {
		ADD(wrong, 1);
		return;
	}
	next->value = left;
	submit(threads, next, NULL);
}

TEST(that_a_handler_submits)
{
	ThreadedWorkqueueOps ops = req_ops;
	struct req *req;

	ops.thread_request_handler = passing_handler;
	threads = threaded_workqueue_create("chain", 1, 2, &ops);
	req = threaded_workqueue_get_request(threads);
	req->value = 1000;
	submit(threads, req, NULL);
	EXPECT_TRUE(COMES_TRUE(GET(nr_handled) == 1001));
	EXPECT_EQ(0, GET(wrong));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
}

static void *keep_busy(void *arg)
{
	(void)arg;
	while (!GET(stop))
		submit(threads, threaded_workqueue_get_request_wait(threads), NULL);
	return NULL;
}

/* Two queues with one thread each, on workers that they share with everybody. */
TEST(that_comes_among_endless_others)
{
	Threads *other = threaded_workqueue_create("other", 1, 1, &req_ops);
	pthread_t producers[4];

	threads = threaded_workqueue_create("busy", 4, 4, &req_ops);
	for (int i = 0; i < 4; i++)
		producers[i] = start_thread(keep_busy, NULL);
	for (int i = 0; i < ROUNDS(200); i++) {
		struct req *req = threaded_workqueue_get_request_wait(other);

		ASSERT_EQ(0, submit(other, req, NULL));
		ASSERT_EQ(0, threaded_workqueue_wait_for_request(other, req));
		req = threaded_workqueue_get_request_wait(threads);
		ASSERT_EQ(0, submit(threads, req, NULL));
		ASSERT_EQ(0, threaded_workqueue_wait_for_request(threads, req));
	}
	/* and this one ends, although others go on */
	ASSERT_EQ(0, threaded_workqueue_wait_for_requests(threads));
	SET(stop, 1);
	for (int i = 0; i < 4; i++)
		pthread_join(producers[i], NULL);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_EQ(0, threaded_workqueue_destroy(other));
	EXPECT_EQ(0, GET(wrong));
	EXPECT_EQ(GET(nr_handled), GET(nr_done));
}

TEST_HARNESS_MAIN

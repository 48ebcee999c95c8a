// SPDX-License-Identifier: MIT
/*
 * Proves: waiting for a single request ends when that one is handled and its done() has
 * returned, not later; a held request comes back to its holder with what the handler
 * stored, to be used again or put, and is nobody else's meanwhile; who waits sleeps; several
 * may wait for the same one; waiting in a handler is refused.
 */
#include "threaded_test.h"

static Threads *threads;
static struct gate gate;
static struct req *watched;
static int answers[3];

TEST(only_that_one)
{
	struct req *slow, *quick;

	threads = threaded_workqueue_create("one", 2, 1, &req_ops);
	slow = threaded_workqueue_get_request(threads);
	quick = threaded_workqueue_get_request(threads);
	ASSERT_NOT_NULL(quick);
	ASSERT_EQ(0, submit(threads, slow, &gate));
	ASSERT_EQ(0, submit(threads, quick, NULL));
	EXPECT_EQ(0, threaded_workqueue_wait_for_request(threads, quick));
	EXPECT_EQ(1, GET(nr_handled));
	EXPECT_EQ(1, GET(nr_done));
	/* it is free and can be had again */
	EXPECT_TRUE(quick == threaded_workqueue_get_request(threads));
	EXPECT_EQ(0, threaded_workqueue_put_request(threads, quick));
	gate_open(&gate);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(2);
}

TEST(a_held_one_comes_back_to_its_holder)
{
	struct req *req;

	threads = threaded_workqueue_create("held", 1, 1, &req_ops);
	req = threaded_workqueue_get_request(threads);
	EXPECT_EQ(0, threaded_workqueue_hold_request(threads, req));
	for (int i = 1; i < 100; i++) {
		req->value = i;
		ASSERT_EQ(0, submit(threads, req, NULL));
		/* handled, settled by nobody else, and not to be had */
		ASSERT_EQ(0, threaded_workqueue_wait_for_requests(threads));
		ASSERT_EQ(i - 1, GET(nr_done));
		ASSERT_NULL(threaded_workqueue_get_request(threads));
		ASSERT_EQ(-EBUSY, threaded_workqueue_put_request(threads, req));
		ASSERT_EQ(0, threaded_workqueue_wait_for_request(threads, req));
		ASSERT_EQ(i, GET(nr_done));
		ASSERT_EQ(-i, req->value);
	}
	EXPECT_EQ(0, threaded_workqueue_put_request(threads, req));
	/* not held any more */
	EXPECT_TRUE(req == threaded_workqueue_get_request(threads));
	ASSERT_EQ(0, submit(threads, req, NULL));
	ASSERT_EQ(0, threaded_workqueue_wait_for_request(threads, req));
	EXPECT_NOT_NULL(threaded_workqueue_get_request(threads));
	EXPECT_EQ(0, threaded_workqueue_put_request(threads, req));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(100);
}

/* Whoever waited may count on it: the thread has nothing left to do for the request. */
TEST(and_can_be_had_again_at_once)
{
	struct req *req;

	threads = threaded_workqueue_create("again", 1, 1, &req_ops);
	req = threaded_workqueue_get_request(threads);
	hold_next("request_handled");
	ASSERT_EQ(0, submit(threads, req, NULL));
	hold_wait();
	EXPECT_EQ(0, threaded_workqueue_wait_for_request(threads, req));
	EXPECT_TRUE(req == threaded_workqueue_get_request(threads));
	hold_release();
	EXPECT_EQ(0, threaded_workqueue_put_request(threads, req));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(1);
}

static void *get_one(void *arg)
{
	(void)arg;
	return threaded_workqueue_get_request(threads);
}

/* Somebody has seen that it was free, and it went all the way meanwhile. */
TEST(a_held_one_is_not_taken_by_who_comes_late)
{
	pthread_t late;
	struct req *req;
	void *got;

	threads = threaded_workqueue_create("late", 1, 1, &req_ops);
	hold_next("bit_was_seen");
	late = start_thread(get_one, NULL);
	hold_wait();
	req = threaded_workqueue_get_request(threads);
	ASSERT_NOT_NULL(req);
	ASSERT_EQ(0, threaded_workqueue_hold_request(threads, req));
	ASSERT_EQ(0, submit(threads, req, NULL));
	ASSERT_EQ(0, threaded_workqueue_wait_for_requests(threads));
	hold_release();
	pthread_join(late, &got);
	EXPECT_NULL(got);
	EXPECT_EQ(0, GET(nr_done));
	EXPECT_EQ(0, threaded_workqueue_wait_for_request(threads, req));
	EXPECT_EQ(0, threaded_workqueue_put_request(threads, req));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(1);
}

static void *wait_for_watched(void *arg)
{
	(void)arg;
	if (threaded_workqueue_wait_for_request(threads, watched))
		ADD(wrong, 1);
	return NULL;
}

static void *open_after_a_while(void *arg)
{
	(void)arg;
	nap_us(50000);
	gate_open(&gate);
	return NULL;
}

static int waiter_tid;	/* atomic */

static void *wait_for_request(void *req)
{
	SET(waiter_tid, gettid());
	threaded_workqueue_wait_for_request(threads, req);
	return NULL;
}

/* There is a CPU to spare, so it computes for a moment. */
TEST(who_waits_sleeps_in_the_end)
{
	pthread_t waiter;
	struct req *req;

	threads = threaded_workqueue_create("sleep", 1, 1, &req_ops);
	req = threaded_workqueue_get_request(threads);
	submit(threads, req, &gate);
	waiter = start_thread(wait_for_request, req);
	EXPECT_TRUE(COMES_TRUE(thread_rests(&waiter_tid)));
	gate_open(&gate);
	pthread_join(waiter, NULL);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(1);
}

TEST(several_may_wait_for_the_same)
{
	pthread_t opener, waiters[8];

	threads = threaded_workqueue_create("several", 1, 1, &req_ops);
	watched = threaded_workqueue_get_request(threads);
	submit(threads, watched, &gate);
	for (int i = 0; i < 8; i++)
		waiters[i] = start_thread(wait_for_watched, NULL);
	opener = start_thread(open_after_a_while, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(waiters[i], NULL);
	pthread_join(opener, NULL);
	EXPECT_ALL_SETTLED(1);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
}

static void waiting_handler(void *request)
{
	req_handler(request);
	answers[0] = threaded_workqueue_wait_for_request(threads, request);
	answers[1] = threaded_workqueue_wait_for_requests(threads);
	answers[2] = threaded_workqueue_destroy(threads);
}

TEST(a_handler_that_waits_is_refused)
{
	ThreadedWorkqueueOps ops = req_ops;
	struct req *req;

	ops.thread_request_handler = waiting_handler;
	threads = threaded_workqueue_create("deadlock", 1, 1, &ops);
	req = threaded_workqueue_get_request(threads);
	submit(threads, req, NULL);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(-EDEADLK, answers[i]);
	EXPECT_ALL_SETTLED(1);
}

TEST_HARNESS_MAIN

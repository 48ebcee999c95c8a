// SPDX-License-Identifier: MIT
/*
 * Proves: get_request() says NULL at once when all requests are in use; the form that waits
 * sleeps instead of computing, is woken when one is handled or put, also when the other
 * requests of that thread take for ever, and serves those who wait in their order. Who does
 * not wait may pass them a few times, not for ever. In a handler it does not wait for what is
 * behind it. A request on which somebody calls done() at that moment is neither given out nor
 * forgotten.
 */
#include "threaded_test.h"

#define NR_WAITERS	8

static Threads *threads;
static struct gate gate;
static int order[NR_WAITERS], nr_served;	/* atomic */
static int tids[NR_WAITERS];				/* atomic */

static void *wait_in_line(void *arg)
{
	struct req *req;
	long me = (long)arg;

	SET(tids[me], gettid());
	req = threaded_workqueue_get_request_wait(threads);
	SET(order[ADD(nr_served, 1) - 1], me);
	if (submit(threads, req, NULL))
		ADD(wrong, 1);
	return NULL;
}

/* All requests are in handlers that wait at the gate, or behind one. */
static void use_all(struct __test_metadata *_metadata)
{
	struct req *req;

	while ((req = threaded_workqueue_get_request(threads)))
		ASSERT_EQ(0, submit(threads, req, &gate));
}

TEST(who_does_not_wait_gets_null)
{
	threads = threaded_workqueue_create("null", 2, 3, &req_ops);
	use_all(_metadata);
	for (int i = 0; i < 100; i++)
		EXPECT_NULL(threaded_workqueue_get_request(threads));
	gate_open(&gate);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(6);
}

TEST(who_waits_sleeps_and_is_served_in_order)
{
	pthread_t waiters[NR_WAITERS];
	struct timespec before, after;

	threads = threaded_workqueue_create("order", 1, 1, &req_ops);
	use_all(_metadata);
	for (long i = 0; i < NR_WAITERS; i++) {
		waiters[i] = start_thread(wait_in_line, (void *)i);
		/* asleep for a while means that it stands in the line */
		while (!thread_rests(&tids[i]))
			nap_us(1000);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	nap_us(300000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	/* eight that spin would have used all of the time */
	EXPECT_GT(150, (after.tv_sec - before.tv_sec) * 1000 +
		       (after.tv_nsec - before.tv_nsec) / 1000000);
	EXPECT_EQ(0, GET(nr_served));
	gate_open(&gate);
	for (int i = 0; i < NR_WAITERS; i++)
		pthread_join(waiters[i], NULL);
	for (int i = 0; i < NR_WAITERS; i++)
		EXPECT_EQ(i, GET(order[i]));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(NR_WAITERS + 1);
}

TEST(a_request_that_is_put_wakes_him)
{
	pthread_t waiter;
	struct req *req;

	threads = threaded_workqueue_create("put", 1, 2, &req_ops);
	req = threaded_workqueue_get_request(threads);
	use_all(_metadata);
	waiter = start_thread(wait_in_line, NULL);
	ASSERT_TRUE(COMES_TRUE(thread_rests(&tids[0])));
	EXPECT_EQ(0, threaded_workqueue_put_request(threads, req));
	EXPECT_TRUE(COMES_TRUE(GET(nr_served) == 1));
	gate_open(&gate);
	pthread_join(waiter, NULL);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
}

/* The lane is not empty before the gate is opened, which is the waiter's business. */
TEST(one_handled_request_is_enough_for_him)
{
	pthread_t waiter;
	struct gate first = { 0 };
	struct req *req;

	threads = threaded_workqueue_create("slow", 1, 16, &req_ops);
	req = threaded_workqueue_get_request(threads);
	submit(threads, req, &first);
	use_all(_metadata);
	waiter = start_thread(wait_in_line, NULL);
	ASSERT_TRUE(COMES_TRUE(thread_rests(&tids[0])));
	gate_open(&first);
	EXPECT_TRUE(COMES_TRUE(GET(nr_served) == 1));
	gate_open(&gate);
	pthread_join(waiter, NULL);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
}

/* Those that come back to their holder are handled last: he hears of the others all the same. */
TEST(held_requests_do_not_hide_the_others)
{
	struct gate first = { 0 };
	pthread_t waiter;
	struct req *req;

	threads = threaded_workqueue_create("hide", 1, 16, &req_ops);
	submit(threads, threaded_workqueue_get_request(threads), &first);
	while ((req = threaded_workqueue_get_request(threads))) {
		ASSERT_EQ(0, threaded_workqueue_hold_request(threads, req));
		submit(threads, req, NULL);
	}
	waiter = start_thread(wait_in_line, NULL);
	ASSERT_TRUE(COMES_TRUE(thread_rests(&tids[0])));
	gate_open(&first);
	pthread_join(waiter, NULL);
	log_count("destroyed while 15 requests are in use");
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_EQ(1, GET(log_hits));
}

/* He is about to take what he was woken for, and others are faster, twice and not thrice. */
static void be_passed(struct __test_metadata *_metadata, long waiter_nr, struct req *free)
{
	pthread_t waiter = start_thread(wait_in_line, (void *)waiter_nr);

	ASSERT_TRUE(COMES_TRUE(thread_rests(&tids[waiter_nr])));
	hold_next("bit_was_seen");
	EXPECT_EQ(0, threaded_workqueue_put_request(threads, free));
	hold_wait();
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(free, threaded_workqueue_get_request(threads));
		EXPECT_EQ(0, threaded_workqueue_put_request(threads, free));
	}
	EXPECT_NULL(threaded_workqueue_get_request(threads));
	hold_release();
	pthread_join(waiter, NULL);
	EXPECT_TRUE(COMES_TRUE(threaded_workqueue_get_request(threads) == free));
}

TEST(who_waits_is_not_passed_for_ever)
{
	struct req *req[2];

	threads = threaded_workqueue_create("pass", 1, 2, &req_ops);
	for (int i = 0; i < 2; i++)
		req[i] = threaded_workqueue_get_request(threads);
	for (int i = 0; i < 3; i++)
		be_passed(_metadata, i, req[0]);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(0, threaded_workqueue_put_request(threads, req[i]));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(3);
}

static void *from_handler = &from_handler;

static void getting_handler(void *request)
{
	req_handler(request);
	if (((struct req *)request)->value == 1)
		from_handler = threaded_workqueue_get_request_wait(threads);
}

TEST(a_handler_is_not_kept_waiting_for_itself)
{
	ThreadedWorkqueueOps ops = req_ops;
	struct req *req;

	ops.thread_request_handler = getting_handler;
	threads = threaded_workqueue_create("inner", 1, 1, &ops);
	req = threaded_workqueue_get_request(threads);
	req->value = -1;
	submit(threads, req, NULL);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_NULL(from_handler);
}

static void *wait_for_all(void *arg)
{
	(void)arg;
	threaded_workqueue_wait_for_requests(threads);
	return NULL;
}

TEST(a_request_that_is_being_settled_is_not_given_out)
{
	pthread_t settler, waiter;

	threads = threaded_workqueue_create("settle", 1, 1, &req_ops);
	submit(threads, threaded_workqueue_get_request(threads), NULL);
	hold_next("request_settles");
	settler = start_thread(wait_for_all, NULL);
	hold_wait();
	EXPECT_NULL(threaded_workqueue_get_request(threads));
	waiter = start_thread(wait_in_line, NULL);
	ASSERT_TRUE(COMES_TRUE(thread_rests(&tids[0])));
	EXPECT_EQ(0, GET(nr_served));
	hold_release();
	pthread_join(settler, NULL);
	pthread_join(waiter, NULL);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(2);
}

TEST_HARNESS_MAIN

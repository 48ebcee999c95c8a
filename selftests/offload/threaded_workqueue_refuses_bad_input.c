// SPDX-License-Identifier: MIT
/*
 * Proves: numbers out of range, no name, no handler, no size are refused with EINVAL; a
 * request that is foreign, free or submitted already is refused and nothing is lost; when
 * memory or an init fails at any point, create leaves nothing behind and uninitialises what
 * it initialised; requests in use at the end are reported.
 */
#include "threaded_test.h"

static Threads *create(unsigned int threads, unsigned int requests, const ThreadedWorkqueueOps *ops)
{
	errno = 0;
	return threaded_workqueue_create("bad", threads, requests, ops);
}

static int odd_size;

static int get_odd_size(void)
{
	return odd_size;
}

TEST(create_wants_numbers_in_range)
{
	ThreadedWorkqueueOps ops = req_ops;

	EXPECT_NULL(create(513, 4, &ops));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_NULL(create(2, 0, &ops));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_NULL(create(2, 65, &ops));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_NULL(create(2, 4, NULL));
	EXPECT_EQ(EINVAL, errno);
	errno = 0;
	EXPECT_NULL(threaded_workqueue_create(NULL, 2, 4, &ops));
	EXPECT_EQ(EINVAL, errno);
	ops.thread_request_handler = NULL;
	EXPECT_NULL(create(2, 4, &ops));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, GET(nr_inits));
}

TEST(create_wants_a_size)
{
	ThreadedWorkqueueOps ops = req_ops;

	ops.request_size = 0;
	EXPECT_NULL(create(2, 4, &ops));
	EXPECT_EQ(EINVAL, errno);
	ops.thread_get_request_size = get_odd_size;
	for (odd_size = -1; odd_size <= 0; odd_size++) {
		EXPECT_NULL(create(2, 4, &ops));
		EXPECT_EQ(EINVAL, errno);
	}
	ops.request_size = SIZE_MAX - 8;
	EXPECT_NULL(create(2, 4, &ops));
	EXPECT_EQ(EINVAL, errno);
	ops.request_size = SIZE_MAX / 128;
	EXPECT_NULL(create(512, 64, &ops));
	EXPECT_EQ(ENOMEM, errno);
}

static int fail_at, fail_with;

static int failing_init(void *request)
{
	if (GET(nr_inits) == fail_at)
		return fail_with;
	return req_init(request);
}

TEST(create_undoes_what_it_began)
{
	static const int errors[][2] = { { -ENODEV, ENODEV }, { 1, EIO }, { -1000000, EIO } };
	ThreadedWorkqueueOps ops = req_ops;

	ops.thread_request_init = failing_init;
	for (int i = 0; i < 3; i++)
		for (fail_at = 0; fail_at < 8; fail_at++) {
			fail_with = errors[i][0];
			SET(nr_inits, 0);
			SET(nr_uninits, 0);
			ASSERT_NULL(create(2, 4, &ops));
			ASSERT_EQ(errors[i][1], errno);
			ASSERT_EQ(fail_at, GET(nr_inits));
			ASSERT_EQ(fail_at, GET(nr_uninits));
		}
}

TEST(create_survives_the_lack_of_memory)
{
	Threads *threads;
	long k, failed = 0;

	/* what is made once for all shall not meet the failures */
	threaded_workqueue_destroy(create(2, 4, &req_ops));
	for (k = 1; k < 100; k++) {
		SET(nr_inits, 0);
		SET(nr_uninits, 0);
		uwq_test_fail_alloc(k, 1);
		threads = create(2, 4, &req_ops);
		uwq_test_fail_alloc(0, 0);
		if (threads) {
			struct req *req = threaded_workqueue_get_request(threads);

			ASSERT_EQ(0, submit(threads, req, NULL));
			ASSERT_EQ(0, threaded_workqueue_destroy(threads));
		} else {
			ASSERT_EQ(ENOMEM, errno);
			failed++;
		}
		ASSERT_EQ(GET(nr_inits), GET(nr_uninits));
	}
	EXPECT_LE(5, failed);
	EXPECT_GT(60, failed);
}

TEST(foreign_requests_are_refused)
{
	Threads *threads = create(2, 4, &req_ops), *others = create(2, 4, &req_ops);
	struct req *req = threaded_workqueue_get_request(others), mine;
	void *bad[] = { req, &mine, NULL, (char *)req + 8, threads, others };

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, threaded_workqueue_submit_request(threads, bad[i]));
		EXPECT_EQ(-EINVAL, threaded_workqueue_put_request(threads, bad[i]));
		EXPECT_EQ(-EINVAL, threaded_workqueue_hold_request(threads, bad[i]));
		EXPECT_EQ(-EINVAL, threaded_workqueue_wait_for_request(threads, bad[i]));
	}
	EXPECT_EQ(0, submit(others, req, NULL));
	EXPECT_EQ(0, threaded_workqueue_destroy(others));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(1);
}

TEST(requests_of_others_and_of_nobody_are_refused)
{
	Threads *threads = create(1, 1, &req_ops);
	struct req *req = threaded_workqueue_get_request(threads);
	struct gate gate = { 0 };

	ASSERT_EQ(0, submit(threads, req, &gate));
	EXPECT_EQ(-EBUSY, threaded_workqueue_submit_request(threads, req));
	EXPECT_EQ(-EBUSY, threaded_workqueue_put_request(threads, req));
	EXPECT_EQ(-EINVAL, threaded_workqueue_hold_request(threads, req));
	gate_open(&gate);
	ASSERT_EQ(0, threaded_workqueue_wait_for_request(threads, req));
	EXPECT_EQ(-EINVAL, threaded_workqueue_submit_request(threads, req));
	EXPECT_EQ(-EINVAL, threaded_workqueue_put_request(threads, req));
	EXPECT_EQ(-EINVAL, threaded_workqueue_hold_request(threads, req));
	/* a request that waits for nothing is not waited for */
	EXPECT_EQ(0, threaded_workqueue_wait_for_request(threads, req));
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_ALL_SETTLED(1);
}

TEST(requests_in_use_at_the_end_are_reported)
{
	Threads *threads = create(2, 4, &req_ops);
	struct req *req = threaded_workqueue_get_request(threads);

	log_count("destroyed while 3 requests are in use");
	ASSERT_EQ(0, threaded_workqueue_hold_request(threads, req));
	ASSERT_EQ(0, submit(threads, req, NULL));
	threaded_workqueue_get_request(threads);
	threaded_workqueue_get_request(threads);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(8, GET(nr_uninits));
	EXPECT_EQ(0, threaded_workqueue_destroy(NULL));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves: every request submitted to a threaded workqueue is handled once, by one thread
 * at a time, and its done() called once after it, whoever submits, gets or waits; the
 * handler sees what the submitter stored and done() what the handler stored. Also for 1
 * and for 64 requests of a thread, one thread and more than there are CPUs.
 */
#include "threaded_test.h"

FIXTURE(threaded) {
	Threads *threads;
};

FIXTURE_VARIANT(threaded) {
	unsigned int threads, requests;
	int submitters;
};

FIXTURE_VARIANT_ADD(threaded, one_by_one) { .threads = 1, .requests = 1, .submitters = 1 };
FIXTURE_VARIANT_ADD(threaded, usual) { .threads = 2, .requests = 4, .submitters = 1 };
FIXTURE_VARIANT_ADD(threaded, full_bitmaps) { .threads = 2, .requests = 64, .submitters = 3 };
FIXTURE_VARIANT_ADD(threaded, many_submitters) { .threads = 2, .requests = 4, .submitters = 16 };
FIXTURE_VARIANT_ADD(threaded, many_threads) { .threads = 16, .requests = 4, .submitters = 4 };
FIXTURE_VARIANT_ADD(threaded, rivals_for_one) { .threads = 1, .requests = 1, .submitters = 8 };

static Threads *threads;
static int each;	/* requests of each submitter */

FIXTURE_SETUP(threaded)
{
	threads = threaded_workqueue_create("once", variant->threads, variant->requests, &req_ops);
	ASSERT_NOT_NULL(threads);
	EXPECT_EQ(variant->threads * variant->requests, GET(nr_inits));
	each = ROUNDS(20000) / variant->submitters;
}

FIXTURE_TEARDOWN(threaded)
{
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_EQ(GET(nr_inits), GET(nr_uninits));
	EXPECT_ALL_SETTLED(each * variant->submitters);
}

static struct req *get_polling(void)
{
	struct req *req;

	while (!(req = threaded_workqueue_get_request(threads)))
		sched_yield();
	return req;
}

/* Each has its own way, by its number; all ways meet in the variants with several. */
static void *submit_many(void *arg)
{
	static int nr_mixed;
	bool mixed = arg, polls = mixed && ADD(nr_mixed, 1) % 2;

	for (int i = 0; i < each; i++) {
		struct req *req = polls ? get_polling() :
					  threaded_workqueue_get_request_wait(threads);

		if (submit(threads, req, NULL))
			ADD(wrong, 1);
		if (i % 64 == 0 && threaded_workqueue_wait_for_request(threads, req))
			ADD(wrong, 1);
		if (i % 100 == 0 && threaded_workqueue_wait_for_requests(threads))
			ADD(wrong, 1);
	}
	return NULL;
}

TEST_F_TIMEOUT(threaded, by_those_who_wait, 60)
{
	run_threads(variant->submitters, submit_many, NULL);
	EXPECT_EQ(0, threaded_workqueue_wait_for_requests(threads));
	EXPECT_ALL_SETTLED(each * variant->submitters);
}

TEST_F_TIMEOUT(threaded, by_those_who_poll_and_wait, 60)
{
	run_threads(variant->submitters, submit_many, threads);
}

static void *hold_many(void *arg)
{
	struct req *req = threaded_workqueue_get_request_wait(threads);

	(void)arg;
	if (threaded_workqueue_hold_request(threads, req))
		ADD(wrong, 1);
	for (int i = 0; i < each; i++) {
		req->value = i + 1;
		if (submit(threads, req, NULL) || threaded_workqueue_wait_for_request(threads, req) ||
		    req->value != -(i + 1))
			ADD(wrong, 1);
		/* somebody else shall have it now and then */
		if (i % 16)
			continue;
		threaded_workqueue_put_request(threads, req);
		req = threaded_workqueue_get_request_wait(threads);
		if (threaded_workqueue_hold_request(threads, req))
			ADD(wrong, 1);
	}
	threaded_workqueue_put_request(threads, req);
	return NULL;
}

TEST_F_TIMEOUT(threaded, by_those_who_hold_them, 60)
{
	run_threads(variant->submitters, hold_many, NULL);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves: exactly as many handlers run at the same time as threads were asked for, 0 being
 * the CPUs that this process may use; a submitter fills the batch of one thread before it
 * goes on to the next; requests, bitmaps and what threads count share no cache line.
 */
#include "threaded_test.h"

#include "workqueue/offload/threaded_workqueue_internal.h"

static struct gate gate;

static void submit_all(Threads *threads, struct gate *at)
{
	struct req *req;

	while ((req = threaded_workqueue_get_request(threads)))
		submit(threads, req, at);
}

TEST(each_of_them_works_and_no_more)
{
	for (unsigned int nr = 1; nr <= 9; nr += 4) {
		Threads *threads = threaded_workqueue_create("many", nr, 2, &req_ops);

		gate_close(&gate);
		SET(most_inside, 0);
		submit_all(threads, &gate);
		EXPECT_TRUE(COMES_TRUE(GET(nr_inside) == (int)nr));
		gate_open(&gate);
		for (int i = 0; i < 50; i++)
			submit_all(threads, NULL);
		EXPECT_EQ(0, threaded_workqueue_destroy(threads));
		EXPECT_EQ((int)nr, GET(most_inside));
	}
}

TEST(none_asked_for_means_all_cpus)
{
	Threads *threads = threaded_workqueue_create("cpus", 0, 1, &req_ops);

	EXPECT_EQ(3, threaded_workqueue_threads_nr(threads));
	submit_all(threads, &gate);
	EXPECT_TRUE(COMES_TRUE(GET(nr_inside) == 3));
	gate_open(&gate);
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	EXPECT_EQ(3, GET(most_inside));
}

static int lane_of(const struct req *req)
{
	struct request *request = container_of((char (*)[])req, struct request, data);

	return request->lane - request->lane->threads->lanes;
}

TEST(batches_are_filled_before_moving_on)
{
	Threads *threads = threaded_workqueue_create("batch", 3, 4, &req_ops);
	int first = -1, lane = 0;

	for (int i = 0; i < 12; i++) {
		struct req *req = threaded_workqueue_get_request(threads);

		lane = lane_of(req);
		if (first < 0)
			first = lane;
		EXPECT_EQ((first + i / 4) % 3, lane);
		submit(threads, req, &gate);
	}
	gate_open(&gate);
	threaded_workqueue_wait_for_requests(threads);
	/* it stays where it was last */
	EXPECT_EQ(lane, lane_of(threaded_workqueue_get_request(threads)));
	log_count("in use");
	EXPECT_EQ(0, threaded_workqueue_destroy(threads));
}

static bool apart(const void *a, const void *b)
{
	return (uintptr_t)a / 64 != (uintptr_t)b / 64;
}

TEST(nothing_shares_a_cache_line)
{
	ThreadedWorkqueueOps ops = req_ops;

	for (ops.request_size = sizeof(struct req); ops.request_size < 300; ops.request_size += 7) {
		Threads *threads = threaded_workqueue_create("lines", 2, 3, &ops);
		struct lane *lane = &threads->lanes[0];

		EXPECT_TRUE(apart(&lane->filled, &lane->available));
		EXPECT_TRUE(apart(&lane->available, &lane->awake));
		EXPECT_TRUE(apart(&lane->awake, &lane->threads));
		EXPECT_TRUE(apart(&lane->threads, &lane[1].filled));
		EXPECT_TRUE(apart(&threads->places[0], &threads->places[1]));
		EXPECT_TRUE(apart(&threads->nr_getters, &threads->ops));
		for (int i = 0; i < 2; i++)
			EXPECT_TRUE(apart((char *)lane_request(lane, i) + sizeof(struct request) +
					  ops.request_size - 1, lane_request(lane, i + 1)));
		EXPECT_EQ(0, (uintptr_t)lane_request(lane, 0)->data % 16);
		EXPECT_EQ(0, threaded_workqueue_destroy(threads));
	}
}

TEST_HARNESS_MAIN_CPUS(3)

// SPDX-License-Identifier: MIT
/*
 * Proves C141 for a rescuer that goes to another pool at this moment: whoever asks what it
 * does holds the lock of the pool that it had, and it begins nothing until they are done. So
 * the answer is that of one moment, and not half of it from before its run.
 */
#include "rescue_test.h"

#include <linux/string.h>

#define GRACE_MS	200	/* for what must not happen */

static struct witness item;
static struct task_struct *rescuer;	/* asked about */
static char comm[64];			/* of the asker, then read */

static struct gate called, go, asked;

/*
 * The rescuer stays where it has a call and is still of its old pool. Who asks gives it
 * time to run the item, if it can, in the middle of the answer.
 */
static void stop_both(const char *name)
{
	long until = now_ms() + GRACE_MS;

	if (!strcmp(name, "rescuer_called")) {
		gate_open(&called);
		gate_wait(&go);
	} else if (!strcmp(name, "worker_asked")) {
		gate_open(&asked);
		while (!GET(item.runs) && now_ms() < until)
			nap_us(100);
	}
}

static struct task_struct *rescuer_of(const struct workqueue_struct *wq)
{
	unsigned int id;

	for (id = 1; id < worker_id_limit(); id++) {
		struct worker *worker = worker_by_id(id);
		struct task_struct *task = GET(worker->task);

		if (worker->rescue_wq == wq && task)
			return task;
	}
	return NULL;
}

static void *ask(void *arg)
{
	wq_worker_comm(comm, sizeof(comm), rescuer);
	return arg;
}

TEST(answer_is_of_one_moment)
{
	struct workqueue_struct *wq = alloc_workqueue("between", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	pthread_t asker;

	ASSERT_NOT_NULL(wq);
	log_count("");
	ASSERT_TRUE(COMES_TRUE((rescuer = rescuer_of(wq))));
	no_threads();
	SET(uwq_test_point_hook, stop_both);

	/* it has the pool of the first CPU, and is called to that of the second */
	witness_init(&item);
	queue_work_on(1, wq, &item.work);
	gate_wait(&called);
	asker = start_thread(ask, NULL);
	gate_wait(&asked);
	EXPECT_EQ(0, GET(item.runs));
	gate_open(&go);
	pthread_join(asker, NULL);
	EXPECT_STREQ("kworker/R-between", comm);

	EXPECT_TRUE(COMES_TRUE(GET(item.runs)));
	EXPECT_EQ(1, GET(item.by_rescuer));
	SET(uwq_test_point_hook, NULL);
	threads_again();
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)

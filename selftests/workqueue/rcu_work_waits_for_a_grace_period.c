// SPDX-License-Identifier: MIT
/*
 * Proves C83, C84, U23, B53: the function of an rcu_work starts after the readers of the
 * moment of queueing are done; flush waits for grace period and run; of two callers exactly
 * one queues.
 */
#include "wq_test.h"

#include <linux/rcupdate.h>

static struct workqueue_struct *wq;
static struct rcu_work rwork;
static int runs, trues, early;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

static struct gate reading, leave;

static void *reader(void *arg)
{
	(void)arg;
	rcu_read_lock();
	gate_open(&reading);
	gate_wait(&leave);
	if (GET(runs))
		ADD(early, 1);
	rcu_read_unlock();
	return NULL;
}

static void *flush_thread(void *arg)
{
	(void)arg;
	return (void *)(long)flush_rcu_work(&rwork);
}

TEST(the_function_waits_for_readers)
{
	pthread_t thread, flusher;
	void *waited;

	wq = alloc_workqueue("rcu", WQ_UNBOUND, 0);
	INIT_RCU_WORK(&rwork, count_run);
	thread = start_thread(reader, NULL);
	gate_wait(&reading);
	EXPECT_TRUE(queue_rcu_work(wq, &rwork));
	EXPECT_FALSE(queue_rcu_work(wq, &rwork));
	flusher = start_thread(flush_thread, NULL);
	gate_open(&leave);
	pthread_join(thread, NULL);
	pthread_join(flusher, &waited);
	EXPECT_EQ(1, GET(runs));
	EXPECT_EQ(0, GET(early));
	EXPECT_FALSE(flush_rcu_work(&rwork));
	destroy_workqueue(wq);
}

static void *queue_thread(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(20000); i++)
		if (queue_rcu_work(wq, &rwork))
			ADD(trues, 1);
	return NULL;
}

TEST(of_many_callers_one_queues)
{
	wq = alloc_workqueue("rcu", WQ_PERCPU, 0);
	INIT_RCU_WORK(&rwork, count_run);
	run_threads(4, queue_thread, NULL);
	flush_rcu_work(&rwork);
	EXPECT_LT(0, GET(trues));
	EXPECT_EQ(GET(trues), GET(runs));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN

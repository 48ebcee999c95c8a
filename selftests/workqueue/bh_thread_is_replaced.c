// SPDX-License-Identifier: MIT
/*
 * Proves C107, U6, U13, U19 for bottom halves: a function that ends the thread of its CPU
 * ends its run and nothing else, of either priority. While the thread cannot be made,
 * queueing works and nothing is lost. After workqueue_shutdown() no thread is left, and
 * the next item starts one, and no other.
 */
#include "wq_test.h"

#include <dirent.h>
#include <uwq/workqueue.h>

#include "workqueue/params.h"

static void end_thread(struct work_struct *work)
{
	(void)work;
	pthread_exit(NULL);
}

static int bh_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int nr = 0;

	while ((entry = readdir(dir))) {
		char path[300], name[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && !strncmp(name, "ksoftirqd/", 10))
			nr++;
		fclose(file);
	}
	closedir(dir);
	return nr;
}

static struct counter counters[2];

static void queue_both(int cpu)
{
	queue_work_on(cpu, system_bh_wq, &counters[0].work);
	queue_work_on(cpu, system_bh_highpri_wq, &counters[1].work);
}

static void flush_both(void)
{
	flush_work(&counters[0].work);
	flush_work(&counters[1].work);
}

static void *flush_it(void *work)
{
	flush_work(work);
	return NULL;
}

static void check_end(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	struct work_struct work;
	pthread_t flusher;

	INIT_WORK(&work, end_thread);
	log_count("ended the bottom-half thread of CPU 0");
	for (int round = 1; round <= 20; round++) {
		queue_work_on(0, wq, &work);
		queue_both(0);
		flusher = start_thread(flush_it, &work);
		flush_both();
		pthread_join(flusher, NULL);
		EXPECT_EQ(round, GET(counters[0].runs));
		EXPECT_EQ(round, GET(counters[1].runs));
		EXPECT_FALSE(work_busy(&work));
		/* nothing else waits: the thread must be there for the next one all the same */
		queue_work_on(0, wq, &work);
		flush_work(&work);
	}
	EXPECT_EQ(1, GET(log_hits));	/* once for each place */
	uwq_set_log_sink(NULL, NULL);
	EXPECT_TRUE(COMES_TRUE(bh_threads() == 1));
}

FIXTURE(bh) {
	int unused;
};

FIXTURE_SETUP(bh)
{
	self->unused = 0;
	counter_init(&counters[0]);
	counter_init(&counters[1]);
}

FIXTURE_TEARDOWN(bh)
{
	workqueue_shutdown(true);
	/* a thread that has left is seen for a moment */
	EXPECT_TRUE(COMES_TRUE(!bh_threads()));
}

TEST_F(bh, normal_function_ends_it)
{
	check_end(_metadata, system_bh_wq);
}

TEST_F(bh, highpri_function_ends_it)
{
	check_end(_metadata, system_bh_highpri_wq);
}

TEST_F(bh, one_thread_for_each_cpu_in_use)
{
	EXPECT_EQ(0, bh_threads());
	for (int cpu = 0; cpu < 3; cpu++) {
		queue_both(cpu);
		flush_both();
		EXPECT_EQ(cpu + 1, bh_threads());
	}
	workqueue_shutdown(false);
	EXPECT_TRUE(COMES_TRUE(!bh_threads()));
	queue_both(0);
	flush_both();
	EXPECT_EQ(4, GET(counters[0].runs));
	EXPECT_EQ(1, bh_threads());
}

static void *shut_down(void *arg)
{
	workqueue_shutdown(false);
	return arg;
}

/* On its last steps it is neither called nor replaced. */
TEST_F(bh, nobody_asks_for_another_while_it_leaves)
{
	pthread_t thread;

	queue_both(1);
	flush_both();
	hold_next("bh_thread_leaves");
	thread = start_thread(shut_down, NULL);
	hold_wait();
	/* the shutdown looks every millisecond */
	nap_us(50000);
	hold_release();
	pthread_join(thread, NULL);
	queue_both(0);
	flush_both();
	EXPECT_EQ(2, GET(counters[0].runs));
	EXPECT_EQ(1, bh_threads());
}

TEST_F(bh, thread_that_cannot_be_made_comes_later)
{
	WRITE_ONCE(wq_params.create_retry_ms, 10);
	queue_work(system_percpu_wq, &counters[0].work);	/* the manager is there */
	flush_work(&counters[0].work);
	log_count("cannot create a worker");
	uwq_test_fail_thread(1, 5);
	queue_both(1);
	flush_both();
	EXPECT_EQ(2, GET(counters[0].runs));
	EXPECT_EQ(1, GET(counters[1].runs));
	EXPECT_EQ(1, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(1, bh_threads());
}

TEST_HARNESS_MAIN_CPUS(4)

// SPDX-License-Identifier: MIT
/*
 * Proves workqueue_shutdown(), the orderly end of U12 (B64): with drain all that was queued
 * has run, the program's queues are destroyed and no thread of the engine is left;
 * without, queued items stay where they are and run after the next start. Either
 * way the library works again at the next use, as often as one likes.
 */
#include "wq_test.h"

#include <dirent.h>

#include <uwq/workqueue.h>

/* Threads of the engine, by name: the timers' thread may stay. */
static int nr_workers(void)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300], name[32];
	struct dirent *entry;
	int nr = 0;

	while (dir && (entry = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) &&
		    (!strncmp(name, "kworker", 7) || !strncmp(name, "ksoftirqd", 9)))
			nr++;
		fclose(file);
	}
	closedir(dir);
	return nr;
}

static struct counter items[300];
static struct blocker blockers[20];

static void use_everything(struct __test_metadata *_metadata)
{
	struct workqueue_struct *wqs[] = {
		alloc_workqueue("bound", WQ_PERCPU, 2), alloc_workqueue("un", WQ_UNBOUND, 2),
		alloc_ordered_workqueue("ordered", 0), system_highpri_wq, system_dfl_wq,
		system_bh_wq,
	};
	int i;

	for (i = 0; i < 20; i++)
		blocker_start(&blockers[i], system_dfl_wq);
	for (i = 0; i < 300; i++) {
		counter_init(&items[i]);
		ASSERT_TRUE(queue_work_on(i % nr_cpu_ids, wqs[i % 6], &items[i].work));
	}
	for (i = 0; i < 20; i++)
		blocker_release(&blockers[i]);
}

static int nr_queues(void)
{
	struct workqueue_struct *wq;
	int nr = 0;

	list_for_each_entry(wq, &workqueues, list)
		nr++;
	return nr;
}

TEST(drained)
{
	int round, i;

	for (round = 0; round < 10; round++) {
		use_everything(_metadata);
		EXPECT_EQ(15, nr_queues());
		EXPECT_LT(0, nr_workers());
		workqueue_shutdown(true);
		EXPECT_TRUE(COMES_TRUE(nr_workers() == 0));
		EXPECT_FALSE(manager_running());
		EXPECT_EQ(12, nr_queues());
		for (i = 0; i < 300; i++)
			EXPECT_EQ(1, GET(items[i].runs));
		for (i = 0; i < 20; i++)
			EXPECT_EQ(1, GET(blockers[i].runs));
		EXPECT_EQ(0, uwq_work_for_each(NULL, NULL));
	}
}

TEST(unused_and_twice)
{
	struct counter item;

	workqueue_shutdown(true);
	workqueue_shutdown(false);
	EXPECT_EQ(0, nr_workers());
	counter_init(&item);
	EXPECT_TRUE(queue_work(system_percpu_wq, &item.work));
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	workqueue_shutdown(true);
	workqueue_shutdown(true);
	EXPECT_TRUE(COMES_TRUE(nr_workers() == 0));
}

/* Runs end, queues stay, idle items are as they were. */
TEST(not_drained)
{
	struct workqueue_struct *wq = alloc_workqueue("stays", WQ_UNBOUND, 1);
	struct counter item;
	int round;

	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	for (round = 1; round <= 20; round++) {
		queue_work(wq, &item.work);
		flush_work(&item.work);
		EXPECT_EQ(round, GET(item.runs));
		workqueue_shutdown(false);
		EXPECT_TRUE(COMES_TRUE(nr_workers() == 0));
		EXPECT_EQ(13, nr_queues());
		EXPECT_FALSE(cancel_work_sync(&item.work));
	}
	destroy_workqueue(wq);
}

/* Nobody can make threads, so these were never begun: they wait for the next start. */
TEST(queued_items_stay_queued)
{
	struct workqueue_struct *wq = alloc_workqueue("stays", WQ_UNBOUND, 0);
	struct counter item, later;

	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	counter_init(&later);
	uwq_test_fail_thread(1, -1);
	EXPECT_TRUE(queue_work(wq, &item.work));
	workqueue_shutdown(false);
	EXPECT_EQ(0, GET(item.runs));
	EXPECT_TRUE(work_pending(&item.work));
	uwq_test_fail_thread(0, 0);
	EXPECT_TRUE(queue_work(wq, &later.work));
	flush_work(&later.work);
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	EXPECT_EQ(1, GET(later.runs));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN

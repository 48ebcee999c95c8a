// SPDX-License-Identifier: MIT
/*
 * Proves the cost of U1: the sampler does not wake up at all while no item waits behind a
 * busy worker, whatever runs; it starts with the first need, and when it cannot be started
 * the manager does its work, so that only latency suffers. A queue that cannot do without
 * it is told so. workqueue_shutdown() ends it, and the next need starts it again.
 */
#include "cm_test.h"

#include <dirent.h>
#include <uwq/workqueue.h>

/*
 * How often has the sampler given its CPU away? Every wake-up ends so. -1: there is no
 * such thread.
 */
static long sampler_wakeups(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	long count = -1;

	while (dir && count < 0 && (entry = readdir(dir))) {
		char path[300], line[128];
		bool right = false;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file)) {
			if (!strncmp(line, "Name:", 5))
				right = strstr(line, "kworker/sampler");
			if (right)
				sscanf(line, "voluntary_ctxt_switches: %ld", &count);
		}
		if (file)
			fclose(file);
	}
	closedir(dir);
	return count;
}

/* A worker of CPU 0 stands in a call of its own, and an item waits until that is seen. */
struct scene {
	struct workqueue_struct *wq;
	struct work_struct stuck;
	struct counter behind;
};

static struct gate gate, begun;

static void stuck_func(struct work_struct *work)
{
	(void)work;
	gate_open(&begun);
	gate_wait(&gate);
}

static void scene_begin(struct scene *scene)
{
	without_hogs();
	gate_close(&gate);
	gate_close(&begun);
	scene->wq = alloc_workqueue("scene", WQ_PERCPU, 0);
	INIT_WORK(&scene->stuck, stuck_func);
	counter_init(&scene->behind);
	queue_work_on(0, scene->wq, &scene->stuck);
	gate_wait(&begun);
}

static void scene_wait(struct scene *scene)
{
	queue_work_on(0, scene->wq, &scene->behind.work);
	flush_work(&scene->behind.work);
}

static void scene_end(struct scene *scene)
{
	gate_open(&gate);
	destroy_workqueue(scene->wq);
}

TEST(no_wakeup_while_nothing_waits)
{
	struct scene scene;
	struct counter other;
	long before = 0;

	if (KS_DELAYS)
		SKIP(return, "delays are sleeps");
	scene_begin(&scene);
	/* nobody has needed it so far */
	EXPECT_EQ(-1, sampler_wakeups());
	scene_wait(&scene);
	EXPECT_EQ(1, GET(scene.behind.runs));
	EXPECT_LE(0, sampler_wakeups());
	/* one worker stays blocked, others run items that have the CPU to themselves */
	counter_init(&other);
	for (int i = 1; i <= 100; i++) {
		queue_work_on(1, scene.wq, &other.work);
		ASSERT_TRUE(COMES_TRUE(GET(other.runs) == i && !work_busy(&other.work)));
		ASSERT_TRUE(COMES_TRUE(GET(pool_on(scene.wq, 1)->kick) == KICK_WANTED));
		if (i > 1)
			continue;
		/* its worker had to be made; from here on there is nothing to look after */
		ASSERT_TRUE(COMES_TRUE(!GET(monitor_on)));
		nap_us(50000);
		before = sampler_wakeups();
	}
	nap_us(100000);
	EXPECT_EQ(before, sampler_wakeups());
	EXPECT_FALSE(GET(monitor_on));
	/* and is there at once for the next one */
	scene_wait(&scene);
	EXPECT_EQ(2, GET(scene.behind.runs));
	scene_end(&scene);
}

/* Long waiting without any change costs less and less. */
TEST(looks_become_rare)
{
	struct scene scene;
	struct blocker slot;
	long before, wakeups;

	if (KS_DELAYS)
		SKIP(return, "delays are sleeps");
	scene_begin(&scene);
	blocker_init(&slot);
	scene_wait(&scene);
	before = sampler_wakeups();
	SET(wq_params.create_retry_ms, 10000);
	uwq_test_fail_thread(1, 1000);
	/* the only idle worker gets stuck as well, and none can be made: this one waits */
	queue_work_on(0, scene.wq, &slot.work);
	wait_for_completion(&slot.started);
	queue_work_on(0, scene.wq, &scene.behind.work);
	nap_us(400000);
	wakeups = sampler_wakeups() - before;
	TH_LOG("%ld wake-ups in 400 ms", wakeups);
	EXPECT_LT(0, wakeups);
	EXPECT_GT(120, wakeups);
	uwq_test_fail_thread(0, 0);
	SET(wq_params.create_retry_ms, 1);
	blocker_release(&slot);
	flush_work(&scene.behind.work);
	scene_end(&scene);
}

TEST(manager_stands_in)
{
	struct scene scene;

	scene_begin(&scene);
	uwq_test_fail_thread(1, 1);
	scene_wait(&scene);
	EXPECT_EQ(1, GET(scene.behind.runs));
	/* it was the sampler that could not be made */
	EXPECT_EQ(-1, sampler_wakeups());
	scene_end(&scene);
}

TEST(who_demands_it_is_told)
{
	struct scene scene;

	scene_begin(&scene);
	uwq_test_fail_thread(1, 1);
	EXPECT_FALSE(sampler_start());
	EXPECT_EQ(-1, sampler_wakeups());
	uwq_test_fail_thread(0, 0);
	/* there is a pause after a failure */
	EXPECT_TRUE(COMES_TRUE(sampler_start()));
	EXPECT_TRUE(COMES_TRUE(sampler_wakeups() >= 0));
	scene_wait(&scene);
	scene_end(&scene);
}

TEST(shutdown_ends_it)
{
	struct scene scene;

	for (int i = 0; i < 3; i++) {
		scene_begin(&scene);
		scene_wait(&scene);
		EXPECT_LE(0, sampler_wakeups());
		scene_end(&scene);
		workqueue_shutdown(true);
		EXPECT_TRUE(COMES_TRUE(sampler_wakeups() == -1));
	}
}

TEST_HARNESS_MAIN_CPUS(2)

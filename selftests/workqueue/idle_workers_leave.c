// SPDX-License-Identifier: MIT
/*
 * Proves C108: workers come when they are needed and leave when too many have been idle
 * for long: a hundred shrink to two; beside eight busy ones, three stay. The one that went
 * idle last works first. With a shortened uwq.idle_timeout_ms.
 */
#include "wq_test.h"

#include <dirent.h>

#include "kernel-compat/wait_spin.h"
#include "workqueue/params.h"

static int count(struct worker_pool *pool, bool idle)
{
	int nr;

	pool_lock(pool);
	nr = idle ? pool->nr_idle : pool->nr_workers;
	pool_unlock(pool);
	return nr;
}

static struct blocker busy[8], crowd[100];

static void block(struct blocker *blockers, int nr, struct workqueue_struct *wq)
{
	for (int i = 0; i < nr; i++)
		blocker_start_on(&blockers[i], 0, wq);
}

static void release(struct blocker *blockers, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		blocker_release(&blockers[i]);
	for (i = 0; i < nr; i++)
		flush_work(&blockers[i].work);
}

static int nr_threads_named(const char *prefix)
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
		if (fgets(name, sizeof(name), file) && !strncmp(name, prefix, strlen(prefix)))
			nr++;
		fclose(file);
	}
	closedir(dir);
	return nr;
}

/* Threads of workers, without those that look after them. */
static int nr_worker_threads(void)
{
	return nr_threads_named("kworker/") - nr_threads_named("kworker/manager") -
	       nr_threads_named("kworker/sampler");
}

FIXTURE(pool) {
	struct workqueue_struct *wq;
	struct worker_pool *pool;
};

FIXTURE_VARIANT(pool) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(pool, bound) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(pool, unbound) { .flags = WQ_UNBOUND };

FIXTURE_SETUP(pool)
{
	WRITE_ONCE(wq_params.idle_timeout_ms, 100);
	self->wq = alloc_workqueue("idle", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	self->pool = self->wq->cpu_pwq ? self->wq->cpu_pwq[0]->pool : self->wq->dfl_pwq->pool;
}

FIXTURE_TEARDOWN(pool)
{
	destroy_workqueue(self->wq);
}

TEST_F(pool, two_of_a_hundred_stay)
{
	struct worker *worker;
	struct counter item;

	EXPECT_EQ(0, count(self->pool, false));
	block(crowd, 100, self->wq);
	EXPECT_LE(100, count(self->pool, false));
	release(crowd, 100);
	EXPECT_TRUE(COMES_TRUE(count(self->pool, false) == 2));
	/* the threads are gone, not only forgotten */
	EXPECT_TRUE(COMES_TRUE(nr_worker_threads() == 2));
	/* several timeouts later they are still two, and work */
	nap_us(350000);
	EXPECT_EQ(2, count(self->pool, false));
	EXPECT_EQ(2, count(self->pool, true));
	counter_init(&item);
	queue_work_on(0, self->wq, &item.work);
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	/* and they become many again, with the numbers of those who left */
	block(crowd, 100, self->wq);
	EXPECT_LE(100, count(self->pool, false));
	pool_lock(self->pool);
	list_for_each_entry(worker, &self->pool->workers, pool_node)
		EXPECT_GT(self->pool->nr_workers, worker->name_id);
	pool_unlock(self->pool);
	release(crowd, 100);
}

TEST_F(pool, three_stay_beside_eight_busy_ones)
{
	block(busy, 8, self->wq);
	block(crowd, 50, self->wq);
	release(crowd, 50);
	EXPECT_TRUE(COMES_TRUE(count(self->pool, true) <= 3));
	nap_us(350000);
	EXPECT_EQ(3, count(self->pool, true));
	EXPECT_EQ(11, count(self->pool, false));
	release(busy, 8);
	EXPECT_TRUE(COMES_TRUE(count(self->pool, false) == 2));
}

/* ---- the latest goes first ---- */

static struct worker *seen;	/* atomic */

static void note_worker(struct work_struct *work)
{
	(void)work;
	SET(seen, this_worker);
}

TEST_F(pool, the_latest_idle_one_works_first)
{
	struct worker *latest = NULL;
	struct work_struct work;

	WRITE_ONCE(wq_params.idle_timeout_ms, 100000);
	WRITE_ONCE(uwq_spin_us, 0);
	block(crowd, 10, self->wq);
	release(crowd, 10);
	INIT_WORK(&work, note_worker);
	for (int i = 0; i < 100; i++) {
		ASSERT_TRUE(COMES_TRUE(count(self->pool, true) == count(self->pool, false)));
		EXPECT_LE(10, count(self->pool, true));
		queue_work_on(0, self->wq, &work);
		ASSERT_TRUE(COMES_TRUE(!work_busy(&work)));
		if (latest)
			EXPECT_TRUE(GET(seen) == latest);
		latest = GET(seen);
	}
}

/* A short item does not make threads (C99): one or two do all of it. */
TEST_F(pool, short_items_need_few)
{
	struct counter item;

	counter_init(&item);
	for (int i = 0; i < 500; i++) {
		queue_work_on(0, self->wq, &item.work);
		flush_work(&item.work);
	}
	EXPECT_EQ(500, GET(item.runs));
	EXPECT_GE((int)num_online_cpus() + 2, count(self->pool, false));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves C104 as a process can keep it, and catches B7: an unbound pool has as many
 * runnable workers as its pod has CPUs, and more as soon as they block. 100,000 tiny items
 * do not start 100 threads on two CPUs; 100 items that all block get 100 threads, and
 * 2,048 of one queue run at the same time; sleeps that nobody tells about, and items that
 * compute while others wait, get more threads too, up to max_active.
 */
#include "cm_test.h"

static int nr_workers(struct worker_pool *pool)
{
	return UNDER_POOL_LOCK(pool, pool->nr_workers);
}

/* ---- tiny items ---- */

static int tiny_runs;	/* atomic */

static void tiny_func(struct work_struct *work)
{
	(void)work;
	ADD(tiny_runs, 1);
}

TEST(tiny_items_need_few_threads)
{
	struct workqueue_struct *wq = alloc_workqueue("tiny", WQ_UNBOUND, 0);
	int nr = ROUNDS(100000), most = 0;
	struct work_struct *items = calloc(nr, sizeof(*items));

	ASSERT_NOT_NULL(wq);
	for (int i = 0; i < nr; i++) {
		INIT_WORK(&items[i], tiny_func);
		ASSERT_TRUE(queue_work(wq, &items[i]));
	}
	while (GET(tiny_runs) < nr) {
		most = max(most, nr_workers(pool_of(wq)));
		nap_us(200);
	}
	most = max(most, nr_workers(pool_of(wq)));
	TH_LOG("%d tiny items: %d threads on %u CPUs", nr, most, num_online_cpus());
	/* a machine that stops a worker in the middle of an item may cost one more */
	EXPECT_GE((int)num_online_cpus() + 8, most);
	destroy_workqueue(wq);
	free(items);
}

/* ---- all at once ---- */

struct guest {
	struct work_struct work;
	void (*wait)(void);
};

static int here;		/* atomic */
static struct gate everybody;
static struct completion all_here;

static void wait_seen(void)
{
	wait_for_completion(&all_here);
}

static void wait_unseen(void)
{
	gate_wait(&everybody);
}

static void wait_computing(void)
{
	BURN_UNTIL(GET(everybody.open));
}

static void guest_func(struct work_struct *work)
{
	struct guest *guest = container_of(work, struct guest, work);

	ADD(here, 1);
	guest->wait();
}

static void invite(struct __test_metadata *_metadata, int nr, int max_active, void (*wait)(void))
{
	struct workqueue_struct *wq = alloc_workqueue("guests", WQ_UNBOUND, max_active);
	struct guest *guests = calloc(nr, sizeof(*guests));
	int limit = min(nr, max_active);
	long begin = now_ms();

	ASSERT_NOT_NULL(wq);
	SET(here, 0);
	gate_close(&everybody);
	init_completion(&all_here);
	for (int i = 0; i < nr; i++) {
		INIT_WORK(&guests[i].work, guest_func);
		guests[i].wait = wait;
		ASSERT_TRUE(queue_work(wq, &guests[i].work));
	}
	EXPECT_TRUE(COMES_TRUE(GET(here) == limit));
	TH_LOG("%d of %d items run at the same time after %ld ms", GET(here), nr,
	       now_ms() - begin);
	EXPECT_LE(limit, nr_workers(pool_of(wq)));
	EXPECT_EQ(0, count_error(pool_of(wq)));
	/* the others wait for a slot */
	nap_us(20000);
	EXPECT_EQ(limit, GET(here));
	gate_open(&everybody);
	complete_all(&all_here);
	destroy_workqueue(wq);
	EXPECT_EQ(nr, GET(here));
	free(guests);
}

TEST(hundred_that_block_get_hundred)
{
	invite(_metadata, 100, 512, wait_seen);
}

TEST(two_thousand_and_forty_eight_run_together)
{
	invite(_metadata, ROUNDS(2048), 2048, wait_seen);
}

TEST(max_active_ends_the_growth)
{
	invite(_metadata, 100, 40, wait_seen);
}

TEST(sleepers_that_nobody_sees)
{
	without_hogs();
	invite(_metadata, 50, 512, wait_unseen);
}

TEST(items_that_compute)
{
	without_hogs();
	invite(_metadata, 8, 512, wait_computing);
}

/* ---- B7: the last idle worker shall not start without a successor ---- */

/* Each waits for the next one; they block in all ways there are. */
struct link {
	struct work_struct work;
	struct link *next;
	struct workqueue_struct *wq;
	unsigned int seed;
};

static void link_func(struct work_struct *work)
{
	struct link *link = container_of(work, struct link, work);

	if (rand_r(&link->seed) % 3 == 0)
		schedule_timeout_uninterruptible(1);
	if (!link->next)
		return;
	queue_work_on(0, link->wq, &link->next->work);
	if (rand_r(&link->seed) % 3 == 0)
		sched_yield();
	flush_work(&link->next->work);
}

static void check_chain(struct __test_metadata *_metadata, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("chain", flags, 0);
	static struct link links[200];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 200; i++) {
			INIT_WORK(&links[i].work, link_func);
			links[i].next = i < 199 ? &links[i + 1] : NULL;
			links[i].wq = wq;
			links[i].seed = round * 200 + i;
		}
		queue_work_on(0, wq, &links[0].work);
		flush_work(&links[0].work);
		EXPECT_FALSE(work_busy(&links[199].work));
	}
	EXPECT_EQ(0, count_error(pool_of(wq)));
	destroy_workqueue(wq);
}

TEST(two_hundred_wait_for_the_next)
{
	check_chain(_metadata, WQ_PERCPU);
	check_chain(_metadata, WQ_UNBOUND);
}

TEST_HARNESS_MAIN_CPUS(2)

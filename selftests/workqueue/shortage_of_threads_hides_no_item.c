// SPDX-License-Identifier: MIT
/*
 * Proves C109 and C110 where nobody looks at first: a thread was asked for and is not there,
 * because it cannot be made or because that takes for ever; all items ran all the same, and
 * the sampler rests. The next item gets the rescuer, whatever the workers that are left do:
 * sleep, visibly or in a run that never counted, or compute. A worker that comes back takes
 * what waits, and one that went to rest is called, although another is still being made. The
 * same for items that nobody queues at that moment: one that is thawed, and one that came
 * while a worker was on its way to another.
 */
#include "cm_test.h"
#include "rescue_test.h"

#include <linux/minmax.h>

#define FOR_EVER_MS	1000000
#define MOST_WORKERS	2

/* ---- what keeps a worker ---- */

enum keeps { SLEEP, SLEEP_UNSEEN, COMPUTE };

struct keeper {
	struct work_struct work;
	enum keeps how;
	struct completion begun, release;
	struct gate gate;
	int released;	/* atomic */
};

static void keep(struct work_struct *work)
{
	struct keeper *keeper = container_of(work, struct keeper, work);

	complete(&keeper->begun);
	switch (keeper->how) {
	case SLEEP:
		wait_for_completion(&keeper->release);
		break;
	case SLEEP_UNSEEN:
		gate_wait(&keeper->gate);
		break;
	case COMPUTE:
		BURN_UNTIL(GET(keeper->released));
		break;
	}
}

static void keeper_queue(struct keeper *keeper, struct workqueue_struct *wq, enum keeps how)
{
	INIT_WORK(&keeper->work, keep);
	keeper->how = how;
	init_completion(&keeper->begun);
	init_completion(&keeper->release);
	gate_close(&keeper->gate);
	SET(keeper->released, 0);
	queue_work_on(0, wq, &keeper->work);
}

static void keeper_release(struct keeper *keeper)
{
	SET(keeper->released, 1);
	gate_open(&keeper->gate);
	complete(&keeper->release);
}

/* ---- threads that stop at test points ---- */

struct stop {
	const char *point;
	int armed;	/* atomic: the next one who comes stops */
	struct gate reached, go;
};

static struct stop creation = { .point = "creating_worker" };
static struct stop wake_up = { .point = "worker_woken" };

static void stop_at(struct stop *stop, const char *name)
{
	int armed = 1;

	if (strcmp(stop->point, name) ||
	    !__atomic_compare_exchange_n(&stop->armed, &armed, 0, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return;
	gate_open(&stop->reached);
	gate_wait(&stop->go);
}

static void stop_hook(const char *name)
{
	stop_at(&creation, name);
	stop_at(&wake_up, name);
}

static void stop_next(struct stop *stop)
{
	SET(uwq_test_point_hook, stop_hook);
	SET(stop->armed, 1);
}

/* ---- a pool in which creation was asked for and does not come about ---- */

FIXTURE(shortage) {
	struct workqueue_struct *plain, *reclaim;
	struct worker_pool *pool;
	struct keeper first[MOST_WORKERS], second[MOST_WORKERS];
	int nr_workers;
};

FIXTURE_VARIANT(shortage) {
	unsigned int flags;
	enum keeps how;
	bool hangs;	/* the creation of a thread; else it fails */
};

FIXTURE_VARIANT_ADD(shortage, bound) { WQ_PERCPU, SLEEP, false };
FIXTURE_VARIANT_ADD(shortage, bound_hangs) { WQ_PERCPU, SLEEP, true };
FIXTURE_VARIANT_ADD(shortage, highpri) { WQ_PERCPU | WQ_HIGHPRI, SLEEP, false };
FIXTURE_VARIANT_ADD(shortage, unbound) { WQ_UNBOUND, SLEEP, false };
FIXTURE_VARIANT_ADD(shortage, unbound_hangs) { WQ_UNBOUND, SLEEP, true };
FIXTURE_VARIANT_ADD(shortage, intensive) { WQ_PERCPU | WQ_CPU_INTENSIVE, SLEEP_UNSEEN, false };
FIXTURE_VARIANT_ADD(shortage, intensive_hangs) { WQ_PERCPU | WQ_CPU_INTENSIVE, SLEEP_UNSEEN, true };
FIXTURE_VARIANT_ADD(shortage, hog) { WQ_PERCPU, COMPUTE, false };
FIXTURE_VARIANT_ADD(shortage, hog_hangs) { WQ_PERCPU, COMPUTE, true };
FIXTURE_VARIANT_ADD(shortage, unbound_hogs) { WQ_UNBOUND, COMPUTE, false };
FIXTURE_VARIANT_ADD(shortage, unbound_hogs_hang) { WQ_UNBOUND, COMPUTE, true };

FIXTURE_SETUP(shortage)
{
	log_count("");
	WRITE_ONCE(wq_params.create_retry_ms, FOR_EVER_MS);
	self->plain = alloc_workqueue("plain", variant->flags, 0);
	ASSERT_NOT_NULL(self->plain);
	self->reclaim = alloc_workqueue("reclaim", variant->flags | WQ_MEM_RECLAIM | WQ_FREEZABLE,
					0);
	ASSERT_NOT_NULL(self->reclaim);
	self->pool = pool_on(self->plain, 0);
	ASSERT_EQ(self->pool, pool_on(self->reclaim, 0));
	/* as many as keep the pool busy when they compute */
	self->nr_workers = UNDER_POOL_LOCK(self->pool, min(self->pool->max_running, MOST_WORKERS));
}

FIXTURE_TEARDOWN(shortage)
{
	threads_again();
	destroy_workqueue(self->plain);
	destroy_workqueue(self->reclaim);
}

static bool all_sleep(struct worker_pool *pool)
{
	return UNDER_POOL_LOCK(pool, !pool->nr_running);
}

/* The creation that was asked for has failed, and nobody tries again. */
static bool creation_failed(struct worker_pool *pool)
{
	return uwq_test_thread_calls() &&
	       UNDER_POOL_LOCK(pool, !pool->creating && pool->create == CREATE_NEEDED);
}

/* Each worker has a sleeper, a further item waits for each, and no thread comes. */
static void begin_shortage(struct __test_metadata *_metadata, FIXTURE_DATA(shortage) *self,
			   const FIXTURE_VARIANT(shortage) *variant)
{
	int i;

	for (i = 0; i < self->nr_workers; i++) {
		keeper_queue(&self->first[i], self->plain, SLEEP);
		wait_for_completion(&self->first[i].begun);
	}
	ASSERT_TRUE(COMES_TRUE(all_sleep(self->pool)));
	ASSERT_EQ(self->nr_workers, UNDER_POOL_LOCK(self->pool, self->pool->nr_workers));
	if (variant->hangs)
		stop_next(&creation);
	else
		uwq_test_fail_thread(1, -1);
	for (i = 0; i < self->nr_workers; i++)
		keeper_queue(&self->second[i], self->plain, variant->how);
	if (variant->hangs)
		gate_wait(&creation.reached);
	else
		ASSERT_TRUE(COMES_TRUE(creation_failed(self->pool)));
}

/* The sleepers wake up, and their workers take what waits. */
static void come_back(struct __test_metadata *_metadata, FIXTURE_DATA(shortage) *self)
{
	int i;

	for (i = 0; i < self->nr_workers; i++)
		keeper_release(&self->first[i]);
	for (i = 0; i < self->nr_workers; i++)
		EXPECT_TRUE(COMES_TRUE(completion_done(&self->second[i].begun)));
}

static void end_shortage(FIXTURE_DATA(shortage) *self, const FIXTURE_VARIANT(shortage) *variant)
{
	int i;

	if (variant->hangs)
		gate_open(&creation.go);
	else
		threads_again();
	for (i = 0; i < self->nr_workers; i++)
		keeper_release(&self->second[i]);
}

TEST_F_TIMEOUT(shortage, the_next_item_gets_the_rescuer, 60)
{
	struct witness item;

	begin_shortage(_metadata, self, variant);
	come_back(_metadata, self);
	if (variant->how != COMPUTE)
		EXPECT_TRUE(COMES_TRUE(all_sleep(self->pool)));
	/* everything that waited runs: there is nothing to look after */
	EXPECT_TRUE(COMES_TRUE(!GET(monitor_on)));
	witness_init(&item);
	queue_work_on(0, self->reclaim, &item.work);
	EXPECT_TRUE(COMES_TRUE(GET(item.runs)));
	EXPECT_EQ(1, GET(item.by_rescuer));
	end_shortage(self, variant);
}

TEST_F_TIMEOUT(shortage, an_item_that_is_thawed_gets_the_rescuer, 60)
{
	struct witness item;

	begin_shortage(_metadata, self, variant);
	come_back(_metadata, self);
	if (variant->how != COMPUTE)
		EXPECT_TRUE(COMES_TRUE(all_sleep(self->pool)));
	freeze_workqueues_begin();
	witness_init(&item);
	queue_work_on(0, self->reclaim, &item.work);
	EXPECT_TRUE(COMES_TRUE(workqueue_congested(0, self->reclaim)));
	EXPECT_TRUE(COMES_TRUE(!GET(monitor_on)));
	EXPECT_EQ(0, GET(item.runs));
	thaw_workqueues();
	/* one is being made: no other is asked for */
	if (variant->hangs)
		EXPECT_EQ(CREATE_NONE, UNDER_POOL_LOCK(self->pool, self->pool->create));
	EXPECT_TRUE(COMES_TRUE(GET(item.runs)));
	EXPECT_EQ(1, GET(item.by_rescuer));
	end_shortage(self, variant);
}

static bool all_rest(struct worker_pool *pool, int nr_workers)
{
	return UNDER_POOL_LOCK(pool, pool->nr_idle == nr_workers);
}

TEST_F_TIMEOUT(shortage, workers_that_rest_are_called, 60)
{
	struct witness items[MOST_WORKERS];
	int i;

	begin_shortage(_metadata, self, variant);
	come_back(_metadata, self);
	for (i = 0; i < self->nr_workers; i++)
		keeper_release(&self->second[i]);
	EXPECT_TRUE(COMES_TRUE(all_rest(self->pool, self->nr_workers)));
	for (i = 0; i < self->nr_workers; i++) {
		witness_init(&items[i]);
		queue_work_on(0, i ? self->reclaim : self->plain, &items[i].work);
		EXPECT_TRUE(COMES_TRUE(GET(items[i].runs)));
		EXPECT_EQ(0, GET(items[i].by_rescuer));
	}
	end_shortage(self, variant);
}

/* Who is on its way looks; but its run does not count, and then nobody does. */
TEST_F_FOR(shortage, an_item_behind_one_that_does_not_count_gets_the_rescuer,
	   variant->hangs && variant->how == SLEEP_UNSEEN)
{
	struct witness item;
	struct keeper keeper;

	begin_shortage(_metadata, self, variant);
	come_back(_metadata, self);
	keeper_release(&self->second[0]);
	EXPECT_TRUE(COMES_TRUE(all_rest(self->pool, self->nr_workers)));
	EXPECT_TRUE(COMES_TRUE(!GET(monitor_on)));
	stop_next(&wake_up);
	keeper_queue(&keeper, self->plain, SLEEP_UNSEEN);
	gate_wait(&wake_up.reached);
	witness_init(&item);
	queue_work_on(0, self->reclaim, &item.work);
	gate_open(&wake_up.go);
	EXPECT_TRUE(COMES_TRUE(GET(item.runs)));
	EXPECT_EQ(1, GET(item.by_rescuer));
	keeper_release(&keeper);
	end_shortage(self, variant);
	flush_work(&keeper.work);
}

TEST_HARNESS_MAIN_CPUS(2)

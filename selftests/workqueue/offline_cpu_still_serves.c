// SPDX-License-Identifier: MIT
/*
 * Proves C91, C120, C121, C122, C131, C150, U5 and B8: the pools of a CPU that goes away, normal,
 * highpri and bottom half, go on with what waits and take more, on other CPUs, as many
 * items at once as there are CPUs. When the CPU is back they are its own again, and
 * workers above the one that is wanted rest after their item. A CPU that never came serves
 * all the same. A worker that is made while its CPU goes or comes is where it belongs.
 */
#include "wq_test.h"

#include <linux/cpu.h>
#include <uwq/workqueue.h>

#include "workqueue/params.h"

#define CPUS	4
#define GONE	2

/* Nobody but the pool itself lets another worker go on behind one that computes. */
static void no_help(void)
{
	WRITE_ONCE(wq_params.cpu_intensive_thresh_us, 0);
	WRITE_ONCE(wq_params.liveness_ms, 0);
	WRITE_ONCE(wq_params.stall_ms, 1000000);
}

/* An item that tells where it runs, and then computes until its gate is open. */
struct spot {
	struct work_struct work;
	struct gate *gate;	/* NULL: does not stay */
	int started, runs;	/* atomic */
	int cpu;		/* atomic */
};

static int at_once, most_at_once;	/* atomic */

static void spot_func(struct work_struct *work)
{
	struct spot *spot = container_of(work, struct spot, work);
	int now = ADD(at_once, 1);

	if (now > GET(most_at_once))
		SET(most_at_once, now);
	SET(spot->cpu, (int)smp_processor_id());
	SET(spot->started, 1);
	while (spot->gate && !GET(spot->gate->open))
		sched_yield();
	ADD(at_once, -1);
	ADD(spot->runs, 1);
}

static void spot_init(struct spot *spot, struct gate *gate)
{
	INIT_WORK(&spot->work, spot_func);
	spot->gate = gate;
	SET(spot->started, 0);
	SET(spot->runs, 0);
	SET(spot->cpu, -1);
}

FIXTURE(kinds) {
	struct workqueue_struct *wq;
	struct worker_pool *pool;
	struct gate gate;
	struct spot spots[CPUS + 2];
};

FIXTURE_VARIANT(kinds) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(kinds, normal) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(kinds, highpri) { .flags = WQ_PERCPU | WQ_HIGHPRI };
FIXTURE_VARIANT_ADD(kinds, bottom_half) { .flags = WQ_PERCPU | WQ_BH };
FIXTURE_VARIANT_ADD(kinds, bottom_half_highpri) { .flags = WQ_PERCPU | WQ_BH | WQ_HIGHPRI };

FIXTURE_SETUP(kinds)
{
	bool high = variant->flags & WQ_HIGHPRI;
	int i;

	no_help();
	self->wq = alloc_workqueue("kinds", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	self->pool = variant->flags & WQ_BH ? bh_pool_of_cpu(GONE, high) : pool_of_cpu(GONE, high);
	gate_close(&self->gate);
	for (i = 0; i < CPUS + 2; i++)
		spot_init(&self->spots[i], &self->gate);
	SET(most_at_once, 0);
}

FIXTURE_TEARDOWN(kinds)
{
	gate_open(&self->gate);
	add_cpu(GONE);
	destroy_workqueue(self->wq);
	EXPECT_EQ(0, GET(at_once));
}

#define LOCKED(pool, expr)						\
	__extension__({							\
		pool_lock(pool);					\
		__auto_type value_ = (expr);				\
		pool_unlock(pool);					\
		value_;							\
	})

TEST_F(kinds, items_for_it_run_elsewhere)
{
	int round;

	gate_open(&self->gate);
	for (round = 0; round < 10; round++) {
		struct spot *spot = &self->spots[0];

		spot_init(spot, NULL);
		ASSERT_TRUE(queue_work_on(GONE, self->wq, &spot->work));
		flush_work(&spot->work);
		EXPECT_EQ(GONE, GET(spot->cpu));
		ASSERT_EQ(0, remove_cpu(GONE));
		EXPECT_TRUE(LOCKED(self->pool, self->pool->flags & POOL_DISASSOCIATED));
		spot_init(spot, NULL);
		ASSERT_TRUE(queue_work_on(GONE, self->wq, &spot->work));
		flush_work(&spot->work);
		EXPECT_EQ(1, GET(spot->runs));
		EXPECT_NE(GONE, GET(spot->cpu));
		EXPECT_TRUE(cpu_online(GET(spot->cpu)));
		ASSERT_EQ(0, add_cpu(GONE));
		EXPECT_FALSE(LOCKED(self->pool, self->pool->flags & POOL_DISASSOCIATED));
	}
}

/* The producer is bound to the CPU when it goes. */
TEST_F(kinds, queueing_without_a_cpu_is_for_an_online_one)
{
	struct spot *spot = &self->spots[0];

	spot_init(spot, NULL);
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpumask_of(GONE)));
	ASSERT_EQ(0, remove_cpu(GONE));
	ASSERT_TRUE(queue_work(self->wq, &spot->work));
	flush_work(&spot->work);
	EXPECT_TRUE(cpu_online(GET(spot->cpu)));
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpu_possible_mask));
}

/* For the kinds with threads of their own: the others stay one at a time. */
TEST_F_FOR(kinds, what_waits_behind_a_busy_worker_goes_on, !(variant->flags & WQ_BH))
{
	int i, wanted = CPUS - 1;

	for (i = 0; i < CPUS + 2; i++)
		ASSERT_TRUE(queue_work_on(GONE, self->wq, &self->spots[i].work));
	ASSERT_TRUE(COMES_TRUE(GET(self->spots[0].started)));
	nap_us(20000);
	EXPECT_EQ(1, GET(most_at_once));
	EXPECT_EQ(1, LOCKED(self->pool, self->pool->max_running));
	/* on the list, where no submitter's look finds them */
	pool_lock(self->pool);
	pool_drain_inbox(self->pool);
	pool_unlock(self->pool);

	/* a page fault that waits for others would be taken for an item that sleeps */
	stop_looks();
	ASSERT_EQ(0, remove_cpu(GONE));
	EXPECT_EQ(wanted, LOCKED(self->pool, self->pool->max_running));
	EXPECT_TRUE(COMES_TRUE(GET(at_once) == wanted));
	nap_us(20000);
	EXPECT_EQ(wanted, GET(most_at_once));

	/* one CPU less: one worker less is wanted, and the running ones go on */
	ASSERT_EQ(0, remove_cpu(GONE + 1));
	EXPECT_EQ(wanted - 1, LOCKED(self->pool, self->pool->max_running));
	ASSERT_EQ(0, add_cpu(GONE + 1));

	/* back: those above one rest after their item, what is left comes one by one */
	ASSERT_EQ(0, add_cpu(GONE));
	EXPECT_EQ(1, LOCKED(self->pool, self->pool->max_running));
	EXPECT_EQ(wanted, LOCKED(self->pool, self->pool->nr_running));
	start_looks();
	gate_open(&self->gate);
	flush_workqueue(self->wq);
	for (i = 0; i < CPUS + 2; i++) {
		EXPECT_EQ(1, GET(self->spots[i].runs));
		/* what started afterwards has the CPU again */
		if (i > wanted)
			EXPECT_EQ(GONE, GET(self->spots[i].cpu));
	}
	EXPECT_TRUE(COMES_TRUE(LOCKED(self->pool, self->pool->nr_running) == 0));
}

/* Of bottom halves remove_cpu() waits until none runs. */
TEST_F_FOR(kinds, running_item_survives, !(variant->flags & WQ_BH))
{
	struct spot *spot = &self->spots[0];
	int i;

	ASSERT_TRUE(queue_work_on(GONE, self->wq, &spot->work));
	ASSERT_TRUE(COMES_TRUE(GET(spot->started)));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, remove_cpu(GONE));
		ASSERT_EQ(0, add_cpu(GONE));
	}
	EXPECT_EQ(0, GET(spot->runs));
	gate_open(&self->gate);
	flush_work(&spot->work);
	EXPECT_EQ(1, GET(spot->runs));
}

/* ---- both priorities at the same time (B8) ---- */

TEST(both_pools_are_called)
{
	struct workqueue_struct *wqs[2] = { alloc_workqueue("low", WQ_PERCPU, 0),
					    alloc_workqueue("high", WQ_PERCPU | WQ_HIGHPRI, 0) };
	struct gate gate = { 0 };
	struct spot first[2], second[2];
	int i;

	no_help();
	for (i = 0; i < 2; i++) {
		spot_init(&first[i], &gate);
		spot_init(&second[i], NULL);
		queue_work_on(GONE, wqs[i], &first[i].work);
		ASSERT_TRUE(COMES_TRUE(GET(first[i].started)));
		queue_work_on(GONE, wqs[i], &second[i].work);
	}
	nap_us(10000);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, GET(second[i].started));
	ASSERT_EQ(0, remove_cpu(GONE));
	for (i = 0; i < 2; i++)
		EXPECT_TRUE(COMES_TRUE(GET(second[i].runs)));
	gate_open(&gate);
	ASSERT_EQ(0, add_cpu(GONE));
	for (i = 0; i < 2; i++)
		destroy_workqueue(wqs[i]);
}

/* ---- a worker on its way ---- */

static struct gate made, go_on_making;
static int hold_making;	/* atomic */

static void hold_new_worker(const char *point)
{
	int wanted = 1;

	if (strcmp(point, "worker_main") ||
	    !__atomic_compare_exchange_n(&hold_making, &wanted, 0, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return;
	gate_open(&made);
	gate_wait(&go_on_making);
}

static void worker_is_made(struct __test_metadata *_metadata, bool goes)
{
	struct workqueue_struct *wq = alloc_workqueue("new", WQ_PERCPU, 0);
	struct blocker blocker;
	struct spot spot;

	gate_close(&made);
	gate_close(&go_on_making);
	blocker_start_on(&blocker, GONE, wq);
	if (!goes)
		ASSERT_EQ(0, remove_cpu(GONE));
	spot_init(&spot, NULL);
	SET(hold_making, 1);
	SET(uwq_test_point_hook, hold_new_worker);
	/* more blocked ones than there are workers */
	struct blocker more[16];

	for (int i = 0; i < 16; i++) {
		blocker_init(&more[i]);
		queue_work_on(GONE, wq, &more[i].work);
	}
	gate_wait(&made);
	ASSERT_EQ(0, goes ? remove_cpu(GONE) : add_cpu(GONE));
	gate_open(&go_on_making);
	for (int i = 0; i < 16; i++)
		wait_for_completion(&more[i].started);
	queue_work_on(GONE, wq, &spot.work);
	flush_work(&spot.work);
	if (goes)
		EXPECT_NE(GONE, GET(spot.cpu));
	else
		EXPECT_EQ(GONE, GET(spot.cpu));
	/* every thread of the pool is where it belongs, also the one that was held */
	struct worker_pool *pool = pool_of_cpu(GONE, false);
	struct worker *worker;
	int nr = 0;

	pool_lock(pool);
	list_for_each_entry(worker, &pool->workers, pool_node) {
		EXPECT_EQ(goes ? -1 : GONE, GET(worker->task->bound_cpu));
		nr++;
	}
	pool_unlock(pool);
	EXPECT_LT(16, nr);
	for (int i = 0; i < 16; i++)
		blocker_release(&more[i]);
	blocker_release(&blocker);
	add_cpu(GONE);
	SET(uwq_test_point_hook, NULL);
	destroy_workqueue(wq);
}

TEST(worker_is_made_while_the_cpu_goes)
{
	worker_is_made(_metadata, true);
}

TEST(worker_is_made_while_the_cpu_comes)
{
	worker_is_made(_metadata, false);
}

/* ---- unbound queues ---- */

static struct workqueue_struct *unbound_on(const struct cpumask *cpus, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("unbound", WQ_UNBOUND | flags,
						      flags & __WQ_ORDERED ? 1 : 3);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	cpumask_copy(attrs->cpumask, cpus);
	attrs->affn_strict = true;
	if (apply_workqueue_attrs(wq, attrs))
		wq = NULL;
	free_workqueue_attrs(attrs);
	return wq;
}

static int cpu_of_run(struct workqueue_struct *wq)
{
	struct spot spot;

	spot_init(&spot, NULL);
	queue_work(wq, &spot.work);
	flush_work(&spot.work);
	return GET(spot.runs) == 1 ? GET(spot.cpu) : -1;
}

/* C91: the CPU that the queue asks for is there, not there, and there again. */
TEST(unbound_queue_without_a_cpu_of_its_own)
{
	struct workqueue_struct *wqs[2];
	struct spot waiting[3];
	struct blocker blocker;
	int i, w;

	wqs[0] = unbound_on(cpumask_of(GONE), 0);
	wqs[1] = unbound_on(cpumask_of(GONE), __WQ_ORDERED);
	for (w = 0; w < 2; w++) {
		ASSERT_NOT_NULL(wqs[w]);
		EXPECT_EQ(GONE, cpu_of_run(wqs[w]));
		/* one that runs and some that wait, while it goes */
		blocker_start(&blocker, wqs[w]);
		for (i = 0; i < 3; i++) {
			spot_init(&waiting[i], NULL);
			queue_work(wqs[w], &waiting[i].work);
		}
		ASSERT_EQ(0, remove_cpu(GONE));
		blocker_release(&blocker);
		flush_workqueue(wqs[w]);
		for (i = 0; i < 3; i++)
			EXPECT_EQ(1, GET(waiting[i].runs));
		i = cpu_of_run(wqs[w]);
		EXPECT_TRUE(i >= 0 && i != GONE);
		ASSERT_EQ(0, add_cpu(GONE));
		EXPECT_EQ(GONE, cpu_of_run(wqs[w]));
		destroy_workqueue(wqs[w]);
	}
}

/* ---- calls that are about CPUs ---- */

TEST(offline_is_refused_from_elsewhere)
{
	unsigned long warned = uwq_warn_count();

	log_count("workqueue_offline_cpu(2) called on CPU");
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpumask_of(0)));
	EXPECT_EQ(-1, workqueue_offline_cpu(GONE));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_FALSE(LOCKED(pool_of_cpu(GONE, false),
			    pool_of_cpu(GONE, false)->flags & POOL_DISASSOCIATED));
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpumask_of(GONE)));
	EXPECT_EQ(0, workqueue_offline_cpu(GONE));
	/* still online, and none of those that its items may keep busy any more */
	EXPECT_TRUE(cpu_online(GONE));
	EXPECT_EQ(CPUS - 1, LOCKED(pool_of_cpu(GONE, false),
				   pool_of_cpu(GONE, false)->max_running));
	EXPECT_TRUE(LOCKED(pool_of_cpu(GONE, true),
			   pool_of_cpu(GONE, true)->flags & POOL_DISASSOCIATED));
	EXPECT_EQ(0, workqueue_prepare_cpu(GONE));
	EXPECT_EQ(0, workqueue_online_cpu(GONE));
	EXPECT_FALSE(LOCKED(pool_of_cpu(GONE, true),
			    pool_of_cpu(GONE, true)->flags & POOL_DISASSOCIATED));
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpu_possible_mask));
}

static int visits[CPUS];	/* atomic */

static void visit(struct work_struct *work)
{
	(void)work;
	ADD(visits[smp_processor_id()], 1);
}

static long here(void *arg)
{
	return smp_processor_id() + *(long *)arg;
}

TEST(calls_for_online_cpus)
{
	long hundred = 100;
	int cpu;

	ASSERT_EQ(0, remove_cpu(GONE));
	EXPECT_EQ(0, schedule_on_each_cpu(visit));
	for (cpu = 0; cpu < CPUS; cpu++)
		EXPECT_EQ(cpu != GONE, GET(visits[cpu]));
	EXPECT_EQ(-ENODEV, work_on_cpu_safe(GONE, here, &hundred));
	EXPECT_EQ(-ENODEV, work_on_cpu_safe(CPUS, here, &hundred));
	EXPECT_EQ(-ENODEV, work_on_cpu_safe(-1, here, &hundred));
	EXPECT_EQ(101, work_on_cpu_safe(1, here, &hundred));
	ASSERT_EQ(0, add_cpu(GONE));
	EXPECT_EQ(102, work_on_cpu_safe(GONE, here, &hundred));
}

/* A delayed item for a CPU that is offline is reported, once, and runs. */
TEST(delayed_item_for_an_offline_cpu)
{
	struct delayed_work early, late;

	INIT_DELAYED_WORK(&early, visit);
	INIT_DELAYED_WORK(&late, visit);
	log_count("which is offline");
	ASSERT_TRUE(queue_delayed_work_on(GONE, system_percpu_wq, &early, 10000 * HZ));
	ASSERT_EQ(0, remove_cpu(GONE));
	EXPECT_TRUE(queue_delayed_work_on(GONE, system_percpu_wq, &late, 1));
	EXPECT_EQ(1, GET(log_hits));
	/* it goes now where its timer would send it */
	flush_delayed_work(&early);
	EXPECT_TRUE(COMES_TRUE(GET(visits[0]) + GET(visits[1]) + GET(visits[3]) == 2));
	EXPECT_EQ(0, GET(visits[GONE]));
	ASSERT_EQ(0, add_cpu(GONE));
	flush_delayed_work(&late);
}

/* So is one that is in its timer, and gets another time there. */
TEST(delayed_item_is_modified_for_an_offline_cpu)
{
	struct delayed_work late;

	INIT_DELAYED_WORK(&late, visit);
	log_count("which is offline");
	ASSERT_TRUE(queue_delayed_work(system_percpu_wq, &late, 10000 * HZ));
	ASSERT_EQ(0, remove_cpu(GONE));
	EXPECT_TRUE(mod_delayed_work_on(GONE, system_percpu_wq, &late, 1));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_TRUE(COMES_TRUE(GET(visits[0]) + GET(visits[1]) + GET(visits[3]) == 1));
	EXPECT_EQ(0, GET(visits[GONE]));
	ASSERT_EQ(0, add_cpu(GONE));
	flush_delayed_work(&late);
}

/* A number that is possible and was never online; only a machine's own CPUs have such. */
TEST(cpu_that_never_came)
{
	struct worker_pool *pool = pool_of_cpu(GONE, false);
	struct spot spot;

	/* nothing was ever queued there by this test's process, so it has no worker */
	ASSERT_EQ(0, LOCKED(pool, pool->nr_workers));
	ASSERT_EQ(0, remove_cpu(GONE));
	spot_init(&spot, NULL);
	ASSERT_TRUE(schedule_work_on(GONE, &spot.work));
	flush_work(&spot.work);
	EXPECT_EQ(1, GET(spot.runs));
	EXPECT_NE(GONE, GET(spot.cpu));
	ASSERT_EQ(0, add_cpu(GONE));
	spot_init(&spot, NULL);
	ASSERT_TRUE(schedule_work_on(GONE, &spot.work));
	flush_work(&spot.work);
	EXPECT_EQ(GONE, GET(spot.cpu));
}

TEST_HARNESS_MAIN_CPUS(CPUS)

// SPDX-License-Identifier: MIT
/*
 * Proves C63, C89, C92, C93 and B70: never more than max_active items of a queue are active
 * per CPU, or in all if it is unbound; not under random cancels, disables and changes of
 * the limit either, and the count of slots is back at 0 when the queue is idle, so that
 * afterwards exactly the limit runs at the same time. More: waiting items start
 * at once. Fewer: running ones go on, and none starts until there are fewer.
 * Documents C88: a limit of 1 is no order (ask for an ordered queue).
 */
#include "wq_test.h"

#define CPUS	4
#define NR	64

/* ---- an item that notes how many of its queue are in their functions ---- */

static int inside[CPUS], most[CPUS];	/* atomic; unbound queues use [0] */
static bool nap;			/* atomic */

struct noter {
	struct work_struct work;
	bool bound;
};

static void note_most(int *max, int value)
{
	int old = GET(*max);

	while (value > old && !__atomic_compare_exchange_n(max, &old, value, false,
							   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

static void note(struct work_struct *work)
{
	struct noter *noter = container_of(work, struct noter, work);
	int i = noter->bound ? this_worker->pool->cpu : 0;

	note_most(&most[i], ADD(inside[i], 1));
	if (GET(nap))
		schedule_timeout_uninterruptible(1);
	else
		sched_yield();
	ADD(inside[i], -1);
}

static int active_on(struct pool_workqueue *pwq)
{
	int nr;

	pool_lock(pwq->pool);
	nr = pwq->nr_active;
	pool_unlock(pwq->pool);
	return nr;
}

static struct workqueue_struct *wq;
static struct noter noters[NR];
static unsigned int common_seed;	/* atomic */

static void *mix(void *arg)
{
	unsigned int seed = ADD(common_seed, 1);
	int i;

	for (i = 0; i < ROUNDS(20000); i++) {
		struct work_struct *work = &noters[rand_r(&seed) % NR].work;

		switch (rand_r(&seed) % 16) {
		case 0:
			cancel_work(work);
			break;
		case 1:
			disable_work(work);
			enable_work(work);
			break;
		case 2:
			if (rand_r(&seed) % 8 == 0)
				cancel_work_sync(work);
			break;
		case 3:
			if (rand_r(&seed) % 8 == 0)
				flush_work(work);
			break;
		default:
			queue_work_on(rand_r(&seed) % CPUS, wq, work);
		}
	}
	return arg;
}

static void fill_up(struct __test_metadata *_metadata, int limit, bool bound)
{
	struct blocker *blockers = calloc(limit + 2, sizeof(*blockers));
	struct pool_workqueue *pwq = bound ? wq->cpu_pwq[1] : wq->dfl_pwq;
	int i;

	for (i = 0; i < limit; i++)
		blocker_start_on(&blockers[i], 1, wq);
	for (; i < limit + 2; i++) {
		blocker_init(&blockers[i]);
		queue_work_on(1, wq, &blockers[i].work);
	}
	EXPECT_TRUE(workqueue_congested(1, wq));
	EXPECT_EQ(limit, active_on(pwq));
	EXPECT_FALSE(try_wait_for_completion(&blockers[limit].started));
	for (i = 0; i < limit + 2; i++)
		blocker_release(&blockers[i]);
	flush_workqueue(wq);
	EXPECT_EQ(0, active_on(pwq));
	free(blockers);
}

static void check(struct __test_metadata *_metadata, unsigned int flags, int limit, bool naps)
{
	bool bound = flags & WQ_PERCPU;
	int i;

	wq = alloc_workqueue("limited", flags, limit);
	ASSERT_NOT_NULL(wq);
	SET(nap, naps);
	for (i = 0; i < NR; i++) {
		INIT_WORK(&noters[i].work, note);
		noters[i].bound = bound;
	}
	run_threads(3, mix, NULL);
	for (i = 0; i < NR; i++)
		cancel_work_sync(&noters[i].work);
	/* barriers of the cancels are in flight a moment longer */
	flush_workqueue(wq);
	for (i = 0; i < CPUS; i++) {
		EXPECT_LE(GET(most[i]), limit);
		if (bound || !i)
			EXPECT_LT(0, GET(most[i]));
		EXPECT_EQ(0, active_on(bound ? wq->cpu_pwq[i] : wq->dfl_pwq));
	}
	EXPECT_EQ(0ul, items_in_flight(wq));
	fill_up(_metadata, limit, bound);
	destroy_workqueue(wq);
}

TEST(one_per_cpu)
{
	check(_metadata, WQ_PERCPU, 1, false);
}

TEST(three_per_cpu_asleep)
{
	check(_metadata, WQ_PERCPU, 3, true);
}

TEST(two_cpu_intensive)
{
	check(_metadata, WQ_PERCPU | WQ_CPU_INTENSIVE, 2, false);
}

TEST(one_unbound)
{
	check(_metadata, WQ_UNBOUND, 1, false);
}

TEST(five_unbound_asleep)
{
	check(_metadata, WQ_UNBOUND, 5, true);
}

/* Per CPU means just that: the limit of one CPU is not used up by another. */
TEST(each_cpu_has_its_own_slots)
{
	struct blocker blockers[CPUS];
	int cpu;

	wq = alloc_workqueue("slots", WQ_PERCPU, 1);
	ASSERT_NOT_NULL(wq);
	for (cpu = 0; cpu < CPUS; cpu++)
		blocker_start_on(&blockers[cpu], cpu, wq);
	for (cpu = 0; cpu < CPUS; cpu++)
		blocker_release(&blockers[cpu]);
	destroy_workqueue(wq);
}

TEST(unbound_slots_are_for_all_cpus)
{
	struct blocker first, second;

	wq = alloc_workqueue("slots", WQ_UNBOUND, 1);
	ASSERT_NOT_NULL(wq);
	blocker_start_on(&first, 0, wq);
	blocker_init(&second);
	queue_work_on(1, wq, &second.work);
	EXPECT_TRUE(workqueue_congested(0, wq));
	EXPECT_FALSE(try_wait_for_completion(&second.started));
	blocker_release(&first);
	blocker_release(&second);
	destroy_workqueue(wq);
	EXPECT_EQ(1, GET(second.runs));
}

/* ---- cancelling gives and takes the right slots (C63) ---- */

TEST(cancelled_items_give_back_what_they_held)
{
	struct blocker head, second;
	struct counter a, b;

	wq = alloc_workqueue("cancel", WQ_UNBOUND, 2);
	ASSERT_NOT_NULL(wq);
	counter_init(&a);
	counter_init(&b);
	for (int i = 0; i < 100; i++) {
		blocker_start(&head, wq);
		blocker_start(&second, wq);
		queue_work(wq, &a.work);
		queue_work(wq, &b.work);
		EXPECT_EQ(2, active_on(wq->dfl_pwq));
		/* inactive: takes no slot, gives none */
		EXPECT_TRUE(cancel_work(&a.work));
		EXPECT_EQ(2, active_on(wq->dfl_pwq));
		EXPECT_TRUE(work_pending(&b.work));
		blocker_release(&head);
		flush_work(&b.work);
		EXPECT_EQ(i + 1, GET(b.runs));
		EXPECT_EQ(1, active_on(wq->dfl_pwq));
		blocker_release(&second);
		flush_work(&second.work);
		EXPECT_EQ(0, active_on(wq->dfl_pwq));
	}
	EXPECT_EQ(0, GET(a.runs));
	destroy_workqueue(wq);
}

/* An active item that no worker has begun: its slot goes to the next one. */
TEST(slot_of_a_cancelled_active_item_is_passed_on)
{
	struct blocker occupant;
	struct counter active, inactive;
	struct pool_workqueue *pwq;

	wq = alloc_workqueue("pass", WQ_PERCPU, 1);
	ASSERT_NOT_NULL(wq);
	pwq = wq->cpu_pwq[1];
	counter_init(&active);
	counter_init(&inactive);
	/* the worker of CPU 1 stands still, running, with an item of another queue */
	blocker_init(&occupant);
	hold_next("worker_call");
	queue_work_on(1, system_percpu_wq, &occupant.work);
	hold_wait();
	blocker_release(&occupant);
	queue_work_on(1, wq, &active.work);
	queue_work_on(1, wq, &inactive.work);
	if (workqueue_congested(1, wq) && cancel_work(&active.work)) {
		EXPECT_FALSE(workqueue_congested(1, wq));
		EXPECT_GE(1, active_on(pwq));
		EXPECT_EQ(0, GET(active.runs));
	}
	hold_release();
	flush_work(&inactive.work);
	EXPECT_EQ(1, GET(inactive.runs));
	flush_work(&occupant.work);
	EXPECT_EQ(0, active_on(pwq));
	destroy_workqueue(wq);
}

/* ---- changing the limit ---- */

#define WAITING	10

static void change(struct __test_metadata *_metadata, unsigned int flags)
{
	struct blocker blockers[WAITING];
	struct pool_workqueue *pwq;
	int i, started = 0;

	wq = alloc_workqueue("change", flags, 1);
	ASSERT_NOT_NULL(wq);
	pwq = wq->cpu_pwq ? wq->cpu_pwq[1] : wq->dfl_pwq;
	for (i = 0; i < WAITING; i++) {
		blocker_init(&blockers[i]);
		queue_work_on(1, wq, &blockers[i].work);
	}
	wait_for_completion(&blockers[0].started);

	/* more: seven others start though nothing else happens, in order */
	workqueue_set_max_active(wq, 8);
	for (i = 1; i < 8; i++)
		wait_for_completion(&blockers[i].started);
	EXPECT_EQ(8, active_on(pwq));
	EXPECT_FALSE(try_wait_for_completion(&blockers[8].started));

	/* fewer: nobody is stopped; nothing starts before five have ended */
	workqueue_set_max_active(wq, 4);
	for (i = 0; i < 4; i++) {
		blocker_release(&blockers[i]);
		flush_work(&blockers[i].work);
		EXPECT_EQ(1, GET(blockers[i].runs));
		EXPECT_EQ(7 - i, active_on(pwq));
	}
	EXPECT_FALSE(try_wait_for_completion(&blockers[8].started));
	EXPECT_TRUE(workqueue_congested(1, wq));
	blocker_release(&blockers[4]);
	wait_for_completion(&blockers[8].started);
	EXPECT_EQ(4, active_on(pwq));
	EXPECT_FALSE(try_wait_for_completion(&blockers[9].started));
	for (i = 5; i < WAITING; i++)
		blocker_release(&blockers[i]);
	flush_workqueue(wq);
	for (i = 0; i < WAITING; i++)
		started += GET(blockers[i].runs);
	EXPECT_EQ(WAITING, started);
	destroy_workqueue(wq);
}

TEST(limit_of_a_bound_queue_changes)
{
	change(_metadata, WQ_PERCPU);
}

TEST(limit_of_an_unbound_queue_changes)
{
	change(_metadata, WQ_UNBOUND);
}

TEST(new_limits_are_clamped)
{
	struct { int asked, got, told; } cases[] = {
		{ 0, 1, 1 }, { -7, 1, 1 }, { 2049, 2048, 1 }, { 2048, 2048, 0 }, { 5, 5, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wq = alloc_workqueue("clamp", WQ_UNBOUND, 100);
		ASSERT_NOT_NULL(wq);
		log_count("out of range");
		workqueue_set_max_active(wq, cases[i].asked);
		EXPECT_EQ(cases[i].got, wq->max_active);
		EXPECT_EQ(cases[i].got, wq->dfl_pwq->max_active);
		EXPECT_EQ(cases[i].got < 8 ? cases[i].got : 8, wq->min_active);
		EXPECT_EQ(cases[i].told, GET(log_hits));
		destroy_workqueue(wq);
	}
}

TEST(bottom_halves_refuse_a_limit)
{
	unsigned long warned = uwq_warn_count();

	log_count("");
	wq = alloc_workqueue("bh", WQ_BH | WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	workqueue_set_max_active(wq, 3);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_EQ(INT_MAX, wq->max_active);
	EXPECT_EQ(INT_MAX, wq->cpu_pwq[0]->max_active);
	destroy_workqueue(wq);
}

/* The limit wanders while items come and go. */
static bool stop;	/* atomic */

static void *wander(void *arg)
{
	unsigned int seed = 7;

	while (!GET(stop)) {
		workqueue_set_max_active(wq, 1 + rand_r(&seed) % 6);
		sched_yield();
	}
	return arg;
}

TEST(limit_wanders_under_load)
{
	pthread_t changer;
	int i;

	wq = alloc_workqueue("wander", WQ_UNBOUND, 6);
	ASSERT_NOT_NULL(wq);
	for (i = 0; i < NR; i++)
		INIT_WORK(&noters[i].work, note);
	changer = start_thread(wander, NULL);
	run_threads(3, mix, NULL);
	SET(stop, true);
	pthread_join(changer, NULL);
	EXPECT_LE(GET(most[0]), 6);
	flush_workqueue(wq);
	EXPECT_EQ(0, active_on(wq->dfl_pwq));
	workqueue_set_max_active(wq, 4);
	fill_up(_metadata, 4, false);
	destroy_workqueue(wq);
}

/* Pods of other attributes share the slots, also with the first pool of all, made at the start. */
TEST(items_of_former_attributes_hold_their_slots)
{
	struct workqueue_struct *wq = alloc_workqueue("narrow", WQ_UNBOUND, 2);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct blocker first, second;
	struct counter third;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(attrs);
	blocker_start_on(&first, 0, wq);
	blocker_start_on(&second, 0, wq);
	attrs->affn_scope = WQ_AFFN_CPU;
	ASSERT_EQ(0, apply_workqueue_attrs(wq, attrs));
	free_workqueue_attrs(attrs);
	counter_init(&third);
	queue_work_on(0, wq, &third.work);
	/* admitted by now, and without a slot */
	EXPECT_EQ(3ul, items_in_flight(wq));
	EXPECT_TRUE(work_data(&third.work) & WORK_STRUCT_INACTIVE);
	EXPECT_EQ(0, GET(third.runs));
	blocker_release(&first);
	flush_work(&third.work);
	EXPECT_EQ(1, GET(third.runs));
	blocker_release(&second);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(CPUS)

// SPDX-License-Identifier: MIT
/*
 * Proves C8 and U4: a per-CPU queue serves on the CPU that was asked for, or on the
 * caller's. The answer to "which CPU is this?" may be old when the item is published: a
 * producer that is moved to another CPU in between, held there by a test point, still
 * has its item run, once. A CPU that does not exist is reported once and the item
 * runs all the same.
 */
#include "wq_test.h"

#include <limits.h>
#include <uwq/cpu.h>

struct where {
	struct work_struct work;
	int cpu, real;	/* atomic; -1 = has not run */
};

static void note_cpu(struct work_struct *work)
{
	struct where *item = container_of(work, struct where, work);

	SET(item->cpu, smp_processor_id());
	SET(item->real, sched_getcpu());
}

static void where_init(struct where *item)
{
	INIT_WORK(&item->work, note_cpu);
	SET(item->cpu, -1);
	SET(item->real, -1);
}

FIXTURE(percpu) {
	struct workqueue_struct *wq;
	struct where item;
};

FIXTURE_SETUP(percpu)
{
	self->wq = alloc_workqueue("percpu", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(self->wq);
	where_init(&self->item);
}

FIXTURE_TEARDOWN(percpu)
{
	destroy_workqueue(self->wq);
}

TEST_F(percpu, runs_on_the_cpu_asked_for)
{
	int round, cpu;

	for (round = 0; round < 20; round++) {
		for_each_online_cpu(cpu) {
			where_init(&self->item);
			ASSERT_TRUE(queue_work_on(cpu, self->wq, &self->item.work));
			flush_work(&self->item.work);
			EXPECT_EQ(cpu, GET(self->item.cpu));
			EXPECT_EQ(uwq_cpu_to_real(cpu), GET(self->item.real));
		}
	}
}

TEST_F(percpu, runs_on_the_cpu_of_a_pinned_producer)
{
	int cpu, tried = 0;

	for_each_online_cpu(cpu) {
		if (!pin_to_real_cpu(uwq_cpu_to_real(cpu)))
			continue;
		tried++;
		where_init(&self->item);
		ASSERT_TRUE(queue_work(self->wq, &self->item.work));
		flush_work(&self->item.work);
		EXPECT_EQ((int)smp_processor_id(), GET(self->item.cpu));
		EXPECT_EQ(uwq_cpu_to_real(cpu), GET(self->item.real));
	}
	if (!tried)
		SKIP(return, "the system does not let threads be pinned");
}

/* Called between the choice of the pool and the publishing. */
static int move_to, moved;

static void move_producer(const char *point)
{
	if (!strcmp(point, "queue_owned") && move_to >= 0 && pin_to_real_cpu(move_to)) {
		move_to = -1;
		moved++;
	}
}

TEST_F(percpu, producer_moves_while_it_queues)
{
	int from = uwq_cpu_to_real(0), to = uwq_cpu_to_real(1), round;

	if (from == to || !pin_to_real_cpu(from) || !pin_to_real_cpu(to))
		SKIP(return, "needs two CPUs to move between");
	SET(uwq_test_point_hook, move_producer);
	for (round = 0; round < ROUNDS(2000); round++) {
		pin_to_real_cpu(from);
		where_init(&self->item);
		move_to = to;
		ASSERT_TRUE(queue_work(self->wq, &self->item.work));
		ASSERT_EQ(round + 1, moved);
		/* a flush would look after the pool itself */
		while (GET(self->item.cpu) == -1)
			sched_yield();
		flush_work(&self->item.work);
	}
}

/* The same without a hook: producers that change CPUs as they go. */
static int nr_accepted, nr_runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(nr_runs, 1);
}

static void *produce(void *arg)
{
	FIXTURE_DATA(percpu) *self = arg;
	struct work_struct items[16];
	int i;

	for (i = 0; i < 16; i++)
		INIT_WORK(&items[i], count_run);
	for (i = 0; i < ROUNDS(20000); i++) {
		if (queue_work(self->wq, &items[i % 16]))
			ADD(nr_accepted, 1);
		if (i % 1000 == 0)
			pin_to_real_cpu(uwq_cpu_to_real(i / 1000 % 2));
	}
	for (i = 0; i < 16; i++)
		flush_work(&items[i]);
	return NULL;
}

TEST_F(percpu, producers_that_wander_lose_nothing)
{
	run_threads(4, produce, self);
	EXPECT_LT(0, GET(nr_accepted));
	EXPECT_EQ(GET(nr_accepted), GET(nr_runs));
}

TEST_F(percpu, cpu_that_does_not_exist_is_reported_once)
{
	const int wrong[] = { -1, INT_MIN, (int)nr_cpu_ids, NR_CPUS - 1, NR_CPUS + 1, INT_MAX };
	unsigned long warned = uwq_warn_count();
	unsigned int i;

	log_count("does not exist");
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		where_init(&self->item);
		EXPECT_TRUE(queue_work_on(wrong[i], self->wq, &self->item.work));
		flush_work(&self->item.work);
		EXPECT_LE(0, GET(self->item.cpu)) {
			TH_LOG("CPU %d: the item did not run", wrong[i]);
		}
		EXPECT_GT(nr_cpu_ids, (unsigned int)GET(self->item.cpu));
	}
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(warned + ARRAY_SIZE(wrong), uwq_warn_count());
}

TEST(unbound_queue_takes_any_number)
{
	struct workqueue_struct *wq = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	struct where item;
	int cpu;

	ASSERT_NOT_NULL(wq);
	for (cpu = -1; cpu <= (int)nr_cpu_ids; cpu++) {
		where_init(&item);
		EXPECT_TRUE(queue_work_on(cpu, wq, &item.work));
		flush_work(&item.work);
		EXPECT_NE(-1, GET(item.cpu));
	}
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(4)

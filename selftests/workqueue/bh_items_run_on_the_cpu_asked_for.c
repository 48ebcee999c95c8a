// SPDX-License-Identifier: MIT
/*
 * Proves C128, B29: queue_work_on() of a bottom-half queue runs the item on that CPU,
 * whoever calls it and whatever the other CPUs do; and nobody has to queue something
 * there himself for it to begin.
 */
#include "wq_test.h"

#define CPUS	4

struct item {
	struct work_struct work;
	int cpu, runs;	/* atomic */
};

static void where(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);

	SET(item->cpu, (int)raw_smp_processor_id());
	ADD(item->runs, 1);
}

static void check_queue(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	for (int round = 0; round < ROUNDS(50); round++) {
		for (int cpu = 0; cpu < CPUS; cpu++) {
			struct item item = { .cpu = -1 };

			INIT_WORK_ONSTACK(&item.work, where);
			EXPECT_TRUE(queue_work_on(cpu, wq, &item.work));
			EXPECT_TRUE(COMES_TRUE(GET(item.runs) == 1));
			flush_work(&item.work);
			EXPECT_EQ(cpu, GET(item.cpu));
		}
	}
}

TEST(normal)
{
	check_queue(_metadata, system_bh_wq);
}

TEST(highpri)
{
	check_queue(_metadata, system_bh_highpri_wq);
}

#define HOPS	200

/* Each queues the next one on another CPU. */
static struct item hops[HOPS];
static struct completion last_hop;

static void hop(struct work_struct *work)
{
	int i = (int)(container_of(work, struct item, work) - hops);

	where(work);
	if (i + 1 < HOPS)
		queue_work_on((i + 1) % CPUS, system_bh_wq, &hops[i + 1].work);
	else
		complete(&last_hop);
}

TEST(from_bottom_half_to_bottom_half)
{
	init_completion(&last_hop);
	for (int i = 0; i < HOPS; i++)
		INIT_WORK(&hops[i].work, hop);
	queue_work_on(0, system_bh_wq, &hops[0].work);
	ASSERT_TRUE(wait_for_completion_timeout(&last_hop, 10 * HZ));
	for (int i = 0; i < HOPS; i++) {
		flush_work(&hops[i].work);
		EXPECT_EQ(i % CPUS, GET(hops[i].cpu));
		EXPECT_EQ(1, GET(hops[i].runs));
	}
}

/* queue_work() without a CPU: the one of the caller. */
TEST(queueing_cpu_is_the_default)
{
	struct item item = { .cpu = -1 };
	int before, after;

	INIT_WORK_ONSTACK(&item.work, where);
	pin_to_real_cpu(0);
	before = raw_smp_processor_id();
	queue_work(system_bh_wq, &item.work);
	after = raw_smp_processor_id();
	flush_work(&item.work);
	if (before == after)
		EXPECT_EQ(before, GET(item.cpu));
	EXPECT_EQ(1, GET(item.runs));
}

TEST_HARNESS_MAIN_CPUS(CPUS)

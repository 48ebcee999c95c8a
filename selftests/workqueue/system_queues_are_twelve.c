// SPDX-License-Identifier: MIT
/*
 * Proves that the twelve system queues exist before main(), are twelve different objects
 * with the kernel's names, flags and limits, and run items; and C144: those with
 * old names work and say so once for both together, naming the function.
 */
#include "wq_test.h"

struct expected {
	struct workqueue_struct *wq;
	const char *name;
	unsigned int flags;
	int max_active;
};

#define NR_SYSTEM	12

static void list(struct expected *all)
{
	struct expected table[NR_SYSTEM] = {
		{ system_wq, "events", 0x80100, 1024 },
		{ system_percpu_wq, "events", 0x100, 1024 },
		{ system_highpri_wq, "events_highpri", 0x110, 1024 },
		{ system_long_wq, "events_long", 0x100, 1024 },
		{ system_unbound_wq, "events_unbound", 0x80002, 2048 },
		{ system_dfl_wq, "events_unbound", 0x2, 2048 },
		{ system_freezable_wq, "events_freezable", 0x104, 1024 },
		{ system_power_efficient_wq, "events_power_efficient", 0x180, 1024 },
		{ system_freezable_power_efficient_wq, "events_freezable_pwr_efficient",
		  0x184, 1024 },
		{ system_bh_wq, "events_bh", 0x101, INT_MAX },
		{ system_bh_highpri_wq, "events_bh_highpri", 0x111, INT_MAX },
		{ system_dfl_long_wq, "events_dfl_long", 0x2, 2048 },
	};

	memcpy(all, table, sizeof(table));
}

TEST(names_flags_and_limits)
{
	struct expected all[NR_SYSTEM];
	int i, j;

	list(all);
	for (i = 0; i < NR_SYSTEM; i++) {
		ASSERT_NOT_NULL(all[i].wq);
		EXPECT_STREQ(all[i].name, all[i].wq->name);
		EXPECT_EQ(all[i].flags, all[i].wq->flags);
		EXPECT_EQ(all[i].max_active, all[i].wq->max_active);
		for (j = 0; j < i; j++)
			EXPECT_TRUE(all[i].wq != all[j].wq);
	}
}

TEST(all_run_items)
{
	struct expected all[NR_SYSTEM];
	struct counter item;
	int i;

	log_count("old name");
	list(all);
	for (i = 0; i < NR_SYSTEM; i++) {
		counter_init(&item);
		ASSERT_TRUE(queue_work(all[i].wq, &item.work));
		flush_work(&item.work);
		EXPECT_EQ(1, GET(item.runs));
		/* a flush of one does not wait for items of its namesake */
		__flush_workqueue(all[i].wq);
	}
}

static void old_style(struct work_struct *work)
{
	(void)work;
}

TEST(old_names_are_reported_once_for_both)
{
	struct work_struct work;

	log_count("old_style");
	INIT_WORK(&work, old_style);
	EXPECT_TRUE(queue_work(system_percpu_wq, &work));
	flush_work(&work);
	EXPECT_TRUE(queue_work(system_dfl_wq, &work));
	flush_work(&work);
	EXPECT_EQ(0, GET(log_hits));
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(queue_work(system_unbound_wq, &work));
		flush_work(&work);
		EXPECT_TRUE(queue_work(system_wq, &work));
		flush_work(&work);
		EXPECT_EQ(1, GET(log_hits));
	}
}

/* Namesakes share pools, but are flushed apart. */
TEST(namesakes_are_flushed_apart)
{
	struct blocker blocker;

	log_count("");
	blocker_start_on(&blocker, 0, system_wq);
	__flush_workqueue(system_percpu_wq);
	EXPECT_EQ(0, GET(blocker.runs));
	EXPECT_TRUE(system_wq->cpu_pwq[0]->pool == system_percpu_wq->cpu_pwq[0]->pool);
	blocker_release(&blocker);
	__flush_workqueue(system_wq);
	EXPECT_EQ(1, GET(blocker.runs));

	blocker_start(&blocker, system_unbound_wq);
	__flush_workqueue(system_dfl_wq);
	EXPECT_EQ(0, GET(blocker.runs));
	blocker_release(&blocker);
	__flush_workqueue(system_unbound_wq);
	EXPECT_EQ(1, GET(blocker.runs));
}

/* Each of the short forms goes where the kernel's goes. */
TEST(schedule_work_means_the_percpu_queue)
{
	struct blocker blocker;

	blocker_init(&blocker);
	EXPECT_TRUE(schedule_work(&blocker.work));
	wait_for_completion(&blocker.started);
	EXPECT_EQ(1ul, items_in_flight(system_percpu_wq));
	EXPECT_EQ(0ul, items_in_flight(system_wq));
	blocker_release(&blocker);
	flush_work(&blocker.work);

	blocker_init(&blocker);
	EXPECT_TRUE(schedule_work_on(0, &blocker.work));
	wait_for_completion(&blocker.started);
	EXPECT_EQ(1ul, items_in_flight(system_percpu_wq));
	blocker_release(&blocker);
	flush_work(&blocker.work);
}

TEST(flushing_a_shared_queue_is_reported)
{
	struct {
		struct workqueue_struct *wq;
		int told;
	} cases[] = {
		{ system_wq, 0 }, { system_unbound_wq, 0 }, { system_bh_wq, 0 },
		{ system_bh_highpri_wq, 0 }, { system_percpu_wq, 1 }, { system_highpri_wq, 1 },
		{ system_long_wq, 1 }, { system_dfl_wq, 1 }, { system_dfl_long_wq, 1 },
		{ system_freezable_wq, 1 }, { system_power_efficient_wq, 1 },
		{ system_freezable_power_efficient_wq, 1 },
	};
	struct counter item;
	unsigned long before;
	size_t i;

	log_count("being flushed");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		counter_init(&item);
		queue_work(cases[i].wq, &item.work);
		before = uwq_warn_count();
		flush_workqueue(cases[i].wq);
		EXPECT_EQ(before + cases[i].told, uwq_warn_count());
		/* it flushes in any case */
		EXPECT_EQ(1, GET(item.runs));
	}
	EXPECT_EQ(1, GET(log_hits));
	before = uwq_warn_count();
	flush_scheduled_work();
	EXPECT_EQ(before + 1, uwq_warn_count());
}

TEST_HARNESS_MAIN

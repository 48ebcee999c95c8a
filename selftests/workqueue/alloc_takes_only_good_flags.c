// SPDX-License-Identifier: MIT
/*
 * Proves the rules of alloc_workqueue() for flags and limits: what fails, what is only
 * reported (each once, the limit every time), what is made of it; the ordered and the
 * legacy constructors; that the kind of queue is what the items then get.
 */
#include "wq_test.h"

#include "workqueue/params.h"

#define KINDS	(WQ_PERCPU | WQ_UNBOUND)

static struct workqueue_struct *make(unsigned int flags, int max_active)
{
	return alloc_workqueue("flags", flags, max_active);
}

TEST(bottom_half_goes_with_highpri_and_percpu_only)
{
	unsigned int bad[] = {
		WQ_UNBOUND, WQ_FREEZABLE, WQ_MEM_RECLAIM, WQ_CPU_INTENSIVE, WQ_SYSFS,
		WQ_POWER_EFFICIENT, __WQ_ORDERED, __WQ_LEGACY,
	};
	struct workqueue_struct *wq;
	size_t i;

	log_count("do not go with WQ_BH");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_NULL(make(WQ_BH | WQ_PERCPU | bad[i], 0));
	EXPECT_EQ(1, GET(log_hits));
	uwq_warn_reset_once();
	EXPECT_NULL(make(WQ_BH | WQ_PERCPU | WQ_UNBOUND, 0));
	EXPECT_EQ(2, GET(log_hits));

	wq = make(WQ_BH | WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(WQ_BH | WQ_PERCPU, wq->flags);
	EXPECT_EQ(INT_MAX, wq->max_active);
	destroy_workqueue(wq);
	wq = make(WQ_BH | WQ_PERCPU | WQ_HIGHPRI, 0);
	ASSERT_NOT_NULL(wq);
	destroy_workqueue(wq);
	EXPECT_EQ(2, GET(log_hits));
}

TEST(bottom_half_has_no_limit)
{
	log_count("WQ_BH has no max_active");
	EXPECT_NULL(make(WQ_BH | WQ_PERCPU, 1));
	EXPECT_NULL(make(WQ_BH | WQ_PERCPU, -1));
	EXPECT_NULL(make(WQ_BH | WQ_PERCPU | WQ_HIGHPRI, 1024));
	EXPECT_EQ(1, GET(log_hits));
}

TEST(neither_kind_is_percpu)
{
	struct workqueue_struct *wq;

	log_count("neither WQ_PERCPU nor WQ_UNBOUND");
	for (int i = 0; i < 3; i++) {
		wq = make(i ? WQ_HIGHPRI : 0, 0);
		ASSERT_NOT_NULL(wq);
		EXPECT_EQ(WQ_PERCPU, wq->flags & KINDS);
		EXPECT_NOT_NULL(wq->cpu_pwq);
		destroy_workqueue(wq);
	}
	EXPECT_EQ(1, GET(log_hits));
	/* the warning does not stop a bottom-half queue */
	wq = make(WQ_BH, 0);
	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(WQ_BH | WQ_PERCPU, wq->flags);
	destroy_workqueue(wq);
	EXPECT_EQ(1, GET(log_hits));
}

TEST(both_kinds_are_unbound)
{
	struct workqueue_struct *wq;

	log_count("WQ_PERCPU and WQ_UNBOUND");
	for (int i = 0; i < 3; i++) {
		wq = make(WQ_PERCPU | WQ_UNBOUND, 0);
		ASSERT_NOT_NULL(wq);
		EXPECT_EQ(WQ_UNBOUND, wq->flags & KINDS);
		EXPECT_NULL(wq->cpu_pwq);
		EXPECT_NOT_NULL(wq->dfl_pwq);
		destroy_workqueue(wq);
	}
	EXPECT_EQ(1, GET(log_hits));
}

TEST(good_flags_are_silent)
{
	unsigned long warned = uwq_warn_count();
	unsigned int good[] = {
		WQ_PERCPU, WQ_UNBOUND, WQ_PERCPU | WQ_HIGHPRI, WQ_UNBOUND | WQ_HIGHPRI,
		WQ_PERCPU | WQ_FREEZABLE, WQ_UNBOUND | WQ_FREEZABLE, WQ_PERCPU | WQ_CPU_INTENSIVE,
		WQ_UNBOUND | WQ_CPU_INTENSIVE, WQ_PERCPU | WQ_MEM_RECLAIM,
		WQ_UNBOUND | WQ_MEM_RECLAIM, WQ_PERCPU | WQ_POWER_EFFICIENT,
		WQ_PERCPU | WQ_BH, WQ_PERCPU | WQ_BH | WQ_HIGHPRI,
	};
	struct workqueue_struct *wq;
	struct counter item;
	size_t i;

	log_count("");
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		wq = make(good[i], 0);
		ASSERT_NOT_NULL(wq);
		EXPECT_EQ(good[i], wq->flags);
		counter_init(&item);
		EXPECT_TRUE(queue_work(wq, &item.work));
		destroy_workqueue(wq);
		EXPECT_EQ(1, GET(item.runs));
	}
	EXPECT_EQ(0, GET(log_hits));
	EXPECT_EQ(warned, uwq_warn_count());
}

TEST(power_efficient_follows_the_parameter)
{
	struct workqueue_struct *wq = make(WQ_PERCPU | WQ_POWER_EFFICIENT, 0);

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(WQ_PERCPU, wq->flags & KINDS);
	destroy_workqueue(wq);
	WRITE_ONCE(wq_params.power_efficient, true);
	wq = make(WQ_PERCPU | WQ_POWER_EFFICIENT, 0);
	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(WQ_UNBOUND, wq->flags & KINDS);
	destroy_workqueue(wq);
	wq = make(WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(WQ_PERCPU, wq->flags & KINDS);
	destroy_workqueue(wq);
}

TEST(limits_are_clamped_and_reported_each_time)
{
	struct { int asked, got, min, told; } cases[] = {
		{ 0, 1024, 8, 0 }, { 1, 1, 1, 0 }, { 7, 7, 7, 0 }, { 8, 8, 8, 0 },
		{ 9, 9, 8, 0 }, { 2048, 2048, 8, 0 }, { 2049, 2048, 8, 1 },
		{ INT_MAX, 2048, 8, 1 }, { -1, 1, 1, 1 }, { INT_MIN, 1, 1, 1 }, { -1, 1, 1, 1 },
	};
	struct workqueue_struct *wq;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]) * 2; i++) {
		int n = (int)i / 2;

		log_count("out of range");
		wq = make(i % 2 ? WQ_PERCPU : WQ_UNBOUND, cases[n].asked);
		ASSERT_NOT_NULL(wq);
		EXPECT_EQ(cases[n].got, wq->max_active);
		EXPECT_EQ(cases[n].min, wq->min_active);
		EXPECT_EQ(cases[n].told, GET(log_hits));
		destroy_workqueue(wq);
	}
}

TEST(ordered)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered-%d", WQ_HIGHPRI, 7);

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(WQ_UNBOUND | __WQ_ORDERED | WQ_HIGHPRI, wq->flags);
	EXPECT_EQ(1, wq->max_active);
	EXPECT_STREQ("ordered-7", wq->name);
	EXPECT_TRUE(list_is_singular(&wq->pwqs));
	EXPECT_EQ(-20, wq->dfl_pwq->pool->nice);
	destroy_workqueue(wq);
}

TEST(legacy)
{
	struct workqueue_struct *wq = create_workqueue("le%dgacy");

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(__WQ_LEGACY | WQ_MEM_RECLAIM | WQ_PERCPU, wq->flags);
	EXPECT_EQ(1, wq->max_active);
	/* a name, not a format */
	EXPECT_STREQ("le%dgacy", wq->name);
	destroy_workqueue(wq);

	wq = create_freezable_workqueue("f");
	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(__WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND | WQ_MEM_RECLAIM, wq->flags);
	EXPECT_EQ(1, wq->max_active);
	destroy_workqueue(wq);

	wq = create_singlethread_workqueue("s");
	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(__WQ_LEGACY | __WQ_ORDERED | WQ_UNBOUND | WQ_MEM_RECLAIM, wq->flags);
	EXPECT_EQ(1, wq->max_active);
	destroy_workqueue(wq);
}

/* ---- what the flags do ---- */

static int seen_cpu, seen_pool_cpu, seen_nice;	/* atomic */
static bool seen_softirq;			/* atomic */

static void look_around(struct work_struct *work)
{
	(void)work;
	SET(seen_cpu, raw_smp_processor_id());
	SET(seen_pool_cpu, this_worker->pool->cpu);
	SET(seen_nice, this_worker->pool->nice);
	SET(seen_softirq, !!in_serving_softirq());
}

static void run_on(struct workqueue_struct *wq, int cpu)
{
	struct work_struct work;

	INIT_WORK_ONSTACK(&work, look_around);
	queue_work_on(cpu, wq, &work);
	flush_work(&work);
	destroy_work_on_stack(&work);
}

TEST(items_get_what_the_flags_say)
{
	struct {
		unsigned int flags;
		bool bound, softirq;
		int nice;
	} cases[] = {
		{ WQ_PERCPU, true, false, 0 }, { WQ_PERCPU | WQ_HIGHPRI, true, false, -20 },
		{ WQ_PERCPU | WQ_CPU_INTENSIVE, true, false, 0 },
		{ WQ_UNBOUND, false, false, 0 }, { WQ_UNBOUND | WQ_HIGHPRI, false, false, -20 },
		{ WQ_BH | WQ_PERCPU, true, true, 0 },
		{ WQ_BH | WQ_PERCPU | WQ_HIGHPRI, true, true, -20 },
	};
	struct workqueue_struct *wq;
	size_t i;
	int cpu;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wq = make(cases[i].flags, 0);
		ASSERT_NOT_NULL(wq);
		for (cpu = 0; cpu < 4; cpu++) {
			run_on(wq, cpu);
			EXPECT_EQ(cases[i].bound ? cpu : -1, GET(seen_pool_cpu));
			if (cases[i].bound)
				EXPECT_EQ(cpu, GET(seen_cpu));
			EXPECT_EQ(cases[i].nice, GET(seen_nice));
			EXPECT_EQ(cases[i].softirq, GET(seen_softirq));
		}
		destroy_workqueue(wq);
	}
}

TEST_HARNESS_MAIN_CPUS(4)

// SPDX-License-Identifier: MIT
/*
 * Proves C105, U9: the normal and the highpri pool of a CPU are independent: items that
 * block or compute in one do not delay those of the other, in either direction. Highpri
 * workers ask for nice -20; where the process has no right to it, they run with what
 * they have, which is said once with both values, and the pools stay apart.
 */
#include "wq_test.h"

#include <sys/resource.h>
#include <unistd.h>

#include <linux/sched.h>

#include "workqueue/params.h"

/* Computes until told to stop. */
struct hog {
	struct work_struct work;
	struct gate begun;
	int stop;	/* atomic */
};

static void hog_func(struct work_struct *work)
{
	struct hog *hog = container_of(work, struct hog, work);

	gate_open(&hog->begun);
	while (!GET(hog->stop))
		cpu_relax();
}

static void hog_start(struct hog *hog, struct workqueue_struct *wq)
{
	memset(hog, 0, sizeof(*hog));
	INIT_WORK(&hog->work, hog_func);
	queue_work_on(0, wq, &hog->work);
	gate_wait(&hog->begun);
}

static void check_past_hog(struct __test_metadata *_metadata, struct workqueue_struct *hogged,
			   struct workqueue_struct *wq)
{
	struct counter counter, behind;
	struct hog hog;

	/* nobody makes room for what waits behind the hog: another pool must run the item */
	WRITE_ONCE(wq_params.cpu_intensive_thresh_us, 0);
	WRITE_ONCE(wq_params.liveness_ms, 0);
	counter_init(&counter);
	counter_init(&behind);
	hog_start(&hog, hogged);
	queue_work_on(0, hogged, &behind.work);
	for (int i = 1; i <= 20; i++) {
		queue_work_on(0, wq, &counter.work);
		EXPECT_TRUE(COMES_TRUE(GET(counter.runs) == i));
	}
	EXPECT_EQ(0, GET(behind.runs));
	SET(hog.stop, 1);
	flush_work(&hog.work);
	flush_work(&behind.work);
	EXPECT_EQ(1, GET(behind.runs));
}

TEST(normal_hog)
{
	check_past_hog(_metadata, system_percpu_wq, system_highpri_wq);
}

TEST(highpri_hog)
{
	check_past_hog(_metadata, system_highpri_wq, system_percpu_wq);
}

static void block_all(struct __test_metadata *_metadata, struct workqueue_struct *blocked,
		      struct workqueue_struct *wq)
{
	struct blocker blockers[8];
	struct counter counter;

	for (int i = 0; i < 8; i++)
		blocker_start_on(&blockers[i], 0, blocked);
	counter_init(&counter);
	queue_work_on(0, wq, &counter.work);
	flush_work(&counter.work);
	EXPECT_EQ(1, GET(counter.runs));
	for (int i = 0; i < 8; i++) {
		EXPECT_EQ(0, GET(blockers[i].runs));
		blocker_release(&blockers[i]);
		flush_work(&blockers[i].work);
	}
}

TEST(blocked_items)
{
	block_all(_metadata, system_percpu_wq, system_highpri_wq);
	block_all(_metadata, system_highpri_wq, system_percpu_wq);
}

/* ---- nice ---- */

struct nice_probe {
	struct work_struct work;
	int requested, effective, pool_id;	/* atomic */
};

static void nice_func(struct work_struct *work)
{
	struct nice_probe *probe = container_of(work, struct nice_probe, work);

	SET(probe->requested, task_nice(current));
	SET(probe->effective, getpriority(PRIO_PROCESS, 0));
	SET(probe->pool_id, this_worker->pool->id);
}

static void ask_nice(struct nice_probe *probe, struct workqueue_struct *wq)
{
	INIT_WORK(&probe->work, nice_func);
	queue_work_on(0, wq, &probe->work);
	flush_work(&probe->work);
}

TEST(with_the_right_it_is_had)
{
	struct nice_probe probe;

	if (setpriority(PRIO_PROCESS, 0, -1) || setpriority(PRIO_PROCESS, 0, 0))
		SKIP(return, "no right to negative nice values");
	log_count("nice -20");
	ask_nice(&probe, system_highpri_wq);
	EXPECT_EQ(-20, GET(probe.requested));
	EXPECT_EQ(-20, GET(probe.effective));
	ask_nice(&probe, system_percpu_wq);
	EXPECT_EQ(0, GET(probe.requested));
	EXPECT_EQ(0, GET(probe.effective));
	EXPECT_EQ(0, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

TEST(without_the_right_it_is_said_once_and_pools_stay_apart)
{
	struct workqueue_struct *unbound;
	struct nice_probe normal, high, wide;
	struct rlimit none = { 0, 0 };
	int had = getpriority(PRIO_PROCESS, 0);		/* 0, unless the test runs under nice */

	if (setrlimit(RLIMIT_NICE, &none) || (!geteuid() && setresuid(65534, 65534, 65534)))
		SKIP(return, "cannot give up the right to negative nice values");
	if (!setpriority(PRIO_PROCESS, 0, -1))
		SKIP(return, "the right to negative nice values cannot be given up");
	log_count("nice -20");
	ask_nice(&normal, system_percpu_wq);
	EXPECT_EQ(0, GET(log_hits));
	ask_nice(&high, system_highpri_wq);
	EXPECT_EQ(1, GET(log_hits));
	unbound = alloc_workqueue("high", WQ_UNBOUND | WQ_HIGHPRI, 0);
	ask_nice(&wide, unbound);
	destroy_workqueue(unbound);
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(-20, GET(high.requested));
	EXPECT_EQ(had, GET(high.effective));
	EXPECT_EQ(-20, GET(wide.requested));
	EXPECT_NE(GET(normal.pool_id), GET(high.pool_id));
	EXPECT_NE(GET(wide.pool_id), GET(high.pool_id));
	uwq_set_log_sink(NULL, NULL);
}

TEST_HARNESS_MAIN_CPUS(2)

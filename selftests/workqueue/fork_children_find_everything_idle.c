// SPDX-License-Identifier: MIT
/*
 * U11, B71: ten thousand forks of a process whose threads queue, delay, cancel and flush
 * all the time. In each child every item is idle, is queued again, and runs exactly once;
 * in the parent every successful call has its run or its cancellation.
 */
#include "fork_test.h"

#include <linux/rcupdate.h>

#define NR_FORKS	ROUNDS(10000)
#define NR_PLAIN	12
#define NR_DELAYED	6
#define NR_LOADERS	3

static struct workqueue_struct *percpu, *unbound, *ordered, *narrow, *reclaim;
static struct workqueue_struct *queues[8];
#define NR_QUEUES	7

static struct counted {
	struct work_struct work;
	struct delayed_work dwork;
	struct rcu_work rwork;
	long asked, taken, runs;	/* atomic */
} plain[NR_PLAIN], delayed[NR_DELAYED], grace;

static bool stop;	/* atomic */

static void plain_func(struct work_struct *work)
{
	ADD(container_of(work, struct counted, work)->runs, 1);
}

static void delayed_func(struct work_struct *work)
{
	ADD(container_of(to_delayed_work(work), struct counted, dwork)->runs, 1);
}

static void grace_func(struct work_struct *work)
{
	ADD(container_of(to_rcu_work(work), struct counted, rwork)->runs, 1);
}

static void make_all(void)
{
	percpu = alloc_workqueue("percpu", WQ_PERCPU, 0);
	unbound = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	narrow = alloc_workqueue("narrow", WQ_UNBOUND, 1);
	ordered = alloc_ordered_workqueue("ordered", 0);
	reclaim = alloc_workqueue("reclaim", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	queues[0] = percpu;
	queues[1] = unbound;
	queues[2] = narrow;
	queues[3] = ordered;
	queues[4] = reclaim;
	queues[5] = system_percpu_wq;
	queues[6] = system_dfl_wq;
	for (int i = 0; i < NR_PLAIN; i++)
		INIT_WORK(&plain[i].work, plain_func);
	for (int i = 0; i < NR_DELAYED; i++)
		INIT_DELAYED_WORK(&delayed[i].dwork, delayed_func);
	INIT_RCU_WORK(&grace.rwork, grace_func);
}

/* ---- the parent's threads ---- */

static void load_plain(struct counted *item, struct workqueue_struct *wq, unsigned int dice)
{
	if (dice % 8 < 4)
		ADD(item->asked, queue_work(wq, &item->work));
	else if (dice % 8 < 5)
		ADD(item->taken, cancel_work(&item->work));
	else if (dice % 8 < 6)
		ADD(item->taken, cancel_work_sync(&item->work));
	else if (dice % 8 < 7)
		flush_work(&item->work);
	else if (wq != system_percpu_wq && wq != system_dfl_wq)
		flush_workqueue(wq);
}

static void load_delayed(struct counted *item, struct workqueue_struct *wq, unsigned int dice)
{
	unsigned long delay = dice / 8 % 3;

	if (dice % 8 < 3)
		ADD(item->asked, queue_delayed_work(wq, &item->dwork, delay));
	else if (dice % 8 < 5)
		ADD(item->taken, cancel_delayed_work(&item->dwork));
	else if (dice % 8 < 7 && (item - delayed) % 2)
		ADD(item->taken, cancel_delayed_work_sync(&item->dwork));
	else if (dice % 8 < 7)
		/* true: it took an instance away, and made another; nobody disables this one */
		ADD(item->asked, !mod_delayed_work(wq, &item->dwork, delay));
	else
		flush_delayed_work(&item->dwork);
}

static void *load(void *arg)
{
	unsigned int dice = (unsigned int)(uintptr_t)arg * 7919 + 1;

	while (!GET(stop)) {
		struct workqueue_struct *wq;

		dice = dice * 1664525 + 1013904223;
		wq = queues[(dice >> 8) % NR_QUEUES];
		if ((dice >> 28) < 9)
			load_plain(&plain[(dice >> 16) % NR_PLAIN], wq, dice >> 20);
		else if ((dice >> 28) < 15)
			load_delayed(&delayed[(dice >> 16) % NR_DELAYED], wq, dice >> 20);
		else
			ADD(grace.asked, queue_rcu_work(wq, &grace.rwork));
	}
	return NULL;
}

/* ---- a child ---- */

static void check_once(struct counted *item, struct work_struct *work)
{
	CHECK(GET(item->runs) == 1);
	CHECK(!work_pending(work) && !work_busy(work));
}

static void all_are_idle(void)
{
	for (int i = 0; i < NR_PLAIN; i++)
		CHECK(!work_pending(&plain[i].work) && !work_busy(&plain[i].work));
	for (int i = 0; i < NR_DELAYED; i++) {
		CHECK(!delayed_work_pending(&delayed[i].dwork));
		CHECK(!work_busy(&delayed[i].dwork.work));
	}
	CHECK(!work_pending(&grace.rwork.work));
}

static void use_some(void)
{
	int n = (int)getpid();
	struct counted *item = &plain[n % NR_PLAIN], *later = &delayed[n % NR_DELAYED];

	all_are_idle();
	SET(item->runs, 0);
	SET(later->runs, 0);
	CHECK(queue_work(queues[n % 5], &item->work));
	CHECK(queue_delayed_work(queues[n % 5], &later->dwork, 1));
	flush_delayed_work(&later->dwork);
	flush_workqueue(queues[n % 5]);
	check_once(item, &item->work);
	check_once(later, &later->dwork.work);
}

static void use_everything(void)
{
	all_are_idle();
	for (int i = 0; i < NR_PLAIN; i++) {
		SET(plain[i].runs, 0);
		CHECK(queue_work(queues[i % NR_QUEUES], &plain[i].work));
	}
	for (int i = 0; i < NR_DELAYED; i++) {
		SET(delayed[i].runs, 0);
		CHECK(queue_delayed_work(queues[i % NR_QUEUES], &delayed[i].dwork, i % 3));
	}
	SET(grace.runs, 0);
	CHECK(queue_rcu_work(unbound, &grace.rwork));

	for (int i = 0; i < NR_DELAYED; i++)
		flush_delayed_work(&delayed[i].dwork);
	flush_rcu_work(&grace.rwork);
	for (int i = 0; i < 5; i++)
		flush_workqueue(queues[i]);
	for (int i = 0; i < NR_PLAIN; i++)
		flush_work(&plain[i].work);

	for (int i = 0; i < NR_PLAIN; i++)
		check_once(&plain[i], &plain[i].work);
	for (int i = 0; i < NR_DELAYED; i++)
		check_once(&delayed[i], &delayed[i].dwork.work);
	check_once(&grace, &grace.rwork.work);
}

/* ---- both ---- */

TEST_TIMEOUT(ten_thousand_forks, 120)
{
	long until = now_ms() + 60000;
	pthread_t loaders[NR_LOADERS];
	int bad = 0, forks;

	make_all();
	for (int i = 0; i < NR_LOADERS; i++)
		loaders[i] = start_thread(load, (void *)(uintptr_t)i);
	for (forks = 0; forks < NR_FORKS && !bad && now_ms() < until; forks++)
		if (IN_CHILD(forks % 32 ? use_some : use_everything))
			bad++;
	SET(stop, true);
	for (int i = 0; i < NR_LOADERS; i++)
		pthread_join(loaders[i], NULL);
	fprintf(stderr, "# %d forks, %ld left of 60 s\n", forks, until - now_ms());
	EXPECT_EQ(0, bad);
	EXPECT_LT(NR_FORKS / 100, forks);

	for (int i = 0; i < NR_PLAIN; i++) {
		flush_work(&plain[i].work);
		EXPECT_EQ(GET(plain[i].asked), GET(plain[i].runs) + GET(plain[i].taken));
		EXPECT_LT(0, GET(plain[i].runs));
	}
	for (int i = 0; i < NR_DELAYED; i++) {
		flush_delayed_work(&delayed[i].dwork);
		EXPECT_EQ(GET(delayed[i].asked), GET(delayed[i].runs) + GET(delayed[i].taken));
		EXPECT_LT(0, GET(delayed[i].runs));
	}
	flush_rcu_work(&grace.rwork);
	EXPECT_EQ(GET(grace.asked), GET(grace.runs));
}

TEST_HARNESS_MAIN

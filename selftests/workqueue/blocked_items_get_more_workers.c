// SPDX-License-Identifier: MIT
/*
 * Proves C22, C101 and C104, catches B7: a function that sleeps holds up only itself. A
 * hundred items that all wait for the last of them get a hundred threads, on bound
 * and unbound queues (the time it took is printed, not judged). Also when the sleep is
 * one that the library cannot see, a raw system call: then the monitor notices that
 * the pool stands still, and everything behind it runs. The same for one that burns CPU
 * while it waits for a later item (B32).
 */
#include "wq_test.h"

#include "workqueue/params.h"

#define NR	100

/* ---- all wait for all ---- */

struct meeting {
	struct work_struct work;
	struct completion *all_here;
};

static int here, wanted;	/* atomic */

static void meet(struct work_struct *work)
{
	struct meeting *meeting = container_of(work, struct meeting, work);

	if (ADD(here, 1) == GET(wanted))
		complete_all(meeting->all_here);
	wait_for_completion(meeting->all_here);
}

static void check_meeting(struct __test_metadata *_metadata, const char *kind,
			  unsigned int flags, int nr)
{
	struct workqueue_struct *wq = alloc_workqueue("meet", flags, 0);
	struct meeting *items = calloc(nr, sizeof(*items));
	struct completion all_here;
	long begin;
	int i;

	ASSERT_NOT_NULL(wq);
	init_completion(&all_here);
	SET(here, 0);
	SET(wanted, nr);
	begin = now_ms();
	for (i = 0; i < nr; i++) {
		INIT_WORK(&items[i].work, meet);
		items[i].all_here = &all_here;
		ASSERT_TRUE(queue_work_on(0, wq, &items[i].work));
	}
	flush_workqueue(wq);
	TH_LOG("%s: %d items that wait for each other took %ld ms", kind, nr, now_ms() - begin);
	EXPECT_EQ(nr, GET(here));
	destroy_workqueue(wq);
	free(items);
}

TEST(hundred_on_one_cpu)
{
	check_meeting(_metadata, "first", WQ_PERCPU, NR);
	check_meeting(_metadata, "again", WQ_PERCPU, NR);
}

TEST(hundred_unbound)
{
	check_meeting(_metadata, "first", WQ_UNBOUND, NR);
	check_meeting(_metadata, "again", WQ_UNBOUND, NR);
}

TEST(hundred_cpu_intensive)
{
	check_meeting(_metadata, "first", WQ_PERCPU | WQ_CPU_INTENSIVE, NR);
}

TEST(hundred_highpri)
{
	check_meeting(_metadata, "first", WQ_PERCPU | WQ_HIGHPRI, NR);
}

TEST(thousand_unbound)
{
	check_meeting(_metadata, "first", WQ_UNBOUND, ROUNDS(1000));
}

/* ---- a second instance waits, others do not (C22) ---- */

static void check_second(struct __test_metadata *_metadata, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("second", flags, 0);
	struct blocker a;
	struct counter b;

	ASSERT_NOT_NULL(wq);
	blocker_start_on(&a, 0, wq);
	EXPECT_TRUE(queue_work_on(0, wq, &a.work));
	counter_init(&b);
	EXPECT_TRUE(queue_work_on(0, wq, &b.work));
	flush_work(&b.work);
	EXPECT_EQ(1, GET(b.runs));
	EXPECT_EQ(0, GET(a.runs));
	EXPECT_TRUE(work_pending(&a.work));
	blocker_release(&a);
	blocker_release(&a);
	destroy_workqueue(wq);
	EXPECT_EQ(2, GET(a.runs));
}

TEST(second_instance_alone_waits)
{
	check_second(_metadata, WQ_PERCPU);
	check_second(_metadata, WQ_UNBOUND);
}

/* ---- sleeps that the library cannot see ---- */

struct foreign {
	struct work_struct work;
	void (*wait)(struct foreign *item);
	int fd;
	struct gate gate;
	int begun, runs;	/* atomic */
};

static void wait_in_read(struct foreign *item)
{
	char byte;

	while (read(item->fd, &byte, 1) != 1)
		;
}

static void wait_in_futex(struct foreign *item)
{
	gate_wait(&item->gate);
}

static void wait_in_nanosleep(struct foreign *item)
{
	while (!GET(item->gate.open))
		nap_us(50000);
}

static void wait_burning_cpu(struct foreign *item)
{
	while (!GET(item->gate.open))
		__asm__ __volatile__("" ::: "memory");
}

static void foreign_func(struct work_struct *work)
{
	struct foreign *item = container_of(work, struct foreign, work);

	ADD(item->begun, 1);
	item->wait(item);
	ADD(item->runs, 1);
}

#define NR_STUCK	5

/*
 * Items stand in calls of their own, each pool slot of the machine taken; one queued
 * behind them, on the same and on another queue of the pool, runs all the same.
 */
static void check_foreign(struct __test_metadata *_metadata, unsigned int flags,
			  void (*wait)(struct foreign *item))
{
	struct workqueue_struct *wq = alloc_workqueue("foreign", flags, 0);
	struct workqueue_struct *other = alloc_workqueue("other", flags, 0);
	struct foreign items[NR_STUCK];
	struct counter behind, beside;
	int fds[2], i;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(other);
	ASSERT_EQ(0, pipe(fds));
	for (i = 0; i < NR_STUCK; i++) {
		memset(&items[i], 0, sizeof(items[i]));
		INIT_WORK(&items[i].work, foreign_func);
		items[i].wait = wait;
		items[i].fd = fds[0];
		ASSERT_TRUE(queue_work_on(0, wq, &items[i].work));
	}
	counter_init(&behind);
	counter_init(&beside);
	ASSERT_TRUE(queue_work_on(0, wq, &behind.work));
	ASSERT_TRUE(queue_work_on(0, other, &beside.work));
	flush_work(&behind.work);
	flush_workqueue(other);
	EXPECT_EQ(1, GET(behind.runs));
	EXPECT_EQ(1, GET(beside.runs));
	for (i = 0; i < NR_STUCK; i++) {
		/* taken before the others, but its thread may not have had a CPU since */
		EXPECT_TRUE(COMES_TRUE(GET(items[i].begun) == 1));
		EXPECT_EQ(0, GET(items[i].runs));
	}
	/* once more: the pool goes on in this state */
	for (i = 2; i < 20; i++) {
		ASSERT_TRUE(queue_work_on(0, wq, &behind.work));
		flush_work(&behind.work);
		EXPECT_EQ(i, GET(behind.runs));
	}
	for (i = 0; i < NR_STUCK; i++) {
		gate_open(&items[i].gate);
		EXPECT_EQ(1, write(fds[1], "x", 1));
	}
	flush_workqueue(wq);
	for (i = 0; i < NR_STUCK; i++)
		EXPECT_EQ(1, GET(items[i].runs));
	destroy_workqueue(wq);
	destroy_workqueue(other);
	close(fds[0]);
	close(fds[1]);
}

TEST(read_from_a_pipe)
{
	check_foreign(_metadata, WQ_PERCPU, wait_in_read);
	check_foreign(_metadata, WQ_UNBOUND, wait_in_read);
}

TEST(raw_futex)
{
	check_foreign(_metadata, WQ_PERCPU, wait_in_futex);
	check_foreign(_metadata, WQ_UNBOUND, wait_in_futex);
}

TEST(raw_nanosleep)
{
	check_foreign(_metadata, WQ_PERCPU, wait_in_nanosleep);
	check_foreign(_metadata, WQ_UNBOUND, wait_in_nanosleep);
}

TEST(burning_cpu)
{
	check_foreign(_metadata, WQ_PERCPU, wait_burning_cpu);
	check_foreign(_metadata, WQ_UNBOUND, wait_burning_cpu);
}

/* ---- CPU_INTENSIVE items are counted out from the start (C101) ---- */

TEST(cpu_intensive_items_hold_nobody_up)
{
	struct workqueue_struct *wq = alloc_workqueue("hog", WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	struct foreign items[3];
	struct counter behind;
	int i;

	ASSERT_NOT_NULL(wq);
	/* the monitor shall have no part in it */
	WRITE_ONCE(wq_params.cpu_intensive_thresh_us, 0);
	WRITE_ONCE(wq_params.liveness_ms, 0);
	for (i = 0; i < 3; i++) {
		memset(&items[i], 0, sizeof(items[i]));
		INIT_WORK(&items[i].work, foreign_func);
		items[i].wait = wait_burning_cpu;
		ASSERT_TRUE(queue_work_on(0, wq, &items[i].work));
	}
	counter_init(&behind);
	ASSERT_TRUE(queue_work_on(0, system_percpu_wq, &behind.work));
	flush_work(&behind.work);
	EXPECT_EQ(1, GET(behind.runs));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(1, GET(items[i].begun));
		EXPECT_EQ(0, GET(items[i].runs));
		gate_open(&items[i].gate);
	}
	destroy_workqueue(wq);
}

/* ---- sleeps of all kinds at random, chained over two pools ---- */

static int chained;	/* atomic */

struct chain {
	struct work_struct work;
	struct chain *next;
	struct workqueue_struct *wq;
	unsigned int seed;
};

static void chain_func(struct work_struct *work)
{
	struct chain *chain = container_of(work, struct chain, work);

	switch (rand_r(&chain->seed) % 4) {
	case 0:
		schedule_timeout_uninterruptible(1);
		break;
	case 1:
		nap_us(100);
		break;
	case 2:
		sched_yield();
		break;
	}
	if (chain->next) {
		queue_work_on(0, chain->next->wq, &chain->next->work);
		flush_work(&chain->next->work);
	}
	ADD(chained, 1);
}

TEST(flushes_nest_across_pools)
{
	struct workqueue_struct *wqs[3] = {
		alloc_workqueue("a", WQ_PERCPU, 0),
		alloc_workqueue("b", WQ_UNBOUND, 0),
		alloc_workqueue("c", WQ_PERCPU | WQ_HIGHPRI, 0),
	};
	struct chain chains[60];
	int i;

	for (i = 0; i < 60; i++) {
		INIT_WORK(&chains[i].work, chain_func);
		chains[i].next = i < 59 ? &chains[i + 1] : NULL;
		chains[i].wq = wqs[i % 3];
		chains[i].seed = i;
	}
	queue_work_on(0, wqs[0], &chains[0].work);
	flush_work(&chains[0].work);
	EXPECT_EQ(60, GET(chained));
	for (i = 0; i < 3; i++)
		destroy_workqueue(wqs[i]);
}

TEST_HARNESS_MAIN

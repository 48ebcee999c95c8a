// SPDX-License-Identifier: MIT
/*
 * Proves C57, C23: what cancel_work_sync() returned from is the caller's alone. Four threads
 * make an item each, queue it, on one queue after the other, let it queue itself again,
 * cancel it at any moment of that, poison it and free it at once, and its address is soon
 * that of a new item. Workers that poll for the next item and workers that must be woken
 * serve them. Nothing may look at the item afterwards: the address sanitizer sees that in
 * freed memory, the thread sanitizer as a race with free(), and the test in a function that
 * is called with poison.
 */
#include "wq_test.h"

#include <stdlib.h>
#include <string.h>

#define NR_OWNERS	4
#define MAGIC		0x1d1eul

enum { ONE_CPU, SPREAD, ORDERED, NR_QUEUES };

static struct workqueue_struct *queues[NR_QUEUES];
static long until;
static int wrong;	/* atomic: an item ran that nobody may see */

struct item {
	struct work_struct work;
	unsigned long magic;
	struct workqueue_struct *wq;	/* where its function queues it again */
	int again;		/* plain: only runs change it, one after the other */
	long runs;		/* plain: likewise; read after the cancel */
};

struct owner {
	pthread_t thread;
	unsigned int seed;
	long rounds, runs, taken;
};

static void run_item(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);

	if (item->magic != MAGIC) {
		ADD(wrong, 1);
		return;
	}
	item->runs++;
	if (item->again > 0) {
		item->again--;
		queue_work(item->wq, work);
	}
}

static unsigned int next(struct owner *owner)
{
	owner->seed = owner->seed * 1664525u + 1013904223u;
	return owner->seed >> 8;
}

/* From nothing to a few microseconds: before, within and after the start of the run. */
static void pass_time(unsigned int what)
{
	if (what % 16 == 0)
		nap_us(what % 100);
	for (unsigned int i = what % 64; i; i--)
		cpu_relax();
}

static void live_and_die(struct owner *owner)
{
	struct item *item = malloc(sizeof(*item));
	long seen;

	*item = (struct item){ .magic = MAGIC };
	INIT_WORK(&item->work, run_item);
	for (int lives = 1 + next(owner) % 3; lives; lives--) {
		item->wq = queues[next(owner) % NR_QUEUES];
		item->again = (int)(next(owner) % 3);
		queue_work(item->wq, &item->work);
		pass_time(next(owner));
		owner->taken += cancel_work_sync(&item->work);
		/* plain: the cancel alone makes it legal to look */
		seen = item->runs;
		if (work_busy(&item->work) || item->runs != seen)
			ADD(wrong, 1);
	}
	owner->runs += item->runs;
	memset(item, 0x5a, sizeof(*item));
	free(item);
}

static void *own(void *arg)
{
	struct owner *owner = arg;

	for (; go_on((int)owner->rounds, ROUNDS(100000), until); owner->rounds++)
		live_and_die(owner);
	return NULL;
}

TEST(nobody_looks_at_it_afterwards)
{
	struct owner owners[NR_OWNERS] = { { .seed = 1 } };
	long rounds = 0, runs = 0, taken = 0;

	queues[ONE_CPU] = alloc_workqueue("one_cpu", WQ_PERCPU, 0);
	queues[SPREAD] = alloc_workqueue("spread", WQ_UNBOUND, 0);
	queues[ORDERED] = alloc_ordered_workqueue("in_order", 0);
	until = now_ms() + 8000;
	for (int i = 0; i < NR_OWNERS; i++) {
		owners[i].seed = (unsigned int)i + 1;
		owners[i].thread = start_thread(own, &owners[i]);
	}
	for (int i = 0; i < NR_OWNERS; i++) {
		pthread_join(owners[i].thread, NULL);
		rounds += owners[i].rounds;
		runs += owners[i].runs;
		taken += owners[i].taken;
	}
	EXPECT_EQ(0, GET(wrong));
	EXPECT_LT(0, runs);
	EXPECT_LT(0, taken);
	TH_LOG("%ld items freed, %ld runs, %ld taken back", rounds, runs, taken);
	for (int i = 0; i < NR_QUEUES; i++)
		destroy_workqueue(queues[i]);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves: who waits for an RFifoLock gets it in the order of the tickets, with 16 threads,
 * in a line made one by one and in free running; a newcomer never takes the lock between
 * one owner and the next; giving back wakes one thread, and makes it the owner at once.
 *
 * The design's first form broadcast to everybody, and between unlock and wake-up it looked
 * free to newcomers: they entered beside the one whose turn it was.
 */
#include "offload_test.h"

#include <uwq/rfifolock.h>

#define NR_THREADS 16

static RFifoLock lock;
static int in_line, inside, overlaps;	/* atomic */
static int order[NR_THREADS], nr_order;	/* under lock */

static void count_line(void *opaque)
{
	(void)opaque;
	ADD(in_line, 1);
}

static void enter(void)
{
	if (ADD(inside, 1) > 1)
		ADD(overlaps, 1);
}

static void leave(void)
{
	ADD(inside, -1);
}

static void *take_once(void *arg)
{
	rfifolock_lock(&lock);
	enter();
	order[nr_order++] = (int)(long)arg;
	leave();
	rfifolock_unlock(&lock);
	return NULL;
}

TEST(a_line_is_served_from_its_front)
{
	pthread_t threads[NR_THREADS];

	for (int round = 0; round < ROUNDS(200) + 1; round++) {
		rfifolock_init(&lock, count_line, NULL);
		SET(in_line, 0);
		nr_order = 0;
		rfifolock_lock(&lock);
		for (long i = 0; i < NR_THREADS; i++) {
			threads[i] = start_thread(take_once, (void *)i);
			ASSERT_TRUE(COMES_TRUE(GET(in_line) == i + 1));
		}
		rfifolock_unlock(&lock);
		for (int i = 0; i < NR_THREADS; i++)
			pthread_join(threads[i], NULL);
		for (int i = 0; i < NR_THREADS; i++)
			ASSERT_EQ(i, order[i]);
		rfifolock_destroy(&lock);
	}
	EXPECT_EQ(0, GET(overlaps));
}

/* The waiter is the owner before unlock returns, so this thread comes after it. */
TEST(a_newcomer_does_not_overtake)
{
	for (int round = 0; round < ROUNDS(2000); round++) {
		pthread_t waiter;

		rfifolock_init(&lock, count_line, NULL);
		SET(in_line, 0);
		nr_order = 0;
		rfifolock_lock(&lock);
		waiter = start_thread(take_once, (void *)1);
		ASSERT_TRUE(COMES_TRUE(GET(in_line) == 1));
		rfifolock_unlock(&lock);
		take_once((void *)2);
		pthread_join(waiter, NULL);
		ASSERT_EQ(1, order[0]);
		ASSERT_EQ(2, order[1]);
		rfifolock_destroy(&lock);
	}
	EXPECT_EQ(0, GET(overlaps));
}

/* --- free running: who is known to wait before another asks is served before it --- */

#define NR_TAKES	500
#define MAX_TAKES	(NR_THREADS * NR_TAKES)

struct take {
	long asked;	/* before rfifolock_lock() */
	long lined_up;	/* in the callback; 0: did not have to wait */
	long got;
};

static struct take takes[MAX_TAKES];
static long clock_ticks, nr_takes;	/* atomic */
static __thread struct take *my_take;
static struct gate start;

static void stamp_line(void *opaque)
{
	(void)opaque;
	my_take->lined_up = ADD(clock_ticks, 1);
}

static void *take_often(void *arg)
{
	(void)arg;
	gate_wait(&start);
	for (int i = 0; i < ROUNDS(NR_TAKES); i++) {
		my_take = &takes[ADD(nr_takes, 1) - 1];
		my_take->asked = ADD(clock_ticks, 1);
		rfifolock_lock(&lock);
		my_take->got = ADD(clock_ticks, 1);
		enter();
		sched_yield();
		leave();
		rfifolock_unlock(&lock);
	}
	return NULL;
}

TEST_TIMEOUT(tickets_are_served_strictly, 60)
{
	pthread_t threads[NR_THREADS];
	long waits = 0;

	rfifolock_init(&lock, stamp_line, NULL);
	for (int i = 0; i < NR_THREADS; i++)
		threads[i] = start_thread(take_often, NULL);
	gate_open(&start);
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	rfifolock_destroy(&lock);
	EXPECT_EQ(0, GET(overlaps));
	EXPECT_EQ(lock.head, lock.tail);
	EXPECT_EQ(nr_takes, lock.tail);
	for (long a = 0; a < nr_takes; a++) {
		if (!takes[a].lined_up)
			continue;
		waits++;
		for (long b = 0; b < nr_takes; b++)
			if (takes[a].lined_up < takes[b].asked)
				ASSERT_LT(takes[a].got, takes[b].got);
	}
	EXPECT_LT(0, waits);
	TH_LOG("%ld takes, %ld of them waited", nr_takes, waits);
}

/* --- the order does not depend on what sort of thread waits --- */

struct locker {
	struct work_struct work;
	long nr;
};

static void lock_in_item(struct work_struct *work)
{
	take_once((void *)container_of(work, struct locker, work)->nr);
}

/* All on one CPU's pool: an item that waits must let the next one start, or nobody comes. */
TEST(waiting_items_make_room_for_others)
{
	struct workqueue_struct *wq = alloc_workqueue("line", WQ_PERCPU, 0);
	struct locker items[NR_THREADS];

	ASSERT_NOT_NULL(wq);
	rfifolock_init(&lock, count_line, NULL);
	rfifolock_lock(&lock);
	for (int i = 0; i < NR_THREADS; i++) {
		INIT_WORK(&items[i].work, lock_in_item);
		items[i].nr = i;
		queue_work_on(0, wq, &items[i].work);
	}
	EXPECT_TRUE(COMES_TRUE(GET(in_line) == NR_THREADS));
	rfifolock_unlock(&lock);
	destroy_workqueue(wq);
	for (int i = 0; i < NR_THREADS; i++)
		EXPECT_EQ(i, order[i]);
	rfifolock_destroy(&lock);
}

TEST_HARNESS_MAIN

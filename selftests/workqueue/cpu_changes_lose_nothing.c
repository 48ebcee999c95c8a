// SPDX-License-Identifier: MIT
/*
 * Proves C85, C97, C120, C121, U5, B8, B9 and B10: CPUs go and come a hundred times while
 * several threads queue per-CPU, highpri, bottom-half, unbound, ordered and delayed items,
 * on every CPU, also those that are away, and flush and drain. Every accepted item has
 * run exactly once, never twice at the same time; ordered ones in order. The running
 * count of each pool agrees with its workers whenever it is looked at, and is 0 when all
 * of them are idle.
 */
#include "wq_test.h"

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#define CPUS		4
#define PRODUCERS	4
#define ITEMS		32	/* of each producer */
#define CYCLES		100

enum { NORMAL, HIGH, BOTTOM, UNBOUND, ORDERED, NARROW, NR_QUEUES };

static struct workqueue_struct *queues[NR_QUEUES];
static int stop, wrong;			/* atomic */
static unsigned long long total;	/* atomic */

struct load {
	struct delayed_work dwork;
	int queue;
	int inside;			/* atomic */
	unsigned long accepted, runs;	/* atomic */
};

static void wrong_if(bool is, const char *what)
{
	if (is && ADD(wrong, 1) <= 5)
		fprintf(stderr, "# %s\n", what);
}

static void load_func(struct work_struct *work)
{
	struct load *load = container_of(to_delayed_work(work), struct load, dwork);
	unsigned long nr = ADD(load->runs, 1);

	wrong_if(ADD(load->inside, 1) != 1, "an item runs twice at the same time");
	if (load->queue != BOTTOM && nr % 16 == 0)
		usleep_range(50, 100);
	else if (load->queue != BOTTOM && nr % 7 == 0)
		nap_us(50);
	ADD(load->inside, -1);
}

static void *produce(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg, i;
	struct load *loads = calloc(ITEMS, sizeof(*loads));

	for (i = 0; i < ITEMS; i++) {
		INIT_DELAYED_WORK(&loads[i].dwork, load_func);
		loads[i].queue = (int)(i % NR_QUEUES);
	}
	while (!GET(stop)) {
		struct load *load = &loads[rand_r(&seed) % ITEMS];
		struct workqueue_struct *wq = queues[load->queue];
		int cpu = rand_r(&seed) % CPUS;
		bool accepted = false;

		switch (rand_r(&seed) % 8) {
		case 0 ... 2:
			accepted = queue_work_on(cpu, wq, &load->dwork.work);
			break;
		case 3 ... 4:
			accepted = queue_work(wq, &load->dwork.work);
			break;
		case 5:
			accepted = queue_delayed_work(wq, &load->dwork, rand_r(&seed) % 3);
			break;
		case 6:
			flush_work(&load->dwork.work);
			break;
		case 7:
			if (rand_r(&seed) % 16 == 0)
				flush_workqueue(wq);
			else
				flush_delayed_work(&load->dwork);
			break;
		}
		if (accepted)
			ADD(load->accepted, 1);
	}
	for (i = 0; i < ITEMS; i++) {
		flush_delayed_work(&loads[i].dwork);
		wrong_if(GET(loads[i].runs) != GET(loads[i].accepted),
			 "an item has not run as often as it was accepted");
		ADD(total, GET(loads[i].runs));
	}
	free(loads);
	return NULL;
}

/* Items that are stamped in the order of queueing, by plain accesses: the queue is the lock. */
static DEFINE_MUTEX(stamp_lock);
static unsigned long next_stamp, last_stamp;

struct stamped {
	struct work_struct work;
	unsigned long stamp;
};

static void stamped_func(struct work_struct *work)
{
	struct stamped *stamped = container_of(work, struct stamped, work);

	wrong_if(stamped->stamp != last_stamp + 1, "the ordered queue lost its order");
	last_stamp = stamped->stamp;
	kfree(stamped);
}

static void *produce_in_order(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;

	while (!GET(stop)) {
		struct stamped *stamped = kmalloc(sizeof(*stamped), GFP_KERNEL);
		unsigned long stamp;

		INIT_WORK(&stamped->work, stamped_func);
		mutex_lock(&stamp_lock);
		stamped->stamp = stamp = ++next_stamp;
		queue_work_on(rand_r(&seed) % CPUS, queues[ORDERED], &stamped->work);
		mutex_unlock(&stamp_lock);
		if (stamp % 64 == 0)
			flush_workqueue(queues[ORDERED]);
	}
	return NULL;
}

/* C97: what is counted is what is. A woken worker is counted before it knows. */
static void *audit(void *arg)
{
	unsigned long looks = 0;
	int i;

	(void)arg;
	do {
		for (i = 0; i < nr_worker_pools(); i++) {
			struct worker_pool *pool = pool_by_index(i);
			struct worker *worker;
			int running = 0, workers = 0;

			pool_lock(pool);
			list_for_each_entry(worker, &pool->workers, pool_node) {
				workers++;
				running += !(worker->flags & WORKER_NOT_RUNNING);
			}
			wrong_if(pool->nr_running != running, "nr_running is wrong");
			wrong_if(pool->nr_running < 0, "nr_running is negative");
			wrong_if(pool->nr_workers != workers, "nr_workers is wrong");
			wrong_if(pool->nr_idle == pool->nr_workers && pool->nr_running,
				 "all are idle, and somebody runs");
			wrong_if(pool->max_running < 1 || pool->max_running > CPUS,
				 "max_running is out of range");
			pool_unlock(pool);
		}
		looks++;
		nap_us(200);
	} while (!GET(stop) || looks <= 10);
	return (void *)looks;
}

static void drain_one(int round)
{
	struct workqueue_struct *wq = alloc_workqueue("short", round % 2 ? WQ_UNBOUND : WQ_PERCPU,
						      2);
	struct counter counters[8];
	int i;

	for (i = 0; i < 8; i++) {
		counter_init(&counters[i]);
		queue_work_on(i % CPUS, wq, &counters[i].work);
	}
	drain_workqueue(wq);
	for (i = 0; i < 8; i++)
		wrong_if(GET(counters[i].runs) != 1, "drain_workqueue() left an item");
	destroy_workqueue(wq);
}

/* One CPU goes; on the way others may be away too, but never all. */
static void cycle(int round)
{
	unsigned int cpu = (unsigned int)round % CPUS;
	unsigned int other = (cpu + 1 + (unsigned int)round / 4 % 3) % CPUS;

	wrong_if(remove_cpu(cpu) != 0, "remove_cpu() failed");
	if (round % 3 == 0)
		wrong_if(remove_cpu(other) != 0, "remove_cpu() of a second CPU failed");
	if (round % 10 == 0)
		drain_one(round / 10);
	nap_us(round % 5 * 300);
	wrong_if(add_cpu(cpu) != 0, "add_cpu() failed");
	if (round % 3 == 0)
		wrong_if(add_cpu(other) != 0, "add_cpu() of a second CPU failed");
}

static void settled(struct __test_metadata *_metadata)
{
	int i;

	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);

		EXPECT_TRUE(COMES_TRUE(({
			pool_lock(pool);
			bool idle = !pool->nr_running && pool->nr_idle == pool->nr_workers;
			pool_unlock(pool);
			idle;
		})));
		if (pool->cpu >= 0)
			EXPECT_EQ(1, pool->max_running);
	}
}

TEST(a_hundred_cycles_under_load)
{
	pthread_t producers[PRODUCERS], orderly[2], auditor;
	void *looks;
	int i;

	queues[NORMAL] = alloc_workqueue("normal", WQ_PERCPU, 0);
	queues[HIGH] = alloc_workqueue("high", WQ_PERCPU | WQ_HIGHPRI, 0);
	queues[BOTTOM] = alloc_workqueue("bottom", WQ_BH | WQ_PERCPU, 0);
	queues[UNBOUND] = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	queues[ORDERED] = alloc_ordered_workqueue("ordered", 0);
	queues[NARROW] = alloc_workqueue("narrow", WQ_UNBOUND, 2);
	for (i = 0; i < PRODUCERS; i++)
		producers[i] = start_thread(produce, (void *)(uintptr_t)(i + 1));
	for (i = 0; i < 2; i++)
		orderly[i] = start_thread(produce_in_order, (void *)(uintptr_t)(i + 100));
	auditor = start_thread(audit, NULL);
	for (i = 0; i < CYCLES; i++)
		cycle(i);
	SET(stop, 1);
	for (i = 0; i < PRODUCERS; i++)
		pthread_join(producers[i], NULL);
	for (i = 0; i < 2; i++)
		pthread_join(orderly[i], NULL);
	pthread_join(auditor, &looks);
	for (i = 0; i < NR_QUEUES; i++)
		destroy_workqueue(queues[i]);
	EXPECT_EQ(0, GET(wrong));
	EXPECT_EQ(next_stamp, last_stamp);
	EXPECT_LT(1000ull, GET(total));
	EXPECT_LT(10ul, (unsigned long)looks);
	settled(_metadata);
	TH_LOG("%llu runs, %lu in order, %lu audits", GET(total), last_stamp,
	       (unsigned long)looks);
}

TEST_HARNESS_MAIN_CPUS(CPUS)

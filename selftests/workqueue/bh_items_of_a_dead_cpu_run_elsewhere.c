// SPDX-License-Identifier: MIT
/*
 * Proves C131: after workqueue_softirq_dead() everything that was queued for the bottom
 * halves of that CPU has run, on another CPU, in order and in that CPU's one context.
 * What is queued there later runs too, and after the CPU is back it runs there again.
 */
#include "wq_test.h"

#define ITEMS	50
#define DEAD	1

static int inside[8], overlaps;		/* atomic */
static int order[2 * ITEMS];	/* under load: of no use */
static int nr_ran;		/* atomic */

struct item {
	struct work_struct work;
	int number, cpu, runs;	/* atomic */
};

static struct item items[ITEMS];

static void note(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);
	int cpu = raw_smp_processor_id();

	if (ADD(inside[cpu], 1) > 1)
		ADD(overlaps, 1);
	SET(item->cpu, cpu);
	order[(ADD(nr_ran, 1) - 1) % (2 * ITEMS)] = item->number;
	ADD(item->runs, 1);
	ADD(inside[cpu], -1);
}

static void items_init(void)
{
	SET(nr_ran, 0);
	for (int i = 0; i < ITEMS; i++) {
		memset(&items[i], 0, sizeof(items[i]));
		items[i].number = i;
		INIT_WORK(&items[i].work, note);
	}
}

struct holder {
	struct work_struct work;
	struct gate begun, go;
};

static void hold(struct work_struct *work)
{
	struct holder *holder = container_of(work, struct holder, work);

	gate_open(&holder->begun);
	gate_wait(&holder->go);
}

static void *softirq_dead(void *arg)
{
	(void)arg;
	workqueue_softirq_dead(DEAD);
	return NULL;
}

static bool all_ran_elsewhere(void)
{
	for (int i = 0; i < ITEMS; i++)
		if (GET(items[i].runs) != 1 || GET(items[i].cpu) == DEAD || order[i] != i)
			return false;
	return true;
}

static int cpu_of_next(struct workqueue_struct *wq)
{
	items_init();
	queue_work_on(DEAD, wq, &items[0].work);
	flush_work(&items[0].work);
	return GET(items[0].cpu);
}

/* All threads are there, so the new server looks while the old one is still at it. */
static void start_threads(void)
{
	for (int cpu = 0; cpu < 4; cpu++) {
		items_init();
		queue_work_on(cpu, system_bh_wq, &items[0].work);
		flush_work(&items[0].work);
	}
}

static unsigned long in_flight(void)
{
	return items_in_flight(system_bh_wq) + items_in_flight(system_bh_highpri_wq);
}

static void check(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	struct holder holder;
	pthread_t thread;

	start_threads();
	EXPECT_EQ(DEAD, cpu_of_next(wq));
	items_init();
	memset(&holder, 0, sizeof(holder));
	INIT_WORK(&holder.work, hold);
	queue_work_on(DEAD, wq, &holder.work);
	gate_wait(&holder.begun);
	for (int i = 0; i < ITEMS; i++)
		queue_work_on(DEAD, wq, &items[i].work);
	/* what the waits above left behind is over */
	EXPECT_TRUE(COMES_TRUE(in_flight() == ITEMS + 1));
	thread = start_thread(softirq_dead, NULL);
	/* what it waits for itself is queued after the change */
	EXPECT_TRUE(COMES_TRUE(in_flight() > ITEMS + 1));
	EXPECT_EQ(0, GET(nr_ran));	/* the one that runs comes first */
	gate_open(&holder.go);
	pthread_join(thread, NULL);
	EXPECT_EQ(ITEMS, GET(nr_ran));
	EXPECT_TRUE(all_ran_elsewhere());
	EXPECT_NE(DEAD, cpu_of_next(wq));
	bh_cpu_online(DEAD);
	EXPECT_EQ(DEAD, cpu_of_next(wq));
	EXPECT_EQ(0, GET(overlaps));
}

TEST(normal)
{
	check(_metadata, system_bh_wq);
}

TEST(highpri)
{
	check(_metadata, system_bh_highpri_wq);
}

/* A CPU whose bottom halves nobody has used goes. */
TEST(never_used)
{
	items_init();
	workqueue_softirq_dead(3);
	queue_work_on(3, system_bh_wq, &items[0].work);
	flush_work(&items[0].work);
	EXPECT_NE(3, GET(items[0].cpu));
	bh_cpu_online(3);
}

/* Back and forth under load: nothing is lost, doubled or run at the same time. */
static int stop, queued;	/* atomic */

static void *producer(void *arg)
{
	(void)arg;
	while (!GET(stop))
		for (int i = 0; i < ITEMS; i++)
			ADD(queued, queue_work_on(i % 2 ? DEAD : 0, i % 3 ? system_bh_wq :
						  system_bh_highpri_wq, &items[i].work));
	return NULL;
}

TEST(nothing_is_lost_under_load)
{
	pthread_t threads[2];
	int runs = 0;

	items_init();
	SET(stop, 0);
	SET(queued, 0);
	for (int i = 0; i < 2; i++)
		threads[i] = start_thread(producer, NULL);
	EXPECT_TRUE(COMES_TRUE(GET(queued) > 0));
	for (int round = 0; round < ROUNDS(200); round++) {
		workqueue_softirq_dead(DEAD);
		bh_cpu_online(DEAD);
	}
	SET(stop, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < ITEMS; i++) {
		flush_work(&items[i].work);
		runs += GET(items[i].runs);
	}
	EXPECT_LT(0, runs);
	EXPECT_EQ(GET(queued), runs);
	EXPECT_EQ(GET(queued), GET(nr_ran));
}

TEST(bad_cpu_is_refused)
{
	log_count("workqueue_softirq_dead()");
	workqueue_softirq_dead(nr_cpu_ids);
	EXPECT_EQ(1, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

TEST_HARNESS_MAIN_CPUS(4)

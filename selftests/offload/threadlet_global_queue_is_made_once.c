// SPDX-License-Identifier: MIT
/*
 * Proves: 64 threads that submit the first works of the process at the same time meet one
 * global queue, and every work runs once (the first version looked at a flag without a
 * lock). There is none before. One work that all of them submit first is prepared once.
 */
#include "threadlet_test.h"

#include <uwq/stats.h>

#define NR	64

static struct gate start;
static int ready;		/* atomic */
static struct tally tallies[NR], common;
static int accepted;		/* atomic */

static void *first(void *arg)
{
	struct tally *tally = &tallies[ADD(ready, 1) - 1];

	(void)arg;
	tally->work.func = tally_func;
	gate_wait(&start);
	if (!submit_work(&tally->work))
		threadlet_wait(&tally->work);
	return NULL;
}

static void *first_of_one(void *arg)
{
	(void)arg;
	ADD(ready, 1);
	gate_wait(&start);
	if (!submit_work(&common.work))
		ADD(accepted, 1);
	threadlet_wait(&common.work);
	return NULL;
}

static void count_global(const struct uwq_wq_stats *stats, void *arg)
{
	if (!strcmp(stats->name, "threadlet-global"))
		++*(int *)arg;
}

static int nr_global_queues(void)
{
	int nr = 0;

	uwq_wq_stats_for_each(count_global, &nr);
	return nr;
}

static void all_at_once(void *(*fn)(void *))
{
	pthread_t threads[NR];
	int i;

	for (i = 0; i < NR; i++)
		threads[i] = start_thread(fn, NULL);
	while (GET(ready) < NR)
		nap_us(100);
	gate_open(&start);
	for (i = 0; i < NR; i++)
		pthread_join(threads[i], NULL);
}

TEST(sixty_four_first_submitters_meet_one_queue)
{
	EXPECT_EQ(0, nr_global_queues());
	all_at_once(first);
	EXPECT_EQ(1, nr_global_queues());
	for (int i = 0; i < NR; i++)
		EXPECT_EQ(1, GET(tallies[i].runs));
}

TEST(a_work_that_all_submit_first_is_prepared_once)
{
	log_count("queued already");
	common.work.func = tally_func;
	all_at_once(first_of_one);
	EXPECT_EQ(1, nr_global_queues());
	EXPECT_LE(1, GET(accepted));
	EXPECT_EQ(GET(accepted), GET(common.runs));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves: 64 threads that submit the first works of the process at the same time meet one
 * global queue, and every work runs once (the first version looked at a flag without a
 * lock). There is none before. One work that all of them submit first is prepared by one of
 * them, and the others wait until it is; who found it unprepared and comes back when it is
 * queued already leaves it as it is.
 */
#include "threadlet_test.h"

#include <uwq/stats.h>

#include "kernel-compat/test_points.h"

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

static int preparing;		/* atomic */
static struct gate go_on_preparing;

static void hold_preparation(const char *name)
{
	if (strcmp(name, "threadlet_is_prepared"))
		return;
	ADD(preparing, 1);
	gate_wait(&go_on_preparing);
}

static void *submit_common(void *arg)
{
	(void)arg;
	ADD(ready, 1);
	submit_work(&common.work);
	threadlet_wait(&common.work);
	return NULL;
}

/* One is in the middle of it: the others wait for it, and do not do the same. */
TEST(a_work_is_prepared_by_one_thread)
{
	pthread_t threads[NR];

	log_count("queued already");
	common.work.func = tally_func;
	SET(uwq_test_point_hook, hold_preparation);
	for (int i = 0; i < NR; i++)
		threads[i] = start_thread(submit_common, NULL);
	EXPECT_TRUE(COMES_TRUE(GET(ready) == NR && GET(preparing) > 0));
	nap_us(50000);
	EXPECT_EQ(1, GET(preparing));
	EXPECT_EQ(0, GET(common.runs));
	gate_open(&go_on_preparing);
	for (int i = 0; i < NR; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(1, GET(preparing));
	EXPECT_LE(1, GET(common.runs));
}

static pthread_t late;
static struct gate late_goes_on, late_found_it;
static struct tally overtaken;

static void hold_the_late_one(const char *name)
{
	if (!strcmp(name, "threadlet_is_prepared"))
		ADD(preparing, 1);
	if (strcmp(name, "threadlet_is_unprepared") || !pthread_equal(pthread_self(), late))
		return;
	gate_open(&late_found_it);
	gate_wait(&late_goes_on);
}

static void *submit_late(void *arg)
{
	late = pthread_self();
	SET(uwq_test_point_hook, hold_the_late_one);
	*(int *)arg = submit_work(&overtaken.work);
	return NULL;
}

/* The other prepares it, and it has run: there is nothing left to prepare. */
TEST(who_found_it_unprepared_prepares_nothing_that_another_has_prepared)
{
	int ret = -1;
	pthread_t thread;

	SET(preparing, 0);
	overtaken.work.func = tally_func;
	thread = start_thread(submit_late, &ret);
	gate_wait(&late_found_it);
	EXPECT_EQ(0, submit_work(&overtaken.work));
	threadlet_wait(&overtaken.work);
	EXPECT_EQ(1, GET(overtaken.runs));
	gate_open(&late_goes_on);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, ret);
	threadlet_wait(&overtaken.work);
	EXPECT_EQ(2, GET(overtaken.runs));
	EXPECT_EQ(1, GET(preparing));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves C29 and catches the second half of B60: whoever looks (a listing, work_busy(), a
 * flush that searches a run) may come while queues are made and destroyed and workers
 * come and go; the memory it looks at stays. For an address checker; a plain build
 * would crash at a pwq or worker that was given back.
 */
#include "wq_test.h"

#include <uwq/workqueue.h>

#include "workqueue/params.h"

#define NR_ITEMS	8

static struct counter items[NR_ITEMS];
static int stop;		/* atomic */
static int bad_names, shown;	/* atomic */

static void show(const struct uwq_work_info *info, void *arg)
{
	(void)arg;
	ADD(shown, 1);
	/* names of queues that live, in full */
	if (info->func == counter_func && strncmp(info->wq_name, "brief", 5))
		ADD(bad_names, 1);
}

static void *list_all_the_time(void *arg)
{
	(void)arg;
	while (!GET(stop))
		uwq_work_for_each(show, NULL);
	return NULL;
}

static void *look_all_the_time(void *arg)
{
	unsigned int n = 0;

	(void)arg;
	while (!GET(stop)) {
		struct work_struct *work = &items[n++ % NR_ITEMS].work;

		work_busy(work);
		flush_work(work);
		if (n % 5 == 0)
			cancel_work_sync(work);
	}
	return NULL;
}

/* Every thread has had its turn while there was something to see, unless that takes too long. */
static bool seen_enough(long give_up)
{
	bool enough = GET(shown);

	for (int i = 0; i < NR_ITEMS; i++)
		enough = enough && GET(items[i].runs);
	return enough || now_ms() > give_up;
}

static void *make_and_destroy(void *arg)
{
	const unsigned int flags[] = { WQ_PERCPU, WQ_UNBOUND, WQ_PERCPU | WQ_HIGHPRI,
				       WQ_UNBOUND | __WQ_ORDERED };
	static int seed;
	long give_up = now_ms() + 20000 * KS_SLOW;
	int me = ADD(seed, 1);

	(void)arg;
	for (int i = 0; i < ROUNDS(1500) || !seen_enough(give_up); i++) {
		struct workqueue_struct *wq = alloc_workqueue("brief_%d", flags[(i + me) % 4],
							      1, i);

		for (int n = 0; wq && n < NR_ITEMS; n++)
			queue_work(wq, &items[n].work);
		if (wq)
			destroy_workqueue(wq);
	}
	return NULL;
}

TEST_TIMEOUT(listing_and_flushing_while_queues_come_and_go, 60)
{
	pthread_t lister, looker;
	int i;

	WRITE_ONCE(wq_params.idle_timeout_ms, 1);
	for (i = 0; i < NR_ITEMS; i++)
		counter_init(&items[i]);
	lister = start_thread(list_all_the_time, NULL);
	looker = start_thread(look_all_the_time, NULL);
	run_threads(2, make_and_destroy, NULL);
	SET(stop, 1);
	pthread_join(lister, NULL);
	pthread_join(looker, NULL);
	EXPECT_LT(0, GET(shown));
	EXPECT_EQ(0, GET(bad_names));
	for (i = 0; i < NR_ITEMS; i++)
		EXPECT_LT(0, GET(items[i].runs));
}

TEST_HARNESS_MAIN

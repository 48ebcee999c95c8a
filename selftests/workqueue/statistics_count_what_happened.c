// SPDX-License-Identifier: MIT
/*
 * statistics_count_what_happened.c - C139, C143, U33: the figures of wq_monitor
 *
 * Loads with known counts; CPU time of functions that compute, sleep, or share a worker
 * with another queue's; a replaced pwq takes its figures along; the texts.
 */
#include "rescue_test.h"

#include <linux/delay.h>
#include <linux/string.h>
#include <uwq/param.h>
#include <uwq/stats.h>

static struct uwq_wq_stats stats_of(struct workqueue_struct *wq)
{
	struct uwq_wq_stats stats;

	uwq_wq_stats(wq, &stats);
	return stats;
}

/* ---- counts ---- */

FIXTURE(stats) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(stats) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(stats, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(stats, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(stats, bh) { .flags = WQ_BH | WQ_PERCPU };

FIXTURE_SETUP(stats)
{
	self->wq = alloc_workqueue("countedq", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(stats)
{
	destroy_workqueue(self->wq);
}

TEST_F(stats, runs_are_counted)
{
	struct counter items[50];
	struct uwq_wq_stats stats;

	for (int i = 0; i < 50; i++) {
		counter_init(&items[i]);
		queue_work_on(i % 4, self->wq, &items[i].work);
	}
	/* barriers would count as well; a queue is flushed without any */
	flush_workqueue(self->wq);
	stats = stats_of(self->wq);
	EXPECT_STREQ("countedq", stats.name);
	EXPECT_EQ(50ull, stats.started);
	EXPECT_EQ(50ull, stats.completed);
	EXPECT_EQ(!!(variant->flags & WQ_UNBOUND), stats.unbound);
	EXPECT_FALSE(stats.mem_reclaim);
	EXPECT_EQ(0ull, stats.mayday + stats.rescued);
}

TEST(barriers_count_and_cancelled_items_do_not)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("barrierq", 0);
	struct uwq_wq_stats stats;
	struct counter held;
	struct blocker run;

	blocker_start(&run, wq);
	counter_init(&held);
	queue_work(wq, &held.work);
	stats = stats_of(wq);
	EXPECT_EQ(1ull, stats.started);
	EXPECT_EQ(0ull, stats.completed);
	EXPECT_TRUE(cancel_work_sync(&held.work));
	blocker_release(&run);
	flush_workqueue(wq);
	stats = stats_of(wq);
	EXPECT_EQ(1ull, stats.started);
	EXPECT_EQ(1ull, stats.completed);

	hold_next("worker_call");
	queue_work(wq, &held.work);
	hold_wait();
	/* the item is about to run: the flush waits with a barrier */
	pthread_t thread = start_thread((void *(*)(void *))(void *)flush_work, &held.work);

	while (items_in_flight(wq) < 2)
		nap_us(100);
	hold_release();
	pthread_join(thread, NULL);
	flush_workqueue(wq);
	stats = stats_of(wq);
	EXPECT_EQ(3ull, stats.started);
	EXPECT_EQ(3ull, stats.completed);
	destroy_workqueue(wq);
}

TEST(blocked_worker_is_a_wake_up)
{
	struct workqueue_struct *wq = alloc_workqueue("cmwq", WQ_PERCPU, 0);
	struct blocker first, second;

	blocker_init(&first);
	blocker_init(&second);
	hold_next("worker_call");
	queue_work_on(0, wq, &first.work);
	hold_wait();
	/* it waits behind the first, and starts because that one blocks */
	queue_work_on(0, wq, &second.work);
	hold_release();
	wait_for_completion(&second.started);
	EXPECT_TRUE(stats_of(wq).cm_wakeup >= 1);
	EXPECT_EQ(2ull, stats_of(wq).started);
	EXPECT_EQ(0ull, stats_of(wq).completed);
	blocker_release(&first);
	blocker_release(&second);
	destroy_workqueue(wq);
}

TEST(rescuer_is_counted)
{
	struct workqueue_struct *wq = alloc_workqueue("rescueq", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct uwq_wq_stats stats;
	struct witness item;

	log_count("");
	no_threads();
	witness_init(&item);
	queue_work_on(3, wq, &item.work);
	ASSERT_TRUE(COMES_TRUE(GET(item.runs)));
	threads_again();
	flush_workqueue(wq);
	stats = stats_of(wq);
	EXPECT_TRUE(stats.mem_reclaim);
	EXPECT_EQ(1ull, stats.started);
	EXPECT_EQ(1ull, stats.rescued);
	EXPECT_TRUE(stats.mayday >= 1);
	destroy_workqueue(wq);
}

/* ---- CPU time ---- */

static long cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static long computed_us;	/* atomic: by all that compute */

/* 60 ms of the CPU, however long that takes. */
static void compute(struct work_struct *work)
{
	long start = cpu_us();

	(void)work;
	while (cpu_us() - start < 60000)
		;
	ADD(computed_us, cpu_us() - start);
}

static void sleep_60_ms(struct work_struct *work)
{
	(void)work;
	msleep(60);
}

static void run_on(struct workqueue_struct *wq, work_func_t func)
{
	struct work_struct work;

	INIT_WORK(&work, func);
	queue_work_on(1, wq, &work);
	flush_workqueue(wq);
}

/* The last run of the queue may be followed by what the worker does then. */
#define SLACK_US	20000

TEST_F(stats, computing_is_cpu_time)
{
	struct uwq_wq_stats stats;

	if (KS_DELAYS)
		SKIP(return, "who computes sleeps");
	SET(computed_us, 0);
	for (int i = 0; i < 3; i++)
		run_on(self->wq, compute);
	stats = stats_of(self->wq);
	EXPECT_TRUE((long)stats.cpu_time >= GET(computed_us));
	EXPECT_TRUE((long)stats.cpu_time < GET(computed_us) + SLACK_US);
	/* and stays */
	EXPECT_TRUE(stats_of(self->wq).cpu_time >= stats.cpu_time);
	nap_us(20000);
	EXPECT_TRUE((long)stats_of(self->wq).cpu_time < GET(computed_us) + SLACK_US);
}

TEST(sleeping_is_not_cpu_time)
{
	struct workqueue_struct *wq = alloc_workqueue("sleepq", WQ_PERCPU, 0);

	for (int i = 0; i < 3; i++)
		run_on(wq, sleep_60_ms);
	EXPECT_TRUE(stats_of(wq).cpu_time < SLACK_US);
	destroy_workqueue(wq);
}

/* Two queues have the same worker: each is told its own. */
TEST(cpu_time_goes_to_the_queue_that_used_it)
{
	struct workqueue_struct *busy = alloc_workqueue("busyq", WQ_PERCPU, 0);
	struct workqueue_struct *lazy = alloc_workqueue("lazyq", WQ_PERCPU, 0);
	struct counter small[3];
	struct work_struct work[3];

	/* nobody else takes a turn while it computes */
	ASSERT_EQ(0, uwq_param_set("workqueue.cpu_intensive_thresh_us", "0"));
	ASSERT_EQ(0, uwq_param_set("uwq.liveness_ms", "10000"));
	SET(computed_us, 0);
	for (int i = 0; i < 3; i++) {
		INIT_WORK(&work[i], compute);
		counter_init(&small[i]);
		queue_work_on(1, busy, &work[i]);
		queue_work_on(1, lazy, &small[i].work);
	}
	flush_workqueue(busy);
	flush_workqueue(lazy);
	EXPECT_EQ(3ull, stats_of(lazy).completed);
	EXPECT_TRUE(stats_of(lazy).cpu_time < SLACK_US);
	EXPECT_TRUE((long)stats_of(busy).cpu_time >= GET(computed_us) - SLACK_US);
	EXPECT_TRUE((long)stats_of(busy).cpu_time < GET(computed_us) + SLACK_US);
	destroy_workqueue(busy);
	destroy_workqueue(lazy);
}

static int seen_enough;		/* atomic */

static void compute_until_seen(struct work_struct *work)
{
	(void)work;
	while (!GET(seen_enough))
		;
}

TEST_F(stats, running_function_is_told_too)
{
	struct work_struct work;
	unsigned long long last = 0;
	int grown = 0;

	INIT_WORK(&work, compute_until_seen);
	queue_work_on(1, self->wq, &work);
	for (long until = now_ms() + 10000 * KS_SLOW; grown < 3 && now_ms() < until;) {
		unsigned long long now = stats_of(self->wq).cpu_time;

		EXPECT_TRUE(now >= last);
		grown += now > last;
		last = now;
		nap_us(1000);
	}
	EXPECT_EQ(3, grown);
	SET(seen_enough, 1);
	flush_workqueue(self->wq);
}

/* ---- the rest ---- */

/* C143: nothing is carried over. */
TEST(replaced_pwq_takes_its_figures_along)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("replacedq", 0);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	run_on(wq, sleep_60_ms);
	EXPECT_EQ(1ull, stats_of(wq).started);
	attrs->nice = 5;
	attrs->ordered = true;
	ASSERT_EQ(0, apply_workqueue_attrs(wq, attrs));
	EXPECT_TRUE(COMES_TRUE(stats_of(wq).started == 0));
	free_workqueue_attrs(attrs);
	destroy_workqueue(wq);
}

static int nr_seen, nr_named;

static void look_for(const struct uwq_wq_stats *stats, void *arg)
{
	nr_seen++;
	nr_named += !strcmp(stats->name, arg);
}

TEST(all_queues_are_listed)
{
	struct workqueue_struct *wq = alloc_workqueue("listedq", WQ_UNBOUND, 0);

	EXPECT_EQ(13, uwq_wq_stats_for_each(look_for, "listedq"));
	EXPECT_EQ(13, nr_seen);
	EXPECT_EQ(1, nr_named);
	uwq_test_fail_alloc(1, 1);
	log_count("");
	EXPECT_EQ(-ENOMEM, uwq_wq_stats_for_each(look_for, "listedq"));
	uwq_test_fail_alloc(0, 0);
	destroy_workqueue(wq);
}

static char lines[20][600];
static int nr_lines;

static void keep_line(const char *text, void *arg)
{
	(void)arg;
	if (nr_lines < 20)
		strcpy(lines[nr_lines++], text);
}

static const char *line_with(const char *text)
{
	for (int i = 0; i < nr_lines; i++)
		if (strstr(lines[i], text))
			return lines[i];
	return "";
}

TEST(table_and_json)
{
	struct workqueue_struct *wq = alloc_workqueue("a\"q\\", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct uwq_wq_stats stats;
	struct blocker run;
	char want[200];
	long long sec;
	long usec;
	int n = 0;

	run_on(wq, sleep_60_ms);
	blocker_start_on(&run, 1, wq);
	EXPECT_EQ(13, uwq_wq_stats_print(UWQ_STATS_TABLE, keep_line, NULL));
	EXPECT_EQ(14, nr_lines);
	EXPECT_STREQ("                            total  infl  CPUtime CPUitsv CMW/RPR  mayday rescued ",
		     lines[0]);
	/* a machine that is busy may have called the rescuer */
	stats = stats_of(wq);
	snprintf(want, sizeof(want),
		 "a\"q\\                            2     1      0.0       0       %llu       %llu       %llu ",
		 stats.cm_wakeup, stats.mayday, stats.rescued);
	EXPECT_STREQ(want, line_with("a\"q"));
	EXPECT_STREQ("events_unbound                  0     0      0.0       -       0       -       - ",
		     line_with("events_unb"));
	nr_lines = 0;
	EXPECT_EQ(13, uwq_wq_stats_print(UWQ_STATS_JSON, keep_line, NULL));
	EXPECT_EQ(13, nr_lines);
	EXPECT_EQ(2, sscanf(line_with("a\\\"q"), "{\"timestamp\": %lld.%6ld, %n", &sec, &usec, &n));
	EXPECT_EQ(0, strncmp("\"name\": \"a\\\"q\\\\\", \"unbound\": false, \"mem_reclaim\": true, \"started\": 2, \"completed\": 1, \"cpu_time\": ",
			     line_with("a\\\"q") + n, 99));
	snprintf(want, sizeof(want),
		 ", \"cpu_intensive\": 0, \"cm_wakeup\": %llu, \"repatriated\": 0, \"mayday\": %llu, \"rescued\": %llu}",
		 stats.cm_wakeup, stats.mayday, stats.rescued);
	EXPECT_TRUE(strstr(line_with("a\\\"q"), want));
	EXPECT_TRUE(sec > 1600000000);
	blocker_release(&run);
	destroy_workqueue(wq);
}

TEST(without_a_function_the_log_gets_the_lines)
{
	log_count(" total  infl  CPUtime ");
	EXPECT_EQ(12, uwq_wq_stats_print(UWQ_STATS_TABLE, NULL, NULL));
	EXPECT_EQ(1, GET(log_hits));
	log_count(", \"cpu_time\": ");
	EXPECT_EQ(12, uwq_wq_stats_print(UWQ_STATS_JSON, NULL, NULL));
	EXPECT_EQ(12, GET(log_hits));
}

TEST_HARNESS_MAIN_CPUS(4)

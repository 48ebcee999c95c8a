// SPDX-License-Identifier: MIT
/*
 * Proves that the engine starts lazily: a program that is only linked with the library has
 * one thread when main() begins, though the system's queues exist; threads come with
 * the first use, which may be made by many threads at once and from any context.
 * Looking at items, and waiting for idle ones, is no use of threads. C149: before there is
 * any worker, or even a queue, items can be cancelled, flushed and looked at.
 */
#include "wq_test.h"

#include <dirent.h>

#include <linux/preempt.h>

static int threads_at_main, thread_starts_at_main;

/* Runs before the library's own constructors: there are no queues yet. */
static struct {
	bool no_queue, cancelled, flushed, pending;
} early;

static void never(struct work_struct *work)
{
	(void)work;
}

__attribute__((constructor(101))) static void before_the_library(void)
{
	DECLARE_WORK(item, never);

	early.no_queue = !system_wq;
	early.cancelled = cancel_work_sync(&item);
	early.flushed = flush_work(&item);
	early.pending = work_pending(&item);
}

static int nr_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int nr = 0;

	while (dir && (entry = readdir(dir)))
		nr += entry->d_name[0] != '.';
	closedir(dir);
	return nr;
}

/* Threads of that name; the library makes one manager, however many ask for it. */
static int nr_threads_called(const char *name)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	char path[300], comm[32];
	int nr = 0;

	while (dir && (entry = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (file && fgets(comm, sizeof(comm), file))
			nr += !strncmp(comm, name, strlen(name));
		if (file)
			fclose(file);
	}
	closedir(dir);
	return nr;
}

/* The thread sanitizer has a thread of its own. */
#if defined(__SANITIZE_THREAD__)
#define MAY_HAVE_MORE	1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MAY_HAVE_MORE	1
#endif
#endif
#ifndef MAY_HAVE_MORE
#define MAY_HAVE_MORE	0
#endif

TEST(items_can_be_asked_before_there_are_queues)
{
	EXPECT_TRUE(early.no_queue);
	EXPECT_FALSE(early.cancelled);
	EXPECT_FALSE(early.flushed);
	EXPECT_FALSE(early.pending);
}

TEST(one_thread_when_main_begins)
{
	EXPECT_LE(1, threads_at_main);
	EXPECT_GE(1 + MAY_HAVE_MORE, threads_at_main);
	EXPECT_EQ(0, thread_starts_at_main);
	EXPECT_NOT_NULL(system_percpu_wq);
	EXPECT_NOT_NULL(system_dfl_wq);
	EXPECT_NOT_NULL(system_bh_wq);
}

TEST(looking_and_waiting_for_idle_items_starts_none)
{
	struct counter item;
	int before = nr_threads();

	counter_init(&item);
	EXPECT_FALSE(flush_work(&item.work));
	EXPECT_FALSE(cancel_work_sync(&item.work));
	EXPECT_EQ(0u, work_busy(&item.work));
	EXPECT_EQ(before, nr_threads());
	EXPECT_EQ(0, uwq_test_thread_calls());

	ASSERT_TRUE(schedule_work(&item.work));
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	EXPECT_LT(0, uwq_test_thread_calls());
}

#define NR_FIRST	64

static struct counter firsts[NR_FIRST];
static pthread_barrier_t all_here;
static int next_first, refused;	/* atomic */

static void *queue_first(void *arg)
{
	struct workqueue_struct *wqs[] = { system_percpu_wq, system_dfl_wq, system_highpri_wq,
					   system_bh_wq };
	int me = ADD(next_first, 1) - 1;

	counter_init(&firsts[me]);
	pthread_barrier_wait(&all_here);
	if (arg)
		preempt_disable();
	if (!queue_work(wqs[me % 4], &firsts[me].work))
		ADD(refused, 1);
	if (arg)
		preempt_enable();
	return NULL;
}

static void check_first(struct __test_metadata *_metadata, void *atomic)
{
	unsigned long warned = uwq_warn_count();
	int i;

	pthread_barrier_init(&all_here, NULL, NR_FIRST);
	run_threads(NR_FIRST, queue_first, atomic);
	for (i = 0; i < NR_FIRST; i++) {
		flush_work(&firsts[i].work);
		EXPECT_EQ(1, GET(firsts[i].runs));
	}
	EXPECT_EQ(0, GET(refused));
	/* a thread that the manager has just made bears its name for a moment */
	EXPECT_TRUE(COMES_TRUE(nr_threads_called("kworker/manager") == 1));
	EXPECT_EQ(warned, uwq_warn_count());
}

TEST(first_use_by_64_threads_at_once)
{
	check_first(_metadata, NULL);
}

TEST(first_use_in_atomic_context)
{
	check_first(_metadata, &all_here);
}

/* The very first thing may also be a queue of one's own, or a timer. */
TEST(first_use_is_a_queue_of_ones_own)
{
	struct workqueue_struct *wq = alloc_workqueue("own", WQ_UNBOUND, 0);
	struct counter item;

	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	ASSERT_TRUE(queue_work(wq, &item.work));
	destroy_workqueue(wq);
	EXPECT_EQ(1, GET(item.runs));
}

static struct completion fired;

static void fire(struct work_struct *work)
{
	(void)work;
	complete(&fired);
}

TEST(first_use_is_a_delayed_item)
{
	struct delayed_work dwork;

	init_completion(&fired);
	INIT_DELAYED_WORK(&dwork, fire);
	ASSERT_TRUE(schedule_delayed_work(&dwork, 2));
	wait_for_completion(&fired);
	flush_delayed_work(&dwork);
}

int main(int argc, char **argv)
{
	threads_at_main = nr_threads();
	thread_starts_at_main = uwq_test_thread_calls();
	return ks_main(argc, argv);
}

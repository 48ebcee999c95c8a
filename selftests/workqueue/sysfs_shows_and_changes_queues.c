// SPDX-License-Identifier: MIT
/*
 * Proves U21, C55 and C87: a queue with WQ_SYSFS has the kernel's files with the kernel's
 * texts, modes and errors; a name is used once at a time and free again as soon as
 * destroy starts; ordered queues keep their limit and their order while nice, cpumask,
 * scope and strictness are changed. Everything goes through filp_open(), kernel_read()
 * and kernel_write(), as in kernel code.
 */
#include "wq_test.h"

#include <fcntl.h>

#include <linux/fs.h>
#include <linux/slab.h>
#include <uwq/ledger.h>
#include <uwq/sysfs.h>

#include "workqueue/pod.h"

#define QUEUE	"/sys/bus/workqueue/devices/files/"
#define VIRTUAL	"/sys/devices/virtual/workqueue/"

/* Content of a file, or "error -N" */
static const char *says(const char *path)
{
	static char text[64];
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t pos = 0;
	ssize_t len;

	if (IS_ERR(file)) {
		sprintf(text, "error %ld", PTR_ERR(file));
		return text;
	}
	len = kernel_read(file, text, sizeof(text) - 1, &pos);
	text[len < 0 ? 0 : len] = '\0';
	filp_close(file, NULL);
	return text;
}

static ssize_t tell(const char *path, const char *text)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, text, strlen(text), &pos);
	filp_close(file, NULL);
	return ret;
}

static int mode_of(const char *path)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	int mode;

	if (IS_ERR(file))
		return PTR_ERR(file);
	mode = file_inode(file)->i_mode & 0777;
	filp_close(file, NULL);
	return mode;
}

TEST(of_a_percpu_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_PERCPU | WQ_SYSFS, 7);

	ASSERT_NOT_NULL(wq);
	EXPECT_STREQ("1\n", says(QUEUE "per_cpu"));
	EXPECT_STREQ("7\n", says(QUEUE "max_active"));
	EXPECT_STREQ("7\n", says(VIRTUAL "files/max_active"));
	EXPECT_EQ(0444, mode_of(QUEUE "per_cpu"));
	EXPECT_EQ(0644, mode_of(QUEUE "max_active"));
	EXPECT_STREQ("error -2", says(QUEUE "nice"));
	EXPECT_STREQ("error -2", says(QUEUE "cpumask"));
	EXPECT_STREQ("error -2", says(QUEUE "affinity_scope"));
	EXPECT_STREQ("error -2", says(QUEUE "affinity_strict"));
	EXPECT_EQ(-EACCES, tell(QUEUE "per_cpu", "0"));
	destroy_workqueue(wq);
	EXPECT_STREQ("error -2", says(QUEUE "per_cpu"));
	EXPECT_STREQ("error -2", says(VIRTUAL "files/per_cpu"));
}

TEST(max_active_is_changed_at_once)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_PERCPU | WQ_SYSFS, 1);
	struct blocker first, second;

	ASSERT_NOT_NULL(wq);
	blocker_start_on(&first, 0, wq);
	blocker_init(&second);
	queue_work_on(0, wq, &second.work);
	EXPECT_FALSE(wait_for_completion_timeout(&second.started, msecs_to_jiffies(20)));
	EXPECT_EQ(2, tell(QUEUE "max_active", "2\n"));
	wait_for_completion(&second.started);
	EXPECT_STREQ("2\n", says(QUEUE "max_active"));
	blocker_release(&first);
	blocker_release(&second);
	EXPECT_EQ(-EINVAL, tell(QUEUE "max_active", "0"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "max_active", "-1"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "max_active", "3 4"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "max_active", "many"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "max_active", "\n"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "max_active", "99999999999999999999"));
	EXPECT_STREQ("2\n", says(QUEUE "max_active"));
	log_count("out of range");
	EXPECT_EQ(4, tell(QUEUE "max_active", "5000"));
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_STREQ("2048\n", says(QUEUE "max_active"));
	destroy_workqueue(wq);
	EXPECT_EQ(0, uwq_warn_count());
}

static int nice_in_function;

static void read_nice(struct work_struct *work)
{
	(void)work;
	SET(nice_in_function, task_nice(current));
}

TEST(of_an_unbound_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);
	char all[64];
	DECLARE_WORK(work, read_nice);

	ASSERT_NOT_NULL(wq);
	sprintf(all, "%*pb\n", cpumask_pr_args(cpu_possible_mask));
	EXPECT_STREQ("0\n", says(QUEUE "per_cpu"));
	EXPECT_STREQ("1024\n", says(QUEUE "max_active"));
	EXPECT_STREQ("0\n", says(QUEUE "nice"));
	EXPECT_STREQ(all, says(QUEUE "cpumask"));
	EXPECT_STREQ("default (cache_shard)\n", says(QUEUE "affinity_scope"));
	EXPECT_STREQ("0\n", says(QUEUE "affinity_strict"));
	EXPECT_EQ(0644, mode_of(QUEUE "nice"));
	EXPECT_EQ(0644, mode_of(QUEUE "cpumask"));
	EXPECT_EQ(0644, mode_of(QUEUE "affinity_scope"));
	EXPECT_EQ(0644, mode_of(QUEUE "affinity_strict"));

	EXPECT_EQ(3, tell(QUEUE "nice", "19\n"));
	EXPECT_STREQ("19\n", says(QUEUE "nice"));
	queue_work(wq, &work);
	flush_work(&work);
	EXPECT_EQ(19, GET(nice_in_function));
	EXPECT_EQ(3, tell(QUEUE "nice", "-20"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "nice", "-21"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "nice", "20"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "nice", "kind"));
	EXPECT_STREQ("-20\n", says(QUEUE "nice"));
	destroy_workqueue(wq);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST(cpumask_is_kept_as_requested)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(2, tell(QUEUE "cpumask", "5\n"));
	EXPECT_STREQ("5\n", says(QUEUE "cpumask"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "cpumask", "xyz"));
	EXPECT_EQ(-EOVERFLOW, tell(QUEUE "cpumask", "ffffffff,ffffffff,ffffffff,ffffffff"));
	EXPECT_STREQ("5\n", says(QUEUE "cpumask"));
	/* empty: accepted, and acts as the global mask */
	EXPECT_EQ(1, tell(QUEUE "cpumask", "0"));
	EXPECT_STREQ("0\n", says(QUEUE "cpumask"));
	destroy_workqueue(wq);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST(scopes_and_strictness)
{
	static const char *const scopes[] = {
		"cpu", "smt", "cache", "cache_shard", "numa", "system",
	};
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);
	char line[32];

	ASSERT_NOT_NULL(wq);
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		sprintf(line, "%s\n", scopes[i]);
		EXPECT_EQ(strlen(scopes[i]), tell(QUEUE "affinity_scope", scopes[i]));
		EXPECT_STREQ(line, says(QUEUE "affinity_scope"));
		EXPECT_EQ(strlen(line), tell(QUEUE "affinity_scope", line));
	}
	EXPECT_EQ(-EINVAL, tell(QUEUE "affinity_scope", "galaxy"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "affinity_scope", "\n"));
	EXPECT_STREQ("system\n", says(QUEUE "affinity_scope"));
	EXPECT_EQ(8, tell(QUEUE "affinity_scope", "default\n"));
	EXPECT_STREQ("default (cache_shard)\n", says(QUEUE "affinity_scope"));

	EXPECT_EQ(2, tell(QUEUE "affinity_strict", "-3"));
	EXPECT_STREQ("1\n", says(QUEUE "affinity_strict"));
	EXPECT_EQ(-EINVAL, tell(QUEUE "affinity_strict", "yes"));
	EXPECT_STREQ("1\n", says(QUEUE "affinity_strict"));
	EXPECT_EQ(2, tell(QUEUE "affinity_strict", "0\n"));
	EXPECT_STREQ("0\n", says(QUEUE "affinity_strict"));
	destroy_workqueue(wq);
	EXPECT_EQ(0, uwq_warn_count());
}

/* Two writers of different files: neither undoes what the other did. */

static void *write_strict(void *arg)
{
	(void)arg;
	tell(QUEUE "affinity_strict", "1");
	return NULL;
}

static void *write_nice_5(void *arg)
{
	(void)arg;
	tell(QUEUE "nice", "5");
	return NULL;
}

TEST(a_writer_in_the_middle_is_waited_for)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);
	pthread_t one, two;

	ASSERT_NOT_NULL(wq);
	hold_next("sysfs_attrs_copied");
	one = start_thread(write_nice_5, NULL);
	hold_wait();
	two = start_thread(write_strict, NULL);
	nap_us(20000);
	hold_release();
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	EXPECT_STREQ("5\n", says(QUEUE "nice"));
	EXPECT_STREQ("1\n", says(QUEUE "affinity_strict"));
	destroy_workqueue(wq);
}

static int rounds_done;

static void *write_nice(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(400); i++) {
		if (tell(QUEUE "nice", i & 1 ? "3" : "4") != 1)
			ADD(rounds_done, 1000000);
		ADD(rounds_done, 1);
	}
	tell(QUEUE "nice", "5");
	return NULL;
}

TEST(writers_of_two_files_do_not_undo_each_other)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);
	pthread_t other;

	ASSERT_NOT_NULL(wq);
	other = start_thread(write_nice, NULL);
	for (int i = 0; i < ROUNDS(400); i++) {
		EXPECT_EQ(1, tell(QUEUE "affinity_strict", i & 1 ? "1" : "0"));
		EXPECT_STREQ(i & 1 ? "1\n" : "0\n", says(QUEUE "affinity_strict"));
	}
	pthread_join(other, NULL);
	EXPECT_EQ(ROUNDS(400), rounds_done);
	EXPECT_STREQ("5\n", says(QUEUE "nice"));
	destroy_workqueue(wq);
}

TEST(masks_of_all_unbound_queues)
{
	char all[64], path[64];
	static const char *const folders[] = { VIRTUAL, "/sys/bus/workqueue/" };

	sprintf(all, "%*pb\n", cpumask_pr_args(cpu_possible_mask));
	for (int i = 0; i < 2; i++) {
		sprintf(path, "%scpumask", folders[i]);
		EXPECT_STREQ(all, says(path));
		EXPECT_EQ(0644, mode_of(path));
		EXPECT_EQ(1, tell(path, "3"));
		EXPECT_STREQ("3\n", says(path));
		EXPECT_EQ(-EINVAL, tell(path, "0"));
		EXPECT_EQ(-EINVAL, tell(path, "words"));
		EXPECT_STREQ("3\n", says(path));
		sprintf(path, "%scpumask_requested", folders[i]);
		EXPECT_STREQ("3\n", says(path));
		EXPECT_EQ(-EACCES, tell(path, "1"));
		sprintf(path, "%scpumask_isolated", folders[i]);
		EXPECT_STREQ("0\n", says(path));
		EXPECT_EQ(-EACCES, tell(path, "1"));
		sprintf(path, "%scpumask", folders[i]);
		EXPECT_EQ(strlen(all), tell(path, all));
	}
}

TEST(a_name_is_used_once_at_a_time)
{
	struct workqueue_struct *one = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 3);
	struct workqueue_struct *two;

	ASSERT_NOT_NULL(one);
	log_count("has a file files already");
	EXPECT_NULL(alloc_workqueue("files", WQ_PERCPU | WQ_SYSFS, 4));
	EXPECT_EQ(1, GET(log_hits));
	log_count("no wq files: its files for WQ_SYSFS cannot be made");
	EXPECT_NULL(alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 4));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_STREQ("3\n", says(QUEUE "max_active"));
	/* the same name without files, and files later */
	two = alloc_workqueue("files", WQ_PERCPU, 4);
	ASSERT_NOT_NULL(two);
	EXPECT_EQ(-EEXIST, workqueue_sysfs_register(two));
	EXPECT_EQ(-EEXIST, workqueue_sysfs_register(one));
	uwq_set_log_sink(NULL, NULL);
	EXPECT_STREQ("3\n", says(QUEUE "max_active"));
	destroy_workqueue(one);
	EXPECT_STREQ("error -2", says(QUEUE "max_active"));
	EXPECT_EQ(0, workqueue_sysfs_register(two));
	EXPECT_STREQ("4\n", says(QUEUE "max_active"));
	destroy_workqueue(two);
	EXPECT_STREQ("error -2", says(QUEUE "max_active"));
	EXPECT_EQ(0, uwq_warn_count());
}

static void *destroy_it(void *wq)
{
	destroy_workqueue(wq);
	return NULL;
}

/* C55: free from the beginning of destroy, not from its end */
TEST(destroy_frees_the_name_first)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0), *next;
	struct blocker blocker;
	pthread_t thread;

	ASSERT_NOT_NULL(wq);
	blocker_start(&blocker, wq);
	thread = start_thread(destroy_it, wq);
	ASSERT_TRUE(COMES_TRUE(wq_flags(wq) & __WQ_DRAINING));
	next = alloc_workqueue("files", WQ_PERCPU | WQ_SYSFS, 5);
	EXPECT_NOT_NULL(next);
	EXPECT_STREQ("5\n", says(QUEUE "max_active"));
	blocker_release(&blocker);
	pthread_join(thread, NULL);
	EXPECT_STREQ("5\n", says(QUEUE "max_active"));
	destroy_workqueue(next);
	for (int i = 0; i < ROUNDS(200); i++) {
		wq = alloc_workqueue("files", WQ_PERCPU | WQ_SYSFS, 1);
		ASSERT_NOT_NULL(wq);
		destroy_workqueue(wq);
	}
}

/* A file that is open when the queue goes */
TEST(an_open_file_outlives_the_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);
	struct file *file = filp_open(QUEUE "nice", O_RDWR, 0);
	char byte;
	loff_t pos = 0;

	ASSERT_FALSE(IS_ERR(file));
	destroy_workqueue(wq);
	EXPECT_EQ(-ENODEV, kernel_read(file, &byte, 1, &pos));
	EXPECT_EQ(-ENODEV, kernel_write(file, "1", 1, &pos));
	filp_close(file, NULL);
}

/* ---- C87 ---- */

static int next_nr, out_of_order;

struct numbered {
	struct work_struct work;
	int nr;
};

static void check_number(struct work_struct *work)
{
	struct numbered *item = container_of(work, struct numbered, work);

	if (item->nr != next_nr++)
		ADD(out_of_order, 1);
}

TEST(ordered_queues_keep_limit_and_order)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("files", WQ_SYSFS);
	static const char *const changes[][2] = {
		{ "nice", "3" }, { "cpumask", "1" }, { "affinity_scope", "system" },
		{ "affinity_strict", "1" }, { "nice", "0" }, { "cpumask", "f" },
		{ "affinity_scope", "cpu" }, { "affinity_strict", "0" },
	};
	int n = ROUNDS(2000), nr_changes = sizeof(changes) / sizeof(changes[0]);
	struct numbered *items = calloc(n, sizeof(*items));
	char path[128];

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(0444, mode_of(QUEUE "max_active"));
	EXPECT_STREQ("1\n", says(QUEUE "max_active"));
	EXPECT_EQ(-EACCES, tell(QUEUE "max_active", "2"));
	for (int i = 0; i < n; i++) {
		items[i].nr = i;
		INIT_WORK(&items[i].work, check_number);
		queue_work(wq, &items[i].work);
		if (i % 20)
			continue;
		sprintf(path, QUEUE "%s", changes[i / 20 % nr_changes][0]);
		EXPECT_LT(0, tell(path, changes[i / 20 % nr_changes][1]));
	}
	destroy_workqueue(wq);
	EXPECT_EQ(n, next_nr);
	EXPECT_EQ(0, out_of_order);
	EXPECT_EQ(0, uwq_warn_count());
	free(items);
}

TEST(of_a_bh_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_BH | WQ_PERCPU, 0);

	ASSERT_NOT_NULL(wq);
	ASSERT_EQ(0, workqueue_sysfs_register(wq));
	EXPECT_STREQ("1\n", says(QUEUE "per_cpu"));
	EXPECT_STREQ("2147483647\n", says(QUEUE "max_active"));
	EXPECT_EQ(-EACCES, tell(QUEUE "max_active", "2"));
	destroy_workqueue(wq);
}

/* ---- without memory ---- */

TEST(stores_fail_as_a_whole)
{
	static const char *const files[][2] = {
		{ "nice", "7" }, { "cpumask", "1" }, { "affinity_scope", "cpu" },
		{ "affinity_strict", "1" },
	};
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);
	char path[128], before[64];
	ssize_t ret;
	long k;

	ASSERT_NOT_NULL(wq);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		sprintf(path, QUEUE "%s", files[i][0]);
		strcpy(before, says(path));
		for (k = 1; ; k++) {
			log_count("");
			uwq_test_fail_alloc(k, 1);
			ret = tell(path, files[i][1]);
			uwq_test_fail_alloc(0, 0);
			uwq_set_log_sink(NULL, NULL);
			ASSERT_GE(200, k);
			if (ret > 0)
				break;
			EXPECT_EQ(-ENOMEM, ret);
			EXPECT_STREQ(before, says(path));
		}
		EXPECT_LT(4, k);
	}
	destroy_workqueue(wq);
}

TEST(registration_fails_as_a_whole)
{
	struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND, 0);
	unsigned int mark = uwq_ledger_mark();
	int err = -ENOMEM;
	long k;

	ASSERT_NOT_NULL(wq);
	log_count("");
	for (k = 1; err; k++) {
		uwq_test_fail_alloc(k, 1);
		err = workqueue_sysfs_register(wq);
		uwq_test_fail_alloc(0, 0);
		ASSERT_GE(60, k);
		if (!err)
			break;
		EXPECT_EQ(-ENOMEM, err);
		EXPECT_EQ(0, uwq_ledger_count(mark, NULL, NULL).objects);
	}
	uwq_set_log_sink(NULL, NULL);
	/* the device, its name, its folder, six files, a link: two each but for the first */
	EXPECT_LT(15, k);
	EXPECT_STREQ("0\n", says(QUEUE "nice"));
	destroy_workqueue(wq);
}

/* ---- under load ---- */

static int stop;

static void *look_at_all(void *arg)
{
	static const char *const files[] = {
		"per_cpu", "max_active", "nice", "cpumask", "affinity_scope", "affinity_strict",
	};
	char path[128], text[64];

	(void)arg;
	for (int i = 0; !GET(stop); i++) {
		sprintf(path, QUEUE "%s", files[i % 6]);
		uwq_sysfs_read(path, text, sizeof(text));
		uwq_sysfs_write(path, "1", 1);
	}
	return NULL;
}

TEST(queues_come_and_go_under_their_readers)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		threads[i] = start_thread(look_at_all, NULL);
	for (int i = 0; i < ROUNDS(150); i++) {
		struct workqueue_struct *wq = alloc_workqueue("files", WQ_UNBOUND | WQ_SYSFS, 0);
		struct counter item;

		ASSERT_NOT_NULL(wq);
		counter_init(&item);
		queue_work(wq, &item.work);
		destroy_workqueue(wq);
		EXPECT_EQ(1, GET(item.runs));
	}
	SET(stop, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST_HARNESS_MAIN_CPUS(4)

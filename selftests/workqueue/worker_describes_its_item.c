// SPDX-License-Identifier: MIT
/*
 * worker_describes_its_item.c - C141, U8: who is this thread, and what is it about?
 *
 * The name of a worker with its queue's name or what set_worker_desc() said, during and
 * after a run; other threads; a queue that is gone; and which threads must not wait for
 * memory.
 */
#include "rescue_test.h"

#include <linux/kthread.h>
#include <linux/string.h>

static char last_line[256];	/* written by the sink: one thread at a time */

static void keep_line(int level, const char *text, size_t len, void *arg)
{
	(void)len;
	(void)arg;
	snprintf(last_line, sizeof(last_line), "<%d>%s", level, text);
}

static const char *info_of(struct task_struct *task)
{
	last_line[0] = '\0';
	uwq_set_log_sink(keep_line, NULL);
	print_worker_info(KERN_NOTICE, task);
	uwq_set_log_sink(NULL, NULL);
	return last_line;
}

static const char *comm_of(struct task_struct *task)
{
	static char comm[64];

	wq_worker_comm(comm, sizeof(comm), task);
	return comm;
}

/* "kworker/ID" without what follows it. */
static const char *id_of(struct task_struct *task)
{
	static char id[64];

	strcpy(id, comm_of(task));
	id[strcspn(id, "+-")] = '\0';
	return id;
}

struct item {
	struct blocker blocker;
	struct task_struct *task;	/* atomic; held */
	const char *desc;		/* what the function calls itself */
	bool reclaim;			/* atomic: what the function was told */
};

static void item_func(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, blocker.work);

	if (item->desc)
		set_worker_desc("%s-%d", item->desc, 42);
	SET(item->reclaim, current_is_workqueue_mem_reclaim());
	SET(item->task, get_task_struct(current));
	blocker_func(work);
}

static void item_start(struct item *item, const char *desc, struct workqueue_struct *wq)
{
	blocker_init(&item->blocker);
	item->desc = desc;
	INIT_WORK(&item->blocker.work, item_func);
	queue_work_on(1, wq, &item->blocker.work);
	wait_for_completion(&item->blocker.started);
}

static void item_end(struct item *item, struct workqueue_struct *wq)
{
	blocker_release(&item->blocker);
	flush_workqueue(wq);
}

TEST(queue_is_the_description_unless_there_is_a_better_one)
{
	struct workqueue_struct *wq = alloc_workqueue("describedq", WQ_PERCPU, 1);
	struct item item = { .desc = NULL };
	char want[100];

	item_start(&item, NULL, wq);
	snprintf(want, sizeof(want), "%s+describedq", id_of(item.task));
	EXPECT_EQ(0, strncmp(want, "kworker/1:", 10));
	EXPECT_STREQ(want, comm_of(item.task));
	EXPECT_STREQ("<5>Workqueue: describedq item_func", info_of(item.task));
	item_end(&item, wq);
	want[strcspn(want, "+")] = '-';
	EXPECT_STREQ(want, comm_of(item.task));
	EXPECT_STREQ("<5>Workqueue:  0x0 (describedq)", info_of(item.task));
	destroy_workqueue(wq);
}

TEST(description_holds_for_its_item)
{
	struct workqueue_struct *wq = alloc_workqueue("descq", WQ_UNBOUND, 1);
	struct item item = { .desc = NULL };
	char want[100];

	item_start(&item, "about", wq);
	snprintf(want, sizeof(want), "%s+about-42", id_of(item.task));
	EXPECT_EQ(0, strncmp(want, "kworker/u", 9));
	EXPECT_STREQ(want, comm_of(item.task));
	EXPECT_STREQ("<5>Workqueue: descq item_func (about-42)", info_of(item.task));
	item_end(&item, wq);
	want[strcspn(want, "+")] = '-';
	EXPECT_STREQ(want, comm_of(item.task));
	EXPECT_STREQ("<5>Workqueue:  0x0 (about-42)", info_of(item.task));

	/* the next item does not inherit it */
	item_start(&item, NULL, wq);
	snprintf(want, sizeof(want), "%s+descq", id_of(item.task));
	EXPECT_STREQ(want, comm_of(item.task));
	item_end(&item, wq);
	destroy_workqueue(wq);
}

TEST(long_descriptions_are_cut)
{
	struct workqueue_struct *wq = alloc_workqueue("cutq", WQ_UNBOUND, 1);
	struct item item = { .desc = NULL };
	char small[12];

	item_start(&item, "a-description-of-more-than-31-characters", wq);
	EXPECT_STREQ("+a-description-of-more-than-31-c",
		     comm_of(item.task) + strlen(id_of(item.task)));
	wq_worker_comm(small, sizeof(small), item.task);
	EXPECT_EQ(0, strncmp(small, "kworker/u", 9));
	EXPECT_EQ(11, strlen(small));
	item_end(&item, wq);
	destroy_workqueue(wq);
}

/* The name stays with the worker, and the pwq may come to serve somebody else. */
TEST(queue_that_is_gone_is_remembered)
{
	struct workqueue_struct *wq = alloc_workqueue("firstq", WQ_PERCPU, 1);
	struct item item = { .desc = NULL };
	struct workqueue_struct *others[8];

	item_start(&item, NULL, wq);
	item_end(&item, wq);
	destroy_workqueue(wq);
	for (int i = 0; i < 8; i++)
		others[i] = alloc_workqueue("secondq", WQ_PERCPU, 1);
	EXPECT_STREQ("-firstq", comm_of(item.task) + strlen(id_of(item.task)));
	EXPECT_STREQ("<5>Workqueue:  0x0 (firstq)", info_of(item.task));
	for (int i = 0; i < 8; i++)
		destroy_workqueue(others[i]);
}

/* U8: the system keeps 15 characters of the name, we keep all. */
TEST(rescuer_has_the_name_of_its_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("aqueuewithalongname",
						      WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct item item = { .desc = NULL };

	log_count("");
	no_threads();
	item_start(&item, "rescuing", wq);
	EXPECT_STREQ("kworker/R-aqueuewithalongname+rescuing-42", comm_of(item.task));
	threads_again();
	blocker_release(&item.blocker);
	flush_workqueue(wq);
	EXPECT_TRUE(COMES_TRUE(!strcmp("kworker/R-aqueuewithalongname-rescuing-42",
				       comm_of(item.task))));
	destroy_workqueue(wq);
	EXPECT_STREQ("kworker/R-aqueu", comm_of(item.task));
}

TEST(other_threads_have_their_names)
{
	char comm[TASK_COMM_LEN];

	get_task_comm(comm, current);
	set_worker_desc("nobody");
	EXPECT_STREQ(comm, comm_of(current));
	EXPECT_STREQ("", info_of(current));
	EXPECT_FALSE(current_is_workqueue_mem_reclaim());
}

TEST(only_honest_reclaim_queues_count)
{
	struct workqueue_struct *plain = alloc_workqueue("plainq", WQ_UNBOUND, 1);
	struct workqueue_struct *reclaim = alloc_workqueue("reclaimq",
							   WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	struct workqueue_struct *legacy = create_workqueue("legacyq");
	struct item item = { .desc = NULL };

	item_start(&item, NULL, plain);
	EXPECT_FALSE(GET(item.reclaim));
	item_end(&item, plain);
	item_start(&item, NULL, reclaim);
	EXPECT_TRUE(GET(item.reclaim));
	item_end(&item, reclaim);
	item_start(&item, NULL, legacy);
	EXPECT_FALSE(GET(item.reclaim));
	item_end(&item, legacy);
	destroy_workqueue(plain);
	destroy_workqueue(reclaim);
	destroy_workqueue(legacy);
}

/* ---- asked while it happens ---- */

static struct task_struct *asked;	/* atomic */
static bool over;			/* atomic */

static void *ask_all_the_time(void *arg)
{
	int *bad = arg;

	while (!GET(over)) {
		struct task_struct *task = GET(asked);
		char comm[64];
		const char *desc;

		if (!task)
			continue;
		wq_worker_comm(comm, sizeof(comm), task);
		print_worker_info(KERN_INFO, task);
		desc = comm + strcspn(comm, "+-");
		/* in full, and nothing else */
		if (*desc && strcmp(desc + 1, "comeandgo") && strcmp(desc + 1, "mine-7"))
			ADD(*bad, 1);
	}
	return NULL;
}

static void mine(struct work_struct *work)
{
	(void)work;
	SET(asked, current);
	set_worker_desc("mine-%d", 7);
}

static void plain(struct work_struct *work)
{
	(void)work;
}

static void drop_line(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)text;
	(void)len;
	(void)arg;
}

TEST(answers_are_whole_while_queues_come_and_go)
{
	struct work_struct first, second;
	pthread_t thread;
	int bad = 0;

	/* the worker that is asked about shall stay */
	SET(wq_params.idle_timeout_ms, 100000);
	uwq_set_log_sink(drop_line, NULL);
	thread = start_thread(ask_all_the_time, &bad);
	INIT_WORK(&first, mine);
	INIT_WORK(&second, plain);
	for (int i = 0; i < ROUNDS(2000); i++) {
		struct workqueue_struct *wq = alloc_workqueue("comeandgo", WQ_PERCPU, 1);

		queue_work_on(2, wq, &first);
		queue_work_on(2, wq, &second);
		destroy_workqueue(wq);
	}
	SET(over, true);
	pthread_join(thread, NULL);
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(0, bad);
	EXPECT_TRUE(GET(asked));
}

TEST_HARNESS_MAIN_CPUS(4)

// SPDX-License-Identifier: MIT
/*
 * Proves C145 and B24: a queue's name is formatted from its arguments, and 31 characters
 * of it are kept; the first longer one is reported, once per process. Queues with cut names
 * work. Names need not be unique.
 */
#include "wq_test.h"

static char text[256];

static const char *letters(int n)
{
	for (int i = 0; i < n; i++)
		text[i] = (char)('a' + i % 26);
	text[n] = '\0';
	return text;
}

static void check(struct __test_metadata *_metadata, int length, int told)
{
	struct workqueue_struct *wq = alloc_workqueue("%s", WQ_PERCPU, 0, letters(length));
	struct counter item;

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(length < 31 ? length : 31, strlen(wq->name));
	EXPECT_EQ(0, strncmp(wq->name, text, 31));
	EXPECT_EQ(told, GET(log_hits));
	counter_init(&item);
	EXPECT_TRUE(queue_work(wq, &item.work));
	destroy_workqueue(wq);
	EXPECT_EQ(1, GET(item.runs));
}

TEST(kept_up_to_31_and_reported_once)
{
	log_count("");
	check(_metadata, 0, 0);
	check(_metadata, 30, 0);
	check(_metadata, 31, 0);
	check(_metadata, 32, 1);
	check(_metadata, 200, 1);
	check(_metadata, 32, 1);
	uwq_warn_reset_once();
	check(_metadata, 200, 2);
}

TEST(the_report_names_the_queue)
{
	log_count("abcdefghijklmnopqrstuvwxyzabcde\"");
	check(_metadata, 32, 1);
}

TEST(arguments_are_formatted)
{
	struct workqueue_struct *wq = alloc_workqueue("%s-%d/%#lx%c", WQ_UNBOUND, 3, "disk", -12,
						      0xabcdef0123ul, '!');

	ASSERT_NOT_NULL(wq);
	EXPECT_STREQ("disk--12/0xabcdef0123!", wq->name);
	EXPECT_EQ(3, wq->max_active);
	destroy_workqueue(wq);
}

TEST(names_may_be_shared)
{
	struct workqueue_struct *a = alloc_workqueue("same", WQ_PERCPU, 0);
	struct workqueue_struct *b = alloc_workqueue("same", WQ_PERCPU, 0);

	ASSERT_NOT_NULL(a);
	ASSERT_NOT_NULL(b);
	EXPECT_TRUE(a != b);
	destroy_workqueue(a);
	destroy_workqueue(b);
}

TEST_HARNESS_MAIN

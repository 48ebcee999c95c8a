// SPDX-License-Identifier: MIT
/*
 * Proves C148, U24 and B24: queues made with devm_alloc_workqueue() are destroyed when
 * their device is unregistered, the newest first, and run what is queued before; the
 * name is made of all its arguments; without memory for the queue or for the device's
 * record the call returns NULL and nothing is left; a queue that was destroyed by hand
 * as well is reported and nothing else happens.
 */
#include "wq_test.h"

#include <linux/device.h>
#include <uwq/ledger.h>

static struct workqueue_struct *find_queue(const char *name)
{
	struct workqueue_struct *wq, *found = NULL;

	mutex_lock(&wq_pool_mutex);
	list_for_each_entry(wq, &workqueues, list)
		if (!strcmp(wq->name, name))
			found = wq;
	mutex_unlock(&wq_pool_mutex);
	return found;
}

FIXTURE(dev) {
	struct device *dev;
};

FIXTURE_SETUP(dev)
{
	self->dev = root_device_register("scope");
	ASSERT_FALSE(IS_ERR(self->dev));
}

FIXTURE_TEARDOWN(dev)
{
	if (self->dev)
		root_device_unregister(self->dev);
}

static void end_device(struct device **dev)
{
	root_device_unregister(*dev);
	*dev = NULL;
}

/* What is queued on a queue runs when it is destroyed, and not before: it says when. */
static char trail[8];

struct letter {
	struct work_struct work;
	char letter;
};

static void write_letter(struct work_struct *work)
{
	struct letter *letter = container_of(work, struct letter, work);
	size_t len = strlen(trail);

	trail[len] = letter->letter;
}

static void check_a_is_gone(void *gone)
{
	*(bool *)gone = !find_queue("queue-a");
}

TEST_F(dev, newest_first)
{
	struct workqueue_struct *a, *b;
	struct letter lb = { .letter = 'b' };
	bool a_gone_last = true, a_gone_between = true, a_gone_first = false;

	ASSERT_EQ(0, devm_add_action(self->dev, check_a_is_gone, &a_gone_first));
	a = devm_alloc_workqueue(self->dev, "queue-%c", WQ_UNBOUND, 0, 'a');
	ASSERT_EQ(0, devm_add_action(self->dev, check_a_is_gone, &a_gone_between));
	b = devm_alloc_ordered_workqueue(self->dev, "queue-b", 0);
	ASSERT_EQ(0, devm_add_action(self->dev, check_a_is_gone, &a_gone_last));
	ASSERT_TRUE(a && b);
	EXPECT_TRUE(b->flags & __WQ_ORDERED);
	INIT_WORK(&lb.work, write_letter);
	queue_work(b, &lb.work);
	end_device(&self->dev);
	EXPECT_STREQ("b", trail);
	EXPECT_NULL(find_queue("queue-a"));
	EXPECT_NULL(find_queue("queue-b"));
	/* the actions ran in the reverse order too: only the oldest came after the queue */
	EXPECT_FALSE(a_gone_last);
	EXPECT_FALSE(a_gone_between);
	EXPECT_TRUE(a_gone_first);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST_F(dev, name_takes_all_arguments)
{
	struct workqueue_struct *wq;

	wq = devm_alloc_workqueue(self->dev, "%s-%d-%#lx", WQ_PERCPU, 3, "three", -7, 0xbeefUL);
	ASSERT_NOT_NULL(wq);
	EXPECT_STREQ("three--7-0xbeef", wq->name);
	EXPECT_EQ(3, UNDER_MUTEX(wq, wq->saved_max_active));
	wq = devm_alloc_ordered_workqueue(self->dev, "%d/%d/%s", WQ_HIGHPRI, 1, 2, "end");
	ASSERT_NOT_NULL(wq);
	EXPECT_STREQ("1/2/end", wq->name);
}

TEST_F(dev, failure_leaves_nothing)
{
	struct workqueue_struct *wq;
	struct uwq_ledger_sum sum;
	unsigned int mark;
	long k;

	/* what the engine keeps for good is there */
	destroy_workqueue(alloc_workqueue("warm", WQ_UNBOUND, 0));
	mark = uwq_ledger_mark();
	for (k = 1; ; k++) {
		uwq_test_fail_alloc(k, 1);
		wq = devm_alloc_workqueue(self->dev, "fails", WQ_UNBOUND | WQ_SYSFS, 0);
		uwq_test_fail_alloc(0, 0);
		if (wq)
			break;
		ASSERT_GE(200, k);
		EXPECT_NULL(find_queue("fails"));
		sum = uwq_ledger_count(mark, NULL, NULL);
		EXPECT_EQ(0, sum.objects) {
			TH_LOG("allocation %ld: %zu objects", k, sum.objects);
		}
	}
	/* the record, the queue, its attributes, its files ... */
	EXPECT_LT(10, k);
	EXPECT_EQ(wq, find_queue("fails"));
	end_device(&self->dev);
	EXPECT_NULL(find_queue("fails"));
}

TEST_F(dev, flags_that_cannot_be_served)
{
	log_count("");
	EXPECT_NULL(devm_alloc_workqueue(self->dev, "bh", WQ_BH | WQ_UNBOUND, 0));
	uwq_set_log_sink(NULL, NULL);
}

#define NR_OTHERS	16

static void make_others(struct workqueue_struct **others)
{
	for (int i = 0; i < NR_OTHERS; i++)
		others[i] = alloc_workqueue("other", WQ_UNBOUND, 0);
}

static void destroy_others(struct workqueue_struct **others)
{
	for (int i = 0; i < NR_OTHERS; i++)
		destroy_workqueue(others[i]);
}

/* Another queue may have got the memory of the one that is gone: it is left alone. */
TEST_F(dev, destroyed_by_hand_is_reported)
{
	struct workqueue_struct *wq, *others[NR_OTHERS];
	bool same = false;

	make_others(others);
	wq = devm_alloc_workqueue(self->dev, "twice", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(wq);
	/* malloc() keeps the first few blocks for itself */
	destroy_others(others);
	destroy_workqueue(wq);
	make_others(others);
	for (int i = 0; i < NR_OTHERS; i++)
		same |= others[i] == wq;
	TH_LOG("memory was %sused again", same ? "" : "not ");
	log_count("twice");
	end_device(&self->dev);
	EXPECT_LT(0, GET(log_hits));
	EXPECT_EQ(1, uwq_warn_count());
	for (int i = 0; i < NR_OTHERS; i++)
		EXPECT_STREQ("other", others[i]->name);
	destroy_others(others);
	EXPECT_EQ(1, uwq_warn_count());
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves C44 and U26 for queues: a function that flushes, drains or destroys the queue on
 * which it runs would wait for itself. It is reported once and refused; nothing hangs, and
 * the queue works afterwards. Waiting for other queues from a function is not touched,
 * nor is the same call from the program. With U17: each report comes once for each call, is
 * counted every time, and comes again after a reset. workqueue_shutdown() is refused likewise.
 */
#include "wq_test.h"

#include <uwq/workqueue.h>

static struct workqueue_struct *wq;

struct caller {
	struct work_struct work;
	void (*call)(struct workqueue_struct *wq);
	struct workqueue_struct *target;
	int returned;	/* atomic */
};

static void call_it(struct work_struct *work)
{
	struct caller *caller = container_of(work, struct caller, work);

	caller->call(caller->target);
	ADD(caller->returned, 1);
}

static void flush(struct workqueue_struct *target)
{
	__flush_workqueue(target);
}

static void shut_down(struct workqueue_struct *target)
{
	workqueue_shutdown(target != NULL);
}

FIXTURE(call) {
	struct caller caller;
};

FIXTURE_VARIANT(call) {
	void (*call)(struct workqueue_struct *wq);
	unsigned int flags;
	const char *message;
};

FIXTURE_VARIANT_ADD(call, flush) {
	.call = flush, .flags = WQ_PERCPU, .message = "flush_workqueue() of wq own",
};
FIXTURE_VARIANT_ADD(call, flush_unbound) {
	.call = flush, .flags = WQ_UNBOUND, .message = "flush_workqueue() of wq own",
};
FIXTURE_VARIANT_ADD(call, flush_bottom_half) {
	.call = flush, .flags = WQ_BH | WQ_PERCPU, .message = "flush_workqueue() of wq own",
};
FIXTURE_VARIANT_ADD(call, drain) {
	.call = drain_workqueue, .flags = WQ_UNBOUND,
	.message = "drain_workqueue() of wq own",
};
FIXTURE_VARIANT_ADD(call, drain_ordered) {
	.call = drain_workqueue, .flags = WQ_UNBOUND | __WQ_ORDERED,
	.message = "drain_workqueue() of wq own",
};
FIXTURE_VARIANT_ADD(call, destroy) {
	.call = destroy_workqueue, .flags = WQ_PERCPU,
	.message = "destroy_workqueue() of wq own",
};
FIXTURE_VARIANT_ADD(call, shutdown) {
	.call = shut_down, .flags = WQ_UNBOUND, .message = "workqueue_shutdown() from a work",
};

FIXTURE_SETUP(call)
{
	log_count(variant->message);
	wq = alloc_workqueue("own", variant->flags, 0);
	ASSERT_NOT_NULL(wq);
	INIT_WORK(&self->caller.work, call_it);
	self->caller.call = variant->call;
	self->caller.target = wq;
}

FIXTURE_TEARDOWN(call)
{
	destroy_workqueue(wq);
}

TEST_F(call, is_refused_and_reported_once)
{
	unsigned long warned = uwq_warn_count();
	struct counter after;

	for (int i = 1; i <= 3; i++) {
		ASSERT_TRUE(queue_work(wq, &self->caller.work));
		flush_work(&self->caller.work);
		EXPECT_EQ(i, GET(self->caller.returned));
		EXPECT_EQ(1, GET(log_hits));
		EXPECT_EQ(warned + i, uwq_warn_count());
	}
	uwq_warn_reset_once();
	ASSERT_TRUE(queue_work(wq, &self->caller.work));
	flush_work(&self->caller.work);
	EXPECT_EQ(2, GET(log_hits));

	/* neither drained nor dead */
	counter_init(&after);
	ASSERT_TRUE(queue_work(wq, &after.work));
	flush_workqueue(wq);
	EXPECT_EQ(1, GET(after.runs));
	EXPECT_EQ(warned + 4, uwq_warn_count());
}

static void flush_and_destroy(struct workqueue_struct *target)
{
	flush(target);
	log_count("destroy_workqueue() of wq own");
	destroy_workqueue(target);
}

/* A queue that was not destroyed, and nobody was told, would be kept for ever. */
TEST(a_refused_flush_does_not_hide_a_refused_destroy)
{
	struct caller caller = { .call = flush_and_destroy };

	caller.target = alloc_workqueue("own", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(caller.target);
	INIT_WORK_ONSTACK(&caller.work, call_it);
	queue_work(caller.target, &caller.work);
	flush_work(&caller.work);
	EXPECT_EQ(1, GET(log_hits));
	destroy_workqueue(caller.target);
	destroy_work_on_stack(&caller.work);
}

TEST(another_queue_may_be_waited_for)
{
	struct workqueue_struct *mine = alloc_workqueue("mine", WQ_UNBOUND, 0);
	struct workqueue_struct *other = alloc_workqueue("other", WQ_UNBOUND, 0);
	void (*calls[])(struct workqueue_struct *) = { flush, drain_workqueue, destroy_workqueue };
	unsigned long warned = uwq_warn_count();
	struct caller caller;
	struct counter item;

	ASSERT_NOT_NULL(mine);
	ASSERT_NOT_NULL(other);
	for (int i = 0; i < 3; i++) {
		counter_init(&item);
		queue_work(other, &item.work);
		INIT_WORK(&caller.work, call_it);
		caller.call = calls[i];
		caller.target = other;
		caller.returned = 0;
		queue_work(mine, &caller.work);
		flush_work(&caller.work);
		EXPECT_EQ(1, GET(caller.returned));
		EXPECT_EQ(1, GET(item.runs));
	}
	EXPECT_EQ(warned, uwq_warn_count());
	destroy_workqueue(mine);
}

TEST_HARNESS_MAIN

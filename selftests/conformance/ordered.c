// SPDX-License-Identifier: MIT
/*
 * ordered.c - ordered queues: one at a time, in queueing order (C85, C87)
 */
#include <linux/spinlock.h>

#include "ktap.h"

#define NR_PRODUCERS	3
#define NR_EACH		300

struct stamped {
	struct work_struct work;
	int stamp;
};

static DEFINE_SPINLOCK(stamp_lock);
static struct {
	struct workqueue_struct *wq;
	int next_stamp;
	int next_run;		/* plain: only one item runs at a time */
	int wrong;
	atomic_t inside, overlaps;
	bool slow;
} o;

static void stamped_func(struct work_struct *work)
{
	struct stamped *s = container_of(work, struct stamped, work);

	if (atomic_inc_return(&o.inside) > 1)
		atomic_inc(&o.overlaps);
	if (s->stamp != o.next_run++)
		o.wrong++;
	if (o.slow && s->stamp % 50 == 0)
		usleep_range(50, 100);
	atomic_dec(&o.inside);
}

/* The stamp and the queueing are one step. */
static void producer_call(struct caller *c)
{
	struct stamped *item = c->arg;
	int i;

	for (i = 0; i < NR_EACH; i++) {
		INIT_WORK(&item[i].work, stamped_func);
		spin_lock(&stamp_lock);
		item[i].stamp = o.next_stamp++;
		queue_work_on(i % num_online_cpus(), o.wq, &item[i].work);
		spin_unlock(&stamp_lock);
		cond_resched();
	}
}

static void keeps_order(struct workqueue_struct *wq, bool slow)
{
	struct stamped *item = kcalloc(NR_PRODUCERS * NR_EACH, sizeof(*item), GFP_KERNEL);
	static struct caller producer[NR_PRODUCERS];
	int i;

	o.wq = wq;
	o.slow = slow;
	o.next_stamp = o.next_run = o.wrong = 0;
	atomic_set(&o.inside, 0);
	atomic_set(&o.overlaps, 0);
	for (i = 0; i < NR_PRODUCERS; i++)
		caller_start(&producer[i], producer_call, item + i * NR_EACH);
	for (i = 0; i < NR_PRODUCERS; i++)
		caller_end(&producer[i]);
	flush_workqueue(wq);
	CHECK_EQ(NR_PRODUCERS * NR_EACH, o.next_run);
	CHECK_EQ(0, o.wrong);
	CHECK_EQ(0, atomic_read(&o.overlaps));
	destroy_workqueue(wq);
	kfree(item);
}

static void c85_order(void)
{
	keeps_order(alloc_ordered_workqueue("ktap_ordered", 0), false);
}

static void c85_order_with_sleepers(void)
{
	keeps_order(alloc_ordered_workqueue("ktap_ordered%d", WQ_HIGHPRI, 2), true);
}

static void c85_order_mem_reclaim(void)
{
	keeps_order(alloc_ordered_workqueue("ktap_reclaim", WQ_MEM_RECLAIM), false);
}

static void c85_singlethread(void)
{
	keeps_order(create_singlethread_workqueue("ktap_single"), true);
}

static void c85_one_at_a_time(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ktap_one", 0);
	static struct gate_work a, b;

	gate_init(&a);
	gate_init(&b);
	gate_block(wq, &a);
	CHECK(queue_work(wq, &b.work));
	CHECK(STAYS(atomic_read(&b.runs) == 0, A_WHILE));
	complete(&a.go);
	WAIT(&b.started);
	CHECK_EQ(1, atomic_read(&a.ended));
	complete(&b.go);
	destroy_workqueue(wq);
}

static void c85_requeue_goes_to_the_end(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ktap_end", 0);
	static struct gate_work a;
	static struct count_work b;

	gate_init(&a);
	count_init(&b);
	gate_block(wq, &a);
	CHECK(queue_work(wq, &b.work));
	CHECK(queue_work(wq, &a.work));		/* behind b */
	complete(&a.go);
	WAIT(&a.started);
	CHECK_EQ(1, atomic_read(&b.runs));
	complete(&a.go);
	destroy_workqueue(wq);
}

static void c87_limit_cannot_be_changed(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ktap_fixed", 0);
	static struct gate_work a, b;

	gate_init(&a);
	gate_init(&b);
	gate_block(wq, &a);
	CHECK(queue_work(wq, &b.work));
	workqueue_set_max_active(wq, 8);	/* warns */
	CHECK(STAYS(atomic_read(&b.runs) == 0, A_WHILE));
	complete(&a.go);
	complete(&b.go);
	destroy_workqueue(wq);
	CHECK_EQ(1, atomic_read(&b.ended));
}

static const struct ktap_case cases[] = {
	{ "C85 items of many producers run in queueing order", c85_order },
	{ "C85 also when items sleep", c85_order_with_sleepers },
	{ "C85 also with WQ_MEM_RECLAIM", c85_order_mem_reclaim },
	{ "C85 also from create_singlethread_workqueue", c85_singlethread },
	{ "C85 one item at a time", c85_one_at_a_time },
	{ "C85 a requeued item goes to the end", c85_requeue_goes_to_the_end },
	{ "C87 the limit of an ordered queue cannot be changed", c87_limit_cannot_be_changed },
};

KTAP_MODULE(cases, "ordered queues");

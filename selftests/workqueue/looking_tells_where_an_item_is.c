// SPDX-License-Identifier: MIT
/*
 * Proves what may be asked: work_busy() and work_pending() in every state of an item,
 * current_work() inside and outside of functions, workqueue_congested() for each CPU,
 * and uwq_work_for_each(), which shows every running, queued, inactive and armed item
 * with its queue, function and worker, and nothing else.
 */
#include "wq_test.h"

#include <linux/jiffies.h>
#include <linux/timer.h>
#include <uwq/workqueue.h>

TEST(busy_in_every_state)
{
	struct workqueue_struct *wq = alloc_workqueue("busy", WQ_UNBOUND, 1);
	struct blocker blocker;
	struct counter item;
	struct delayed_work dwork;

	ASSERT_NOT_NULL(wq);
	blocker_init(&blocker);
	counter_init(&item);
	EXPECT_EQ(0u, work_busy(&blocker.work));
	blocker_start(&blocker, wq);
	EXPECT_EQ((unsigned int)WORK_BUSY_RUNNING, work_busy(&blocker.work));
	EXPECT_FALSE(work_pending(&blocker.work));
	EXPECT_TRUE(queue_work(wq, &item.work));
	EXPECT_EQ((unsigned int)WORK_BUSY_PENDING, work_busy(&item.work));
	EXPECT_TRUE(work_pending(&item.work));
	EXPECT_TRUE(queue_work(wq, &blocker.work));
	EXPECT_EQ((unsigned int)(WORK_BUSY_PENDING | WORK_BUSY_RUNNING),
		  work_busy(&blocker.work));
	EXPECT_TRUE(cancel_work(&blocker.work));
	EXPECT_EQ((unsigned int)WORK_BUSY_RUNNING, work_busy(&blocker.work));
	blocker_release(&blocker);
	flush_work(&item.work);
	EXPECT_EQ(0u, work_busy(&item.work));
	EXPECT_EQ(0u, work_busy(&blocker.work));

	INIT_DELAYED_WORK(&dwork, counter_func);
	queue_delayed_work(wq, &dwork, 1000 * HZ);
	EXPECT_EQ((unsigned int)WORK_BUSY_PENDING, work_busy(&dwork.work));
	EXPECT_TRUE(delayed_work_pending(&dwork));
	cancel_delayed_work_sync(&dwork);
	EXPECT_EQ(0u, work_busy(&dwork.work));
	destroy_workqueue(wq);
	/* also without its queue */
	EXPECT_EQ(0u, work_busy(&item.work));
}

/* A run that an item left behind on another queue counts. */
TEST(busy_on_two_queues)
{
	struct workqueue_struct *a = alloc_workqueue("a", WQ_PERCPU, 0);
	struct workqueue_struct *b = alloc_workqueue("b", WQ_UNBOUND, 1);
	struct blocker blocker, head;

	ASSERT_NOT_NULL(a);
	ASSERT_NOT_NULL(b);
	blocker_start(&blocker, a);
	blocker_start(&head, b);
	EXPECT_TRUE(queue_work(b, &blocker.work));
	EXPECT_EQ((unsigned int)(WORK_BUSY_PENDING | WORK_BUSY_RUNNING),
		  work_busy(&blocker.work));
	EXPECT_TRUE(cancel_work(&blocker.work));
	EXPECT_EQ((unsigned int)WORK_BUSY_RUNNING, work_busy(&blocker.work));
	blocker_release(&blocker);
	blocker_release(&head);
	destroy_workqueue(a);
	destroy_workqueue(b);
}

/* An item that is queued, then running, is never said to be idle between the two. */
static void serve(struct work_struct *work)
{
	struct counter *item = container_of(work, struct counter, work);

	nap_us(1);
	ADD(item->runs, 1);
}

TEST(busy_without_a_gap)
{
	long until = now_ms() + 1000;
	struct counter item;
	int i;

	counter_init(&item);
	INIT_WORK(&item.work, serve);
	for (i = 0; go_on(i, 20000, until); i++) {
		bool busy;

		/* another worker each time */
		ASSERT_TRUE(queue_work_on(i % 4, system_percpu_wq, &item.work));
		do
			busy = work_busy(&item.work);
		while (busy);
		ASSERT_EQ(i + 1, GET(item.runs));
	}
}

static struct work_struct *seen;	/* atomic */
static int looked;			/* atomic */

static void who_am_i(struct work_struct *work)
{
	(void)work;
	SET(seen, current_work());
	ADD(looked, 1);
}

static void on_timer(struct timer_list *timer)
{
	(void)timer;
	SET(seen, current_work());
	ADD(looked, 1);
}

TEST(current_work_is_the_running_item)
{
	struct workqueue_struct *queues[] = { system_percpu_wq, system_dfl_wq, system_highpri_wq };
	struct work_struct work;
	struct timer_list timer;

	EXPECT_NULL(current_work());
	INIT_WORK(&work, who_am_i);
	for (int i = 0; i < 3; i++) {
		SET(seen, NULL);
		queue_work(queues[i], &work);
		flush_work(&work);
		EXPECT_TRUE(GET(seen) == &work);
	}
	EXPECT_NULL(current_work());

	/* not in bottom halves and timers */
	SET(seen, &work);
	queue_work(system_bh_wq, &work);
	flush_work(&work);
	EXPECT_NULL(GET(seen));
	SET(seen, &work);
	SET(looked, 0);
	timer_setup(&timer, on_timer, 0);
	mod_timer(&timer, jiffies + 1);
	ASSERT_TRUE(COMES_TRUE(GET(looked)));
	EXPECT_NULL(GET(seen));
	timer_delete_sync(&timer);
}

TEST(congested_while_items_are_held_back)
{
	struct workqueue_struct *wq = alloc_workqueue("congested", WQ_PERCPU, 1);
	struct workqueue_struct *un = alloc_workqueue("congested", WQ_UNBOUND, 1);
	struct blocker blocker;
	struct counter item;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(un);
	counter_init(&item);
	EXPECT_FALSE(workqueue_congested(1, wq));
	blocker_start_on(&blocker, 1, wq);
	EXPECT_FALSE(workqueue_congested(1, wq));
	queue_work_on(1, wq, &item.work);
	EXPECT_TRUE(workqueue_congested(1, wq));
	for (int cpu = 0; cpu < 4; cpu++)
		EXPECT_EQ(cpu == 1, workqueue_congested(cpu, wq));
	EXPECT_FALSE(workqueue_congested(1, system_percpu_wq));
	cancel_work(&item.work);
	EXPECT_FALSE(workqueue_congested(1, wq));
	blocker_release(&blocker);
	destroy_workqueue(wq);

	blocker_start(&blocker, un);
	EXPECT_FALSE(workqueue_congested(WORK_CPU_UNBOUND, un));
	queue_work(un, &item.work);
	EXPECT_TRUE(workqueue_congested(WORK_CPU_UNBOUND, un));
	EXPECT_TRUE(workqueue_congested(3, un));
	blocker_release(&blocker);
	flush_work(&item.work);
	EXPECT_FALSE(workqueue_congested(WORK_CPU_UNBOUND, un));
	destroy_workqueue(un);
}

/* ---- everything that is outstanding ---- */

struct sight {
	const struct work_struct *work;
	struct uwq_work_info info;
	int times;
};

static struct sight sights[16];
static int nr_sights, strangers;

static void show(const struct uwq_work_info *info, void *arg)
{
	for (int i = 0; i < nr_sights; i++) {
		if (sights[i].work == info->work) {
			sights[i].info = *info;
			sights[i].times++;
			return;
		}
	}
	strangers++;
	(void)arg;
}

static long look(struct __test_metadata *_metadata)
{
	long shown, counted;

	for (int i = 0; i < nr_sights; i++)
		sights[i].times = 0;
	strangers = 0;
	shown = uwq_work_for_each(show, NULL);
	counted = uwq_work_for_each(NULL, NULL);
	EXPECT_EQ(shown, counted);
	EXPECT_EQ(0, strangers);
	return shown;
}

static int watch(const struct work_struct *work)
{
	sights[nr_sights].work = work;
	return nr_sights++;
}

static void check(struct __test_metadata *_metadata, int i, enum uwq_work_state state,
		  const char *wq_name, work_func_t func)
{
	EXPECT_EQ(1, sights[i].times);
	EXPECT_EQ(state, sights[i].info.state);
	EXPECT_STREQ(wq_name, sights[i].info.wq_name);
	EXPECT_TRUE(sights[i].info.func == func);
	if (state != UWQ_WORK_RUNNING)
		EXPECT_EQ(0, sights[i].info.tid);
}

static void armed_func(struct work_struct *work)
{
	(void)work;
}

TEST(every_outstanding_item_is_shown)
{
	struct workqueue_struct *bound = alloc_workqueue("bound", WQ_PERCPU, 2);
	struct workqueue_struct *single = alloc_workqueue("single", WQ_UNBOUND, 1);
	struct blocker running, active;
	struct counter inactive, queued;
	struct delayed_work armed;
	int r, a, i, q, d;

	ASSERT_NOT_NULL(bound);
	ASSERT_NOT_NULL(single);
	EXPECT_EQ(0, look(_metadata));
	r = watch(&running.work);
	a = watch(&active.work);
	i = watch(&inactive.work);
	q = watch(&queued.work);
	d = watch(&armed.work);

	blocker_start_on(&running, 2, bound);
	blocker_start(&active, single);
	counter_init(&inactive);
	queue_work(single, &inactive.work);
	INIT_DELAYED_WORK(&armed, armed_func);
	queue_delayed_work_on(3, bound, &armed, 10000 * HZ);
	EXPECT_EQ(4, look(_metadata));
	check(_metadata, r, UWQ_WORK_RUNNING, "bound", blocker_func);
	EXPECT_LT(0, sights[r].info.tid);
	EXPECT_NE(getpid(), sights[r].info.tid);
	check(_metadata, a, UWQ_WORK_RUNNING, "single", blocker_func);
	EXPECT_NE(sights[r].info.tid, sights[a].info.tid);
	check(_metadata, i, UWQ_WORK_INACTIVE, "single", counter_func);
	check(_metadata, d, UWQ_WORK_ARMED, "bound", armed_func);

	/* a worker stopped between choosing and calling keeps the next one queued */
	counter_init(&queued);
	hold_next("worker_call");
	queue_work_on(1, bound, &queued.work);
	hold_wait();
	EXPECT_EQ(5, look(_metadata));
	check(_metadata, q, UWQ_WORK_RUNNING, "bound", counter_func);
	queue_work_on(1, bound, &queued.work);
	look(_metadata);
	/* once running and once waiting behind that run */
	EXPECT_EQ(2, sights[q].times);
	hold_release();
	/* without a barrier, which would be an item of its own */
	ASSERT_TRUE(COMES_TRUE(!work_busy(&queued.work)));

	blocker_release(&active);
	flush_workqueue(single);
	cancel_delayed_work_sync(&armed);
	EXPECT_EQ(1, look(_metadata));
	EXPECT_EQ(1, sights[r].times);
	blocker_release(&running);
	destroy_workqueue(bound);
	destroy_workqueue(single);
	EXPECT_EQ(0, look(_metadata));
}

/* An item that only waits for its turn on a busy CPU. */
TEST(a_waiting_item_is_queued)
{
	struct workqueue_struct *wq = alloc_workqueue("turn", WQ_PERCPU, 0);
	struct counter first, second;
	int s;

	ASSERT_NOT_NULL(wq);
	counter_init(&first);
	counter_init(&second);
	watch(&first.work);
	s = watch(&second.work);
	hold_next("worker_call");
	queue_work_on(1, wq, &first.work);
	hold_wait();
	/* on the list for sure: as long as the monitor finds the worker not too slow */
	queue_work_on(1, wq, &second.work);
	if (look(_metadata) == 2 && sights[s].info.state != UWQ_WORK_RUNNING)
		check(_metadata, s, UWQ_WORK_QUEUED, "turn", counter_func);
	hold_release();
	destroy_workqueue(wq);
	EXPECT_EQ(0, look(_metadata));
}

TEST(refused_memory_is_reported)
{
	struct blocker blocker;

	blocker_start(&blocker, system_dfl_wq);
	EXPECT_EQ(1, uwq_work_for_each(NULL, NULL));
	uwq_test_fail_alloc(1, -1);
	EXPECT_EQ(-ENOMEM, uwq_work_for_each(show, NULL));
	uwq_test_fail_alloc(0, 0);
	watch(&blocker.work);
	EXPECT_EQ(1, look(_metadata));
	blocker_release(&blocker);
	flush_work(&blocker.work);
}

TEST_HARNESS_MAIN_CPUS(4)

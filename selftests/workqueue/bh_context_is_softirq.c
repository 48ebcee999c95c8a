// SPDX-License-Identifier: MIT
/*
 * Proves C130, C127, U19: inside a bottom half the context words say softirq,
 * current_work() knows nothing, and whatever sleeps is reported. Delayed work, flush,
 * cancel, disable and drain work on bottom halves as on others; from outside a flush may
 * sleep. What would wait for itself is refused, and workqueue_softirq_action() too.
 */
#include "wq_test.h"

#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>

FIXTURE(bh)
{
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(bh)
{
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(bh, normal) { .flags = WQ_BH | WQ_PERCPU };
FIXTURE_VARIANT_ADD(bh, highpri) { .flags = WQ_BH | WQ_PERCPU | WQ_HIGHPRI };

FIXTURE_SETUP(bh)
{
	self->wq = alloc_workqueue("bh", variant->flags, 0);
}

FIXTURE_TEARDOWN(bh)
{
	destroy_workqueue(self->wq);
}

/* A function to call in a bottom half, and its answer. */
struct call {
	struct work_struct work;
	int (*fn)(void *arg);
	void *arg;
	int answer;	/* atomic */
};

static void do_call(struct work_struct *work)
{
	struct call *call = container_of(work, struct call, work);

	SET(call->answer, call->fn(call->arg));
}

static int in_bh(struct workqueue_struct *wq, int (*fn)(void *arg), void *arg)
{
	struct call call = { .fn = fn, .arg = arg, .answer = -1 };

	INIT_WORK_ONSTACK(&call.work, do_call);
	queue_work_on(0, wq, &call.work);
	flush_work(&call.work);
	return GET(call.answer);
}

static int context(void *arg)
{
	(void)arg;
	return in_softirq() && in_serving_softirq() && in_interrupt() && !in_task() &&
	       !in_hardirq() && in_atomic() && !irqs_disabled() && !current_work() &&
	       !(current->flags & PF_WQ_WORKER);
}

TEST_F(bh, words_say_softirq)
{
	EXPECT_EQ(1, in_bh(self->wq, context, NULL));
}

static int do_msleep(void *arg)
{
	(void)arg;
	msleep(1);
	return 0;
}

static int do_wait(void *arg)
{
	wait_for_completion_timeout(arg, 2);
	return 0;
}

static int do_lock(void *arg)
{
	mutex_lock(arg);
	mutex_unlock(arg);
	return 0;
}

TEST_F(bh, sleeping_is_reported)
{
	static DEFINE_MUTEX(mutex);
	struct completion never;
	struct call call = { .fn = do_lock, .arg = &mutex };

	init_completion(&never);
	log_count("scheduling while atomic: ksoftirqd/0");
	in_bh(self->wq, do_msleep, NULL);
	EXPECT_EQ(1, GET(log_hits));
	in_bh(self->wq, do_wait, &never);
	EXPECT_EQ(2, GET(log_hits));
	mutex_lock(&mutex);
	INIT_WORK_ONSTACK(&call.work, do_call);
	queue_work_on(0, self->wq, &call.work);
	EXPECT_TRUE(COMES_TRUE(GET(log_hits) == 3));
	mutex_unlock(&mutex);
	flush_work(&call.work);
	EXPECT_EQ(3, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

/* ---- the calls on bottom halves, from outside ---- */

struct delayed_count {
	struct delayed_work dwork;
	int runs, softirq;	/* atomic */
};

static void count_delayed(struct work_struct *work)
{
	struct delayed_count *item = container_of(work, struct delayed_count, dwork.work);

	SET(item->softirq, !!in_serving_softirq());
	ADD(item->runs, 1);
}

TEST_F(bh, delayed_items_come)
{
	struct delayed_count item = { .runs = 0 };

	INIT_DELAYED_WORK_ONSTACK(&item.dwork, count_delayed);
	EXPECT_TRUE(queue_delayed_work(self->wq, &item.dwork, 2));
	EXPECT_TRUE(COMES_TRUE(GET(item.runs) == 1));
	EXPECT_EQ(1, GET(item.softirq));
	EXPECT_TRUE(queue_delayed_work(self->wq, &item.dwork, 3600 * HZ));
	flush_delayed_work(&item.dwork);
	EXPECT_EQ(2, GET(item.runs));
	EXPECT_FALSE(mod_delayed_work(self->wq, &item.dwork, 3600 * HZ));
	EXPECT_TRUE(cancel_delayed_work_sync(&item.dwork));
	EXPECT_EQ(2, GET(item.runs));
	destroy_delayed_work_on_stack(&item.dwork);
}

/* A bottom half that keeps its CPU busy until released. */
struct holder {
	struct work_struct work;
	struct gate begun, go;
	int runs;	/* atomic */
};

static void hold(struct work_struct *work)
{
	struct holder *holder = container_of(work, struct holder, work);

	gate_open(&holder->begun);
	gate_wait(&holder->go);
	ADD(holder->runs, 1);
}

static void hold_cpu(struct holder *holder, struct workqueue_struct *wq)
{
	memset(holder, 0, sizeof(*holder));
	INIT_WORK(&holder->work, hold);
	queue_work_on(0, wq, &holder->work);
	gate_wait(&holder->begun);
}

static void *flush_it(void *work)
{
	return (void *)(long)flush_work(work);
}

TEST_F(bh, flush_sleeps_until_the_run_is_over)
{
	struct holder holder;
	pthread_t flusher;
	void *waited;

	hold_cpu(&holder, self->wq);
	flusher = start_thread(flush_it, &holder.work);
	EXPECT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 2));
	gate_open(&holder.go);
	pthread_join(flusher, &waited);
	EXPECT_TRUE(waited != NULL);
	EXPECT_EQ(1, GET(holder.runs));
}

TEST_F(bh, queued_items_are_cancelled_and_disabled)
{
	struct holder holder;
	struct counter a, b;

	counter_init(&a);
	counter_init(&b);
	hold_cpu(&holder, self->wq);
	EXPECT_TRUE(queue_work_on(0, self->wq, &a.work));
	EXPECT_TRUE(queue_work_on(0, self->wq, &b.work));
	EXPECT_TRUE(cancel_work_sync(&a.work));
	EXPECT_TRUE(disable_work_sync(&b.work));
	EXPECT_FALSE(queue_work_on(0, self->wq, &b.work));
	/* what it last was queued on is not forgotten: C64 asks for it */
	EXPECT_TRUE(work_data(&a.work) & WORK_OFFQ_BH);
	EXPECT_TRUE(work_data(&b.work) & WORK_OFFQ_BH);
	gate_open(&holder.go);
	flush_workqueue(self->wq);
	EXPECT_EQ(0, GET(a.runs) + GET(b.runs));
	EXPECT_TRUE(enable_work(&b.work));
	EXPECT_TRUE(queue_work_on(0, self->wq, &b.work));
	drain_workqueue(self->wq);
	EXPECT_EQ(1, GET(b.runs));
}

static void *cancel_it(void *work)
{
	return (void *)(long)cancel_work_sync(work);
}

TEST_F(bh, cancel_waits_for_a_run_that_requeues_itself)
{
	struct holder holder;
	pthread_t canceller;
	void *removed;

	hold_cpu(&holder, self->wq);
	EXPECT_TRUE(queue_work_on(0, self->wq, &holder.work));
	canceller = start_thread(cancel_it, &holder.work);
	EXPECT_TRUE(COMES_TRUE(disable_depth(&holder.work) == 1));
	EXPECT_FALSE(queue_work_on(0, self->wq, &holder.work));
	gate_open(&holder.go);
	pthread_join(canceller, &removed);
	EXPECT_TRUE(removed != NULL);
	EXPECT_EQ(1, GET(holder.runs));
	EXPECT_FALSE(work_busy(&holder.work));
}

/* ---- what is refused ---- */

static int flush_queued(void *arg)
{
	struct counter *counter = arg;

	queue_work_on(0, system_bh_wq, &counter->work);
	return flush_work(&counter->work);
}

TEST_F(bh, flush_of_what_comes_later_on_this_cpu_is_refused)
{
	struct counter counter;

	counter_init(&counter);
	log_count("from a bottom half that runs before it");
	EXPECT_EQ(0, in_bh(self->wq, flush_queued, &counter));
	EXPECT_EQ(1, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
	flush_work(&counter.work);
	EXPECT_EQ(1, GET(counter.runs));
}

/* C46: what a bottom half queues is not taken for a chain. */
static int queue_on(void *wq)
{
	static struct counter counter;

	counter_init(&counter);
	queue_work_on(0, wq, &counter.work);
	return !work_pending(&counter.work) && !GET(counter.runs);
}

static void *drain(void *wq)
{
	drain_workqueue(wq);
	return NULL;
}

TEST_F(bh, drain_accepts_no_chain)
{
	struct holder holder;
	struct call call = { .fn = queue_on, .arg = self->wq, .answer = -1 };
	pthread_t drainer;

	INIT_WORK(&call.work, do_call);
	hold_cpu(&holder, self->wq);
	queue_work_on(0, self->wq, &call.work);
	log_count("is being drained");
	drainer = start_thread(drain, self->wq);
	EXPECT_TRUE(COMES_TRUE(wq_flags(self->wq) & __WQ_DRAINING));
	gate_open(&holder.go);
	pthread_join(drainer, NULL);
	EXPECT_EQ(1, GET(call.answer));
	EXPECT_EQ(1, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

static int action(void *arg)
{
	(void)arg;
	workqueue_softirq_action(false);
	return 0;
}

TEST_F(bh, action_is_for_the_thread_alone)
{
	log_count("workqueue_softirq_action() outside");
	workqueue_softirq_action(true);
	EXPECT_EQ(1, GET(log_hits));
	in_bh(self->wq, action, NULL);
	uwq_set_log_sink(NULL, NULL);
}

TEST_HARNESS_MAIN_CPUS(2)

// SPDX-License-Identifier: MIT
/*
 * Proves C64, B28: cancel_work_sync() and disable_work_sync() of an item that was last on
 * a bottom-half queue wait in atomic context as well, without a report of sleeping, and
 * without keeping the bottom half from its CPU, even if the canceller has real-time
 * priority there: it uses next to no CPU time. In a hard interrupt it is reported, once.
 * Other items are waited for in task context only.
 */
#include "wq_test.h"

#include <linux/interrupt.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

#include "kernel-compat/sched_internal.h"

struct holder {
	struct work_struct work;
	struct gate begun, go;
	int ended;	/* atomic */
};

static void hold(struct work_struct *work)
{
	struct holder *holder = container_of(work, struct holder, work);

	gate_open(&holder->begun);
	gate_wait(&holder->go);
	nap_us(2000);
	SET(holder->ended, 1);
}

static void hold_cpu(struct holder *holder)
{
	memset(holder, 0, sizeof(*holder));
	INIT_WORK(&holder->work, hold);
	queue_work_on(0, system_bh_wq, &holder->work);
	gate_wait(&holder->begun);
}

static void *release_when_disabled(void *arg)
{
	struct holder *holder = arg;

	if (COMES_TRUE(disable_depth(&holder->work)))
		nap_us(1000);
	gate_open(&holder->go);
	return NULL;
}

/* Cancel a running one in this thread's present context; true: its run was over then. */
static bool cancel_running(bool (*cancel)(struct work_struct *work))
{
	struct holder holder;
	pthread_t thread;
	bool ended;

	hold_cpu(&holder);
	thread = start_thread(release_when_disabled, &holder);
	cancel(&holder.work);
	ended = GET(holder.ended);
	pthread_join(thread, NULL);
	return ended;
}

static DEFINE_SPINLOCK(lock);

TEST(under_a_lock_and_in_softirq)
{
	log_count("atomic");
	spin_lock(&lock);
	EXPECT_TRUE(cancel_running(cancel_work_sync));
	EXPECT_TRUE(cancel_running(disable_work_sync));
	spin_unlock(&lock);
	local_bh_disable();
	EXPECT_TRUE(cancel_running(cancel_work_sync));
	local_bh_enable();
	uwq_context_enter_softirq();
	EXPECT_TRUE(cancel_running(cancel_work_sync));
	uwq_context_leave_softirq();
	EXPECT_EQ(0, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

/* From a bottom half of another CPU. */
struct canceller {
	struct work_struct work;
	struct holder *target;
	int waited;	/* atomic */
};

static void cancel_target(struct work_struct *work)
{
	struct canceller *canceller = container_of(work, struct canceller, work);

	cancel_work_sync(&canceller->target->work);
	SET(canceller->waited, GET(canceller->target->ended));
}

TEST(in_a_bottom_half_of_another_cpu)
{
	struct canceller canceller = { .waited = 0 };
	struct holder holder;
	pthread_t thread;

	log_count("atomic");
	hold_cpu(&holder);
	canceller.target = &holder;
	INIT_WORK(&canceller.work, cancel_target);
	thread = start_thread(release_when_disabled, &holder);
	queue_work_on(1, system_bh_wq, &canceller.work);
	flush_work(&canceller.work);
	pthread_join(thread, NULL);
	EXPECT_EQ(1, GET(canceller.waited));
	EXPECT_EQ(0, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

/* Of the same CPU: it cannot be running, so there is nothing to wait for. */
TEST(in_a_bottom_half_of_the_same_cpu)
{
	struct canceller canceller = { .waited = 0 };
	struct holder holder, blocker;

	hold_cpu(&blocker);
	memset(&holder, 0, sizeof(holder));
	INIT_WORK(&holder.work, hold);
	canceller.target = &holder;
	INIT_WORK(&canceller.work, cancel_target);
	queue_work_on(0, system_bh_wq, &canceller.work);
	queue_work_on(0, system_bh_wq, &holder.work);
	gate_open(&blocker.go);
	flush_work(&canceller.work);
	EXPECT_FALSE(work_busy(&holder.work));
	EXPECT_EQ(0, GET(holder.ended));
}

/* B28: the canceller outranks the bottom half on the only CPU that this may run on. */
static void *cancel_as_realtime(void *arg)
{
	struct sched_param param = { .sched_priority = 1 };
	struct timespec used;
	int *failed = arg;
	struct holder holder;

	hold_cpu(&holder);
	gate_open(&holder.go);
	if (!pin_to_real_cpu(0) || sched_setscheduler(0, SCHED_FIFO, &param)) {
		*failed = 1;
		return NULL;
	}
	preempt_disable();
	cancel_work_sync(&holder.work);
	preempt_enable();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	*failed = !GET(holder.ended) || used.tv_sec || used.tv_nsec > 300000000;
	return NULL;
}

TEST(realtime_canceller_lets_it_end)
{
	struct sched_param param = { .sched_priority = 1 };
	int failed = 0;

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		SKIP(return, "no right to real-time priority");
	param.sched_priority = 0;
	sched_setscheduler(0, SCHED_OTHER, &param);
	run_threads(1, cancel_as_realtime, &failed);
	EXPECT_EQ(0, failed);
}

TEST(hard_interrupt_is_reported_once)
{
	log_count("in a hard interrupt");
	uwq_context_enter_hardirq();
	EXPECT_TRUE(cancel_running(cancel_work_sync));
	EXPECT_TRUE(cancel_running(cancel_work_sync));
	uwq_context_leave_hardirq();
	EXPECT_EQ(1, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
}

static void *release_when_reported(void *blocker)
{
	COMES_TRUE(GET(log_hits));
	blocker_release(blocker);
	return NULL;
}

/* The control: an item of a thread cannot be waited for there. */
TEST(items_of_threads_are_reported)
{
	struct blocker blocker;
	pthread_t thread;

	blocker_start(&blocker, system_percpu_wq);
	log_count("while atomic");
	thread = start_thread(release_when_reported, &blocker);
	preempt_disable();
	cancel_work_sync(&blocker.work);
	preempt_enable();
	pthread_join(thread, NULL);
	EXPECT_LE(1, GET(log_hits));
	EXPECT_EQ(1, GET(blocker.runs));
	uwq_set_log_sink(NULL, NULL);
}

TEST_HARNESS_MAIN_CPUS(2)

// SPDX-License-Identifier: MIT
/*
 * Proves C97 and C98, layer one of U1: each call of the compat layer that may block tells
 * the engine, and tells it again when it goes on. A table of all of them: an item of a
 * per-CPU queue blocks in the call, and the item behind it runs meanwhile and sees that
 * the first one has said so itself. The sampler, which would notice too, leaves another
 * mark. After its release the call counts as running.
 *
 * Other threads look for a while whether a wait is over before they sleep; here for much
 * longer than this test waits for anything. A worker does not: it tells first.
 */
#include "cm_test.h"

#include <fcntl.h>

#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/kthread_worker.h>
#include <linux/mempool.h>
#include <linux/mutex.h>
#include <linux/percpu-rwsem.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/swait.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>
#include <uwq/blocking.h>

#include "kernel-compat/wait_spin.h"

static int released;	/* atomic: nothing has to wait any more */
static struct gate gate;	/* open: the same, for threads that no one shall see waiting */
static struct completion done;

static void nothing(void)
{
}

static void complete_done(void)
{
	complete_all(&done);
}

/* ---- locks ---- */

static DEFINE_MUTEX(mutex);
static void mutex_hold(void) { mutex_lock(&mutex); }
static void mutex_free(void) { mutex_unlock(&mutex); }
static void by_mutex(void) { mutex_lock(&mutex); mutex_unlock(&mutex); }
static void by_mutex_int(void) { if (!mutex_lock_interruptible(&mutex)) mutex_unlock(&mutex); }
static void by_mutex_kill(void) { if (!mutex_lock_killable(&mutex)) mutex_unlock(&mutex); }

static DECLARE_RWSEM(rwsem);
static void rwsem_hold(void) { down_write(&rwsem); }
static void rwsem_free(void) { up_write(&rwsem); }
static void rwsem_share(void) { down_read(&rwsem); }
static void rwsem_unshare(void) { up_read(&rwsem); }
static void by_down_read(void) { down_read(&rwsem); up_read(&rwsem); }
static void by_down_write(void) { down_write(&rwsem); up_write(&rwsem); }
static void by_down_read_int(void) { if (!down_read_interruptible(&rwsem)) up_read(&rwsem); }
static void by_down_write_kill(void) { if (!down_write_killable(&rwsem)) up_write(&rwsem); }

DEFINE_STATIC_PERCPU_RWSEM(pcpu_rwsem);
static void pcpu_hold(void) { percpu_down_write(&pcpu_rwsem); }
static void pcpu_free(void) { percpu_up_write(&pcpu_rwsem); }
static void by_pcpu_read(void) { percpu_down_read(&pcpu_rwsem); percpu_up_read(&pcpu_rwsem); }
static void by_pcpu_write(void) { percpu_down_write(&pcpu_rwsem); percpu_up_write(&pcpu_rwsem); }

static struct semaphore sem = __SEMAPHORE_INITIALIZER(sem, 0);
static void sem_free(void) { up(&sem); }
static void by_down(void) { down(&sem); }
static void by_down_int(void) { if (down_interruptible(&sem)) abort(); }
static void by_down_timeout(void) { while (down_timeout(&sem, HZ / 100)) ; }

/* ---- conditions ---- */

static DECLARE_WAIT_QUEUE_HEAD(queue);
static void queue_wake(void) { wake_up_all(&queue); }
static void by_wait_event(void) { wait_event(queue, GET(released)); }
static void by_wait_event_int(void) { wait_event_interruptible(queue, GET(released)); }
static void by_wait_event_to(void) { while (!wait_event_timeout(queue, GET(released), 10)) ; }

static void by_wait_event_hr(void)
{
	while (wait_event_interruptible_hrtimeout(queue, GET(released), ms_to_ktime(10)) == -ETIME)
		;
}

static DECLARE_SWAIT_QUEUE_HEAD(squeue);
static void squeue_wake(void) { swake_up_all(&squeue); }
static void by_swait(void) { swait_event_exclusive(squeue, GET(released)); }

static unsigned long word;
static void bit_take(void) { set_bit(3, &word); }
static void bit_drop(void) { clear_and_wake_up_bit(3, &word); }
static void by_bit(void) { wait_on_bit(&word, 3, TASK_UNINTERRUPTIBLE); }
static void by_var(void) { wait_var_event(&word, GET(released)); }
static void var_wake(void) { wake_up_var(&word); }

static void by_bit_lock(void)
{
	wait_on_bit_lock(&word, 3, TASK_UNINTERRUPTIBLE);
	clear_and_wake_up_bit(3, &word);
}

static void by_completion(void) { wait_for_completion(&done); }
static void by_completion_int(void) { if (wait_for_completion_interruptible(&done)) abort(); }
static void by_completion_to(void) { while (!wait_for_completion_timeout(&done, 10)) ; }

static struct task_struct *sleeper;	/* atomic */

static void by_schedule(void)
{
	SET(sleeper, current);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (GET(released))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void wake_sleeper(void)
{
	wake_up_process(GET(sleeper));
}

/* ---- time: again and again, until released ---- */

static void by_msleep(void) { while (!GET(released)) msleep(10); }
static void by_msleep_int(void) { while (!GET(released)) msleep_interruptible(10); }
static void by_usleep(void) { while (!GET(released)) usleep_range(5000, 6000); }
static void by_fsleep(void) { while (!GET(released)) fsleep(5000); }
static void by_timeout(void) { while (!GET(released)) schedule_timeout_uninterruptible(10); }
static void by_timeout_idle(void) { while (!GET(released)) schedule_timeout_idle(10); }

static void by_hrtimeout(void)
{
	while (!GET(released)) {
		ktime_t expires = ms_to_ktime(10);

		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_hrtimeout(&expires, HRTIMER_MODE_REL);
	}
}

/* ---- grace periods ---- */

static void rcu_hold(void) { rcu_read_lock(); }
static void rcu_free(void) { rcu_read_unlock(); }
static void by_rcu(void) { synchronize_rcu(); }

static struct rcu_head head;
static void rcu_callback(struct rcu_head *unused) { (void)unused; gate_wait(&gate); }
static void rcu_call(void) { call_rcu(&head, rcu_callback); }
static void by_rcu_barrier(void) { rcu_barrier(); }

DEFINE_STATIC_SRCU(srcu);
static int srcu_idx;
static void srcu_hold(void) { srcu_idx = srcu_read_lock(&srcu); }
static void srcu_free(void) { srcu_read_unlock(&srcu, srcu_idx); }
static void by_srcu(void) { synchronize_srcu(&srcu); }
static void srcu_call(void) { call_srcu(&srcu, &head, rcu_callback); }
static void by_srcu_barrier(void) { srcu_barrier(&srcu); }

/* ---- other threads ---- */

static struct task_struct *thread;
static struct gate thread_runs;

static int end_at_gate(void *unused)
{
	(void)unused;
	gate_open(&thread_runs);
	gate_wait(&gate);
	while (!kthread_should_stop())
		nap_us(1000);
	return 0;
}

static void thread_start(void)
{
	gate_close(&thread_runs);
	thread = kthread_run(end_at_gate, NULL, "slow");
	gate_wait(&thread_runs);
}

static void by_kthread_stop(void) { kthread_stop(thread); }

static struct kthread_worker *kworker;
static struct kthread_work kwork;
static struct gate kwork_runs;

static void kwork_func(struct kthread_work *unused)
{
	(void)unused;
	gate_open(&kwork_runs);
	gate_wait(&gate);
}

static void kwork_start(void)
{
	kworker = kthread_run_worker(0, "slow");
	kthread_init_work(&kwork, kwork_func);
	gate_close(&kwork_runs);
	kthread_queue_work(kworker, &kwork);
	gate_wait(&kwork_runs);
}

static void by_kthread_flush(void) { kthread_flush_work(&kwork); }
static void by_kthread_cancel(void) { kthread_cancel_work_sync(&kwork); }

static struct timer_list timer;
static struct gate timer_runs;

static void timer_func(struct timer_list *unused)
{
	(void)unused;
	gate_open(&timer_runs);
	gate_wait(&gate);
}

static void timer_start(void)
{
	gate_close(&timer_runs);
	timer_setup(&timer, timer_func, 0);
	mod_timer(&timer, jiffies);
	gate_wait(&timer_runs);
}

static void by_timer_delete(void) { timer_delete_sync(&timer); }

static struct hrtimer hrtimer;

static enum hrtimer_restart hrtimer_func(struct hrtimer *unused)
{
	(void)unused;
	gate_open(&timer_runs);
	gate_wait(&gate);
	return HRTIMER_NORESTART;
}

static void hrtimer_begin(void)
{
	gate_close(&timer_runs);
	hrtimer_setup(&hrtimer, hrtimer_func, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&hrtimer, 0, HRTIMER_MODE_REL);
	gate_wait(&timer_runs);
}

static void by_hrtimer_cancel(void) { hrtimer_cancel(&hrtimer); }

/* ---- other items ---- */

static struct workqueue_struct *other_wq;
static struct work_struct other;
static struct gate other_runs;

static void other_func(struct work_struct *unused)
{
	(void)unused;
	gate_open(&other_runs);
	gate_wait(&gate);
}

static void other_start(void)
{
	gate_close(&other_runs);
	other_wq = alloc_workqueue("other", WQ_UNBOUND, 0);
	INIT_WORK(&other, other_func);
	queue_work(other_wq, &other);
	gate_wait(&other_runs);
}

static void by_flush_work(void) { flush_work(&other); }
static void by_cancel_sync(void) { cancel_work_sync(&other); }
static void by_disable_sync(void) { disable_work_sync(&other); }
static void by_flush_wq(void) { flush_workqueue(other_wq); }
static void by_drain(void) { drain_workqueue(other_wq); }
static void by_destroy(void) { destroy_workqueue(other_wq); other_wq = NULL; }

static void other_end(void)
{
	gate_open(&gate);
}

static long wait_at_gate(void *unused)
{
	(void)unused;
	gate_wait(&gate);
	return 0;
}

static void by_work_on_cpu(void)
{
	work_on_cpu(1, wait_at_gate, NULL);
}

/* ---- memory, files, and calls of other libraries ---- */

static mempool_t *mempool;
static void *element;
static int exhausted;

static void *no_memory(gfp_t gfp, void *data)
{
	(void)data;
	return GET(exhausted) ? NULL : kmalloc(8, gfp);
}

static void mempool_take(void)
{
	SET(exhausted, 0);
	mempool = mempool_create(1, no_memory, mempool_kfree, NULL);
	SET(exhausted, 1);
	element = mempool_alloc(mempool, GFP_KERNEL);
}

static void mempool_give(void) { mempool_free(element, mempool); }
static void by_mempool(void) { mempool_free(mempool_alloc(mempool, GFP_KERNEL), mempool); }

static int fds[2];
static struct file *file;

static void pipe_open(void)
{
	char path[32];

	if (pipe(fds))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	file = filp_open(path, O_RDONLY, 0);
	if (IS_ERR(file))
		abort();
}

static void pipe_write(void)
{
	if (write(fds[1], "x", 1) != 1)
		abort();
}

static void by_kernel_read(void)
{
	char byte;

	kernel_read(file, &byte, 1, NULL);
	filp_close(file, NULL);
}

static void by_bracket(void)
{
	uwq_blocking_scope();
	gate_wait(&gate);
}

static void by_nested_brackets(void)
{
	uwq_blocking_begin();
	msleep(1);
	uwq_blocking_begin();
	uwq_blocking_end();
	gate_wait(&gate);
	uwq_blocking_end();
}

/* ---- the table ---- */

static const struct call {
	const char *name;
	void (*prepare)(void);
	void (*block)(void);
	void (*release)(void);
} calls[] = {
	{ "mutex_lock", mutex_hold, by_mutex, mutex_free },
	{ "mutex_lock_interruptible", mutex_hold, by_mutex_int, mutex_free },
	{ "mutex_lock_killable", mutex_hold, by_mutex_kill, mutex_free },
	{ "down_read", rwsem_hold, by_down_read, rwsem_free },
	{ "down_read_interruptible", rwsem_hold, by_down_read_int, rwsem_free },
	{ "down_write, writer", rwsem_hold, by_down_write, rwsem_free },
	{ "down_write, reader", rwsem_share, by_down_write, rwsem_unshare },
	{ "down_write_killable", rwsem_hold, by_down_write_kill, rwsem_free },
	{ "percpu_down_read", pcpu_hold, by_pcpu_read, pcpu_free },
	{ "percpu_down_write", pcpu_hold, by_pcpu_write, pcpu_free },
	{ "down", nothing, by_down, sem_free },
	{ "down_interruptible", nothing, by_down_int, sem_free },
	{ "down_timeout", nothing, by_down_timeout, sem_free },
	{ "wait_event", nothing, by_wait_event, queue_wake },
	{ "wait_event_interruptible", nothing, by_wait_event_int, queue_wake },
	{ "wait_event_timeout", nothing, by_wait_event_to, queue_wake },
	{ "wait_event_interruptible_hrtimeout", nothing, by_wait_event_hr, queue_wake },
	{ "swait_event_exclusive", nothing, by_swait, squeue_wake },
	{ "wait_on_bit", bit_take, by_bit, bit_drop },
	{ "wait_on_bit_lock", bit_take, by_bit_lock, bit_drop },
	{ "wait_var_event", nothing, by_var, var_wake },
	{ "wait_for_completion", nothing, by_completion, complete_done },
	{ "wait_for_completion_interruptible", nothing, by_completion_int, complete_done },
	{ "wait_for_completion_timeout", nothing, by_completion_to, complete_done },
	{ "schedule", nothing, by_schedule, wake_sleeper },
	{ "schedule_timeout", nothing, by_timeout, nothing },
	{ "schedule_timeout_idle", nothing, by_timeout_idle, nothing },
	{ "schedule_hrtimeout", nothing, by_hrtimeout, nothing },
	{ "msleep", nothing, by_msleep, nothing },
	{ "msleep_interruptible", nothing, by_msleep_int, nothing },
	{ "usleep_range", nothing, by_usleep, nothing },
	{ "fsleep", nothing, by_fsleep, nothing },
	{ "synchronize_rcu", rcu_hold, by_rcu, rcu_free },
	{ "rcu_barrier", rcu_call, by_rcu_barrier, nothing },
	{ "synchronize_srcu", srcu_hold, by_srcu, srcu_free },
	{ "srcu_barrier", srcu_call, by_srcu_barrier, nothing },
	{ "kthread_stop", thread_start, by_kthread_stop, nothing },
	{ "kthread_flush_work", kwork_start, by_kthread_flush, nothing },
	{ "kthread_cancel_work_sync", kwork_start, by_kthread_cancel, nothing },
	{ "timer_delete_sync", timer_start, by_timer_delete, nothing },
	{ "hrtimer_cancel", hrtimer_begin, by_hrtimer_cancel, nothing },
	{ "flush_work", other_start, by_flush_work, other_end },
	{ "cancel_work_sync", other_start, by_cancel_sync, other_end },
	{ "disable_work_sync", other_start, by_disable_sync, other_end },
	{ "flush_workqueue", other_start, by_flush_wq, other_end },
	{ "drain_workqueue", other_start, by_drain, other_end },
	{ "destroy_workqueue", other_start, by_destroy, other_end },
	{ "work_on_cpu", nothing, by_work_on_cpu, nothing },
	{ "mempool_alloc", mempool_take, by_mempool, mempool_give },
	{ "kernel_read", pipe_open, by_kernel_read, pipe_write },
	{ "uwq_blocking_scope", nothing, by_bracket, nothing },
	{ "nested brackets", nothing, by_nested_brackets, nothing },
};

/* ---- one call ---- */

static const struct call *call;
static struct worker *blocked;	/* atomic */
static int behind_saw;		/* atomic: the mark of one that has said itself that it blocks */

static void block_func(struct work_struct *work)
{
	(void)work;
	SET(blocked, this_worker);
	call->block();
}

static unsigned int marks(void)
{
	struct worker *worker = GET(blocked);

	return UNDER_POOL_LOCK(worker->pool, worker->flags & (WORKER_BLOCKED | WORKER_ASLEEP));
}

static void behind_func(struct work_struct *work)
{
	long until = now_ms() + 2000;

	(void)work;
	while (marks() != WORKER_BLOCKED && now_ms() < until)
		;
	SET(behind_saw, marks() == WORKER_BLOCKED ? 1 : -1);
}

static void check_call(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	struct work_struct block, behind;

	SET(released, 0);
	SET(behind_saw, 0);
	gate_close(&gate);
	init_completion(&done);
	call->prepare();
	INIT_WORK(&block, block_func);
	INIT_WORK(&behind, behind_func);
	queue_work_on(0, wq, &block);
	queue_work_on(0, wq, &behind);
	EXPECT_TRUE(COMES_TRUE(GET(behind_saw)));
	if (GET(behind_saw) != 1)
		TH_LOG("%s did not tell that it blocks", call->name);
	EXPECT_EQ(1, GET(behind_saw));
	if (!(work_busy(&block) & WORK_BUSY_RUNNING))
		TH_LOG("%s is over", call->name);
	EXPECT_TRUE(work_busy(&block) & WORK_BUSY_RUNNING);
	SET(released, 1);
	gate_open(&gate);
	call->release();
	flush_workqueue(wq);
	if (other_wq)
		destroy_workqueue(other_wq);
	other_wq = NULL;
	if (kworker)
		kthread_destroy_worker(kworker);
	kworker = NULL;
	if (mempool)
		mempool_destroy(mempool);
	mempool = NULL;
	EXPECT_EQ(0, count_error(pool_of(wq)));
}

TEST(next_item_starts_and_sees_it)
{
	struct workqueue_struct *wq = alloc_workqueue("block", WQ_PERCPU, 0);
	unsigned int spin_us = uwq_spin_us;

	if (KS_DELAYS)
		SKIP(return, "who has not blocked yet sleeps");
	without_hogs();
	WRITE_ONCE(uwq_spin_us, 30000000);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		call = &calls[i];
		check_call(_metadata, wq);
	}
	WRITE_ONCE(uwq_spin_us, spin_us);
	TH_LOG("%zu calls", ARRAY_SIZE(calls));
	destroy_workqueue(wq);
}

/* What busy-waits keeps its turn: nobody says anything, and nobody sleeps. */
static int order[2], nr_order;

static void delay_func(struct work_struct *work)
{
	(void)work;
	mdelay(20);
	udelay(100);
	ndelay(100);
	order[nr_order++] = 1;
}

static void after_func(struct work_struct *work)
{
	(void)work;
	order[nr_order++] = 2;
}

TEST(delays_keep_their_turn)
{
	struct workqueue_struct *wq = alloc_workqueue("delay", WQ_PERCPU, 0);
	struct work_struct delay, after;

	without_hogs();
	INIT_WORK(&delay, delay_func);
	INIT_WORK(&after, after_func);
	queue_work_on(0, wq, &delay);
	queue_work_on(0, wq, &after);
	destroy_workqueue(wq);
	EXPECT_EQ(1, order[0]);
	EXPECT_EQ(2, order[1]);
}

/* ---- brackets that do not match ---- */

static void leave_open(struct work_struct *work)
{
	(void)work;
	uwq_blocking_begin();
	uwq_blocking_begin();
}

static int depth_seen;

static void see_depth(struct work_struct *work)
{
	(void)work;
	depth_seen = (int)uwq_thread.in_block;
}

TEST(open_bracket_is_closed_behind_the_function)
{
	struct workqueue_struct *wq = alloc_workqueue("open", WQ_PERCPU, 0);
	struct work_struct open, next;
	struct counter behind;

	log_count("leave_open returned inside 2 uwq_blocking_begin");
	INIT_WORK(&open, leave_open);
	INIT_WORK(&next, see_depth);
	counter_init(&behind);
	for (int i = 1; i <= 3; i++) {
		queue_work_on(0, wq, &open);
		queue_work_on(0, wq, &behind.work);
		flush_workqueue(wq);
		EXPECT_EQ(i, GET(log_hits));
		EXPECT_EQ(0, count_error(pool_of(wq)));
	}
	queue_work_on(0, wq, &next);
	flush_work(&next);
	EXPECT_EQ(0, depth_seen);
	EXPECT_TRUE(COMES_TRUE(!UNDER_POOL_LOCK(pool_of(wq), pool_of(wq)->nr_running)));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)

// SPDX-License-Identifier: MIT
/*
 * Proves U25 and catches B40 where locks and kthreads take part: mutexes, also in whatever
 * order the two sides come; rw_semaphores held by a writer or by a reader who is alone,
 * percpu ones too; kthreads that are stopped, parked or flushed. Circles in which no item
 * takes part are found as well.
 */
#include "deadlock_test.h"

#include <linux/kthread.h>
#include <linux/kthread_worker.h>
#include <linux/mutex.h>
#include <linux/percpu-rwsem.h>
#include <linux/rwsem.h>

static struct workqueue_struct *wq;
static struct work_struct item;
static struct completion inside;
static DEFINE_MUTEX(lock);
static DEFINE_MUTEX(other_lock);
static DECLARE_RWSEM(sem);
static DEFINE_PERCPU_RWSEM(percpu_sem);

static void set_up(void)
{
	listen(20);
	wq = alloc_workqueue("alpha", WQ_UNBOUND, 0);
	init_completion(&inside);
}

static void queue_and_wait_till_inside(work_func_t func)
{
	INIT_WORK(&item, func);
	queue_work(wq, &item);
	wait_for_completion(&inside);
}

/* Some thread sleeps for @lock by now. */
static bool someone_waits_for(const void *wanted)
{
	struct task_struct *task;
	struct uwq_task_wait wait;

	for (unsigned int i = 0; (task = task_by_index(i)); i++)
		if (task_wait_read(task, &wait) && wait.object == wanted)
			return true;
	return false;
}

/* ---- locks that an item wants ---- */

static void take_mutex(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	mutex_lock(&lock);
}

static void take_mutex_killable(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	if (mutex_lock_killable(&lock))
		return;
}

static void take_to_read(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	down_read(&sem);
}

static void take_to_write(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	down_write(&sem);
}

static void take_percpu(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	percpu_down_read(&percpu_sem);
}

static void hold_mutex(void)
{
	mutex_lock(&lock);
}

static void hold_for_reading(void)
{
	down_read(&sem);
}

static void hold_for_writing(void)
{
	down_write(&sem);
}

static void hold_downgraded(void)
{
	down_write(&sem);
	downgrade_write(&sem);
}

static void hold_percpu(void)
{
	percpu_down_write(&percpu_sem);
}

FIXTURE(lock) {
};

FIXTURE_VARIANT(lock) {
	work_func_t func;
	void (*hold)(void);
	const void *lock;
	const char *said;
};

FIXTURE_VARIANT_ADD(lock, mutex) {
	.func = take_mutex, .hold = hold_mutex, .lock = &lock, .said = "mutex",
};
FIXTURE_VARIANT_ADD(lock, killable) {
	.func = take_mutex_killable, .hold = hold_mutex, .lock = &lock, .said = "mutex",
};
FIXTURE_VARIANT_ADD(lock, writer_holds_reader_wants) {
	.func = take_to_read, .hold = hold_for_writing, .lock = &sem, .said = "(down_read)",
};
FIXTURE_VARIANT_ADD(lock, writer_holds_writer_wants) {
	.func = take_to_write, .hold = hold_for_writing, .lock = &sem, .said = "(down_write)",
};
FIXTURE_VARIANT_ADD(lock, reader_holds_writer_wants) {
	.func = take_to_write, .hold = hold_for_reading, .lock = &sem, .said = "(down_write)",
};
FIXTURE_VARIANT_ADD(lock, downgraded) {
	.func = take_to_write, .hold = hold_downgraded, .lock = &sem, .said = "(down_write)",
};
FIXTURE_VARIANT_ADD(lock, percpu) {
	.func = take_percpu, .hold = hold_percpu, .lock = &percpu_sem, .said = "(down_read)",
};

FIXTURE_SETUP(lock)
{
	set_up();
}

FIXTURE_TEARDOWN(lock)
{
}

struct holder {
	void (*hold)(void);
	work_func_t func;
	const void *lock;
	bool late;		/* the item sleeps before its waiter comes */
};

static void *hold_and_flush(void *arg)
{
	struct holder *holder = arg;

	holder->hold();
	queue_and_wait_till_inside(holder->func);
	if (holder->late)
		COMES_TRUE(someone_waits_for(holder->lock));
	flush_work(&item);
	return NULL;
}

static void expect_two(struct __test_metadata *_metadata, const void *wanted, const char *name)
{
	EXPECT_CIRCLE(2);
	EXPECT_LINE("is in flush_work()", ", which is run by");
	EXPECT_LINE(name, ", held by");
	EXPECT_LINE("which runs take_", AT(strchr(name, '(') ? "rw_semaphore" : "mutex", wanted));
	nap_us(100000);
	EXPECT_EQ(1, GET(nr_said));
}

TEST_F(lock, held_around_a_flush)
{
	struct holder holder = { variant->hold, variant->func, variant->lock, false };

	start_thread(hold_and_flush, &holder);
	expect_two(_metadata, variant->lock, variant->said);
}

TEST_F(lock, waited_for_before_the_flush_begins)
{
	struct holder holder = { variant->hold, variant->func, variant->lock, true };

	start_thread(hold_and_flush, &holder);
	expect_two(_metadata, variant->lock, variant->said);
}

/* Nobody can tell who of two readers it is, so nothing is said: no guess. */
static void *read_too(void *arg)
{
	down_read(&sem);
	complete(arg);
	return NULL;
}

TEST(two_readers_are_not_told_apart)
{
	struct holder holder = { hold_for_reading, take_to_write, &sem, true };
	struct completion reading;

	set_up();
	init_completion(&reading);
	pthread_join(start_thread(read_too, &reading), NULL);
	start_thread(hold_and_flush, &holder);
	nap_us(300000);
	EXPECT_EQ(0, GET(nr_said));
}

/* ---- circles without items ---- */

static struct completion both[2];

static void *lock_this_then_that(void *arg)
{
	bool first = arg != NULL;

	mutex_lock(first ? &lock : &other_lock);
	complete(&both[first]);
	wait_for_completion(&both[!first]);
	mutex_lock(first ? &other_lock : &lock);
	return NULL;
}

TEST(two_mutexes_taken_in_opposite_order)
{
	set_up();
	init_completion(&both[0]);
	init_completion(&both[1]);
	start_thread(lock_this_then_that, NULL);
	start_thread(lock_this_then_that, both);
	EXPECT_CIRCLE(2);
	EXPECT_LINE(AT("mutex", &lock), "held by");
	EXPECT_LINE(AT("mutex", &other_lock), "held by");
	nap_us(200000);
	EXPECT_EQ(1, GET(nr_said));
}

static void *lock_twice(void *arg)
{
	(void)arg;
	mutex_lock(&lock);
	mutex_lock(&lock);
	return NULL;
}

TEST(mutex_taken_twice)
{
	set_up();
	start_thread(lock_twice, NULL);
	EXPECT_CIRCLE(1);
	EXPECT_LINE(AT("mutex", &lock), "held by [1]");
}

/* ---- kthreads ---- */

static struct task_struct *kthread;

static int flush_the_item(void *arg)
{
	(void)arg;
	flush_work(&item);
	return 0;
}

static int flush_then_park(void *arg)
{
	flush_the_item(arg);
	kthread_parkme();
	return 0;
}

static void *stop_with_lock_held(void *arg)
{
	mutex_lock(&lock);
	queue_and_wait_till_inside(take_mutex);
	if (arg) {
		kthread = kthread_run(flush_then_park, NULL, "waits");
		COMES_TRUE(someone_waits_for(&item));
		kthread_park(kthread);
		return NULL;
	}
	kthread = kthread_run(flush_the_item, NULL, "waits");
	COMES_TRUE(someone_waits_for(&item));
	kthread_stop(kthread);
	return NULL;
}

TEST(kthread_is_stopped_by_who_holds_what_it_waits_for)
{
	set_up();
	start_thread(stop_with_lock_held, NULL);
	EXPECT_CIRCLE(3);
	EXPECT_LINE("is in kthread_stop()", "which needs");
	EXPECT_LINE(" waits/", "is in flush_work()");
	EXPECT_LINE("take_mutex", "held by");
}

TEST(kthread_is_parked_by_who_holds_what_it_waits_for)
{
	set_up();
	start_thread(stop_with_lock_held, &kthread);
	EXPECT_CIRCLE(3);
	EXPECT_LINE("is in kthread_park()", "which needs");
}

static struct kthread_worker *worker;
static struct kthread_work kwork;

static void flush_from_kwork(struct kthread_work *work)
{
	(void)work;
	complete(&inside);
	COMES_TRUE(someone_waits_for(worker) || someone_waits_for(&kwork));
	flush_work(&item);
}

static void flush_kthread_worker(struct work_struct *work)
{
	(void)work;
	kthread_flush_worker(worker);
}

static void flush_kthread_work(struct work_struct *work)
{
	(void)work;
	kthread_flush_work(&kwork);
}

static void cancel_kthread_work(struct work_struct *work)
{
	(void)work;
	kthread_cancel_work_sync(&kwork);
}

FIXTURE(kwork) {
};

FIXTURE_VARIANT(kwork) {
	work_func_t func;
	const char *name;
};

FIXTURE_VARIANT_ADD(kwork, flush_worker) {
	.func = flush_kthread_worker, .name = "kthread_flush_worker()",
};
FIXTURE_VARIANT_ADD(kwork, flush_work) {
	.func = flush_kthread_work, .name = "kthread_flush_work()",
};
FIXTURE_VARIANT_ADD(kwork, cancel) {
	.func = cancel_kthread_work, .name = "kthread_cancel_work_sync()",
};

FIXTURE_SETUP(kwork)
{
	set_up();
	worker = kthread_run_worker(0, "kworks");
	kthread_init_work(&kwork, flush_from_kwork);
}

FIXTURE_TEARDOWN(kwork)
{
}

TEST_F(kwork, of_which_one_waits_for_the_item_that_waits_for_it)
{
	kthread_queue_work(worker, &kwork);
	wait_for_completion(&inside);
	INIT_WORK(&item, variant->func);
	queue_work(wq, &item);
	EXPECT_CIRCLE(2);
	EXPECT_LINE(variant->name, "which needs");
	EXPECT_LINE(" kworks/", "is in flush_work()");
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * U11, B71: a work function, a bottom half, a timer's or an RCU callback may fork, and so
 * may several threads at once, a thread in an RCU reader, and the sink of the log. The
 * child goes on inside the function, can queue and flush, also its own item, and exits
 * with status 0 when the function returns or ends its thread.
 */
#include "fork_test.h"

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/timer.h>

static struct workqueue_struct *wq, *other;
static struct counter counter;
static struct work_struct forking;
static bool is_child, may_flush, ends_thread;
static int forker_runs;			/* atomic */
static pid_t child;			/* atomic */

static void set_up(void)
{
	wq = alloc_workqueue("test", WQ_UNBOUND, 1);
	other = alloc_workqueue("other", WQ_PERCPU, 0);
	counter_init(&counter);
}

/* Fork once; the child queues, and then returns from here, as the parent does. */
static void fork_here(void)
{
	pid_t pid;

	if (is_child || GET(child))
		return;
	pid = fork();
	if (pid) {
		SET(child, pid);
		return;
	}
	is_child = true;
	uwq_test_fail_thread(0, 0);
	alarm(2 * CHILD_SECONDS);
	failed_line = 0;
	CHECK(queue_work(other, &counter.work));
	if (!may_flush) {
		CHECK(COMES_TRUE(GET(counter.runs) == 1));
		goto out;
	}
	flush_workqueue(other);
	CHECK(GET(counter.runs) == 1);
	/* the queue on which the function ran in the parent, and its item */
	CHECK_USABLE(wq, &counter.work, counter.runs);
	CHECK_USABLE(wq, &forking, forker_runs);
	drain_workqueue(wq);
	CHECK(!current_work());
out:
	if (failed_line)
		_exit(1);
	if (ends_thread)
		pthread_exit(NULL);
}

static int child_outcome(void)
{
	if (!COMES_TRUE(GET(child)))
		return -3;
	return outcome(GET(child));
}

static void forking_func(struct work_struct *work)
{
	(void)work;
	ADD(forker_runs, 1);
	fork_here();
}

TEST(work_function)
{
	set_up();
	may_flush = true;
	INIT_WORK(&forking, forking_func);
	queue_work(wq, &forking);
	EXPECT_ENDS_WELL(child_outcome());
	flush_work(&forking);
	EXPECT_EQ(1, GET(forker_runs));
	/* the worker goes on in the parent */
	queue_work(wq, &forking);
	flush_workqueue(wq);
	EXPECT_EQ(2, GET(forker_runs));
	EXPECT_EQ(0, GET(counter.runs));
}

TEST(work_function_that_ends_the_thread_of_the_child)
{
	set_up();
	may_flush = true;
	ends_thread = true;
	INIT_WORK(&forking, forking_func);
	queue_work(wq, &forking);
	EXPECT_ENDS_WELL(child_outcome());
	flush_work(&forking);
	EXPECT_EQ(1, GET(forker_runs));
}

static struct workqueue_struct *reclaim;

TEST(function_run_by_a_rescuer)
{
	set_up();
	may_flush = true;
	INIT_WORK(&forking, forking_func);
	reclaim = alloc_workqueue("reclaim", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	ASSERT_TRUE(reclaim != NULL);
	uwq_test_fail_thread(1, -1);
	queue_work(reclaim, &forking);
	EXPECT_ENDS_WELL(child_outcome());
	uwq_test_fail_thread(0, 0);
	flush_work(&forking);
	EXPECT_EQ(1, GET(forker_runs));
}

TEST(bottom_half)
{
	set_up();
	INIT_WORK(&forking, forking_func);
	queue_work(system_bh_wq, &forking);
	EXPECT_ENDS_WELL(child_outcome());
	flush_work(&forking);
	EXPECT_EQ(1, GET(forker_runs));
	queue_work(system_bh_wq, &forking);
	flush_work(&forking);
	EXPECT_EQ(2, GET(forker_runs));
}

static void timer_fn(struct timer_list *timer)
{
	(void)timer;
	fork_here();
	ADD(forker_runs, 1);
}

TEST(timer)
{
	DEFINE_TIMER(timer, timer_fn);

	set_up();
	mod_timer(&timer, jiffies + 1);
	EXPECT_ENDS_WELL(child_outcome());
	EXPECT_TRUE(COMES_TRUE(GET(forker_runs) == 1));
	mod_timer(&timer, jiffies + 1);
	EXPECT_TRUE(COMES_TRUE(GET(forker_runs) == 2));
	timer_delete_sync(&timer);
}

static enum hrtimer_restart hrtimer_fn(struct hrtimer *timer)
{
	(void)timer;
	fork_here();
	ADD(forker_runs, 1);
	return HRTIMER_NORESTART;
}

TEST(hrtimer)
{
	static struct hrtimer timer;

	set_up();
	hrtimer_setup(&timer, hrtimer_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&timer, 1000000, HRTIMER_MODE_REL);
	EXPECT_ENDS_WELL(child_outcome());
	EXPECT_TRUE(COMES_TRUE(GET(forker_runs) == 1));
	hrtimer_cancel(&timer);
}

static void rcu_fn(struct rcu_head *head)
{
	(void)head;
	fork_here();
	ADD(forker_runs, 1);
}

TEST(rcu_callback)
{
	static struct rcu_head head;

	set_up();
	call_rcu(&head, rcu_fn);
	EXPECT_ENDS_WELL(child_outcome());
	rcu_barrier();
	EXPECT_EQ(1, GET(forker_runs));
}

/* ---- many at once ---- */

static void use_item(void)
{
	CHECK_USABLE(other, &counter.work, counter.runs);
}

static void *fork_a_lot(void *arg)
{
	int *bad = arg;

	for (int i = 0; i < ROUNDS(50); i++)
		if (IN_CHILD(use_item))
			ADD(*bad, 1);
	return NULL;
}

TEST(several_threads_fork_at_once)
{
	int bad = 0;

	set_up();
	run_threads(8, fork_a_lot, &bad);
	EXPECT_EQ(0, GET(bad));
}

/* ---- readers ---- */

static bool stop;	/* atomic */

static void *synchronize(void *arg)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct workqueue_struct *ordered = alloc_ordered_workqueue("ordered", 0);

	(void)arg;
	while (!GET(stop)) {
		attrs->nice = !attrs->nice;
		/* waits for a grace period under both mutexes */
		apply_workqueue_attrs(ordered, attrs);
		synchronize_rcu();
	}
	destroy_workqueue(ordered);
	free_workqueue_attrs(attrs);
	return NULL;
}

static void leave_and_use(void)
{
	CHECK(rcu_read_lock_held());
	rcu_read_unlock();
	synchronize_rcu();
	use_item();
}

TEST(a_reader_forks_while_others_wait_for_readers)
{
	pthread_t threads[2];

	set_up();
	log_count("the reader was interrupted");
	for (int i = 0; i < 2; i++)
		threads[i] = start_thread(synchronize, NULL);
	for (int i = 0; i < ROUNDS(200); i++) {
		rcu_read_lock();
		EXPECT_EQ(0, IN_CHILD(leave_and_use));
		EXPECT_TRUE(rcu_read_lock_held());
		rcu_read_unlock();
	}
	SET(stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* ---- in the middle of a call ---- */

static int sink_outcome = -5;	/* atomic */

static void forking_sink(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)text;
	(void)len;
	(void)arg;
	if (!is_child)
		SET(sink_outcome, IN_CHILD(use_item));
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

/* A warning from the middle of queue_work(): the forking thread is in a section itself. */
TEST(sink_of_the_log_inside_a_section)
{
	struct work_struct linked;
	LIST_HEAD(list);

	set_up();
	INIT_WORK(&linked, nothing);
	list_add(&linked.entry, &list);
	uwq_set_log_sink(forking_sink, NULL);
	queue_work(wq, &linked);
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(0, GET(sink_outcome));
}

/* The next one is about the mutex of a queue that the forking thread holds. */
static void use_held_queue(void)
{
	CHECK(mutex_is_locked(&wq->mutex));
	mutex_unlock(&wq->mutex);
	CHECK_USABLE(wq, &counter.work, counter.runs);
	flush_workqueue(wq);
	use_item();
}

TEST(with_a_mutex_of_the_library_held)
{
	set_up();
	mutex_lock(&wq->mutex);
	EXPECT_EQ(0, IN_CHILD(use_held_queue));
	EXPECT_TRUE(mutex_is_locked(&wq->mutex));
	mutex_unlock(&wq->mutex);
	flush_workqueue(wq);
}

TEST_HARNESS_MAIN

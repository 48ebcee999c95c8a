// SPDX-License-Identifier: MIT
/*
 * Proves U25 and catches B40: waits of items and for items and queues that cannot end are
 * reported, once, with every task on the way, what it runs and what it waits for, in
 * order: items that flush or cancel each other, items that are held back by who waits for
 * them, flush, drain and destroy with a mutex held that an item needs. The wait goes on,
 * and ends if somebody from outside helps.
 */
#include "deadlock_test.h"

#include <linux/mutex.h>

/* The thread sanitizer does not like threads in a child; here they are what is tested. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}

static struct workqueue_struct *alpha, *beta;
static DEFINE_MUTEX(lock);
static struct work_struct item_a, item_b, item_c;
static struct completion ready_a, ready_b, ready_c, all_ready;
static int returned;	/* atomic: waits that ended */

static void set_up(void)
{
	listen(20);
	alpha = alloc_workqueue("alpha", WQ_PERCPU, 0);
	beta = alloc_workqueue("beta", WQ_UNBOUND, 0);
	init_completion(&ready_a);
	init_completion(&ready_b);
	init_completion(&ready_c);
	init_completion(&all_ready);
}

/* Say that one runs, and go on when all do. */
static void meet(struct completion *ready)
{
	complete(ready);
	wait_for_completion(&all_ready);
}

static void a_flushes_b(struct work_struct *work)
{
	(void)work;
	meet(&ready_a);
	flush_work(&item_b);
	ADD(returned, 1);
}

static void b_flushes_a(struct work_struct *work)
{
	(void)work;
	meet(&ready_b);
	flush_work(&item_a);
	ADD(returned, 1);
}

static void start_two(work_func_t a, work_func_t b)
{
	INIT_WORK(&item_a, a);
	INIT_WORK(&item_b, b);
	queue_work_on(0, alpha, &item_a);
	queue_work(beta, &item_b);
	wait_for_completion(&ready_a);
	wait_for_completion(&ready_b);
	complete_all(&all_ready);
}

/* ---- items that wait for each other ---- */

TEST(two_items_flush_each_other)
{
	unsigned long warned = uwq_warn_count();

	set_up();
	start_two(a_flushes_b, b_flushes_a);
	EXPECT_CIRCLE(2);
	EXPECT_LINE("a_flushes_b", "is in flush_work()");
	EXPECT_LINE("of wq alpha", "(b_flushes_a) on wq beta");
	EXPECT_LINE("of wq beta", "(a_flushes_b) on wq alpha");
	EXPECT_LINE("kworker/0:", "which is run by");
	EXPECT_LINE("kworker/u", AT("item", &item_b));
	EXPECT_LINE("kworker/u", AT("item", &item_a));
	/* both go on looking, and find what has been said */
	nap_us(300000);
	EXPECT_EQ(1, GET(nr_said));
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_EQ(0, GET(returned));
}

static void flush_queue_b(struct work_struct *work)
{
	(void)work;
	meet(&ready_a);
	flush_workqueue(beta);
	ADD(returned, 1);
}

static void flush_queue_a(struct work_struct *work)
{
	(void)work;
	meet(&ready_b);
	drain_workqueue(alpha);
	ADD(returned, 1);
}

TEST(two_items_flush_each_others_queue)
{
	set_up();
	start_two(flush_queue_b, flush_queue_a);
	EXPECT_CIRCLE(2);
	EXPECT_LINE("flush_queue_b", "is in flush_workqueue() of wq beta");
	EXPECT_LINE("flush_queue_a", "is in drain_workqueue() of wq alpha");
	nap_us(300000);
	EXPECT_EQ(1, GET(nr_said));
	EXPECT_EQ(0, GET(returned));
}

static void a_locks_and_flushes_b(struct work_struct *work)
{
	(void)work;
	mutex_lock(&lock);
	meet(&ready_a);
	flush_work(&item_b);
}

static void b_cancels_c(struct work_struct *work)
{
	(void)work;
	meet(&ready_b);
	cancel_work_sync(&item_c);
}

static void c_locks(struct work_struct *work)
{
	(void)work;
	meet(&ready_c);
	mutex_lock(&lock);
}

TEST(circle_of_flush_cancel_and_mutex)
{
	set_up();
	INIT_WORK(&item_c, c_locks);
	queue_work(beta, &item_c);
	wait_for_completion(&ready_c);
	start_two(a_locks_and_flushes_b, b_cancels_c);
	EXPECT_CIRCLE(3);
	EXPECT_LINE("a_locks_and_flushes_b", "flush_work()");
	EXPECT_LINE("b_cancels_c", "cancel_work_sync()");
	EXPECT_LINE("c_locks", AT("waits for mutex", &lock));
	EXPECT_LINE("c_locks", "held by");
	nap_us(200000);
	EXPECT_EQ(1, GET(nr_said));
}

/* One who only waits for those in the circle keeps silent, and so do all that come later. */
TEST(a_bystander_says_nothing_more)
{
	static struct work_struct bystander;

	set_up();
	start_two(a_flushes_b, b_flushes_a);
	EXPECT_CIRCLE(2);
	INIT_WORK(&bystander, a_flushes_b);
	queue_work(beta, &bystander);
	nap_us(300000);
	EXPECT_EQ(1, GET(nr_said));
}

static void *flush_c_with_lock(void *arg)
{
	(void)arg;
	mutex_lock(&lock);
	INIT_WORK(&item_c, c_locks);
	queue_work(beta, &item_c);
	wait_for_completion(&ready_c);
	flush_work(&item_c);
	return NULL;
}

TEST(each_deadlock_is_reported)
{
	set_up();
	start_two(a_flushes_b, b_flushes_a);
	EXPECT_CIRCLE(2);
	listen(20);
	start_thread(flush_c_with_lock, NULL);
	EXPECT_CIRCLE(2);
	EXPECT_LINE("c_locks", "waits for mutex");
	nap_us(200000);
	EXPECT_EQ(1, GET(nr_said));
}

/* ---- items without a slot ---- */

static void flush_b(struct work_struct *work)
{
	(void)work;
	meet(&ready_a);
	flush_work(&item_b);
	ADD(returned, 1);
}

static void do_nothing(struct work_struct *work)
{
	(void)work;
}

static void take_lock(struct work_struct *work)
{
	(void)work;
	complete(&ready_a);
	mutex_lock(&lock);
	mutex_unlock(&lock);
}

FIXTURE(narrow) {
};

FIXTURE_VARIANT(narrow) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(narrow, per_cpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(narrow, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(narrow, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED };

FIXTURE_SETUP(narrow)
{
	set_up();
	alpha = alloc_workqueue("alpha", variant->flags, 1);
	ASSERT_NOT_NULL(alpha);
	INIT_WORK(&item_b, do_nothing);
}

FIXTURE_TEARDOWN(narrow)
{
	destroy_workqueue(alpha);
}

TEST_F(narrow, item_held_back_by_who_flushes_it)
{
	INIT_WORK(&item_a, flush_b);
	queue_work_on(0, alpha, &item_a);
	queue_work_on(0, alpha, &item_b);
	complete_all(&all_ready);
	EXPECT_CIRCLE(1);
	EXPECT_LINE("flush_b", "(do_nothing) on wq alpha, held back by");
	EXPECT_EQ(0, GET(returned));
	/* the wait goes on, and ends when the item is taken back */
	EXPECT_TRUE(cancel_work(&item_b));
	EXPECT_TRUE(COMES_TRUE(GET(returned)));
	EXPECT_EQ(1, GET(nr_said));
}

static void *cancel_when_said(void *arg)
{
	(void)arg;
	COMES_TRUE(GET(nr_said));
	cancel_work(&item_b);
	return NULL;
}

TEST_F(narrow, item_held_back_by_who_needs_the_flushers_lock)
{
	pthread_t helper;

	INIT_WORK(&item_a, take_lock);
	mutex_lock(&lock);
	queue_work_on(0, alpha, &item_a);
	wait_for_completion(&ready_a);
	queue_work_on(0, alpha, &item_b);
	helper = start_thread(cancel_when_said, NULL);
	flush_work(&item_b);
	mutex_unlock(&lock);
	pthread_join(helper, NULL);
	EXPECT_CIRCLE(2);
	EXPECT_LINE("take_lock", "waits for mutex");
	EXPECT_LINE("(do_nothing)", "held back by");
}

/* Two slots, and both are taken by items that wait for a third one: a knot. */
static bool c_is_queued;	/* atomic: that call is over */

static void flush_c(struct work_struct *work)
{
	(void)work;
	complete(&ready_b);
	while (!GET(c_is_queued))
		nap_us(100);
	flush_work(&item_c);
	ADD(returned, 1);
}

static void flush_c_too(struct work_struct *work)
{
	flush_c(work);
}

static void sleep_until_all_ready(struct work_struct *work)
{
	(void)work;
	meet(&ready_b);
}

static void fill_two_slots(work_func_t second)
{
	alpha = alloc_workqueue("alpha", WQ_UNBOUND, 2);
	INIT_WORK(&item_a, flush_c);
	INIT_WORK(&item_b, second);
	INIT_WORK(&item_c, do_nothing);
	queue_work(alpha, &item_b);
	wait_for_completion(&ready_b);
	queue_work(alpha, &item_a);
	queue_work(alpha, &item_c);
	SET(c_is_queued, true);
	wait_for_completion(&ready_b);
}

TEST(all_slots_are_taken_by_those_who_wait_for_one)
{
	set_up();
	fill_two_slots(flush_c_too);
	EXPECT_TRUE(COMES_TRUE(GET(nr_said)));
	EXPECT_LINE("flush_c (item", "held back by");
	EXPECT_LINE("flush_c_too (item", "held back by");
	nap_us(200000);
	EXPECT_EQ(1, GET(nr_said));
	EXPECT_EQ(0, GET(returned));
	workqueue_set_max_active(alpha, 3);
	EXPECT_TRUE(COMES_TRUE(GET(returned) == 2));
}

TEST(one_slot_that_will_be_free_is_enough)
{
	set_up();
	fill_two_slots(sleep_until_all_ready);
	nap_us(300000);
	EXPECT_EQ(0, GET(nr_said));
	complete_all(&all_ready);
	EXPECT_TRUE(COMES_TRUE(GET(returned)));
}

/* ---- queues ---- */

static void *call_with_lock_held(void *call)
{
	void (*fn)(struct workqueue_struct *) = call;

	mutex_lock(&lock);
	queue_work(alpha, &item_a);
	wait_for_completion(&ready_a);
	fn(alpha);
	return NULL;
}

static void flush(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
}

FIXTURE(queue) {
};

FIXTURE_VARIANT(queue) {
	void (*call)(struct workqueue_struct *wq);
	const char *name;
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, flush) {
	.call = flush, .name = "flush_workqueue()", .flags = WQ_PERCPU,
};
FIXTURE_VARIANT_ADD(queue, drain) {
	.call = drain_workqueue, .name = "drain_workqueue()", .flags = WQ_UNBOUND,
};
FIXTURE_VARIANT_ADD(queue, destroy) {
	.call = destroy_workqueue, .name = "destroy_workqueue()", .flags = WQ_PERCPU,
};

FIXTURE_SETUP(queue)
{
	set_up();
	alpha = alloc_workqueue("alpha", variant->flags, 0);
	ASSERT_NOT_NULL(alpha);
	INIT_WORK(&item_a, take_lock);
}

FIXTURE_TEARDOWN(queue)
{
}

TEST_F(queue, emptied_with_the_lock_held_that_an_item_needs)
{
	start_thread(call_with_lock_held, variant->call);
	EXPECT_CIRCLE(2);
	EXPECT_LINE(variant->name, "of wq alpha, which needs the end of the run of");
	EXPECT_LINE("take_lock", AT("waits for mutex", &lock));
	nap_us(200000);
	EXPECT_EQ(1, GET(nr_said));
}

static void *flush_alpha(void *arg)
{
	mutex_lock(&lock);
	flush_workqueue(alpha);
	mutex_unlock(&lock);
	return arg;
}

/* Only what was there before counts: what comes later may wait for whom it likes. */
TEST_F(queue, items_that_come_later_do_not_count)
{
	struct blocker before;
	pthread_t flusher;

	blocker_start_on(&before, 0, alpha);
	flusher = start_thread(flush_alpha, NULL);
	EXPECT_TRUE(COMES_TRUE(UNDER_MUTEX(alpha, alpha->flush_color != alpha->work_color)));
	queue_work(alpha, &item_a);
	wait_for_completion(&ready_a);
	nap_us(200000);
	EXPECT_EQ(0, GET(nr_said));
	blocker_release(&before);
	pthread_join(flusher, NULL);
	destroy_workqueue(alpha);
}

/* ---- calls that flush an item of their own ---- */

static long take_lock_on_cpu(void *arg)
{
	take_lock(arg);
	return 0;
}

static void *on_cpu(void *arg)
{
	mutex_lock(&lock);
	work_on_cpu(0, take_lock_on_cpu, arg);
	return NULL;
}

static void *on_each_cpu(void *arg)
{
	(void)arg;
	mutex_lock(&lock);
	schedule_on_each_cpu(take_lock);
	return NULL;
}

static struct delayed_work delayed;

static void *flush_delayed(void *arg)
{
	(void)arg;
	mutex_lock(&lock);
	INIT_DELAYED_WORK(&delayed, take_lock);
	queue_delayed_work(alpha, &delayed, 1000000);
	flush_delayed_work(&delayed);
	return NULL;
}

static void *cancel_delayed(void *arg)
{
	(void)arg;
	mutex_lock(&lock);
	INIT_DELAYED_WORK(&delayed, take_lock);
	queue_delayed_work(alpha, &delayed, 0);
	wait_for_completion(&ready_a);
	cancel_delayed_work_sync(&delayed);
	return NULL;
}

static struct rcu_work after_rcu;

static void *flush_after_rcu(void *arg)
{
	(void)arg;
	mutex_lock(&lock);
	INIT_RCU_WORK(&after_rcu, take_lock);
	queue_rcu_work(alpha, &after_rcu);
	flush_rcu_work(&after_rcu);
	return NULL;
}

static void *disable(void *arg)
{
	(void)arg;
	mutex_lock(&lock);
	INIT_WORK(&item_a, take_lock);
	queue_work(alpha, &item_a);
	wait_for_completion(&ready_a);
	disable_work_sync(&item_a);
	return NULL;
}

FIXTURE(call) {
};

FIXTURE_VARIANT(call) {
	void *(*thread)(void *arg);
	const char *name;
};

FIXTURE_VARIANT_ADD(call, work_on_cpu) { .thread = on_cpu, .name = "flush_work()" };
FIXTURE_VARIANT_ADD(call, on_each_cpu) { .thread = on_each_cpu, .name = "flush_work()" };
FIXTURE_VARIANT_ADD(call, flush_delayed) { .thread = flush_delayed, .name = "flush_work()" };
FIXTURE_VARIANT_ADD(call, cancel_delayed) {
	.thread = cancel_delayed, .name = "cancel_delayed_work_sync()",
};
FIXTURE_VARIANT_ADD(call, flush_rcu) { .thread = flush_after_rcu, .name = "flush_work()" };
FIXTURE_VARIANT_ADD(call, disable) { .thread = disable, .name = "disable_work_sync()" };

FIXTURE_SETUP(call)
{
	set_up();
}

FIXTURE_TEARDOWN(call)
{
}

TEST_F(call, with_the_lock_held_that_the_function_needs)
{
	start_thread(variant->thread, NULL);
	EXPECT_CIRCLE(2);
	EXPECT_LINE(variant->name, "which is run by");
	EXPECT_LINE("waits for mutex", "held by");
}

/* ---- in a child ---- */

/* Another thread is in the middle of a look when the process forks. */
TEST(a_child_explains_its_own)
{
	int status;
	pid_t pid;

	set_up();
	hold_next("deadlock_seen_once");
	start_two(a_flushes_b, b_flushes_a);
	hold_wait();
	pid = fork();
	if (!pid) {
		SET(uwq_test_point_hook, NULL);
		set_up();
		start_two(a_flushes_b, b_flushes_a);
		_exit(COMES_TRUE(GET(nr_said)) && is_circle(2) ? 0 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, GET(nr_said));
	hold_release();
	EXPECT_CIRCLE(2);
}

/* ---- when ---- */

TEST(within_a_second_with_the_parameters_as_they_are)
{
	unsigned int ms = deadlock_after_ms;
	long began;

	set_up();
	SET(deadlock_after_ms, ms);
	began = now_ms();
	start_two(a_flushes_b, b_flushes_a);
	EXPECT_CIRCLE(2);
	TH_LOG("reported after %ld ms", now_ms() - began);
	EXPECT_LE(now_ms() - began, 5000);
}

TEST(not_if_it_is_switched_off)
{
	set_up();
	SET(deadlock_check, false);
	start_two(a_flushes_b, b_flushes_a);
	nap_us(300000);
	EXPECT_EQ(0, GET(nr_said));
}

TEST_HARNESS_MAIN

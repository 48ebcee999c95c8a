// SPDX-License-Identifier: MIT
/*
 * U11, B71: a fork waits for a thread that has taken an item's PENDING and not published
 * it yet, or finds the item through the timer or callback that was to queue it. GATE/1
 * and GATE/2 of kernel-compat/fork_gate.h. It does not wait for ever.
 */
#include "fork_test.h"

#include <linux/rcupdate.h>

static struct workqueue_struct *wq;
static struct counter counter;
static struct delayed_work dwork;
static struct rcu_work rwork;
static int delayed_runs, rcu_runs;	/* atomic */

static void delayed_func(struct work_struct *work)
{
	(void)work;
	ADD(delayed_runs, 1);
}

static void rcu_func(struct work_struct *work)
{
	(void)work;
	ADD(rcu_runs, 1);
}

static void set_up(void)
{
	wq = alloc_workqueue("test", WQ_UNBOUND, 0);
	counter_init(&counter);
	INIT_DELAYED_WORK(&dwork, delayed_func);
	INIT_RCU_WORK(&rwork, rcu_func);
}

static void use_item(void)
{
	CHECK_USABLE(wq, &counter.work, counter.runs);
}

static void use_disabled_item(void)
{
	CHECK(enable_work(&counter.work));
	use_item();
}

/* A thread that forks; the child does @arg. */
static bool forked;	/* atomic */
static int verdict;

static void *fork_thread(void *fn)
{
	pid_t child = start_child(fn);

	SET(forked, true);
	verdict = outcome(child);
	return NULL;
}

static void *queue_thread(void *arg)
{
	(void)arg;
	queue_work(wq, &counter.work);
	return NULL;
}

static void *disable_thread(void *arg)
{
	(void)arg;
	disable_work(&counter.work);
	return NULL;
}

static void *cancel_thread(void *arg)
{
	(void)arg;
	cancel_work(&counter.work);
	return NULL;
}

/* Or the child hung in the address sanitizer, each time: see fork_test.h. */
static bool verdict_is_good(void)
{
	return !verdict || (TRIES > 1 && verdict == CHILD_HUNG);
}

TEST(fork_waits_for_who_has_taken_the_item)
{
	pthread_t queuer, forker;

	set_up();
	hold_next("queue_took_pending");
	queuer = start_thread(queue_thread, NULL);
	hold_wait();
	forker = start_thread(fork_thread, use_item);
	nap_us(100000);
	EXPECT_FALSE(GET(forked));
	hold_release();
	pthread_join(queuer, NULL);
	pthread_join(forker, NULL);
	EXPECT_TRUE(verdict_is_good());
	flush_work(&counter.work);
	EXPECT_EQ(1, GET(counter.runs));
}

/* @take_back is held at @point, on its way to take a queued item. */
static void fork_meets(struct __test_metadata *_metadata, const char *point,
		       void *(*take_back)(void *), void (*use)(void))
{
	struct blocker blocker;
	pthread_t taker, forker;

	set_up();
	workqueue_set_max_active(wq, 1);
	blocker_start(&blocker, wq);
	queue_work(wq, &counter.work);
	/* from the inbox to a list */
	EXPECT_TRUE(workqueue_congested(WORK_CPU_UNBOUND, wq));
	hold_next(point);
	taker = start_thread(take_back, NULL);
	hold_wait();
	forker = start_thread(fork_thread, use);
	nap_us(100000);
	EXPECT_FALSE(GET(forked));
	hold_release();
	pthread_join(taker, NULL);
	pthread_join(forker, NULL);
	EXPECT_TRUE(verdict_is_good());
	blocker_release(&blocker);
	flush_workqueue(wq);
	EXPECT_EQ(0, GET(counter.runs));
}

/* It will own the item without the lock of the pool. */
TEST(fork_waits_for_who_takes_it_back)
{
	fork_meets(_metadata, "grab_seen_queued", disable_thread, use_disabled_item);
}

/* It owns the item under that lock only. */
TEST(fork_waits_for_who_takes_it_back_and_lets_it_go)
{
	fork_meets(_metadata, "take_back_locked", cancel_thread, use_item);
}

static void use_delayed(void)
{
	int before = GET(delayed_runs);

	CHECK(!delayed_work_pending(&dwork));
	CHECK(queue_delayed_work(wq, &dwork, 100 * HZ));
	/* false if the item has run before anybody could wait for it */
	flush_delayed_work(&dwork);
	CHECK(GET(delayed_runs) == before + 1);
}

static void *cancel_delayed_thread(void *arg)
{
	(void)arg;
	cancel_delayed_work(&dwork);
	return NULL;
}

static void *mod_delayed_thread(void *arg)
{
	(void)arg;
	mod_delayed_work(wq, &dwork, 500 * HZ);
	return NULL;
}

/* @change is held at @point, where it owns the armed item under the lock of the timers only. */
static void fork_meets_armed(struct __test_metadata *_metadata, const char *point,
			     void *(*change)(void *))
{
	pthread_t changer, forker;

	set_up();
	EXPECT_TRUE(queue_delayed_work(wq, &dwork, 1000 * HZ));
	hold_next(point);
	changer = start_thread(change, NULL);
	hold_wait();
	forker = start_thread(fork_thread, use_delayed);
	nap_us(100000);
	EXPECT_FALSE(GET(forked));
	hold_release();
	pthread_join(changer, NULL);
	pthread_join(forker, NULL);
	EXPECT_TRUE(verdict_is_good());
}

TEST(fork_waits_for_who_takes_it_from_its_timer)
{
	fork_meets_armed(_metadata, "take_back_armed", cancel_delayed_thread);
	EXPECT_FALSE(delayed_work_pending(&dwork));
}

TEST(fork_waits_for_who_gives_it_another_time)
{
	fork_meets_armed(_metadata, "move_armed", mod_delayed_thread);
	EXPECT_TRUE(cancel_delayed_work(&dwork));
}

/* The timer is off its wheel, and nobody has begun to queue the item. */
TEST(timer_that_has_just_fired)
{
	set_up();
	hold_next("delayed_timer_fired");
	queue_delayed_work(wq, &dwork, 1);
	hold_wait();
	EXPECT_EQ(0, IN_CHILD(use_delayed));
	hold_release();
	EXPECT_TRUE(COMES_TRUE(GET(delayed_runs) == 1));
}

static void use_rcu_work(void)
{
	int before = GET(rcu_runs);

	CHECK(!work_pending(&rwork.work));
	CHECK(queue_rcu_work(wq, &rwork));
	flush_rcu_work(&rwork);
	CHECK(GET(rcu_runs) == before + 1);
}

static struct gate reading, read_on;

static void *reader_thread(void *arg)
{
	(void)arg;
	rcu_read_lock();
	gate_open(&reading);
	gate_wait(&read_on);
	rcu_read_unlock();
	return NULL;
}

static void have_child(void)
{
	use_rcu_work();
	CHECK(!IN_CHILD(use_rcu_work));
}

/* The child does not have the reader that it waits for. */
TEST(rcu_work_that_waits_for_a_reader)
{
	pthread_t reader;

	set_up();
	reader = start_thread(reader_thread, NULL);
	gate_wait(&reading);
	queue_rcu_work(wq, &rwork);
	/* now and then before the grace period has begun, mostly after */
	nap_us(5000);
	EXPECT_EQ(0, IN_CHILD(use_rcu_work));
	EXPECT_EQ(0, IN_CHILD(have_child));
	gate_open(&read_on);
	pthread_join(reader, NULL);
	flush_rcu_work(&rwork);
	EXPECT_EQ(1, GET(rcu_runs));
}

/* The drainer has taken it off the list, and waits for the grace period. */
TEST(rcu_work_in_a_batch)
{
	set_up();
	hold_next("rcu-batch-taken");
	queue_rcu_work(wq, &rwork);
	hold_wait();
	EXPECT_EQ(0, IN_CHILD(use_rcu_work));
	hold_release();
	flush_rcu_work(&rwork);
	EXPECT_EQ(1, GET(rcu_runs));
}

static void use_another(void)
{
	struct counter other;

	counter_init(&other);
	CHECK_USABLE(wq, &other.work, other.runs);
}

/* Somebody stays in the section, as when a debugger holds the thread. */
TEST(fork_does_not_wait_for_ever)
{
	pthread_t queuer;

	set_up();
	log_count("could not be waited for");
	hold_next("queue_took_pending");
	queuer = start_thread(queue_thread, NULL);
	hold_wait();
	EXPECT_EQ(0, IN_CHILD(use_another));
	EXPECT_EQ(1, GET(log_hits));
	hold_release();
	pthread_join(queuer, NULL);
	flush_work(&counter.work);
	EXPECT_EQ(1, GET(counter.runs));
}

/* More threads than the gate has places for. */
#define NR_MANY		1100

static struct gate all_go;
static int arrived;	/* atomic */

static void *late_thread(void *arg)
{
	struct counter mine;

	(void)arg;
	counter_init(&mine);
	queue_work(wq, &mine.work);
	ADD(arrived, 1);
	gate_wait(&all_go);
	flush_work(&mine.work);
	queue_work(wq, &mine.work);
	flush_work(&mine.work);
	return GET(mine.runs) == 2 ? NULL : &all_go;
}

TEST_TIMEOUT(threads_beyond_the_table, 60)
{
	static pthread_t threads[NR_MANY];
	pthread_attr_t attr;
	int nr = 0, bad = 0;
	void *ret;

	set_up();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	while (nr < NR_MANY && !pthread_create(&threads[nr], &attr, late_thread, NULL))
		nr++;
	if (!COMES_TRUE(GET(arrived) == nr))
		bad++;
	gate_open(&all_go);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(0, IN_CHILD(use_item));
	for (int i = 0; i < nr; i++) {
		pthread_join(threads[i], &ret);
		bad += ret != NULL;
	}
	EXPECT_EQ(0, bad);
	if (nr < NR_MANY)
		SKIP(return, "only %d threads to be had", nr);
}

/* One of the threads without a place holds an item. */
static struct gate shared_go;

static void *idle_thread(void *arg)
{
	struct counter mine;

	(void)arg;
	counter_init(&mine);
	queue_work(wq, &mine.work);
	flush_work(&mine.work);
	ADD(arrived, 1);
	gate_wait(&shared_go);
	return NULL;
}

TEST(fork_waits_for_a_thread_beyond_the_table)
{
	static pthread_t threads[NR_MANY];
	pthread_t queuer, forker;
	pthread_attr_t attr;
	int nr = 0;

	set_up();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	while (nr < NR_MANY && !pthread_create(&threads[nr], &attr, idle_thread, NULL))
		nr++;
	ASSERT_TRUE(COMES_TRUE(GET(arrived) == nr));
	hold_next("queue_took_pending");
	queuer = start_thread(queue_thread, NULL);
	hold_wait();
	forker = start_thread(fork_thread, use_item);
	nap_us(100000);
	EXPECT_FALSE(GET(forked));
	hold_release();
	pthread_join(queuer, NULL);
	pthread_join(forker, NULL);
	EXPECT_TRUE(verdict_is_good());
	gate_open(&shared_go);
	for (int i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	if (nr < NR_MANY)
		SKIP(return, "only %d threads to be had", nr);
}

TEST_HARNESS_MAIN

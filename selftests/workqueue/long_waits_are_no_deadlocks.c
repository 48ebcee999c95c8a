// SPDX-License-Identifier: MIT
/*
 * Proves the other half of U25: nothing is reported that is no deadlock, although each task
 * asks every two milliseconds: waits that take long and end, waits with a time limit, a
 * circle that somebody breaks between the two looks, a lock that has changed hands, and
 * items that flush and cancel each other, at random but in one direction, with mutexes and
 * full queues in between.
 */
#include "deadlock_test.h"

#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rwsem.h>

static int nr_looks, nr_suspects;	/* atomic */

static void count_looks(const char *name)
{
	if (!strcmp(name, "deadlock_looked"))
		ADD(nr_looks, 1);
	else if (!strcmp(name, "deadlock_seen_once"))
		ADD(nr_suspects, 1);
}

static void ask_often(void)
{
	listen(1);
	SET(uwq_test_point_hook, count_looks);
}

static DEFINE_MUTEX(lock);
static DECLARE_RWSEM(sem);
static struct work_struct item_a, item_b, item_c;
static struct workqueue_struct *wq;

/* ---- waits that end ---- */

static void sleep_long(struct work_struct *work)
{
	(void)work;
	msleep(150);
}

static void hold_lock_long(struct work_struct *work)
{
	(void)work;
	mutex_lock(&lock);
	down_write(&sem);
	msleep(150);
	up_write(&sem);
	mutex_unlock(&lock);
}

static void flush_a(struct work_struct *work)
{
	(void)work;
	flush_work(&item_a);
}

static void flush_b(struct work_struct *work)
{
	(void)work;
	flush_work(&item_b);
}

TEST(chain_of_flushes)
{
	ask_often();
	wq = alloc_workqueue("chain", WQ_UNBOUND, 0);
	INIT_WORK(&item_a, sleep_long);
	INIT_WORK(&item_b, flush_a);
	INIT_WORK(&item_c, flush_b);
	queue_work(wq, &item_a);
	queue_work(wq, &item_b);
	queue_work(wq, &item_c);
	flush_work(&item_c);
	queue_work(wq, &item_a);
	drain_workqueue(wq);
	destroy_workqueue(wq);
	EXPECT_EQ(0, GET(nr_said));
	EXPECT_LE(3, GET(nr_looks));
}

TEST(behind_a_slow_item_and_a_slow_lock)
{
	ask_often();
	wq = alloc_ordered_workqueue("narrow", 0);
	INIT_WORK(&item_a, hold_lock_long);
	INIT_WORK(&item_b, sleep_long);
	INIT_WORK(&item_c, hold_lock_long);
	queue_work(wq, &item_a);
	queue_work(wq, &item_b);
	queue_work(wq, &item_c);
	flush_work(&item_c);
	queue_work(system_dfl_wq, &item_a);
	while (!mutex_is_locked(&lock))
		nap_us(100);
	mutex_lock(&lock);
	mutex_unlock(&lock);
	queue_work(system_dfl_wq, &item_a);
	cancel_work_sync(&item_a);
	destroy_workqueue(wq);
	EXPECT_EQ(0, GET(nr_said));
	EXPECT_LE(3, GET(nr_looks));
}

static int stop_slowly(void *arg)
{
	complete(arg);
	while (!kthread_should_stop())
		msleep(1);
	msleep(100);
	return 0;
}

TEST(kthread_that_takes_its_time)
{
	struct completion runs;
	struct task_struct *kthread;

	ask_often();
	init_completion(&runs);
	kthread = kthread_run(stop_slowly, &runs, "slow");
	wait_for_completion(&runs);
	kthread_stop(kthread);
	EXPECT_EQ(0, GET(nr_said));
	EXPECT_LE(1, GET(nr_looks));
}

/* The item waits for its flusher, but not for ever. */
static struct completion never;

static void wait_with_limit(struct work_struct *work)
{
	(void)work;
	wait_for_completion_timeout(&never, msecs_to_jiffies(150));
}

TEST(wait_with_a_limit)
{
	ask_often();
	init_completion(&never);
	INIT_WORK(&item_a, wait_with_limit);
	queue_work(system_dfl_wq, &item_a);
	flush_work(&item_a);
	complete(&never);
	EXPECT_EQ(0, GET(nr_said));
	EXPECT_LE(1, GET(nr_looks));
}

/* ---- between the two looks ---- */

static struct completion inside;

static void take_lock(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	mutex_lock(&lock);
	mutex_unlock(&lock);
}

static void do_nothing(struct work_struct *work)
{
	(void)work;
}

static void *flush_with_lock_held(void *arg)
{
	mutex_lock(&lock);
	queue_work(wq, &item_a);
	wait_for_completion(&inside);
	queue_work(wq, &item_b);
	flush_work(&item_b);
	mutex_unlock(&lock);
	return arg;
}

/* Held back by an item that waits for the flusher's lock; then the item is taken back. */
TEST(circle_that_is_broken_between_the_looks)
{
	pthread_t flusher;

	listen(20);
	wq = alloc_workqueue("narrow", WQ_UNBOUND, 1);
	init_completion(&inside);
	INIT_WORK(&item_a, take_lock);
	INIT_WORK(&item_b, do_nothing);
	hold_next("deadlock_seen_once");
	flusher = start_thread(flush_with_lock_held, NULL);
	hold_wait();
	EXPECT_TRUE(cancel_work(&item_b));
	/* its flusher may be the one who looks; if not, it goes */
	flush_work(&item_b);
	hold_release();
	pthread_join(flusher, NULL);
	destroy_workqueue(wq);
	EXPECT_EQ(0, GET(nr_said));
}

/*
 * A lock was given back, and the one who had it waits for its next owner, who has not
 * woken up yet: its record still names the old owner.
 */
static void slow_to_wake(const char *name)
{
	static int once;

	if (!strcmp(name, "mutex:slept") && ADD(once, 1) == 1)
		msleep(200);
	count_looks(name);
}

static void take_lock_slowly(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	mutex_lock(&lock);
	msleep(100);
	mutex_unlock(&lock);
}

static bool waits_for(const void *object)
{
	struct task_struct *task;
	struct uwq_task_wait wait;

	for (unsigned int i = 0; (task = task_by_index(i)); i++)
		if (task_wait_read(task, &wait) && wait.object == object)
			return true;
	return false;
}

TEST(lock_that_was_given_back)
{
	listen(1);
	SET(uwq_test_point_hook, slow_to_wake);
	init_completion(&inside);
	INIT_WORK(&item_a, take_lock_slowly);
	mutex_lock(&lock);
	queue_work(system_dfl_wq, &item_a);
	wait_for_completion(&inside);
	EXPECT_TRUE(COMES_TRUE(waits_for(&lock)));
	mutex_unlock(&lock);
	flush_work(&item_a);
	EXPECT_EQ(0, GET(nr_said));
	EXPECT_LE(1, GET(nr_looks));
}

/* ---- everything at once ---- */

#define NR_ITEMS	24
#define NR_LOCKS	4

struct player {
	struct work_struct work;
	int index;
};

static struct player players[NR_ITEMS];
static struct workqueue_struct *queues[4];
static struct mutex locks[NR_LOCKS];
static int nr_plays, game_over;	/* atomic */

/* Wait for an item with a lower number: never in a circle. */
static void wait_for_a_lower_one(int index)
{
	struct player *lower = &players[get_random_u32_below(index)];

	switch (get_random_u32_below(3)) {
	case 0:
		cancel_work_sync(&lower->work);
		break;
	case 1:
		flush_work(&lower->work);
		break;
	default:
		queue_work(queues[lower->index % 3], &lower->work);
		flush_work(&lower->work);
		break;
	}
}

/* Each lock belongs to some numbers, and is held only while waiting for lower ones. */
static void play(struct work_struct *work)
{
	struct player *player = container_of(work, struct player, work);
	struct mutex *mutex = &locks[player->index * NR_LOCKS / NR_ITEMS];
	int first_of_lock = player->index / (NR_ITEMS / NR_LOCKS) * (NR_ITEMS / NR_LOCKS);
	bool hold = get_random_u32_below(2);

	ADD(nr_plays, 1);
	if (hold)
		mutex_lock(mutex);
	if (hold ? first_of_lock : player->index)
		wait_for_a_lower_one(hold ? first_of_lock : player->index);
	else
		nap_us(get_random_u32_below(3000));
	if (hold)
		mutex_unlock(mutex);
}

static void *stir(void *arg)
{
	(void)arg;
	while (!GET(game_over)) {
		struct player *player = &players[get_random_u32_below(NR_ITEMS)];

		queue_work(queues[player->index % 3], &player->work);
		if (!get_random_u32_below(4))
			flush_work(&player->work);
		if (!get_random_u32_below(40))
			flush_workqueue(queues[player->index % 3]);
	}
	return NULL;
}

TEST(items_that_wait_for_each_other_in_one_direction)
{
	pthread_t threads[4];

	ask_often();
	/* slots for all: an item that waits for a lower one must not keep it from running */
	queues[0] = alloc_workqueue("wide", WQ_UNBOUND, NR_ITEMS);
	queues[1] = alloc_workqueue("percpu", WQ_PERCPU, NR_ITEMS);
	queues[2] = alloc_workqueue("other", WQ_UNBOUND | WQ_HIGHPRI, NR_ITEMS);
	for (int i = 0; i < NR_LOCKS; i++)
		mutex_init(&locks[i]);
	for (int i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&players[i].work, play);
		players[i].index = i;
	}
	for (int i = 0; i < 4; i++)
		threads[i] = start_thread(stir, NULL);
	nap_us(1200000);
	SET(game_over, 1);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	/* those with higher numbers queue lower ones, and are over first */
	for (int i = NR_ITEMS; i-- > 0;)
		flush_work(&players[i].work);
	for (int i = 0; i < 3; i++)
		destroy_workqueue(queues[i]);
	EXPECT_EQ(0, GET(nr_said)) { TH_LOG("said: %s", said); }
	EXPECT_LE(10, GET(nr_looks));
	TH_LOG("%d runs, %d looks, %d suspects", GET(nr_plays), GET(nr_looks), GET(nr_suspects));
}

TEST_HARNESS_MAIN

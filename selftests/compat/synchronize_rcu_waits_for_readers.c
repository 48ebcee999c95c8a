// SPDX-License-Identifier: MIT
/*
 * synchronize_rcu() returns after every reader that was there, does not wait
 * for later ones, is seen as one sleep, and reports use inside a reader.
 */
#include "../kselftest_harness.h"

#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <uwq/warn.h>

#include "kernel-compat/rcu_internal.h"
#include "kernel-compat/sched_internal.h"
#include "lock_test.h"
#include "log_test.h"

static int reader_in, let_reader_go, waited;

static void *hold_reader(void *arg)
{
	(void)arg;
	rcu_read_lock();
	rcu_read_lock();
	rcu_read_unlock();
	flag_set(&reader_in, 1);
	while (!flag_get(&let_reader_go))
		nap_us(100);
	rcu_read_unlock();
	return NULL;
}

static void *wait_for_readers(void *arg)
{
	(void)arg;
	synchronize_rcu();
	flag_set(&waited, 1);
	return NULL;
}

TEST(waits_for_readers_that_were_there)
{
	pthread_t reader = start_thread(hold_reader, NULL), waiter;

	ASSERT_TRUE(COMES_TRUE(flag_get(&reader_in)));
	waiter = start_thread(wait_for_readers, NULL);
	nap_us(30000);
	EXPECT_EQ(0, flag_get(&waited));
	flag_set(&let_reader_go, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&waited)));
	pthread_join(reader, NULL);
	pthread_join(waiter, NULL);
}

TEST(the_depth_of_readers_is_known)
{
	EXPECT_EQ(0, uwq_rcu_read_depth());
	rcu_read_lock();
	rcu_read_lock_bh();
	EXPECT_EQ(2, uwq_rcu_read_depth());
	EXPECT_TRUE(rcu_read_lock_held());
	EXPECT_TRUE(rcu_read_lock_bh_held());
	rcu_read_unlock_bh();
	rcu_read_unlock();
	EXPECT_FALSE(rcu_read_lock_held());
	EXPECT_FALSE(rcu_read_lock_bh_held());
	capture_start();
	rcu_read_unlock();
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_EQ(0, uwq_rcu_read_depth());
	capture_end();
}

TEST(inside_a_reader_it_is_reported_and_returns)
{
	capture_start();
	rcu_read_lock();
	synchronize_rcu();
	rcu_read_unlock();
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
	synchronize_rcu();
}

static int slept, ran;

static void count_sleep(struct task_struct *task)
{
	(void)task;
	slept++;
}

static void count_run(struct task_struct *task)
{
	(void)task;
	ran++;
}

TEST(it_counts_as_one_sleep)
{
	static const struct sched_hooks hooks = { .sleeping = count_sleep, .running = count_run };

	current->sched_hooks = &hooks;
	synchronize_rcu();
	current->sched_hooks = NULL;
	EXPECT_EQ(1, slept);
	EXPECT_EQ(1, ran);
}

TEST(states_can_be_polled)
{
	unsigned long state = get_state_synchronize_rcu();

	EXPECT_TRUE(poll_state_synchronize_rcu(get_completed_synchronize_rcu()));
	rcu_read_lock();
	EXPECT_FALSE(poll_state_synchronize_rcu(state));
	rcu_read_unlock();
	synchronize_rcu();
	EXPECT_TRUE(poll_state_synchronize_rcu(state));
	cond_synchronize_rcu(state);
	state = start_poll_synchronize_rcu();
	EXPECT_TRUE(COMES_TRUE(poll_state_synchronize_rcu(state)));
}

/* ---- a list that readers walk while writers change it ---- */

struct item {
	int key, check;
	struct list_head node;
	struct rcu_head rcu;
};

static LIST_HEAD(list);
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static int stop, broken;

static struct item *new_item(int key)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	item->key = key;
	item->check = ~key;
	return item;
}

static void *walk(void *arg)
{
	struct item *item;

	(void)arg;
	while (!flag_get(&stop)) {
		int last = -1;

		rcu_read_lock();
		list_for_each_entry_rcu(item, &list, node) {
			if (item->check != ~item->key || item->key <= last)
				flag_add(&broken, 1);
			last = item->key;
		}
		rcu_read_unlock();
	}
	return NULL;
}

static void *change(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(3000); i++) {
		struct item *old, *item;

		pthread_mutex_lock(&list_lock);
		old = list_first_entry(&list, struct item, node);
		item = list_last_entry(&list, struct item, node);
		if (i % 3 == 0) {
			struct item *copy = new_item(old->key);

			list_replace_rcu(&old->node, &copy->node);
		} else {
			list_add_tail_rcu(&new_item(item->key + 1)->node, &list);
			list_del_rcu(&old->node);
		}
		pthread_mutex_unlock(&list_lock);
		if (i % 100) {
			kfree_rcu(old, rcu);
		} else if (i % 200) {
			kfree_rcu_mightsleep(old);
		} else {
			synchronize_rcu();
			memset(old, 0xee, sizeof(*old));
			kfree(old);
		}
	}
	return NULL;
}

TEST(a_list_is_never_broken)
{
	pthread_t readers[2];
	struct item *item, *next;

	for (int i = 0; i < 8; i++)
		list_add_tail_rcu(&new_item(i)->node, &list);
	for (int i = 0; i < 2; i++)
		readers[i] = start_thread(walk, NULL);
	run_threads(2, change, NULL);
	flag_set(&stop, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	EXPECT_EQ(0, broken);
	EXPECT_EQ(0, uwq_warn_count());
	rcu_barrier();
	list_for_each_entry_safe(item, next, &list, node)
		kfree(item);
}

TEST_HARNESS_MAIN

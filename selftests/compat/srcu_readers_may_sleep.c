// SPDX-License-Identifier: MIT
/*
 * SRCU: grace periods wait for the readers of their domain, who may sleep, and
 * for no other; callbacks run in order and survive that no thread can be made.
 */
#include "../kselftest_harness.h"

#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "lock_test.h"
#include "log_test.h"

DEFINE_STATIC_SRCU(domain);
DEFINE_STATIC_SRCU(other);

static int reader_in, let_go, waited;

static void *hold_reader(void *arg)
{
	int idx = srcu_read_lock(&domain);

	(void)arg;
	flag_set(&reader_in, 1);
	while (!flag_get(&let_go))
		usleep_range(100, 200);
	srcu_read_unlock(&domain, idx);
	return NULL;
}

static void *wait_for_readers(void *arg)
{
	synchronize_srcu(arg);
	flag_set(&waited, 1);
	return NULL;
}

TEST(waits_for_its_own_readers_only)
{
	pthread_t reader = start_thread(hold_reader, NULL), waiter;
	unsigned long cookie = get_state_synchronize_srcu(&domain);

	ASSERT_TRUE(COMES_TRUE(flag_get(&reader_in)));
	synchronize_srcu(&other);
	synchronize_rcu();
	waiter = start_thread(wait_for_readers, &domain);
	nap_us(30000);
	EXPECT_EQ(0, flag_get(&waited));
	EXPECT_FALSE(poll_state_synchronize_srcu(&domain, cookie));
	flag_set(&let_go, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&waited)));
	EXPECT_TRUE(poll_state_synchronize_srcu(&domain, cookie));
	pthread_join(reader, NULL);
	pthread_join(waiter, NULL);
}

/* ---- a pointer that readers follow while it is replaced ---- */

struct item {
	int a, b;
	struct rcu_head rcu;
};

static struct item __rcu *shared;
static int stop, broken;

static void *read_shared(void *arg)
{
	(void)arg;
	for (int i = 0; !flag_get(&stop); i++) {
		int idx = srcu_read_lock(&domain);
		struct item *item = srcu_dereference(shared, &domain);
		int a = item->a;

		if (i % 64 == 0)
			nap_us(50);
		if (item->b != -a)
			flag_add(&broken, 1);
		srcu_read_unlock(&domain, idx);
	}
	return NULL;
}

static void free_item(struct rcu_head *head)
{
	struct item *item = container_of(head, struct item, rcu);

	item->b = item->a + 1;
	kfree(item);
}

static struct item *new_item(int i)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	item->a = i;
	item->b = -i;
	return item;
}

TEST(readers_never_see_a_freed_object)
{
	pthread_t readers[3];

	rcu_assign_pointer(shared, new_item(1));
	for (int i = 0; i < 3; i++)
		readers[i] = start_thread(read_shared, NULL);
	for (int i = 2; i < ROUNDS(300); i++) {
		struct item *old = rcu_replace_pointer(shared, new_item(i), true);

		if (i % 4) {
			call_srcu(&domain, &old->rcu, free_item);
		} else {
			synchronize_srcu(&domain);
			free_item(&old->rcu);
		}
	}
	flag_set(&stop, 1);
	for (int i = 0; i < 3; i++)
		pthread_join(readers[i], NULL);
	srcu_barrier(&domain);
	EXPECT_EQ(0, broken);
	kfree(shared);
	cleanup_srcu_struct(&domain);
}

static int done, last, disorder;

static void in_order(struct rcu_head *head)
{
	struct item *item = container_of(head, struct item, rcu);

	if (item->a != last + 1)
		disorder++;
	last = item->a;
	kfree(item);
	flag_add(&done, 1);
}

TEST(a_domain_can_be_freed_after_cleanup)
{
	for (int round = 0; round < ROUNDS(60); round++) {
		struct srcu_struct *ssp = kmalloc(sizeof(*ssp), GFP_KERNEL);

		ASSERT_EQ(0, init_srcu_struct(ssp));
		last = 0;
		for (int i = 1; i <= 5; i++)
			call_srcu(ssp, &new_item(i)->rcu, in_order);
		cleanup_srcu_struct(ssp);
		EXPECT_EQ((round + 1) * 5, flag_get(&done));
		kfree(ssp);
	}
	EXPECT_EQ(0, disorder);
}

TEST(without_a_thread_callbacks_wait)
{
	uwq_test_fail_thread(1, -1);
	call_srcu(&domain, &new_item(1)->rcu, in_order);
	nap_us(5000);
	EXPECT_EQ(0, flag_get(&done));
	srcu_barrier(&domain);
	EXPECT_EQ(1, flag_get(&done));
	call_srcu(&domain, &new_item(2)->rcu, in_order);
	uwq_test_fail_thread(0, 0);
	call_srcu(&domain, &new_item(3)->rcu, in_order);
	EXPECT_TRUE(COMES_TRUE(flag_get(&done) == 3));
	EXPECT_EQ(0, disorder);
	cleanup_srcu_struct(&domain);
}

TEST(cleanup_with_a_reader_is_reported)
{
	struct srcu_struct ssp;
	int idx;

	init_srcu_struct(&ssp);
	idx = srcu_read_lock(&ssp);
	capture_start();
	cleanup_srcu_struct(&ssp);
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
	srcu_read_unlock(&ssp, idx);
	cleanup_srcu_struct(&ssp);
}

TEST_HARNESS_MAIN

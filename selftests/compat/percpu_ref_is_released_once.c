// SPDX-License-Identifier: MIT
/*
 * A percpu_ref calls its release once, when the owner has killed it and everybody has
 * given back what he took. After the kill is confirmed nobody gets in any more. It may be
 * brought back before or after its release.
 */
#include "../kselftest_harness.h"

#include <linux/completion.h>
#include <linux/percpu-refcount.h>
#include <uwq/warn.h>

#include "task_test.h"

struct thing {
	struct percpu_ref ref;
	struct completion released, confirmed;
	int releases;		/* atomic */
	int closed;		/* atomic: the kill was confirmed */
	int late;		/* atomic: got in after that */
	int stop;		/* atomic */
};

static void release(struct percpu_ref *ref)
{
	struct thing *t = container_of(ref, struct thing, ref);

	flag_add(&t->releases, 1);
	complete(&t->released);
}

static void confirm(struct percpu_ref *ref)
{
	struct thing *t = container_of(ref, struct thing, ref);

	flag_set(&t->closed, 1);
	complete(&t->confirmed);
}

static void make(struct thing *t, unsigned int flags)
{
	memset(t, 0, sizeof(*t));
	init_completion(&t->released);
	init_completion(&t->confirmed);
	BUG_ON(percpu_ref_init(&t->ref, release, flags, GFP_KERNEL));
}

TEST(the_last_one_releases)
{
	struct thing t;

	make(&t, 0);
	percpu_ref_get(&t.ref);
	percpu_ref_get_many(&t.ref, 3);
	EXPECT_TRUE(percpu_ref_tryget_live(&t.ref));
	percpu_ref_kill(&t.ref);
	EXPECT_TRUE(percpu_ref_is_dying(&t.ref));
	EXPECT_FALSE(percpu_ref_tryget_live(&t.ref));
	EXPECT_TRUE(percpu_ref_tryget(&t.ref));
	percpu_ref_put_many(&t.ref, 5);
	EXPECT_EQ(0, t.releases);
	EXPECT_FALSE(percpu_ref_is_zero(&t.ref));
	percpu_ref_put(&t.ref);
	EXPECT_EQ(1, t.releases);
	EXPECT_TRUE(percpu_ref_is_zero(&t.ref));
	EXPECT_FALSE(percpu_ref_tryget(&t.ref));
	EXPECT_EQ(1, t.releases);
	percpu_ref_exit(&t.ref);
}

TEST(lives_may_follow_each_other)
{
	struct thing t;

	make(&t, PERCPU_REF_INIT_DEAD);
	EXPECT_FALSE(percpu_ref_tryget(&t.ref));
	percpu_ref_reinit(&t.ref);
	EXPECT_TRUE(percpu_ref_tryget_live(&t.ref));
	percpu_ref_kill(&t.ref);
	percpu_ref_resurrect(&t.ref);
	EXPECT_FALSE(percpu_ref_is_dying(&t.ref));
	percpu_ref_put(&t.ref);
	EXPECT_EQ(0, t.releases);
	for (int life = 1; life <= 3; life++) {
		percpu_ref_kill_and_confirm(&t.ref, confirm);
		wait_for_completion(&t.confirmed);
		wait_for_completion(&t.released);
		EXPECT_EQ(life, t.releases);
		percpu_ref_reinit(&t.ref);
	}
	percpu_ref_kill(&t.ref);
	percpu_ref_exit(&t.ref);
}

/* Who has just looked may be about to get in; he is a reader of RCU meanwhile. */
TEST(a_kill_is_confirmed_after_those_who_look)
{
	struct thing t;

	make(&t, 0);
	rcu_read_lock();
	percpu_ref_kill_and_confirm(&t.ref, confirm);
	EXPECT_TRUE(percpu_ref_is_dying(&t.ref));
	nap_us(20000);
	EXPECT_FALSE(flag_get(&t.closed));
	EXPECT_EQ(0, flag_get(&t.releases));
	rcu_read_unlock();
	wait_for_completion(&t.confirmed);
	wait_for_completion(&t.released);
	percpu_ref_exit(&t.ref);
}

static void *come_and_go(void *arg)
{
	struct thing *t = arg;

	while (!flag_get(&t->stop)) {
		bool closed = flag_get(&t->closed);

		if (!percpu_ref_tryget_live(&t->ref))
			continue;
		if (closed)
			flag_add(&t->late, 1);
		if (flag_get(&t->releases))
			flag_add(&t->late, 1);
		percpu_ref_put(&t->ref);
	}
	return NULL;
}

TEST_TIMEOUT(a_confirmed_kill_lets_nobody_in, 60)
{
	for (int round = 0; round < ROUNDS(100); round++) {
		struct thing t;
		pthread_t threads[2];

		make(&t, 0);
		for (int i = 0; i < 2; i++)
			threads[i] = start_thread(come_and_go, &t);
		percpu_ref_kill_and_confirm(&t.ref, confirm);
		wait_for_completion(&t.confirmed);
		wait_for_completion(&t.released);
		flag_set(&t.stop, 1);
		for (int i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
		EXPECT_EQ(1, t.releases);
		EXPECT_EQ(0, t.late);
		rcu_barrier();
		percpu_ref_exit(&t.ref);
	}
}

TEST(a_second_kill_is_reported)
{
	struct thing t;

	make(&t, PERCPU_REF_ALLOW_REINIT);
	percpu_ref_get(&t.ref);
	percpu_ref_kill(&t.ref);
	EXPECT_EQ(0, uwq_warn_count());
	percpu_ref_kill(&t.ref);
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_EQ(0, t.releases);
	percpu_ref_put(&t.ref);
	EXPECT_EQ(1, t.releases);
	percpu_ref_exit(&t.ref);
}

TEST_HARNESS_MAIN

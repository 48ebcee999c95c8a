// SPDX-License-Identifier: MIT
/*
 * A robust call of a notifier chain tells those who agreed, and only those, that
 * another one refused. A callback of an SRCU chain may add to its chain, and whoever
 * removes one waits until it is over.
 */
#include "../kselftest_harness.h"

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/notifier.h>

static BLOCKING_NOTIFIER_HEAD(blocking_chain);
static RAW_NOTIFIER_HEAD(raw_chain);

static char told[16];

struct voter {
	struct notifier_block nb;
	char name;
	bool refuses;
};

/* Action 1: are you ready? Action 2: it is off. */
static int vote(struct notifier_block *nb, unsigned long action, void *data)
{
	struct voter *me = container_of(nb, struct voter, nb);
	size_t len = strlen(told);

	(void)data;
	told[len] = action == 1 ? me->name : me->name - 'a' + 'A';
	told[len + 1] = '\0';
	return action == 1 && me->refuses ? notifier_from_errno(-EBUSY) : NOTIFY_OK;
}

static struct voter a = { { .notifier_call = vote, .priority = 3 }, 'a', false };
static struct voter b = { { .notifier_call = vote, .priority = 2 }, 'b', false };
static struct voter c = { { .notifier_call = vote, .priority = 1 }, 'c', false };

#define ROBUST_TEST(kind)							\
TEST(kind##_chain_takes_back_what_was_agreed)					\
{										\
	kind##_notifier_chain_register(&kind##_chain, &a.nb);			\
	kind##_notifier_chain_register(&kind##_chain, &b.nb);			\
	kind##_notifier_chain_register(&kind##_chain, &c.nb);			\
	EXPECT_EQ(NOTIFY_OK, kind##_notifier_call_chain_robust(&kind##_chain, 1, 2, NULL)); \
	EXPECT_STREQ("abc", told);						\
	told[0] = '\0';								\
	c.refuses = true;							\
	EXPECT_EQ(-EBUSY, notifier_to_errno(					\
		  kind##_notifier_call_chain_robust(&kind##_chain, 1, 2, NULL))); \
	EXPECT_STREQ("abcAB", told);						\
	told[0] = '\0';								\
	a.refuses = true;							\
	EXPECT_EQ(-EBUSY, notifier_to_errno(					\
		  kind##_notifier_call_chain_robust(&kind##_chain, 1, 2, NULL))); \
	EXPECT_STREQ("a", told);						\
}

ROBUST_TEST(blocking)
ROBUST_TEST(raw)

struct meeting {
	struct notifier_block nb;
	struct notifier_block late;
	struct srcu_notifier_head chain;
	struct completion inside, go_on;
	bool over;
};

static int nothing(struct notifier_block *nb, unsigned long action, void *data)
{
	(void)nb; (void)action; (void)data;
	return NOTIFY_DONE;
}

static int stay(struct notifier_block *nb, unsigned long action, void *data)
{
	struct meeting *m = container_of(nb, struct meeting, nb);

	(void)action; (void)data;
	complete(&m->inside);
	wait_for_completion(&m->go_on);
	__atomic_store_n(&m->over, true, __ATOMIC_RELEASE);
	return NOTIFY_OK;
}

static int until_stopped(int ret)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return ret;
}

static int call_it(void *data)
{
	struct meeting *m = data;

	return until_stopped(srcu_notifier_call_chain(&m->chain, 1, NULL));
}

static int remove_it(void *data)
{
	struct meeting *m = data;

	srcu_notifier_chain_unregister(&m->chain, &m->nb);
	return until_stopped(__atomic_load_n(&m->over, __ATOMIC_ACQUIRE));
}

TEST(srcu_chain_is_left_only_after_its_walks)
{
	struct meeting m = { .nb = { .notifier_call = stay }, .late = { .notifier_call = nothing } };
	struct task_struct *caller, *remover;

	srcu_init_notifier_head(&m.chain);
	init_completion(&m.inside);
	init_completion(&m.go_on);
	ASSERT_EQ(0, srcu_notifier_chain_register(&m.chain, &m.nb));
	caller = kthread_run(call_it, &m, "caller");
	ASSERT_FALSE(IS_ERR(caller));
	wait_for_completion(&m.inside);

	/* The walk holds no lock: others may come, and one may be on its way out. */
	EXPECT_EQ(0, srcu_notifier_chain_register(&m.chain, &m.late));
	remover = kthread_run(remove_it, &m, "remover");
	ASSERT_FALSE(IS_ERR(remover));
	while (READ_ONCE(m.chain.head) != &m.late)
		cond_resched();
	complete(&m.go_on);
	EXPECT_EQ(1, kthread_stop(remover));
	EXPECT_EQ(NOTIFY_OK, kthread_stop(caller));
	EXPECT_EQ(0, srcu_notifier_chain_unregister(&m.chain, &m.late));
	srcu_cleanup_notifier_head(&m.chain);
}

TEST_HARNESS_MAIN

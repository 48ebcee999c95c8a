// SPDX-License-Identifier: MIT
/*
 * Notifier chains of all kinds call by priority, equal ones in order of
 * registration, end at NOTIFY_STOP_MASK, and know a block that is there twice.
 */
#include "../kselftest_harness.h"

#include <linux/notifier.h>

static char called[16];

struct named {
	struct notifier_block nb;
	char name;
	int answer;
};

static int note(struct notifier_block *nb, unsigned long action, void *data)
{
	struct named *me = (struct named *)nb;
	size_t len = strlen(called);

	if (action == 1 && data == called) {
		called[len] = me->name;
		called[len + 1] = '\0';
	}
	return me->answer;
}

static struct named a = { { .notifier_call = note, .priority = 1 }, 'a', NOTIFY_OK };
static struct named b = { { .notifier_call = note, .priority = 5 }, 'b', NOTIFY_OK };
static struct named c = { { .notifier_call = note, .priority = 1 }, 'c', NOTIFY_DONE };

static ATOMIC_NOTIFIER_HEAD(atomic_chain);
static BLOCKING_NOTIFIER_HEAD(blocking_chain);
static RAW_NOTIFIER_HEAD(raw_chain);
SRCU_NOTIFIER_HEAD_STATIC(srcu_chain);

#define CHAIN_TEST(kind)							\
TEST(kind##_chain)								\
{										\
	EXPECT_EQ(NOTIFY_DONE, kind##_notifier_call_chain(&kind##_chain, 1, called)); \
	EXPECT_EQ(0, kind##_notifier_chain_register(&kind##_chain, &a.nb));	\
	EXPECT_EQ(0, kind##_notifier_chain_register(&kind##_chain, &b.nb));	\
	EXPECT_EQ(0, kind##_notifier_chain_register(&kind##_chain, &c.nb));	\
	EXPECT_EQ(-EEXIST, kind##_notifier_chain_register(&kind##_chain, &b.nb)); \
	EXPECT_EQ(NOTIFY_DONE, kind##_notifier_call_chain(&kind##_chain, 1, called)); \
	EXPECT_STREQ("bac", called);						\
	called[0] = '\0';							\
	a.answer = notifier_from_errno(-EBUSY);					\
	EXPECT_EQ(-EBUSY, notifier_to_errno(					\
			  kind##_notifier_call_chain(&kind##_chain, 1, called))); \
	EXPECT_STREQ("ba", called);						\
	EXPECT_EQ(0, kind##_notifier_chain_unregister(&kind##_chain, &a.nb));	\
	EXPECT_EQ(-ENOENT, kind##_notifier_chain_unregister(&kind##_chain, &a.nb)); \
	called[0] = '\0';							\
	EXPECT_EQ(NOTIFY_DONE, kind##_notifier_call_chain(&kind##_chain, 1, called)); \
	EXPECT_STREQ("bc", called);						\
}

CHAIN_TEST(atomic)
CHAIN_TEST(blocking)
CHAIN_TEST(raw)
CHAIN_TEST(srcu)

TEST(errno_values_travel)
{
	EXPECT_EQ(NOTIFY_OK, notifier_from_errno(0));
	EXPECT_EQ(0, notifier_to_errno(NOTIFY_OK));
	EXPECT_EQ(0, notifier_to_errno(NOTIFY_DONE));
	EXPECT_EQ(-EPERM, notifier_to_errno(NOTIFY_BAD));
	EXPECT_EQ(-ENOMEM, notifier_to_errno(notifier_from_errno(-ENOMEM)));
}

TEST_HARNESS_MAIN

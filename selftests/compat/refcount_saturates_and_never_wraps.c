// SPDX-License-Identifier: MIT
/*
 * A reference count that is misused warns and sticks, so that its object is
 * never freed under anybody; kref calls its release once.
 */
#include "../kselftest_harness.h"

#include <pthread.h>

#include <linux/kref.h>
#include <linux/refcount.h>
#include <uwq/warn.h>

static bool saturated(refcount_t *r)
{
	return (int)refcount_read(r) <= REFCOUNT_SATURATED / 2;
}

TEST(counts)
{
	refcount_t r = REFCOUNT_INIT(1);
	int old;

	refcount_inc(&r);
	EXPECT_TRUE(refcount_inc_not_zero(&r));
	EXPECT_EQ(3, refcount_read(&r));
	EXPECT_FALSE(refcount_dec_and_test(&r));
	refcount_dec(&r);
	EXPECT_FALSE(refcount_dec_not_one(&r));
	EXPECT_TRUE(__refcount_dec_and_test(&r, &old));
	EXPECT_EQ(1, old);
	EXPECT_FALSE(refcount_inc_not_zero(&r));
	refcount_set(&r, 5);
	EXPECT_FALSE(refcount_dec_if_one(&r));
	EXPECT_TRUE(refcount_dec_not_one(&r));
	EXPECT_TRUE(refcount_sub_and_test(4, &r));
	refcount_set(&r, 1);
	EXPECT_TRUE(refcount_dec_if_one(&r));
	EXPECT_EQ(0, uwq_warn_count());
}

TEST(one_too_many_sticks)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_MAX);

	refcount_inc(&r);
	EXPECT_TRUE(saturated(&r));
	EXPECT_EQ(1, uwq_warn_count());
	refcount_inc(&r);
	EXPECT_FALSE(refcount_dec_and_test(&r));
	EXPECT_TRUE(refcount_dec_not_one(&r));
	EXPECT_TRUE(saturated(&r));
}

TEST(one_too_many_sticks_also_when_asked_politely)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_MAX);

	EXPECT_TRUE(refcount_inc_not_zero(&r));
	EXPECT_TRUE(saturated(&r));
	EXPECT_TRUE(refcount_inc_not_zero(&r));
	EXPECT_LE(1, uwq_warn_count());
}

TEST(use_after_zero_sticks)
{
	refcount_t r = REFCOUNT_INIT(0);

	refcount_inc(&r);
	EXPECT_TRUE(saturated(&r));
	EXPECT_EQ(1, uwq_warn_count());
	refcount_set(&r, 0);
	EXPECT_FALSE(refcount_dec_and_test(&r));
	EXPECT_TRUE(saturated(&r));
	EXPECT_EQ(2, uwq_warn_count());
	refcount_set(&r, 1);
	refcount_dec(&r);
	EXPECT_TRUE(saturated(&r));
	EXPECT_EQ(3, uwq_warn_count());
}

struct object {
	struct kref ref;
	int value;
	int released;
};

static void release(struct kref *ref)
{
	struct object *o = container_of(ref, struct object, ref);

	o->released++;
	o->value = -1;
}

static struct object shared;

static void *get_and_put(void *arg)
{
	long releases = 0;

	(void)arg;
	for (int i = 0; i < 20000; i++) {
		kref_get(&shared.ref);
		releases += kref_put(&shared.ref, release);
	}
	return (void *)(releases + kref_put(&shared.ref, release));
}

TEST(the_last_put_releases_once)
{
	pthread_t thread[3];
	long releases = 0;
	void *ret;

	kref_init(&shared.ref);
	for (int i = 0; i < 3; i++) {
		kref_get(&shared.ref);
		pthread_create(&thread[i], NULL, get_and_put, NULL);
	}
	releases += kref_put(&shared.ref, release);
	for (int i = 0; i < 3; i++) {
		pthread_join(thread[i], &ret);
		releases += (long)ret;
	}
	EXPECT_EQ(1, releases);
	EXPECT_EQ(1, shared.released);
	EXPECT_FALSE(kref_get_unless_zero(&shared.ref));
}

TEST_HARNESS_MAIN

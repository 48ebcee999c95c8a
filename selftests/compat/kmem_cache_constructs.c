// SPDX-License-Identifier: MIT
/*
 * kmem_cache: constructors run, alignment is real, objects that are left are
 * counted, an object of a SLAB_TYPESAFE_BY_RCU cache outlives its free.
 */
#include "../kselftest_harness.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <uwq/warn.h>

#include "lock_test.h"
#include "log_test.h"

struct thing {
	int magic;
	char name[50];
};

static int constructed;

static void construct(void *object)
{
	struct thing *thing = object;

	thing->magic = 0x600d;
	constructed++;
}

TEST(the_constructor_runs)
{
	struct kmem_cache *cache = kmem_cache_create("thing", sizeof(struct thing), 0, 0, construct);
	struct thing *thing[10];

	ASSERT_NOT_NULL(cache);
	EXPECT_EQ(sizeof(struct thing), kmem_cache_size(cache));
	for (int i = 0; i < 10; i++) {
		thing[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT_EQ(0x600d, thing[i]->magic);
	}
	EXPECT_EQ(10, constructed);
	for (int i = 0; i < 10; i++)
		kmem_cache_free(cache, thing[i]);
	kmem_cache_free(cache, NULL);
	kmem_cache_destroy(cache);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST(both_forms_of_create)
{
	struct kmem_cache_args args = { .align = 256, .ctor = construct };
	struct kmem_cache *a = kmem_cache_create("a", 100, &args, 0);
	struct kmem_cache *b = kmem_cache_create("b", 100, NULL, 0);
	struct kmem_cache *c = kmem_cache_create("c", 100, 128, SLAB_HWCACHE_ALIGN, NULL);
	struct kmem_cache *d = KMEM_CACHE(thing, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	void *oa = kmem_cache_alloc(a, GFP_KERNEL), *ob = kmem_cache_zalloc(b, GFP_KERNEL);
	void *oc = kmem_cache_alloc(c, GFP_KERNEL), *od = kmem_cache_alloc(d, GFP_KERNEL);

	EXPECT_EQ(0, (unsigned long)oa % 256);
	EXPECT_EQ(0x600d, ((struct thing *)oa)->magic);
	EXPECT_EQ(0, *(char *)ob);
	EXPECT_EQ(0, (unsigned long)oc % 128);
	EXPECT_EQ(0, (unsigned long)od % 64);
	kmem_cache_free(a, oa);
	kfree(ob);
	kmem_cache_free(c, oc);
	kmem_cache_free(d, od);
	kmem_cache_destroy(a);
	kmem_cache_destroy(b);
	kmem_cache_destroy(c);
	kmem_cache_destroy(d);
	kmem_cache_destroy(NULL);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST(objects_left_are_counted)
{
	struct kmem_cache *cache = KMEM_CACHE(thing, 0);
	void *a = kmem_cache_alloc(cache, GFP_KERNEL), *b = kmem_cache_alloc(cache, GFP_KERNEL);

	capture_start();
	kmem_cache_destroy(cache);
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_NOT_NULL(strstr(captured.text, "2 objects"));
	/* nothing was freed under their owners */
	memset(a, 1, sizeof(struct thing));
	kmem_cache_free(cache, a);
	kmem_cache_free(cache, b);
	kmem_cache_destroy(cache);
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
}

TEST(the_wrong_cache_is_noticed)
{
	struct kmem_cache *a = KMEM_CACHE(thing, 0), *b = KMEM_CACHE(list_head, 0);
	void *object = kmem_cache_alloc(a, GFP_KERNEL);

	capture_start();
	kmem_cache_free(b, object);
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
	kmem_cache_free(a, object);
	kmem_cache_destroy(a);
	kmem_cache_destroy(b);
}

TEST(typesafe_objects_outlive_their_free)
{
	struct kmem_cache *cache = kmem_cache_create("thing", sizeof(struct thing), 0,
						     SLAB_TYPESAFE_BY_RCU, construct);
	struct thing *thing = kmem_cache_alloc(cache, GFP_KERNEL);

	rcu_read_lock();
	kmem_cache_free(cache, thing);
	nap_us(20000);
	EXPECT_EQ(0x600d, thing->magic);
	rcu_read_unlock();
	kmem_cache_destroy(cache);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST(freed_twice_while_it_outlives)
{
	struct kmem_cache *cache = KMEM_CACHE(thing, SLAB_TYPESAFE_BY_RCU);
	struct thing *thing = kmem_cache_alloc(cache, GFP_KERNEL);

	capture_start();
	rcu_read_lock();
	kmem_cache_free(cache, thing);
	kmem_cache_free(cache, thing);
	rcu_read_unlock();
	EXPECT_EQ(1, uwq_warn_count());
	kmem_cache_destroy(cache);
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * A mempool gives an element to whoever may sleep, also when there is no
 * memory: from its reserve, or as soon as one comes back.
 */
#include "../kselftest_harness.h"

#include <linux/mempool.h>
#include <uwq/ledger.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "lock_test.h"

TEST(the_reserve_serves_when_memory_is_out)
{
	unsigned int mark = uwq_ledger_mark();
	mempool_t *pool = mempool_create_kmalloc_pool(2, 100);
	void *a, *b;

	ASSERT_NOT_NULL(pool);
	uwq_test_fail_alloc(1, -1);
	a = mempool_alloc(pool, GFP_NOWAIT);
	b = mempool_alloc(pool, GFP_KERNEL);
	EXPECT_NOT_NULL(a);
	EXPECT_NOT_NULL(b);
	EXPECT_NULL(mempool_alloc(pool, GFP_ATOMIC));
	uwq_test_fail_alloc(0, 0);
	mempool_free(a, pool);
	mempool_free(b, pool);
	mempool_free(NULL, pool);
	EXPECT_NOT_NULL(a = mempool_alloc_preallocated(pool));
	mempool_free(a, pool);
	mempool_destroy(pool);
	EXPECT_EQ(0, uwq_ledger_count(mark, NULL, NULL).objects);
}

static void *got;

static void *wait_for_one(void *pool)
{
	__atomic_store_n(&got, mempool_alloc(pool, GFP_KERNEL), __ATOMIC_RELEASE);
	return NULL;
}

TEST(waits_for_an_element_to_come_back)
{
	struct kmem_cache *cache = KMEM_CACHE(list_head, 0);
	mempool_t *pool = mempool_create_slab_pool(1, cache);
	pthread_t thread;
	long given_back;
	void *a;

	uwq_test_fail_alloc(1, -1);
	a = mempool_alloc(pool, GFP_KERNEL);
	thread = start_thread(wait_for_one, pool);
	nap_us(20000);
	EXPECT_NULL(__atomic_load_n(&got, __ATOMIC_ACQUIRE));
	/* it is woken: by itself it would look again after 5 s */
	given_back = now_ms();
	mempool_free(a, pool);
	EXPECT_TRUE(COMES_TRUE(__atomic_load_n(&got, __ATOMIC_ACQUIRE) == a));
	EXPECT_GT(4500, now_ms() - given_back);
	pthread_join(thread, NULL);
	uwq_test_fail_alloc(0, 0);
	mempool_free(a, pool);
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
	EXPECT_EQ(0, uwq_warn_count());
}

static void *churn(void *pool)
{
	for (int i = 0; i < ROUNDS(1000); i++) {
		void *element = mempool_alloc(pool, GFP_KERNEL);

		*(int *)element = i;
		mempool_free(element, pool);
	}
	return NULL;
}

TEST(many_threads_share_a_small_reserve)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 64);

	uwq_test_fail_alloc(1, -1);
	run_threads(6, churn, pool);
	uwq_test_fail_alloc(0, 0);
	mempool_destroy(pool);
}

TEST(failing_to_make_one_leaks_nothing)
{
	unsigned int mark = uwq_ledger_mark();

	for (long k = 1; k < 6; k++) {
		mempool_t *pool;

		uwq_test_fail_alloc(k, 1);
		pool = mempool_create_kmalloc_pool(3, 10);
		uwq_test_fail_alloc(0, 0);
		EXPECT_NULL(pool);
	}
	EXPECT_EQ(0, uwq_ledger_count(mark, NULL, NULL).objects);
}

TEST_HARNESS_MAIN

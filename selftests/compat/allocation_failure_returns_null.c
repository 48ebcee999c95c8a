// SPDX-License-Identifier: MIT
/*
 * Memory: alignment, sizes, zeroing and overflow as the kernel promises; when
 * there is none the answer is NULL and nothing else happens (U6); misuse is
 * reported, not fatal.
 */
#include "../kselftest_harness.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/vmalloc.h>
#include <uwq/ledger.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "log_test.h"

static bool all_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

TEST(every_allocator_returns_null)
{
	struct kmem_cache *cache = KMEM_CACHE(list_head, 0);
	char *old = kmalloc(10, GFP_KERNEL);
	void *bulk[4];

	ASSERT_NOT_NULL(cache);
	capture_start();
	uwq_test_fail_alloc(1, -1);
	EXPECT_NULL(kmalloc(10, GFP_KERNEL));
	EXPECT_NULL(kzalloc(10, GFP_ATOMIC));
	EXPECT_NULL(kcalloc(10, 10, GFP_NOWAIT));
	EXPECT_NULL(kmalloc_array(10, 10, GFP_KERNEL));
	EXPECT_NULL(krealloc(old, 100, GFP_KERNEL));
	EXPECT_NULL(kvmalloc(10, GFP_KERNEL));
	EXPECT_NULL(vmalloc(10));
	EXPECT_NULL(kstrdup("x", GFP_KERNEL));
	EXPECT_NULL(kasprintf(GFP_KERNEL, "x"));
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_EQ(0, kmem_cache_alloc_bulk(cache, GFP_KERNEL, 4, bulk));
	EXPECT_NULL(kmem_cache_create("x", 8, 0, 0, NULL));
	EXPECT_EQ(0, __get_free_page(GFP_KERNEL));
	EXPECT_LT(0, captured.messages);
	capture_end();
	uwq_test_fail_alloc(0, 0);
	kfree(old);
	kmem_cache_destroy(cache);
}

TEST(a_failing_bulk_gives_back_what_it_had)
{
	struct kmem_cache *cache = KMEM_CACHE(list_head, 0);
	void *bulk[4];

	uwq_test_fail_alloc(3, 1);
	EXPECT_EQ(0, kmem_cache_alloc_bulk(cache, GFP_KERNEL | __GFP_NOWARN, 4, bulk));
	EXPECT_EQ(4, kmem_cache_alloc_bulk(cache, GFP_KERNEL, 4, bulk));
	kmem_cache_free_bulk(cache, 4, bulk);
	kmem_cache_destroy(cache);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST(nofail_never_fails)
{
	void *p;

	uwq_test_fail_alloc(1, -1);
	p = kmalloc(10, GFP_KERNEL | __GFP_NOFAIL);
	uwq_test_fail_alloc(0, 0);
	EXPECT_NOT_NULL(p);
	kfree(p);
}

TEST(powers_of_two_are_aligned_to_their_size)
{
	for (size_t size = 8; size <= 16384; size *= 2) {
		size_t align = size < 16 ? 16 : size > PAGE_SIZE ? PAGE_SIZE : size;
		void *p = kmalloc(size, GFP_KERNEL), *z = kzalloc(size, GFP_KERNEL);

		EXPECT_EQ(0, (unsigned long)p % align);
		EXPECT_EQ(0, (unsigned long)z % align);
		EXPECT_TRUE(all_zero(z, size));
		EXPECT_EQ(size, ksize(p));
		kfree(p);
		kfree(z);
	}
}

TEST(odd_sizes)
{
	volatile size_t huge = SIZE_MAX;
	char *p;

	EXPECT_EQ(ZERO_SIZE_PTR, kmalloc(0, GFP_KERNEL));
	kfree(ZERO_SIZE_PTR);
	kfree(NULL);
	EXPECT_NULL(kcalloc(huge / 2, 3, GFP_KERNEL));
	EXPECT_NULL(kmalloc_array(huge, huge, GFP_KERNEL));
	EXPECT_NULL(vmalloc(0));
	capture_start();
	EXPECT_NULL(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_NULL(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN));
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
	p = kvmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_ZERO);
	ASSERT_NOT_NULL(p);
	EXPECT_TRUE(is_vmalloc_addr(p));
	EXPECT_TRUE(all_zero(p, KMALLOC_MAX_SIZE + 1));
	kvfree(p);
}

TEST(krealloc_keeps_the_contents)
{
	char *p = krealloc(NULL, 5, GFP_KERNEL), *q;
	volatile size_t huge = SIZE_MAX;

	memcpy(p, "abcd", 5);
	p = krealloc(p, 5000, GFP_KERNEL);
	EXPECT_STREQ("abcd", p);
	q = krealloc(p, 3, GFP_KERNEL | __GFP_ZERO);
	EXPECT_EQ(p, q);
	q = krealloc(p, 5000, GFP_KERNEL | __GFP_ZERO);
	EXPECT_STREQ("abc", q);
	EXPECT_EQ(ZERO_SIZE_PTR, krealloc(q, 0, GFP_KERNEL));
	EXPECT_NULL(krealloc_array(NULL, huge, 2, GFP_KERNEL));
}

TEST(pages)
{
	unsigned long page = get_zeroed_page(GFP_KERNEL), four = __get_free_pages(GFP_KERNEL, 2);
	void *exact = alloc_pages_exact(5000, GFP_KERNEL);

	EXPECT_EQ(0, page % PAGE_SIZE);
	EXPECT_TRUE(all_zero((char *)page, PAGE_SIZE));
	EXPECT_EQ(0, four % (4 * PAGE_SIZE));
	EXPECT_EQ(2 * PAGE_SIZE, ksize(exact));
	free_page(page);
	free_pages(four, 2);
	free_pages_exact(exact, 5000);
	EXPECT_EQ(2, get_order(3 * PAGE_SIZE));
	EXPECT_EQ(0, get_order(1));
	EXPECT_LT(1000, totalram_pages());
}

TEST(strings)
{
	char *s = kstrdup("hello", GFP_KERNEL), *n = kstrndup("hello", 3, GFP_KERNEL);
	char *m = kmemdup_nul("hello", 2, GFP_KERNEL);
	const char *c = kstrdup_const("constant", GFP_KERNEL);

	EXPECT_STREQ("hello", s);
	EXPECT_STREQ("hel", n);
	EXPECT_STREQ("he", m);
	EXPECT_STREQ("constant", c);
	EXPECT_NULL(kstrdup(NULL, GFP_KERNEL));
	kfree(s);
	kfree(n);
	kfree(m);
	kfree_const(c);
}

TEST(freeing_what_is_not_allocated_is_reported)
{
	char on_stack[64];
	void *p = kmalloc(10, GFP_KERNEL), *v = vmalloc(10);

	capture_start();
	kfree(p);
	EXPECT_EQ(0, uwq_warn_count());
	kfree(p);
	EXPECT_EQ(1, uwq_warn_count());
	kfree(on_stack + 16);
	EXPECT_EQ(2, uwq_warn_count());
	p = kmalloc(10, GFP_KERNEL);
	vfree(p);
	EXPECT_EQ(3, uwq_warn_count());
	EXPECT_EQ(10, ksize(p));
	kfree(p);
	vfree(v);
	EXPECT_EQ(3, uwq_warn_count());
	capture_end();
}

TEST(errno_is_nobodys_business)
{
	errno = 5;
	uwq_test_fail_alloc(1, 1);
	EXPECT_NULL(kmalloc(64, GFP_KERNEL | __GFP_NOWARN));
	kfree(kmalloc(64, GFP_KERNEL));
	EXPECT_EQ(5, errno);
}

TEST_HARNESS_MAIN

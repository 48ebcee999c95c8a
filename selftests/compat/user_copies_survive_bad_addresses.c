// SPDX-License-Identifier: MIT
/*
 * Copies through a bad address end in a count of bytes left or -EFAULT, never in
 * a fault, and stop exactly where memory does.
 */
#include "../kselftest_harness.h"

#include <sys/mman.h>

#include <linux/uaccess.h>

#define PAGE	4096

/* Two pages, of which the second may not be touched */
FIXTURE(pages) {
	char *mem;
	char buf[3 * PAGE];
};

FIXTURE_SETUP(pages)
{
	self->mem = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	memset(self->mem, 'm', PAGE);
	ASSERT_EQ(0, mprotect(self->mem + PAGE, PAGE, PROT_NONE));
	memset(self->buf, 'b', sizeof(self->buf));
}

FIXTURE_TEARDOWN(pages)
{
	munmap(self->mem, 2 * PAGE);
}

TEST_F(pages, a_good_copy_is_whole)
{
	EXPECT_EQ(0, copy_from_user(self->buf, self->mem, PAGE));
	EXPECT_EQ('m', self->buf[PAGE - 1]);
	EXPECT_EQ('b', self->buf[PAGE]);
	self->buf[0] = 'x';
	EXPECT_EQ(0, copy_to_user(self->mem, self->buf, PAGE));
	EXPECT_EQ('x', self->mem[0]);
	EXPECT_EQ(0, clear_user(self->mem, PAGE));
	EXPECT_EQ(0, self->mem[PAGE - 1]);
}

TEST_F(pages, a_copy_stops_where_memory_ends)
{
	EXPECT_EQ(100, copy_from_user(self->buf, self->mem + PAGE - 50, 150));
	EXPECT_EQ('m', self->buf[49]);
	EXPECT_EQ(0, self->buf[50]);
	EXPECT_EQ(0, self->buf[149]);
	EXPECT_EQ('b', self->buf[150]);
	EXPECT_EQ(100, copy_to_user(self->mem + PAGE - 50, self->buf + 200, 150));
	EXPECT_EQ('b', self->mem[PAGE - 1]);
	EXPECT_EQ(PAGE, clear_user(self->mem, 2 * PAGE));
	EXPECT_EQ(0, self->mem[PAGE - 1]);
}

TEST_F(pages, bad_addresses_are_refused)
{
	int number = 7;
	int *bad = (int *)(self->mem + PAGE);

	EXPECT_EQ(4, copy_from_user(self->buf, NULL, 4));
	EXPECT_EQ(4, copy_to_user((void *)~0UL, self->buf, 4));
	EXPECT_EQ(-EFAULT, get_user(number, bad));
	EXPECT_EQ(0, number);
	EXPECT_EQ(-EFAULT, put_user(1, bad));
	EXPECT_EQ(0, put_user(9, (int *)self->mem));
	EXPECT_EQ(0, get_user(number, (int *)self->mem));
	EXPECT_EQ(9, number);
	EXPECT_FALSE(access_ok((void *)~0UL, 1));
	EXPECT_FALSE(access_ok((void *)0x1000, ~0UL));
	EXPECT_TRUE(access_ok(self->mem, PAGE));
}

TEST_F(pages, strings_end_at_their_nul)
{
	strcpy(self->mem + PAGE - 6, "hello");
	EXPECT_EQ(5, strncpy_from_user(self->buf, self->mem + PAGE - 6, 100));
	EXPECT_STREQ("hello", self->buf);
	EXPECT_EQ(6, strnlen_user(self->mem + PAGE - 6, 100));
	EXPECT_EQ(3, strncpy_from_user(self->buf, self->mem + PAGE - 6, 3));
	EXPECT_EQ(4, strnlen_user(self->mem + PAGE - 6, 3));
	self->mem[PAGE - 1] = '!';
	EXPECT_EQ(-EFAULT, strncpy_from_user(self->buf, self->mem + PAGE - 6, 100));
	EXPECT_EQ(0, strnlen_user(self->mem + PAGE - 6, 100));
}

TEST_HARNESS_MAIN

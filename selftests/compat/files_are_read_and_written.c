// SPDX-License-Identifier: MIT
/*
 * filp_open() and what follows answer as in the kernel: errors as ERR_PTR, reads
 * and writes at positions of the caller's, ends and directories told apart. What
 * may wait for a disk or a peer counts as blocking.
 */
#include "../kselftest_harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>

#include "kernel-compat/sched_internal.h"

FIXTURE(dir) {
	char path[64];
	char file[80];
};

FIXTURE_SETUP(dir)
{
	strcpy(self->path, "/tmp/uwq-files-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->path));
	sprintf(self->file, "%s/file", self->path);
}

FIXTURE_TEARDOWN(dir)
{
	unlink(self->file);
	rmdir(self->path);
}

TEST_F(dir, what_was_written_is_read_back)
{
	struct file *file = filp_open(self->file, O_RDWR | O_CREAT, 0600);
	char buf[16] = "";
	loff_t pos = 0;

	ASSERT_FALSE(IS_ERR(file));
	EXPECT_TRUE(S_ISREG(file_inode(file)->i_mode));
	EXPECT_EQ(0600, file_inode(file)->i_mode & 0777);
	EXPECT_EQ(0, i_size_read(file_inode(file)));
	EXPECT_EQ(11, kernel_write(file, "hello world", 11, &pos));
	EXPECT_EQ(11, pos);
	EXPECT_EQ(11, i_size_read(file_inode(file)));
	pos = 6;
	EXPECT_EQ(5, kernel_read(file, buf, sizeof(buf), &pos));
	EXPECT_STREQ("world", buf);
	EXPECT_EQ(11, pos);
	EXPECT_EQ(0, kernel_read(file, buf, sizeof(buf), &pos));
	EXPECT_EQ(0, vfs_fsync(file, 0));
	EXPECT_EQ(0, vfs_fsync(file, 1));
	EXPECT_EQ(3, vfs_llseek(file, 3, SEEK_SET));
	EXPECT_EQ(2, kernel_read(file, buf, 2, NULL));
	EXPECT_EQ('l', buf[0]);
	EXPECT_EQ(0, filp_close(file, NULL));
}

TEST_F(dir, append_writes_at_the_end)
{
	struct file *file = filp_open(self->file, O_RDWR | O_CREAT | O_APPEND, 0600);
	char buf[8] = "";
	loff_t pos = 0;

	ASSERT_FALSE(IS_ERR(file));
	EXPECT_EQ(3, kernel_write(file, "abc", 3, &pos));
	pos = 0;
	EXPECT_EQ(3, kernel_write(file, "def", 3, &pos));
	EXPECT_EQ(6, pos);
	pos = 0;
	EXPECT_EQ(6, kernel_read(file, buf, sizeof(buf), &pos));
	EXPECT_STREQ("abcdef", buf);
	filp_close(file, NULL);
}

TEST_F(dir, errors_are_the_systems)
{
	struct file *file;
	char byte;
	loff_t pos = 0;

	EXPECT_EQ(-ENOENT, PTR_ERR(filp_open(self->file, O_RDONLY, 0)));
	EXPECT_EQ(-EISDIR, PTR_ERR(filp_open(self->path, O_WRONLY, 0)));
	EXPECT_EQ(-ENOTDIR, PTR_ERR(filp_open("/dev/null/x", O_RDONLY, 0)));
	if (geteuid()) {
		close(open(self->file, O_CREAT | O_WRONLY, 0));
		EXPECT_EQ(-EACCES, PTR_ERR(filp_open(self->file, O_RDONLY, 0)));
	}
	file = filp_open(self->path, O_RDONLY, 0);
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_TRUE(S_ISDIR(file_inode(file)->i_mode));
	EXPECT_EQ(-EINVAL, kernel_read(file, &byte, 1, &pos));
	filp_close(file, NULL);
}

TEST_F(dir, relative_paths_start_at_the_working_directory)
{
	struct file *file;

	ASSERT_EQ(0, chdir(self->path));
	file = filp_open("file", O_WRONLY | O_CREAT, 0600);
	ASSERT_FALSE(IS_ERR(file));
	filp_close(file, NULL);
	EXPECT_EQ(0, access(self->file, F_OK));
}

TEST_F(dir, a_device_has_its_number)
{
	struct file *file = filp_open("/dev/null", O_RDWR, 0);

	(void)self;
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_TRUE(S_ISCHR(file_inode(file)->i_mode));
	EXPECT_EQ(1, imajor(file_inode(file)));
	EXPECT_EQ(3, iminor(file_inode(file)));
	filp_close(file, NULL);
}

TEST(a_file_of_a_descriptor_outlives_it)
{
	int ends[2];
	struct file *file;
	char byte = 0;

	ASSERT_EQ(0, pipe(ends));
	file = fget(ends[0]);
	ASSERT_NE(NULL, file);
	close(ends[0]);
	ASSERT_EQ(1, write(ends[1], "x", 1));
	EXPECT_EQ(1, kernel_read(get_file(file), &byte, 1, NULL));
	EXPECT_EQ('x', byte);
	fput(file);
	ASSERT_EQ(1, write(ends[1], "y", 1));
	EXPECT_EQ(1, kernel_read(file, &byte, 1, NULL));
	fput(file);
	EXPECT_EQ(NULL, fget(ends[0]));
	close(ends[1]);
}

static int slept, woke;

static void count_sleep(struct task_struct *task)
{
	(void)task;
	slept++;
}

static void count_wake(struct task_struct *task)
{
	(void)task;
	woke++;
}

/* What a worker's pool sees: it lets another item run between the two calls */
TEST_F(dir, every_call_that_may_wait_counts_as_blocking)
{
	static const struct sched_hooks hooks = { count_sleep, count_wake };
	struct file *file;
	char byte = 'x';
	loff_t pos = 0;

	current->sched_hooks = &hooks;
	file = filp_open(self->file, O_RDWR | O_CREAT, 0600);
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_EQ(1, slept);
	kernel_write(file, &byte, 1, &pos);
	EXPECT_EQ(2, slept);
	kernel_read(file, &byte, 1, &pos);
	EXPECT_EQ(3, slept);
	vfs_fsync(file, 0);
	EXPECT_EQ(4, slept);
	EXPECT_EQ(4, woke);
	current->sched_hooks = NULL;
	filp_close(file, NULL);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * U22: a program's parameters, and the library's, can be looked at and set by name, and
 * are files below /sys/module; what the mode forbids is refused, and what is no value
 * changes nothing. Names that a shared object or module brought go with it.
 */
#define KBUILD_MODNAME "prog"
#include "../kselftest_harness.h"

#include <fcntl.h>
#include <pthread.h>

#include <linux/fs.h>
#include <linux/module.h>
#include <uwq/param.h>
#include <uwq/sysfs.h>

#include "kernel-compat/param_internal.h"
#include "log_test.h"

static int number = 7;
module_param(number, int, 0644);
static bool flag;
module_param(flag, bool, 0600);
static unsigned int fixed = 3;
module_param(fixed, uint, 0444);
static unsigned int hidden = 4;
module_param(hidden, uint, 0);
static char *text = "none";
module_param(text, charp, 0644);
static int array[3] = { 1, 2, 3 };
static unsigned int nr_array = 2;
module_param_array(array, int, &nr_array, 0644);

static int no_get(const char *val, const struct kernel_param *kp)
{
	(void)val;
	(void)kp;
	return -EDOM;
}

static const struct kernel_param_ops set_only = { .set = no_get };
static const struct kernel_param_ops get_only = { .get = param_get_int };
module_param_cb(set_only, &set_only, NULL, 0644);
module_param_cb(get_only, &get_only, &number, 0644);

static const char *get(const char *name)
{
	static char value[64];
	ssize_t len = uwq_param_get(name, value, sizeof(value));

	if (len < 0)
		sprintf(value, "error %zd", len);
	return value;
}

static const char *file(const char *path)
{
	static char value[64];
	ssize_t len = uwq_sysfs_read(path, value, sizeof(value));

	if (len < 0)
		sprintf(value, "error %zd", len);
	return value;
}

TEST(values_are_seen_and_set)
{
	EXPECT_STREQ("7", get("prog.number"));
	EXPECT_EQ(0, uwq_param_set("prog.number", "-8"));
	EXPECT_EQ(-8, number);
	EXPECT_STREQ("-8\n", file("/sys/module/prog/parameters/number"));
	EXPECT_EQ(3, uwq_sysfs_write("/sys/module/prog/parameters/number", "12\n", 3));
	EXPECT_EQ(12, number);
	EXPECT_EQ(0, uwq_param_set("prog.flag", NULL));
	EXPECT_STREQ("Y", get("prog.flag"));
	EXPECT_EQ(0, uwq_param_set("prog.text", "some words"));
	EXPECT_STREQ("some words", text);
	EXPECT_STREQ("1,2", get("prog.array"));
	EXPECT_EQ(0, uwq_param_set("prog.array", "4,5,6"));
	EXPECT_EQ(6, array[2]);
	EXPECT_EQ(3, nr_array);
}

TEST(a_small_buffer_gets_the_beginning)
{
	char value[4];

	EXPECT_EQ(0, uwq_param_set("prog.text", "abcdef"));
	EXPECT_EQ(6, uwq_param_get("prog.text", value, sizeof(value)));
	EXPECT_STREQ("abc", value);
}

TEST(bad_values_change_nothing)
{
	capture_start();
	EXPECT_EQ(-EINVAL, uwq_param_set("prog.number", "x"));
	EXPECT_EQ(-ERANGE, uwq_param_set("prog.number", "2147483648"));
	EXPECT_EQ(-EINVAL, uwq_param_set("prog.number", NULL));
	EXPECT_EQ(3, captured.messages);
	EXPECT_NOT_NULL(strstr(captured.text, "prog.number"));
	EXPECT_EQ(-EINVAL, uwq_sysfs_write("/sys/module/prog/parameters/number", "x", 1));
	EXPECT_EQ(-EINVAL, uwq_param_set("prog.flag", "perhaps"));
	EXPECT_EQ(-EINVAL, uwq_param_set("prog.array", "1,2,3,4"));
	capture_end();
	EXPECT_EQ(7, number);
	EXPECT_FALSE(flag);
}

TEST(the_mode_decides)
{
	capture_start();
	EXPECT_EQ(-EPERM, uwq_param_set("prog.fixed", "1"));
	EXPECT_NOT_NULL(strstr(captured.text, "prog.fixed"));
	EXPECT_EQ(-EACCES, uwq_sysfs_write("/sys/module/prog/parameters/fixed", "1", 1));
	EXPECT_EQ(-EPERM, uwq_param_set("prog.hidden", "1"));
	EXPECT_STREQ("error -2", file("/sys/module/prog/parameters/hidden"));
	EXPECT_STREQ("3\n", file("/sys/module/prog/parameters/fixed"));
	EXPECT_STREQ("4", get("prog.hidden"));
	/* what has only one of the two functions */
	EXPECT_EQ(-EDOM, uwq_param_set("prog.set_only", "1"));
	EXPECT_STREQ("error -1", get("prog.set_only"));
	EXPECT_STREQ("error -1", file("/sys/module/prog/parameters/set_only"));
	EXPECT_EQ(-EPERM, uwq_param_set("prog.get_only", "1"));
	EXPECT_EQ(-EPERM, uwq_sysfs_write("/sys/module/prog/parameters/get_only", "1", 1));
	EXPECT_STREQ("7", get("prog.get_only"));
	capture_end();
	EXPECT_EQ(3, fixed);
	EXPECT_EQ(4, hidden);
}

TEST(the_librarys_own)
{
	EXPECT_STREQ("7", get("loglevel"));
	EXPECT_STREQ("7\n", file("/sys/module/kernel/parameters/loglevel"));
	EXPECT_EQ(0, uwq_param_set("uwq.loglevel", "6"));
	EXPECT_STREQ("6", get("loglevel"));
	EXPECT_STREQ("error -2", get("no.such"));
	EXPECT_STREQ("error -2", get("prog"));
	EXPECT_STREQ("error -2", file("/sys/module/prog/parameters/none"));
}

TEST(a_dash_is_an_underscore)
{
	capture_start();
	EXPECT_STREQ("7", get("prog.get-only"));
	EXPECT_EQ(-EDOM, uwq_param_set("prog.set-only", "1"));
	capture_end();
}

/* As for a module: names without a prefix, gone with the table */
TEST(tables_come_and_go)
{
	static int value = 5;
	static const struct kernel_param table[] = {
		{ "value", NULL, &param_ops_int, 0644, -1, 0, { &value } },
	};
	struct file *open;
	char byte;

	ASSERT_EQ(0, param_table_add("some_module", table, table + 1));
	EXPECT_STREQ("5", get("some_module.value"));
	EXPECT_STREQ("5", get("some-module.value"));
	EXPECT_STREQ("error -2", get("value"));
	EXPECT_STREQ("5\n", file("/sys/module/some_module/parameters/value"));
	open = filp_open("/sys/module/some_module/parameters/value", O_RDONLY, 0);
	ASSERT_FALSE(IS_ERR(open));
	param_table_remove(table);
	EXPECT_EQ(-ENODEV, kernel_read(open, &byte, 1, NULL));
	filp_close(open, NULL);
	EXPECT_STREQ("error -2", get("some_module.value"));
	param_table_remove(table);
}

static void *set_often(void *value)
{
	for (int i = 0; i < 500; i++) {
		uwq_param_set("prog.text", value);
		uwq_param_set("prog.number", value);
	}
	return NULL;
}

TEST(many_threads_set_one)
{
	pthread_t threads[3];
	static char *const values[] = { "1", "22", "333" };

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, set_often, values[i]);
	for (int i = 0; i < 500; i++)
		EXPECT_GE(4, strlen(get("prog.text")));
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

TEST_HARNESS_MAIN

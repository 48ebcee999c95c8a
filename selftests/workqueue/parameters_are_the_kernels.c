// SPDX-License-Identifier: MIT
/*
 * Proves U22 and the table of parameters workqueue.*: each exists with the kernel's
 * name, mode and default; takes what it shall and refuses the rest with the kernel's
 * errno, by name, without a change; is the same by uwq_param_get(), as a file below
 * /sys/module/workqueue/parameters and in UWQ_CMDLINE; those of mode 0444 are fixed
 * once the program runs.
 */
#include "wq_test.h"

#include <fcntl.h>

#include <linux/fs.h>
#include <uwq/param.h>
#include <uwq/sysfs.h>

#define FOLDER	"/sys/module/workqueue/parameters/"

struct refused {
	const char *text;
	int err;
};

static const struct param {
	const char *name;
	int mode;
	const char *initial;	/* NULL: depends on the machine */
	const char *good[4];	/* given, and shown as the next */
	struct refused bad[5];
} params[] = {
	{ "cpu_intensive_thresh_us", 0644, NULL,
	  { "20000", "20000", "0", "0" },
	  { { "-1", -EINVAL }, { "many", -EINVAL }, { "", -EINVAL },
	    { "99999999999999999999", -ERANGE } } },
	{ "cpu_intensive_warning_thresh", 0644, "4",
	  { "7", "7", "0", "0" },
	  { { "-1", -EINVAL }, { "4294967296", -ERANGE }, { "x", -EINVAL } } },
	{ "power_efficient", 0444, "N", { NULL }, { { NULL, 0 } } },
	{ "cache_shard_size", 0444, "8", { NULL }, { { NULL, 0 } } },
	{ "debug_force_rr_cpu", 0644, "N",
	  { "1", "Y", "off", "N" },
	  { { "maybe", -EINVAL }, { "2", -EINVAL } } },
	{ "default_affinity_scope", 0644, "cache_shard",
	  { "numa", "numa", "cache_shard\n", "cache_shard" },
	  { { "default", -EINVAL }, { "galaxy", -EINVAL }, { "", -EINVAL } } },
	{ "watchdog_thresh", 0644, "30",
	  { "5", "5", "0", "0" },
	  { { "-1", -EINVAL }, { "soon", -EINVAL }, { "99999999999999999999", -ERANGE } } },
	{ "panic_on_stall", 0644, "0",
	  { "1000", "1000", "0", "0" },
	  { { "-1", -EINVAL }, { "4294967296", -ERANGE }, { "y", -EINVAL } } },
	{ "panic_on_stall_time", 0644, "0",
	  { "1000", "1000", "0", "0" },
	  { { "-1", -EINVAL }, { "4294967296", -ERANGE }, { "y", -EINVAL } } },
};
#define NR_PARAMS	(sizeof(params) / sizeof(params[0]))

static char name[64], path[128];

static const char *full(const struct param *param)
{
	snprintf(name, sizeof(name), "workqueue.%s", param->name);
	snprintf(path, sizeof(path), FOLDER "%s", param->name);
	return name;
}

static const char *value_of(const struct param *param)
{
	static char text[64];
	ssize_t len = uwq_param_get(full(param), text, sizeof(text));

	if (len < 0)
		sprintf(text, "error %zd", len);
	return text;
}

/* The file, without its newline */
static const char *file_of(const struct param *param)
{
	static char text[64];
	ssize_t len;

	full(param);
	len = uwq_sysfs_read(path, text, sizeof(text));
	if (len < 0)
		sprintf(text, "error %zd", len);
	else if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

TEST(each_has_its_name_mode_and_default)
{
	for (size_t i = 0; i < NR_PARAMS; i++) {
		const struct param *param = &params[i];
		struct file *file;
		char value[64];

		strcpy(value, value_of(param));
		TH_LOG("%s %s", param->name, value);
		if (param->initial) {
			EXPECT_STREQ(param->initial, value);
		} else {
			EXPECT_NE('e', value[0]);
		}
		EXPECT_STREQ(value, file_of(param));
		file = filp_open(path, O_RDONLY, 0);
		ASSERT_FALSE(IS_ERR(file)) {
			TH_LOG("%s", path);
		}
		EXPECT_EQ(param->mode, file_inode(file)->i_mode & 0777) {
			TH_LOG("%s", path);
		}
		filp_close(file, NULL);
	}
}

/* 10 ms, or more on a machine that is slow; 1 s at most */
TEST(the_hog_threshold_fits_the_machine)
{
	long us = atol(value_of(&params[0]));

	EXPECT_LE(10000, us);
	EXPECT_GE(1000000, us);
}

TEST(good_values_are_taken)
{
	for (size_t i = 0; i < NR_PARAMS; i++) {
		const struct param *param = &params[i];

		for (int k = 0; k < 4 && param->good[k]; k += 2) {
			EXPECT_EQ(0, uwq_param_set(full(param), param->good[k])) {
				TH_LOG("%s=%s", name, param->good[k]);
			}
			EXPECT_STREQ(param->good[k + 1], value_of(param));
			EXPECT_STREQ(param->good[k + 1], file_of(param));
		}
		for (int k = 0; k < 4 && param->good[k]; k += 2) {
			EXPECT_EQ(strlen(param->good[k]),
				  uwq_sysfs_write(path, param->good[k], strlen(param->good[k])));
			EXPECT_STREQ(param->good[k + 1], value_of(param));
		}
	}
}

TEST(bad_values_are_refused_by_name)
{
	for (size_t i = 0; i < NR_PARAMS; i++) {
		const struct param *param = &params[i];
		char before[64];

		strcpy(before, value_of(param));
		for (int k = 0; k < 5 && param->bad[k].text; k++) {
			log_count(full(param));
			EXPECT_EQ(param->bad[k].err, uwq_param_set(name, param->bad[k].text)) {
				TH_LOG("%s=%s", name, param->bad[k].text);
			}
			EXPECT_EQ(1, GET(log_hits));
			/* nothing is written by writing nothing */
			if (*param->bad[k].text) {
				EXPECT_EQ(param->bad[k].err,
					  uwq_sysfs_write(path, param->bad[k].text,
							  strlen(param->bad[k].text)));
			}
			EXPECT_STREQ(before, value_of(param));
		}
		uwq_set_log_sink(NULL, NULL);
	}
}

TEST(what_is_0444_is_fixed)
{
	for (size_t i = 0; i < NR_PARAMS; i++) {
		const struct param *param = &params[i];
		char before[64];

		if (param->mode & 0222)
			continue;
		strcpy(before, value_of(param));
		log_count(full(param));
		EXPECT_EQ(-EPERM, uwq_param_set(name, "1"));
		EXPECT_EQ(1, GET(log_hits));
		EXPECT_EQ(-EACCES, uwq_sysfs_write(path, "1", 1));
		uwq_set_log_sink(NULL, NULL);
		EXPECT_STREQ(before, value_of(param));
	}
}

/* unbound_cpus= is for the start only: no file, nothing to set */
TEST(unbound_cpus_is_for_the_start)
{
	char text[64];

	log_count("workqueue.unbound_cpus");
	EXPECT_EQ(-EPERM, uwq_param_set("workqueue.unbound_cpus", "0"));
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(-ENOENT, uwq_sysfs_read(FOLDER "unbound_cpus", text, sizeof(text)));
}

TEST(an_unknown_name_is_told)
{
	char text[64];

	log_count("workqueue.no_such");
	EXPECT_EQ(-ENOENT, uwq_param_set("workqueue.no_such", "1"));
	EXPECT_EQ(1, GET(log_hits));
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(-ENOENT, uwq_param_get("workqueue.no_such", text, sizeof(text)));
	EXPECT_STREQ("", text);
}

/* The scope of queues that did not choose one follows, also of those that exist */
TEST(default_scope_is_shown_by_queues)
{
	struct workqueue_struct *wq = alloc_workqueue("follows", WQ_UNBOUND | WQ_SYSFS, 0);
	char text[64];

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(0, uwq_param_set("workqueue.default_affinity_scope", "system"));
	uwq_sysfs_read("/sys/bus/workqueue/devices/follows/affinity_scope", text, sizeof(text));
	EXPECT_STREQ("default (system)\n", text);
	destroy_workqueue(wq);
}

/* ---- UWQ_CMDLINE ---- */

#define GOOD	"workqueue.cpu_intensive_thresh_us=11111 workqueue.cpu_intensive_warning_thresh=5 " \
		"workqueue.power_efficient=1 workqueue.cache_shard_size=3 " \
		"workqueue.debug_force_rr_cpu workqueue.default_affinity_scope=smt " \
		"workqueue.watchdog_thresh=9 workqueue.panic_on_stall=10 " \
		"workqueue.panic_on_stall_time=11 workqueue.unbound_cpus=1"
#define BAD	"workqueue.cpu_intensive_thresh_us=a workqueue.cpu_intensive_warning_thresh=b " \
		"workqueue.power_efficient=c workqueue.cache_shard_size=d " \
		"workqueue.debug_force_rr_cpu=e workqueue.default_affinity_scope=f " \
		"workqueue.watchdog_thresh=g workqueue.panic_on_stall=h " \
		"workqueue.panic_on_stall_time=i workqueue.no_such=1"

/* Another run of this program with @cmdline prints its values into @text */
static void run_with(const char *cmdline, char *text, size_t size)
{
	char command[1200];
	FILE *pipe;
	size_t len;

	snprintf(command, sizeof(command),
		 "UWQ_TEST_CPUS=1 UWQ_TEST_PRINT=1 UWQ_CMDLINE='%s uwq.nr_cpus=4' /proc/%d/exe 2>&1",
		 cmdline, getpid());
	pipe = popen(command, "r");
	len = pipe ? fread(text, 1, size - 1, pipe) : 0;
	text[len] = '\0';
	if (pipe)
		pclose(pipe);
}

static void print_values(void)
{
	for (size_t i = 0; i < NR_PARAMS; i++)
		printf("%s ", value_of(&params[i]));
	uwq_sysfs_read("/sys/bus/workqueue/cpumask", path, sizeof(path));
	printf("%s", path);
}

TEST(the_environment_sets_all)
{
	char text[4096];

	run_with(GOOD, text, sizeof(text));
	EXPECT_NOT_NULL(strstr(text, "11111 5 Y 3 Y smt 9 10 11 2\n")) {
		TH_LOG("%s", text);
	}
}

TEST(bad_words_of_the_environment_are_named_and_ignored)
{
	char text[8192], plain[4096];

	run_with("", plain, sizeof(plain));
	run_with(BAD, text, sizeof(text));
	EXPECT_NOT_NULL(strstr(text, plain)) {
		TH_LOG("%s", text);
	}
	for (size_t i = 0; i < NR_PARAMS; i++)
		EXPECT_NOT_NULL(strstr(text, full(&params[i])));
	EXPECT_NOT_NULL(strstr(text, "workqueue.no_such"));
}

int main(int argc, char **argv)
{
	if (getenv("UWQ_TEST_PRINT")) {
		print_values();
		return 0;
	}
	with_cpus(argv, 4);
	return ks_main(argc, argv);
}

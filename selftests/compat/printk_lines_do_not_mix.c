// SPDX-License-Identifier: MIT
/*
 * The log: whole lines whatever the threads do, levels, pr_cont(), a sink that
 * may be replaced at any time and may itself log and wait for others who log
 * (B18).
 */
#include "../kselftest_harness.h"

#include <fcntl.h>

#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <uwq/log.h>
#include <uwq/warn.h>

#include "kernel-compat/printk_internal.h"
#include "lock_test.h"
#include "log_test.h"

#define THREADS	4
#define EACH	ROUNDS(600)

static void lines_are_stale_after(unsigned long long ns)
{
	__atomic_store_n(&log_stale_ns, ns, __ATOMIC_RELAXED);
}

#define NEVER	1000000000ull

static int next_id, started;

/* Every third line comes in two pieces. */
static void *log_lines(void *arg)
{
	int id = flag_add(&next_id, 1);

	/* all at once, if so many were asked for */
	flag_add(&started, 1);
	while (arg && flag_get(&started) < THREADS)
		;
	for (int i = 0; i < EACH; i++) {
		if (i % 3) {
			pr_info("thread %d line %d end\n", id, i);
		} else {
			pr_info("thread %d ", id);
			pr_cont("line %d end\n", i);
		}
	}
	return NULL;
}

/* Each line once, whole, and each thread's in order. */
static int check_lines(char *text)
{
	int next[THREADS + 1] = { 0 };
	int bad = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *start = strstr(line, "thread ");
		int id, nr, used = 0;

		if (!start || sscanf(start, "thread %d line %d end%n", &id, &nr, &used) != 2 ||
		    !used || start[used] || id < 1 || id > THREADS || next[id] != nr)
			bad++;
		else
			next[id]++;
	}
	for (int i = 1; i <= THREADS; i++)
		bad += next[i] != EACH;
	return bad;
}

TEST(lines_reach_a_sink_whole)
{
	lines_are_stale_after(NEVER);
	capture_start();
	run_threads(THREADS, log_lines, &started);
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(0, check_lines(captured.text));
	capture_end();
}

TEST(lines_reach_standard_error_whole)
{
	char path[] = "/tmp/uwq-log-XXXXXX";
	int fd = mkstemp(path), old = dup(2);
	char *text;
	off_t size;

	ASSERT_LE(0, fd);
	unlink(path);
	lines_are_stale_after(NEVER);
	dup2(fd, 2);
	run_threads(THREADS, log_lines, &started);
	dup2(old, 2);
	size = lseek(fd, 0, SEEK_END);
	text = calloc(1, (size_t)size + 1);
	ASSERT_EQ(size, pread(fd, text, (size_t)size, 0));
	EXPECT_EQ('[', text[0]);
	EXPECT_EQ(0, check_lines(text));
	free(text);
	close(fd);
	close(old);
}

TEST(levels_and_marks)
{
	capture_start();
	pr_err("bad\n");
	EXPECT_EQ(3, captured.last_level);
	printk("no mark\n");
	EXPECT_EQ(4, captured.last_level);
	printk("%s", KERN_NOTICE "mark from an argument\n");
	EXPECT_EQ(5, captured.last_level);
	pr_debug("hidden\n");
	printk(KERN_DEBUG "hidden as well\n");
	printk(KERN_DEBUG "so is ");
	pr_cont("what continues it\n");
	EXPECT_EQ(3, captured.messages);
	console_loglevel = 8;
	pr_debug("shown\n");
	EXPECT_EQ(7, captured.last_level);
	EXPECT_EQ(4, captured.messages);
	EXPECT_STREQ("bad\nno mark\nmark from an argument\nshown\n", captured.text);
	EXPECT_EQ(8, pr_err("1234567\n"));
	capture_end();
}

TEST(unfinished_lines_are_not_lost)
{
	/* who continues late, with nobody else logging, still continues */
	lines_are_stale_after(0);
	capture_start();
	pr_info("first");
	EXPECT_EQ(0, captured.messages);
	pr_info("second ");
	EXPECT_STREQ("first\n", captured.text);
	pr_cont("third ");
	pr_cont("fourth\n");
	EXPECT_STREQ("first\nsecond third fourth\n", captured.text);
	pr_info("fifth");
	uwq_log_flush();
	EXPECT_STREQ("first\nsecond third fourth\nfifth\n", captured.text);
	pr_cont("sixth\n");
	EXPECT_STREQ("first\nsecond third fourth\nfifth\nsixth\n", captured.text);
	capture_end();
}

static void *log_a_piece(void *arg)
{
	(void)arg;
	pr_info("left by a thread");
	return NULL;
}

TEST(a_line_that_nobody_continues_appears_when_somebody_logs)
{
	capture_start();
	lines_are_stale_after(NEVER);
	run_threads(1, log_a_piece, NULL);
	pr_info("soon\n");
	lines_are_stale_after(0);
	nap_us(10);
	pr_info("later\n");
	EXPECT_STREQ("soon\nleft by a thread\nlater\n", captured.text);
	capture_end();
}

static int b_is_open, b_may_end;

static void *open_and_close_b(void *arg)
{
	(void)arg;
	pr_info("somebody logs\n");
	lines_are_stale_after(NEVER);
	pr_info("b ");
	flag_set(&b_is_open, 1);
	while (!flag_get(&b_may_end))
		nap_us(100);
	pr_cont("d\n");
	return NULL;
}

TEST(a_line_belongs_to_the_thread_that_began_it)
{
	pthread_t thread;

	capture_start();
	lines_are_stale_after(0);
	pr_info("a");
	nap_us(10);
	thread = start_thread(open_and_close_b, NULL);
	ASSERT_TRUE(COMES_TRUE(flag_get(&b_is_open)));
	/* ours is gone, and what is in its place is not ours */
	pr_info("c\n");
	pr_info("e\n");
	flag_set(&b_may_end, 1);
	pthread_join(thread, NULL);
	EXPECT_STREQ("a\nsomebody logs\nc\ne\nb d\n", captured.text);
	capture_end();
}

TEST(once_and_rate_limits)
{
	capture_start();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5; i++)
			pr_info_once("once\n");
		EXPECT_EQ(round + 1, captured.messages);
		uwq_warn_reset_once();
	}
	captured.messages = 0;
	for (int i = 0; i < 25; i++)
		pr_info_ratelimited("limited\n");
	EXPECT_EQ(10, captured.messages);
	capture_end();
}

TEST(a_rate_limit_opens_again)
{
	DEFINE_RATELIMIT_STATE(rs, HZ / 20, 2);
	int passed;
	long since;

	/* again if this thread got no CPU for so long that it opened meanwhile */
	do {
		ratelimit_state_init(&rs, HZ / 20, 2);
		passed = 0;
		since = now_ms();
		for (int i = 0; i < 5; i++)
			passed += __ratelimit(&rs);
	} while (now_ms() - since > 40);
	EXPECT_EQ(2, passed);
	nap_us(60000);
	capture_start();
	EXPECT_EQ(1, __ratelimit(&rs));
	EXPECT_NOT_NULL(strstr(captured.text, "3 messages"));
	capture_end();
}

TEST(long_messages_are_cut_not_dropped)
{
	static char huge[5000];

	memset(huge, 'x', sizeof(huge) - 1);
	capture_start();
	pr_info("%s\n", huge);
	EXPECT_EQ(1, captured.messages);
	EXPECT_LT(1000, captured.len);
	EXPECT_GT(1030, captured.len);
	capture_end();
}

static int nested;

static void sink_that_logs(int level, const char *text, size_t len, void *arg)
{
	pthread_t thread;

	(void)level;
	(void)text;
	(void)len;
	(void)arg;
	if (flag_add(&nested, 1) > 1)
		return;
	pr_info("from the sink: goes to standard error\n");
	/* somebody else logs, and we wait for him: no lock is held around us */
	pthread_create(&thread, NULL, log_lines, NULL);
	pthread_join(thread, NULL);
}

TEST(a_sink_holds_nobody_up)
{
	uwq_set_log_sink(sink_that_logs, NULL);
	pr_info("go\n");
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(1 + EACH, nested);
}

static int entered, in_old_sink, old_sink_closed, late_calls;

static void slow_sink(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)text;
	(void)len;
	(void)arg;
	flag_add(&in_old_sink, 1);
	flag_set(&entered, 1);
	nap_us(20000);
	if (flag_get(&old_sink_closed))
		flag_add(&late_calls, 1);
	flag_add(&in_old_sink, -1);
}

static void *log_one(void *arg)
{
	(void)arg;
	pr_info("one\n");
	return NULL;
}

TEST(nobody_is_in_a_sink_that_was_replaced)
{
	pthread_t thread;

	uwq_set_log_sink(slow_sink, NULL);
	pthread_create(&thread, NULL, log_one, NULL);
	ASSERT_TRUE(COMES_TRUE(flag_get(&entered)));
	uwq_set_log_sink(NULL, NULL);
	EXPECT_EQ(0, flag_get(&in_old_sink));
	flag_set(&old_sink_closed, 1);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, flag_get(&late_calls));
}

TEST_HARNESS_MAIN

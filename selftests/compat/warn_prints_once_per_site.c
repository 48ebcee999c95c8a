// SPDX-License-Identifier: MIT
/*
 * WARN: the value of its condition, counted every time, printed with a stack
 * the first time at its place (U17); BUG and panic.
 */
#include "../kselftest_harness.h"

#include <linux/bug.h>
#include <linux/panic.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <uwq/warn.h>

#include "lock_test.h"
#include "log_test.h"

static __attribute__((__noinline__)) bool a_place_that_warns(int n)
{
	bool ret = WARN(n > 1, "n is %d\n", n);

	__asm__ volatile("" : : "r"(n) : "memory");
	return ret;
}

TEST(prints_once_counts_always)
{
	unsigned long before = uwq_warn_count();

	capture_start();
	EXPECT_FALSE(a_place_that_warns(1));
	EXPECT_EQ(0, captured.messages);
	EXPECT_TRUE(a_place_that_warns(2));
	EXPECT_TRUE(a_place_that_warns(3));
	EXPECT_EQ(1, captured.messages);
	EXPECT_EQ(before + 2, uwq_warn_count());
	EXPECT_NOT_NULL(strstr(captured.text, "cut here"));
	EXPECT_NOT_NULL(strstr(captured.text, "warn_prints_once_per_site.c:"));
	EXPECT_NOT_NULL(strstr(captured.text, "n is 2\n"));
	/* the stack begins in the function that warned, and names static functions */
	EXPECT_NOT_NULL(strstr(captured.text, "<TASK>\n a_place_that_warns"));
	EXPECT_NOT_NULL(strstr(captured.text, "main+0x"));
	EXPECT_NOT_NULL(strstr(captured.text, "---[ end trace ]---"));
	capture_end();
}

TEST(a_reset_lets_it_speak_again)
{
	capture_start();
	for (int i = 0; i < 3; i++) {
		a_place_that_warns(2);
		a_place_that_warns(2);
		EXPECT_EQ(i + 1, captured.messages);
		uwq_warn_reset_once();
	}
	capture_end();
}

TEST(all_forms_have_the_value_of_their_condition)
{
	unsigned long before = uwq_warn_count();
	int evaluated = 0;

	capture_start();
	EXPECT_TRUE(WARN_ON(++evaluated));
	EXPECT_EQ(1, evaluated);
	EXPECT_NOT_NULL(strstr(captured.text, "++evaluated"));
	EXPECT_TRUE(WARN_ON_ONCE(4 & 4));
	EXPECT_TRUE(WARN_ONCE(true, "%s", "text without newline"));
	EXPECT_TRUE(WARN_RATELIMIT(1, "limited"));
	EXPECT_FALSE(WARN_ON(false));
	EXPECT_FALSE(WARN_ON_ONCE(NULL));
	EXPECT_FALSE(WARN_RATELIMIT(0, "limited"));
	EXPECT_TRUE(CHECK_DATA_CORRUPTION(true, &evaluated, "bad"));
	EXPECT_EQ(before + 5, uwq_warn_count());
	EXPECT_EQ(5, captured.messages);
	capture_end();
}

static void *warn_much(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++)
		a_place_that_warns(2);
	return NULL;
}

TEST(threads_that_warn_together_print_once)
{
	unsigned long before = uwq_warn_count();

	capture_start();
	run_threads(4, warn_much, NULL);
	EXPECT_EQ(1, captured.messages);
	EXPECT_EQ(before + 4000, uwq_warn_count());
	capture_end();
}

static int depth;

static void warn_about_the_log(void)
{
	WARN(1, "in the sink of a warning\n");
}

static void sink_that_warns(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)text;
	(void)len;
	(void)arg;
	depth++;
	warn_about_the_log();
}

TEST(a_warning_about_a_warning_is_counted_only)
{
	unsigned long before = uwq_warn_count();

	uwq_set_log_sink(sink_that_warns, NULL);
	a_place_that_warns(2);
	EXPECT_EQ(1, depth);
	EXPECT_EQ(before + 2, uwq_warn_count());
	/* it was not printed, so it has its one time still to come */
	capture_start();
	warn_about_the_log();
	EXPECT_EQ(1, captured.messages);
	capture_end();
}

TEST(errno_survives)
{
	capture_start();
	errno = 77;
	a_place_that_warns(2);
	EXPECT_EQ(77, errno);
	capture_end();
}

TEST_SIGNAL(panic_on_warn_ends_the_process, SIGABRT)
{
	capture_start();
	panic_on_warn = 1;
	a_place_that_warns(2);
}

static void panic_hook(const char *message, void *arg)
{
	(void)arg;
	_exit(!strcmp(message, "out of 42\n") ? 0 : 1);
}

TEST(the_panic_hook_decides_first)
{
	int status;
	pid_t child = fork();

	if (!child) {
		uwq_set_panic_hook(panic_hook, NULL);
		panic("out of %d\n", 42);
	}
	waitpid(child, &status, 0);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_SIGNAL(bug_in_a_foreign_thread_is_a_panic, SIGABRT)
{
	capture_start();
	BUG_ON(1 == 1);
}

TEST_HARNESS_MAIN

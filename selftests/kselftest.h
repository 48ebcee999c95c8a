/* SPDX-License-Identifier: MIT */
/*
 * kselftest.h - results of a test program, written as TAP 13
 *
 * The small interface: a plan, one line per result, totals, an exit status.
 * kselftest_harness.h builds on it; a program that is one long scenario may use
 * it alone. One process writes results; lines are written whole, so that what
 * other threads print cannot land in the middle of one.
 *
 * Exit status: 0 pass, 1 fail, 2 expected failure, 3 unexpected pass, 4 skip.
 */
#ifndef UWQ_KSELFTEST_H
#define UWQ_KSELFTEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KSFT_PASS	0
#define KSFT_FAIL	1
#define KSFT_XFAIL	2
#define KSFT_XPASS	3
#define KSFT_SKIP	4

static struct ksft_counts {
	unsigned int plan, pass, fail, xfail, xpass, xskip, error;
} ksft_cnt;

static inline unsigned int ksft_test_num(void)
{
	return ksft_cnt.pass + ksft_cnt.fail + ksft_cnt.xfail + ksft_cnt.xpass +
	       ksft_cnt.xskip + ksft_cnt.error;
}

static inline void ksft_print_header(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
}

static inline void ksft_set_plan(unsigned int plan)
{
	ksft_cnt.plan = plan;
	printf("1..%u\n", plan);
	fflush(stdout);
}

/* A remark: every line of it starts with "# ", so that TAP readers pass over it. */
static inline __attribute__((format(printf, 1, 2))) void ksft_print_msg(const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("# %s", text);
	fflush(stdout);
}

/* @directive: NULL, or "SKIP" / "XFAIL"; @why: NULL or the reason behind it. */
static inline void ksft_result_line(bool ok, const char *name, const char *directive,
				    const char *why)
{
	printf("%s %u %s%s%s%s%s\n", ok ? "ok" : "not ok", ksft_test_num(), name,
	       directive || why ? " # " : "", directive ? directive : "",
	       directive && why ? " " : "", why ? why : "");
	fflush(stdout);
}

static inline void ksft_test_result_code(int code, const char *name, const char *why)
{
	switch (code) {
	case KSFT_PASS:
		ksft_cnt.pass++;
		ksft_result_line(true, name, NULL, NULL);
		break;
	case KSFT_SKIP:
		ksft_cnt.xskip++;
		ksft_result_line(true, name, "SKIP", why);
		break;
	case KSFT_XFAIL:
		ksft_cnt.xfail++;
		ksft_result_line(true, name, "XFAIL", why);
		break;
	case KSFT_XPASS:
		ksft_cnt.xpass++;
		ksft_result_line(false, name, "XPASS", why);
		break;
	default:
		ksft_cnt.fail++;
		ksft_result_line(false, name, NULL, why);
	}
}

/* ksft_test_result(condition, "name %d", n): one result, name as in printf. */
#define ksft_test_result_as_(code, ...)						\
	do {									\
		char ksft_name_[256];						\
		snprintf(ksft_name_, sizeof(ksft_name_), __VA_ARGS__);		\
		ksft_name_[strcspn(ksft_name_, "\n")] = '\0';			\
		ksft_test_result_code(code, ksft_name_, NULL);			\
	} while (0)
#define ksft_test_result(condition, ...) \
	ksft_test_result_as_((condition) ? KSFT_PASS : KSFT_FAIL, __VA_ARGS__)
#define ksft_test_result_pass(...)	ksft_test_result_as_(KSFT_PASS, __VA_ARGS__)
#define ksft_test_result_fail(...)	ksft_test_result_as_(KSFT_FAIL, __VA_ARGS__)
#define ksft_test_result_skip(...)	ksft_test_result_as_(KSFT_SKIP, __VA_ARGS__)
#define ksft_test_result_xfail(...)	ksft_test_result_as_(KSFT_XFAIL, __VA_ARGS__)

static inline void ksft_print_cnts(void)
{
	if (ksft_cnt.plan != ksft_test_num())
		printf("# Planned tests != run tests (%u != %u)\n", ksft_cnt.plan,
		       ksft_test_num());
	printf("# Totals: pass:%u fail:%u xfail:%u xpass:%u skip:%u error:%u\n", ksft_cnt.pass,
	       ksft_cnt.fail, ksft_cnt.xfail, ksft_cnt.xpass, ksft_cnt.xskip, ksft_cnt.error);
	fflush(stdout);
}

/* Totals, then exit: a program that ran nothing, or not what it planned, failed. */
static inline __attribute__((noreturn)) void ksft_finished(void)
{
	unsigned int run = ksft_test_num();

	ksft_print_cnts();
	if (!run || run != ksft_cnt.plan || ksft_cnt.fail || ksft_cnt.xpass || ksft_cnt.error)
		exit(KSFT_FAIL);
	exit(ksft_cnt.xskip == run ? KSFT_SKIP : KSFT_PASS);
}

static inline __attribute__((noreturn, format(printf, 1, 2)))
void ksft_exit_fail_msg(const char *fmt, ...)
{
	va_list ap;

	printf("Bail out! ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	ksft_print_cnts();
	exit(KSFT_FAIL);
}

/* The whole program is skipped. */
static inline __attribute__((noreturn, format(printf, 1, 2)))
void ksft_exit_skip(const char *fmt, ...)
{
	va_list ap;

	printf("1..0 # SKIP ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fflush(stdout);
	exit(KSFT_SKIP);
}

#endif

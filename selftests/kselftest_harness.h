/* SPDX-License-Identifier: MIT */
/*
 * kselftest_harness.h - tests with fixtures, each in a process of its own
 *
 *	TEST(name) { ... }			FIXTURE(fx) { int fd; };
 *	TEST_SIGNAL(name, SIGSEGV) { ... }	FIXTURE_SETUP(fx) { self->fd = ...; }
 *	TEST_TIMEOUT(name, 5) { ... }		FIXTURE_TEARDOWN(fx) { ... }
 *	TEST_HARNESS_MAIN			TEST_F(fx, name) { ASSERT_LE(0, self->fd); }
 *
 * Where only some variants have anything to try, a test is one for these only, and the others
 * are not skipped but do not exist:
 *	TEST_F_FOR(fx, name, variant->size > 1) { ... }
 *
 * ASSERT_* end the test, EXPECT_* let it go on; both take the expected value
 * first, evaluate each argument once, and may be followed by a block that runs
 * on failure: EXPECT_EQ(3, n) { TH_LOG("after %d rounds", i); }
 *
 * Every test runs in a forked child that leads its own process group: a crash,
 * a hang or exit() in a test is a failed test with its reason, and the next one
 * starts clean. At the time limit the stacks of all threads are shown if gdb is
 * there, then the group is killed. The child ends through exit(), so that leak
 * checkers and the library's own exit handlers take part in the verdict.
 *
 * Command line: names or patterns of tests ("fx.*"), -l lists them.
 * KSFT_TIMEOUT_SCALE multiplies every limit (default 1, 4 under a sanitizer).
 *
 * Differs from the kernel's harness: TEST_TIMEOUT and TEST_F_TIMEOUT also exist
 * without a fixture, TEST_F_FOR, an assertion may fail in any thread, no parent teardown.
 */
#ifndef UWQ_KSELFTEST_HARNESS_H
#define UWQ_KSELFTEST_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"

/* A check is a loop that may have no body, and compares what the author gave. */
#pragma GCC diagnostic ignored "-Wempty-body"
#pragma GCC diagnostic ignored "-Wsign-compare"

#define TEST_TIMEOUT_DEFAULT 30

/* Threads sleep at any moment, see delays.c: no time and no system call is what it was. */
#ifdef UWQ_DELAYS
#define KS_DELAYS 1
#define KS_SLOW 4
#else
#define KS_DELAYS 0
#endif

/* Under a sanitizer everything may take so many times as long. */
#ifdef __has_feature
#if !defined(KS_SLOW) && (__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
#define KS_SLOW 4
#endif
#endif
#if !defined(KS_SLOW) && (defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__))
#define KS_SLOW 4
#endif
#ifndef KS_SLOW
#define KS_SLOW 1
#endif

/* Written by the child, read by the parent after its end. */
struct ks_shared {
	int code;		/* KSFT_*; atomic, any thread of the child may fail */
	bool finished;		/* the body returned or was skipped */
	bool again;		/* TEST_AGAIN() */
	char reason[400];
};

struct __fixture_variant_metadata {
	const char *name;	/* "" for the only one */
	const void *data;
	struct __fixture_variant_metadata *next;
};

struct __fixture_metadata {
	const char *name;	/* NULL: plain TEST */
	struct __fixture_variant_metadata *variants, **variants_end;
};

struct __test_metadata {
	const char *name;
	struct __fixture_metadata *fixture;
	void (*wrapper)(struct __test_metadata *t, const void *variant);
	int termsig;		/* the signal that it must die of; 0 = none */
	int timeout;		/* seconds */
	bool (*is_for)(const void *variant);	/* NULL: for all */
	struct __test_metadata *next;

	/* of the run in progress, child only */
	struct ks_shared *shared;
	int attempt;		/* from 1 on; higher after TEST_AGAIN() */
	pid_t runner;		/* thread that runs the body */
	jmp_buf abort_env;
};

static struct __fixture_metadata ks_no_fixture __attribute__((__unused__));

/* kselftest_run.c */
void ks_register_test(struct __test_metadata *t);
void ks_register_variant(struct __fixture_metadata *f,
			 struct __fixture_variant_metadata *variant);
void ks_record(struct __test_metadata *t, int code, const char *reason);
__attribute__((noreturn)) void ks_abort(struct __test_metadata *t);
__attribute__((format(printf, 4, 5)))
void ks_log(const char *file, int line, struct __test_metadata *t, const char *fmt, ...);
__attribute__((format(printf, 4, 5)))
void ks_fail(struct __test_metadata *t, const char *file, int line, const char *fmt, ...);
void ks_show_stacks(pid_t child);
int ks_main(int argc, char **argv);

/* --- reporting from inside a test ------------------------------------------- */

#define TH_LOG(...)	ks_log(__FILE__, __LINE__, _metadata, __VA_ARGS__)

/* Ends the loop of a failed check; runs after the caller's optional block. */
static inline int ks_checked(struct __test_metadata *t, bool assert)
{
	if (assert)
		ks_abort(t);
	return 0;
}

#define KS_CHECK(bad, assert) \
	for (int ks_bad_ = (bad); ks_bad_; ks_bad_ = ks_checked(_metadata, assert))

/* Values are shown as numbers, whatever integer or pointer they are. */
#define KS_NUM(value)	((long long)(uintptr_t)(value))

#define KS_COMPARE(expected, seen, op, assert)					\
	KS_CHECK(({									\
		__typeof__(expected) ks_e_ = (expected);				\
		__typeof__(seen) ks_s_ = (seen);					\
		bool ks_no_ = !(ks_e_ op ks_s_);					\
		if (ks_no_)								\
			ks_fail(_metadata, __FILE__, __LINE__,				\
				"Expected %s %s %s (%lld %s %lld, 0x%llx %s 0x%llx)",	\
				#expected, #op, #seen, KS_NUM(ks_e_), #op, KS_NUM(ks_s_), \
				KS_NUM(ks_e_), #op, KS_NUM(ks_s_));			\
		ks_no_;									\
	}), assert)

#define KS_STRING(expected, seen, op, assert)						\
	KS_CHECK(({									\
		const char *ks_e_ = (expected), *ks_s_ = (seen);			\
		bool ks_no_ = !ks_e_ || !ks_s_ || !(strcmp(ks_e_, ks_s_) op 0);		\
		if (ks_no_)								\
			ks_fail(_metadata, __FILE__, __LINE__, "Expected '%s' %s '%s'",	\
				ks_e_ ? ks_e_ : "(null)", #op, ks_s_ ? ks_s_ : "(null)"); \
		ks_no_;									\
	}), assert)

#define KS_TRUTH(seen, want, assert)							\
	KS_CHECK(({									\
		bool ks_no_ = !(seen) != !(want);					\
		if (ks_no_)								\
			ks_fail(_metadata, __FILE__, __LINE__, "Expected %s to be %s",	\
				#seen, want ? "true" : "false");			\
		ks_no_;									\
	}), assert)

#define KS_NULLNESS(seen, want, assert)							\
	KS_CHECK(({									\
		const void *ks_s_ = (const void *)(seen);				\
		bool ks_no_ = (ks_s_ == NULL) != (want);				\
		if (ks_no_)								\
			ks_fail(_metadata, __FILE__, __LINE__, "Expected %s %s NULL (%p)", \
				#seen, want ? "==" : "!=", ks_s_);			\
		ks_no_;									\
	}), assert)

#define ASSERT_EQ(expected, seen)	KS_COMPARE(expected, seen, ==, true)
#define ASSERT_NE(expected, seen)	KS_COMPARE(expected, seen, !=, true)
#define ASSERT_LT(expected, seen)	KS_COMPARE(expected, seen, <, true)
#define ASSERT_LE(expected, seen)	KS_COMPARE(expected, seen, <=, true)
#define ASSERT_GT(expected, seen)	KS_COMPARE(expected, seen, >, true)
#define ASSERT_GE(expected, seen)	KS_COMPARE(expected, seen, >=, true)
#define ASSERT_NULL(seen)		KS_NULLNESS(seen, 1, true)
#define ASSERT_NOT_NULL(seen)		KS_NULLNESS(seen, 0, true)
#define ASSERT_TRUE(seen)		KS_TRUTH(seen, 1, true)
#define ASSERT_FALSE(seen)		KS_TRUTH(seen, 0, true)
#define ASSERT_STREQ(expected, seen)	KS_STRING(expected, seen, ==, true)
#define ASSERT_STRNE(expected, seen)	KS_STRING(expected, seen, !=, true)

#define EXPECT_EQ(expected, seen)	KS_COMPARE(expected, seen, ==, false)
#define EXPECT_NE(expected, seen)	KS_COMPARE(expected, seen, !=, false)
#define EXPECT_LT(expected, seen)	KS_COMPARE(expected, seen, <, false)
#define EXPECT_LE(expected, seen)	KS_COMPARE(expected, seen, <=, false)
#define EXPECT_GT(expected, seen)	KS_COMPARE(expected, seen, >, false)
#define EXPECT_GE(expected, seen)	KS_COMPARE(expected, seen, >=, false)
#define EXPECT_NULL(seen)		KS_NULLNESS(seen, 1, false)
#define EXPECT_NOT_NULL(seen)		KS_NULLNESS(seen, 0, false)
#define EXPECT_TRUE(seen)		KS_TRUTH(seen, 1, false)
#define EXPECT_FALSE(seen)		KS_TRUTH(seen, 0, false)
#define EXPECT_STREQ(expected, seen)	KS_STRING(expected, seen, ==, false)
#define EXPECT_STRNE(expected, seen)	KS_STRING(expected, seen, !=, false)

#define KS_LEAVE(statement, result, ...)					\
	do {									\
		char ks_why_[400];						\
		snprintf(ks_why_, sizeof(ks_why_), __VA_ARGS__);		\
		ks_record(_metadata, result, ks_why_);				\
		statement;							\
	} while (0)

/* SKIP(return, "needs %d CPUs", n) */
#define SKIP(statement, ...)	KS_LEAVE(statement, KSFT_SKIP, __VA_ARGS__)
/* XFAIL(return, "known: ..."): the test is known to fail from here on */
#define XFAIL(statement, ...)	KS_LEAVE(statement, KSFT_XFAIL, __VA_ARGS__)

/*
 * Leave the test, which is then run from its start once more: for what is known to happen
 * now and then and has nothing to do with what is tested. The caller looks at
 * _metadata->attempt and gives up some time.
 */
#define TEST_AGAIN()								\
	do {									\
		fflush(stdout);							\
		__atomic_store_n(&_metadata->shared->again, true, __ATOMIC_RELEASE); \
		_exit(0);							\
	} while (0)

/* --- defining tests ------------------------------------------------------------ */

#define KS_TEST(test, sig, limit)							\
	static void ks_body_##test(struct __test_metadata *_metadata);			\
	static void ks_wrapper_##test(struct __test_metadata *_metadata, const void *variant) \
	{										\
		(void)variant;								\
		if (!setjmp(_metadata->abort_env))					\
			ks_body_##test(_metadata);					\
	}										\
	static struct __test_metadata ks_meta_##test = {				\
		.name = #test, .fixture = &ks_no_fixture, .wrapper = ks_wrapper_##test,	\
		.termsig = sig, .timeout = limit,					\
	};										\
	static void __attribute__((constructor)) ks_register_##test(void)		\
	{										\
		ks_register_test(&ks_meta_##test);					\
	}										\
	static void ks_body_##test(struct __test_metadata __attribute__((unused)) *_metadata)

#define TEST(test)			KS_TEST(test, 0, TEST_TIMEOUT_DEFAULT)
#define TEST_SIGNAL(test, sig)		KS_TEST(test, sig, TEST_TIMEOUT_DEFAULT)
#define TEST_TIMEOUT(test, seconds)	KS_TEST(test, 0, seconds)

#define FIXTURE_DATA(fx)	struct ks_fixture_##fx
#define FIXTURE_VARIANT(fx)	struct ks_variant_##fx

#define FIXTURE(fx)									\
	FIXTURE_VARIANT(fx);								\
	static struct __fixture_metadata ks_fixture_meta_##fx = { .name = #fx };	\
	FIXTURE_DATA(fx)

#define KS_FIXTURE_ARGS(fx)								\
	struct __test_metadata __attribute__((unused)) *_metadata,			\
	FIXTURE_DATA(fx) __attribute__((unused)) *self,					\
	const FIXTURE_VARIANT(fx) __attribute__((unused)) *variant

#define FIXTURE_SETUP(fx)	static void ks_setup_##fx(KS_FIXTURE_ARGS(fx))
#define FIXTURE_TEARDOWN(fx)	static void ks_teardown_##fx(KS_FIXTURE_ARGS(fx))

#define FIXTURE_VARIANT_ADD(fx, variant_name)						\
	static const FIXTURE_VARIANT(fx) ks_variant_##fx##_##variant_name;		\
	static struct __fixture_variant_metadata ks_variant_meta_##fx##_##variant_name = { \
		.name = #variant_name, .data = &ks_variant_##fx##_##variant_name,	\
	};										\
	static void __attribute__((constructor)) ks_register_##fx##_##variant_name(void)	\
	{										\
		ks_register_variant(&ks_fixture_meta_##fx,				\
				    &ks_variant_meta_##fx##_##variant_name);		\
	}										\
	static const FIXTURE_VARIANT(fx) ks_variant_##fx##_##variant_name =

/* Teardown runs after a set-up that went through and did not skip, also when the body gave up. */
#define KS_TEST_F(fx, test, sig, limit, condition)					\
	static void ks_body_##fx##_##test(KS_FIXTURE_ARGS(fx));				\
	static void ks_wrapper_##fx##_##test(struct __test_metadata *_metadata, const void *variant) \
	{										\
		static FIXTURE_DATA(fx) self;						\
		static bool set_up;							\
											\
		if (!setjmp(_metadata->abort_env)) {					\
			ks_setup_##fx(_metadata, &self, variant);			\
			set_up = __atomic_load_n(&_metadata->shared->code,		\
						 __ATOMIC_ACQUIRE) == KSFT_PASS;	\
			if (set_up)							\
				ks_body_##fx##_##test(_metadata, &self, variant);	\
		}									\
		if (set_up && !setjmp(_metadata->abort_env))				\
			ks_teardown_##fx(_metadata, &self, variant);			\
	}										\
	static struct __test_metadata ks_meta_##fx##_##test = {				\
		.name = #test, .fixture = &ks_fixture_meta_##fx,			\
		.wrapper = ks_wrapper_##fx##_##test, .termsig = sig, .timeout = limit,	\
		.is_for = condition,							\
	};										\
	static void __attribute__((constructor)) ks_register_##fx##_##test(void)	\
	{										\
		ks_register_test(&ks_meta_##fx##_##test);				\
	}										\
	static void ks_body_##fx##_##test(KS_FIXTURE_ARGS(fx))

#define TEST_F(fx, test)		KS_TEST_F(fx, test, 0, TEST_TIMEOUT_DEFAULT, NULL)
#define TEST_F_SIGNAL(fx, test, sig)	KS_TEST_F(fx, test, sig, TEST_TIMEOUT_DEFAULT, NULL)
#define TEST_F_TIMEOUT(fx, test, seconds) KS_TEST_F(fx, test, 0, seconds, NULL)

/* @condition says by `variant` for which of them there is such a test. */
#define TEST_F_FOR(fx, test, condition)							\
	static bool ks_is_for_##fx##_##test(const void *data)				\
	{										\
		const FIXTURE_VARIANT(fx) *variant = data;				\
											\
		return condition;							\
	}										\
	KS_TEST_F(fx, test, 0, TEST_TIMEOUT_DEFAULT, ks_is_for_##fx##_##test)

#define TEST_HARNESS_MAIN						\
	int main(int argc, char **argv)					\
	{								\
		return ks_main(argc, argv);				\
	}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * deadlock_test.h - reading what the library says about a deadlock
 *
 * A task that is stuck for good stays so until the process of its test ends.
 */
#ifndef UWQ_SELFTESTS_DEADLOCK_TEST_H
#define UWQ_SELFTESTS_DEADLOCK_TEST_H

#include "wq_test.h"

#include "kernel-compat/task_wait.h"

static char said[4096];
static int nr_said;	/* atomic: reports; the first is kept */

static inline void keep_report(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)len;
	(void)arg;
	if (!strstr(text, "workqueue: deadlock"))
		return;
	if (!GET(nr_said))
		snprintf(said, sizeof(said), "%s", text);
	ADD(nr_said, 1);
}

/* Tasks ask after @ms why they wait, and the reports come here. */
static inline void listen(unsigned int ms)
{
	SET(deadlock_after_ms, ms);
	SET(nr_said, 0);
	uwq_set_log_sink(keep_report, NULL);
}

/* Lines [1] to [@n], each of which ends with the next one's number, the last with 1's. */
static inline bool is_circle(int n)
{
	const char *at = said;
	char mark[24];

	for (int i = 1; i <= n; i++) {
		const char *end;

		snprintf(mark, sizeof(mark), "\n [%d] ", i);
		at = strstr(at, mark);
		if (!at)
			return false;
		end = strchr(++at, '\n');
		snprintf(mark, sizeof(mark), " [%d], for ", i % n + 1);
		at = strstr(at, mark);
		if (!at || !end || at > end)
			return false;
	}
	snprintf(mark, sizeof(mark), "\n [%d] ", n + 1);
	return !strstr(said, mark);
}

/* One line of the report has both. */
static inline bool line_has(const char *a, const char *b)
{
	const char *line = said;

	while (line) {
		const char *end = strchr(line + 1, '\n');
		const char *first = strstr(line, a), *second = strstr(line, b);

		if (first && second && (!end || (first < end && second < end)))
			return true;
		line = end;
	}
	return false;
}

#define EXPECT_CIRCLE(n)						\
	do {								\
		EXPECT_TRUE(COMES_TRUE(GET(nr_said) > 0));		\
		EXPECT_TRUE(is_circle(n)) { TH_LOG("said: %s", said); }	\
	} while (0)

#define EXPECT_LINE(a, b)						\
	EXPECT_TRUE(line_has(a, b)) { TH_LOG("no line has '%s' and '%s': %s", a, b, said); }

/* "WHAT ADDRESS", as a report has it. */
#define AT(what, address)						\
	__extension__({							\
		static char text_[40];					\
									\
		snprintf(text_, sizeof(text_), "%s %p", what, (void *)(address)); \
		text_;							\
	})

#endif

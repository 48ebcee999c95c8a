/* SPDX-License-Identifier: MIT */
/*
 * log_test.h - a sink that keeps what was logged, for tests
 */
#ifndef UWQ_SELFTESTS_LOG_TEST_H
#define UWQ_SELFTESTS_LOG_TEST_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <uwq/log.h>

static struct {
	pthread_mutex_t lock;
	char   *text;	/* messages, each ended by a newline */
	size_t	len, size;
	int	messages;
	int	last_level;
} captured = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void capture(int level, const char *text, size_t len, void *arg)
{
	(void)arg;
	pthread_mutex_lock(&captured.lock);
	if (captured.len + len + 2 > captured.size) {
		captured.size = (captured.len + len + 2) * 2;
		captured.text = realloc(captured.text, captured.size);
	}
	memcpy(captured.text + captured.len, text, len);
	captured.len += len;
	captured.text[captured.len++] = '\n';
	captured.text[captured.len] = '\0';
	captured.messages++;
	captured.last_level = level;
	pthread_mutex_unlock(&captured.lock);
}

static inline void capture_start(void)
{
	captured.len = 0;
	captured.messages = 0;
	uwq_set_log_sink(capture, NULL);
}

static inline void capture_end(void)
{
	uwq_set_log_sink(NULL, NULL);
	free(captured.text);
	captured.text = NULL;
	captured.size = 0;
}

#endif

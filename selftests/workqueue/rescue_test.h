/* SPDX-License-Identifier: MIT */
/*
 * rescue_test.h - for the tests of rescuers: shortage of threads, and what was counted
 */
#ifndef UWQ_SELFTESTS_RESCUE_TEST_H
#define UWQ_SELFTESTS_RESCUE_TEST_H

#include "wq_test.h"

#include <dirent.h>

#include "workqueue/params.h"

/* From now on no thread can be made, which is tried again every 20 ms. */
static inline void no_threads(void)
{
	WRITE_ONCE(wq_params.create_retry_ms, 20);
	uwq_test_fail_thread(1, -1);
}

static inline void threads_again(void)
{
	uwq_test_fail_thread(0, 0);
}

static inline struct pool_workqueue *pwq_on(struct workqueue_struct *wq, int cpu)
{
	return wq->cpu_pwq ? wq->cpu_pwq[cpu] : wq->dfl_pwq;
}

struct rescue_stats {
	unsigned long mayday, rescued;
};

static inline struct rescue_stats rescue_stats(struct workqueue_struct *wq)
{
	struct rescue_stats sum = { 0, 0 };
	struct pool_workqueue *pwq;

	mutex_lock(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		sum.mayday += pwq->nr_mayday;
		sum.rescued += pwq->nr_rescued;
		pool_unlock(pwq->pool);
	}
	mutex_unlock(&wq->mutex);
	return sum;
}

static inline bool in_distress(struct worker_pool *pool)
{
	bool yes;

	pool_lock(pool);
	yes = pool_needs_help(pool);
	pool_unlock(pool);
	return yes;
}

/* How many threads of this process have a name that begins so. */
static inline int threads_called(const char *prefix)
{
	char path[300], name[32];
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/task");
	int nr = 0;

	while (dir && (entry = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (file && fgets(name, sizeof(name), file))
			nr += !strncmp(name, prefix, strlen(prefix));
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
	return nr;
}

/* An item that knows who ran it, and when. */
struct witness {
	struct work_struct work;
	int runs, by_rescuer;	/* atomic */
	int place;		/* the how manieth run of all witnesses it was */
	long ms;
};

static int witnesses_run;	/* atomic */

static inline void witness_func(struct work_struct *work)
{
	struct witness *witness = container_of(work, struct witness, work);

	witness->ms = now_ms();
	witness->place = ADD(witnesses_run, 1);
	if (current_is_workqueue_rescuer())
		ADD(witness->by_rescuer, 1);
	ADD(witness->runs, 1);
}

static inline void witness_init(struct witness *witness)
{
	INIT_WORK(&witness->work, witness_func);
	SET(witness->runs, 0);
	SET(witness->by_rescuer, 0);
	witness->place = 0;
	witness->ms = 0;
}

#endif

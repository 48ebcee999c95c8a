/* SPDX-License-Identifier: MIT */
/*
 * workqueue.h - what an application needs of the engine that the kernel has no name for
 */
#ifndef UWQ_WORKQUEUE_H
#define UWQ_WORKQUEUE_H

#include <linux/types.h>
#include <linux/workqueue.h>
#include <uwq/api.h>

/* Where an item is that uwq_work_for_each() shows. */
enum uwq_work_state {
	UWQ_WORK_RUNNING,
	UWQ_WORK_QUEUED,
	UWQ_WORK_INACTIVE,	/* held back by max_active */
	UWQ_WORK_ARMED,		/* in the timer of a delayed_work */
};

struct uwq_work_info {
	const struct work_struct *work;	/* may be gone already: not to be followed */
	work_func_t func;
	enum uwq_work_state state;
	char wq_name[32];
	int tid;			/* of the worker, if running; else 0 */
};

UWQ_API_BEGIN

void workqueue_shutdown(bool drain);
int workqueue_refresh_cpus(void);
void uwq_set_min_workers(struct workqueue_struct *wq, int nr);
void uwq_set_idle_timeout(struct workqueue_struct *wq, unsigned int ms);
long uwq_work_for_each(void (*show)(const struct uwq_work_info *info, void *arg), void *arg);

UWQ_API_END

#endif

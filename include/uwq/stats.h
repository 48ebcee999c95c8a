/* SPDX-License-Identifier: MIT */
/*
 * stats.h - what each queue has done so far, and which pools serve it
 *
 * The kernel's figures under its names, which its tools wq_monitor and wq_dump show.
 */
#ifndef UWQ_STATS_H
#define UWQ_STATS_H

#include <linux/types.h>
#include <uwq/api.h>

struct workqueue_struct;

/*
 * Of one queue since it was made. When other attributes move an ordered queue to another
 * pool, what was counted in the old one is lost (C143); other queues keep it.
 */
struct uwq_wq_stats {
	char name[32];
	bool unbound;			/* else per CPU */
	bool mem_reclaim;		/* has a rescuer */
	unsigned long long started;	/* runs, those of barriers too */
	unsigned long long completed;	/* of these, so many are over */
	unsigned long long cpu_time;	/* microseconds, see stats.c */
	unsigned long long cpu_intensive; /* runs found to be CPU hogs; per-CPU queues */
	unsigned long long cm_wakeup;	/* workers woken because one blocked or hogged */
	unsigned long long repatriated;	/* workers brought back to their pod; unbound queues */
	unsigned long long mayday;	/* calls for the rescuer */
	unsigned long long rescued;	/* items that the rescuer took */
};

/* How uwq_wq_stats_print() writes. */
enum uwq_stats_form {
	UWQ_STATS_TABLE,	/* a header and a row for each queue, as wq_monitor */
	UWQ_STATS_JSON,		/* a JSON object for each queue, as wq_monitor --json */
};

UWQ_API_BEGIN

void uwq_wq_stats(struct workqueue_struct *wq, struct uwq_wq_stats *stats);
long uwq_wq_stats_for_each(void (*show)(const struct uwq_wq_stats *stats, void *arg), void *arg);
long uwq_wq_stats_print(enum uwq_stats_form form, void (*line)(const char *text, void *arg),
			void *arg);

long uwq_wq_dump(void (*line)(const char *text, void *arg), void *arg);

UWQ_API_END

#endif

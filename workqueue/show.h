/* SPDX-License-Identifier: MIT */
/*
 * show.h - between the parts of the state dump: show.c (which queues and pools),
 * show_copy.c (what is going on there, under the pool lock), show_line.c (its text)
 */
#ifndef UWQ_WORKQUEUE_SHOW_H
#define UWQ_WORKQUEUE_SHOW_H

#include <linux/types.h>

#include "workqueue/workqueue_internal.h"

enum shown_kind {
	SHOWN_RUN,	/* a worker and its function */
	SHOWN_WORKS,	/* equal neighbours in a list */
	SHOWN_BARRIER,	/* somebody waits for the item before it */
	SHOWN_IDLE,	/* a worker without work */
};

/* One word of a line. */
struct shown {
	enum shown_kind kind;
	bool		comma;
	bool		rescuer;	/* RUN */
	int		tid;		/* of the worker, or of who waits */
	unsigned long	n;		/* WORKS: how many; RUN: seconds */
	work_func_t	func;
};

/* Copied under the lock, printed after it. @left counts the items that found no room. */
struct shown_list {
	int		n, size;
	unsigned long	left;
	struct shown	*at;
};

/* Who a pool is, in all lines that speak of it. */
struct shown_pool {
	int		id;
	int		node;		/* -1: none */
	unsigned int	flags;		/* as the kernel numbers them */
	int		nice;
	bool		bh;
	struct cpumask	cpus;
};

/* A busy pwq. */
struct shown_pwq {
	struct worker_pool *pool;
	struct shown_pool who;
	unsigned int	wq_flags;
	char		wq_name[WQ_NAME_LEN];
	int		nr_active;
	unsigned long	refcnt;
	bool		mayday;		/* the rescuer is called */
	unsigned int	last_worker;	/* id of the last one in @running */
	struct shown_list running, pending, inactive;
};

/* What a pool with something to do is doing; @nr_shown of the idle ones are printed already. */
struct shown_load {
	struct shown_pool who;
	unsigned long	hung;		/* seconds without progress while items wait */
	int		nr_workers;
	int		manager;	/* tid, if a worker is being made; else 0 */
	int		nr_idle_shown;
};

/* A line in the making; when it is full it is printed, and the next one has the same head. */
struct shown_line {
	size_t		len;
	bool		fresh;		/* nothing stands behind the head yet */
	const char	*head;
	char		text[1000];
};

/* ---- show_copy.c ---- */

void shown_pool_fill(struct shown_pool *shown, const struct worker_pool *pool);
bool shown_pwq_fill(struct shown_pwq *shown, struct pool_workqueue *pwq,
		    bool (*wanted)(struct workqueue_struct *wq, void *arg), void *arg);
bool shown_pwq_more(struct shown_pwq *shown, struct pool_workqueue *pwq);
bool shown_idle_fill(struct shown_list *list, struct worker_pool *pool, struct shown_load *load);

/* ---- show_line.c ---- */

void line_begin(struct shown_line *line, const char *head);
void line_add(struct shown_line *line, const char *fmt, ...) __printf(2, 3);
void line_add_pool(struct shown_line *line, const struct shown_pool *pool);
void line_add_list(struct shown_line *line, const struct shown_list *list,
		   const struct shown_pool *pool);
void line_end(struct shown_line *line);

#endif

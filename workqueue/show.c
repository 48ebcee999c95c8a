// SPDX-License-Identifier: MIT
/*
 * show.c - which queues are busy, and with what?
 *
 * For a person at a stuck program, for the watchdog, and for a queue that is busy when
 * it is destroyed. One line for each busy queue, its pwqs with what runs, waits and is
 * held back, and a line for each pool that has something to do. Idle ones are silent.
 *
 * Any context that may take a pool lock; nothing is allocated. No lock is held while
 * something is printed, so a log sink may queue work, or make a dump itself (B18). What
 * belongs to one pwq is from one moment; two pwqs are not.
 *
 * Differs from Linux: queues come in the order in which their pwqs were made. Time
 * stamps are those of the run clock (worker.c), so "for 3s" may be off by one.
 */
#define KBUILD_MODNAME "workqueue"
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/sprintf.h>

#include "workqueue/show.h"

#define NR_RUNS		48
#define NR_WAITING	32

static void add_list_line(const char *head, const struct shown_list *list,
			  const struct shown_pool *pool)
{
	struct shown_line line;

	if (!list->n)
		return;
	line_begin(&line, head);
	line_add_list(&line, list, pool);
	line_end(&line);
}

static void print_pwq(struct shown_pwq *shown, struct pool_workqueue *pwq)
{
	const struct shown_pool *pool = &shown->who;
	struct shown_line line;

	line_begin(&line, "  pwq");
	line_add(&line, " %d:", pool->id);
	line_add_pool(&line, pool);
	line_add(&line, " active=%d refcnt=%lu%s", shown->nr_active, shown->refcnt,
		 shown->mayday ? " MAYDAY" : "");
	line_end(&line);
	do {
		add_list_line("    in-flight:", &shown->running, pool);
	} while (shown->running.n == shown->running.size && shown_pwq_more(shown, pwq));
	add_list_line("    pending:", &shown->pending, pool);
	add_list_line("    inactive:", &shown->inactive, pool);
}

/*
 * Show @pwq if it is busy and its queue is wanted; @title: with the line of its queue.
 * True: it was shown.
 */
static bool show_pwq(struct pool_workqueue *pwq, bool title,
		     bool (*wanted)(struct workqueue_struct *wq, void *arg), void *arg)
{
	struct shown runs[NR_RUNS], pending[NR_WAITING], inactive[NR_WAITING];
	struct shown_pwq shown = {
		.running = { .size = NR_RUNS, .at = runs },
		.pending = { .size = NR_WAITING, .at = pending },
		.inactive = { .size = NR_WAITING, .at = inactive },
	};

	if (!shown_pwq_fill(&shown, pwq, wanted, arg))
		return false;
	if (title)
		pr_info("workqueue %s: flags=0x%x\n", shown.wq_name, shown.wq_flags);
	print_pwq(&shown, pwq);
	return true;
}

/* ---- queues ---- */

/*
 * One dump. A queue is found by its first busy pwq; then its other pwqs are looked at.
 * Meanwhile it may be gone, and another one have its address.
 */
struct dump {
	unsigned long	nr;		/* differs from other dumps */
	unsigned int	flags;		/* the queue must have them */
	u64		serial;		/* of the queue that is being shown */
};

/* Two dumps at once may both show a queue twice. Pool lock held. */
static bool not_shown_yet(struct workqueue_struct *wq, void *arg)
{
	struct dump *dump = arg;

	if ((wq_flags(wq) & dump->flags) != dump->flags ||
	    __atomic_exchange_n(&wq->shown_in_dump, dump->nr, __ATOMIC_RELAXED) == dump->nr)
		return false;
	dump->serial = wq->serial;
	return true;
}

static bool same_queue(struct workqueue_struct *wq, void *arg)
{
	struct dump *dump = arg;

	return wq->serial == dump->serial;
}

static void show_queues(unsigned int flags)
{
	static unsigned long nr_dumps;
	struct dump dump = {
		.nr = __atomic_add_fetch(&nr_dumps, 1, __ATOMIC_RELAXED),
		.flags = flags,
	};
	struct pool_workqueue *pwq, *rest;

	for (pwq = first_pwq_made(); pwq; pwq = next_pwq_made(pwq)) {
		if (!show_pwq(pwq, true, not_shown_yet, &dump))
			continue;
		for (rest = next_pwq_made(pwq); rest; rest = next_pwq_made(rest))
			show_pwq(rest, false, same_queue, &dump);
	}
}

static bool is_this(struct workqueue_struct *wq, void *arg)
{
	return wq == arg;
}

/**
 * show_one_workqueue - log what a queue is doing
 * @wq: queue; the caller keeps it alive
 *
 * Nothing is said of an idle queue.
 *
 * Context: Any; no pool lock held.
 */
void show_one_workqueue(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	bool title = true;

	for (pwq = first_pwq_made(); pwq; pwq = next_pwq_made(pwq))
		if (show_pwq(pwq, title, is_this, wq))
			title = false;
}
EXPORT_SYMBOL_GPL(show_one_workqueue);

/* ---- pools ---- */

static void show_pool(struct worker_pool *pool)
{
	struct shown idle[NR_RUNS];
	struct shown_list list = { .size = NR_RUNS, .at = idle };
	struct shown_load load = { .nr_idle_shown = 0 };
	struct shown_line line;
	char head[32];

	if (!shown_idle_fill(&list, pool, &load))
		return;
	scnprintf(head, sizeof(head), "pool %d:", pool->id);
	line_begin(&line, head);
	line_add_pool(&line, &load.who);
	line_add(&line, " hung=%lus workers=%d", load.hung, load.nr_workers);
	if (load.manager)
		line_add(&line, " manager: %d", load.manager);
	for (; list.n; shown_idle_fill(&list, pool, &load)) {
		line_add(&line, " idle:");
		line_add_list(&line, &list, &load.who);
		if (list.n < list.size)
			break;
	}
	line_end(&line);
}

/**
 * show_all_workqueues - log what all queues and pools are doing
 *
 * Nothing is said of idle ones.
 *
 * Context: Any; no pool lock held.
 */
void show_all_workqueues(void)
{
	int i;

	pr_info("Showing busy workqueues and worker pools:\n");
	show_queues(0);
	for (i = 0; i < nr_worker_pools(); i++)
		show_pool(pool_by_index(i));
}
EXPORT_SYMBOL_GPL(show_all_workqueues);

/**
 * show_freezable_workqueues - log what holds up the freezer
 *
 * The busy ones among the queues with WQ_FREEZABLE.
 *
 * Context: Any; no pool lock held.
 */
void show_freezable_workqueues(void)
{
	pr_info("Showing freezable workqueues that are still busy:\n");
	show_queues(WQ_FREEZABLE);
}
EXPORT_SYMBOL_GPL(show_freezable_workqueues);

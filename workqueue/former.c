// SPDX-License-Identifier: MIT
/*
 * former.c - shares of former attributes are given back
 *
 * When the attributes of an unbound queue change, its pwqs for the old ones stay with the
 * queue: they finish what they have, and if the attributes come back they are used again.
 * Each of them keeps a pool, and there is an end to pools. So when more than a few are
 * empty they are recycled; attributes may change for ever.
 *
 * An empty pwq that serves no CPU can still get an item, by a submitter that
 *  - read the queue's pointers before they were changed, or
 *  - found the item running there (an item never runs twice at once), just before that
 *    run was over and the pwq empty.
 * Submitters do all that inside one section of the fork gate. So the pwq is looked at,
 * then all sections that are under way are waited for, and it is looked at again: if it
 * got nothing in between, nobody is left who could give it something. Should a section
 * not end soon, the next change of attributes tries again.
 *
 * Called by those who change attributes. Locks: wq_pool_mutex and wq->mutex are held.
 */
#include "workqueue/workqueue_internal.h"

#define FORMER_KEPT	8	/* empty ones that stay */
#define PATIENCE_MS	20

/* Mark those that serve no CPU. */
static void mark_former(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	int cpu;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node)
		pwq->former = true;
	wq->dfl_pwq->former = false;
	if (!wq->cpu_pwq)
		return;
	for_each_possible_cpu(cpu)
		wq->cpu_pwq[cpu]->former = false;
}

/* Nothing is there, and nobody counts on it. @admitted: how many items it ever got. */
static bool is_empty(struct pool_workqueue *pwq, unsigned long *admitted)
{
	struct worker_pool *pool = pwq->pool;
	bool empty;

	pool_lock(pool);
	pool_drain_inbox(pool);
	empty = !pwq->nr_total && pwq->flush_color < 0 && !pwq_in_distress(pwq);
	*admitted = pwq->nr_admitted;
	pool_unlock_and_wake(pool);
	return empty;
}

/* Let the mark stay on the empty ones; how many are there? */
static int keep_empty_marked(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	int nr = 0;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pwq->former = pwq->former && is_empty(pwq, &pwq->former_admitted);
		nr += pwq->former;
	}
	return nr;
}

/* Give back what the queue had for former attributes, if that is more than a few. */
void wq_forget_former(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq, *next;
	unsigned long admitted;

	lockdep_assert_held(&wq_pool_mutex);
	lockdep_assert_held(&wq->mutex);
	mark_former(wq);
	if (keep_empty_marked(wq) <= FORMER_KEPT)
		return;
	TEST_POINT("former_looked_at");
	if (!fork_gate_sections_ended(PATIENCE_MS))
		return;
	TEST_POINT("former_sections_ended");
	list_for_each_entry_safe(pwq, next, &wq->pwqs, pwqs_node) {
		if (!pwq->former || !is_empty(pwq, &admitted) || admitted != pwq->former_admitted)
			continue;
		list_del_init(&pwq->pwqs_node);
		pwq_recycle(pwq);
	}
	wq_unshare_accounts(wq);
}

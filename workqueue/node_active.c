// SPDX-License-Identifier: MIT
/*
 * node_active.c - active slots: which items may start, and who is next
 *
 * An item needs a slot before a worker may take it, and keeps it until its run ends.
 * A per-CPU queue has max_active slots in each pwq. Those of an unbound queue are
 * divided among the memory nodes, and all its pwqs of one node share that node's
 * account; pwqs whose CPUs span nodes share one of the full size (C90).
 *
 * A pwq that finds no slot joins the account's list. Whoever gives a slot back serves
 * the first of the list, one item at a time, in turn (C94). That pwq may be in another
 * pool, whose lock must not be taken inside the present one: then the account is left
 * in pool->serve, and pool_unlock() serves it after dropping the lock.
 *
 * Most unbound queues have a single pwq. It counts by itself, as that of a per-CPU queue,
 * and uses its account only from the moment that the queue gets a second one
 * (pwq->node_active).
 *
 * Locks: the account's, inside a pool lock. Nothing is taken inside it; a probe of activate_work
 * may be called, see trace/events/workqueue.h.
 */
#include <linux/cpumask.h>
#include <linux/numa.h>
#include <linux/math.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "workqueue/trace.h"
#include "workqueue/fork.h"
#include "workqueue/pwq.h"
#include "workqueue/workqueue_internal.h"

static struct futex_lock free_lock = FUTEX_LOCK_INIT;
static struct wq_node_nr_active *free_accounts;	/* free_lock */

/* ---- accounts of a queue ---- */

static struct wq_node_nr_active *account_new(void)
{
	struct wq_node_nr_active *account;

	futex_lock(&free_lock);
	account = free_accounts;
	if (account)
		free_accounts = account->free_next;
	futex_unlock(&free_lock);
	if (account)
		return account;
	account = kzalloc(sizeof(*account), GFP_KERNEL);
	if (account) {
		futex_lock_init(&account->lock);
		INIT_LIST_HEAD(&account->pending_pwqs);
	}
	return account;
}

/*
 * What each node gets, however few CPUs. At least one: items that were queued there before the
 * CPUs went would wait for ever.
 */
static int node_least(const struct workqueue_struct *wq)
{
	return min(max(wq->min_active, 1), wq->max_active);
}

/*
 * The account of @wq for a node, made if there is none; NULL: no memory. A new one has what it
 * gets in any case until wq_update_node_max_active(), because items come before that.
 * Test: node_limits_divide_max_active.c, a_new_one_never_has_more_than_its_share
 */
struct wq_node_nr_active *node_account(struct workqueue_struct *wq, int node)
{
	struct wq_node_nr_active **slot;

	lockdep_assert_held(&wq_pool_mutex);
	slot = &wq->node_nr_active[node == NUMA_NO_NODE ? MAX_NUMNODES : node];
	if (*slot)
		return *slot;
	*slot = account_new();
	if (*slot)
		__atomic_store_n(&(*slot)->max,
				 node == NUMA_NO_NODE ? wq->max_active : node_least(wq),
				 __ATOMIC_RELAXED);
	return *slot;
}

/* No pwq uses them any more; stale pointers find nobody waiting. */
void node_accounts_free(struct workqueue_struct *wq)
{
	int node;

	for (node = 0; wq->node_nr_active && node <= MAX_NUMNODES; node++) {
		struct wq_node_nr_active *account = wq->node_nr_active[node];

		if (!account)
			continue;
		futex_lock(&free_lock);
		account->free_next = free_accounts;
		free_accounts = account;
		futex_unlock(&free_lock);
	}
	kfree(wq->node_nr_active);
	wq->node_nr_active = NULL;
}

/* ---- slots of an account ---- */

static bool account_take(struct wq_node_nr_active *account)
{
	int max = __atomic_load_n(&account->max, __ATOMIC_SEQ_CST);
	int nr = __atomic_load_n(&account->nr, __ATOMIC_SEQ_CST);

	do {
		if (nr >= max)
			return false;
	} while (!__atomic_compare_exchange_n(&account->nr, &nr, nr + 1, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return true;
}

static void account_add_pending(struct wq_node_nr_active *account, int sign)
{
	__atomic_store_n(&account->nr_pending, account->nr_pending + sign, __ATOMIC_SEQ_CST);
}

static void start_pending(struct pool_workqueue *pwq)
{
	struct wq_node_nr_active *account = pwq->account;

	assert_pool_locked(pwq->pool);
	futex_lock(&account->lock);
	if (list_empty(&pwq->pending_node)) {
		list_add_tail(&pwq->pending_node, &account->pending_pwqs);
		account_add_pending(account, 1);
	}
	futex_unlock(&account->lock);
}

/* The account's lock is held. */
static void unlink_pending(struct pool_workqueue *pwq)
{
	if (list_empty(&pwq->pending_node))
		return;
	list_del_init(&pwq->pending_node);
	account_add_pending(pwq->account, -1);
}

/*
 * To the end of the list, on which it is. The count stays: first_pending() looks at it without
 * the lock, and SLOT/2 would not find who waits.
 */
static void requeue_pending(struct pool_workqueue *pwq)
{
	list_move_tail(&pwq->pending_node, &pwq->account->pending_pwqs);
	TEST_POINT("pending_requeued");
}

/* The pwq is about to be forgotten. */
void pwq_stop_pending(struct pool_workqueue *pwq)
{
	if (!pwq->account)
		return;
	pool_lock(pwq->pool);
	futex_lock(&pwq->account->lock);
	unlink_pending(pwq);
	futex_unlock(&pwq->account->lock);
	pool_unlock(pwq->pool);
}

/*
 * A slot of the account, or a place on its list.
 *
 * SLOT/1: join the list, then look for a slot. SLOT/2, node_release(): give a slot
 * back, then look at the list. Sequentially consistent all four. Forbids: the slot is
 * free AND nobody serves the pwq that waits.
 * Test: waiting_pwqs_are_served_in_turn.c
 */
static bool take_or_pend(struct pool_workqueue *pwq)
{
	struct wq_node_nr_active *account = pwq->account;

	if (account_take(account))
		return true;
	TEST_POINT("slot_refused");
	start_pending(pwq);
	return account_take(account);
}

/* pwq_take_slot(), if others take slots from the same account. */
bool pwq_take_shared_slot(struct pool_workqueue *pwq)
{
	assert_pool_locked(pwq->pool);
	if (pwq->plugged || !take_or_pend(pwq))
		return false;
	pwq->nr_active++;
	return true;
}

/* ---- starting those that wait ---- */

/* The last of the barriers that hang on @work, which has @data; @work itself if there are none. */
static struct work_struct *last_linked(struct work_struct *work, unsigned long data)
{
	while (unlikely(data & WORK_STRUCT_LINKED)) {
		work = list_next_entry(work, entry);
		data = work_data(work);
	}
	return work;
}

/*
 * The items that have waited longest got a slot each: @nr, or all if they are fewer, but one at
 * least. They leave the list together and join the other one together, because each change of a
 * link is one to a foreign line. Nor is the next one told that it is the first now: see
 * pwq_mend_first(). A probe looks at neither list, see trace/events/workqueue.h.
 * Test: items_activated_at_once_keep_their_order.c
 */
static void activate(struct pool_workqueue *pwq, int nr)
{
	struct list_head *waiting = &pwq->inactive_works, *list = &pwq->pool->worklist;
	struct list_head *first = waiting->next, *next = first, *last;

	assert_pool_locked(pwq->pool);
	do {
		struct work_struct *work = list_entry(next, struct work_struct, entry);
		unsigned long data = work_data(work);

		work_set_data(work, data & ~(unsigned long)WORK_STRUCT_INACTIVE);
		if (wq_tracing(WQ_EVENT_ACTIVATE))
			trace_workqueue_activate_work(work);
		pwq->nr_active++;
		last = &last_linked(work, data)->entry;
		next = last->next;
	} while (--nr > 0 && next != waiting);

	WRITE_ONCE(waiting->next, next);
	if (next == waiting)
		waiting->prev = waiting;
	first->prev = list->prev;
	last->next = list;
	WRITE_ONCE(list->prev->next, first);
	list->prev = last;
}

/*
 * Start as many waiting items as there are slots. Pool lock held; the caller sees to it
 * that somebody runs them.
 */
void pwq_activate_waiting(struct pool_workqueue *pwq)
{
	assert_pool_locked(pwq->pool);
	if (pwq->plugged)
		return;
	while (!list_empty(&pwq->inactive_works)) {
		int nr = pwq->node_active ? take_or_pend(pwq) : pwq->max_active - pwq->nr_active;

		/* none is left, or fewer than there were: the limit was lowered */
		if (nr <= 0)
			return;
		activate(pwq, nr);
	}
}

enum served { SERVED, NO_SLOT, LOOK_AGAIN };

/* serve_pwq(), of which @pwq still is the first. The account's lock is held. */
static enum served serve_first_pending(struct wq_node_nr_active *account,
				       struct pool_workqueue *pwq)
{
	if (list_empty(&pwq->inactive_works)) {
		unlink_pending(pwq);
		return LOOK_AGAIN;
	}
	if (!account_take(account))
		return NO_SLOT;
	activate(pwq, 1);
	if (list_empty(&pwq->inactive_works))
		unlink_pending(pwq);
	else
		requeue_pending(pwq);
	return SERVED;
}

/*
 * Start one item of @pwq, the first of the list, and send it to the end. LOOK_AGAIN: others have
 * done so since the caller saw it there (C94), or nothing of it waits. Pool lock held.
 */
static enum served serve_pwq(struct wq_node_nr_active *account, struct pool_workqueue *pwq)
{
	enum served served = LOOK_AGAIN;

	assert_pool_locked(pwq->pool);
	futex_lock(&account->lock);
	if (account->pending_pwqs.next == &pwq->pending_node)
		served = serve_first_pending(account, pwq);
	futex_unlock(&account->lock);
	return served;
}

/* Who is next? The answer may be old: look again under the lock of its pool. */
static struct pool_workqueue *first_pending(struct wq_node_nr_active *account)
{
	struct pool_workqueue *pwq;

	if (!__atomic_load_n(&account->nr_pending, __ATOMIC_SEQ_CST))
		return NULL;
	futex_lock(&account->lock);
	pwq = list_first_entry_or_null(&account->pending_pwqs, struct pool_workqueue,
				       pending_node);
	futex_unlock(&account->lock);
	return pwq;
}

/* pool_unlock() shall serve @account. Whoever has listed it already will look later. */
static void serve_later(struct worker_pool *pool, struct wq_node_nr_active *account)
{
	assert_pool_locked(pool);
	if (__atomic_exchange_n(&account->serve_listed, 1, __ATOMIC_SEQ_CST))
		return;
	account->serve_next = pool->serve;
	pool->serve = account;
}

/* Give a slot back and let the next one have it. SLOT/2. */
static void node_release(struct wq_node_nr_active *account, struct worker_pool *pool)
{
	struct pool_workqueue *pwq;

	__atomic_fetch_sub(&account->nr, 1, __ATOMIC_SEQ_CST);
	while ((pwq = first_pending(account))) {
		/* a pwq of this pool stays one while we hold the lock */
		if (pwq_pool(pwq) != pool) {
			serve_later(pool, account);
			return;
		}
		if (serve_pwq(account, pwq) != LOOK_AGAIN)
			return;
	}
}

/* pwq_give_slots(), if others take slots from the same account: each is served in turn (C94). */
void pwq_give_shared_slots(struct pool_workqueue *pwq, int nr)
{
	assert_pool_locked(pwq->pool);
	while (nr--)
		node_release(pwq->account, pwq->pool);
}

/* False: the first one of the list must wait on, or there is none. No lock held. */
static bool serve_first(struct wq_node_nr_active *account)
{
	struct pool_workqueue *pwq = first_pending(account);
	enum served served = LOOK_AGAIN;
	struct worker_pool *pool;

	if (!pwq)
		return false;
	TEST_POINT("pending_seen");
	pool = pwq_pool(pwq);
	pool_lock(pool);
	/*
	 * It may have gone to another pool or queue, or share no more: then it is not
	 * listed. Without a queue it may go at any moment: pwq_new() does not lock the
	 * pool that it had.
	 */
	if (pwq_wq(pwq) && pwq_pool(pwq) == pool &&
	    __atomic_load_n(&pwq->node_active, __ATOMIC_RELAXED) == account)
		served = serve_pwq(account, pwq);
	pool_unlock_and_wake(pool);
	return served != NO_SLOT;
}

/* The limits have changed: give what is free to those who wait, in turn (C92). */
void wq_serve_nodes(struct workqueue_struct *wq)
{
	int node;

	lockdep_assert_held(&wq->mutex);
	for (node = 0; node <= MAX_NUMNODES; node++)
		while (wq->node_nr_active[node] && serve_first(wq->node_nr_active[node]))
			;
}

/* After pool_unlock(): start what can be started in other pools. No lock held. */
void nodes_serve(struct wq_node_nr_active *account)
{
	while (account) {
		struct wq_node_nr_active *next = account->serve_next;

		/* before the look, so that a slot that is given back later is not left out */
		__atomic_exchange_n(&account->serve_listed, 0, __ATOMIC_SEQ_CST);
		TEST_POINT("node_serve");
		while (serve_first(account))
			;
		account = next;
	}
}

/* ---- one pwq or several ---- */

/* What it has counted by itself is the account's from now on. */
static void start_sharing(struct pool_workqueue *pwq)
{
	pool_lock(pwq->pool);
	if (!pwq->node_active) {
		__atomic_fetch_add(&pwq->account->nr, pwq->nr_active, __ATOMIC_SEQ_CST);
		__atomic_store_n(&pwq->node_active, pwq->account, __ATOMIC_RELAXED);
		pwq_activate_waiting(pwq);
	}
	pool_unlock_and_wake(pwq->pool);
}

static void stop_sharing(struct pool_workqueue *pwq)
{
	pool_lock(pwq->pool);
	futex_lock(&pwq->account->lock);
	unlink_pending(pwq);
	futex_unlock(&pwq->account->lock);
	__atomic_fetch_sub(&pwq->account->nr, pwq->nr_active, __ATOMIC_SEQ_CST);
	__atomic_store_n(&pwq->node_active, NULL, __ATOMIC_RELAXED);
	pwq_set_limit(pwq);
	/* a slot that was given back at the last moment */
	pwq_activate_waiting(pwq);
	pool_unlock_and_wake(pwq->pool);
}

/* Before the newest pwq of @wq, which is not its only one, can get items. */
void wq_share_accounts(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	lockdep_assert_held(&wq->mutex);
	wq->nodes_shared = true;
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node)
		start_sharing(pwq);
}

/* If a single pwq is left, and no other can get items any more. */
void wq_unshare_accounts(struct workqueue_struct *wq)
{
	lockdep_assert_held(&wq->mutex);
	if (!wq->nodes_shared || !list_is_singular(&wq->pwqs))
		return;
	wq->nodes_shared = false;
	stop_sharing(list_first_entry(&wq->pwqs, struct pool_workqueue, pwqs_node));
}

/* ---- limits ---- */

/* What a node with @cpus of the queue's @total CPUs gets (C90, C91). */
static int node_share(const struct workqueue_struct *wq, unsigned int cpus, unsigned int total)
{
	int least = node_least(wq);

	if (!total)
		return least;
	return clamp((int)DIV_ROUND_UP((unsigned int)wq->max_active * cpus, total),
		     least, wq->max_active);
}

/* The limit in force, for a pwq that shares with no other. wq->mutex and pool lock held. */
void pwq_set_limit(struct pool_workqueue *pwq)
{
	assert_pool_locked(pwq->pool);
	pwq->max_active = pwq->account ? __atomic_load_n(&pwq->account->max, __ATOMIC_RELAXED) :
					 pwq->wq->max_active;
}

/* Divide the limit in force among the nodes; what waits is started by the caller. */
void wq_update_node_max_active(struct workqueue_struct *wq)
{
	const struct cpumask *cpus = wq->dfl_pwq->pool->cpumask;
	unsigned int total = cpumask_weight_and(cpus, cpu_online_mask);
	struct cpumask here;
	int node;

	lockdep_assert_held(&wq->mutex);
	for (node = 0; node <= MAX_NUMNODES; node++) {
		struct wq_node_nr_active *account = wq->node_nr_active[node];
		int max = wq->max_active;

		if (!account)
			continue;
		if (node < MAX_NUMNODES) {
			cpumask_and(&here, cpus, cpumask_of_node(node));
			max = node_share(wq, cpumask_weight_and(&here, cpu_online_mask), total);
		}
		__atomic_store_n(&account->max, max, __ATOMIC_SEQ_CST);
	}
}

/* ---- fork ---- */

/* In the child: no slot is taken, nobody waits for one, no thread is about to serve it. */
static void forget_account(struct wq_node_nr_active *account)
{
	account->nr = 0;
	account->nr_pending = 0;
	account->serve_listed = 0;
	account->serve_next = NULL;
	futex_lock_init(&account->lock);
	INIT_LIST_HEAD(&account->pending_pwqs);
}

void node_accounts_fork_child(struct workqueue_struct *wq)
{
	int node;

	for (node = 0; wq->node_nr_active && node <= MAX_NUMNODES; node++)
		if (wq->node_nr_active[node])
			forget_account(wq->node_nr_active[node]);
}

/* An account that nobody has may still be on some thread's list. */
void node_active_fork(enum fork_step step)
{
	struct wq_node_nr_active *account;

	if (step == FORK_CHILD)
		for (account = free_accounts; account; account = account->free_next)
			forget_account(account);
	fork_step_lock(&free_lock, step);
}

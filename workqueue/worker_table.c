// SPDX-License-Identifier: MIT
/*
 * worker_table.c - workers by id, never freed
 *
 * work->data names the worker that ran an item last by a 16-bit id. Whoever
 * follows such an id may come late, when the worker has long left its thread and
 * serves another pool; therefore the structures stay for ever and are used again.
 * Id 0 means nobody and 0xffff means several (work_data.h).
 *
 * Locks: table_lock, innermost, protects the free list and the end of the table.
 */
#include <linux/slab.h>

#include "workqueue/fork.h"
#include "workqueue/workqueue_internal.h"

struct worker *worker_table[WORKER_ID_MANY];	/* A: set once, in order */
static unsigned int table_end = 1;		/* A: first id never given out */
static struct worker *free_workers;		/* table_lock */
static struct futex_lock table_lock = FUTEX_LOCK_INIT;

static struct worker *take_free(void)
{
	struct worker *worker;

	futex_lock(&table_lock);
	worker = free_workers;
	if (worker)
		free_workers = worker->free_next;
	futex_unlock(&table_lock);
	return worker;
}

static struct worker *enter_table(struct worker *worker)
{
	futex_lock(&table_lock);
	if (table_end < WORKER_ID_MANY) {
		worker->id = table_end;
		__atomic_store_n(&worker_table[table_end], worker, __ATOMIC_RELEASE);
		__atomic_store_n(&table_end, table_end + 1, __ATOMIC_RELEASE);
	}
	futex_unlock(&table_lock);
	return worker->id ? worker : NULL;
}

/*
 * A worker for a new thread, or NULL: no memory, or all 65534 ids are in use.
 * May allocate; no pool lock held.
 */
struct worker *worker_new(void)
{
	struct worker *worker = take_free();
	void *raw;

	if (!worker) {
		/* the structure wants its lines to itself; the block is never freed */
		raw = kzalloc(sizeof(*worker) + 64, GFP_KERNEL);
		if (!raw)
			return NULL;
		worker = PTR_ALIGN(raw, 64);
		if (!enter_table(worker)) {
			kfree(raw);
			return NULL;
		}
	}
	INIT_LIST_HEAD(&worker->scheduled);
	INIT_LIST_HEAD(&worker->node);
	INIT_LIST_HEAD(&worker->pool_node);
	worker->flags = 0;
	/* somebody who asked about its last thread may still look */
	__atomic_store_n(&worker->desc_run, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&worker->current_pwq, NULL, __ATOMIC_RELAXED);
	worker->watched_run = 0;
	__atomic_store_n(&worker->current_func, NULL, __ATOMIC_RELEASE);
	__atomic_store_n(&worker->last_func, NULL, __ATOMIC_RELAXED);
	worker->exiting = false;
	worker->rescue_wq = NULL;
	__atomic_store_n(&worker->wake, WAKE_NONE, __ATOMIC_RELAXED);
	return worker;
}

/* The thread is gone or was never made. */
void worker_recycle(struct worker *worker)
{
	futex_lock(&table_lock);
	worker->free_next = free_workers;
	free_workers = worker;
	futex_unlock(&table_lock);
}

/*
 * @worker, which runs nothing and is in no list, will serve @pool. It changes under the lock
 * of the pool that it had: whoever holds a pool's lock and finds it there knows that it does
 * not begin anything elsewhere meanwhile. No pool lock held.
 * Test: rescuer_between_pools_is_described.c
 */
void worker_set_pool(struct worker *worker, struct worker_pool *pool)
{
	struct worker_pool *old = worker->pool;

	if (old)
		pool_lock(old);
	__atomic_store_n(&worker->pool, pool, __ATOMIC_RELEASE);
	if (old)
		pool_unlock(old);
}

/* The worker with that id; NULL for an id that nobody has had. */
struct worker *worker_by_id(unsigned int id)
{
	if (id >= __atomic_load_n(&table_end, __ATOMIC_ACQUIRE))
		return NULL;
	return __atomic_load_n(&worker_table[id], __ATOMIC_ACQUIRE);
}

/* One past the highest id in use so far. */
unsigned int worker_id_limit(void)
{
	return __atomic_load_n(&table_end, __ATOMIC_ACQUIRE);
}

/* Every worker can be employed again, but the one whose function is forking now. */
static void free_all(void)
{
	unsigned int id;

	free_workers = NULL;
	for (id = 1; id < table_end; id++) {
		struct worker *worker = worker_table[id];

		/* those of rescuers and of bottom-half pools have their place from birth */
		if (worker->flags & (WORKER_FORKED | WORKER_RESCUER | WORKER_IDLE))
			continue;
		worker->free_next = free_workers;
		free_workers = worker;
	}
}

void worker_table_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		free_all();
	fork_step_lock(&table_lock, step);
}

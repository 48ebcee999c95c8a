// SPDX-License-Identifier: MIT
/*
 * naive.c - the pool that everybody has written once: mutex, condition, list
 *
 * Items are linked through themselves, so nothing is allocated. Each submit signals one
 * worker while it holds no lock. Items can be taken out again.
 */
#include <pthread.h>
#include <stddef.h>

#define CONTESTANT "naive"
#include "contestant.h"

#define HAS_CANCEL

struct node {
	struct node *next, *prev;
};

struct item {
	struct node node;	/* first; next is NULL when not queued */
	item_fn fn;
	char rest[BENCH_LINE - sizeof(struct node) - sizeof(item_fn)];
} __attribute__((__aligned__(BENCH_LINE)));
bench_size_ok(item);

#define MAX_WORKERS	64

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct node queue;
	bool stop;
	int nr_workers;
	pthread_t workers[MAX_WORKERS];
};

static inline void node_remove(struct node *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = NULL;
}

static void *worker_thread(void *arg)
{
	struct pool *pool = (struct pool *)arg;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct item *item;

		while (pool->queue.next == &pool->queue && !pool->stop)
			pthread_cond_wait(&pool->more, &pool->lock);
		if (pool->queue.next == &pool->queue)
			break;
		item = (struct item *)pool->queue.next;
		node_remove(&item->node);
		pthread_mutex_unlock(&pool->lock);
		item->fn(item);
		pthread_mutex_lock(&pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static inline void pool_open(struct pool *pool, int workers)
{
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	pool->queue.next = pool->queue.prev = &pool->queue;
	pool->stop = false;
	pool->nr_workers = workers;
	for (int i = 0; i < workers; i++)
		pthread_create(&pool->workers[i], NULL, worker_thread, pool);
}

static inline void pool_close(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->nr_workers; i++)
		pthread_join(pool->workers[i], NULL);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->more);
}

static inline void item_init(struct item *item, item_fn fn)
{
	item->node.next = NULL;
	item->fn = fn;
}

static inline void submit(struct pool *pool, struct item *item)
{
	pthread_mutex_lock(&pool->lock);
	item->node.next = &pool->queue;
	item->node.prev = pool->queue.prev;
	pool->queue.prev->next = &item->node;
	pool->queue.prev = &item->node;
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_signal(&pool->more);
}

static inline bool cancel(struct pool *pool, struct item *item)
{
	bool queued;

	pthread_mutex_lock(&pool->lock);
	queued = item->node.next != NULL;
	if (queued)
		node_remove(&item->node);
	pthread_mutex_unlock(&pool->lock);
	return queued;
}

#include "cases.h"

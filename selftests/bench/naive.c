// SPDX-License-Identifier: MIT
/*
 * naive.c - the pool that everybody has written once: mutex, condition, list
 *
 * Items are linked through themselves, so nothing is allocated. Each submit signals one
 * worker, while it holds no lock. What was queued cannot be taken back.
 */
#include <pthread.h>
#include <stddef.h>

#define CONTESTANT "naive"
#include "contestant.h"

struct item {
	struct item *next;
	item_fn fn;
	char rest[BENCH_LINE - sizeof(struct item *) - sizeof(item_fn)];
} __attribute__((__aligned__(BENCH_LINE)));
bench_size_ok(item);

#define MAX_WORKERS	64

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct item *first, **last;
	bool stop;
	int nr_workers;
	pthread_t workers[MAX_WORKERS];
};

static void *worker_thread(void *arg)
{
	struct pool *pool = (struct pool *)arg;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct item *item;

		while (!pool->first && !pool->stop)
			pthread_cond_wait(&pool->more, &pool->lock);
		item = pool->first;
		if (!item)
			break;
		pool->first = item->next;
		if (!item->next)
			pool->last = &pool->first;
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
	pool->first = NULL;
	pool->last = &pool->first;
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
	item->fn = fn;
}

static inline void submit(struct pool *pool, struct item *item)
{
	item->next = NULL;
	pthread_mutex_lock(&pool->lock);
	*pool->last = item;
	pool->last = &item->next;
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_signal(&pool->more);
}

#include "cases.h"

// SPDX-License-Identifier: MIT
/*
 * onetbb.cpp - oneTBB, task_arena::enqueue(), for make bench PEERS=1
 *
 * The call for work that nobody waits for in place: FIFO, from any thread, run by workers
 * only. An arena without a slot for the caller has as many workers as the case asks for;
 * the limit of all arenas together is lifted, for by default it is the number of CPUs
 * less one. Each enqueue allocates a task from the library's own pool of small objects.
 * There is no call that takes a task back or that waits for what was enqueued. For tasks
 * that somebody waits for see onetbb_group.cpp.
 */
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#define CONTESTANT	"onetbb"
#include "contestant.h"

struct item {
	item_fn fn;
	char rest[BENCH_LINE - sizeof(item_fn)];
} __attribute__((__aligned__(BENCH_LINE)));
bench_size_ok(item);

struct pool {
	tbb::task_arena *arena;
};

#define MOST_THREADS	256

static inline void pool_open(struct pool *pool, int workers)
{
	static tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
					 MOST_THREADS);

	pool->arena = new tbb::task_arena(workers, 0);
	pool->arena->initialize();
}

static inline void pool_close(struct pool *pool)
{
	delete pool->arena;
}

static inline void item_init(struct item *item, item_fn fn)
{
	item->fn = fn;
}

static inline void submit(struct pool *pool, struct item *item)
{
	pool->arena->enqueue([item] { item->fn(item); });
}

#include "cases.h"

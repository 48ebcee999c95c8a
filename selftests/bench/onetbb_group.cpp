// SPDX-License-Identifier: MIT
/*
 * onetbb_group.cpp - oneTBB, task_group, for make bench PEERS=1
 *
 * run() puts a task on the calling thread's own deque, from where idle workers steal;
 * wait() runs tasks itself until all have run. So the thread that waits is one of those
 * that work, the newest task comes first, and a row of this contestant has one pair of
 * hands more than the others'. It waits for all tasks of a group or for none, and takes
 * no single one back. A plain group lives in the caller's own arena, which has as many
 * slots as there are CPUs; the workers are limited on top of that.
 */
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_group.h>

#define CONTESTANT	"onetbb_group"
#include "contestant.h"

#define HAS_WAIT_ALL
#define CALLER_RUNS_ITEMS

struct item {
	item_fn fn;
	char rest[BENCH_LINE - sizeof(item_fn)];
} __attribute__((__aligned__(BENCH_LINE)));
bench_size_ok(item);

struct pool {
	tbb::global_control *limit;
	tbb::task_group *group;
};

static inline void pool_open(struct pool *pool, int workers)
{
	pool->limit = new tbb::global_control(tbb::global_control::max_allowed_parallelism,
					      (size_t)workers + 1);
	pool->group = new tbb::task_group;
}

static inline void wait_all(struct pool *pool)
{
	pool->group->wait();
}

static inline void pool_close(struct pool *pool)
{
	/* the last function may be over and its task not; the group wants to be waited for */
	pool->group->wait();
	delete pool->group;
	delete pool->limit;
}

static inline void item_init(struct item *item, item_fn fn)
{
	item->fn = fn;
}

static inline void submit(struct pool *pool, struct item *item)
{
	pool->group->run([item] { item->fn(item); });
}

#include "cases.h"

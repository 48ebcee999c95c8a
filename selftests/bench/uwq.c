// SPDX-License-Identifier: MIT
/*
 * uwq.c - this library in the bench
 *
 * N workers are an unbound queue with max_active N; the usual queue is an unbound one with
 * the default. Waiting is flush_work() and
 * flush_workqueue(), which poll for a moment like idle workers do; without spinning is
 * uwq.spin_us=0.
 */
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <uwq/param.h>

#define CONTESTANT "uwq"
#include "contestant.h"

#define HAS_WAIT_ALL
#define HAS_WAIT_ITEM
#define HAS_PERCPU
#define HAS_USUAL
#define HAS_ORDERED
#define HAS_CANCEL
#define HAS_LATE
#define HAS_TIMER
#define HAS_SPIN

struct item {
	struct work_struct work;
	item_fn fn;
	char rest[BENCH_LINE - sizeof(struct work_struct) - sizeof(item_fn)];
} __attribute__((__aligned__(BENCH_LINE)));
bench_size_ok(item);

struct pool {
	struct workqueue_struct *wq;
};

static inline void pool_open(struct pool *pool, int workers)
{
	pool->wq = alloc_workqueue("bench", WQ_UNBOUND, workers);
}

static inline void pool_open_usual(struct pool *pool)
{
	pool->wq = alloc_workqueue("bench_usual", WQ_UNBOUND, 0);
}

static inline void pool_open_percpu(struct pool *pool)
{
	pool->wq = alloc_workqueue("bench_percpu", WQ_PERCPU, 0);
}

static inline void pool_open_ordered(struct pool *pool)
{
	pool->wq = alloc_ordered_workqueue("bench_ordered", 0);
}

static inline void pool_close(struct pool *pool)
{
	destroy_workqueue(pool->wq);
}

static inline void pool_spin(bool on)
{
	static char usual[16];

	if (!usual[0])
		uwq_param_get("uwq.spin_us", usual, sizeof(usual));
	uwq_param_set("uwq.spin_us", on ? usual : "0");
}

static void run_item(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);

	item->fn(item);
}

static inline void item_init(struct item *item, item_fn fn)
{
	INIT_WORK(&item->work, run_item);
	item->fn = fn;
}

static inline void submit(struct pool *pool, struct item *item)
{
	queue_work(pool->wq, &item->work);
}

static inline void wait_all(struct pool *pool)
{
	flush_workqueue(pool->wq);
}

static inline void wait_item(struct pool *pool, struct item *item)
{
	(void)pool;
	flush_work(&item->work);
}

static inline bool cancel(struct pool *pool, struct item *item)
{
	(void)pool;
	return cancel_work_sync(&item->work);
}

/* ---- delayed ---- */

struct late {
	struct delayed_work dwork;
	late_fn fn;
};

static void run_late(struct work_struct *work)
{
	struct late *late = container_of(to_delayed_work(work), struct late, dwork);

	late->fn(late);
}

static inline void late_init(struct late *late, late_fn fn)
{
	INIT_DELAYED_WORK(&late->dwork, run_late);
	late->fn = fn;
}

static inline void late_arm(struct pool *pool, struct late *late, unsigned int ms)
{
	queue_delayed_work(pool->wq, &late->dwork, msecs_to_jiffies(ms));
}

static inline void late_mod(struct pool *pool, struct late *late, unsigned int ms)
{
	mod_delayed_work(pool->wq, &late->dwork, msecs_to_jiffies(ms));
}

static inline void late_cancel(struct pool *pool, struct late *late)
{
	(void)pool;
	cancel_delayed_work(&late->dwork);
}

static void (*timer_called)(void);

static void run_timer(struct timer_list *timer)
{
	(void)timer;
	timer_called();
}
static DEFINE_TIMER(the_timer, run_timer);

static inline void timer_start(unsigned int ms, void (*fn)(void))
{
	timer_called = fn;
	mod_timer(&the_timer, jiffies + msecs_to_jiffies(ms));
}

#include "cases.h"

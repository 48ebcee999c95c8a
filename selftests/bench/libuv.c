// SPDX-License-Identifier: MIT
/*
 * libuv.c - libuv's thread pool, for make bench PEERS=1
 *
 * uv_queue_work() belongs to the thread that runs the loop, and the threads serve all
 * loops of the process. So each producer has a loop of its own: the documented way to
 * submit from several threads, without a hop through the thread of one loop. A request is
 * busy until its loop has run the second half of it; therefore waiting is running the
 * loop, and an item cannot submit itself. The number of threads is read from the
 * environment when the first one starts and stays for the life of the process.
 *
 * uv_work_t alone has 128 bytes: an item is more than one line here.
 */
#include <stdlib.h>
#include <uv.h>

#define CONTESTANT	"libuv"
#include "contestant.h"

#define HAS_PRODUCERS
#define HAS_WAIT_ALL
#define HAS_WAIT_ITEM
#define HAS_CANCEL
#define HAS_CANCEL_END
#define HAS_LATE
#define HAS_LOOP
#define NO_SUBMIT_FROM_ITEM
#define ONE_POOL_ONLY

struct item {
	uv_work_t req;		/* first; its data is the item_fn */
} __attribute__((__aligned__(BENCH_LINE)));

struct pool {
	int workers;
};

/* ---- the calling thread's loop ---- */

static __thread uv_loop_t my_loop;
static __thread bool has_loop;

static inline uv_loop_t *loop_of_this_thread(void)
{
	if (!has_loop)
		has_loop = !uv_loop_init(&my_loop);
	return &my_loop;
}

/* Back when nothing is armed and no request is under way. */
static inline void run_loop(struct pool *pool)
{
	(void)pool;
	uv_run(loop_of_this_thread(), UV_RUN_DEFAULT);
}

static inline void producer_begin(struct pool *pool)
{
	(void)pool;
	loop_of_this_thread();
}

static inline void producer_end(struct pool *pool)
{
	run_loop(pool);
}

static inline void wait_all(struct pool *pool)
{
	run_loop(pool);
}

static inline void wait_item(struct pool *pool, struct item *item)
{
	(void)item;
	run_loop(pool);
}

/* ---- items ---- */

static inline void pool_open(struct pool *pool, int workers)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", workers);
	setenv("UV_THREADPOOL_SIZE", text, 1);
	pool->workers = workers;
}

static inline void pool_close(struct pool *pool)
{
	run_loop(pool);
}

static inline void item_init(struct item *item, item_fn fn)
{
	item->req.data = (void *)fn;
}

static void run_item(uv_work_t *req)
{
	((item_fn)req->data)((struct item *)req);
}

static void end_item(uv_work_t *req, int status)
{
	(void)req;
	(void)status;
}

static inline void submit(struct pool *pool, struct item *item)
{
	(void)pool;
	uv_queue_work(loop_of_this_thread(), &item->req, run_item, end_item);
}

static inline bool cancel(struct pool *pool, struct item *item)
{
	(void)pool;
	return !uv_cancel((uv_req_t *)&item->req);
}

/* The loop hands back what was cancelled. */
static inline void cancel_end(struct pool *pool)
{
	(void)pool;
	uv_run(loop_of_this_thread(), UV_RUN_NOWAIT);
}

/* ---- delayed: a timer of the loop that submits ---- */

struct late {
	struct item item;	/* first */
	uv_timer_t timer;
	struct pool *pool;
	late_fn fn;
};

static void run_late(struct item *item)
{
	struct late *late = (struct late *)item;

	late->fn(late);
}

static void submit_late(uv_timer_t *timer)
{
	struct late *late = (struct late *)timer->data;

	submit(late->pool, &late->item);
}

static inline void late_init(struct late *late, late_fn fn)
{
	item_init(&late->item, run_late);
	uv_timer_init(loop_of_this_thread(), &late->timer);
	late->timer.data = late;
	late->fn = fn;
}

/*
 * The loop's time is that of its last turn, in whole milliseconds: brought up to date, and
 * one more, or the timer would be early.
 */
static inline void late_arm(struct pool *pool, struct late *late, unsigned int ms)
{
	late->pool = pool;
	uv_update_time(late->timer.loop);
	uv_timer_start(&late->timer, submit_late, ms + 1, 0);
}

static inline void late_mod(struct pool *pool, struct late *late, unsigned int ms)
{
	late_arm(pool, late, ms);
}

static inline void late_cancel(struct pool *pool, struct late *late)
{
	(void)pool;
	uv_timer_stop(&late->timer);
}

#include "cases.h"

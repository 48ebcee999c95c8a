// SPDX-License-Identifier: MIT
/*
 * glib.c - GLib's GThreadPool, for make bench PEERS=1
 *
 * An exclusive pool: its threads are started at once and belong to it alone, so that
 * nothing of the making of threads is measured. A push allocates a node of the queue;
 * that is the library's own cost, as is the one lock around the queue. There is no call
 * that takes an item back or that waits for one: the harness counts and waits. A delayed
 * item is a timeout of a main context, which its thread has to run.
 */
#include <glib.h>

#define CONTESTANT	"glib"
#include "contestant.h"

#define HAS_LATE
#define HAS_LOOP

struct item {
	item_fn fn;
	char rest[BENCH_LINE - sizeof(item_fn)];
} __attribute__((__aligned__(BENCH_LINE)));
bench_size_ok(item);

struct pool {
	GThreadPool *threads;
};

static inline void pool_run(gpointer data, gpointer unused)
{
	struct item *item = data;

	(void)unused;
	item->fn(item);
}

static inline void pool_open(struct pool *pool, int workers)
{
	pool->threads = g_thread_pool_new(pool_run, NULL, workers, TRUE, NULL);
}

static inline void pool_close(struct pool *pool)
{
	g_thread_pool_free(pool->threads, FALSE, TRUE);
}

static inline void item_init(struct item *item, item_fn fn)
{
	item->fn = fn;
}

static inline void submit(struct pool *pool, struct item *item)
{
	g_thread_pool_push(pool->threads, item, NULL);
}

/* ---- delayed: a timeout of the main context that submits ---- */

struct late {
	struct item item;	/* first */
	GSource *source;
	struct pool *pool;
	late_fn fn;
};

static int nr_armed;

static void run_late(struct item *item)
{
	struct late *late = (struct late *)item;

	late->fn(late);
}

static gboolean submit_late(gpointer data)
{
	struct late *late = data;

	nr_armed--;
	submit(late->pool, &late->item);
	return G_SOURCE_REMOVE;
}

static inline void late_init(struct late *late, late_fn fn)
{
	item_init(&late->item, run_late);
	late->fn = fn;
}

static inline void late_arm(struct pool *pool, struct late *late, unsigned int ms)
{
	late->pool = pool;
	late->source = g_timeout_source_new(ms);
	g_source_set_callback(late->source, submit_late, late, NULL);
	g_source_attach(late->source, NULL);
	g_source_unref(late->source);
	nr_armed++;
}

static inline void late_mod(struct pool *pool, struct late *late, unsigned int ms)
{
	if (!late->source)
		late_arm(pool, late, ms);
	else
		g_source_set_ready_time(late->source, g_get_monotonic_time() + ms * 1000l);
}

static inline void late_cancel(struct pool *pool, struct late *late)
{
	(void)pool;
	if (!late->source)
		return;
	g_source_destroy(late->source);
	late->source = NULL;
	nr_armed--;
}

/* Back when nothing is armed. */
static inline void run_loop(struct pool *pool)
{
	(void)pool;
	while (nr_armed)
		g_main_context_iteration(NULL, TRUE);
}

#include "cases.h"

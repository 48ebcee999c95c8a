// SPDX-License-Identifier: MIT
/*
 * page_compression_glib.c - the same pages through GLib's GThreadPool, see page_compression.h
 *
 * The pool has no requests of its own. Free ones come back through a GAsyncQueue, the
 * library's own way to hand something over and to wait for it.
 */
#include <glib.h>

#include "page_compression.h"

static void compress_job(gpointer data, gpointer done)
{
	job_compress((struct page_job *)data);
	g_async_queue_push((GAsyncQueue *)done, data);
}

/* A free one; if it has a page, that one is compressed. */
static struct page_job *take(GAsyncQueue *done)
{
	struct page_job *job = g_async_queue_pop(done);

	if (job->page)
		job_count(job);
	return job;
}

static void run_glib(int nr)
{
	GAsyncQueue *done = g_async_queue_new();
	GThreadPool *pool = g_thread_pool_new(compress_job, done, nr, TRUE, NULL);
	int nr_jobs = nr * requests_each;
	struct page_job *jobs = calloc((size_t)nr_jobs, sizeof(*jobs));

	for (int i = 0; i < nr_jobs; i++) {
		if (!jobs || job_init(&jobs[i]))
			bench_fail("no memory");
		g_async_queue_push(done, &jobs[i]);
	}
	for (long i = 0; i < nr_pages; i++) {
		struct page_job *job = take(done);

		job->page = page_nr(i);
		g_thread_pool_push(pool, job, NULL);
	}
	for (int i = 0; i < nr_jobs; i++)
		deflateEnd(&take(done)->stream);
	g_thread_pool_free(pool, FALSE, TRUE);
	g_async_queue_unref(done);
	free(jobs);
}

static const struct kind kinds[] = {
	{ "glib", run_glib },
};

PAGE_COMPRESSION_MAIN

// SPDX-License-Identifier: MIT
/*
 * page_compression.c - pages compressed through this library, see page_compression.h
 *
 * threaded	the threaded workqueue, as its users would write it
 * split	threads that hand nothing over, each with its part of the pages: what the machine
 *		gives at best
 * queue_work	the same requests on an unbound queue; a request is used again after
 *		flush_work(), in the order of queueing
 */
#include <pthread.h>

#include <linux/workqueue.h>
#include <uwq/threaded_workqueue.h>

#include "page_compression.h"

/* ---- the threaded workqueue ---- */

static int request_init(void *request)
{
	return job_init(request);
}

static void request_uninit(void *request)
{
	deflateEnd(&((struct page_job *)request)->stream);
}

static void request_handler(void *request)
{
	job_compress(request);
}

static void request_done(void *request)
{
	job_count(request);
}

static const ThreadedWorkqueueOps ops = {
	.thread_request_init = request_init,
	.thread_request_uninit = request_uninit,
	.thread_request_handler = request_handler,
	.thread_request_done = request_done,
	.request_size = sizeof(struct page_job),
};

static void run_threaded(int nr)
{
	Threads *threads = threaded_workqueue_create("compress", (unsigned int)nr,
						     (unsigned int)requests_each, &ops);

	if (!threads)
		bench_fail("no threads");
	for (long i = 0; i < nr_pages; i++) {
		struct page_job *job = threaded_workqueue_get_request_wait(threads);

		job->page = page_nr(i);
		threaded_workqueue_submit_request(threads, job);
	}
	threaded_workqueue_wait_for_requests(threads);
	threaded_workqueue_destroy(threads);
}

/* ---- plain items ---- */

struct item {
	struct work_struct work;
	struct page_job job;
};

static void item_func(struct work_struct *work)
{
	job_compress(&container_of(work, struct item, work)->job);
}

/* An item that was queued before is finished and counted. */
static void item_finish(struct item *item)
{
	if (!item->job.page)
		return;
	flush_work(&item->work);
	job_count(&item->job);
}

static void run_queue_work(int nr)
{
	struct workqueue_struct *wq = alloc_workqueue("compress", WQ_UNBOUND, nr);
	int nr_items = nr * requests_each;
	struct item *items = calloc((size_t)nr_items, sizeof(*items));

	if (!wq || !items)
		bench_fail("no memory");
	for (int i = 0; i < nr_items; i++) {
		INIT_WORK(&items[i].work, item_func);
		if (job_init(&items[i].job))
			bench_fail("no memory");
	}
	for (long i = 0; i < nr_pages; i++) {
		struct item *item = &items[i % nr_items];

		item_finish(item);
		item->job.page = page_nr(i);
		queue_work(wq, &item->work);
	}
	for (int i = 0; i < nr_items; i++) {
		item_finish(&items[i]);
		deflateEnd(&items[i].job.stream);
	}
	destroy_workqueue(wq);
	free(items);
}

/* ---- no queue at all ---- */

struct part {
	pthread_t thread;
	long begin, end;
	unsigned long compressed;
};

static void *compress_part(void *arg)
{
	struct part *part = arg;
	struct page_job *job = malloc(sizeof(*job));

	if (!job || job_init(job))
		bench_fail("no memory");
	for (long i = part->begin; i < part->end; i++) {
		job->page = page_nr(i);
		job_compress(job);
		part->compressed += job->compressed;
	}
	deflateEnd(&job->stream);
	free(job);
	return NULL;
}

static void run_split(int nr)
{
	struct part parts[nr];

	memset(parts, 0, sizeof(parts));
	for (int i = 0; i < nr; i++) {
		parts[i].begin = nr_pages * i / nr;
		parts[i].end = nr_pages * (i + 1) / nr;
		if (pthread_create(&parts[i].thread, NULL, compress_part, &parts[i]))
			bench_fail("no thread");
	}
	for (int i = 0; i < nr; i++) {
		pthread_join(parts[i].thread, NULL);
		total_out += parts[i].compressed;
	}
}

static const struct kind kinds[] = {
	{ "split", run_split },
	{ "threaded", run_threaded },
	{ "queue_work", run_queue_work },
};

PAGE_COMPRESSION_MAIN

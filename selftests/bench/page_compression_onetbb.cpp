// SPDX-License-Identifier: MIT
/*
 * page_compression_onetbb.cpp - the same pages through oneTBB, see page_compression.h
 *
 * A task arena without a slot for the caller, as many workers as asked for. It has no
 * requests of its own and no call that waits for what was enqueued: free ones come back
 * through the library's bounded queue, whose pop() waits.
 */
#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "page_compression.h"

#define MOST_THREADS	1024

typedef tbb::concurrent_bounded_queue<struct page_job *> job_queue;

/* A free one; if it has a page, that one is compressed. */
static struct page_job *take(job_queue &done)
{
	struct page_job *job;

	done.pop(job);
	if (job->page)
		job_count(job);
	return job;
}

static void run_onetbb(int nr)
{
	static tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
					 MOST_THREADS);
	tbb::task_arena arena(nr, 0);
	job_queue done;
	int nr_jobs = nr * requests_each;
	struct page_job *jobs = (struct page_job *)calloc((size_t)nr_jobs, sizeof(*jobs));

	arena.initialize();
	for (int i = 0; i < nr_jobs; i++) {
		if (!jobs || job_init(&jobs[i]))
			bench_fail("no memory");
		done.push(&jobs[i]);
	}
	for (long i = 0; i < nr_pages; i++) {
		struct page_job *job = take(done);

		job->page = page_nr(i);
		arena.enqueue([job, &done] {
			job_compress(job);
			done.push(job);
		});
	}
	for (int i = 0; i < nr_jobs; i++)
		deflateEnd(&take(done)->stream);
	free(jobs);
}

static const struct kind kinds[] = {
	{ "onetbb", run_onetbb },
};

PAGE_COMPRESSION_MAIN

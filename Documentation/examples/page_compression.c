// SPDX-License-Identifier: MIT
/*
 * page_compression.c - a file compressed page by page, by all CPUs that we may use
 *
 *	page_compression [-t THREADS] FILE > FILE.gz
 *	cc page_compression.c -luwq -lz
 *
 * One thread reads and writes, those of a threaded workqueue compress. Each 4 KiB page
 * becomes a gzip member of its own, and members one after the other are a gzip file, so
 * gzip -d can read it. The requests are held: number i of them has every i-th page, and
 * waiting for that one, not for any, keeps the pages in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <uwq/threaded_workqueue.h>

#define PAGE		4096
#define GZIP_FORMAT	(MAX_WBITS + 16)

struct page_request {
	z_stream stream;
	size_t in_bytes;	/* 0: not submitted */
	size_t out_bytes;
	unsigned char in[PAGE];
	unsigned char out[PAGE + 128];
};

static int page_init(void *request)
{
	struct page_request *page = request;

	return deflateInit2(&page->stream, 1, Z_DEFLATED, GZIP_FORMAT, MAX_MEM_LEVEL,
			    Z_DEFAULT_STRATEGY);
}

static void page_uninit(void *request)
{
	deflateEnd(&((struct page_request *)request)->stream);
}

/* In a thread of the queue. */
static void page_compress(void *request)
{
	struct page_request *page = request;
	z_stream *stream = &page->stream;

	deflateReset(stream);
	stream->next_in = page->in;
	stream->avail_in = (unsigned int)page->in_bytes;
	stream->next_out = page->out;
	stream->avail_out = sizeof(page->out);
	page->out_bytes = deflate(stream, Z_FINISH) == Z_STREAM_END ? stream->total_out : 0;
}

static const ThreadedWorkqueueOps page_ops = {
	.thread_request_init = page_init,
	.thread_request_uninit = page_uninit,
	.thread_request_handler = page_compress,
	.request_size = sizeof(struct page_request),
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* If @page is under way: wait for it and write it. */
static void page_finish(Threads *threads, struct page_request *page)
{
	if (!page->in_bytes)
		return;
	threaded_workqueue_wait_for_request(threads, page);
	if (!page->out_bytes || fwrite(page->out, 1, page->out_bytes, stdout) != page->out_bytes)
		fail("output");
	page->in_bytes = 0;
}

static void compress_file(Threads *threads, FILE *file, struct page_request **pages, size_t nr)
{
	size_t next = 0, i;

	for (;; next = (next + 1) % nr) {
		page_finish(threads, pages[next]);
		pages[next]->in_bytes = fread(pages[next]->in, 1, PAGE, file);
		if (!pages[next]->in_bytes)
			break;
		threaded_workqueue_submit_request(threads, pages[next]);
	}
	if (ferror(file))
		fail("input");
	/* the oldest ones first; @next has nothing */
	for (i = 1; i < nr; i++)
		page_finish(threads, pages[(next + i) % nr]);
}

int main(int argc, char **argv)
{
	int cpus = getopt(argc, argv, "t:") == 't' ? atoi(optarg) : 0;
	FILE *file = optind < argc ? fopen(argv[optind], "rb") : NULL;
	struct page_request **pages;
	Threads *threads;
	size_t nr, i;

	if (!file)
		fail("page_compression: which file?");
	threads = threaded_workqueue_create("zip", (unsigned int)cpus, DEFAULT_THREAD_REQUEST_NR,
					    &page_ops);
	if (!threads)
		fail("threads");
	nr = (size_t)threaded_workqueue_threads_nr(threads) * DEFAULT_THREAD_REQUEST_NR;
	pages = calloc(nr, sizeof(struct page_request *));
	if (!pages)
		fail("memory");
	for (i = 0; i < nr; i++) {
		pages[i] = threaded_workqueue_get_request(threads);
		threaded_workqueue_hold_request(threads, pages[i]);
	}
	compress_file(threads, file, pages, nr);
	for (i = 0; i < nr; i++)
		threaded_workqueue_put_request(threads, pages[i]);
	threaded_workqueue_destroy(threads);
	free(pages);
	fclose(file);
	if (fflush(stdout))
		fail("output");
	return 0;
}

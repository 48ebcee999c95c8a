// SPDX-License-Identifier: MIT
/*
 * memory.c - what the library costs in memory
 *
 *	memory-idle	after one item has been queued and waited for: resident memory more
 *			than that of a program without the library ("bare", beside this one)
 *	memory-queued	with 1,000,000 items queued: more than before they were, without the
 *			items
 *	memory-alloc	calls of malloc and its kin for one item that is queued and runs, is
 *			queued and cancelled, is armed and cancelled
 *
 * Linked with the shared library, as programs are, so that all of it counts and the calls
 * of malloc come by here.
 */
#include <linux/completion.h>
#include <linux/workqueue.h>

#define CONTESTANT "uwq"
#include "contestant.h"
#include "program.h"
#include "resident.h"

#include <errno.h>
#include <libgen.h>

static struct workqueue_struct *wq;
static struct work_struct holder, one;
static struct completion inside, go;

static void nothing_fn(struct work_struct *work)
{
	(void)work;
}

static void holder_fn(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	wait_for_completion(&go);
}

static void open_queue(void)
{
	wq = alloc_workqueue("memory", WQ_UNBOUND, 1);
	if (!wq)
		bench_fail("no queue");
	INIT_WORK(&one, nothing_fn);
	queue_work(wq, &one);
	flush_work(&one);
}

static void hold_worker(void)
{
	init_completion(&inside);
	init_completion(&go);
	INIT_WORK(&holder, holder_fn);
	queue_work(wq, &holder);
	wait_for_completion(&inside);
}

static void let_worker_go(void)
{
	complete(&go);
	flush_workqueue(wq);
}

static struct work_struct *make_items(long n)
{
	struct work_struct *items = bench_alloc(sizeof(*items) * (size_t)n);

	for (long i = 0; i < n; i++)
		INIT_WORK(&items[i], nothing_fn);
	return items;
}

/* ---- resident memory ---- */

static long bare_kib(void)
{
	char self[4096] = "", command[4200];
	long kib = -1;
	FILE *bare;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		bench_fail("who am I?");
	snprintf(command, sizeof(command), "'%s/bare'", dirname(self));
	bare = popen(command, "r");
	if (!bare || fscanf(bare, "%ld", &kib) != 1)
		bench_fail("no answer of the bare program");
	pclose(bare);
	return kib;
}

static void run_idle(const struct bench_case *c)
{
	(void)c;
	open_queue();
	emit("rss", (double)(resident_kib() - bare_kib()), "KiB");
}

static void run_queued(const struct bench_case *c)
{
	long n = scaled(c->n, 10), before;
	struct work_struct *items = make_items(n);

	open_queue();
	hold_worker();
	before = resident_kib();
	for (long i = 0; i < n; i++)
		queue_work(wq, &items[i]);
	emit("rss", (double)(resident_kib() - before), "KiB");
	let_worker_go();
}

/* ---- calls of malloc ---- */

#if defined(__GLIBC__) && !defined(UWQ_SANITIZE)
#define CAN_COUNT_ALLOCS
static long nr_allocs;	/* atomic */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

static void count_alloc(void)
{
	__atomic_fetch_add(&nr_allocs, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
	count_alloc();
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	count_alloc();
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	count_alloc();
	return __libc_realloc(p, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	count_alloc();
	return __libc_memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	count_alloc();
	*p = __libc_memalign(align, size);
	return *p ? 0 : ENOMEM;
}

static void run_alloc(const struct bench_case *c)
{
	long n = scaled(c->n, 10), before;
	struct work_struct *items = make_items(n);
	struct delayed_work late;

	INIT_DELAYED_WORK(&late, nothing_fn);
	open_queue();
	queue_delayed_work(wq, &late, 60 * HZ);
	cancel_delayed_work_sync(&late);
	before = __atomic_load_n(&nr_allocs, __ATOMIC_RELAXED);
	if (!before)
		bench_fail("calls of malloc do not come by");
	for (long i = 0; i < n; i++)
		queue_work(wq, &items[i]);
	flush_workqueue(wq);
	hold_worker();
	for (long i = 0; i < n; i++)
		queue_work(wq, &items[i]);
	for (long i = 0; i < n; i++)
		cancel_work_sync(&items[i]);
	let_worker_go();
	for (long i = 0; i < n; i++) {
		queue_delayed_work(wq, &late, 60 * HZ);
		cancel_delayed_work(&late);
	}
	emit("allocs", (double)(__atomic_load_n(&nr_allocs, __ATOMIC_RELAXED) - before) /
	     (double)n, "calls");
}
#endif

static const struct bench_case cases[] = {
	{ "memory-idle", run_idle, 1, 1, 1 },
	{ "memory-queued", run_queued, 1000000, 1, 1 },
#ifdef CAN_COUNT_ALLOCS
	{ "memory-alloc", run_alloc, 100000, 1, 1 },
#endif
};

int main(int argc, char **argv)
{
	return bench_main(argc, argv, cases, (int)(sizeof(cases) / sizeof(cases[0])));
}

// SPDX-License-Identifier: MIT
/*
 * threaded_workqueue.c - making and ending threads with their pre-allocated requests
 *
 * Everything that can fail or takes memory is here; getting, submitting and waiting are in
 * threaded_requests.c, the side of the threads in threaded_lane.c. The threads are workers
 * of an unbound queue whose max_active is their number. Its pod is the whole system: more
 * lanes than one cache has CPUs shall not wait for each other.
 *
 * No Concurrency Kit here: its rings know one submitter, or one at a time. A pair of
 * bitmaps takes any number and tells in one instruction what is free.
 *
 * Locks: none.
 */
#include <errno.h>

#include <linux/align.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "workqueue/offload/threaded_workqueue_internal.h"

#define LONG_TURN	64	/* requests of a thread that nobody has to wait for */

/* ---- requests ---- */

static void lane_uninit(struct lane *lane)
{
	const ThreadedWorkqueueOps *ops = lane->threads->ops;

	while (lane->nr_init-- > 0)
		if (ops->thread_request_uninit)
			ops->thread_request_uninit(lane_request(lane, lane->nr_init)->data);
}

/* 0, or what the user's init says; then lane_uninit() is still to be called. */
static int lane_init(Threads *threads, struct lane *lane, char *requests)
{
	const ThreadedWorkqueueOps *ops = threads->ops;
	unsigned int i;
	int err;

	lane->threads = threads;
	INIT_WORK(&lane->work, lane_func);
	lane->requests = requests;
	for (i = 0; i < threads->requests_nr; i++) {
		struct request *request = lane_request(lane, i);

		request->lane = lane;
		request->index = i;
		err = ops->thread_request_init ? ops->thread_request_init(request->data) : 0;
		if (err)
			return err;
		lane->nr_init++;
		lane->available |= 1ULL << i;
	}
	return 0;
}

/* ---- the queue that the threads belong to ---- */

/* A pod is the whole system: see the top. 0 or -ENOMEM. */
static int spread(struct workqueue_struct *wq)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err;

	if (!attrs)
		return -ENOMEM;
	attrs->affn_scope = WQ_AFFN_SYSTEM;
	err = apply_workqueue_attrs(wq, attrs);
	free_workqueue_attrs(attrs);
	return err;
}

/* ---- all together ---- */

static void free_threads(Threads *threads)
{
	unsigned int i;

	if (threads->wq)
		destroy_workqueue(threads->wq);
	timer_delete_sync(&threads->late_wake);
	for (i = 0; threads->lanes && i < threads->threads_nr; i++)
		if (threads->lanes[i].threads)
			lane_uninit(&threads->lanes[i]);
	vfree(threads->requests);
	vfree(threads->lanes);
	vfree(threads);
}

/*
 * A thread with a CPU for itself shall not stand still: it has a quarter of its requests
 * left when more are got. Where threads take turns others still have plenty; their turns
 * are short, for the engine adds workers when an item has waited for a millisecond, and
 * they would compete for the CPUs.
 */
static void init_limits(Threads *threads)
{
	unsigned int cpus = num_online_cpus(), nr = threads->threads_nr;

	threads->spins = nr < cpus;
	threads->has_cpus = nr <= cpus;
	threads->low = threads->has_cpus ? nr * ((threads->requests_nr + 3) / 4) :
					   nr * threads->requests_nr / 2;
	threads->turn = threads->has_cpus ? LONG_TURN : threads->requests_nr;
}

static int init_threads(Threads *threads, const char *name)
{
	size_t lane_size = array_size(threads->request_size, threads->requests_nr);
	unsigned int i;
	int err = 0;

	spin_lock_init(&threads->getters_lock);
	INIT_LIST_HEAD(&threads->getters);
	init_completion(&threads->first_may_look);
	timer_setup(&threads->late_wake, wake_getters_late, 0);
	init_limits(threads);
	for (i = 0; i < NR_PLACES; i++)
		threads->places[i].lane = i % threads->threads_nr;
	threads->wq = alloc_workqueue("%s", WQ_UNBOUND, (int)threads->threads_nr, name);
	threads->lanes = vzalloc(array_size(threads->threads_nr, sizeof(*threads->lanes)));
	threads->requests = vzalloc(array_size(lane_size, threads->threads_nr));
	if (!threads->wq || !threads->lanes || !threads->requests)
		return -ENOMEM;
	err = spread(threads->wq);
	for (i = 0; !err && i < threads->threads_nr; i++)
		err = lane_init(threads, &threads->lanes[i], threads->requests + i * lane_size);
	return err;
}

/* Bytes of a request with its header, in whole cache lines; 0: @ops is of no use. */
static size_t request_bytes(const ThreadedWorkqueueOps *ops)
{
	size_t size = ops->request_size;
	int asked;

	if (!size && ops->thread_get_request_size) {
		asked = ops->thread_get_request_size();
		size = asked > 0 ? (size_t)asked : 0;
	}
	if (!size || size > SIZE_MAX / MAX_THREAD_REQUEST_NR / 2)
		return 0;
	return ALIGN(size + sizeof(struct request), SMP_CACHE_BYTES);
}

/**
 * threaded_workqueue_create - make threads and their requests
 * @name: what the threads' queue is called
 * @threads_nr: how many requests run at the same time, up to 512; 0: as many as there are
 *	CPUs that this process may use
 * @thread_requests_nr: requests for each thread, 1 to 64
 * @ops: what the requests are; must stay as long as the threads
 *
 * Context: may sleep. Calls the init of every request.
 * Return: what the other functions take. NULL, with errno set: EINVAL, no name, a number
 * out of range, no handler or no request size; ENOMEM; or what an init returned, without
 * its sign (EIO if that is no error number). Then nothing is left of it, and every
 * request whose init succeeded has been uninitialised.
 */
Threads *threaded_workqueue_create(const char *name, unsigned int threads_nr,
				   unsigned int thread_requests_nr,
				   const ThreadedWorkqueueOps *ops)
{
	size_t size = ops && ops->thread_request_handler ? request_bytes(ops) : 0;
	Threads *threads;
	int err;

	if (!name || !size || threads_nr > MAX_THREADS_NR || !thread_requests_nr ||
	    thread_requests_nr > MAX_THREAD_REQUEST_NR) {
		errno = EINVAL;
		return NULL;
	}
	threads = vzalloc(sizeof(*threads));
	if (!threads) {
		errno = ENOMEM;
		return NULL;
	}
	threads->ops = ops;
	threads->threads_nr = threads_nr ?: min_t(unsigned int, num_online_cpus(), MAX_THREADS_NR);
	threads->requests_nr = thread_requests_nr;
	threads->request_size = size;
	err = init_threads(threads, name);
	if (err) {
		free_threads(threads);
		errno = err < 0 && err >= -4095 ? -err : EIO;
		return NULL;
	}
	return threads;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_create);

/* How many requests somebody has got and not given back. */
static unsigned int count_got(const Threads *threads)
{
	unsigned int i, index, nr = 0;

	for (i = 0; i < threads->threads_nr; i++)
		for (index = 0; index < threads->requests_nr; index++) {
			u32 word = request_word(lane_request(&threads->lanes[i], index));

			nr += request_state(word) == REQUEST_GOT || (word & REQUEST_HELD);
		}
	return nr;
}

/**
 * threaded_workqueue_destroy - wait for what was submitted, then free everything
 * @threads: not to be used by anybody any more; NULL is taken
 *
 * Waits as threaded_workqueue_wait_for_requests() does, so that nothing submitted is lost.
 * Requests that somebody still has are reported with their number and freed all the same.
 *
 * Context: may sleep; not in a handler of @threads.
 * Return: 0; -EDEADLK: a handler of @threads asks, and nothing has been done.
 */
int threaded_workqueue_destroy(Threads *threads)
{
	unsigned int nr;

	if (!threads)
		return 0;
	if (threaded_workqueue_wait_for_requests(threads))
		return -EDEADLK;
	nr = count_got(threads);
	if (nr)
		pr_warn("threaded workqueue: destroyed while %u requests are in use\n", nr);
	free_threads(threads);
	return 0;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_destroy);

/**
 * threaded_workqueue_threads_nr - how many requests can run at the same time
 * @threads: which ones
 *
 * Context: Any thread.
 * Return: what create was given, or found if it was given 0.
 */
unsigned int threaded_workqueue_threads_nr(const Threads *threads)
{
	return threads->threads_nr;
}
EXPORT_SYMBOL_GPL(threaded_workqueue_threads_nr);

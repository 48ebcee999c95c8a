// SPDX-License-Identifier: MIT
/*
 * exit.c - the end of the process, and an orderly shutdown before it
 *
 * exit() may run while items are queued and running, and the data that they use is
 * about to be destroyed. From our exit handler on nothing new is started; running
 * functions get a short time to end (uwq.exit_wait_ms), then the process goes
 * (U12). The handler is registered by the first thread that the engine starts, so it
 * runs before the destructors of everything that was constructed earlier. It may be
 * called by a work function, and does not wait for that one.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <stdlib.h>
#include <uwq/workqueue.h>

#include "workqueue/backoff.h"
#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

u32 wq_stop_state = WQ_RUNNING;

static u32 exit_registered;	/* A */
/* This thread stops the engine, for good or to start it again. */
static __thread bool stops_engine __attribute__((__tls_model__("initial-exec")));

static bool others_run(void)
{
	unsigned int id;

	for (id = 1; id < worker_id_limit(); id++) {
		struct worker *worker = worker_by_id(id);

		if (worker != this_worker &&
		    __atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

/*
 * A worker asks wq_exiting() and says what it runs, or takes the batch that it will run, in
 * one hold of its pool's lock, and pool_lock() waits for what was claimed of a batch:
 * afterwards everything that still starts was seen to start. WQ_EXITING is set.
 */
void exit_await_choices(void)
{
	int i;

	for (i = 0; i < nr_worker_pools(); i++) {
		pool_lock(pool_by_index(i));
		pool_unlock(pool_by_index(i));
	}
}

static void stop_at_exit(void)
{
	struct backoff backoff = BACKOFF_INIT;
	struct timespec now, end;

	hotplug_settle();
	stops_engine = true;
	__atomic_store_n(&wq_stop_state, WQ_EXITING, __ATOMIC_SEQ_CST);
	exit_await_choices();
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += READ_ONCE(wq_params.exit_wait_ms) / 1000;
	end.tv_nsec += (READ_ONCE(wq_params.exit_wait_ms) % 1000) * 1000000L;
	while (others_run()) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((now.tv_sec - end.tv_sec) * 1000000000L + now.tv_nsec - end.tv_nsec >= 0)
			break;
		backoff_wait(&backoff);
	}
}

/* Called once the first thread was started. */
void wq_register_exit(void)
{
	if (!__atomic_exchange_n(&exit_registered, 1, __ATOMIC_ACQ_REL))
		atexit(stop_at_exit);
}

/* Wake the idle workers of @pool so that they see that they shall leave. */
static bool pool_is_deserted(struct worker_pool *pool)
{
	struct worker *worker = NULL;
	bool deserted;

	if (pool_flags(pool) & POOL_BH)
		return bh_is_deserted(pool->cpu);
	pool_lock(pool);
	deserted = !pool->nr_workers;
	if (!pool->nr_waking)
		worker = pool_take_idle(pool);
	pool_unlock(pool);
	worker_wake_up(worker);
	return deserted;
}

static bool is_system_queue(const struct workqueue_struct *wq)
{
	return uwq_is_systemwide_wq(wq) || wq == system_wq || wq == system_unbound_wq ||
	       wq == system_bh_wq || wq == system_bh_highpri_wq;
}

/* The oldest queue that is not one of the system's; NULL: none. */
static struct workqueue_struct *first_own_queue(void)
{
	struct workqueue_struct *wq, *found = NULL;

	mutex_lock(&wq_pool_mutex);
	list_for_each_entry(wq, &workqueues, list) {
		if (!is_system_queue(wq)) {
			found = wq;
			break;
		}
	}
	mutex_unlock(&wq_pool_mutex);
	return found;
}

static void drain_all(void)
{
	struct workqueue_struct *wq, *last = NULL;

	/* one that cannot be destroyed was reported, and stays */
	while ((wq = first_own_queue()) && wq != last) {
		last = wq;
		destroy_workqueue(wq);
	}
	list_for_each_entry(wq, &workqueues, list)
		drain_workqueue(wq);
}

/**
 * workqueue_shutdown - end all worker threads, in order
 * @drain: first run what is queued, and destroy all queues but the system's; otherwise
 *	   queues stay, and what waits where no worker is awake stays queued
 *
 * For programs that want nothing left behind, and for leak checkers. Nobody may use
 * workqueues meanwhile. Afterwards the system's queues are usable again, and the
 * first queueing starts new threads. From a work function it is refused and reported.
 *
 * Context: May sleep.
 */
void workqueue_shutdown(bool drain)
{
	bool deserted;
	int i;

	if (WARN_ONCE(this_worker, "workqueue: workqueue_shutdown() from a work function; refused\n"))
		return;
	if (drain)
		drain_all();
	stops_engine = true;
	__atomic_store_n(&wq_stop_state, WQ_STOPPING, __ATOMIC_SEQ_CST);
	manager_stop();
	sampler_stop();
	rescuers_stop_all();
	do {
		deserted = true;
		for (i = 0; i < nr_worker_pools(); i++)
			if (!pool_is_deserted(pool_by_index(i)))
				deserted = false;
		if (!deserted)
			msleep(1);
	} while (!deserted);
	__atomic_store_n(&wq_stop_state, WQ_RUNNING, __ATOMIC_SEQ_CST);
	stops_engine = false;
}
EXPORT_SYMBOL_GPL(workqueue_shutdown);

/* A stop by a thread that does not exist in the child is none; that one's exit() neither. */
void exit_fork(enum fork_step step)
{
	if (step != FORK_CHILD || stops_engine || wq_stop_state == WQ_RUNNING)
		return;
	if (wq_stop_state == WQ_EXITING)
		exit_registered = 0;
	wq_stop_state = WQ_RUNNING;
}

// SPDX-License-Identifier: MIT
/*
 * paio_shelf.c - cached reads are shared between a submitter and a thread that is awake
 *
 * A read of cached data costs about 1 us, to wake a thread for it 5 to 60. So a submitter
 * does such reads itself. One that submits many of them can have help from a second CPU if
 * that is awake anyway: it puts requests on a shelf of a few places, as long as there is a
 * free one, and does the others. A reader, which is a threadlet, takes them from there.
 * Neither waits for the other.
 *
 *	a place		NULL		free
 *			a request	put there by the owner; whoever sets the place to NULL
 *					has the request: the reader, or who cancels or waits
 *			CLOSED		no reader: nothing can be put there
 *
 * There is one shelf, and it belongs to one submitter at a time, the owner: others would
 * only pull at its cache line. A thread becomes the owner when nobody is, after it has done
 * "patience" reads itself. That wakes the reader, which opens the places. It closes them
 * again, each when nothing is in it, when nothing comes for a while, or when it is of no
 * use: the program looks for each request's end before it submits the next. The less use,
 * the longer the patience. So a request never lies on a shelf without a reader, and a program
 * that cannot be helped pays for a wake-up in thousands of requests, or, if it calls
 * paio_wait() for each, never.
 *
 * The reader may be preempted. Then the places are soon full, and the submitter does all
 * the rest; whoever waits for a request of the shelf takes it back and does it.
 *
 * In the child of a fork the shelf is closed.
 *
 * Locks: none.
 */
#include <asm/processor.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/wait.h>
#include <pthread.h>

#include <uwq/blocking.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/paio_internal.h"

#define PLACES		2u		/* with more, of 4 in flight the submitter has none to do */
#define CLOSED		((struct qemu_paiocb *)1)

#define PATIENCE_LEAST	64u
#define PATIENCE_MOST	16384u
#define TURN_MOST	65536u		/* requests; then others may have the shelf */

static struct {
	struct qemu_paiocb *places[PLACES] ____cacheline_aligned;
	uintptr_t owner ____cacheline_aligned;	/* a thread, by the address of its count */
	unsigned int patience;
	unsigned int next ____cacheline_aligned;	/* place; the owner's */
	const struct qemu_paiocb *reading ____cacheline_aligned;	/* the reader's */
	ThreadletWork work;
} shelf = {
	.places = { [0 ... PLACES - 1] = CLOSED },
	.patience = PATIENCE_LEAST,
};

unsigned int paio_shelf_look_us = 20;
unsigned int paio_shelf_alone_most = 16;

static DECLARE_WAIT_QUEUE_HEAD(notified);
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool can_share;		/* set in "once" */
static __thread unsigned int nr_own = PATIENCE_LEAST;	/* reads until it wants the shelf */
static __thread const struct qemu_paiocb *latest;	/* of those reads; compared, never used */

/* ---- the reader ---- */

static bool take_from(unsigned int place, struct qemu_paiocb *acb)
{
	return __atomic_compare_exchange_n(&shelf.places[place], &acb, NULL, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* The next request, from *@place on in the order in which they are put; or NULL. */
static struct qemu_paiocb *take_any(unsigned int *place)
{
	struct qemu_paiocb *acb;
	unsigned int i, at;

	for (i = 0; i < PLACES; i++) {
		at = (*place + i) % PLACES;
		acb = __atomic_load_n(&shelf.places[at], __ATOMIC_RELAXED);
		if (acb && take_from(at, acb)) {
			*place = at + 1;
			return acb;
		}
	}
	return NULL;
}

/* NOTIFIED/1, see paio_shelf_wait_notified() */
static void perform(struct qemu_paiocb *acb)
{
	bool notifies = paio_notify_of(acb) != PAIO_DEFAULT;

	if (notifies)
		__atomic_store_n(&shelf.reading, acb, __ATOMIC_RELAXED);
	paio_read_shelved(acb);
	/* @acb may be gone from here on */
	if (!notifies)
		return;
	__atomic_store_n(&shelf.reading, NULL, __ATOMIC_RELEASE);
	if (wq_has_sleeper(&notified))
		wake_up_all(&notified);
}

static struct qemu_paiocb *look(unsigned int *place)
{
	struct qemu_paiocb *acb;
	u64 until = 0;
	int i;

	do {
		for (i = 0; i < 16; i++) {
			acb = take_any(place);
			if (acb)
				return acb;
			cpu_relax();
		}
		if (!until)
			until = ktime_get_ns() + paio_shelf_look_us * 1000ull;
	} while (ktime_get_ns() < until);
	return NULL;
}

/* How many requests were read while a next one came: the others could as well have waited. */
static unsigned int serve(void)
{
	unsigned int place = 0, nr = 0, alone = 0;
	struct qemu_paiocb *acb = NULL;

	while (alone < paio_shelf_alone_most + nr / 8 && nr < TURN_MOST) {
		if (!acb)
			acb = look(&place);
		if (!acb)
			break;
		perform(acb);
		nr++;
		acb = take_any(&place);
		alone += !acb;
	}
	if (acb)
		perform(acb);
	return nr - alone;
}

/* In one step: a submitter that goes on putting requests there cannot delay it. */
static void close_place(struct qemu_paiocb **place)
{
	struct qemu_paiocb *acb = __atomic_exchange_n(place, CLOSED, __ATOMIC_ACQUIRE);

	if (acb)
		perform(acb);
}

static void run_reader(ThreadletWork *work)
{
	unsigned int patience, i;

	(void)work;
	uwq_blocking_begin();	/* not one of those that may run at the same time */
	for (i = 0; i < PLACES; i++)
		__atomic_store_n(&shelf.places[i], NULL, __ATOMIC_RELAXED);
	i = serve();
	patience = __atomic_load_n(&shelf.patience, __ATOMIC_RELAXED);
	if (i >= patience)
		patience = PATIENCE_LEAST;
	else if (patience < PATIENCE_MOST)
		patience *= 2;
	__atomic_store_n(&shelf.patience, patience, __ATOMIC_RELAXED);
	TEST_POINT("paio_shelf_closes");
	for (i = 0; i < PLACES; i++)
		close_place(&shelf.places[i]);
	__atomic_store_n(&shelf.owner, 0, __ATOMIC_RELEASE);
	uwq_blocking_end();
}

/* ---- submitters ---- */

static void reset_in_child(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		__atomic_store_n(&shelf.places[i], CLOSED, __ATOMIC_RELAXED);
	__atomic_store_n(&shelf.owner, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&shelf.reading, NULL, __ATOMIC_RELAXED);
	init_waitqueue_head(&notified);
}

static void prepare(void)
{
	shelf.work.func = run_reader;
	/* no memory: a child would leave requests to a reader that it does not have */
	can_share = !pthread_atfork(NULL, NULL, reset_in_child);
}

/* After many reads of its own: have the reader woken, for this thread. */
static void want_reader(void)
{
	uintptr_t nobody = 0;
	ThreadletQueue *queue;

	nr_own = __atomic_load_n(&shelf.patience, __ATOMIC_RELAXED);
	pthread_once(&once, prepare);
	if (!can_share || num_online_cpus() < 2 ||
	    !__atomic_compare_exchange_n(&shelf.owner, &nobody, (uintptr_t)&nr_own, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&shelf.next, 0, __ATOMIC_RELAXED);
	queue = paio_common_queue();
	if (!queue || submit_work_to_queue(queue, &shelf.work))
		__atomic_store_n(&shelf.owner, 0, __ATOMIC_RELEASE);
}

static bool is_owner(void)
{
	return __atomic_load_n(&shelf.owner, __ATOMIC_RELAXED) == (uintptr_t)&nr_own;
}

bool paio_shelf_put(struct qemu_paiocb *acb)
{
	struct qemu_paiocb *none = NULL;
	unsigned int next;

	if (!is_owner()) {
		latest = acb;
		if (!--nr_own)
			want_reader();
		return false;
	}
	next = __atomic_load_n(&shelf.next, __ATOMIC_RELAXED);
	if (__atomic_load_n(&shelf.places[next], __ATOMIC_RELAXED) ||
	    !__atomic_compare_exchange_n(&shelf.places[next], &none, acb, false,
					 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		return false;
	/* @acb may be gone from here on */
	__atomic_store_n(&shelf.next, (next + 1) % PLACES, __ATOMIC_RELAXED);
	return true;
}

/* A read that is waited for before there is a next one does not count: nobody could help. */
void paio_shelf_is_waited_for(const struct qemu_paiocb *acb)
{
	if (acb != latest)
		return;
	latest = NULL;
	nr_own++;
}

bool paio_shelf_take_back(struct qemu_paiocb *acb)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		if (__atomic_load_n(&shelf.places[i], __ATOMIC_RELAXED) == acb &&
		    take_from(i, acb))
			return true;
	return false;
}

/*
 * Once @acb has ended: until it is notified, too.
 *
 * NOTIFIED/2: see that it has ended, then read "reading". Pairs with NOTIFIED/1 in
 * perform(): set it, then end the request. Forbids: the end is seen AND not who is telling
 * it. Test: paio_shared_reads_end_once.c
 */
void paio_shelf_wait_notified(const struct qemu_paiocb *acb)
{
	wait_event(notified, __atomic_load_n(&shelf.reading, __ATOMIC_ACQUIRE) != acb);
}

// SPDX-License-Identifier: MIT
/*
 * rcu.c - readers and grace periods, on liburcu's "bp" flavour
 *
 * The only file that knows liburcu. "bp" needs no registration of threads, which
 * is what we need: threads are not ours to register. Only the outermost
 * rcu_read_lock() of a thread goes there; the nesting is counted here, where it
 * can be asked for. Its functions are called, never inlined, so that the library
 * can be relinked with another liburcu.
 *
 * Grace periods are numbered by the order in which they begin. Who waits for one
 * needs a number that nobody had begun when he came; if another caller's
 * grace period has that number or a later one and is over, it serves both.
 *
 * ThreadSanitizer cannot see what orders readers and grace periods inside
 * liburcu. The two promises are told to it: a reader that begins after a grace
 * period began sees what was stored before that (gp_begin), and whoever waited
 * sees all that earlier readers did (gp_end).
 *
 * Locks: gp_lock, held through a grace period, taken by synchronize_rcu() alone.
 * Callbacks are in rcu_callbacks.c.
 *
 * Differs from Linux: see linux/rcupdate.h. synchronize_rcu() inside a reader of
 * the same thread, which never returns in Linux, is reported; it then waits for
 * all other readers, and the caller's own is interrupted meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <urcu/urcu-bp.h>

/* liburcu defines some of the kernel's names as well, for its own flavour */
#undef rcu_dereference
#undef rcu_assign_pointer
#undef rcu_read_lock
#undef rcu_read_unlock
#undef rcu_read_ongoing
#undef synchronize_rcu
#undef call_rcu
#undef rcu_barrier

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <uwq/annotate.h>
#include <uwq/blocking.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/rcu_internal.h"
#include "kernel-compat/sched_internal.h"

__thread int uwq_rcu_depth;	/* sections that this thread is in */

static struct futex_lock gp_lock;
static unsigned long gp_started;	/* atomic: number of the last to begin */
static unsigned long gp_done;		/* atomic: highest number that is over */

static char gp_begin, gp_end;		/* addresses for the race detector */

/* A child that was forked in the middle of a grace period cannot use liburcu any more. */
static bool urcu_left_behind;		/* I while there are threads */
static struct srcu_struct stand_in;
static __thread int stand_in_idx __attribute__((__tls_model__("initial-exec")));

#define GP_PATIENCE_NAPS	40	/* of half a millisecond, for a fork */

/* The outermost reader of this thread begins. */
static void enter(void)
{
	if (likely(!urcu_left_behind))
		urcu_bp_read_lock();
	else
		stand_in_idx = __srcu_read_lock(&stand_in);
	UWQ_TSAN_ACQUIRE(&gp_begin);
}

static void leave(void)
{
	UWQ_TSAN_RELEASE(&gp_end);
	if (likely(!urcu_left_behind))
		urcu_bp_read_unlock();
	else
		__srcu_read_unlock(&stand_in, stand_in_idx);
}

struct timespec rcu_deadline(uint64_t ns)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ns += (uint64_t)ts.tv_nsec;
	ts.tv_sec += (time_t)(ns / 1000000000);
	ts.tv_nsec = (long)(ns % 1000000000);
	return ts;
}

/**
 * __rcu_read_lock - begin a reader, or one inside another
 *
 * Context: any. Never waits. What is read inside with rcu_dereference() stays
 * until the matching rcu_read_unlock().
 */
void __rcu_read_lock(void)
{
	if (!uwq_rcu_depth++)
		enter();
}
EXPORT_SYMBOL_GPL(__rcu_read_lock);

void __rcu_read_unlock(void)
{
	if (WARN(!uwq_rcu_depth, "rcu_read_unlock() without rcu_read_lock()\n"))
		return;
	if (!--uwq_rcu_depth)
		leave();
}
EXPORT_SYMBOL_GPL(__rcu_read_unlock);

int rcu_read_lock_held(void)
{
	return uwq_rcu_depth > 0;
}
EXPORT_SYMBOL_GPL(rcu_read_lock_held);

int rcu_read_lock_bh_held(void)
{
	return uwq_rcu_depth > 0 && in_softirq();
}
EXPORT_SYMBOL_GPL(rcu_read_lock_bh_held);

int rcu_read_lock_sched_held(void)
{
	return uwq_rcu_depth > 0 && !preemptible();
}
EXPORT_SYMBOL(rcu_read_lock_sched_held);

int rcu_read_lock_any_held(void)
{
	return uwq_rcu_depth > 0;
}
EXPORT_SYMBOL_GPL(rcu_read_lock_any_held);

/* One grace period. gp_lock held. */
static void run_grace_period(void)
{
	unsigned long number = __atomic_add_fetch(&gp_started, 1, __ATOMIC_SEQ_CST);

	UWQ_TSAN_RELEASE(&gp_begin);
	if (likely(!urcu_left_behind))
		urcu_bp_synchronize_rcu();
	else
		synchronize_srcu(&stand_in);
	UWQ_TSAN_ACQUIRE(&gp_end);
	__atomic_store_n(&gp_done, number, __ATOMIC_RELEASE);
}

/* Wait for a grace period with number @wanted or later. Counts as one sleep. */
static void wait_grace_period(unsigned long wanted)
{
	uwq_blocking_begin();
	futex_lock(&gp_lock);
	if (__atomic_load_n(&gp_done, __ATOMIC_ACQUIRE) < wanted)
		run_grace_period();
	futex_unlock(&gp_lock);
	uwq_blocking_end();
}

/**
 * get_state_synchronize_rcu - remember this moment
 *
 * Context: any. Return: a state for poll_state_synchronize_rcu(), never 0.
 */
unsigned long get_state_synchronize_rcu(void)
{
	/* an RMW: the caller's stores before it come before the next grace period */
	return __atomic_fetch_add(&gp_started, 0, __ATOMIC_SEQ_CST) + 1;
}
EXPORT_SYMBOL_GPL(get_state_synchronize_rcu);

/**
 * poll_state_synchronize_rcu - has a grace period passed since that moment?
 * @oldstate: of get_state_synchronize_rcu()
 *
 * Context: any. Starts none: see start_poll_synchronize_rcu().
 */
bool poll_state_synchronize_rcu(unsigned long oldstate)
{
	if (__atomic_load_n(&gp_done, __ATOMIC_ACQUIRE) < oldstate)
		return false;
	UWQ_TSAN_ACQUIRE(&gp_end);
	return true;
}
EXPORT_SYMBOL_GPL(poll_state_synchronize_rcu);

/**
 * synchronize_rcu - wait for all readers that are running now
 *
 * Context: sleeps; never inside a reader, nor with a lock that one may take.
 * Ordering: a full barrier on either side. Readers that begin meanwhile are not
 * waited for. Callers that wait at the same time share a grace period.
 */
void synchronize_rcu(void)
{
	int saved = errno;
	bool reader = uwq_rcu_depth > 0;

	WARN_ONCE(in_atomic(), "synchronize_rcu() in a context that must not sleep\n");
	if (WARN(reader, "synchronize_rcu() inside rcu_read_lock(): it would wait for itself\n")) {
		leave();
	}
	wait_grace_period(get_state_synchronize_rcu());
	if (reader)
		enter();
	errno = saved;
}
EXPORT_SYMBOL_GPL(synchronize_rcu);

void cond_synchronize_rcu(unsigned long oldstate)
{
	if (!poll_state_synchronize_rcu(oldstate))
		synchronize_rcu();
}
EXPORT_SYMBOL_GPL(cond_synchronize_rcu);

/* ---- fork ---- */

/* Under fork_lock: gp_lock was taken for the fork. */
static bool forker_has_gp_lock;

/* About to wait for somebody who may wait for us: this thread's reader rests. */
static __thread bool reader_rests __attribute__((__tls_model__("initial-exec")));

void rcu_fork_leave_reader(void)
{
	if (!uwq_rcu_depth || reader_rests)
		return;
	reader_rests = true;
	leave();
}

bool rcu_fork_resume_reader(void)
{
	if (!reader_rests)
		return false;
	reader_rests = false;
	enter();
	return true;
}

/* Who waits for us will not be ready soon. */
static bool take_gp_lock_for_fork(void)
{
	struct timespec nap = { .tv_nsec = 500000 };
	int naps = uwq_rcu_depth && !reader_rests ? 0 : GP_PATIENCE_NAPS;

	while (!futex_trylock(&gp_lock)) {
		if (!naps--)
			return false;
		nanosleep(&nap, NULL);
	}
	return true;
}

/*
 * A grace period that goes on may last as long as a reader of the user's, for whom a fork
 * must not wait. liburcu's lock is then left behind, held, and the child uses a stand-in.
 */
void rcu_fork_grace_period(enum fork_step step)
{
	if (step == FORK_PREPARE)
		forker_has_gp_lock = take_gp_lock_for_fork();
	else if (forker_has_gp_lock)
		futex_unlock(&gp_lock);
	else if (step == FORK_CHILD)
		futex_lock_init(&gp_lock);
}

/* The child has this thread alone; readers of the others must not hold it up. */
void rcu_fork_readers(enum fork_step step)
{
	bool whole = forker_has_gp_lock && !urcu_left_behind;

	if (step == FORK_PREPARE && whole)
		urcu_bp_before_fork();
	else if (step == FORK_PARENT && whole)
		urcu_bp_after_fork_parent();
	else if (step == FORK_CHILD && whole)
		urcu_bp_after_fork_child();
	if (step != FORK_CHILD || whole)
		return;
	urcu_left_behind = true;
	init_srcu_struct(&stand_in);
	if (uwq_rcu_depth && !reader_rests)
		stand_in_idx = __srcu_read_lock(&stand_in);
}

// SPDX-License-Identifier: MIT
/*
 * srcu.c - grace periods for readers that sleep
 *
 * Two halves of counters. A reader counts in, in the half that idx names, and
 * counts out in the same half; each half has one pair of counters per shard, so
 * that readers of different threads do not fight for a cache line. A half is
 * empty when as many have left as have entered.
 *
 * SRCU/1 (reader): count in, then read the protected data. Pairs with SRCU/2
 * (grace period): after the updater's stores, add up "out", then add up "in".
 * Forbids: the updater sees nobody inside AND the reader sees the old data. "out"
 * comes first, so that a reader who leaves in between is not taken for one who
 * never came.
 *
 * A reader may read idx, lose the CPU, and count in only after the halves were
 * swapped. So each grace period looks at both halves: at the one not in use, for
 * such late comers, then swaps, then at the one that was in use.
 *
 * Nobody wakes a waiting grace period: a reader must not touch the domain after
 * it has counted out, because it may be freed then. So it looks again, more and
 * more rarely.
 *
 * A thread keeps a list of the readers that it is in, for the child that it may fork
 * (srcu_fork.c). One that another thread may end is in nobody's list. The number that a
 * reader gets says besides its half in which process it began.
 *
 * Differs from Linux: see linux/srcu.h.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <uwq/thread_state.h>

#include "kernel-compat/futex_lock.h"
#include "kernel-compat/rcu_internal.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/srcu_internal.h"

__thread struct srcu_readers srcu_mine __attribute__((__tls_model__("initial-exec")));

int init_srcu_struct(struct srcu_struct *ssp)
{
	memset(ssp, 0, sizeof(*ssp));
	ssp->generation = uwq_fork_generation;
	return 0;
}
EXPORT_SYMBOL_GPL(init_srcu_struct);

static struct uwq_srcu_shard *my_shard(struct srcu_struct *ssp)
{
	return &ssp->shard[((uintptr_t)&uwq_thread >> 12) % UWQ_SRCU_SHARDS];
}

/* What a reader gets: the half it counts in, and in which process that was. */
#define HALF(idx)	((idx) & 1)
#define PROCESS(idx)	((unsigned int)(idx) >> 1)
#define THIS_PROCESS()	(uwq_fork_generation & (UINT_MAX >> 2))

static int enter(struct srcu_struct *ssp)
{
	int half;

	srcu_in_this_process(ssp);
	half = (int)HALF(__atomic_load_n(&ssp->idx, __ATOMIC_ACQUIRE));
	__atomic_fetch_add(&my_shard(ssp)->in[half], 1, __ATOMIC_SEQ_CST);
	smp_mb();	/* SRCU/1 */
	return (int)(THIS_PROCESS() << 1) | half;
}

static void leave(struct srcu_struct *ssp, int idx)
{
	__atomic_fetch_add(&my_shard(ssp)->out[HALF(idx)], 1, __ATOMIC_SEQ_CST);
	/* *ssp may be gone from here on */
}

static struct srcu_reader *find_mine(const struct srcu_struct *ssp)
{
	for (unsigned int i = srcu_mine.nr; i-- > 0;)
		if (srcu_mine.of[i].ssp == ssp)
			return &srcu_mine.of[i];
	return NULL;
}

/* More domains at a time than there is room for: a child knows nothing of the last. */
static void note_mine(struct srcu_struct *ssp, int half)
{
	struct srcu_reader *reader = find_mine(ssp);

	if (!reader) {
		if (srcu_mine.nr == SRCU_READERS_NOTED)
			return;
		reader = &srcu_mine.of[srcu_mine.nr++];
		*reader = (struct srcu_reader){ .ssp = ssp };
	}
	reader->nr[half]++;
}

/* False: it was not noted. */
static bool drop_mine(const struct srcu_struct *ssp, int half)
{
	struct srcu_reader *reader = find_mine(ssp);

	if (!reader || !reader->nr[half])
		return false;
	reader->nr[half]--;
	if (!reader->nr[0] && !reader->nr[1])
		*reader = srcu_mine.of[--srcu_mine.nr];
	return true;
}

/**
 * __srcu_read_lock - begin a reader of @ssp; use srcu_read_lock()
 * @ssp: domain
 *
 * Context: any. Never waits. The reader may sleep, and ends in the same thread.
 * Return: what srcu_read_unlock() wants.
 */
int __srcu_read_lock(struct srcu_struct *ssp)
{
	int idx = enter(ssp);

	note_mine(ssp, HALF(idx));
	return idx;
}
EXPORT_SYMBOL_GPL(__srcu_read_lock);

void __srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	srcu_in_this_process(ssp);
	if (drop_mine(ssp, HALF(idx)) || PROCESS(idx) == THIS_PROCESS())
		leave(ssp, idx);
}
EXPORT_SYMBOL_GPL(__srcu_read_unlock);

/**
 * srcu_down_read - begin a reader that any thread may end
 * @ssp: domain
 *
 * In a forked child such readers of the parent are over.
 *
 * Context: any. Never waits.
 * Return: what srcu_up_read() wants.
 */
int srcu_down_read(struct srcu_struct *ssp)
{
	return enter(ssp);
}
EXPORT_SYMBOL_GPL(srcu_down_read);

void srcu_up_read(struct srcu_struct *ssp, int idx)
{
	srcu_in_this_process(ssp);
	if (PROCESS(idx) == THIS_PROCESS())
		leave(ssp, idx);
}
EXPORT_SYMBOL_GPL(srcu_up_read);

/* As many have left as have entered. */
bool srcu_half_empty(struct srcu_struct *ssp, int half)
{
	unsigned long in = 0, out = 0;

	for (int i = 0; i < UWQ_SRCU_SHARDS; i++)
		out += __atomic_load_n(&ssp->shard[i].out[half], __ATOMIC_ACQUIRE);
	smp_mb();	/* SRCU/2 */
	for (int i = 0; i < UWQ_SRCU_SHARDS; i++)
		in += __atomic_load_n(&ssp->shard[i].in[half], __ATOMIC_ACQUIRE);
	return in == out;
}

/* Sleep until a moment; a word of our own that nobody changes. */
void srcu_pause(uint64_t ns)
{
	struct timespec deadline = rcu_deadline(ns);
	uint32_t word = 0;

	schedule_on(&word, 0, &deadline);
}

static void wait_half_empty(struct srcu_struct *ssp, int half)
{
	uint64_t ns = 20000;

	for (int i = 0; i < 100; i++) {
		if (srcu_half_empty(ssp, half))
			return;
		cpu_relax();
	}
	while (!srcu_half_empty(ssp, half)) {
		srcu_pause(ns);
		if (ns < 1000000)
			ns *= 2;
	}
}

/* gp_lock held. */
static void run_grace_period(struct srcu_struct *ssp)
{
	unsigned long number = __atomic_add_fetch(&ssp->gp_started, 1, __ATOMIC_SEQ_CST);
	int used = (int)__atomic_load_n(&ssp->idx, __ATOMIC_RELAXED) & 1;

	smp_mb();	/* SRCU/2: the updater's stores come before the sums */
	wait_half_empty(ssp, !used);
	__atomic_store_n(&ssp->idx, !used, __ATOMIC_RELEASE);
	smp_mb();	/* whoever still counts into the old half did read the old idx */
	wait_half_empty(ssp, used);
	smp_mb();	/* what the caller does now comes after all those readers */
	__atomic_store_n(&ssp->gp_done, number, __ATOMIC_RELEASE);
}

/* Held through a grace period, so who waits for it sleeps as one who waits for that. */
static void take_gp_lock(struct srcu_struct *ssp)
{
	for (uint64_t ns = 20000; !futex_trylock(&ssp->gp_lock); ns = ns < 1000000 ? 2 * ns : ns)
		srcu_pause(ns);
}

unsigned long get_state_synchronize_srcu(struct srcu_struct *ssp)
{
	return __atomic_fetch_add(&ssp->gp_started, 0, __ATOMIC_SEQ_CST) + 1;
}
EXPORT_SYMBOL_GPL(get_state_synchronize_srcu);

bool poll_state_synchronize_srcu(struct srcu_struct *ssp, unsigned long cookie)
{
	return __atomic_load_n(&ssp->gp_done, __ATOMIC_ACQUIRE) >= cookie;
}
EXPORT_SYMBOL_GPL(poll_state_synchronize_srcu);

/**
 * synchronize_srcu - wait for all readers of @ssp that are running now
 * @ssp: domain
 *
 * Context: sleeps; not inside a reader of @ssp.
 */
void synchronize_srcu(struct srcu_struct *ssp)
{
	unsigned long wanted = get_state_synchronize_srcu(ssp);
	int saved = errno;

	WARN_ONCE(in_atomic(), "synchronize_srcu() in a context that must not sleep\n");
	srcu_in_this_process(ssp);
	take_gp_lock(ssp);
	if (!poll_state_synchronize_srcu(ssp, wanted))
		run_grace_period(ssp);
	futex_unlock(&ssp->gp_lock);
	errno = saved;
}
EXPORT_SYMBOL_GPL(synchronize_srcu);

// SPDX-License-Identifier: MIT
/*
 * wait_spin.c - looking for a moment before going to sleep, see wait_spin.h
 *
 * The first looks follow each other closely, because a hand-over between two running
 * threads takes a fraction of a microsecond; then the pauses grow, so that the one who
 * works has the cache line for himself.
 *
 * Waits that are longer than the time for looking would cost that time again and again.
 * So it is halved each time, and given up when it is below LEAST_NS. But two threads that
 * answer each other may be slow only because each of them sleeps when the other comes:
 * after FEWEST_SKIPPED waits one looks for TRY_TIMES as long, which is enough for a
 * wake-up of the other, and if that is in vain, after twice as many.
 *
 * Locks: none. A habit belongs to a thread, or to who spins for a pool.
 */
#define _GNU_SOURCE
#define KBUILD_MODNAME "uwq"
#include <sched.h>

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <asm/processor.h>

#include "kernel-compat/fake_clock.h"
#include "kernel-compat/time_internal.h"
#include "kernel-compat/wait_spin.h"

#define CLOSE_LOOKS	16
#define FEWEST_PAUSES	8
#define MOST_PAUSES	32u
#define CLOSE_PAUSES	1
#define LEAST_NS	1000
#define TRY_TIMES	4
#define FEWEST_SKIPPED	16
#define MOST_SKIPPED	1024

unsigned int uwq_spin_us = 12;

module_param_named(spin_us, uwq_spin_us, uint, 0644);
MODULE_PARM_DESC(spin_us, "how long idle workers and waiters look before they sleep, 0 = off");

static __thread struct spin_habit learnt;	/* S */

static bool one_cpu;	/* I: who is waited for could not run meanwhile */

__attribute__((__constructor__(101))) static void count_cpus(void)
{
	cpu_set_t set;

	one_cpu = sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) == 1;
}

bool spin_habit_begin(struct spin_habit *habit)
{
	if (!habit->skip)
		return true;
	habit->skip--;
	return false;
}

u64 spin_habit_ns(const struct spin_habit *habit)
{
	u64 ns = READ_ONCE(uwq_spin_us) * 1000ULL;

	return habit->skipped ? ns * TRY_TIMES : ns >> habit->misses;
}

void spin_habit_end(struct spin_habit *habit, bool found)
{
	if (found) {
		/* a pool's is on the line that its submitters read */
		if (habit->misses | habit->skipped)
			habit->misses = habit->skipped = 0;
	} else if (habit->skipped || READ_ONCE(uwq_spin_us) * 1000ULL >> ++habit->misses < LEAST_NS) {
		habit->skipped = clamp(habit->skipped * 2, FEWEST_SKIPPED, MOST_SKIPPED);
		habit->skip = habit->skipped;
	}
}

/* A sleep of this thread is an event that somebody waits for. */
static bool must_tell(void)
{
	struct task_struct *task = uwq_thread.task;

	return task && task->sched_hooks && !uwq_thread.in_block;
}

bool wait_spin_begin(struct wait_spin *spin)
{
	if (!READ_ONCE(uwq_spin_us) || one_cpu || must_tell())
		return false;
#ifdef UWQ_TEST
	if (uwq_fake_clock_active())
		return false;
#endif
	if (!spin_habit_begin(&learnt))
		return false;
	spin->until = 0;
	spin->pauses = FEWEST_PAUSES;
	spin->most = MOST_PAUSES;
	spin->looks = 0;
	return true;
}

void wait_spin_closely(struct wait_spin *spin)
{
	spin->pauses = CLOSE_PAUSES;
	spin->most = CLOSE_PAUSES;
}

bool wait_spin_again(struct wait_spin *spin)
{
	unsigned int i;
	u64 now;

	if (spin->looks < CLOSE_LOOKS) {
		spin->looks++;
		cpu_relax();
		return true;
	}
	now = uwq_mono_ns();
	if (!spin->until)
		spin->until = now + spin_habit_ns(&learnt);
	if (now >= spin->until) {
		spin_habit_end(&learnt, false);
		return false;
	}
	for (i = 0; i < spin->pauses; i++)
		cpu_relax();
	spin->pauses = min(spin->pauses * 2, spin->most);
	return true;
}

void wait_spin_found(void)
{
	spin_habit_end(&learnt, true);
}

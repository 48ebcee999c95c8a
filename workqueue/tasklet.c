// SPDX-License-Identifier: MIT
/*
 * tasklet.c - tasklets, on the bottom-half queues
 *
 * Each CPU has two lists of scheduled tasklets, one for each priority, and an item for
 * each list, which runs on system_bh_wq or system_bh_highpri_wq of that CPU and works off
 * the list once. So a tasklet runs on the CPU that scheduled it, in order, between
 * bottom halves and never beside them.
 *
 * A tasklet that cannot run now stays on its list, and costs nothing there. If it is
 * disabled, tasklet_enable() raises the list. If it still runs on another CPU, where it
 * was scheduled before, it says in its state which list waits, and whoever ends that run
 * raises it.
 *
 * Locks: the list's, innermost and short.
 *
 * Differs from Linux: tasklets are served in turn with the work items of their priority,
 * not after them. Waiting for oneself is reported and refused. A function must not end
 * its thread.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/smp.h>
#include <linux/wait_bit.h>

#include "kernel-compat/fork_gate.h"
#include "kernel-compat/test_points.h"
#include "workqueue/backoff.h"
#include "workqueue/fork.h"
#include "workqueue/workqueue_internal.h"

#define RUN		(1UL << TASKLET_STATE_RUN)
#define SCHED		(1UL << TASKLET_STATE_SCHED)
#define WAITER_SHIFT	8	/* above: 1 + the list that waits for the end of the run */
#define WAITER_MASK	(~0UL << WAITER_SHIFT)

struct tasklet_list {
	struct futex_lock lock;
	struct tasklet_struct *head, **tail;	/* lock: oldest first */
	struct tasklet_struct *taken;		/* A: off the list, its run is not over */
	struct work_struct work;		/* runs them */
};

static struct tasklet_list lists[NR_CPUS * NR_STD_WORKER_POOLS];
static __thread struct tasklet_struct *this_tasklet;	/* whose function this thread is in */

static unsigned long state_of(const struct tasklet_struct *t)
{
	return __atomic_load_n(&t->state, __ATOMIC_ACQUIRE);
}

static bool is_scheduled(const struct tasklet_struct *t)
{
	return state_of(t) & SCHED;
}

static bool is_running(const struct tasklet_struct *t)
{
	return state_of(t) & RUN;
}

/* ---- lists ---- */

/* See that the list is worked off after now. */
static void raise_list(unsigned int index)
{
	queue_work_on((int)(index / NR_STD_WORKER_POOLS),
		      index % NR_STD_WORKER_POOLS ? system_bh_highpri_wq : system_bh_wq,
		      &lists[index].work);
}

static void append(struct tasklet_list *list, struct tasklet_struct *t)
{
	t->next = NULL;
	futex_lock(&list->lock);
	*list->tail = t;
	list->tail = &t->next;
	futex_unlock(&list->lock);
}

/* The oldest of the list; @last is set if it is the youngest too. */
static struct tasklet_struct *pop(struct tasklet_list *list, struct tasklet_struct **last)
{
	struct tasklet_struct *t;

	futex_lock(&list->lock);
	t = list->head;
	if (!*last)
		*last = t ? container_of(list->tail, struct tasklet_struct, next) : NULL;
	if (t) {
		list->head = t->next;
		if (!list->head)
			list->tail = &list->head;
	}
	__atomic_store_n(&list->taken, t, __ATOMIC_RELAXED);
	futex_unlock(&list->lock);
	return t;
}

/* ---- running ---- */

enum run_result { RAN, RUNS_ELSEWHERE, DISABLED };

/* Take the right to run it; false: it runs elsewhere, and its end will raise list @index. */
static bool lock_or_wait(struct tasklet_struct *t, unsigned int index)
{
	unsigned long state = state_of(t), wanted;

	do {
		wanted = state & RUN ? (state & ~WAITER_MASK) | (index + 1UL) << WAITER_SHIFT :
				       state | RUN;
	} while (!__atomic_compare_exchange_n(&t->state, &state, wanted, true, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	return !(state & RUN);
}

static void call(struct tasklet_struct *t)
{
	this_tasklet = t;
	if (t->use_callback)
		t->callback(t);
	else
		t->func(t->data);
	this_tasklet = NULL;
}

/* The run on @list is over, also for a child that is forked now. */
static void end_run(struct tasklet_list *list, struct tasklet_struct *t)
{
	fork_gate_enter();
	__atomic_store_n(&list->taken, NULL, __ATOMIC_RELAXED);
	tasklet_unlock(t);
	/* @t may be gone from here on */
	fork_gate_leave();
}

static enum run_result try_to_run(struct tasklet_struct *t, unsigned int index)
{
	bool was_scheduled;

	if (!lock_or_wait(t, index))
		return RUNS_ELSEWHERE;
	if (atomic_read_acquire(&t->count)) {
		tasklet_unlock(t);
		return DISABLED;
	}
	was_scheduled = test_and_clear_bit(TASKLET_STATE_SCHED, &t->state);
	wake_up_var(&t->state);
	if (!WARN_ONCE(!was_scheduled, "tasklet: %ps is on a list without being scheduled\n",
		       (void *)t->func))
		call(t);
	end_run(&lists[index], t);
	return RAN;
}

/* Work off what is on the list now. What comes meanwhile raises the list again. */
static void run_list(struct work_struct *work)
{
	struct tasklet_list *list = container_of(work, struct tasklet_list, work);
	unsigned int index = (unsigned int)(list - lists);
	struct tasklet_struct *t, *last = NULL;
	bool is_last;

	do {
		enum run_result result;

		t = pop(list, &last);
		if (!t)
			return;
		is_last = t == last;
		result = try_to_run(t, index);
		if (result == RAN)
			continue;
		append(list, t);
		__atomic_store_n(&list->taken, NULL, __ATOMIC_RELAXED);
		/*
		 * PARK/1: on the list, then read the count. Pairs with PARK/2 in
		 * tasklet_enable(): the count becomes 0, then SCHED is read and the list
		 * raised. Forbids: it stays here AND nobody raises the list.
		 */
		smp_mb();
		if (result == DISABLED && !atomic_read(&t->count))
			raise_list(index);
	} while (!is_last);
}

/*
 * Before the first tasklet is scheduled, and not when: tasklet_enable() may raise a list that
 * the tasklet is about to join.
 */
void tasklets_init_cpu(int cpu)
{
	int hi;

	for (hi = 0; hi < NR_STD_WORKER_POOLS; hi++) {
		struct tasklet_list *list = &lists[cpu * NR_STD_WORKER_POOLS + hi];

		INIT_WORK(&list->work, run_list);
		list->tail = &list->head;
	}
}

/* ---- the interface ---- */

/**
 * tasklet_setup - make a tasklet
 * @t: tasklet, not scheduled
 * @callback: gets @t; from_tasklet() finds the structure around it
 */
void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *t))
{
	*t = (struct tasklet_struct){ .use_callback = true, .callback = callback };
}
EXPORT_SYMBOL(tasklet_setup);

/**
 * tasklet_init - make a tasklet of the older kind
 * @t: tasklet, not scheduled
 * @func: gets @data
 * @data: for @func
 */
void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long data),
		  unsigned long data)
{
	*t = (struct tasklet_struct){ .func = func, .data = data };
}
EXPORT_SYMBOL(tasklet_init);

static void schedule_on_list(struct tasklet_struct *t, bool highpri)
{
	unsigned int index = raw_smp_processor_id() * NR_STD_WORKER_POOLS + highpri;

	fork_gate_enter();
	if (!test_and_set_bit(TASKLET_STATE_SCHED, &t->state)) {
		__atomic_store_n(&t->list, index, __ATOMIC_RELAXED);
		TEST_POINT("tasklet_scheduled");
		append(&lists[index], t);
		raise_list(index);
	}
	fork_gate_leave();
}

/**
 * tasklet_schedule - run a tasklet soon on this CPU
 * @t: tasklet. If its run has not begun since it was last scheduled, nothing changes;
 *     while it runs, it will run again
 *
 * Context: Any.
 * Ordering: stores before the call are visible to the run that it leads to.
 */
void tasklet_schedule(struct tasklet_struct *t)
{
	schedule_on_list(t, false);
}
EXPORT_SYMBOL(tasklet_schedule);

/**
 * tasklet_hi_schedule - tasklet_schedule() before those of normal priority
 * @t: tasklet
 *
 * Context: Any.
 */
void tasklet_hi_schedule(struct tasklet_struct *t)
{
	schedule_on_list(t, true);
}
EXPORT_SYMBOL(tasklet_hi_schedule);

/**
 * tasklet_disable_nosync - let no further run begin
 * @t: tasklet; each disable needs one tasklet_enable(). Scheduled, it stays so
 *
 * Context: Any.
 */
void tasklet_disable_nosync(struct tasklet_struct *t)
{
	atomic_inc(&t->count);
	smp_mb__after_atomic();
}
EXPORT_SYMBOL(tasklet_disable_nosync);

/* Waiting for oneself never ends: report it. */
static bool is_own(struct tasklet_struct *t, const char *what)
{
	return WARN_ONCE(this_tasklet == t,
			 "tasklet: %s() of %ps from inside its own function; not waiting\n",
			 what, (void *)t->func);
}

/**
 * tasklet_disable - tasklet_disable_nosync(), then wait for a run that is going on
 * @t: tasklet
 *
 * Context: May sleep.
 */
void tasklet_disable(struct tasklet_struct *t)
{
	tasklet_disable_nosync(t);
	if (!is_own(t, __func__))
		tasklet_unlock_wait(t);
}
EXPORT_SYMBOL(tasklet_disable);

/**
 * tasklet_disable_in_atomic - tasklet_disable() where sleeping is not allowed
 * @t: tasklet
 *
 * Context: Any but its own function.
 */
void tasklet_disable_in_atomic(struct tasklet_struct *t)
{
	tasklet_disable_nosync(t);
	if (!is_own(t, __func__))
		tasklet_unlock_spin_wait(t);
}
EXPORT_SYMBOL(tasklet_disable_in_atomic);

/**
 * tasklet_enable - undo one disable; a tasklet that was scheduled meanwhile runs
 * @t: tasklet
 *
 * Context: Any.
 */
void tasklet_enable(struct tasklet_struct *t)
{
	/* PARK/2: see run_list(); a full barrier */
	if (atomic_dec_and_test(&t->count) && is_scheduled(t))
		raise_list(__atomic_load_n(&t->list, __ATOMIC_RELAXED));
}
EXPORT_SYMBOL(tasklet_enable);

/* SCHED is this thread's, which keeps others from scheduling; not so in a forked child. */
struct tasklet_killer {
	struct fork_undo undo;
	struct tasklet_struct *t;
};

static void undo_kill(struct fork_undo *undo)
{
	clear_bit(TASKLET_STATE_SCHED, &container_of(undo, struct tasklet_killer, undo)->t->state);
}

static bool killer_begin(struct tasklet_killer *killer)
{
	bool taken;

	fork_gate_enter();
	taken = !test_and_set_bit(TASKLET_STATE_SCHED, &killer->t->state);
	if (taken)
		fork_undo_add(&killer->undo);
	fork_gate_leave();
	return taken;
}

static void killer_end(struct tasklet_killer *killer)
{
	fork_gate_enter();
	fork_undo_del(&killer->undo);
	clear_bit(TASKLET_STATE_SCHED, &killer->t->state);
	fork_gate_leave();
	wake_up_var(&killer->t->state);
}

/* Take SCHED when the run that it stands for has begun; false: it never will. */
static bool take_scheduled(struct tasklet_killer *killer)
{
	struct tasklet_struct *t = killer->t;

	while (!killer_begin(killer)) {
		/* at exit what is scheduled does not start any more */
		if (wq_exiting())
			return false;
		if (wait_var_event_timeout(&t->state, !is_scheduled(t), HZ))
			continue;
		WARN_ONCE(atomic_read(&t->count),
			  "tasklet: tasklet_kill() of %ps, which is scheduled and disabled: waiting until somebody enables it\n",
			  (void *)t->func);
	}
	return true;
}

/**
 * tasklet_kill - wait until a tasklet is neither scheduled nor running
 * @t: tasklet; if it schedules itself, its owner makes it stop that first. If it is
 *     scheduled its run is waited for, so it must not be disabled
 *
 * Context: May sleep. In an interrupt it is reported; in a bottom half that @t waits for,
 * and in its own function, refused.
 */
void tasklet_kill(struct tasklet_struct *t)
{
	unsigned int index = __atomic_load_n(&t->list, __ATOMIC_RELAXED);
	struct tasklet_killer killer = { .undo.undo = undo_kill, .t = t };
	bool taken;

	WARN_ONCE(in_interrupt(), "tasklet: tasklet_kill() of %ps in an interrupt\n",
		  (void *)t->func);
	if (is_own(t, __func__) ||
	    (is_scheduled(t) &&
	     bh_serves(bh_pool_of_cpu((int)(index / NR_STD_WORKER_POOLS), false))))
		return;
	taken = take_scheduled(&killer);
	tasklet_unlock_wait(t);
	if (taken)
		killer_end(&killer);
}
EXPORT_SYMBOL(tasklet_kill);

/**
 * tasklet_trylock - keep a tasklet from running
 * @t: tasklet
 *
 * Return: true if it did not run; tasklet_unlock() follows.
 */
bool tasklet_trylock(struct tasklet_struct *t)
{
	return !test_and_set_bit(TASKLET_STATE_RUN, &t->state);
}
EXPORT_SYMBOL(tasklet_trylock);

/**
 * tasklet_unlock - the end of a run, or of a tasklet_trylock()
 * @t: tasklet; may be gone when this returns
 */
void tasklet_unlock(struct tasklet_struct *t)
{
	unsigned long old = __atomic_fetch_and(&t->state, ~(RUN | WAITER_MASK), __ATOMIC_SEQ_CST);

	/* only its address is used from here on */
	wake_up_var(&t->state);
	if (unlikely(old & WAITER_MASK))
		raise_list((unsigned int)(old >> WAITER_SHIFT) - 1);
}
EXPORT_SYMBOL_GPL(tasklet_unlock);

/**
 * tasklet_unlock_wait - wait for the end of a run
 * @t: tasklet
 *
 * Context: May sleep.
 */
void tasklet_unlock_wait(struct tasklet_struct *t)
{
	wait_var_event(&t->state, !is_running(t));
}
EXPORT_SYMBOL_GPL(tasklet_unlock_wait);

/**
 * tasklet_unlock_spin_wait - tasklet_unlock_wait() where sleeping is not allowed
 * @t: tasklet
 *
 * Context: Any.
 */
void tasklet_unlock_spin_wait(struct tasklet_struct *t)
{
	struct backoff backoff = BACKOFF_INIT;

	while (is_running(t))
		backoff_wait(&backoff);
}
EXPORT_SYMBOL_GPL(tasklet_unlock_spin_wait);

/* ---- fork ---- */

/* In the child what was scheduled or running is idle; a kill that went on is over. */
static void forget_list(struct tasklet_list *list)
{
	struct tasklet_struct *t;

	for (t = list->head; t; t = t->next)
		t->state = 0;
	/* unless this thread forked in its function, and goes on */
	if (list->taken && list->taken != this_tasklet)
		list->taken->state = 0;
	list->taken = NULL;
	list->head = NULL;
	list->tail = &list->head;
}

void tasklets_fork(enum fork_step step)
{
	int cpu, hi;

	for_each_possible_cpu(cpu) {
		for (hi = 0; hi < NR_STD_WORKER_POOLS; hi++) {
			struct tasklet_list *list = &lists[cpu * NR_STD_WORKER_POOLS + hi];

			if (step == FORK_CHILD)
				forget_list(list);
			fork_step_lock(&list->lock, step);
		}
	}
}

// SPDX-License-Identifier: MIT
/*
 * sched.c - sleeping and waking
 *
 * Every sleep of the library ends in schedule_on_state(): it tells the task's
 * hooks, says where the task sleeps, and waits on a futex word. schedule() is
 * the case where that word is the task's own state; completions, mutexes and
 * the like pass words of theirs.
 *
 * Who may end a sleep: whoever changes the word and wakes its address, the
 * deadline, and for interruptible and killable sleeps a signal (signal.c).
 *
 * Locks: none. Orderings are argued at SLEEP/1 and SLEEP/2.
 *
 * Differs from Linux: a thread that gives its CPU away in TASK_RUNNING calls
 * sched_yield(); the system preempts without asking. "Scheduling while atomic"
 * is reported once for each distinct stack, and the thread sleeps anyway.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <time.h>

#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "kernel-compat/fake_clock.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"
#include "kernel-compat/time_internal.h"

/* ---- the place where a thread sleeps ---- */

static int wait_on_word(const uint32_t *word, uint32_t val, const struct timespec *deadline)
{
	int ret;

#ifdef UWQ_TEST
	if (uwq_fake_clock_active())
		ret = uwq_fake_clock_wait(word, val, deadline);
	else
#endif
		ret = futex_wait(word, val, deadline);
	return ret == -EINTR ? 0 : ret;
}

static bool hears_signals(unsigned int state)
{
	return state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL);
}

/*
 * Between the hooks. sleeping_on is set while the thread may be in the kernel;
 * sleep_gen is odd meanwhile if a signal may end this sleep.
 */
static int sleep_on_word(struct task_struct *task, const uint32_t *word, uint32_t val,
			 const struct timespec *deadline, unsigned int state)
{
	bool hears = hears_signals(state);
	int ret = 0;

	__atomic_store_n(&task->sleep_state, state, __ATOMIC_RELAXED);
	/*
	 * SLEEP/1: say where we sleep, then read the word (here, and the system
	 * once more before it puts us to sleep).
	 * Pairs with SLEEP/2 in task_try_to_wake(): change the word, then read
	 * where the task sleeps.
	 * Forbids: we sleep on the old word AND the waker skips the wake-up.
	 * Test: wake_up_is_never_lost.c
	 */
	__atomic_store_n(&task->sleeping_on, word, __ATOMIC_SEQ_CST);
	TEST_POINT("sleep:announced");
	if (hears) {
		/*
		 * SIGNAL/1: make the sleep's number odd, then look for signals.
		 * Pairs with SIGNAL/2 in task_signal_wake(): the signal is
		 * pending, then the number is read. Forbids: we miss the signal
		 * AND its sender takes us for awake.
		 */
		__atomic_fetch_add(&task->sleep_gen, 1, __ATOMIC_SEQ_CST);
		if (signal_pending_state(state, task))
			ret = -EINTR;
		TEST_POINT("sleep:hears");
	}
	if (!ret && __atomic_load_n(word, __ATOMIC_SEQ_CST) == val)
		ret = wait_on_word(word, val, deadline);
	if (hears)
		__atomic_fetch_add(&task->sleep_gen, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&task->sleeping_on, NULL, __ATOMIC_RELEASE);
	return ret;
}

int schedule_on_state(const uint32_t *word, uint32_t val, const struct timespec *deadline,
		      unsigned int state)
{
	struct task_struct *task = current;
	const struct sched_hooks *hooks = uwq_thread.in_block ? NULL : task->sched_hooks;
	int ret;

	if (unlikely(in_atomic()))
		sched_report_atomic(task);
	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != val)
		return 0;
	if (signal_pending_state(state, task))
		return -EINTR;

	if (hooks)
		sched_call_hook(task, hooks->sleeping);
	ret = sleep_on_word(task, word, val, deadline, state);
	if (hooks)
		sched_call_hook(task, hooks->running);
	return ret;
}

int schedule_on(const uint32_t *word, uint32_t val, const struct timespec *deadline)
{
	return schedule_on_state(word, val, deadline, TASK_UNINTERRUPTIBLE);
}

bool uwq_task_is_asleep(struct task_struct *p)
{
	return __atomic_load_n(&p->sleeping_on, __ATOMIC_ACQUIRE) != NULL;
}

/* ---- schedule() ---- */

static unsigned long coarse_tick(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000;
}

static void give_way(void)
{
	uwq_thread.resched_tick = coarse_tick();
	sched_yield();
}

/*
 * Until somebody makes our state TASK_RUNNING, a signal that the state listens
 * to is pending, or the deadline is there. The state is TASK_RUNNING then.
 */
static int sleep_in_state(const struct timespec *deadline)
{
	struct task_struct *task = current;
	unsigned int state = __atomic_load_n(&task->__state, __ATOMIC_ACQUIRE);
	int ret = 0;

	if (state == TASK_RUNNING) {
		if (unlikely(in_atomic()))
			sched_report_atomic(task);
		give_way();
		return 0;
	}
	while (!ret && state != TASK_RUNNING) {
		ret = schedule_on_state(&task->__state, state, deadline, state);
		state = __atomic_load_n(&task->__state, __ATOMIC_ACQUIRE);
	}
	__set_current_state(TASK_RUNNING);
	return ret;
}

/**
 * schedule - sleep in the state that was set, until woken
 *
 * In TASK_RUNNING: let others run once. A signal that the state listens to ends
 * the sleep, or prevents it.
 *
 * Context: may sleep; reported in atomic context.
 * Ordering: sees all that the waker did before wake_up_process().
 */
void schedule(void)
{
	sleep_in_state(NULL);
}
EXPORT_SYMBOL(schedule);

void io_schedule(void)
{
	schedule();
}
EXPORT_SYMBOL(io_schedule);

/**
 * schedule_timeout - schedule(), but no longer than that
 * @timeout: jiffies; MAX_SCHEDULE_TIMEOUT = no limit
 *
 * A negative time is reported, and answered at once.
 *
 * Context: may sleep. The state is set before, and TASK_RUNNING afterwards.
 * Return: jiffies left, 0 when the time was over; MAX_SCHEDULE_TIMEOUT for that.
 */
signed long schedule_timeout(signed long timeout)
{
	struct timespec deadline;
	unsigned long expire;
	long left;

	if (timeout < 0) {
		pr_err("schedule_timeout: negative timeout %ld\n", timeout);
		dump_stack();
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	expire = jiffies + (unsigned long)timeout;
	if (sleep_in_state(uwq_deadline_ticks((unsigned long)timeout, &deadline) ?
			   &deadline : NULL) == -ETIMEDOUT)
		return 0;
	left = (long)(expire - jiffies);
	return left < 0 ? 0 : left;
}
EXPORT_SYMBOL(schedule_timeout);

signed long schedule_timeout_interruptible(signed long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}
EXPORT_SYMBOL(schedule_timeout_interruptible);

signed long schedule_timeout_killable(signed long timeout)
{
	__set_current_state(TASK_KILLABLE);
	return schedule_timeout(timeout);
}
EXPORT_SYMBOL(schedule_timeout_killable);

signed long schedule_timeout_uninterruptible(signed long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}
EXPORT_SYMBOL(schedule_timeout_uninterruptible);

signed long schedule_timeout_idle(signed long timeout)
{
	__set_current_state(TASK_IDLE);
	return schedule_timeout(timeout);
}
EXPORT_SYMBOL(schedule_timeout_idle);

long io_schedule_timeout(long timeout)
{
	return schedule_timeout(timeout);
}
EXPORT_SYMBOL(io_schedule_timeout);

/**
 * uwq_hr_deadline - when a time that starts now is over; for wait_event_hrtimeout()
 * @timeout: ktime_t; less than 0 counts as 0
 *
 * Context: Any.
 * Return: the moment on CLOCK_MONOTONIC in ns; KTIME_MAX: never.
 */
s64 uwq_hr_deadline(s64 timeout)
{
	u64 now = uwq_mono_ns();

	if (timeout == KTIME_MAX)
		return KTIME_MAX;
	if (timeout < 0)
		timeout = 0;
	return (u64)timeout > (u64)KTIME_MAX - now ? KTIME_MAX : (s64)(now + (u64)timeout);
}

/**
 * uwq_schedule_until - schedule(), but not for ever; for wait_event_hrtimeout()
 * @deadline: from uwq_hr_deadline()
 *
 * Context: as schedule().
 * Return: true: the time is over.
 */
bool uwq_schedule_until(s64 deadline)
{
	struct timespec until;

	if (deadline == KTIME_MAX) {
		schedule();
		return false;
	}
	until = uwq_deadline_ns((u64)deadline);
	return sleep_in_state(&until) == -ETIMEDOUT;
}

/* ---- waking ---- */

/* See sched_internal.h. The waker's half of every set_current_state(). */
bool task_try_to_wake(struct task_struct *p, unsigned int mask)
{
	unsigned int state;

	/*
	 * WAKE/1: the caller made its condition true; full barrier; read the state.
	 * Pairs with set_current_state() (WAKE/2): store the state, full barrier,
	 * and then the sleeper reads the condition.
	 * Forbids: we see it running AND it does not see the condition.
	 * Test: wake_up_is_never_lost.c
	 */
	smp_mb();
	state = __atomic_load_n(&p->__state, __ATOMIC_RELAXED);
	do {
		if (!(state & mask))
			return false;
	} while (!__atomic_compare_exchange_n(&p->__state, &state, TASK_RUNNING, true,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	TEST_POINT("wake:running");
	/*
	 * SLEEP/2: the state has changed; read where the task sleeps. Pairs with
	 * SLEEP/1 in sleep_on_word(). The task may run, end and be another by
	 * now: then this wakes somebody for nothing.
	 */
	if (__atomic_load_n(&p->sleeping_on, __ATOMIC_SEQ_CST) == &p->__state)
		futex_wake(&p->__state, 1);
	return true;
}

/**
 * wake_up_process - let a task that sleeps in TASK_NORMAL run
 * @p: the task; the caller keeps it alive
 *
 * Context: any. A full barrier before the task's state is read.
 * Return: 1 if it was asleep, or about to be; 0 if it ran.
 */
int wake_up_process(struct task_struct *p)
{
	return task_try_to_wake(p, TASK_NORMAL);
}
EXPORT_SYMBOL(wake_up_process);

/**
 * wake_up_state - wake_up_process() for sleeps in other states
 * @p: the task; the caller keeps it alive
 * @state: TASK_* bits of which its state must have one
 *
 * Return: as wake_up_process().
 */
int wake_up_state(struct task_struct *p, unsigned int state)
{
	return task_try_to_wake(p, state);
}

/* ---- making room ---- */

void yield(void)
{
	__set_current_state(TASK_RUNNING);
	give_way();
}
EXPORT_SYMBOL(yield);

/**
 * need_resched - has this thread had the CPU for a tick since it last gave way?
 *
 * Differs from Linux: true also if nobody else wants the CPU.
 */
bool need_resched(void)
{
	return coarse_tick() != uwq_thread.resched_tick;
}

/* Behind cond_resched(). */
int uwq_cond_resched(void)
{
	if (!need_resched())
		return 0;
	give_way();
	return 1;
}

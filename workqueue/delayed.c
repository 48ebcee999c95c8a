// SPDX-License-Identifier: MIT
/*
 * delayed.c - items that are queued when a timer fires
 *
 * While the timer is armed the item is PENDING, off queue, and marked ARMED; the
 * timer owns it, and with it whoever holds the lock of the timers: another time or
 * a cancellation (cancel.c) needs no more than that. Whoever takes the timer off its
 * wheel owns the item next. Queue and CPU are remembered by arming and used when the
 * timer fires.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/timer.h>

#include "kernel-compat/timer_internal.h"
#include "workqueue/backoff.h"
#include "workqueue/workqueue_internal.h"

/**
 * delayed_work_timer_fn - the timer of a delayed_work fired
 * @timer: its timer
 *
 * Context: timer callback.
 */
void delayed_work_timer_fn(struct timer_list *timer)
{
	struct delayed_work *dwork = container_of(timer, struct delayed_work, timer);

	TEST_POINT("delayed_timer_fired");
	fork_gate_enter();
	timer_callback_begun();
	queue_owned_work(dwork->cpu, dwork->wq, &dwork->work,
			 work_data(&dwork->work) & ~WORK_OFFQ_ARMED);
	fork_gate_leave();
}
EXPORT_SYMBOL(delayed_work_timer_fn);

/* The caller owns the item; @old is its data. Delays saturate (U14). */
static void queue_owned_delayed(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
				unsigned long delay, unsigned long old)
{
	struct timer_list *timer = &dwork->timer;

	WARN_ONCE(timer->function != delayed_work_timer_fn,
		  "workqueue: delayed item %p (%ps) has a foreign timer function\n",
		  dwork, (void *)dwork->work.func);
	WARN_ONCE(timer_pending(timer), "workqueue: timer of idle delayed item %p (%ps) is armed\n",
		  dwork, (void *)dwork->work.func);
	WARN_ONCE(!list_empty(&dwork->work.entry), "workqueue: delayed item %p (%ps) is linked\n",
		  dwork, (void *)dwork->work.func);

	/* C73: no timer, no tick of latency */
	if (!delay) {
		queue_owned_work(cpu, wq, &dwork->work, old);
		return;
	}
	WARN_ONCE(cpu != WORK_CPU_UNBOUND && !cpu_online((unsigned int)cpu),
		  "workqueue: delayed item %p (%ps) is for CPU %d, which is offline; it will run elsewhere\n",
		  dwork, (void *)dwork->work.func, cpu);
	dwork->wq = wq;
	dwork->cpu = cpu;
	work_set_data(&dwork->work, old | WORK_STRUCT_PENDING | WORK_OFFQ_ARMED);
	/* the timer thread may run the item before this returns */
	timer_arm_after(timer, delay);
}

/**
 * queue_delayed_work_on - queue an item on a CPU after a delay
 * @cpu: CPU; WORK_CPU_UNBOUND = chosen when the timer fires
 * @wq: queue
 * @dwork: item
 * @delay: in jiffies; at least so many full ticks pass. 0 queues at once. One of a second or
 *	   more may be counted from 10 ms later if tens of thousands a second are armed, or
 *	   from when the timers' thread, held up by a timer's function, comes back
 *
 * Context: Any; never sleeps.
 * Return: true if this call armed or queued the item; false if it was pending
 * already (nothing changes then) or is disabled.
 */
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			   unsigned long delay)
{
	unsigned long old;
	bool queued = false;

	fork_gate_enter();
	if (likely(work_try_pending(&dwork->work, &old)) &&
	    likely(!release_if_disabled(&dwork->work, old))) {
		queue_owned_delayed(cpu, wq, dwork, delay, old);
		queued = true;
	}
	fork_gate_leave();
	return queued;
}
EXPORT_SYMBOL(queue_delayed_work_on);

/*
 * An item in its timer gets another time in one hold of the lock of the timers. The thread of the
 * timers takes the timer off its wheel under that lock before it calls it, and so does whoever
 * else wants the item; so while the timer is armed the item is ours, its word stays what it is,
 * and nobody reads queue and CPU. A fork waits for the lock. What the caller has stored is seen
 * by the run, since the lock goes from here to the thread that queues the item. False, and nothing
 * was done: the timer has just let go of the item, or the CPU has to be reported.
 * Test: timer_and_cancel_agree.c
 */
static bool move_armed(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
		       unsigned long delay)
{
	struct timer_list *timer = &dwork->timer;
	struct timer_moment moment;
	bool wake;

	if (cpu != WORK_CPU_UNBOUND && !cpu_online((unsigned int)cpu))
		return false;
	moment = timer_moment_after(delay);
	if (!timer_lock_armed(timer))
		return false;
	dwork->wq = wq;
	dwork->cpu = cpu;
	wake = timer_move_locked(timer, &moment);
	TEST_POINT("move_armed");
	timer_unlock_and_kick(wake);
	return true;
}

/**
 * mod_delayed_work_on - set queue, CPU and time of an item anew
 * @cpu: CPU; WORK_CPU_UNBOUND = chosen when the timer fires
 * @wq: queue
 * @dwork: item; taken from its timer or queue if it is pending
 * @delay: in jiffies; 0 queues at once; as for queue_delayed_work_on()
 *
 * Context: Any; never sleeps.
 * Return: true if it was pending, armed or already queued; false if it was idle or
 * only running. A disabled item stays idle: false.
 */
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			 unsigned long delay)
{
	unsigned long data;
	bool was_pending;

	if (delay && is_in_timer(work_data(&dwork->work)) && move_armed(cpu, wq, dwork, delay))
		return true;
	fork_gate_enter();
	was_pending = grab_pending(&dwork->work, true, &data);
	if (!release_if_disabled(&dwork->work, data))
		queue_owned_delayed(cpu, wq, dwork, delay, data);
	fork_gate_leave();
	return was_pending;
}
EXPORT_SYMBOL_GPL(mod_delayed_work_on);

/* False: the timer has just fired, and its callback is about to queue the item. */
static bool queue_if_armed(struct delayed_work *dwork)
{
	int armed;

	fork_gate_enter();
	armed = timer_delete_sync_try(&dwork->timer);
	if (armed > 0)
		queue_owned_work(dwork->cpu, dwork->wq, &dwork->work,
				 work_data(&dwork->work) & ~WORK_OFFQ_ARMED);
	fork_gate_leave();
	return armed >= 0;
}

/**
 * flush_delayed_work - run an item now and wait for it
 * @dwork: item; if its timer is armed it is queued at once, where it was to go
 *
 * Context: May sleep.
 * Return: as flush_work().
 */
bool flush_delayed_work(struct delayed_work *dwork)
{
	struct backoff backoff = BACKOFF_INIT;

	while (!queue_if_armed(dwork))
		backoff_wait(&backoff);
	return flush_work(&dwork->work);
}
EXPORT_SYMBOL(flush_delayed_work);

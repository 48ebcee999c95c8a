// SPDX-License-Identifier: MIT
/*
 * hrtimer.c - struct hrtimer: nanosecond timers
 *
 * Active timers are in a heap by their time on the monotonic clock, under one
 * lock; a thread of their own calls them (clock_thread.h), so that a slow
 * timer_list callback does not delay them. A range (soft and hard expiry) is
 * served at its early end.
 *
 * Context: every function may be called in any context, but hrtimer_cancel(),
 * which waits for the callback, and the sleeping ones at the end.
 *
 * The callback owns its timer: it is inactive when the callback is called, and
 * after HRTIMER_NORESTART nothing here looks at it.
 *
 * Locks: uwq_hrtimer_thread.lock, innermost; dropped around callbacks.
 *
 * Differs from Linux: see linux/hrtimer.h. hrtimer_cancel() in the timer's own
 * callback is reported instead of hanging.
 */
#include <linux/bug.h>
#include <linux/container_of.h>
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>

#include "kernel-compat/clock_thread.h"
#include "kernel-compat/fork.h"
#include "kernel-compat/hrtimer_heap.h"
#include "kernel-compat/time_internal.h"

/* Not restarted, because somebody waits in hrtimer_cancel(), who shall hear of it */
#define HRTIMER_STATE_STOPPED	0x02

struct hrtimer_clock_base {
	clockid_t clockid;
	enum tk_offsets offset;	/* TK_OFFS_MAX: it is the monotonic clock */
};

static const struct hrtimer_clock_base clock_bases[] = {
	{ CLOCK_MONOTONIC, TK_OFFS_MAX },
	{ CLOCK_REALTIME, TK_OFFS_REAL },
	{ CLOCK_BOOTTIME, TK_OFFS_BOOT },
	{ CLOCK_TAI, TK_OFFS_TAI },
};

unsigned int hrtimer_resolution = 1;

static void expire_hrtimers(uint64_t now);

struct clock_thread uwq_hrtimer_thread = CLOCK_THREAD_INIT("uwq_hrtimer", expire_hrtimers);

static struct uwq_hrtimer_link *heap;	/* L: uwq_hrtimer_thread.lock */
static u64 turns;			/* L: how many were ever added */

static struct hrtimer *hrtimer_of(struct uwq_hrtimer_link *link)
{
	return container_of(link, struct hrtimer, node.node);
}

/* What the timer's clock is ahead of the monotonic one, at this moment. */
static ktime_t clock_offset(const struct hrtimer *timer)
{
	if (timer->base->offset == TK_OFFS_MAX)
		return 0;
	return ktime_mono_to_any(0, timer->base->offset);
}

static const struct hrtimer_clock_base *base_of(clockid_t clock_id)
{
	size_t i;

	for (i = 0; i < sizeof(clock_bases) / sizeof(clock_bases[0]); i++)
		if (clock_bases[i].clockid == clock_id)
			return &clock_bases[i];
	WARN_ONCE(1, "hrtimer: no such clock %d, using CLOCK_MONOTONIC\n", clock_id);
	return &clock_bases[0];
}

/**
 * hrtimer_setup - prepare a timer
 * @timer: not active; the caller's memory until cancelled or called
 * @function: called when it is due; tells whether to go on
 * @clock_id: CLOCK_MONOTONIC, _REALTIME, _BOOTTIME or _TAI
 * @mode: _SOFT matters here, the rest when it is started
 */
void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *),
		   clockid_t clock_id, enum hrtimer_mode mode)
{
	*timer = (struct hrtimer) {
		.function = function,
		.base = base_of(clock_id),
		.is_soft = !!(mode & HRTIMER_MODE_SOFT),
		.is_hard = !(mode & HRTIMER_MODE_SOFT),
	};
}
EXPORT_SYMBOL_GPL(hrtimer_setup);

/* The older form: the caller sets ->function before starting it. */
void hrtimer_init(struct hrtimer *timer, clockid_t which_clock, enum hrtimer_mode mode)
{
	hrtimer_setup(timer, NULL, which_clock, mode);
}
EXPORT_SYMBOL_GPL(hrtimer_init);

/* Lock held. */
static void set_state(struct hrtimer *timer, u8 state)
{
	__atomic_store_n(&timer->state, state, __ATOMIC_RELAXED);
}

/* Lock held; its expiry is set. True: the thread must be woken. */
static bool activate(struct hrtimer *timer)
{
	struct uwq_hrtimer_link *link = &timer->node.node;
	ktime_t when = timer->_softexpires;

	/* The far future stays there. */
	if (when != KTIME_MAX)
		when -= clock_offset(timer);
	link->when = when > 0 ? when : 0;
	link->turn = turns++;
	heap_add(&heap, link);
	set_state(timer, HRTIMER_STATE_ENQUEUED);
	return clock_thread_arm(&uwq_hrtimer_thread,
				link->when == KTIME_MAX ? CLOCK_NEVER : (uint64_t)link->when);
}

/* Lock held. */
static void deactivate(struct hrtimer *timer)
{
	heap_del(&heap, &timer->node.node);
	set_state(timer, HRTIMER_STATE_INACTIVE);
}

/**
 * hrtimer_start_range_ns - arm a timer; if it is active, move it
 * @timer: set up before, with a function
 * @tim: when, on the timer's clock, or in how many ns with HRTIMER_MODE_REL
 * @range_ns: how much later will do
 * @mode: absolute or relative
 *
 * Ordering: the callback sees all stores made before the call.
 */
void hrtimer_start_range_ns(struct hrtimer *timer, ktime_t tim, u64 range_ns,
			    const enum hrtimer_mode mode)
{
	bool wake;

	if (WARN_ON_ONCE(!timer->function))
		return;
	if (mode & HRTIMER_MODE_REL)
		tim = ktime_add_safe(hrtimer_cb_get_time(timer), tim > 0 ? tim : 0);

	futex_lock(&uwq_hrtimer_thread.lock);
	if (timer->state & HRTIMER_STATE_ENQUEUED)
		deactivate(timer);
	timer->is_rel = !!(mode & HRTIMER_MODE_REL);
	hrtimer_set_expires_range_ns(timer, tim, range_ns);
	wake = activate(timer);
	futex_unlock(&uwq_hrtimer_thread.lock);
	/* *timer may be gone from here on */
	clock_thread_kick(&uwq_hrtimer_thread, wake);
}
EXPORT_SYMBOL_GPL(hrtimer_start_range_ns);

/* Lock held. As hrtimer_try_to_cancel(). */
static int try_to_cancel(struct hrtimer *timer)
{
	int active = timer->state != HRTIMER_STATE_INACTIVE;

	if (uwq_hrtimer_thread.running == timer)
		return -1;
	if (timer->state & HRTIMER_STATE_ENQUEUED)
		deactivate(timer);
	set_state(timer, HRTIMER_STATE_INACTIVE);
	return active;
}

/**
 * hrtimer_try_to_cancel - disarm a timer unless its callback is running
 * @timer: set up before
 *
 * Return: 1 if it was active, 0 if not, -1 if its callback is running; nothing
 * was changed then.
 */
int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	int ret;

	futex_lock(&uwq_hrtimer_thread.lock);
	ret = try_to_cancel(timer);
	futex_unlock(&uwq_hrtimer_thread.lock);
	return ret;
}
EXPORT_SYMBOL_GPL(hrtimer_try_to_cancel);

/**
 * hrtimer_cancel - disarm a timer and wait for its callback
 * @timer: set up before
 *
 * Context: sleeps while the callback runs, also in atomic context. The caller
 * must not hold what the callback needs. In the callback itself: reported, and
 * only disarms.
 * Return: 1 if it was active, also if its callback made it so again; else 0.
 */
int hrtimer_cancel(struct hrtimer *timer)
{
	int ret;

	for (;;) {
		futex_lock(&uwq_hrtimer_thread.lock);
		ret = try_to_cancel(timer);
		if (ret >= 0)
			break;
		if (clock_thread_is_me(&uwq_hrtimer_thread)) {
			ret = !!(timer->state & HRTIMER_STATE_ENQUEUED);
			if (ret)
				deactivate(timer);
			futex_unlock(&uwq_hrtimer_thread.lock);
			WARN_ONCE(1, "hrtimer_cancel of %ps in its own callback cannot wait\n",
				  timer->function);
			return ret;
		}
		clock_thread_wait_running(&uwq_hrtimer_thread);
	}
	futex_unlock(&uwq_hrtimer_thread.lock);
	return ret;
}
EXPORT_SYMBOL_GPL(hrtimer_cancel);

/**
 * hrtimer_active - is it armed, or its callback running?
 * @timer: set up before
 *
 * Return: old news unless the caller excludes others.
 */
bool hrtimer_active(const struct hrtimer *timer)
{
	bool active;

	futex_lock(&uwq_hrtimer_thread.lock);
	active = (timer->state & HRTIMER_STATE_ENQUEUED) || uwq_hrtimer_thread.running == timer;
	futex_unlock(&uwq_hrtimer_thread.lock);
	return active;
}
EXPORT_SYMBOL_GPL(hrtimer_active);

/**
 * hrtimer_cb_get_time - the present time of the timer's clock
 * @timer: set up before
 */
ktime_t hrtimer_cb_get_time(const struct hrtimer *timer)
{
	if (timer->base->offset == TK_OFFS_MAX)
		return ktime_get();
	return ktime_get_with_offset(timer->base->offset);
}

/**
 * hrtimer_forward - move the expiry of an inactive timer past @now
 * @timer: set up before; usually in its own callback
 * @now: of the timer's clock
 * @interval: the step, more than 0
 *
 * Return: how many steps were made; 0 if it expires after @now anyway.
 */
u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval)
{
	ktime_t late = now - hrtimer_get_expires(timer);
	u64 steps;

	if (late < 0)
		return 0;
	if (WARN_ON_ONCE(hrtimer_is_queued(timer)))
		return 0;
	if (interval < (ktime_t)hrtimer_resolution)
		interval = hrtimer_resolution;
	steps = (u64)(late / interval) + 1;
	hrtimer_add_expires_ns(timer, steps * (u64)interval);
	return steps;
}
EXPORT_SYMBOL_GPL(hrtimer_forward);

/* How long until it is due; negative when it should have been. */
ktime_t __hrtimer_get_remaining(const struct hrtimer *timer, bool adjust)
{
	ktime_t remaining;

	(void)adjust;	/* for clocks of low resolution */
	futex_lock(&uwq_hrtimer_thread.lock);
	remaining = hrtimer_expires_remaining(timer);
	futex_unlock(&uwq_hrtimer_thread.lock);
	return remaining;
}
EXPORT_SYMBOL_GPL(__hrtimer_get_remaining);

static enum hrtimer_restart call(struct hrtimer *timer, bool soft)
{
	enum hrtimer_restart (*fn)(struct hrtimer *) = timer->function;
	unsigned int context = soft ? SOFTIRQ_OFFSET : HARDIRQ_OFFSET;
	enum hrtimer_restart restart;
	int count;

	if (!soft)
		local_irq_disable();
	preempt_count_add(context);
	count = preempt_count();

	restart = fn(timer);
	/* *timer may be gone from here on unless it is to be restarted */

	if (WARN_ONCE(preempt_count() != count,
		      "hrtimer callback %ps left preempt_count %#x, found %#x\n", fn,
		      preempt_count(), count))
		preempt_count_add((unsigned int)(count - preempt_count()));
	preempt_count_sub(context);
	local_irq_enable();
	return restart;
}

/* Lock held, dropped around callbacks. */
static void expire_hrtimers(uint64_t now)
{
	while (heap && (uint64_t)heap->when <= now) {
		struct hrtimer *timer = hrtimer_of(heap);
		enum hrtimer_restart restart;
		bool awaited;

		deactivate(timer);
		clock_thread_begin(&uwq_hrtimer_thread, timer);
		restart = call(timer, timer->is_soft);
		awaited = clock_thread_end(&uwq_hrtimer_thread);
		/* The callback may have started it itself. */
		if (restart != HRTIMER_RESTART || (timer->state & HRTIMER_STATE_ENQUEUED))
			continue;
		/* A restart for the past could go on for ever: who cancels comes first. */
		if (awaited)
			set_state(timer, HRTIMER_STATE_STOPPED);
		else
			activate(timer);
	}
	uwq_hrtimer_thread.due = !heap || heap->when == KTIME_MAX ? CLOCK_NEVER
								  : (uint64_t)heap->when;
}

static enum hrtimer_restart wake_sleeper(struct hrtimer *timer)
{
	struct hrtimer_sleeper *sl = container_of(timer, struct hrtimer_sleeper, timer);
	struct task_struct *task = __atomic_exchange_n(&sl->task, NULL, __ATOMIC_ACQ_REL);

	if (task)
		wake_up_process(task);
	return HRTIMER_NORESTART;
}

/**
 * hrtimer_init_sleeper - prepare a timer that wakes the calling task
 * @sl: its memory must live until the timer was cancelled
 * @clock_id: as for hrtimer_setup()
 * @mode: likewise
 */
void hrtimer_init_sleeper(struct hrtimer_sleeper *sl, clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_setup(&sl->timer, wake_sleeper, clock_id, mode);
	sl->task = current;
}
EXPORT_SYMBOL_GPL(hrtimer_init_sleeper);

void hrtimer_sleeper_start_expires(struct hrtimer_sleeper *sl, enum hrtimer_mode mode)
{
	hrtimer_start_expires(&sl->timer, mode);
}
EXPORT_SYMBOL_GPL(hrtimer_sleeper_start_expires);

/**
 * schedule_hrtimeout_range_clock - sleep until a time or a wake-up
 * @expires: when; NULL: no limit; 0: do not sleep
 * @delta: how many ns later will do
 * @mode: absolute or relative
 * @clock_id: as for hrtimer_setup()
 *
 * The caller sets the task state before, as for schedule().
 *
 * Context: may sleep.
 * Return: 0 when the time has come, -EINTR when something else woke the task.
 */
int schedule_hrtimeout_range_clock(ktime_t *expires, u64 delta, const enum hrtimer_mode mode,
				   clockid_t clock_id)
{
	struct hrtimer_sleeper sl;

	if (expires && !*expires) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	if (!expires) {
		schedule();
		return -EINTR;
	}
	hrtimer_init_sleeper(&sl, clock_id, mode);
	hrtimer_set_expires_range_ns(&sl.timer, *expires, delta);
	hrtimer_sleeper_start_expires(&sl, mode);
	if (__atomic_load_n(&sl.task, __ATOMIC_ACQUIRE))
		schedule();
	hrtimer_cancel(&sl.timer);
	__set_current_state(TASK_RUNNING);
	return __atomic_load_n(&sl.task, __ATOMIC_ACQUIRE) ? -EINTR : 0;
}
EXPORT_SYMBOL_GPL(schedule_hrtimeout_range_clock);

int schedule_hrtimeout_range(ktime_t *expires, u64 delta, const enum hrtimer_mode mode)
{
	return schedule_hrtimeout_range_clock(expires, delta, mode, CLOCK_MONOTONIC);
}
EXPORT_SYMBOL_GPL(schedule_hrtimeout_range);

int schedule_hrtimeout(ktime_t *expires, const enum hrtimer_mode mode)
{
	return schedule_hrtimeout_range(expires, 0, mode);
}
EXPORT_SYMBOL_GPL(schedule_hrtimeout);

/* As for timers: none is inherited by a child. */
void hrtimer_fork(enum fork_step step)
{
	if (step == FORK_CHILD) {
		while (heap)
			deactivate(hrtimer_of(heap));
		clock_thread_fork_child(&uwq_hrtimer_thread);
	}
	fork_step_lock(&uwq_hrtimer_thread.lock, step);
}

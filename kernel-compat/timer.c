// SPDX-License-Identifier: MIT
/*
 * timer.c - struct timer_list
 *
 * All timers hang in one wheel (timer_wheel.h) under one lock, and one thread
 * (clock_thread.h) calls them. Arming and cancelling take constant time; the
 * thread is woken only when something is armed that is due before all others.
 *
 * When is a timer due? Whoever wants n ticks reads jiffies at some time t within
 * a tick and adds n: n full ticks are over at t + n ms, and that is when the
 * timer is due, rounded up to the wheel's grain. t is remembered for each thread
 * by the reading of jiffies. If that was too long ago to be what ->expires was
 * computed from, t is taken to be the end of its tick, as in Linux: never early,
 * up to a tick late. A timer armed for now or the past is due at the next tick,
 * so that a function which re-arms itself for "now" cannot keep the thread busy.
 *
 * A delay of a second or more, that is one of a delayed item and not a time in jiffies, may
 * be counted from up to 10 ms after the call when very many are armed: see timer_rush.h.
 *
 * Context: every function here may be called in any context, with any lock of
 * the caller held, but for the _sync ones, which wait for the callback: the
 * caller must hold nothing that the callback needs.
 *
 * The callback owns its timer: before it is called the timer is off the wheel,
 * and after the call nothing here looks at it. So it may re-arm or free it.
 *
 * Locks: uwq_timer_thread.lock, innermost; dropped around callbacks.
 *
 * Differs from Linux: in the kernel every CPU has timers of its own, so two may
 * be called at once; here never. timer_delete_sync() from the timer's own
 * callback is reported instead of hanging. On a timer that is being called,
 * timer_shutdown_sync() takes effect at once and not only after the callback.
 */
#include <limits.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>

#include "kernel-compat/clock_thread.h"
#include "kernel-compat/cpu_internal.h"
#include "kernel-compat/fork.h"
#include "kernel-compat/time_internal.h"
#include "kernel-compat/timer_internal.h"
#include "kernel-compat/timer_rush.h"
#include "kernel-compat/timer_wheel.h"

#define GRAIN_NS	(UWQ_TICK_NS / WHEEL_GRAINS_PER_TICK)
/* Beyond any clock, and yet far from overflow in what is computed with them */
#define FAR_TICKS	(1ull << 53)
#define FAR_GRAINS	(1ull << 52)
/* A reading of jiffies older than this is not what a timer's time was computed from */
#define FRESH_NS	(10 * UWQ_TICK_NS)

/* How arming treats what the timer does already */
enum arm_mode {
	ARM_ALWAYS,
	ARM_IF_PENDING,
	ARM_IF_SOONER,
};

static void expire_timers(uint64_t now);

struct clock_thread uwq_timer_thread = CLOCK_THREAD_INIT("uwq_timer", expire_timers);

static struct timer_wheel wheel = TIMER_WHEEL_INIT;	/* L: uwq_timer_thread.lock */
static struct timer_rush rush = TIMER_RUSH_INIT;	/* L */
static void (*handed_fn)(struct timer_list *);		/* L: callback of ->handed */

/* Time since jiffies began, in ns: what the wheel counts from. */
static u64 uptime(uint64_t mono)
{
	return mono - uwq_tick_base_ns();
}

/* How far in its tick was the reading of jiffies that a timer armed @up is based on? */
static u64 phase_of_reading(u64 up)
{
	u64 read_at = uwq_jiffies_read_at() - uwq_tick_base_ns();

	/* Never is long ago, too. */
	return up - read_at < FRESH_NS ? read_at % UWQ_TICK_NS : UWQ_TICK_NS;
}

/* In which grain @ticks ticks are over that are counted from @phase ns of @tick. */
static u64 deadline_after(u64 tick, u64 phase, u64 ticks)
{
	if (ticks > FAR_TICKS)
		ticks = FAR_TICKS;
	return (tick + ticks) * WHEEL_GRAINS_PER_TICK + (phase + GRAIN_NS - 1) / GRAIN_NS;
}

/* In which grain a timer for @expires is due that is armed at @up ns. */
static u64 deadline_of(unsigned long expires, u64 up)
{
	u64 tick = up / UWQ_TICK_NS;
	long ticks = (long)(expires - (INITIAL_JIFFIES + tick));
	u64 phase = phase_of_reading(up);

	if (ticks < 0 || (!ticks && phase <= up % UWQ_TICK_NS))
		return (tick + 1) * WHEEL_GRAINS_PER_TICK;
	return deadline_after(tick, phase, (u64)ticks);
}

static uint64_t grain_to_mono(u64 grain)
{
	if (grain >= FAR_GRAINS)
		return CLOCK_NEVER;
	return uwq_tick_base_ns() + grain * GRAIN_NS;
}

/* Whole ticks later it is as far in a tick as now: deadline_after() with the phase of now. */
static __always_inline struct timer_moment moment_at(u64 up, unsigned long ticks)
{
	u64 now = up / GRAIN_NS, from = now + (up != now * GRAIN_NS);

	return (struct timer_moment){
		.expires = INITIAL_JIFFIES + now / WHEEL_GRAINS_PER_TICK + ticks,
		.deadline = from + (ticks < FAR_TICKS ? ticks : FAR_TICKS) * WHEEL_GRAINS_PER_TICK,
		.now = now,
	};
}

/* Lock held. True: the thread must be woken. */
static __always_inline bool hang_at(struct timer_list *timer, const struct timer_moment *moment)
{
	timer->expires = moment->expires;
	timer->deadline = moment->deadline;
	timer_wheel_follow(&wheel, moment->now);
	timer_wheel_add(&wheel, timer);
	return clock_thread_arm(&uwq_timer_thread, grain_to_mono(timer->deadline));
}

/* ---- rush: timer_rush.h ---- */

/*
 * @up was read with the lock held. Nobody has to be woken: where timers are undated, the thread
 * comes by before they are due.
 */
static void date_all(u64 up)
{
	struct hlist_node *node = timer_wheel_take_undated(&wheel);
	struct hlist_node *next;

	for (; node; node = next) {
		struct timer_list *timer = container_of(node, struct timer_list, entry);
		struct timer_moment moment = moment_at(up, timer->deadline);

		next = node->next;
		hang_at(timer, &moment);
	}
}

/* No rush, or it is this one's turn to read the clock. */
static noinline bool hang_and_date(struct timer_list *timer, unsigned long ticks)
{
	u64 up = uptime(uwq_mono_ns());
	struct timer_moment moment = moment_at(up, ticks);
	bool wake;

	date_all(up);
	wake = hang_at(timer, &moment);
	if (timer_rush_read(&rush, moment.now) && clock_thread_runs(&uwq_timer_thread)) {
		timer_rush_begin(&rush, moment.now);
		wake |= clock_thread_arm(&uwq_timer_thread, grain_to_mono(rush.until));
	}
	return wake;
}

static __always_inline bool hang_long(struct timer_list *timer, unsigned long ticks)
{
	if (unlikely(!timer_rush_keeps(&rush)))
		return hang_and_date(timer, ticks);
	timer->expires = rush.tick + ticks;	/* or sooner; exact when it is dated */
	timer->deadline = ticks;
	timer_wheel_add_undated(&wheel, timer);
	return false;
}

/* Lock held. True: the thread must be woken. */
static __always_inline bool hang(struct timer_list *timer, const struct timer_moment *moment)
{
	return moment->wait ? hang_long(timer, moment->wait) : hang_at(timer, moment);
}

static void set_cpu(struct timer_list *timer, int cpu)
{
	timer->flags = (timer->flags & ~(u32)TIMER_BASEMASK) | (u32)cpu;
}

static __always_inline bool move(struct timer_list *timer, const struct timer_moment *moment)
{
	if (timer_pending(timer))
		timer_wheel_del(&wheel, timer);
	if (timer->flags & TIMER_PINNED)
		set_cpu(timer, raw_smp_processor_id());
	return hang(timer, moment);
}

bool timer_move_locked(struct timer_list *timer, const struct timer_moment *moment)
{
	return move(timer, moment);
}

static __always_inline int arm_at(struct timer_list *timer, const struct timer_moment *moment,
				  enum arm_mode mode)
{
	int pending;
	bool wake;

	futex_lock(&uwq_timer_thread.lock);
	pending = timer_pending(timer);
	/* what it says of its time may be too late */
	if (mode == ARM_IF_SOONER && pending && timer->slot == WHEEL_UNDATED)
		date_all(uptime(uwq_mono_ns()));
	if (!timer->function ||
	    (mode == ARM_IF_PENDING && !pending) ||
	    (mode == ARM_IF_SOONER && pending && time_before_eq(timer->expires, moment->expires))) {
		futex_unlock(&uwq_timer_thread.lock);
		return pending;
	}
	wake = move(timer, moment);
	futex_unlock(&uwq_timer_thread.lock);
	/* *timer may be gone from here on: it may have been called and freed */
	clock_thread_kick(&uwq_timer_thread, wake);
	return pending;
}

/* When a timer for @expires is due that is armed now. */
static struct timer_moment moment_of(unsigned long expires)
{
	u64 up = uptime(uwq_mono_ns());

	return (struct timer_moment){
		.expires = expires,
		.deadline = deadline_of(expires, up),
		.now = up / GRAIN_NS,
	};
}

static int arm(struct timer_list *timer, unsigned long expires, enum arm_mode mode)
{
	struct timer_moment moment = moment_of(expires);

	return arm_at(timer, &moment, mode);
}

static __always_inline struct timer_moment moment_after(unsigned long ticks)
{
	if (ticks > LONG_MAX)
		ticks = LONG_MAX;
	if (ticks >= RUSH_LONG)
		return (struct timer_moment){ .wait = ticks };
	return moment_at(uptime(uwq_mono_ns()), ticks);
}

struct timer_moment timer_moment_after(unsigned long ticks)
{
	return moment_after(ticks);
}

void timer_arm_after(struct timer_list *timer, unsigned long ticks)
{
	struct timer_moment moment = moment_after(ticks);

	arm_at(timer, &moment, ARM_ALWAYS);
}

/**
 * timer_init_key - prepare a timer; behind timer_setup()
 * @timer: not armed; the caller's memory until it is deleted or has been called
 * @func: called with @timer when it is due
 * @flags: TIMER_DEFERRABLE, TIMER_PINNED, TIMER_IRQSAFE
 * @name: for lock debugging in Linux; not used
 * @key: likewise
 */
void timer_init_key(struct timer_list *timer, void (*func)(struct timer_list *),
		    unsigned int flags, const char *name, struct lock_class_key *key)
{
	(void)name;
	(void)key;
	WARN_ONCE(flags & ~TIMER_INIT_FLAGS, "timer_setup of %ps: unknown flags %#x\n", func,
		  flags);
	timer->entry.next = NULL;
	__atomic_store_n(&timer->entry.pprev, NULL, __ATOMIC_RELAXED);
	timer->function = func;
	timer->flags = flags & TIMER_INIT_FLAGS;
}
EXPORT_SYMBOL(timer_init_key);

/**
 * mod_timer - arm a timer, or move one that is armed
 * @timer: set up before
 * @expires: when, in jiffies; a time of the past means the next tick. Times
 *	     more than LONG_MAX ticks ahead count as past: see uwq_jiffies_after()
 *
 * Nothing happens if the timer was shut down.
 *
 * Ordering: the callback sees all stores made before the call.
 * Return: 1 if the timer was armed before (it now has only the new time), else 0.
 */
int mod_timer(struct timer_list *timer, unsigned long expires)
{
	return arm(timer, expires, ARM_ALWAYS);
}
EXPORT_SYMBOL(mod_timer);

/**
 * mod_timer_pending - move a timer only if it is armed
 * @timer: set up before
 * @expires: as for mod_timer()
 *
 * Return: 1 if it was armed and has the new time, 0 if nothing happened.
 */
int mod_timer_pending(struct timer_list *timer, unsigned long expires)
{
	return arm(timer, expires, ARM_IF_PENDING);
}
EXPORT_SYMBOL(mod_timer_pending);

/**
 * timer_reduce - arm a timer, or make an armed one sooner, never later
 * @timer: set up before
 * @expires: as for mod_timer()
 *
 * Return: 1 if the timer was armed before, else 0.
 */
int timer_reduce(struct timer_list *timer, unsigned long expires)
{
	return arm(timer, expires, ARM_IF_SOONER);
}
EXPORT_SYMBOL(timer_reduce);

/**
 * add_timer - arm a timer for the time in its ->expires
 * @timer: set up before and not armed; if it is, this is reported and ignored
 */
void add_timer(struct timer_list *timer)
{
	if (WARN_ON_ONCE(timer_pending(timer)))
		return;
	arm(timer, timer->expires, ARM_ALWAYS);
}
EXPORT_SYMBOL(add_timer);

/**
 * add_timer_local - add_timer(), for the CPU of the caller
 * @timer: as for add_timer(); becomes TIMER_PINNED
 */
void add_timer_local(struct timer_list *timer)
{
	if (WARN_ON_ONCE(timer_pending(timer)))
		return;
	timer->flags |= TIMER_PINNED;
	arm(timer, timer->expires, ARM_ALWAYS);
}
EXPORT_SYMBOL(add_timer_local);

/**
 * add_timer_global - add_timer(), for any CPU
 * @timer: as for add_timer(); is no longer TIMER_PINNED
 */
void add_timer_global(struct timer_list *timer)
{
	if (WARN_ON_ONCE(timer_pending(timer)))
		return;
	timer->flags &= ~(u32)TIMER_PINNED;
	arm(timer, timer->expires, ARM_ALWAYS);
}
EXPORT_SYMBOL(add_timer_global);

/**
 * add_timer_on - add_timer(), for the given CPU
 * @timer: as for add_timer(); becomes TIMER_PINNED
 * @cpu: what smp_processor_id() answers in the callback. One that cannot exist
 *	 is reported, and the timer armed for any CPU
 *
 * mod_timer() later takes it to the CPU of its caller, as in Linux.
 */
void add_timer_on(struct timer_list *timer, int cpu)
{
	struct timer_moment moment;
	bool wake = false;

	if (WARN_ON_ONCE(timer_pending(timer)))
		return;
	if (WARN_ON_ONCE(cpu < 0 || (unsigned int)cpu >= nr_cpu_ids)) {
		add_timer_global(timer);
		return;
	}
	moment = moment_of(timer->expires);
	futex_lock(&uwq_timer_thread.lock);
	if (timer->function) {
		timer->flags |= TIMER_PINNED;
		set_cpu(timer, cpu);
		wake = hang(timer, &moment);
	}
	futex_unlock(&uwq_timer_thread.lock);
	clock_thread_kick(&uwq_timer_thread, wake);
}
EXPORT_SYMBOL_GPL(add_timer_on);

static int take_off(struct timer_list *timer, bool shutdown)
{
	int pending;

	futex_lock(&uwq_timer_thread.lock);
	pending = timer_pending(timer);
	if (pending)
		timer_wheel_del(&wheel, timer);
	if (shutdown)
		timer->function = NULL;
	futex_unlock(&uwq_timer_thread.lock);
	return pending;
}

bool timer_lock_armed(struct timer_list *timer)
{
	futex_lock(&uwq_timer_thread.lock);
	if (timer_pending(timer))
		return true;
	futex_unlock(&uwq_timer_thread.lock);
	return false;
}

void timer_take_locked(struct timer_list *timer)
{
	timer_wheel_del(&wheel, timer);
}

void timer_unlock(void)
{
	futex_unlock(&uwq_timer_thread.lock);
}

void timer_unlock_and_kick(bool wake)
{
	futex_unlock(&uwq_timer_thread.lock);
	clock_thread_kick(&uwq_timer_thread, wake);
}

/**
 * uwq_timer_delete - timer_delete(): disarm a timer
 * @timer: set up before, armed or not
 *
 * The callback may be running, and may arm it again.
 *
 * Return: 1 if it was armed; then the callback is not called for that arming.
 */
int uwq_timer_delete(struct timer_list *timer)
{
	/* A racing arming may as well come after us. */
	if (!timer_pending(timer))
		return 0;
	return take_off(timer, false);
}

/**
 * timer_shutdown - disarm a timer, and let nobody arm it again
 * @timer: set up before; timer_setup() makes it usable again
 *
 * Return: as timer_delete().
 */
int timer_shutdown(struct timer_list *timer)
{
	return take_off(timer, true);
}
EXPORT_SYMBOL_GPL(timer_shutdown);

/**
 * timer_delete_sync_try - disarm a timer unless its callback is running
 * @timer: set up before
 *
 * Return: 1 if it was armed, 0 if not, -1 if its callback is running; nothing
 * was changed then.
 */
int timer_delete_sync_try(struct timer_list *timer)
{
	int ret = -1;

	futex_lock(&uwq_timer_thread.lock);
	if (uwq_timer_thread.running != timer) {
		ret = timer_pending(timer);
		if (ret)
			timer_wheel_del(&wheel, timer);
	}
	futex_unlock(&uwq_timer_thread.lock);
	return ret;
}
EXPORT_SYMBOL(timer_delete_sync_try);

/* In its own callback: waiting for that would never end. */
static void report_self_wait(const struct timer_list *timer)
{
	WARN_ONCE(clock_thread_is_me(&uwq_timer_thread) && uwq_timer_thread.running == timer,
		  "timer_delete_sync of %ps in its own callback cannot wait\n", timer->function);
}

static int take_off_sync(struct timer_list *timer, bool shutdown)
{
	int taken = 0;

	for (;;) {
		futex_lock(&uwq_timer_thread.lock);
		if (timer_pending(timer)) {
			timer_wheel_del(&wheel, timer);
			taken = 1;
		}
		if (shutdown)
			timer->function = NULL;
		if (uwq_timer_thread.running != timer || clock_thread_is_me(&uwq_timer_thread))
			break;
		clock_thread_wait_running(&uwq_timer_thread);
	}
	futex_unlock(&uwq_timer_thread.lock);
	return taken;
}

/**
 * timer_delete_sync - disarm a timer and wait for its callback
 * @timer: set up before; nobody else may arm it meanwhile, but its callback may
 *
 * Context: sleeps while the callback runs, also in atomic context. The caller
 * must not hold what the callback needs. In the callback itself: reported, and
 * done without waiting.
 * Ordering: what the callback stored is seen after the return.
 * Return: 1 if it was armed. On return it is not, and its callback not running.
 */
int timer_delete_sync(struct timer_list *timer)
{
	report_self_wait(timer);
	return take_off_sync(timer, false);
}
EXPORT_SYMBOL(timer_delete_sync);

/**
 * timer_shutdown_sync - timer_delete_sync(), and let nobody arm it again
 * @timer: set up before; its memory is the caller's alone afterwards
 *
 * Context, Return: as timer_delete_sync().
 */
int timer_shutdown_sync(struct timer_list *timer)
{
	report_self_wait(timer);
	return take_off_sync(timer, true);
}
EXPORT_SYMBOL_GPL(timer_shutdown_sync);

#ifdef UWQ_TEST
void timer_date_undated(void)
{
	futex_lock(&uwq_timer_thread.lock);
	date_all(uptime(uwq_mono_ns()));
	futex_unlock(&uwq_timer_thread.lock);
}
#endif

void timer_walk_armed(void (*fn)(struct timer_list *timer, void *arg),
		      void (*running_fn)(void (*function)(struct timer_list *), void *arg),
		      void *arg)
{
	futex_lock(&uwq_timer_thread.lock);
	timer_wheel_walk(&wheel, fn, arg);
	/* the one that is being called may be gone: only its function is known */
	if (running_fn && uwq_timer_thread.running)
		running_fn(handed_fn, arg);
	futex_unlock(&uwq_timer_thread.lock);
}

static void call(struct timer_list *timer, void (*fn)(struct timer_list *), u32 flags)
{
	int count;

	if (flags & TIMER_PINNED)
		task_stand_on((int)(flags & TIMER_CPUMASK));
	if (flags & TIMER_IRQSAFE)
		local_irq_disable();
	preempt_count_add(SOFTIRQ_OFFSET);
	count = preempt_count();

	fn(timer);
	/* *timer may be gone from here on */

	if (WARN_ONCE(preempt_count() != count,
		      "timer callback %ps left preempt_count %#x, found %#x\n", fn,
		      preempt_count(), count))
		preempt_count_add((unsigned int)(count - preempt_count()));
	preempt_count_sub(SOFTIRQ_OFFSET);
	local_irq_enable();
	if (flags & TIMER_PINNED)
		task_stand_on(-1);
}

/* Lock held, dropped around callbacks. */
static void expire_timers(uint64_t now)
{
	struct timer_list *timer;
	u64 up = uptime(now);

	date_all(up);
	timer_rush_pass(&rush, up / GRAIN_NS);
	timer_wheel_collect(&wheel, up / GRAIN_NS);
	while ((timer = timer_wheel_collected(&wheel))) {
		void (*fn)(struct timer_list *) = timer->function;
		u32 flags = timer->flags;

		timer_wheel_del(&wheel, timer);
		handed_fn = fn;
		clock_thread_begin(&uwq_timer_thread, timer);
		call(timer, fn, flags);
		clock_thread_end(&uwq_timer_thread);
	}
	uwq_timer_thread.due = grain_to_mono(min(timer_wheel_next_due(&wheel), rush.until));
}

/* ---- fork ---- */

void timer_callback_begun(void)
{
	clock_thread_begun(&uwq_timer_thread);
}

struct each {
	void (*func)(struct timer_list *timer);
	void (*fn)(struct timer_list *timer);
};

static void show_matching(struct timer_list *timer, void *arg)
{
	const struct each *each = arg;

	if (timer->function == each->func)
		each->fn(timer);
}

void timer_fork_each(void (*func)(struct timer_list *timer), void (*fn)(struct timer_list *timer))
{
	struct each each = { func, fn };

	timer_wheel_walk(&wheel, show_matching, &each);
	/* a timer that was handed to another function may be gone */
	if (uwq_timer_thread.handed && handed_fn == func)
		fn((struct timer_list *)uwq_timer_thread.handed);
}

static void forget(struct timer_list *timer, void *arg)
{
	(void)arg;
	__atomic_store_n(&timer->entry.pprev, NULL, __ATOMIC_RELAXED);
}

/* As the system's own timers, these are not inherited by a child. */
static void forget_all(void)
{
	timer_wheel_walk(&wheel, forget, NULL);
	wheel = (struct timer_wheel){ .clock = wheel.clock, .next = WHEEL_NONE };
	rush = (struct timer_rush)TIMER_RUSH_INIT;
	clock_thread_fork_child(&uwq_timer_thread);
}

void timer_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		forget_all();
	fork_step_lock(&uwq_timer_thread.lock, step);
}

/* SPDX-License-Identifier: MIT */
/*
 * timer_wheel.h - armed timers, sorted by deadline in constant time
 *
 * Deadlines are counts of grains, a microsecond each, since jiffies began. Written
 * in base 64 a deadline is a row of digits. A timer hangs at the level of the
 * highest digit in which its deadline differs from the wheel's clock, in the
 * slot of that digit:
 *
 *	level 0	    64 slots of 1 grain
 *	level 1	    64 slots of 64 grains
 *	level 2	    64 slots of 4096 grains, about 4 ticks
 *	...	    level 10 reaches the end of 64 bits
 *
 * When the clock enters a slot of a higher level, its timers are hung again,
 * now at lower levels: each timer moves at most 10 times, and the moment at
 * which it leaves is exact however far away it was. Timers of one deadline are
 * always in one slot, in the order of their arming.
 *
 * Not locked: timer.c does that.
 */
#ifndef UWQ_KERNEL_COMPAT_TIMER_WHEEL_H
#define UWQ_KERNEL_COMPAT_TIMER_WHEEL_H

#include <linux/timer_types.h>

#define WHEEL_GRAINS_PER_TICK	1000u
#define WHEEL_LEVELS		11
#define WHEEL_SLOTS		64
#define WHEEL_NONE		UINT64_MAX
#define WHEEL_DIGIT_BITS	6
/* Index of the queue of collected timers, and of the one of those without a deadline yet */
#define WHEEL_COLLECTED		(WHEEL_LEVELS * WHEEL_SLOTS)
#define WHEEL_UNDATED		(WHEEL_COLLECTED + 1)

/* A queue in hlist form: tail is where the next pointer goes, NULL when empty. */
struct wheel_slot {
	struct hlist_node *first;
	struct hlist_node **tail;
};

struct timer_wheel {
	u64 clock;	/* every deadline up to and including it was collected */
	u64 next;	/* no occupied slot begins before it */
	u32 levels;	/* bit n: level n has an occupied slot */
	u64 busy[WHEEL_LEVELS];	/* bit n: slot n of the level is occupied */
	/* then a queue of collected timers, still armed, to be called; and one of undated timers */
	struct wheel_slot slots[WHEEL_UNDATED + 1];
};

#define TIMER_WHEEL_INIT	{ .next = WHEEL_NONE }

/* Move the clock to @now and all timers due by then to the queue of collected ones. */
void timer_wheel_collect(struct timer_wheel *wheel, u64 now);

/* The first collected timer, NULL if there is none; still armed. */
struct timer_list *timer_wheel_collected(struct timer_wheel *wheel);

/*
 * Take all undated timers; the first of a chain by ->next, NULL if there is none. They look
 * armed all the time to who has no lock, and the caller adds them at once.
 */
struct hlist_node *timer_wheel_take_undated(struct timer_wheel *wheel);

/* Earliest moment at which something dated can be due; WHEEL_NONE: nothing is armed. */
u64 timer_wheel_next_due(const struct timer_wheel *wheel);

/* Show every armed timer to @fn. */
void timer_wheel_walk(struct timer_wheel *wheel,
		      void (*fn)(struct timer_list *timer, void *arg), void *arg);

/* ---- what each arming and cancelling does, inline in timer.c ---- */

static inline void wheel_set_pprev(struct hlist_node *node, struct hlist_node **pprev)
{
	__atomic_store_n(&node->pprev, pprev, __ATOMIC_RELAXED);
}

static inline void wheel_append(struct timer_wheel *wheel, struct timer_list *timer, u32 index)
{
	struct wheel_slot *slot = &wheel->slots[index];
	struct hlist_node **end = slot->tail ? slot->tail : &slot->first;

	timer->slot = index;
	timer->entry.next = NULL;
	wheel_set_pprev(&timer->entry, end);
	*end = &timer->entry;
	slot->tail = &timer->entry.next;
}

static inline void wheel_mark_empty(struct timer_wheel *wheel, u32 index)
{
	u32 level = index / WHEEL_SLOTS;

	wheel->slots[index].tail = NULL;
	if (index >= WHEEL_COLLECTED)
		return;
	wheel->busy[level] &= ~(1ull << index % WHEEL_SLOTS);
	if (!wheel->busy[level])
		wheel->levels &= ~(1u << level);
}

/* First moment of the slot of @level that @deadline is in */
static inline u64 wheel_slot_begin(u64 deadline, u32 level)
{
	return deadline >> (level * WHEEL_DIGIT_BITS) << (level * WHEEL_DIGIT_BITS);
}

/* Time is @now: lets the clock follow where that needs no work. */
static inline void timer_wheel_follow(struct timer_wheel *wheel, u64 now)
{
	if (!wheel->levels)
		wheel->next = WHEEL_NONE;
	if (now > wheel->clock && now < wheel->next)
		wheel->clock = now;
}

/* Hang a timer by its ->deadline; one that the clock has reached is due next. */
static inline void timer_wheel_add(struct timer_wheel *wheel, struct timer_list *timer)
{
	u32 level, digit;
	u64 begin;

	if (timer->deadline <= wheel->clock)
		timer->deadline = wheel->clock + 1;
	level = (63 - (u32)__builtin_clzll(timer->deadline ^ wheel->clock)) / WHEEL_DIGIT_BITS;
	digit = timer->deadline >> (level * WHEEL_DIGIT_BITS) & (WHEEL_SLOTS - 1);
	wheel_append(wheel, timer, level * WHEEL_SLOTS + digit);
	wheel->busy[level] |= 1ull << digit;
	wheel->levels |= 1u << level;

	begin = wheel_slot_begin(timer->deadline, level);
	if (begin < wheel->next)
		wheel->next = begin;
}

/* Keep a timer that has no deadline yet; its ->deadline is the caller's. */
static inline void timer_wheel_add_undated(struct timer_wheel *wheel, struct timer_list *timer)
{
	wheel_append(wheel, timer, WHEEL_UNDATED);
}

/* Take an armed timer off, collected and undated ones included. */
static inline void timer_wheel_del(struct timer_wheel *wheel, struct timer_list *timer)
{
	struct hlist_node *next = timer->entry.next;
	struct hlist_node **pprev = timer->entry.pprev;

	*pprev = next;
	if (next)
		wheel_set_pprev(next, pprev);
	else if (pprev != &wheel->slots[timer->slot].first)
		wheel->slots[timer->slot].tail = pprev;
	else
		wheel_mark_empty(wheel, timer->slot);
	wheel_set_pprev(&timer->entry, NULL);
}

#endif

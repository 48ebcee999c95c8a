// SPDX-License-Identifier: MIT
/*
 * timer_wheel.c - see timer_wheel.h for the idea
 *
 * Why a slot is always found again: let the clock move from a to b without
 * entering an occupied slot. A timer at level n shares all digits above n with
 * a; b lies between a and the begin of the timer's slot, so b shares them too,
 * and is smaller in digit n. The highest digit that differs is still n.
 *
 * Locks: the caller's. ->entry.pprev is stored atomically all the same, because
 * timer_pending() looks at it without the lock.
 *
 * Differs from Linux: the kernel's wheel does not move timers down, and lets far
 * ones be late by up to an eighth of their delay.
 */
#include <linux/container_of.h>
#include <linux/compiler.h>

#include "kernel-compat/timer_wheel.h"

#define DIGIT_BITS	6
#define COLLECTED	(WHEEL_LEVELS * WHEEL_SLOTS)
/* How many timers of a far slot are looked at for the earliest deadline */
#define LOOK_AT_MOST	16

static struct timer_list *timer_of(struct hlist_node *node)
{
	return container_of(node, struct timer_list, entry);
}

static void set_pprev(struct hlist_node *node, struct hlist_node **pprev)
{
	__atomic_store_n(&node->pprev, pprev, __ATOMIC_RELAXED);
}

static void append(struct timer_wheel *wheel, struct timer_list *timer, u32 index)
{
	struct wheel_slot *slot = &wheel->slots[index];
	struct hlist_node **end = slot->tail ? slot->tail : &slot->first;

	timer->slot = index;
	timer->entry.next = NULL;
	set_pprev(&timer->entry, end);
	*end = &timer->entry;
	slot->tail = &timer->entry.next;
}

static void mark_empty(struct timer_wheel *wheel, u32 index)
{
	u32 level = index / WHEEL_SLOTS;

	wheel->slots[index].tail = NULL;
	if (index == COLLECTED)
		return;
	wheel->busy[level] &= ~(1ull << index % WHEEL_SLOTS);
	if (!wheel->busy[level])
		wheel->levels &= ~(1u << level);
}

/* First moment of the slot of @level that @deadline is in */
static u64 slot_begin(u64 deadline, u32 level)
{
	return deadline >> (level * DIGIT_BITS) << (level * DIGIT_BITS);
}

void timer_wheel_follow(struct timer_wheel *wheel, u64 now)
{
	if (!wheel->levels)
		wheel->next = WHEEL_NONE;
	if (now > wheel->clock && now < wheel->next)
		wheel->clock = now;
}

void timer_wheel_add(struct timer_wheel *wheel, struct timer_list *timer)
{
	u32 level, digit;
	u64 begin;

	if (timer->deadline <= wheel->clock)
		timer->deadline = wheel->clock + 1;
	level = (63 - (u32)__builtin_clzll(timer->deadline ^ wheel->clock)) / DIGIT_BITS;
	digit = timer->deadline >> (level * DIGIT_BITS) & (WHEEL_SLOTS - 1);
	append(wheel, timer, level * WHEEL_SLOTS + digit);
	wheel->busy[level] |= 1ull << digit;
	wheel->levels |= 1u << level;

	begin = slot_begin(timer->deadline, level);
	if (begin < wheel->next)
		wheel->next = begin;
}

void timer_wheel_del(struct timer_wheel *wheel, struct timer_list *timer)
{
	struct hlist_node *next = timer->entry.next;
	struct hlist_node **pprev = timer->entry.pprev;

	*pprev = next;
	if (next)
		set_pprev(next, pprev);
	else if (pprev != &wheel->slots[timer->slot].first)
		wheel->slots[timer->slot].tail = pprev;
	else
		mark_empty(wheel, timer->slot);
	set_pprev(&timer->entry, NULL);
}

struct timer_list *timer_wheel_collected(struct timer_wheel *wheel)
{
	struct hlist_node *first = wheel->slots[COLLECTED].first;

	return first ? timer_of(first) : NULL;
}

/* The occupied slot that begins first; there must be one. */
static u32 first_slot(const struct timer_wheel *wheel)
{
	u32 level = (u32)__builtin_ctz(wheel->levels);

	return level * WHEEL_SLOTS + (u32)__builtin_ctzll(wheel->busy[level]);
}

/* Any timer in it knows the digits that the index does not hold. */
static u64 begin_of_slot(const struct timer_wheel *wheel, u32 index)
{
	return slot_begin(timer_of(wheel->slots[index].first)->deadline, index / WHEEL_SLOTS);
}

/* The clock is at the begin of this slot: hang its timers lower, or collect them. */
static void open_slot(struct timer_wheel *wheel, u32 index)
{
	struct hlist_node *node = wheel->slots[index].first;
	struct hlist_node *next;

	wheel->slots[index].first = NULL;
	mark_empty(wheel, index);
	for (; node; node = next) {
		next = node->next;
		if (timer_of(node)->deadline <= wheel->clock)
			append(wheel, timer_of(node), COLLECTED);
		else
			timer_wheel_add(wheel, timer_of(node));
	}
}

void timer_wheel_collect(struct timer_wheel *wheel, u64 now)
{
	while (wheel->levels) {
		u32 index = first_slot(wheel);
		u64 begin = begin_of_slot(wheel, index);

		if (begin > now) {
			wheel->next = begin;
			break;
		}
		wheel->clock = begin;
		open_slot(wheel, index);
	}
	timer_wheel_follow(wheel, now);
}

u64 timer_wheel_next_due(const struct timer_wheel *wheel)
{
	const struct hlist_node *node;
	u64 earliest = WHEEL_NONE;
	int looked = 0;
	u32 index;

	if (!wheel->levels)
		return WHEEL_NONE;
	index = first_slot(wheel);
	for (node = wheel->slots[index].first; node; node = node->next) {
		u64 deadline = timer_of((struct hlist_node *)node)->deadline;

		if (++looked > LOOK_AT_MOST)
			return begin_of_slot(wheel, index);
		if (deadline < earliest)
			earliest = deadline;
	}
	return earliest;
}

void timer_wheel_walk(struct timer_wheel *wheel,
		      void (*fn)(struct timer_list *timer, void *arg), void *arg)
{
	struct hlist_node *node;
	u32 index;

	for (index = 0; index <= COLLECTED; index++)
		for (node = wheel->slots[index].first; node; node = node->next)
			fn(timer_of(node), arg);
}

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
#include <linux/compiler.h>
#include <linux/container_of.h>

#include "kernel-compat/timer_wheel.h"

/* How many timers of a far slot are looked at for the earliest deadline */
#define LOOK_AT_MOST	16

static struct timer_list *timer_of(struct hlist_node *node)
{
	return container_of(node, struct timer_list, entry);
}

struct timer_list *timer_wheel_collected(struct timer_wheel *wheel)
{
	struct hlist_node *first = wheel->slots[WHEEL_COLLECTED].first;

	return first ? timer_of(first) : NULL;
}

struct hlist_node *timer_wheel_take_undated(struct timer_wheel *wheel)
{
	struct hlist_node *first = wheel->slots[WHEEL_UNDATED].first;

	wheel->slots[WHEEL_UNDATED] = (struct wheel_slot){ 0 };
	return first;
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
	return wheel_slot_begin(timer_of(wheel->slots[index].first)->deadline, index / WHEEL_SLOTS);
}

/* The clock is at the begin of this slot: hang its timers lower, or collect them. */
static void open_slot(struct timer_wheel *wheel, u32 index)
{
	struct hlist_node *node = wheel->slots[index].first;
	struct hlist_node *next;

	wheel->slots[index].first = NULL;
	wheel_mark_empty(wheel, index);
	for (; node; node = next) {
		next = node->next;
		if (timer_of(node)->deadline <= wheel->clock)
			wheel_append(wheel, timer_of(node), WHEEL_COLLECTED);
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

	for (index = 0; index <= WHEEL_UNDATED; index++)
		for (node = wheel->slots[index].first; node; node = node->next)
			fn(timer_of(node), arg);
}

/* SPDX-License-Identifier: MIT */
/*
 * inbox.h - a pool's guarded ring: how items reach it without a lock
 *
 * Concurrency Kit's ring, with an enqueue of our own. The stock multi-producer
 * enqueue lets producers reserve slots in parallel and then wait, spinning, for
 * each other to publish in order; with more producers than CPUs one preempted
 * producer stops them all. Here a producer reserves only while nobody else is
 * between reserving and publishing; otherwise, and when the ring is full, it goes
 * through the pool lock. So nobody ever waits for a stranger, and "queue_work()
 * has returned" means "every drain sees the item".
 *
 * Producers are any threads. The consumer side belongs to the holder of the pool
 * lock. Whether an item is there it sees from the slot, whose lowest bit tells the lap of the
 * ring in which it was written: of the lines that producers write, it touches those of the
 * slots only, and who waits for the next item shares one line with its producer, not two. It
 * takes what it sees as a window [next, end) and works that off before it looks at a slot that
 * may be being written. Slots are given back in portions only, because each time the producers
 * lose a line; the last ones stay away until more have come.
 *
 * Nobody else in uwq includes ck_ring.h in the engine.
 */
#ifndef UWQ_WORKQUEUE_INBOX_H
#define UWQ_WORKQUEUE_INBOX_H

#include <ck_ring.h>

#include <linux/compiler.h>
#include <linux/prefetch.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/processor.h>

#include "kernel-compat/test_points.h"

struct work_struct;

#define INBOX_SIZE		1024	/* slots; one stays empty */
#define INBOX_RETURN_EVERY	64	/* slots given back to the producers at once */
#define INBOX_MAKE_ROOM		128	/* items moved to the lists at once when it is full */
#define INBOX_WINDOW		64	/* slots looked at ahead, at most */
#define INBOX_AHEAD		4	/* items fetched into the cache before their turn */
#define INBOX_TRIES		3	/* looks at a busy ring before taking the lock */

/*
 * On a line's start. It says nothing of alignment, so that nothing pads its end: the window
 * shares a line with the lock that protects it.
 */
struct inbox {
	ck_ring_buffer_t slots[INBOX_SIZE];
	ck_ring_t ring;			/* A: consumer line, producer line, size */
	unsigned int next;		/* LA: first slot not taken yet */
	unsigned int end;		/* L: end of the window */
};

static inline void inbox_init(struct inbox *inbox)
{
	ck_ring_init(&inbox->ring, INBOX_SIZE);
	inbox->next = 0;
	inbox->end = 0;
}

/*
 * Bit 0 of a slot that has the item with that number; in the lap before it was the other one.
 * Numbers go on, laps are even or odd.
 */
static inline unsigned long inbox_mark(unsigned int number)
{
	return !(number & INBOX_SIZE);
}

/* The slot of the item with that number. */
static inline ck_ring_buffer_t *inbox_slot(const struct inbox *inbox, unsigned int number)
{
	return (ck_ring_buffer_t *)&inbox->slots[number & (INBOX_SIZE - 1)];
}

/* What is in the slot: the address of the item with that number, or anything with bit 0 set. */
static inline unsigned long inbox_read(const struct inbox *inbox, unsigned int number)
{
	/* INBOX/4: pairs with INBOX/3 in inbox_push(). */
	return (unsigned long)__atomic_load_n(&inbox_slot(inbox, number)->value,
					      __ATOMIC_ACQUIRE) ^ inbox_mark(number);
}

static inline bool inbox_has(const struct inbox *inbox, unsigned int number)
{
	return !(inbox_read(inbox, number) & 1);
}

/* A submitter is about to publish: have the line that it will write on its way meanwhile. */
static inline void inbox_fetch(const struct inbox *inbox)
{
	prefetchw(inbox_slot(inbox, __atomic_load_n(&inbox->ring.p_head, __ATOMIC_RELAXED)));
}

/*
 * Publish @work without a lock. False: the ring is full or somebody is in the
 * middle of publishing; the caller takes the lock. After true the item may
 * already have run and be gone.
 */
static inline bool inbox_push(struct inbox *inbox, struct work_struct *work)
{
	ck_ring_t *ring = &inbox->ring;
	int tries = 0;

	for (;;) {
		unsigned int head = __atomic_load_n(&ring->p_head, __ATOMIC_RELAXED);
		/* INBOX/5: see INBOX/6. */
		unsigned int tail = __atomic_load_n(&ring->p_tail, __ATOMIC_ACQUIRE);

		if (head != tail) {
			if (++tries > INBOX_TRIES)
				return false;
			cpu_relax();
			continue;
		}
		/*
		 * INBOX/1: acquire of c_head before the slot is overwritten. Pairs
		 * with the release in inbox_take(), INBOX/2: the slot was read.
		 */
		if (head - __atomic_load_n(&ring->c_head, __ATOMIC_ACQUIRE) >= INBOX_SIZE - 1)
			return false;
		/*
		 * Success means that p_head was still equal to p_tail: nobody else
		 * is between here and the store of p_tail below.
		 */
		if (!__atomic_compare_exchange_n(&ring->p_head, &head, head + 1, false,
						 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		/* INBOX/3: publishes the item; pairs with INBOX/4 in inbox_read(). */
		__atomic_store_n(&inbox_slot(inbox, head)->value,
				 (void *)((unsigned long)work | inbox_mark(head)),
				 __ATOMIC_RELEASE);
		/*
		 * INBOX/6: the turn of the next producer; pairs with the acquire of p_tail
		 * above, INBOX/5. So who sees its item sees this one.
		 */
		__atomic_store_n(&ring->p_tail, head + 1, __ATOMIC_RELEASE);
		return true;
	}
}

/*
 * Lockless look for a spinner or a submitter; may be out of date. If so much was taken
 * meanwhile that the slot is of the next lap, then next has moved, and something was there:
 * who overwrote it had seen by INBOX/1 that it was given back.
 * Test: inbox_shows_what_it_has.c
 */
static inline bool inbox_maybe_nonempty(const struct inbox *inbox)
{
	unsigned int next = __atomic_load_n(&inbox->next, __ATOMIC_RELAXED);

	TEST_POINT("inbox_seen_next");
	return inbox_has(inbox, next) ||
	       __atomic_load_n(&inbox->next, __ATOMIC_RELAXED) != next;
}

/* Pool lock held: something is known to wait, without a look at a slot. */
static inline bool inbox_window_nonempty(const struct inbox *inbox)
{
	return inbox->next != inbox->end;
}

/* Pool lock held: the oldest item of a window that is not empty. It stays. */
static inline struct work_struct *inbox_first(const struct inbox *inbox)
{
	return (struct work_struct *)inbox_read(inbox, inbox->next);
}

/* Pool lock held: look how many there are. False: none. */
static inline bool inbox_look(struct inbox *inbox)
{
	unsigned int end = inbox->next;

	while (end - inbox->next < INBOX_WINDOW && inbox_has(inbox, end))
		end++;
	inbox->end = end;
	return inbox_window_nonempty(inbox);
}

/* Pool lock held: @work becomes the oldest item; false: there is none. */
static inline bool inbox_take(struct inbox *inbox, struct work_struct **work)
{
	unsigned int next;

	if (!inbox_window_nonempty(inbox) && !inbox_look(inbox))
		return false;
	*work = inbox_first(inbox);
	next = inbox->next + 1;
	__atomic_store_n(&inbox->next, next, __ATOMIC_RELAXED);
	if (next % INBOX_RETURN_EVERY == 0)
		/* INBOX/2: see INBOX/1. */
		__atomic_store_n(&inbox->ring.c_head, next, __ATOMIC_RELEASE);
	if (inbox->end - next >= INBOX_AHEAD)
		prefetchw((void *)inbox_read(inbox, next + INBOX_AHEAD - 1));
	return true;
}

/* The same; NULL: there is none. */
static inline struct work_struct *inbox_pop(struct inbox *inbox)
{
	struct work_struct *work;

	return inbox_take(inbox, &work) ? work : NULL;
}

/* Pool lock held: nothing published is left. */
static inline bool inbox_empty_locked(const struct inbox *inbox)
{
	return !inbox_has(inbox, inbox->next);
}

#endif

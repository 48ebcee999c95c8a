/* SPDX-License-Identifier: MIT */
/*
 * inbox.h - a pool's ring: how items reach it without a lock
 *
 * Items are numbered in the order in which they were published, for ever; number n has slot
 * n mod INBOX_SIZE. A slot of Concurrency Kit's ring says all that is to be known of it:
 * "free for the item of lap l", or the address of an item with one bit of its lap. A producer
 * publishes with a single compare-and-exchange of the first free slot, so nobody is ever
 * between reserving a slot and publishing in it, nobody waits for a stranger, and
 * "queue_work() has returned" means "every drain sees the item". (The stock ring has indexes
 * instead, of which producers change two for each item; one that is preempted between them
 * stops all others.) Laps have as many bits as a slot has left, so that a producer which slept
 * before its exchange never takes a slot for that of its lap.
 *
 * Where the first free slot is, producers learn from a hint. It may be old, never too new: each
 * number before it has been published. From an old one a producer finds its way by the slots.
 *
 * Producers are any threads. The consumer side belongs to the holder of the pool lock. It
 * touches no line of the producers but those of the slots, and who waits for the next item
 * shares one line with its producer. It takes what it sees as a window [next, end) and works
 * that off before it looks at a slot that may be being written. Slots are given back in
 * portions only, because each line of them is one that the producers lose; the last ones stay
 * away until more have come.
 *
 * Nobody else in uwq includes ck_ring.h in the engine.
 */
#ifndef UWQ_WORKQUEUE_INBOX_H
#define UWQ_WORKQUEUE_INBOX_H

#include <ck_ring.h>

#include <linux/compiler.h>
#include <linux/prefetch.h>
#include <linux/types.h>

#include "kernel-compat/test_points.h"

struct work_struct;

#define INBOX_SIZE		1024	/* slots */
#define INBOX_RETURN_EVERY	64	/* slots given back to the producers at once */
#define INBOX_MAKE_ROOM		128	/* items moved to the lists at once when it is full */
#define INBOX_WINDOW		64	/* slots looked at ahead, at most */
#define INBOX_AHEAD		4	/* items fetched into the cache before their turn */
#define INBOX_LINE		64	/* bytes of a cache line */

/*
 * On a line's start. It says nothing of alignment, so that nothing pads its end: the window
 * shares a line with the lock that protects it.
 */
struct inbox {
	ck_ring_buffer_t slots[INBOX_SIZE];	/* A: zeroed = free for the first lap */
	unsigned long	 hint;			/* A: no number before it is free */
	char		 pad[INBOX_LINE - sizeof(unsigned long)];
	unsigned long	 next;			/* LA: first number not taken yet */
	unsigned long	 end;			/* L: end of the window */
};

/* What a slot says. Bit 0: there is an item; bit 1: of an odd lap. An address has neither. */
#define INBOX_ITEM		1UL
#define INBOX_ODD		2UL

static inline unsigned long inbox_mark(unsigned long number)
{
	return INBOX_ITEM | (number & INBOX_SIZE ? INBOX_ODD : 0);
}

/* Or, with bit 0 clear: the lap for which it is free. */
static inline unsigned long inbox_free(unsigned long number)
{
	return number / INBOX_SIZE << 1;
}

/* The number of the item that was in the slot of @number before it was free, as @free says. */
static inline unsigned long inbox_before(unsigned long number, unsigned long free)
{
	return (free >> 1) * INBOX_SIZE + (number & (INBOX_SIZE - 1)) - INBOX_SIZE;
}

/* The slot of the item with that number. */
static inline unsigned long *inbox_slot(const struct inbox *inbox, unsigned long number)
{
	return (unsigned long *)&inbox->slots[number & (INBOX_SIZE - 1)].value;
}

/* What is in the slot: the address of the item with that number, or a low bit is set. */
static inline unsigned long inbox_read(const struct inbox *inbox, unsigned long number)
{
	/* INBOX/4: pairs with INBOX/3 in inbox_push(). */
	return __atomic_load_n(inbox_slot(inbox, number), __ATOMIC_ACQUIRE) ^ inbox_mark(number);
}

static inline bool inbox_has(const struct inbox *inbox, unsigned long number)
{
	return !(inbox_read(inbox, number) & (INBOX_ITEM | INBOX_ODD));
}

/* A submitter is about to publish: have the line that it will write on its way meanwhile. */
static inline void inbox_fetch(const struct inbox *inbox)
{
	prefetchw(inbox_slot(inbox, __atomic_load_n(&inbox->hint, __ATOMIC_RELAXED)));
}

/*
 * The slot of @number, which was not too new, says @seen: the next number to try. @number
 * itself: the ring is full.
 */
static noinline __maybe_unused unsigned long inbox_further(const struct inbox *inbox,
							    unsigned long number,
							    unsigned long seen)
{
	unsigned long next;

	if (!(seen & INBOX_ITEM))
		return inbox_before(number, seen) + 1;
	if (!((seen ^ inbox_mark(number)) & INBOX_ODD)) {
		while (inbox_has(inbox, ++number))
			;
		return number;
	}
	/*
	 * An item of another lap. If that is a later one, @number was taken: INBOX/2. Its slot
	 * was given back after that, and the acquire with which it was seen says so. INBOX/7:
	 * pairs with INBOX/8 in inbox_take(). All before next was taken.
	 */
	next = __atomic_load_n(&inbox->next, __ATOMIC_ACQUIRE);
	return (long)(next - number) > 0 ? next : number;
}

/*
 * Publish @work without a lock. False: the ring is full; the caller takes the lock. After true
 * the item may already have run and be gone.
 *
 * A slot is free for one lap only, and the slots before it are not: each number that is tried
 * comes from a slot that was seen published or taken, from the consumer's next, INBOX/7, or from
 * the hint, INBOX/5. So there are no gaps, and who finds an item finds all that came before it.
 */
static inline bool inbox_push(struct inbox *inbox, struct work_struct *work)
{
	/* INBOX/5: pairs with INBOX/6. */
	unsigned long number = __atomic_load_n(&inbox->hint, __ATOMIC_ACQUIRE);

	for (;;) {
		unsigned long seen = inbox_free(number), further;

		/*
		 * INBOX/3: publishes the item; pairs with INBOX/4 in inbox_read(). The acquire
		 * pairs with the release in inbox_give_back(), INBOX/2: the slot was read. It
		 * is not read before: to get its line once is enough.
		 */
		if (likely(__atomic_compare_exchange_n(inbox_slot(inbox, number), &seen,
						       (unsigned long)work | inbox_mark(number),
						       false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)))
			break;
		further = inbox_further(inbox, number, seen);
		if (further == number)
			return false;
		number = further;
	}
	/* INBOX/6: see INBOX/5. Who was interrupted here makes the hint an old one again. */
	__atomic_store_n(&inbox->hint, number + 1, __ATOMIC_RELEASE);
	return true;
}

/*
 * Lockless look for a spinner or a submitter; may be out of date. If so much was taken
 * meanwhile that the slot is of the next lap, then next has moved, and something was there:
 * the slot was given back after that, INBOX/2.
 * Test: inbox_shows_what_it_has.c
 */
static inline bool inbox_maybe_nonempty(const struct inbox *inbox)
{
	unsigned long next = __atomic_load_n(&inbox->next, __ATOMIC_RELAXED);

	TEST_POINT("inbox_seen_next");
	return inbox_has(inbox, next) ||
	       __atomic_load_n(&inbox->next, __ATOMIC_RELAXED) != next;
}

/*
 * Nothing with that number was published so far, nor with a later one: there are no gaps. The
 * lap is part of what is compared. Who has seen an item being published sees so here as well.
 */
static inline bool inbox_ends_at(const struct inbox *inbox, unsigned long number)
{
	return __atomic_load_n(inbox_slot(inbox, number), __ATOMIC_RELAXED) == inbox_free(number);
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
	unsigned long end = inbox->next;

	while (end - inbox->next < INBOX_WINDOW && inbox_has(inbox, end))
		end++;
	inbox->end = end;
	return inbox_window_nonempty(inbox);
}

/* Pool lock held: the portion of slots that ends before @next is free for the next lap. */
static inline void inbox_give_back(struct inbox *inbox, unsigned long next)
{
	unsigned long number;

	for (number = next - INBOX_RETURN_EVERY; number != next; number++)
		/* INBOX/2: see INBOX/3. */
		__atomic_store_n(inbox_slot(inbox, number), inbox_free(number + INBOX_SIZE),
				 __ATOMIC_RELEASE);
}

/* Pool lock held: @work becomes the oldest item; false: there is none. */
static inline bool inbox_take(struct inbox *inbox, struct work_struct **work)
{
	unsigned long next;

	if (!inbox_window_nonempty(inbox) && !inbox_look(inbox))
		return false;
	*work = inbox_first(inbox);
	next = inbox->next + 1;
	/* INBOX/8: see INBOX/7. */
	__atomic_store_n(&inbox->next, next, __ATOMIC_RELEASE);
	if (next % INBOX_RETURN_EVERY == 0)
		inbox_give_back(inbox, next);
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

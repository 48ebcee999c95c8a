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
 * lock. It takes what there is as a window [next, end) and works that off without
 * looking at the producers' line again. Slots are given back in portions only, because
 * each time the producers lose a line; the last ones stay away until more have come.
 *
 * Nobody else in uwq includes ck_ring.h in the engine.
 */
#ifndef UWQ_WORKQUEUE_INBOX_H
#define UWQ_WORKQUEUE_INBOX_H

#include <ck_ring.h>

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/processor.h>

struct work_struct;

#define INBOX_SIZE		1024	/* slots; one stays empty */
#define INBOX_RETURN_EVERY	64	/* slots given back to the producers at once */
#define INBOX_MAKE_ROOM		256	/* items moved to the lists at once when it is full */
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
		inbox->slots[head & (INBOX_SIZE - 1)].value = work;
		/* INBOX/3: publishes the slot and the item; pairs with INBOX/4. */
		__atomic_store_n(&ring->p_tail, head + 1, __ATOMIC_RELEASE);
		return true;
	}
}

/* Lockless look for a spinner or a submitter; may be out of date. */
static inline bool inbox_maybe_nonempty(const struct inbox *inbox)
{
	return __atomic_load_n(&inbox->ring.p_tail, __ATOMIC_ACQUIRE) !=
	       __atomic_load_n(&inbox->next, __ATOMIC_RELAXED);
}

/* Pool lock held: something is known to wait, without a look at the producers' line. */
static inline bool inbox_window_nonempty(const struct inbox *inbox)
{
	return inbox->next != inbox->end;
}

/* Pool lock held: the oldest item of a window that is not empty. It stays. */
static inline struct work_struct *inbox_first(const struct inbox *inbox)
{
	return (struct work_struct *)inbox->slots[inbox->next & (INBOX_SIZE - 1)].value;
}

/* Pool lock held: @work becomes the oldest item; false: there is none. */
static inline bool inbox_take(struct inbox *inbox, struct work_struct **work)
{
	ck_ring_t *ring = &inbox->ring;
	unsigned int next = inbox->next;

	if (next == inbox->end) {
		/* INBOX/4: pairs with INBOX/3 in inbox_push(). */
		inbox->end = __atomic_load_n(&ring->p_tail, __ATOMIC_ACQUIRE);
		if (next == inbox->end)
			return false;
	}
	*work = (struct work_struct *)inbox->slots[next++ & (INBOX_SIZE - 1)].value;
	__atomic_store_n(&inbox->next, next, __ATOMIC_RELAXED);
	if (next % INBOX_RETURN_EVERY == 0)
		/* INBOX/2: see INBOX/1. */
		__atomic_store_n(&ring->c_head, next, __ATOMIC_RELEASE);
	if (inbox->end - next >= INBOX_AHEAD)
		__builtin_prefetch(inbox->slots[(next + INBOX_AHEAD - 1) & (INBOX_SIZE - 1)].value, 1);
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
	return inbox->next == __atomic_load_n(&inbox->ring.p_tail, __ATOMIC_ACQUIRE);
}

#endif

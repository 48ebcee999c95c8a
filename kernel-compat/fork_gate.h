/* SPDX-License-Identifier: MIT */
/*
 * fork_gate.h - short sections during which the process does not fork
 *
 * Between taking PENDING and publishing an item, its owner is nothing but a thread
 * in the middle of a call. A child in which that thread does not exist would have an
 * item that nobody owns and nobody can queue. So such steps are sections of this gate,
 * and a fork waits until nobody is inside.
 *
 * GATE/1 (section): store busy, then read uwq_fork_gate. Pairs with GATE/2 (forker):
 * close the gate, then read everybody's busy. Forbids: the section goes on AND the
 * forker takes its thread for outside. The same for any other pointer that a section
 * reads and somebody else replaces. The frequent side has no barrier; the forker
 * runs a membarrier between its two steps. Without membarrier the gate is never 0, and
 * sections take the slow way with a real one.
 * Test: fork_never_meets_an_item_between_owners.c
 *
 * Inside a section: no mutex, no other sleep, no waiting for another section. None of
 * the locks that a fork takes may be held on entry, unless it is a nested one: nested
 * sections never wait. A section that needs the log's sink of the user is the only one
 * that can last; the forker gives up on it after GATE_PATIENCE_MS.
 *
 * Cost of a section: an increment and a release store of the thread's own line, and a
 * load of a word that nobody writes but forkers.
 */
#ifndef UWQ_KERNEL_COMPAT_FORK_GATE_H
#define UWQ_KERNEL_COMPAT_FORK_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/compiler.h>

#define GATE_PATIENCE_MS	1000

/*
 * What a thread has begun and will undo itself; in a child without that thread the
 * library calls undo. Lives on the thread's stack.
 */
struct fork_undo {
	struct fork_undo *next;
	struct fork_slot *slot;		/* where it is listed */
	void (*undo)(struct fork_undo *undo);
};

/* One for each thread that was ever inside. Kept in a table, never freed. */
struct fork_slot {
	uint32_t busy;			/* S: depth of sections; A for others */
	uint32_t used;			/* A: some thread's */
	struct fork_undo *undos;	/* S: latest first; changed in sections only */
} __attribute__((__aligned__(64)));

#define GATE_CLOSED	1u	/* somebody forks */
#define GATE_FENCES	2u	/* no membarrier: sections must use a fence */

extern uint32_t uwq_fork_gate;	/* A: the above, futex word */
extern __thread struct fork_slot *uwq_fork_slot __attribute__((tls_model("initial-exec")));

void fork_gate_enter_first(void);
void fork_gate_leave_shared(void);
void fork_gate_wait(struct fork_slot *slot);

static inline void fork_gate_enter(void)
{
	struct fork_slot *slot = uwq_fork_slot;
	uint32_t busy;

	if (unlikely(!slot)) {
		fork_gate_enter_first();
		return;
	}
	busy = slot->busy;
	__atomic_store_n(&slot->busy, busy + 1, __ATOMIC_RELAXED);
	barrier();	/* GATE/1 */
	if (unlikely(__atomic_load_n(&uwq_fork_gate, __ATOMIC_ACQUIRE)) && !busy)
		fork_gate_wait(slot);
}

static inline void fork_gate_leave(void)
{
	struct fork_slot *slot = uwq_fork_slot;

	if (unlikely(!slot)) {
		fork_gate_leave_shared();
		return;
	}
	/* what the section did comes before */
	__atomic_store_n(&slot->busy, slot->busy - 1, __ATOMIC_RELEASE);
}

/* In a section: @undo is called in children of this moment and later. */
void fork_undo_add(struct fork_undo *undo);
/* In a section: not any more. */
void fork_undo_del(struct fork_undo *undo);

/*
 * A grace period: true if each section that may have read what the caller has just replaced
 * is over. The gate stays open; new sections see what is new. False: one did not end within
 * @patience_ms, or the caller is in one itself. What a section leaves behind is visible.
 */
bool fork_gate_sections_ended(long patience_ms);

/* ---- for fork.c ---- */

/* Wait until nobody but the caller is inside; false: somebody did not leave in time. */
bool fork_gate_close(void);
void fork_gate_open(void);
/* In the child: only this thread is left. Undoes what others had begun. */
void fork_gate_child(void);
/* While the caller waits for another forker: as if it were in no section. */
uint32_t fork_gate_step_out(void);
void fork_gate_step_in(uint32_t busy);

#endif

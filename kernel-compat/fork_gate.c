// SPDX-License-Identifier: MIT
/*
 * fork_gate.c - who is in a section, and waiting until nobody is; see fork_gate.h
 *
 * A thread gets a slot of a static table at its first section and gives it back when
 * it ends. Threads beyond the size of the table share the first slot, with atomic
 * additions.
 *
 * Locks: shared_lock, a leaf, for the list of the shared slot.
 */
#include <limits.h>
#include <pthread.h>
#include <time.h>

#include <linux/compiler.h>
#include <asm/barrier.h>
#include <asm/processor.h>

#include "kernel-compat/fork_gate.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/test_points.h"

#define NR_SLOTS	1024

uint32_t uwq_fork_gate;
__thread struct fork_slot *uwq_fork_slot;

static struct fork_slot slots[NR_SLOTS];	/* [0] is the shared one */
static uint32_t slots_end = 1;			/* A: none beyond it was ever used */
static struct futex_lock shared_lock = FUTEX_LOCK_INIT;
static __thread uint32_t shared_depth __attribute__((__tls_model__("initial-exec")));

static pthread_key_t slot_key;
static bool have_key;				/* I */

static void give_slot_back(void *arg)
{
	struct fork_slot *slot = arg;

	uwq_fork_slot = NULL;
	__atomic_store_n(&slot->busy, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&slot->used, 0, __ATOMIC_RELEASE);
}

/* after futex.c has asked for membarrier */
__attribute__((__constructor__(102))) static void gate_init(void)
{
	have_key = pthread_key_create(&slot_key, give_slot_back) == 0;
	if (!membarrier_available())
		uwq_fork_gate = GATE_FENCES;
}

static void raise_end(uint32_t end)
{
	uint32_t seen = __atomic_load_n(&slots_end, __ATOMIC_RELAXED);

	while (seen < end && !__atomic_compare_exchange_n(&slots_end, &seen, end, false,
							  __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

/* A slot for this thread; NULL: all are taken, or its end would not be told. */
static struct fork_slot *claim_slot(void)
{
	for (uint32_t i = 1; have_key && i < NR_SLOTS; i++) {
		struct fork_slot *slot = &slots[i];
		uint32_t none = 0;

		if (__atomic_load_n(&slot->used, __ATOMIC_RELAXED) ||
		    !__atomic_compare_exchange_n(&slot->used, &none, 1, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_RELAXED))
			continue;
		if (pthread_setspecific(slot_key, slot)) {
			__atomic_store_n(&slot->used, 0, __ATOMIC_RELEASE);
			return NULL;
		}
		raise_end(i + 1);
		return slot;
	}
	return NULL;
}

static bool is_closed(void)
{
	/* GATE/1, with a real barrier; SEQ_CST on the word itself is for the race detector */
	smp_mb();
	return __atomic_load_n(&uwq_fork_gate, __ATOMIC_SEQ_CST) & GATE_CLOSED;
}

static void wait_for_opening(void)
{
	uint32_t gate;

	while ((gate = __atomic_load_n(&uwq_fork_gate, __ATOMIC_ACQUIRE)) & GATE_CLOSED)
		futex_wait(&uwq_fork_gate, gate, NULL);
}

/* The gate is not simply open. The caller has counted itself in, once. */
void fork_gate_wait(struct fork_slot *slot)
{
	while (is_closed()) {
		__atomic_store_n(&slot->busy, 0, __ATOMIC_RELEASE);
		wait_for_opening();
		__atomic_store_n(&slot->busy, 1, __ATOMIC_RELAXED);
	}
}

static void enter_shared(void)
{
	if (shared_depth++)
		return;
	__atomic_add_fetch(&slots[0].busy, 1, __ATOMIC_SEQ_CST);
	while (is_closed()) {
		__atomic_sub_fetch(&slots[0].busy, 1, __ATOMIC_RELEASE);
		wait_for_opening();
		__atomic_add_fetch(&slots[0].busy, 1, __ATOMIC_SEQ_CST);
	}
}

/* This thread has no slot (yet). */
void fork_gate_enter_first(void)
{
	if (!shared_depth)
		uwq_fork_slot = claim_slot();
	if (uwq_fork_slot)
		fork_gate_enter();
	else
		enter_shared();
}

void fork_gate_leave_shared(void)
{
	if (!--shared_depth)
		__atomic_sub_fetch(&slots[0].busy, 1, __ATOMIC_RELEASE);
}

/* ---- what is to be undone ---- */

void fork_undo_add(struct fork_undo *undo)
{
	struct fork_slot *slot = uwq_fork_slot ? uwq_fork_slot : &slots[0];

	undo->slot = slot;
	if (slot == &slots[0])
		futex_lock(&shared_lock);
	undo->next = slot->undos;
	slot->undos = undo;
	if (slot == &slots[0])
		futex_unlock(&shared_lock);
}

void fork_undo_del(struct fork_undo *undo)
{
	struct fork_slot *slot = undo->slot;
	struct fork_undo **link = &slot->undos;

	if (slot == &slots[0])
		futex_lock(&shared_lock);
	while (*link && *link != undo)
		link = &(*link)->next;
	if (*link)
		*link = undo->next;
	if (slot == &slots[0])
		futex_unlock(&shared_lock);
}

/* ---- waiting for sections ---- */

static bool others_inside(const struct fork_slot *slot)
{
	uint32_t busy = __atomic_load_n(&slot->busy, __ATOMIC_ACQUIRE);

	if (slot == uwq_fork_slot)
		return false;
	if (slot == &slots[0] && shared_depth)
		busy--;
	return busy;
}

static long elapsed_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

/* False: it is still inside, and @patience_ms since @since are over. */
static bool wait_outside(const struct fork_slot *slot, const struct timespec *since,
			 long patience_ms)
{
	struct spin_budget spin = SPIN_BUDGET_INIT;
	struct timespec nap = { .tv_nsec = 20000 };

	while (others_inside(slot)) {
		if (spin_once(&spin))
			continue;
		if (elapsed_ms(since) >= patience_ms)
			return false;
		nanosleep(&nap, NULL);
		if (nap.tv_nsec < 500000)
			nap.tv_nsec *= 2;
	}
	return true;
}

static bool wait_all_outside(long patience_ms)
{
	struct timespec since;
	bool all_out = true;

	clock_gettime(CLOCK_MONOTONIC, &since);
	for (uint32_t i = 0; i < __atomic_load_n(&slots_end, __ATOMIC_SEQ_CST); i++)
		all_out &= wait_outside(&slots[i], &since, patience_ms);
	return all_out;
}

bool fork_gate_close(void)
{
	__atomic_or_fetch(&uwq_fork_gate, GATE_CLOSED, __ATOMIC_SEQ_CST);
	membarrier_all();	/* GATE/2 */
	return wait_all_outside(GATE_PATIENCE_MS);
}

bool fork_gate_sections_ended(long patience_ms)
{
	if (uwq_fork_slot ? uwq_fork_slot->busy : shared_depth)
		return false;
	smp_mb();		/* where there is no membarrier, sections have this one too */
	membarrier_all();	/* GATE/2 */
	return wait_all_outside(patience_ms);
}

/* ---- the forker ---- */

void fork_gate_open(void)
{
	__atomic_and_fetch(&uwq_fork_gate, ~GATE_CLOSED, __ATOMIC_SEQ_CST);
	futex_wake(&uwq_fork_gate, INT_MAX);
}

void fork_gate_child(void)
{
	uint32_t end = __atomic_load_n(&slots_end, __ATOMIC_RELAXED);

	futex_lock_init(&shared_lock);
	for (uint32_t i = 0; i < end; i++) {
		struct fork_slot *slot = &slots[i];

		if (slot == uwq_fork_slot)
			continue;
		for (struct fork_undo *undo = slot->undos; undo; undo = undo->next)
			undo->undo(undo);
		slot->undos = NULL;
		__atomic_store_n(&slot->busy, !i && shared_depth, __ATOMIC_RELEASE);
		__atomic_store_n(&slot->used, 0, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&uwq_fork_gate, membarrier_available() ? 0 : GATE_FENCES,
			 __ATOMIC_SEQ_CST);
}

uint32_t fork_gate_step_out(void)
{
	struct fork_slot *slot = uwq_fork_slot;
	uint32_t busy = 0;

	if (slot) {
		busy = slot->busy;
		__atomic_store_n(&slot->busy, 0, __ATOMIC_RELEASE);
	} else if (shared_depth) {
		busy = 1;
		__atomic_sub_fetch(&slots[0].busy, 1, __ATOMIC_RELEASE);
	}
	return busy;
}

void fork_gate_step_in(uint32_t busy)
{
	if (uwq_fork_slot)
		__atomic_store_n(&uwq_fork_slot->busy, busy, __ATOMIC_RELAXED);
	else if (busy)
		__atomic_add_fetch(&slots[0].busy, 1, __ATOMIC_SEQ_CST);
}

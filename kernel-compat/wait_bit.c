// SPDX-License-Identifier: MIT
/*
 * wait_bit.c - waiting for a bit of a word, or for a variable
 *
 * 256 queues serve all words; an address chooses one. An entry carries the word
 * and bit it waits for, a waker the ones that changed, and the entry's function
 * compares them. So strangers in the same queue cost a comparison, no wake-up.
 *
 * A waker reads the word only for an entry that waits for it, under the queue's
 * lock, and that waiter cannot leave meanwhile: so the word may be freed by
 * whoever waited for its bit.
 *
 * Locks: those of the queues.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait_bit.h>

#include "kernel-compat/fork.h"

#define NR_QUEUES	256
#define FOR_VARIABLE	(-1)

static struct wait_queue_head queues[NR_QUEUES];

__attribute__((constructor(101))) static void init_queues(void)
{
	for (int i = 0; i < NR_QUEUES; i++)
		init_waitqueue_head(&queues[i]);
}

/* Threads that slept here do not exist in the child, and their stacks are used again. */
void wait_bit_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		init_queues();
}

static struct wait_queue_head *queue_for(const void *addr, unsigned int salt)
{
	u64 hash = ((u64)(uintptr_t)addr + salt) * 0x9e3779b97f4a7c15u;

	return &queues[hash >> 56];
}

struct wait_queue_head *bit_waitqueue(void *word, int bit)
{
	return queue_for(word, (unsigned int)bit);
}
EXPORT_SYMBOL(bit_waitqueue);

struct wait_queue_head *__var_waitqueue(void *var)
{
	return queue_for(var, 0);
}
EXPORT_SYMBOL(__var_waitqueue);

/* Woken only by a key of the same word and bit, and for a bit only while it is clear. */
int wake_bit_function(struct wait_queue_entry *entry, unsigned int mode, int sync, void *arg)
{
	struct wait_bit_queue_entry *waiter =
		container_of(entry, struct wait_bit_queue_entry, wq_entry);
	struct wait_bit_key *key = arg;

	if (waiter->key.flags != key->flags || waiter->key.bit_nr != key->bit_nr)
		return 0;
	if (key->bit_nr != FOR_VARIABLE && test_bit(key->bit_nr, key->flags))
		return 0;
	return autoremove_wake_function(entry, mode, sync, key);
}
EXPORT_SYMBOL(wake_bit_function);

/**
 * __wait_on_bit - sleep until a bit is clear
 * @wq_head: of bit_waitqueue()
 * @entry: of DEFINE_WAIT_BIT()
 * @action: sleeps once; not 0: give up with that
 * @mode: TASK_*
 *
 * Context: may sleep.
 * Return: 0, or what @action said.
 */
int __wait_on_bit(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		  wait_bit_action_f *action, unsigned int mode)
{
	int ret = 0;

	do {
		prepare_to_wait(wq_head, &entry->wq_entry, (int)mode);
		if (test_bit(entry->key.bit_nr, entry->key.flags))
			ret = action(&entry->key, (int)mode);
	} while (!ret && test_bit_acquire(entry->key.bit_nr, entry->key.flags));
	finish_wait(wq_head, &entry->wq_entry);
	return ret;
}
EXPORT_SYMBOL(__wait_on_bit);

/**
 * __wait_on_bit_lock - sleep until a bit is clear and it was us who set it
 * @wq_head, @entry, @action, @mode: as __wait_on_bit()
 *
 * One waiter is woken at a time. One that gives up after it was woken passes
 * the wake-up on, if the bit is still clear.
 *
 * Context: may sleep.
 * Return: 0 with the bit set, or what @action said.
 */
int __wait_on_bit_lock(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		       wait_bit_action_f *action, unsigned int mode)
{
	int ret = 0;

	for (;;) {
		prepare_to_wait_exclusive(wq_head, &entry->wq_entry, (int)mode);
		if (test_bit(entry->key.bit_nr, entry->key.flags))
			ret = action(&entry->key, (int)mode);
		if (!test_and_set_bit(entry->key.bit_nr, entry->key.flags)) {
			finish_wait(wq_head, &entry->wq_entry);
			return 0;
		}
		if (ret) {
			finish_wait(wq_head, &entry->wq_entry);
			/* the bit was set a moment ago; its owner wakes when it clears it */
			return ret;
		}
	}
}
EXPORT_SYMBOL(__wait_on_bit_lock);

int out_of_line_wait_on_bit(void *word, int bit, wait_bit_action_f *action, unsigned int mode)
{
	DEFINE_WAIT_BIT(entry, word, bit);

	return __wait_on_bit(bit_waitqueue(word, bit), &entry, action, mode);
}
EXPORT_SYMBOL(out_of_line_wait_on_bit);

int out_of_line_wait_on_bit_timeout(void *word, int bit, wait_bit_action_f *action,
				    unsigned int mode, unsigned long timeout)
{
	DEFINE_WAIT_BIT(entry, word, bit);

	entry.key.timeout = jiffies + timeout;
	return __wait_on_bit(bit_waitqueue(word, bit), &entry, action, mode);
}
EXPORT_SYMBOL_GPL(out_of_line_wait_on_bit_timeout);

int out_of_line_wait_on_bit_lock(void *word, int bit, wait_bit_action_f *action,
				 unsigned int mode)
{
	DEFINE_WAIT_BIT(entry, word, bit);

	return __wait_on_bit_lock(bit_waitqueue(word, bit), &entry, action, mode);
}
EXPORT_SYMBOL(out_of_line_wait_on_bit_lock);

void __wake_up_bit(struct wait_queue_head *wq_head, void *word, int bit)
{
	struct wait_bit_key key = __WAIT_BIT_KEY_INITIALIZER(word, bit);

	if (waitqueue_active(wq_head))
		__wake_up(wq_head, TASK_NORMAL, 1, &key);
}
EXPORT_SYMBOL(__wake_up_bit);

/**
 * wake_up_bit - a bit was cleared: wake who waits for it
 * @word, @bit: what was cleared
 *
 * Context: any.
 * Ordering: full barrier before the queue is looked at.
 */
void wake_up_bit(void *word, int bit)
{
	/* WAIT/1: pairs with WAIT/2 in prepare_to_wait() */
	smp_mb();
	__wake_up_bit(bit_waitqueue(word, bit), word, bit);
}
EXPORT_SYMBOL(wake_up_bit);

/**
 * wake_up_var - a variable has changed: wake who waits for it
 * @var: its address; not read, may be gone
 *
 * Context: any.
 * Ordering: full barrier before the queue is looked at.
 */
void wake_up_var(void *var)
{
	/* WAIT/1: pairs with WAIT/2 in prepare_to_wait_event() */
	smp_mb();
	__wake_up_bit(__var_waitqueue(var), var, FOR_VARIABLE);
}
EXPORT_SYMBOL(wake_up_var);

void init_wait_var_entry(struct wait_bit_queue_entry *entry, void *var, int flags)
{
	init_wait_entry(&entry->wq_entry, flags);
	entry->wq_entry.func = wake_bit_function;
	entry->key = (struct wait_bit_key)__WAIT_BIT_KEY_INITIALIZER(var, FOR_VARIABLE);
}
EXPORT_SYMBOL(init_wait_var_entry);

/* ---- actions ---- */

static int interrupted(int mode)
{
	return signal_pending_state((unsigned int)mode, current) ? -EINTR : 0;
}

int bit_wait(struct wait_bit_key *key, int mode)
{
	(void)key;
	schedule();
	return interrupted(mode);
}
EXPORT_SYMBOL(bit_wait);

int bit_wait_io(struct wait_bit_key *key, int mode)
{
	(void)key;
	io_schedule();
	return interrupted(mode);
}
EXPORT_SYMBOL(bit_wait_io);

int bit_wait_timeout(struct wait_bit_key *key, int mode)
{
	long left = (long)(key->timeout - jiffies);

	if (left <= 0)
		return -EAGAIN;
	schedule_timeout(left);
	return interrupted(mode);
}
EXPORT_SYMBOL_GPL(bit_wait_timeout);

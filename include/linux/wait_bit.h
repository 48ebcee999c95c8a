/* SPDX-License-Identifier: MIT */
/*
 * wait_bit.h - wait for a bit in a word, or for a variable, without a queue of its own
 *
 * The waiters of all words share a small table of queues, chosen by address;
 * each is woken only for its own word and bit. As with any queue, who changes
 * the word has to pass a full barrier before it wakes: clear_and_wake_up_bit()
 * does, and so do wake_up_bit() and wake_up_var() themselves.
 *
 * Differs from Linux: wake_up_bit() and wake_up_var() contain that barrier, so
 * that a caller who forgot it is right too. The action functions are called
 * with the key and the state, as there.
 */
#ifndef UWQ_LINUX_WAIT_BIT_H
#define UWQ_LINUX_WAIT_BIT_H

#include <linux/bitops.h>
#include <linux/wait.h>

struct wait_bit_key {
	unsigned long	*flags;		/* the word, or the variable */
	int		bit_nr;		/* -1: a variable */
	unsigned long	timeout;	/* jiffies at which bit_wait_timeout() gives up */
};

struct wait_bit_queue_entry {
	struct wait_bit_key	key;
	struct wait_queue_entry	wq_entry;
};

typedef int wait_bit_action_f(struct wait_bit_key *key, int mode);

#define __WAIT_BIT_KEY_INITIALIZER(word, bit)	\
	{ .flags = (unsigned long *)(word), .bit_nr = (bit), }

#define DEFINE_WAIT_BIT(name, word, bit)				\
	struct wait_bit_queue_entry name = {				\
		.key = __WAIT_BIT_KEY_INITIALIZER(word, bit),		\
		.wq_entry = {						\
			.private = current,				\
			.func = wake_bit_function,			\
			.entry = LIST_HEAD_INIT((name).wq_entry.entry),	\
		},							\
	}

UWQ_API_BEGIN

void __wake_up_bit(struct wait_queue_head *wq_head, void *word, int bit);
int __wait_on_bit(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		  wait_bit_action_f *action, unsigned int mode);
int __wait_on_bit_lock(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		       wait_bit_action_f *action, unsigned int mode);
void wake_up_bit(void *word, int bit);
void wake_up_var(void *var);
int out_of_line_wait_on_bit(void *word, int bit, wait_bit_action_f *action, unsigned int mode);
int out_of_line_wait_on_bit_timeout(void *word, int bit, wait_bit_action_f *action,
				    unsigned int mode, unsigned long timeout);
int out_of_line_wait_on_bit_lock(void *word, int bit, wait_bit_action_f *action,
				 unsigned int mode);
struct wait_queue_head *bit_waitqueue(void *word, int bit);
struct wait_queue_head *__var_waitqueue(void *var);
void init_wait_var_entry(struct wait_bit_queue_entry *entry, void *var, int flags);
int wake_bit_function(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key);

int bit_wait(struct wait_bit_key *key, int mode);
int bit_wait_io(struct wait_bit_key *key, int mode);
int bit_wait_timeout(struct wait_bit_key *key, int mode);

UWQ_API_END

/* All: 0 when the bit was seen clear (or was taken, for _lock), else the action's error. */
static inline int wait_on_bit(unsigned long *word, int bit, unsigned int mode)
{
	might_sleep();
	if (!test_bit_acquire(bit, word))
		return 0;
	return out_of_line_wait_on_bit(word, bit, bit_wait, mode);
}

static inline int wait_on_bit_io(unsigned long *word, int bit, unsigned int mode)
{
	might_sleep();
	if (!test_bit_acquire(bit, word))
		return 0;
	return out_of_line_wait_on_bit(word, bit, bit_wait_io, mode);
}

static inline int wait_on_bit_timeout(unsigned long *word, int bit, unsigned int mode,
				      unsigned long timeout)
{
	might_sleep();
	if (!test_bit_acquire(bit, word))
		return 0;
	return out_of_line_wait_on_bit_timeout(word, bit, bit_wait_timeout, mode, timeout);
}

static inline int wait_on_bit_action(unsigned long *word, int bit, wait_bit_action_f *action,
				     unsigned int mode)
{
	might_sleep();
	if (!test_bit_acquire(bit, word))
		return 0;
	return out_of_line_wait_on_bit(word, bit, action, mode);
}

static inline int wait_on_bit_lock(unsigned long *word, int bit, unsigned int mode)
{
	might_sleep();
	if (!test_and_set_bit(bit, word))
		return 0;
	return out_of_line_wait_on_bit_lock(word, bit, bit_wait, mode);
}

static inline int wait_on_bit_lock_io(unsigned long *word, int bit, unsigned int mode)
{
	might_sleep();
	if (!test_and_set_bit(bit, word))
		return 0;
	return out_of_line_wait_on_bit_lock(word, bit, bit_wait_io, mode);
}

static inline void clear_and_wake_up_bit(int bit, unsigned long *word)
{
	clear_bit_unlock(bit, word);
	wake_up_bit(word, bit);
}

static inline bool test_and_clear_wake_up_bit(int bit, unsigned long *word)
{
	if (!test_and_clear_bit(bit, word))
		return false;
	wake_up_bit(word, bit);
	return true;
}

/* As uwq_wait_until() of wait.h, in the queue that all variables share. */
#define uwq_wait_var(var, condition, state, sleep) __extension__		\
({										\
	struct wait_queue_head *uwq_var_head = __var_waitqueue(var);		\
	struct wait_bit_queue_entry uwq_var_entry;				\
	long uwq_err;								\
										\
	init_wait_var_entry(&uwq_var_entry, (var), 0);				\
	for (;;) {								\
		uwq_err = prepare_to_wait_event(uwq_var_head, &uwq_var_entry.wq_entry, (state)); \
		if (condition) {						\
			uwq_err = 0;						\
			break;							\
		}								\
		if (uwq_err)							\
			break;							\
		sleep;								\
	}									\
	finish_wait(uwq_var_head, &uwq_var_entry.wq_entry);			\
	uwq_err;								\
})

#define wait_var_event(var, condition)						\
do {										\
	might_sleep();								\
	if (!(condition))							\
		(void)uwq_wait_var(var, condition, TASK_UNINTERRUPTIBLE, schedule()); \
} while (0)

#define wait_var_event_killable(var, condition) __extension__			\
({										\
	int uwq_wait_ret = 0;							\
										\
	might_sleep();								\
	if (!(condition))							\
		uwq_wait_ret = (int)uwq_wait_var(var, condition, TASK_KILLABLE, schedule()); \
	uwq_wait_ret;								\
})

#define wait_var_event_interruptible(var, condition) __extension__		\
({										\
	int uwq_wait_ret = 0;							\
										\
	might_sleep();								\
	if (!(condition))							\
		uwq_wait_ret = (int)uwq_wait_var(var, condition, TASK_INTERRUPTIBLE, schedule()); \
	uwq_wait_ret;								\
})

#define wait_var_event_timeout(var, condition, timeout) __extension__		\
({										\
	long uwq_left = (timeout);						\
	bool uwq_met = false;							\
										\
	might_sleep();								\
	(void)uwq_wait_var(var, (uwq_met = !!(condition)) || !uwq_left, TASK_UNINTERRUPTIBLE, \
			   uwq_left = schedule_timeout(uwq_left));		\
	uwq_met && !uwq_left ? 1 : uwq_left;					\
})

#endif

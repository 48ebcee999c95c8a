/* SPDX-License-Identifier: MIT */
/*
 * wait_event.h - the wait_event() family of linux/wait.h
 *
 * Two macros make them all. uwq_wait_until() sleeps by the statement it is
 * given until the condition holds or a signal ends it; uwq_wait_until_timeout()
 * does the same with a number of jiffies. A form that drops a lock does so in
 * its sleep statement.
 *
 * The condition is evaluated after the task is queued and its state is set, so
 * it must not sleep. On the way out it has been seen true, or a signal or the
 * time ended the wait.
 */
#ifndef UWQ_WAIT_EVENT_H
#define UWQ_WAIT_EVENT_H

/* 0, or -ERESTARTSYS when a signal came before the condition was true */
#define uwq_wait_until(wq, condition, state, exclusive, sleep) __extension__	\
({										\
	struct wait_queue_entry uwq_entry;					\
	long uwq_err;								\
										\
	init_wait_entry(&uwq_entry, (exclusive) ? WQ_FLAG_EXCLUSIVE : 0);	\
	for (;;) {								\
		uwq_err = prepare_to_wait_event(&(wq), &uwq_entry, (state));	\
		if (condition) {						\
			uwq_err = 0;						\
			break;							\
		}								\
		if (uwq_err)							\
			break;							\
		sleep;								\
	}									\
	finish_wait(&(wq), &uwq_entry);						\
	uwq_err;								\
})

/*
 * Jiffies left (at least 1) once the condition holds, 0 when time ran out, or
 * -ERESTARTSYS. @before and @after stand around each sleep.
 */
#define uwq_wait_until_timeout(wq, condition, state, exclusive, timeout, before, after)	\
__extension__ ({									\
	long uwq_left = (timeout);						\
	bool uwq_met = false;							\
	long uwq_sig = uwq_wait_until(wq, (uwq_met = !!(condition)) || !uwq_left, state, \
				      exclusive,				\
				      before; uwq_left = schedule_timeout(uwq_left); after); \
										\
	if (uwq_met && !uwq_left)						\
		uwq_left = 1;							\
	uwq_sig ? uwq_sig : uwq_left;						\
})

#define wait_event(wq_head, condition)						\
do {										\
	might_sleep();								\
	if (!(condition))							\
		(void)uwq_wait_until(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, schedule()); \
} while (0)

#define io_wait_event(wq_head, condition)					\
do {										\
	might_sleep();								\
	if (!(condition))							\
		(void)uwq_wait_until(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, io_schedule()); \
} while (0)

#define wait_event_idle(wq_head, condition)					\
do {										\
	might_sleep();								\
	if (!(condition))							\
		(void)uwq_wait_until(wq_head, condition, TASK_IDLE, 0, schedule()); \
} while (0)

#define wait_event_idle_exclusive(wq_head, condition)				\
do {										\
	might_sleep();								\
	if (!(condition))							\
		(void)uwq_wait_until(wq_head, condition, TASK_IDLE, 1, schedule()); \
} while (0)

#define wait_event_exclusive_cmd(wq_head, condition, cmd1, cmd2)		\
do {										\
	if (!(condition))							\
		(void)uwq_wait_until(wq_head, condition, TASK_UNINTERRUPTIBLE, 1, \
				     cmd1; schedule(); cmd2);			\
} while (0)

#define wait_event_cmd(wq_head, condition, cmd1, cmd2)				\
do {										\
	if (!(condition))							\
		(void)uwq_wait_until(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, \
				     cmd1; schedule(); cmd2);			\
} while (0)

#define uwq_wait_or_signal(wq_head, condition, state, exclusive, sleep) __extension__ \
({										\
	int uwq_wait_ret = 0;							\
										\
	might_sleep();								\
	if (!(condition))							\
		uwq_wait_ret = (int)uwq_wait_until(wq_head, condition, state, exclusive, sleep); \
	uwq_wait_ret;								\
})

#define wait_event_interruptible(wq_head, condition)				\
	uwq_wait_or_signal(wq_head, condition, TASK_INTERRUPTIBLE, 0, schedule())
#define wait_event_interruptible_exclusive(wq_head, condition)			\
	uwq_wait_or_signal(wq_head, condition, TASK_INTERRUPTIBLE, 1, schedule())
#define wait_event_killable(wq_head, condition)					\
	uwq_wait_or_signal(wq_head, condition, TASK_KILLABLE, 0, schedule())
#define wait_event_killable_exclusive(wq_head, condition)			\
	uwq_wait_or_signal(wq_head, condition, TASK_KILLABLE, 1, schedule())
#define wait_event_state(wq_head, condition, state)				\
	uwq_wait_or_signal(wq_head, condition, state, 0, schedule())

/* What all timeout forms share: a look first, then a wait if there is time. */
#define uwq_wait_timeout(wq_head, condition, state, exclusive, timeout, before, after)	\
__extension__ ({									\
	long uwq_wait_ret = (timeout);						\
										\
	might_sleep();								\
	if (condition)								\
		uwq_wait_ret = uwq_wait_ret ? uwq_wait_ret : 1;			\
	else if (uwq_wait_ret)							\
		uwq_wait_ret = uwq_wait_until_timeout(wq_head, condition, state, exclusive, \
						      uwq_wait_ret, before, after); \
	uwq_wait_ret;								\
})

#define wait_event_timeout(wq_head, condition, timeout)				\
	uwq_wait_timeout(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, timeout, , )
#define wait_event_interruptible_timeout(wq_head, condition, timeout)		\
	uwq_wait_timeout(wq_head, condition, TASK_INTERRUPTIBLE, 0, timeout, , )
#define wait_event_killable_timeout(wq_head, condition, timeout)		\
	uwq_wait_timeout(wq_head, condition, TASK_KILLABLE, 0, timeout, , )
#define wait_event_idle_timeout(wq_head, condition, timeout)			\
	uwq_wait_timeout(wq_head, condition, TASK_IDLE, 0, timeout, , )
#define wait_event_idle_exclusive_timeout(wq_head, condition, timeout)		\
	uwq_wait_timeout(wq_head, condition, TASK_IDLE, 1, timeout, , )

/* These are called with the lock held, drop it to sleep, and return with it held. */
#define wait_event_lock_irq_cmd(wq_head, condition, lock, cmd)			\
do {										\
	if (!(condition))							\
		(void)uwq_wait_until(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, \
				     spin_unlock_irq(&(lock)); cmd; schedule();	\
				     spin_lock_irq(&(lock)));			\
} while (0)

#define wait_event_lock_irq(wq_head, condition, lock)				\
	wait_event_lock_irq_cmd(wq_head, condition, lock, )

#define wait_event_interruptible_lock_irq_cmd(wq_head, condition, lock, cmd) __extension__ \
({										\
	int uwq_wait_ret = 0;							\
										\
	if (!(condition))							\
		uwq_wait_ret = (int)uwq_wait_until(wq_head, condition, TASK_INTERRUPTIBLE, 0, \
						   spin_unlock_irq(&(lock)); cmd; schedule(); \
						   spin_lock_irq(&(lock)));	\
	uwq_wait_ret;								\
})

#define wait_event_interruptible_lock_irq(wq_head, condition, lock)		\
	wait_event_interruptible_lock_irq_cmd(wq_head, condition, lock, )

#define uwq_wait_timeout_lock_irq(wq_head, condition, lock, timeout, state) __extension__ \
({										\
	long uwq_wait_ret = (timeout);						\
										\
	if (condition)								\
		uwq_wait_ret = uwq_wait_ret ? uwq_wait_ret : 1;			\
	else if (uwq_wait_ret)							\
		uwq_wait_ret = uwq_wait_until_timeout(wq_head, condition, state, 0, \
						      uwq_wait_ret,		\
						      spin_unlock_irq(&(lock)),	\
						      spin_lock_irq(&(lock)));	\
	uwq_wait_ret;								\
})

#define wait_event_lock_irq_timeout(wq_head, condition, lock, timeout)		\
	uwq_wait_timeout_lock_irq(wq_head, condition, lock, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_lock_irq_timeout(wq_head, condition, lock, timeout) \
	uwq_wait_timeout_lock_irq(wq_head, condition, lock, timeout, TASK_INTERRUPTIBLE)

/* The queue's own lock is held, and dropped to sleep. */
#define uwq_wait_locked(wq, condition, exclusive, step) __extension__		\
({										\
	struct wait_queue_entry uwq_entry;					\
	int uwq_wait_ret = 0;							\
										\
	init_wait_entry(&uwq_entry, (exclusive) ? WQ_FLAG_EXCLUSIVE : 0);	\
	while (!(condition) && !uwq_wait_ret)					\
		uwq_wait_ret = step(&(wq), &uwq_entry);				\
	__remove_wait_queue(&(wq), &uwq_entry);					\
	__set_current_state(TASK_RUNNING);					\
	uwq_wait_ret;								\
})

#define wait_event_interruptible_locked(wq, condition)				\
	((condition) ? 0 : uwq_wait_locked(wq, condition, 0, do_wait_intr))
#define wait_event_interruptible_locked_irq(wq, condition)			\
	((condition) ? 0 : uwq_wait_locked(wq, condition, 0, do_wait_intr_irq))
#define wait_event_interruptible_exclusive_locked(wq, condition)		\
	((condition) ? 0 : uwq_wait_locked(wq, condition, 1, do_wait_intr))
#define wait_event_interruptible_exclusive_locked_irq(wq, condition)		\
	((condition) ? 0 : uwq_wait_locked(wq, condition, 1, do_wait_intr_irq))

/* @timeout is a ktime_t; 0 when the condition held, -ETIME when time ran out first. */
#define uwq_wait_hrtimeout(wq_head, condition, timeout, state) __extension__	\
({										\
	s64 uwq_until = uwq_hr_deadline(timeout);				\
	bool uwq_met = false;							\
	bool uwq_late = false;							\
	int uwq_wait_ret;							\
										\
	might_sleep();								\
	uwq_wait_ret = (condition) ? (uwq_met = true, 0) :			\
		(int)uwq_wait_until(wq_head, (uwq_met = !!(condition)) || uwq_late, state, 0, \
				    uwq_late = uwq_schedule_until(uwq_until));	\
	!uwq_met && !uwq_wait_ret ? -ETIME : uwq_wait_ret;			\
})

#define wait_event_hrtimeout(wq_head, condition, timeout)			\
	uwq_wait_hrtimeout(wq_head, condition, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_hrtimeout(wq, condition, timeout)		\
	uwq_wait_hrtimeout(wq, condition, timeout, TASK_INTERRUPTIBLE)

UWQ_API_BEGIN
s64 uwq_hr_deadline(s64 timeout);
bool uwq_schedule_until(s64 deadline);
void uwq_freezable_begin(void);
void uwq_freezable_end(void);
UWQ_API_END

#define uwq_freezable_wait(type, wait) __extension__			\
	({								\
		type freezable_ret_;					\
									\
		uwq_freezable_begin();					\
		freezable_ret_ = (wait);				\
		uwq_freezable_end();					\
		freezable_ret_;						\
	})

/*
 * As wait_event_interruptible() and its kin, but a kthread that waits so counts as frozen
 * (linux/freezer.h). Differs from Linux: the condition may be looked at while frozen, only
 * the return waits for the thaw.
 */
#define wait_event_freezable(wq, condition)				\
	uwq_freezable_wait(int, wait_event_interruptible(wq, condition))
#define wait_event_freezable_timeout(wq, condition, timeout)		\
	uwq_freezable_wait(long, wait_event_interruptible_timeout(wq, condition, timeout))
#define wait_event_freezable_exclusive(wq, condition)			\
	uwq_freezable_wait(int, wait_event_interruptible_exclusive(wq, condition))
#define wait_event_freezekillable(wq, condition)			\
	uwq_freezable_wait(int, wait_event_killable(wq, condition))
#define wait_event_freezekillable_unsafe(wq, condition)			\
	wait_event_freezekillable(wq, condition)

#endif

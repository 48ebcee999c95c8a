/* SPDX-License-Identifier: MIT */
/*
 * fork.h - what a room does when the process forks
 *
 * A room is one function that is called with three steps. At FORK_PREPARE it takes its
 * locks, so that what they cover is whole at the moment of the fork. At FORK_PARENT it
 * gives them back and changes nothing else. At FORK_CHILD it forgets the threads that
 * do not exist any more, and gives the locks back. Only the calling thread exists then;
 * nothing may be logged, and no thread started: many children only call exec().
 */
#ifndef UWQ_KERNEL_COMPAT_FORK_H
#define UWQ_KERNEL_COMPAT_FORK_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel-compat/futex_lock.h"

struct mutex;
struct rw_semaphore;
struct timer_list;
struct rcu_head;

enum fork_step {
	FORK_PREPARE,
	FORK_PARENT,
	FORK_CHILD,
};

typedef void (*fork_room)(enum fork_step step);

/* How often this process is a child: a thread that finds it changed was another's. */
extern uint32_t uwq_fork_generation;

/*
 * The floor above: @mutexes is called before the gate is closed, and takes locks whose
 * holders may sleep; @locks after it, and takes short ones.
 */
void fork_engine_rooms(fork_room mutexes, fork_room locks);

/* For the three steps of one lock. A lock that cannot be had is left alone. */
void fork_step_lock(struct futex_lock *lock, enum fork_step step);

/* The same for a mutex. One that the forking thread holds itself stays held. */
void fork_step_mutex(struct mutex *lock, enum fork_step step);

/* In the child: dead threads neither hold @lock nor sleep for it. In mutex.c. */
void mutex_fork_child(struct mutex *lock);

/*
 * In the child, after a function of the user's that forked has returned to a thread of
 * the library: there is nothing to return to. Ends the process with status 0.
 */
void fork_end_child(void) __attribute__((__noreturn__));

/* ---- the rooms of kernel-compat ---- */

void futex_fork(enum fork_step step);
void rcu_fork_grace_period(enum fork_step step);
void rcu_fork_readers(enum fork_step step);
void rcu_fork_callbacks(enum fork_step step);
void srcu_fork(enum fork_step step);
void timer_fork(enum fork_step step);
void hrtimer_fork(enum fork_step step);
void task_fork(enum fork_step step);
void kthread_fork(enum fork_step step);
void module_fork(enum fork_step step);
void class_fork(enum fork_step step);
void bus_fork(enum fork_step step);
void sysfs_fork(enum fork_step step);
void param_fork(enum fork_step step);
void cpu_fork(enum fork_step step);
void cpu_allowed_fork(enum fork_step step);
void cpuhp_fork(enum fork_step step);
void topology_fork(enum fork_step step);
void percpu_fork(enum fork_step step);
void printk_fork(enum fork_step step);
void log_sink_fork(enum fork_step step);
void warn_fork(enum fork_step step);
void ledger_fork(enum fork_step step);
void wait_bit_fork(enum fork_step step);
void freezer_fork(enum fork_step step);
void random_fork(enum fork_step step);
void thread_stack_fork(enum fork_step step);

/*
 * The forking thread has to wait for somebody who may wait for RCU readers: end its
 * reader, if it is in one, until the fork is over.
 */
void rcu_fork_leave_reader(void);
/* It is over. True: there was one. */
bool rcu_fork_resume_reader(void);

/* ---- questions of the engine at FORK_CHILD, before the rooms above are asked ---- */

/* Every timer with callback @func that is armed, or whose callback did not begin. */
void timer_fork_each(void (*func)(struct timer_list *timer),
		     void (*fn)(struct timer_list *timer));

/* Take all heads with callback @func off the list that did not begin; call @fn for each. */
void rcu_fork_take(void (*func)(struct rcu_head *head), void (*fn)(struct rcu_head *head));

#endif

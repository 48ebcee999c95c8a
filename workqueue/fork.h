/* SPDX-License-Identifier: MIT */
/*
 * fork.h - what the engine's files do when the process forks, see fork.c
 */
#ifndef UWQ_WORKQUEUE_FORK_H
#define UWQ_WORKQUEUE_FORK_H

#include "kernel-compat/fork.h"

struct work_struct;
struct workqueue_struct;

void wq_fork_init(void);

/* The steps of what the files keep to themselves. */
void manager_fork(enum fork_step step);
void sampler_fork(enum fork_step step);
void node_active_fork(enum fork_step step);
void rescuers_fork(enum fork_step step);
void worker_table_fork(enum fork_step step);
void pwq_fork(enum fork_step step);
void cpu_intensive_fork(enum fork_step step);
void trace_fork(enum fork_step step);
void exit_fork(enum fork_step step);
void tasklets_fork(enum fork_step step);
void rcu_works_fork_child(void);
void bh_fork_child(void);
void hotplug_fork_child(void);
void deadlock_fork_child(void);
void watchdog_fork_child(void);
void sysfs_fork_child(void);
void node_accounts_fork_child(struct workqueue_struct *wq);

/* In the child: @work was pending by the doing of threads that do not exist. */
void work_fork_idle(struct work_struct *work);

#endif

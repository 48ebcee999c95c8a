/* SPDX-License-Identifier: MIT */
/*
 * kthread.h - kernel threads: start, stop, park, bind
 *
 * A kthread is a thread of this process that runs one function. It is made
 * asleep; wake_up_process() starts it, and kthread_run() does both. It ends when
 * its function returns, usually after kthread_should_stop() said so.
 *
 * The task belongs to the thread: once it ends by itself, pointers to it are
 * stale. Who wants to call kthread_stop() on a thread that may have ended keeps
 * a reference (get_task_struct(), kthread_stop_put()).
 *
 * Differs from Linux: names in ps(1) are cut at 15 bytes (TASK_COMM_LEN), as
 * there. @node only says where the caller would like the memory. kthread_stop()
 * of a task that is already dead and unreferenced is reported and answered
 * with -ESRCH, as far as it can be told. Freezing and blkcg forms are absent.
 */
#ifndef UWQ_LINUX_KTHREAD_H
#define UWQ_LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>
#include <uwq/api.h>

struct completion;

UWQ_API_BEGIN

__attribute__((__format__(__printf__, 4, 5)))
struct task_struct *kthread_create_on_node(int (*threadfn)(void *data), void *data, int node,
					   const char namefmt[], ...);
struct task_struct *kthread_create_on_cpu(int (*threadfn)(void *data), void *data,
					  unsigned int cpu, const char *namefmt);

void kthread_bind(struct task_struct *k, unsigned int cpu);
void kthread_bind_mask(struct task_struct *k, const struct cpumask *mask);
void kthread_set_per_cpu(struct task_struct *k, int cpu);
bool kthread_is_per_cpu(struct task_struct *k);

int kthread_stop(struct task_struct *k);
int kthread_stop_put(struct task_struct *k);
bool kthread_should_stop(void);
bool __kthread_should_park(struct task_struct *k);
bool kthread_should_park(void);
bool kthread_should_stop_or_park(void);
int kthread_park(struct task_struct *k);
void kthread_unpark(struct task_struct *k);
void kthread_parkme(void);

void *kthread_func(struct task_struct *k);
void *kthread_data(struct task_struct *k);
void *kthread_probe_data(struct task_struct *k);

void __attribute__((__noreturn__)) kthread_exit(long result);
void __attribute__((__noreturn__)) kthread_complete_and_exit(struct completion *comp, long code);

UWQ_API_END

#define kthread_create(threadfn, data, namefmt, arg...) \
	kthread_create_on_node(threadfn, data, -1, namefmt, ##arg)

/* Create and start; the task, or ERR_PTR() */
#define kthread_run(threadfn, data, namefmt, ...) __extension__			\
({										\
	struct task_struct *uwq_made = kthread_create(threadfn, data, namefmt, ##__VA_ARGS__); \
										\
	if (!IS_ERR(uwq_made))							\
		wake_up_process(uwq_made);					\
	uwq_made;								\
})

/* @namefmt has one %u (or %d) for the CPU */
static inline struct task_struct *kthread_run_on_cpu(int (*threadfn)(void *data), void *data,
						     unsigned int cpu, const char *namefmt)
{
	struct task_struct *task = kthread_create_on_cpu(threadfn, data, cpu, namefmt);

	if (!IS_ERR(task))
		wake_up_process(task);
	return task;
}

#if __has_include(<linux/kthread_worker.h>)
#include <linux/kthread_worker.h>
#endif

#endif

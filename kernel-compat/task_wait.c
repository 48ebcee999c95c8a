// SPDX-License-Identifier: MIT
/*
 * task_wait.c - saying and reading what tasks wait for, see task_wait.h
 *
 * Locks: none. A task writes its own record with release, everybody reads with acquire.
 */
#define KBUILD_MODNAME "uwq"
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "kernel-compat/completion_internal.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/time_internal.h"

bool deadlock_check = true;
unsigned int deadlock_after_ms = 250;
void (*task_wait_looker)(void);		/* A */

module_param(deadlock_check, bool, 0644);
MODULE_PARM_DESC(deadlock_check, "find out why waits do not end, and report deadlocks");
module_param(deadlock_after_ms, uint, 0644);
MODULE_PARM_DESC(deadlock_after_ms, "how long a task waits before it asks why; then twice that");

/* Deadlines of waits that begin later than a change of the parameters follow it. */
static void next_look_at(struct task_wait_watch *watch, u64 from, unsigned int times)
{
	unsigned int ms = READ_ONCE(deadlock_after_ms);

	watch->next = 0;
	if (!READ_ONCE(deadlock_check))
		return;
	watch->next = from + (u64)(ms ? ms : 1) * times * 1000000;
	watch->until = uwq_deadline_ns(watch->next);
}

struct uwq_task_wait *task_wait_open(struct task_wait_watch *watch)
{
	struct uwq_task_wait *mine = &current->wait;

	watch->next = 0;
	watch->recorded = !(mine->gen & 1);
	return watch->recorded ? mine : NULL;
}

void task_wait_publish(struct task_wait_watch *watch)
{
	struct uwq_task_wait *mine = &current->wait;
	u64 now;

	if (!watch->recorded)
		return;
	now = uwq_mono_ns();
	task_wait_set(mine, since, now);
	task_wait_set(mine, gen, mine->gen + 1);
	next_look_at(watch, now, 1);
}

void task_wait_set_name(struct uwq_task_wait *wait, const char *name)
{
	u64 words[ARRAY_SIZE(wait->name)];

	memcpy(words, name, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		task_wait_set(wait, name[i], words[i]);
}

void task_wait_begin(struct task_wait_watch *watch, enum task_wait_kind kind, const char *call,
		     const void *object, struct task_struct *task)
{
	struct uwq_task_wait *mine = task_wait_open(watch);

	if (!mine)
		return;
	task_wait_set(mine, kind, kind);
	task_wait_set(mine, call, call);
	task_wait_set(mine, object, object);
	task_wait_set(mine, task, task);
	task_wait_set(mine, task_gen, 0);
	task_wait_publish(watch);
}

void task_wait_end(struct task_wait_watch *watch)
{
	struct uwq_task_wait *mine = &current->wait;

	if (watch->recorded)
		task_wait_set(mine, gen, mine->gen + 1);
}

/*
 * The owner never changes within one number: a lock that changed hands makes it a new
 * wait. Only task_gen is corrected in place.
 */
void task_wait_see_owner(struct task_wait_watch *watch, struct task_struct *const *ownerp)
{
	struct uwq_task_wait *mine = &current->wait;
	struct task_struct *owner;
	unsigned long gen;

	if (!watch->recorded)
		return;
	do {
		owner = __atomic_load_n(ownerp, __ATOMIC_ACQUIRE);
		/*
		 * OWNER/1: the owner's wait, then the owner once more. Pairs with
		 * OWNER/2: a task takes its name out of a lock before it gives the
		 * lock back, and so before it publishes a later wait.
		 * Forbids: it seems to own the lock during a wait that came after.
		 * Test: deadlocks_are_explained.c
		 */
		gen = owner ? task_wait_get(&owner->wait, gen) : 0;
	} while (__atomic_load_n(ownerp, __ATOMIC_ACQUIRE) != owner);

	if (owner != mine->task) {
		task_wait_set(mine, gen, mine->gen + 1);
		task_wait_set(mine, task, owner);
		task_wait_set(mine, task_gen, gen);
		task_wait_set(mine, gen, mine->gen + 1);
		if (owner == current)
			gen = mine->gen;
	}
	task_wait_set(mine, task_gen, gen);
}

void task_wait_look(struct task_wait_watch *watch)
{
	void (*looker)(void) = __atomic_load_n(&task_wait_looker, __ATOMIC_ACQUIRE);

	if (looker)
		looker();
	next_look_at(watch, uwq_mono_ns(), 2);
}

bool task_wait_read(struct task_struct *task, struct uwq_task_wait *wait)
{
	struct uwq_task_wait *from = &task->wait;

	wait->gen = task_wait_get(from, gen);
	if (!(wait->gen & 1))
		return false;
	wait->kind = task_wait_get(from, kind);
	wait->call = task_wait_get(from, call);
	wait->object = task_wait_get(from, object);
	wait->task = task_wait_get(from, task);
	wait->task_gen = task_wait_get(from, task_gen);
	wait->func = task_wait_get(from, func);
	wait->place = task_wait_get(from, place);
	wait->mark = task_wait_get(from, mark);
	for (size_t i = 0; i < ARRAY_SIZE(wait->name); i++)
		wait->name[i] = task_wait_get(from, name[i]);
	wait->since = task_wait_get(from, since);
	wait->told = task_wait_get(from, told);
	return task_wait_get(from, gen) == wait->gen;
}

void task_wait_for_completion(struct completion *x, enum task_wait_kind kind, const char *call,
			      const void *object, struct task_struct *task)
{
	struct task_wait_watch watch;

	if (try_wait_for_completion(x) || completion_spin(x))
		return;
	task_wait_begin(&watch, kind, call, object, task);
	while (!completion_wait_until(x, task_wait_until(&watch)))
		task_wait_look(&watch);
	task_wait_end(&watch);
}

// SPDX-License-Identifier: MIT
/*
 * cpuhp_states.c - who is called when a CPU comes or goes
 *
 * A table with a pair of functions for each state. cpu_hotplug.c walks through it for one
 * CPU; here functions are registered and taken away, and called at that moment for
 * the CPUs that have passed their state.
 *
 * Locks: cpu_hotplug_lock > step_lock. The former is held for reading while the table
 * changes, so no CPU moves meanwhile.
 * Differs from Linux: see linux/cpuhotplug.h.
 */
#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "kernel-compat/cpu_internal.h"
#include "kernel-compat/cpuhp_states.h"
#include "kernel-compat/fork.h"

typedef int (*step_fn)(unsigned int cpu);
typedef int (*instance_fn)(unsigned int cpu, struct hlist_node *node);

struct step {
	const char *name;		/* NULL = free */
	step_fn startup, teardown;	/* instance_fn if multi */
	bool multi;
	struct hlist_head instances;
};

static struct step steps[CPUHP_ONLINE + 1];	/* step_lock and cpu_hotplug_lock */
static DEFINE_MUTEX(step_lock);

enum cpuhp_state cpuhp_state_of[NR_CPUS];

/* Is it one whose functions run on the CPU? */
static bool runs_there(enum cpuhp_state state)
{
	return state > CPUHP_BRINGUP_CPU;
}

static int call_one(const struct step *step, unsigned int cpu, bool up, struct hlist_node *node)
{
	step_fn fn = up ? step->startup : step->teardown;
	int ret;

	if (!fn)
		return 0;
	if (!runs_there((enum cpuhp_state)(step - steps)))
		return step->multi ? ((instance_fn)(void *)fn)(cpu, node) : fn(cpu);
	task_stand_on((int)cpu);
	ret = step->multi ? ((instance_fn)(void *)fn)(cpu, node) : fn(cpu);
	task_stand_on(-1);
	return ret;
}

/* All instances; when one fails, those before it are taken back. */
static int call_instances(const struct step *step, unsigned int cpu, bool up)
{
	struct hlist_node *node, *undo;
	int ret;

	hlist_for_each(node, &step->instances) {
		ret = call_one(step, cpu, up, node);
		if (!ret)
			continue;
		hlist_for_each(undo, &step->instances) {
			if (undo == node)
				break;
			WARN_ON_ONCE(call_one(step, cpu, !up, undo));
		}
		return ret;
	}
	return 0;
}

int cpuhp_call(unsigned int cpu, enum cpuhp_state state, bool up)
{
	const struct step *step = &steps[state];

	if (!step->name)
		return 0;
	return step->multi ? call_instances(step, cpu, up) : call_one(step, cpu, up, NULL);
}

/* For the CPUs that have passed @state; @node NULL: all instances. Undone when one fails. */
static int call_for_present(enum cpuhp_state state, bool up, struct hlist_node *node)
{
	const struct step *step = &steps[state];
	unsigned int cpu, undo;
	int ret;

	for_each_present_cpu(cpu) {
		if (cpuhp_state_of[cpu] < state)
			continue;
		ret = node ? call_one(step, cpu, up, node) : cpuhp_call(cpu, state, up);
		if (!ret)
			continue;
		if (WARN(!up, "cpuhp: teardown of %s for CPU %u failed (%d); ignored\n",
			 step->name, cpu, ret))
			continue;
		for_each_present_cpu(undo) {
			if (undo == cpu)
				break;
			if (cpuhp_state_of[undo] >= state && node)
				call_one(step, undo, false, node);
			else if (cpuhp_state_of[undo] >= state)
				cpuhp_call(undo, state, false);
		}
		return ret;
	}
	return 0;
}

static bool is_dynamic(enum cpuhp_state state)
{
	return state == CPUHP_AP_ONLINE_DYN || state == CPUHP_BP_PREPARE_DYN;
}

/* The state itself, or a free one of its range. */
static int reserve(enum cpuhp_state state)
{
	enum cpuhp_state last = state;
	bool dynamic = is_dynamic(state);

	if (state == CPUHP_AP_ONLINE_DYN)
		last = CPUHP_AP_ONLINE_DYN_END;
	else if (state == CPUHP_BP_PREPARE_DYN)
		last = CPUHP_BP_PREPARE_DYN_END;
	for (; state <= last; state++)
		if (!steps[state].name)
			return (int)state;
	return dynamic ? -ENOSPC : -EBUSY;
}

/**
 * __cpuhp_setup_state_cpuslocked - register functions, behind cpuhp_setup_state() and kin
 * @state: when; CPUHP_BP_PREPARE_DYN and CPUHP_AP_ONLINE_DYN stand for any free one there
 * @name: for messages; lives as long as the registration
 * @invoke: call @startup now for the CPUs that are there
 * @startup: for a CPU that comes; may be NULL
 * @teardown: for one that goes; may be NULL
 * @multi_instance: the functions take an instance, see __cpuhp_state_add_instance()
 *
 * Context: May sleep; cpus_read_lock() held.
 * Return: 0, the number of a dynamic state; -EINVAL for a state without functions or no
 * name, -EBUSY: the state is taken, -ENOSPC: no dynamic one is free; or what @startup
 * said, then nothing is registered and CPUs already served were torn down.
 */
int __cpuhp_setup_state_cpuslocked(enum cpuhp_state state, const char *name, bool invoke,
				   int (*startup)(unsigned int cpu),
				   int (*teardown)(unsigned int cpu), bool multi_instance)
{
	bool dynamic = is_dynamic(state);
	int ret;

	lockdep_assert_cpus_held();
	if (state <= CPUHP_OFFLINE || state >= CPUHP_ONLINE || state == CPUHP_BRINGUP_CPU || !name)
		return -EINVAL;
	mutex_lock(&step_lock);
	ret = reserve(state);
	if (ret < 0)
		goto unlock;
	state = (enum cpuhp_state)ret;
	steps[state] = (struct step){ name, startup, teardown, multi_instance, { NULL } };
	ret = invoke ? call_for_present(state, true, NULL) : 0;
	if (ret)
		steps[state].name = NULL;
	else if (dynamic)
		ret = (int)state;
unlock:
	mutex_unlock(&step_lock);
	return ret;
}
EXPORT_SYMBOL(__cpuhp_setup_state_cpuslocked);

/* The same, takes cpus_read_lock() itself. */
int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke,
			int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu),
			bool multi_instance)
{
	int ret;

	cpus_read_lock();
	ret = __cpuhp_setup_state_cpuslocked(state, name, invoke, startup, teardown,
					     multi_instance);
	cpus_read_unlock();
	return ret;
}
EXPORT_SYMBOL(__cpuhp_setup_state);

/**
 * __cpuhp_remove_state_cpuslocked - take functions away, behind cpuhp_remove_state() and kin
 * @state: what registering returned, or the fixed state
 * @invoke: call the teardown function now for the CPUs that are there
 *
 * Context: May sleep; cpus_read_lock() held. None of the functions is called afterwards.
 */
void __cpuhp_remove_state_cpuslocked(enum cpuhp_state state, bool invoke)
{
	lockdep_assert_cpus_held();
	if (WARN(state <= CPUHP_OFFLINE || state >= CPUHP_ONLINE || !steps[state].name,
		 "cpuhp: state %d is not registered\n", (int)state))
		return;
	mutex_lock(&step_lock);
	if (!WARN(steps[state].multi && !hlist_empty(&steps[state].instances),
		  "cpuhp: state %d (%s) still has instances; not removed\n", (int)state,
		  steps[state].name)) {
		if (invoke)
			call_for_present(state, false, NULL);
		steps[state].name = NULL;
	}
	mutex_unlock(&step_lock);
}
EXPORT_SYMBOL(__cpuhp_remove_state_cpuslocked);

void __cpuhp_remove_state(enum cpuhp_state state, bool invoke)
{
	cpus_read_lock();
	__cpuhp_remove_state_cpuslocked(state, invoke);
	cpus_read_unlock();
}
EXPORT_SYMBOL(__cpuhp_remove_state);

static bool takes_instances(enum cpuhp_state state)
{
	return state > CPUHP_OFFLINE && state < CPUHP_ONLINE && steps[state].name &&
	       steps[state].multi;
}

/**
 * __cpuhp_state_add_instance_cpuslocked - one more for a state with instances
 * @state: registered by cpuhp_setup_state_multi()
 * @node: in the caller's structure, which finds itself by container_of()
 * @invoke: call the startup function now for the CPUs that are there
 *
 * Context: May sleep; cpus_read_lock() held.
 * Return: 0, -EINVAL, or what the function said; then the instance was not added.
 */
int __cpuhp_state_add_instance_cpuslocked(enum cpuhp_state state, struct hlist_node *node,
					  bool invoke)
{
	int ret;

	lockdep_assert_cpus_held();
	if (!takes_instances(state))
		return -EINVAL;
	mutex_lock(&step_lock);
	ret = invoke ? call_for_present(state, true, node) : 0;
	if (!ret)
		hlist_add_head(node, &steps[state].instances);
	mutex_unlock(&step_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(__cpuhp_state_add_instance_cpuslocked);

int __cpuhp_state_add_instance(enum cpuhp_state state, struct hlist_node *node, bool invoke)
{
	int ret;

	cpus_read_lock();
	ret = __cpuhp_state_add_instance_cpuslocked(state, node, invoke);
	cpus_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(__cpuhp_state_add_instance);

/**
 * __cpuhp_state_remove_instance - take an instance away
 * @state: where it was added
 * @node: the instance
 * @invoke: call the teardown function now for the CPUs that are there
 *
 * Context: May sleep.
 * Return: 0 or -EINVAL.
 */
int __cpuhp_state_remove_instance(enum cpuhp_state state, struct hlist_node *node, bool invoke)
{
	int ret = -EINVAL;

	cpus_read_lock();
	if (takes_instances(state)) {
		mutex_lock(&step_lock);
		if (invoke)
			call_for_present(state, false, node);
		hlist_del(node);
		mutex_unlock(&step_lock);
		ret = 0;
	}
	cpus_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(__cpuhp_state_remove_instance);

/* The CPUs that are online at start have passed everything. After cpu.c's constructor. */
static void __attribute__((constructor(103))) begin_online(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		cpuhp_state_of[cpu] = CPUHP_ONLINE;
}

/* Not waited for: functions of the user's run under it. */
void cpuhp_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		mutex_fork_child(&step_lock);
}

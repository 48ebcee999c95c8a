/* SPDX-License-Identifier: MIT */
/*
 * cpuhotplug.h - being called when CPUs come and go
 *
 * A CPU that comes passes the states upwards, and each startup function registered
 * there is called; one that goes passes them downwards, with the teardown functions.
 * States below CPUHP_BRINGUP_CPU are about a CPU that is not online; their functions
 * run in the thread that changes the CPU. Those above run on the CPU itself: the thread
 * counts as being there (smp_processor_id()).
 *
 * A startup that fails is undone: the states passed so far are left again, downwards,
 * and the CPU does not come. A teardown that fails is undone likewise while the CPU is
 * still online; after that it is reported and ignored.
 *
 * Differs from Linux: CPUs change because add_cpu(), remove_cpu() or somebody outside
 * (taskset, a cpuset) says so. Functions "on the CPU" run in the thread of the caller.
 * There are only the states that something is registered for, and the dynamic ones; no
 * STARTING section, because there are no interrupts to be off.
 */
#ifndef UWQ_LINUX_CPUHOTPLUG_H
#define UWQ_LINUX_CPUHOTPLUG_H

#include <linux/types.h>
#include <uwq/api.h>

enum cpuhp_state {
	CPUHP_INVALID = -1,
	CPUHP_OFFLINE,
	CPUHP_CREATE_THREADS,
	CPUHP_SOFTIRQ_DEAD,
	CPUHP_WORKQUEUE_PREP,
	CPUHP_TIMERS_PREPARE,
	CPUHP_BP_PREPARE_DYN,
	CPUHP_BP_PREPARE_DYN_END	= CPUHP_BP_PREPARE_DYN + 20,
	CPUHP_BRINGUP_CPU,
	CPUHP_AP_ONLINE,
	CPUHP_AP_SMPBOOT_THREADS,
	CPUHP_AP_WORKQUEUE_ONLINE,
	CPUHP_AP_ONLINE_DYN,
	CPUHP_AP_ONLINE_DYN_END		= CPUHP_AP_ONLINE_DYN + 40,
	CPUHP_AP_ACTIVE,
	CPUHP_ONLINE,
};

UWQ_API_BEGIN

int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke,
			int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu),
			bool multi_instance);
int __cpuhp_setup_state_cpuslocked(enum cpuhp_state state, const char *name, bool invoke,
				   int (*startup)(unsigned int cpu),
				   int (*teardown)(unsigned int cpu), bool multi_instance);
void __cpuhp_remove_state(enum cpuhp_state state, bool invoke);
void __cpuhp_remove_state_cpuslocked(enum cpuhp_state state, bool invoke);

int __cpuhp_state_add_instance(enum cpuhp_state state, struct hlist_node *node, bool invoke);
int __cpuhp_state_add_instance_cpuslocked(enum cpuhp_state state, struct hlist_node *node,
					  bool invoke);
int __cpuhp_state_remove_instance(enum cpuhp_state state, struct hlist_node *node, bool invoke);

UWQ_API_END

/*
 * Register for a state, CPUHP_*_DYN for any free one. @startup is called for every CPU
 * that is there already, unless _nocalls. _cpuslocked: the caller has cpus_read_lock().
 * 0, for a dynamic state its number; -EBUSY, -ENOSPC, -EINVAL, or what @startup said.
 */
static inline int cpuhp_setup_state(enum cpuhp_state state, const char *name,
				    int (*startup)(unsigned int cpu),
				    int (*teardown)(unsigned int cpu))
{
	return __cpuhp_setup_state(state, name, true, startup, teardown, false);
}

static inline int cpuhp_setup_state_cpuslocked(enum cpuhp_state state, const char *name,
					       int (*startup)(unsigned int cpu),
					       int (*teardown)(unsigned int cpu))
{
	return __cpuhp_setup_state_cpuslocked(state, name, true, startup, teardown, false);
}

static inline int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
					    int (*startup)(unsigned int cpu),
					    int (*teardown)(unsigned int cpu))
{
	return __cpuhp_setup_state(state, name, false, startup, teardown, false);
}

static inline int cpuhp_setup_state_nocalls_cpuslocked(enum cpuhp_state state, const char *name,
						       int (*startup)(unsigned int cpu),
						       int (*teardown)(unsigned int cpu))
{
	return __cpuhp_setup_state_cpuslocked(state, name, false, startup, teardown, false);
}

/* Functions that are called for each of the instances, which are added one by one. */
static inline int cpuhp_setup_state_multi(enum cpuhp_state state, const char *name,
					  int (*startup)(unsigned int cpu, struct hlist_node *node),
					  int (*teardown)(unsigned int cpu,
							  struct hlist_node *node))
{
	return __cpuhp_setup_state(state, name, false, (int (*)(unsigned int))(void *)startup,
				   (int (*)(unsigned int))(void *)teardown, true);
}

static inline int cpuhp_state_add_instance(enum cpuhp_state state, struct hlist_node *node)
{
	return __cpuhp_state_add_instance(state, node, true);
}

static inline int cpuhp_state_add_instance_nocalls(enum cpuhp_state state,
						   struct hlist_node *node)
{
	return __cpuhp_state_add_instance(state, node, false);
}

static inline int cpuhp_state_add_instance_nocalls_cpuslocked(enum cpuhp_state state,
							      struct hlist_node *node)
{
	return __cpuhp_state_add_instance_cpuslocked(state, node, false);
}

static inline int cpuhp_state_remove_instance(enum cpuhp_state state, struct hlist_node *node)
{
	return __cpuhp_state_remove_instance(state, node, true);
}

static inline int cpuhp_state_remove_instance_nocalls(enum cpuhp_state state,
						      struct hlist_node *node)
{
	return __cpuhp_state_remove_instance(state, node, false);
}

/* Take functions away; @teardown is called for every CPU that is there, unless _nocalls. */
static inline void cpuhp_remove_state(enum cpuhp_state state)
{
	__cpuhp_remove_state(state, true);
}

static inline void cpuhp_remove_state_nocalls(enum cpuhp_state state)
{
	__cpuhp_remove_state(state, false);
}

static inline void cpuhp_remove_state_nocalls_cpuslocked(enum cpuhp_state state)
{
	__cpuhp_remove_state_cpuslocked(state, false);
}

/* Its instances are removed before. */
static inline void cpuhp_remove_multi_state(enum cpuhp_state state)
{
	__cpuhp_remove_state(state, false);
}

#endif

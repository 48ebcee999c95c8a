/* SPDX-License-Identifier: MIT */
/*
 * cpu_internal.h - what the files about CPUs share, and a topology that tests invent
 */
#ifndef UWQ_KERNEL_COMPAT_CPU_INTERNAL_H
#define UWQ_KERNEL_COMPAT_CPU_INTERNAL_H

#include <sys/types.h>

#include <linux/cpumask.h>

/*
 * A file with a list such as "0-3,8"; numbers that do not fit are left out.
 * False: there is no such file, or the list is empty.
 */
bool read_cpulist(const char *path, struct cpumask *mask);

/* Is the machine's CPU that this thread runs on one of those that @cpus stand for? */
bool running_on_one_of(const struct cpumask *cpus);

/* Where the system lets thread @tid run (0 = the caller), in its own numbers. False: no answer. */
bool read_affinity(pid_t tid, struct cpumask *mask);

/* Has uwq.nr_cpus made the CPUs? */
bool cpu_is_virtual(void);

/*
 * The machine's CPUs that the process may use, in its numbers. cpu_allow_reals() with
 * cpus_write_lock() held; virtual CPUs are laid on them anew.
 */
const struct cpumask *cpu_allowed_reals(void);
void cpu_allow_reals(const struct cpumask *allowed);

/* smp_processor_id() answers with CPUs of @online from now on. Under cpus_write_lock(). */
void cpu_translate(const struct cpumask *online);

/*
 * The process may use @allowed and nothing else, in the machine's numbers: CPUs come and
 * go, threads are told. Returns 1 if something changed, 0, or what a callback answered.
 */
int cpu_follow_allowed(const struct cpumask *allowed);

/*
 * The witness: a thread of the library's own, whose affinity the library never changes
 * once it is in force. When it differs, somebody outside has changed the process's.
 * cpu_witness_set(true) makes the caller the witness, false ends that.
 */
void cpu_witness_set(bool on);
pid_t cpu_witness(void);

/* Is the affinity of the witness another one than it was? One system call. */
bool cpu_look(void);

/* The system refused to place a thread: somebody should look soon, and then has. */
void cpu_ask_to_look(void);
bool cpu_look_wanted(void);

/* Ask the witness, and follow. As cpu_follow_allowed(); 0 if there is no witness. */
int cpu_refresh(void);

/*
 * The set of online CPUs, or where they lie, has changed: all threads that the library
 * ever placed are placed again. @gone: CPU that has just gone, or -1.
 */
void tasks_follow_cpus(int gone);

/* The calling thread counts as being on @cpu, for a callback; -1: as before. */
void task_stand_on(int cpu);

/* Fill node_states; called once, by the constructor of cpu.c. */
void topology_init_nodes(void);

/* Numbers as the system has them; -1: not known. */
struct cpu_place {
	int node;
	int package;
	int die;
	int cluster;
	int core;	/* within the die */
	int cache;	/* first CPU that shares the last-level cache */
};

#ifdef UWQ_TEST
/*
 * Pretend: @places[cpu] for each possible CPU; NULL reads the real ones again.
 * While nobody else looks at the topology.
 */
void uwq_test_topology(const struct cpu_place *places);
#endif

#endif

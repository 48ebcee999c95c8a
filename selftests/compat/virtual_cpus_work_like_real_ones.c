// SPDX-License-Identifier: MIT
/*
 * uwq.nr_cpus=N gives N CPUs, numbered from 0, all online, round robin on those
 * that the process may use; smp_processor_id() and topology answer for them.
 * Without it the CPUs are the machine's.
 */
#include "../kselftest_harness.h"

#include <sched.h>

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <uwq/warn.h>

#include "kernel-compat/cpu_internal.h"
#include "time_test.h"

#define CHILD	"UWQ_TEST_OF_VIRTUAL_CPUS"

/* What is wrong with @nr virtual CPUs? NULL: nothing. Runs in a process that has them. */
static const char *fault(unsigned int nr)
{
	cpu_set_t mine;
	unsigned int cpu;

	if (nr_cpu_ids != nr || num_online_cpus() != nr || num_possible_cpus() != nr)
		return "number of CPUs";
	sched_getaffinity(0, sizeof(mine), &mine);
	for (cpu = 0; cpu < nr; cpu++) {
		int real = uwq_cpu_to_real((int)cpu);

		if (!cpu_online(cpu) || !cpu_possible(cpu))
			return "masks";
		if (real < 0 || !CPU_ISSET(real, &mine))
			return "a CPU that we may not use";
		if (real != uwq_cpu_to_real((int)(cpu + (unsigned int)CPU_COUNT(&mine)) % (int)nr) &&
		    nr % (unsigned int)CPU_COUNT(&mine) == 0)
			return "not round robin";
		if (!cpumask_test_cpu(cpu, topology_sibling_cpumask((int)cpu)) ||
		    !cpumask_test_cpu(cpu, cpumask_of_node(cpu_to_node((int)cpu))))
			return "topology";
		/* A thread bound to it is on it. */
		current->bound_cpu = (int)cpu;
		if (smp_processor_id() != (int)cpu)
			return "smp_processor_id of a bound thread";
		current->bound_cpu = -1;
	}
	if (cpu_online(nr) || uwq_cpu_to_real((int)nr) != -1 || uwq_cpu_to_real(-1) != -1)
		return "there is one more";
	if ((unsigned int)smp_processor_id() >= nr || (unsigned int)uwq_ask_cpu() >= nr)
		return "smp_processor_id";
	return NULL;
}

/* Before main(), because the harness would take it for a run of its own. */
static void __attribute__((constructor(2000))) be_the_child(void)
{
	const char *nr = getenv(CHILD), *what;

	if (!nr)
		return;
	what = fault((unsigned int)atoi(nr));
	if (what)
		printf("# %s CPUs: %s\n", nr, what);
	fflush(stdout);
	_exit(what ? 1 : 0);
}

static int run_with(const char *cmdline, const char *expected)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		setenv("UWQ_CMDLINE", cmdline, 1);
		setenv(CHILD, expected, 1);
		execl("/proc/self/exe", "child", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(any_number_of_them)
{
	EXPECT_EQ(0, run_with("uwq.nr_cpus=1", "1"));
	EXPECT_EQ(0, run_with("uwq.nr_cpus=2", "2"));
	EXPECT_EQ(0, run_with("uwq.nr_cpus=3", "3"));
	EXPECT_EQ(0, run_with("uwq.nr_cpus=8", "8"));
	EXPECT_EQ(0, run_with("uwq.nr_cpus=64", "64"));
	EXPECT_EQ(0, run_with("uwq.nr_cpus=1024", "1024"));
}

TEST(too_many_are_cut)
{
	EXPECT_EQ(0, run_with("uwq.nr_cpus=5000", "1024"));
}

TEST(without_it_the_cpus_are_the_machines)
{
	cpu_set_t mine;
	int cpu;

	sched_getaffinity(0, sizeof(mine), &mine);
	EXPECT_EQ(CPU_COUNT(&mine), (int)num_online_cpus());
	for (cpu = 0; cpu < (int)nr_cpu_ids; cpu++) {
		EXPECT_EQ(!!CPU_ISSET(cpu, &mine), !!cpu_online((unsigned int)cpu));
		EXPECT_EQ(cpu, uwq_cpu_to_real(cpu));
	}
	/* The answer is one of them, by both ways of asking. */
	for (int i = 0; i < 1000; i++) {
		EXPECT_TRUE(CPU_ISSET(smp_processor_id(), &mine));
		EXPECT_TRUE(CPU_ISSET(uwq_ask_cpu(), &mine));
	}
}

TEST(a_pinned_thread_is_told_its_cpu)
{
	int cpu;

	for_each_online_cpu(cpu) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
		EXPECT_EQ(cpu, smp_processor_id());
		EXPECT_EQ(cpu, get_cpu());
		EXPECT_EQ(1, preempt_count());
		put_cpu();
		EXPECT_EQ(0, preempt_count());
	}
}

TEST(an_invented_topology)
{
	struct cpu_place places[NR_CPUS];
	unsigned int cpu;

	if (num_possible_cpus() < 2)
		SKIP(return, "needs two CPUs");
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		places[cpu] = (struct cpu_place) { (int)cpu % 2, (int)cpu % 2, -1, -1, -1, -1 };
	uwq_test_topology(places);
	EXPECT_EQ(1, cpu_to_node(1));
	EXPECT_FALSE(cpus_share_cache(0, 1));
	EXPECT_FALSE(cpumask_test_cpu(1, cpumask_of_node(0)));
	EXPECT_EQ(1, cpumask_weight(topology_sibling_cpumask(1)));
	EXPECT_TRUE(node_isset(1, node_states[N_ONLINE]));
	/* Everything unknown: one node, one cache, each CPU a core. */
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		places[cpu] = (struct cpu_place) { -1, -1, -1, -1, -1, -1 };
	uwq_test_topology(places);
	EXPECT_EQ(0, cpu_to_node(1));
	EXPECT_TRUE(cpus_share_cache(0, 1));
	EXPECT_EQ(1, cpumask_weight(topology_sibling_cpumask(1)));
	EXPECT_EQ(num_possible_cpus(), cpumask_weight(topology_core_cpumask(0)));
	uwq_test_topology(NULL);
	EXPECT_EQ(LOCAL_DISTANCE, node_distance(0, 0));
	EXPECT_EQ(NUMA_NO_NODE, cpu_to_node(-1));
	EXPECT_EQ(-1, topology_core_id((int)nr_cpu_ids));
}

TEST(cpus_read_lock_keeps_a_writer_out)
{
	cpus_read_lock();
	EXPECT_EQ(1, cpus_read_trylock());
	cpus_read_unlock();
	cpus_read_unlock();
	cpus_write_lock();
	EXPECT_EQ(0, cpus_read_trylock());
	cpus_write_unlock();
}

TEST_HARNESS_MAIN

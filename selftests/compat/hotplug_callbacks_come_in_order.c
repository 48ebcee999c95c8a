// SPDX-License-Identifier: MIT
/*
 * What is registered with cpuhp_setup_state() is called in the kernel's order: upwards
 * when a CPU comes, downwards when it goes; prepare functions in the caller's thread, the
 * others on the CPU itself, which is online then. A function that fails is undone in
 * reverse order. Registering calls for the CPUs that are there, and so does taking away.
 */
#include "../kselftest_harness.h"

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <uwq/warn.h>

#define CPUS	4

static char story[256];
static const char *fails;	/* the event that answers -EIO */
static int misplaced;

static int event(const char *what, unsigned int cpu, bool there)
{
	snprintf(story + strlen(story), sizeof(story) - strlen(story), "%s%u ", what, cpu);
	if (there && (smp_processor_id() != (int)cpu || !cpu_online(cpu)))
		misplaced++;
	if (!there && cpu_online(cpu))
		misplaced++;
	return fails && !strcmp(fails, what) ? -EIO : 0;
}

static int prep1_up(unsigned int cpu) { return event("p+", cpu, false); }
static int prep1_down(unsigned int cpu) { return event("p-", cpu, false); }
static int prep2_up(unsigned int cpu) { return event("q+", cpu, false); }
static int prep2_down(unsigned int cpu) { return event("q-", cpu, false); }
static int on1_up(unsigned int cpu) { return event("a+", cpu, true); }
static int on1_down(unsigned int cpu) { return event("a-", cpu, true); }
static int on2_up(unsigned int cpu) { return event("b+", cpu, true); }
static int on2_down(unsigned int cpu) { return event("b-", cpu, true); }

FIXTURE(states) {
	int prep1, prep2, on1, on2;
};

FIXTURE_SETUP(states)
{
	self->prep1 = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "p", prep1_up, prep1_down);
	self->prep2 = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "q", prep2_up, prep2_down);
	self->on1 = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "a", on1_up, on1_down);
	self->on2 = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "b", on2_up, on2_down);
	ASSERT_LT(0, self->prep1);
	ASSERT_LT(self->prep1, self->prep2);
	ASSERT_LT(self->prep2, self->on1);
	ASSERT_LT(self->on1, self->on2);
	story[0] = 0;
	misplaced = 0;
	fails = NULL;
}

FIXTURE_TEARDOWN(states)
{
	fails = NULL;
	add_cpu(1);
	EXPECT_EQ(0, misplaced);
	cpuhp_remove_state_nocalls(self->on2);
	cpuhp_remove_state_nocalls(self->on1);
	cpuhp_remove_state_nocalls(self->prep2);
	cpuhp_remove_state_nocalls(self->prep1);
	story[0] = 0;
	EXPECT_EQ(0, remove_cpu(1));
	EXPECT_EQ(0, add_cpu(1));
	EXPECT_STREQ("", story);
}

TEST_F(states, up_and_down)
{
	ASSERT_EQ(0, remove_cpu(1));
	EXPECT_STREQ("b-1 a-1 q-1 p-1 ", story);
	story[0] = 0;
	ASSERT_EQ(0, add_cpu(1));
	EXPECT_STREQ("p+1 q+1 a+1 b+1 ", story);
	/* the caller is where it was */
	EXPECT_EQ(-1, current->bound_cpu);
}

TEST_F(states, failed_preparation_is_undone)
{
	ASSERT_EQ(0, remove_cpu(1));
	story[0] = 0;
	fails = "q+";
	EXPECT_EQ(-EIO, add_cpu(1));
	EXPECT_STREQ("p+1 q+1 p-1 ", story);
	EXPECT_FALSE(cpu_online(1));
}

TEST_F(states, failed_startup_is_undone)
{
	ASSERT_EQ(0, remove_cpu(1));
	story[0] = 0;
	fails = "b+";
	EXPECT_EQ(-EIO, add_cpu(1));
	EXPECT_STREQ("p+1 q+1 a+1 b+1 a-1 q-1 p-1 ", story);
	EXPECT_FALSE(cpu_online(1));
	EXPECT_FALSE(cpu_active(1));
}

TEST_F(states, failed_teardown_keeps_the_cpu)
{
	fails = "a-";
	EXPECT_EQ(-EIO, remove_cpu(1));
	EXPECT_STREQ("b-1 a-1 b+1 ", story);
	EXPECT_TRUE(cpu_online(1));
	EXPECT_TRUE(cpu_active(1));
	/* not removed: nothing keeps it from being used */
	EXPECT_EQ(1, add_cpu(1));
}

TEST_F(states, dead_cpus_do_not_come_back)
{
	unsigned long warned = uwq_warn_count();

	fails = "q-";
	EXPECT_EQ(0, remove_cpu(1));
	EXPECT_STREQ("b-1 a-1 q-1 p-1 ", story);
	EXPECT_FALSE(cpu_online(1));
	EXPECT_LT(warned, uwq_warn_count());
}

TEST(registering_calls_for_those_that_are_there)
{
	int state;

	ASSERT_EQ(0, remove_cpu(2));
	story[0] = 0;
	fails = NULL;
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "a", on1_up, on1_down);
	ASSERT_LT(0, state);
	EXPECT_STREQ("a+0 a+1 a+3 ", story);
	ASSERT_EQ(0, add_cpu(2));
	story[0] = 0;
	cpuhp_remove_state(state);
	EXPECT_STREQ("a-0 a-1 a-2 a-3 ", story);
	EXPECT_EQ(0, misplaced);
}

static int up_but_2(unsigned int cpu)
{
	event("a+", cpu, true);
	return cpu == 2 ? -ENOMEM : 0;
}

TEST(failed_registering_is_undone)
{
	story[0] = 0;
	EXPECT_EQ(-ENOMEM, cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "a", up_but_2, on1_down));
	EXPECT_STREQ("a+0 a+1 a+2 a-0 a-1 ", story);
	story[0] = 0;
	EXPECT_EQ(0, remove_cpu(1));
	EXPECT_EQ(0, add_cpu(1));
	EXPECT_STREQ("", story);
}

TEST(states_are_few)
{
	int i, n = 0, states[64];

	EXPECT_EQ(-EINVAL, cpuhp_setup_state(CPUHP_OFFLINE, "x", NULL, NULL));
	EXPECT_EQ(-EINVAL, cpuhp_setup_state(CPUHP_ONLINE, "x", NULL, NULL));
	EXPECT_EQ(-EINVAL, cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, NULL, NULL, NULL));
	/* a fixed state has one user and returns 0 */
	EXPECT_EQ(0, cpuhp_setup_state(CPUHP_TIMERS_PREPARE, "x", NULL, NULL));
	EXPECT_EQ(-EBUSY, cpuhp_setup_state(CPUHP_TIMERS_PREPARE, "y", NULL, NULL));
	cpuhp_remove_state(CPUHP_TIMERS_PREPARE);
	while (n < 64 && (states[n] = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "d", NULL, NULL)) > 0)
		n++;
	EXPECT_LT(30, n);
	ASSERT_GT(64, n);
	EXPECT_EQ(-ENOSPC, states[n]);
	for (i = 0; i < n; i++)
		cpuhp_remove_state(states[i]);
}

/* ---- instances ---- */

struct instance {
	struct hlist_node node;
	char name;
	int fails_on;	/* CPU + 1; 0 = none */
};

static int instance_up(unsigned int cpu, struct hlist_node *node)
{
	struct instance *instance = hlist_entry(node, struct instance, node);
	char what[3] = { instance->name, '+', 0 };
	int ret = event(what, cpu, true);

	return instance->fails_on == (int)cpu + 1 ? -EIO : ret;
}

static int instance_down(unsigned int cpu, struct hlist_node *node)
{
	struct instance *instance = hlist_entry(node, struct instance, node);
	char what[3] = { instance->name, '-', 0 };

	return event(what, cpu, true);
}

TEST(instances_are_served_one_by_one)
{
	struct instance x = { .name = 'x' }, y = { .name = 'y' };
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "m", instance_up, instance_down);

	ASSERT_LT(0, state);
	misplaced = 0;
	fails = NULL;
	story[0] = 0;
	EXPECT_EQ(0, cpuhp_state_add_instance(state, &x.node));
	EXPECT_STREQ("x+0 x+1 x+2 x+3 ", story);
	story[0] = 0;
	y.fails_on = 2 + 1;
	EXPECT_EQ(-EIO, cpuhp_state_add_instance(state, &y.node));
	EXPECT_STREQ("y+0 y+1 y+2 y-0 y-1 ", story);
	y.fails_on = 0;
	EXPECT_EQ(0, cpuhp_state_add_instance_nocalls(state, &y.node));
	story[0] = 0;
	EXPECT_EQ(0, remove_cpu(3));
	EXPECT_STREQ("y-3 x-3 ", story);
	story[0] = 0;
	x.fails_on = 3 + 1;
	EXPECT_EQ(-EIO, add_cpu(3));
	EXPECT_STREQ("y+3 x+3 y-3 ", story);
	x.fails_on = 0;
	EXPECT_EQ(0, add_cpu(3));
	story[0] = 0;
	EXPECT_EQ(0, cpuhp_state_remove_instance(state, &x.node));
	EXPECT_STREQ("x-0 x-1 x-2 x-3 ", story);
	EXPECT_EQ(0, cpuhp_state_remove_instance_nocalls(state, &y.node));
	EXPECT_EQ(-EINVAL, cpuhp_state_add_instance(CPUHP_WORKQUEUE_PREP, &x.node));
	cpuhp_remove_multi_state(state);
	EXPECT_EQ(0, misplaced);
}

int main(int argc, char **argv)
{
	if (!getenv("UWQ_TEST_CPUS")) {
		setenv("UWQ_CMDLINE", "uwq.nr_cpus=4", 1);
		setenv("UWQ_TEST_CPUS", "1", 1);
		execv("/proc/self/exe", argv);
		return 1;
	}
	return ks_main(argc, argv);
}

// SPDX-License-Identifier: MIT
/*
 * CPUs go offline and come online by remove_cpu() and add_cpu(), as in the kernel: the
 * masks, the answers, and the last one stays. smp_processor_id() never answers a CPU that
 * is not online. Threads that are bound to a CPU that goes run elsewhere; per-CPU kthreads
 * get it back, others may run everywhere from then on. Nobody is bound to a CPU that is
 * offline.
 */
#include "../kselftest_harness.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <uwq/cpu.h>

#include "kernel-compat/fake_clock.h"

#define CPUS	4

#define GET(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define SET(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELEASE)

TEST(answers_are_the_kernels)
{
	unsigned int cpu;

	ASSERT_EQ(CPUS, num_online_cpus());
	EXPECT_EQ(1, add_cpu(2));
	EXPECT_EQ(0, remove_cpu(2));
	EXPECT_EQ(1, remove_cpu(2));
	EXPECT_FALSE(cpu_online(2));
	EXPECT_FALSE(cpu_active(2));
	EXPECT_TRUE(cpu_possible(2));
	EXPECT_TRUE(cpu_present(2));
	EXPECT_EQ(CPUS - 1, num_online_cpus());
	for_each_online_cpu(cpu)
		EXPECT_NE(2, (int)cpu);
	EXPECT_EQ(0, add_cpu(2));
	EXPECT_TRUE(cpu_online(2));
	EXPECT_TRUE(cpu_active(2));

	EXPECT_EQ(-EINVAL, remove_cpu(CPUS));
	EXPECT_EQ(-EINVAL, add_cpu(CPUS));
	EXPECT_EQ(-EINVAL, remove_cpu(UINT_MAX));
	EXPECT_EQ(0, remove_cpu(0));
	EXPECT_EQ(0, remove_cpu(1));
	EXPECT_EQ(0, remove_cpu(2));
	EXPECT_EQ(-EBUSY, remove_cpu(3));
	EXPECT_EQ(1, num_online_cpus());
	EXPECT_EQ(3, smp_processor_id());
	for (cpu = 0; cpu < 3; cpu++)
		EXPECT_EQ(0, add_cpu(cpu));

	cpu_hotplug_disable();
	EXPECT_EQ(-EBUSY, remove_cpu(1));
	cpu_hotplug_enable();
	EXPECT_EQ(0, remove_cpu(1));
	EXPECT_EQ(0, add_cpu(1));
}

static int stop, wrong, looks;	/* atomic */

static void *look(void *arg)
{
	cpu_set_t set;
	int i = 0;

	(void)arg;
	CPU_ZERO(&set);
	while (!GET(stop)) {
		unsigned int cpu;

		/* now here, now there */
		CPU_ZERO(&set);
		CPU_SET((size_t)uwq_cpu_to_real(i++ / 64 % CPUS), &set);
		if (i % 64 == 1)
			sched_setaffinity(0, sizeof(set), &set);
		cpus_read_lock();
		cpu = (unsigned int)smp_processor_id();
		if (!cpu_online(cpu) || !cpu_online((unsigned int)uwq_ask_cpu()))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		cpus_read_unlock();
		__atomic_fetch_add(&looks, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST(nobody_is_told_an_offline_cpu)
{
	pthread_t threads[3];
	int i, before;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, look, NULL));
	for (i = 0; i < 60; i++) {
		unsigned int cpu = (unsigned int)i % CPUS;

		ASSERT_EQ(0, remove_cpu(cpu));
		EXPECT_FALSE(smp_processor_id() == (int)cpu);
		before = GET(looks);
		while (GET(looks) < before + 20)
			sched_yield();
		ASSERT_EQ(0, add_cpu(cpu));
	}
	SET(stop, 1);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, GET(wrong));
	EXPECT_LT(0, GET(looks));
}

/* ---- threads that are bound ---- */

struct seat {
	struct task_struct *task;
	int cpu;	/* atomic: where it last was */
	int laps;	/* atomic */
};

static int sit(void *arg)
{
	struct seat *seat = arg;

	while (!kthread_should_stop()) {
		SET(seat->cpu, (int)smp_processor_id());
		__atomic_fetch_add(&seat->laps, 1, __ATOMIC_RELEASE);
		usleep(100);
	}
	return 0;
}

/* Where it is now: a look that began after this call. */
static int where(struct seat *seat)
{
	int laps = GET(seat->laps);

	while (GET(seat->laps) < laps + 2)
		usleep(100);
	return GET(seat->cpu);
}

static void seat_init(struct seat *seat, unsigned int cpu, bool per_cpu)
{
	seat->laps = 0;
	seat->task = kthread_create(sit, seat, "seat/%u", cpu);
	kthread_bind(seat->task, cpu);
	if (per_cpu)
		kthread_set_per_cpu(seat->task, (int)cpu);
	wake_up_process(seat->task);
}

TEST(bound_threads_are_moved)
{
	struct seat plain, own, other;

	seat_init(&plain, 2, false);
	seat_init(&own, 2, true);
	seat_init(&other, 1, true);
	EXPECT_EQ(2, where(&plain));
	EXPECT_EQ(2, where(&own));
	EXPECT_EQ(0, remove_cpu(2));
	EXPECT_NE(2, where(&plain));
	EXPECT_NE(2, where(&own));
	EXPECT_EQ(1, where(&other));
	/* as in the kernel: a thread that is not per-CPU has lost its CPU for good */
	EXPECT_EQ(CPUS, plain.task->nr_cpus_allowed);
	EXPECT_EQ(1, own.task->nr_cpus_allowed);
	EXPECT_EQ(0, add_cpu(2));
	EXPECT_EQ(-1, GET(plain.task->bound_cpu));
	EXPECT_EQ(2, where(&own));
	EXPECT_EQ(2, GET(own.task->bound_cpu));
	kthread_stop(plain.task);
	kthread_stop(own.task);
	kthread_stop(other.task);
}

TEST(nobody_is_bound_to_an_offline_cpu)
{
	struct cpumask two = CPU_MASK_NONE;
	struct seat seat;

	EXPECT_EQ(0, remove_cpu(3));
	EXPECT_EQ(-EINVAL, set_cpus_allowed_ptr(current, cpumask_of(3)));
	EXPECT_EQ(-1, GET(current->bound_cpu));
	cpumask_set_cpu(1, &two);
	cpumask_set_cpu(3, &two);
	EXPECT_EQ(0, set_cpus_allowed_ptr(current, &two));
	EXPECT_NE(3, smp_processor_id());
	EXPECT_EQ(0, set_cpus_allowed_ptr(current, cpu_possible_mask));

	/* kthread_bind() has no answer: the thread runs, and gets the CPU when it comes */
	seat_init(&seat, 3, true);
	EXPECT_NE(3, where(&seat));
	EXPECT_EQ(0, add_cpu(3));
	EXPECT_EQ(3, where(&seat));
	kthread_stop(seat.task);
}

/* A thread that takes away the CPU under its own feet. */
TEST(the_caller_may_be_on_it)
{
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpumask_of(1)));
	EXPECT_EQ(1, smp_processor_id());
	EXPECT_EQ(0, remove_cpu(1));
	EXPECT_NE(1, smp_processor_id());
	EXPECT_EQ(0, add_cpu(1));
	EXPECT_EQ(0, set_cpus_allowed_ptr(current, cpu_possible_mask));
}

static struct completion fired;
static int fired_on;

static void on_time(struct timer_list *timer)
{
	(void)timer;
	fired_on = (int)smp_processor_id();
	complete(&fired);
}

TEST(timers_of_an_offline_cpu_run_elsewhere)
{
	struct timer_list timer;

	init_completion(&fired);
	timer_setup(&timer, on_time, TIMER_PINNED);
	/* not before the CPU has gone, however long that takes */
	uwq_fake_clock_enable();
	timer.expires = jiffies + 20;
	add_timer_on(&timer, 2);
	EXPECT_EQ(0, remove_cpu(2));
	EXPECT_FALSE(completion_done(&fired));
	uwq_fake_clock_advance(30 * NSEC_PER_MSEC);
	uwq_fake_clock_disable();
	wait_for_completion(&fired);
	EXPECT_NE(2, fired_on);
	EXPECT_EQ(0, add_cpu(2));
	timer.expires = jiffies + 1;
	add_timer_on(&timer, 2);
	wait_for_completion(&fired);
	EXPECT_EQ(2, fired_on);
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

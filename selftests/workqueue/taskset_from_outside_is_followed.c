// SPDX-License-Identifier: MIT
/*
 * Proves U5, C120, C121 and C122: when the affinity of all threads of the process is changed from
 * outside, as taskset -a does, the CPUs that the process may not use any more go offline,
 * and come back when it may; items are served all the time, also those for a CPU that is
 * gone, and no thread of the library runs where the process may not. It is noticed on
 * workqueue_refresh_cpus(), and without that when the manager is awake. A program that
 * pins threads of its own changes nothing.
 */
#include "wq_test.h"

#include <dirent.h>
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <sys/wait.h>
#include <uwq/cpu.h>
#include <uwq/workqueue.h>

#define MAX_TIDS	512

static int pids[MAX_TIDS];

static int read_tids(pid_t pid)
{
	struct dirent *entry;
	char path[64];
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir)) && n < MAX_TIDS)
		if (atoi(entry->d_name))
			pids[n++] = atoi(entry->d_name);
	closedir(dir);
	return n;
}

/* As taskset -a -p from another process; repeated, because threads come and go. */
static bool taskset_all(const cpu_set_t *set)
{
	pid_t pid = getpid(), child = fork();
	int status = 1, i, n, pass;

	if (!child) {
		int failed = 0;

		for (pass = 0; pass < 3; pass++) {
			n = read_tids(pid);
			failed = n == 0;
			for (i = 0; i < n; i++)
				if (sched_setaffinity(pids[i], sizeof(*set), set) &&
				    errno != ESRCH)
					failed = 1;
		}
		_exit(failed);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Threads that may run where @set does not have a CPU. */
static int strays(const cpu_set_t *set)
{
	int i, n = read_tids(getpid()), found = 0;

	for (i = 0; i < n; i++) {
		cpu_set_t has, both;

		CPU_ZERO(&has);
		if (sched_getaffinity(pids[i], sizeof(has), &has))
			continue;
		CPU_AND(&both, &has, set);
		if (!CPU_EQUAL(&both, &has))
			found++;
	}
	return found;
}

static cpu_set_t all, first, second;	/* all that we may use, and two of them alone */
static int cpu_a, cpu_b;

static int work_cpu, work_real;	/* atomic */

static void note(struct work_struct *work)
{
	(void)work;
	SET(work_cpu, (int)smp_processor_id());
	SET(work_real, sched_getcpu());
}

static void run_on(int cpu)
{
	struct work_struct work;

	INIT_WORK_ONSTACK(&work, note);
	SET(work_cpu, -1);
	schedule_work_on(cpu, &work);
	flush_work(&work);
	destroy_work_on_stack(&work);
}

FIXTURE(taskset) {
	int unused;
};

FIXTURE_SETUP(taskset)
{
	int cpu, n = 0;

	self->unused = 0;
	sched_getaffinity(0, sizeof(all), &all);
	if (CPU_COUNT(&all) < 2)
		SKIP(return, "needs two CPUs");
	CPU_ZERO(&first);
	CPU_ZERO(&second);
	for (cpu = 0; cpu < CPU_SETSIZE && n < 2; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		if (n++ == 0) {
			cpu_a = cpu;
			CPU_SET(cpu, &first);
		} else {
			cpu_b = cpu;
			CPU_SET(cpu, &second);
		}
	}
	/* threads everywhere */
	ASSERT_EQ(0, schedule_on_each_cpu(note));
}

FIXTURE_TEARDOWN(taskset)
{
	taskset_all(&all);
	workqueue_refresh_cpus();
}

TEST_F(taskset, cpus_go_and_come)
{
	int round;

	for (round = 0; round < 10; round++) {
		ASSERT_TRUE(taskset_all(round % 2 ? &first : &second));
		/* 0 if the manager was first */
		EXPECT_LE(0, workqueue_refresh_cpus());
		EXPECT_EQ(0, workqueue_refresh_cpus());
		EXPECT_EQ(1, num_online_cpus());
		EXPECT_TRUE(cpu_online(round % 2 ? cpu_a : cpu_b));
		EXPECT_EQ(0, strays(round % 2 ? &first : &second));
		run_on(round % 2 ? cpu_b : cpu_a);
		EXPECT_EQ(round % 2 ? cpu_a : cpu_b, GET(work_cpu));
		EXPECT_EQ(round % 2 ? cpu_a : cpu_b, GET(work_real));
		if (round % 3)
			continue;
		ASSERT_TRUE(taskset_all(&all));
		EXPECT_LE(0, workqueue_refresh_cpus());
		EXPECT_EQ(CPU_COUNT(&all), (int)num_online_cpus());
		run_on(cpu_a);
		EXPECT_EQ(cpu_a, GET(work_cpu));
		EXPECT_EQ(cpu_a, GET(work_real));
		run_on(cpu_b);
		EXPECT_EQ(cpu_b, GET(work_cpu));
		EXPECT_EQ(cpu_b, GET(work_real));
	}
}

TEST_F(taskset, before_it_is_noticed_items_run_too)
{
	ASSERT_TRUE(taskset_all(&first));
	run_on(cpu_b);
	EXPECT_EQ(cpu_a, GET(work_real));
	ASSERT_LE(0, workqueue_refresh_cpus());
	run_on(cpu_b);
	EXPECT_EQ(cpu_a, GET(work_cpu));
}

TEST_F(taskset, pinning_oneself_changes_nothing)
{
	struct work_struct work;

	ASSERT_EQ(0, sched_setaffinity(0, sizeof(first), &first));
	EXPECT_EQ(0, workqueue_refresh_cpus());
	EXPECT_EQ(CPU_COUNT(&all), (int)num_online_cpus());
	/* nor for threads that are made meanwhile */
	INIT_WORK(&work, note);
	workqueue_shutdown(false);
	run_on(cpu_b);
	EXPECT_EQ(cpu_b, GET(work_real));
	EXPECT_EQ(0, workqueue_refresh_cpus());
}

TEST_F(taskset, removed_cpus_stay_removed)
{
	ASSERT_EQ(0, remove_cpu((unsigned int)cpu_b));
	EXPECT_EQ(0, workqueue_refresh_cpus());
	ASSERT_TRUE(taskset_all(&first));
	EXPECT_LE(0, workqueue_refresh_cpus());
	/* what the process may not use cannot be added */
	EXPECT_EQ(-EINVAL, add_cpu((unsigned int)cpu_b));
	ASSERT_TRUE(taskset_all(&all));
	EXPECT_LE(0, workqueue_refresh_cpus());
	EXPECT_FALSE(cpu_online((unsigned int)cpu_b));
	/* unless nothing else is left */
	ASSERT_TRUE(taskset_all(&second));
	EXPECT_LE(0, workqueue_refresh_cpus());
	EXPECT_TRUE(cpu_online((unsigned int)cpu_b));
	EXPECT_FALSE(cpu_online((unsigned int)cpu_a));
	ASSERT_TRUE(taskset_all(&all));
	EXPECT_LE(0, workqueue_refresh_cpus());
	EXPECT_EQ(CPU_COUNT(&all), (int)num_online_cpus());
}

/* Nobody asks: the manager is awake now and then, here because workers are needed. */
TEST_F(taskset, the_manager_notices)
{
	struct workqueue_struct *wq = alloc_workqueue("blocked", WQ_PERCPU, 0);
	static struct blocker blockers[64];
	long until = now_ms() + 20000;
	int n = 0;

	ASSERT_TRUE(taskset_all(&first));
	while (cpu_online((unsigned int)cpu_b) && now_ms() < until) {
		if (n < 64)
			blocker_start_on(&blockers[n++], cpu_a, wq);
		nap_us(100000);
	}
	EXPECT_FALSE(cpu_online((unsigned int)cpu_b));
	EXPECT_TRUE(COMES_TRUE(strays(&first) == 0));
	while (n--)
		blocker_release(&blockers[n]);
	destroy_workqueue(wq);
}

/* ---- under load ---- */

static int stop;			/* atomic */
static unsigned long accepted, runs;	/* atomic */

static void count(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

static void *produce(void *arg)
{
	struct workqueue_struct *wq = arg;
	struct work_struct items[16];
	unsigned int i;

	for (i = 0; i < 16; i++)
		INIT_WORK(&items[i], count);
	for (i = 0; !GET(stop); i++) {
		if (queue_work_on(i % 2 ? cpu_a : cpu_b, wq, &items[i % 16]))
			ADD(accepted, 1);
		if (i % 256 == 0)
			flush_work(&items[0]);
	}
	for (i = 0; i < 16; i++)
		flush_work(&items[i]);
	return NULL;
}

TEST_F(taskset, nothing_is_lost_under_load)
{
	struct workqueue_struct *wqs[3] = { alloc_workqueue("a", WQ_PERCPU, 0),
					    alloc_workqueue("b", WQ_UNBOUND, 0),
					    alloc_ordered_workqueue("c", 0) };
	pthread_t threads[3];
	int i;

	for (i = 0; i < 3; i++)
		threads[i] = start_thread(produce, wqs[i]);
	for (i = 0; i < 30; i++) {
		ASSERT_TRUE(taskset_all(i % 3 == 0 ? &first : i % 3 == 1 ? &second : &all));
		nap_us(i % 4 * 500);
		EXPECT_LE(0, workqueue_refresh_cpus());
		nap_us(i % 2 * 1000);
	}
	SET(stop, 1);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 3; i++)
		destroy_workqueue(wqs[i]);
	EXPECT_LT(100ul, GET(accepted));
	EXPECT_EQ(GET(accepted), GET(runs));
	EXPECT_EQ(CPU_COUNT(&all), (int)num_online_cpus());
}

/* Virtual CPUs are laid anew on what is left, and none of them goes. */
static int in_virtual_world(void)
{
	int cpu;

	for (cpu = 0; cpu < 4; cpu++)
		run_on(cpu);
	if (!taskset_all(&first) || workqueue_refresh_cpus() < 0 || num_online_cpus() != 4)
		return 1;
	for (cpu = 0; cpu < 4; cpu++) {
		run_on(cpu);
		if (GET(work_cpu) != cpu || GET(work_real) != cpu_a || uwq_cpu_to_real(cpu) != cpu_a)
			return 2;
	}
	if (strays(&first))
		return 3;
	if (!taskset_all(&all) || workqueue_refresh_cpus() < 0 || num_online_cpus() != 4)
		return 4;
	for (cpu = 0; cpu < 4; cpu++) {
		run_on(cpu);
		if (GET(work_cpu) != cpu || GET(work_real) != uwq_cpu_to_real(cpu))
			return 5;
	}
	return uwq_cpu_to_real(0) == uwq_cpu_to_real(1) ? 6 : 0;
}

/* C122: the process may not use the second CPU when it starts, but exists there. */
static int in_narrow_world(void)
{
	int round;

	if (cpu_online((unsigned int)cpu_b) || !cpu_possible((unsigned int)cpu_b))
		return 1;
	for (round = 0; round < 10; round++) {
		run_on(cpu_b);
		if (GET(work_cpu) != cpu_a || GET(work_real) != cpu_a)
			return 2;
	}
	CPU_SET(cpu_b, &all);
	if (!taskset_all(&all) || workqueue_refresh_cpus() < 0)
		return 3;
	run_on(cpu_b);
	return GET(work_cpu) == cpu_b && GET(work_real) == cpu_b ? 0 : 4;
}

#define CHILD	"UWQ_TEST_OF_OTHER_CPUS"

static int run_child(const char *kind, const char *cmdline, const cpu_set_t *set)
{
	pid_t pid = fork();
	char numbers[32];
	int status;

	if (!pid) {
		snprintf(numbers, sizeof(numbers), "%s %d %d", kind, cpu_a, cpu_b);
		if (cmdline)
			setenv("UWQ_CMDLINE", cmdline, 1);
		setenv(CHILD, numbers, 1);
		sched_setaffinity(0, sizeof(*set), set);
		execl("/proc/self/exe", "child", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(taskset, virtual_cpus_are_laid_anew)
{
	EXPECT_EQ(0, run_child("v", "uwq.nr_cpus=4", &all));
}

TEST_F(taskset, cpu_that_was_never_ours_serves)
{
	EXPECT_EQ(0, run_child("n", NULL, &first));
}

int main(int argc, char **argv)
{
	const char *numbers = getenv(CHILD);

	if (!numbers)
		return ks_main(argc, argv);
	if (sscanf(numbers + 1, "%d %d", &cpu_a, &cpu_b) != 2)
		return 127;
	sched_getaffinity(0, sizeof(all), &all);
	CPU_SET(cpu_a, &first);
	CPU_SET(cpu_b, &second);
	return numbers[0] == 'v' ? in_virtual_world() : in_narrow_world();
}

// SPDX-License-Identifier: MIT
/*
 * Whoever starts it, a thread of the library begins with all signals blocked
 * but the synchronous faults, default policy, the asked nice value and affinity,
 * no cancellation, default timer slack and a name of at most 15 bytes; its
 * creator keeps its own mask (U10, U35, B73). A refused creation is an error.
 */
#include "../kselftest_harness.h"

#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include <linux/cpumask.h>
#include <linux/smp.h>
#include <uwq/cpu.h>

#include "task_test.h"

static struct seen {
	sigset_t blocked;
	int policy, nice, cancel, slack, cpus, cpu, bound;
	bool kthread;
	char name[16], comm[TASK_COMM_LEN];
	pid_t pid, tid;
	int faults_blocked;
} seen;

static void look(void *arg)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	cpu_set_t set;

	(void)arg;
	pthread_sigmask(SIG_SETMASK, NULL, &seen.blocked);
	for (unsigned int i = 0; i < 5; i++)
		seen.faults_blocked += sigismember(&seen.blocked, faults[i]);
	seen.policy = sched_getscheduler(0);
	seen.nice = getpriority(PRIO_PROCESS, (id_t)gettid());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &seen.cancel);
	seen.slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
	sched_getaffinity(0, sizeof(set), &set);
	seen.cpus = CPU_COUNT(&set);
	seen.cpu = raw_smp_processor_id();
	seen.bound = current->bound_cpu;
	seen.kthread = current->flags & PF_KTHREAD;
	prctl(PR_GET_NAME, seen.name, 0, 0, 0);
	get_task_comm(seen.comm, current);
	seen.pid = task_pid_nr(current);
	seen.tid = gettid();
}

static int make(const char *name, int nice, const struct cpumask *cpus, int bound)
{
	struct task_struct *task = uwq_thread_start(NULL, name, look, NULL, nice, cpus, bound);

	if (IS_ERR(task))
		return (int)PTR_ERR(task);
	reap(task);
	return 0;
}

TEST(from_a_strange_creator)
{
	cpu_set_t one, all;
	sigset_t mask, before, after;
	int policy = getuid() ? SCHED_BATCH : SCHED_FIFO;
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO ? 3 : 0 };

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	sigaddset(&mask, SIGSEGV);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
	prctl(PR_SET_NAME, "strange", 0, 0, 0);
	if (sched_setscheduler(0, policy, &param))
		TH_LOG("policy %d refused: %s", policy, strerror(errno));

	ASSERT_EQ(0, make("a name that is longer than that", 5, NULL, -1));
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int sig = 1; sig < 32; sig++)
		EXPECT_EQ(sigismember(&before, sig), sigismember(&after, sig));

	EXPECT_EQ(0, seen.faults_blocked);
	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != SIGSEGV && sig != SIGBUS &&
		    sig != SIGFPE && sig != SIGILL && sig != SIGTRAP)
			EXPECT_EQ(1, sigismember(&seen.blocked, sig)) {
				TH_LOG("signal %d", sig);
			}
	EXPECT_EQ(SCHED_OTHER, seen.policy);
	EXPECT_EQ(5, seen.nice);
	EXPECT_EQ(PTHREAD_CANCEL_DISABLE, seen.cancel);
	EXPECT_EQ(50000, seen.slack);
	EXPECT_EQ(CPU_COUNT(&all), seen.cpus);
	EXPECT_STREQ("a name that is ", seen.name);
	EXPECT_STREQ("a name that is ", seen.comm);
	EXPECT_TRUE(seen.kthread);
	EXPECT_EQ(seen.tid, seen.pid);
}

TEST(affinity_as_asked)
{
	int cpu = (int)cpumask_last(cpu_online_mask);

	ASSERT_EQ(0, make("bound", 0, cpumask_of((unsigned int)cpu), cpu));
	EXPECT_EQ(1, seen.cpus);
	EXPECT_EQ(cpu, seen.cpu);
	EXPECT_EQ(cpu, seen.bound);
	/* a place outside of what we may use is no error, the thread runs somewhere */
	ASSERT_EQ(0, make("nowhere", 0, cpumask_of(NR_CPUS - 1), NR_CPUS - 1));
	EXPECT_LT(0, seen.cpus);
}

TEST(refusals_are_errors)
{
	struct task_struct *task = uwq_task_alloc("given");

	ASSERT_NOT_NULL(task);
	uwq_test_fail_thread(1, 1);
	EXPECT_EQ(-EAGAIN, (int)PTR_ERR(uwq_thread_start(task, "given", look, NULL, 0, NULL, -1)));
	EXPECT_EQ(1, task->usage);
	EXPECT_EQ(task, uwq_thread_start(task, "given", look, NULL, 0, NULL, -1));
	reap(task);
	uwq_test_fail_thread(1, 1);
	EXPECT_EQ(-EAGAIN, make("no", 0, NULL, -1));
	uwq_test_fail_alloc(1, 1);
	EXPECT_EQ(-ENOMEM, make("no", 0, NULL, -1));
	EXPECT_EQ(0, make("yes", 0, NULL, -1));
	for (int i = 0; i < 200; i++) {
		uwq_test_fail_thread(1, 1);
		EXPECT_EQ(-EAGAIN, make("no", 0, NULL, -1));
	}
}

/* However its body ends, the end of a thread is seen. */
static int stage;

static void leave_early(void *arg)
{
	(void)arg;
	flag_set(&stage, 1);
	pthread_exit(NULL);
}

TEST(pthread_exit_ends_the_task)
{
	for (int i = 0; i < 100; i++) {
		struct task_struct *task = uwq_thread_start(NULL, "leaver", leave_early, NULL, 0,
							    NULL, -1);

		ASSERT_FALSE(IS_ERR(task));
		uwq_task_wait_exit(task);
		EXPECT_EQ(EXIT_DEAD, task->exit_state);
		EXPECT_TRUE(COMES_TRUE(__atomic_load_n(&task->usage, __ATOMIC_ACQUIRE) == 1));
		EXPECT_EQ('X', task_state_to_char(task));
		put_task_struct(task);
	}
}

TEST_HARNESS_MAIN

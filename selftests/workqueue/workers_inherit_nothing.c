// SPDX-License-Identifier: MIT
/*
 * Proves U10, U35 and catches B73: a worker is what its pool says, whoever caused it.
 * It has the kernel's name, blocks all signals but the synchronous faults and the one that
 * asks for its stack, has its pool's nice value and CPUs and the ordinary policy, also if
 * the first use of the library comes from a real-time, pinned, niced thread with signals of
 * its own and a name; and it is marked as a worker.
 */
#include "wq_test.h"

#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "kernel-compat/thread_stack.h"

struct look {
	struct work_struct work;
	char name[32], task_name[32];
	sigset_t mask;
	int policy, priority, nice, cpu, cancel;
	unsigned long slack;
	unsigned int flags;
	cpu_set_t cpus;
};

static void look_func(struct work_struct *work)
{
	struct look *look = container_of(work, struct look, work);
	struct sched_param param;

	prctl(PR_GET_NAME, look->name);
	strcpy(look->task_name, current->comm);
	look->flags = current->flags;
	pthread_sigmask(SIG_SETMASK, NULL, &look->mask);
	look->policy = sched_getscheduler(0);
	sched_getparam(0, &param);
	look->priority = param.sched_priority;
	look->nice = getpriority(PRIO_PROCESS, 0);
	look->cpu = raw_smp_processor_id();
	look->slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
	CPU_ZERO(&look->cpus);
	sched_getaffinity(0, sizeof(look->cpus), &look->cpus);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &look->cancel);
}

static cpu_set_t allowed;	/* of the process, before anything was pinned */

static void take_a_look(struct look *look, int cpu, struct workqueue_struct *wq)
{
	memset(look, 0, sizeof(*look));
	INIT_WORK(&look->work, look_func);
	queue_work_on(cpu, wq, &look->work);
	flush_work(&look->work);
}

/* Negative nice values need a privilege; without it they stay as they are (U9). */
static bool may_raise_priority(void)
{
	return !setpriority(PRIO_PROCESS, 0, -1) && !setpriority(PRIO_PROCESS, 0, 0);
}

/* Faults, and what asks a thread for its stack. */
static bool let_through(int sig)
{
	return sig == thread_stack_signal() || sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP;
}

static void check_state(struct __test_metadata *_metadata, const struct look *look, int nice)
{
	int sig;

	EXPECT_EQ(SCHED_OTHER, look->policy);
	EXPECT_EQ(0, look->priority);
	if (nice >= 0 || may_raise_priority())
		EXPECT_EQ(nice, look->nice);
	EXPECT_EQ(50000ul, look->slack);
	EXPECT_EQ(PTHREAD_CANCEL_DISABLE, look->cancel);
	EXPECT_TRUE(look->flags & PF_WQ_WORKER);
	EXPECT_TRUE(look->flags & PF_KTHREAD);
	for (sig = 1; sig < SIGRTMAX; sig++) {
		if (sig == SIGKILL || sig == SIGSTOP || (sig >= 32 && sig < SIGRTMIN))
			continue;
		EXPECT_EQ(!let_through(sig), sigismember(&look->mask, sig)) {
			TH_LOG("signal %d", sig);
		}
	}
}

static void check_all_kinds(struct __test_metadata *_metadata)
{
	struct workqueue_struct *unbound = alloc_workqueue("u", WQ_UNBOUND, 0);
	struct workqueue_struct *high = alloc_workqueue("uh", WQ_UNBOUND | WQ_HIGHPRI, 0);
	struct look look;
	char expected[32];
	cpu_set_t one;
	int cpu;

	ASSERT_NOT_NULL(unbound);
	ASSERT_NOT_NULL(high);
	for (cpu = 0; cpu < (int)nr_cpu_ids; cpu++) {
		if (!cpu_online(cpu))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		take_a_look(&look, cpu, system_percpu_wq);
		snprintf(expected, sizeof(expected), "kworker/%d:0", cpu);
		EXPECT_STREQ(expected, look.name);
		EXPECT_STREQ(expected, look.task_name);
		EXPECT_EQ(cpu, look.cpu);
		EXPECT_TRUE(CPU_EQUAL(&one, &look.cpus));
		check_state(_metadata, &look, 0);

		take_a_look(&look, cpu, system_highpri_wq);
		snprintf(expected, sizeof(expected), "kworker/%d:0H", cpu);
		EXPECT_STREQ(expected, look.name);
		check_state(_metadata, &look, -20);
	}
	take_a_look(&look, 0, unbound);
	snprintf(expected, sizeof(expected), "kworker/u%d:", unbound->dfl_pwq->pool->id);
	EXPECT_EQ(0, strncmp(expected, look.name, strlen(expected))) {
		TH_LOG("named %s", look.name);
	}
	EXPECT_NE('H', look.name[strlen(look.name) - 1]);
	EXPECT_TRUE(CPU_EQUAL(&allowed, &look.cpus));
	check_state(_metadata, &look, 0);

	take_a_look(&look, 0, high);
	snprintf(expected, sizeof(expected), "kworker/u%d:", high->dfl_pwq->pool->id);
	EXPECT_EQ(0, strncmp(expected, look.name, strlen(expected)));
	EXPECT_EQ('H', look.name[strlen(look.name) - 1]);
	check_state(_metadata, &look, -20);
	destroy_workqueue(unbound);
	destroy_workqueue(high);
}

TEST(from_an_ordinary_thread)
{
	check_all_kinds(_metadata);
}

/* The library's very first use, so the manager is made by this thread as well. */
static void *spoilt_thread(void *arg)
{
	struct __test_metadata *_metadata = arg;
	struct sched_param param = { .sched_priority = 5 };
	sigset_t set;

	prctl(PR_SET_NAME, "spoilt");
	prctl(PR_SET_TIMERSLACK, 12345678ul, 0, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	pin_to_real_cpu(sched_getcpu());
	setpriority(PRIO_PROCESS, 0, 11);
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		TH_LOG("no privilege for SCHED_FIFO: that part is not tested");
	check_all_kinds(_metadata);

	/* and the creator keeps what it had */
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	EXPECT_TRUE(sigismember(&set, SIGUSR1) == 1);
	EXPECT_TRUE(sigismember(&set, SIGSEGV) == 1);
	EXPECT_TRUE(sigismember(&set, SIGTERM) == 0);
	return NULL;
}

TEST(from_a_realtime_pinned_thread)
{
	pthread_join(start_thread(spoilt_thread, _metadata), NULL);
}

static void *idle_policy_thread(void *arg)
{
	struct __test_metadata *_metadata = arg;
	struct sched_param param = { 0 };

	sched_setscheduler(0, SCHED_BATCH, &param);
	check_all_kinds(_metadata);
	return NULL;
}

TEST(from_a_batch_thread)
{
	pthread_join(start_thread(idle_policy_thread, _metadata), NULL);
}

/* A signal to the process goes to the program's own threads. */
static pthread_t main_thread;
static int handled_elsewhere, handled;	/* atomic */

static void handler(int sig)
{
	(void)sig;
	if (!pthread_equal(pthread_self(), main_thread))
		ADD(handled_elsewhere, 1);
	ADD(handled, 1);
}

TEST(signals_go_to_the_program)
{
	struct blocker blockers[8];
	int i;

	main_thread = pthread_self();
	signal(SIGUSR2, handler);
	for (i = 0; i < 8; i++)
		blocker_start(&blockers[i], system_dfl_wq);
	for (i = 0; i < 100; i++)
		kill(getpid(), SIGUSR2);
	EXPECT_TRUE(COMES_TRUE(GET(handled)));
	EXPECT_EQ(0, GET(handled_elsewhere));
	for (i = 0; i < 8; i++) {
		blocker_release(&blockers[i]);
		flush_work(&blockers[i].work);
	}
}

/* The lowest free number of the pool; a hundred of one pool have different names. */
TEST(numbers_are_the_lowest_free)
{
	struct workqueue_struct *wq = alloc_workqueue("names", WQ_PERCPU, 0);
	struct blocker blockers[20];
	struct worker *worker;
	unsigned long seen = 0;
	int i;

	ASSERT_NOT_NULL(wq);
	for (i = 0; i < 20; i++)
		blocker_start_on(&blockers[i], 0, wq);
	pool_lock(pool_of_cpu(0, false));
	list_for_each_entry(worker, &pool_of_cpu(0, false)->workers, pool_node) {
		EXPECT_GT(64, worker->name_id);
		EXPECT_EQ(0ul, seen & 1ul << worker->name_id);
		seen |= 1ul << worker->name_id;
	}
	pool_unlock(pool_of_cpu(0, false));
	/* without a gap */
	EXPECT_EQ(0ul, seen & (seen + 1));
	EXPECT_LE((1ul << 20) - 1, seen);
	for (i = 0; i < 20; i++)
		blocker_release(&blockers[i]);
	destroy_workqueue(wq);
}

int main(int argc, char **argv)
{
	sched_getaffinity(0, sizeof(allowed), &allowed);
	return ks_main(argc, argv);
}

// SPDX-License-Identifier: MIT
/*
 * Proves the stack traces of other threads (C133, U10): a thread that sleeps in the library, in
 * a system call, computes, or is inside malloc() or the dynamic linker shows its functions,
 * again and again, without a deadlock and without disturbing what it does. One that blocks
 * the signal, or has ended, is described in bounded time by what the system knows. A
 * program's own handler of the signal is left alone, and so is a program that switched
 * traces off. A question that comes from elsewhere is not answered.
 */
#include "../kselftest_harness.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <uwq/log.h>

#include "kernel-compat/sched_internal.h"
#include "kernel-compat/thread_stack.h"

#define GET(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define SET(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELEASE)

/* A thread sanitizer delivers signals when it likes: nothing is promised about the answer. */
#if defined(__SANITIZE_THREAD__)
#define ANSWERS	0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ANSWERS	0
#endif
#endif
#ifndef ANSWERS
#define ANSWERS	1
#endif

static int stop;	/* atomic */
static int begun;	/* atomic */

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct task_struct *start(void (*fn)(void *arg), void *arg)
{
	struct task_struct *task;

	SET(begun, 0);
	SET(stop, 0);
	task = uwq_thread_start(NULL, "asked", fn, arg, 0, NULL, -1);
	while (!GET(begun))
		msleep(1);
	return task;
}

static void end(struct task_struct *task)
{
	SET(stop, 1);
	uwq_task_wait_exit(task);
	put_task_struct(task);
}

/* Is a function of that name in what @task shows? It is asked again while it gets no CPU. */
static bool shows(struct task_struct *task, const char *name)
{
	long give_up = now_ms() + 10000;
	unsigned long ips[64];
	unsigned int i, nr;
	char text[200];

	do
		nr = thread_stack_save(task, ips, 64);
	while (ANSWERS && !nr && now_ms() < give_up);
	for (i = 0; i < nr; i++) {
		stack_trace_snprint(text, sizeof(text), &ips[i], 1, 0);
		if (strstr(text, name))
			return true;
	}
	return !ANSWERS && !nr;
}

static DECLARE_COMPLETION(never);

__attribute__((__noinline__)) static void asleep_in_the_library(void *arg)
{
	(void)arg;
	SET(begun, 1);
	while (!GET(stop))
		wait_for_completion_timeout(&never, 20);
}

TEST(asleep_in_the_library)
{
	struct task_struct *task = start(asleep_in_the_library, NULL);

	for (int i = 0; i < 50; i++)
		EXPECT_TRUE(shows(task, "asleep_in_the_library"));
	end(task);
}

/* ---- a system call goes on ---- */

static int fds[2];
static char byte;
static ssize_t got;

__attribute__((__noinline__)) static void reading(void *arg)
{
	(void)arg;
	errno = 12345;
	SET(begun, 1);
	got = read(fds[0], &byte, 1);
	if (errno != 12345)
		got = -2;
}

TEST(in_a_system_call)
{
	struct task_struct *task;

	ASSERT_EQ(0, pipe(fds));
	task = start(reading, NULL);
	msleep(20);
	for (int i = 0; i < 50; i++)
		EXPECT_TRUE(shows(task, "reading"));
	ASSERT_EQ(1, write(fds[1], "x", 1));
	end(task);
	EXPECT_EQ(1, got);
	EXPECT_EQ('x', byte);
}

/* ---- inside libc's locks ---- */

static unsigned long rounds;	/* atomic */

static int count_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)info;
	(void)size;
	++*(int *)arg;
	return 0;
}

__attribute__((__noinline__)) static void inside_libc(void *arg)
{
	int objects = 0;

	(void)arg;
	SET(begun, 1);
	while (!GET(stop)) {
		void *volatile block = malloc(1 + GET(rounds) % 100000);

		dl_iterate_phdr(count_object, &objects);
		dlsym(RTLD_DEFAULT, "no_such_symbol");
		free(block);
		SET(rounds, GET(rounds) + 1);
	}
	/* the second gives back the first one's text: else a leak while the thread ends */
	dlerror();
	dlerror();
}

TEST(inside_malloc_and_the_linker)
{
	struct task_struct *task = start(inside_libc, NULL);
	unsigned long before = GET(rounds);
	int shown = 0;

	for (int i = 0; i < 300; i++)
		shown += shows(task, "inside_libc");
	/* a frame without tables may hide it now and then */
	EXPECT_LE(150, shown);
	while (GET(rounds) < before + 10)
		msleep(1);
	end(task);
}

/* ---- no answer ---- */

static void listen(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	snprintf(arg, 4096, "%.*s", (int)len, text);
}

__attribute__((__noinline__)) static void blocks_signals(void *arg)
{
	sigset_t all;

	(void)arg;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	SET(begun, 1);
	while (!GET(stop))
		msleep(1);
}

static char text[4096];

TEST(a_thread_that_blocks_the_signal)
{
	struct task_struct *task = start(blocks_signals, NULL);
	unsigned long ips[8];
	long begin = now_ms();

	EXPECT_EQ(0u, thread_stack_save(task, ips, 8));
	uwq_set_log_sink(listen, text);
	thread_stack_show(task);
	EXPECT_GT(10000, now_ms() - begin);
	EXPECT_NOT_NULL(strstr(text, "task:asked"));
	EXPECT_NOT_NULL(strstr(text, "no answer; state "));
	end(task);
	uwq_set_log_sink(NULL, NULL);
}

/* The buffer is free again afterwards. */
TEST(others_answer_afterwards)
{
	struct task_struct *task = start(blocks_signals, NULL), *other;
	unsigned long ips[8];

	EXPECT_EQ(0u, thread_stack_save(task, ips, 8));
	other = start(asleep_in_the_library, NULL);
	EXPECT_TRUE(shows(other, "asleep_in_the_library"));
	SET(stop, 1);
	end(task);
	end(other);
}

TEST(a_thread_that_has_ended)
{
	struct task_struct *task = start(asleep_in_the_library, NULL);
	unsigned long ips[8];

	SET(stop, 1);
	uwq_task_wait_exit(task);
	msleep(20);
	EXPECT_EQ(0u, thread_stack_save(task, ips, 8));
	end(task);
}

/* ---- whose signal it is ---- */

static int handled;	/* atomic */

static void programs_own(int sig)
{
	(void)sig;
	__atomic_add_fetch(&handled, 1, __ATOMIC_ACQ_REL);
}

TEST(a_program_that_uses_the_signal)
{
	struct task_struct *task = start(asleep_in_the_library, NULL);
	int sig = thread_stack_signal();
	struct sigaction now;
	unsigned long ips[8];

	ASSERT_LE(SIGRTMIN, sig);
	ASSERT_GE(SIGRTMAX, sig);
	signal(sig, programs_own);
	EXPECT_EQ(0u, thread_stack_save(task, ips, 8));
	ASSERT_EQ(0, sigaction(sig, NULL, &now));
	EXPECT_TRUE(now.sa_handler == programs_own);
	EXPECT_EQ(0, GET(handled));
	end(task);
}

/* Nothing is installed by the library's mere presence. */
TEST(nothing_is_installed_before_it_is_needed)
{
	struct task_struct *task = start(asleep_in_the_library, NULL);
	struct sigaction now;
	unsigned long ips[8];

	ASSERT_EQ(0, sigaction(thread_stack_signal(), NULL, &now));
	EXPECT_TRUE(now.sa_handler == SIG_DFL);
	thread_stack_save(task, ips, 8);
	ASSERT_EQ(0, sigaction(thread_stack_signal(), NULL, &now));
	EXPECT_TRUE(now.sa_handler != SIG_DFL);
	/* somebody else's signal is swallowed, and no question is answered by it */
	for (int i = 0; i < 20; i++)
		kill(getpid(), thread_stack_signal());
	EXPECT_TRUE(shows(task, "asleep_in_the_library"));
	end(task);
}

TEST(switched_off)
{
	struct task_struct *task;
	unsigned long ips[8];

	if (strcmp(getenv("UWQ_CMDLINE") ? getenv("UWQ_CMDLINE") : "", "uwq.stack_signal=0")) {
		int status;
		pid_t pid = fork();

		if (!pid) {
			setenv("UWQ_CMDLINE", "uwq.stack_signal=0", 1);
			/* what it prints is not this program's result */
			if (!freopen("/dev/null", "w", stdout))
				_exit(127);
			execl("/proc/self/exe", "stacks", "switched_off", NULL);
			_exit(127);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		return;
	}
	EXPECT_EQ(0, thread_stack_signal());
	task = start(asleep_in_the_library, NULL);
	EXPECT_EQ(0u, thread_stack_save(task, ips, 8));
	thread_stack_show(task);
	end(task);
}

/*
 * Many at once: one at a time is answered, and each answer is that of the right thread. A
 * thread that loses its CPU while it answers makes all others come in vain meanwhile.
 */
static struct task_struct *asked_by_many;
static int wrong, right;	/* atomic */

static void *asker(void *arg)
{
	long give_up = now_ms() + 20000;
	unsigned long ips[64];

	(void)arg;
	for (int i = 0; i < 100 || (ANSWERS && GET(right) < 50 && now_ms() < give_up); i++) {
		unsigned int k, nr = thread_stack_save(asked_by_many, ips, 64);
		bool found = false;

		for (k = 0; k < nr; k++)
			found |= ips[k] - (unsigned long)asleep_in_the_library < 4096;
		if (nr)
			__atomic_add_fetch(found ? &right : &wrong, 1, __ATOMIC_ACQ_REL);
	}
	return NULL;
}

TEST(many_askers)
{
	pthread_t threads[4];
	int i;

	asked_by_many = start(asleep_in_the_library, NULL);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, asker, NULL));
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, GET(wrong));
	if (ANSWERS)
		EXPECT_LE(50, GET(right));
	end(asked_by_many);
}

TEST_HARNESS_MAIN

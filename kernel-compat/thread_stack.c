// SPDX-License-Identifier: MIT
/*
 * thread_stack.c - stack traces of other threads, by a signal
 *
 * A kernel reads the stack of a task that it does not run. A process can only ask: a
 * signal lets the thread walk its own stack in the handler and leave the result in a
 * buffer. For that the library's threads leave one real-time signal unblocked
 * (uwq.stack_signal); nothing else in a process sends it. The handler is installed when a
 * trace is wanted for the first time, and only if nobody else handles that signal.
 *
 * The handler takes no lock and does not allocate; the unwinder's tables are looked up
 * without a lock, too, and the asker has used the unwinder before. So the thread may
 * be stopped anywhere, in malloc() or with any lock held. The asker holds no lock that the
 * thread could need, and does not wait for long: a thread that has blocked the signal, or
 * gets no CPU, is described by what /proc tells.
 *
 * One question at a time; a second asker at the same moment gets no answer.
 *
 * A system call that the signal meets is begun again where the system can do that;
 * nanosleep() and others with a timeout return EINTR.
 */
#define _GNU_SOURCE
#define KBUILD_MODNAME "uwq"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/printk_internal.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/thread_stack.h"

#define TRACE_MAX	64
#define PATIENCE_NS	(200 * 1000 * 1000L)

static int stack_signal = -1;	/* I: -1 = choose one */
module_param(stack_signal, int, 0444);
MODULE_PARM_DESC(stack_signal, "real-time signal for stack traces of threads, 0 = none");

/* The state of the one question. */
enum {
	FREE,
	PREPARED,	/* an asker has it */
	ASKED,		/* the thread shall answer */
	ANSWERING,	/* it is about to */
	ANSWERED,
};

static struct {
	uint32_t state;		/* atomic, futex word */
	uint32_t busy;		/* atomic: somebody asks */
	pid_t tid;		/* atomic: who is asked; written while PREPARED */
	unsigned int nr;	/* written while ANSWERING */
	unsigned long ips[TRACE_MAX];
} question;

/* ---- which signal ---- */

static bool is_default(int sig)
{
	struct sigaction now;

	return !sigaction(sig, NULL, &now) && !(now.sa_flags & SA_SIGINFO) &&
	       now.sa_handler == SIG_DFL;
}

static int choose(void)
{
	int sig;

	if (stack_signal >= 0)
		return stack_signal >= SIGRTMIN && stack_signal <= SIGRTMAX ? stack_signal : 0;
	/* programs take theirs from the lower end, and some tools the last ones */
	for (sig = SIGRTMAX - 7; sig > SIGRTMIN + 7; sig--)
		if (is_default(sig))
			return sig;
	return 0;
}

int thread_stack_signal(void)
{
	static int chosen = -1;		/* atomic: whoever comes first says which */
	int sig = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);
	int none = -1;

	if (sig >= 0)
		return sig;
	sig = choose();
	if (!__atomic_compare_exchange_n(&chosen, &none, sig, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return none;
	return sig;
}

/* ---- the thread that is asked ---- */

static unsigned long interrupted_at(const void *context)
{
	const ucontext_t *uc = context;

#if defined(__x86_64__)
	return (unsigned long)uc->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
	return (unsigned long)uc->uc_mcontext.pc;
#else
	(void)uc;
	return 0;
#endif
}

/* Signal handler. A question that was given up, or is for another thread, is not answered. */
static void answer(int sig, siginfo_t *info, void *context)
{
	unsigned long ips[TRACE_MAX], at = interrupted_at(context);
	uint32_t asked = ASKED;
	unsigned int nr, first = 0;
	int saved = errno;

	(void)sig;
	(void)info;
	if (__atomic_load_n(&question.state, __ATOMIC_ACQUIRE) != ASKED ||
	    __atomic_load_n(&question.tid, __ATOMIC_RELAXED) != gettid() ||
	    !__atomic_compare_exchange_n(&question.state, &asked, ANSWERING, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		goto out;
	nr = stack_trace_save(ips, TRACE_MAX, 0);
	/* without the handler's own frames */
	while (first < nr && ips[first] != at)
		first++;
	if (first == nr)
		first = 0;
	question.nr = nr - first;
	memcpy(question.ips, ips + first, question.nr * sizeof(ips[0]));
	__atomic_store_n(&question.state, ANSWERED, __ATOMIC_RELEASE);
	futex_wake(&question.state, 1);
out:
	errno = saved;
}

/* ---- the asker ---- */

/* The signal is ours; false: somebody else handles it, or there is none. */
static bool handler_installed(int sig)
{
	struct sigaction now, ours = { .sa_sigaction = answer };

	if (!sig)
		return false;
	if (!sigaction(sig, NULL, &now) && (now.sa_flags & SA_SIGINFO) &&
	    now.sa_sigaction == answer)
		return true;
	if (!is_default(sig))
		return false;
	ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
	sigfillset(&ours.sa_mask);
	return !sigaction(sig, &ours, NULL);
}

static bool ask(pid_t tid, int sig)
{
	uint32_t state = FREE;

	if (!__atomic_compare_exchange_n(&question.state, &state, PREPARED, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	__atomic_store_n(&question.tid, tid, __ATOMIC_RELAXED);
	__atomic_store_n(&question.state, ASKED, __ATOMIC_RELEASE);
	if (!tgkill(getpid(), tid, sig))
		return true;
	__atomic_store_n(&question.state, FREE, __ATOMIC_RELEASE);
	return false;
}

/* Wait until the state is no longer @state, for a moment. */
static void await_answer(uint32_t state)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += PATIENCE_NS;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_nsec -= 1000000000L;
		end.tv_sec++;
	}
	while (__atomic_load_n(&question.state, __ATOMIC_ACQUIRE) == state)
		if (futex_wait(&question.state, state, &end) == -ETIMEDOUT)
			return;
}

static unsigned int take_answer(unsigned long *store, unsigned int size)
{
	uint32_t asked = ASKED;
	unsigned int nr;

	await_answer(ASKED);
	/* too late from here on: what the handler finds is not a question any more */
	if (__atomic_compare_exchange_n(&question.state, &asked, FREE, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return 0;
	await_answer(ANSWERING);
	/* the buffer stays the thread's until it is done; until then nobody can ask */
	if (__atomic_load_n(&question.state, __ATOMIC_ACQUIRE) != ANSWERED)
		return 0;
	nr = min(question.nr, size);
	memcpy(store, question.ips, nr * sizeof(store[0]));
	__atomic_store_n(&question.state, FREE, __ATOMIC_RELEASE);
	return nr;
}

/* See thread_stack.h. */
unsigned int thread_stack_save(struct task_struct *task, unsigned long *store,
			       unsigned int size)
{
	uint32_t late = ANSWERED;
	unsigned long own[2];
	int sig = thread_stack_signal();
	int saved = errno;
	unsigned int nr = 0;

	if (__atomic_exchange_n(&question.busy, 1, __ATOMIC_ACQUIRE))
		return 0;
	/* an answer that came after its asker had gone */
	__atomic_compare_exchange_n(&question.state, &late, FREE, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
	/* the unwinder prepares itself with its first use: here, and not in the handler */
	stack_trace_save(own, 2, 0);
	if (handler_installed(sig) && ask(task_pid_nr(task), sig))
		nr = take_answer(store, size);
	__atomic_store_n(&question.busy, 0, __ATOMIC_RELEASE);
	errno = saved;
	return nr;
}

/* ---- showing ---- */

/* The first line of a file about thread @tid, without its end; "?" if there is none. */
static void read_about(pid_t tid, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, size - 1);
		close(fd);
	}
	if (len <= 0) {
		strcpy(text, "?");
		return;
	}
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static void add_what_the_system_knows(struct report *report, pid_t tid)
{
	char stat[256], wchan[64], syscall[160];
	const char *state;

	read_about(tid, "stat", stat, sizeof(stat));
	read_about(tid, "wchan", wchan, sizeof(wchan));
	read_about(tid, "syscall", syscall, sizeof(syscall));
	/* behind the name, which may contain anything */
	state = strrchr(stat, ')');
	report_add(report, " no answer; state %c, wchan %s, syscall %s\n",
		   state && state[1] ? state[2] : '?', wchan, syscall);
}

/* See thread_stack.h. */
void thread_stack_show(struct task_struct *task)
{
	struct report report = { 0 };
	unsigned long ips[TRACE_MAX];
	char comm[TASK_COMM_LEN];
	unsigned int nr = thread_stack_save(task, ips, TRACE_MAX);

	report_add(&report, "task:%-15s state:%c pid:%d\nCall Trace:\n <TASK>\n",
		   get_task_comm(comm, task), task_state_to_char(task), task_pid_nr(task));
	for (unsigned int i = 0; i < nr; i++)
		report_add(&report, " %pB\n", (void *)ips[i]);
	if (!nr)
		add_what_the_system_knows(&report, task_pid_nr(task));
	report_add(&report, " </TASK>\n");
	report_show(&report, LOGLEVEL_INFO);
}

/* Nobody asks and nobody answers in a child but the forking thread, which does neither. */
void thread_stack_fork(enum fork_step step)
{
	if (step != FORK_CHILD)
		return;
	question.state = FREE;
	question.busy = 0;
}

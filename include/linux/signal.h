/* SPDX-License-Identifier: MIT */
/*
 * signal.h - signal numbers
 *
 * Numbers and the two markers that send_sig_info() takes. The system's header
 * of this name is not handed on: its sigset_t and struct sigaction would clash
 * with those of <signal.h>.
 *
 * Differs from Linux: no signal sets, no siginfo contents.
 */
#ifndef UWQ_LINUX_SIGNAL_H
#define UWQ_LINUX_SIGNAL_H

#ifndef SIGHUP
#define SIGHUP		1
#define SIGINT		2
#define SIGQUIT		3
#define SIGILL		4
#define SIGTRAP		5
#define SIGABRT		6
#define SIGBUS		7
#define SIGFPE		8
#define SIGKILL		9
#define SIGUSR1		10
#define SIGSEGV		11
#define SIGUSR2		12
#define SIGPIPE		13
#define SIGALRM		14
#define SIGTERM		15
#define SIGSTKFLT	16
#define SIGCHLD		17
#define SIGCONT		18
#define SIGSTOP		19
#define SIGTSTP		20
#define SIGTTIN		21
#define SIGTTOU		22
#define SIGURG		23
#define SIGXCPU		24
#define SIGXFSZ		25
#define SIGVTALRM	26
#define SIGPROF		27
#define SIGWINCH	28
#define SIGIO		29
#define SIGPWR		30
#define SIGSYS		31
#endif

struct kernel_siginfo;

#define SEND_SIG_NOINFO	((struct kernel_siginfo *)0)
#define SEND_SIG_PRIV	((struct kernel_siginfo *)1)

#endif

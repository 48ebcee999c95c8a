// SPDX-License-Identifier: MIT
/*
 * watch.c - the thread that modules run in, and the one that watches it
 *
 * init and exit may take long or hang, and Ctrl-C has to work meanwhile. So they
 * run in a thread of their own, as they would in the processes insmod and rmmod,
 * while the main thread waits for signals, for the time limit, and for the
 * module's work to be over.
 *
 * The first SIGINT or SIGTERM asks: init sees a pending signal, a running module
 * is unloaded. The second one ends the process at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "scripts/uwq/uwq.h"

/* Between two looks for work: at least this long, and fifty times what a look takes */
#define LOOK_MS		10
#define LOOK_SHARE	50

struct life {
	pthread_t thread;
	struct task_struct *task;	/* of the thread */
	int signals;			/* signalfd */
	int asked;			/* eventfd: main thread has set fn */
	int done;			/* eventfd: fn has returned */
	int (*fn)(void *arg);		/* NULL = end */
	void *arg;
	int ret;
	bool interrupted;		/* one signal has come */
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void eventfd_raise(int fd)
{
	unsigned long long one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void eventfd_wait(int fd)
{
	unsigned long long count;

	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

static void *module_thread(void *arg)
{
	struct life *life = arg;

	life->task = current;
	eventfd_raise(life->done);
	for (;;) {
		eventfd_wait(life->asked);
		if (!life->fn)
			return NULL;
		life->ret = life->fn(life->arg);
		eventfd_raise(life->done);
	}
}

/* Returns NULL after a message */
struct life *life_start(void)
{
	struct life *life = zalloc(sizeof(*life));
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* before any other thread is there, so that all inherit it */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	life->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	life->asked = eventfd(0, EFD_CLOEXEC);
	life->done = eventfd(0, EFD_CLOEXEC);
	if (life->signals < 0 || life->asked < 0 || life->done < 0) {
		say("no descriptors to wait with: %s", strerror(errno));
		free(life);
		return NULL;
	}
	err = pthread_create(&life->thread, NULL, module_thread, life);
	if (err) {
		say("no thread for the module: %s", strerror(err));
		free(life);
		return NULL;
	}
	eventfd_wait(life->done);
	return life;
}

void life_end(struct life *life)
{
	life->fn = NULL;
	eventfd_raise(life->asked);
	pthread_join(life->thread, NULL);
	close(life->signals);
	close(life->asked);
	close(life->done);
	free(life);
}

/* A signal that has come, or 0. The second one does not return. */
static int take_signal(struct life *life, const char *what)
{
	struct signalfd_siginfo info;

	if (read(life->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (life->interrupted) {
		say("%s again: ending without unloading", strsignal((int)info.ssi_signo));
		scratch_remove();
		_exit(128 + (int)info.ssi_signo);
	}
	life->interrupted = true;
	say("%s: %s (once more ends at once)", strsignal((int)info.ssi_signo), what);
	return (int)info.ssi_signo;
}

/* Milliseconds for poll() until the limit; -1 = for ever */
static int time_left(double until)
{
	double left;

	if (until < 0)
		return -1;
	left = (until - now()) * 1000;
	return left <= 0 ? 0 : left > 1e9 ? 1000000000 : (int)left + 1;
}

/*
 * Run @fn in the module's thread and return what it returned. @what says what a
 * signal does now. @seconds, if not NULL and not negative, is the time left: it
 * is reduced, and when it is over the thread is signalled as by Ctrl-C.
 */
int life_do(struct life *life, int (*fn)(void *arg), void *arg, const char *what,
	    double *seconds)
{
	double started = now();
	double until = seconds && *seconds >= 0 ? started + *seconds : -1;
	struct pollfd fds[] = {
		{ .fd = life->done, .events = POLLIN },
		{ .fd = life->signals, .events = POLLIN },
	};

	life->fn = fn;
	life->arg = arg;
	eventfd_raise(life->asked);
	for (;;) {
		int ready = poll(fds, 2, time_left(until));

		if (ready < 0)
			continue;
		if (fds[0].revents)
			break;
		if (fds[1].revents && take_signal(life, what))
			send_sig(SIGINT, life->task, 1);
		if (!ready) {
			send_sig(SIGINT, life->task, 1);
			until = -1;
		}
	}
	eventfd_wait(life->done);
	if (seconds && *seconds >= 0) {
		*seconds -= now() - started;
		if (*seconds < 0)
			*seconds = 0;
	}
	flush_signals(life->task);
	return life->ret;
}

/*
 * Until nothing of the modules is running, queued, armed or alive; or a signal
 * comes; or the time is over. Nothing has to be seen twice: between two looks an
 * item could be on its way from a timer to a queue.
 */
void life_wait_until_over(struct life *life, struct module **modules, size_t nr,
			  double *seconds)
{
	double until = *seconds >= 0 ? now() + *seconds : -1;
	struct pollfd fd = { .fd = life->signals, .events = POLLIN };
	int idle = 0;

	while (!life->interrupted) {
		double before = now();
		int look, left = time_left(until);

		if (!left)
			return;
		idle = modules_are_busy(modules, nr) ? 0 : idle + 1;
		if (idle == 2)
			return;
		look = (int)((now() - before) * 1000 * LOOK_SHARE);
		look = look < LOOK_MS ? LOOK_MS : look;
		if (poll(&fd, 1, left >= 0 && left < look ? left : look) > 0)
			take_signal(life, "unloading");
	}
}

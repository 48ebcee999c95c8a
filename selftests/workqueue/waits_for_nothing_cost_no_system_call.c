// SPDX-License-Identifier: MIT
/*
 * Proves C30 and C42 as far as cost goes: waiting for an idle item, or for a queue with
 * nothing in flight, is no system call, whatever kind of queue, and neither is taking a
 * queued item back. The system is asked to stop each call of this thread with a signal
 * meanwhile.
 */
#include "wq_test.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

#include <linux/prctl.h>

#if defined(PR_SET_SYSCALL_USER_DISPATCH) && defined(__x86_64__)

static volatile char selector = SYSCALL_DISPATCH_FILTER_ALLOW;
static volatile sig_atomic_t nr_calls;

/*
 * Those that follow are not counted, until the next begin(). The call is made all the same:
 * it may be the one that wakes the monitor, which waits for a lock of this thread.
 */
static void count_call(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	int saved = errno;
	long ret;

	(void)sig;
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	nr_calls++;
	ret = syscall(info->si_syscall, regs[REG_RDI], regs[REG_RSI], regs[REG_RDX],
		      regs[REG_R10], regs[REG_R8], regs[REG_R9]);
	regs[REG_RAX] = ret < 0 ? -errno : ret;
	errno = saved;
}

static bool start_counting(void)
{
	struct sigaction action = { .sa_sigaction = count_call, .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &action, NULL);
	return prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) == 0;
}

static void begin(void)
{
	nr_calls = 0;
	selector = SYSCALL_DISPATCH_FILTER_BLOCK;
}

static int end(void)
{
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	return nr_calls;
}

#else

static bool start_counting(void) { return false; }
static void begin(void) { }
static int end(void) { return 0; }

#endif

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct counter item;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED, .max_active = 1 };

/* The worker sleeps, and nobody looks after the pool: its lock is free. */
static bool is_at_rest(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	bool rest = !GET(monitor_on);

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		if (pwq->pool->nr_idle != pwq->pool->nr_workers)
			rest = false;
		pool_unlock(pwq->pool);
	}
	return rest;
}

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("quiet", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(self->wq);
	counter_init(&self->item);
	ASSERT_TRUE(queue_work(self->wq, &self->item.work));
	flush_workqueue(self->wq);
	EXPECT_EQ(1, GET(self->item.runs));
	ASSERT_TRUE(COMES_TRUE(is_at_rest(self->wq)));
	if (KS_DELAYS)
		SKIP(return, "delays are system calls");
	if (!start_counting())
		SKIP(return, "this system does not hand system calls out");
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

/* The measure itself. */
TEST_F(queue, a_call_is_counted)
{
	begin();
	getppid();
	EXPECT_EQ(1, end());
}

TEST_F(queue, flush_of_an_idle_item)
{
	begin();
	flush_work(&self->item.work);
	EXPECT_EQ(0, end());
}

TEST_F(queue, flush_of_an_idle_queue)
{
	begin();
	flush_workqueue(self->wq);
	EXPECT_EQ(0, end());
}

TEST_F(queue, cancel_of_an_idle_item)
{
	begin();
	cancel_work_sync(&self->item.work);
	EXPECT_EQ(0, end());
}

/*
 * While an item waits, the monitor looks at the pool every millisecond. Who comes at that
 * moment may have to wait for the pool's lock, or to wake the monitor that waits for it.
 */
TEST_F(queue, cancel_of_a_queued_item)
{
	struct blocker blocker;
	int i, met = 0;

	/* all workers that may run are there, the item waits behind them */
	workqueue_set_max_active(self->wq, 1);
	blocker_start(&blocker, self->wq);
	for (i = 0; i < 100; i++) {
		ASSERT_TRUE(queue_work(self->wq, &self->item.work));
		begin();
		cancel_work_sync(&self->item.work);
		met += end() != 0;
	}
	EXPECT_GT(10, met);
	blocker_release(&blocker);
	flush_workqueue(self->wq);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves C135 and U16: workqueue.panic_on_stall=N panics at the Nth report since the process
 * began, counting reports and not pools; workqueue.panic_on_stall_time=S when the longest
 * stall of a report has lasted S seconds. The dump comes first, then the user's hook, then
 * abort(). Without the parameters nothing of the kind happens. Each case is a process.
 */
#include "rescue_test.h"

#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

extern const struct kernel_param __start___param[] __attribute__((__visibility__("hidden")));
extern const struct kernel_param __stop___param[] __attribute__((__visibility__("hidden")));

static bool set_param(const char *name, const char *value)
{
	const struct kernel_param *kp;

	for (kp = __start___param; kp < __stop___param; kp++)
		if (!strcmp(kp->name, name))
			return kp->perm == 0644 && !kp->ops->set(value, kp);
	return false;
}

/* What the process that panics has told. */
static struct {
	int reports, pools, dumps;	/* atomic */
	int dumps_before_hook;
	char message[256];
} *told;

static void listen(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)len;
	(void)arg;
	if (strstr(text, "BUG: workqueue lockup"))
		ADD(told->pools, 1);
	/* the first line of the dump: one for each report */
	if (strstr(text, "workqueue stalled:"))
		ADD(told->dumps, 1);
}

static void hook(const char *message, void *arg)
{
	(void)arg;
	snprintf(told->message, sizeof(told->message), "%s", message);
	told->dumps_before_hook = GET(told->dumps);
}

/*
 * Two pools stall; returns the status of the process, which ends by itself after @ms, and not
 * before @pools were reported.
 */
static int status_of_a_stall(const char *name, const char *value, unsigned long thresh_ms,
			     long ms, int pools)
{
	static struct witness items[2];
	struct workqueue_struct *wq;
	int status = -1;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	pid = fork();
	if (pid)
		return waitpid(pid, &status, 0) == pid ? status : -1;
	uwq_set_log_sink(listen, NULL);
	uwq_set_panic_hook(hook, NULL);
	wq = alloc_workqueue("stalled", WQ_PERCPU, 0);
	if (!wq || !sampler_start() || (name && !set_param(name, value)))
		_exit(1);
	__atomic_store_n(&wq_params.watchdog_thresh_ms, thresh_ms, __ATOMIC_RELEASE);
	no_threads();
	for (int i = 0; i < 2; i++) {
		witness_init(&items[i]);
		queue_work_on(i, wq, &items[i].work);
	}
	nap_us(ms * 1000);
	_exit(COMES_TRUE(GET(told->pools) >= pools) ? 0 : 2);
}

FIXTURE(stall) {
};

FIXTURE_SETUP(stall)
{
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	ASSERT_TRUE(told != MAP_FAILED);
}

FIXTURE_TEARDOWN(stall)
{
	munmap(told, sizeof(*told));
}

/* Three reports of two pools; the first of them may have been about one only. */
TEST_F(stall, counts_reports)
{
	int status = status_of_a_stall("workqueue.panic_on_stall", "3", 150, 10000, 5);

	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGABRT, WTERMSIG(status));
	EXPECT_NOT_NULL(strstr(told->message, "3 stalls"));
	EXPECT_LE(5, GET(told->pools));
	EXPECT_EQ(3, told->dumps_before_hook);
}

/* How long the stall was by the message; more than asked for if the machine does not let us. */
static int seconds_told(void)
{
	const char *at = strstr(told->message, "a stall of ");
	int seconds = 0;

	return at && sscanf(at, "a stall of %d s", &seconds) == 1 ? seconds : 0;
}

TEST_F(stall, measures_the_longest)
{
	int status = status_of_a_stall("workqueue.panic_on_stall_time", "1", 400, 10000, 1);

	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGABRT, WTERMSIG(status));
	EXPECT_LE(1, seconds_told());
	/* after 400, 800 and 1200 ms, if the machine lets us */
	EXPECT_LE(1, told->dumps_before_hook);
	EXPECT_GE(3, told->dumps_before_hook);
}

TEST_F(stall, is_no_reason_to_panic_otherwise)
{
	EXPECT_EQ(0, status_of_a_stall(NULL, NULL, 100, 500, 2));
	EXPECT_LE(2, GET(told->pools));
	EXPECT_STREQ("", told->message);
}

/* Zero is off, also with a stall; so is a count that was not reached. */
TEST_F(stall, is_counted_up_to_the_number)
{
	EXPECT_EQ(0, status_of_a_stall("workqueue.panic_on_stall", "0", 100, 300, 1));
	EXPECT_EQ(0, status_of_a_stall("workqueue.panic_on_stall", "1000", 100, 300, 1));
	EXPECT_EQ(0, status_of_a_stall("workqueue.panic_on_stall_time", "1000", 100, 300, 1));
	EXPECT_LE(1, GET(told->pools));
}

TEST_HARNESS_MAIN_CPUS(2)

// SPDX-License-Identifier: MIT
/*
 * Proves U15 for the engine's core: a process that is stopped and continued, at any
 * moment, loses no item, runs none twice, and lets delayed items run. The load runs in
 * a forked process, which is stopped again and again by its parent.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

static struct {
	long trues, runs;	/* atomic */
	int overlaps;		/* atomic */
	bool stop, done;	/* atomic */
} *shared;

struct load {
	struct work_struct work;
	struct delayed_work dwork;
	int inside, delayed_inside;	/* atomic */
};

static void note(int *inside)
{
	if (ADD(*inside, 1) != 1)
		ADD(shared->overlaps, 1);
	ADD(shared->runs, 1);
	ADD(*inside, -1);
}

static void work_func(struct work_struct *work)
{
	note(&container_of(work, struct load, work)->inside);
}

static void dwork_func(struct work_struct *work)
{
	struct load *load = container_of(to_delayed_work(work), struct load, dwork);

	note(&load->delayed_inside);
}

#define NR_LOADS	4

static struct load loads[NR_LOADS];

static int child(void)
{
	struct workqueue_struct *wq = alloc_workqueue("stopped", WQ_UNBOUND, 1);
	int i;

	for (i = 0; i < NR_LOADS; i++) {
		INIT_WORK(&loads[i].work, work_func);
		INIT_DELAYED_WORK(&loads[i].dwork, dwork_func);
	}
	while (!GET(shared->stop)) {
		for (i = 0; i < NR_LOADS; i++) {
			ADD(shared->trues, queue_work(i % 2 ? system_percpu_wq : wq,
						      &loads[i].work));
			ADD(shared->trues, queue_delayed_work(wq, &loads[i].dwork, 1));
		}
		flush_work(&loads[0].work);
	}
	for (i = 0; i < NR_LOADS; i++) {
		flush_work(&loads[i].work);
		flush_delayed_work(&loads[i].dwork);
	}
	destroy_workqueue(wq);
	SET(shared->done, true);
	return GET(shared->trues) == GET(shared->runs) && !GET(shared->overlaps) ? 0 : 1;
}

TEST(again_and_again)
{
	int status, i, nr = ROUNDS(200) + 20;
	unsigned int seed = 5;
	long before;
	pid_t pid;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_TRUE(shared != MAP_FAILED);
	pid = fork();
	if (!pid)
		_exit(child());
	for (i = 0; i < nr; i++) {
		kill(pid, SIGSTOP);
		ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		/* some stops are longer than all periods of the monitor */
		if (i % 10 == 0)
			nap_us(20000);
		before = GET(shared->runs);
		kill(pid, SIGCONT);
		nap_us(rand_r(&seed) % 3000);
		if (i % 20 == 0)
			ASSERT_TRUE(COMES_TRUE(GET(shared->runs) > before));
	}
	SET(shared->stop, true);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(GET(shared->trues), GET(shared->runs));
	EXPECT_EQ(0, GET(shared->overlaps));
	EXPECT_LT(nr, GET(shared->runs));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves U12, catches B64, B72: a process may call exit() at any time, with items
 * queued, running, blocked, held back or armed, from any thread and from inside a
 * function. It ends soon, with the status that was given; nothing more starts once its
 * exit handlers run; functions that are running get a moment to end before the program's
 * data is destroyed; quick_exit() and _exit() do not wait at all. Each case is a
 * forked process.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

#include "workqueue/batch.h"
#include "workqueue/params.h"

/* What the dying process tells. */
static struct {
	int started, finished;		/* atomic */
	int destroyed;			/* atomic: the last handler has run */
	int after;			/* atomic: runs that ended after that */
} *shared;

static struct counter many[100];
static struct blocker blockers[20];

static void slow(struct work_struct *work)
{
	(void)work;
	ADD(shared->started, 1);
	nap_us(500000);
	ADD(*(GET(shared->destroyed) ? &shared->after : &shared->finished), 1);
}

static void note_start(struct work_struct *work)
{
	(void)work;
	ADD(shared->started, 1);
}

/* Registered before the engine's: runs after it. */
static void destroy_data(void)
{
	SET(shared->destroyed, 1);
	nap_us(1000);
}

struct ended {
	int status;
	long ms;
};

static struct ended in_a_process(void (*body)(void))
{
	struct ended ended;
	long begin = now_ms();
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (!pid) {
		atexit(destroy_data);
		body();
		_exit(99);
	}
	while (waitpid(pid, &ended.status, 0) != pid)
		;
	ended.ms = now_ms() - begin;
	return ended;
}

static void check(struct __test_metadata *_metadata, void (*body)(void), int code)
{
	struct ended ended = in_a_process(body);

	EXPECT_TRUE(WIFEXITED(ended.status)) {
		TH_LOG("killed by signal %d", WTERMSIG(ended.status));
	}
	EXPECT_EQ(code, WEXITSTATUS(ended.status));
	/* "soon": uwq.exit_wait_ms is 100 */
	EXPECT_GT(8000, ended.ms);
	EXPECT_EQ(1, GET(shared->destroyed));
}

FIXTURE(process) {
};

FIXTURE_SETUP(process)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_TRUE(shared != MAP_FAILED);
}

FIXTURE_TEARDOWN(process)
{
}

/* ---- unused and idle ---- */

static void unused(void)
{
	exit(3);
}

static void idle(void)
{
	counter_init(&many[0]);
	queue_work(system_dfl_wq, &many[0].work);
	flush_work(&many[0].work);
	exit(GET(many[0].runs) == 1 ? 4 : 5);
}

TEST_F(process, unused)
{
	check(_metadata, unused, 3);
}

TEST_F(process, idle)
{
	check(_metadata, idle, 4);
}

/* ---- blocked for ever, queued behind that, held back, armed ---- */

static void everything_outstanding(void)
{
	static struct delayed_work armed, later;
	struct workqueue_struct *wq = alloc_workqueue("exit", WQ_UNBOUND, 2);
	struct workqueue_struct *bound = alloc_workqueue("exit", WQ_PERCPU, 0);
	int i;

	for (i = 0; i < 2; i++)
		blocker_start(&blockers[i], wq);
	for (; i < 10; i++)
		blocker_start_on(&blockers[i], i % nr_cpu_ids, bound);
	for (i = 0; i < 100; i++) {
		INIT_WORK(&many[i].work, note_start);
		queue_work(wq, &many[i].work);
	}
	INIT_DELAYED_WORK(&armed, note_start);
	queue_delayed_work(wq, &armed, 1);
	INIT_DELAYED_WORK(&later, note_start);
	queue_delayed_work(bound, &later, 1000 * HZ);
	exit(42);
}

TEST_F(process, blocked_queued_held_back_and_armed)
{
	check(_metadata, everything_outstanding, 42);
	EXPECT_EQ(0, GET(shared->started));
}

/* ---- running ones get a moment ---- */

static void running(void)
{
	struct workqueue_struct *wq = alloc_workqueue("exit", WQ_UNBOUND, 0);

	WRITE_ONCE(wq_params.exit_wait_ms, 5000);
	for (int i = 0; i < 4; i++) {
		INIT_WORK(&many[i].work, slow);
		queue_work(wq, &many[i].work);
	}
	while (GET(shared->started) < 1)
		nap_us(100);
	exit(7);
}

TEST_F(process, running_ones_end_before_data_goes)
{
	check(_metadata, running, 7);
	EXPECT_LE(1, GET(shared->finished));
	EXPECT_EQ(GET(shared->started), GET(shared->finished));
	EXPECT_EQ(0, GET(shared->after));
}

/* ---- nothing new starts ---- */

static struct work_struct endless[8];

static void requeue(struct work_struct *work)
{
	ADD(shared->started, 1);
	queue_work(system_dfl_wq, work);
	if (GET(shared->destroyed))
		ADD(shared->after, 1);
}

static void endless_load(void)
{
	WRITE_ONCE(wq_params.exit_wait_ms, 5000);
	for (int i = 0; i < 8; i++) {
		INIT_WORK(&endless[i], requeue);
		queue_work(system_dfl_wq, &endless[i]);
	}
	while (GET(shared->started) < 100)
		nap_us(100);
	exit(8);
}

TEST_F(process, endless_load_stops)
{
	for (int i = 0; i < 20; i++) {
		check(_metadata, endless_load, 8);
		EXPECT_EQ(0, GET(shared->after));
	}
}

/* A second instance that waits behind the running one is not a running one. */
static void second_instance(void)
{
	struct counter other;

	WRITE_ONCE(wq_params.exit_wait_ms, 5000);
	INIT_WORK(&many[0].work, slow);
	queue_work_on(0, system_percpu_wq, &many[0].work);
	while (!GET(shared->started))
		nap_us(100);
	queue_work_on(0, system_percpu_wq, &many[0].work);
	/* whoever runs this has put the other where it belongs */
	counter_init(&other);
	queue_work_on(0, system_percpu_wq, &other.work);
	flush_work(&other.work);
	exit(GET(shared->finished) ? 98 : 9);
}

TEST_F(process, second_instance_does_not_follow)
{
	check(_metadata, second_instance, 9);
	EXPECT_EQ(1, GET(shared->started));
	EXPECT_EQ(1, GET(shared->finished));
	EXPECT_EQ(0, GET(shared->after));
}

/* ---- from a function, and from another thread ---- */

static void exit_here(struct work_struct *work)
{
	(void)work;
	exit(21);
}

static struct work_struct exiting;

static void from_a_function(void)
{
	struct workqueue_struct *wq = alloc_workqueue("exit", WQ_PERCPU, 0);

	for (int i = 0; i < 5; i++)
		blocker_start(&blockers[i], system_dfl_wq);
	INIT_WORK(&exiting, exit_here);
	queue_work(wq, &exiting);
	/* flushes what never returns */
	flush_work(&exiting);
	for (;;)
		pause();
}

TEST_F(process, from_inside_a_function)
{
	check(_metadata, from_a_function, 21);
}

static void from_a_bottom_half(void)
{
	/* not for itself */
	WRITE_ONCE(wq_params.exit_wait_ms, 100000);
	INIT_WORK(&exiting, exit_here);
	queue_work(system_bh_wq, &exiting);
	for (;;)
		pause();
}

TEST_F(process, from_a_bottom_half)
{
	check(_metadata, from_a_bottom_half, 21);
}

static void *exit_thread(void *arg)
{
	(void)arg;
	exit(22);
}

static void while_others_wait(void)
{
	blocker_start(&blockers[0], system_dfl_wq);
	start_thread(exit_thread, NULL);
	flush_work(&blockers[0].work);
	for (;;)
		pause();
}

TEST_F(process, while_another_thread_flushes)
{
	check(_metadata, while_others_wait, 22);
}

/* An exit handler of the program may still cancel and destroy. */
static struct workqueue_struct *handled_wq;

static void tidy_up(void)
{
	for (int i = 0; i < 100; i++)
		cancel_work_sync(&many[i].work);
	blocker_release(&blockers[0]);
	flush_work(&blockers[0].work);
	destroy_workqueue(handled_wq);
}

static void tidy_program(void)
{
	handled_wq = alloc_workqueue("tidy", WQ_UNBOUND, 1);
	atexit(tidy_up);
	blocker_start(&blockers[0], handled_wq);
	for (int i = 0; i < 100; i++) {
		counter_init(&many[i]);
		queue_work(handled_wq, &many[i].work);
	}
	exit(0);
}

TEST_F(process, handlers_of_the_program_may_tidy_up)
{
	check(_metadata, tidy_program, 0);
}

/* One that was registered earlier comes when nothing starts any more. */
static struct work_struct running_one, queued_one;

static void outlast_exit(struct work_struct *work)
{
	ADD(shared->started, 1);
	while (!wq_exiting())
		nap_us(100);
	slow(work);
}

static void tidy_up_late(void)
{
	/* not for what is queued, but for what runs */
	flush_work(&queued_one);
	flush_workqueue(handled_wq);
	ADD(*(GET(shared->finished) ? &shared->finished : &shared->after), 1);
	drain_workqueue(handled_wq);
	destroy_workqueue(handled_wq);
	ADD(shared->finished, 1);
}

static void tidy_program_late(void)
{
	atexit(tidy_up_late);
	WRITE_ONCE(wq_params.exit_wait_ms, 1);
	handled_wq = alloc_ordered_workqueue("late", 0);
	INIT_WORK(&running_one, outlast_exit);
	INIT_WORK(&queued_one, note_start);
	queue_work(handled_wq, &running_one);
	queue_work(handled_wq, &queued_one);
	while (!GET(shared->started))
		nap_us(100);
	exit(9);
}

TEST_F(process, late_handlers_wait_for_what_runs)
{
	check(_metadata, tidy_program_late, 9);
	/* twice by the one that ran, never by the other */
	EXPECT_EQ(2, GET(shared->started));
	EXPECT_EQ(3, GET(shared->finished));
	EXPECT_EQ(0, GET(shared->after));
}

/* Of the items that a worker has taken at once the next one does not wait any more, nor run. */
static struct work_struct taken_first, taken_second;
static int waiting_ended;	/* atomic */

static void second_of_two(struct work_struct *work)
{
	(void)work;
	ADD(shared->started, 1);
	/* until everybody has looked */
	nap_us(20000);
	ADD(shared->finished, 1);
}

static void stay_between(const char *name)
{
	struct batch *batch;

	if (strcmp(name, "batch_claimed"))
		return;
	batch = &this_worker->batch;
	if (batch->items[batch->begun].work != &taken_second)
		return;
	ADD(shared->started, 1);
	while (!wq_exiting())
		nap_us(100);
	nap_us(20000);
}

static void let_the_other_look(void)
{
	while (!GET(waiting_ended))
		nap_us(100);
}

static void between_two(void (*wait)(void))
{
	atexit(let_the_other_look);
	uwq_test_force_batches(true);
	handled_wq = alloc_ordered_workqueue("two", 0);
	counter_init(&many[0]);
	INIT_WORK(&taken_first, note_start);
	INIT_WORK(&taken_second, second_of_two);
	/* the first run of all is measured */
	queue_work(handled_wq, &many[0].work);
	flush_work(&many[0].work);
	blocker_start(&blockers[0], handled_wq);
	queue_work(handled_wq, &taken_first);
	queue_work(handled_wq, &taken_second);
	SET(uwq_test_point_hook, stay_between);
	blocker_release(&blockers[0]);
	while (GET(shared->started) < 2)
		nap_us(100);
	start_thread(exit_thread, NULL);
	while (!wq_exiting())
		nap_us(100);
	wait();
	ADD(*(GET(shared->finished) ? &shared->finished : &shared->after), 1);
	SET(waiting_ended, 1);
	for (;;)
		pause();
}

static void flush_second(void)
{
	flush_work(&taken_second);
}

static void flush_both(void)
{
	flush_workqueue(handled_wq);
}

static void flush_item_between_two(void)
{
	between_two(flush_second);
}

static void flush_queue_between_two(void)
{
	between_two(flush_both);
}

TEST_F(process, item_that_was_about_to_start_is_flushed)
{
	check(_metadata, flush_item_between_two, 22);
	EXPECT_EQ(2, GET(shared->finished));
	EXPECT_EQ(0, GET(shared->after));
}

TEST_F(process, queue_whose_item_was_about_to_start_is_flushed)
{
	check(_metadata, flush_queue_between_two, 22);
	EXPECT_EQ(2, GET(shared->finished));
	EXPECT_EQ(0, GET(shared->after));
}

/* ---- without handlers ---- */

static void quickly(void)
{
	WRITE_ONCE(wq_params.exit_wait_ms, 100000);
	for (int i = 0; i < 5; i++)
		blocker_start(&blockers[i], system_dfl_wq);
	quick_exit(31);
}

static void at_once(void)
{
	WRITE_ONCE(wq_params.exit_wait_ms, 100000);
	for (int i = 0; i < 5; i++)
		blocker_start(&blockers[i], system_dfl_wq);
	_exit(32);
}

TEST_F(process, quick_exit_waits_for_nothing)
{
	struct ended ended = in_a_process(quickly);

	EXPECT_EQ(31, WEXITSTATUS(ended.status));
	EXPECT_GT(20000, ended.ms);
	ended = in_a_process(at_once);
	EXPECT_EQ(32, WEXITSTATUS(ended.status));
	EXPECT_GT(20000, ended.ms);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves that a queued item is always noticed (the wake-up protocol of pool.c, KICK/1
 * and KICK/2), and catches B45: an item is queued and waited for at the very moment at
 * which the last worker goes to rest, up to 100000 times, with workers that spin before they
 * sleep and with ones that do not; items come while the only worker is about to
 * block, so that a second one is needed; and ten thousand items are taken back before
 * the worker that was woken for them has looked. A lost wake-up is a hang.
 *
 * The waiter spins and does not flush, because a flush would look after the pool itself.
 */
#include "wq_test.h"

#include "kernel-compat/wait_spin.h"

#define NR_ROUNDS	ROUNDS(100000)
#define MOST_MS		2000

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct counter item;
	int cpu;	/* not the caller's, if there are two */
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	unsigned int spin_us;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, unbound_spinning) { .flags = WQ_UNBOUND, .spin_us = 12 };
FIXTURE_VARIANT_ADD(queue, bottom_half) { .flags = WQ_PERCPU | WQ_BH };

FIXTURE_SETUP(queue)
{
	WRITE_ONCE(uwq_spin_us, variant->spin_us);
	self->wq = alloc_workqueue("wake", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	counter_init(&self->item);
	self->cpu = nr_cpu_ids > 1 && pin_to_real_cpu(uwq_ask_cpu()) ? !raw_smp_processor_id() : 0;
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

/* Polls closely, so that the next round begins while the workers go to rest. */
#define POLL_UNTIL(cond)				\
	do {						\
		unsigned int looks_ = 0;		\
							\
		while (!(cond)) {			\
			if (++looks_ % 64)		\
				cpu_relax();		\
			else				\
				sched_yield();		\
		}					\
	} while (0)

static inline void wait_for_runs_of(struct counter *item, int runs)
{
	POLL_UNTIL(GET(item->runs) >= runs);
}

/* The pause moves over the moments in which the worker goes to rest. */
TEST_F_TIMEOUT(queue, worker_goes_to_rest_as_the_item_comes, 30)
{
	long until = now_ms() + MOST_MS;
	int i, n;

	for (i = 0; go_on(i, NR_ROUNDS, until); i++) {
		for (n = 0; n < i % 256; n++)
			cpu_relax();
		ASSERT_TRUE(queue_work_on(self->cpu, self->wq, &self->item.work));
		wait_for_runs_of(&self->item, i + 1);
	}
	TH_LOG("%d rounds", i);
}

/* The same at the pace of two producers, whose items come in the middle of everything. */
static int failures, rounds;	/* atomic */

static void *queue_and_wait(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;
	long until = now_ms() + MOST_MS / 2;
	struct counter item;
	int i, n;

	counter_init(&item);
	for (i = 0; go_on(i, NR_ROUNDS, until); i++) {
		for (n = 0; n < i % 97; n++)
			cpu_relax();
		if (!queue_work_on(self->cpu, self->wq, &item.work))
			ADD(failures, 1);
		wait_for_runs_of(&item, i + 1);
	}
	flush_work(&item.work);
	ADD(rounds, i);
	return NULL;
}

TEST_F_TIMEOUT(queue, two_producers, 30)
{
	run_threads(2, queue_and_wait, self);
	TH_LOG("%d rounds", GET(rounds));
	EXPECT_EQ(0, GET(failures));
}

/* The worker that would look is about to block: whoever comes then needs another. */
struct sleeper {
	struct work_struct work;
	struct completion woken;
	int pauses;
	int runs;	/* atomic: begun */
};

static void sleep_until_woken(struct work_struct *work)
{
	struct sleeper *sleeper = container_of(work, struct sleeper, work);
	int n;

	ADD(sleeper->runs, 1);
	for (n = 0; n < sleeper->pauses; n++)
		cpu_relax();
	wait_for_completion(&sleeper->woken);
}

struct waker {
	struct work_struct work;
	struct sleeper *sleeper;
};

static void wake_sleeper(struct work_struct *work)
{
	complete(&container_of(work, struct waker, work)->sleeper->woken);
}

TEST_F_FOR(queue, item_comes_as_the_worker_blocks, !(variant->flags & WQ_BH))
{
	long until = now_ms() + MOST_MS;
	struct sleeper sleeper;
	struct waker waker;
	int i, n;

	waker.sleeper = &sleeper;
	INIT_WORK(&sleeper.work, sleep_until_woken);
	INIT_WORK(&waker.work, wake_sleeper);
	SET(sleeper.runs, 0);
	for (i = 0; go_on(i, NR_ROUNDS, until); i++) {
		init_completion(&sleeper.woken);
		sleeper.pauses = i % 50;
		ASSERT_TRUE(queue_work_on(self->cpu, self->wq, &sleeper.work));
		if (i % 2)
			POLL_UNTIL(GET(sleeper.runs) > i);
		for (n = 0; n < i % 61; n++)
			cpu_relax();
		/* only this one ends the first; nobody but the pool looks after it */
		ASSERT_TRUE(queue_work_on(self->cpu, self->wq, &waker.work));
		POLL_UNTIL(!work_busy(&sleeper.work) && !work_busy(&waker.work));
	}
	TH_LOG("%d rounds", i);
}

/* Bursts: the first of each blocks until the last has run. */
#define BURST	8

struct burst_item {
	struct work_struct work;
	struct completion *last_ran;
	int place;
};

static int burst_runs;	/* atomic */

static void run_in_burst(struct work_struct *work)
{
	struct burst_item *item = container_of(work, struct burst_item, work);

	if (item->place == BURST - 1)
		complete(item->last_ran);
	else if (item->place == 0)
		wait_for_completion(item->last_ran);
	ADD(burst_runs, 1);
}

TEST_F_FOR(queue, first_of_a_burst_blocks, !(variant->flags & WQ_BH))
{
	long until = now_ms() + MOST_MS / 2;
	struct burst_item items[BURST];
	struct completion last_ran;
	int i, n;

	for (n = 0; n < BURST; n++) {
		items[n].last_ran = &last_ran;
		items[n].place = n;
		INIT_WORK(&items[n].work, run_in_burst);
	}
	for (i = 1; go_on(i, NR_ROUNDS, until); i++) {
		init_completion(&last_ran);
		for (n = 0; n < BURST; n++)
			ASSERT_TRUE(queue_work_on(self->cpu, self->wq, &items[n].work));
		POLL_UNTIL(GET(burst_runs) >= i * BURST);
	}
	flush_workqueue(self->wq);
	TH_LOG("%d rounds", i);
}

/*
 * The first of two spins until the second has run, and the library sees no sleep: the
 * second needs a worker of its own, whoever was looking when it came. (On one CPU it would be
 * the monitor's business.)
 */
struct spinning {
	struct work_struct work;
	int *second_ran;	/* atomic */
};

static void spin_for_second(struct work_struct *work)
{
	struct spinning *spinning = container_of(work, struct spinning, work);

	POLL_UNTIL(GET(*spinning->second_ran));
}

static void be_second(struct work_struct *work)
{
	SET(*container_of(work, struct spinning, work)->second_ran, 1);
}

TEST_F_FOR(queue, first_of_two_spins, variant->flags & WQ_UNBOUND)
{
	long until = now_ms() + MOST_MS / 2;
	struct spinning first, second;
	int i, n, second_ran;

	first.second_ran = second.second_ran = &second_ran;
	INIT_WORK(&first.work, spin_for_second);
	INIT_WORK(&second.work, be_second);
	for (i = 0; go_on(i, NR_ROUNDS, until); i++) {
		SET(second_ran, 0);
		ASSERT_TRUE(queue_work(self->wq, &first.work));
		for (n = 0; n < i % 40; n++)
			cpu_relax();
		ASSERT_TRUE(queue_work(self->wq, &second.work));
		POLL_UNTIL(!work_busy(&first.work) && !work_busy(&second.work));
	}
	TH_LOG("%d rounds", i);
}

/* B45: what was woken for finds nothing, again and again; then something comes. */
TEST_F(queue, items_are_taken_back_before_the_worker_looks)
{
	int i, n, taken = 0, accepted = 0;

	for (i = 0; i < 3; i++) {
		for (n = 0; n < ROUNDS(10000); n++) {
			accepted += queue_work_on(self->cpu, self->wq, &self->item.work);
			taken += cancel_work(&self->item.work);
		}
		accepted += queue_work_on(self->cpu, self->wq, &self->item.work);
		wait_for_runs_of(&self->item, accepted - taken);
	}
	flush_workqueue(self->wq);
	EXPECT_EQ(accepted - taken, GET(self->item.runs));
	EXPECT_LT(0, taken);
}

/*
 * The worker is on its way to the last of these rests, without having run anything, when the
 * next item comes: who relied on its coming is seen all the same. Only those rely on it without
 * a look of their own for whom the monitor is on.
 */
TEST_F_TIMEOUT(queue, item_comes_as_the_worker_finds_nothing, 30)
{
	long until = now_ms() + MOST_MS;
	int i, n, expected = 0;

	for (i = 0; go_on(i, NR_ROUNDS, until); i++) {
		SET(monitor_on, 1);
		expected += queue_work_on(self->cpu, self->wq, &self->item.work);
		expected -= cancel_work(&self->item.work);
		for (n = 0; n < i % 256; n++)
			cpu_relax();
		expected += queue_work_on(self->cpu, self->wq, &self->item.work);
		wait_for_runs_of(&self->item, expected);
	}
	TH_LOG("%d rounds", i);
}

TEST_F(queue, items_are_taken_back_while_the_worker_is_busy)
{
	struct counter items[200];
	int i, n;

	for (n = 0; n < 200; n++)
		counter_init(&items[n]);
	for (i = 1; i <= ROUNDS(100); i++) {
		for (n = 0; n < 200; n++)
			queue_work_on(self->cpu, self->wq, &items[n].work);
		for (n = 0; n < 199; n++)
			cancel_work(&items[n].work);
		wait_for_runs_of(&items[199], i);
	}
	flush_workqueue(self->wq);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: MIT
/*
 * Proves C14 and catches B1: a queue call that returned false because the item was
 * pending is not lost. Whoever stored its condition before the call can rely on the run
 * that clears PENDING afterwards to see it. One side: clear PENDING, then read the
 * condition; other side: store the condition, then look at PENDING. If both could miss the
 * other, a request would be served by nobody. The same holds for whoever clears PENDING by
 * taking the item back, and for a worker that keeps an item (requeue.c), which clears it without
 * a barrier of its own.
 */
#include "wq_test.h"

#include "kernel-compat/wait_spin.h"

struct mailbox {
	struct work_struct work;
	unsigned long posted;	/* relaxed: the condition */
	unsigned long served;	/* atomic: the highest that a run saw */
};

static void serve(struct work_struct *work)
{
	struct mailbox *box = container_of(work, struct mailbox, work);

	SET(box->served, __atomic_load_n(&box->posted, __ATOMIC_RELAXED));
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct mailbox box;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };

FIXTURE_SETUP(queue)
{
	/* workers that stay awake: the two sides meet more often */
	WRITE_ONCE(uwq_spin_us, 50);
	self->wq = alloc_workqueue("mail", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	INIT_WORK(&self->box.work, serve);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

/*
 * Where a worker polls, the item is taken before the call has returned, and the call may
 * want the pool lock, which the worker that is held has: it is not this thread's.
 */
static void *queue_first(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;

	return queue_work(self->wq, &self->box.work) ? self : NULL;
}

/* At the last moment before PENDING is off: refused, and seen. */
TEST_F(queue, call_just_before_the_run_is_seen)
{
	int i;

	for (i = 1; i <= 200; i++) {
		pthread_t first;
		void *accepted;

		hold_next("worker_begin");
		first = start_thread(queue_first, self);
		hold_wait();
		__atomic_store_n(&self->box.posted, i, __ATOMIC_RELAXED);
		ASSERT_FALSE(queue_work(self->wq, &self->box.work));
		hold_release();
		pthread_join(first, &accepted);
		ASSERT_NOT_NULL(accepted);
		flush_work(&self->box.work);
		ASSERT_EQ(i, GET(self->box.served));
	}
}

/* One more moment, and the call is accepted instead. */
TEST_F(queue, call_just_after_gives_a_run_of_its_own)
{
	int i;

	for (i = 1; i <= 200; i++) {
		hold_next("worker_call");
		ASSERT_TRUE(queue_work(self->wq, &self->box.work));
		hold_wait();
		ASSERT_TRUE(queue_work(self->wq, &self->box.work));
		__atomic_store_n(&self->box.posted, i, __ATOMIC_RELAXED);
		hold_release();
		flush_work(&self->box.work);
		ASSERT_EQ(i, GET(self->box.served));
	}
}

static inline void pause_a_little(unsigned int n)
{
	for (volatile unsigned int i = 0; i < n; i++)
		;
}

/*
 * The item has been idle at some moment after the caller posted @value. Idle means for ever: who
 * asks whether it is busy looks at two places, and it may have gone from one to the other.
 */
static bool was_served(struct mailbox *box, unsigned long value)
{
	while (GET(box->served) < value)
		if (!work_busy(&box->work) &&
		    !COMES_TRUE(GET(box->served) >= value || work_busy(&box->work)))
			return false;
	return true;
}

/*
 * The second call of each round is aimed at the moment in which PENDING goes off: a bit
 * later after a refusal, a bit earlier after an acceptance.
 */
TEST_F(queue, store_and_clear_race)
{
	int cpu = nr_cpu_ids > 1 && pin_to_real_cpu(uwq_ask_cpu()) ? !raw_smp_processor_id() : 0;
	unsigned long posted = 0, refused = 0, accepted = 0;
	struct mailbox *box = &self->box;
	long until = now_ms() + 1500;
	unsigned int pause = 100;
	int i;

	for (i = 0; go_on(i, INT_MAX, until); i++) {
		__atomic_store_n(&box->posted, ++posted, __ATOMIC_RELAXED);
		queue_work_on(cpu, self->wq, &box->work);
		pause_a_little(pause + i % 8);
		__atomic_store_n(&box->posted, ++posted, __ATOMIC_RELAXED);
		if (queue_work_on(cpu, self->wq, &box->work)) {
			accepted++;
			pause -= pause > 0;
		} else {
			refused++;
			pause++;
		}
		ASSERT_TRUE(was_served(box, posted));
	}
	TH_LOG("%lu accepted, %lu refused", accepted, refused);
	EXPECT_LT(0, refused);
}

/* ---- kept by its worker ---- */

#define NR_LINES	16

struct line {
	unsigned long value __aligned(64);	/* relaxed */
};

/*
 * The condition is on a line of its own. The others make the race likely: the run stores to all
 * of them when it has queued the item, and as the poster wants them too, that takes long; what
 * the worker stores next, which is PENDING off, waits behind it, and what it loads does not.
 */
static struct {
	struct mailbox box;
	struct workqueue_struct *wq;
	unsigned long last;	/* the run's: what it saw before */
	int left;		/* the run's: how often it queues itself without anything new */
	struct line posted, lines[NR_LINES];
} poller;

static void store_to_lines(unsigned long value)
{
	for (int i = 0; i < NR_LINES; i++)
		__atomic_store_n(&poller.lines[i].value, value, __ATOMIC_RELAXED);
}

static void poll_once(struct work_struct *work)
{
	unsigned long seen = __atomic_load_n(&poller.posted.value, __ATOMIC_RELAXED);

	if (seen != poller.last) {
		poller.last = seen;
		poller.left = 8;
	}
	if (poller.left-- > 0) {
		queue_work(poller.wq, work);
		store_to_lines(seen);
	} else {
		SET(poller.box.served, seen);
	}
}

static bool post_once(int cpu, unsigned long value)
{
	__atomic_store_n(&poller.posted.value, value, __ATOMIC_RELAXED);
	return queue_work_on(cpu, poller.wq, &poller.box.work);
}

/*
 * An item that queues itself some times, and is kept (requeue.c). The second call of each round
 * is to meet the begin of its last run, now and then.
 */
TEST_F(queue, kept_item_begins_while_another_call_is_refused)
{
	int cpu = nr_cpu_ids > 1 && pin_to_real_cpu(uwq_ask_cpu()) ? !raw_smp_processor_id() : 0;
	unsigned long posted = 0, refused = 0;
	long until = now_ms() + 1500;
	int i;

	uwq_test_force_batches(true);
	poller.wq = self->wq;
	INIT_WORK(&poller.box.work, poll_once);
	for (i = 0; go_on(i, INT_MAX, until); i++) {
		post_once(cpu, ++posted);
		for (int n = 0; n < i % 64; n++)
			store_to_lines((unsigned long)n);
		refused += !post_once(cpu, ++posted);
		ASSERT_TRUE(was_served(&poller.box, posted));
	}
	uwq_test_force_batches(false);
	TH_LOG("%lu of %d refused", refused, i);
	if (!refused)
		SKIP(return, "no call was refused");
}

/* ---- taken back ---- */

static struct {
	struct mailbox box;
	struct delayed_work late;
	bool in_timer;		/* it is @late that is taken back, from its timer */
	struct workqueue_struct *wq;
	unsigned long round;	/* atomic: the one that may begin */
	unsigned long done;	/* atomic: the poster's last one */
	bool refused;		/* the poster's call in that round */
} duel;

static bool duel_queue(void)
{
	return duel.in_timer ? queue_delayed_work(duel.wq, &duel.late, 1000 * HZ) :
			       queue_work(duel.wq, &duel.box.work);
}

static void duel_cancel(void)
{
	if (duel.in_timer)
		cancel_delayed_work_sync(&duel.late);
	else
		cancel_work_sync(&duel.box.work);
}

static void *post(void *arg)
{
	unsigned long last = 0;

	(void)arg;
	while (GET(duel.round) != ULONG_MAX) {
		unsigned long round = GET(duel.round);

		if (round == last) {
			cpu_relax();
			continue;
		}
		__atomic_store_n(&duel.box.posted, round, __ATOMIC_RELAXED);
		duel.refused = !duel_queue();
		last = round;
		SET(duel.done, round);
	}
	return NULL;
}

/* The item waits on a list, or in its timer. What the canceller saw of the poster's condition. */
static unsigned long take_back(unsigned long round, unsigned int pause)
{
	duel_queue();
	(void)workqueue_congested(WORK_CPU_UNBOUND, duel.wq);
	SET(duel.round, round);
	pause_a_little(pause);
	duel_cancel();
	return __atomic_load_n(&duel.box.posted, __ATOMIC_RELAXED);
}

static void take_back_for_a_while(struct __test_metadata *_metadata, bool in_timer)
{
	unsigned long round, seen, refused = 0, accepted = 0;
	long until = now_ms() + 1500;
	struct blocker blocker;
	unsigned int pause = 50;
	pthread_t poster;

	duel.wq = alloc_workqueue("duel", WQ_UNBOUND, 1);
	ASSERT_NOT_NULL(duel.wq);
	duel.in_timer = in_timer;
	INIT_WORK(&duel.box.work, serve);
	INIT_DELAYED_WORK(&duel.late, serve);
	blocker_start(&blocker, duel.wq);
	poster = start_thread(post, NULL);
	for (round = 1; go_on((int)round, INT_MAX, until); round++) {
		/* aimed at the moment of the other's call */
		seen = take_back(round, pause + round % 8);
		while (GET(duel.done) != round)
			cpu_relax();
		if (duel.refused) {
			refused++;
			EXPECT_EQ(round, seen);
			pause -= pause > 0;
		} else {
			accepted++;
			pause++;
		}
		duel_cancel();
	}
	SET(duel.round, ULONG_MAX);
	pthread_join(poster, NULL);
	blocker_release(&blocker);
	destroy_workqueue(duel.wq);
	TH_LOG("%lu accepted, %lu refused", accepted, refused);
	/* where others have the CPUs, the calls may never come close to each other */
	if (!refused)
		SKIP(return, "no call was refused");
}

TEST(refused_call_is_seen_by_who_takes_the_item_back)
{
	take_back_for_a_while(_metadata, false);
}

TEST(refused_call_is_seen_by_who_takes_the_item_from_its_timer)
{
	take_back_for_a_while(_metadata, true);
}

TEST_HARNESS_MAIN

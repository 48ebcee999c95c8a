// SPDX-License-Identifier: MIT
/*
 * ordering.c - what a run sees, and what is seen after it (C13-C15)
 *
 * The shared variables are plain on purpose: under ThreadSanitizer the checks
 * also prove that the library hands over from queueing to run to waiter.
 */
#include "ktap.h"

#define ROUNDS	2000

static struct {
	struct work_struct work;
	int sent, got, wrong;
} mail;

static void mail_func(struct work_struct *work)
{
	mail.got = mail.sent;
}

static void c13_stores_before_queueing_are_seen(void)
{
	int i;

	INIT_WORK(&mail.work, mail_func);
	mail.wrong = 0;
	for (i = 1; i <= ROUNDS; i++) {
		mail.sent = i;
		CHECK(schedule_work(&mail.work));
		flush_work(&mail.work);
		mail.wrong += mail.got != i;
	}
	CHECK_EQ(0, mail.wrong);
}

static struct {
	struct work_struct work;
	int sent, seen;
} note;

static void note_func(struct work_struct *work)
{
	WRITE_ONCE(note.seen, READ_ONCE(note.sent));
}

/* One producer, so a refusal always means that an untouched instance is pending. */
static void c14_stores_before_a_refused_call_are_seen(void)
{
	int i, wrong = 0, refused = 0;

	INIT_WORK(&note.work, note_func);
	for (i = 1; i <= 10 * ROUNDS; i++) {
		WRITE_ONCE(note.sent, i);
		refused += !schedule_work(&note.work);
		if (i % 16)
			continue;
		flush_work(&note.work);
		wrong += READ_ONCE(note.seen) != i;
	}
	flush_work(&note.work);
	CHECK_EQ(0, wrong);
	printk(KERN_INFO "# %d calls were refused\n", refused);
}

static struct {
	struct work_struct work;
	int count;
} plain;

static void plain_func(struct work_struct *work)
{
	plain.count++;
}

static void c15_runs_are_over_after_each_kind_of_wait(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_plain", WQ_UNBOUND, 0);
	int i;

	INIT_WORK(&plain.work, plain_func);
	plain.count = 0;
	for (i = 0; i < ROUNDS; i += 4) {
		queue_work(wq, &plain.work);
		flush_work(&plain.work);
		CHECK_EQ(i + 1, plain.count);
		queue_work(wq, &plain.work);
		flush_workqueue(wq);
		CHECK_EQ(i + 2, plain.count);
		queue_work(wq, &plain.work);
		drain_workqueue(wq);
		CHECK_EQ(i + 3, plain.count);
		queue_work(wq, &plain.work);
		if (cancel_work_sync(&plain.work))
			plain.count++;	/* as if it had run */
		CHECK_EQ(i + 4, plain.count);
	}
	destroy_workqueue(wq);
}

static void c15_two_queue_call(struct caller *c)
{
	atomic_t *trues = c->arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (schedule_work_on(i % num_online_cpus(), &plain.work))
			atomic_inc(trues);
		cond_resched();
	}
}

static void c15_runs_of_one_item_follow_each_other(void)
{
	static struct caller caller[2];
	static atomic_t trues;
	int i;

	INIT_WORK(&plain.work, plain_func);
	plain.count = 0;
	atomic_set(&trues, 0);
	for (i = 0; i < 2; i++)
		caller_start(&caller[i], c15_two_queue_call, &trues);
	for (i = 0; i < 2; i++)
		caller_end(&caller[i]);
	flush_work(&plain.work);
	CHECK_EQ(atomic_read(&trues), plain.count);
}

static const struct ktap_case cases[] = {
	{ "C13 a run sees what was stored before it was queued",
	  c13_stores_before_queueing_are_seen },
	{ "C14 a run sees what was stored before a refused call",
	  c14_stores_before_a_refused_call_are_seen },
	{ "C15 flush, drain and cancel_sync return after the run's stores",
	  c15_runs_are_over_after_each_kind_of_wait },
	{ "C15 each run sees the one before, wherever it was queued",
	  c15_runs_of_one_item_follow_each_other },
};

KTAP_MODULE(cases, "what a run sees");

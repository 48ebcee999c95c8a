// SPDX-License-Identifier: MIT
/*
 * rcu_work.c - a grace period between queueing and running (C83, C84)
 */
#include <linux/rcupdate.h>

#include "ktap.h"

static struct {
	struct rcu_work rwork;
	atomic_t runs;
} r;

static void rcu_func(struct work_struct *work)
{
	atomic_inc(&r.runs);
}

static void r_init(void)
{
	INIT_RCU_WORK(&r.rwork, rcu_func);
	atomic_set(&r.runs, 0);
}

static struct {
	struct completion inside;
	atomic_t leave;
	int runs_seen;
} reader;

/* Stays in a read-side section, without sleeping, until told to leave. */
static void reader_call(struct caller *c)
{
	unsigned long end = jiffies + LONG_TIME;

	rcu_read_lock();
	complete(&reader.inside);
	while (!atomic_read(&reader.leave) && time_before(jiffies, end))
		cpu_relax();
	reader.runs_seen = atomic_read(&r.runs);
	rcu_read_unlock();
}

static void c83_not_before_a_grace_period(void)
{
	static struct caller c;

	r_init();
	init_completion(&reader.inside);
	atomic_set(&reader.leave, 0);
	caller_start(&c, reader_call, NULL);
	WAIT(&reader.inside);
	CHECK(queue_rcu_work(system_unbound_wq, &r.rwork));
	CHECK(STAYS(atomic_read(&r.runs) == 0, A_WHILE));
	atomic_set(&reader.leave, 1);
	caller_end(&c);
	CHECK_EQ(0, reader.runs_seen);
	flush_rcu_work(&r.rwork);
	CHECK_EQ(1, atomic_read(&r.runs));
}

static void c83_second_call_is_refused(void)
{
	static struct caller c;

	r_init();
	init_completion(&reader.inside);
	atomic_set(&reader.leave, 0);
	caller_start(&c, reader_call, NULL);
	WAIT(&reader.inside);
	CHECK(queue_rcu_work(system_unbound_wq, &r.rwork));
	CHECK(work_pending(&r.rwork.work));
	CHECK(!queue_rcu_work(system_unbound_wq, &r.rwork));
	atomic_set(&reader.leave, 1);
	caller_end(&c);
	flush_rcu_work(&r.rwork);
	CHECK_EQ(1, atomic_read(&r.runs));
}

static void c84_flush_waits_for_callback_and_run(void)
{
	int i;

	r_init();
	for (i = 1; i <= 5; i++) {
		CHECK(queue_rcu_work(system_unbound_wq, &r.rwork));
		flush_rcu_work(&r.rwork);
		CHECK_EQ(i, atomic_read(&r.runs));
	}
	CHECK(!flush_rcu_work(&r.rwork));	/* idle */
}

static const struct ktap_case cases[] = {
	{ "C83 the function starts after a grace period", c83_not_before_a_grace_period },
	{ "C83 a second call before the run is refused", c83_second_call_is_refused },
	{ "C84 flush_rcu_work waits for the callback and the run",
	  c84_flush_waits_for_callback_and_run },
};

KTAP_MODULE(cases, "RCU items");

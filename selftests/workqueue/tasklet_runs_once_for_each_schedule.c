// SPDX-License-Identifier: MIT
/*
 * Proves U19 for tasklets: scheduled once or often before its run, a tasklet runs once;
 * scheduled while it runs, once more. It runs in softirq context on the CPU that
 * scheduled it, after those scheduled before, highpri first, and never twice at the same
 * time, wherever it is scheduled from. Disabled it stays scheduled, and keeps no CPU
 * busy. tasklet_kill() leaves nothing scheduled or running. In a forked child all are
 * idle (U11).
 */
#include "fork_test.h"

#include <linux/interrupt.h>

#define CPUS	4

struct probe {
	struct tasklet_struct t;
	int runs, inside, overlaps, cpu, softirq;	/* atomic */
	bool hold;			/* stop in the function until released */
	struct gate begun, go;
	int again;			/* so often it schedules itself */
};

static void probe_func(struct tasklet_struct *t)
{
	struct probe *probe = from_tasklet(probe, t, t);

	if (ADD(probe->inside, 1) > 1)
		ADD(probe->overlaps, 1);
	SET(probe->cpu, (int)raw_smp_processor_id());
	SET(probe->softirq, in_serving_softirq() && !in_task() && !current_work());
	if (probe->hold) {
		gate_open(&probe->begun);
		gate_wait(&probe->go);
	}
	ADD(probe->inside, -1);
	ADD(probe->runs, 1);
	if (probe->again) {
		probe->again--;
		tasklet_schedule(t);
	}
}

static void probe_init(struct probe *probe)
{
	memset(probe, 0, sizeof(*probe));
	tasklet_setup(&probe->t, probe_func);
}

static bool is_idle(struct probe *probe)
{
	return !(GET(probe->t.state) & (1 << TASKLET_STATE_SCHED | 1 << TASKLET_STATE_RUN));
}

/* ---- a thread on each CPU that schedules ---- */

struct order {
	struct tasklet_struct *t;
	bool highpri;
};

static void give_order(struct work_struct *work);

struct caller {
	struct work_struct work;
	struct order order;
};

static void give_order(struct work_struct *work)
{
	struct order *order = &container_of(work, struct caller, work)->order;

	if (order->highpri)
		tasklet_hi_schedule(order->t);
	else
		tasklet_schedule(order->t);
}

static void schedule_from(int cpu, struct tasklet_struct *t, bool highpri)
{
	struct caller caller = { .order = { t, highpri } };

	INIT_WORK_ONSTACK(&caller.work, give_order);
	queue_work_on(cpu, system_percpu_wq, &caller.work);
	flush_work(&caller.work);
}

TEST(runs_on_the_scheduling_cpu_in_softirq_context)
{
	struct probe probe;

	probe_init(&probe);
	for (int round = 0; round < ROUNDS(50); round++) {
		int cpu = round % CPUS, before = GET(probe.runs);

		schedule_from(cpu, &probe.t, round % 3 == 0);
		EXPECT_TRUE(COMES_TRUE(GET(probe.runs) == before + 1));
		EXPECT_EQ(cpu, GET(probe.cpu));
		EXPECT_EQ(1, GET(probe.softirq));
	}
	tasklet_kill(&probe.t);
}

TEST(often_before_the_run_is_once)
{
	struct probe first, second;

	probe_init(&first);
	probe_init(&second);
	first.hold = true;
	schedule_from(0, &first.t, false);
	gate_wait(&first.begun);
	for (int i = 0; i < 10; i++)
		schedule_from(i % CPUS, &second.t, false);
	gate_open(&first.go);
	tasklet_kill(&first.t);
	tasklet_kill(&second.t);
	EXPECT_EQ(1, GET(first.runs));
	EXPECT_EQ(1, GET(second.runs));
	EXPECT_EQ(0, GET(second.cpu));	/* the first call counts */
	EXPECT_TRUE(is_idle(&second));
}

TEST(while_it_runs_is_once_more)
{
	struct probe probe;

	for (int cpu = 0; cpu < CPUS; cpu++) {
		probe_init(&probe);
		probe.hold = true;
		schedule_from(0, &probe.t, false);
		gate_wait(&probe.begun);
		for (int i = 0; i < 3; i++)
			schedule_from(cpu, &probe.t, false);
		nap_us(1000);
		EXPECT_EQ(0, GET(probe.runs));
		gate_open(&probe.go);
		EXPECT_TRUE(COMES_TRUE(GET(probe.runs) == 2));
		tasklet_kill(&probe.t);
		EXPECT_EQ(2, GET(probe.runs));
		EXPECT_EQ(0, GET(probe.overlaps));
		EXPECT_EQ(cpu, GET(probe.cpu));
	}
}

TEST(own_function_may_schedule_it)
{
	struct probe probe;

	probe_init(&probe);
	probe.again = 100;
	tasklet_schedule(&probe.t);
	EXPECT_TRUE(COMES_TRUE(GET(probe.runs) == 101));
	tasklet_kill(&probe.t);
	EXPECT_EQ(101, GET(probe.runs));
	EXPECT_EQ(0, GET(probe.overlaps));
}

/* ---- order ---- */

static int order[32], nr_ran;	/* atomic */

static void note(unsigned long number)
{
	order[ADD(nr_ran, 1) - 1] = (int)number;
}

TEST(order_of_scheduling_and_highpri_first)
{
	struct tasklet_struct t[20];
	struct probe blocker;

	probe_init(&blocker);
	blocker.hold = true;
	schedule_from(1, &blocker.t, false);
	gate_wait(&blocker.begun);
	for (unsigned long i = 0; i < 20; i++) {
		tasklet_init(&t[i], note, i);
		schedule_from(1, &t[i], i >= 10);
	}
	nap_us(3000);	/* the blocker's round is over its time */
	gate_open(&blocker.go);
	for (int i = 0; i < 20; i++)
		tasklet_kill(&t[i]);
	tasklet_kill(&blocker.t);
	ASSERT_EQ(20, GET(nr_ran));
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(i < 10 ? i + 10 : i - 10, order[i]);
}

/* ---- disable ---- */

static struct probe shared;

static void shared_func(struct tasklet_struct *t)
{
	(void)t;
	probe_func(&shared.t);
}

TEST(disabled_it_stays_scheduled)
{
	struct probe probe, other;
	DECLARE_TASKLET_DISABLED(declared, shared_func);

	probe_init(&probe);
	probe_init(&other);
	tasklet_disable(&probe.t);
	tasklet_disable_nosync(&probe.t);
	schedule_from(0, &probe.t, false);
	schedule_from(0, &other.t, false);
	EXPECT_TRUE(COMES_TRUE(GET(other.runs) == 1));	/* does not hold up others */
	tasklet_enable(&probe.t);
	schedule_from(1, &probe.t, false);
	nap_us(2000);
	EXPECT_EQ(0, GET(probe.runs));
	EXPECT_TRUE(GET(probe.t.state) & 1 << TASKLET_STATE_SCHED);
	tasklet_enable(&probe.t);
	EXPECT_TRUE(COMES_TRUE(GET(probe.runs) == 1));
	tasklet_kill(&probe.t);
	EXPECT_EQ(1, GET(probe.runs));
	EXPECT_EQ(0, GET(probe.cpu));
	tasklet_kill(&other.t);

	probe_init(&shared);
	tasklet_schedule(&declared);
	nap_us(1000);
	EXPECT_EQ(0, GET(shared.runs));
	tasklet_enable(&declared);
	EXPECT_TRUE(COMES_TRUE(GET(shared.runs) == 1));
	tasklet_kill(&declared);
}

static long cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

TEST(disabled_it_keeps_no_cpu_busy)
{
	struct probe probe;
	long before;

	probe_init(&probe);
	tasklet_disable(&probe.t);
	tasklet_schedule(&probe.t);
	nap_us(10000);
	before = cpu_ms();
	nap_us(300000);
	EXPECT_LT(cpu_ms() - before, 100);
	tasklet_enable(&probe.t);
	EXPECT_TRUE(COMES_TRUE(GET(probe.runs) == 1));
	tasklet_kill(&probe.t);
}

static void *disable(void *arg)
{
	struct probe *probe = arg;

	tasklet_disable(&probe->t);
	return (void *)(long)GET(probe->runs);
}

static void *disable_in_atomic(void *arg)
{
	struct probe *probe = arg;

	preempt_disable();
	tasklet_disable_in_atomic(&probe->t);
	preempt_enable();
	return (void *)(long)GET(probe->runs);
}

TEST(disable_waits_for_the_run)
{
	void *(*disablers[])(void *) = { disable, disable_in_atomic };

	for (int i = 0; i < 2; i++) {
		struct probe probe;
		pthread_t thread;
		void *runs_seen;

		probe_init(&probe);
		probe.hold = true;
		tasklet_schedule(&probe.t);
		gate_wait(&probe.begun);
		thread = start_thread(disablers[i], &probe);
		EXPECT_TRUE(COMES_TRUE(atomic_read(&probe.t.count) == 1));
		nap_us(1000);
		gate_open(&probe.go);
		pthread_join(thread, &runs_seen);
		EXPECT_EQ(1, (long)runs_seen);
		tasklet_enable(&probe.t);
		tasklet_kill(&probe.t);
	}
}

/* ---- kill ---- */

static void *kill_it(void *arg)
{
	struct probe *probe = arg;

	tasklet_kill(&probe->t);
	return (void *)(long)GET(probe->runs);
}

TEST(kill_waits_for_scheduled_and_running)
{
	struct probe probe, blocker;
	pthread_t thread;
	void *runs_seen;

	probe_init(&probe);
	probe_init(&blocker);
	blocker.hold = true;
	schedule_from(0, &blocker.t, false);
	gate_wait(&blocker.begun);
	schedule_from(0, &probe.t, false);
	thread = start_thread(kill_it, &probe);
	nap_us(1000);
	gate_open(&blocker.go);
	pthread_join(thread, &runs_seen);
	EXPECT_EQ(1, (long)runs_seen);
	EXPECT_TRUE(is_idle(&probe));
	tasklet_kill(&blocker.t);
	EXPECT_EQ(1, GET(blocker.runs));

	probe.hold = true;
	schedule_from(0, &probe.t, false);
	gate_wait(&probe.begun);
	thread = start_thread(kill_it, &probe);
	nap_us(20000);
	EXPECT_EQ(1, GET(probe.runs));
	gate_open(&probe.go);
	pthread_join(thread, &runs_seen);
	EXPECT_EQ(2, (long)runs_seen);
	EXPECT_TRUE(is_idle(&probe));
	/* it can be used again */
	schedule_from(0, &probe.t, false);
	tasklet_kill(&probe.t);
	EXPECT_EQ(3, GET(probe.runs));
}

TEST(killed_it_may_be_freed)
{
	for (int i = 0; i < ROUNDS(2000); i++) {
		struct probe *probe = malloc(sizeof(*probe));

		probe_init(probe);
		tasklet_schedule(&probe->t);
		if (i % 2)
			tasklet_hi_schedule(&probe->t);
		tasklet_kill(&probe->t);
		ASSERT_LE(1, GET(probe->runs));
		ASSERT_LE(GET(probe->runs), 1 + i % 2);
		memset(probe, 0xff, sizeof(*probe));
		free(probe);
	}
}

static void kill_oneself(struct tasklet_struct *t)
{
	tasklet_disable(t);
	tasklet_kill(t);
	tasklet_enable(t);
	ADD(shared.runs, 1);
}

TEST(waiting_for_oneself_is_refused)
{
	struct tasklet_struct t;

	log_count("from inside its own function");
	tasklet_setup(&t, kill_oneself);
	tasklet_schedule(&t);
	tasklet_kill(&t);
	EXPECT_LE(1, GET(log_hits));
	EXPECT_EQ(1, GET(shared.runs));
	uwq_set_log_sink(NULL, NULL);
}

/* ---- fork ---- */

static struct probe running, waiting, again, killed;
static struct probe *const probes[] = { &running, &waiting, &again, &killed };

/* In a child: they are idle, and can be scheduled and killed. */
static void use_in_child(void)
{
	for (int i = 0; i < 4; i++) {
		CHECK(is_idle(probes[i]));
		gate_open(&probes[i]->go);
		SET(probes[i]->runs, 0);
		tasklet_schedule(&probes[i]->t);
		tasklet_kill(&probes[i]->t);
		CHECK(GET(probes[i]->runs) == 1);
		CHECK(is_idle(probes[i]));
	}
}

TEST(forked_child_finds_them_idle)
{
	pthread_t killer;

	for (int i = 0; i < 4; i++)
		probe_init(probes[i]);
	running.hold = again.hold = killed.hold = true;
	schedule_from(0, &running.t, false);
	gate_wait(&running.begun);
	schedule_from(0, &waiting.t, false);
	schedule_from(1, &again.t, true);
	gate_wait(&again.begun);
	schedule_from(1, &again.t, false);
	schedule_from(2, &killed.t, false);
	gate_wait(&killed.begun);
	killer = start_thread(kill_it, &killed);
	EXPECT_TRUE(COMES_TRUE(GET(killed.t.state) & 1 << TASKLET_STATE_SCHED));
	EXPECT_EQ(0, IN_CHILD(use_in_child));
	for (int i = 0; i < 4; i++)
		gate_open(&probes[i]->go);
	pthread_join(killer, NULL);
	for (int i = 0; i < 4; i++)
		tasklet_kill(&probes[i]->t);
	EXPECT_EQ(1, GET(running.runs));
	EXPECT_EQ(1, GET(waiting.runs));
	EXPECT_EQ(2, GET(again.runs));
	EXPECT_EQ(1, GET(killed.runs));
}

static void unlock_in_child(void)
{
	CHECK(!(GET(killed.t.state) & 1 << TASKLET_STATE_SCHED));
	tasklet_unlock(&killed.t);
	CHECK(is_idle(&killed));
	tasklet_schedule(&killed.t);
	tasklet_kill(&killed.t);
	CHECK(GET(killed.runs) == 1);
}

/* The forking thread keeps it from running, which somebody waits for who is not there. */
TEST(kill_is_over_in_a_forked_child)
{
	pthread_t killer;

	probe_init(&killed);
	EXPECT_TRUE(tasklet_trylock(&killed.t));
	killer = start_thread(kill_it, &killed);
	EXPECT_TRUE(COMES_TRUE(GET(killed.t.state) & 1 << TASKLET_STATE_SCHED));
	EXPECT_EQ(0, IN_CHILD(unlock_in_child));
	tasklet_unlock(&killed.t);
	pthread_join(killer, NULL);
	EXPECT_TRUE(is_idle(&killed));
	EXPECT_EQ(0, GET(killed.runs));
}

/* ---- a list that is used for the first time ---- */

static void *schedule_it(void *t)
{
	tasklet_schedule(t);
	return NULL;
}

/* It counts as scheduled, and is on no list yet: whoever enables it raises a list all the same. */
TEST(enabled_while_it_joins_its_first_list)
{
	unsigned long warned = uwq_warn_count();
	struct probe probe;
	pthread_t thread;

	probe_init(&probe);
	hold_next("tasklet_scheduled");
	thread = start_thread(schedule_it, &probe.t);
	hold_wait();
	tasklet_disable(&probe.t);
	tasklet_enable(&probe.t);
	hold_release();
	pthread_join(thread, NULL);
	EXPECT_TRUE(COMES_TRUE(GET(probe.runs) == 1));
	tasklet_kill(&probe.t);
	EXPECT_TRUE(is_idle(&probe));
	EXPECT_EQ(warned, uwq_warn_count());
}

/* ---- everything at once ---- */

static int stop;	/* atomic */

static void *schedule_often(void *arg)
{
	struct probe *probe = arg;

	for (int i = 0; !GET(stop); i++) {
		if (i % 2)
			tasklet_schedule(&probe->t);
		else
			tasklet_hi_schedule(&probe->t);
		if (i % 16 == 0) {
			tasklet_disable(&probe->t);
			if (GET(probe->inside))
				ADD(probe->overlaps, 1);
			tasklet_enable(&probe->t);
		}
	}
	return NULL;
}

TEST(never_twice_at_once)
{
	pthread_t threads[3];
	struct probe probe;

	probe_init(&probe);
	for (int i = 0; i < 3; i++)
		threads[i] = start_thread(schedule_often, &probe);
	nap_us(300000);
	SET(stop, 1);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	tasklet_kill(&probe.t);
	EXPECT_TRUE(is_idle(&probe));
	EXPECT_LT(0, GET(probe.runs));
	EXPECT_EQ(0, GET(probe.overlaps));
	/* nothing was lost: what is scheduled now runs */
	tasklet_schedule(&probe.t);
	tasklet_kill(&probe.t);
	EXPECT_EQ(0, atomic_read(&probe.t.count));
}

TEST_HARNESS_MAIN_CPUS(CPUS)

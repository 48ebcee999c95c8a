// SPDX-License-Identifier: MIT
/*
 * tasklet.c - tasklets: once for each scheduling, here, never twice at the same time
 *
 * What runs on the other CPU may keep it busy in softirq context, so every check runs in
 * a worker of CPU 0 and holds CPU 1 only.
 */
#include <linux/interrupt.h>

#include "ktap.h"

struct probe {
	struct tasklet_struct t;
	struct work_struct starter;
	atomic_t runs, inside, overlaps;
	int cpu, softirq;
	int hold;	/* stay in the function while set */
	int begun;
	int again;	/* so often it schedules itself */
};

static void probe_func(struct tasklet_struct *t)
{
	struct probe *p = from_tasklet(p, t, t);
	unsigned long end = jiffies + LONG_TIME;

	if (atomic_inc_return(&p->inside) > 1)
		atomic_inc(&p->overlaps);
	p->cpu = smp_processor_id();
	p->softirq = in_serving_softirq() && in_interrupt() && !in_task();
	smp_store_release(&p->begun, 1);
	while (smp_load_acquire(&p->hold) && time_before(jiffies, end))
		cpu_relax();
	atomic_dec(&p->inside);
	atomic_inc(&p->runs);
	if (p->again) {
		p->again--;
		tasklet_schedule(t);
	}
}

static void probe_init(struct probe *p)
{
	memset(p, 0, sizeof(*p));
	tasklet_setup(&p->t, probe_func);
}

static long schedule_here(void *t)
{
	tasklet_schedule(t);
	return 0;
}

static void schedule_on(int cpu, struct tasklet_struct *t)
{
	work_on_cpu(cpu, schedule_here, t);
}

static void start_func(struct work_struct *work)
{
	tasklet_schedule(&container_of(work, struct probe, starter)->t);
}

/* It runs on CPU 1 and stays there until let_go(). So may the item that scheduled it. */
static void hold_on_cpu_1(struct probe *p)
{
	probe_init(p);
	p->hold = 1;
	INIT_WORK(&p->starter, start_func);
	CHECK(schedule_work_on(1, &p->starter));
	CHECK(BECOMES(smp_load_acquire(&p->begun)));
}

static void let_go(struct probe *p)
{
	smp_store_release(&p->hold, 0);
	flush_work(&p->starter);
}

static bool is_idle(struct probe *p)
{
	return !test_bit(TASKLET_STATE_SCHED, &p->t.state) &&
	       !test_bit(TASKLET_STATE_RUN, &p->t.state);
}

static long runs_where_it_was_scheduled(void *unused)
{
	static struct probe p;
	int cpu;

	for (cpu = 0; cpu < 2; cpu++) {
		probe_init(&p);
		schedule_on(cpu, &p.t);
		tasklet_kill(&p.t);
		CHECK_EQ(1, atomic_read(&p.runs));
		CHECK_EQ(cpu, p.cpu);
		CHECK(p.softirq);
	}
	tasklet_hi_schedule(&p.t);
	tasklet_kill(&p.t);
	CHECK_EQ(2, atomic_read(&p.runs));
	CHECK_EQ(0, p.cpu);
	return 0;
}

static long often_before_the_run_is_once(void *unused)
{
	static struct probe p;
	int i;

	probe_init(&p);
	tasklet_disable(&p.t);
	for (i = 0; i < 5; i++)
		tasklet_schedule(&p.t);
	tasklet_enable(&p.t);
	tasklet_kill(&p.t);
	CHECK_EQ(1, atomic_read(&p.runs));
	CHECK(is_idle(&p));
	return 0;
}

static long while_it_runs_is_once_more(void *unused)
{
	static struct probe p;

	hold_on_cpu_1(&p);
	tasklet_schedule(&p.t);
	tasklet_schedule(&p.t);
	CHECK(STAYS(!atomic_read(&p.runs), A_WHILE));
	let_go(&p);
	CHECK(BECOMES(atomic_read(&p.runs) == 2));
	tasklet_kill(&p.t);
	CHECK_EQ(2, atomic_read(&p.runs));
	CHECK_EQ(0, atomic_read(&p.overlaps));
	CHECK_EQ(0, p.cpu);
	return 0;
}

static long may_schedule_itself(void *unused)
{
	static struct probe p;

	probe_init(&p);
	p.again = 50;
	tasklet_schedule(&p.t);
	CHECK(BECOMES(atomic_read(&p.runs) == 51));
	tasklet_kill(&p.t);
	CHECK_EQ(51, atomic_read(&p.runs));
	CHECK_EQ(0, atomic_read(&p.overlaps));
	return 0;
}

static long disabled_it_stays_scheduled(void *unused)
{
	static struct probe p;

	probe_init(&p);
	tasklet_disable(&p.t);
	tasklet_disable_nosync(&p.t);
	tasklet_schedule(&p.t);
	tasklet_enable(&p.t);
	CHECK(STAYS(!atomic_read(&p.runs), A_WHILE));
	CHECK(test_bit(TASKLET_STATE_SCHED, &p.t.state));
	tasklet_enable(&p.t);
	CHECK(BECOMES(atomic_read(&p.runs) == 1));
	tasklet_kill(&p.t);
	CHECK_EQ(1, atomic_read(&p.runs));
	return 0;
}

static atomic_t declared_runs;

static void declared_func(struct tasklet_struct *t)
{
	atomic_inc(&declared_runs);
}

static void old_func(unsigned long data)
{
	atomic_add(data, &declared_runs);
}

static DECLARE_TASKLET(declared, declared_func);
static DECLARE_TASKLET_DISABLED(declared_disabled, declared_func);
static DECLARE_TASKLET_OLD(declared_old, old_func);

static long declared_ones_run(void *unused)
{
	struct tasklet_struct old;

	atomic_set(&declared_runs, 0);
	tasklet_schedule(&declared);
	tasklet_kill(&declared);
	CHECK_EQ(1, atomic_read(&declared_runs));
	tasklet_schedule(&declared_disabled);
	CHECK(STAYS(atomic_read(&declared_runs) == 1, A_WHILE));
	tasklet_enable(&declared_disabled);
	CHECK(BECOMES(atomic_read(&declared_runs) == 2));
	tasklet_kill(&declared_disabled);
	tasklet_schedule(&declared_old);
	tasklet_kill(&declared_old);		/* data is 0 */
	CHECK_EQ(2, atomic_read(&declared_runs));
	tasklet_init(&old, old_func, 40);
	tasklet_schedule(&old);
	tasklet_kill(&old);
	CHECK_EQ(42, atomic_read(&declared_runs));
	return 0;
}

static void call_disable(struct caller *c)
{
	struct probe *p = c->arg;

	tasklet_disable(&p->t);
	c->result = atomic_read(&p->runs) == 1;
	tasklet_enable(&p->t);
}

static void call_kill(struct caller *c)
{
	struct probe *p = c->arg;

	tasklet_kill(&p->t);
	c->result = atomic_read(&p->runs) == 1 && is_idle(p);
}

static void waits_for_the_run(void (*call)(struct caller *c))
{
	static struct caller c;
	static struct probe p;

	hold_on_cpu_1(&p);
	init_completion(&c.done);
	c.call = call;
	c.arg = &p;
	/* not on the CPU that is held */
	c.task = kthread_create(caller_thread, &c, "ktap_caller");
	if (!CHECK(!IS_ERR(c.task)))
		return;
	kthread_bind(c.task, 0);
	wake_up_process(c.task);
	CHECK(STAYS(!completion_done(&c.done), A_WHILE));
	let_go(&p);
	CHECK(caller_end(&c));
	tasklet_kill(&p.t);
}

static long disable_waits_for_the_run(void *unused)
{
	waits_for_the_run(call_disable);
	return 0;
}

static long kill_waits_for_the_run(void *unused)
{
	waits_for_the_run(call_kill);
	return 0;
}

static long trylock_keeps_it_from_running(void *unused)
{
	static struct probe p;

	probe_init(&p);
	CHECK(tasklet_trylock(&p.t));
	CHECK(!tasklet_trylock(&p.t));
	tasklet_schedule(&p.t);
	CHECK(STAYS(!atomic_read(&p.runs), A_WHILE));
	tasklet_unlock(&p.t);
	CHECK(BECOMES(atomic_read(&p.runs) == 1));
	tasklet_kill(&p.t);
	return 0;
}

#define ON_CPU_0(fn) static void fn##_0(void) { work_on_cpu(0, fn, NULL); }
ON_CPU_0(runs_where_it_was_scheduled)
ON_CPU_0(often_before_the_run_is_once)
ON_CPU_0(while_it_runs_is_once_more)
ON_CPU_0(may_schedule_itself)
ON_CPU_0(disabled_it_stays_scheduled)
ON_CPU_0(declared_ones_run)
ON_CPU_0(disable_waits_for_the_run)
ON_CPU_0(kill_waits_for_the_run)
ON_CPU_0(trylock_keeps_it_from_running)

static const struct ktap_case cases[] = {
	{ "a tasklet runs in softirq context where it was scheduled", runs_where_it_was_scheduled_0 },
	{ "scheduled often before its run it runs once", often_before_the_run_is_once_0 },
	{ "scheduled while it runs it runs once more", while_it_runs_is_once_more_0 },
	{ "it may schedule itself", may_schedule_itself_0 },
	{ "disabled it stays scheduled", disabled_it_stays_scheduled_0 },
	{ "declared tasklets run", declared_ones_run_0 },
	{ "tasklet_disable waits for the run", disable_waits_for_the_run_0 },
	{ "tasklet_kill waits for the run", kill_waits_for_the_run_0 },
	{ "tasklet_trylock keeps it from running", trylock_keeps_it_from_running_0 },
};

KTAP_MODULE(cases, "tasklets");

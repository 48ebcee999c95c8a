// SPDX-License-Identifier: MIT
/*
 * hotplug.c - a CPU goes offline and comes back (C85, C120, C121, C150), and who is told
 *
 * CPU 1 is the one that goes; two CPUs are enough.
 */
#include "ktap.h"

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>

#define GONE	1

struct spot {
	struct work_struct work;
	atomic_t runs;
	int cpu;
};

static void spot_func(struct work_struct *work)
{
	struct spot *spot = container_of(work, struct spot, work);

	spot->cpu = raw_smp_processor_id();
	atomic_inc(&spot->runs);
}

static void spot_init(struct spot *spot)
{
	INIT_WORK(&spot->work, spot_func);
	atomic_set(&spot->runs, 0);
	spot->cpu = -1;
}

static bool take_away(void)
{
	return CHECK_EQ(0, remove_cpu(GONE)) && CHECK(!cpu_online(GONE));
}

static void bring_back(void)
{
	CHECK_EQ(0, add_cpu(GONE));
	CHECK(cpu_online(GONE));
}

static void c120_served_elsewhere(unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_hotplug", flags, 0);
	struct spot spot;

	spot_init(&spot);
	CHECK(queue_work_on(GONE, wq, &spot.work));
	flush_work(&spot.work);
	CHECK_EQ(GONE, spot.cpu);
	if (take_away()) {
		CHECK(queue_work_on(GONE, wq, &spot.work));
		flush_work(&spot.work);
		CHECK_EQ(2, atomic_read(&spot.runs));
		CHECK(spot.cpu != GONE);
		bring_back();
	}
	CHECK(queue_work_on(GONE, wq, &spot.work));
	flush_work(&spot.work);
	CHECK_EQ(GONE, spot.cpu);
	destroy_workqueue(wq);
}

static void c120_normal(void)
{
	c120_served_elsewhere(KTAP_PERCPU);
}

static void c120_highpri(void)
{
	c120_served_elsewhere(KTAP_PERCPU | WQ_HIGHPRI);
}

static void c120_intensive(void)
{
	c120_served_elsewhere(KTAP_PERCPU | WQ_CPU_INTENSIVE);
}

/* Limit 1: the second waits until the first, which sleeps, is over. */
static void c120_waiting_item_survives(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_hotplug", KTAP_PERCPU, 1);
	struct gate_work g;
	struct spot spot;

	gate_init(&g);
	spot_init(&spot);
	CHECK(queue_work_on(GONE, wq, &g.work));
	WAIT(&g.started);
	CHECK(queue_work_on(GONE, wq, &spot.work));
	if (take_away()) {
		CHECK_EQ(0, atomic_read(&spot.runs));
		complete_all(&g.go);
		flush_workqueue(wq);
		CHECK_EQ(1, atomic_read(&spot.runs));
		CHECK(spot.cpu != GONE);
		bring_back();
	}
	complete_all(&g.go);
	destroy_workqueue(wq);
}

struct late {
	struct delayed_work dwork;
	atomic_t runs;
	int cpu;
};

static void late_func(struct work_struct *work)
{
	struct late *late = container_of(to_delayed_work(work), struct late, dwork);

	late->cpu = raw_smp_processor_id();
	atomic_inc(&late->runs);
}

static void c120_armed_item_survives(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_hotplug", KTAP_PERCPU, 0);
	static struct late late;

	INIT_DELAYED_WORK(&late.dwork, late_func);
	atomic_set(&late.runs, 0);
	CHECK(queue_delayed_work_on(GONE, wq, &late.dwork, HZ));
	if (take_away()) {
		CHECK(BECOMES(atomic_read(&late.runs) == 1));
		flush_delayed_work(&late.dwork);
		CHECK(late.cpu != GONE);
		bring_back();
	}
	cancel_delayed_work_sync(&late.dwork);
	destroy_workqueue(wq);
}

static void c121_running_item_survives(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_hotplug", KTAP_PERCPU, 0);
	struct gate_work g;
	struct spot spot;

	gate_init(&g);
	spot_init(&spot);
	CHECK(queue_work_on(GONE, wq, &g.work));
	WAIT(&g.started);
	if (take_away())
		bring_back();
	CHECK(queue_work_on(GONE, wq, &spot.work));
	flush_work(&spot.work);
	CHECK_EQ(GONE, spot.cpu);
	CHECK_EQ(0, atomic_read(&g.ended));
	complete_all(&g.go);
	destroy_workqueue(wq);
	CHECK_EQ(1, atomic_read(&g.ended));
}

/* ---- cycles under load ---- */

#define NR_LOADS	8
#define CYCLES		6

static struct spot loads[NR_LOADS];
static long accepted;
static bool stop;

static void call_load(struct caller *c)
{
	unsigned int i = 0;

	while (!READ_ONCE(stop)) {
		if (queue_work_on(i % 2, c->arg, &loads[i % NR_LOADS].work))
			WRITE_ONCE(accepted, accepted + 1);
		if (++i % 64 == 0)
			flush_work(&loads[0].work);
		if (i % 16 == 0)
			usleep_range(50, 100);
	}
}

static void cycles_under_load(struct workqueue_struct *wq)
{
	struct caller c;
	long runs = 0;
	int i;

	accepted = 0;
	WRITE_ONCE(stop, false);
	for (i = 0; i < NR_LOADS; i++)
		spot_init(&loads[i]);
	if (!caller_start(&c, call_load, wq))
		return;
	for (i = 0; i < CYCLES; i++) {
		if (take_away())
			bring_back();
	}
	/* on a busy machine the caller may not have had its turn yet */
	CHECK(BECOMES(READ_ONCE(accepted) > 0));
	WRITE_ONCE(stop, true);
	caller_end(&c);
	destroy_workqueue(wq);
	for (i = 0; i < NR_LOADS; i++)
		runs += atomic_read(&loads[i].runs);
	CHECK_EQ(accepted, runs);
}

static void c121_cycles_percpu(void)
{
	cycles_under_load(alloc_workqueue("ktap_hotplug", KTAP_PERCPU, 0));
}

static void c121_cycles_unbound(void)
{
	cycles_under_load(alloc_workqueue("ktap_hotplug", WQ_UNBOUND, 0));
}

static void c85_cycles_ordered(void)
{
	cycles_under_load(alloc_ordered_workqueue("ktap_hotplug", 0));
}

/* ---- calls about CPUs ---- */

static long here(void *arg)
{
	return raw_smp_processor_id() + (long)arg;
}

static void work_on_cpu_of_absent(void)
{
	CHECK_EQ(100 + GONE, work_on_cpu_safe(GONE, here, (void *)100));
	if (!take_away())
		return;
	CHECK_EQ(-ENODEV, work_on_cpu_safe(GONE, here, (void *)100));
	CHECK_EQ(100, work_on_cpu_safe(0, here, (void *)100));
	bring_back();
}

static void masks_and_answers(void)
{
	unsigned int nr = num_online_cpus();

	CHECK_EQ(1, add_cpu(GONE));
	if (!take_away())
		return;
	CHECK_EQ(1, remove_cpu(GONE));
	CHECK_EQ(nr - 1, num_online_cpus());
	CHECK(cpu_possible(GONE));
	CHECK(cpu_present(GONE));
	CHECK_EQ(-EINVAL, set_cpus_allowed_ptr(current, cpumask_of(GONE)));
	bring_back();
	CHECK_EQ(nr, num_online_cpus());
}

/* ---- a thread that is bound ---- */

static int seat_cpu = -1;
static atomic_t seat_laps;

static int sit(void *arg)
{
	while (!kthread_should_stop()) {
		WRITE_ONCE(seat_cpu, raw_smp_processor_id());
		atomic_inc(&seat_laps);
		usleep_range(100, 200);
	}
	return 0;
}

static int seat_now(void)
{
	int laps = atomic_read(&seat_laps);

	CHECK(BECOMES(atomic_read(&seat_laps) >= laps + 2));
	return READ_ONCE(seat_cpu);
}

static void bound_thread_is_moved(void)
{
	struct task_struct *task = kthread_create(sit, NULL, "ktap_seat");

	if (!CHECK(!IS_ERR(task)))
		return;
	kthread_bind(task, GONE);
	wake_up_process(task);
	CHECK_EQ(GONE, seat_now());
	if (take_away()) {
		CHECK(seat_now() != GONE);
		CHECK(cpumask_weight(task->cpus_ptr) > 1);
		bring_back();
	}
	kthread_stop(task);
}

/* ---- callbacks ---- */

static char story[128];
static const char *fails;
static int misplaced;

static int event(const char *what, unsigned int cpu, bool there)
{
	scnprintf(story + strlen(story), sizeof(story) - strlen(story), "%s%u ", what, cpu);
	if (there && raw_smp_processor_id() != cpu)
		misplaced++;
	if (there != cpu_online(cpu))
		misplaced++;
	return fails && !strcmp(fails, what) ? -EIO : 0;
}

static int prep_up(unsigned int cpu) { return event("p+", cpu, false); }
static int prep_down(unsigned int cpu) { return event("p-", cpu, false); }
static int a_up(unsigned int cpu) { return event("a+", cpu, true); }
static int a_down(unsigned int cpu) { return event("a-", cpu, true); }
static int b_up(unsigned int cpu) { return event("b+", cpu, true); }
static int b_down(unsigned int cpu) { return event("b-", cpu, true); }

static void said(const char *what)
{
	if (!CHECK(!strcmp(story, what)))
		printk(KERN_INFO "# said \"%s\", not \"%s\"\n", story, what);
	story[0] = 0;
}

static void callbacks_come_in_order(void)
{
	int p, a, b;

	story[0] = 0;
	misplaced = 0;
	p = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "ktap:p", prep_up, prep_down);
	a = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "ktap:a", a_up, a_down);
	said("a+0 a+1 ");
	b = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "ktap:b", b_up, b_down);
	CHECK(p > 0);
	CHECK(a > 0);
	CHECK(b > a);
	CHECK_EQ(0, remove_cpu(GONE));
	said("b-1 a-1 p-1 ");
	CHECK_EQ(0, add_cpu(GONE));
	said("p+1 a+1 b+1 ");

	fails = "a-";
	CHECK_EQ(-EIO, remove_cpu(GONE));
	said("b-1 a-1 b+1 ");
	CHECK(cpu_online(GONE));
	fails = NULL;
	CHECK_EQ(0, remove_cpu(GONE));
	story[0] = 0;
	fails = "b+";
	CHECK_EQ(-EIO, add_cpu(GONE));
	said("p+1 a+1 b+1 a-1 p-1 ");
	CHECK(!cpu_online(GONE));
	fails = NULL;
	CHECK_EQ(0, add_cpu(GONE));
	story[0] = 0;

	cpuhp_remove_state_nocalls(b);
	cpuhp_remove_state(a);
	said("a-0 a-1 ");
	cpuhp_remove_state_nocalls(p);
	CHECK_EQ(0, misplaced);
	CHECK_EQ(0, remove_cpu(GONE));
	CHECK_EQ(0, add_cpu(GONE));
	said("");
}

static void failed_setup_is_undone(void)
{
	story[0] = 0;
	fails = "a+";
	CHECK_EQ(-EIO, cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "ktap:a", a_up, a_down));
	said("a+0 ");
	fails = NULL;
	CHECK_EQ(0, remove_cpu(GONE));
	CHECK_EQ(0, add_cpu(GONE));
	said("");
}

static const struct ktap_case cases[] = {
	{ "masks and answers follow a CPU that goes", masks_and_answers },
	{ "C120 items for an absent CPU run elsewhere", c120_normal },
	{ "C120 the same with high priority", c120_highpri },
	{ "C120 the same when CPU intensive", c120_intensive },
	{ "C120 a waiting item survives that its CPU goes", c120_waiting_item_survives },
	{ "C120 so does an armed one", c120_armed_item_survives },
	{ "C121 a running item survives that its CPU goes and comes", c121_running_item_survives },
	{ "C121 cycles under load lose nothing, per CPU", c121_cycles_percpu },
	{ "C121 cycles under load lose nothing, unbound", c121_cycles_unbound },
	{ "C85 cycles under load lose nothing, ordered", c85_cycles_ordered },
	{ "work_on_cpu_safe knows absent CPUs", work_on_cpu_of_absent },
	{ "a bound thread is moved", bound_thread_is_moved },
	{ "callbacks come in order, and are undone", callbacks_come_in_order },
	{ "a failed registration is undone", failed_setup_is_undone },
};

KTAP_MODULE(cases, "CPUs that go and come back");

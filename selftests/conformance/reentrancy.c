// SPDX-License-Identifier: MIT
/*
 * reentrancy.c - one item never runs twice at once, others go on (C17-C22)
 */
#include "ktap.h"

static int other_cpu(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		if (cpu)
			return cpu;
	return 0;
}

/* A gate item that notes the CPU and whether it met itself. */
static struct {
	struct gate_work g;
	atomic_t inside, overlaps;
	int cpu[8];
} again;

static void again_func(struct work_struct *work)
{
	if (atomic_inc_return(&again.inside) > 1)
		atomic_inc(&again.overlaps);
	again.cpu[atomic_read(&again.g.runs) & 7] = raw_smp_processor_id();
	gate_func(work);
	atomic_dec(&again.inside);
}

static void again_init(void)
{
	gate_init(&again.g);
	INIT_WORK(&again.g.work, again_func);
	atomic_set(&again.inside, 0);
	atomic_set(&again.overlaps, 0);
}

static void c17_requeued_on_another_cpu_waits(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_again", KTAP_PERCPU, 0);

	again_init();
	CHECK(queue_work_on(0, wq, &again.g.work));
	WAIT(&again.g.started);
	CHECK(queue_work_on(other_cpu(), wq, &again.g.work));
	CHECK(STAYS(atomic_read(&again.g.runs) == 1, A_WHILE));
	complete(&again.g.go);
	WAIT(&again.g.started);
	CHECK_EQ(0, again.cpu[0]);
	CHECK_EQ(0, again.cpu[1]);	/* where the first ran, not where it was queued */
	complete(&again.g.go);
	flush_work(&again.g.work);
	CHECK_EQ(2, atomic_read(&again.g.runs));
	CHECK_EQ(0, atomic_read(&again.overlaps));
	destroy_workqueue(wq);
}

static void c17_unbound_item_waits_for_itself(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_again_u", WQ_UNBOUND, 0);

	again_init();
	CHECK(queue_work(wq, &again.g.work));
	WAIT(&again.g.started);
	CHECK(queue_work_on(other_cpu(), wq, &again.g.work));
	CHECK(STAYS(atomic_read(&again.g.runs) == 1, A_WHILE));
	complete_all(&again.g.go);
	flush_work(&again.g.work);
	CHECK_EQ(2, atomic_read(&again.g.runs));
	CHECK_EQ(0, atomic_read(&again.overlaps));
	destroy_workqueue(wq);
}

static void c17_storm_call(struct caller *c)
{
	int i;

	for (i = 0; i < 1000; i++) {
		queue_work_on(i % num_online_cpus(), c->wq, &again.g.work);
		cond_resched();
	}
}

static void c17_storm_over_all_cpus(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_storm", KTAP_PERCPU, 0);
	static struct caller caller[3];
	int i;

	again_init();
	complete_all(&again.g.go);
	for (i = 0; i < 3; i++) {
		caller[i].wq = wq;
		caller_start(&caller[i], c17_storm_call, NULL);
	}
	for (i = 0; i < 3; i++)
		caller_end(&caller[i]);
	flush_workqueue(wq);
	CHECK(atomic_read(&again.g.runs) > 0);
	CHECK_EQ(0, atomic_read(&again.overlaps));
	destroy_workqueue(wq);
}

static void c18_two_queues_of_one_pool(void)
{
	struct workqueue_struct *a = alloc_workqueue("ktap_pool_a", KTAP_PERCPU, 0);
	struct workqueue_struct *b = alloc_workqueue("ktap_pool_b", KTAP_PERCPU, 0);

	again_init();
	CHECK(queue_work_on(0, a, &again.g.work));
	WAIT(&again.g.started);
	CHECK(queue_work_on(0, b, &again.g.work));
	CHECK(STAYS(atomic_read(&again.g.runs) == 1, A_WHILE));
	complete_all(&again.g.go);
	flush_workqueue(b);
	CHECK_EQ(2, atomic_read(&again.g.runs));
	CHECK_EQ(0, atomic_read(&again.overlaps));
	destroy_workqueue(a);
	destroy_workqueue(b);
}

/* Here the kernel does not keep the runs apart; both must end all the same. */
static void c19_queues_of_different_pools(void)
{
	struct workqueue_struct *a = alloc_workqueue("ktap_normal", KTAP_PERCPU, 0);
	struct workqueue_struct *b = alloc_workqueue("ktap_high", WQ_HIGHPRI | KTAP_PERCPU, 0);

	again_init();
	CHECK(queue_work_on(0, a, &again.g.work));
	WAIT(&again.g.started);
	CHECK(queue_work_on(0, b, &again.g.work));
	complete_all(&again.g.go);
	flush_workqueue(a);
	flush_workqueue(b);
	CHECK_EQ(2, atomic_read(&again.g.runs));
	destroy_workqueue(a);
	destroy_workqueue(b);
}

static struct completion second_ran;

static void second_func(struct work_struct *work)
{
	complete(&second_ran);
}

static void c20_changed_function_is_another_item(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_func", KTAP_PERCPU, 0);

	init_completion(&second_ran);
	again_init();
	CHECK(queue_work_on(0, wq, &again.g.work));
	WAIT(&again.g.started);
	again.g.work.func = second_func;
	CHECK(queue_work_on(0, wq, &again.g.work));
	WAIT(&second_ran);		/* while the first is still inside */
	CHECK_EQ(0, atomic_read(&again.g.ended));
	complete_all(&again.g.go);
	flush_workqueue(wq);
	CHECK_EQ(1, atomic_read(&again.g.ended));
	destroy_workqueue(wq);
}

static void blocked_holds_up_only_itself(unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_block", flags, 0);
	static struct gate_work a, b;

	gate_init(&a);
	gate_init(&b);
	CHECK(queue_work_on(0, wq, &a.work));
	WAIT(&a.started);
	CHECK(queue_work_on(0, wq, &a.work));
	CHECK(queue_work_on(0, wq, &b.work));
	WAIT(&b.started);
	CHECK_EQ(1, atomic_read(&a.runs));
	complete_all(&b.go);
	complete_all(&a.go);
	flush_workqueue(wq);
	CHECK_EQ(2, atomic_read(&a.runs));
	destroy_workqueue(wq);
}

static void c22_percpu(void)
{
	blocked_holds_up_only_itself(KTAP_PERCPU);
}

static void c22_unbound(void)
{
	blocked_holds_up_only_itself(WQ_UNBOUND);
}

static const struct ktap_case cases[] = {
	{ "C17 queued on another CPU while it runs, it runs after, where it ran",
	  c17_requeued_on_another_cpu_waits },
	{ "C17 on an unbound queue it waits for itself", c17_unbound_item_waits_for_itself },
	{ "C17 queued from all sides on all CPUs, it never meets itself",
	  c17_storm_over_all_cpus },
	{ "C18 two queues of one pool do not overlap its runs", c18_two_queues_of_one_pool },
	{ "C19 runs through queues of different pools both end", c19_queues_of_different_pools },
	{ "C20 with a new function it does not wait for the old run",
	  c20_changed_function_is_another_item },
	{ "C22 a blocked item holds up only itself, per-CPU", c22_percpu },
	{ "C22 a blocked item holds up only itself, unbound", c22_unbound },
};

KTAP_MODULE(cases, "one item never runs twice at once");

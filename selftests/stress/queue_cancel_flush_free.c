// SPDX-License-Identifier: MIT
/*
 * queue_cancel_flush_free.c - everything at once, for a bounded time, checked
 *
 * Threads pick items and queues at random and queue, delay, modify, cancel,
 * disable, enable, flush, drain, change limits, and free items inside functions.
 * What is checked all the time, whatever the order:
 *
 *   C17	 no item runs twice at the same time (each is queued on one queue only)
 *   C57, C62	 after cancel_*_sync() or disable_*_sync() by the item's owner nothing runs
 *   C1, C3	 runs + cancelled == accepted, for every item, at the end
 *   C31	 after flush_work() the runs of earlier acceptances are over
 *   C85	 ordered queues run in order of acceptance
 *   max_active	 is never exceeded, ordered queues run one at a time
 *   C23	 an item freed by its function is not touched (AddressSanitizer)
 *
 * Queues change scope, strictness, nice value, CPUs and limits, the mask of all unbound
 * queues changes, freezable ones are frozen and thawed, threads are refused while a
 * rescuer serves, files of queues are written, and workers take several items at once or do
 * not: nothing of it may lose an item or run one twice, nor more at once than the limit says.
 *
 * CPUs go offline and come back all the time (C120, C121). Four virtual ones, unless
 * UWQ_CMDLINE says something else.
 *
 * Arguments: seconds (default 5), seed (default from the clock; always printed).
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <uwq/workqueue.h>

#include "kernel-compat/test_points.h"
#include "workqueue/workqueue_internal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NR_THREADS	6
#define NR_SHARED	96	/* items that everybody queues, cancels and flushes */
#define NR_OWN		24	/* items of one thread, which checks that they are quiet */
#define NR_QUEUES	10

enum queue_kind { PERCPU, UNBOUND, ORDERED, NARROW, HIGHPRI, BH, CHANGING, RECLAIM, FROZEN,
		  FROZEN_ORDERED };

static const char *const queue_names[NR_QUEUES] = {
	"percpu", "unbound", "ordered", "narrow", "highpri", "bh", "changing",
	"reclaim", "frozen", "frozen_ordered",
};

static struct workqueue_struct *queues[NR_QUEUES];
static int limits[NR_QUEUES];		/* most runs at the same time, 0 = no check */
static int running[NR_QUEUES];		/* atomic */
static int failures;			/* atomic */
static int stop;			/* atomic */
static unsigned long one_shots_made, one_shots_run;	/* atomic */

struct item {
	struct delayed_work dwork;
	enum queue_kind queue;
	int inside;		/* atomic: runs going on */
	unsigned long plain;	/* not atomic on purpose: a race detector checks C15 */
	unsigned long accepted;	/* atomic */
	unsigned long cancelled; /* atomic */
	unsigned long runs;	/* atomic */
	bool requeues;		/* its function queues it again now and then */
};

static struct item shared[NR_SHARED];

#define FAIL(...)							\
	do {								\
		fprintf(stderr, "# FAIL %s:%d: ", __FILE__, __LINE__);	\
		fprintf(stderr, __VA_ARGS__);				\
		fputc('\n', stderr);					\
		__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);	\
	} while (0)

static unsigned long add(unsigned long *counter, unsigned long n)
{
	return __atomic_add_fetch(counter, n, __ATOMIC_ACQ_REL);
}

static unsigned long get(unsigned long *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

/* A little work, sometimes a sleep, by the address so that it needs no generator. */
static void spend(unsigned long what)
{
	volatile unsigned int i;

	for (i = 0; i < (what % 7) * 50; i++)
		;
	if (what % 61 == 0)
		usleep(100);
}

static void item_func(struct work_struct *work)
{
	struct item *item = container_of(to_delayed_work(work), struct item, dwork);
	enum queue_kind queue = item->queue;
	unsigned long nr;
	int at_once;

	if (__atomic_add_fetch(&item->inside, 1, __ATOMIC_ACQ_REL) != 1)
		FAIL("item %p of %s runs twice at the same time", item, queue_names[queue]);
	at_once = __atomic_add_fetch(&running[queue], 1, __ATOMIC_ACQ_REL);
	if (limits[queue] && at_once > limits[queue])
		FAIL("%d items of %s run at the same time, limit %d", at_once,
		     queue_names[queue], limits[queue]);
	item->plain++;
	nr = add(&item->runs, 1);
	if (queue != BH)
		spend(nr);
	if (item->requeues && nr % 3 == 0 && !__atomic_load_n(&stop, __ATOMIC_ACQUIRE) &&
	    queue_work(queues[queue], work))
		add(&item->accepted, 1);
	__atomic_sub_fetch(&running[queue], 1, __ATOMIC_ACQ_REL);
	__atomic_sub_fetch(&item->inside, 1, __ATOMIC_ACQ_REL);
}

static void item_init(struct item *item, enum queue_kind queue, bool requeues)
{
	*item = (struct item){ .queue = queue, .requeues = requeues };
	INIT_DELAYED_WORK(&item->dwork, item_func);
}

struct one_shot {
	struct work_struct work;
	char poison[64];
};

static void one_shot_func(struct work_struct *work)
{
	struct one_shot *shot = container_of(work, struct one_shot, work);

	add(&one_shots_run, 1);
	memset(shot, 0x5a, sizeof(*shot));
	kfree(shot);
}

static void queue_one_shot(struct workqueue_struct *wq)
{
	struct one_shot *shot = kmalloc(sizeof(*shot), GFP_KERNEL);

	if (!shot)
		return;
	INIT_WORK(&shot->work, one_shot_func);
	add(&one_shots_made, 1);
	if (!queue_work(wq, &shot->work))
		FAIL("a new item was refused");
}

static unsigned int rnd(unsigned int *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void accept_if(struct item *item, bool accepted)
{
	if (accepted)
		add(&item->accepted, 1);
}

static void cancelled_if(struct item *item, bool cancelled)
{
	if (cancelled)
		add(&item->cancelled, 1);
}

/* mod: a pending instance that it moves was accepted before, and is accepted again. */
static void modify(struct item *item, unsigned long delay)
{
	if (mod_delayed_work(queues[item->queue], &item->dwork, delay))
		add(&item->cancelled, 1);
	add(&item->accepted, 1);
}

/* One random step on an item that others use too; never mod, never disable. */
static void step_shared(struct item *item, unsigned int *seed)
{
	struct workqueue_struct *wq = queues[item->queue];
	unsigned int cpu = rnd(seed) % nr_cpu_ids;

	switch (rnd(seed) % 10) {
	case 0 ... 3:
		accept_if(item, queue_work(wq, &item->dwork.work));
		break;
	case 4:
		accept_if(item, queue_work_on(cpu_possible(cpu) ? cpu : 0, wq, &item->dwork.work));
		break;
	case 5:
		accept_if(item, queue_delayed_work(wq, &item->dwork, rnd(seed) % 4));
		break;
	case 6:
		cancelled_if(item, cancel_delayed_work(&item->dwork));
		break;
	case 7:
		cancelled_if(item, cancel_delayed_work_sync(&item->dwork));
		break;
	case 8:
		flush_delayed_work(&item->dwork);
		break;
	case 9:
		flush_work(&item->dwork.work);
		work_busy(&item->dwork.work);
		break;
	}
}

static void check_quiet(struct item *item, const char *after)
{
	if (__atomic_load_n(&item->inside, __ATOMIC_ACQUIRE))
		FAIL("item of %s runs after %s", queue_names[item->queue], after);
	if (work_pending(&item->dwork.work))
		FAIL("item of %s is pending after %s", queue_names[item->queue], after);
	/* C15: a plain read; only a completed wait makes it legal */
	if (item->plain != get(&item->runs))
		FAIL("item of %s: %lu runs, counted %lu", queue_names[item->queue],
		     item->plain, get(&item->runs));
}

/* One random step on an item that only this thread and its function touch. */
static void step_own(struct item *item, unsigned int *seed)
{
	struct workqueue_struct *wq = queues[item->queue];

	switch (rnd(seed) % 10) {
	case 0 ... 2:
		accept_if(item, queue_work(wq, &item->dwork.work));
		break;
	case 3:
		accept_if(item, queue_delayed_work(wq, &item->dwork, rnd(seed) % 3));
		break;
	case 4:
		if (!item->requeues)
			modify(item, rnd(seed) % 3);
		break;
	case 5:
		cancelled_if(item, cancel_delayed_work_sync(&item->dwork));
		check_quiet(item, "cancel_delayed_work_sync");
		break;
	case 6:
		cancelled_if(item, disable_delayed_work_sync(&item->dwork));
		check_quiet(item, "disable_delayed_work_sync");
		if (queue_work(wq, &item->dwork.work))
			FAIL("a disabled item was accepted");
		if (!enable_delayed_work(&item->dwork))
			FAIL("one enable did not undo one disable");
		break;
	case 7: {
		unsigned long before = get(&item->accepted);

		accept_if(item, queue_work(wq, &item->dwork.work));
		flush_delayed_work(&item->dwork);
		if (get(&item->runs) + get(&item->cancelled) < before)
			FAIL("flush_delayed_work of %s returned early", queue_names[item->queue]);
		break;
	}
	case 8:
		flush_work(&item->dwork.work);
		break;
	case 9:
		cancelled_if(item, cancel_delayed_work_sync(&item->dwork));
		check_quiet(item, "cancel_delayed_work_sync");
		if (item->plain != get(&item->accepted) - get(&item->cancelled))
			FAIL("item of %s: accepted %lu, cancelled %lu, ran %lu",
			     queue_names[item->queue], get(&item->accepted),
			     get(&item->cancelled), item->plain);
		/* a fresh start, as a reused address has it */
		item_init(item, item->queue, item->requeues);
		break;
	}
}

/* A chain on a queue of its own, drained and destroyed while it runs. */
static void chain_func(struct work_struct *work)
{
	struct item *item = container_of(to_delayed_work(work), struct item, dwork);

	if (add(&item->runs, 1) < 5)
		queue_work(*(struct workqueue_struct **)&item->plain, work);
}

static void private_queue(unsigned int *seed)
{
	struct workqueue_struct *wq = alloc_workqueue("private", rnd(seed) % 2 ? WQ_UNBOUND :
						      WQ_PERCPU, rnd(seed) % 3);
	struct item *items;
	int i;

	items = kcalloc(8, sizeof(*items), GFP_KERNEL);
	if (!wq || !items) {
		FAIL("no memory");
		return;
	}
	for (i = 0; i < 8; i++) {
		INIT_DELAYED_WORK(&items[i].dwork, chain_func);
		items[i].plain = (unsigned long)wq;
		queue_work(wq, &items[i].dwork.work);
		queue_one_shot(wq);
	}
	if (rnd(seed) % 2)
		drain_workqueue(wq);
	destroy_workqueue(wq);
	for (i = 0; i < 8; i++) {
		if (get(&items[i].runs) != 5)
			FAIL("a chain of 5 ended after %lu when its queue was destroyed",
			     get(&items[i].runs));
		/* C28: the queue is gone */
		cancel_delayed_work_sync(&items[i].dwork);
	}
	kfree(items);
}

static void random_cpus(struct cpumask *cpus, unsigned int *seed)
{
	unsigned int cpu;

	cpumask_clear(cpus);
	for_each_possible_cpu(cpu)
		if (rnd(seed) % 2)
			cpumask_set_cpu(cpu, cpus);
	if (cpumask_empty(cpus))
		cpumask_set_cpu(0, cpus);
}

/* Few different ones: a queue keeps what it has ever had. */
static void change_attrs(unsigned int *seed)
{
	static const enum queue_kind kinds[] = { CHANGING, ORDERED, RECLAIM, FROZEN,
						 FROZEN_ORDERED, NARROW };
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err;

	if (!attrs)
		return;
	attrs->nice = rnd(seed) % 3;
	attrs->affn_scope = WQ_AFFN_CPU + rnd(seed) % (WQ_AFFN_SYSTEM - WQ_AFFN_CPU + 1);
	attrs->affn_strict = rnd(seed) % 2;
	if (rnd(seed) % 2)
		random_cpus(attrs->cpumask, seed);
	err = apply_workqueue_attrs(queues[kinds[rnd(seed) % ARRAY_SIZE(kinds)]], attrs);
	/* more pools than there can be, on a machine with many CPUs */
	if (err && err != -ENOMEM)
		FAIL("apply_workqueue_attrs: %d", err);
	free_workqueue_attrs(attrs);
}

static DEFINE_MUTEX(freeze_lock);

/* Frozen and found not busy, a queue runs nothing. */
static void freeze_and_thaw(unsigned int *seed)
{
	int tries;

	mutex_lock(&freeze_lock);
	freeze_workqueues_begin();
	if (rnd(seed) % 2)
		workqueue_set_max_active(queues[FROZEN], 1 + rnd(seed) % 4);
	if (rnd(seed) % 2)
		change_attrs(seed);
	for (tries = 0; tries < 100 && freeze_workqueues_busy(); tries++)
		usleep(100);
	if (tries < 100 && (__atomic_load_n(&running[FROZEN], __ATOMIC_ACQUIRE) ||
			    __atomic_load_n(&running[FROZEN_ORDERED], __ATOMIC_ACQUIRE)))
		FAIL("a frozen queue runs something");
	thaw_workqueues();
	mutex_unlock(&freeze_lock);
}

static DEFINE_MUTEX(mask_lock);

static void change_unbound_mask(unsigned int *seed)
{
	struct cpumask cpus;
	int err;

	mutex_lock(&mask_lock);
	random_cpus(&cpus, seed);
	err = workqueue_set_unbound_cpumask(&cpus);
	if (err && err != -ENOMEM)
		FAIL("workqueue_set_unbound_cpumask: %d", err);
	usleep(rnd(seed) % 1000);
	workqueue_set_unbound_cpumask(cpu_possible_mask);
	mutex_unlock(&mask_lock);
}

/* Write a file of the queue "changing", by the name that it has in sysfs. */
static void write_file(unsigned int *seed)
{
	static const char *const stores[][2] = {
		{ "nice", "1" }, { "affinity_scope", "cpu" }, { "affinity_scope", "system" },
		{ "affinity_strict", "1" }, { "affinity_strict", "0" }, { "max_active", "3" },
	};
	const char *const *store = stores[rnd(seed) % ARRAY_SIZE(stores)];
	char path[100];
	struct file *file;
	loff_t pos = 0;

	snprintf(path, sizeof(path), "/sys/devices/virtual/workqueue/changing/%s", store[0]);
	file = filp_open(path, O_WRONLY, 0);
	if (IS_ERR(file)) {
		FAIL("%s: error %ld", path, PTR_ERR(file));
		return;
	}
	if (kernel_write(file, store[1], strlen(store[1]), &pos) != (ssize_t)strlen(store[1]))
		FAIL("%s: not written", path);
	filp_close(file, NULL);
}

static void change_queue(unsigned int *seed)
{
	switch (rnd(seed) % 9) {
	case 0:
		workqueue_set_max_active(queues[CHANGING], 1 + rnd(seed) % 8);
		break;
	case 1:
		workqueue_set_min_active(queues[CHANGING], rnd(seed) % 4);
		break;
	case 2:
		freeze_and_thaw(seed);
		break;
	case 3:
		change_unbound_mask(seed);
		break;
	case 4:
		write_file(seed);
		break;
	case 5:
		/* a private queue with a rescuer may be refused then: nobody checks that */
		uwq_test_fail_thread(1, 1 + rnd(seed) % 8);
		usleep(rnd(seed) % 20000);
		uwq_test_fail_thread(0, 0);
		break;
	case 6:
		uwq_test_force_batches(rnd(seed) % 4);
		break;
	default:
		change_attrs(seed);
		break;
	}
}

static unsigned long cpu_changes;	/* atomic */

/* Take a CPU away for a moment; other threads may have others away meanwhile. */
static void change_cpus(unsigned int *seed)
{
	unsigned int cpu = rnd(seed) % nr_cpu_ids;
	int ret = remove_cpu(cpu);

	/* 1: another thread has it away; -EBUSY: it is the last one */
	if (ret && ret != 1 && ret != -EBUSY)
		FAIL("remove_cpu(%u): %d", cpu, ret);
	if (ret)
		return;
	add(&cpu_changes, 1);
	usleep(rnd(seed) % 2000);
	ret = add_cpu(cpu);
	if (ret)
		FAIL("add_cpu(%u): %d", cpu, ret);
}

/* Stamps are given under the lock under which the item is queued. */
static DEFINE_MUTEX(stamp_lock);
static unsigned long next_stamp, last_stamp;

struct stamped {
	struct work_struct work;
	unsigned long stamp;
};

static void stamped_func(struct work_struct *work)
{
	struct stamped *stamped = container_of(work, struct stamped, work);

	/* plain accesses: an ordered queue is a lock */
	if (stamped->stamp != last_stamp + 1)
		FAIL("ordered queue ran %lu after %lu", stamped->stamp, last_stamp);
	last_stamp = stamped->stamp;
	kfree(stamped);
}

static void queue_stamped(void)
{
	struct stamped *stamped = kmalloc(sizeof(*stamped), GFP_KERNEL);

	if (!stamped)
		return;
	INIT_WORK(&stamped->work, stamped_func);
	mutex_lock(&stamp_lock);
	stamped->stamp = ++next_stamp;
	queue_work(queues[ORDERED], &stamped->work);
	mutex_unlock(&stamp_lock);
}

static void *user(void *arg)
{
	unsigned int seed = (unsigned int)(unsigned long)arg;
	struct item own[NR_OWN];
	unsigned long steps = 0;
	int i;

	for (i = 0; i < NR_OWN; i++)
		item_init(&own[i], i % NR_QUEUES, i % 5 == 0);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		steps++;
		switch (rnd(&seed) % 32) {
		case 0:
			flush_workqueue(queues[rnd(&seed) % NR_QUEUES]);
			break;
		case 1:
			if (rnd(&seed) % 16 == 0)
				private_queue(&seed);
			break;
		case 2:
			if (rnd(&seed) % 8 == 0)
				change_queue(&seed);
			break;
		case 3:
			if (rnd(&seed) % 8 == 0)
				change_cpus(&seed);
			break;
		case 4 ... 5:
			queue_stamped();
			break;
		case 6 ... 8:
			queue_one_shot(queues[rnd(&seed) % BH]);
			break;
		case 9 ... 18:
			step_own(&own[rnd(&seed) % NR_OWN], &seed);
			break;
		default:
			step_shared(&shared[rnd(&seed) % NR_SHARED], &seed);
			break;
		}
	}
	for (i = 0; i < NR_OWN; i++) {
		cancelled_if(&own[i], cancel_delayed_work_sync(&own[i].dwork));
		check_quiet(&own[i], "the end");
		if (own[i].plain != own[i].accepted - own[i].cancelled)
			FAIL("own item of %s: accepted %lu, cancelled %lu, ran %lu",
			     queue_names[own[i].queue], own[i].accepted, own[i].cancelled,
			     own[i].plain);
	}
	return (void *)steps;
}

static void make_queues(void)
{
	int i;

	queues[PERCPU] = alloc_workqueue("percpu", WQ_PERCPU, 0);
	queues[UNBOUND] = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	queues[ORDERED] = alloc_ordered_workqueue("ordered", 0);
	queues[NARROW] = alloc_workqueue("narrow", WQ_UNBOUND, 2);
	queues[HIGHPRI] = alloc_workqueue("highpri", WQ_PERCPU | WQ_HIGHPRI, 0);
	queues[BH] = alloc_workqueue("bh", WQ_BH | WQ_PERCPU, 0);
	queues[CHANGING] = alloc_workqueue("changing", WQ_UNBOUND | WQ_SYSFS, 4);
	queues[RECLAIM] = alloc_workqueue("reclaim", WQ_UNBOUND | WQ_MEM_RECLAIM, 8);
	queues[FROZEN] = alloc_workqueue("frozen", WQ_UNBOUND | WQ_FREEZABLE, 4);
	queues[FROZEN_ORDERED] = alloc_ordered_workqueue("frozen_ordered", WQ_FREEZABLE |
							 WQ_MEM_RECLAIM);
	limits[ORDERED] = 1;
	limits[FROZEN_ORDERED] = 1;
	limits[NARROW] = 2;
	for (i = 0; i < NR_QUEUES; i++) {
		if (!queues[i]) {
			fprintf(stderr, "# no memory for queue %s\n", queue_names[i]);
			exit(1);
		}
	}
	for (i = 0; i < NR_SHARED; i++)
		item_init(&shared[i], i % NR_QUEUES, i % 7 == 0);
}

static void check_end(void)
{
	int i;

	for (i = 0; i < NR_SHARED; i++)
		cancelled_if(&shared[i], cancel_delayed_work_sync(&shared[i].dwork));
	for (i = 0; i < NR_QUEUES; i++)
		destroy_workqueue(queues[i]);
	for (i = 0; i < NR_SHARED; i++) {
		check_quiet(&shared[i], "the end");
		if (shared[i].plain != shared[i].accepted - shared[i].cancelled)
			FAIL("shared item of %s: accepted %lu, cancelled %lu, ran %lu",
			     queue_names[shared[i].queue], shared[i].accepted,
			     shared[i].cancelled, shared[i].plain);
	}
	if (get(&one_shots_made) != get(&one_shots_run))
		FAIL("%lu one-shot items were queued, %lu ran", get(&one_shots_made),
		     get(&one_shots_run));
	if (next_stamp != last_stamp)
		FAIL("%lu ordered items were queued, %lu ran", next_stamp, last_stamp);
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? strtoul(argv[1], NULL, 0) : 5;
	unsigned int seed = argc > 2 ? strtoul(argv[2], NULL, 0) : (unsigned int)time(NULL);
	pthread_t threads[NR_THREADS];
	unsigned long steps = 0;
	int i;

	if (!getenv("UWQ_CMDLINE")) {
		setenv("UWQ_CMDLINE", "uwq.nr_cpus=4", 1);
		execv("/proc/self/exe", argv);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..1\n# %u seconds, seed %u\n", seconds, seed);
	make_queues();
	for (i = 0; i < NR_THREADS; i++)
		pthread_create(&threads[i], NULL, user, (void *)(unsigned long)(seed + i * 7919));
	sleep(seconds);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < NR_THREADS; i++) {
		void *done;

		pthread_join(threads[i], &done);
		steps += (unsigned long)done;
	}
	check_end();
	workqueue_shutdown(true);
	if (steps < NR_THREADS || (num_online_cpus() > 1 && !cpu_changes))
		FAIL("nothing ran");
	printf("# %lu steps, %lu one-shot items, %lu ordered items, %lu CPUs taken away\n",
	       steps, one_shots_run, last_stamp, cpu_changes);
	printf("%s 1 - queue, cancel, flush and free keep every promise\n",
	       failures ? "not ok" : "ok");
	return failures ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * items.h - the queues and items of the stress program, and a random step with one item
 *
 * Each item is queued on one queue only, and knows what was accepted, cancelled and run.
 */
#ifndef UWQ_SELFTESTS_STRESS_ITEMS_H
#define UWQ_SELFTESTS_STRESS_ITEMS_H

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <uwq/workqueue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NR_SHARED	96	/* items that everybody queues, cancels and flushes */
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
	bool requeues;		/* its function queues it again, some times in a row */
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
	if (item->requeues && nr % 8 && !__atomic_load_n(&stop, __ATOMIC_ACQUIRE) &&
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

#endif

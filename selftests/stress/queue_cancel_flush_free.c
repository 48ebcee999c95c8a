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
 * Long delays are armed, moved and cancelled in bursts, in which the clock is read once for
 * many of them; in how many bursts it was is printed.
 *
 * CPUs go offline and come back all the time (C120, C121). Four virtual ones, unless
 * UWQ_CMDLINE says something else.
 *
 * Arguments: seconds (default 5), seed (default from the clock; always printed).
 */
#include "items.h"
#include "changes.h"
#include "long_delays.h"

#include <pthread.h>
#include <time.h>

#define NR_THREADS	6
#define NR_OWN		24	/* items of one thread, which checks that they are quiet */

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

static unsigned int first_seed;
static unsigned long steps[NR_THREADS];	/* atomic */

static unsigned long all_steps(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < NR_THREADS; i++)
		sum += get(&steps[i]);
	return sum;
}

static bool something_ran(void)
{
	return all_steps() >= NR_THREADS && (num_online_cpus() == 1 || get(&cpu_changes));
}

static void init_items(struct item *items, int nr, int requeueing)
{
	for (int i = 0; i < nr; i++)
		item_init(&items[i], i % NR_QUEUES, requeueing && i % requeueing == 0);
}

static void check_own(struct item *items, int nr)
{
	for (int i = 0; i < nr; i++) {
		struct item *item = &items[i];

		cancelled_if(item, cancel_delayed_work_sync(&item->dwork));
		check_quiet(item, "the end");
		if (item->plain != item->accepted - item->cancelled)
			FAIL("own item of %s: accepted %lu, cancelled %lu, ran %lu",
			     queue_names[item->queue], item->accepted, item->cancelled,
			     item->plain);
	}
}

static void *user(void *arg)
{
	int nr = (int)(long)arg;
	unsigned int seed = first_seed + nr * 7919;
	struct item own[NR_OWN], late[NR_LATE];

	init_items(own, NR_OWN, 5);
	init_items(late, NR_LATE, 0);
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		add(&steps[nr], 1);
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
		case 19:
			if (rnd(&seed) % 32 == 0)
				burst_of_long_delays(late, &seed);
			break;
		default:
			step_shared(&shared[rnd(&seed) % NR_SHARED], &seed);
			break;
		}
	}
	check_own(own, NR_OWN);
	check_own(late, NR_LATE);
	return NULL;
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
	init_items(shared, NR_SHARED, 7);
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
	pthread_t threads[NR_THREADS];
	int i;

	if (!getenv("UWQ_CMDLINE")) {
		setenv("UWQ_CMDLINE", "uwq.nr_cpus=4", 1);
		execv("/proc/self/exe", argv);
	}
	first_seed = argc > 2 ? strtoul(argv[2], NULL, 0) : (unsigned int)time(NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..1\n# %u seconds, seed %u\n", seconds, first_seed);
	make_queues();
	for (i = 0; i < NR_THREADS; i++)
		pthread_create(&threads[i], NULL, user, (void *)(long)i);
	sleep(seconds);
	/* all may stand still where a thread was refused: it is tried again after a second */
	for (i = 0; i < 300 && !something_ran(); i++)
		usleep(100000);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	check_end();
	workqueue_shutdown(true);
	if (!something_ran())
		FAIL("nothing ran");
	printf("# %lu steps, %lu one-shot items, %lu ordered items, %lu CPUs taken away\n",
	       all_steps(), one_shots_run, last_stamp, cpu_changes);
	printf("# %lu bursts of long delays, %lu of them in a rush\n", bursts, rushes);
	printf("%s 1 - queue, cancel, flush and free keep every promise\n",
	       failures ? "not ok" : "ok");
	return failures ? 1 : 0;
}

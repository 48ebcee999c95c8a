/* SPDX-License-Identifier: MIT */
/*
 * list_test.h - which items are on which list of a pool?
 *
 * Items have letters for names: small ones belong to one queue, capitals to another one of the
 * same pool. The only worker of that pool stands in a function until let_go(), which the engine
 * does not see, so that all that is queued stays where it was put. What is there is a string:
 * "abA/c|d/" says that a, b and A are on the worklist, c and d wait for a slot of the first
 * queue, somebody flushes c, and nothing waits for one of the second queue.
 */
#ifndef UWQ_SELFTESTS_LIST_TEST_H
#define UWQ_SELFTESTS_LIST_TEST_H

#include "flush_test.h"

#include <ctype.h>

#define MOST_NAMES	256

/* ---- items ---- */

static char ran[MOST_NAMES];	/* atomic: the names of those that have run */
static int nr_ran;		/* atomic */

struct named {
	struct work_struct work;
	char name;
};

static struct named named_items[128];

static inline void named_func(struct work_struct *work)
{
	SET(ran[ADD(nr_ran, 1) - 1], container_of(work, struct named, work)->name);
}

static inline struct work_struct *item(char name)
{
	return &named_items[(int)name].work;
}

static inline void forget_runs(void)
{
	memset(ran, 0, sizeof(ran));
	SET(nr_ran, 0);
}

static inline void items_init(void)
{
	forget_runs();
	for (int name = 'A'; name <= 'z'; name++) {
		named_items[name].name = (char)name;
		INIT_WORK(&named_items[name].work, named_func);
	}
}

/* The memory of an item that was cancelled is used for something else. */
static inline bool cancel_item(char name)
{
	bool cancelled = cancel_work(item(name));

	memset(&named_items[(int)name], 0x5a, sizeof(struct named));
	return cancelled;
}

/* ---- a worker that stands ---- */

static struct gate standing, may_go;

static inline void stand_func(struct work_struct *work)
{
	(void)work;
	/* the next runs are not measured: in such a run a worker takes nothing along */
	this_worker->measured_run = this_worker->nr_runs + MOST_NAMES;
	gate_open(&standing);
	gate_wait(&may_go);
}

/* Returns when @work, an item of its own, stands. */
static inline void let_stand(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	gate_close(&standing);
	gate_close(&may_go);
	INIT_WORK(work, stand_func);
	queue_work_on(cpu, wq, work);
	gate_wait(&standing);
}

static inline void let_go(void)
{
	gate_open(&may_go);
}

/* ---- lists ---- */

/*
 * '|': a barrier. '!': a link or a mark is wrong. The first one of those that wait need not know
 * who is before it, see pwq_mend_first(). Pool lock held.
 */
static inline char *put_names(char *to, struct list_head *list, bool waiting)
{
	struct list_head *pos, *before = list;
	int most = MOST_NAMES / 8;

	for (pos = list->next; pos != list && most--; before = pos, pos = pos->next) {
		struct work_struct *work = list_entry(pos, struct work_struct, entry);
		bool barrier = work->func != named_func;

		*to++ = barrier ? '|' : container_of(work, struct named, work)->name;
		if (pos->prev != before && !(waiting && before == list))
			*to++ = '!';
		if (!barrier && !(work_data(work) & WORK_STRUCT_INACTIVE) == waiting)
			*to++ = '!';
	}
	if (list->prev != before)
		*to++ = '!';
	return to;
}

/* Everything is on a list afterwards. */
static inline const char *lists_of(struct pool_workqueue *pwq, struct pool_workqueue *other)
{
	static char names[MOST_NAMES];
	struct worker_pool *pool = pwq->pool;
	char *to = names;

	pool_lock(pool);
	pool_drain_inbox(pool);
	to = put_names(to, &pool->worklist, false);
	*to++ = '/';
	to = put_names(to, &pwq->inactive_works, true);
	*to++ = '/';
	if (other)
		to = put_names(to, &other->inactive_works, true);
	*to = '\0';
	pool_unlock(pool);
	return names;
}

static inline void expect_counts(struct __test_metadata *_metadata, struct pool_workqueue *pwq,
				 int active, int total)
{
	int sum = 0;

	pool_lock(pwq->pool);
	for (int color = 0; color < WORK_NR_COLORS; color++) {
		EXPECT_LE(0, pwq->nr_in_flight[color]);
		sum += pwq->nr_in_flight[color];
	}
	EXPECT_EQ(active, pwq->nr_active);
	EXPECT_EQ(total, (int)pwq->nr_total);
	EXPECT_EQ(total, sum);
	pool_unlock(pwq->pool);
}

/* ---- two queues of the pool of CPU 0 ---- */

FIXTURE(lists)
{
	struct workqueue_struct *wq, *other, *third;
	struct pool_workqueue *pwq, *other_pwq;
	struct work_struct standing;
};

FIXTURE_SETUP(lists)
{
	items_init();
	self->wq = alloc_workqueue("small", WQ_PERCPU, 3);
	self->other = alloc_workqueue("capital", WQ_PERCPU, 0);
	self->third = alloc_workqueue("standing", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(self->wq);
	ASSERT_NOT_NULL(self->other);
	ASSERT_NOT_NULL(self->third);
	self->pwq = self->wq->cpu_pwq[0];
	self->other_pwq = self->other->cpu_pwq[0];
	stop_looks();
	let_stand(0, self->third, &self->standing);
}

FIXTURE_TEARDOWN(lists)
{
	let_go();
	flush_workqueue(self->wq);
	flush_workqueue(self->other);
	expect_counts(_metadata, self->pwq, 0, 0);
	expect_counts(_metadata, self->other_pwq, 0, 0);
	start_looks();
	destroy_workqueue(self->third);
	destroy_workqueue(self->other);
	destroy_workqueue(self->wq);
}

static inline void queue_items(FIXTURE_DATA(lists) *self, const char *names)
{
	for (; *names; names++)
		queue_work_on(0, islower(*names) ? self->wq : self->other, item(*names));
}

static inline const char *lists(FIXTURE_DATA(lists) *self)
{
	return lists_of(self->pwq, self->other_pwq);
}

/* All run, or what is left of them, and did so in this order. */
static inline void expect_runs(struct __test_metadata *_metadata, FIXTURE_DATA(lists) *self,
			       const char *names)
{
	let_go();
	flush_workqueue(self->wq);
	flush_workqueue(self->other);
	EXPECT_STREQ(names, ran);
}

#endif

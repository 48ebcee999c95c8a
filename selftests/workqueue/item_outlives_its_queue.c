// SPDX-License-Identifier: MIT
/*
 * Proves C28 and catches B30: an idle item may be flushed, cancelled, looked at and
 * queued elsewhere after the queue on which it ran was destroyed; it holds no pointer
 * to it. The pwq it was in serves another queue by then, which must not be taken for
 * the old one.
 */
#include "wq_test.h"

FIXTURE(item) {
	struct counter item;
};

FIXTURE_VARIANT(item) {
	unsigned int flags;
	bool pending;	/* it was cancelled instead of run */
};

FIXTURE_VARIANT_ADD(item, ran_percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(item, ran_unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(item, ran_in_bottom_half) { .flags = WQ_PERCPU | WQ_BH };
FIXTURE_VARIANT_ADD(item, cancelled_percpu) { .flags = WQ_PERCPU, .pending = true };
FIXTURE_VARIANT_ADD(item, cancelled_unbound) { .flags = WQ_UNBOUND, .pending = true };

FIXTURE_SETUP(item)
{
	struct workqueue_struct *wq = alloc_workqueue("short_lived", variant->flags,
						      variant->pending);
	struct blocker blocker;

	ASSERT_NOT_NULL(wq);
	counter_init(&self->item);
	if (variant->pending)
		blocker_start_on(&blocker, 0, wq);
	ASSERT_TRUE(queue_work_on(0, wq, &self->item.work));
	if (variant->pending) {
		EXPECT_TRUE(cancel_work(&self->item.work));
		blocker_release(&blocker);
	}
	destroy_workqueue(wq);
	EXPECT_EQ(!variant->pending, GET(self->item.runs));
}

FIXTURE_TEARDOWN(item)
{
	struct workqueue_struct *wq = alloc_workqueue("next", WQ_UNBOUND, 0);
	int runs = GET(self->item.runs);

	EXPECT_TRUE(queue_work(wq, &self->item.work));
	flush_work(&self->item.work);
	EXPECT_EQ(runs + 1, GET(self->item.runs));
	destroy_workqueue(wq);
}

static void touch(struct __test_metadata *_metadata, struct work_struct *work)
{
	EXPECT_FALSE(flush_work(work));
	EXPECT_FALSE(cancel_work(work));
	EXPECT_FALSE(cancel_work_sync(work));
	EXPECT_FALSE(disable_work_sync(work));
	EXPECT_TRUE(enable_work(work));
	EXPECT_EQ(0u, work_busy(work));
	EXPECT_FALSE(work_pending(work));
}

TEST_F(item, nothing_else_has_happened)
{
	touch(_metadata, &self->item.work);
}

TEST_F(item, its_pwq_serves_another_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("next", variant->flags, 0);
	struct counter others[8];
	int i;

	ASSERT_NOT_NULL(wq);
	for (i = 0; i < 8; i++) {
		counter_init(&others[i]);
		queue_work_on(0, wq, &others[i].work);
	}
	touch(_metadata, &self->item.work);
	destroy_workqueue(wq);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(1, GET(others[i].runs));
}

/*
 * Somebody reads where the item is queued, and comes to lock that pool only after the
 * item has run, its queue was destroyed, and the pwq serves another queue.
 */
static void *cancel_late(void *work)
{
	return (void *)(long)cancel_work(work);
}

static void *disable_late(void *work)
{
	bool was_pending = disable_work(work);

	enable_work(work);
	return (void *)(long)was_pending;
}

static void *flush_late(void *work)
{
	return (void *)(long)flush_work(work);
}

static void check_late(struct __test_metadata *_metadata, unsigned int flags, const char *point,
		       void *(*call)(void *work), bool queued_again)
{
	struct workqueue_struct *wq = alloc_workqueue("first", flags, 1);
	struct blocker blocker, other;
	struct counter item;
	pthread_t late;
	void *answer;

	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	blocker_start_on(&blocker, 0, wq);
	ASSERT_TRUE(queue_work_on(0, wq, &item.work));
	hold_next(point);
	late = start_thread(call, &item.work);
	hold_wait();
	blocker_release(&blocker);
	destroy_workqueue(wq);
	EXPECT_EQ(1, GET(item.runs));

	wq = alloc_workqueue("second", flags ^ WQ_HIGHPRI, 1);
	ASSERT_NOT_NULL(wq);
	blocker_start_on(&other, 0, wq);
	if (queued_again)
		ASSERT_TRUE(queue_work_on(0, wq, &item.work));
	hold_release();
	if (call == flush_late)
		blocker_release(&other);
	pthread_join(late, &answer);
	if (call == cancel_late) {
		EXPECT_EQ(queued_again, answer != NULL);
		blocker_release(&other);
	}
	destroy_workqueue(wq);
	EXPECT_EQ(call == flush_late && queued_again ? 2 : 1, GET(item.runs));
}

TEST(late_canceller_finds_the_queue_gone)
{
	check_late(_metadata, WQ_PERCPU, "grab_seen_queued", cancel_late, false);
	check_late(_metadata, WQ_UNBOUND, "grab_seen_queued", cancel_late, false);
}

TEST(late_canceller_finds_the_item_elsewhere)
{
	check_late(_metadata, WQ_PERCPU, "grab_seen_queued", cancel_late, true);
	check_late(_metadata, WQ_UNBOUND, "grab_seen_queued", cancel_late, true);
}

TEST(late_flusher_finds_the_queue_gone)
{
	check_late(_metadata, WQ_PERCPU, "flush_seen_queued", flush_late, false);
	check_late(_metadata, WQ_UNBOUND, "flush_seen_queued", flush_late, false);
}

TEST(late_flusher_finds_the_item_elsewhere)
{
	check_late(_metadata, WQ_PERCPU, "flush_seen_queued", flush_late, true);
	check_late(_metadata, WQ_UNBOUND, "flush_seen_queued", flush_late, true);
}

/*
 * The pwq of the queue has gone to a queue with another pool when the caller locks the
 * pool that it had, and goes on to a third queue while the caller steps back. The
 * caller says where it is without an ordering, so that ThreadSanitizer sees only the
 * ones that the engine itself makes.
 */
static struct gate seen_pool, lock_it;
static int stepped_back, step_on;	/* atomic, relaxed */

static void two_stops(const char *point)
{
	if (strstr(point, "_seen_pool") && !GET(lock_it.open)) {
		gate_open(&seen_pool);
		gate_wait(&lock_it);
	} else if (strstr(point, "_backoff")) {
		__atomic_store_n(&stepped_back, 1, __ATOMIC_RELAXED);
		while (!__atomic_load_n(&step_on, __ATOMIC_RELAXED))
			sched_yield();
	}
}

static struct workqueue_struct *ordered_queue(const char *name, unsigned int flags)
{
	return alloc_ordered_workqueue("%s", flags, name);
}

/*
 * @item waits in an ordered queue of its own, whose pwq has come from that where @call found
 * it. @call is about to lock the pool that the pwq had.
 */
struct on_its_way {
	struct workqueue_struct *wq;
	struct blocker blocker;
	struct counter item;
	pthread_t late;
};

static void begin_on_its_way(struct __test_metadata *_metadata, struct on_its_way *way,
			     void *(*call)(void *work))
{
	struct blocker first;
	struct pool_workqueue *pwq;

	way->wq = ordered_queue("first", 0);
	ASSERT_NOT_NULL(way->wq);
	counter_init(&way->item);
	blocker_start_on(&first, 0, way->wq);
	ASSERT_TRUE(queue_work(way->wq, &way->item.work));
	pwq = work_data_pwq(work_data(&way->item.work));
	SET(uwq_test_point_hook, two_stops);
	way->late = start_thread(call, &way->item.work);
	gate_wait(&seen_pool);
	blocker_release(&first);
	destroy_workqueue(way->wq);

	way->wq = ordered_queue("second", WQ_HIGHPRI);
	ASSERT_NOT_NULL(way->wq);
	blocker_start_on(&way->blocker, 0, way->wq);
	ASSERT_TRUE(queue_work(way->wq, &way->item.work));
	ASSERT_EQ(pwq, work_data_pwq(work_data(&way->item.work)));
}

static void check_on_its_way(struct __test_metadata *_metadata, void *(*call)(void *work))
{
	struct on_its_way way;
	void *answer;

	begin_on_its_way(_metadata, &way, call);
	gate_open(&lock_it);
	while (!__atomic_load_n(&stepped_back, __ATOMIC_RELAXED))
		sched_yield();
	blocker_release(&way.blocker);
	destroy_workqueue(way.wq);
	way.wq = ordered_queue("third", WQ_HIGHPRI);
	ASSERT_NOT_NULL(way.wq);
	__atomic_store_n(&step_on, 1, __ATOMIC_RELAXED);
	pthread_join(way.late, &answer);
	EXPECT_NULL(answer);
	EXPECT_EQ(2, GET(way.item.runs));
	destroy_workqueue(way.wq);
}

TEST(late_owner_sees_a_pwq_on_its_way)
{
	check_on_its_way(_metadata, disable_late);
}

/* It looks a second time before it steps back, and finds the item where it is now. */
TEST(late_canceller_sees_a_pwq_on_its_way)
{
	struct on_its_way way;
	void *answer;

	begin_on_its_way(_metadata, &way, cancel_late);
	gate_open(&lock_it);
	pthread_join(way.late, &answer);
	EXPECT_NOT_NULL(answer);
	blocker_release(&way.blocker);
	destroy_workqueue(way.wq);
	EXPECT_EQ(1, GET(way.item.runs));
}

static int late_returned;	/* atomic */

static void *cancel_and_say(void *work)
{
	void *answer = cancel_late(work);

	SET(late_returned, 1);
	return answer;
}

/* An ordered queue with an item that waits on its list, and has never run. */
static struct workqueue_struct *queue_with(struct __test_metadata *_metadata,
					   unsigned int flags, struct blocker *blocker,
					   struct work_struct *work)
{
	struct workqueue_struct *wq = ordered_queue("with", flags);

	ASSERT_NOT_NULL(wq);
	blocker_start_on(blocker, 0, wq);
	ASSERT_TRUE(queue_work(wq, work));
	ASSERT_TRUE(workqueue_congested(WORK_CPU_UNBOUND, wq));
	return wq;
}

/* The item has the same word as before, but it is the lock of another pool that counts. */
TEST(late_canceller_sees_the_same_word_in_another_pool)
{
	struct blocker first, second;
	struct workqueue_struct *wq;
	struct worker_pool *pool;
	struct counter item;
	unsigned long data;
	pthread_t late;
	void *answer;

	counter_init(&item);
	wq = queue_with(_metadata, 0, &first, &item.work);
	data = work_data(&item.work);
	SET(uwq_test_point_hook, two_stops);
	late = start_thread(cancel_and_say, &item.work);
	gate_wait(&seen_pool);
	SET(uwq_test_point_hook, NULL);
	ASSERT_TRUE(cancel_work(&item.work));
	blocker_release(&first);
	destroy_workqueue(wq);

	wq = queue_with(_metadata, WQ_HIGHPRI, &second, &item.work);
	ASSERT_EQ(data, work_data(&item.work));
	pool = pwq_pool(work_data_pwq(data));
	pool_lock(pool);
	gate_open(&lock_it);
	nap_us(20000);
	EXPECT_EQ(0, GET(late_returned));
	pool_unlock(pool);
	pthread_join(late, &answer);
	EXPECT_NOT_NULL(answer);
	blocker_release(&second);
	destroy_workqueue(wq);
	EXPECT_EQ(0, GET(item.runs));
}

TEST(late_flusher_sees_a_pwq_on_its_way)
{
	check_on_its_way(_metadata, flush_late);
}

/* Cancellers that come late read a queue's address just before the queue is destroyed. */
static int stop;	/* atomic */

static void *cancel_all_the_time(void *work)
{
	while (!GET(stop)) {
		cancel_work(work);
		flush_work(work);
	}
	return NULL;
}

TEST(queue_is_destroyed_while_others_cancel_and_flush)
{
	struct counter item;
	pthread_t threads[2];
	int i;

	counter_init(&item);
	for (i = 0; i < 2; i++)
		threads[i] = start_thread(cancel_all_the_time, &item.work);
	for (i = 0; i < ROUNDS(3000); i++) {
		struct workqueue_struct *wq = alloc_workqueue("brief", i % 2 ? WQ_PERCPU :
							      WQ_UNBOUND, 0);

		ASSERT_NOT_NULL(wq);
		queue_work(wq, &item.work);
		destroy_workqueue(wq);
	}
	SET(stop, 1);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, GET(item.overlaps));
}

TEST_HARNESS_MAIN

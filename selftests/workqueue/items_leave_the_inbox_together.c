// SPDX-License-Identifier: MIT
/*
 * Proves C7, C39, C40, C63, C86, C89 and C94 for items of several queues that leave the inbox of
 * their pool at the same time: they keep their order, each has a slot or waits for one behind
 * those of its queue, counts and flush colours are those that it would have alone, and each can
 * be cancelled, or flushed, whatever came with it.
 */
#include "list_test.h"
#include "pod_test.h"

/* ---- two queues of one pool ---- */

TEST_F(lists, each_queue_has_its_own)
{
	queue_items(self, "aABbcCDEd");
	EXPECT_STREQ("aABbcCDE/d/", lists(self));
	expect_counts(_metadata, self->pwq, 3, 4);
	expect_counts(_metadata, self->other_pwq, 5, 5);
	/* the next ones find lists that are not empty */
	queue_items(self, "FeGfg");
	EXPECT_STREQ("aABbcCDEFG/defg/", lists(self));
	expect_counts(_metadata, self->pwq, 3, 7);
	expect_counts(_metadata, self->other_pwq, 7, 7);
	expect_runs(_metadata, self, "aABbcCDEFGdefg");
}

/* The last slot goes to one in the middle. */
TEST_F(lists, slots_may_be_fewer)
{
	workqueue_set_max_active(self->other, 1);
	queue_items(self, "abcdefABCg");
	EXPECT_STREQ("abcA/defg/BC", lists(self));
	expect_counts(_metadata, self->pwq, 3, 7);
	expect_counts(_metadata, self->other_pwq, 1, 3);
	queue_items(self, "D");
	EXPECT_STREQ("abcA/defg/BCD", lists(self));
	expect_runs(_metadata, self, "abcAdefBgCD");
}

/* The limit is lower than what has slots, then none is in force, then it is as before. */
TEST_F(lists, there_may_be_none)
{
	queue_items(self, "abc");
	EXPECT_STREQ("abc//", lists(self));
	workqueue_set_max_active(self->wq, 1);
	queue_items(self, "dAe");
	EXPECT_STREQ("abcA/de/", lists(self));
	expect_counts(_metadata, self->pwq, 3, 5);
	EXPECT_TRUE(cancel_item('b'));
	queue_items(self, "f");
	EXPECT_STREQ("acA/def/", lists(self));
	expect_counts(_metadata, self->pwq, 2, 5);
	workqueue_set_max_active(self->wq, 4);
	queue_items(self, "g");
	EXPECT_STREQ("acAde/fg/", lists(self));
	expect_counts(_metadata, self->pwq, 4, 6);
	expect_runs(_metadata, self, "acAdefg");
}

/* A portion, as who finds the inbox full takes it; the rest stays. */
TEST_F(lists, some_may_stay)
{
	static struct named many[INBOX_MAKE_ROOM + 5];
	struct worker_pool *pool = self->pwq->pool;

	for (int i = 0; i < INBOX_MAKE_ROOM + 5; i++) {
		many[i].name = 'x';
		INIT_WORK(&many[i].work, named_func);
		queue_work_on(0, i % 3 ? self->other : self->wq, &many[i].work);
	}
	pool_lock(pool);
	pool_drain_portion(pool);
	EXPECT_EQ(INBOX_MAKE_ROOM, (int)(self->pwq->nr_total + self->other_pwq->nr_total));
	EXPECT_EQ((int)self->pwq->nr_total, self->pwq->nr_in_flight[self->pwq->work_color]);
	EXPECT_TRUE(inbox_look(&pool->inbox));
	EXPECT_EQ(5ul, pool->inbox.end - pool->inbox.next);
	pool_unlock(pool);
	for (int i = 0; i < INBOX_MAKE_ROOM + 5; i++)
		EXPECT_TRUE(cancel_work(&many[i].work));
	EXPECT_STREQ("//", lists(self));
}

/* The first, one in the middle and the last of each list. */
TEST_F(lists, each_can_be_cancelled)
{
	static const char *const left[] = {
		['a'] = "AbBcCd/ef/", ['b'] = "aABcCd/ef/", ['c'] = "aAbBCd/ef/",
		['d'] = "aAbBcC/ef/", ['e'] = "aAbBcC/df/", ['f'] = "aAbBcC/de/",
	};

	for (char name = 'a'; name <= 'f'; name++) {
		items_init();
		queue_items(self, "aAbBcCdef");
		ASSERT_STREQ("aAbBcC/def/", lists(self));
		EXPECT_TRUE(cancel_item(name));
		EXPECT_STREQ(left[(int)name], lists(self));
		expect_counts(_metadata, self->pwq, 3, 5);
		let_go();
		flush_workqueue(self->wq);
		flush_workqueue(self->other);
		EXPECT_EQ(8, GET(nr_ran));
		let_stand(0, self->third, &self->standing);
	}
}

/* Before anybody has looked at them. */
TEST_F(lists, also_when_that_takes_them_out)
{
	queue_items(self, "aAbBc");
	EXPECT_TRUE(cancel_item('b'));
	EXPECT_STREQ("aABc//", lists(self));
	queue_items(self, "dC");
	EXPECT_TRUE(cancel_item('d'));
	EXPECT_STREQ("aABcC//", lists(self));
	queue_items(self, "efg");
	EXPECT_TRUE(cancel_item('g'));
	EXPECT_STREQ("aABcCe/f/", lists(self));
	expect_runs(_metadata, self, "aABcCef");
}

TEST_F(lists, barriers_stay_with_their_items)
{
	pthread_t threads[3];

	queue_items(self, "aAbcde");
	threads[0] = start_flush(self->wq, item('c'));
	threads[1] = start_flush(self->wq, item('e'));
	threads[2] = start_flush(self->other, item('A'));
	queue_items(self, "fBg");
	EXPECT_STREQ("aA|bc|B/de|fg/", lists(self));
	expect_runs(_metadata, self, "aAbcBdefg");
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

static struct gate fourth_may_go;

static void fourth_func(struct work_struct *work)
{
	named_func(work);
	gate_wait(&fourth_may_go);
}

/* Who flushes the queue waits for "abc", and not for what came after that. */
TEST_F(lists, colours_are_those_of_the_moment)
{
	int color = self->pwq->work_color;
	pthread_t thread;

	INIT_WORK(item('d'), fourth_func);
	gate_close(&fourth_may_go);
	workqueue_set_max_active(self->wq, 2);
	queue_items(self, "aAbBc");
	thread = start_queue_flush(self->wq);
	queue_items(self, "CdefD");
	EXPECT_STREQ("aAbBCD/c|ef/", lists(self));
	expect_counts(_metadata, self->pwq, 2, 6);
	pool_lock(self->pwq->pool);
	EXPECT_NE(color, self->pwq->work_color);
	EXPECT_EQ(3, self->pwq->nr_in_flight[color]);
	EXPECT_EQ(3, self->pwq->nr_in_flight[self->pwq->work_color]);
	pool_unlock(self->pwq->pool);
	expect_counts(_metadata, self->other_pwq, 4, 4);
	let_go();
	pthread_join(thread, NULL);
	gate_open(&fourth_may_go);
	expect_runs(_metadata, self, "aAbBCDcdef");
}

/* ---- slots that a pwq cannot have, or not alone ---- */

/* @work stands in @pool, so that nobody comes for what is queued there. */
static void let_pool_stand(struct worker_pool *pool, int cpu, struct workqueue_struct *wq,
			   struct work_struct *work)
{
	pretend_short_runs(pool);
	let_stand(cpu, wq, work);
}

static void set_nice(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	copy_workqueue_attrs(attrs, wq->attrs);
	attrs->nice = 5;
	ASSERT_EQ(0, apply_workqueue_attrs(wq, attrs));
	free_workqueue_attrs(attrs);
}

/* An ordered queue has attributes that @change changes, and an item of before runs. */
static void expect_plugged(struct __test_metadata *_metadata,
			   void (*change)(struct __test_metadata *, struct workqueue_struct *))
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("plugged", 0);
	struct workqueue_struct *other = alloc_ordered_workqueue("standing", 0);
	struct pool_workqueue *pwq;
	struct work_struct standing;
	struct blocker blocker;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(other);
	items_init();
	change(_metadata, other);
	stop_looks();
	blocker_start(&blocker, wq);
	change(_metadata, wq);
	pwq = wq->dfl_pwq;
	ASSERT_TRUE(pwq->plugged && pwq->pool == other->dfl_pwq->pool);
	let_pool_stand(pwq->pool, 0, other, &standing);
	for (char name = 'a'; name <= 'e'; name++)
		queue_work(wq, item(name));
	EXPECT_STREQ("/abcde/", lists_of(pwq, NULL));
	expect_counts(_metadata, pwq, 0, 5);
	EXPECT_TRUE(cancel_item('b'));
	blocker_release(&blocker);
	EXPECT_TRUE(COMES_TRUE(!strcmp(lists_of(pwq, NULL), "a/cde/")));
	queue_work(wq, item('f'));
	EXPECT_STREQ("a/cdef/", lists_of(pwq, NULL));
	expect_counts(_metadata, pwq, 1, 5);
	let_go();
	flush_workqueue(wq);
	EXPECT_STREQ("acdef", ran);
	expect_counts(_metadata, pwq, 0, 0);
	start_looks();
	destroy_workqueue(other);
	destroy_workqueue(wq);
}

TEST(none_of_a_queue_that_is_plugged)
{
	expect_plugged(_metadata, set_nice);
}

static void move_to_node(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	struct wq_node_nr_active *account = wq->dfl_pwq->account;

	ASSERT_EQ(0, set_cpus(wq, cpumask_of_node(1)));
	ASSERT_TRUE(account != wq->dfl_pwq->account);
}

/* All slots that it would need are free: the item of before has one of another node. */
TEST(none_of_a_queue_that_is_plugged_on_another_node)
{
	put_cpus(0, 2, 0, 2, 1);
	put_cpus(2, 4, 1, 2, 1);
	use_places();
	expect_plugged(_metadata, move_to_node);
}

/* Two pods of a node have two slots. Their workers stand. */
FIXTURE(pods)
{
	struct workqueue_struct *wq, *other;
	struct pool_workqueue *here, *there;
	struct work_struct standing[2];
};

FIXTURE_SETUP(pods)
{
	items_init();
	put_cpus(0, 4, 0, 2, 1);
	use_places();
	self->wq = alloc_workqueue("shared", WQ_UNBOUND, 2);
	self->other = alloc_workqueue("standing", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(self->wq);
	ASSERT_NOT_NULL(self->other);
	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_CACHE, false));
	ASSERT_EQ(0, set_scope(self->other, WQ_AFFN_CACHE, false));
	self->here = pwq_of(self->wq, 0);
	self->there = pwq_of(self->wq, 2);
	ASSERT_TRUE(self->here != self->there);
	ASSERT_TRUE(self->here->node_active == self->there->node_active);
	ASSERT_TRUE(self->here->pool == pwq_of(self->other, 0)->pool);
	ASSERT_TRUE(self->there->pool == pwq_of(self->other, 2)->pool);
	stop_looks();
	let_pool_stand(self->here->pool, 0, self->other, &self->standing[0]);
	let_pool_stand(self->there->pool, 2, self->other, &self->standing[1]);
}

FIXTURE_TEARDOWN(pods)
{
	let_go();
	flush_workqueue(self->wq);
	expect_counts(_metadata, self->here, 0, 0);
	expect_counts(_metadata, self->there, 0, 0);
	EXPECT_EQ(0, GET(self->here->account->nr));
	start_looks();
	destroy_workqueue(self->other);
	destroy_workqueue(self->wq);
}

TEST_F(pods, slots_of_a_node_are_shared)
{
	for (char name = 'a'; name <= 'e'; name++)
		queue_work_on(name < 'd' ? 0 : 2, self->wq, item(name));
	EXPECT_STREQ("ab/c/", lists_of(self->here, NULL));
	EXPECT_STREQ("/de/", lists_of(self->there, NULL));
	expect_counts(_metadata, self->here, 2, 3);
	expect_counts(_metadata, self->there, 0, 2);
	EXPECT_EQ(2, GET(self->here->account->nr));
	EXPECT_EQ(2, GET(self->here->account->nr_pending));
	/* they get them in turn */
	EXPECT_TRUE(cancel_item('a'));
	EXPECT_STREQ("bc//", lists_of(self->here, NULL));
	EXPECT_TRUE(cancel_item('c'));
	EXPECT_STREQ("d/e/", lists_of(self->there, NULL));
	EXPECT_EQ(2, GET(self->here->account->nr));
	EXPECT_EQ(1, GET(self->here->account->nr_pending));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(3, GET(nr_ran));
}

static void *cancel_thread(void *work)
{
	cancel_work(work);
	return NULL;
}

/* A slot became free, and who waits for it in the other pool has not been served yet. */
TEST_F(pods, a_free_slot_is_for_who_waits)
{
	pthread_t thread;

	queue_work_on(0, self->wq, item('a'));
	EXPECT_STREQ("a//", lists_of(self->here, NULL));
	queue_work_on(2, self->wq, item('d'));
	EXPECT_STREQ("d//", lists_of(self->there, NULL));
	queue_work_on(0, self->wq, item('b'));
	EXPECT_STREQ("a/b/", lists_of(self->here, NULL));
	hold_next("node_serve");
	thread = start_thread(cancel_thread, item('d'));
	hold_wait();
	EXPECT_EQ(1, GET(self->here->account->nr));
	queue_work_on(0, self->wq, item('c'));
	EXPECT_STREQ("a/bc/", lists_of(self->here, NULL));
	hold_release();
	pthread_join(thread, NULL);
	EXPECT_STREQ("ab/c/", lists_of(self->here, NULL));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(3, GET(nr_ran));
}

TEST_HARNESS_MAIN_CPUS(4)

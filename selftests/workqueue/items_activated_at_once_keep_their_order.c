// SPDX-License-Identifier: MIT
/*
 * Proves C7, C35, C63 and C92 for items that wait for active slots and get several at once: as many
 * as there are slots go, in their order, behind what was on the worklist, with the barriers that
 * hang on them; the others wait on. All of them can be cancelled then, wherever they are.
 */
#include "list_test.h"

#include "workqueue/batch.h"

/* Three have slots, "defghi" wait. */
static void fill(struct __test_metadata *_metadata, FIXTURE_DATA(lists) *self)
{
	queue_items(self, "abcdefghi");
	ASSERT_STREQ("abc/defghi/", lists(self));
	expect_counts(_metadata, self->pwq, 3, 9);
}

TEST_F(lists, as_many_as_there_are_slots)
{
	fill(_metadata, self);
	queue_items(self, "AB");
	EXPECT_STREQ("abcAB/defghi/", lists(self));
	workqueue_set_max_active(self->wq, 6);
	EXPECT_STREQ("abcABdef/ghi/", lists(self));
	expect_counts(_metadata, self->pwq, 6, 9);
	queue_items(self, "jC");
	EXPECT_STREQ("abcABdefC/ghij/", lists(self));
	workqueue_set_max_active(self->wq, 10);
	EXPECT_STREQ("abcABdefCghij//", lists(self));
	expect_counts(_metadata, self->pwq, 10, 10);
	queue_items(self, "k");
	EXPECT_STREQ("abcABdefCghij/k/", lists(self));
	expect_runs(_metadata, self, "abcABdefCghijk");
}

/* More slots than items. */
TEST_F(lists, all_of_them)
{
	fill(_metadata, self);
	workqueue_set_max_active(self->wq, 100);
	EXPECT_STREQ("abcdefghi//", lists(self));
	expect_counts(_metadata, self->pwq, 9, 9);
	queue_items(self, "jk");
	EXPECT_STREQ("abcdefghijk//", lists(self));
	expect_runs(_metadata, self, "abcdefghijk");
}

/* Those before them were cancelled. */
TEST_F(lists, the_worklist_may_be_empty)
{
	fill(_metadata, self);
	workqueue_set_max_active(self->wq, 1);
	for (const char *name = "abc"; *name; name++)
		EXPECT_TRUE(cancel_item(*name));
	EXPECT_STREQ("d/efghi/", lists(self));
	EXPECT_TRUE(cancel_item('d'));
	EXPECT_STREQ("e/fghi/", lists(self));
	expect_counts(_metadata, self->pwq, 1, 5);
	workqueue_set_max_active(self->wq, 4);
	EXPECT_STREQ("efgh/i/", lists(self));
	expect_counts(_metadata, self->pwq, 4, 5);
	expect_runs(_metadata, self, "efghi");
}

/* More have slots than may: none is given until that is over. */
TEST_F(lists, a_lower_limit_gives_none)
{
	fill(_metadata, self);
	workqueue_set_max_active(self->wq, 1);
	EXPECT_STREQ("abc/defghi/", lists(self));
	EXPECT_TRUE(cancel_item('a'));
	EXPECT_TRUE(cancel_item('b'));
	EXPECT_STREQ("c/defghi/", lists(self));
	expect_counts(_metadata, self->pwq, 1, 7);
	workqueue_set_max_active(self->wq, 3);
	EXPECT_STREQ("cde/fghi/", lists(self));
	expect_counts(_metadata, self->pwq, 3, 7);
	expect_runs(_metadata, self, "cdefghi");
}

TEST_F(lists, barriers_go_with_their_items)
{
	const char *flushed = "dffi";
	pthread_t threads[4];

	fill(_metadata, self);
	for (int i = 0; i < 4; i++)
		threads[i] = start_flush(self->wq, item(flushed[i]));
	EXPECT_STREQ("abc/d|ef||ghi|/", lists(self));
	/* they need no slots */
	workqueue_set_max_active(self->wq, 6);
	EXPECT_STREQ("abcd|ef||/ghi|/", lists(self));
	expect_counts(_metadata, self->pwq, 6, 13);
	workqueue_set_max_active(self->wq, 9);
	EXPECT_STREQ("abcd|ef||ghi|//", lists(self));
	expect_counts(_metadata, self->pwq, 9, 13);
	queue_items(self, "j");
	EXPECT_STREQ("abcd|ef||ghi|/j/", lists(self));
	expect_runs(_metadata, self, "abcdefghij");
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* Of those that went together, and of those that stayed: the first, one in the middle, the last. */
TEST_F(lists, each_can_be_cancelled)
{
	static const char *const left[] = {
		['d'] = "abcefg/hi/", ['e'] = "abcdfg/hi/", ['f'] = "abcdeg/hi/",
		['g'] = "abcdef/hi/", ['h'] = "abcdef/gi/", ['i'] = "abcdef/gh/",
	};

	for (char name = 'd'; name <= 'i'; name++) {
		char all[16] = "abcdefghi";

		items_init();
		fill(_metadata, self);
		workqueue_set_max_active(self->wq, 6);
		ASSERT_STREQ("abcdef/ghi/", lists(self));
		EXPECT_TRUE(cancel_item(name));
		EXPECT_STREQ(left[(int)name], lists(self));
		expect_counts(_metadata, self->pwq, 6, 8);
		memmove(strchr(all, name), strchr(all, name) + 1, strlen(strchr(all, name)));
		expect_runs(_metadata, self, all);
		workqueue_set_max_active(self->wq, 3);
		let_stand(0, self->third, &self->standing);
	}
}

/* ---- a worker that took several items gives their slots back together ---- */

static struct gate one_stands, one_may_go;
static int active_then;	/* atomic: slots that were taken when the fourth one ran */

static void standing_func(struct work_struct *work)
{
	named_func(work);
	gate_open(&one_stands);
	gate_wait(&one_may_go);
}

/* Those behind it have slots as well. */
static void fourth_func(struct work_struct *work)
{
	struct worker *worker = this_worker;

	pool_lock_quick(worker->pool);
	SET(active_then, worker->current_pwq->nr_active);
	pool_unlock(worker->pool);
	named_func(work);
}

/*
 * The worker takes "abc" at once, and when this returns @name stands. The others wait for slots.
 * False: somebody has looked at the pool, the watchdog perhaps, and taken the batch back.
 */
static bool take_three(struct __test_metadata *_metadata, FIXTURE_DATA(lists) *self, char name)
{
	struct worker_pool *pool = self->pwq->pool;
	bool taken;

	uwq_test_force_batches(true);
	items_init();
	INIT_WORK(item(name), standing_func);
	INIT_WORK(item('d'), fourth_func);
	gate_close(&one_stands);
	gate_close(&one_may_go);
	queue_items(self, "abcdefg");
	let_go();
	gate_wait(&one_stands);
	pool_lock_quick(pool);
	pool_drain_portion(pool);
	taken = pool->batchers;
	EXPECT_EQ(3, self->pwq->nr_active);
	pool_unlock(pool);
	return taken;
}

static void finish_three(struct __test_metadata *_metadata, FIXTURE_DATA(lists) *self)
{
	gate_open(&one_may_go);
	flush_workqueue(self->wq);
	EXPECT_STREQ("abcdefg", ran);
	expect_counts(_metadata, self->pwq, 0, 0);
	let_stand(0, self->third, &self->standing);
}

TEST_F(lists, slots_of_a_batch_are_given_together)
{
	int nr_taken = 0;

	for (int round = 0; round < 10 || (!nr_taken && round < 1000); round++) {
		nr_taken += take_three(_metadata, self, 'a');
		finish_three(_metadata, self);
		EXPECT_EQ(3, GET(active_then));
	}
	EXPECT_LT(0, nr_taken);
}

/* Two are over, and the third one may go on for long. The fourth one has a function of its own. */
TEST_F(lists, so_are_those_of_one_that_is_taken_back)
{
	int nr_taken = 0;

	for (int round = 0; round < 10 || (!nr_taken && round < 1000); round++) {
		nr_taken += take_three(_metadata, self, 'c');
		EXPECT_STREQ("|e/fg/", lists(self));
		finish_three(_metadata, self);
	}
	EXPECT_LT(0, nr_taken);
}

TEST_HARNESS_MAIN

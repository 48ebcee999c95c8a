// SPDX-License-Identifier: MIT
/*
 * C1, C7: what was published in a pool's inbox is there for everybody who looks, in its
 * order, whatever lap the ring is in: INBOX/1 to INBOX/6 of workqueue/inbox.h. A look without
 * the lock never says "empty" of an inbox that was not, however much is taken meanwhile.
 */
#include "wq_test.h"

#define NR_ITEMS	(2 * INBOX_SIZE)	/* after so many a slot looks as before */

FIXTURE(inbox)
{
	struct inbox *box;
	struct work_struct *items;
	unsigned int nr_in, nr_out;	/* items put in and taken out so far */
};

/* The number of the first item. */
FIXTURE_VARIANT(inbox)
{
	unsigned int first;
};

FIXTURE_VARIANT_ADD(inbox, new_ring)
{
	.first = 0,
};

/* The numbers begin anew in the middle of the test. */
FIXTURE_VARIANT_ADD(inbox, after_four_billion)
{
	.first = 0u - NR_ITEMS,
};

FIXTURE_SETUP(inbox)
{
	unsigned int i, first = variant->first;

	self->box = aligned_alloc(64, round_up(sizeof(*self->box), 64));
	self->items = calloc(NR_ITEMS, sizeof(*self->items));
	ASSERT_NOT_NULL(self->box);
	ASSERT_NOT_NULL(self->items);
	memset(self->box, 0, sizeof(*self->box));
	inbox_init(self->box);
	/* as after the lap before, of which nothing is left */
	for (i = 0; first && i < INBOX_SIZE; i++)
		self->box->slots[i].value = (void *)inbox_mark(first + i - INBOX_SIZE);
	self->box->next = self->box->end = first;
	self->box->ring.c_head = self->box->ring.p_head = self->box->ring.p_tail = first;
	self->nr_in = self->nr_out = 0;
}

FIXTURE_TEARDOWN(inbox)
{
	free(self->items);
	free(self->box);
}

static bool put(FIXTURE_DATA(inbox) *self)
{
	if (!inbox_push(self->box, &self->items[self->nr_in % NR_ITEMS]))
		return false;
	self->nr_in++;
	return true;
}

/* True: the one that is next in order. */
static bool take(FIXTURE_DATA(inbox) *self)
{
	struct work_struct *work;

	return inbox_take(self->box, &work) && work == &self->items[self->nr_out++ % NR_ITEMS];
}

TEST_F(inbox, keeps_the_order_in_every_lap)
{
	unsigned int in_it;

	for (in_it = 1; self->nr_in < 6 * INBOX_SIZE; in_it = in_it % 100 + 1) {
		while (self->nr_in - self->nr_out < in_it)
			ASSERT_TRUE(put(self));
		while (self->nr_out < self->nr_in) {
			ASSERT_TRUE(inbox_maybe_nonempty(self->box));
			ASSERT_FALSE(inbox_empty_locked(self->box));
			ASSERT_TRUE(take(self));
		}
		ASSERT_FALSE(inbox_maybe_nonempty(self->box));
		ASSERT_TRUE(inbox_empty_locked(self->box));
		ASSERT_NULL(inbox_pop(self->box));
	}
}

/* What came last is as far from what is still there as it can be. */
TEST_F(inbox, full_in_every_lap)
{
	unsigned int i;

	while (self->nr_in < 5 * INBOX_SIZE) {
		while (put(self))
			;
		ASSERT_LT(INBOX_SIZE - 1u - INBOX_RETURN_EVERY, self->nr_in - self->nr_out);
		ASSERT_GT(INBOX_SIZE, self->nr_in - self->nr_out);
		for (i = 0; i < INBOX_MAKE_ROOM; i++)
			ASSERT_TRUE(take(self));
	}
	while (self->nr_out < self->nr_in)
		ASSERT_TRUE(take(self));
	EXPECT_TRUE(inbox_empty_locked(self->box));
	EXPECT_FALSE(inbox_maybe_nonempty(self->box));
}

static bool seen_nonempty;

static void *look(void *box)
{
	seen_nonempty = inbox_maybe_nonempty(box);
	return NULL;
}

/* There is something in it at any time, but all that was there at first is taken. */
TEST_F(inbox, look_that_takes_a_lap)
{
	pthread_t looker;

	ASSERT_TRUE(put(self));
	hold_next("inbox_seen_next");
	looker = start_thread(look, self->box);
	hold_wait();
	while (self->nr_in <= INBOX_SIZE) {
		ASSERT_TRUE(put(self));
		ASSERT_TRUE(take(self));
	}
	EXPECT_EQ(self->nr_out + 1, self->nr_in);
	hold_release();
	pthread_join(looker, NULL);
	EXPECT_TRUE(seen_nonempty);
}

TEST_HARNESS_MAIN

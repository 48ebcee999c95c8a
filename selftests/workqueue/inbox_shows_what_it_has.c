// SPDX-License-Identifier: MIT
/*
 * C1, C7: what was published in a pool's inbox is there for everybody who looks, in its
 * order, whatever lap the ring is in: INBOX/2 to INBOX/8 of workqueue/inbox.h. A look without
 * the lock never says "empty" of an inbox that was not, however much is taken meanwhile.
 */
#include "wq_test.h"

#define NR_ITEMS	(2 * INBOX_SIZE)	/* after so many a slot looks as before */

FIXTURE(inbox)
{
	struct inbox *box;
	struct work_struct *items;
	unsigned long nr_in, nr_out;	/* items put in and taken out so far */
};

/* The number of the first item. */
FIXTURE_VARIANT(inbox)
{
	unsigned long first;
};

FIXTURE_VARIANT_ADD(inbox, new_ring)
{
	.first = 0,
};

/* The number of a lap has more than 32 bits. */
FIXTURE_VARIANT_ADD(inbox, after_years)
{
	.first = (1UL << 33) * INBOX_SIZE - NR_ITEMS,
};

/* The numbers begin anew in the middle of the test. */
FIXTURE_VARIANT_ADD(inbox, after_all_numbers)
{
	.first = 0UL - NR_ITEMS,
};

FIXTURE_SETUP(inbox)
{
	unsigned long i, first = variant->first;

	self->box = aligned_alloc(64, round_up(sizeof(*self->box), 64));
	self->items = calloc(NR_ITEMS, sizeof(*self->items));
	ASSERT_NOT_NULL(self->box);
	ASSERT_NOT_NULL(self->items);
	memset(self->box, 0, sizeof(*self->box));
	/* as after the lap before, of which nothing is left */
	for (i = first; i != first + INBOX_SIZE; i++)
		*inbox_slot(self->box, i) = inbox_free(i);
	self->box->next = self->box->end = self->box->hint = first;
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
		ASSERT_LT(INBOX_SIZE - INBOX_RETURN_EVERY, self->nr_in - self->nr_out);
		ASSERT_GE(INBOX_SIZE, self->nr_in - self->nr_out);
		for (i = 0; i < INBOX_MAKE_ROOM; i++)
			ASSERT_TRUE(take(self));
	}
	while (self->nr_out < self->nr_in)
		ASSERT_TRUE(take(self));
	EXPECT_TRUE(inbox_empty_locked(self->box));
	EXPECT_FALSE(inbox_maybe_nonempty(self->box));
}

/* A submitter that slept before its last store has made the hint an old one. */
TEST_F(inbox, old_hint_costs_nothing_but_time)
{
	static const unsigned long ages[] = { 1, 7, 100, INBOX_SIZE - 1, INBOX_SIZE,
					      INBOX_SIZE + 1, 2 * INBOX_SIZE, 3 * INBOX_SIZE + 5 };
	unsigned long i, in_it, now;

	while (self->nr_in < 4 * INBOX_SIZE) {
		ASSERT_TRUE(put(self));
		ASSERT_TRUE(take(self));
	}
	for (in_it = 0; in_it < INBOX_SIZE - INBOX_RETURN_EVERY; in_it += 50) {
		for (i = 0; i < ARRAY_SIZE(ages); i++) {
			while (self->nr_in - self->nr_out < in_it)
				ASSERT_TRUE(put(self));
			now = self->box->hint;
			self->box->hint -= ages[i];
			ASSERT_TRUE(put(self));
			ASSERT_EQ(now + 1, self->box->hint);
			ASSERT_TRUE(take(self));
		}
	}
	while (put(self))
		;
	in_it = self->nr_in;
	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		self->box->hint = now = variant->first + in_it - ages[i];
		ASSERT_FALSE(put(self));
	}
	while (self->nr_out < self->nr_in)
		ASSERT_TRUE(take(self));
	EXPECT_TRUE(inbox_empty_locked(self->box));
}

#define NR_PUTTERS	4
#define PUTS		ROUNDS(40000)

static struct {
	struct inbox *box;
	struct work_struct *items;	/* PUTS for each */
	int nr;				/* atomic: putters that have begun */
} rush;

static void *put_all(void *arg)
{
	struct work_struct *mine = rush.items + (ADD(rush.nr, 1) - 1) * PUTS;

	(void)arg;
	for (long i = 0; i < PUTS; i++)
		while (!inbox_push(rush.box, &mine[i]))
			sched_yield();
	return NULL;
}

/* Nothing is lost, nothing comes twice, and what one thread puts in keeps its order. */
TEST_F(inbox, many_put_and_one_takes)
{
	long out[NR_PUTTERS] = { 0 }, left = NR_PUTTERS * PUTS;
	pthread_t putters[NR_PUTTERS];

	rush.box = self->box;
	rush.items = calloc((size_t)left, sizeof(*rush.items));
	rush.nr = 0;
	ASSERT_NOT_NULL(rush.items);
	for (int i = 0; i < NR_PUTTERS; i++)
		putters[i] = start_thread(put_all, NULL);
	while (left) {
		struct work_struct *work = inbox_pop(self->box);
		long nr;

		if (!work) {
			sched_yield();
			continue;
		}
		nr = work - rush.items;
		ASSERT_EQ(out[nr / PUTS], nr % PUTS);
		out[nr / PUTS]++;
		left--;
	}
	for (int i = 0; i < NR_PUTTERS; i++)
		pthread_join(putters[i], NULL);
	EXPECT_TRUE(inbox_empty_locked(self->box));
	free(rush.items);
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

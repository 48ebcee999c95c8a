// SPDX-License-Identifier: MIT
/*
 * U11: in a forked child a domain of sleeping readers works at once. Readers of threads that
 * stayed behind are over, those of the forking thread still count; callbacks that had not
 * begun run there too, with the next one; who waited in the parent is nobody's concern.
 */
#include "fork_test.h"

#include <linux/srcu.h>

DEFINE_STATIC_SRCU(domain);

static struct gate reader_in, reader_out;
static int called;			/* atomic: the order of the callbacks, in decimal */
static struct rcu_head first, second, third;

static void note_first(struct rcu_head *head)
{
	(void)head;
	SET(called, GET(called) * 10 + 1);
}

static void note_second(struct rcu_head *head)
{
	(void)head;
	SET(called, GET(called) * 10 + 2);
}

static void note_third(struct rcu_head *head)
{
	(void)head;
	SET(called, GET(called) * 10 + 3);
}

static void *read_domain(void *arg)
{
	int idx = srcu_read_lock(&domain);

	(void)arg;
	gate_open(&reader_in);
	gate_wait(&reader_out);
	srcu_read_unlock(&domain, idx);
	return NULL;
}

static pthread_t start_reader(void)
{
	pthread_t thread;

	gate_close(&reader_in);
	gate_close(&reader_out);
	thread = start_thread(read_domain, NULL);
	gate_wait(&reader_in);
	return thread;
}

static void *wait_for_callbacks(void *arg)
{
	(void)arg;
	srcu_barrier(&domain);
	return NULL;
}

static void use_it(void)
{
	int idx = srcu_read_lock(&domain);

	srcu_read_unlock(&domain, idx);
	synchronize_srcu(&domain);
	call_srcu(&domain, &third, note_third);
	srcu_barrier(&domain);
	CHECK(GET(called) % 10 == 3);
	/* its own children as well */
	if (child_level == 1)
		CHECK(IN_CHILD(use_it) == 0);
}

TEST(nothing_was_going_on)
{
	EXPECT_EQ(0, IN_CHILD(use_it));
	SET(called, 0);
	use_it();
	EXPECT_EQ(0, IN_CHILD(use_it));
}

static void synchronize(void)
{
	synchronize_srcu(&domain);
	cleanup_srcu_struct(&domain);
}

TEST(readers_of_other_threads_are_over)
{
	pthread_t reader = start_reader();

	EXPECT_EQ(0, IN_CHILD(synchronize));
	EXPECT_EQ(0, IN_CHILD(use_it));
	gate_open(&reader_out);
	pthread_join(reader, NULL);
	synchronize_srcu(&domain);
}

static void callbacks_run(void)
{
	call_srcu(&domain, &third, note_third);
	srcu_barrier(&domain);
	CHECK(GET(called) == 123);
	cleanup_srcu_struct(&domain);
	CHECK(!GET(domain.callbacks));
}

static void barrier_runs_them(void)
{
	srcu_barrier(&domain);
	CHECK(GET(called) == 12);
}

static void cleanup_runs_them(void)
{
	cleanup_srcu_struct(&domain);
	CHECK(GET(called) == 12);
}

/*
 * The parent's thread has taken the first and waits for the reader with the domain's lock
 * held; another thread waits for both.
 */
TEST(callbacks_that_wait_run_there_too)
{
	pthread_t reader = start_reader(), waiter;

	SET(called, 0);
	call_srcu(&domain, &first, note_first);
	EXPECT_TRUE(COMES_TRUE(GET(domain.gp_started) > GET(domain.gp_done)));
	call_srcu(&domain, &second, note_second);
	waiter = start_thread(wait_for_callbacks, NULL);
	/* newest first: its barrier, the second, the mark */
	EXPECT_TRUE(COMES_TRUE(GET(domain.callbacks) != &second));
	EXPECT_EQ(0, IN_CHILD(callbacks_run));
	EXPECT_EQ(0, IN_CHILD(barrier_runs_them));
	EXPECT_EQ(0, IN_CHILD(cleanup_runs_them));
	EXPECT_EQ(0, GET(called));
	gate_open(&reader_out);
	pthread_join(reader, NULL);
	pthread_join(waiter, NULL);
	EXPECT_EQ(12, GET(called));
}

static int my_idx, synchronized;

static void *synchronize_and_say(void *arg)
{
	(void)arg;
	synchronize_srcu(&domain);
	SET(synchronized, 1);
	return NULL;
}

static void own_reader_counts(void)
{
	unsigned long started = GET(domain.gp_started);
	pthread_t thread = start_thread(synchronize_and_say, NULL);

	CHECK(COMES_TRUE(GET(domain.gp_started) > started));
	nap_us(20000);
	CHECK(!GET(synchronized));
	srcu_read_unlock(&domain, my_idx);
	pthread_join(thread, NULL);
	CHECK(GET(synchronized));
	use_it();
}

TEST(the_forkers_reader_is_not)
{
	pthread_t other;

	if (TRIES > 1)
		SKIP(return, "the child of a sanitizer may not start a thread in a dead one's place");
	other = start_reader();
	my_idx = srcu_read_lock(&domain);
	EXPECT_EQ(0, IN_CHILD(own_reader_counts));
	srcu_read_unlock(&domain, my_idx);
	gate_open(&reader_out);
	pthread_join(other, NULL);
	synchronize_srcu(&domain);
}

static void anybodys_reader_is_over(void)
{
	srcu_up_read(&domain, my_idx);
	synchronize_srcu(&domain);
	my_idx = srcu_down_read(&domain);
	CHECK(!poll_state_synchronize_srcu(&domain, get_state_synchronize_srcu(&domain)));
	srcu_up_read(&domain, my_idx);
	use_it();
}

TEST(one_that_any_thread_may_end_is_over)
{
	my_idx = srcu_down_read(&domain);
	EXPECT_EQ(0, IN_CHILD(anybodys_reader_is_over));
	srcu_up_read(&domain, my_idx);
	synchronize_srcu(&domain);
}

/*
 * More domains than a thread keeps in mind, in either half of their counters: the child must
 * not hang, that is all.
 */
static struct srcu_struct many[12];
static int many_idx[12];

static void end_many(void)
{
	for (int i = 0; i < 12; i++) {
		srcu_read_unlock(&many[i], many_idx[i]);
		synchronize_srcu(&many[i]);
	}
}

TEST(many_domains_at_a_time)
{
	for (int i = 0; i < 12; i++) {
		init_srcu_struct(&many[i]);
		if (i % 2)
			synchronize_srcu(&many[i]);
		many_idx[i] = srcu_read_lock(&many[i]);
		EXPECT_EQ(i % 2, many_idx[i] & 1);
	}
	EXPECT_EQ(0, IN_CHILD(end_many));
	end_many();
}

static pid_t child;	/* atomic */

static void fork_in_callback(struct rcu_head *head)
{
	pid_t pid = fork();

	(void)head;
	if (pid) {
		SET(child, pid);
		return;
	}
	alarm(2 * CHILD_SECONDS);
	failed_line = 0;
	CHECK(GET(called) == 0);
	call_srcu(&domain, &third, note_third);
	CHECK(COMES_TRUE(GET(called) == 23));
	if (failed_line)
		_exit(1);
}

/* The child goes on in the callback; the next one, already taken, is called once in each. */
TEST(a_callback_may_fork)
{
	pthread_t reader = start_reader();

	if (TRIES > 1)
		SKIP(goto out, "sanitizers do not fork well beside other threads");
	SET(called, 0);
	call_srcu(&domain, &first, fork_in_callback);
	call_srcu(&domain, &second, note_second);
	gate_open(&reader_out);
	srcu_barrier(&domain);
	EXPECT_EQ(2, GET(called));
	EXPECT_EQ(0, outcome(GET(child)));
out:
	gate_open(&reader_out);
	pthread_join(reader, NULL);
}

TEST_HARNESS_MAIN

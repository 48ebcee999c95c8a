// SPDX-License-Identifier: MIT
/*
 * Wait queues: no condition is missed, exclusive waiters are woken one by one
 * and none of their wake-ups is lost, and every form of wait_event returns what
 * the kernel's does. Also waiting for bits and variables.
 */
#include "../kselftest_harness.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/swait.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "task_test.h"

static DECLARE_WAIT_QUEUE_HEAD(queue);
static DEFINE_SPINLOCK(lock);
static int turn, woken, tokens, stop, users;
static unsigned long word;

static void *play(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < ROUNDS(15000); i++) {
		wait_event(queue, READ_ONCE(turn) % 2 == me);
		WRITE_ONCE(turn, READ_ONCE(turn) + 1);
		/* half of the time without the lock, if nobody is there */
		if (i % 2 || wq_has_sleeper(&queue))
			wake_up(&queue);
	}
	return NULL;
}

TEST_TIMEOUT(ping_pong, 60)
{
	pthread_t other = start_thread(play, (void *)1L);

	play((void *)0L);
	pthread_join(other, NULL);
	EXPECT_EQ(2 * ROUNDS(15000), turn);
	EXPECT_FALSE(waitqueue_active(&queue));
}

static void *take_a_token(void *arg)
{
	(void)arg;
	if (!wait_event_interruptible_exclusive(queue, atomic_dec_if_positive(
			(atomic_t *)&tokens) >= 0))
		flag_add(&woken, 1);
	return NULL;
}

static int waiters(void)
{
	struct list_head *at;
	int nr = 0;

	spin_lock(&queue.lock);
	list_for_each(at, &queue.head)
		nr++;
	spin_unlock(&queue.lock);
	return nr;
}

TEST(exclusive_ones_go_one_by_one)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = start_thread(take_a_token, NULL);
	ASSERT_TRUE(COMES_TRUE(waiters() == 4));
	for (int i = 1; i <= 3; i++) {
		flag_add(&tokens, 1);
		wake_up(&queue);
		ASSERT_TRUE(COMES_TRUE(flag_get(&woken) == i));
		EXPECT_EQ(4 - i, waiters());
	}
	flag_add(&tokens, 1);
	wake_up_interruptible_all(&queue);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(4, woken);
	EXPECT_EQ(0, waiters());
}

static void *wait_for_turn(void *arg)
{
	if (arg)
		wait_event_exclusive_cmd(queue, READ_ONCE(turn), , );
	else
		wait_event(queue, READ_ONCE(turn));
	flag_add(&woken, 1);
	return NULL;
}

TEST(others_are_all_woken_before_one_exclusive)
{
	pthread_t threads[5];

	for (long i = 0; i < 5; i++)
		threads[i] = start_thread(wait_for_turn, i < 2 ? (void *)1L : NULL);
	ASSERT_TRUE(COMES_TRUE(waiters() == 5));
	WRITE_ONCE(turn, 1);
	wake_up(&queue);
	ASSERT_TRUE(COMES_TRUE(flag_get(&woken) == 4));
	nap_us(3000);
	EXPECT_EQ(1, waiters());
	wake_up_nr(&queue, 5);
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(5, woken);
}

static int wait_exclusive(void *data)
{
	(void)data;
	allow_signal(SIGUSR1);
	while (!flag_get(&stop)) {
		int ret = wait_event_interruptible_exclusive(queue,
			flag_get(&stop) || atomic_dec_if_positive((atomic_t *)&tokens) >= 0);

		if (ret)
			flush_signals(current);
		else if (!flag_get(&stop))
			flag_add(&woken, 1);
	}
	return 0;
}

/* Signals take sleepers out while wake-ups are under way: each token finds a taker. */
TEST_TIMEOUT(signals_eat_no_wake_up, 60)
{
	struct task_struct *tasks[3];
	int rounds = ROUNDS(3000);

	for (int i = 0; i < 3; i++) {
		tasks[i] = run_kthread(wait_exclusive, NULL, "exclusive");
		ASSERT_NOT_NULL(tasks[i]);
	}
	for (int i = 0; i < rounds; i++) {
		long until = now_ms() + 5000;

		send_sig(SIGUSR1, tasks[i % 3], 1);
		flag_add(&tokens, 1);
		wake_up(&queue);
		send_sig(SIGUSR1, tasks[(i + 1) % 3], 1);
		while (flag_get(&woken) <= i)
			ASSERT_LT(now_ms(), until) {
				TH_LOG("token %d has no taker", i);
			}
	}
	flag_set(&stop, 1);
	wake_up_all(&queue);
	for (int i = 0; i < 3; i++)
		reap(tasks[i]);
}

static void *set_turn_later(void *arg)
{
	nap_us((long)arg);
	spin_lock_irq(&lock);
	WRITE_ONCE(turn, 1);
	spin_unlock_irq(&lock);
	wake_up_all(&queue);
	return NULL;
}

#define IN_TIME(statement) __extension__({			\
	pthread_t other_ = start_thread(set_turn_later, (void *)5000L); \
	__typeof__(statement) ret_ = (statement);		\
	pthread_join(other_, NULL);				\
	WRITE_ONCE(turn, 0);					\
	ret_;							\
})

TEST(timeouts_of_all_forms)
{
	unsigned long start = jiffies;

	EXPECT_EQ(0, wait_event_timeout(queue, false, 10));
	EXPECT_EQ(0, wait_event_interruptible_timeout(queue, false, 10));
	EXPECT_EQ(0, wait_event_killable_timeout(queue, false, 10));
	EXPECT_EQ(0, wait_event_idle_timeout(queue, false, 10));
	EXPECT_EQ(0, wait_event_freezable_timeout(queue, false, 10));
	EXPECT_EQ(-ETIME, wait_event_hrtimeout(queue, false, ms_to_ktime(10)));
	EXPECT_GE((long)(jiffies - start), 50);
	EXPECT_EQ(0, wait_event_timeout(queue, false, 0));
	EXPECT_EQ(1, wait_event_timeout(queue, true, 0));
	EXPECT_EQ(77, wait_event_timeout(queue, true, 77));
	EXPECT_EQ(0, wait_event_interruptible(queue, true));

	EXPECT_GT(IN_TIME(wait_event_timeout(queue, READ_ONCE(turn), 5000)), 1000);
	EXPECT_GT(IN_TIME(wait_event_interruptible_timeout(queue, READ_ONCE(turn), 5000)), 1000);
	EXPECT_EQ(0, IN_TIME(wait_event_interruptible(queue, READ_ONCE(turn))));
	EXPECT_EQ(0, IN_TIME(wait_event_killable(queue, READ_ONCE(turn))));
	EXPECT_EQ(0, IN_TIME(wait_event_freezable(queue, READ_ONCE(turn))));
	EXPECT_GT(IN_TIME(wait_event_freezable_timeout(queue, READ_ONCE(turn), 5000)), 1000);
	EXPECT_EQ(0, IN_TIME(wait_event_state(queue, READ_ONCE(turn), TASK_IDLE)));
	EXPECT_EQ(0, IN_TIME(wait_event_interruptible_hrtimeout(queue, READ_ONCE(turn),
								KTIME_MAX)));
	IN_TIME(({ wait_event_idle(queue, READ_ONCE(turn)); 0; }));
	EXPECT_EQ(TASK_RUNNING, (int)get_current_state());
}

TEST(locks_are_dropped_to_sleep)
{
	pthread_t other;

	spin_lock_irq(&lock);
	EXPECT_GT(IN_TIME(wait_event_lock_irq_timeout(queue, turn, lock, 5000)), 1000);
	EXPECT_TRUE(irqs_disabled());
	EXPECT_EQ(0, IN_TIME(wait_event_interruptible_lock_irq(queue, turn, lock)));
	IN_TIME(({ wait_event_lock_irq(queue, turn, lock); 0; }));
	EXPECT_EQ(1, preempt_count());
	spin_unlock_irq(&lock);

	/* the other one takes that lock to wake us, perhaps after we have seen what it set */
	other = start_thread(set_turn_later, (void *)5000L);
	spin_lock_irq(&queue.lock);
	EXPECT_EQ(0, wait_event_interruptible_locked_irq(queue, READ_ONCE(turn)));
	spin_unlock_irq(&queue.lock);
	pthread_join(other, NULL);
	EXPECT_EQ(0, preempt_count());
	EXPECT_EQ(0, waiters());
}

/* Sleeper keeps its entry queued; wakes between its looks are not lost. */
static int look_and_wait(void *data)
{
	DEFINE_WAIT_FUNC(entry, woken_wake_function);

	(void)data;
	add_wait_queue(&queue, &entry);
	while (!flag_get(&stop)) {
		if (atomic_dec_if_positive((atomic_t *)&tokens) >= 0)
			flag_add(&woken, 1);
		else
			wait_woken(&entry, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	}
	remove_wait_queue(&queue, &entry);
	return 0;
}

TEST(a_wake_between_looks_is_kept)
{
	DEFINE_WAIT_FUNC(entry, woken_wake_function);

	add_wait_queue(&queue, &entry);
	wake_up(&queue);
	EXPECT_GT(wait_woken(&entry, TASK_UNINTERRUPTIBLE, 2000), 1000);
	EXPECT_EQ(0, wait_woken(&entry, TASK_UNINTERRUPTIBLE, 5));
	remove_wait_queue(&queue, &entry);
}

TEST_TIMEOUT(wait_woken_misses_nothing, 60)
{
	struct task_struct *task = run_kthread(look_and_wait, NULL, "woken");

	ASSERT_NOT_NULL(task);
	for (int i = 0; i < ROUNDS(20000); i++) {
		long until = now_ms() + 5000;

		flag_add(&tokens, 1);
		wake_up_interruptible(&queue);
		while (flag_get(&woken) <= i)
			ASSERT_LT(now_ms(), until);
	}
	flag_set(&stop, 1);
	wake_up_interruptible(&queue);
	reap(task);
}

static void *lock_by_bit(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(5000); i++) {
		if (wait_on_bit_lock(&word, 5, TASK_UNINTERRUPTIBLE))
			continue;
		users++;	/* a race if the bit excludes nobody */
		clear_and_wake_up_bit(5, &word);
	}
	return NULL;
}

TEST_TIMEOUT(a_bit_as_a_lock, 60)
{
	run_threads(3, lock_by_bit, NULL);
	EXPECT_EQ(3 * ROUNDS(5000), users);
	EXPECT_EQ(0, word);
}

TEST(strangers_are_not_woken)
{
	DEFINE_WAIT_BIT(entry, &word, 3);
	struct wait_bit_key other_bit = __WAIT_BIT_KEY_INITIALIZER(&word, 4);
	struct wait_bit_key other_word = __WAIT_BIT_KEY_INITIALIZER(&turn, 3);
	struct wait_bit_key mine = __WAIT_BIT_KEY_INITIALIZER(&word, 3);
	struct wait_queue_head *head = bit_waitqueue(&word, 3);

	prepare_to_wait(head, &entry.wq_entry, TASK_UNINTERRUPTIBLE);
	EXPECT_EQ(0, wake_bit_function(&entry.wq_entry, TASK_NORMAL, 0, &other_bit));
	EXPECT_EQ(0, wake_bit_function(&entry.wq_entry, TASK_NORMAL, 0, &other_word));
	set_bit(3, &word);
	EXPECT_EQ(0, wake_bit_function(&entry.wq_entry, TASK_NORMAL, 0, &mine));
	clear_bit(3, &word);
	EXPECT_EQ(1, wake_bit_function(&entry.wq_entry, TASK_NORMAL, 0, &mine));
	EXPECT_EQ(TASK_RUNNING, (int)get_current_state());
	finish_wait(head, &entry.wq_entry);
}

static void *clear_later(void *arg)
{
	(void)arg;
	nap_us(5000);
	clear_and_wake_up_bit(3, &word);
	nap_us(5000);
	WRITE_ONCE(turn, 1);
	wake_up_var(&turn);
	return NULL;
}

TEST(bits_and_variables)
{
	pthread_t other;

	EXPECT_EQ(0, wait_on_bit(&word, 3, TASK_UNINTERRUPTIBLE));
	set_bit(3, &word);
	EXPECT_EQ(-EAGAIN, wait_on_bit_timeout(&word, 3, TASK_UNINTERRUPTIBLE, 5));
	other = start_thread(clear_later, NULL);
	EXPECT_EQ(0, wait_on_bit(&word, 3, TASK_INTERRUPTIBLE));
	wait_var_event(&turn, READ_ONCE(turn));
	pthread_join(other, NULL);
	EXPECT_EQ(0, wait_var_event_timeout(&turn, false, 5));
	EXPECT_EQ(1, wait_var_event_timeout(&turn, true, 0));
	EXPECT_EQ(0, wait_var_event_killable(&turn, true));
	send_sig(SIGTERM, current, 0);
	set_bit(3, &word);
	EXPECT_EQ(-EINTR, wait_on_bit(&word, 3, TASK_INTERRUPTIBLE));
	EXPECT_EQ(-ERESTARTSYS, wait_event_interruptible(queue, false));
	EXPECT_EQ(0, wait_event_interruptible(queue, true));
	flush_signals(current);
}

static DECLARE_SWAIT_QUEUE_HEAD(simple);

static void *swake_later(void *arg)
{
	(void)arg;
	nap_us(3000);
	flag_set(&turn, 1);
	swake_up_one(&simple);
	return NULL;
}

TEST(simple_queues)
{
	pthread_t other = start_thread(swake_later, NULL);

	swait_event_exclusive(simple, flag_get(&turn));
	pthread_join(other, NULL);
	EXPECT_EQ(0, swait_event_timeout_exclusive(simple, false, 3));
	EXPECT_FALSE(swait_active(&simple));
}

TEST_HARNESS_MAIN

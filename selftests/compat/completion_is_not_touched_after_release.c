// SPDX-License-Identifier: MIT
/*
 * complete() does not look at the completion once its waiter may have gone
 * (C27, B76): the waiter polls or sleeps, then unmaps or poisons the memory, and
 * the one who completes is held right behind its atomic operation.
 */
#include "../kselftest_harness.h"

#include <string.h>

#include <linux/completion.h>

#include "kernel-compat/futex.h"
#include "task_test.h"

struct page {
	struct completion done;
};

static struct page *page;
static int over;	/* no more rounds */
static int wait_kind, held, go;

static struct page *map_page(void)
{
	void *mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

static void wait_for(struct completion *x, int kind)
{
	switch (kind % 3) {
	case 0:
		while (!try_wait_for_completion(x))
			;
		break;
	case 1:
		while (!completion_done(x))
			;
		break;
	default:
		wait_for_completion(x);
	}
}

static void *complete_each(void *arg)
{
	(void)arg;
	while (!flag_get(&over)) {
		struct page *mine = __atomic_exchange_n(&page, NULL, __ATOMIC_ACQUIRE);

		if (mine)
			complete(&mine->done);
		else
			sched_yield();
	}
	return NULL;
}

/* Who looks all the time keeps the other from a CPU that they share: no longer than so. */
#define MOST_MS		10000

TEST_TIMEOUT(memory_is_gone_at_once, 60)
{
	pthread_t other = start_thread(complete_each, NULL);
	long until = now_ms() + MOST_MS;

	for (int i = 0; i < ROUNDS(6000) && now_ms() < until; i++) {
		struct page *mine = map_page();

		ASSERT_NOT_NULL(mine);
		init_completion(&mine->done);
		__atomic_store_n(&page, mine, __ATOMIC_RELEASE);
		wait_for(&mine->done, i);
		munmap(mine, 4096);
	}
	flag_set(&over, 1);
	pthread_join(other, NULL);
}

/* The same on a stack that is used for other things right away. */
static void *complete_on_stack(void *arg)
{
	(void)arg;
	while (!flag_get(&over)) {
		struct completion *x = __atomic_exchange_n((struct completion **)&page, NULL,
							   __ATOMIC_ACQUIRE);

		if (x)
			complete(x);
		else
			sched_yield();
	}
	return NULL;
}

static __attribute__((__noinline__)) void wait_on_stack(int kind)
{
	DECLARE_COMPLETION_ONSTACK(done);

	__atomic_store_n((struct completion **)&page, &done, __ATOMIC_RELEASE);
	wait_for(&done, kind);
}

static __attribute__((__noinline__)) int stack_is_quiet(void)
{
	volatile unsigned char area[512];

	memset((void *)area, 0x5a, sizeof(area));
	for (int round = 0; round < 3; round++)
		for (unsigned int i = 0; i < sizeof(area); i++)
			if (area[i] != 0x5a)
				return 0;
	return 1;
}

TEST_TIMEOUT(stack_is_reused_at_once, 60)
{
	pthread_t other = start_thread(complete_on_stack, NULL);
	long until = now_ms() + MOST_MS;

	for (int i = 0; i < ROUNDS(30000) && now_ms() < until; i++) {
		wait_on_stack(i);
		ASSERT_TRUE(stack_is_quiet());
	}
	flag_set(&over, 1);
	pthread_join(other, NULL);
}

/* complete() is held between its atomic operation and the wake-up. */
static void hold(const char *name)
{
	if (strcmp(name, "completion:raised"))
		return;
	flag_set(&held, 1);
	while (!flag_get(&go))
		nap_us(100);
}

static void *complete_one(void *arg)
{
	complete(arg);
	return NULL;
}

static void *wait_one(void *arg)
{
	struct page *mine = arg;

	wait_for_completion(&mine->done);
	flag_set(&wait_kind, 1);
	return NULL;
}

TEST(late_wake_finds_nothing_to_touch)
{
	struct page *mine = map_page();
	pthread_t waiter, other;

	ASSERT_NOT_NULL(mine);
	init_completion(&mine->done);
	waiter = start_thread(wait_one, mine);
	ASSERT_TRUE(COMES_TRUE(__atomic_load_n(&mine->done.waiters, __ATOMIC_RELAXED) == 1));
	__atomic_store_n(&uwq_test_point_hook, hold, __ATOMIC_RELEASE);
	other = start_thread(complete_one, &mine->done);
	ASSERT_TRUE(COMES_TRUE(flag_get(&held)));
	/* done is raised, and nobody was woken: a spurious look lets the waiter go */
	ASSERT_TRUE(COMES_TRUE((futex_wake(&mine->done.done, 1), flag_get(&wait_kind))));
	pthread_join(waiter, NULL);
	munmap(mine, 4096);
	flag_set(&go, 1);
	pthread_join(other, NULL);
}

TEST_HARNESS_MAIN

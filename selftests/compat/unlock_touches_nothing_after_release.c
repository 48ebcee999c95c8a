// SPDX-License-Identifier: MIT
/*
 * Whoever gets a lock from its last other user may free it at once. Each round
 * puts a lock on a page of its own; the second holder takes the page away as soon
 * as it has had the lock, so that a late access of the first is a fault.
 */
#include "../kselftest_harness.h"

#include <limits.h>
#include <sys/mman.h>

#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>

#include "lock_test.h"

#define ROUNDS_EACH	ROUNDS(3000)
#define MOST_MS		5000	/* each; two threads that take turns on one CPU are slow */
#define OVER		INT_MAX	/* instead of a round */
#define PAGE		4096

struct kind {
	void (*init)(void *lock);
	void (*take)(void *lock);
	void (*give)(void *lock);
};

static struct kind kind;
static char *page;
static int round_open, first_has_it, first_is_done;

static void *second(void *arg)
{
	(void)arg;
	for (int i = 1;; i++) {
		while (flag_get(&round_open) != i || flag_get(&first_has_it) != i) {
			if (flag_get(&round_open) == OVER)
				return NULL;
			sched_yield();
		}
		kind.take(page);
		kind.give(page);
		mprotect(page, PAGE, PROT_NONE);
		while (flag_get(&first_is_done) != i)
			sched_yield();
		mprotect(page, PAGE, PROT_READ | PROT_WRITE);
		flag_set(&round_open, -i);
	}
}

static void let_go_many_times(void)
{
	long until = now_ms() + MOST_MS;
	pthread_t thread;

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	thread = start_thread(second, NULL);
	for (int i = 1; i <= ROUNDS_EACH && now_ms() < until; i++) {
		kind.init(page);
		kind.take(page);
		flag_set(&round_open, i);
		flag_set(&first_has_it, i);
		/* now and then long enough for the other to fall asleep */
		if (i % 8 == 0)
			nap_us(50);
		for (int j = 0; j < i % 200; j++)
			cpu_relax();
		kind.give(page);
		flag_set(&first_is_done, i);
		while (flag_get(&round_open) != -i)
			sched_yield();
	}
	flag_set(&round_open, OVER);
	pthread_join(thread, NULL);
	munmap(page, PAGE);
}

static void init_spin(void *lock) { spin_lock_init((spinlock_t *)lock); }
static void take_spin(void *lock) { spin_lock(lock); }
static void give_spin(void *lock) { spin_unlock(lock); }

TEST(spinlock)
{
	kind = (struct kind){ init_spin, take_spin, give_spin };
	let_go_many_times();
}

static void init_rw(void *lock) { rwlock_init(lock); }
static void take_w(void *lock) { write_lock(lock); }
static void give_w(void *lock) { write_unlock(lock); }

TEST(rwlock_writer)
{
	kind = (struct kind){ init_rw, take_w, give_w };
	let_go_many_times();
}

static void init_mutex(void *lock) { mutex_init((struct mutex *)lock); }
static void take_mutex(void *lock) { mutex_lock(lock); }
static void give_mutex(void *lock) { mutex_unlock(lock); }

TEST(mutex)
{
	kind = (struct kind){ init_mutex, take_mutex, give_mutex };
	let_go_many_times();
}

static void init_rwsem_(void *lock) { init_rwsem((struct rw_semaphore *)lock); }
static void take_rwsem(void *lock) { down_write(lock); }
static void give_rwsem(void *lock) { up_write(lock); }

TEST(rwsem_writer)
{
	kind = (struct kind){ init_rwsem_, take_rwsem, give_rwsem };
	let_go_many_times();
}

static void init_sem(void *lock) { sema_init(lock, 1); }
static void take_sem(void *lock) { down(lock); }
static void give_sem(void *lock) { up(lock); }

TEST(semaphore)
{
	kind = (struct kind){ init_sem, take_sem, give_sem };
	let_go_many_times();
}

TEST_HARNESS_MAIN

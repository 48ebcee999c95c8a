// SPDX-License-Identifier: MIT
/*
 * What a lock costs: taken and given back by one thread with nobody else about,
 * and with 2 and 4 threads that want nothing but it. A mutex of libc stands next
 * to them. Prints; decides nothing.
 */
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define ALONE	3000000
#define CROWD	300000
#define REPEATS	5

static DEFINE_SPINLOCK(spin);
static DEFINE_RWLOCK(rw);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);
static DEFINE_SEMAPHORE(sem, 1);
static DEFINE_SEQLOCK(seq);
static pthread_mutex_t libc_mutex = PTHREAD_MUTEX_INITIALIZER;

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Each kind: a loop of its own, so that what is inline stays inline. */
#define KIND(name, pair)				\
	static void name(long rounds)			\
	{						\
		for (long i = 0; i < rounds; i++) {	\
			pair;				\
		}					\
	}

static unsigned long saved;
static unsigned int retried;

KIND(spin_plain, spin_lock(&spin); spin_unlock(&spin))
KIND(spin_irqsave, spin_lock_irqsave(&spin, saved); spin_unlock_irqrestore(&spin, saved))
KIND(rw_read, read_lock(&rw); read_unlock(&rw))
KIND(rw_write, write_lock(&rw); write_unlock(&rw))
KIND(mutex_pair, mutex_lock(&mutex); mutex_unlock(&mutex))
KIND(rwsem_read, down_read(&rwsem); up_read(&rwsem))
KIND(rwsem_write, down_write(&rwsem); up_write(&rwsem))
KIND(sem_pair, down(&sem); up(&sem))
KIND(seq_read, retried += read_seqretry(&seq, read_seqbegin(&seq)))
KIND(seq_write, write_seqlock(&seq); write_sequnlock(&seq))
KIND(libc_pair, pthread_mutex_lock(&libc_mutex); pthread_mutex_unlock(&libc_mutex))

static const struct kind {
	const char *name;
	void (*run)(long rounds);
	int crowd;	/* worth measuring with several threads */
} kinds[] = {
	{ "spin_lock", spin_plain, 1 },
	{ "spin_lock_irqsave", spin_irqsave, 0 },
	{ "read_lock", rw_read, 1 },
	{ "write_lock", rw_write, 1 },
	{ "mutex_lock", mutex_pair, 1 },
	{ "down_read", rwsem_read, 1 },
	{ "down_write", rwsem_write, 1 },
	{ "down", sem_pair, 1 },
	{ "seqlock read", seq_read, 0 },
	{ "seqlock write", seq_write, 0 },
	{ "pthread_mutex_lock", libc_pair, 1 },
};

static void *one_of_many(void *arg)
{
	const struct kind *kind = arg;

	kind->run(CROWD);
	return NULL;
}

static double alone(const struct kind *kind)
{
	double best = 1e9;

	for (int i = 0; i < REPEATS; i++) {
		double begin = now_ns(), each;

		kind->run(ALONE);
		each = (now_ns() - begin) / ALONE;
		if (each < best)
			best = each;
	}
	return best;
}

static double together(const struct kind *kind, int n)
{
	pthread_t threads[4];
	double begin = now_ns();

	for (int i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, one_of_many, (void *)kind))
			n = i;
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	return (now_ns() - begin) / n / CROWD;
}

int main(void)
{
	printf("%-20s %10s %12s %12s   (ns per lock and unlock)\n", "", "alone", "2 threads",
	       "4 threads");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		printf("%-20s %10.1f", kinds[i].name, alone(&kinds[i]));
		if (kinds[i].crowd)
			printf(" %12.1f %12.1f", together(&kinds[i], 2), together(&kinds[i], 4));
		printf("\n");
	}
	return 0;
}

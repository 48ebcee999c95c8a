// SPDX-License-Identifier: MIT
/*
 * delays.c - threads that lose their CPU where they seldom do
 *
 * For make check DELAYS=1: everything is compiled with -finstrument-functions, and this is linked
 * to each test. Where a function begins or ends, inlined ones too, its thread yields or sleeps now
 * and then, as if the system had given its CPU to somebody else. So what is mostly over in two
 * instructions takes a millisecond for once. A place that was passed seldom is chosen more often
 * than one in a loop; each test, which is a process of its own, begins anew.
 *
 * A sleep is not all that a lost CPU is: it can be counted, and the library takes who sleeps so
 * for blocked. What that spoils, a test says with KS_DELAYS. Nothing is called here that a test
 * may have replaced, or that a signal handler must not call.
 *
 * UWQ_DELAY_US: the longest sleep. UWQ_DELAY_SHARE: the more, the more sleeps in loops.
 */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOT_HERE	__attribute__((no_instrument_function))

#define PLACE_BITS	16
#define FEW		40	/* of so many passages the first one is about as likely as the rest */

static uint32_t passed[1u << PLACE_BITS];	/* atomic; by what the address of a place hashes to */
static unsigned int longest_us = 600, share = 6;

static __attribute__((constructor)) NOT_HERE void delays_init(void)
{
	const char *us = getenv("UWQ_DELAY_US"), *more = getenv("UWQ_DELAY_SHARE");

	if (us && atoi(us) > 0)
		longest_us = (unsigned int)atoi(us);
	if (more && atoi(more) > 0)
		share = (unsigned int)atoi(more);
}

/* xorshift64; it begins with what differs from thread to thread and from process to process. */
static NOT_HERE uint64_t any_number(void)
{
	static __thread uint64_t state;

	if (!state)
		state = (uintptr_t)&state ^ (uint64_t)syscall(SYS_gettid) << 40;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static NOT_HERE void lose_cpu(unsigned int most_us)
{
	struct timespec time = { .tv_nsec = 1000L * (1 + (long)(any_number() % most_us)) };

	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL);
}

static NOT_HERE void pass(uintptr_t place)
{
	uint32_t *count = &passed[(place * 0x9e3779b97f4a7c15u) >> (64 - PLACE_BITS)];
	uint32_t times = __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
	int error = errno;

	if (any_number() % (FEW + (uint64_t)times * 4 / share))
		return;
	switch (any_number() % 4) {
	case 0:
		sched_yield();
		break;
	case 1:
		lose_cpu(60);
		break;
	default:
		lose_cpu(longest_us);
	}
	errno = error;
}

/* What the compiler calls; gcc has no prototypes for them. */
void __cyg_profile_func_enter(void *fn, void *caller);
void __cyg_profile_func_exit(void *fn, void *caller);

NOT_HERE void __cyg_profile_func_enter(void *fn, void *caller)
{
	pass((uintptr_t)fn ^ (uintptr_t)caller << 1);
}

NOT_HERE void __cyg_profile_func_exit(void *fn, void *caller)
{
	pass((uintptr_t)fn * 3 + ((uintptr_t)caller << 1) + 1);
}

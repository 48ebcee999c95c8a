// SPDX-License-Identifier: MIT
/*
 * time.c - reading the clock: nanoseconds, jiffies, and the clock that tests move
 *
 * One source, CLOCK_MONOTONIC read through the vDSO (about 25 ns, no system
 * call). jiffies is the number of full milliseconds since the first look at the
 * clock, plus INITIAL_JIFFIES. Like that clock, and like the kernel's jiffies,
 * it stands still while the machine is suspended.
 *
 * Called by everybody, from any context; no locks.
 *
 * Differs from Linux: no tick. jiffies is computed when it is asked for.
 */
#include <limits.h>
#include <time.h>

#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "kernel-compat/fake_clock.h"
#include "kernel-compat/test_points.h"
#include "kernel-compat/time_internal.h"

static uint64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

#ifdef UWQ_TEST

/*
 * The fake clock. All fields are atomic; the release on @active hands over the
 * others, see uwq_mono_ns().
 */
static struct {
	uint64_t now;	/* while active: the time */
	uint64_t ahead;	/* while not: what the real clock is behind */
	bool active;
} fake;

bool uwq_fake_clock_active(void)
{
	return __atomic_load_n(&fake.active, __ATOMIC_ACQUIRE);
}

uint64_t uwq_mono_ns(void)
{
	if (uwq_fake_clock_active())
		return __atomic_load_n(&fake.now, __ATOMIC_ACQUIRE);
	return read_clock(CLOCK_MONOTONIC) + __atomic_load_n(&fake.ahead, __ATOMIC_ACQUIRE);
}

uint64_t uwq_fake_clock_ahead(void)
{
	if (!uwq_fake_clock_active())
		return __atomic_load_n(&fake.ahead, __ATOMIC_ACQUIRE);
	return uwq_mono_ns() - read_clock(CLOCK_MONOTONIC);
}

void uwq_fake_clock_freeze(void)
{
	__atomic_store_n(&fake.now, uwq_mono_ns(), __ATOMIC_RELEASE);
	__atomic_store_n(&fake.active, true, __ATOMIC_RELEASE);
}

void uwq_fake_clock_thaw(void)
{
	__atomic_store_n(&fake.ahead, uwq_fake_clock_ahead(), __ATOMIC_RELEASE);
	__atomic_store_n(&fake.active, false, __ATOMIC_RELEASE);
}

uint64_t uwq_fake_clock_move(uint64_t ns)
{
	return __atomic_add_fetch(&fake.now, ns, __ATOMIC_ACQ_REL);
}

#else

uint64_t uwq_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

#endif

uint64_t uwq_tick_base;

uint64_t uwq_tick_base_first(void)
{
	uint64_t now = uwq_mono_ns();
	uint64_t seen = 0;

	now -= now % UWQ_TICK_NS;
	if (!now)
		now = UWQ_TICK_NS;
	/* Release is not needed: the value itself is all that is handed over. */
	if (__atomic_compare_exchange_n(&uwq_tick_base, &seen, now, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED))
		return now;
	return seen;
}

/* Jiffies count from the start of the program, not from the first timer. */
static void __attribute__((constructor(103))) start_of_time(void)
{
	(void)uwq_tick_base_ns();
}

/* When this thread last read jiffies; see uwq_jiffies_read_at(). */
static __thread uint64_t jiffies_read_at __attribute__((tls_model("initial-exec")));

/**
 * uwq_jiffies - what `jiffies` stands for
 *
 * Context: any, also signal handlers. Return: ticks, never less than before.
 */
unsigned long uwq_jiffies(void)
{
	uint64_t base = uwq_tick_base_ns();
	uint64_t now = uwq_mono_ns();

	jiffies_read_at = now;
	return INITIAL_JIFFIES + (now - base) / UWQ_TICK_NS;
}

uint64_t uwq_jiffies_read_at(void)
{
	return jiffies_read_at;
}

struct timespec uwq_deadline_ns(uint64_t ns)
{
	struct timespec ts;

#ifdef UWQ_TEST
	/* While the fake clock is active, sleeps compare with it; else the system does. */
	if (!uwq_fake_clock_active())
		ns -= uwq_fake_clock_ahead();
#endif
	ts.tv_sec = (time_t)(ns / NSEC_PER_SEC);
	ts.tv_nsec = (long)(ns % NSEC_PER_SEC);
	return ts;
}

bool uwq_deadline_ticks(unsigned long ticks, struct timespec *deadline)
{
	uint64_t now = uwq_mono_ns();

	/* The system's own clock is a signed 64-bit number of nanoseconds. */
	if (ticks >= ((uint64_t)KTIME_MAX - now) / UWQ_TICK_NS)
		return false;
	*deadline = uwq_deadline_ns(now + ticks * UWQ_TICK_NS);
	return true;
}

/**
 * ktime_get - time since some point in the past, not counting suspend
 *
 * Context: any. Return: nanoseconds, never less than before.
 */
ktime_t ktime_get(void)
{
	return (ktime_t)uwq_mono_ns();
}
EXPORT_SYMBOL_GPL(ktime_get);

/* Another clock of the system, moved as far as a test moved the monotonic one. */
static ktime_t read_other(clockid_t id)
{
#ifdef UWQ_TEST
	return (ktime_t)(read_clock(id) + uwq_fake_clock_ahead());
#else
	return (ktime_t)read_clock(id);
#endif
}

/**
 * ktime_get_raw - as ktime_get(), but not slewed by NTP
 *
 * Context: any. Return: nanoseconds.
 */
ktime_t ktime_get_raw(void)
{
	return read_other(CLOCK_MONOTONIC_RAW);
}
EXPORT_SYMBOL_GPL(ktime_get_raw);

static clockid_t clock_with_offset(enum tk_offsets offs)
{
	switch (offs) {
	case TK_OFFS_REAL:
		return CLOCK_REALTIME;
	case TK_OFFS_BOOT:
		return CLOCK_BOOTTIME;
	case TK_OFFS_TAI:
		return CLOCK_TAI;
	default:
		return CLOCK_MONOTONIC;
	}
}

/**
 * ktime_get_with_offset - the wall clock, the clock since boot, or TAI
 * @offs: which; they are the monotonic clock plus an offset that may change
 *
 * Context: any. Return: nanoseconds.
 */
ktime_t ktime_get_with_offset(enum tk_offsets offs)
{
	return read_other(clock_with_offset(offs));
}
EXPORT_SYMBOL_GPL(ktime_get_with_offset);

/* Reads of two clocks are at the same time if no more than this is between them */
#define CLOSE_NS	20000
#define MOST_READS	10

/**
 * ktime_mono_to_any - translate a time of the monotonic clock
 * @tmono: the time
 * @offs: the clock to translate it to, by the offset of this moment
 *
 * Context: any. Return: nanoseconds of that clock. The two clocks are read one
 * after the other, so translating twice may give a few nanoseconds difference.
 */
ktime_t ktime_mono_to_any(ktime_t tmono, enum tk_offsets offs)
{
	int reads = MOST_READS;
	ktime_t before, other, after;

	/* a thread that loses its CPU in between reads them again */
	do {
		before = (ktime_t)read_clock(CLOCK_MONOTONIC);
		TEST_POINT("between_two_clocks");
		other = (ktime_t)read_clock(clock_with_offset(offs));
		after = (ktime_t)read_clock(CLOCK_MONOTONIC);
	} while (after - before > CLOSE_NS && --reads);
	/* the later one: a timer that goes by it is not early, whatever was between */
	return tmono + (other - after);
}
EXPORT_SYMBOL_GPL(ktime_mono_to_any);

// SPDX-License-Identifier: MIT
/*
 * random.c - random numbers, secret and repeatable
 *
 * A system call for each number would cost more than most uses of it, so each
 * thread draws a stock from getrandom() and hands it out byte by byte, wiping
 * what it gave. A child of fork() must not give what its parent gives: a
 * generation that only children raise makes a stock from before worthless.
 *
 * Differs from Linux: no entropy to add; early numbers are as good as later
 * ones.
 */
#include <errno.h>
#include <sys/random.h>
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/random.h>
#include <linux/string.h>

#include "kernel-compat/fork.h"

#define STOCK_BYTES	256

struct stock {
	unsigned int left;		/* the last so many bytes are unused */
	unsigned int generation;	/* of the process that drew them */
	unsigned char bytes[STOCK_BYTES];
};

static __thread struct stock stock;
static atomic_t generation = ATOMIC_INIT(1);

void random_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		atomic_inc(&generation);
}

/* From the system; waits only on a machine that has just begun to boot. */
static void draw(void *buf, size_t len)
{
	unsigned char *p = buf;
	int saved = errno;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n > 0) {
			p += n;
			len -= n;
		}
	}
	errno = saved;
}

static void refill(struct stock *s, unsigned int now)
{
	draw(s->bytes, sizeof(s->bytes));
	s->left = sizeof(s->bytes);
	s->generation = now;
}

/**
 * get_random_bytes - fill memory with random bytes
 * @buf: where to
 * @len: how many
 *
 * Context: any but a signal handler.
 */
void get_random_bytes(void *buf, size_t len)
{
	unsigned int now = atomic_read(&generation);
	unsigned char *from;

	if (len > STOCK_BYTES / 4) {
		draw(buf, len);
		return;
	}
	if (stock.left < len || stock.generation != now)
		refill(&stock, now);
	from = stock.bytes + sizeof(stock.bytes) - stock.left;
	memcpy(buf, from, len);
	memzero_explicit(from, len);
	stock.left -= len;
}
EXPORT_SYMBOL(get_random_bytes);

#define DEFINE_GET_RANDOM(type)				\
type get_random_##type(void)				\
{							\
	type val;					\
							\
	get_random_bytes(&val, sizeof(val));		\
	return val;					\
}							\
EXPORT_SYMBOL(get_random_##type)

DEFINE_GET_RANDOM(u8);
DEFINE_GET_RANDOM(u16);
DEFINE_GET_RANDOM(u32);
DEFINE_GET_RANDOM(u64);

/**
 * get_random_u32_below - a number below a bound, all equally likely
 * @ceil: the bound; 0 stands for 2^32
 *
 * The high half of number * @ceil is the answer; it would favour some answers
 * by one part in 2^32 / @ceil, so the few numbers that do are drawn again.
 */
u32 get_random_u32_below(u32 ceil)
{
	u64 product;
	u32 unfair;

	if (!ceil)
		return get_random_u32();
	product = (u64)get_random_u32() * ceil;
	if ((u32)product < ceil) {
		unfair = -ceil % ceil;
		while ((u32)product < unfair)
			product = (u64)get_random_u32() * ceil;
	}
	return product >> 32;
}
EXPORT_SYMBOL(get_random_u32_below);

/* One register: shift @s by @a, fold, keep the bits that count, step by @c. */
static u32 lfsr_step(u32 s, int a, int b, u32 low_bits, int c)
{
	return ((s & ~low_bits) << c) ^ (((s << a) ^ s) >> b);
}

/**
 * prandom_u32_state - the next number of a repeatable sequence
 * @state: set by prandom_seed_state()
 *
 * Context: any; the caller keeps other users of @state away.
 */
u32 prandom_u32_state(struct rnd_state *state)
{
	state->s1 = lfsr_step(state->s1, 6, 13, 1, 18);
	state->s2 = lfsr_step(state->s2, 2, 27, 7, 2);
	state->s3 = lfsr_step(state->s3, 13, 21, 15, 7);
	state->s4 = lfsr_step(state->s4, 3, 12, 127, 13);
	return state->s1 ^ state->s2 ^ state->s3 ^ state->s4;
}
EXPORT_SYMBOL(prandom_u32_state);

/* Each number's bytes, the lowest first. */
void prandom_bytes_state(struct rnd_state *state, void *buf, size_t nbytes)
{
	unsigned char *p = buf;

	while (nbytes) {
		u32 val = prandom_u32_state(state);

		for (int i = 0; i < 4 && nbytes; i++, nbytes--) {
			*p++ = val;
			val >>= 8;
		}
	}
}
EXPORT_SYMBOL(prandom_bytes_state);

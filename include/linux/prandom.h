/* SPDX-License-Identifier: MIT */
/*
 * prandom.h - numbers that look random and repeat from a seed
 *
 * P. L'Ecuyer's combined generator LFSR113 ("Tables of maximally equidistributed
 * combined LFSR generators", 1999), which Linux uses too: the same seed gives
 * the same numbers. Good for tests and for spreading, not for secrets.
 */
#ifndef UWQ_LINUX_PRANDOM_H
#define UWQ_LINUX_PRANDOM_H

#include <linux/types.h>
#include <uwq/api.h>

struct rnd_state {
	__u32 s1, s2, s3, s4;
};

UWQ_API_BEGIN
u32 prandom_u32_state(struct rnd_state *state);
void prandom_bytes_state(struct rnd_state *state, void *buf, size_t nbytes);
UWQ_API_END

/* Each of the four registers has low bits that do not count: keep it above them. */
static inline u32 uwq_seed_above(u32 x, u32 least)
{
	return x < least ? x + least : x;
}

static inline void prandom_seed_state(struct rnd_state *state, u64 seed)
{
	u32 i = (u32)((seed >> 32) ^ (seed << 10) ^ seed);

	state->s1 = uwq_seed_above(i, 2);
	state->s2 = uwq_seed_above(i, 8);
	state->s3 = uwq_seed_above(i, 16);
	state->s4 = uwq_seed_above(i, 128);
}

/* One step of a small linear congruential generator. */
static inline u32 next_pseudo_random32(u32 seed)
{
	return seed * 1664525 + 1013904223;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * jump_label.h - static keys: a choice that is made often and changed rarely
 *
 *	static DEFINE_STATIC_KEY_FALSE(debugging);
 *
 *	if (static_branch_unlikely(&debugging))		static_branch_enable(&debugging);
 *
 * A key is on while its count is positive. Changes may come from any number of
 * threads; who finds the key on sees what was stored before it was switched on.
 *
 * Differs from Linux: no code is rewritten, a key is a counter that each branch
 * loads. So a change takes effect at once, never sleeps, and needs no init call. The
 * forms that depend on a CONFIG_ option (..._MAYBE, static_branch_maybe()) are absent.
 */
#ifndef UWQ_LINUX_JUMP_LABEL_H
#define UWQ_LINUX_JUMP_LABEL_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

struct static_key {
	atomic_t enabled;	/* how many want it on */
};

/* Two types, so that one can ask for the likely value at the definition. */
struct static_key_true {
	struct static_key key;
};

struct static_key_false {
	struct static_key key;
};

#define STATIC_KEY_INIT_TRUE	{ .enabled = ATOMIC_INIT(1) }
#define STATIC_KEY_INIT_FALSE	{ .enabled = ATOMIC_INIT(0) }
#define STATIC_KEY_INIT		STATIC_KEY_INIT_FALSE
#define STATIC_KEY_TRUE_INIT	{ .key = STATIC_KEY_INIT_TRUE }
#define STATIC_KEY_FALSE_INIT	{ .key = STATIC_KEY_INIT_FALSE }

#define DEFINE_STATIC_KEY_TRUE(name)	struct static_key_true name = STATIC_KEY_TRUE_INIT
#define DEFINE_STATIC_KEY_FALSE(name)	struct static_key_false name = STATIC_KEY_FALSE_INIT
#define DECLARE_STATIC_KEY_TRUE(name)	extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name)	extern struct static_key_false name

/* The kernel makes these unchangeable after boot; here they stay as they are. */
#define DEFINE_STATIC_KEY_TRUE_RO(name)		DEFINE_STATIC_KEY_TRUE(name)
#define DEFINE_STATIC_KEY_FALSE_RO(name)	DEFINE_STATIC_KEY_FALSE(name)

#define DEFINE_STATIC_KEY_ARRAY_TRUE(name, count)			\
	struct static_key_true name[count] = { [0 ... (count) - 1] = STATIC_KEY_TRUE_INIT }
#define DEFINE_STATIC_KEY_ARRAY_FALSE(name, count)			\
	struct static_key_false name[count] = { [0 ... (count) - 1] = STATIC_KEY_FALSE_INIT }

/* Never below 0 for the caller. */
static inline int static_key_count(struct static_key *key)
{
	int n = atomic_read_acquire(&key->enabled);

	return n > 0 ? n : 0;
}

static __always_inline bool static_key_false(struct static_key *key)
{
	return unlikely(static_key_count(key) > 0);
}

static __always_inline bool static_key_true(struct static_key *key)
{
	return likely(static_key_count(key) > 0);
}

static inline bool static_key_fast_inc_not_disabled(struct static_key *key)
{
	return atomic_inc_not_zero(&key->enabled);
}

/* One more wants it on. Always succeeds. */
static inline bool static_key_slow_inc(struct static_key *key)
{
	atomic_inc(&key->enabled);
	return true;
}

/* One fewer does; the last one switches it off. */
static inline void static_key_slow_dec(struct static_key *key)
{
	WARN(atomic_dec_if_positive(&key->enabled) < 0, "static key %p: negative count\n", key);
}

/* On and off without counting, for keys that one owner switches. */
static inline void static_key_enable(struct static_key *key)
{
	int was = atomic_cmpxchg(&key->enabled, 0, 1);

	WARN_ON_ONCE(was > 1);
}

static inline void static_key_disable(struct static_key *key)
{
	int was = atomic_cmpxchg(&key->enabled, 1, 0);

	WARN_ON_ONCE(was > 1);
}

static inline void jump_label_init(void)
{
}

/* Any of the three types; anything else does not build. */
#ifdef __cplusplus
#define uwq_static_key(x)	((struct static_key *)(x))
#else
#define uwq_static_key(x)						\
	((struct static_key *)_Generic((x), struct static_key *: (x),	\
				       struct static_key_true *: (x),	\
				       struct static_key_false *: (x)))
#endif

#define static_branch_likely(x)		static_key_true(uwq_static_key(x))
#define static_branch_unlikely(x)	static_key_false(uwq_static_key(x))

#define static_key_enabled(x)		(static_key_count(uwq_static_key(x)) > 0)
#define static_branch_inc(x)		static_key_slow_inc(uwq_static_key(x))
#define static_branch_dec(x)		static_key_slow_dec(uwq_static_key(x))
#define static_branch_enable(x)		static_key_enable(uwq_static_key(x))
#define static_branch_disable(x)	static_key_disable(uwq_static_key(x))

/* For callers that hold cpus_read_lock(): nothing here takes it. */
#define static_branch_inc_cpuslocked(x)		static_branch_inc(x)
#define static_branch_dec_cpuslocked(x)		static_branch_dec(x)
#define static_branch_enable_cpuslocked(x)	static_branch_enable(x)
#define static_branch_disable_cpuslocked(x)	static_branch_disable(x)
#define static_key_slow_inc_cpuslocked(key)	static_key_slow_inc(key)
#define static_key_slow_dec_cpuslocked(key)	static_key_slow_dec(key)
#define static_key_enable_cpuslocked(key)	static_key_enable(key)
#define static_key_disable_cpuslocked(key)	static_key_disable(key)

#endif

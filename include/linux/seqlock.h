/* SPDX-License-Identifier: MIT */
/*
 * seqlock.h - readers that never block writers, and try again instead
 *
 * A writer makes the counter odd, writes, and makes it even again. A reader
 * notes an even value, reads, and looks whether the value is still the same; if
 * not, what it read may be half old and half new and must be thrown away.
 *
 * seqcount_t is the counter alone: writers must exclude each other by a lock of
 * their own. seqlock_t has a spinlock for that.
 *
 * Order, by name:
 *   SEQ/1 reader: load counter (acquire), then read data
 *   SEQ/2 reader: read data, read barrier, load counter
 *   SEQ/3 writer: store odd, write barrier, write data
 *   SEQ/4 writer: write data, store even (release)
 * 1 pairs with 4: a reader that sees the even value sees all the data before it.
 * 2 pairs with 3: a reader that saw any of the new data sees the odd value too.
 * Test: seqlock_readers_never_see_half_a_write.c
 *
 * The data are read while they are written, on purpose. Under ThreadSanitizer
 * the writes between SEQ/3 and SEQ/4 are not watched for races, so plain
 * accesses on both sides are not reported.
 *
 * Differs from Linux:
 * - A writer can lose its CPU in the middle. A reader that waits for it spins a
 *   little, then yields, then sleeps in short naps (kernel-compat/seqlock.c).
 * - Writing to a plain seqcount_t disables preemption for the record only:
 *   preempt_count rises, nobody is kept from running.
 */
#ifndef UWQ_LINUX_SEQLOCK_H
#define UWQ_LINUX_SEQLOCK_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/mutex.h>
#include <linux/lockdep.h>
#include <linux/seqlock_types.h>
#include <asm/barrier.h>
#include <uwq/annotate.h>

UWQ_API_BEGIN
unsigned int uwq_seqcount_wait_even(const seqcount_t *s);
UWQ_API_END

/* ---- the counter ---- */

static inline void seqcount_init(seqcount_t *s)
{
	__atomic_store_n(&s->sequence, 0, __ATOMIC_RELAXED);
}

#define __seqcount_init(s, name, key)		((void)(name), (void)(key), seqcount_init(s))
#define seqcount_raw_spinlock_init(s, lock)	((void)(lock), seqcount_init(s))
#define seqcount_spinlock_init(s, lock)		((void)(lock), seqcount_init(s))
#define seqcount_rwlock_init(s, lock)		((void)(lock), seqcount_init(s))
#define seqcount_mutex_init(s, lock)		((void)(lock), seqcount_init(s))

/* The value as it is, odd or even. */
static inline unsigned int raw_read_seqcount(const seqcount_t *s)
{
	return __atomic_load_n(&s->sequence, __ATOMIC_ACQUIRE);	/* SEQ/1 */
}

/* For readers that rather fail than wait: an odd value is made one that never matches. */
static inline unsigned int raw_seqcount_begin(const seqcount_t *s)
{
	return raw_read_seqcount(s) & ~1u;
}

static inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq = raw_read_seqcount(s);

	return unlikely(seq & 1) ? uwq_seqcount_wait_even(s) : seq;
}

static inline int read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	smp_rmb();	/* SEQ/2 */
	return unlikely(__atomic_load_n(&s->sequence, __ATOMIC_RELAXED) != start);
}

/* The kernel's forms without barrier or lockdep: nothing is gained by leaving the order out */
#define __read_seqcount_begin(s)		read_seqcount_begin(s)
#define raw_read_seqcount_begin(s)		read_seqcount_begin(s)
#define __read_seqcount_retry(s, start)		read_seqcount_retry(s, start)

/* Writers are alone, so the counter needs no atomic addition. */
static inline void raw_write_seqcount_begin(seqcount_t *s)
{
	__atomic_store_n(&s->sequence, s->sequence + 1, __ATOMIC_RELAXED);
	smp_wmb();	/* SEQ/3 */
	UWQ_TSAN_IGNORE_BEGIN();
}

static inline void raw_write_seqcount_end(seqcount_t *s)
{
	UWQ_TSAN_IGNORE_END();
	__atomic_store_n(&s->sequence, s->sequence + 1, __ATOMIC_RELEASE);	/* SEQ/4 */
}

static inline void write_seqcount_begin(seqcount_t *s)
{
	preempt_disable();
	raw_write_seqcount_begin(s);
}

#define write_seqcount_begin_nested(s, subclass)	((void)(subclass), write_seqcount_begin(s))

static inline void write_seqcount_end(seqcount_t *s)
{
	raw_write_seqcount_end(s);
	preempt_enable();
}

/* Make readers that are under way try again, without keeping new ones out. */
static inline void write_seqcount_invalidate(seqcount_t *s)
{
	smp_wmb();
	__atomic_store_n(&s->sequence, s->sequence + 2, __ATOMIC_RELAXED);
}

/*
 * Between two stores: a reader that sees the first as old and the second as new
 * has to try again. Readers never wait, for the counter is odd only in between.
 */
static inline void raw_write_seqcount_barrier(seqcount_t *s)
{
	__atomic_store_n(&s->sequence, s->sequence + 1, __ATOMIC_RELAXED);
	smp_wmb();
	__atomic_store_n(&s->sequence, s->sequence + 1, __ATOMIC_RELAXED);
}

/* ---- latch: two copies, one of which is always whole ---- */

static inline void seqcount_latch_init(seqcount_latch_t *s)
{
	seqcount_init(&s->seqcount);
}

/* Its low bit is the copy to read. */
static inline unsigned int raw_read_seqcount_latch(const seqcount_latch_t *s)
{
	return raw_read_seqcount(&s->seqcount);
}

static inline int raw_read_seqcount_latch_retry(const seqcount_latch_t *s, unsigned int start)
{
	return read_seqcount_retry(&s->seqcount, start);
}

/* Send readers to the other copy, so that the one they leave may be written. */
static inline void raw_write_seqcount_latch(seqcount_latch_t *s)
{
	smp_wmb();
	__atomic_store_n(&s->seqcount.sequence, s->seqcount.sequence + 1, __ATOMIC_RELAXED);
	smp_wmb();
}

/* ---- the counter with a lock ---- */

static inline void seqlock_init(seqlock_t *sl)
{
	seqcount_init(&sl->seqcount);
	spin_lock_init(&sl->lock);
}

static inline unsigned int read_seqbegin(const seqlock_t *sl)
{
	return read_seqcount_begin(&sl->seqcount);
}

static inline unsigned int read_seqretry(const seqlock_t *sl, unsigned int start)
{
	return read_seqcount_retry(&sl->seqcount, start);
}

static inline void write_seqlock(seqlock_t *sl)
{
	spin_lock(&sl->lock);
	raw_write_seqcount_begin(&sl->seqcount);
}

static inline void write_sequnlock(seqlock_t *sl)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock(&sl->lock);
}

static inline void write_seqlock_bh(seqlock_t *sl)
{
	spin_lock_bh(&sl->lock);
	raw_write_seqcount_begin(&sl->seqcount);
}

static inline void write_sequnlock_bh(seqlock_t *sl)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock_bh(&sl->lock);
}

static inline void write_seqlock_irq(seqlock_t *sl)
{
	spin_lock_irq(&sl->lock);
	raw_write_seqcount_begin(&sl->seqcount);
}

static inline void write_sequnlock_irq(seqlock_t *sl)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock_irq(&sl->lock);
}

static inline unsigned long uwq_write_seqlock_irqsave(seqlock_t *sl)
{
	unsigned long flags;

	spin_lock_irqsave(&sl->lock, flags);
	raw_write_seqcount_begin(&sl->seqcount);
	return flags;
}

#define write_seqlock_irqsave(sl, flags)	((flags) = uwq_write_seqlock_irqsave(sl))

static inline void write_sequnlock_irqrestore(seqlock_t *sl, unsigned long flags)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock_irqrestore(&sl->lock, flags);
}

/* A reader that keeps writers and readers of its own kind out; others go on reading. */
#define read_seqlock_excl(sl)			spin_lock(&(sl)->lock)
#define read_sequnlock_excl(sl)			spin_unlock(&(sl)->lock)
#define read_seqlock_excl_bh(sl)		spin_lock_bh(&(sl)->lock)
#define read_sequnlock_excl_bh(sl)		spin_unlock_bh(&(sl)->lock)
#define read_seqlock_excl_irq(sl)		spin_lock_irq(&(sl)->lock)
#define read_sequnlock_excl_irq(sl)		spin_unlock_irq(&(sl)->lock)
#define read_seqlock_excl_irqsave(sl, flags)	spin_lock_irqsave(&(sl)->lock, flags)
#define read_sequnlock_excl_irqrestore(sl, flags)	spin_unlock_irqrestore(&(sl)->lock, flags)

/*
 * First round without the lock, second with: *seq starts even; the caller makes
 * it odd when need_seqretry() said so. done_seqretry() ends either round.
 */
static inline void read_seqbegin_or_lock(seqlock_t *sl, int *seq)
{
	if (*seq & 1)
		read_seqlock_excl(sl);
	else
		*seq = (int)read_seqbegin(sl);
}

static inline int need_seqretry(const seqlock_t *sl, int seq)
{
	return !(seq & 1) && read_seqretry(sl, (unsigned int)seq);
}

static inline void done_seqretry(seqlock_t *sl, int seq)
{
	if (seq & 1)
		read_sequnlock_excl(sl);
}

static inline unsigned long read_seqbegin_or_lock_irqsave(seqlock_t *sl, int *seq)
{
	unsigned long flags = 0;

	if (*seq & 1)
		read_seqlock_excl_irqsave(sl, flags);
	else
		*seq = (int)read_seqbegin(sl);
	return flags;
}

static inline void done_seqretry_irqrestore(seqlock_t *sl, int seq, unsigned long flags)
{
	if (seq & 1)
		read_sequnlock_excl_irqrestore(sl, flags);
}

#endif

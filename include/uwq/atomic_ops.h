/* SPDX-License-Identifier: MIT */
/*
 * atomic_ops.h - the operations of one atomic type
 *
 * No guard on purpose: linux/atomic.h includes this once for each of atomic_t,
 * atomic64_t and atomic_long_t, after it has defined
 *
 *   UWQ_ATOMIC(op)	name of operation op: atomic_##op, atomic64_##op, ...
 *   UWQ_ATOMIC_T	the struct; its only member is called counter
 *   UWQ_ATOMIC_INT	the integer that functions take and return
 *
 * Order, as in Linux: operations that return nothing, and plain reads and
 * sets, promise none. Those that return something are fully ordered without a
 * suffix; _acquire, _release and _relaxed weaken that. A conditional operation
 * that does not store promises no order.
 *
 * Signed overflow wraps: the builtins below work in two's complement.
 */

static __always_inline UWQ_ATOMIC_INT UWQ_ATOMIC(read)(const UWQ_ATOMIC_T *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static __always_inline UWQ_ATOMIC_INT UWQ_ATOMIC(read_acquire)(const UWQ_ATOMIC_T *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);
}

static __always_inline void UWQ_ATOMIC(set)(UWQ_ATOMIC_T *v, UWQ_ATOMIC_INT i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);
}

static __always_inline void UWQ_ATOMIC(set_release)(UWQ_ATOMIC_T *v, UWQ_ATOMIC_INT i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);
}

/* op(i, v): no value, no order. */
#define UWQ_DEFINE_VOID(op, builtin)						\
static __always_inline void UWQ_ATOMIC(op)(UWQ_ATOMIC_INT i, UWQ_ATOMIC_T *v)	\
{										\
	(void)builtin(&v->counter, i, __ATOMIC_RELAXED);			\
}

UWQ_DEFINE_VOID(add, __atomic_fetch_add)
UWQ_DEFINE_VOID(sub, __atomic_fetch_sub)
UWQ_DEFINE_VOID(and, __atomic_fetch_and)
UWQ_DEFINE_VOID(or, __atomic_fetch_or)
UWQ_DEFINE_VOID(xor, __atomic_fetch_xor)
#undef UWQ_DEFINE_VOID

static __always_inline void UWQ_ATOMIC(andnot)(UWQ_ATOMIC_INT i, UWQ_ATOMIC_T *v)
{
	(void)__atomic_fetch_and(&v->counter, ~i, __ATOMIC_RELAXED);
}

static __always_inline void UWQ_ATOMIC(inc)(UWQ_ATOMIC_T *v)
{
	(void)__atomic_fetch_add(&v->counter, 1, __ATOMIC_RELAXED);
}

static __always_inline void UWQ_ATOMIC(dec)(UWQ_ATOMIC_T *v)
{
	(void)__atomic_fetch_sub(&v->counter, 1, __ATOMIC_RELAXED);
}

/* op(i, v) with a value, in one strength. @arg is what the builtin gets. */
#define UWQ_DEFINE_VALUE1(op, builtin, arg, order, after)			\
static __always_inline UWQ_ATOMIC_INT						\
UWQ_ATOMIC(op)(UWQ_ATOMIC_INT i, UWQ_ATOMIC_T *v)				\
{										\
	UWQ_ATOMIC_INT val = builtin(&v->counter, arg, order);			\
	after;									\
	return val;								\
}

#define UWQ_DEFINE_VALUE(op, builtin, arg)					\
UWQ_DEFINE_VALUE1(op, builtin, arg, __ATOMIC_SEQ_CST, uwq_mb_after_seq_cst())	\
UWQ_DEFINE_VALUE1(op##_acquire, builtin, arg, __ATOMIC_ACQUIRE, (void)0)	\
UWQ_DEFINE_VALUE1(op##_release, builtin, arg, __ATOMIC_RELEASE, (void)0)	\
UWQ_DEFINE_VALUE1(op##_relaxed, builtin, arg, __ATOMIC_RELAXED, (void)0)

UWQ_DEFINE_VALUE(add_return, __atomic_add_fetch, i)
UWQ_DEFINE_VALUE(sub_return, __atomic_sub_fetch, i)
UWQ_DEFINE_VALUE(fetch_add, __atomic_fetch_add, i)
UWQ_DEFINE_VALUE(fetch_sub, __atomic_fetch_sub, i)
UWQ_DEFINE_VALUE(fetch_and, __atomic_fetch_and, i)
UWQ_DEFINE_VALUE(fetch_andnot, __atomic_fetch_and, ~i)
UWQ_DEFINE_VALUE(fetch_or, __atomic_fetch_or, i)
UWQ_DEFINE_VALUE(fetch_xor, __atomic_fetch_xor, i)
#undef UWQ_DEFINE_VALUE
#undef UWQ_DEFINE_VALUE1

/* The same with 1 for @i, and exchange and compare-exchange, in one strength. */
#define UWQ_DEFINE_REST(suffix, order, after)					\
static __always_inline UWQ_ATOMIC_INT UWQ_ATOMIC(inc_return##suffix)(UWQ_ATOMIC_T *v) \
{										\
	return UWQ_ATOMIC(add_return##suffix)(1, v);				\
}										\
static __always_inline UWQ_ATOMIC_INT UWQ_ATOMIC(dec_return##suffix)(UWQ_ATOMIC_T *v) \
{										\
	return UWQ_ATOMIC(sub_return##suffix)(1, v);				\
}										\
static __always_inline UWQ_ATOMIC_INT UWQ_ATOMIC(fetch_inc##suffix)(UWQ_ATOMIC_T *v) \
{										\
	return UWQ_ATOMIC(fetch_add##suffix)(1, v);				\
}										\
static __always_inline UWQ_ATOMIC_INT UWQ_ATOMIC(fetch_dec##suffix)(UWQ_ATOMIC_T *v) \
{										\
	return UWQ_ATOMIC(fetch_sub##suffix)(1, v);				\
}										\
static __always_inline UWQ_ATOMIC_INT						\
UWQ_ATOMIC(xchg##suffix)(UWQ_ATOMIC_T *v, UWQ_ATOMIC_INT new_)			\
{										\
	UWQ_ATOMIC_INT val = __atomic_exchange_n(&v->counter, new_, order);	\
	after;									\
	return val;								\
}										\
static __always_inline UWQ_ATOMIC_INT						\
UWQ_ATOMIC(cmpxchg##suffix)(UWQ_ATOMIC_T *v, UWQ_ATOMIC_INT old, UWQ_ATOMIC_INT new_) \
{										\
	__typeof__(v->counter) found = old;					\
	if (__atomic_compare_exchange_n(&v->counter, &found, new_, 0, order,	\
					__ATOMIC_RELAXED))			\
		after;								\
	return found;								\
}										\
static __always_inline bool							\
UWQ_ATOMIC(try_cmpxchg##suffix)(UWQ_ATOMIC_T *v, UWQ_ATOMIC_INT *old, UWQ_ATOMIC_INT new_) \
{										\
	UWQ_ATOMIC_INT found = UWQ_ATOMIC(cmpxchg##suffix)(v, *old, new_);	\
	bool stored = found == *old;						\
	if (!stored)								\
		*old = found;							\
	return stored;								\
}										\
static __always_inline bool							\
UWQ_ATOMIC(add_negative##suffix)(UWQ_ATOMIC_INT i, UWQ_ATOMIC_T *v)		\
{										\
	return UWQ_ATOMIC(add_return##suffix)(i, v) < 0;			\
}

UWQ_DEFINE_REST(, __ATOMIC_SEQ_CST, uwq_mb_after_seq_cst())
UWQ_DEFINE_REST(_acquire, __ATOMIC_ACQUIRE, (void)0)
UWQ_DEFINE_REST(_release, __ATOMIC_RELEASE, (void)0)
UWQ_DEFINE_REST(_relaxed, __ATOMIC_RELAXED, (void)0)
#undef UWQ_DEFINE_REST

static __always_inline bool UWQ_ATOMIC(sub_and_test)(UWQ_ATOMIC_INT i, UWQ_ATOMIC_T *v)
{
	return UWQ_ATOMIC(sub_return)(i, v) == 0;
}

static __always_inline bool UWQ_ATOMIC(dec_and_test)(UWQ_ATOMIC_T *v)
{
	return UWQ_ATOMIC(sub_return)(1, v) == 0;
}

static __always_inline bool UWQ_ATOMIC(inc_and_test)(UWQ_ATOMIC_T *v)
{
	return UWQ_ATOMIC(add_return)(1, v) == 0;
}

/* Adds @a unless the value is @u; returns what was there before. */
static __always_inline UWQ_ATOMIC_INT
UWQ_ATOMIC(fetch_add_unless)(UWQ_ATOMIC_T *v, UWQ_ATOMIC_INT a, UWQ_ATOMIC_INT u)
{
	UWQ_ATOMIC_INT cur = UWQ_ATOMIC(read)(v), next;

	do {
		if (unlikely(cur == u))
			break;
		(void)__builtin_add_overflow(cur, a, &next);
	} while (!UWQ_ATOMIC(try_cmpxchg)(v, &cur, next));
	return cur;
}

static __always_inline bool
UWQ_ATOMIC(add_unless)(UWQ_ATOMIC_T *v, UWQ_ATOMIC_INT a, UWQ_ATOMIC_INT u)
{
	return UWQ_ATOMIC(fetch_add_unless)(v, a, u) != u;
}

static __always_inline bool UWQ_ATOMIC(inc_not_zero)(UWQ_ATOMIC_T *v)
{
	return UWQ_ATOMIC(add_unless)(v, 1, 0);
}

/* Adds one unless the value is negative; true when added. */
static __always_inline bool UWQ_ATOMIC(inc_unless_negative)(UWQ_ATOMIC_T *v)
{
	UWQ_ATOMIC_INT cur = UWQ_ATOMIC(read)(v), next;

	do {
		if (unlikely(cur < 0))
			return false;
		(void)__builtin_add_overflow(cur, 1, &next);
	} while (!UWQ_ATOMIC(try_cmpxchg)(v, &cur, next));
	return true;
}

/* Takes one unless the value is positive; true when taken. */
static __always_inline bool UWQ_ATOMIC(dec_unless_positive)(UWQ_ATOMIC_T *v)
{
	UWQ_ATOMIC_INT cur = UWQ_ATOMIC(read)(v), next;

	do {
		if (unlikely(cur > 0))
			return false;
		(void)__builtin_sub_overflow(cur, 1, &next);
	} while (!UWQ_ATOMIC(try_cmpxchg)(v, &cur, next));
	return true;
}

/* Returns the value less one; stores it only when it is not negative. */
static __always_inline UWQ_ATOMIC_INT UWQ_ATOMIC(dec_if_positive)(UWQ_ATOMIC_T *v)
{
	UWQ_ATOMIC_INT cur = UWQ_ATOMIC(read)(v), next;

	do {
		(void)__builtin_sub_overflow(cur, 1, &next);
		if (unlikely(cur <= 0))
			break;
	} while (!UWQ_ATOMIC(try_cmpxchg)(v, &cur, next));
	return next;
}

#undef UWQ_ATOMIC
#undef UWQ_ATOMIC_T
#undef UWQ_ATOMIC_INT

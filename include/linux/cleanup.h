/* SPDX-License-Identifier: MIT */
/*
 * cleanup.h - things that undo themselves at the end of a scope
 *
 * Three layers, each made of the one before, all of the compiler's cleanup
 * attribute:
 *
 *   __free(name)	a pointer that is given to a function when it leaves scope
 *   CLASS(name, var)	a variable with a constructor and a destructor
 *   guard(name)(lock)	a class whose construction takes a lock
 *
 * Destructors run in the reverse order of declaration, on every way out of the
 * scope: falling off the end, return, break, goto.
 *
 * The names that expressions may use are part of the interface: _T is the
 * pointer in DEFINE_FREE and DEFINE_GUARD, the object in DEFINE_CLASS's exit,
 * and a pointer to the guard (with ->lock and own members) in DEFINE_LOCK_GUARD_*.
 *
 * C only: C++ has destructors, and the headers that define guards leave them out
 * there. Differs from Linux: nothing that matters to users.
 */
#ifndef UWQ_LINUX_CLEANUP_H
#define UWQ_LINUX_CLEANUP_H

#ifndef __cplusplus

#include <stddef.h>

#include <linux/compiler.h>

#define UWQ_AT_SCOPE_END(fn)	__cleanup(fn) __attribute__((__unused__))

/* Each definition makes functions of which a user needs some */
#define UWQ_SCOPE_FN	static inline __attribute__((__unused__))

/* Two steps, so that __COUNTER__ is a number before it is pasted */
#define UWQ_SCOPE_PASTE(a, b)	a##b
#define UWQ_SCOPE_NAME(base, n)	UWQ_SCOPE_PASTE(base, n)

/* ---- pointers ---- */

#define DEFINE_FREE(_name, _type, _free)				\
	UWQ_SCOPE_FN void __free_##_name(void *slot_)			\
	{								\
		_type _T = *(_type *)slot_;				\
									\
		_free;							\
	}

#define __free(_name)	UWQ_AT_SCOPE_END(__free_##_name)

/* Whoever takes a pointer out of a __free variable must do something with it. */
static __always_inline __must_check const volatile void *uwq_taken_ptr(const volatile void *ptr)
{
	return ptr;
}

/* The value of @p, which becomes NULL: nothing is freed at the end of the scope. */
#define no_free_ptr(p)							\
	((__typeof__(p))uwq_taken_ptr(__extension__({			\
		__typeof__(p) taken_ = (p);				\
									\
		(p) = NULL;						\
		taken_;							\
	})))

#define return_ptr(p)		return no_free_ptr(p)

/* For a pointer whose ownership a callee took over. */
#define retain_and_null_ptr(p)	((void)((p) = NULL))

/* ---- classes ---- */

#define DEFINE_CLASS(_name, _type, _exit, _init, _init_args...)		\
	typedef _type class_##_name##_t;				\
									\
	UWQ_SCOPE_FN void class_##_name##_destructor(_type *slot_)	\
	{								\
		_type _T = *slot_;					\
									\
		(void)_T;						\
		_exit;							\
	}								\
									\
	UWQ_SCOPE_FN _type class_##_name##_constructor(_init_args)	\
	{								\
		_type made_ = _init;					\
									\
		return made_;						\
	}

/* Another way to make an object of a class that is destroyed the same way. */
#define EXTEND_CLASS(_name, _ext, _init, _init_args...)			\
	typedef class_##_name##_t class_##_name##_ext##_t;		\
									\
	UWQ_SCOPE_FN void						\
	class_##_name##_ext##_destructor(class_##_name##_t *slot_)	\
	{								\
		class_##_name##_destructor(slot_);			\
	}								\
									\
	UWQ_SCOPE_FN class_##_name##_t					\
	class_##_name##_ext##_constructor(_init_args)			\
	{								\
		class_##_name##_t made_ = _init;			\
									\
		return made_;						\
	}

/* The arguments of the constructor follow: CLASS(fd, f)(number); */
#define CLASS(_name, _var)						\
	class_##_name##_t _var UWQ_AT_SCOPE_END(class_##_name##_destructor) = \
		class_##_name##_constructor

/* ---- guards ---- */

/* What a guard holds, NULL when its lock could not be taken. */
#define UWQ_GUARD_QUERY(_full, _expr, _conditional)			\
	enum { class_##_full##_is_conditional = (_conditional) };	\
									\
	UWQ_SCOPE_FN void *class_##_full##_lock_ptr(class_##_full##_t *_T) \
	{								\
		return (void *)(_expr);					\
	}

#define DEFINE_GUARD(_name, _type, _lock, _unlock)			\
	DEFINE_CLASS(_name, _type, if (_T) { _unlock; },		\
		     __extension__({ _lock; _T; }), _type _T)		\
	UWQ_GUARD_QUERY(_name, *_T, 0)

/* @_condlock is true when the lock was taken. */
#define DEFINE_GUARD_COND(_name, _ext, _condlock)			\
	EXTEND_CLASS(_name, _ext,					\
		     (_T && (_condlock)) ? _T : NULL, class_##_name##_t _T) \
	UWQ_GUARD_QUERY(_name##_ext, *_T, 1)

/* A guard for one lock of @_type, with room for @_members such as irq flags. */
#define DEFINE_LOCK_GUARD_1(_name, _type, _lock, _unlock, _members...)	\
	typedef struct {						\
		_type *lock;						\
		_members;						\
	} class_##_name##_t;						\
									\
	UWQ_SCOPE_FN void						\
	class_##_name##_destructor(class_##_name##_t *_T)		\
	{								\
		if (_T->lock) {						\
			_unlock;					\
		}							\
	}								\
									\
	UWQ_SCOPE_FN class_##_name##_t					\
	class_##_name##_constructor(_type *lock_)			\
	{								\
		class_##_name##_t guard_ = { .lock = lock_ };		\
		class_##_name##_t *_T = &guard_;			\
									\
		_lock;							\
		return guard_;						\
	}								\
	UWQ_GUARD_QUERY(_name, _T->lock, 0)

/* A guard without a lock object: interrupts, preemption, an RCU reader. */
#define DEFINE_LOCK_GUARD_0(_name, _lock, _unlock, _members...)		\
	typedef struct {						\
		void *lock;						\
		_members;						\
	} class_##_name##_t;						\
									\
	UWQ_SCOPE_FN void						\
	class_##_name##_destructor(class_##_name##_t *_T)		\
	{								\
		(void)_T;						\
		_unlock;						\
	}								\
									\
	UWQ_SCOPE_FN class_##_name##_t					\
	class_##_name##_constructor(void)				\
	{								\
		class_##_name##_t guard_ = { .lock = (void *)1 };	\
		class_##_name##_t *_T = &guard_;			\
									\
		(void)_T;						\
		_lock;							\
		return guard_;						\
	}								\
	UWQ_GUARD_QUERY(_name, _T->lock, 0)

#define DEFINE_LOCK_GUARD_1_COND(_name, _ext, _condlock)		\
	typedef class_##_name##_t class_##_name##_ext##_t;		\
									\
	UWQ_SCOPE_FN void						\
	class_##_name##_ext##_destructor(class_##_name##_t *slot_)	\
	{								\
		class_##_name##_destructor(slot_);			\
	}								\
									\
	UWQ_SCOPE_FN class_##_name##_t					\
	class_##_name##_ext##_constructor(__typeof__(((class_##_name##_t *)0)->lock) lock_) \
	{								\
		class_##_name##_t guard_ = { .lock = lock_ };		\
		class_##_name##_t *_T = &guard_;			\
									\
		if (lock_ && !(_condlock))				\
			_T->lock = NULL;				\
		return guard_;						\
	}								\
	UWQ_GUARD_QUERY(_name##_ext, _T->lock, 1)

/* Hold a lock from here to the end of the enclosing scope: guard(mutex)(&m); */
#define guard(_name)	CLASS(_name, UWQ_SCOPE_NAME(uwq_guard_, __COUNTER__))

/*
 * Hold a lock during the one statement that follows. What would be the loop's
 * step jumps to a label in front of it, so "continue", "break" and the end of
 * the statement all leave, and the compiler sees that a return inside is the
 * only way on. A conditional guard that got nothing skips the statement.
 */
#define scoped_guard(_name, args...)	\
	UWQ_SCOPED_GUARD(_name, UWQ_SCOPE_NAME(uwq_leave_, __COUNTER__), args)

#define UWQ_SCOPED_GUARD(_name, _leave, args...)			\
	if (0)								\
_leave:		;							\
	else								\
		for (CLASS(_name, scope)(args);				\
		     __builtin_choose_expr(class_##_name##_is_conditional, \
					   class_##_name##_lock_ptr(&scope) != NULL, 1); \
		     __extension__({ goto _leave; }))

/* The same for a conditional guard; @_fail is the statement run without the lock. */
#define scoped_cond_guard(_name, _fail, args...)	\
	UWQ_SCOPED_COND_GUARD(_name, UWQ_SCOPE_NAME(uwq_leave_, __COUNTER__), _fail, args)

#define UWQ_SCOPED_COND_GUARD(_name, _leave, _fail, args...)		\
	if (0)								\
_leave:		;							\
	else								\
		for (CLASS(_name, scope)(args); ; __extension__({ goto _leave; })) \
			if (!class_##_name##_lock_ptr(&scope)) {	\
				_fail;					\
				break;					\
			} else

#endif /* !__cplusplus */
#endif

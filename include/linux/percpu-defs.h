/* SPDX-License-Identifier: MIT */
/*
 * percpu-defs.h - variables of which each CPU has its own
 *
 * DEFINE_PER_CPU() puts the initial value into a section of its own. When the
 * program or module is loaded, every possible CPU gets a copy of that section;
 * the variable's address serves as its name, from which per_cpu_ptr() finds a
 * CPU's copy. Memory of alloc_percpu() works alike. kernel-compat/percpu.c
 * keeps the copies.
 *
 * Differs from Linux: a thread may be moved to another CPU between any two
 * instructions, and two threads may be on one CPU. Therefore this_cpu_add() and
 * its kin are atomic operations, also with __ or raw_ in front. Plain accesses
 * through this_cpu_ptr(), get_cpu_var() and get_cpu_ptr() are not excluded from
 * those of other threads: preempt_disable() cannot do that here, so such code
 * needs a lock. Accesses cost a function call and a look into a short list.
 */
#ifndef UWQ_LINUX_PERCPU_DEFS_H
#define UWQ_LINUX_PERCPU_DEFS_H

#ifndef __cplusplus

#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <uwq/api.h>

#define UWQ_PER_CPU_SECTION	"uwq_percpu"

#define DECLARE_PER_CPU_SECTION(type, name, sec)			\
	extern __attribute__((__section__(UWQ_PER_CPU_SECTION))) __typeof__(type) name
#define DEFINE_PER_CPU_SECTION(type, name, sec)				\
	__attribute__((__section__(UWQ_PER_CPU_SECTION))) __typeof__(type) name

#define DECLARE_PER_CPU(type, name)	DECLARE_PER_CPU_SECTION(type, name, "")
#define DEFINE_PER_CPU(type, name)	DEFINE_PER_CPU_SECTION(type, name, "")

#define UWQ_PER_CPU_LINE	__attribute__((__aligned__(64)))
#define UWQ_PER_CPU_PAGE	__attribute__((__aligned__(4096)))

#define DECLARE_PER_CPU_FIRST(type, name)		DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_FIRST(type, name)		DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name)	DECLARE_PER_CPU(type, name) UWQ_PER_CPU_LINE
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name)	DEFINE_PER_CPU(type, name) UWQ_PER_CPU_LINE
#define DECLARE_PER_CPU_ALIGNED(type, name)		DECLARE_PER_CPU(type, name) UWQ_PER_CPU_LINE
#define DEFINE_PER_CPU_ALIGNED(type, name)		DEFINE_PER_CPU(type, name) UWQ_PER_CPU_LINE
#define DECLARE_PER_CPU_PAGE_ALIGNED(type, name)	DECLARE_PER_CPU(type, name) UWQ_PER_CPU_PAGE
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name)		DEFINE_PER_CPU(type, name) UWQ_PER_CPU_PAGE
#define DECLARE_PER_CPU_READ_MOSTLY(type, name)		DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name)		DEFINE_PER_CPU(type, name)

#define EXPORT_PER_CPU_SYMBOL(var)	EXPORT_SYMBOL(var)
#define EXPORT_PER_CPU_SYMBOL_GPL(var)	EXPORT_SYMBOL_GPL(var)

UWQ_API_BEGIN
void *uwq_per_cpu_ptr(const volatile void *name, int cpu);
void uwq_percpu_load(const void *begin, const void *end);
void uwq_percpu_unload(const void *begin, const void *end);
UWQ_API_END

/* Ends of this program's or module's section, set by the linker; NULL: it has none. */
extern const char __start_uwq_percpu[]
	__attribute__((__weak__, __visibility__("hidden")));
extern const char __stop_uwq_percpu[]
	__attribute__((__weak__, __visibility__("hidden")));

/* Before all initialisers of programs, after the library knows its CPUs. */
static void __attribute__((__constructor__(103), __unused__)) uwq_percpu_on_load(void)
{
	if (&__start_uwq_percpu[0] != &__stop_uwq_percpu[0])
		uwq_percpu_load(__start_uwq_percpu, __stop_uwq_percpu);
}

static void __attribute__((__destructor__(103), __unused__)) uwq_percpu_on_unload(void)
{
	if (&__start_uwq_percpu[0] != &__stop_uwq_percpu[0])
		uwq_percpu_unload(__start_uwq_percpu, __stop_uwq_percpu);
}

/* The copy of @cpu, of a variable given by address or of alloc_percpu() memory */
#define per_cpu_ptr(ptr, cpu)	((__typeof__(*(ptr)) *)uwq_per_cpu_ptr((ptr), (cpu)))
#define raw_cpu_ptr(ptr)	per_cpu_ptr(ptr, raw_smp_processor_id())
#define this_cpu_ptr(ptr)	raw_cpu_ptr(ptr)

#define per_cpu(var, cpu)	(*per_cpu_ptr(&(var), cpu))
#define __raw_get_cpu_var(var)	(*raw_cpu_ptr(&(var)))

#define get_cpu_ptr(var)	__extension__ ({ preempt_disable(); this_cpu_ptr(var); })
#define put_cpu_ptr(var)	do { (void)(var); preempt_enable(); } while (0)
#define get_cpu_var(var)	(*get_cpu_ptr(&(var)))
#define put_cpu_var(var)	do { (void)&(var); preempt_enable(); } while (0)

/* One atomic operation, without order, on the present CPU's copy of @pcp */
#define this_cpu_read(pcp)	READ_ONCE(*raw_cpu_ptr(&(pcp)))
#define this_cpu_write(pcp, val) WRITE_ONCE(*raw_cpu_ptr(&(pcp)), val)
#define this_cpu_add_return(pcp, val)	\
	__atomic_add_fetch(raw_cpu_ptr(&(pcp)), (val), __ATOMIC_RELAXED)
#define this_cpu_sub_return(pcp, val)	\
	__atomic_sub_fetch(raw_cpu_ptr(&(pcp)), (val), __ATOMIC_RELAXED)
#define this_cpu_and(pcp, val)	\
	((void)__atomic_fetch_and(raw_cpu_ptr(&(pcp)), (val), __ATOMIC_RELAXED))
#define this_cpu_or(pcp, val)	\
	((void)__atomic_fetch_or(raw_cpu_ptr(&(pcp)), (val), __ATOMIC_RELAXED))
#define this_cpu_add(pcp, val)		((void)this_cpu_add_return(pcp, val))
#define this_cpu_sub(pcp, val)		((void)this_cpu_sub_return(pcp, val))
#define this_cpu_inc(pcp)		this_cpu_add(pcp, 1)
#define this_cpu_dec(pcp)		this_cpu_sub(pcp, 1)
#define this_cpu_inc_return(pcp)	this_cpu_add_return(pcp, 1)
#define this_cpu_dec_return(pcp)	this_cpu_sub_return(pcp, 1)

/* These are fully ordered, as atomic operations with a value are elsewhere. */
#define this_cpu_xchg(pcp, val)		\
	__atomic_exchange_n(raw_cpu_ptr(&(pcp)), (val), __ATOMIC_SEQ_CST)
#define this_cpu_try_cmpxchg(pcp, oldp, val)				\
	__atomic_compare_exchange_n(raw_cpu_ptr(&(pcp)), (oldp), (val), false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
#define this_cpu_cmpxchg(pcp, old, val) __extension__			\
({									\
	__typeof__(pcp) uwq_pcp_seen = (old);				\
	(void)this_cpu_try_cmpxchg(pcp, &uwq_pcp_seen, val);		\
	uwq_pcp_seen;							\
})

/*
 * In Linux these leave to the caller what preemption or interrupts could do to
 * them. Nothing that a caller does here keeps other threads away.
 */
#define raw_cpu_read(pcp)			this_cpu_read(pcp)
#define raw_cpu_write(pcp, val)			this_cpu_write(pcp, val)
#define raw_cpu_add(pcp, val)			this_cpu_add(pcp, val)
#define raw_cpu_sub(pcp, val)			this_cpu_sub(pcp, val)
#define raw_cpu_inc(pcp)			this_cpu_inc(pcp)
#define raw_cpu_dec(pcp)			this_cpu_dec(pcp)
#define raw_cpu_and(pcp, val)			this_cpu_and(pcp, val)
#define raw_cpu_or(pcp, val)			this_cpu_or(pcp, val)
#define raw_cpu_add_return(pcp, val)		this_cpu_add_return(pcp, val)
#define raw_cpu_inc_return(pcp)			this_cpu_inc_return(pcp)
#define raw_cpu_dec_return(pcp)			this_cpu_dec_return(pcp)
#define raw_cpu_xchg(pcp, val)			this_cpu_xchg(pcp, val)
#define raw_cpu_cmpxchg(pcp, old, val)		this_cpu_cmpxchg(pcp, old, val)
#define raw_cpu_try_cmpxchg(pcp, oldp, val)	this_cpu_try_cmpxchg(pcp, oldp, val)
#define __this_cpu_read(pcp)			this_cpu_read(pcp)
#define __this_cpu_write(pcp, val)		this_cpu_write(pcp, val)
#define __this_cpu_add(pcp, val)		this_cpu_add(pcp, val)
#define __this_cpu_sub(pcp, val)		this_cpu_sub(pcp, val)
#define __this_cpu_inc(pcp)			this_cpu_inc(pcp)
#define __this_cpu_dec(pcp)			this_cpu_dec(pcp)
#define __this_cpu_and(pcp, val)		this_cpu_and(pcp, val)
#define __this_cpu_or(pcp, val)			this_cpu_or(pcp, val)
#define __this_cpu_add_return(pcp, val)		this_cpu_add_return(pcp, val)
#define __this_cpu_inc_return(pcp)		this_cpu_inc_return(pcp)
#define __this_cpu_dec_return(pcp)		this_cpu_dec_return(pcp)
#define __this_cpu_xchg(pcp, val)		this_cpu_xchg(pcp, val)
#define __this_cpu_cmpxchg(pcp, old, val)	this_cpu_cmpxchg(pcp, old, val)

#endif /* __cplusplus */

#endif

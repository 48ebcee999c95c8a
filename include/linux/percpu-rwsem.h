/* SPDX-License-Identifier: MIT */
/*
 * percpu-rwsem.h - rw_semaphores whose readers are meant to be many
 *
 * Differs from Linux: a plain rw_semaphore inside. In the kernel readers touch
 * only a counter of their CPU and a writer pays with an RCU grace period; here
 * both sides cost the same and the promises are those of rwsem.h.
 * percpu_is_read_locked() tells whether there are readers, as in the kernel.
 */
#ifndef UWQ_LINUX_PERCPU_RWSEM_H
#define UWQ_LINUX_PERCPU_RWSEM_H

#include <linux/rwsem.h>

struct percpu_rw_semaphore {
	struct rw_semaphore rwsem;
};

#define __PERCPU_RWSEM_INITIALIZER(name)	{ __RWSEM_INITIALIZER((name).rwsem) }

#define DEFINE_PERCPU_RWSEM(name)	\
	struct percpu_rw_semaphore name = __PERCPU_RWSEM_INITIALIZER(name)
#define DEFINE_STATIC_PERCPU_RWSEM(name)	\
	static struct percpu_rw_semaphore name = __PERCPU_RWSEM_INITIALIZER(name)

/* Always 0: nothing is allocated. */
static inline int percpu_init_rwsem(struct percpu_rw_semaphore *sem)
{
	init_rwsem(&sem->rwsem);
	return 0;
}

/* Nothing was allocated, so nothing is freed. */
static inline void percpu_free_rwsem(struct percpu_rw_semaphore *sem)
{
	(void)sem;
}

static inline void percpu_down_read(struct percpu_rw_semaphore *sem)
{
	down_read(&sem->rwsem);
}

static inline bool percpu_down_read_trylock(struct percpu_rw_semaphore *sem)
{
	return down_read_trylock(&sem->rwsem);
}

static inline void percpu_up_read(struct percpu_rw_semaphore *sem)
{
	up_read(&sem->rwsem);
}

static inline void percpu_down_write(struct percpu_rw_semaphore *sem)
{
	down_write(&sem->rwsem);
}

static inline void percpu_up_write(struct percpu_rw_semaphore *sem)
{
	up_write(&sem->rwsem);
}

static inline bool percpu_is_read_locked(struct percpu_rw_semaphore *sem)
{
	return __atomic_load_n(&sem->rwsem.count, __ATOMIC_RELAXED) > 0;
}

static inline bool percpu_is_write_locked(struct percpu_rw_semaphore *sem)
{
	return __atomic_load_n(&sem->rwsem.count, __ATOMIC_RELAXED) < 0;
}

#define percpu_rwsem_is_held(sem)	lockdep_is_held(&(sem)->rwsem)
#define percpu_rwsem_assert_held(sem)	lockdep_assert_held(&(sem)->rwsem)

#endif

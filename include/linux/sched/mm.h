/* SPDX-License-Identifier: MIT */
/*
 * sched/mm.h - allocation scopes
 *
 * Scopes are flags of the task, saved and restored in nesting order.
 *
 * Differs from Linux: memory comes from malloc(), which starts no I/O and
 * enters no file system of ours, so the flags change no allocation. They are
 * kept truly because code reads them, and the workqueue's check for forbidden
 * flushes looks at PF_MEMALLOC.
 */
#ifndef UWQ_LINUX_SCHED_MM_H
#define UWQ_LINUX_SCHED_MM_H

#include <linux/sched.h>

static inline unsigned int uwq_task_flag_save(unsigned int flag)
{
	unsigned int old = READ_ONCE(current->flags) & flag;

	WRITE_ONCE(current->flags, READ_ONCE(current->flags) | flag);
	return old;
}

static inline void uwq_task_flag_restore(unsigned int flag, unsigned int old)
{
	WRITE_ONCE(current->flags, (READ_ONCE(current->flags) & ~flag) | old);
}

static inline unsigned int memalloc_noio_save(void)
{
	return uwq_task_flag_save(PF_MEMALLOC_NOIO);
}

static inline void memalloc_noio_restore(unsigned int flags)
{
	uwq_task_flag_restore(PF_MEMALLOC_NOIO, flags);
}

static inline unsigned int memalloc_nofs_save(void)
{
	return uwq_task_flag_save(PF_MEMALLOC_NOFS);
}

static inline void memalloc_nofs_restore(unsigned int flags)
{
	uwq_task_flag_restore(PF_MEMALLOC_NOFS, flags);
}

static inline unsigned int memalloc_noreclaim_save(void)
{
	return uwq_task_flag_save(PF_MEMALLOC);
}

static inline void memalloc_noreclaim_restore(unsigned int flags)
{
	uwq_task_flag_restore(PF_MEMALLOC, flags);
}

#endif

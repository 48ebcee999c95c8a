/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - what was allocated and not freed, and by whom
 *
 * Every live block of kmalloc(), kmem_cache_alloc(), vmalloc() and
 * __get_free_pages() has an entry: address, size, the instruction that asked
 * for it, and the period in which it did. A mark ends a period.
 *
 *	unsigned int mark = uwq_ledger_mark();
 *	... load module, run, unload ...
 *	left = uwq_ledger_report(mark, module_start, module_end);
 */
#ifndef UWQ_LEDGER_H
#define UWQ_LEDGER_H

#include <stddef.h>
#include <uwq/api.h>

struct uwq_ledger_sum {
	size_t objects;
	size_t bytes;
};

UWQ_API_BEGIN
unsigned int uwq_ledger_mark(void);

/*
 * What is live, was allocated in period @since or later, and by code in
 * [@from, @to); both NULL: by any code. Other threads may allocate meanwhile.
 */
struct uwq_ledger_sum uwq_ledger_count(unsigned int since, const void *from, const void *to);

/*
 * As uwq_ledger_count(), and prints it as warnings: one line with the sum, then
 * one per place that allocated. Nothing is printed when nothing is left. Waits
 * for rcu_barrier() first, so that objects given to kfree_rcu() do not count;
 * sleeps.
 */
struct uwq_ledger_sum uwq_ledger_report(unsigned int since, const void *from, const void *to);
UWQ_API_END

#endif

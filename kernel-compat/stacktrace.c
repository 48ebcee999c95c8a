// SPDX-License-Identifier: MIT
/*
 * stacktrace.c - walking up the stack
 *
 * The compiler's own unwinder does it, from the tables that every x86-64 and
 * arm64 object carries; backtrace(3) would allocate and load a library at the
 * worst moment. Callable with any lock held.
 *
 * Differs from Linux: there is only the calling thread's stack.
 */
#include <unwind.h>

#include <linux/export.h>
#include <linux/kallsyms.h>
#include <linux/printk.h>
#include <linux/stacktrace.h>

struct walk {
	unsigned long *store;
	unsigned int   size, skip, nr;
};

static _Unwind_Reason_Code walk_frame(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	unsigned long ip = _Unwind_GetIP(context);

	if (!ip)
		return _URC_END_OF_STACK;
	if (walk->skip) {
		walk->skip--;
		return _URC_NO_REASON;
	}
	if (walk->nr == walk->size)
		return _URC_END_OF_STACK;
	walk->store[walk->nr++] = ip;
	return _URC_NO_REASON;
}

/**
 * stack_trace_save - the return addresses of the calling thread
 * @store: where to
 * @size: room in @store, in addresses
 * @skipnr: how many of the innermost frames to leave out; 0 begins with the caller
 *
 * Context: any. Return: how many addresses were stored.
 */
__attribute__((__noinline__))
unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skipnr)
{
	struct walk walk = { .store = store, .size = size, .skip = skipnr + 1 };

	_Unwind_Backtrace(walk_frame, &walk);
	return walk.nr;
}
EXPORT_SYMBOL_GPL(stack_trace_save);

void stack_trace_print(const unsigned long *entries, unsigned int nr_entries, int spaces)
{
	for (unsigned int i = 0; i < nr_entries; i++)
		printk("%*s%pB\n", spaces + 1, "", (void *)entries[i]);
}
EXPORT_SYMBOL_GPL(stack_trace_print);

int stack_trace_snprint(char *buf, size_t size, const unsigned long *entries,
			unsigned int nr_entries, int spaces)
{
	int total = 0;

	for (unsigned int i = 0; i < nr_entries && size; i++) {
		int len = snprintf(buf, size, "%*s%pB\n", spaces + 1, "", (void *)entries[i]);

		total += len;
		if ((size_t)len >= size)
			break;
		buf += len;
		size -= (size_t)len;
	}
	return total;
}
EXPORT_SYMBOL_GPL(stack_trace_snprint);

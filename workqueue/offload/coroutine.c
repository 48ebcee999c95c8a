// SPDX-License-Identifier: MIT
/*
 * coroutine.c - coroutines on ucontext
 *
 * Each thread has a current coroutine; who entered it is kept in the coroutine. A switch is a
 * swapcontext(). The stack of a coroutine that has returned is freed by the one that is
 * continued after it, since nobody can free the stack that he stands on.
 *
 * A coroutine may be continued in another thread than before, so the address of a thread's
 * variable must not be kept across a switch: it is asked for in functions that are not
 * inlined. The sanitizers are told of each switch.
 *
 * Locks: none. A coroutine is in one thread at a time, which is the user's business.
 */
#include <errno.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/slab.h>

#include <uwq/annotate.h>
#include <uwq/coroutine.h>

#define STACK_SIZE	(256 * 1024)	/* without the page that guards it */

struct Coroutine {
	CoroutineEntry *entry;
	void *opaque;
	Coroutine *caller;	/* who entered it; valid while it runs */
	bool running, finished;
	ucontext_t context;
	char *stack;		/* NULL: the thread's own, see this_thread */
#ifdef UWQ_HAVE_TSAN
	void *fiber;
#endif
#ifdef UWQ_HAVE_ASAN
	void *fake_stack;
	const void *bottom;
	size_t size;
#endif
};

static __thread Coroutine this_thread;	/* what runs outside of any coroutine */
static __thread Coroutine *current_co;	/* NULL: that */

static noinline Coroutine *get_current(void)
{
	return current_co ? current_co : &this_thread;
}

static noinline void set_current(Coroutine *co)
{
	current_co = co->stack ? co : NULL;
}

/* ---- what the sanitizers want to know ---- */

#ifdef UWQ_HAVE_TSAN
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned int flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned int flags);

static void fiber_create(Coroutine *co)
{
	co->fiber = __tsan_create_fiber(0);
}

static void fiber_destroy(Coroutine *co)
{
	__tsan_destroy_fiber(co->fiber);
}

/* Inlined: between here and the switch no function may be left, as the sanitizer counts them */
static __always_inline void fiber_leave(Coroutine *from, Coroutine *to)
{
	from->fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(to->fiber, 0);
}
#else
static void fiber_create(Coroutine *co)
{
	(void)co;
}

static void fiber_destroy(Coroutine *co)
{
	(void)co;
}

static void fiber_leave(Coroutine *from, Coroutine *to)
{
	(void)from;
	(void)to;
}
#endif

#ifdef UWQ_HAVE_ASAN
void __sanitizer_start_switch_fiber(void **fake_stack, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *fake_stack, const void **bottom, size_t *size);

static void stack_leave(Coroutine *from, Coroutine *to)
{
	__sanitizer_start_switch_fiber(from->finished ? NULL : &from->fake_stack, to->bottom,
				       to->size);
}

/* @from: whose stack it was before; its bounds are learned here if it is a thread's */
static void stack_arrive(Coroutine *to, Coroutine *from)
{
	__sanitizer_finish_switch_fiber(to->fake_stack, &from->bottom, &from->size);
}

static void stack_bounds(Coroutine *co)
{
	co->bottom = co->stack;
	co->size = STACK_SIZE;
}
#else
static void stack_leave(Coroutine *from, Coroutine *to)
{
	(void)from;
	(void)to;
}

static void stack_arrive(Coroutine *to, Coroutine *from)
{
	(void)to;
	(void)from;
}

static void stack_bounds(Coroutine *co)
{
	(void)co;
}
#endif

/* ---- stacks ---- */

static int make_stack(Coroutine *co)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, guard + STACK_SIZE, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (map == MAP_FAILED)
		return -ENOMEM;
	if (mprotect(map + guard, STACK_SIZE, PROT_READ | PROT_WRITE)) {
		munmap(map, guard + STACK_SIZE);
		return -ENOMEM;
	}
	co->stack = map + guard;
	return 0;
}

static void free_co(Coroutine *co)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);

	fiber_destroy(co);
	munmap(co->stack - guard, guard + STACK_SIZE);
	kfree(co);
}

/* ---- switching ---- */

static void switch_to(Coroutine *from, Coroutine *to)
{
	set_current(to);
	stack_leave(from, to);
	fiber_leave(from, to);
	swapcontext(&from->context, &to->context);
}

/* The first function on a new stack. makecontext() hands over ints only. */
static void run(void)
{
	Coroutine *co = get_current();

	stack_arrive(co, co->caller);
	co->entry(co->opaque);
	co->finished = true;
	switch_to(co, co->caller);
	BUG();
}

/**
 * qemu_coroutine_create - make a coroutine
 * @entry: its function
 *
 * Context: May sleep.
 * Return: the coroutine, to be entered; it is freed when @entry has returned. NULL with errno
 * ENOMEM, or EINVAL if @entry is NULL.
 */
Coroutine *qemu_coroutine_create(CoroutineEntry *entry)
{
	Coroutine *co;

	if (!entry) {
		errno = EINVAL;
		return NULL;
	}
	co = kzalloc(sizeof(*co), GFP_KERNEL);
	if (!co || make_stack(co)) {
		kfree(co);
		errno = ENOMEM;
		return NULL;
	}
	co->entry = entry;
	stack_bounds(co);
	fiber_create(co);
	getcontext(&co->context);
	co->context.uc_stack.ss_sp = co->stack;
	co->context.uc_stack.ss_size = STACK_SIZE;
	makecontext(&co->context, run, 0);
	return co;
}
EXPORT_SYMBOL(qemu_coroutine_create);

/**
 * qemu_coroutine_enter - run a coroutine until it yields or returns
 * @co: new, or one that has yielded; gone when its function has returned. If it runs (it is
 *	the caller, or has entered the caller), that is reported, and nothing happens
 * @opaque: argument of its function; without meaning if it has run before
 *
 * Context: Any thread, inside and outside of coroutines.
 */
void qemu_coroutine_enter(Coroutine *co, void *opaque)
{
	Coroutine *self = get_current();

	if (WARN(co->running || !co->stack, "a coroutine is entered that runs\n"))
		return;
	co->running = true;
	co->caller = self;
	co->opaque = opaque;
	switch_to(self, co);
	stack_arrive(self, co);
	if (co->finished)
		free_co(co);
}
EXPORT_SYMBOL(qemu_coroutine_enter);

/**
 * qemu_coroutine_yield - go back to whoever has entered the running coroutine
 *
 * Returns when somebody enters it again. Outside of a coroutine that is reported, and
 * nothing happens.
 *
 * Context: Inside of coroutines.
 */
void qemu_coroutine_yield(void)
{
	Coroutine *self = get_current();

	if (WARN(!self->stack, "yield outside of a coroutine\n"))
		return;
	self->running = false;
	switch_to(self, self->caller);
	stack_arrive(self, self->caller);
}
EXPORT_SYMBOL(qemu_coroutine_yield);

/**
 * qemu_coroutine_self - who am I?
 *
 * Context: Any thread.
 * Return: the coroutine that runs in this thread; outside of any, something that stands for
 * the thread and cannot be entered: see qemu_in_coroutine().
 */
Coroutine *qemu_coroutine_self(void)
{
	return get_current();
}
EXPORT_SYMBOL(qemu_coroutine_self);

/**
 * qemu_in_coroutine - does a coroutine run in this thread?
 *
 * Context: Any thread.
 * Return: true: yes.
 */
bool qemu_in_coroutine(void)
{
	return get_current()->stack;
}
EXPORT_SYMBOL(qemu_in_coroutine);

/* SPDX-License-Identifier: MIT */
/*
 * contestant.h - what a work queue gives to the bench, so that all run the same cases
 *
 * Each contestant is one source file. It includes this header, defines what follows as
 * static inline functions, and at the end includes cases.h, which holds the cases and
 * main(). So the cases are written once, and the compiler can inline each contestant's
 * calls as it would in a user's program. cases.h compiles as C11 and as C++17.
 *
 * Every contestant is used as its documentation recommends; none is held back.
 *
 *  Always:
 *	CONTESTANT		its name, a string
 *	struct item		what is queued, with the contestant's own handle inside and
 *				bench_size_ok(item) after it: 64 bytes, on its own line
 *				(more lines only if the handle is larger)
 *				It is prepared before the clock starts.
 *	struct pool		queue and threads; the harness makes it all zero
 *	void pool_open(struct pool *, int workers)
 *				that many items can run at the same time
 *	void pool_close(struct pool *)
 *				nothing is queued any more
 *	void item_init(struct item *, item_fn fn)
 *	void submit(struct pool *, struct item *)
 *				fn(item) will be called once; from any producer and from fn
 *
 *  With a #define each, where the library has it. Cases that need one are not there
 *  without it, others use what the harness has for everybody:
 *	HAS_PRODUCERS	void producer_begin(struct pool *), void producer_end(struct pool *)
 *			called in each thread that submits, before and after; end may run
 *			what only that thread can run (an event loop)
 *	HAS_WAIT_ALL	void wait_all(struct pool *): all that was submitted has run.
 *			Without it: an atomic countdown and a futex
 *	HAS_WAIT_ITEM	void wait_item(struct pool *, struct item *), the same for one
 *	CALLER_RUNS_ITEMS  wait_all() runs items itself; producers end with it
 *	NO_SUBMIT_FROM_ITEM  submit() must not be called from fn
 *	HAS_PERCPU	void pool_open_percpu(struct pool *): one worker for each CPU;
 *			submit() goes to that of the producer's CPU. Without it the
 *			harness opens one pool for each CPU, unless ONE_POOL_ONLY
 *	HAS_USUAL	void pool_open_usual(struct pool *): the queue of who sets no limit to
 *			how many items run. Without it: one worker
 *	HAS_ORDERED	void pool_open_ordered(struct pool *). Without it: one worker
 *	HAS_CANCEL	bool cancel(struct pool *, struct item *): take it out of the
 *			queue; afterwards it does not run and may be freed
 *	HAS_CANCEL_END	void cancel_end(struct pool *): after many cancel(), what is left to
 *			do until the items may be used again; part of what is timed
 *	HAS_LATE	struct late; void late_init(struct late *, late_fn),
 *			void late_arm(struct pool *, struct late *, unsigned int ms),
 *			void late_mod(the same), void late_cancel(struct pool *, struct late *)
 *	HAS_LOOP	void run_loop(struct pool *): what is armed fires only while the
 *			thread that armed it runs a loop; back when nothing is armed
 *	HAS_TIMER	void timer_start(unsigned int ms, void (*fn)(void)): fn is called once by
 *			the library itself, not through a queue; one at a time
 *	HAS_SPIN	void pool_spin(bool on): whether workers poll before they sleep
 */
#ifndef BENCH_CONTESTANT_H
#define BENCH_CONTESTANT_H

#include <stdbool.h>

struct item;
struct pool;
struct late;
typedef void (*item_fn)(struct item *item);
typedef void (*late_fn)(struct late *late);

#define BENCH_LINE	64

#ifdef __cplusplus
#define bench_size_ok(type)	static_assert(sizeof(struct type) == BENCH_LINE, "one line")
#else
#define bench_size_ok(type)	_Static_assert(sizeof(struct type) == BENCH_LINE, "one line")
#endif

#endif

// SPDX-License-Identifier: MIT
/*
 * tasklets.c - a module of the older style: a timer stands for the interrupt, whose work
 * is left to a tasklet, and a declared tasklet runs once at load
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/timer.h>

static int beats = 5;
module_param(beats, int, 0444);
MODULE_PARM_DESC(beats, "how many interrupts there are");

struct device_state {
	struct tasklet_struct bottom;
	struct timer_list interrupt;
	spinlock_t lock;
	int raised, handled;
};

static struct device_state device;

static void bottom_half(struct tasklet_struct *t)
{
	struct device_state *state = from_tasklet(state, t, bottom);
	int todo;

	spin_lock_bh(&state->lock);
	todo = state->raised - state->handled;
	state->handled = state->raised;
	spin_unlock_bh(&state->lock);
	pr_info("tasklets: %d handled, softirq %d, process %d\n", todo,
		!!in_serving_softirq(), !!in_task());
}

static void interrupt(struct timer_list *timer)
{
	struct device_state *state = from_timer(state, timer, interrupt);
	bool more;

	spin_lock(&state->lock);
	more = ++state->raised < beats;
	spin_unlock(&state->lock);
	tasklet_schedule(&state->bottom);
	if (more)
		mod_timer(timer, jiffies + 1);
}

static void old_style(unsigned long data)
{
	pr_info("tasklets: old style, data %lu\n", data);
}

static DECLARE_TASKLET_OLD(at_load, old_style);

static int __init tasklets_init(void)
{
	spin_lock_init(&device.lock);
	tasklet_setup(&device.bottom, bottom_half);
	timer_setup(&device.interrupt, interrupt, 0);
	at_load.data = 42;
	tasklet_schedule(&at_load);
	mod_timer(&device.interrupt, jiffies + 1);
	return 0;
}

static void __exit tasklets_exit(void)
{
	del_timer_sync(&device.interrupt);
	tasklet_kill(&device.bottom);
	tasklet_kill(&at_load);
	pr_info("tasklets: %s, %d of %d handled\n", device.raised &&
		device.handled == device.raised ? "nothing is lost" : "something is lost",
		device.handled, device.raised);
}

module_init(tasklets_init);
module_exit(tasklets_exit);
MODULE_DESCRIPTION("test: tasklets in a module");
MODULE_LICENSE("Dual MIT/GPL");

// SPDX-License-Identifier: MIT
/* ticks.c - a delayed item that queues itself again, @times times or for ever */
#include <linux/module.h>
#include <linux/workqueue.h>

static int times;
module_param(times, int, 0444);
static int seen;

static void tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(item, tick);

static void tick(struct work_struct *work)
{
	seen++;
	if (seen == 1)
		pr_info("ticks: first\n");
	if (!times || seen < times)
		schedule_delayed_work(&item, HZ / 50);
}

static int __init ticks_init(void)
{
	schedule_delayed_work(&item, HZ / 50);
	return 0;
}

static void __exit ticks_exit(void)
{
	/* it may be running just now: then it is kept from queueing itself */
	cancel_delayed_work_sync(&item);
	pr_info("ticks: %d, %s\n", seen, times && seen >= times ? "over" : "cancelled");
}

module_init(ticks_init);
module_exit(ticks_exit);
MODULE_LICENSE("Dual MIT/GPL");

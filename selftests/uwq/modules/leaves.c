// SPDX-License-Identifier: MIT
/* leaves.c - exit forgets what the parameter names; with none it is tidy */
#include <linux/device.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

static char *what = "nothing";
module_param(what, charp, 0444);

static void forgotten_fn(struct work_struct *work)
{
}
static DECLARE_DELAYED_WORK(forgotten_item, forgotten_fn);

static void forgotten_timer_fn(struct timer_list *timer)
{
}
static DEFINE_TIMER(forgotten_timer, forgotten_timer_fn);

static int forgotten_thread(void *data)
{
	for (;;)
		schedule_timeout_interruptible(HZ);
	return 0;
}

static ssize_t forgotten_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "here\n");
}
static DEVICE_ATTR_RO(forgotten);

static void leave_device(void)
{
	struct device *dev = root_device_register("leaves");

	if (device_create_file(dev, &dev_attr_forgotten))
		pr_err("no file\n");
	if (strcmp(what, "device"))
		root_device_unregister(dev);
}

static int __init leaves_init(void)
{
	return 0;
}

static void __exit leaves_exit(void)
{
	void *memory = kmalloc(1234, GFP_KERNEL);

	if (strcmp(what, "memory"))
		kfree(memory);
	if (!strcmp(what, "item"))
		schedule_delayed_work(&forgotten_item, 1000 * HZ);
	if (!strcmp(what, "timer"))
		mod_timer(&forgotten_timer, jiffies + 1000 * HZ);
	if (!strcmp(what, "thread"))
		kthread_run(forgotten_thread, NULL, "forgotten");
	leave_device();
	if (!strcmp(what, "reference"))
		__module_get(THIS_MODULE);
}

module_init(leaves_init);
module_exit(leaves_exit);
MODULE_LICENSE("Dual MIT/GPL");

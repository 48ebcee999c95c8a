// SPDX-License-Identifier: MIT
/* gadget.c - a driver as they are written: a class, a device, files, a queue of its own */
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/version.h>
#include <linux/workqueue.h>

struct gadget {
	struct device *dev;
	struct workqueue_struct *wq;
	struct work_struct work;
	int level;
};

static struct class *gadget_class;
static struct gadget *gadget;

static void raise_level(struct work_struct *work)
{
	struct gadget *g = container_of(work, struct gadget, work);

	g->level++;
	dev_info(g->dev, "level %d\n", g->level);
}

static ssize_t level_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct gadget *g = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", g->level);
}

static ssize_t level_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	struct gadget *g = dev_get_drvdata(dev);
	int err = kstrtoint(buf, 10, &g->level);

	if (err)
		return err;
	queue_work(g->wq, &g->work);
	return count;
}
static DEVICE_ATTR_RW(level);

static struct attribute *gadget_attrs[] = {
	&dev_attr_level.attr,
	NULL,
};
ATTRIBUTE_GROUPS(gadget);

static void say_goodbye(void *data)
{
	struct gadget *g = data;

	pr_info("goodbye at level %d\n", g->level);
}

static int gadget_probe(struct device *dev)
{
	gadget = devm_kzalloc(dev, sizeof(*gadget), GFP_KERNEL);
	if (!gadget)
		return -ENOMEM;
	gadget->dev = dev;
	dev_set_drvdata(dev, gadget);
	INIT_WORK(&gadget->work, raise_level);
	if (devm_add_action_or_reset(dev, say_goodbye, gadget))
		return -ENOMEM;
#ifdef __UWQ__
	gadget->wq = devm_alloc_ordered_workqueue(dev, "%s-wq", WQ_SYSFS, dev_name(dev));
#endif
	return gadget->wq ? 0 : -ENOMEM;
}

static void write_level(const char *text)
{
	struct file *file = filp_open("/sys/class/gadgets/gadget0/level", O_WRONLY, 0);
	loff_t pos = 0;

	if (IS_ERR(file)) {
		pr_err("no file: %ld\n", PTR_ERR(file));
		return;
	}
	pr_info("written: %zd\n", kernel_write(file, text, strlen(text), &pos));
	filp_close(file, NULL);
}

static int __init gadget_init(void)
{
	struct device *dev;
	int err;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	gadget_class = class_create("gadgets");
#else
	gadget_class = class_create(THIS_MODULE, "gadgets");
#endif
	if (IS_ERR(gadget_class))
		return PTR_ERR(gadget_class);
	dev = device_create_with_groups(gadget_class, NULL, MKDEV(240, 0), NULL, gadget_groups,
					"gadget%d", 0);
	if (IS_ERR(dev)) {
		class_destroy(gadget_class);
		return PTR_ERR(dev);
	}
	err = gadget_probe(dev);
	if (err) {
		device_destroy(gadget_class, MKDEV(240, 0));
		class_destroy(gadget_class);
		return err;
	}
	write_level("41\n");
	write_level("high\n");
	return 0;
}

static void __exit gadget_exit(void)
{
	device_destroy(gadget_class, MKDEV(240, 0));
	class_destroy(gadget_class);
}

module_init(gadget_init);
module_exit(gadget_exit);
MODULE_LICENSE("Dual MIT/GPL");

// SPDX-License-Identifier: MIT
/*
 * dev_printk.c - messages that say which device they are about
 */
#include <linux/device.h>
#include <linux/export.h>

/**
 * dev_driver_string - what to call the driver of a device
 * @dev: device
 *
 * Return: the driver's name, else the bus's, else the class's, else "".
 */
const char *dev_driver_string(const struct device *dev)
{
	const struct device_driver *driver = READ_ONCE(dev->driver);

	if (driver)
		return driver->name;
	if (dev->bus)
		return dev->bus->name;
	return dev->class ? dev->class->name : "";
}
EXPORT_SYMBOL(dev_driver_string);

static void print(const char *level, const struct device *dev, struct va_format *text)
{
	const char *name = dev ? dev_name(dev) : NULL;

	if (!dev)
		printk("%s(NULL device *): %pV", level, text);
	else
		printk("%s%s %s: %pV", level, dev_driver_string(dev), name ? name : "(unnamed)",
		       text);
}

/**
 * _dev_printk - print a message about a device
 * @level: KERN_*
 * @dev: device, or NULL
 * @fmt: format
 *
 * Called through dev_err() and its relatives.
 *
 * Context: any.
 */
void _dev_printk(const char *level, const struct device *dev, const char *fmt, ...)
{
	struct va_format text = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	text.va = &args;
	print(level, dev, &text);
	va_end(args);
}
EXPORT_SYMBOL(_dev_printk);

/**
 * dev_err_probe - say why a device cannot be used, and pass the error on
 * @dev: device
 * @err: negative errno; -EPROBE_DEFER is a debug message, -ENOMEM none at all,
 *	 because the allocator has complained
 * @fmt: format
 *
 * Context: any.
 * Return: @err.
 */
int dev_err_probe(const struct device *dev, int err, const char *fmt, ...)
{
	struct va_format text = { .fmt = fmt };
	va_list args;

	if (err == -ENOMEM)
		return err;
	va_start(args, fmt);
	text.va = &args;
	_dev_printk(err == -EPROBE_DEFER ? KERN_DEBUG : KERN_ERR, dev, "error %pe: %pV",
		    ERR_PTR(err), &text);
	va_end(args);
	return err;
}
EXPORT_SYMBOL_GPL(dev_err_probe);

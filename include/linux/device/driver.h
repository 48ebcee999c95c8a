/* SPDX-License-Identifier: MIT */
/*
 * driver.h - the name of a driver
 *
 * Differs from Linux: drivers are not registered and never asked to probe. What
 * exists lets messages say who speaks.
 */
#ifndef UWQ_LINUX_DEVICE_DRIVER_H
#define UWQ_LINUX_DEVICE_DRIVER_H

#include <linux/device/bus.h>

struct module;

struct device_driver {
	const char		*name;
	const struct bus_type	*bus;
	struct module		*owner;
	const char		*mod_name;
};

#endif

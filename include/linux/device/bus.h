/* SPDX-License-Identifier: MIT */
/*
 * bus.h - kinds of devices that have no hardware: subsystems
 *
 * subsys_virtual_register() makes /sys/bus/NAME with the folder devices, and
 * /sys/devices/virtual/NAME, where devices of that bus without a parent live.
 *
 * Differs from Linux: only such virtual subsystems. bus_register() is absent,
 * because nothing would match drivers to devices.
 */
#ifndef UWQ_LINUX_DEVICE_BUS_H
#define UWQ_LINUX_DEVICE_BUS_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <uwq/api.h>

struct attribute_group;
struct device;

/**
 * struct bus_type - a subsystem
 * @name: of its folders
 * @dev_name: devices that have no name are called this and their id
 * @dev_groups: files of each device
 */
struct bus_type {
	const char *name;
	const char *dev_name;
	const struct attribute_group **dev_groups;
};

UWQ_API_BEGIN
int subsys_virtual_register(const struct bus_type *subsys, const struct attribute_group **groups);
void bus_unregister(const struct bus_type *bus);
struct device *bus_get_dev_root(const struct bus_type *bus);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * reboot.h - the end of the machine, which is the end of the process here
 */
#ifndef UWQ_LINUX_REBOOT_H
#define UWQ_LINUX_REBOOT_H

#include_next <linux/reboot.h>
#include <linux/notifier.h>
#include <uwq/api.h>

/* Actions that reboot notifiers see */
#define SYS_DOWN	0x0001
#define SYS_RESTART	SYS_DOWN
#define SYS_HALT	0x0002
#define SYS_POWER_OFF	0x0003

UWQ_API_BEGIN

int register_reboot_notifier(struct notifier_block *nb);
int unregister_reboot_notifier(struct notifier_block *nb);
void kernel_power_off(void);
void orderly_poweroff(bool force);

UWQ_API_END

#endif

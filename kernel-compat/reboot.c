// SPDX-License-Identifier: MIT
/*
 * reboot.c - reboot notifiers, and modules that switch the machine off
 *
 * Test modules end with kernel_power_off(). The notifiers run, then the process
 * gets SIGTERM, which `uwq run` answers by unloading its modules.
 *
 * Differs from Linux: kernel_power_off() returns, because the thread that
 * called it is part of the module that has to be unloaded.
 */
#include <signal.h>
#include <unistd.h>

#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/reboot.h>

static BLOCKING_NOTIFIER_HEAD(reboot_chain);

/**
 * register_reboot_notifier - be told before the process ends by kernel_power_off()
 * @nb: block; the caller's, kept until it is unregistered
 *
 * Context: May sleep.
 * Return: 0, or -EEXIST.
 */
int register_reboot_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&reboot_chain, nb);
}

/**
 * unregister_reboot_notifier - be told no longer
 * @nb: block
 *
 * Context: May sleep.
 * Return: 0, or -ENOENT.
 */
int unregister_reboot_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&reboot_chain, nb);
}

/**
 * kernel_power_off - tell the notifiers, then ask the process to end
 *
 * Context: May sleep.
 */
void kernel_power_off(void)
{
	blocking_notifier_call_chain(&reboot_chain, SYS_POWER_OFF, NULL);
	pr_emerg("reboot: power off asked for, ending the process\n");
	kill(getpid(), SIGTERM);
}

/**
 * orderly_poweroff - as kernel_power_off()
 * @force: ignored: there is no program to ask first that could fail
 *
 * Context: May sleep.
 */
void orderly_poweroff(bool force)
{
	(void)force;
	kernel_power_off();
}

// SPDX-License-Identifier: MIT
/* undeclared.c - calls what the headers do not have */
#include <linux/module.h>

static int __init undeclared_init(void)
{
	return register_moon_phase_notifier();
}

module_init(undeclared_init);
MODULE_LICENSE("Dual MIT/GPL");

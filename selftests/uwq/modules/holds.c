// SPDX-License-Identifier: MIT
/* holds.c - a module that holds a reference to itself */
#include <linux/module.h>

static int __init holds_init(void)
{
	return try_module_get(THIS_MODULE) ? 0 : -ENODEV;
}

static void __exit holds_exit(void)
{
	pr_info("holds: exit ran\n");
}

module_init(holds_init);
module_exit(holds_exit);
MODULE_LICENSE("Dual MIT/GPL");

// SPDX-License-Identifier: MIT
/* fails.c - init returns -err; written as old code writes it, without semicolons */
#include <linux/module.h>

static int err = 2;
module_param(err, int, 0444);

static int __init fails_init(void)
{
	return -err;
}

static void __exit fails_exit(void)
{
	pr_info("fails: exit ran\n");
}

module_init(fails_init)
module_exit(fails_exit)
MODULE_LICENSE("Dual MIT/GPL");

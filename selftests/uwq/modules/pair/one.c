// SPDX-License-Identifier: MIT
/* one.c - half of a module */
#include <linux/module.h>
#include "pair.h"

static int __init pair_init(void)
{
	pr_info(KBUILD_MODNAME ": %s %d\n", PAIR_GREETING, pair_two());
	return 0;
}

static void __exit pair_exit(void)
{
}

module_init(pair_init);
module_exit(pair_exit);
MODULE_LICENSE("Dual MIT/GPL");

// SPDX-License-Identifier: MIT
/* misses.c - declares functions that nobody has */
#include <linux/module.h>

int nobody_has_this(void);
int nor_this(void);

static int __init misses_init(void)
{
	return nobody_has_this() + nor_this();
}

module_init(misses_init);
MODULE_LICENSE("Dual MIT/GPL");

// SPDX-License-Identifier: MIT
/* takes.c - uses offers.c; has a global of the name that offers.c has too */
#include <linux/module.h>

int offered(void);
int private_name(void);

int private_name(void)
{
	return 2;
}

static int __init takes_init(void)
{
	pr_info("takes: got %d, private %d\n", offered(), private_name());
	return 0;
}

static void __exit takes_exit(void)
{
	pr_info("takes: exit\n");
}

module_init(takes_init);
module_exit(takes_exit);
MODULE_LICENSE("Dual MIT/GPL");

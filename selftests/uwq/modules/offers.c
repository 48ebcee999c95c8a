// SPDX-License-Identifier: MIT
/* offers.c - exports one function and keeps another of the same file to itself */
#include <linux/module.h>

int offered(void);
int private_name(void);

int offered(void)
{
	return 42;
}
EXPORT_SYMBOL_GPL(offered);

int private_name(void)
{
	return 1;
}

static int __init offers_init(void)
{
	pr_info("offers: private %d\n", private_name());
	return 0;
}

static void __exit offers_exit(void)
{
	pr_info("offers: exit\n");
}

module_init(offers_init);
module_exit(offers_exit);
MODULE_LICENSE("Dual MIT/GPL");

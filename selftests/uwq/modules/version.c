// SPDX-License-Identifier: MIT
/* version.c - which kernel, which CPUs? */
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/version.h>

static int __init version_init(void)
{
	pr_info("version %d.%d, cpus %u\n", LINUX_VERSION_CODE >> 16,
		(LINUX_VERSION_CODE >> 8) & 255, num_online_cpus());
	return 0;
}

static void __exit version_exit(void)
{
}

module_init(version_init);
module_exit(version_exit);
MODULE_LICENSE("Dual MIT/GPL");

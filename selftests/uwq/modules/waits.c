// SPDX-License-Identifier: MIT
/* waits.c - init waits, as code that can be interrupted does, for what never comes */
#include <linux/completion.h>
#include <linux/module.h>

static DECLARE_COMPLETION(never);

static int __init waits_init(void)
{
	int ret;

	pr_info("waits: begins\n");
	ret = wait_for_completion_interruptible(&never);
	return ret ? -EINTR : 0;
}

module_init(waits_init);
MODULE_LICENSE("Dual MIT/GPL");

// SPDX-License-Identifier: MIT
/* thread.c - a kthread that ends by itself, and is waited for */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>

static int body(void *data)
{
	msleep(200);
	pr_info("thread: over\n");
	return 0;
}

static int __init thread_init(void)
{
	return PTR_ERR_OR_ZERO(kthread_run(body, NULL, "body"));
}

static void __exit thread_exit(void)
{
	pr_info("thread: exit\n");
}

module_init(thread_init);
module_exit(thread_exit);
MODULE_LICENSE("Dual MIT/GPL");

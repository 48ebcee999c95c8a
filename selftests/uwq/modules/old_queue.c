// SPDX-License-Identifier: Dual MIT/GPL
/* A queue as sources of older kernels make it: neither WQ_PERCPU nor WQ_UNBOUND. */
#include <linux/module.h>
#include <linux/workqueue.h>

static struct workqueue_struct *wq;

static int __init old_queue_init(void)
{
	wq = alloc_workqueue("old-%s", WQ_MEM_RECLAIM, 1, "queue");
	return wq ? 0 : -ENOMEM;
}

static void __exit old_queue_exit(void)
{
	destroy_workqueue(wq);
}

module_init(old_queue_init);
module_exit(old_queue_exit);
MODULE_LICENSE("Dual MIT/GPL");

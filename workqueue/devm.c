// SPDX-License-Identifier: MIT
/*
 * devm.c - queues that are destroyed when their device is unregistered
 *
 * The device keeps a record (kernel-compat/devres.c) with the queue in it. Records are
 * undone newest first, so queues die in the reverse order of their making (C148).
 *
 * Differs from Linux: a queue that somebody has destroyed by hand as well is told by
 * its serial number and reported, where the kernel would use freed memory.
 */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/string.h>

#include "workqueue/workqueue_internal.h"

struct managed {
	struct workqueue_struct *wq;	/* may be gone: compared, not followed */
	u64 serial;
	char name[WQ_NAME_LEN];
};

/* Nobody has begun to destroy it. */
static bool still_there(const struct managed *managed)
{
	struct workqueue_struct *wq;
	bool there = false;

	mutex_lock(&wq_pool_mutex);
	list_for_each_entry(wq, &workqueues, list)
		if (wq == managed->wq)
			there = wq->serial == managed->serial && !(wq_flags(wq) & __WQ_DESTROYING);
	mutex_unlock(&wq_pool_mutex);
	return there;
}

static void destroy_managed(struct device *dev, void *res)
{
	struct managed *managed = res;

	if (!WARN(!still_there(managed),
		  "workqueue: wq %s was destroyed by hand, but device %s does that itself\n",
		  managed->name, dev_name(dev)))
		destroy_workqueue(managed->wq);
}

/**
 * devm_alloc_workqueue_noprof - make a queue that goes with a device
 * @dev: device; destroys the queue when it is unregistered, queues made later first
 * @fmt: printf format of the queue's name
 * @flags: as for alloc_workqueue()
 * @max_active: likewise
 *
 * Called through devm_alloc_workqueue(). The queue must not be destroyed by hand.
 *
 * Context: May sleep.
 * Return: the queue; NULL: as alloc_workqueue(), or no memory for the device's record.
 */
struct workqueue_struct *devm_alloc_workqueue_noprof(struct device *dev, const char *fmt,
						     unsigned int flags, int max_active, ...)
{
	struct managed *managed = devres_alloc(destroy_managed, sizeof(*managed), GFP_KERNEL);
	va_list args;

	if (!managed)
		return NULL;
	va_start(args, max_active);
	managed->wq = wq_alloc_va(fmt, flags, max_active, args);
	va_end(args);
	if (!managed->wq) {
		devres_free(managed);
		return NULL;
	}
	managed->serial = managed->wq->serial;
	strscpy(managed->name, managed->wq->name, sizeof(managed->name));
	devres_add(dev, managed);
	return managed->wq;
}
EXPORT_SYMBOL_GPL(devm_alloc_workqueue_noprof);

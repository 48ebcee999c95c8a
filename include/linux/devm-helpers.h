/* SPDX-License-Identifier: MIT */
/*
 * devm-helpers.h - work items that are cancelled when their device goes
 *
 * The item must not be queued any more by then by anybody but itself.
 */
#ifndef UWQ_LINUX_DEVM_HELPERS_H
#define UWQ_LINUX_DEVM_HELPERS_H

#include <linux/device.h>
#include <linux/workqueue.h>

static inline void devm_delayed_work_drop(void *dwork)
{
	cancel_delayed_work_sync(dwork);
}

static inline int devm_delayed_work_autocancel(struct device *dev, struct delayed_work *dwork,
					       work_func_t func)
{
	INIT_DELAYED_WORK(dwork, func);
	return devm_add_action(dev, devm_delayed_work_drop, dwork);
}

static inline void devm_work_drop(void *work)
{
	cancel_work_sync(work);
}

static inline int devm_work_autocancel(struct device *dev, struct work_struct *work,
				       work_func_t func)
{
	INIT_WORK(work, func);
	return devm_add_action(dev, devm_work_drop, work);
}

#endif

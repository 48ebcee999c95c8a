// SPDX-License-Identifier: MIT
/*
 * devm_action.c - calls that are made when a device's life ends
 *
 * The simplest use of devres.c: a function and one argument.
 */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>

#include "kernel-compat/devres_internal.h"

struct action {
	void (*func)(void *data);
	void *data;
};

static void run_action(struct device *dev, void *res)
{
	struct action *action = res;

	(void)dev;
	action->func(action->data);
}

static int is_action(struct device *dev, void *res, void *wanted)
{
	struct action *action = res, *want = wanted;

	(void)dev;
	return action->func == want->func && action->data == want->data;
}

static int add(struct device *dev, void (*func)(void *), void *data, const char *name,
	       const void *caller)
{
	struct action *res = devres_new(run_action, sizeof(*res), GFP_KERNEL, name, caller);

	if (!res)
		return -ENOMEM;
	res->func = func;
	res->data = data;
	devres_add(dev, res);
	return 0;
}

/**
 * __devm_add_action - call a function when the device's life ends
 * @dev: device
 * @action: the function
 * @data: its argument
 * @name: of @action
 *
 * Called through devm_add_action().
 *
 * Return: 0, or -ENOMEM: it will not be called.
 */
int __devm_add_action(struct device *dev, void (*action)(void *), void *data, const char *name)
{
	return add(dev, action, data, name, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(__devm_add_action);

/**
 * __devm_add_action_or_reset - devm_add_action(), or call the function at once
 * @dev: device
 * @action: the function
 * @data: its argument
 * @name: of @action
 *
 * Called through devm_add_action_or_reset().
 *
 * Return: 0, or -ENOMEM after @action was called.
 */
int __devm_add_action_or_reset(struct device *dev, void (*action)(void *), void *data,
			       const char *name)
{
	int ret = add(dev, action, data, name, __builtin_return_address(0));

	if (ret)
		action(data);
	return ret;
}
EXPORT_SYMBOL_GPL(__devm_add_action_or_reset);

/**
 * devm_remove_action_nowarn - forget an action, if it was added
 * @dev: device
 * @action: function
 * @data: its argument
 *
 * Return: 0, or -ENOENT.
 */
int devm_remove_action_nowarn(struct device *dev, void (*action)(void *), void *data)
{
	struct action want = { action, data };

	return devres_destroy(dev, run_action, is_action, &want);
}
EXPORT_SYMBOL_GPL(devm_remove_action_nowarn);

/**
 * devm_remove_action - forget an action
 * @dev: device
 * @action: function, as it was added; otherwise a WARN
 * @data: its argument
 */
void devm_remove_action(struct device *dev, void (*action)(void *), void *data)
{
	WARN(devm_remove_action_nowarn(dev, action, data),
	     "devm_remove_action: %s has no action %ps(%p)\n", dev_name(dev), (void *)action, data);
}
EXPORT_SYMBOL_GPL(devm_remove_action);

/**
 * devm_release_action - call an action now, and forget it
 * @dev: device
 * @action: function, as it was added; otherwise a WARN, and it is not called
 * @data: its argument
 */
void devm_release_action(struct device *dev, void (*action)(void *), void *data)
{
	struct action want = { action, data };

	WARN(devres_release(dev, run_action, is_action, &want),
	     "devm_release_action: %s has no action %ps(%p)\n", dev_name(dev), (void *)action,
	     data);
}
EXPORT_SYMBOL_GPL(devm_release_action);

/**
 * devm_is_action_added - will this be called?
 * @dev: device
 * @action: function
 * @data: its argument
 */
bool devm_is_action_added(struct device *dev, void (*action)(void *), void *data)
{
	struct action want = { action, data };

	return devres_find(dev, run_action, is_action, &want) != NULL;
}
EXPORT_SYMBOL_GPL(devm_is_action_added);

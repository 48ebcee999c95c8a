// SPDX-License-Identifier: MIT
/*
 * notifier.c - notifier chains: callbacks by priority, until one says stop
 *
 * Blocks belong to their callers and are linked through their own next. Equal
 * priorities keep the order of registration.
 *
 * Locks: of the chain. Walks of an atomic chain hold only rcu_read_lock(), those of
 * an SRCU chain only srcu_read_lock(), and unregistering waits for them, so that a
 * block may be freed afterwards.
 * Differs from Linux: nothing.
 */
#include <linux/bug.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>

static int chain_register(struct notifier_block **at, struct notifier_block *nb)
{
	for (struct notifier_block *other = *at; other; other = other->next) {
		if (WARN(other == nb, "notifier %ps registered twice\n", nb->notifier_call))
			return -EEXIST;
	}
	while (*at && (*at)->priority >= nb->priority)
		at = &(*at)->next;
	nb->next = *at;
	rcu_assign_pointer(*at, nb);
	return 0;
}

static int chain_unregister(struct notifier_block **at, struct notifier_block *nb)
{
	for (; *at; at = &(*at)->next) {
		if (*at == nb) {
			rcu_assign_pointer(*at, nb->next);
			return 0;
		}
	}
	return -ENOENT;
}

/*
 * Calls @most of them at most, -1 = all, and counts in @called.
 * A callback may unregister itself from a raw chain: take next before the call.
 */
static int chain_call_some(struct notifier_block **head, unsigned long action, void *data,
			   int most, int *called)
{
	struct notifier_block *nb = rcu_dereference_raw(*head);
	int ret = NOTIFY_DONE;

	for (*called = 0; nb && *called != most && !(ret & NOTIFY_STOP_MASK); ++*called) {
		struct notifier_block *next = rcu_dereference_raw(nb->next);

		ret = nb->notifier_call(nb, action, data);
		nb = next;
	}
	return ret;
}

static int chain_call(struct notifier_block **head, unsigned long action, void *data)
{
	int called;

	return chain_call_some(head, action, data, -1, &called);
}

/* Whoever agreed before one refused is told @down; the one that refused is not. */
static int chain_call_robust(struct notifier_block **head, unsigned long up,
			     unsigned long down, void *data)
{
	int called, ret = chain_call_some(head, up, data, -1, &called);

	if (ret & NOTIFY_STOP_MASK)
		chain_call_some(head, down, data, called - 1, &called);
	return ret;
}

/**
 * atomic_notifier_chain_register - add a callback to an atomic chain
 * @nh: chain
 * @nb: block; the caller's, kept until it is unregistered
 *
 * Context: Any but NMI.
 * Return: 0, or -EEXIST if @nb is in it already.
 */
int atomic_notifier_chain_register(struct atomic_notifier_head *nh, struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = chain_register(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	return ret;
}

/**
 * atomic_notifier_chain_unregister - remove a callback from an atomic chain
 * @nh: chain
 * @nb: block; the caller may free it afterwards
 *
 * Context: May sleep: waits for walks that may have seen @nb.
 * Return: 0, or -ENOENT if it was not there.
 */
int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh, struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = chain_unregister(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	synchronize_rcu();
	return ret;
}

/**
 * atomic_notifier_call_chain - call the callbacks of an atomic chain
 * @nh: chain
 * @action: handed to them
 * @data: handed to them
 *
 * Context: Any. Callbacks must not sleep.
 * Return: what the last one called returned; NOTIFY_DONE if there is none.
 */
int atomic_notifier_call_chain(struct atomic_notifier_head *nh, unsigned long action, void *data)
{
	int ret;

	rcu_read_lock();
	ret = chain_call(&nh->head, action, data);
	rcu_read_unlock();
	return ret;
}

/**
 * blocking_notifier_chain_register - add a callback to a blocking chain
 * @nh: chain
 * @nb: block; the caller's, kept until it is unregistered
 *
 * Context: May sleep.
 * Return: 0, or -EEXIST if @nb is in it already.
 */
int blocking_notifier_chain_register(struct blocking_notifier_head *nh,
				     struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_register(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}

/**
 * blocking_notifier_chain_unregister - remove a callback from a blocking chain
 * @nh: chain
 * @nb: block; the caller may free it afterwards
 *
 * Context: May sleep. Not from a callback of the chain.
 * Return: 0, or -ENOENT if it was not there.
 */
int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
				       struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = chain_unregister(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}

/**
 * blocking_notifier_call_chain - call the callbacks of a blocking chain
 * @nh: chain
 * @action: handed to them
 * @data: handed to them
 *
 * Context: May sleep, and so may the callbacks.
 * Return: what the last one called returned; NOTIFY_DONE if there is none.
 */
int blocking_notifier_call_chain(struct blocking_notifier_head *nh, unsigned long action,
				 void *data)
{
	int ret;

	down_read(&nh->rwsem);
	ret = chain_call(&nh->head, action, data);
	up_read(&nh->rwsem);
	return ret;
}

/**
 * blocking_notifier_call_chain_robust - call them, and take it back if one refuses
 * @nh: chain
 * @up: action to call them with
 * @down: action for those that were called before the one that refused
 * @data: handed to them
 *
 * Context: May sleep, and so may the callbacks. No block comes or goes between the two.
 * Return: what the last one called with @up returned; NOTIFY_DONE if there is none.
 */
int blocking_notifier_call_chain_robust(struct blocking_notifier_head *nh, unsigned long up,
					unsigned long down, void *data)
{
	int ret;

	down_read(&nh->rwsem);
	ret = chain_call_robust(&nh->head, up, down, data);
	up_read(&nh->rwsem);
	return ret;
}

/**
 * srcu_init_notifier_head - make an empty SRCU chain
 * @nh: chain; srcu_cleanup_notifier_head() before its memory goes
 */
void srcu_init_notifier_head(struct srcu_notifier_head *nh)
{
	mutex_init(&nh->mutex);
	init_srcu_struct(&nh->srcu);
	nh->head = NULL;
}

/**
 * srcu_notifier_chain_register - add a callback to an SRCU chain
 * @nh: chain
 * @nb: block; the caller's, kept until it is unregistered
 *
 * Context: May sleep.
 * Return: 0, or -EEXIST if @nb is in it already.
 */
int srcu_notifier_chain_register(struct srcu_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	mutex_lock(&nh->mutex);
	ret = chain_register(&nh->head, nb);
	mutex_unlock(&nh->mutex);
	return ret;
}

/**
 * srcu_notifier_chain_unregister - remove a callback from an SRCU chain
 * @nh: chain
 * @nb: block; the caller may free it afterwards
 *
 * Context: May sleep: waits for walks that may have seen @nb. Not from a callback of
 * the chain.
 * Return: 0, or -ENOENT if it was not there.
 */
int srcu_notifier_chain_unregister(struct srcu_notifier_head *nh, struct notifier_block *nb)
{
	int ret;

	mutex_lock(&nh->mutex);
	ret = chain_unregister(&nh->head, nb);
	mutex_unlock(&nh->mutex);
	synchronize_srcu(&nh->srcu);
	return ret;
}

/**
 * srcu_notifier_call_chain - call the callbacks of an SRCU chain
 * @nh: chain
 * @action: handed to them
 * @data: handed to them
 *
 * Context: May sleep if the callbacks do. Takes no lock: callbacks may add others.
 * Return: what the last one called returned; NOTIFY_DONE if there is none.
 */
int srcu_notifier_call_chain(struct srcu_notifier_head *nh, unsigned long action, void *data)
{
	int idx = srcu_read_lock(&nh->srcu);
	int ret = chain_call(&nh->head, action, data);

	srcu_read_unlock(&nh->srcu, idx);
	return ret;
}

/**
 * raw_notifier_chain_register - add a callback to a chain without a lock
 * @nh: chain; the caller keeps others out
 * @nb: block; the caller's, kept until it is unregistered
 *
 * Return: 0, or -EEXIST if @nb is in it already.
 */
int raw_notifier_chain_register(struct raw_notifier_head *nh, struct notifier_block *nb)
{
	return chain_register(&nh->head, nb);
}

/**
 * raw_notifier_chain_unregister - remove a callback from a chain without a lock
 * @nh: chain; the caller keeps others out
 * @nb: block
 *
 * Return: 0, or -ENOENT if it was not there.
 */
int raw_notifier_chain_unregister(struct raw_notifier_head *nh, struct notifier_block *nb)
{
	return chain_unregister(&nh->head, nb);
}

/**
 * raw_notifier_call_chain - call the callbacks of a chain without a lock
 * @nh: chain; the caller keeps changes out
 * @action: handed to them
 * @data: handed to them
 *
 * Return: what the last one called returned; NOTIFY_DONE if there is none.
 */
int raw_notifier_call_chain(struct raw_notifier_head *nh, unsigned long action, void *data)
{
	return chain_call(&nh->head, action, data);
}

/**
 * raw_notifier_call_chain_robust - call them, and take it back if one refuses
 * @nh: chain; the caller keeps changes out
 * @up: action to call them with
 * @down: action for those that were called before the one that refused
 * @data: handed to them
 *
 * Return: what the last one called with @up returned; NOTIFY_DONE if there is none.
 */
int raw_notifier_call_chain_robust(struct raw_notifier_head *nh, unsigned long up,
				   unsigned long down, void *data)
{
	return chain_call_robust(&nh->head, up, down, data);
}

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Code that includes one of the kernel's umbrella headers finds there what it would
# find in Linux: locks, waits, memory, time, errno values, with no other include.
. ../tap

# covers HEADER "what" BODY: BODY compiles in a function behind HEADER alone
covers()
{
	printf '#include <%s>\nint probe(void);\nint probe(void)\n{\n%s\n}\n' "$1" "$3" >"$work/probe.c"
	for cc in gcc clang; do
		command -v $cc >/dev/null || continue
		$cc -std=gnu11 -O2 -D__KERNEL__ -Wall -Wextra -Werror -fsyntax-only -I"$top/include" \
			"$work/probe.c" >"$work/said" 2>&1
		result $? "$1 brings $2, $cc"
	done
}

covers linux/module.h "completions and wait queues" '
	DECLARE_COMPLETION_ONSTACK(done);
	DECLARE_WAIT_QUEUE_HEAD(wq);
	complete(&done);
	wake_up_var(&done);
	return !try_wait_for_completion(&done) || waitqueue_active(&wq);'
covers linux/module.h "locks of all kinds" '
	static DEFINE_MUTEX(m);
	static DECLARE_RWSEM(r);
	static DEFINE_SEQLOCK(s);
	static DEFINE_SPINLOCK(l);
	DEFINE_STATIC_SRCU(srcu);
	struct semaphore sem;
	struct percpu_rw_semaphore *p = NULL;
	sema_init(&sem, 1);
	return mutex_is_locked(&m) + rwsem_is_locked(&r) + read_seqbegin(&s) + spin_is_locked(&l) +
	       (srcu_read_lock_held(&srcu) || p);'
covers linux/module.h "memory" '
	void *p = kzalloc(8, GFP_KERNEL);
	kfree(p);
	return p ? 0 : -ENOMEM;'
covers linux/module.h "timers" '
	struct hrtimer *h = NULL;
	struct timer_list *t = NULL;
	return h ? hrtimer_cancel(h) : t ? timer_delete_sync(t) : 0;'
covers linux/module.h "references, trees and lists" '
	struct kref ref;
	struct rb_root root = RB_ROOT;
	LLIST_HEAD(list);
	kref_init(&ref);
	return refcount_read(&ref.refcount) == 1 && RB_EMPTY_ROOT(&root) && llist_empty(&list);'
covers linux/module.h "notifiers, kobjects and user memory" '
	static BLOCKING_NOTIFIER_HEAD(chain);
	struct kobject *kobj = NULL;
	char c;
	kobject_put(kobj);
	return blocking_notifier_call_chain(&chain, 1, NULL) + (int)copy_from_user(&c, NULL, 0) +
	       printk_ratelimit() + (int)get_random_u32();'
covers linux/interrupt.h "tasks, CPUs and texts" '
	char text[8];
	if (IS_ERR(current) || smp_processor_id() < 0)
		return -EINVAL;
	return snprintf(text, sizeof(text), "%zu", strlen("x"));'

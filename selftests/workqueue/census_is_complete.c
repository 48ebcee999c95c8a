// SPDX-License-Identifier: MIT
/*
 * census_is_complete.c - U21, U22: every public name of Linux workqueues is there
 *
 * All 224 names by their kind, in the order of the specification's census: types,
 * enumerators, macros, functions, variables, parameters, files, tracepoints. Whatever is
 * missing does not compile or link, or is named by the test that looks for it. What each
 * does is the business of the other tests.
 */
#include "wq_test.h"

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <trace/events/workqueue.h>
#include <uwq/param.h>

static void func(struct work_struct *work)
{
	(void)work;
}

/* ---- types ---- */

TEST(types)
{
	static const size_t sizes[] = {
		sizeof(struct work_struct),
		sizeof(struct delayed_work),
		sizeof(struct rcu_work),
		sizeof(struct execute_work),
		sizeof(struct workqueue_attrs),
		sizeof(struct workqueue_struct *),
		sizeof(work_func_t),
		sizeof(enum work_bits),
		sizeof(enum work_flags),
		sizeof(enum wq_misc_consts),
		sizeof(enum wq_flags),
		sizeof(enum wq_consts),
		sizeof(enum wq_affn_scope),
	};

	EXPECT_EQ(13, ARRAY_SIZE(sizes));
}

/* ---- enumerators ---- */

TEST(enumerators)
{
	static const long long values[] = {
		WORK_STRUCT_PENDING_BIT, WORK_STRUCT_INACTIVE_BIT, WORK_STRUCT_PWQ_BIT,
		WORK_STRUCT_LINKED_BIT, WORK_STRUCT_STATIC_BIT, WORK_STRUCT_FLAG_BITS,
		WORK_STRUCT_COLOR_SHIFT, WORK_STRUCT_COLOR_BITS, WORK_STRUCT_PWQ_SHIFT,
		WORK_OFFQ_FLAG_SHIFT, WORK_OFFQ_BH_BIT, WORK_OFFQ_FLAG_END,
		WORK_OFFQ_FLAG_BITS, WORK_OFFQ_DISABLE_SHIFT, WORK_OFFQ_DISABLE_BITS,
		WORK_OFFQ_POOL_SHIFT, WORK_OFFQ_LEFT, WORK_OFFQ_POOL_BITS, WORK_STRUCT_PENDING,
		WORK_STRUCT_INACTIVE, WORK_STRUCT_PWQ, WORK_STRUCT_LINKED, WORK_STRUCT_STATIC,
		WORK_NR_COLORS, WORK_CPU_UNBOUND, WORK_BUSY_PENDING, WORK_BUSY_RUNNING,
		WORKER_DESC_LEN, WQ_AFFN_DFL, WQ_AFFN_CPU, WQ_AFFN_SMT, WQ_AFFN_CACHE,
		WQ_AFFN_CACHE_SHARD, WQ_AFFN_NUMA, WQ_AFFN_SYSTEM, WQ_AFFN_NR_TYPES, WQ_BH,
		WQ_UNBOUND, WQ_FREEZABLE, WQ_MEM_RECLAIM, WQ_HIGHPRI, WQ_CPU_INTENSIVE,
		WQ_SYSFS, WQ_POWER_EFFICIENT, WQ_PERCPU, __WQ_DESTROYING, __WQ_DRAINING,
		__WQ_ORDERED, __WQ_LEGACY, __WQ_DEPRECATED, __WQ_BH_ALLOWS, WQ_MAX_ACTIVE,
		WQ_UNBOUND_MAX_ACTIVE, WQ_DFL_ACTIVE, WQ_DFL_MIN_ACTIVE,
	};

	EXPECT_EQ(55, ARRAY_SIZE(values));
}

/* ---- macros ---- */

#if !defined(work_data_bits) || !defined(WORK_OFFQ_BH) || !defined(WORK_OFFQ_FLAG_MASK) ||  \
    !defined(WORK_OFFQ_DISABLE_MASK) || !defined(WORK_OFFQ_POOL_NONE) ||  \
    !defined(WORK_STRUCT_NO_POOL) || !defined(WORK_STRUCT_PWQ_MASK) ||  \
    !defined(WORK_DATA_INIT) || !defined(WORK_DATA_STATIC_INIT) ||  \
    !defined(__WORK_INIT_LOCKDEP_MAP) || !defined(__WORK_INITIALIZER) ||  \
    !defined(__DELAYED_WORK_INITIALIZER) || !defined(DECLARE_WORK) ||  \
    !defined(DECLARE_DELAYED_WORK) || !defined(DECLARE_DEFERRABLE_WORK) ||  \
    !defined(__INIT_WORK_KEY) || !defined(__INIT_WORK) || !defined(INIT_WORK) ||  \
    !defined(INIT_WORK_ONSTACK) || !defined(INIT_WORK_ONSTACK_KEY) ||  \
    !defined(__INIT_DELAYED_WORK) || !defined(__INIT_DELAYED_WORK_ONSTACK) ||  \
    !defined(INIT_DELAYED_WORK) || !defined(INIT_DELAYED_WORK_ONSTACK) ||  \
    !defined(INIT_DEFERRABLE_WORK) || !defined(INIT_DEFERRABLE_WORK_ONSTACK) ||  \
    !defined(INIT_RCU_WORK) || !defined(INIT_RCU_WORK_ONSTACK) ||  \
    !defined(work_pending) || !defined(delayed_work_pending) ||  \
    !defined(alloc_workqueue) || !defined(devm_alloc_workqueue) ||  \
    !defined(alloc_ordered_workqueue_lockdep_map) ||  \
    !defined(alloc_ordered_workqueue) || !defined(devm_alloc_ordered_workqueue) ||  \
    !defined(create_workqueue) || !defined(create_freezable_workqueue) ||  \
    !defined(create_singlethread_workqueue) || !defined(from_work) ||  \
    !defined(alloc_workqueue_attrs) || !defined(flush_scheduled_work) ||  \
    !defined(flush_workqueue) || !defined(work_on_cpu)
#error "a macro of the census is missing"
#endif

struct holder {
	int before;
	struct work_struct work;
};

static struct work_struct initialised = __WORK_INITIALIZER(initialised, func);
static struct delayed_work delayed = __DELAYED_WORK_INITIALIZER(delayed, func, 0);
static DECLARE_WORK(declared, func);
static DECLARE_DELAYED_WORK(declared_delayed, func);
static DECLARE_DEFERRABLE_WORK(declared_deferrable, func);

TEST(macros_that_make_items)
{
	static struct lock_class_key key;
	struct work_struct work = {
		.data = WORK_DATA_INIT(),
		__WORK_INIT_LOCKDEP_MAP("work", &key)
	};
	const struct work_struct fixed = { .data = WORK_DATA_STATIC_INIT() };
	struct holder holder, *found;
	struct delayed_work dwork;
	struct rcu_work rwork;

	EXPECT_EQ(WORK_STRUCT_NO_POOL, *work_data_bits(&work));
	EXPECT_EQ(WORK_STRUCT_NO_POOL, (unsigned long)fixed.data.counter);
	EXPECT_FALSE(work_pending(&initialised) || delayed_work_pending(&delayed));
	EXPECT_FALSE(work_pending(&declared) || delayed_work_pending(&declared_delayed) ||
		     delayed_work_pending(&declared_deferrable));
	__INIT_WORK(&work, func, 0);
	__INIT_WORK_KEY(&work, func, 0, &key);
	INIT_WORK(&work, func);
	INIT_WORK_ONSTACK(&work, func);
	INIT_WORK_ONSTACK_KEY(&work, func, &key);
	destroy_work_on_stack(&work);
	INIT_WORK(&holder.work, func);
	found = from_work(found, &holder.work, work);
	EXPECT_TRUE(found == &holder);
	__INIT_DELAYED_WORK(&dwork, func, 0);
	INIT_DELAYED_WORK(&dwork, func);
	INIT_DEFERRABLE_WORK(&dwork, func);
	__INIT_DELAYED_WORK_ONSTACK(&dwork, func, 0);
	INIT_DELAYED_WORK_ONSTACK(&dwork, func);
	INIT_DEFERRABLE_WORK_ONSTACK(&dwork, func);
	destroy_delayed_work_on_stack(&dwork);
	INIT_RCU_WORK(&rwork, func);
	INIT_RCU_WORK_ONSTACK(&rwork, func);
}

TEST(macros_that_are_masks)
{
	EXPECT_EQ(WORK_OFFQ_BH, WORK_OFFQ_FLAG_MASK);
	EXPECT_EQ(0ul, WORK_OFFQ_DISABLE_MASK & WORK_OFFQ_FLAG_MASK);
	EXPECT_EQ(WORK_OFFQ_POOL_NONE << WORK_OFFQ_POOL_SHIFT, WORK_STRUCT_NO_POOL);
	EXPECT_EQ(0ul, WORK_STRUCT_PWQ_MASK & ((1ul << WORK_STRUCT_PWQ_SHIFT) - 1));
}

static long forty_two(void *arg)
{
	return 42 + (arg != NULL);
}

TEST(macros_that_make_and_flush_queues)
{
	struct device *dev = root_device_register("census");
	struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("map", &map);
	struct workqueue_struct *queues[] = {
		alloc_workqueue("census%d", WQ_PERCPU, 0, 1),
		alloc_ordered_workqueue("census%d", 0, 2),
		alloc_ordered_workqueue_lockdep_map("census%d", 0, &map, 3),
		alloc_workqueue_lockdep_map("census%d", WQ_UNBOUND, 0, &map, 4),
		create_workqueue("census5"),
		create_freezable_workqueue("census6"),
		create_singlethread_workqueue("census7"),
	};
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct counter counter;

	log_count("");
	for (size_t i = 0; i < ARRAY_SIZE(queues); i++) {
		ASSERT_TRUE(queues[i]);
		counter_init(&counter);
		queue_work(queues[i], &counter.work);
		flush_workqueue(queues[i]);
		EXPECT_EQ(1, GET(counter.runs));
		destroy_workqueue(queues[i]);
	}
	EXPECT_TRUE(devm_alloc_workqueue(dev, "census%d", WQ_PERCPU, 0, 8));
	EXPECT_TRUE(devm_alloc_ordered_workqueue(dev, "census%d", 0, 9));
	root_device_unregister(dev);
	EXPECT_TRUE(attrs);
	free_workqueue_attrs(attrs);
	flush_scheduled_work();
	EXPECT_EQ(42, work_on_cpu(0, forty_two, NULL));
}

/* ---- functions ---- */

TEST(functions)
{
	static void *const functions[] = {
		(void *)to_delayed_work, (void *)to_rcu_work, (void *)__init_work,
		(void *)destroy_work_on_stack, (void *)destroy_delayed_work_on_stack,
		(void *)work_static, (void *)delayed_work_timer_fn,
		(void *)alloc_workqueue_noprof, (void *)devm_alloc_workqueue_noprof,
		(void *)alloc_workqueue_lockdep_map, (void *)destroy_workqueue,
		(void *)alloc_workqueue_attrs_noprof, (void *)free_workqueue_attrs,
		(void *)apply_workqueue_attrs, (void *)workqueue_unbound_housekeeping_update,
		(void *)queue_work_on, (void *)queue_work_node, (void *)queue_work,
		(void *)queue_delayed_work_on, (void *)queue_delayed_work,
		(void *)mod_delayed_work_on, (void *)mod_delayed_work, (void *)queue_rcu_work,
		(void *)schedule_work_on, (void *)schedule_work,
		(void *)schedule_delayed_work_on, (void *)schedule_delayed_work,
		(void *)enable_and_queue_work, (void *)schedule_on_each_cpu,
		(void *)execute_in_process_context, (void *)work_on_cpu_key,
		(void *)work_on_cpu_safe, (void *)__flush_workqueue, (void *)drain_workqueue,
		(void *)flush_work, (void *)flush_delayed_work, (void *)flush_rcu_work,
		(void *)cancel_work, (void *)cancel_work_sync, (void *)cancel_delayed_work,
		(void *)cancel_delayed_work_sync, (void *)disable_work,
		(void *)disable_work_sync, (void *)enable_work, (void *)disable_delayed_work,
		(void *)disable_delayed_work_sync, (void *)enable_delayed_work,
		(void *)workqueue_set_max_active, (void *)workqueue_set_min_active,
		(void *)current_work, (void *)current_is_workqueue_rescuer,
		(void *)current_is_workqueue_mem_reclaim, (void *)workqueue_congested,
		(void *)work_busy, (void *)set_worker_desc, (void *)print_worker_info,
		(void *)show_all_workqueues, (void *)show_freezable_workqueues,
		(void *)show_one_workqueue, (void *)wq_worker_comm,
		(void *)__warn_flushing_systemwide_wq, (void *)freeze_workqueues_begin,
		(void *)freeze_workqueues_busy, (void *)thaw_workqueues,
		(void *)workqueue_sysfs_register, (void *)wq_watchdog_touch,
		(void *)workqueue_prepare_cpu, (void *)workqueue_online_cpu,
		(void *)workqueue_offline_cpu, (void *)workqueue_softirq_action,
		(void *)workqueue_softirq_dead, (void *)workqueue_init_early,
		(void *)workqueue_init, (void *)workqueue_init_topology,
		(void *)wq_worker_running, (void *)wq_worker_sleeping, (void *)wq_worker_tick,
		(void *)wq_worker_last_func,
	};

	EXPECT_EQ(78, ARRAY_SIZE(functions));
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		EXPECT_TRUE(functions[i]);
}

/* ---- variables ---- */

TEST(variables)
{
	struct workqueue_struct *const queues[] = {
		system_wq, system_percpu_wq, system_highpri_wq, system_long_wq,
		system_unbound_wq, system_dfl_wq, system_freezable_wq,
		system_power_efficient_wq, system_freezable_power_efficient_wq, system_bh_wq,
		system_bh_highpri_wq, system_dfl_long_wq,
	};

	EXPECT_EQ(12, ARRAY_SIZE(queues));
	for (size_t i = 0; i < ARRAY_SIZE(queues); i++)
		EXPECT_TRUE(queues[i]);
}

/* ---- parameters ---- */

TEST(parameters)
{
	static const char *const names[] = {
		"cpu_intensive_thresh_us", "cpu_intensive_warning_thresh", "power_efficient",
		"cache_shard_size", "debug_force_rr_cpu", "default_affinity_scope",
		"watchdog_thresh", "panic_on_stall", "panic_on_stall_time", "unbound_cpus",
	};
	char value[100];

	EXPECT_EQ(10, ARRAY_SIZE(names));
	log_count("");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char name[64];

		snprintf(name, sizeof(name), "workqueue.%s", names[i]);
		/* the last one is for the start only, and refused by name */
		if (i == ARRAY_SIZE(names) - 1)
			EXPECT_EQ(-EPERM, uwq_param_set(name, "0"));
		else
			EXPECT_TRUE(uwq_param_get(name, value, sizeof(value)) > 0);
	}
}

/* ---- files ---- */

static bool file_is_there(const char *folder, const char *name)
{
	char path[128], text[256];
	struct file *file;
	loff_t pos = 0;
	bool readable;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = filp_open(path, O_RDONLY, 0);
	if (IS_ERR(file))
		return false;
	readable = kernel_read(file, text, sizeof(text), &pos) > 0;
	filp_close(file, NULL);
	return readable;
}

TEST(files)
{
	static const char *const of_queue[] = {
		"per_cpu", "max_active", "nice", "cpumask", "affinity_scope", "affinity_strict",
	};
	/* the ninth word of the census is the heading of these */
	static const char *const of_all[] = { "cpumask", "cpumask_requested", "cpumask_isolated" };
	struct workqueue_struct *wq = alloc_workqueue("census", WQ_UNBOUND | WQ_SYSFS, 0);

	for (size_t i = 0; i < ARRAY_SIZE(of_queue); i++)
		EXPECT_TRUE(file_is_there("/sys/bus/workqueue/devices/census", of_queue[i]))
			TH_LOG("%s", of_queue[i]);
	for (size_t i = 0; i < ARRAY_SIZE(of_all); i++)
		EXPECT_TRUE(file_is_there("/sys/devices/virtual/workqueue", of_all[i]))
			TH_LOG("%s", of_all[i]);
	destroy_workqueue(wq);
}

/* ---- tracepoints ---- */

TEST(tracepoints)
{
	static void *const functions[] = {
		(void *)register_trace_workqueue_queue_work,
		(void *)unregister_trace_workqueue_queue_work,
		(void *)register_trace_workqueue_activate_work,
		(void *)unregister_trace_workqueue_activate_work,
		(void *)register_trace_workqueue_execute_start,
		(void *)unregister_trace_workqueue_execute_start,
		(void *)register_trace_workqueue_execute_end,
		(void *)unregister_trace_workqueue_execute_end,
	};

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		EXPECT_TRUE(functions[i]);
	EXPECT_FALSE(trace_workqueue_queue_work_enabled());
	EXPECT_FALSE(trace_workqueue_activate_work_enabled());
	EXPECT_FALSE(trace_workqueue_execute_start_enabled());
	EXPECT_FALSE(trace_workqueue_execute_end_enabled());
}

TEST_HARNESS_MAIN_CPUS(2)

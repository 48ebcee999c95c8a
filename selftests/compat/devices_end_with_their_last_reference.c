// SPDX-License-Identifier: MIT
/*
 * A device has a name, a folder below /sys with its files, and lives until its last
 * reference; classes and subsystems list their devices; messages name them; whichever
 * allocation fails, the call says so and leaves nothing (U24, U21).
 */
#include "../kselftest_harness.h"

#include <linux/device.h>
#include <linux/slab.h>
#include <uwq/ledger.h>
#include <uwq/sysfs.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "log_test.h"

static int released;

struct gadget {
	struct device dev;
	int level;
};

static void gadget_release(struct device *dev)
{
	released++;
	kfree(container_of(dev, struct gadget, dev));
}

static ssize_t level_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)attr;
	return sysfs_emit(buf, "%d\n", container_of(dev, struct gadget, dev)->level);
}

static ssize_t level_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	int err = kstrtoint(buf, 0, &container_of(dev, struct gadget, dev)->level);

	(void)attr;
	return err ? err : (ssize_t)count;
}
static DEVICE_ATTR_RW(level);

static struct attribute *gadget_attrs[] = { &dev_attr_level.attr, NULL };
ATTRIBUTE_GROUPS(gadget);

static struct gadget *new_gadget(void)
{
	struct gadget *gadget = kzalloc(sizeof(*gadget), GFP_KERNEL);

	device_initialize(&gadget->dev);
	gadget->dev.release = gadget_release;
	gadget->level = 7;
	return gadget;
}

static const char *read_it(const char *path)
{
	static char text[64];
	ssize_t len = uwq_sysfs_read(path, text, sizeof(text));

	if (len < 0)
		sprintf(text, "error %zd", len);
	return text;
}

FIXTURE(nothing_left) {
	unsigned int mark;
};

FIXTURE_SETUP(nothing_left)
{
	self->mark = uwq_ledger_mark();
}

FIXTURE_TEARDOWN(nothing_left)
{
	EXPECT_EQ(0, uwq_ledger_count(self->mark, NULL, NULL).objects);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST_F(nothing_left, the_last_reference_releases)
{
	struct gadget *gadget = new_gadget();
	int data;

	(void)self;
	ASSERT_EQ(0, dev_set_name(&gadget->dev, "gadget%d", 3));
	gadget->dev.groups = gadget_groups;
	EXPECT_FALSE(device_is_registered(&gadget->dev));
	ASSERT_EQ(0, device_add(&gadget->dev));
	EXPECT_TRUE(device_is_registered(&gadget->dev));
	EXPECT_STREQ("gadget3", dev_name(&gadget->dev));
	dev_set_drvdata(&gadget->dev, &data);
	EXPECT_EQ(&data, dev_get_drvdata(&gadget->dev));
	EXPECT_STREQ("7\n", read_it("/sys/devices/gadget3/level"));
	EXPECT_EQ(3, uwq_sysfs_write("/sys/devices/gadget3/level", "42\n", 3));
	EXPECT_STREQ("42\n", read_it("/sys/devices/gadget3/level"));
	EXPECT_EQ(-EINVAL, uwq_sysfs_write("/sys/devices/gadget3/level", "x", 1));
	EXPECT_EQ(&gadget->dev, get_device(&gadget->dev));
	device_unregister(&gadget->dev);
	EXPECT_EQ(0, released);
	EXPECT_STREQ("error -2", read_it("/sys/devices/gadget3/level"));
	put_device(&gadget->dev);
	EXPECT_EQ(1, released);
	put_device(NULL);
	EXPECT_NULL(get_device(NULL));
}

TEST_F(nothing_left, names_are_needed_and_unique)
{
	struct gadget *one = new_gadget(), *two = new_gadget();

	(void)self;
	EXPECT_EQ(-EINVAL, device_add(&one->dev));
	one->dev.init_name = "a/b";
	ASSERT_EQ(0, device_add(&one->dev));
	EXPECT_STREQ("a!b", dev_name(&one->dev));
	EXPECT_NULL(one->dev.init_name);
	dev_set_name(&two->dev, "a!b");
	capture_start();
	EXPECT_EQ(-EEXIST, device_add(&two->dev));
	EXPECT_NOT_NULL(strstr(captured.text, "/sys/devices has a file a!b already"));
	capture_end();
	/* the failure left it as it was */
	dev_set_name(&two->dev, "other");
	EXPECT_EQ(0, device_add(&two->dev));
	device_unregister(&two->dev);
	device_unregister(&one->dev);
	EXPECT_EQ(2, released);
}

TEST_F(nothing_left, children_are_in_their_parents_folder)
{
	struct device *root = root_device_register("house");
	struct gadget *gadget = new_gadget();

	(void)self;
	ASSERT_FALSE(IS_ERR(root));
	gadget->dev.parent = root;
	dev_set_name(&gadget->dev, "lamp");
	ASSERT_EQ(0, device_add(&gadget->dev));
	ASSERT_EQ(0, device_create_file(&gadget->dev, &dev_attr_level));
	EXPECT_STREQ("7\n", read_it("/sys/devices/house/lamp/level"));
	device_remove_file(&gadget->dev, &dev_attr_level);
	EXPECT_STREQ("error -2", read_it("/sys/devices/house/lamp/level"));
	/* the parent stays while a child needs it */
	root_device_unregister(root);
	EXPECT_STREQ("error -2", read_it("/sys/devices/house/lamp/level"));
	device_unregister(&gadget->dev);
	EXPECT_EQ(1, released);
}

static ssize_t version_show(const struct class *class, const struct class_attribute *attr,
			    char *buf)
{
	(void)attr;
	return sysfs_emit(buf, "%s 1.0\n", class->name);
}
static CLASS_ATTR_RO(version);

TEST_F(nothing_left, a_class_lists_its_devices)
{
	struct class *class = class_create("toys");
	struct device *root = root_device_register("shelf"), *car, *bear, *other;

	(void)self;
	ASSERT_FALSE(IS_ERR(class) || IS_ERR(root));
	ASSERT_EQ(0, class_create_file(class, &class_attr_version));
	EXPECT_STREQ("toys 1.0\n", read_it("/sys/class/toys/version"));
	class_remove_file(class, &class_attr_version);
	car = device_create(class, NULL, MKDEV(240, 1), class, "car%d", 1);
	bear = device_create(class, root, MKDEV(240, 2), NULL, "bear");
	ASSERT_FALSE(IS_ERR(car) || IS_ERR(bear));
	EXPECT_EQ(class, dev_get_drvdata(car));
	EXPECT_STREQ("240:1\n", read_it("/sys/class/toys/car1/dev"));
	EXPECT_STREQ("240:1\n", read_it("/sys/devices/virtual/toys/car1/dev"));
	EXPECT_STREQ("240:2\n", read_it("/sys/class/toys/bear/dev"));
	EXPECT_STREQ("240:2\n", read_it("/sys/devices/shelf/toys/bear/dev"));
	other = class_find_device_by_devt(class, MKDEV(240, 2));
	EXPECT_EQ(bear, other);
	put_device(other);
	EXPECT_STREQ("toys", dev_driver_string(bear));
	EXPECT_EQ(-ENODEV, PTR_ERR(device_create(NULL, NULL, 0, NULL, "x")));
	capture_start();
	EXPECT_EQ(-EEXIST, PTR_ERR(device_create(class, NULL, 0, NULL, "car1")));
	EXPECT_EQ(-EEXIST, PTR_ERR(class_create("toys")));
	capture_end();
	device_destroy(class, MKDEV(240, 1));
	EXPECT_STREQ("error -2", read_it("/sys/class/toys/car1/dev"));
	device_destroy(class, MKDEV(240, 1));
	/* its name is free in all places */
	car = device_create(class, NULL, MKDEV(240, 3), NULL, "car1");
	ASSERT_FALSE(IS_ERR(car));
	EXPECT_STREQ("240:3\n", read_it("/sys/class/toys/car1/dev"));
	device_unregister(car);
	device_destroy(class, MKDEV(240, 2));
	class_destroy(class);
	class_destroy(NULL);
	root_device_unregister(root);
}

TEST(a_class_with_devices_stays)
{
	struct class *class = class_create(THIS_MODULE, "old_form");
	struct device *dev = device_create(class, NULL, MKDEV(1, 1), NULL, "one");

	ASSERT_FALSE(IS_ERR(dev));
	capture_start();
	class_destroy(class);
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
	EXPECT_STREQ("1:1\n", read_it("/sys/class/old_form/one/dev"));
	device_unregister(dev);
	class_destroy(class);
	EXPECT_EQ(1, uwq_warn_count());
}

static const struct bus_type subsys = { .name = "uwqbus", .dev_name = "part" };

TEST_F(nothing_left, a_subsystem_lists_its_devices)
{
	struct gadget *gadget = new_gadget();
	struct device *root;

	(void)self;
	ASSERT_EQ(0, subsys_virtual_register(&subsys, NULL));
	root = bus_get_dev_root(&subsys);
	ASSERT_NOT_NULL(root);
	put_device(root);
	gadget->dev.bus = &subsys;
	gadget->dev.id = 5;
	gadget->dev.groups = gadget_groups;
	ASSERT_EQ(0, device_add(&gadget->dev));
	EXPECT_STREQ("part5", dev_name(&gadget->dev));
	EXPECT_STREQ("7\n", read_it("/sys/bus/uwqbus/devices/part5/level"));
	EXPECT_STREQ("7\n", read_it("/sys/devices/virtual/uwqbus/part5/level"));
	device_unregister(&gadget->dev);
	bus_unregister(&subsys);
	EXPECT_NULL(bus_get_dev_root(&subsys));
	EXPECT_EQ(1, released);
}

TEST(messages_name_the_device)
{
	struct gadget *gadget = new_gadget();
	struct device_driver driver = { .name = "drv" };

	dev_set_name(&gadget->dev, "lamp");
	capture_start();
	dev_info(&gadget->dev, "on %d\n", 1);
	EXPECT_STREQ(" lamp: on 1\n", captured.text);
	gadget->dev.bus = &subsys;
	capture_start();
	dev_warn(&gadget->dev, "hot\n");
	EXPECT_STREQ("uwqbus lamp: hot\n", captured.text);
	EXPECT_EQ(4, captured.last_level);
	gadget->dev.driver = &driver;
	capture_start();
	dev_err(&gadget->dev, "off\n");
	EXPECT_STREQ("drv lamp: off\n", captured.text);
	EXPECT_EQ(3, captured.last_level);
	capture_start();
	dev_dbg(&gadget->dev, "hidden\n");
	EXPECT_EQ(0, captured.messages);
	EXPECT_EQ(-EINVAL, dev_err_probe(&gadget->dev, -EINVAL, "no %s\n", "lamp"));
	EXPECT_STREQ("drv lamp: error -EINVAL: no lamp\n", captured.text);
	EXPECT_EQ(-EPROBE_DEFER, dev_err_probe(&gadget->dev, -EPROBE_DEFER, "later\n"));
	EXPECT_EQ(-ENOMEM, dev_err_probe(&gadget->dev, -ENOMEM, "none\n"));
	EXPECT_EQ(1, captured.messages);
	capture_start();
	for (int i = 0; i < 3; i++)
		dev_err_once(&gadget->dev, "once\n");
	dev_err(NULL, "who?\n");
	EXPECT_STREQ("drv lamp: once\n(NULL device *): who?\n", captured.text);
	capture_end();
	gadget->dev.driver = NULL;
	gadget->dev.bus = NULL;
	put_device(&gadget->dev);
}

TEST(no_release_is_reported)
{
	struct device dev = { .init_name = "static" };

	capture_start();
	ASSERT_EQ(0, device_register(&dev));
	device_unregister(&dev);
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_NOT_NULL(strstr(captured.text, "static has no release()"));
	capture_end();
}

/* One of each kind, taken down again; 0 or the error of the first that failed */
static long make_all(void)
{
	struct device *root = root_device_register("a"), *dev;
	struct class *class;
	long err = 0;

	if (IS_ERR(root))
		return PTR_ERR(root);
	class = class_create("b");
	if (IS_ERR(class)) {
		err = PTR_ERR(class);
		goto out;
	}
	dev = device_create_with_groups(class, root, MKDEV(9, 9), NULL, NULL, "c%d", 1);
	if (IS_ERR(dev))
		err = PTR_ERR(dev);
	else
		device_unregister(dev);
	class_destroy(class);
	if (!err)
		err = subsys_virtual_register(&subsys, NULL);
	if (!err)
		bus_unregister(&subsys);
out:
	root_device_unregister(root);
	return err;
}

TEST_F(nothing_left, failures_leave_nothing)
{
	long err = -ENOMEM, k;

	capture_start();
	for (k = 1; err; k++) {
		uwq_test_fail_alloc(k, 1);
		err = make_all();
		uwq_test_fail_alloc(0, 0);
		ASSERT_GE(60, k);
		if (err)
			EXPECT_EQ(-ENOMEM, err);
		EXPECT_EQ(0, uwq_ledger_count(self->mark, NULL, NULL).objects) {
			TH_LOG("allocation %ld", k);
		}
	}
	capture_end();
	EXPECT_LT(20, k);
}

TEST_HARNESS_MAIN

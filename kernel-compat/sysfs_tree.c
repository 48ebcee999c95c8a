// SPDX-License-Identifier: MIT
/*
 * sysfs_tree.c - folders, files and links that live in the process
 *
 * Kobjects, devices and parameters put their files here (sysfs.c, param_sysfs.c);
 * filp_open() and its relatives find them by path (sysfs_file.c).
 *
 * Locks: tree_mutex covers the shape of the tree. Callbacks run without it: a
 * count on the file keeps them apart from its removal, which waits for them.
 * Differs from Linux: a callback that removes its own file is reported and not
 * waited for, where the kernel would wait for ever.
 */
#include <linux/array_size.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/sysfs_tree.h"

#define MAX_LINKS	32	/* that lead to links */

static DEFINE_MUTEX(tree_mutex);
static DECLARE_WAIT_QUEUE_HEAD(callbacks_ended);
static struct sysfs_node places[SYSFS_NR_PLACES];
static unsigned long last_ino = SYSFS_NR_PLACES;	/* T */

/*
 * The files whose callbacks this thread is in. A callback may read other files; those
 * nested deeper than this are not remembered, and so not found in called_by_us().
 */
static __thread struct {
	struct sysfs_node *node[4];
	unsigned int nr;
} calls __attribute__((tls_model("initial-exec")));

/* ---- the folders that are always there ---- */

static void plant(enum sysfs_place place, enum sysfs_place parent, const char *name)
{
	struct sysfs_node *node = &places[place];

	INIT_LIST_HEAD(&node->children);
	INIT_LIST_HEAD(&node->sibling);
	refcount_set(&node->refs, 1);
	node->shared = true;
	node->mode = S_IFDIR | 0755;
	node->ino = place + 1;
	node->name = name;
	if (place == parent)
		return;
	node->parent = &places[parent];
	list_add_tail(&node->sibling, &places[parent].children);
}

static void tree_lock(void)
{
	mutex_lock(&tree_mutex);
	if (likely(places[SYSFS_ROOT].name))
		return;
	plant(SYSFS_ROOT, SYSFS_ROOT, "sys");
	plant(SYSFS_BUS, SYSFS_ROOT, "bus");
	plant(SYSFS_CLASS, SYSFS_ROOT, "class");
	plant(SYSFS_DEVICES, SYSFS_ROOT, "devices");
	plant(SYSFS_VIRTUAL, SYSFS_DEVICES, "virtual");
	plant(SYSFS_KERNEL, SYSFS_ROOT, "kernel");
	plant(SYSFS_MODULE, SYSFS_ROOT, "module");
}

static void tree_unlock(void)
{
	mutex_unlock(&tree_mutex);
}

struct sysfs_node *sysfs_place(enum sysfs_place place)
{
	tree_lock();
	tree_unlock();
	return &places[place];
}

/* ---- references ---- */

struct sysfs_node *sysfs_node_get(struct sysfs_node *node)
{
	if (node)
		refcount_inc(&node->refs);
	return node;
}

void sysfs_node_put(struct sysfs_node *node)
{
	if (!node || !refcount_dec_and_test(&node->refs))
		return;
	sysfs_node_put(node->target);
	kfree(node->name);
	kfree(node);
}

/* ---- adding ---- */

static struct sysfs_node *child_locked(struct sysfs_node *parent, const char *name, size_t len)
{
	struct sysfs_node *node;

	lockdep_assert_held(&tree_mutex);
	list_for_each_entry(node, &parent->children, sibling)
		if (!strncmp(node->name, name, len) && !node->name[len])
			return node;
	return NULL;
}

static int link_in(struct sysfs_node *parent, struct sysfs_node *node)
{
	int err = 0;

	tree_lock();
	if (parent->removed)
		err = -ENOENT;
	else if (child_locked(parent, node->name, strlen(node->name)))
		err = -EEXIST;
	if (!err) {
		node->parent = parent;
		node->ino = ++last_ino;
		list_add_tail(&node->sibling, &parent->children);
	}
	tree_unlock();
	return err;
}

static void report_duplicate(struct sysfs_node *parent, const char *name)
{
	char path[256];

	pr_warn("sysfs: %s has a file %s already\n", sysfs_node_path(parent, path, sizeof(path)),
		name);
}

static struct sysfs_node *add(struct sysfs_node *parent, const char *name, umode_t mode,
			      const struct sysfs_node *rest)
{
	struct sysfs_node *node;
	int err;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return ERR_PTR(-EINVAL);
	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return ERR_PTR(-ENOMEM);
	*node = *rest;
	INIT_LIST_HEAD(&node->children);
	INIT_LIST_HEAD(&node->sibling);
	refcount_set(&node->refs, 1);
	node->mode = mode;
	node->name = kstrdup(name, GFP_KERNEL);
	sysfs_node_get(node->target);
	err = node->name ? link_in(parent, node) : -ENOMEM;
	if (!err)
		return node;
	if (err == -EEXIST)
		report_duplicate(parent, name);
	sysfs_node_put(node);
	return ERR_PTR(err);
}

struct sysfs_node *sysfs_node_add_dir(struct sysfs_node *parent, const char *name)
{
	return add(parent, name, S_IFDIR | 0755, &(struct sysfs_node){ .owner = NULL });
}

struct sysfs_node *sysfs_node_add_file(struct sysfs_node *parent, const char *name, umode_t mode,
				       const struct sysfs_file_ops *ops, void *owner,
				       const void *attr)
{
	return add(parent, name, S_IFREG | (mode & 0777),
		   &(struct sysfs_node){ .ops = ops, .owner = owner, .attr = attr });
}

struct sysfs_node *sysfs_node_add_link(struct sysfs_node *parent, const char *name,
				       struct sysfs_node *target)
{
	return add(parent, name, S_IFLNK | 0777, &(struct sysfs_node){ .target = target });
}

/* ---- removing ---- */

static bool called_by_us(const struct sysfs_node *node)
{
	for (unsigned int i = 0; i < calls.nr && i < ARRAY_SIZE(calls.node); i++)
		if (calls.node[i] == node)
			return true;
	return false;
}

static void await_callbacks(struct sysfs_node *node)
{
	if (WARN_ONCE(called_by_us(node),
		      "sysfs: %s is removed by its own callback; not waiting for it\n", node->name))
		return;
	wait_event(callbacks_ended, !smp_load_acquire(&node->nr_inside));
}

/* The deepest first child of @node, out of the tree; @node itself when it has none left */
static struct sysfs_node *cut_one(struct sysfs_node *node)
{
	struct sysfs_node *at = node;

	tree_lock();
	while (!list_empty(&at->children))
		at = list_first_entry(&at->children, struct sysfs_node, sibling);
	if (at == node && node->removed)
		at = NULL;
	if (at) {
		at->removed = true;
		at->parent = NULL;
		list_del_init(&at->sibling);
	}
	tree_unlock();
	return at;
}

void sysfs_node_remove(struct sysfs_node *node)
{
	struct sysfs_node *at;

	sysfs_node_get(node);
	while ((at = cut_one(node))) {
		await_callbacks(at);
		sysfs_node_put(at);
	}
	sysfs_node_put(node);
}

bool sysfs_node_remove_child(struct sysfs_node *parent, const char *name)
{
	struct sysfs_node *node = sysfs_node_child(parent, name);

	if (!node)
		return false;
	sysfs_node_remove(node);
	sysfs_node_put(node);
	return true;
}

/* ---- finding ---- */

struct sysfs_node *sysfs_node_child(struct sysfs_node *parent, const char *name)
{
	struct sysfs_node *node;

	tree_lock();
	node = sysfs_node_get(child_locked(parent, name, strlen(name)));
	tree_unlock();
	return node;
}

/* One step from *at, NULL being the folder that /sys is in; 1: it is not ours to answer */
static int step(struct sysfs_node **at, const char *name, size_t len)
{
	struct sysfs_node *from = *at, *next;

	if (from && !S_ISDIR(from->mode))
		return -ENOTDIR;
	if (len == 1 && *name == '.')
		return 0;
	if (len == 2 && !strncmp(name, "..", 2)) {
		*at = from ? from->parent : NULL;
		return 0;
	}
	if (!from) {
		*at = &places[SYSFS_ROOT];
		return len == 3 && !strncmp(name, "sys", 3) ? 0 : 1;
	}
	next = child_locked(from, name, len);
	for (int i = 0; next && S_ISLNK(next->mode) && i < MAX_LINKS; i++)
		next = next->target->removed ? NULL : next->target;
	if (!next)
		return from->shared ? 1 : -ENOENT;
	*at = next;
	return 0;
}

static int walk(const char *path, struct sysfs_node **at)
{
	int ret = 0;

	*at = NULL;
	while (!ret && *path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		/* a slash at the end asks for a folder, as "." does */
		ret = len ? step(at, path, len) : step(at, ".", 1);
		path += len;
	}
	return ret || (*at && !(*at)->shared) ? ret : 1;
}

int sysfs_resolve(const char *path, struct sysfs_node **found)
{
	struct sysfs_node *at;
	int ret;

	if (*path != '/')
		return 1;
	tree_lock();
	ret = walk(path, &at);
	if (!ret)
		*found = sysfs_node_get(at);
	tree_unlock();
	return ret;
}

static const char *path_locked(const struct sysfs_node *node, char *buf, size_t size)
{
	char *at = buf + size - 1;

	*at = '\0';
	for (; node; node = node->parent) {
		size_t len = strlen(node->name);

		if (node->removed || (size_t)(at - buf) < len + 1) {
			strscpy(buf, node->removed ? "(removed)" : "...", size);
			at = buf;
			break;
		}
		at -= len;
		memcpy(at, node->name, len);
		*--at = '/';
	}
	return at;
}

const char *sysfs_node_path(struct sysfs_node *node, char *buf, size_t size)
{
	const char *path;

	tree_lock();
	path = path_locked(node, buf, size);
	tree_unlock();
	return path;
}

/* The node behind @node on a walk through the whole tree: first down, then on, then up */
static struct sysfs_node *next_node(struct sysfs_node *node)
{
	if (!list_empty(&node->children))
		return list_first_entry(&node->children, struct sysfs_node, sibling);
	while (node->parent && list_is_last(&node->sibling, &node->parent->children))
		node = node->parent;
	return node->parent ? list_next_entry(node, sibling) : NULL;
}

void sysfs_for_each_file(void (*fn)(const struct sysfs_node *file, const char *path, void *arg),
			 void *arg)
{
	struct sysfs_node *node;
	char buf[256];

	tree_lock();
	for (node = &places[SYSFS_ROOT]; node; node = next_node(node))
		if (S_ISREG(node->mode))
			fn(node, path_locked(node, buf, sizeof(buf)), arg);
	tree_unlock();
}

/* ---- calling ---- */

static bool enter(struct sysfs_node *node)
{
	bool there;

	tree_lock();
	there = !node->removed;
	if (there)
		WRITE_ONCE(node->nr_inside, node->nr_inside + 1);
	tree_unlock();
	if (there && calls.nr++ < ARRAY_SIZE(calls.node))
		calls.node[calls.nr - 1] = node;
	return there;
}

static void leave(struct sysfs_node *node)
{
	calls.nr--;
	tree_lock();
	/* what the callback did is done for whoever waits in await_callbacks() */
	smp_store_release(&node->nr_inside, node->nr_inside - 1);
	tree_unlock();
	wake_up_all(&callbacks_ended);
}

ssize_t sysfs_node_show(struct sysfs_node *node, char *page)
{
	ssize_t ret = -EIO;

	if (!enter(node))
		return -ENODEV;
	if (node->ops->show)
		ret = node->ops->show(node->owner, node->attr, page);
	leave(node);
	if (ret >= (ssize_t)PAGE_SIZE) {
		pr_warn("sysfs: %s shows %zd bytes, more than fit into a page\n", node->name, ret);
		ret = PAGE_SIZE - 1;
	}
	return ret;
}

ssize_t sysfs_node_store(struct sysfs_node *node, const char *buf, size_t count)
{
	ssize_t ret = -EIO;

	if (!enter(node))
		return -ENODEV;
	if (node->ops->store)
		ret = node->ops->store(node->owner, node->attr, buf, count);
	leave(node);
	return ret;
}

/* ---- fork ---- */

/* In the child: callbacks of other threads are not under way. */
static void forget_callbacks(struct sysfs_node *node)
{
	struct sysfs_node *child;
	unsigned int i;

	node->nr_inside = 0;
	for (i = 0; i < calls.nr && i < ARRAY_SIZE(calls.node); i++)
		if (calls.node[i] == node)
			node->nr_inside++;
	if (S_ISDIR(node->mode))
		list_for_each_entry(child, &node->children, sibling)
			forget_callbacks(child);
}

void sysfs_fork(enum fork_step step)
{
	if (step == FORK_CHILD) {
		init_waitqueue_head(&callbacks_ended);
		if (places[SYSFS_ROOT].name)
			forget_callbacks(&places[SYSFS_ROOT]);
	}
	fork_step_mutex(&tree_mutex, step);
}

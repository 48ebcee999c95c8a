/* SPDX-License-Identifier: MIT */
/*
 * devres.h - what a device gives back by itself when its life ends
 *
 * Every devm_*() call records something with the device. Records are undone in
 * the reverse order of their making, when the device is unregistered, or earlier,
 * by hand or group by group.
 */
#ifndef UWQ_LINUX_DEVICE_DEVRES_H
#define UWQ_LINUX_DEVICE_DEVRES_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/stdarg.h>
#include <linux/types.h>
#include <uwq/api.h>

struct device;

typedef void (*dr_release_t)(struct device *dev, void *res);
typedef int (*dr_match_t)(struct device *dev, void *res, void *match_data);

UWQ_API_BEGIN

/* ---- records of one's own ---- */

void *__devres_alloc_node(dr_release_t release, size_t size, gfp_t gfp, const char *name)
	__attribute__((__malloc__));
void devres_free(void *res);
void devres_add(struct device *dev, void *res);
void *devres_find(struct device *dev, dr_release_t release, dr_match_t match, void *match_data);
void *devres_get(struct device *dev, void *new_res, dr_match_t match, void *match_data);
void *devres_remove(struct device *dev, dr_release_t release, dr_match_t match,
		    void *match_data);
int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match, void *match_data);
int devres_release(struct device *dev, dr_release_t release, dr_match_t match, void *match_data);
int devres_release_all(struct device *dev);

/* ---- groups ---- */

void *devres_open_group(struct device *dev, void *id, gfp_t gfp) __must_check;
void devres_close_group(struct device *dev, void *id);
void devres_remove_group(struct device *dev, void *id);
int devres_release_group(struct device *dev, void *id);

/* ---- actions ---- */

int __devm_add_action(struct device *dev, void (*action)(void *), void *data, const char *name);
int __devm_add_action_or_reset(struct device *dev, void (*action)(void *), void *data,
			       const char *name);
void devm_remove_action(struct device *dev, void (*action)(void *), void *data);
int devm_remove_action_nowarn(struct device *dev, void (*action)(void *), void *data);
void devm_release_action(struct device *dev, void (*action)(void *), void *data);
bool devm_is_action_added(struct device *dev, void (*action)(void *), void *data);

/* ---- memory ---- */

void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
	__attribute__((__alloc_size__(2)));
void *devm_krealloc(struct device *dev, void *ptr, size_t size, gfp_t gfp)
	__attribute__((__alloc_size__(3))) __must_check;
void devm_kfree(struct device *dev, const void *p);
char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp);
const char *devm_kstrdup_const(struct device *dev, const char *s, gfp_t gfp);
void *devm_kmemdup(struct device *dev, const void *src, size_t len, gfp_t gfp);
char *devm_kvasprintf(struct device *dev, gfp_t gfp, const char *fmt, va_list args)
	__attribute__((__format__(__printf__, 3, 0)));
char *devm_kasprintf(struct device *dev, gfp_t gfp, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));

UWQ_API_END

#define devres_alloc(release, size, gfp)	\
	__devres_alloc_node((release), (size), (gfp), #release)
#define devm_add_action(dev, action, data)	\
	__devm_add_action((dev), (action), (data), #action)
#define devm_add_action_or_reset(dev, action, data)	\
	__devm_add_action_or_reset((dev), (action), (data), #action)

static inline void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return devm_kmalloc(dev, size, gfp | __GFP_ZERO);
}

static inline void *devm_kmalloc_array(struct device *dev, size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? NULL : devm_kmalloc(dev, bytes, gfp);
}

static inline void *devm_kcalloc(struct device *dev, size_t n, size_t size, gfp_t gfp)
{
	return devm_kmalloc_array(dev, n, size, gfp | __GFP_ZERO);
}

#endif

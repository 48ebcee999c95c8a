/* SPDX-License-Identifier: MIT */
/*
 * devres_internal.h - records of devices, between devres.c and what is made of them
 */
#ifndef UWQ_KERNEL_COMPAT_DEVRES_INTERNAL_H
#define UWQ_KERNEL_COMPAT_DEVRES_INTERNAL_H

#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/list.h>

enum devres_kind {
	DEVRES_RECORD,	/* a struct devres */
	DEVRES_OPEN,	/* the older end of a group */
	DEVRES_CLOSE,	/* its newer end */
};

/* entry: under dev->devres_lock once the record is with a device; the rest: I */
struct devres_node {
	struct list_head entry;
	enum devres_kind kind;
	dr_release_t	 release;
	const char	 *name;
	size_t		 size;
};

struct devres {
	struct devres_node node;
	/* as aligned as kmalloc()'s own blocks */
	unsigned char	 data[] __attribute__((__aligned__(16)));
};

static inline struct devres *devres_of(void *res)
{
	return container_of(res, struct devres, data);
}

/* Memory of a new record, not zeroed unless @gfp says so; @caller owns it in the ledger. */
void *devres_new(dr_release_t release, size_t size, gfp_t gfp, const char *name,
		 const void *caller);

/* As devres_find(), with dev->devres_lock held. */
struct devres *devres_find_locked(struct device *dev, dr_release_t release, dr_match_t match,
				  void *match_data);

#endif

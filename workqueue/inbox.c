// SPDX-License-Identifier: MIT
/*
 * inbox.c - making a pool's inbox; the paths of an item are inline in inbox.h
 */
#include <linux/slab.h>

#include "workqueue/inbox.h"

bool inbox_init(struct inbox *inbox)
{
	inbox->slots = kcalloc(INBOX_SIZE, sizeof(*inbox->slots), GFP_KERNEL);
	if (!inbox->slots)
		return false;
	ck_ring_init(&inbox->ring, INBOX_SIZE);
	inbox->next = 0;
	inbox->end = 0;
	return true;
}

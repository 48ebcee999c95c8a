// SPDX-License-Identifier: MIT
/* two.c - the other half, of the same THIS_MODULE */
#include <linux/module.h>
#include "pair.h"

int pair_two(void)
{
	return THIS_MODULE->state == MODULE_STATE_COMING ? 2 : -1;
}

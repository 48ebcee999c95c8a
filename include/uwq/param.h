/* SPDX-License-Identifier: MIT */
/*
 * param.h - parameters by name, while the program runs
 *
 * The same ones that UWQ_CMDLINE sets before main(), and that kernel code finds in
 * /sys/module/PREFIX/parameters:
 *
 *	uwq_param_set("workqueue.watchdog_thresh", "5");
 */
#ifndef UWQ_PARAM_H
#define UWQ_PARAM_H

#include <stddef.h>
#include <sys/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
int uwq_param_set(const char *name, const char *value);
ssize_t uwq_param_get(const char *name, char *buf, size_t size);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * errname.h - names of error numbers
 */
#ifndef UWQ_LINUX_ERRNAME_H
#define UWQ_LINUX_ERRNAME_H

#include <uwq/api.h>

UWQ_API_BEGIN
const char *errname(int err);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * kallsyms.h - names for addresses
 *
 * Any context; no lock is held while files are read.
 *
 * Differs from Linux: looking up an address by name is absent.
 */
#ifndef UWQ_LINUX_KALLSYMS_H
#define UWQ_LINUX_KALLSYMS_H

#include <linux/types.h>
#include <uwq/api.h>

#define KSYM_NAME_LEN	512
#define KSYM_SYMBOL_LEN	(KSYM_NAME_LEN + 128)

UWQ_API_BEGIN
/* "name+0x12/0x80 [module]" into @buffer of KSYM_SYMBOL_LEN bytes; its length. */
int sprint_symbol(char *buffer, unsigned long address);
/* As above for a return address: the call just before it is what is named. */
int sprint_backtrace(char *buffer, unsigned long address);
/* "name [module]" */
int sprint_symbol_no_offset(char *buffer, unsigned long address);
UWQ_API_END

#endif

/* SPDX-License-Identifier: MIT */
/*
 * section.h - tables that the linker puts together
 *
 * An entry is a constant somewhere in the sources; the linker joins those of one
 * section in the order of the object files, and the compiler keeps the order
 * within a file. Entries survive although nothing names them.
 */
#ifndef UWQ_SECTION_H
#define UWQ_SECTION_H

/* gcc sorts variables as it likes unless told not to; others have no such word */
#if __has_attribute(__no_reorder__)
#define UWQ_KEEP_ORDER	__attribute__((__no_reorder__))
#else
#define UWQ_KEEP_ORDER
#endif

/* @align: the alignment, since compilers give large constants more than they need */
#define UWQ_SECTION_ENTRY(section, align)					\
	__attribute__((__used__, __retain__, __section__(section), __aligned__(align))) \
	UWQ_KEEP_ORDER

#endif

/* SPDX-License-Identifier: MIT */
/*
 * export.h - EXPORT_SYMBOL() and its kind
 *
 * They ask the compiler whether the symbol exists, and take the semicolon. What
 * the library offers is decided by visibility (uwq/api.h). In a module they also
 * leave a note in its .modinfo, from which `uwq build` and `uwq run` make the
 * list of symbols that other modules may use.
 *
 * Differs from Linux: namespaces and licences are not checked.
 */
#ifndef UWQ_LINUX_EXPORT_H
#define UWQ_LINUX_EXPORT_H

#include <linux/compiler.h>
#include <linux/stringify.h>

#ifdef MODULE
#define EXPORT_SYMBOL(sym)							\
	extern __typeof__(sym) sym;						\
	static const char uwq_export_of_##sym[]					\
	__attribute__((__used__, __retain__, __section__(".modinfo"), __aligned__(1))) = \
		"export=" #sym
#else
#define EXPORT_SYMBOL(sym)		extern __typeof__(sym) sym
#endif
#define EXPORT_SYMBOL_GPL(sym)		EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS(sym, ns)	EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS_GPL(sym, ns)	EXPORT_SYMBOL(sym)

#endif

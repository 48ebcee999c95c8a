/* SPDX-License-Identifier: MIT */
/*
 * lockdep_types.h - names for lock classes
 *
 * Differs from Linux: there is no graph of lock classes, so a key says nothing
 * and a map is only a thing that can be "held" (lock_map_acquire()). Neither is
 * empty, because C and C++ disagree about the size of nothing.
 */
#ifndef UWQ_LINUX_LOCKDEP_TYPES_H
#define UWQ_LINUX_LOCKDEP_TYPES_H

#define MAX_LOCKDEP_SUBCLASSES	8UL

struct lock_class_key {
	char unused;
};

struct lockdep_map {
	const char *name;
	struct lock_class_key *key;
};

struct pin_cookie {
	unsigned int unused;
};

#endif

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An AioContext works inside the loops of others by one descriptor and one call: the examples
# for epoll, GLib and libuv build against the library and come to their end, with sockets,
# timers and bottom halves that another thread asks for while the loop sleeps. An aio_notify()
# that did not wake a foreign loop would stop them.
. ../tap

# example LOOP [PACKAGE]: build and run it, or skip it where the package is missing
example()
{
	if [ -n "$2" ] && ! pkg-config --exists "$2" 2>/dev/null; then
		skip "aio_in_$1" "$2 is not installed"
		return
	fi
	# shellcheck disable=SC2046
	build_example "aio_in_$1" $([ -z "$2" ] || pkg-config --cflags --libs "$2") &&
		timeout 60 "$work/aio_in_$1" >"$work/said" 2>&1 &&
		[ "$(cat "$work/said")" = "$1: 100 echoes, 100 ticks, 100 answers" ]
	result $? "aio_in_$1"
}

example epoll
example glib glib-2.0
example libuv libuv

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An AioContext works inside the loops of others by one descriptor and one call: the examples
# for epoll, GLib and libuv build against the library and come to their end, with sockets,
# timers and bottom halves that another thread asks for while the loop sleeps. An aio_notify()
# that did not wake a foreign loop would stop them.

here=$(cd "$(dirname "$0")" && pwd)
top=${UWQ_TOP:-$(cd "$here/../.." && pwd)}
obj=${UWQ_OBJ:-$top/build}
san=${UWQ_SANITIZE:+-fsanitize=$UWQ_SANITIZE}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
nr=0

# example LOOP PACKAGE: build and run it, or skip it where the package is missing
example()
{
	nr=$((nr + 1))
	if [ -n "$2" ] && ! pkg-config --exists "$2" 2>/dev/null; then
		echo "ok $nr aio_in_$1 # SKIP $2 is not installed"
		return
	fi
	# shellcheck disable=SC2046,SC2086
	if cc -std=gnu11 -O2 -g -Wall -Wextra -Werror $san -I"$top/include" \
		$([ -z "$2" ] || pkg-config --cflags "$2") -o "$work/$1" \
		"$top/Documentation/examples/aio_in_$1.c" "$obj/libuwq.a" $san \
		$([ -z "$2" ] || pkg-config --libs "$2") \
		-lurcu-bp -lurcu-common -lpthread -ldl >"$work/said" 2>&1 &&
		timeout 60 "$work/$1" >"$work/said" 2>&1 &&
		[ "$(cat "$work/said")" = "$1: 100 echoes, 100 ticks, 100 answers" ]; then
		echo "ok $nr aio_in_$1"
	else
		head -20 "$work/said" | sed 's/^/# /'
		echo "not ok $nr aio_in_$1"
	fi
}

echo "TAP version 13"
echo "1..3"
example epoll ''
example glib glib-2.0
example libuv libuv

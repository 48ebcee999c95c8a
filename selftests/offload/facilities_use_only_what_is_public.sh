#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The offload facilities stand on the engine's public interface: their sources include
# linux/, uwq/, libc and headers of their own, one of them Concurrency Kit. Their headers
# compile first in a program that includes nothing of a kernel, in C11 and in C++17.
. ../tap

# compiles COMPILER STANDARD FILE: silent, or the test fails
compiles()
{
	"$1" -std="$2" -O2 -Wall -Wextra -fsyntax-only -I"$top/include" "$3" >"$work/said" 2>&1 &&
		[ ! -s "$work/said" ]
}

cd "$top" || exit 1

# futex_wait() and futex_wake() have no public name; everything else has one.
grep -nE '#include "(workqueue|kernel-compat)/' workqueue/offload/*.[ch] 2>/dev/null |
	grep -vE '"workqueue/offload/|"kernel-compat/(futex|test_points)\.h"' >"$work/said"
[ ! -s "$work/said" ]
result $? "no private header of the engine or the compat layer is included"

grep -lE '#include <ck_' workqueue/offload/*.[ch] 2>/dev/null >"$work/said"
[ "$(wc -l <"$work/said")" -le 1 ]
result $? "Concurrency Kit enters through one header at most"

for name in threadlet paio thread_pool threaded_workqueue aio_context rfifolock coroutine; do
	[ -e "include/uwq/$name.h" ] || continue
	echo "#include <uwq/$name.h>" >"$work/alone.c"
	cp "$work/alone.c" "$work/alone.cc"
	compiles gcc gnu11 "$work/alone.c"
	result $? "uwq/$name.h compiles first in C"
	compiles g++ c++17 "$work/alone.cc"
	result $? "uwq/$name.h compiles first in C++17"
done

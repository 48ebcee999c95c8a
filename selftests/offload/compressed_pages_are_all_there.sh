#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Pages that go through a threaded workqueue come out whole, once and in order: the example
# that compresses a file is run on real files, and gzip gives back what went in. The bench
# programs of the same job, which check what comes out against a plain loop, run too.

here=$(cd "$(dirname "$0")" && pwd)
top=${UWQ_TOP:-$(cd "$here/../.." && pwd)}
obj=${UWQ_OBJ:-$top/build}
san=${UWQ_SANITIZE:+-fsanitize=$UWQ_SANITIZE}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
nr=0

result()
{
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $nr $2"
	else
		head -20 "$work/said" | sed 's/^/# /'
		echo "not ok $nr $2"
	fi
}

# same FILE [ARGUMENT...]: what the example makes of it unpacks to it
same()
{
	file=$1
	shift
	timeout 60 "$work/example" "$@" "$file" 2>"$work/said" >"$work/out.gz" &&
		gzip -dc <"$work/out.gz" 2>>"$work/said" | cmp -s - "$file"
}

echo "TAP version 13"
if ! echo '#include <zlib.h>' | cc -E -x c - >/dev/null 2>&1; then
	echo "1..1"
	echo "ok 1 example # SKIP there is no zlib.h; scripts/install-deps bench installs it"
	exit 0
fi

# shellcheck disable=SC2086
cc -std=gnu11 -O2 -g -Wall -Wextra -Werror $san -I"$top/include" -o "$work/example" \
	"$top/Documentation/examples/page_compression.c" "$obj/libuwq.a" $san -lz \
	-lurcu-bp -lurcu-common -lpthread -ldl >"$work/said" 2>&1
result $? "the example builds"

head -c 1 "$top/README.md" >"$work/one"
head -c 8192 "$obj/libuwq.a" >"$work/pages"
cat "$top"/workqueue/*.c >"$work/text"
: >"$work/empty"
for file in "$work/one" "$work/pages" "$work/text" "$obj/libuwq.a"; do
	for threads in 0 1 5; do
		same "$file" -t $threads
		result $? "${file##*/} comes back, -t $threads"
	done
done
timeout 60 "$work/example" "$work/empty" >"$work/out.gz" 2>"$work/said" && [ ! -s "$work/out.gz" ]
result $? "of nothing comes nothing"

make -s --no-print-directory -C "$top/selftests/bench" UWQ_LIB_READY=1 O="$obj" \
	SANITIZE="${UWQ_SANITIZE:-}" "$obj/selftests/bench/page_compression" >"$work/said" 2>&1
result $? "the bench builds"
timeout 100 "$obj/selftests/bench/page_compression" -t 3 -m 0.001 -c 2 >"$work/lines" 2>"$work/said"
result $? "the bench runs, and its pages are those of the loop"
[ "$(awk -F'\t' 'NF == 5 && $4 > 0 && $3 == "rate" { print $1 }' "$work/lines" | tr '\n' ' ')" = \
	"split threaded queue_work " ]
result $? "and it has a rate for each way"
echo "1..$nr"

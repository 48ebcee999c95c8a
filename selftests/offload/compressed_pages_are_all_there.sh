#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Pages that go through a threaded workqueue come out whole, once and in order: the example
# that compresses a file is run on real files, and gzip gives back what went in. The bench
# programs of the same job, which check what comes out against a plain loop, run too.
. ../tap

# same FILE [ARGUMENT...]: what the example makes of it unpacks to it
same()
{
	file=$1
	shift
	timeout 60 "$work/page_compression" "$@" "$file" 2>"$work/said" >"$work/out.gz" &&
		gzip -dc <"$work/out.gz" 2>>"$work/said" | cmp -s - "$file"
}

if ! echo '#include <zlib.h>' | cc -E -x c - >/dev/null 2>&1; then
	skip example "there is no zlib.h; scripts/install-deps bench installs it"
	exit 0
fi

build_example page_compression -lz
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
timeout 60 "$work/page_compression" "$work/empty" >"$work/out.gz" 2>"$work/said" && [ ! -s "$work/out.gz" ]
result $? "of nothing comes nothing"

make -s --no-print-directory -C "$top/selftests/bench" UWQ_LIB_READY=1 O="$obj" \
	SANITIZE="${UWQ_SANITIZE:-}" "$obj/selftests/bench/page_compression" >"$work/said" 2>&1
result $? "the bench builds"
timeout 100 "$obj/selftests/bench/page_compression" -t 3 -m 0.001 -c 2 >"$work/lines" 2>"$work/said"
result $? "the bench runs, and its pages are those of the loop"
[ "$(awk -F'\t' 'NF == 5 && $4 > 0 && $3 == "rate" { print $1 }' "$work/lines" | tr '\n' ' ')" = \
	"split threaded queue_work " ]
result $? "and it has a rate for each way"

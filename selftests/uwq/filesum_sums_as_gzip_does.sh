#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The example computes the CRC-32 that gzip stores, for sizes around its chunks
# and pieces; refuses what is no file; tells how far it got when interrupted.
. ../tap

top=${UWQ_TOP:-../..}
so=$work/filesum.so
"$uwq" build -o "$so" "$top/Documentation/examples/filesum.c" >&2 || { echo "Bail out!"; exit 1; }

# The last 8 bytes of a gzip file are CRC-32 and length, low byte first.
gzip_crc()
{
	gzip -1 -c "$1" | tail -c 8 | od -An -tx4 -N4 | tr -d ' \n'
}

head -c 2500000 /dev/urandom >"$work/random"
for size in 0 1 65535 65536 65537 999999 1000000 1000001 2500000; do
	head -c $size "$work/random" >"$work/data"
	run run "$so" path="$work/data" chunk=1000000
	says "$size bytes, CRC-32 $(gzip_crc "$work/data")" "$size bytes are summed as by gzip"
done
for words in chunk=4096 chunk=65537 "chunk=100000 max_active=1" chunk=4294967295 ""; do
	# shellcheck disable=SC2086
	run run "$so" path="$work/random" $words
	says "CRC-32 $(gzip_crc "$work/random")" "cut as in '$words' the sum is the same"
done

run run "$so"
says "init returned -EINVAL" "a path is needed"
run run "$so" path="$work/no-such-file"
status_is 1 "a missing file is refused"
says "init returned -ENOENT" "with -ENOENT"
says_not "left behind" "and nothing leaks"
run run "$so" path="$work"
says "init returned -EISDIR" "a folder with -EISDIR"
says_not "left behind" "and nothing leaks"
run run "$so" path=/dev/null
says "init returned -EINVAL" "a device with -EINVAL"
run run "$so" path="$work/random" chunk=0
says "init returned -EINVAL" "chunks of nothing too"
if [ "$(id -u)" -ne 0 ]; then
	chmod 0 "$work/data"
	run run "$so" path="$work/data"
	says "init returned -EACCES" "an unreadable file with -EACCES"
fi

truncate -s 200G "$work/huge"
"$uwq" run "$so" path="$work/huge" chunk=16777216 max_active=2 2>"$work/err" >"$work/out" &
pid=$!
# it has told how far it is: the sum goes on, and signals are taken
for _ in $(seq 600); do
	grep -q " MiB$" "$work/err" && break
	sleep 0.1
done
kill -INT $pid
wait $pid
status=$?
cat "$work/err" >&2
status_is 0 "Ctrl-C in the middle ends in good order"
says "stopped after" "and tells how far it got"
says_not "left behind" "and nothing leaks"

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The example of a file server over paio and an AioContext builds against the library and
# gives each of many clients at once the bytes of the file it asked for: empty ones, small ones,
# ones of many pieces; it refuses what it shall not give, survives clients that go away in the
# middle, and ends when told to, with nothing left.
. ../tap

server=
at_end()
{
	[ -z "$server" ] || kill "$server" 2>/dev/null
}

# A client: asks for a file and prints the answer; with -q it goes away after the first byte.
cat >"$work/get.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char buf[65536];
	ssize_t n;

	strncpy(address.sun_path, argv[1], sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return 1;
	n = snprintf(buf, sizeof(buf), "%s\n", argv[2]);
	if (write(fd, buf, (size_t)n) != n)
		return 1;
	if (argc > 3)
		return read(fd, buf, 1) != 1;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(1, buf, (size_t)n) != n)
			return 1;
	return n < 0;
}
C

mkdir "$work/files"
: >"$work/files/empty"
echo hello >"$work/files/small"
head -c 65536 /dev/urandom >"$work/files/piece"
head -c 5000001 /dev/urandom >"$work/files/large"
cc -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/get" "$work/get.c" >"$work/said" 2>&1 &&
	build_example file_server -D_GNU_SOURCE
result $? "the example builds"

"$work/file_server" "$work/files" "$work/socket" >"$work/said" 2>&1 &
server=$!
tries=0
until [ -S "$work/socket" ] || [ $tries -gt 300 ]; do
	sleep 0.1
	tries=$((tries + 1))
done

for name in empty small piece large; do
	{ printf '+'; cat "$work/files/$name"; } >"$work/want.$name"
	"$work/get" "$work/socket" $name >"$work/got.$name" && cmp "$work/want.$name" "$work/got.$name"
	result $? "$name arrives whole"
done

pids=
for i in $(seq 40); do
	case $((i % 4)) in
	0) name=small ;;
	1) name=piece ;;
	*) name=large ;;
	esac
	if [ $((i % 10)) -eq 7 ]; then
		"$work/get" "$work/socket" large quit &
	else
		{ "$work/get" "$work/socket" $name | cmp - "$work/want.$name"; } &
	fi
	pids="$pids $!"
done
bad=0
for pid in $pids; do
	wait "$pid" || bad=$((bad + 1))
done
[ $bad -eq 0 ]
result $? "forty clients at once get their files, and four go away in the middle"

for name in ../get.c missing . ''; do
	"$work/get" "$work/socket" "$name"
done >"$work/refused"
[ "$(grep -c '^-' "$work/refused")" -eq 4 ]
result $? "what is outside of the directory, or not there, is refused"

kill -TERM "$server"
wait "$server"
status=$?
server=
[ $status -eq 0 ] && [ "$(cat "$work/said")" = "48 files asked for" ]
result $? "it ends when it is told to"

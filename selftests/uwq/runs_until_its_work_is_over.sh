#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The process stays while something of the module is queued, armed or alive; a
# time limit, SIGINT and SIGTERM end it early and in good order, also from init.
. ../tap

for m in ticks waits thread; do
	"$uwq" build -o "$work/$m.so" modules/$m.c >&2 || { echo "Bail out!"; exit 1; }
done

run run "$work/ticks.so" times=10
status_is 0 "a module whose work ends is unloaded"
says "ticks: 10, over" "not before the last delayed item has run"
run run "$work/thread.so"
check "a thread is waited for before exit" \
	sh -c 'grep -A1 "thread: over" "$1" | grep -q "thread: exit"' - "$work/err"
run run --for 0.3 "$work/ticks.so"
status_is 0 "--for ends a module that never would"
says "cancelled" "through its exit"
run run --for 0.3 "$work/waits.so"
status_is 1 "--for interrupts an init that waits"
says "init returned -EINTR" "which sees a signal"

# interrupt SIGNAL PATTERN WORD...: uwq with the words, signalled once it said PATTERN
interrupt()
{
	sig=$1 pattern=$2
	shift 2
	"$uwq" "$@" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	for _ in $(seq 600); do
		grep -q "$pattern" "$work/err" && break
		sleep 0.1
	done
	kill -"$sig" $pid
}

for sig in INT TERM; do
	interrupt $sig "ticks: first" run "$work/ticks.so"
	wait $pid
	status=$?
	cat "$work/err" >&2
	status_is 0 "SIG$sig unloads the module"
	says "cancelled" "SIG$sig: its exit ran"
done
interrupt TERM "waits: begins" run "$work/waits.so"
wait $pid
status=$?
cat "$work/err" >&2
status_is 1 "a signal reaches an init that waits"
says "init returned -EINTR" "as an interruption"
check "no temporary folder stays" [ -z "$(ls "$TMPDIR")" ]

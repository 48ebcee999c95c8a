#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What exit leaves behind is told and makes the status 1: memory with its size
# and place, armed items and timers, threads, references, files. A tidy module is quiet.
. ../tap

"$uwq" build -o "$work/leaves.so" modules/leaves.c >&2 || { echo "Bail out!"; exit 1; }
so=$work/leaves.so
ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-}
export ASAN_OPTIONS

run run "$so"
status_is 0 "a tidy module is fine"
says_not "left behind" "and nothing is told"
run run "$so" what=memory
status_is 1 "memory that was not freed is a failure"
says "1234" "its size is told"
says "leaves_exit" "and who allocated it"
run run "$so" what=item
status_is 1 "an armed item is a failure"
says "work item forgotten_fn" "it is named by its function"
run run "$so" what=timer
status_is 1 "an armed timer is a failure"
says "timer with function forgotten_timer_fn" "it is named by its function"
run run "$so" what=thread
status_is 1 "a thread that was not stopped is a failure"
says "kthread forgotten" "it is named"
run run "$so" what=device
status_is 1 "a device that was not unregistered is a failure"
says "file /sys/devices/leaves/forgotten" "its file is named"
run run modules/holds.c
status_is 1 "a module that is in use is a failure"
says "still in use" "which is told"
says_not "exit ran" "and its exit does not run"

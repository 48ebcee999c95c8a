#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A failing init is named with its errno, ends with status 1, and exit does not
# run; --expect-error turns exactly that error, and nothing else, into success.
. ../tap

"$uwq" build -o "$work/fails.so" modules/fails.c >&2 || { echo "Bail out!"; exit 1; }
so=$work/fails.so

run run "$so"
status_is 1 "a failing init is a failure"
says "fails: init returned -ENOENT (No such file or directory)" "its errno is named"
says_not "exit ran" "exit does not run after a failing init"
run run "$so" err=517
says "-EPROBE_DEFER" "errors of the kernel's own have names"
run run "$so" err=0
status_is 0 "init returning 0 is success"
says "fails: exit ran" "then exit runs"

run run --expect-error EAGAIN "$so" err=11
status_is 0 "the expected error is success"
run run --expect-error -EAGAIN "$so" err=11
status_is 0 "with a minus sign too"
run run --expect-error EAGAIN "$so" err=12
status_is 1 "another error is none"
run run --expect-error EAGAIN "$so" err=0
status_is 1 "nor is no error"
says "init returned 0, not -EAGAIN" "which is explained"
run run --expect-error ENONSENSE "$so"
status_is 2 "an unknown error name is wrong usage"

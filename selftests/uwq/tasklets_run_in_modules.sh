#!/bin/sh
# SPDX-License-Identifier: MIT
#
# U19: a module that uses tasklets builds as it is; they run in softirq context, each
# schedule leads to a run, and tasklet_kill() in its exit leaves nothing to do.
. ../tap

run run modules/tasklets.c
status_is 0 "the module runs and leaves nothing"
says "tasklets: old style, data 42" "a declared tasklet of the older kind runs"
says "handled, softirq 1, process 0" "one that a timer schedules runs as a softirq"
# its exit may be called before the last interrupt
says "tasklets: nothing is lost" "all is handled when its exit is over"
run run modules/tasklets.c beats=200
status_is 0 "many are fine too"
says "tasklets: nothing is lost" "and none is lost"

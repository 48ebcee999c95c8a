#!/bin/sh
# SPDX-License-Identifier: MIT
#
# --kernel and --cpus reach the module, modinfo tells all, words that make no
# sense end with status 2, and help is there.
. ../tap

run run --kernel 5.15 modules/version.c
says "version 5.15" "--kernel sets LINUX_VERSION_CODE"
run run modules/version.c
says "version 7.2" "which is 7.2 by itself"
run run --kernel 6.12 modules/old_queue.c
status_is 0 "a queue of an older kernel's kind is made"
says_not "neither WQ_PERCPU" "and nothing is said about its flags"
run run modules/old_queue.c
says "neither WQ_PERCPU" "as it is by itself"
run run --cpus 7 modules/version.c
status_is 0 "--cpus is taken"
says "cpus 7" "and so many CPUs are there"
run run --cpus=3 modules/version.c
says "cpus 3" "in the form with '=' too"
run run uwq.nr_cpus=5 modules/version.c
says "cpus 5" "parameters of the library may stand before the file"

run modinfo modules/params.c
status_is 0 "modinfo reads sources"
says "shows its parameters" "description"
says "somebody" "author"
says "Dual MIT/GPL" "license"
says "1.2" "version"
says "an_int:a number, of course (int)" "parameter with text and type"
says "numbers: (array of int)" "type of an array"
says_not "gone" "nothing of the module ran"
run modinfo modules/offers.c
says "offered" "exported symbols"

run --version
status_is 0 "there is a version"
run help run
status_is 0 "there is help"
says "--expect-error" "on the options"
run help nonsense
status_is 2 "but not on everything"
run
status_is 2 "uwq alone is wrong usage"
run fly modules/version.c
status_is 2 "so is an unknown command"
run run
status_is 2 "run without a module"
run run --fast modules/version.c
status_is 2 "an unknown option"
run run --cpus 0 modules/version.c
status_is 2 "a number of CPUs that makes no sense"
run run --kernel six modules/version.c
status_is 2 "a version that is none"
run run --for soon modules/version.c
status_is 2 "a time that is none"

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# U22: what uwq run and UWQ_CMDLINE set can be read by the module from the files of
# /sys/module, and changed there if the mode lets it; a bad value for the library is
# named and ignored.
. ../tap

m=modules/param_files.c
"$uwq" build -o "$work/param_files.so" $m >&2 || { echo "Bail out! param_files.c does not build"; exit 1; }
so=$work/param_files.so
own=/sys/module/param_files/parameters
lib=/sys/module/workqueue/parameters

run run "$so" file=$own/number number=5
says "read: 2 [5] number 5" "a module's parameter is a file"
run run "$so" file=$own/number set=6
says "written: 1" "which can be written"
says "read: 2 [6] number 6" "and is the variable"
run run "$so" file=$own/file set=x
says "written: -13" "unless its mode says no"
run run "$so" file=$own/none
says "opened: -2" "others are not there"
run run workqueue.default_affinity_scope=numa "$so" file=$lib/default_affinity_scope
status_is 0 "workqueue.P=V before the module is the library's"
says "read: 5 [numa]" "and is there when the module starts"
run run "$so" file=$lib/cache_shard_size workqueue.cache_shard_size=5
says "read: 2 [5]" "after the module too"
run run "$so" file=$lib/cache_shard_size set=4
says "written: -13" "a fixed one stays"
run run "$so" file=$lib/default_affinity_scope set=galaxy
says "written: -22" "a bad value is refused"
says "[cache_shard]" "and changes nothing"
run run workqueue.cache_shard_size=many "$so" file=$lib/cache_shard_size
status_is 0 "a bad value for the library does not stop the module"
says "parameter workqueue.cache_shard_size: \"many\"" "is named"
says "read: 2 [8]" "and ignored"
UWQ_CMDLINE='param_files.number=77 workqueue.debug_force_rr_cpu'
export UWQ_CMDLINE
run run "$so" file=$own/number
says "read: 3 [77] number 77" "UWQ_CMDLINE sets a module's"
run run "$so" file=$lib/debug_force_rr_cpu
says "read: 2 [Y]" "and the library's"

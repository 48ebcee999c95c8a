#!/bin/sh
# SPDX-License-Identifier: MIT
#
# U24: a module that makes a class, a device with files, and a queue that goes with the
# device runs as it is, with the old and the new form of class_create(), and leaves
# nothing behind.
. ../tap

for kernel in 7.0 6.1; do
	run run --kernel $kernel modules/gadget.c
	status_is 0 "$kernel: it runs"
	says "written: 3" "$kernel: its file is written"
	says "written: -22" "$kernel: its errors come through"
	says "gadgets gadget0: level 42" "$kernel: the item runs, messages name the device"
	says "goodbye at level 42" "$kernel: its actions run at the end"
	says_not "left behind" "$kernel: nothing is left"
done

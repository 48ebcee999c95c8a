#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every point of the contract has a test or is a documented difference, every public name its
# kernel-doc, and Documentation/guarantees.rst is what the tests say of themselves. And
# scripts/check-guarantees, which says so, does notice what is missing.
. ../tap

top=../..

# shellcheck disable=SC2154
check "scripts/check-guarantees has nothing to say" "$top/scripts/check-guarantees"

# A copy of the tree, without something.
copy=$work/tree
mkdir "$copy"
(cd "$top" && tar cf - Documentation/*.rst scripts include kernel-compat workqueue \
	selftests/workqueue selftests/conformance) | tar xf - -C "$copy"

# complains TEXT "claim": of the copy it says TEXT, and fails
complains()
{
	if "$copy/scripts/check-guarantees" >"$work/out" 2>"$work/err"; then
		echo "it found nothing wrong" >"$work/err"
		: >"$work/out"
	fi
	cat "$work/out" "$work/err" >&2
	says "$1" "$2"
}

mv "$copy/selftests/workqueue/work_struct_is_32_bytes.c" "$work/test"
complains "work_struct_is_32_bytes.c, which is not there" "a test that is gone is missed"
mv "$work/test" "$copy/selftests/workqueue/work_struct_is_32_bytes.c"

cp "$copy/Documentation/guarantees.rst" "$work/page"
sed '/\*\*C1\*\*/d' "$work/page" >"$copy/Documentation/guarantees.rst"
complains "C1: neither a test nor a documented difference" "so is a point without a test"
cp "$work/page" "$copy/Documentation/guarantees.rst"

# in_copy FILE SCRIPT: sed changes the copy's file
in_copy()
{
	sed -i "$2" "$copy/$1"
}

in_copy workqueue/drain.c 's/^ \* drain_workqueue - /* drain_workqueue: /'
in_copy workqueue/offload/threadlet.c 's/^ \* submit_work - /* submit_work: /'
in_copy include/uwq/paio.h 's/^ \* qemu_paio_error - /* qemu_paio_error: /'
in_copy workqueue/hotplug.c '/workqueue_refresh_cpus - /,/\*\//s/Context: //'
in_copy workqueue/offload/threadlet_queue.c '/threadlet_queue_destroy - /,/\*\//s/Return: //'
complains "function drain_workqueue: no kernel-doc" "and a function without kernel-doc"
says "include/uwq/threadlet.h: submit_work: no kernel-doc" "or one of the offload facilities"
says "include/uwq/paio.h: qemu_paio_error: no kernel-doc" "or one whose body is in a header"
says "include/uwq/workqueue.h: workqueue_refresh_cpus: no Context" "or without its context"
says "include/uwq/threadlet.h: threadlet_queue_destroy: no Return" "or without its result"

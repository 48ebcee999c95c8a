#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Documentation/guarantees.rst is what the tests say of themselves, and no point of the
# contract that is meant to hold is without a test.
. ./tap

top=../..
page=$top/Documentation/guarantees.rst

"$top/scripts/list-guarantees" >"$work/page"
check "the page is what scripts/list-guarantees says" cmp -s "$work/page" "$page"

# KIND FIRST LAST: all of them have a test
numbers()
{
	nr=$2
	while [ "$nr" -le "$3" ]; do
		echo "$1$nr"
		nr=$((nr + 1))
	done
}

missing()
{
	for point in "$@"; do
		grep -q "^\* \*\*$point\*\*: " "$page" || echo "$point"
	done
}

none_missing()
{
	echo "without a test: $*" >&2
	[ $# -eq 0 ]
}

# shellcheck disable=SC2046
check "all points of the contract have tests" none_missing $(missing $(numbers C 1 150))
# shellcheck disable=SC2046
check "the decisions have tests" none_missing $(missing $(numbers U 1 22) $(numbers U 24 30) U35)
# shellcheck disable=SC2046
check "the bugs of others have tests" none_missing $(missing $(numbers B 1 45) \
	$(numbers B 47 54) $(numbers B 56 64) $(numbers B 66 73) B76 B77)

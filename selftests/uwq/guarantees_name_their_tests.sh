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
check "C1 to C88 have tests" none_missing $(missing $(numbers C 1 88))
# shellcheck disable=SC2046
check "the decisions have tests" none_missing $(missing U2 U3 U4 U10 U12 U13 U14 U15 U17 \
	U26 U27 U28 U29 U30 U35)
# shellcheck disable=SC2046
check "the bugs of others have tests" none_missing $(missing $(numbers B 1 6) B11 B30 B31 \
	$(numbers B 33 43) B45 $(numbers B 47 52) $(numbers B 56 63) $(numbers B 66 69) B76)

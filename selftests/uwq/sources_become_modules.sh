#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Files, several files, folders with and without a Makefile become modules;
# modules use what others export and nothing else; what does not compile ends
# with status 3, what cannot be loaded names everything that is missing.
. ../tap

run run modules/params.c
status_is 0 "one source file is a module"
says "params gone" "its init and exit ran"
run run modules/pair/one.c modules/pair/two.c -DPAIR_GREETING='"hi"'
status_is 0 "two source files are one module"
says "one: hi 2" "named after the first, with flags from the command line"
run run modules/pair
status_is 0 "a folder with a Makefile is what that says"
says "pair_mod: hello 2" "name and flags included"
mkdir "$work/plain-dir"
cp modules/pair/one.c modules/pair/two.c modules/pair/pair.h "$work/plain-dir"
run run -DPAIR_GREETING='"hey"' "$work/plain-dir"
status_is 0 "a folder without one is a module of all its sources"
says "plain_dir: hey 2" "named after the folder"

"$uwq" build -o "$work/offers.so" modules/offers.c >&2
run run "$work/offers.so" modules/takes.c
status_is 0 "a module uses what another exports"
says "takes: got 42, private 2" "and only that: its own names are its own"
says "offers: private 1" "on both sides"
check "exit runs in reverse order" \
	sh -c 'grep -A1 "takes: exit" "$1" | grep -q "offers: exit"' - "$work/err"
run run "$work/offers.so" "$work/offers.so"
status_is 1 "no module is loaded twice"

run run modules/misses.c
status_is 1 "a module that misses symbols is not loaded"
says "unknown symbol nobody_has_this" "the first is named"
says "unknown symbol nor_this" "and the second"
run run modules/undeclared.c
status_is 3 "a call that no header declares does not compile"
says "register_moon_phase_notifier" "and is named"
echo 'int broken(' >"$work/broken.c"
run run "$work/broken.c"
status_is 3 "nor does a broken source"
run run modules/no_such_file.c
status_is 2 "a missing file is wrong usage"
run run "$work/plain-dir/pair.h"
status_is 2 "so is a file of another kind"
cp modules/params.c "$work/text.so"
run run "$work/text.so"
status_is 1 "a .so that is none is refused"
check "no temporary folder stays" [ -z "$(ls "$TMPDIR")" ]

(cd "$work" && "$uwq" build "$OLDPWD/modules/params.c" >&2)
check "uwq build puts NAME.so into the current folder" [ -f "$work/params.so" ]

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The bench keeps working: every case of every contestant that can be built here runs,
# with tiny counts, and prints figures in the one form; the report takes the median of the
# rounds, the ratio to the best peer and to the limit, and the verdict; a figure never
# decides the exit status, a line that is no figure does.
. ../tap

bench=${UWQ_TOP:-../..}/selftests/bench
tab=$(printf '\t')
# Sanitizers know nothing of the other libraries' insides.
peers=1
[ -n "${UWQ_SANITIZE:-}" ] && peers=0

make_bench()
{
	make -s --no-print-directory -C "$bench" UWQ_LIB_READY=1 PEERS="$peers" \
		${UWQ_OBJ:+O="$UWQ_OBJ"} SANITIZE="${UWQ_SANITIZE:-}" "$@"
}

builds()
{
	make_bench contestants >&2
}

check "the contestants build" builds
programs=$(make_bench list)
BENCH_OUT=$(dirname "${programs%% *}")
export BENCH_OUT
# The thread sanitizer takes the stock ring, whose order it cannot see, for a race.
case ${UWQ_SANITIZE:-} in
*thread*)
	programs=$(printf '%s\n' $programs | grep -v '/limits$') ;;
esac

# --- every case of every contestant --------------------------------------------

# The names that the program lists are those of which it prints figures.
covers_all_cases()
{
	"$1" -l | sort >"$work/listed"
	cut -f2 "$work/out" | sort -u >"$work/printed"
	[ -s "$work/listed" ] && cmp -s "$work/listed" "$work/printed"
}

well_formed()
{
	awk -F'\t' 'NF != 5 || $4 !~ /^([0-9.]+(e[-+][0-9]+)?|-)$/ || $5 !~ /^[A-Za-z\/]+$/ {
			print "not a figure: " $0 > "/dev/stderr"
			bad = 1
		}
		END { exit bad }' "$work/out"
}

for program in $(make_bench list-once) $programs; do
	name=${program##*/}
	timeout 60 "$program" -s 0.0002 >"$work/out" 2>"$work/err"
	status=$?
	cat "$work/err" >&2
	status_is 0 "$name runs all its cases"
	check "$name has figures for every case it lists" covers_all_cases "$program"
	check "$name prints figures in the one form" well_formed
done
"$program" no-such-case >"$work/out" 2>"$work/err"
status=$?
status_is 2 "a case that does not exist is refused"

# --- the report, from figures that we know ---------------------------------------

# fake FILE LINE...: a program with the one case tput-1p; $3 of a line counts up by rounds
fake()
{
	file=$work/$1
	shift
	{
		echo '#!/bin/sh'
		echo '[ "$1" = -l ] && { echo tput-1p; exit; }'
		echo "n=\$(cat '$file.n' 2>/dev/null || echo 0); echo \$((n + 1)) >'$file.n'"
		for line in "$@"; do
			echo "echo \"$line\""
		done
	} >"$file"
	chmod +x "$file"
}

bench()
{
	"$bench/run_bench" -o "$work/result" "$@" >"$work/out" 2>"$work/err"
	status=$?
	cat "$work/out" "$work/err" >&2
}

# the rounds give 10, 11, 12; 100, 200, 300; 40
fake uwq "uwq${tab}tput-1p${tab}mean${tab}\$((10 + n))${tab}ns"
fake slow "slow${tab}tput-1p${tab}mean${tab}100${tab}ns"
fake quick "quick${tab}tput-1p${tab}mean${tab}\$((20 + 2 * n))${tab}ns"
fake limits "limits${tab}ring-mpmc${tab}mean${tab}40${tab}ns"
fake counts "uwq${tab}tput-1p${tab}syscalls${tab}0.25${tab}calls" \
	"slow${tab}tput-1p${tab}syscalls${tab}0${tab}calls"

bench -r 3 -1 "$work/counts" "$work/uwq" "$work/slow" "$work/quick" "$work/limits"
status_is 0 "a target that is missed is no failure"
says "tput-1p            mean         11.0 (10.0..12.0)" "median and range are right"
says "0.50 <= 0.40 quick" "the best peer is the one with the smaller median"
says "0.28 <= 1.00 ring-mpmc" "the limit is another contestant's case"
says "missed" "0.50 where 0.40 was aimed at is missed"
says "0.25 <= 0.010 calls" "a bound is held against the figure itself"
says "0 met, 2 missed, 0 open" "and the sum is told"
check "counts are taken once" [ "$(cat "$work/counts.n")" = 1 ]
check "results.tsv has every contestant" [ "$(cut -f1 "$work/result/results.tsv" | sort -u |
	tr '\n' ' ')" = "contestant limits quick slow uwq " ]
check "results.json has the verdicts" grep -q '"peer_ratio": 0.5, .*"verdict": "missed"' \
	"$work/result/results.json"
check "nobody is so many times nothing" [ "$(grep -c ': -*inf\|: -*nan' \
	"$work/result/results.json")" = 0 ]
check "the machine is told" grep -q '^CPU: .*usable' "$work/result/machine.txt"
if command -v gnuplot >/dev/null 2>&1; then
	check "there is a plot" grep -q '</svg>' "$work/result/throughput.svg"
else
	says "no gnuplot" "without gnuplot the plots are left out, and that is said"
fi

rm -f "$work"/*.n
bench -r 1 "$work/uwq"
status_is 0 "without peers and limits there is a report, too"
says "0 met, 0 missed, 1 open" "what cannot be judged stays open"

# --- what is no figure ---------------------------------------------------------

fake broken "uwq${tab}tput-1p${tab}mean${tab}fast${tab}ns"
bench -r 1 "$work/broken" "$work/limits"
status_is 1 "a word in the place of a number is refused"
says "not a figure" "by name"
fake broken "uwq${tab}tput-1p${tab}mean 12 ns"
bench -r 1 "$work/broken" "$work/limits"
status_is 1 "a line with a word too few is refused"
says "not six words" "by name"
fake broken "uwq${tab}tput-1p${tab}mean${tab}12${tab}ns"
echo 'exit 3' >>"$work/broken"
bench -r 1 "$work/broken" "$work/limits"
status_is 1 "a program that fails is told"
says "broken tput-1p failed" "with the case"
says "12.0" "and the report is there all the same"

# --- the whole way ---------------------------------------------------------------

# shellcheck disable=SC2086
bench -r 2 -s 0.0002 -c tput-1p -c ring-mpmc -c pingpong-nospin -c futex-pingpong $programs
status_is 0 "real contestants make a report"
says "tput-1p            mean" "with their throughput"
says "pingpong-nospin    p50" "and their round trips"

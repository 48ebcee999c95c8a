#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Parameters of all kinds arrive in the module; a wrong one is refused with its
# name, its type and the text that was given, before any code of the module ran.
. ../tap

m=modules/params.c
"$uwq" build -o "$work/params.so" $m >&2 || { echo "Bail out! params.c does not build"; exit 1; }
so=$work/params.so

run run "$so" a_byte=255 a_short=-32768 a_ushort=0xffff an_int=-1 a_uint=4294967295 \
	a_long=-9 a_ulong=18446744073709551615 a_ullong=0x10 a_hexint=ff0f a_hexint=0xbeef \
	a_charp="two words" a_string=1234567 a_bool an_invbool=y a_bint=on outer=3 even=4 \
	numbers=1,2 words=x,y
status_is 2 "hex digits without 0x are no number"
run run "$so" a_byte=255 a_short=-32768 a_ushort=0xffff an_int=-1 a_uint=4294967295 \
	a_long=-9 a_ulong=18446744073709551615 a_ullong=0x10 a_hexint=0xbeef \
	a_charp="two words" a_string=1234567 a_bool an_invbool=y a_bint=on outer=3 even=4 \
	numbers=1,2 words=x,y
status_is 0 "right values of all kinds are taken"
says "byte 255 short -32768 ushort 65535 int -1 uint 4294967295" "small numbers arrive"
says "long -9 ulong 18446744073709551615 ullong 16 hexint beef" "large numbers arrive"
says "charp [two words] string [1234567] bool 1 invbool 0 bint 1 outer 3 even 4" \
	"texts, truth values, named and checked ones arrive"
says "numbers 1,2,0 of 2 words [x] [y]" "arrays arrive"

run run "$so"
says "int 7 uint 0" "without words the module's own values stay"
run run "$so" an-int=8
says "int 8" "'-' and '_' are the same letter"
run run "$so" params.an_int=9
says "int 9" "the module's name may stand before"

refused()
{
	run run "$so" "$1=$2"
	status_is 2 "$1=$2 is refused"
	says "parameter $1: \"$2\"" "$1=$2: name and text are told"
	says "$3" "$1=$2: the type is told"
	says_not "byte 0" "$1=$2: init did not run"
}
refused a_byte 256 "byte (0 to 255)"
refused a_short 32768 "short (-32768 to 32767)"
refused a_ushort -1 "ushort (0 to 65535)"
refused an_int 12x "int (-2147483648 to 2147483647)"
refused an_int "" "int (-2147483648 to 2147483647)"
refused a_uint -1 "uint (0 to 4294967295)"
refused a_long 9223372036854775808 "long (-9223372036854775808 to 9223372036854775807)"
refused a_ulong 18446744073709551616 "ulong (0 to 18446744073709551615)"
refused a_ullong 1.5 "ullong (0 to 18446744073709551615)"
refused a_hexint 0x100000000 "hexint (0x0 to 0xffffffff)"
refused a_bool maybe "bool (y, n, 1, 0, on, off)"
refused an_invbool 2 "invbool (y, n, 1, 0, on, off)"
refused a_bint x "bint (y, n, 1, 0, on, off)"
refused a_string 12345678 "string (up to 7 bytes)"
refused numbers 1,2,3,4 "array of 1 to 3, separated by commas, each int"
refused numbers 1,,2 "array of 1 to 3, separated by commas, each int"
refused even 3 "EDOM"

run run "$so" an_int
status_is 2 "a number without a value is refused"
says "parameter an_int needs a value" "and told so"
run run "$so" no_such=1
status_is 2 "an unknown parameter is refused"
says "unknown parameter no_such" "by name"
says "numbers: array of 1 to 3" "and the known ones are listed"

UWQ_CMDLINE='params.an_int=5 params.bogus=1 params.a_charp="from outside"'
export UWQ_CMDLINE
run run "$so"
status_is 0 "a bad word of UWQ_CMDLINE does not stop the module"
says "int 5" "UWQ_CMDLINE sets parameters of modules"
says "charp [from outside]" "with white space in quotes"
says "params.bogus" "and the bad word is named"
UWQ_CMDLINE='uwq.no_such=1 nonsense'
run run "$so"
status_is 0 "nor do bad words for the library"
says "uwq.no_such" "which are named too"
says "nonsense" "prefix or not"

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# installed_library_serves_programs.sh - what "make install" leaves is enough
#
# Installs into a folder, then builds a C and a C++ program and a module against
# nothing but that, with the flags of uwq.pc, and runs them. Programs and the shared
# objects that they open have parameters, too (U22).

top=${UWQ_TOP:-$(cd ../.. && pwd)}
obj=${UWQ_OBJ:-$top/build}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
san=${UWQ_SANITIZE:+-fsanitize=$UWQ_SANITIZE}
unset UWQ_INCLUDE
nr=0

echo "TAP version 13"
echo "1..11"

# check NAME COMMAND...: one result
check()
{
	name=$1
	shift
	nr=$((nr + 1))
	if "$@" >"$dir/out" 2>&1; then
		echo "ok $nr $name"
	else
		echo "not ok $nr $name"
		sed 's/^/# /' "$dir/out"
	fi
}

cat >"$dir/app.c" <<'END'
#include <stdio.h>
#include <string.h>
#include <linux/workqueue.h>
#include <errno.h>
static int runs;
static void count(struct work_struct *work) { (void)work; runs++; }
int main(void)
{
	struct work_struct item;

	INIT_WORK(&item, count);
	queue_work(system_dfl_wq, &item);
	flush_work(&item);
	printf("%d run\n", runs);
	return runs != 1;
}
END
cp "$dir/app.c" "$dir/app.cpp"
cat >"$dir/hello.c" <<'END'
#include <linux/module.h>
static int __init hello_init(void) { pr_info("hello from a module\n"); return 0; }
static void __exit hello_exit(void) { }
module_init(hello_init);
module_exit(hello_exit);
MODULE_LICENSE("Dual MIT/GPL");
END

cat >"$dir/plug.c" <<'END'
#define KBUILD_MODNAME "plug"
#include <linux/moduleparam.h>
static int depth = 4;
module_param(depth, int, 0644);
END
cat >"$dir/param.c" <<'END'
#define KBUILD_MODNAME "prog"
#include <stdio.h>
#include <dlfcn.h>
#include <linux/moduleparam.h>
#include <uwq/param.h>
#include <uwq/sysfs.h>
static int number = 1;
module_param(number, int, 0644);
int main(int argc, char **argv)
{
	char before[16], after[16];
	void *plug;

	if (argc < 2 || uwq_param_set("prog.number", "9") || number != 9)
		return 1;
	plug = dlopen(argv[1], RTLD_NOW);
	uwq_sysfs_read("/sys/module/plug/parameters/depth", before, sizeof(before));
	if (!plug || dlclose(plug))
		return 2;
	uwq_sysfs_read("/sys/module/plug/parameters/depth", after, sizeof(after));
	printf("%s[%s]", before, after);
	return 0;
}
END

# Under make, its other variables (CC, SANITIZE, DEBUG) come along in MAKEFLAGS. O in the
# words of who built it, else the command that other tests use just now is built again.
check "make install" make -C "$top" O="${obj#"$top"/}" install DESTDIR="$dir" PREFIX=/pre

pc=$dir/pre/lib/pkgconfig/uwq.pc
check "no system header is shadowed" test ! -e "$dir/pre/include/linux"
check "uwq.pc names the prefix" grep -q '^prefix=/pre$' "$pc"

# What pkg-config would answer, with the destination folder in front.
value() { sed -n "s/^$1: *//p" "$pc" | sed -e "s|\${includedir}|$dir/pre/include/uwq|" \
	-e "s|\${libdir}|$dir/pre/lib|"; }

# The compiler may be several words: CC="ccache gcc".
# shellcheck disable=SC2046,SC2086
build() {
	compiler=$1
	shift
	$compiler "$@" -Wall -Wextra -Werror $san $(value Cflags) $(value Libs) \
		-Wl,-rpath,"$dir/pre/lib"
}

check "a C program builds" build "${CC:-gcc}" "$dir/app.c" -o "$dir/app"
check "and runs" "$dir/app"
check "a shared object with a parameter builds" build "${CC:-gcc}" -shared -fPIC \
	"$dir/plug.c" -o "$dir/plug.so"
check "so does a program that opens it" build "${CC:-gcc}" "$dir/param.c" -o "$dir/param" -ldl
# shellcheck disable=SC2016
check "parameters of both are set, and gone with them" \
	sh -c 'UWQ_CMDLINE=plug.depth=8 "$1/param" "$1/plug.so" | tr -d "\n" | grep -F "8[]"' - "$dir"
check "a C++ program builds" build "${CXX:-g++}" -std=c++17 "$dir/app.cpp" -o "$dir/appxx"
check "and runs" "$dir/appxx"

# shellcheck disable=SC2016
check "the installed command runs a module" \
	sh -c '"$1" run "$2" 2>&1 | grep "hello from a module"' - "$dir/pre/bin/uwq" "$dir/hello.c"

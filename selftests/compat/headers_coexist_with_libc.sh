#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Our headers and libc's compile together, in either order, in C and in C++17,
# with gcc and clang, without a warning; each of ours compiles alone.
. ../tap

# compiles COMPILER STANDARD FILE [FLAG...]: silent, or the test fails
compiles()
{
	cc_=$1 std_=$2 file_=$3
	shift 3
	"$cc_" -std="$std_" -O2 -Wall -Wextra -fsyntax-only -I"$top/include" "$@" "$file_" \
		>"$work/said" 2>&1 && [ ! -s "$work/said" ]
}

include()
{
	for header; do echo "#include <$header>"; done
}

libc="assert.h ctype.h dirent.h endian.h errno.h fcntl.h inttypes.h limits.h locale.h math.h
 poll.h pthread.h sched.h semaphore.h setjmp.h signal.h stdarg.h stdbool.h stddef.h stdint.h
 stdio.h stdlib.h string.h strings.h time.h unistd.h wchar.h arpa/inet.h net/if.h netinet/in.h
 sys/epoll.h sys/eventfd.h sys/ioctl.h sys/mman.h sys/param.h sys/prctl.h sys/random.h
 sys/resource.h sys/select.h sys/socket.h sys/stat.h sys/statvfs.h sys/syscall.h sys/sysinfo.h
 sys/time.h sys/timerfd.h sys/types.h sys/uio.h sys/un.h sys/wait.h"
# The system's own headers of Linux, of names that we do not have.
uapi="linux/if.h linux/futex.h linux/falloc.h linux/posix_types.h linux/sysinfo.h
 linux/membarrier.h linux/rseq.h linux/ioctl.h linux/netlink.h"
# What this folder's floor gives to every other; all of it also for C++.
base="linux/align.h linux/array_size.h linux/atomic.h linux/bitmap.h linux/bitops.h linux/bits.h
 linux/bsearch.h linux/build_bug.h linux/cache.h linux/compiler.h linux/const.h
 linux/container_of.h linux/cpumask.h linux/crc32.h linux/crc32c.h linux/ctype.h linux/err.h
 linux/errno.h linux/export.h linux/find.h linux/hash.h linux/hashtable.h linux/hex.h
 linux/instruction_pointer.h linux/kconfig.h linux/kernel.h linux/kref.h linux/kstrtox.h
 linux/limits.h linux/linkage.h linux/list.h linux/list_sort.h linux/llist.h linux/log2.h
 linux/math.h linux/math64.h linux/minmax.h linux/nodemask.h linux/numa.h linux/overflow.h
 linux/poison.h linux/prandom.h linux/random.h linux/rbtree.h linux/refcount.h linux/sort.h linux/stdarg.h
 linux/stddef.h linux/string.h linux/stringify.h linux/swab.h linux/threads.h linux/typecheck.h
 linux/types.h linux/unaligned.h linux/uuid.h linux/version.h linux/workqueue.h
 linux/wordpart.h linux/bitfield.h linux/string_choices.h
 asm/atomic.h asm/barrier.h asm/bitsperlong.h asm/byteorder.h asm/cache.h asm/cmpxchg.h
 asm/div64.h asm/param.h asm/processor.h asm/rwonce.h asm/types.h asm/unaligned.h
 uwq/annotate.h uwq/api.h"
all=$(cd "$top/include" && find linux asm uwq -name '*.h' | sort)
# Pieces of other headers, not to be included by themselves.
fragments="uwq/atomic_ops.h uwq/wait_event.h"

cat >"$work/both.c" <<-'C'
	struct work_struct;
	_Static_assert(sizeof(u64) == 8 && sizeof(size_t) == 8 && sizeof(loff_t) == 8, "sizes");
	int names_meet(struct stat *st, struct sockaddr_in *in, struct ifreq *ifr);
	int names_meet(struct stat *st, struct sockaddr_in *in, struct ifreq *ifr)
	{
		uint32_t a = htonl(INADDR_ANY);
		char buf[16];

		memcpy(buf, ifr->ifr_name, sizeof(buf));
		return (int)(st->st_size + in->sin_port + a + abs(-1) + ffs(4) + PATH_MAX + INT_MAX / 2 +
			     (isalpha(buf[0]) != 0) + roundup(5, 4) + strnlen(buf, 4) + HZ);
	}
C
sed -e 's/_Static_assert/static_assert/' "$work/both.c" >"$work/both.cc"

for order in before after between; do
	for lang in c cc; do
		{
			case $order in
			before) include $base $libc linux/if.h ;;
			after) include $libc linux/if.h $base ;;
			between)
				set -- $base
				for header in $libc linux/if.h; do
					include "$header" "$1"
					shift
				done
				include "$@" ;;
			esac
			cat "$work/both.$lang"
		} >"$work/$order.$lang"
	done
	for cc in gcc clang; do
		command -v $cc >/dev/null || { skip "ours $order libc's in C, $cc" "$cc is not installed"; continue; }
		compiles $cc gnu11 "$work/$order.c" && compiles $cc gnu11 "$work/$order.c" -D_GNU_SOURCE
		result $? "ours $order libc's in C, $cc"
	done
	for cc in g++ clang++; do
		command -v $cc >/dev/null || { skip "ours $order libc's in C++17, $cc" "$cc is not installed"; continue; }
		compiles $cc c++17 "$work/$order.cc"
		result $? "ours $order libc's in C++17, $cc"
	done
done

include $libc $base $uapi >"$work/uapi.c"
compiles gcc gnu11 "$work/uapi.c"
result $? "ours hand on to the system's headers of Linux"

# A program that asks libc for something must not get min() and the like.
{ include $libc linux/if.h linux/types.h linux/errno.h linux/limits.h; cat <<-'C'
	static int min(int a, int b) { return a < b ? a : b; }
	int swap, clamp, likely, current, barrier;
	int unharmed(void);
	int unharmed(void) { return min(swap + clamp, likely + current + barrier); }
C
} >"$work/innocent.c"
compiles gcc gnu11 "$work/innocent.c"
result $? "libc's headers bring none of our names along"

failed=
for header in $all; do
	case " $fragments " in *" $header "*) continue ;; esac
	include "$header" >"$work/alone.c"
	compiles gcc gnu11 "$work/alone.c" || { failed="$failed $header"; cat "$work/said" >>"$work/alone"; }
done
cp "$work/alone" "$work/said" 2>/dev/null
[ -z "$failed" ]
result $? "each header compiles alone${failed:+, but not:$failed}"

failed=
for header in $base; do
	include "$header" >"$work/alone.cc"
	compiles g++ c++17 "$work/alone.cc" || { failed="$failed $header"; cat "$work/said" >>"$work/alone"; }
done
cp "$work/alone" "$work/said" 2>/dev/null
[ -z "$failed" ]
result $? "each of the base compiles alone in C++17${failed:+, but not:$failed}"


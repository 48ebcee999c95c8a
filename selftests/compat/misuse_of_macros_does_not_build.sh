#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What Linux refuses to compile, these headers refuse too: mixed signs in min(),
# ARRAY_SIZE() of a pointer, container_of() of a stranger, and the like. Each
# piece is built twice: right, which must work, and wrong, which must not.

here=$(cd "$(dirname "$0")" && pwd)
top=${UWQ_TOP:-$(cd "$here/../.." && pwd)}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
nr=0

# builds COMPILER BODY
builds()
{
	cat >"$work/piece.c" <<-C
		#include <linux/kernel.h>
		#include <linux/bitfield.h>
		#include <linux/bits.h>
		#include <linux/err.h>
		#include <linux/jump_label.h>
		#include <linux/list.h>
		#include <linux/overflow.h>
		#include <linux/string.h>
		struct box { int a; struct list_head node; char name[8]; };
		struct wide { long a, b; };
		long piece(int i, unsigned int u, size_t n, struct list_head *l, struct box *b,
			   struct wide *w, char *s, const int *ci);
		long piece(int i, unsigned int u, size_t n, struct list_head *l, struct box *b,
			   struct wide *w, char *s, const int *ci)
		{
			(void)i, (void)u, (void)n, (void)l, (void)b, (void)w, (void)s, (void)ci;
			$2
		}
	C
	"$1" -std=gnu11 -O2 -D__KERNEL__ -Wall -Wextra -Werror=unused-result -I"$top/include" -c \
		-o "$work/piece.o" "$work/piece.c" >"$work/said" 2>&1
}

# piece NAME RIGHT WRONG
piece()
{
	for cc in gcc clang; do
		command -v $cc >/dev/null || continue
		nr=$((nr + 1))
		if ! builds $cc "$2"; then
			head -5 "$work/said" | sed 's/^/# /'
			echo "not ok $nr $1, $cc: the right one does not build"
		elif builds $cc "$3"; then
			echo "not ok $nr $1, $cc: the wrong one builds"
		else
			echo "ok $nr $1, $cc"
		fi
	done
}

echo "TAP version 13"
piece "min() of signed and unsigned variables" 'return min(i, 5) + min(u, 5);' 'return min(i, u);'
piece "max() of a negative constant and an unsigned" 'return max(u, 1);' 'return max(u, -1);'
piece "min() of int and size_t" 'return min_t(size_t, i, n);' 'return min(i, n);'
piece "clamp() with mixed signs" 'return clamp(i, -1, 3);' 'return clamp(u, -1, 3);'
piece "a small unsigned may meet a signed" 'u8 c = u; return min(i, c);' 'u32 c = u; return min(i, c);'
piece "ARRAY_SIZE() of a pointer" 'return ARRAY_SIZE(b->name);' 'return ARRAY_SIZE(s);'
piece "container_of() of the wrong member" 'return container_of(l, struct box, node)->a;' \
	'return container_of(l, struct box, a)->a;'
piece "a branch on what is no static key" \
	'static DEFINE_STATIC_KEY_TRUE(k); return static_branch_likely(&k);' \
	'static atomic_t k; return static_branch_likely(&k);'
piece "READ_ONCE() of 16 bytes" 'return READ_ONCE(w->a);' 'return READ_ONCE(*w).a;'
piece "WRITE_ONCE() of 16 bytes" 'WRITE_ONCE(w->a, 1); return 0;' \
	'WRITE_ONCE(*w, (struct wide){}); return 0;'
piece "BUILD_BUG_ON() of a truth" 'BUILD_BUG_ON(sizeof(int) != 4); return 0;' \
	'BUILD_BUG_ON(sizeof(int) == 4); return 0;'
piece "BUILD_BUG_ON_ZERO() of a truth" 'return BUILD_BUG_ON_ZERO(0);' 'return BUILD_BUG_ON_ZERO(1);'
piece "static_assert() without a text" 'static_assert(1); return 0;' 'static_assert(0); return 0;'
piece "typecheck() of another type" 'return typecheck(int, i);' 'return typecheck(long, i);'
piece "strscpy() of two arguments into a pointer" 'return strscpy(b->name, s);' 'return strscpy(s, b->name);'
piece "IS_ERR() ignored" 'return IS_ERR(b);' 'IS_ERR(b); return 0;'
piece "check_add_overflow() ignored" 'return check_add_overflow(i, 1, &i);' \
	'check_add_overflow(i, 1, &i); return 0;'
piece "FIELD_GET() through a mask with a gap" 'return FIELD_GET(0x3c, u);' 'return FIELD_GET(0x2c, u);'
piece "FIELD_PREP() of a value too large" 'return FIELD_PREP(0x3c, 15);' 'return FIELD_PREP(0x3c, 16);'
piece "an unset option is 0" 'return 1 / !IS_ENABLED(CONFIG_NO_SUCH);' \
	'BUILD_BUG_ON(!IS_ENABLED(CONFIG_NO_SUCH)); return 0;'
piece "EXPORT_SYMBOL() of nothing" 'extern int piece_var; EXPORT_SYMBOL(piece_var); return 0;' \
	'EXPORT_SYMBOL(no_such_symbol); return 0;'
echo "1..$nr"

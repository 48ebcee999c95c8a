/* SPDX-License-Identifier: MIT */
/*
 * asm/processor.h - what one processor is told while it waits
 */
#ifndef UWQ_ASM_PROCESSOR_H
#define UWQ_ASM_PROCESSOR_H

#include <linux/compiler.h>

/* One pause of a spin loop; also stops the compiler from hoisting its loads. */
static __always_inline void cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
	barrier();
}

#endif

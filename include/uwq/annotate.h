/* SPDX-License-Identifier: MIT */
/*
 * annotate.h - telling the sanitizers what they cannot see
 *
 * ThreadSanitizer follows atomic operations but neither bare fences nor the
 * inline assembly of other libraries. Where a hand-over goes through such
 * code, the giver says UWQ_TSAN_RELEASE(addr) before it and the taker
 * UWQ_TSAN_ACQUIRE(addr) after it, with the same address. Without the
 * sanitizer all of this is empty.
 */
#ifndef UWQ_ANNOTATE_H
#define UWQ_ANNOTATE_H

#if defined(__SANITIZE_THREAD__)
#define UWQ_HAVE_TSAN	1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UWQ_HAVE_TSAN	1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__)
#define UWQ_HAVE_ASAN	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UWQ_HAVE_ASAN	1
#endif
#endif

#ifdef UWQ_HAVE_TSAN

#ifdef __cplusplus
extern "C" {
#endif
/* Entry points of the ThreadSanitizer runtime. */
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
/*
 * What a full barrier exchanges with under the sanitizer (asm/barrier.h). Weak
 * and visible: one word for the program, the library and every module.
 */
extern unsigned int uwq_tsan_fence_word;
__attribute__((__weak__, __visibility__("default"))) unsigned int uwq_tsan_fence_word;
#ifdef __cplusplus
}
#endif

#define UWQ_TSAN_ACQUIRE(addr)	__tsan_acquire((void *)(addr))
#define UWQ_TSAN_RELEASE(addr)	__tsan_release((void *)(addr))
/* Races on plain accesses between the two are meant; say why next to them. */
#define UWQ_TSAN_IGNORE_BEGIN()					\
	do {							\
		AnnotateIgnoreReadsBegin(__FILE__, __LINE__);	\
		AnnotateIgnoreWritesBegin(__FILE__, __LINE__);	\
	} while (0)
#define UWQ_TSAN_IGNORE_END()					\
	do {							\
		AnnotateIgnoreWritesEnd(__FILE__, __LINE__);	\
		AnnotateIgnoreReadsEnd(__FILE__, __LINE__);	\
	} while (0)

#else

#define UWQ_TSAN_ACQUIRE(addr)	((void)(addr))
#define UWQ_TSAN_RELEASE(addr)	((void)(addr))
#define UWQ_TSAN_IGNORE_BEGIN()	do { } while (0)
#define UWQ_TSAN_IGNORE_END()	do { } while (0)

#endif

/* ASAN: memory that exists but must not be touched (cached objects, redzones). */
#ifdef UWQ_HAVE_ASAN
#ifdef __cplusplus
extern "C" {
#endif
void __asan_poison_memory_region(void const volatile *addr, __SIZE_TYPE__ size);
void __asan_unpoison_memory_region(void const volatile *addr, __SIZE_TYPE__ size);
#ifdef __cplusplus
}
#endif
#define UWQ_ASAN_POISON(addr, size)	__asan_poison_memory_region((addr), (size))
#define UWQ_ASAN_UNPOISON(addr, size)	__asan_unpoison_memory_region((addr), (size))
#else
#define UWQ_ASAN_POISON(addr, size)	((void)(addr), (void)(size))
#define UWQ_ASAN_UNPOISON(addr, size)	((void)(addr), (void)(size))
#endif

#endif

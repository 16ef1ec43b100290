// Words that carry promises: to the compiler, to the checking build, and to ThreadSanitizer.
#ifndef SKEIN_SYNC_ANNOTATE_H
#define SKEIN_SYNC_ANNOTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK   __attribute__((warn_unused_result))
#define NOINLINE     __attribute__((noinline))
#define COLD         __attribute__((noinline, cold))
#define NORETURN     __attribute__((noreturn))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define LIKELY(x)    __builtin_expect(!!(x), 1)
#define UNLIKELY(x)  __builtin_expect(!!(x), 0)
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define CACHE_LINE   64
#define CACHE_ALIGNED __attribute__((aligned(CACHE_LINE)))

// Ownership and state, for the reader. They expand to nothing; the checking build asserts what they say.
#define BORROWS        // the argument's reference stays the caller's
#define STEALS         // the argument's reference passes to the callee
#define NEEDS_ATTACHED // the calling thread is attached
#define NEEDS_DETACHED // the calling thread is not attached (or has no ThreadCore)
#define MAY_DETACH     // a safepoint: borrowed values and facts drawn from privacy die here

// Prints the text with the values and aborts. For broken invariants only, never for errors a program can cause.
NORETURN COLD void check_fail(const char *fmt, ...) PRINTF_LIKE(1, 2);

// CHECKING(x) is x in the checking build (make CHECK=1) and nothing otherwise.
#ifdef SKEIN_CHECK
#define CHECKING(...) __VA_ARGS__
#else
#define CHECKING(...)
#endif

// CHECK(cond, "owner %u, slot %u", ...): an assertion that prints its values; checking build only.
#ifdef SKEIN_CHECK
#define CHECK(cond, ...) (LIKELY(cond) ? (void)0 : check_fail(__VA_ARGS__))
#else
#define CHECK(cond, ...) ((void)sizeof(!(cond)))
#endif

// Order that ThreadSanitizer cannot see (grace periods of liburcu, stacks handed over by the kernel): `release` here
// happens before a later `acquire` of the same address. Nothing in other builds.
#if defined(__SANITIZE_THREAD__) || (defined(__has_feature) && __has_feature(thread_sanitizer))
#define SYNC_TSAN 1
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
#define TSAN_ACQUIRE(p) __tsan_acquire((void *)(p))
#define TSAN_RELEASE(p) __tsan_release((void *)(p))
#else
#define SYNC_TSAN 0
#define TSAN_ACQUIRE(p) ((void)(p))
#define TSAN_RELEASE(p) ((void)(p))
#endif

// In an AddressSanitizer build, unless ASAN_OPTIONS has detect_leaks=0: reports memory that nothing refers to any more, for a process
// that ends by _exit. True where there was some.
#ifdef SKEIN_ASAN
int __lsan_do_recoverable_leak_check(void);
void __lsan_ignore_object(const void *p);
#define LEAKS_FOUND() (__lsan_do_recoverable_leak_check() != 0)
#define LEAK_HIDDEN(p) __lsan_ignore_object(p)  // who refers to it does so in a form that is no address
#else
#define LEAKS_FOUND() false
#define LEAK_HIDDEN(p) ((void)(p))
#endif

#endif

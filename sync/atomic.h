// Atomic access with the memory order in the name: atomic_load_acquire_u32(&x), atomic_cas_acq_rel_u8(&x, &old, new).
// Fields are C11 _Atomic; pointers use the _ptr macros, which keep the pointer's type. No fences: ThreadSanitizer does
// not model them, so every order hangs on an access.
#ifndef SKEIN_SYNC_ATOMIC_H
#define SKEIN_SYNC_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// A failed compare-and-swap stores what it saw in *expected (orders of failure: relaxed; seq_cst for seq_cst).
#define SYNC_ATOMIC_TYPE(T, suffix) \
  static inline T atomic_load_relaxed_##suffix(const _Atomic T *p) { return atomic_load_explicit(p, memory_order_relaxed); } \
  static inline T atomic_load_acquire_##suffix(const _Atomic T *p) { return atomic_load_explicit(p, memory_order_acquire); } \
  static inline T atomic_load_seq_cst_##suffix(const _Atomic T *p) { return atomic_load_explicit(p, memory_order_seq_cst); } \
  static inline void atomic_store_relaxed_##suffix(_Atomic T *p, T v) { atomic_store_explicit(p, v, memory_order_relaxed); } \
  static inline void atomic_store_release_##suffix(_Atomic T *p, T v) { atomic_store_explicit(p, v, memory_order_release); } \
  static inline void atomic_store_seq_cst_##suffix(_Atomic T *p, T v) { atomic_store_explicit(p, v, memory_order_seq_cst); } \
  static inline T atomic_swap_acq_rel_##suffix(_Atomic T *p, T v) { return atomic_exchange_explicit(p, v, memory_order_acq_rel); } \
  static inline T atomic_swap_seq_cst_##suffix(_Atomic T *p, T v) { return atomic_exchange_explicit(p, v, memory_order_seq_cst); } \
  static inline T atomic_add_relaxed_##suffix(_Atomic T *p, T v) { return atomic_fetch_add_explicit(p, v, memory_order_relaxed); } \
  static inline T atomic_add_acq_rel_##suffix(_Atomic T *p, T v) { return atomic_fetch_add_explicit(p, v, memory_order_acq_rel); } \
  static inline T atomic_add_seq_cst_##suffix(_Atomic T *p, T v) { return atomic_fetch_add_explicit(p, v, memory_order_seq_cst); } \
  static inline T atomic_sub_relaxed_##suffix(_Atomic T *p, T v) { return atomic_fetch_sub_explicit(p, v, memory_order_relaxed); } \
  static inline T atomic_sub_release_##suffix(_Atomic T *p, T v) { return atomic_fetch_sub_explicit(p, v, memory_order_release); } \
  static inline T atomic_sub_acq_rel_##suffix(_Atomic T *p, T v) { return atomic_fetch_sub_explicit(p, v, memory_order_acq_rel); } \
  static inline T atomic_or_relaxed_##suffix(_Atomic T *p, T v) { return atomic_fetch_or_explicit(p, v, memory_order_relaxed); } \
  static inline T atomic_or_acq_rel_##suffix(_Atomic T *p, T v) { return atomic_fetch_or_explicit(p, v, memory_order_acq_rel); } \
  static inline T atomic_or_seq_cst_##suffix(_Atomic T *p, T v) { return atomic_fetch_or_explicit(p, v, memory_order_seq_cst); } \
  static inline T atomic_and_relaxed_##suffix(_Atomic T *p, T v) { return atomic_fetch_and_explicit(p, v, memory_order_relaxed); } \
  static inline T atomic_and_acq_rel_##suffix(_Atomic T *p, T v) { return atomic_fetch_and_explicit(p, v, memory_order_acq_rel); } \
  static inline T atomic_and_seq_cst_##suffix(_Atomic T *p, T v) { return atomic_fetch_and_explicit(p, v, memory_order_seq_cst); } \
  static inline bool atomic_cas_relaxed_##suffix(_Atomic T *p, T *expected, T v) { \
    return atomic_compare_exchange_strong_explicit(p, expected, v, memory_order_relaxed, memory_order_relaxed); } \
  static inline bool atomic_cas_acquire_##suffix(_Atomic T *p, T *expected, T v) { \
    return atomic_compare_exchange_strong_explicit(p, expected, v, memory_order_acquire, memory_order_relaxed); } \
  static inline bool atomic_cas_release_##suffix(_Atomic T *p, T *expected, T v) { \
    return atomic_compare_exchange_strong_explicit(p, expected, v, memory_order_release, memory_order_relaxed); } \
  static inline bool atomic_cas_acq_rel_##suffix(_Atomic T *p, T *expected, T v) { \
    return atomic_compare_exchange_strong_explicit(p, expected, v, memory_order_acq_rel, memory_order_acquire); } \
  static inline bool atomic_cas_seq_cst_##suffix(_Atomic T *p, T *expected, T v) { \
    return atomic_compare_exchange_strong_explicit(p, expected, v, memory_order_seq_cst, memory_order_seq_cst); }

SYNC_ATOMIC_TYPE(uint8_t, u8)
SYNC_ATOMIC_TYPE(uint16_t, u16)
SYNC_ATOMIC_TYPE(uint32_t, u32)
SYNC_ATOMIC_TYPE(uint64_t, u64)
SYNC_ATOMIC_TYPE(size_t, size)
#undef SYNC_ATOMIC_TYPE

// Pointers: p is the address of an _Atomic(T *); expected a T **.
#define atomic_load_relaxed_ptr(p)       atomic_load_explicit((p), memory_order_relaxed)
#define atomic_load_acquire_ptr(p)       atomic_load_explicit((p), memory_order_acquire)
#define atomic_load_seq_cst_ptr(p)       atomic_load_explicit((p), memory_order_seq_cst)
#define atomic_store_relaxed_ptr(p, v)   atomic_store_explicit((p), (v), memory_order_relaxed)
#define atomic_store_release_ptr(p, v)   atomic_store_explicit((p), (v), memory_order_release)
#define atomic_store_seq_cst_ptr(p, v)   atomic_store_explicit((p), (v), memory_order_seq_cst)
#define atomic_swap_acq_rel_ptr(p, v)    atomic_exchange_explicit((p), (v), memory_order_acq_rel)
#define atomic_swap_seq_cst_ptr(p, v)    atomic_exchange_explicit((p), (v), memory_order_seq_cst)
#define atomic_cas_acq_rel_ptr(p, e, v)  atomic_compare_exchange_strong_explicit((p), (e), (v), memory_order_acq_rel, memory_order_acquire)
#define atomic_cas_release_ptr(p, e, v)  atomic_compare_exchange_strong_explicit((p), (e), (v), memory_order_release, memory_order_relaxed)
#define atomic_cas_seq_cst_ptr(p, e, v)  atomic_compare_exchange_strong_explicit((p), (e), (v), memory_order_seq_cst, memory_order_seq_cst)

// Tells the core that this is a spin loop.
static inline void cpu_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif

// The kernel's wait and wake on a 32-bit word; inside sync/ only. Spurious wake-ups happen: callers loop.
#ifndef SKEIN_SYNC_FUTEX_H
#define SKEIN_SYNC_FUTEX_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sync/atomic.h"

// Sleeps while *word == value, until `deadline` (monotonic ns; UINT64_MAX: for ever). Keeps errno.
static inline void futex_wait(_Atomic uint32_t *word, uint32_t value, uint64_t deadline) {
  int keep = errno;
  struct timespec at;
  if (deadline != UINT64_MAX) {
    at.tv_sec = (time_t)(deadline / 1000000000u);
    at.tv_nsec = (long)(deadline % 1000000000u);
  }
  syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value, deadline == UINT64_MAX ? NULL : &at, NULL,
          FUTEX_BITSET_MATCH_ANY);
  errno = keep;
}

// Wakes up to n sleepers. The word may already belong to someone else: waking by address is harmless. Async-signal-safe.
static inline void futex_wake(_Atomic uint32_t *word, int n) {
  int keep = errno;
  syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, n, NULL, NULL, 0);
  errno = keep;
}

#endif

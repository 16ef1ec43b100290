// Critical sections of one or two objects (as PEP 703 has them): the object's byte lock, let go on every way out of
// `attached` and taken again on return, innermost first. So a thread that waits for anything holds no object lock, and
// locks cannot deadlock; what was established under the lock must be tested again after whatever may detach.
#ifndef SKEIN_SYNC_CRITICAL_H
#define SKEIN_SYNC_CRITICAL_H

#include "sync/mutex.h"

struct CriticalSection {
  CriticalSection *prev;      // (t) the enclosing one
  _Atomic uint8_t *first;     // (t) locks of this section, lower address first; first NULL: nothing to hold, and not in the
  _Atomic uint8_t *second;    //     chain (GIL mode, or the enclosing section holds the same)
  bool held;                  // (t) false while suspended
};

void critical_begin_slow(ThreadCore *self, CriticalSection *cs, _Atomic uint8_t *lock) MAY_DETACH;
void critical_end_slow(ThreadCore *self) MAY_DETACH;

// Locks o for the section, a private o too: it may be published inside. Nothing in GIL mode, or against a lock that is taken
// while the caller has stopped the world. Waiting is a safepoint. Sections end in the reverse order of their beginnings.
static inline void critical_begin(ThreadCore *self, CriticalSection *cs, RefHead *o) {
  uint8_t old = 0;
  if (LIKELY(!self->gil && atomic_cas_acquire_u8(&o->lock, &old, LOCK_HELD))) {
    cs->first = &o->lock;
    cs->second = NULL;
    cs->held = true;
    cs->prev = self->critical;
    self->critical = cs;
  } else {
    critical_begin_slow(self, cs, &o->lock);
  }
}

static inline void critical_end(ThreadCore *self, CriticalSection *cs) {
  if (!cs->first) return;
  CHECK(self->critical == cs && cs->held, "critical_end of %p, innermost is %p, held %d", (void *)cs, (void *)self->critical,
        cs->held);
  self->critical = cs->prev;
  if (cs->second) byte_unlock(cs->second);
  byte_unlock(cs->first);
  if (UNLIKELY(cs->prev && !cs->prev->held)) critical_end_slow(self);
}

// Locks both, in the order of their addresses; a == b is fine.
void critical2_begin(ThreadCore *self, CriticalSection *cs, RefHead *a, RefHead *b) MAY_DETACH;
static inline void critical2_end(ThreadCore *self, CriticalSection *cs) { critical_end(self, cs); }

// For thread.c: every way out of `attached` suspends, every way in resumes the innermost.
void critical_suspend(ThreadCore *self);
void critical_resume(ThreadCore *self);

#endif

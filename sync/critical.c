// Critical sections: the slow begin, and suspending and resuming on the way out of and into `attached`.
#include "sync/critical.h"

#include "sync/stop.h"

// Only the innermost section is ever resumed by attaching; an outer one when it becomes the innermost.
// Invariant while attached and not inside these functions: the innermost section is held.

static bool enclosing_holds(const ThreadCore *self, const _Atomic uint8_t *lock) {
  const CriticalSection *top = self->critical;
  return top && top->held && (top->first == lock || top->second == lock);
}

// Enters the chain without a lock, so that a detach while waiting finds nothing to let go of here.
static void push_empty(ThreadCore *self, CriticalSection *cs) {
  cs->first = cs->second = NULL;
  cs->held = false;
  cs->prev = self->critical;
  self->critical = cs;
}

// Waits for the lock or the pair. Holding the lower one while waiting for the higher is safe: what a waiter keeps is always
// lower than what it waits for, and all else it had is suspended. Fork finds both in lock_in_hand.
static void lock_both(ThreadCore *self, _Atomic uint8_t *first, _Atomic uint8_t *second) {
  byte_lock(self, first);
  if (!second || byte_trylock(second)) return;
  atomic_store_release_ptr(&self->lock_in_hand[0], first);
  byte_lock(self, second);
  atomic_store_release_ptr(&self->lock_in_hand[0], (_Atomic uint8_t *)NULL);
}

void critical_begin_slow(ThreadCore *self, CriticalSection *cs, _Atomic uint8_t *lock) {
  if (self->gil || stop_is_mine(self) || enclosing_holds(self, lock)) {
    cs->first = cs->second = NULL;
    cs->held = false;
    return;
  }
  push_empty(self, cs);
  lock_both(self, lock, NULL);
  cs->first = lock;
  cs->held = true;
}

void critical2_begin(ThreadCore *self, CriticalSection *cs, RefHead *a, RefHead *b) {
  _Atomic uint8_t *first = &a->lock, *second = &b->lock;
  if (a == b) {
    critical_begin(self, cs, a);
    return;
  }
  if ((uintptr_t)second < (uintptr_t)first) {
    first = &b->lock;
    second = &a->lock;
  }
  bool have_first = enclosing_holds(self, first), have_second = enclosing_holds(self, second);
  if (self->gil || stop_is_mine(self) || (have_first && have_second)) {
    cs->first = cs->second = NULL;
    cs->held = false;
    return;
  }
  if (have_first || have_second) {
    // The enclosing section holds one of them, perhaps the higher. It lets go of all it has, to keep the order.
    critical_suspend(self);
  }
  push_empty(self, cs);
  lock_both(self, first, second);
  cs->first = first;
  cs->second = second;
  cs->held = true;
}

// The section that has just become the innermost was suspended: take its locks again.
void critical_end_slow(ThreadCore *self) { critical_resume(self); }

void critical_suspend(ThreadCore *self) {
  for (CriticalSection *cs = self->critical; cs; cs = cs->prev) {
    if (!cs->held) {
      if (cs->first) return;  // suspended earlier, and then so are all further out
      continue;               // being begun: holds nothing yet
    }
    cs->held = false;
    if (cs->second) byte_unlock(cs->second);
    byte_unlock(cs->first);
  }
}

void critical_resume(ThreadCore *self) {
  CriticalSection *cs = self->critical;
  if (!cs || cs->held || !cs->first) return;
  _Atomic uint8_t *first = cs->first, *second = cs->second;
  // Waiting may leave and enter again: until we have the locks this section has none, for either.
  cs->first = cs->second = NULL;
  lock_both(self, first, second);
  cs->first = first;
  cs->second = second;
  cs->held = true;
}

// Names of the lock ranks, and the checking build's test of their order; check_fail lives here too.
#include "sync/lockrank.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = {
#define RANK(name, text) text,
#include "sync/lockrank.def"
#undef RANK
};

const char *lockrank_name(unsigned rank) { return rank < LOCKRANK_COUNT ? names[rank] : "no such rank"; }

void check_fail(const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  fflush(stdout);
  fputs("skein: broken invariant: ", stderr);
  vfprintf(stderr, fmt, args);
  fputc('\n', stderr);
  va_end(args);
  abort();
}

#ifdef SKEIN_CHECK
void lockrank_take(ThreadCore *self, unsigned rank) {
  if (!self) return;
  if (rank >= LOCKRANK_COUNT) check_fail("lock rank %u does not exist", rank);
  if (self->ranks_held && self->ranks[self->ranks_held - 1] >= rank)
    check_fail("lock order: %s taken while %s is held", lockrank_name(rank), lockrank_name(self->ranks[self->ranks_held - 1]));
  if (self->ranks_held == sizeof self->ranks) check_fail("more than %zu locks held", sizeof self->ranks);
  self->ranks[self->ranks_held++] = (uint8_t)rank;
}

void lockrank_drop(ThreadCore *self, unsigned rank) {
  if (!self) return;
  for (unsigned i = self->ranks_held; i-- > 0;) {
    if (self->ranks[i] != rank) continue;
    for (; i + 1 < self->ranks_held; i++) self->ranks[i] = self->ranks[i + 1];
    self->ranks_held--;
    return;
  }
  check_fail("%s unlocked, but this thread does not hold it", lockrank_name(rank));
}

void lockrank_none_held(ThreadCore *self, const char *where) {
  if (self->ranks_held) check_fail("%s is held across %s", lockrank_name(self->ranks[self->ranks_held - 1]), where);
}
#endif

// Lock ranks and their run-time check (checking build).
#ifndef SKEIN_SYNC_LOCKRANK_H
#define SKEIN_SYNC_LOCKRANK_H

#include "sync/thread.h"

enum LockRank {
#define RANK(name, text) LOCKRANK_##name,
#include "sync/lockrank.def"
#undef RANK
  LOCKRANK_COUNT
};

const char *lockrank_name(unsigned rank);

#ifdef SKEIN_CHECK
void lockrank_take(ThreadCore *self, unsigned rank);  // fails if a lock of this or a later rank is held
void lockrank_drop(ThreadCore *self, unsigned rank);
void lockrank_none_held(ThreadCore *self, const char *where);  // fails if any is
#else
static inline void lockrank_take(ThreadCore *self, unsigned rank) { (void)self; (void)rank; }
static inline void lockrank_drop(ThreadCore *self, unsigned rank) { (void)self; (void)rank; }
static inline void lockrank_none_held(ThreadCore *self, const char *where) { (void)self; (void)where; }
#endif

#endif

// Inside sync/: the batches that wait for a grace period.
#ifndef SKEIN_SYNC_RETIRE_H
#define SKEIN_SYNC_RETIRE_H

#include "sync/thread.h"

#define RETIRE_BATCH_ENTRIES 252  // 4 KB

typedef struct RetireEntry {
  void *p;              // a RefHead, or the argument of fn
  void (*fn)(void *);   // NULL: ref_dec
} RetireEntry;

struct RetireBatch {
  RetireBatch *next;
  Slot *slot;           // whose; NULL: the reaper releases it itself
  size_t bytes;         // that hang on it, for pacing
  uint32_t at, n, cap;  // entries [at, n) are still to be released
  bool counted;         // in the sums that pace the reaper
  RetireEntry entries[];
};

// NULL without memory.
RetireBatch *retire_batch_new(uint32_t cap);
// Releases a chain of batches whose grace period has passed, and frees the batches.
void retire_release(ThreadCore *self, RetireBatch *chain) MAY_DETACH;
// A batch of the slot has been begun (claim held).
bool retire_is_unfinished(const Slot *slot);
// Hands on what retire_ref_awaited was given and no safepoint of this thread has seen to.
void retire_flush_awaited(ThreadCore *self);
// The reaper's: hands on the unfinished batches of slots that nobody is attached to, and its own.
void retire_flush_idle(ThreadCore *self);
// fn for each counted reference left in a chain.
void retire_chain_each(RetireBatch *chain, void (*fn)(RefHead *, void *), void *arg);

struct MergeNode {
  MergeNode *next;
  RefHead *object;
};
// Merges what is queued for the slot (claim held) and returns the nodes whose objects died, to be given to ref_merge_bury.
MUST_CHECK MergeNode *ref_merge_take(Slot *slot);
// Destroys the objects of these nodes and frees the nodes. The claim may be gone.
void ref_merge_bury(ThreadCore *self, MergeNode *dead) MAY_DETACH;

#endif

// The cycle collector (DESIGN 5). In a stop: each listed object's count less the references that other listed objects hold on
// it tells what is held from outside; what neither that nor a root reaches is garbage. Deferred objects have no counts: they
// live where a root or a live object reaches them, registers and native stacks included.
//
// Garbage is kept (one extra reference each) while the world runs its finalizers and weakref callbacks; a second stop looks again,
// since they may have revived it, and what is still garbage is cleared. Deferred garbage is torn down and freed by the next
// collection that finds nothing pointing at it.
#include <stdlib.h>
#include <time.h>
#include "runtime/gc.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/gc_leaves.h"
#include "runtime/heap.h"
#include "runtime/interp/frame.h"
#include "runtime/objects/generator.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/stop.h"
#include "sync/sync.h"

enum { MARKED = 1u << 31, TORN_DOWN = GC_CANDIDATE };
typedef struct Collection {
    Thread *t;
    uintptr_t stack_low;     // this thread's stack from here up is scanned: not the collector's own frames
    uint32_t **scratch;      // by slot, by registry index: outside references; MARKED once reached
    uint32_t slots;
    Object **stack;          // to be traversed
    size_t depth, capacity;
    Object **garbage;
    size_t count, room;
    bool failed;             // no memory: nothing is collected this time
    bool leaves;             // there are deferred leaves
    uint64_t live_bytes;
} Collection;

static _Atomic uint64_t allocated, threshold = 24 << 20;
static _Atomic uint32_t collecting, enabled = 1, automatic = 1;
static GcStats stats;

static bool may_start(void) { return atomic_load_relaxed_u32(&enabled) && atomic_load_relaxed_u32(&automatic); }

static bool is_listed(Object *o) { return !object_is_leaf(o) && object_registry_word(o)->index != 0; }
static uint32_t *scratch_of(Collection *c, Object *o) {
    RegistryWord *w = object_registry_word(o);
    return &c->scratch[w->slot][w->index];
}

static void push(Collection *c, Object *o) {
    if (c->depth == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 4096;
        Object **grown = realloc(c->stack, capacity * sizeof *grown);
        if (!grown) {
            c->failed = true;
            return;
        }
        c->stack = grown;
        c->capacity = capacity;
    }
    c->stack[c->depth++] = o;
}
static void reach(Object *o, void *arg) {
    Collection *c = arg;
    if (!is_listed(o)) {
        if (UNLIKELY(c->leaves) && object_is_leaf(o)) gc_leaf_reach(o);
        return;
    }
    uint32_t *s = scratch_of(c, o);
    if (*s & MARKED) return;
    *s |= MARKED;
    push(c, o);
}
static void reach_leaf_visit(Value *slot, void *arg) {
    if (value_is_pointer(*slot) && object_is_leaf(value_object(*slot))) gc_leaf_reach(value_object(*slot));
}
static void reach_head(RefHead *o, void *arg) { reach((Object *)o, arg); }
static void reach_visit(Value *slot, void *arg) {
    if (value_is_pointer(*slot)) reach(value_object(*slot), arg);
}
static void traverse(Object *o, VisitFn visit, void *arg) {
    if (!(atomic_load_relaxed_u8(&o->head.gc) & TORN_DOWN)) object_traverse(o, visit, arg);
}
static void drain(Collection *c) {
    while (c->depth) traverse(c->stack[--c->depth], reach_visit, c);
}

static void count_in(Object *o, void *arg) {
    Collection *c = arg;
    uint32_t n = ref_is_deferred(&o->head) ? 0 : ref_count(&o->head);
    *scratch_of(c, o) = n & ~MARKED;
    c->live_bytes += object_size(o);
}
static void subtract_visit(Value *slot, void *arg) {
    if (!value_is_pointer(*slot)) return;
    Object *o = value_object(*slot);
    if (!is_listed(o) || ref_is_deferred(&o->head)) return;
    uint32_t *s = scratch_of(arg, o);
    if (*s) --*s;
}
// No reference left: a thread (or the reaper) is about to destroy it, or is in its weakref callbacks. What it holds is held.
static bool is_dying(const Object *o) { return !ref_is_deferred(&o->head) && ref_count(&o->head) == 0; }
static void subtract(Object *o, void *arg) {
    if (!is_dying(o)) traverse(o, subtract_visit, arg);
}
static void reach_if_held(Object *o, void *arg) {
    if (*scratch_of(arg, o) & ~MARKED || is_dying(o)) reach(o, arg);
}

// An object that waits to be torn down has left the registry: only what it refers to is reached.
static void reach_held_by_dying(Object *o, void *arg) { object_traverse(o, reach_visit, arg); }

// Registers of one frame chain, and the generators that run on it.
static void reach_stack(Collection *c, Thread *t) {
    thread_traverse(t, reach_visit, c);
    dying_each(t, reach_held_by_dying, c);
    if (!t->stack_base || !t->fp) return;
    for (Value *fp = t->fp; fp; fp = frame_caller(fp)) {
        uint32_t n = frame_data(fp)->nregs;
        for (uint32_t i = 0; i < n; i++) reach_visit(&fp[i], c);
        reach_visit(&fp[FRAME_FUNCTION], c);
        reach_visit(&fp[FRAME_OBJECT], c);
        if (frame_data(fp)->code) reach((Object *)frame_data(fp)->code, c);
        if (frame_is_generator(t, fp)) reach((Object *)generator_of_fp(fp), c);
    }
}
static void reach_thread(ThreadCore *core, void *arg) { reach_stack(arg, (Thread *)core); }

// ---- native stacks: any word that points into a deferred object keeps it
static void add_candidate(Object *o, void *arg) {
    Collection *c = arg;
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 256;
        Object **grown = realloc(c->garbage, room * sizeof *grown);
        if (!grown) {
            c->failed = true;
            return;
        }
        c->garbage = grown;
        c->room = room;
    }
    c->garbage[c->count++] = o;
}
static void collect_deferred(Object *o, void *arg) {
    if (ref_is_deferred(&o->head) && !(*scratch_of(arg, o) & MARKED)) add_candidate(o, arg);
}
static int by_address(const void *a, const void *b) {
    uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
    return x < y ? -1 : x > y;
}
__attribute__((no_sanitize("address", "thread"))) static void scan_words(Collection *c, uintptr_t low, uintptr_t high) {
    for (uintptr_t *p = (uintptr_t *)(low & ~(uintptr_t)7); (uintptr_t)p < high; p++) {
        uintptr_t word = *p;
        size_t from = 0, to = c->count;
        while (from < to) { // the last object that begins at or before the word
            size_t middle = (from + to) / 2;
            if ((uintptr_t)c->garbage[middle] <= word) from = middle + 1;
            else to = middle;
        }
        if (!from) continue;
        Object *o = c->garbage[from - 1];
        if (word < (uintptr_t)o + object_size(o)) reach(o, c);
    }
}
static void scan_thread(ThreadCore *core, void *arg) {
    Collection *c = arg;
    if (core == &c->t->core || !core->spill_low) return;
    scan_words(c, core->spill_low, core->stack_high);
    scan_words(c, (uintptr_t)core->spilled, (uintptr_t)(core->spilled + THREAD_SPILLED));
}
static void scan_native_stacks(Collection *c) {
    registry_each(collect_deferred, c);
    if (c->leaves) gc_leaves_unreached(c->t->interp, add_candidate, c);
    if (c->count && !c->failed) {
        qsort(c->garbage, c->count, sizeof *c->garbage, by_address);
        scan_words(c, c->stack_low, c->t->core.stack_high);
        thread_each(&c->t->core, scan_thread, c);
        drain(c);
    }
    c->count = 0;
}

static void find_garbage(Object *o, void *arg) {
    Collection *c = arg;
    if (*scratch_of(c, o) & MARKED || refhead_owner(&o->head) == OWNER_IMMORTAL) {
        if (atomic_load_relaxed_u8(&o->head.gc) & GC_CONDEMNED) atomic_and_relaxed_u8(&o->head.gc, (uint8_t)~GC_CONDEMNED);
        return;
    }
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 256;
        Object **grown = realloc(c->garbage, room * sizeof *grown);
        if (!grown) {
            c->failed = true;
            return;
        }
        c->garbage = grown;
        c->room = room;
    }
    c->garbage[c->count++] = o;
}

// In a stop. `held`: objects that this collection holds one extra reference to.
static void analyse(Collection *c, Object **held, size_t nheld) {
    c->slots = slot_high();
    c->count = c->depth = 0;
    c->live_bytes = 0;
    c->scratch = calloc(c->slots + 1, sizeof *c->scratch);
    for (uint32_t s = 1; c->scratch && s <= c->slots; s++) {
        SlotData *data = slot_at(s)->user;
        uint32_t top = data && data->registry ? atomic_load_acquire_u32(&data->registry->top) : 1;
        c->scratch[s] = calloc(top, sizeof(uint32_t));
        if (!c->scratch[s]) c->failed = true;
    }
    if (!c->scratch) c->failed = true;
    if (c->failed) return;
    c->leaves = gc_leaves_begin(c->t->interp);
    registry_sweep_tombstones();
    verify_heap(c->t);
    registry_each(count_in, c);
    for (size_t i = 0; i < nheld; i++)
        if (!ref_is_deferred(&held[i]->head)) --*scratch_of(c, held[i]);
    registry_each(subtract, c);
    registry_each(reach_if_held, c);
    interp_traverse(c->t->interp, reach_visit, c);
    for (int i = 0; i < T_COUNT; i++) object_traverse((Object *)&builtin_types[i], reach_visit, c);
    for (int i = 0; i < E_COUNT; i++) object_traverse((Object *)&exception_types[i], reach_visit, c);
    thread_each(&c->t->core, reach_thread, c);
    retire_each(reach_head, c);
    drain(c);
    scan_native_stacks(c);
    registry_each(find_garbage, c);
}
static void forget_scratch(Collection *c) {
    for (uint32_t s = 1; c->scratch && s <= c->slots; s++) free(c->scratch[s]);
    free(c->scratch);
    c->scratch = NULL;
}

// Everything of another slot that is garbage becomes shared, in the name of that slot, before anybody touches it.
static void share_garbage(Collection *c) {
    if (!sync_is_shared()) return;
    for (size_t i = 0; i < c->count; i++)
        if (!object_is_shared(c->garbage[i]) && !(atomic_load_relaxed_u8(&c->garbage[i]->head.gc) & TORN_DOWN)) publish_in_stop(c->t, c->garbage[i]);
}

static void finalize_garbage(Collection *c) {
    Thread *t = c->t;
    for (size_t i = 0; i < c->count; i++) {
        Object *o = c->garbage[i];
        if (atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF) weakref_object_dying(t, o);
    }
    for (size_t i = 0; i < c->count; i++) {
        Object *o = c->garbage[i];
        if (!object_has_finalizer(o)) continue;
        atomic_or_relaxed_u8(&o->head.gc, GC_FINALIZED);
        object_type(o)->ops.finalize(t, value_of(o));
    }
}

static int compare_garbage(const void *a, const void *b) { return by_address(a, b); }

static NOINLINE int64_t collect(Thread *t, int generation, uintptr_t stack_low) {
    (void)generation;
    uint32_t idle = 0;
    if (!atomic_cas_acq_rel_u32(&collecting, &idle, 1)) return 0;
    Value pending = error_take(t);
    if (sync_is_shared()) retire_drain(&t->core);
    struct timespec from, to;
    Collection c = {.t = t, .stack_low = stack_low};
    stop_world(&t->core);
    clock_gettime(CLOCK_MONOTONIC, &from);
    analyse(&c, NULL, 0);
    if (!c.failed) {
        share_garbage(&c);
        for (size_t i = 0; i < c.count; i++) atomic_or_relaxed_u8(&c.garbage[i]->head.gc, GC_GARBAGE);
        // An extra reference keeps each while the world runs.
        for (size_t i = 0; i < c.count; i++)
            if (!ref_is_deferred(&c.garbage[i]->head)) ref_inc(&t->core, &c.garbage[i]->head);
    } else {
        c.count = 0;
    }
    // Garbage that has not been torn down refers to its leaves: they outlive it.
    for (size_t i = 0; c.leaves && i < c.count; i++) traverse(c.garbage[i], reach_leaf_visit, NULL);
    size_t ndead_leaves = 0;
    Object **dead_leaves = c.failed ? NULL : gc_leaves_sweep(t->interp, &ndead_leaves);
    forget_scratch(&c);
    uint64_t live = c.live_bytes;
    for (uint32_t s = 1; s <= slot_high(); s++) {
        SlotData *data = slot_at(s)->user;
        if (data) data->allocated_bytes = 0;
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    start_world(&t->core);
    gc_leaves_free(t, dead_leaves, ndead_leaves);
    uint64_t pause = (uint64_t)(to.tv_sec - from.tv_sec) * 1000000000u + (uint64_t)(to.tv_nsec - from.tv_nsec);
    stats.collections++;
    stats.last_pause_ns = pause;
    stats.total_pause_ns += pause;
    if (pause > stats.worst_pause_ns) stats.worst_pause_ns = pause;
    atomic_store_relaxed_u64(&allocated, 0);
    atomic_store_relaxed_u64(&threshold, (24 << 20) + live);

    int64_t collected = 0;
    if (c.count) {
        finalize_garbage(&c);
        for (size_t i = 0; i < c.count; i++) atomic_and_relaxed_u8(&c.garbage[i]->head.gc, (uint8_t)~GC_GARBAGE);
        // Who was revived meanwhile is reached again.
        Collection again = {.t = t, .stack_low = stack_low};
        stop_world(&t->core);
        analyse(&again, c.garbage, c.count);
        Object **dead = malloc((c.count + 1) * sizeof *dead);
        size_t ndead = 0;
        if (!again.failed && dead) {
            qsort(again.garbage, again.count, sizeof *again.garbage, compare_garbage);
            for (size_t i = 0; i < c.count; i++)
                if (again.count && bsearch(&c.garbage[i], again.garbage, again.count, sizeof *again.garbage, compare_garbage)) dead[ndead++] = c.garbage[i];
        }
        // Weak references that finalizers made to what dies nevertheless: nobody may find it through them from here on.
        for (size_t i = 0; i < ndead; i++)
            if (atomic_load_relaxed_u8(&dead[i]->head.gc) & GC_WEAKREF) weakref_clear_in_stop(t, dead[i], NULL, NULL);
        forget_scratch(&again);
        free(again.garbage);
        free(again.stack);
        start_world(&t->core);
        for (size_t i = 0; i < ndead; i++) {
            Object *o = dead[i];
            if (atomic_load_relaxed_u8(&o->head.gc) & (TORN_DOWN | GC_CONDEMNED)) continue; // counted and cleared before
            collected++;
            Type *type = object_type(o);
            if (type->spec->clear) type->spec->clear(t, o);
            if (type->flags & (TYPE_HEAP | TYPE_HAS_ATTRIBUTES) && o != (Object *)type) instance_clear(t, o);
        }
        size_t ndeferred = 0;
        for (size_t i = 0; i < ndead; i++)
            if (ref_is_deferred(&dead[i]->head)) dead[ndeferred++] = dead[i];
        // Counted ones die here, while the deferred ones (their classes and functions among them) are whole.
        for (size_t i = 0; i < c.count; i++)
            if (!ref_is_deferred(&c.garbage[i]->head)) ref_dec(&t->core, &c.garbage[i]->head);
        // A deferred one is condemned first: what refers to it may only be on its way to its end (in a retire batch, in another
        // slot's merge queue), and needs it whole. Still unreachable in the next collection, it is torn down; torn down by an
        // earlier one, and reached by nothing since, it is freed.
        for (size_t i = 0; i < ndeferred; i++) {
            Object *o = dead[i];
            if (atomic_load_relaxed_u8(&o->head.gc) & TORN_DOWN) {
                registry_drop(t, o);
                // A class's own block stays: shapes name it, and the block of an instance is sized by its shape.
                if (!(object_type(o)->flags & TYPE_IS_TYPE)) object_free_memory(t, o, object_is_shared(o));
            } else if (!(atomic_load_relaxed_u8(&o->head.gc) & GC_CONDEMNED)) {
                atomic_or_relaxed_u8(&o->head.gc, GC_CONDEMNED);
            } else {
                Type *type = object_type(o);
                if (type->spec->destroy) type->spec->destroy(t, o);
                if (type->flags & (TYPE_HEAP | TYPE_HAS_ATTRIBUTES)) instance_release(t, o);
                atomic_or_relaxed_u8(&o->head.gc, TORN_DOWN);
            }
        }
        free(dead);
    }
    free(c.garbage);
    free(c.stack);
    stats.collected += (uint64_t)collected;
    error_clear(t);
    error_restore(t, pending);
    atomic_store_release_u32(&collecting, 0);
    return collected;
}

// The callers' registers go to this frame; what the collector's own frames hold keeps nothing.
int64_t gc_collect(Thread *t, int generation) {
    uintptr_t low;
    __builtin_unwind_init();
    return collect(t, generation, (uintptr_t)&low);
}

void gc_note_allocated(Thread *t) {
    SlotData *slot = thread_slot(t);
    uint64_t bytes = slot->allocated_bytes;
    slot->allocated_bytes = 0;
    if (atomic_add_relaxed_u64(&allocated, bytes) + bytes > atomic_load_relaxed_u64(&threshold) && may_start())
        thread_poke(&t->core, POLL_GC);
}
void gc_note_deferred(Thread *t, Object *o) {
    enum { HELD_BYTES = 128 }; // a guess at what it keeps alive beside itself: it is shared, and may not be looked into
    if (object_is_leaf(o)) gc_leaf_note(t->interp, o);
    atomic_add_relaxed_u64(&allocated, object_size(o) + HELD_BYTES);
}
void gc_collect_if_due(Thread *t) {
    if (atomic_load_relaxed_u64(&allocated) > atomic_load_relaxed_u64(&threshold) && may_start()) gc_collect(t, 2);
}
GcStats gc_stats(void) { return stats; }
void gc_set_automatic(bool on) { atomic_store_relaxed_u32(&automatic, on); }
uint64_t gc_pending_bytes(Thread *t) { return atomic_load_relaxed_u64(&allocated) + thread_slot(t)->allocated_bytes; }
bool gc_is_visible(Object *o) { return !is_dying(o) && !(atomic_load_relaxed_u8(&o->head.gc) & TORN_DOWN); }
void gc_set_enabled(bool on) { atomic_store_relaxed_u32(&enabled, on); }
bool gc_enabled(void) { return atomic_load_relaxed_u32(&enabled); }

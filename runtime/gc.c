// The cycle collector (DESIGN 5). In a stop: each listed object's count less the references that other listed objects hold on
// it tells what is held from outside; what neither that nor a root reaches is garbage. Deferred objects have no counts: they
// live where a root or a live object reaches them, registers and native stacks included.
//
// Where garbage has finalizers or weakref callbacks, it is kept (one extra reference each) while the world runs them; a second stop looks
// again, since they may have revived it, and what is still garbage is cleared. Else its weak references are cleared in the first stop.
// (Automatic collections leave finalizers and callbacks to the finalizer thread, where there is one: gc_farewell.h.) Deferred garbage is torn down and freed by the next
// collection that finds nothing pointing at it.
#include <stdlib.h>
#include <time.h>
#include "runtime/gc.h"
#include "runtime/abstract.h"
#include "runtime/attribute_cache.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/gc_farewell.h"
#include "runtime/gc_leaves.h"
#include "runtime/heap.h"
#include "runtime/interp/frame.h"
#include "runtime/interp/inline_cells.h"
#include "runtime/objects/generator.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/park.h"
#include "sync/rcu.h"
#include "sync/reaper.h"
#include "sync/stop.h"
#include "sync/sync.h"

enum { MARKED = 1, ONE = 2, TORN_DOWN = GC_CANDIDATE }; // of a scratch word: reached; one reference
typedef struct Collection {
    Thread *t;
    uintptr_t stack_low;     // this thread's stack from here up is scanned: not the collector's own frames
    struct Scratch {
        uint32_t *at;        // by registry index: outside references, in ONEs (mod 2^32 while they are worked out); MARKED once reached
        uint32_t n;
    } *scratch;              // by slot
    uint32_t slots;
    Object **stack;          // to be traversed
    size_t depth, capacity;
    Object **garbage;
    size_t count, room;
    bool failed;             // no memory: nothing is collected this time
    bool leaves;             // there are deferred leaves
    Shape **shapes;          // of the types that only native stacks may keep; by address
    size_t nshapes, shapes_room;
    uint64_t live_bytes, garbage_bytes; // of objects' own blocks
    uint64_t waiting_bytes;  // of deferred garbage among it, which only later collections free
} Collection;

static _Atomic uint64_t allocated, threshold = 24 << 20;
static _Atomic uint32_t collecting, enabled = 1, automatic = 1;
static GcStats stats;

static bool may_start(void) { return atomic_load_relaxed_u32(&enabled) && atomic_load_relaxed_u32(&automatic); }

// The scratch word of an object that is listed; NULL for others.
static inline uint32_t *scratch_of(Collection *c, Object *o) {
    Type *type = object_type(o);
    if (type_is_leaf(type)) return NULL;
    RegistryWord *w = type->prefix ? (RegistryWord *)((char *)o - 8) : (RegistryWord *)&((Container *)o)->reg_index;
    return w->index ? &c->scratch[w->slot].at[w->index] : NULL;
}

// fn for the listed objects of whose scratch word none of `bits` is set (zero), or any; others are not even touched.
static ALWAYS_INLINE void each_with(Collection *c, uint32_t bits, bool zero, void (*fn)(Object *o, void *arg)) {
    for (uint32_t s = 1; s <= c->slots; s++) {
        SlotData *data = slot_at(s)->user;
        for (uint32_t i = 1, n = c->scratch[s].n; i < n; i++) {
            if (((c->scratch[s].at[i] & bits) == 0) != zero) continue;
            Object *o = registry_get(data->registry, i);
            if (o) fn(o, c);
        }
    }
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
    uint32_t *s = scratch_of(c, o);
    if (!s) {
        if (UNLIKELY(c->leaves) && object_is_leaf(o)) gc_leaf_reach(o);
        return;
    }
    if (*s & MARKED) return;
    *s |= MARKED;
    if (UNLIKELY(atomic_load_relaxed_u8(&o->head.gc) & GC_CONDEMNED)) atomic_and_relaxed_u8(&o->head.gc, (uint8_t)~GC_CONDEMNED);
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

// No reference left: a thread (or the reaper) is about to destroy it, or is in its weakref callbacks. What it holds is held.
static bool is_dying(const Object *o) { return !ref_is_deferred(&o->head) && ref_count(&o->head) == 0; }
static void subtract_visit(Value *slot, void *arg) {
    if (!value_is_pointer(*slot)) return;
    Object *o = value_object(*slot);
    uint32_t *s = scratch_of(arg, o);
    if (s && !ref_is_deferred(&o->head)) *s -= ONE;
}
// Its own references are added, those that it holds subtracted: in whatever order, outside ones are left.
static void count(Object *o, void *arg) {
    Collection *c = arg;
    c->live_bytes += object_size(o);
    if (!ref_is_deferred(&o->head)) {
        uint32_t n = ref_count(&o->head);
        *scratch_of(c, o) += ONE * (n ? n : 1); // dying: held
        if (!n) return;
    }
    traverse(o, subtract_visit, c);
}

// An object that waits to be torn down has left the registry: only what it refers to is reached.
static void reach_held_by_dying(Object *o, void *arg) { object_traverse(o, reach_visit, arg); }

// Registers of one frame chain, and the generators that run on it.
static void reach_stack(Collection *c, Thread *t) {
    thread_traverse(t, reach_visit, c);
    dying_each(t, reach_held_by_dying, c);
    for (DyingList *list = t->dying; list; list = list->outer)
        if (list->type) reach((Object *)list->type, c);
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
    if (ref_is_deferred(&o->head)) add_candidate(o, arg);
}
static int by_address(const void *a, const void *b) {
    uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
    return x < y ? -1 : x > y;
}
static void add_shape(Shape *shape, void *arg) {
    Collection *c = arg;
    Object *type = (Object *)shape->type;
    uint32_t *s = scratch_of(c, type);
    if (!s || *s & MARKED) return;
    if (c->nshapes == c->shapes_room) {
        size_t room = c->shapes_room ? c->shapes_room * 2 : 256;
        Shape **grown = realloc(c->shapes, room * sizeof *grown);
        if (!grown) {
            c->failed = true;
            return;
        }
        c->shapes = grown;
        c->shapes_room = room;
    }
    c->shapes[c->nshapes++] = shape;
}
// How many of `n` pointers, sorted, are at most `word`.
static size_t count_up_to(void *const *sorted, size_t n, uintptr_t word) {
    size_t from = 0, to = n;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if ((uintptr_t)sorted[middle] <= word) from = middle + 1;
        else to = middle;
    }
    return from;
}
__attribute__((no_sanitize("address", "thread"))) static void scan_words(Collection *c, uintptr_t low, uintptr_t high) {
    for (uintptr_t *p = (uintptr_t *)(low & ~(uintptr_t)7); (uintptr_t)p < high; p++) {
        uintptr_t word = *p;
        size_t n = count_up_to((void *const *)c->garbage, c->count, word);
        if (n && word < (uintptr_t)c->garbage[n - 1] + object_size(c->garbage[n - 1])) reach(c->garbage[n - 1], c);
        n = count_up_to((void *const *)c->shapes, c->nshapes, word);
        if (n && word < (uintptr_t)(c->shapes[n - 1] + 1)) reach((Object *)c->shapes[n - 1]->type, c);
    }
}
static void scan_thread(ThreadCore *core, void *arg) {
    Collection *c = arg;
    if (core == &c->t->core || !core->spill_low) return;
    scan_words(c, core->spill_low, core->stack_high);
    scan_words(c, (uintptr_t)core->spilled, (uintptr_t)(core->spilled + THREAD_SPILLED));
}
static void scan_native_stacks(Collection *c) {
    each_with(c, MARKED, true, collect_deferred);
    if (c->leaves) gc_leaves_unreached(c->t->interp, add_candidate, c);
    c->nshapes = 0;
    bool types = false;
    for (size_t i = 0; i < c->count && !types; i++) types = object_type(c->garbage[i])->flags & TYPE_IS_TYPE;
    if (types) shapes_each(add_shape, c);
    if (c->count && !c->failed) {
        qsort(c->garbage, c->count, sizeof *c->garbage, by_address);
        if (c->nshapes) qsort(c->shapes, c->nshapes, sizeof *c->shapes, by_address);
        scan_words(c, c->stack_low, c->t->core.stack_high);
        thread_each(&c->t->core, scan_thread, c);
        drain(c);
    }
    c->count = 0;
}

static void find_garbage(Object *o, void *arg) {
    Collection *c = arg;
    if (refhead_owner(&o->head) == OWNER_IMMORTAL) return;
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
    c->garbage_bytes += object_size(o);
    if (ref_is_deferred(&o->head)) c->waiting_bytes += object_size(o);
}

// Names by whose addresses shapes and method caches tell attributes.
static void reach_leaf(Object *o, void *arg) { gc_leaf_reach(o); }
static void reach_name_of_shape(Shape *shape, void *arg) {
    if (shape->name) gc_leaf_reach((Object *)shape->name);
}
static void reach_names_of_type(Object *o, void *arg) {
    if (object_type(o)->flags & TYPE_IS_TYPE) type_cache_names((Type *)o, reach_leaf, arg);
}
static void reach_cached_names(Collection *c) {
    shapes_each(reach_name_of_shape, c);
    registry_each(reach_names_of_type, c);
    for (int i = 0; i < T_COUNT; i++) type_cache_names(&builtin_types[i], reach_leaf, c);
    for (int i = 0; i < E_COUNT; i++) type_cache_names(&exception_types[i], reach_leaf, c);
}

// In a stop. `held`: objects that this collection holds one extra reference to.
static void analyse(Collection *c, Object **held, size_t nheld) {
    c->slots = slot_high();
    c->count = c->depth = 0;
    c->live_bytes = c->garbage_bytes = c->waiting_bytes = 0;
    c->scratch = calloc(c->slots + 1, sizeof *c->scratch);
    for (uint32_t s = 1; c->scratch && s <= c->slots; s++) {
        SlotData *data = slot_at(s)->user;
        uint32_t top = data && data->registry ? atomic_load_acquire_u32(&data->registry->top) : 0;
        c->scratch[s].n = top;
        if (!(c->scratch[s].at = calloc(top ? top : 1, sizeof(uint32_t)))) c->failed = true;
    }
    if (!c->scratch) c->failed = true;
    if (c->failed) return;
    c->leaves = gc_leaves_begin(c->t->interp);
    registry_sweep_tombstones();
    verify_heap(c->t);
    registry_each(count, c);
    for (size_t i = 0; i < nheld; i++)
        if (!ref_is_deferred(&held[i]->head)) *scratch_of(c, held[i]) -= ONE;
    each_with(c, ~(uint32_t)MARKED, false, reach);
    interp_traverse(c->t->interp, reach_visit, c);
    for (int i = 0; i < T_COUNT; i++) object_traverse((Object *)&builtin_types[i], reach_visit, c);
    for (int i = 0; i < E_COUNT; i++) object_traverse((Object *)&exception_types[i], reach_visit, c);
    if (c->leaves) reach_cached_names(c);
    thread_each(&c->t->core, reach_thread, c);
    retire_each(reach_head, c);
    drain(c);
    scan_native_stacks(c);
    each_with(c, MARKED, true, find_garbage);
}
static void forget_scratch(Collection *c) {
    for (uint32_t s = 1; c->scratch && s <= c->slots; s++) free(c->scratch[s].at);
    free(c->scratch);
    c->scratch = NULL;
}

// Everything of another slot that is garbage becomes shared, in the name of that slot, before anybody touches it.
static void share_garbage(Collection *c) {
    if (!sync_is_shared()) return;
    for (size_t i = 0; i < c->count; i++)
        if (!object_is_shared(c->garbage[i]) && !(atomic_load_relaxed_u8(&c->garbage[i]->head.gc) & TORN_DOWN)) publish_in_stop(c->t, c->garbage[i]);
}

// Frees objects that have been torn down. A block is sized by the object's type, which may be among them: they all are, first of all.
static void free_torn(Thread *t, Object **dead, size_t n) {
    struct Block {
        void *at;
        size_t bytes;
        bool shared;
    } *blocks = n ? malloc(n * sizeof *blocks) : NULL;
    if (!blocks) return; // without memory: the next collection finds them again
    bool types = false;
    for (size_t i = 0; i < n; i++) {
        Object *o = dead[i];
        registry_drop(t, o);
        blocks[i] = (struct Block){(char *)o - object_type(o)->prefix, object_size(o), object_is_shared(o)};
        if (!(object_type(o)->flags & TYPE_IS_TYPE)) continue;
        ((Type *)o)->dead = types = true;
    }
    if (types) shapes_drop_dead(t);
    for (size_t i = 0; i < n; i++) {
        if (blocks[i].shared) retire_free(&t->core, blocks[i].at, blocks[i].bytes, storage_free);
        else memory_free(t, blocks[i].at, blocks[i].bytes);
    }
    free(blocks);
}

static int compare_garbage(const void *a, const void *b) { return by_address(a, b); }

// Does ending it let the program see that, by a finalizer or a weak reference's callback?
static bool is_noisy(Object *o) { return object_has_finalizer(o) || (atomic_load_relaxed_u8(&o->head.gc) & GC_WEAKREF && weakref_has_callback(o)); }
static bool ends_silently(Collection *c) {
    for (size_t i = 0; i < c->count; i++)
        if (is_noisy(c->garbage[i])) return false;
    return true;
}
static void no_longer_garbage(Object *o) { atomic_and_relaxed_u8(&o->head.gc, (uint8_t)~GC_GARBAGE); }
// In the first stop: garbage that is noisy, and what it reaches, goes behind the rest of the garbage. Returns how many these are. What has been
// torn down already, and is reached, waits for another collection.
static size_t set_noisy_apart(Collection *c) {
    for (size_t i = 0; i < c->count; i++)
        if (is_noisy(c->garbage[i])) reach(c->garbage[i], c);
    drain(c);
    size_t left = 0, silent = 0;
    for (size_t i = 0; i < c->count; i++) {
        Object *o = c->garbage[i];
        bool reached = c->failed || *scratch_of(c, o) & MARKED;
        if (reached) c->waiting_bytes += object_size(o);
        if (reached && atomic_load_relaxed_u8(&o->head.gc) & TORN_DOWN) {
            no_longer_garbage(o);
            continue;
        }
        c->garbage[left] = o;
        if (!reached) {
            c->garbage[left] = c->garbage[silent];
            c->garbage[silent++] = o;
        }
        left++;
    }
    c->count = left;
    return left - silent;
}
// In the first stop: of garbage with finalizers, what refers to another comes before it, so that a text file is flushed before the
// file below it is closed. Rings, and chains of more than ORDERED, come as they lie.
typedef struct Holder {
    Collection *c;
    Object *o;
} Holder;
static void held_visit(Value *slot, void *arg) {
    Holder *holder = arg;
    if (!value_is_pointer(*slot) || value_object(*slot) == holder->o || !object_has_finalizer(value_object(*slot))) return;
    uint32_t *s = scratch_of(holder->c, value_object(*slot));
    if (s) *s = (*s & MARKED) | ONE;
}
static void holders_first(Collection *c, Object **garbage, size_t n) {
    enum { ORDERED = 8 };
    size_t done = 0;
    for (int round = 0; round < ORDERED && done < n; round++) {
        for (size_t i = done; i < n; i++) *scratch_of(c, garbage[i]) &= MARKED;
        for (size_t i = done; i < n; i++)
            if (object_has_finalizer(garbage[i])) traverse(garbage[i], held_visit, &(Holder){c, garbage[i]});
        size_t before = done;
        for (size_t i = done; i < n; i++) {
            Object *o = garbage[i];
            if (*scratch_of(c, o) & ONE) continue;
            garbage[i] = garbage[done];
            garbage[done++] = o;
        }
        if (done == before) return;
    }
}
// In a stop: nobody finds them through weak references from here on.
static void clear_weakrefs(Thread *t, Object **dead, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (atomic_load_relaxed_u8(&dead[i]->head.gc) & GC_WEAKREF) weakref_clear_in_stop(t, dead[i], NULL, NULL);
}
static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static void note_pause(uint64_t from) {
    uint64_t pause = now_ns() - from;
    stats.last_pause_ns = pause;
    stats.total_pause_ns += pause;
    if (pause > stats.worst_pause_ns) stats.worst_pause_ns = pause;
}

// Finalizers and callbacks have run, and may have revived some of the garbage: a second stop finds what is garbage still, moves it to the
// front, and returns how many these are.
static size_t look_again(Collection *c) {
    Collection again = {.t = c->t, .stack_low = c->stack_low};
    stop_world(&c->t->core);
    uint64_t from = now_ns();
    analyse(&again, c->garbage, c->count);
    size_t ndead = 0;
    if (!again.failed && again.count) {
        qsort(again.garbage, again.count, sizeof *again.garbage, compare_garbage);
        for (size_t i = 0; i < c->count; i++) {
            Object *o = c->garbage[i];
            if (!bsearch(&o, again.garbage, again.count, sizeof *again.garbage, compare_garbage)) continue;
            c->garbage[i] = c->garbage[ndead];
            c->garbage[ndead++] = o;
        }
    }
    for (size_t i = ndead; i < c->count; i++) no_longer_garbage(c->garbage[i]);
    clear_weakrefs(c->t, c->garbage, ndead); // those that finalizers made
    forget_scratch(&again);
    start_world(&c->t->core);
    note_pause(from);
    free(again.garbage);
    free(again.stack);
    free(again.shapes);
    return ndead;
}

// The end of the first `ndead` of the garbage; each of the rest loses the collector's reference. Returns how many are counted as collected.
static int64_t end_garbage(Collection *c, size_t ndead) {
    Thread *t = c->t;
    int64_t collected = 0;
    for (size_t i = 0; i < ndead; i++) {
        Object *o = c->garbage[i];
        if (atomic_load_relaxed_u8(&o->head.gc) & (TORN_DOWN | GC_CONDEMNED)) continue; // counted and cleared before
        collected++;
        Type *type = object_type(o);
        if (type->spec->clear) type->spec->clear(t, o);
        if (type->flags & (TYPE_HEAP | TYPE_HAS_ATTRIBUTES) && o != (Object *)type) instance_clear(t, o);
    }
    // Counted ones die here, while the deferred ones (their classes and functions among them) are whole.
    size_t ndeferred = 0, ntorn = 0;
    for (size_t i = 0; i < c->count; i++) {
        Object *o = c->garbage[i];
        if (ref_is_deferred(&o->head)) {
            if (i < ndead) c->garbage[ndeferred++] = o;
        } else {
            no_longer_garbage(o);
            ref_dec(&t->core, &o->head);
        }
    }
    // A deferred one is condemned first: what refers to it may only be on its way to its end (in a retire batch, in another
    // slot's merge queue), and needs it whole. Still unreachable in the next collection, it is torn down; torn down by an
    // earlier one, and reached by nothing since, it is freed.
    for (size_t i = 0; i < ndeferred; i++) {
        Object *o = c->garbage[i];
        if (atomic_load_relaxed_u8(&o->head.gc) & TORN_DOWN) {
            c->garbage[ntorn++] = o;
        } else if (!(atomic_load_relaxed_u8(&o->head.gc) & GC_CONDEMNED)) {
            atomic_or_relaxed_u8(&o->head.gc, GC_CONDEMNED);
        } else {
            Type *type = object_type(o);
            if (type->spec->destroy) type->spec->destroy(t, o);
            if (type->flags & (TYPE_HEAP | TYPE_HAS_ATTRIBUTES)) instance_release(t, o);
            atomic_or_relaxed_u8(&o->head.gc, TORN_DOWN);
        }
        no_longer_garbage(o);
    }
    free_torn(t, c->garbage, ntorn);
    return collected;
}

static NOINLINE int64_t collect(Thread *t, bool automatic, uintptr_t stack_low) {
    uint32_t idle = 0;
    if (!atomic_cas_acq_rel_u32(&collecting, &idle, 1)) return 0;
    Value pending = error_take(t);
    if (sync_is_shared()) retire_drain(&t->core);
    Collection c = {.t = t, .stack_low = stack_low};
    stop_world(&t->core);
    uint64_t from = now_ns();
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
    bool silent = ends_silently(&c);
    size_t nnoisy = automatic && !silent && reaper_running() ? set_noisy_apart(&c) : 0;
    c.count -= nnoisy;
    if (silent || nnoisy) clear_weakrefs(t, c.garbage, c.count);
    if (nnoisy) holders_first(&c, &c.garbage[c.count], nnoisy);
    else if (!silent) holders_first(&c, c.garbage, c.count);
    // Garbage that has not been torn down refers to its leaves: they outlive it.
    for (size_t i = 0; c.leaves && i < c.count + nnoisy; i++) traverse(c.garbage[i], reach_leaf_visit, NULL);
    DeadLeaves dead_leaves = {0};
    if (!c.failed) dead_leaves = gc_leaves_sweep(t->interp);
    inline_cells_forget_dead();
    forget_scratch(&c);
    for (uint32_t s = 1; s <= slot_high(); s++) {
        SlotData *data = slot_at(s)->user;
        if (data) data->allocated_bytes = 0;
    }
    attributes_forget_all();
    start_world(&t->core);
    note_pause(from);
    gc_leaves_free(t, dead_leaves);
    stats.collections++;
    atomic_store_relaxed_u64(&allocated, 0);
    // Where much waits for the next collections, they come sooner: what is deferred takes three.
    uint64_t growth = (24 << 20) + c.live_bytes - c.garbage_bytes;
    atomic_store_relaxed_u64(&threshold, c.waiting_bytes > growth / 16 ? growth / 4 : growth);

    int64_t collected = 0;
    if (nnoisy) {
        gc_say_farewell(t, &c.garbage[c.count], nnoisy);
    } else if (c.count && !silent) {
        gc_run_finalizers(t, c.garbage, c.count);
    }
    if (c.count) collected = end_garbage(&c, silent || nnoisy ? c.count : look_again(&c));
    free(c.garbage);
    free(c.stack);
    free(c.shapes);
    stats.collected += (uint64_t)collected;
    error_clear(t);
    error_restore(t, pending);
    atomic_store_release_u32(&collecting, 0);
    return collected;
}

// The callers' registers go to this frame; what the collector's own frames hold keeps nothing.
static NOINLINE int64_t collect_from_here(Thread *t, bool automatic) {
    uintptr_t low;
    __builtin_unwind_init();
    return collect(t, automatic, (uintptr_t)&low);
}
// What has lost its last reference before this call ends first, callbacks and finalizers with it: in this thread, like those of garbage.
// One that another thread is running is waited for, but not for ever: it may wait for a lock that the caller holds.
static void settle(Thread *t) {
    enum { ROUNDS = 3, IN_HAND_NS = 1000000000 };
    uint64_t deadline = sync_now_ns() + IN_HAND_NS;
    for (int round = 0; round < ROUNDS; round++) {
        retire_drain(&t->core);
        if (!finalizer_has_work()) return;
        finalizer_run(&t->core);
        finalizer_await(&t->core, deadline);
    }
}
int64_t gc_collect(Thread *t, int generation) {
    (void)generation; // there is one
    if (sync_is_shared()) settle(t);
    return collect_from_here(t, false);
}

void gc_note_allocated(Thread *t) {
    SlotData *slot = thread_slot(t);
    uint64_t bytes = slot->allocated_bytes;
    slot->allocated_bytes = 0;
    if (atomic_add_relaxed_u64(&allocated, bytes) + bytes > atomic_load_relaxed_u64(&threshold) && may_start())
        thread_poke(&t->core, POLL_GC);
}
void gc_note_held(Thread *t, size_t bytes) {
    SlotData *slot = thread_slot(t);
    if ((slot->allocated_bytes += bytes) > GC_STEP) gc_note_allocated(t);
}
void gc_note_deferred(Thread *t, Object *o) {
    enum { HELD_BYTES = 128 }; // a guess at what it keeps alive beside itself: it is shared, and may not be looked into
    if (object_is_leaf(o)) gc_leaf_note(t->interp, o);
    atomic_add_relaxed_u64(&allocated, object_size(o) + HELD_BYTES);
}
void gc_collect_if_due(Thread *t) {
    if (t->tells_gc || atomic_load_relaxed_u64(&allocated) <= atomic_load_relaxed_u64(&threshold) || !may_start()) return;
    if (atomic_load_relaxed_u32(&collecting)) return;
    gc_tell(t, "start", 0, 0);
    int64_t collected = collect_from_here(t, true);
    gc_tell(t, "stop", 0, collected);
}
GcStats gc_stats(void) { return stats; }
void gc_set_automatic(bool on) { atomic_store_relaxed_u32(&automatic, on); }
uint64_t gc_pending_bytes(Thread *t) { return atomic_load_relaxed_u64(&allocated) + thread_slot(t)->allocated_bytes; }
bool gc_is_visible(Object *o) { return !is_dying(o) && !(atomic_load_relaxed_u8(&o->head.gc) & (TORN_DOWN | GC_GARBAGE)); }
void gc_set_enabled(bool on) { atomic_store_relaxed_u32(&enabled, on); }
bool gc_enabled(void) { return atomic_load_relaxed_u32(&enabled); }

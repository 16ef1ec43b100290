// What the files of itertools share: one layout for all its iterators.
// A private iterator is plain. A shared one steps under its own lock where that runs no Python; where its next item comes from
// another iterator or a function, it may give an item twice or skip one, as iterators of the builtins may.
#pragma once
#include <stdlib.h>
#include "runtime/modules/native_module.h"
#include "sync/critical.h"
#include "sync/safepoint.h"

typedef struct Tool {
    Container c;
    Value v[6];       // each tool names its own; UNDEF: none (any more)
    int64_t n[4];     // (o)
    int64_t *indices; // (o) owned, or NULL
} Tool;
static inline Tool *tool_of(ValueRef v) { return (Tool *)value_object(v); }

// The tool's lock, where others can see it.
typedef struct Guard { CriticalSection cs; bool on; } Guard;
static inline void guard_begin(Thread *t, Guard *g, Container *o) {
    g->on = object_is_shared((Object *)o);
    if (g->on) critical_begin(&t->core, &g->cs, &o->head);
}
static inline void guard_end(Thread *t, Guard *g) {
    if (g->on) critical_end(&t->core, &g->cs);
}

// A number that other threads may change meanwhile: one word, an old or a new one.
static inline int64_t tool_number(const Tool *o, int i) { return __atomic_load_n(&o->n[i], __ATOMIC_RELAXED); }
static inline void tool_set_number(Tool *o, int i, int64_t n) { __atomic_store_n(&o->n[i], n, __ATOMIC_RELAXED); }

static inline Tool *tool_new(Thread *t, ValueRef type) { return object_new(t, (Type *)value_object(type)); }
static inline Value tool_get(Thread *t, Tool *o, int i) { return slot_get(t, &o->v[i]); }
static inline void tool_set(Thread *t, Tool *o, int i, Value v_steal) { slot_store(t, o, &o->v[i], v_steal); }
// The next item of the iterator in v[i]; UNDEF, with v[i] emptied, where it has no more.
static inline Value tool_pull(Thread *t, Tool *o, int i) {
    Value it = slot_get(t, &o->v[i]);
    if (!value_bits(it)) return UNDEF;
    Value item = object_next(t, it);
    if (!value_bits(item) && !error_pending(t)) tool_set(t, o, i, UNDEF);
    value_release(t, it);
    return item;
}

void tool_traverse(Object *o, VisitFn visit, void *arg);
void tool_destroy(Thread *t, Object *o);
void tool_clear(Thread *t, Object *o);

#define TOOL_SPEC(id, text, signature, documentation, ...)                                                                              \
    const TypeSpec id##_spec = {.name = "itertools." text, .doc = documentation, .size = sizeof(Tool), .flags = TYPE_BASE,                       \
                                .ops = {.new = id##_new, .iter = iter_self, .next = id##_next}, .new_signature = signature, .destroy = tool_destroy, \
                                .traverse = tool_traverse, .clear = tool_clear, __VA_ARGS__}

extern const TypeSpec product_spec, combinations_spec, combinations_with_replacement_spec, permutations_spec; // itertools_combinatoric.c

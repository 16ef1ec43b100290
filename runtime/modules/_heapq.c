// _heapq: binary heaps in lists, for the least and (the _max functions) the greatest item.
// A heap operation on a shared list holds the list's lock; a comparison that runs Python may let go of it, and other threads then
// see (and may change) the heap in between. What they change is never unsafe, only no heap.
#include "runtime/modules/native_module.h"
#include "runtime/objects/container.h"
#include "runtime/objects/list.h"
#include "sync/critical.h"
#include "sync/safepoint.h"

typedef struct Heap {
    List *list;
    int before; // CMP_LT: the least item is at the top; CMP_GT: the greatest
    CriticalSection cs;
    bool locked;
} Heap;

static int heap_open(Thread *t, Heap *h, ValueRef v, const char *function, int before) {
    if (!value_is_any_list(v)) return raise_int(t, TYPE_ERROR, "%s() argument%s must be list, not %T", function, strstr(function, "push") || strstr(function, "replace") ? " 1" : "", v);
    *h = (Heap){.list = value_list(v), .before = before, .locked = object_is_shared(value_object(v))};
    if (h->locked) critical_begin(&t->core, &h->cs, &h->list->c.head);
    return 0;
}
static void heap_close(Thread *t, Heap *h) {
    if (h->locked) critical_end(&t->core, &h->cs);
}
static Value item(Thread *t, Heap *h, int64_t i) {
    Value v = list_get(t, h->list, i);
    return value_bits(v) ? v : raise(t, RUNTIME_ERROR, "list changed size during iteration");
}

// ---- the same without counting, for a private list, as long as the items can be compared without Python
// a before b: 1, 0; -1: only object_compare_bool can tell.
static inline int before_fast(const Heap *h, ValueRef a, ValueRef b) { return h->before == CMP_LT ? items_less_fast(a, b) : items_less_fast(b, a); }
static inline void swap_items(Value *item, int64_t a, int64_t b) {
    Value moving = item[a];
    slot_rewrite(&item[a], item[b]);
    slot_rewrite(&item[b], moving);
}
static Value *private_items(const Heap *h) { return h->locked || object_is_shared((Object *)h->list) ? NULL : h->list->items->item; }
// How far up the item at *at comes; true where it is in its place.
static bool sift_up_fast(Heap *h, int64_t top, int64_t *at) {
    Value *items = private_items(h);
    if (!items) return false;
    while (*at > top) {
        int64_t up = (*at - 1) >> 1;
        int before = before_fast(h, items[*at], items[up]);
        if (before <= 0) return before == 0;
        swap_items(items, *at, up);
        *at = up;
    }
    return true;
}
// How far down the item at *at comes; true where it is at a leaf.
static bool sift_down_fast(Heap *h, int64_t *at) {
    Value *items = private_items(h);
    if (!items) return false;
    for (int64_t end = list_length(h->list), child; (child = 2 * *at + 1) < end; *at = child) {
        if (child + 1 < end) {
            int before = before_fast(h, items[child], items[child + 1]);
            if (before < 0) return false;
            child += !before;
        }
        swap_items(items, *at, child);
    }
    return true;
}

// Moves the item at `at` up to below `top` until its parent goes before it.
static int sift_up(Thread *t, Heap *h, int64_t top, int64_t at) {
    if (sift_up_fast(h, top, &at)) return 0;
    Value moving = item(t, h, at);
    if (!value_bits(moving)) return -1;
    int result = 0;
    while (at > top && result == 0) {
        int64_t up = (at - 1) >> 1;
        Value parent = item(t, h, up);
        int64_t length = list_length(h->list);
        int before = value_bits(parent) ? object_compare_bool(t, moving, parent, h->before) : -1;
        if (before >= 0 && list_length(h->list) != length) before = raise_int(t, RUNTIME_ERROR, "list changed size during iteration");
        if (before <= 0) {
            value_release(t, parent);
            result = before;
            break;
        }
        // swapped step by step: what raises leaves a permutation
        result = list_set(t, h->list, at, parent) < 0 || list_set(t, h->list, up, value_dup(t, moving)) < 0 ? -1 : 0;
        at = up;
    }
    value_release(t, moving);
    return result;
}
// Moves the item at `at` down to a leaf, always below the child that goes first, and from there up again: fewer comparisons than
// stopping on the way (Knuth, volume 3, 5.2.3, exercise 18).
static int sift_down(Thread *t, Heap *h, int64_t at) {
    int64_t end = list_length(h->list), top = at;
    if (sift_down_fast(h, &at)) return sift_up(t, h, top, at);
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= end) break;
        Value first = item(t, h, child);
        if (!value_bits(first)) return -1;
        if (child + 1 < end) {
            Value second = item(t, h, child + 1);
            int before = value_bits(second) ? object_compare_bool(t, first, second, h->before) : -1;
            if (before >= 0 && list_length(h->list) != end) before = raise_int(t, RUNTIME_ERROR, "list changed size during iteration");
            if (before < 0) {
                value_release(t, first);
                value_release(t, second);
                return -1;
            }
            if (before) {
                value_release(t, second);
            } else {
                value_release(t, first);
                first = second;
                child++;
            }
        }
        Value moving = item(t, h, at);
        if (!value_bits(moving)) {
            value_release(t, first);
            return -1;
        }
        if (list_set(t, h->list, at, first) < 0) {
            value_release(t, moving);
            return -1;
        }
        if (list_set(t, h->list, child, moving) < 0) return -1;
        at = child;
        if (list_length(h->list) != end) return raise_int(t, RUNTIME_ERROR, "list changed size during iteration");
    }
    return sift_up(t, h, top, at);
}

static Value push(Thread *t, const ValueRef *args, const char *name, int before) {
    Heap h;
    if (heap_open(t, &h, args[0], name, before) < 0) return UNDEF;
    int result = list_append(t, h.list, value_dup(t, args[1]));
    if (result == 0) result = sift_up(t, &h, 0, list_length(h.list) - 1);
    heap_close(t, &h);
    return result < 0 ? UNDEF : NONE;
}
static Value pop(Thread *t, const ValueRef *args, const char *name, int before) {
    Heap h;
    if (heap_open(t, &h, args[0], name, before) < 0) return UNDEF;
    int64_t n = list_length(h.list);
    Value last = n ? list_pop(t, h.list, n - 1) : raise(t, INDEX_ERROR, "index out of range"), result = last;
    if (value_bits(last) && n > 1) {
        result = item(t, &h, 0);
        if (!value_bits(result)) {
            value_release(t, last);
        } else if (list_set(t, h.list, 0, last) < 0 || sift_down(t, &h, 0) < 0) {
            heap_close(t, &h);
            value_release(t, result);
            return UNDEF;
        }
    }
    heap_close(t, &h);
    return result;
}
// Puts the new item to the top in place of the old one, which it returns.
static Value replace_top(Thread *t, Heap *h, ValueRef v) {
    Value top = item(t, h, 0);
    if (!value_bits(top)) return UNDEF;
    if (list_set(t, h->list, 0, value_dup(t, v)) == 0 && sift_down(t, h, 0) == 0) return top;
    value_release(t, top);
    return UNDEF;
}
static Value replace(Thread *t, const ValueRef *args, const char *name, int before) {
    Heap h;
    if (heap_open(t, &h, args[0], name, before) < 0) return UNDEF;
    Value result = list_length(h.list) ? replace_top(t, &h, args[1]) : raise(t, INDEX_ERROR, "index out of range");
    heap_close(t, &h);
    return result;
}
static Value push_pop(Thread *t, const ValueRef *args, const char *name, int before) {
    Heap h;
    if (heap_open(t, &h, args[0], name, before) < 0) return UNDEF;
    Value result = UNDEF;
    if (list_length(h.list) == 0) {
        result = value_dup(t, args[1]);
    } else {
        Value top = item(t, &h, 0);
        int above = value_bits(top) ? object_compare_bool(t, top, args[1], before) : -1;
        value_release(t, top);
        if (above == 0)
            result = value_dup(t, args[1]);
        else if (above > 0)
            result = list_length(h.list) ? replace_top(t, &h, args[1]) : raise(t, INDEX_ERROR, "index out of range");
    }
    heap_close(t, &h);
    return result;
}
static Value heapify_list(Thread *t, const ValueRef *args, const char *name, int before) {
    Heap h;
    if (heap_open(t, &h, args[0], name, before) < 0) return UNDEF;
    int result = 0;
    for (int64_t i = list_length(h.list) / 2; i-- > 0 && result == 0;) {
        result = sift_down(t, &h, i);
        if (result == 0 && poll_pending(&t->core)) result = poll_slow(&t->core);
    }
    heap_close(t, &h);
    return result < 0 ? UNDEF : NONE;
}
#define BOTH(name, function)                                                                  \
    NATIVE(name) { return function(t, args, #name, CMP_LT); }                                 \
    NATIVE(name##_max) { return function(t, args, #name "_max", CMP_GT); }
BOTH(heappush, push)
BOTH(heappop, pop)
BOTH(heapreplace, replace)
BOTH(heappushpop, push_pop)
BOTH(heapify, heapify_list)
#define ROWS(name, signature, doc) {#name, name, signature, doc, 0}, {#name "_max", name##_max, signature, doc " (Greatest first.)", 0}
static const NativeDef functions[] = {
    ROWS(heapify, "($module, heap, /)", "Makes a heap of a list, in place."), ROWS(heappop, "($module, heap, /)", "Takes the top item out."),
    ROWS(heappush, "($module, heap, item, /)", "Puts an item in."), ROWS(heappushpop, "($module, heap, item, /)", "heappush and then heappop."),
    ROWS(heapreplace, "($module, heap, item, /)", "heappop and then heappush."), NATIVE_END};
static int exec(Thread *t, ValueRef module) { return module_add_text(t, module, "__about__", "Heaps: a[k] <= a[2k+1] and a[k] <= a[2k+2]."); }
const ModuleSpec _heapq_module = {.name = "_heapq", .doc = "Binary heaps in lists.", .functions = functions, .exec = exec};

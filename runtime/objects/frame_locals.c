// The locals of a frame by name: the snapshots of locals(), and the proxy that f_locals is for optimized code (PEP 667).
//
// Names stand for registers (or the cells in them), for variables of the comprehension that the frame stands in, for cells of the
// function's closure; and for what the program put there besides, in the frame's `extra`. A register of a frame that another thread
// runs is read and written with that thread stopped (frame_is_foreign). A value that a write displaces from a register may be in use
// by the instruction that the frame stands at: the frame keeps it until it is left.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/heap.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "sync/critical.h"
#include "sync/stop.h"

// ---- places
typedef struct Place {
    ValueRef name;      // of the code's own tuples
    uint32_t index;     // a register; of the closure where `free`
    bool free, is_cell; // the register holds a cell of the variable
    const InlineVariable *row; // of a comprehension's variable: the register is its place while the frame stands there
} Place;
typedef struct Places { Place *at; uint32_t n; Place few[32]; } Places;

static Code *frame_code(Frame *f) { return value_code(f->code); }
static bool hidden_name(ValueRef name) { return str_length(value_str(name)) && str_char(value_str(name), 0) == '.'; }
static bool listed(const Places *p, ValueRef name) {
    for (uint32_t i = 0; i < p->n; i++)
        if (p->at[i].name == name) return true;
    return false;
}
static Place *inner_place(Place *inner, uint32_t n, ValueRef name) {
    for (uint32_t i = 0; i < n; i++)
        if (inner[i].name == name) return &inner[i];
    return NULL;
}
static void places_free(Places *p) {
    if (p->at != p->few) free(p->at);
}

// Fills `p` with every name that the frame's code knows where it stands, each once, in the order that f_locals shows. 0, -1.
static int places_find(Thread *t, Frame *f, Places *p) {
    Code *code = frame_code(f);
    Tuple *names = value_tuple(code->varnames), *free = value_tuple(code->freevars), *inlined = value_tuple(code->inline_names);
    uint32_t most = (uint32_t)(names->length + free->length + inlined->length);
    p->n = 0;
    p->at = most <= sizeof p->few / sizeof *p->few ? p->few : malloc(most * sizeof *p->at);
    if (!p->at) return raise_no_memory(t), -1;
    // What the comprehension that the frame stands in binds waits at the end of the array: it takes the place of an outer variable of
    // the same name, or comes after the others.
    Place *inner = p->at + most;
    uint32_t ninner = 0;
    if (code->ninline && __atomic_load_n(&f->fp, __ATOMIC_ACQUIRE)) {
        uint32_t at = frame_position(t, f);
        for (uint32_t i = code->ninline; i-- > 0;) {
            const InlineVariable *v = &code->inline_variables[i];
            ValueRef name = tuple_item(inlined, i);
            if (at < v->start || at >= v->end || hidden_name(name) || inner_place(inner, ninner, name)) continue;
            *--inner = (Place){name, v->reg, false, v->is_cell, v};
            ninner++;
        }
    }
    bool optimized = code->data->flags & CO_OPTIMIZED;
    for (int cells = 0; cells < 2; cells++) {
        for (uint32_t i = 0; optimized && i < code->data->nlocals; i++) {
            bool is_cell = code_register_is_cell(code, i);
            ValueRef name = tuple_item(names, i);
            if ((is_cell && i >= code_parameters(code)) != cells || hidden_name(name) || (ninner && listed(p, name))) continue;
            Place *shadow = inner_place(inner, ninner, name);
            p->at[p->n++] = shadow ? *shadow : (Place){name, i, false, is_cell, NULL};
        }
        for (uint32_t i = 0; !cells && i < ninner; i++)
            if (!listed(p, inner[i].name)) p->at[p->n++] = inner[i];
    }
    for (int64_t i = 0; optimized && i < free->length; i++)
        if (!listed(p, tuple_item(free, i))) p->at[p->n++] = (Place){tuple_item(free, i), (uint32_t)i, true, true, NULL};
    return 0;
}

// ---- reading and writing places
// The cell of the closure that a free variable stands in, borrowed from the function; UNDEF where the frame was cleared.
static ValueRef closure_cell(Frame *f, const Place *place) {
    if (f->cleared || !value_is(f->function, FUNCTION)) return UNDEF;
    ValueRef closure = slot_borrow(&value_function(f->function)->closure);
    if (!value_is(closure, TUPLE) || place->index >= value_tuple(closure)->length) return UNDEF;
    return tuple_item(value_tuple(closure), place->index);
}
// Does the register stand for the place's variable (still)? The frame is this thread's own, or the world is stopped.
static bool stands_there(Thread *t, Frame *f, const Place *place) {
    if (!place->row) return true;
    uint32_t at = frame_instruction(f, t);
    return at >= place->row->start && at < place->row->end;
}
// What stands in the registers of n places, owned. Of a frame that another thread runs they are copied in a stop, and shared
// there in the name of who has them.
static void read_registers(Thread *t, Frame *f, const Place *places, uint32_t n, Value *to) {
    bool stop = frame_is_foreign(t, f);
    if (stop) stop_world(&t->core);
    Tuple *left = !f->fp && value_is_pointer(f->locals) ? value_tuple(f->locals) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        ValueRef v = UNDEF;
        if (!places[i].free && f->fp) v = stands_there(t, f, &places[i]) ? (ValueRef)f->fp[places[i].index] : (ValueRef)UNDEF;
        else if (!places[i].free && left && places[i].index < left->length) v = slot_borrow(&left->items[places[i].index]);
        if (stop && value_needs_publish(v)) publish_in_stop(t, value_object(v));
        to[i] = value_dup(t, v);
    }
    if (stop) start_world(&t->core);
}
// The values of n places, owned; UNDEF where a variable is unbound.
static void read_places(Thread *t, Frame *f, const Place *places, uint32_t n, Value *to) {
    read_registers(t, f, places, n, to);
    for (uint32_t i = 0; i < n; i++) {
        ValueRef cell = places[i].free ? closure_cell(f, &places[i]) : places[i].is_cell && value_is(to[i], CELL) ? (ValueRef)to[i] : (ValueRef)UNDEF;
        if (!cell) continue;
        Value held = to[i];
        to[i] = slot_get(t, &value_cell(cell)->value);
        value_release(t, held);
    }
}

// Stores into a register, or where it was left; `v` is borrowed. 0, -1.
static int write_register(Thread *t, Frame *f, const Place *place, ValueRef v) {
    uint32_t index = place->index;
    // Made before a stop: the pair (what is displaced, what was kept before).
    Tuple *kept = tuple_alloc(t, 2);
    if (!kept) return -1;
    bool shared = object_is_shared((Object *)f);
    if (!shared) {
        Value generator = frame_generator(t, f);
        shared = value_bits(generator) && object_is_shared(value_object(generator));
        value_release(t, generator);
    }
    if (shared) {
        publish_if_needed(t, value_of(kept));
        publish_if_needed(t, v);
    }
    bool stop = frame_is_foreign(t, f), running = false;
    if (stop) stop_world(&t->core);
    if (f->fp && !stands_there(t, f, place)) {
        running = true;
    } else if (f->fp) {
        running = true;
        Value old = f->fp[index];
        if (stop && value_needs_publish(old)) publish_in_stop(t, value_object(old));
        f->fp[index] = value_dup(t, v);
        if (value_is_pointer(old)) {
            if (!stop && shared) publish_if_needed(t, old);
            slot_init(&kept->items[0], old);
            slot_init(&kept->items[1], f->kept);
            slot_init(&f->kept, value_of(kept));
            kept = NULL;
        }
    }
    if (stop) start_world(&t->core);
    object_release(t, kept);
    if (running || !value_is_pointer(f->locals)) return 0;
    Tuple *left = value_tuple(f->locals);
    if (index < left->length) slot_store(t, left, &left->items[index], value_dup(t, v));
    return 0;
}
static int write_place(Thread *t, Frame *f, const Place *place, ValueRef v) {
    if (place->is_cell) {
        Value cell = UNDEF;
        if (place->free) cell = value_dup(t, closure_cell(f, place));
        else read_registers(t, f, place, 1, &cell);
        if (value_is(cell, CELL)) {
            slot_store(t, value_object(cell), &value_cell(cell)->value, value_dup(t, v));
            value_release(t, cell);
            return 0;
        }
        // There is no cell yet, or the frame was cleared. The code takes the register for a cell's: nothing else goes there.
        value_release(t, cell);
        return 0;
    }
    return write_register(t, f, place, v);
}

// The place that a key names: its number, -1 for none, -2 with an exception. Comparing with a key that is no exact str runs Python.
static int64_t place_of_key(Thread *t, const Places *p, ValueRef key) {
    if (value_is(key, STR)) {
        for (uint32_t i = 0; i < p->n; i++)
            if (p->at[i].name == key || str_equal(value_str(p->at[i].name), value_str(key))) return i;
        return -1;
    }
    int64_t hash = object_hash(t, key);
    if (hash == -1) return -2;
    for (uint32_t i = 0; i < p->n; i++) {
        if (str_hash(value_str(p->at[i].name)) != hash) continue;
        int same = object_equal(t, p->at[i].name, key);
        if (same) return same < 0 ? -2 : i;
    }
    return -1;
}

// ---- snapshots
static int add_extra(Thread *t, Frame *f, Dict *d) {
    Value extra = slot_get(t, &f->extra);
    int result = value_bits(extra) ? dict_update(t, d, extra) : 0;
    value_release(t, extra);
    return result;
}
// A new dict of all that is bound.
static Value snapshot(Thread *t, Frame *f) {
    Places places;
    if (places_find(t, f, &places) < 0) return UNDEF;
    Value few[32], *values = places.n <= 32 ? few : malloc(places.n * sizeof *values);
    Value dict = values ? dict_new_sized(t, places.n) : raise_no_memory(t);
    if (values && dict) {
        read_places(t, f, places.at, places.n, values);
        for (uint32_t i = 0; i < places.n; i++) {
            if (dict && value_bits(values[i]) && dict_set(t, value_dict(dict), places.at[i].name, values[i]) < 0) VALUE_CLEAR(t, dict);
            value_release(t, values[i]);
        }
        if (dict && add_extra(t, f, value_dict(dict)) < 0) VALUE_CLEAR(t, dict);
    }
    if (values != few) free(values);
    places_free(&places);
    return dict;
}
// The namespace of code that is not optimized, owned.
static Value frame_namespace(Thread *t, Frame *f) {
    Value namespace_ = UNDEF;
    read_registers(t, f, &(Place){.index = 0}, 1, &namespace_);
    return value_bits(namespace_) ? namespace_ : NONE;
}
// Does the frame stand in a comprehension that is compiled into its code?
static bool in_comprehension(Thread *t, Frame *f) {
    Code *code = frame_code(f);
    if (!code->ninline || !__atomic_load_n(&f->fp, __ATOMIC_ACQUIRE)) return false;
    uint32_t at = frame_position(t, f);
    for (uint32_t i = 0; i < code->ninline; i++)
        if (at >= code->inline_variables[i].start && at < code->inline_variables[i].end) return true;
    return false;
}
static bool by_name(Thread *t, Frame *f) { return frame_code(f)->data->flags & CO_OPTIMIZED || in_comprehension(t, f); }
Value frame_locals_now(Thread *t, Frame *f) { return by_name(t, f) ? snapshot(t, f) : frame_namespace(t, f); }

// ---- the proxy
typedef struct LocalsProxy { Container c; Value frame; } LocalsProxy;
static Frame *frame_of(ValueRef self) { return (Frame *)value_object(((LocalsProxy *)value_object(self))->frame); }
#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static Value proxy_make(Thread *t, ValueRef frame) {
    LocalsProxy *p = object_new(t, TYPE_OF(FRAME_LOCALS_PROXY));
    if (p) slot_init(&p->frame, value_dup(t, frame));
    return value_of(p);
}
Value frame_locals(Thread *t, Frame *f) { return by_name(t, f) ? proxy_make(t, value_of(f)) : frame_namespace(t, f); }
static Value proxy_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_count(t, "FrameLocalsProxy", nargs, 1, 1) < 0 || args_no_keywords(t, "FrameLocalsProxy", kwnames) < 0) return UNDEF;
    if (!value_is(args[0], FRAME)) return raise(t, TYPE_ERROR, "expect frame, not %T", args[0]);
    return proxy_make(t, args[0]);
}

// The value of a key, owned; UNDEF where it has none, or with an exception.
static Value get_item(Thread *t, ValueRef self, ValueRef key) {
    Frame *f = frame_of(self);
    Places places;
    if (places_find(t, f, &places) < 0) return UNDEF;
    int64_t i = place_of_key(t, &places, key);
    Value v = UNDEF;
    if (i >= 0) read_places(t, f, &places.at[i], 1, &v);
    places_free(&places);
    if (i == -2 || value_bits(v)) return v;
    Value extra = slot_get(t, &f->extra);
    if (value_bits(extra)) v = dict_get(t, value_dict(extra), key);
    value_release(t, extra);
    return v;
}
// The dict of names that are no locals of the code, made where there is none: owned, UNDEF with an exception.
static Value extra_dict(Thread *t, Frame *f) {
    Value fresh = dict_new(t);
    if (!fresh) return UNDEF;
    CriticalSection section;
    critical_begin(&t->core, &section, &f->c.head);
    Value extra = slot_get(t, &f->extra);
    if (!value_bits(extra)) {
        slot_store(t, f, &f->extra, value_dup(t, fresh));
        extra = fresh;
        fresh = UNDEF;
    }
    critical_end(&t->core, &section);
    value_release(t, fresh);
    return extra;
}
static int set_item(Thread *t, ValueRef self, ValueRef key, ValueRef v) {
    Frame *f = frame_of(self);
    Places places;
    if (places_find(t, f, &places) < 0) return -1;
    int64_t i = place_of_key(t, &places, key);
    int result = i >= 0 ? v ? write_place(t, f, &places.at[i], v) : raise_int(t, VALUE_ERROR, "cannot remove local variables from FrameLocalsProxy") : i == -1 ? 0 : -1;
    places_free(&places);
    if (i != -1) return result;
    if (v) {
        Value extra = extra_dict(t, f);
        result = value_bits(extra) ? dict_set(t, value_dict(extra), key, v) : -1;
        value_release(t, extra);
        return result;
    }
    Value extra = slot_get(t, &f->extra);
    if (value_bits(extra)) {
        result = dict_delete(t, value_dict(extra), key);
    } else {
        raise_with_value(t, E_KEY_ERROR, value_dup(t, key));
        result = -1;
    }
    value_release(t, extra);
    return result;
}

static Value proxy_getitem(Thread *t, ValueRef self, ValueRef key) {
    Value v = get_item(t, self, key);
    return value_bits(v) || error_pending(t) ? v : raise(t, KEY_ERROR, "local variable '%R' is not defined", key);
}
static int proxy_contains(Thread *t, ValueRef self, ValueRef key) {
    Value v = get_item(t, self, key);
    int result = value_bits(v) ? 1 : error_pending(t) ? -1 : 0;
    value_release(t, v);
    return result;
}
static Value proxy_dict(Thread *t, ValueRef self) { return snapshot(t, frame_of(self)); }
static int64_t proxy_len(Thread *t, ValueRef self) {
    Value d = proxy_dict(t, self);
    int64_t n = d ? dict_length(value_dict(d)) : -1;
    value_release(t, d);
    return n;
}
static Value list_of(Thread *t, ValueRef self, bool keys, bool values, bool backwards) {
    Value d = proxy_dict(t, self), list = d ? list_new(t, dict_length(value_dict(d))) : UNDEF, key, value;
    for (int64_t at = backwards ? INT64_MAX : 0; list && (backwards ? dict_previous : dict_next)(t, value_dict(d), &at, &key, &value) > 0;) {
        Value item = keys && values ? tuple_pair(t, key, value) : keys ? key : value;
        if (!(keys && values)) value_release(t, keys ? value : key);
        if (!value_bits(item) || list_append(t, value_list(list), item) < 0) VALUE_CLEAR(t, list);
    }
    value_release(t, d);
    return list;
}
static Value proxy_iter(Thread *t, ValueRef self) {
    Value list = list_of(t, self, true, false, false), iterator = list ? object_iter(t, list) : UNDEF;
    value_release(t, list);
    return iterator;
}
METHOD(proxy_keys) { return list_of(t, self, true, false, false); }
METHOD(proxy_values) { return list_of(t, self, false, true, false); }
METHOD(proxy_items) { return list_of(t, self, true, true, false); }
METHOD(proxy_reversed) { return list_of(t, self, true, false, true); }
METHOD(proxy_copy) { return proxy_dict(t, self); }

static Value proxy_repr(Thread *t, ValueRef self) {
    int entered = repr_enter(t, self);
    if (entered) return entered > 0 ? str_from_text(t, "{...}") : UNDEF;
    Value d = proxy_dict(t, self), text = d ? object_repr(t, d) : UNDEF;
    repr_leave(t, self);
    value_release(t, d);
    return text;
}
static bool is_proxy(ValueRef v) { return value_is(v, FRAME_LOCALS_PROXY); }
static Value proxy_compare(Thread *t, ValueRef self, ValueRef other, int op) {
    if (op != CMP_EQ && op != CMP_NE) return NOT_IMPLEMENTED;
    if (is_proxy(other)) return value_bool((((LocalsProxy *)value_object(self))->frame == ((LocalsProxy *)value_object(other))->frame) == (op == CMP_EQ));
    if (!value_is_any_dict(other)) return NOT_IMPLEMENTED;
    Value d = proxy_dict(t, self), v = d ? object_compare(t, d, other, op) : UNDEF;
    value_release(t, d);
    return v;
}

// Sets every pair of a mapping. TypeError for what is neither a dict nor such a proxy.
static int update_from(Thread *t, ValueRef self, ValueRef mapping) {
    if (!value_is_any_dict(mapping) && !is_proxy(mapping)) return raise_int(t, TYPE_ERROR, "update() argument must be dict or another FrameLocalsProxy");
    Value from = UNDEF, items = UNDEF;
    if (is_proxy(mapping)) {
        from = proxy_dict(t, mapping);
    } else if ((from = dict_new(t)) && dict_update(t, value_dict(from), mapping) < 0) {
        VALUE_CLEAR(t, from);
    }
    if (!from) return -1;
    int result = 0;
    Value key, value;
    for (int64_t at = 0; result == 0 && dict_next(t, value_dict(from), &at, &key, &value) > 0;) {
        result = set_item(t, self, key, value);
        value_release(t, key);
        value_release(t, value);
    }
    value_release(t, items);
    value_release(t, from);
    return result;
}
METHOD(proxy_update) { return update_from(t, self, args[0]) < 0 ? UNDEF : NONE; }
static Value proxy_or(Thread *t, ValueRef a, ValueRef b) {
    if ((!is_proxy(a) && !value_is_any_dict(a)) || (!is_proxy(b) && !value_is_any_dict(b))) return NOT_IMPLEMENTED;
    Value d = is_proxy(a) ? proxy_dict(t, a) : dict_new(t), other = is_proxy(b) ? proxy_dict(t, b) : value_dup(t, b);
    bool good = value_bits(d) && value_bits(other) && (is_proxy(a) || dict_update(t, value_dict(d), a) == 0) && dict_update(t, value_dict(d), other) == 0;
    value_release(t, other);
    if (!good) VALUE_CLEAR(t, d);
    return d;
}
static Value proxy_inplace_or(Thread *t, ValueRef self, ValueRef other) {
    if (!value_is_any_dict(other) && !is_proxy(other)) return NOT_IMPLEMENTED;
    return update_from(t, self, other) < 0 ? UNDEF : value_dup(t, self);
}
METHOD(proxy_get) {
    if (nargs < 1 || nargs > 2) return raise(t, TYPE_ERROR, "get expected 1 or 2 arguments");
    if (args_no_keywords(t, "FrameLocalsProxy.get", kwnames) < 0) return UNDEF;
    Value v = get_item(t, self, args[0]);
    return value_bits(v) || error_pending(t) ? v : nargs == 2 ? value_dup(t, args[1]) : NONE;
}
METHOD(proxy_setdefault) {
    if (nargs < 1 || nargs > 2) return raise(t, TYPE_ERROR, "setdefault expected 1 or 2 arguments");
    if (args_no_keywords(t, "FrameLocalsProxy.setdefault", kwnames) < 0) return UNDEF;
    Value v = get_item(t, self, args[0]);
    if (value_bits(v) || error_pending(t)) return v;
    v = nargs == 2 ? value_dup(t, args[1]) : NONE;
    if (set_item(t, self, args[0], v) < 0) VALUE_CLEAR(t, v);
    return v;
}
METHOD(proxy_pop) {
    if (args_count(t, "pop", nargs, 1, 2) < 0 || args_no_keywords(t, "FrameLocalsProxy.pop", kwnames) < 0) return UNDEF;
    Frame *f = frame_of(self);
    Places places;
    if (places_find(t, f, &places) < 0) return UNDEF;
    int64_t i = place_of_key(t, &places, args[0]);
    places_free(&places);
    if (i == -2) return UNDEF;
    if (i >= 0) return raise(t, VALUE_ERROR, "cannot remove local variables from FrameLocalsProxy");
    Value extra = slot_get(t, &f->extra), v = value_bits(extra) ? dict_pop(t, value_dict(extra), args[0]) : UNDEF;
    value_release(t, extra);
    if (value_bits(v) || error_pending(t)) return v;
    return nargs == 2 ? value_dup(t, args[1]) : raise_with_value(t, E_KEY_ERROR, value_dup(t, args[0]));
}
METHOD(proxy_reduce) { return raise(t, TYPE_ERROR, "cannot pickle 'FrameLocalsProxy' object"); }

static void proxy_destroy(Thread *t, Object *o) { value_release(t, ((LocalsProxy *)o)->frame); }
static void proxy_traverse(Object *o, VisitFn visit, void *arg) { visit(&((LocalsProxy *)o)->frame, arg); }
static const NativeDef proxy_methods[] = {
    {"get", proxy_get, "($self, key, default=None, /)", NULL, NATIVE_RAW}, {"keys", proxy_keys, "($self, /)", NULL, 0}, {"values", proxy_values, "($self, /)", NULL, 0},
    {"items", proxy_items, "($self, /)", NULL, 0}, {"copy", proxy_copy, "($self, /)", NULL, 0}, {"update", proxy_update, "($self, mapping, /)", NULL, 0},
    {"setdefault", proxy_setdefault, "($self, key, default=None, /)", NULL, NATIVE_RAW}, {"pop", proxy_pop, "($self, key, default=None, /)", NULL, NATIVE_RAW},
    {"__reversed__", proxy_reversed, "($self, /)", NULL, 0}, {"__reduce__", proxy_reduce, "($self, /)", NULL, 0}, NATIVE_END};
const TypeSpec frame_locals_proxy_spec = {
    .name = "FrameLocalsProxy", .size = sizeof(LocalsProxy), .flags = TYPE_MAPPING,
    .ops = {.repr = proxy_repr, .hash = object_hash_not_implemented, .compare = proxy_compare, .iter = proxy_iter, .new = proxy_new, .or_ = proxy_or, .inplace_or = proxy_inplace_or,
            .length = proxy_len, .getitem = proxy_getitem, .setitem = set_item, .contains = proxy_contains},
    .methods = proxy_methods, .destroy = proxy_destroy, .traverse = proxy_traverse};

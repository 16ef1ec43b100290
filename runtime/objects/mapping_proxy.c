// types.MappingProxyType: hands every question on to the mapping, and no change.
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/container.h"
#include "runtime/objects/tuple.h"

#define METHOD(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

static ValueRef mapping_of(ValueRef proxy) { return ((MappingProxy *)value_object(proxy))->mapping; }
static ValueRef unwrapped(ValueRef v) { return value_is(v, MAPPING_PROXY) ? mapping_of(v) : v; }

Value mapping_proxy_new(Thread *t, ValueRef mapping) {
    MappingProxy *p = object_new(t, TYPE_OF(MAPPING_PROXY));
    if (!p) return UNDEF;
    slot_init(&p->mapping, value_dup(t, mapping));
    return value_of(p);
}
static Value proxy_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef mapping;
    if (args_bind(t, "mappingproxy", "(mapping)", args, nargs, kwnames, &mapping) < 0) return UNDEF;
    if (!value_type(mapping)->ops.getitem || value_is_any_list(mapping) || value_is_any_tuple(mapping))
        return raise(t, TYPE_ERROR, "mappingproxy() argument must be a mapping, not %T", mapping);
    return mapping_proxy_new(t, mapping);
}

static int64_t proxy_len(Thread *t, ValueRef self) { return object_len(t, mapping_of(self)); }
static Value proxy_getitem(Thread *t, ValueRef self, ValueRef key) { return object_getitem(t, mapping_of(self), key); }
static int proxy_contains(Thread *t, ValueRef self, ValueRef key) { return object_contains(t, mapping_of(self), key); }
static Value proxy_iter(Thread *t, ValueRef self) { return object_iter(t, mapping_of(self)); }
static Value proxy_str(Thread *t, ValueRef self) { return object_str(t, mapping_of(self)); }
static Value proxy_repr(Thread *t, ValueRef self) { return str_of_format(t, "mappingproxy(%R)", mapping_of(self)); }
static int64_t proxy_hash(Thread *t, ValueRef self) { return object_hash(t, mapping_of(self)); }
static Value proxy_compare(Thread *t, ValueRef a, ValueRef b, int op) { return object_compare(t, mapping_of(a), b, op); }
static Value proxy_or(Thread *t, ValueRef a, ValueRef b) { return object_binary(t, BIN_OR, unwrapped(a), unwrapped(b)); }
static Value proxy_inplace_or(Thread *t, ValueRef self, ValueRef other) {
    return raise(t, TYPE_ERROR, "'|=' is not supported by %T; use '|' instead", self);
}

METHOD(proxy_get) {
    ValueRef pair[2] = {args[0], args[1] == UNDEF ? (ValueRef)NONE : args[1]};
    return call_method(t, mapping_of(self), NAME(get), pair, 2);
}
METHOD(proxy_keys) { return call_method_0(t, mapping_of(self), NAME(keys)); }
METHOD(proxy_values) { return call_method_0(t, mapping_of(self), NAME(values)); }
METHOD(proxy_items) { return call_method_0(t, mapping_of(self), NAME(items)); }
METHOD(proxy_copy) { return call_method_0(t, mapping_of(self), NAME(copy)); }
METHOD(proxy_reversed) { return call_method_0(t, mapping_of(self), NAME(__reversed__)); }

static void proxy_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((MappingProxy *)o)->mapping); }
static void proxy_traverse(Object *o, VisitFn visit, void *arg) { visit(&((MappingProxy *)o)->mapping, arg); }

static const NativeDef proxy_methods[] = {
    {"get", proxy_get, "($self, key, default=None, /)", "The value of the key, or default.", 0},
    {"keys", proxy_keys, "($self, /)", "A view of the keys.", 0},
    {"values", proxy_values, "($self, /)", "A view of the values.", 0},
    {"items", proxy_items, "($self, /)", "A view of the (key, value) pairs.", 0},
    {"copy", proxy_copy, "($self, /)", "A copy of the mapping.", 0},
    {"__reversed__", proxy_reversed, "($self, /)", "An iterator over the keys, newest first.", 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
const TypeSpec mapping_proxy_spec = {
    .name = "mappingproxy",
    .doc = "A read-only view of a mapping.",
    .size = sizeof(MappingProxy),
    .flags = TYPE_MAPPING,
    .ops = {.repr = proxy_repr, .hash = proxy_hash, .str = proxy_str, .compare = proxy_compare, .iter = proxy_iter,
            .new = proxy_new_slot, .or_ = proxy_or, .inplace_or = proxy_inplace_or, .length = proxy_len,
            .getitem = proxy_getitem, .contains = proxy_contains},
    .methods = proxy_methods,
    .new_signature = "(mapping)",
    .destroy = proxy_destroy,
    .traverse = proxy_traverse};

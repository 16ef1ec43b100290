// The types of None, Ellipsis and NotImplemented.
#include "runtime/abstract.h"
#include "runtime/error.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

static int no_arguments(Thread *t, const char *name, uint32_t nargs, Tuple *kwnames) {
    return nargs || (kwnames && kwnames->length) ? raise_int(t, TYPE_ERROR, "%s takes no arguments", name) : 0;
}

static Value none_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return no_arguments(t, "NoneType", nargs, kwnames) < 0 ? UNDEF : NONE;
}
static Value none_repr(Thread *t, ValueRef self) { return str_from_text(t, "None"); }
static int none_boolean(Thread *t, ValueRef self) { return 0; }
static int64_t none_hash(Thread *t, ValueRef self) { return 0xFCA86420; } // the same in every process
static Value none_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (op == CMP_EQ) return a == b ? TRUE_VALUE : NOT_IMPLEMENTED;
    if (op == CMP_NE) return a == b ? FALSE_VALUE : NOT_IMPLEMENTED;
    return NOT_IMPLEMENTED;
}
const TypeSpec none_spec = {
    .name = "NoneType",
    .doc = "The type of the None singleton.",
    .size = sizeof(Container),
    .ops = {.repr = none_repr, .boolean = none_boolean, .hash = none_hash, .compare = none_compare, .new = none_new},
};

static Value ellipsis_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return no_arguments(t, "EllipsisType", nargs, kwnames) < 0 ? UNDEF : ELLIPSIS;
}
static Value ellipsis_repr(Thread *t, ValueRef self) { return str_from_text(t, "Ellipsis"); }
static Value ellipsis_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return str_from_text(t, "Ellipsis");
}
static const NativeDef ellipsis_methods[] = {
    {"__reduce__", ellipsis_reduce, "($self, /)", "The name to find it by.", 0},
    NATIVE_END};
const TypeSpec ellipsis_spec = {
    .name = "ellipsis",
    .doc = "The type of the Ellipsis singleton.",
    .size = sizeof(Container),
    .ops = {.repr = ellipsis_repr, .new = ellipsis_new},
    .methods = ellipsis_methods,
};

static Value not_implemented_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return no_arguments(t, "NotImplementedType", nargs, kwnames) < 0 ? UNDEF : NOT_IMPLEMENTED;
}
static Value not_implemented_repr(Thread *t, ValueRef self) { return str_from_text(t, "NotImplemented"); }
static int not_implemented_boolean(Thread *t, ValueRef self) {
    return raise_int(t, TYPE_ERROR, "NotImplemented should not be used in a boolean context");
}
static Value not_implemented_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return str_from_text(t, "NotImplemented");
}
static const NativeDef not_implemented_methods[] = {
    {"__reduce__", not_implemented_reduce, "($self, /)", "The name to find it by.", 0},
    NATIVE_END};
const TypeSpec not_implemented_spec = {
    .name = "NotImplementedType",
    .doc = "The type of the NotImplemented singleton.",
    .size = sizeof(Container),
    .ops = {.repr = not_implemented_repr, .boolean = not_implemented_boolean, .new = not_implemented_new},
    .methods = not_implemented_methods,
};

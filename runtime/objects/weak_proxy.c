// weakref.proxy objects: every operation goes to the target, or fails with ReferenceError where it is gone.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/weak_proxy.h"

static inline bool is_proxy(ValueRef v) { return value_is(v, WEAK_PROXY) || value_is(v, WEAK_CALLABLE_PROXY); }

// What an operand stands for, owned: a proxy's target, anything else itself. UNDEF with ReferenceError.
static Value target_of(Thread *t, ValueRef v) {
    if (!is_proxy(v)) return value_dup(t, v);
    Value o = weakref_get(t, v);
    return value_bits(o) ? o : raise(t, REFERENCE_ERROR, "weakly-referenced object no longer exists");
}

#define UNARY(name, operation)                                    \
    static Value proxy_##name(Thread *t, ValueRef self) {         \
        Value o = target_of(t, self);                             \
        if (!value_bits(o)) return UNDEF;                         \
        Value r = operation(t, o);                                \
        value_release(t, o);                                      \
        return r;                                                 \
    }
UNARY(str, object_str)
UNARY(iter, object_iter)
UNARY(negative, object_negative)
UNARY(positive, object_positive)
UNARY(absolute, object_absolute)
UNARY(invert, object_invert)
UNARY(to_int, object_int)
UNARY(to_float, object_float)
UNARY(index, object_index)

#define BINARY(name, call)                                             \
    static Value proxy_##name(Thread *t, ValueRef a, ValueRef b) {     \
        Value x = target_of(t, a), y = UNDEF, r = UNDEF;               \
        if (value_bits(x) && value_bits(y = target_of(t, b))) r = call; \
        value_release(t, x);                                           \
        value_release(t, y);                                           \
        return r;                                                      \
    }
#define OPERATOR(name, op) BINARY(name, object_binary(t, op, x, y)) BINARY(inplace_##name, object_inplace(t, op, x, y))
OPERATOR(add, BIN_ADD)
OPERATOR(subtract, BIN_SUB)
OPERATOR(multiply, BIN_MUL)
OPERATOR(remainder, BIN_MOD)
OPERATOR(lshift, BIN_LSHIFT)
OPERATOR(rshift, BIN_RSHIFT)
OPERATOR(and, BIN_AND)
OPERATOR(xor, BIN_XOR)
OPERATOR(or, BIN_OR)
OPERATOR(floor_divide, BIN_FLOORDIV)
OPERATOR(true_divide, BIN_DIV)
OPERATOR(matrix_multiply, BIN_MATMUL)
BINARY(inplace_power, object_inplace(t, BIN_POW, x, y))
BINARY(divmod, object_divmod(t, x, y))
BINARY(getitem, object_getitem(t, x, y))
BINARY(getattr, object_getattr(t, x, y))

static Value proxy_power(Thread *t, ValueRef a, ValueRef b, ValueRef c) {
    Value x = target_of(t, a), y = UNDEF, z = UNDEF, r = UNDEF;
    if (value_bits(x) && value_bits(y = target_of(t, b)) && value_bits(z = target_of(t, c))) r = object_power(t, x, y, z);
    value_release(t, x);
    value_release(t, y);
    value_release(t, z);
    return r;
}
static Value proxy_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    Value x = target_of(t, a), y = UNDEF, r = UNDEF;
    if (value_bits(x) && value_bits(y = target_of(t, b))) r = object_compare(t, x, y, op);
    value_release(t, x);
    value_release(t, y);
    return r;
}
static Value proxy_next(Thread *t, ValueRef self) {
    Value o = target_of(t, self), r = UNDEF;
    if (!value_bits(o)) return UNDEF;
    if (value_type(o)->ops.next)
        r = value_type(o)->ops.next(t, o);
    else
        raise(t, TYPE_ERROR, "Weakref proxy referenced a non-iterator '%T' object", o);
    value_release(t, o);
    return r;
}
static Value proxy_repr(Thread *t, ValueRef self) {
    Value o = weakref_get(t, self);
    if (!value_bits(o)) return str_of_format(t, "<weakproxy at %p; dead>", (void *)value_bits(self));
    Value r = str_of_format(t, "<weakproxy at %p; to '%T' at %p>", (void *)value_bits(self), o, (void *)value_bits(o));
    value_release(t, o);
    return r;
}
static int proxy_boolean(Thread *t, ValueRef self) {
    Value o = target_of(t, self);
    if (!value_bits(o)) return -1;
    int r = object_is_true(t, o);
    value_release(t, o);
    return r;
}
static int64_t proxy_length(Thread *t, ValueRef self) {
    Value o = target_of(t, self);
    if (!value_bits(o)) return -1;
    int64_t n = object_len(t, o);
    value_release(t, o);
    return n;
}
static int proxy_contains(Thread *t, ValueRef self, ValueRef item) {
    Value o = target_of(t, self);
    if (!value_bits(o)) return -1;
    int r = object_contains(t, o, item);
    value_release(t, o);
    return r;
}
static int proxy_setitem(Thread *t, ValueRef self, ValueRef key, ValueRef value) {
    Value o = target_of(t, self);
    if (!value_bits(o)) return -1;
    int r = object_setitem(t, o, key, value);
    value_release(t, o);
    return r;
}
static int proxy_setattr(Thread *t, ValueRef self, ValueRef name, ValueRef value) {
    Value o = target_of(t, self);
    if (!value_bits(o)) return -1;
    int r = object_setattr(t, o, name, value);
    value_release(t, o);
    return r;
}
static Value proxy_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value o = target_of(t, self);
    if (!value_bits(o)) return UNDEF;
    Value r = call_object(t, o, args, nargs, kwnames);
    value_release(t, o);
    return r;
}

// Methods of the target's type that no slot of the proxy's serves.
#define METHOD(name, dunder)                                                                                                  \
    static Value proxy_##name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {               \
        Value o = target_of(t, self);                                                                                         \
        if (!value_bits(o)) return UNDEF;                                                                                     \
        Value r = call_method_0(t, o, NAME(dunder));                                                                          \
        value_release(t, o);                                                                                                  \
        return r;                                                                                                             \
    }
METHOD(bytes, __bytes__)
METHOD(reversed, __reversed__)
static const NativeDef proxy_methods[] = {
    {"__bytes__", proxy_bytes, "($self, /)", NULL, 0}, {"__reversed__", proxy_reversed, "($self, /)", NULL, 0}, NATIVE_END};

#define PROXY_OPS                                                                                                                                          \
    .repr = proxy_repr, .hash = object_hash_not_implemented, .str = proxy_str, .getattr = proxy_getattr, .setattr = proxy_setattr, .compare = proxy_compare, \
    .iter = proxy_iter, .next = proxy_next, .add = proxy_add, .subtract = proxy_subtract, .multiply = proxy_multiply, .remainder = proxy_remainder,         \
    .divmod = proxy_divmod, .lshift = proxy_lshift, .rshift = proxy_rshift, .and_ = proxy_and, .xor_ = proxy_xor, .or_ = proxy_or,                           \
    .floor_divide = proxy_floor_divide, .true_divide = proxy_true_divide, .matrix_multiply = proxy_matrix_multiply, .power = proxy_power,                   \
    .negative = proxy_negative, .positive = proxy_positive, .absolute = proxy_absolute, .invert = proxy_invert, .boolean = proxy_boolean,                   \
    .to_int = proxy_to_int, .to_float = proxy_to_float, .index = proxy_index, .inplace_add = proxy_inplace_add, .inplace_subtract = proxy_inplace_subtract, \
    .inplace_multiply = proxy_inplace_multiply, .inplace_remainder = proxy_inplace_remainder, .inplace_lshift = proxy_inplace_lshift,                       \
    .inplace_rshift = proxy_inplace_rshift, .inplace_and = proxy_inplace_and, .inplace_xor = proxy_inplace_xor, .inplace_or = proxy_inplace_or,             \
    .inplace_floor_divide = proxy_inplace_floor_divide, .inplace_true_divide = proxy_inplace_true_divide,                                                   \
    .inplace_matrix_multiply = proxy_inplace_matrix_multiply, .inplace_power = proxy_inplace_power, .length = proxy_length, .getitem = proxy_getitem,       \
    .setitem = proxy_setitem, .contains = proxy_contains

const TypeSpec weak_proxy_spec = {
    .name = "weakref.ProxyType", .size = sizeof(WeakRef), .flags = TYPE_NO_NEW, .ops = {PROXY_OPS}, .methods = proxy_methods,
    .destroy = weakref_destroy, .traverse = weakref_traverse, .clear = weakref_clear};
const TypeSpec weak_callable_proxy_spec = {
    .name = "weakref.CallableProxyType", .size = sizeof(WeakRef), .flags = TYPE_NO_NEW, .ops = {PROXY_OPS, .call = proxy_call}, .methods = proxy_methods,
    .destroy = weakref_destroy, .traverse = weakref_traverse, .clear = weakref_clear};

// slots.def made flesh: the table of rows, slot wrappers called by kind, the functions that send a slot of a Python class to
// its method, and the choice of what stands in each slot of a type.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/interp.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/memoryview.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"
#include "runtime/weakref.h"
#include "sync/critical.h"

enum SlotKind {
    KIND_UNARY, KIND_BINARY, KIND_INPLACE, KIND_TERNARY, KIND_BINARY_SELF, KIND_CONCAT, KIND_REPEAT, KIND_NEXT, KIND_LEN, KIND_HASH,
    KIND_INQUIRY, KIND_CONTAINS, KIND_GETATTR, KIND_STORE_SET, KIND_STORE_DELETE, KIND_COMPARE_LT, KIND_COMPARE_LE, KIND_COMPARE_EQ,
    KIND_COMPARE_NE, KIND_COMPARE_GT, KIND_COMPARE_GE, KIND_CALL, KIND_INIT, KIND_NEW, KIND_DESCR_GET, KIND_FINALIZE, KIND_BUFFER,
    KIND_RELEASE_BUFFER,
};

static const char binary_signature[] = "($self, value, /)";
static const SlotRow rows[] = {
#define SLOT(field, KIND, name, signature, doc) {#name, signature, doc, offsetof(TypeOps, field), KIND_##KIND, false},
#define SLOT2(field, KIND, name, rname, doc, rdoc) \
    {#name, KIND_##KIND == KIND_TERNARY ? "($self, value, mod=None, /)" : binary_signature, doc, offsetof(TypeOps, field), KIND_##KIND, false}, \
    {#rname, KIND_##KIND == KIND_TERNARY ? "($self, value, mod=None, /)" : binary_signature, rdoc, offsetof(TypeOps, field), KIND_##KIND, true},
#include "runtime/slots.def"
#undef SLOT
#undef SLOT2
};
enum { ROWS = sizeof rows / sizeof rows[0] };
static const uint16_t row_name_ids[ROWS] = {
#define SLOT(field, KIND, name, signature, doc) N_##name,
#define SLOT2(field, KIND, name, rname, doc, rdoc) N_##name, N_##rname,
#include "runtime/slots.def"
#undef SLOT
#undef SLOT2
};
static ValueRef row_name(int i) { return (ValueRef)(uint64_t)core_names[row_name_ids[i]]; }

const struct SlotRow *slot_rows(int *count) {
    *count = ROWS;
    return rows;
}

// Slots are read by every thread with plain loads, and twice in a row (is there one? call it): those of a shared type change
// only in a stop, where every other thread stands between two operations.
static void *slot_load(const TypeOps *ops, size_t offset) { return __atomic_load_n((void **)((char *)ops + offset), __ATOMIC_RELAXED); }
static void slot_set(TypeOps *ops, size_t offset, void *f) { __atomic_store_n((void **)((char *)ops + offset), f, __ATOMIC_RELAXED); }

// ---- calling what a type has under a name

// Calls `function`, found on the type of `self`, as its method.
static Value call_as_method(Thread *t, ValueRef function, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (LIKELY(value_is_function(function))) return function_call(t, value_function(function), self, args, nargs, kwnames && kwnames->length ? kwnames : NULL);
    Type *type = value_type(function);
    if (!(type->flags & TYPE_METHOD)) {
        if (!type->ops.descr_get) return call_object(t, function, args, nargs, kwnames);
        Value bound = type->ops.descr_get(t, function, self, value_of(value_type(self)));
        if (!bound) return UNDEF;
        Value result = call_object(t, bound, args, nargs, kwnames);
        value_release(t, bound);
        return result;
    }
    uint32_t total = nargs + (kwnames ? (uint32_t)kwnames->length : 0) + 1;
    ValueRef few[10], *all = few;
    if (total > 10 && !(all = storage_new(t, total * sizeof *all))) return UNDEF;
    all[0] = self;
    for (uint32_t i = 1; i < total; i++) all[i] = args[i - 1];
    Value result = call_object(t, function, all, nargs + 1, kwnames);
    if (all != few) storage_free(all);
    return result;
}

Value type_call_special(Thread *t, ValueRef self, ValueRef name, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef found = type_lookup(t, value_type(self), name);
    if (!found) return UNDEF;
    Value function = value_dup(t, found);
    Value result = call_as_method(t, function, self, args, nargs, kwnames);
    value_release(t, function);
    return result;
}

// As type_call_special; a missing method (a class that has just lost it) is an AttributeError.
static Value call_required(Thread *t, ValueRef self, ValueRef name, const ValueRef *args, uint32_t nargs) {
    Value result = type_call_special(t, self, name, args, nargs, NULL);
    if (!result && !error_pending(t)) return raise(t, ATTRIBUTE_ERROR, "%S", name);
    return result;
}

// ---- functions for the slots of Python classes: dispatch_<field>

static Value call_unary(Thread *t, ValueRef self, ValueRef name) {
    // `__iter__ = None` says that there is no iteration, not even through __getitem__.
    if (name == NAME(__iter__) && type_lookup(t, value_type(self), name) == NONE)
        return raise(t, TYPE_ERROR, "'%T' object is not iterable", self);
    return call_required(t, self, name, NULL, 0);
}

#define DISPATCH_UNARY(field, name) \
    static Value dispatch_##field(Thread *t, ValueRef self) { return call_unary(t, self, NAME(name)); }
#define DISPATCH_BINARY_SELF(field, name) \
    static Value dispatch_##field(Thread *t, ValueRef self, ValueRef key) { return call_required(t, self, NAME(name), &key, 1); }
#define DISPATCH_INPLACE(field, name) \
    static Value dispatch_##field(Thread *t, ValueRef self, ValueRef other) { return call_or_not_implemented(t, self, NAME(name), &other, 1); }
#define DISPATCH_BINARY(field, name, rname) \
    static Value dispatch_##field(Thread *t, ValueRef a, ValueRef b) { \
        return dispatch_operator(t, a, b, UNDEF, offsetof(TypeOps, field), (void *)dispatch_##field, NAME(name), NAME(rname)); \
    }
// One of a kind, and several rows for one slot: written out below.
#define DISPATCH_TERNARY(field, name, rname)
#define DISPATCH_CONCAT(field, name)
#define DISPATCH_REPEAT(field, name)
#define DISPATCH_NEXT(field, name)
#define DISPATCH_LEN(field, name)
#define DISPATCH_HASH(field, name)
#define DISPATCH_INQUIRY(field, name)
#define DISPATCH_CONTAINS(field, name)
#define DISPATCH_GETATTR(field, name)
#define DISPATCH_STORE_SET(field, name)
#define DISPATCH_STORE_DELETE(field, name)
#define DISPATCH_COMPARE_LT(field, name)
#define DISPATCH_COMPARE_LE(field, name)
#define DISPATCH_COMPARE_EQ(field, name)
#define DISPATCH_COMPARE_NE(field, name)
#define DISPATCH_COMPARE_GT(field, name)
#define DISPATCH_COMPARE_GE(field, name)
#define DISPATCH_CALL(field, name)
#define DISPATCH_INIT(field, name)
#define DISPATCH_NEW(field, name)
#define DISPATCH_DESCR_GET(field, name)
#define DISPATCH_FINALIZE(field, name)
#define DISPATCH_BUFFER(field, name)
#define DISPATCH_RELEASE_BUFFER(field, name)

static Value call_or_not_implemented(Thread *t, ValueRef self, ValueRef name, const ValueRef *args, uint32_t nargs) {
    Value result = type_call_special(t, self, name, args, nargs, NULL);
    return !result && !error_pending(t) ? NOT_IMPLEMENTED : result;
}

// Does b's type say something else for the reflected method than a's?
static bool reflected_differs(Thread *t, ValueRef a, ValueRef b, ValueRef rname) {
    ValueRef theirs = type_lookup(t, value_type(b), rname);
    return theirs && theirs != type_lookup(t, value_type(a), rname);
}

// Data model, "Emulating numeric types": the right operand goes first where its type is a subclass that has its own
// reflected method. `c` is the modulus of pow(), UNDEF for two operands.
static Value dispatch_operator(Thread *t, ValueRef a, ValueRef b, ValueRef c, size_t offset, void *mine, ValueRef name, ValueRef rname) {
    Type *left = value_type(a), *right = value_type(b);
    bool reflected = left != right && slot_load(&right->ops, offset) == mine;
    uint32_t nargs = c ? 2 : 1;
    if (slot_load(&left->ops, offset) == mine) {
        ValueRef forward_args[] = {b, c}, reflected_args[] = {a, c};
        if (reflected && type_is_subtype(right, left) && reflected_differs(t, a, b, rname)) {
            Value result = call_or_not_implemented(t, b, rname, reflected_args, nargs);
            if (result != NOT_IMPLEMENTED) return result;
            reflected = false;
        }
        Value result = call_or_not_implemented(t, a, name, forward_args, nargs);
        if (result != NOT_IMPLEMENTED || left == right) return result;
    }
    if (!reflected) return NOT_IMPLEMENTED;
    ValueRef reflected_args[] = {a, c};
    return call_or_not_implemented(t, b, rname, reflected_args, nargs);
}

#define SLOT(field, KIND, name, signature, doc) DISPATCH_##KIND(field, name)
#define SLOT2(field, KIND, name, rname, doc, rdoc) DISPATCH_##KIND(field, name, rname)
#include "runtime/slots.def"
#undef SLOT
#undef SLOT2

static Value dispatch_power(Thread *t, ValueRef a, ValueRef b, ValueRef c) {
    ValueRef modulus = c == NONE ? (ValueRef)UNDEF : c;
    return dispatch_operator(t, a, b, modulus, offsetof(TypeOps, power), (void *)dispatch_power, NAME(__pow__), NAME(__rpow__));
}

// `UNDEF without an exception` is how a slot says "exhausted": StopIteration ends here. A caller that wants its value calls
// __next__ itself where slot_next_is_python says so.
static Value dispatch_next(Thread *t, ValueRef self) {
    Value result = call_required(t, self, NAME(__next__), NULL, 0);
    if (!result && error_matches(t, EXCEPTION(STOP_ITERATION))) error_clear(t);
    return result;
}
bool slot_next_is_python(Type *type) { return slot_load(&type->ops, offsetof(TypeOps, next)) == (void *)dispatch_next; }

static int64_t dispatch_length(Thread *t, ValueRef self) {
    Value result = call_required(t, self, NAME(__len__), NULL, 0);
    if (!result) return -1;
    Value index = object_index(t, result);
    value_release(t, result);
    if (!index) return -1;
    int64_t n;
    if (int_sign(index) < 0)
        n = raise_int(t, VALUE_ERROR, "__len__() should return >= 0");
    else if (int_as_int64(index, &n) < 0)
        n = raise_int(t, OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer");
    value_release(t, index);
    return n;
}

static int64_t dispatch_hash(Thread *t, ValueRef self) {
    ValueRef found = type_lookup(t, value_type(self), NAME(__hash__));
    if (!found || found == NONE) return object_hash_not_implemented(t, self);
    Value result = call_required(t, self, NAME(__hash__), NULL, 0);
    if (!result) return -1;
    int64_t hash;
    if (!value_is_any_int(result) && !value_is_bool(result))
        hash = raise_int(t, TYPE_ERROR, "__hash__ method should return an integer");
    else {
        if (int_as_int64(result, &hash) < 0) hash = int_hash(result);
        if (hash == -1) hash = -2;
    }
    value_release(t, result);
    return hash;
}

static int dispatch_boolean(Thread *t, ValueRef self) {
    Value result = type_call_special(t, self, NAME(__bool__), NULL, 0, NULL);
    if (!result) return error_pending(t) ? -1 : 1;
    if (value_is_bool(result)) return result == TRUE_VALUE;
    int answer = raise_int(t, TYPE_ERROR, "__bool__ should return bool, returned %T", result);
    value_release(t, result);
    return answer;
}

static int dispatch_contains(Thread *t, ValueRef self, ValueRef item) {
    ValueRef found = type_lookup(t, value_type(self), NAME(__contains__));
    if (found == NONE) return raise_int(t, TYPE_ERROR, "'%T' object is not a container", self);
    Value result = call_required(t, self, NAME(__contains__), &item, 1);
    if (!result) return -1;
    int answer = object_is_true(t, result);
    value_release(t, result);
    return answer;
}

static Value dispatch_getattr(Thread *t, ValueRef self, ValueRef name) {
    return call_required(t, self, NAME(__getattribute__), &name, 1);
}

// Classes with __getattr__: it is asked after __getattribute__ has raised AttributeError.
static Value dispatch_getattr_hook(Thread *t, ValueRef self, ValueRef name) {
    ValueRef found = type_lookup(t, value_type(self), NAME(__getattribute__));
    bool generic = value_is(found, SLOT_WRAPPER) && ((SlotWrapper *)value_object(found))->function == (void *)object_generic_getattr;
    // Nothing is raised where nothing is found: most classes with __getattr__ are asked for what they do not have.
    Value result = generic ? object_generic_find(t, self, name) : call_required(t, self, NAME(__getattribute__), &name, 1);
    if (result || (error_pending(t) && !error_matches(t, EXCEPTION(ATTRIBUTE_ERROR)))) return result;
    Value first = error_pending(t) ? error_take(t) : UNDEF;
    result = type_call_special(t, self, NAME(__getattr__), &name, 1, NULL);
    if (result || error_pending(t)) {
        value_release(t, first);
        return result;
    }
    if (!first) return attribute_error(t, self, name); // the class has just lost it
    error_restore(t, first);
    return UNDEF;
}

static int call_store(Thread *t, ValueRef self, ValueRef key, ValueRef value, ValueRef set_name, ValueRef delete_name) {
    ValueRef args[] = {key, value};
    Value result = value ? call_required(t, self, set_name, args, 2) : call_required(t, self, delete_name, args, 1);
    if (!result) return -1;
    value_release(t, result);
    return 0;
}
static int dispatch_setattr(Thread *t, ValueRef self, ValueRef name, ValueRef value) {
    return call_store(t, self, name, value, NAME(__setattr__), NAME(__delattr__));
}
static int dispatch_setitem(Thread *t, ValueRef self, ValueRef key, ValueRef value) {
    return call_store(t, self, key, value, NAME(__setitem__), NAME(__delitem__));
}
static int dispatch_descr_set(Thread *t, ValueRef self, ValueRef instance, ValueRef value) {
    return call_store(t, self, instance, value, NAME(__set__), NAME(__delete__));
}

static ValueRef compare_name(int op) {
    switch (op) {
    case CMP_LT: return NAME(__lt__);
    case CMP_LE: return NAME(__le__);
    case CMP_EQ: return NAME(__eq__);
    case CMP_NE: return NAME(__ne__);
    case CMP_GT: return NAME(__gt__);
    default: return NAME(__ge__);
    }
}
static Value dispatch_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    ValueRef found = type_lookup(t, value_type(a), compare_name(op));
    if (UNLIKELY(found && !(value_type(found)->flags & TYPE_METHOD) && value_type(found)->ops.descr_get)) {
        // A descriptor that says it has no method is as good as none.
        Value method = lookup_special(t, a, compare_name(op));
        if (!method) {
            if (error_pending(t) && !error_matches(t, EXCEPTION(ATTRIBUTE_ERROR))) return UNDEF;
            error_clear(t);
            return NOT_IMPLEMENTED;
        }
        Value result = call_1(t, method, b);
        value_release(t, method);
        return result;
    }
    return call_or_not_implemented(t, a, compare_name(op), &b, 1);
}

static Value dispatch_call(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (native_stack_exhausted(t, " while calling a Python object")) return UNDEF;
    Value result = type_call_special(t, self, NAME(__call__), args, nargs, kwnames);
    if (!result && !error_pending(t)) return raise(t, TYPE_ERROR, "'%T' object is not callable", self);
    return result;
}

static int dispatch_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value result = type_call_special(t, self, NAME(__init__), args, nargs, kwnames);
    if (!result) return error_pending(t) ? -1 : raise_int(t, ATTRIBUTE_ERROR, "__init__");
    if (result == NONE) return 0;
    raise(t, TYPE_ERROR, "__init__() should return None, not '%T'", result);
    value_release(t, result);
    return -1;
}

static Value dispatch_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value function = object_getattr(t, type, NAME(__new__));
    if (!function) return UNDEF;
    uint32_t total = nargs + (kwnames ? (uint32_t)kwnames->length : 0) + 1;
    ValueRef few[10], *all = few;
    Value result = UNDEF;
    if (total > 10 && !(all = storage_new(t, total * sizeof *all))) goto done;
    all[0] = type;
    for (uint32_t i = 1; i < total; i++) all[i] = args[i - 1];
    result = call_object(t, function, all, nargs + 1, kwnames);
    if (all != few) storage_free(all);
done:
    value_release(t, function);
    return result;
}

static Value dispatch_descr_get(Thread *t, ValueRef self, ValueRef object, ValueRef type) {
    ValueRef args[] = {object ? object : (ValueRef)NONE, type ? type : (ValueRef)NONE};
    Value result = type_call_special(t, self, NAME(__get__), args, 2, NULL);
    if (!result && !error_pending(t)) return value_dup(t, self);
    return result;
}

static void dispatch_finalize(Thread *t, ValueRef self) {
    Value pending = error_take(t);
    ValueRef found = type_lookup(t, value_type(self), NAME(__del__));
    if (found) {
        Value function = value_dup(t, found);
        Value result = call_as_method(t, function, self, NULL, 0, NULL);
        if (result)
            value_release(t, result);
        else
            error_write_unraisable(t, "while calling deallocator", function);
        value_release(t, function);
    }
    error_restore(t, pending);
}

// __buffer__ gives a memoryview, whose own view is what we lend: its release is seen by the memoryview, and then by
// __release_buffer__, once the memoryview itself goes.
// ---- buffers of Python classes (PEP 688)

// Stands as the exporter of a buffer that a class's __buffer__ gave, where the class wants to hear of its end.
typedef struct BufferHolder {
    Container c;
    Value view, object; // what __buffer__ returned, and whose it was. Never written after creation
} BufferHolder;

static void report_release(Thread *t, ValueRef self) {
    Value e = error_take(t), message = str_of_format(t, "Exception ignored in __release_buffer__ of %N", value_type(self));
    if (!message) error_clear(t);
    error_report_unraisable(t, e, message, UNDEF);
}
static void call_release(Thread *t, ValueRef self, ValueRef view) {
    Value result = type_call_special(t, self, NAME(__release_buffer__), &view, 1, NULL);
    if (!result && error_pending(t)) report_release(t, self);
    value_release(t, result);
}
static void end_view(Thread *t, ValueRef view) {
    if (memoryview_release(t, view) < 0) error_clear(t); // it has lent memory itself: it ends with that
}
static void dispatch_release_buffer(Thread *t, ValueRef self, Buffer *b) { // of memory that a native base lent
    Value pending = error_take(t), view = memoryview_of_buffer(t, self, b);
    if (view) {
        call_release(t, self, view);
        end_view(t, view);
        value_release(t, view);
    } else {
        report_release(t, self);
    }
    Type *native = value_type(self);
    while (native && native->ops.release_buffer == dispatch_release_buffer) native = type_base(native);
    ReleaseBufferFn release = native ? native->ops.release_buffer : NULL;
    if (release) release(t, self, b);
    error_restore(t, pending);
}
static int dispatch_buffer(Thread *t, ValueRef self, Buffer *out, int flags) {
    ValueRef flags_value = value_int(flags);
    Value view = call_required(t, self, NAME(__buffer__), &flags_value, 1);
    if (!view) return -1;
    int result = value_is_instance(view, TYPE_OF(MEMORYVIEW))
        ? buffer_get(t, view, out, flags)
        : raise_int(t, TYPE_ERROR, "__buffer__ returned non-memoryview object");
    if (result == 0 && value_type(self)->ops.release_buffer == dispatch_release_buffer) {
        BufferHolder *holder = object_new(t, TYPE_OF(BUFFER_HOLDER));
        if (holder) {
            slot_init(&holder->view, out->exporter); // the same as `view`
            slot_init(&holder->object, value_dup(t, self));
            out->exporter = value_of(holder);
        } else {
            buffer_release(t, out);
            result = -1;
        }
    }
    value_release(t, view);
    return result;
}
static void holder_release_buffer(Thread *t, ValueRef self, Buffer *b) {
    BufferHolder *holder = (BufferHolder *)value_object(self);
    Value pending = error_take(t);
    Buffer inner = *b;
    inner.exporter = value_dup(t, holder->view);
    buffer_release(t, &inner);
    call_release(t, holder->object, holder->view);
    // A view of the object's own memory, by a native base, ends here; another stays whoever's it is.
    Value exporter = memoryview_exporter(t, holder->view);
    if (exporter == holder->object) end_view(t, holder->view);
    value_release(t, exporter);
    error_restore(t, pending);
}
static void holder_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((BufferHolder *)o)->view);
    VALUE_CLEAR(t, ((BufferHolder *)o)->object);
}
static void holder_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((BufferHolder *)o)->view, arg);
    visit(&((BufferHolder *)o)->object, arg);
}
const TypeSpec buffer_holder_spec = {
    .name = "_buffer_wrapper",
    .size = sizeof(BufferHolder),
    .flags = TYPE_NO_NEW,
    .ops = {.release_buffer = holder_release_buffer},
    .destroy = holder_destroy,
    .traverse = holder_traverse};

// The dispatch function of each row; none for sequences' own + and *: a Python class has these in `add` and `multiply`.
#define dispatch_concat NULL
#define dispatch_repeat NULL
#define dispatch_inplace_concat NULL
#define dispatch_inplace_repeat NULL
static void *const dispatchers[ROWS] = {
#define SLOT(field, KIND, name, signature, doc) (void *)dispatch_##field,
#define SLOT2(field, KIND, name, rname, doc, rdoc) (void *)dispatch_##field, (void *)dispatch_##field,
#include "runtime/slots.def"
#undef SLOT
#undef SLOT2
};
// Each has its field's type.
#define SLOT2(field, KIND, name, rname, doc, rdoc) SLOT(field, KIND, name, "", "")
#define SLOT(field, KIND, name, signature, doc) SAME_TYPE_##KIND(field)
#define SAME_TYPE(field) \
    _Static_assert(__builtin_types_compatible_p(_Atomic(__typeof__(&dispatch_##field)), __typeof__(((TypeOps *)0)->field)), #field);
#define SAME_TYPE_CONCAT(field)
#define SAME_TYPE_REPEAT(field)
#define SAME_TYPE_UNARY SAME_TYPE
#define SAME_TYPE_BINARY SAME_TYPE
#define SAME_TYPE_INPLACE SAME_TYPE
#define SAME_TYPE_TERNARY SAME_TYPE
#define SAME_TYPE_BINARY_SELF SAME_TYPE
#define SAME_TYPE_NEXT SAME_TYPE
#define SAME_TYPE_LEN SAME_TYPE
#define SAME_TYPE_HASH SAME_TYPE
#define SAME_TYPE_INQUIRY SAME_TYPE
#define SAME_TYPE_CONTAINS SAME_TYPE
#define SAME_TYPE_GETATTR SAME_TYPE
#define SAME_TYPE_STORE_SET SAME_TYPE
#define SAME_TYPE_STORE_DELETE SAME_TYPE
#define SAME_TYPE_COMPARE_LT SAME_TYPE
#define SAME_TYPE_COMPARE_LE SAME_TYPE
#define SAME_TYPE_COMPARE_EQ SAME_TYPE
#define SAME_TYPE_COMPARE_NE SAME_TYPE
#define SAME_TYPE_COMPARE_GT SAME_TYPE
#define SAME_TYPE_COMPARE_GE SAME_TYPE
#define SAME_TYPE_CALL SAME_TYPE
#define SAME_TYPE_INIT SAME_TYPE
#define SAME_TYPE_NEW SAME_TYPE
#define SAME_TYPE_DESCR_GET SAME_TYPE
#define SAME_TYPE_FINALIZE SAME_TYPE
#define SAME_TYPE_BUFFER SAME_TYPE
#define SAME_TYPE_RELEASE_BUFFER SAME_TYPE
#include "runtime/slots.def"
#include "sync/stop.h"
#undef SLOT
#undef SLOT2

// ---- slot wrappers: what `int.__add__` does when it is called

// "can't apply this __setattr__ to X object": a native type's attribute rules cannot be jumped over by a base's.
static int check_setattr_not_jumped(Thread *t, ValueRef self, void *function, const char *what) {
    Type *type = value_type(self), *defining = type;
    Value mro = slot_get(t, &type->mro);
    size_t offset = offsetof(TypeOps, setattr);
    void *own = slot_load(&type->ops, offset);
    for (int64_t i = value_is(mro, TUPLE) ? value_tuple(mro)->length - 1 : -1; i >= 0; i--) {
        Type *base = value_as_type(tuple_item(value_tuple(mro), i));
        void *theirs = slot_load(&base->ops, offset);
        if (theirs != (void *)dispatch_setattr && theirs == own) {
            defining = base;
            break;
        }
    }
    value_release(t, mro);
    for (Type *base = defining; base; base = type_base(base)) {
        void *theirs = slot_load(&base->ops, offset);
        if (theirs == function) return 0;
        if (theirs != (void *)dispatch_setattr) return raise_int(t, TYPE_ERROR, "can't apply this %s to %N object", what, type);
    }
    return 0;
}

static int check_count(Thread *t, uint32_t nargs, uint32_t wanted) {
    if (LIKELY(nargs == wanted)) return 0;
    return raise_int(t, TYPE_ERROR, "expected %u argument%s, got %u", wanted, wanted == 1 ? "" : "s", nargs);
}
static int check_count_named(Thread *t, const SlotRow *row, uint32_t nargs, uint32_t wanted) {
    if (LIKELY(nargs == wanted)) return 0;
    return raise_int(t, TYPE_ERROR, "%s expected %u arguments, got %u", row->name, wanted, nargs);
}

static Value int_or_error(Thread *t, int64_t n) { return n == -1 && error_pending(t) ? UNDEF : int_from_int64(t, n); }
static Value bool_or_error(int answer) { return answer < 0 ? UNDEF : value_bool(answer); }
static Value none_or_error(int result) { return result < 0 ? UNDEF : NONE; }

static Value wrapper_store(Thread *t, const SlotRow *row, StoreFn function, ValueRef self, const ValueRef *args, uint32_t nargs) {
    bool set = row->kind == KIND_STORE_SET;
    if (set ? check_count_named(t, row, nargs, 2) : check_count(t, nargs, 1)) return UNDEF;
    if (row->offset == offsetof(TypeOps, setattr)) {
        if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "attribute name must be string, not '%T'", args[0]);
        if (check_setattr_not_jumped(t, self, (void *)function, row->name) < 0) return UNDEF;
    }
    return none_or_error(function(t, self, args[0], set ? args[1] : (ValueRef)UNDEF));
}

static Value wrapper_get(Thread *t, DescrGetFn function, ValueRef self, const ValueRef *args, uint32_t nargs) {
    if (args_count(t, "__get__", nargs, 1, 2) < 0) return UNDEF;
    ValueRef object = args[0] == NONE ? (ValueRef)UNDEF : args[0];
    ValueRef type = nargs < 2 || args[1] == NONE ? (ValueRef)UNDEF : args[1];
    if (!object && !type) return raise(t, TYPE_ERROR, "__get__(None, None) is invalid");
    return function(t, self, object, type);
}

static Value wrapper_next(Thread *t, UnaryFn function, ValueRef self) {
    Value result = function(t, self);
    if (!result && !error_pending(t)) return raise_stop_iteration(t, NONE);
    return result;
}

// By the native type's own functions: a subclass's __buffer__ comes here through super().
static Value wrapper_buffer(Thread *t, BufferFn function, ValueRef self, const ValueRef *args) {
    int64_t flags;
    Value index = object_index(t, args[0]);
    if (!index) return UNDEF;
    int fits = int_as_int64(index, &flags);
    value_release(t, index);
    if (fits < 0) return raise(t, OVERFLOW_ERROR, "cannot fit '%T' into an index-sized integer", args[0]);
    if (flags > INT32_MAX || flags < INT32_MIN) return raise(t, OVERFLOW_ERROR, "buffer flags out of range");
    Type *native = value_type(self);
    while (native && native->ops.buffer != function) native = type_base(native);
    ReleaseBufferFn release = native ? native->ops.release_buffer : NULL;
    while (native && release == dispatch_release_buffer) {
        native = type_base(native);
        release = native ? native->ops.release_buffer : NULL;
    }
    return memoryview_new_native(t, self, function, release, (int)flags);
}
static Value wrapper_release_buffer(Thread *t, ValueRef self, ValueRef view) {
    if (!value_is_instance(view, TYPE_OF(MEMORYVIEW))) return raise(t, TYPE_ERROR, "expected a memoryview object");
    Value exporter = memoryview_exporter(t, view);
    if (!exporter) return raise(t, VALUE_ERROR, "memoryview's buffer has already been released");
    bool own = exporter == self;
    value_release(t, exporter);
    if (!own) return raise(t, VALUE_ERROR, "memoryview's buffer is not this object");
    return memoryview_release(t, view) < 0 ? UNDEF : NONE;
}

Value slot_wrapper_call(Thread *t, const SlotRow *row, void *function, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (row->kind == KIND_CALL) return ((CallFn)function)(t, self, args, nargs, kwnames);
    if (row->kind == KIND_INIT) return none_or_error(((InitFn)function)(t, self, args, nargs, kwnames));
    if (UNLIKELY(kwnames && kwnames->length))
        return raise(t, TYPE_ERROR, "wrapper %s() takes no keyword arguments", row->name);
    switch ((enum SlotKind)row->kind) {
    case KIND_UNARY:
        return check_count(t, nargs, 0) ? UNDEF : ((UnaryFn)function)(t, self);
    case KIND_NEXT:
        return check_count(t, nargs, 0) ? UNDEF : wrapper_next(t, (UnaryFn)function, self);
    case KIND_LEN:
    case KIND_HASH:
        return check_count(t, nargs, 0) ? UNDEF : int_or_error(t, ((LenFn)function)(t, self));
    case KIND_INQUIRY:
        return check_count(t, nargs, 0) ? UNDEF : bool_or_error(((InquiryFn)function)(t, self));
    case KIND_FINALIZE:
        if (check_count(t, nargs, 0)) return UNDEF;
        ((FinalizeFn)function)(t, self);
        return NONE;
    case KIND_BINARY:
        if (check_count(t, nargs, 1)) return UNDEF;
        return row->reflected ? ((BinaryFn)function)(t, args[0], self) : ((BinaryFn)function)(t, self, args[0]);
    case KIND_INPLACE:
    case KIND_BINARY_SELF:
    case KIND_CONCAT:
        return check_count(t, nargs, 1) ? UNDEF : ((BinaryFn)function)(t, self, args[0]);
    case KIND_REPEAT: {
        int64_t count;
        if (check_count(t, nargs, 1) || arg_index(t, args[0], &count) < 0) return UNDEF;
        Value n = int_from_int64(t, count);
        Value result = n ? ((BinaryFn)function)(t, self, n) : UNDEF;
        value_release(t, n);
        return result;
    }
    case KIND_TERNARY: {
        if (nargs < 1 || nargs > 2) return raise(t, TYPE_ERROR, "expected 1 or 2 arguments, got %u", nargs);
        ValueRef modulus = nargs == 2 ? args[1] : (ValueRef)NONE;
        return row->reflected ? ((TernaryFn)function)(t, args[0], self, modulus) : ((TernaryFn)function)(t, self, args[0], modulus);
    }
    case KIND_CONTAINS:
        return check_count(t, nargs, 1) ? UNDEF : bool_or_error(((ContainsFn)function)(t, self, args[0]));
    case KIND_GETATTR:
        if (check_count(t, nargs, 1)) return UNDEF;
        if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "attribute name must be string, not '%T'", args[0]);
        return ((GetattrFn)function)(t, self, args[0]);
    case KIND_STORE_SET:
    case KIND_STORE_DELETE:
        return wrapper_store(t, row, (StoreFn)function, self, args, nargs);
    case KIND_COMPARE_LT:
    case KIND_COMPARE_LE:
    case KIND_COMPARE_EQ:
    case KIND_COMPARE_NE:
    case KIND_COMPARE_GT:
    case KIND_COMPARE_GE:
        return check_count(t, nargs, 1) ? UNDEF : ((CompareFn)function)(t, self, args[0], row->kind - KIND_COMPARE_LT + CMP_LT);
    case KIND_DESCR_GET:
        return wrapper_get(t, (DescrGetFn)function, self, args, nargs);
    case KIND_BUFFER:
        return check_count(t, nargs, 1) ? UNDEF : wrapper_buffer(t, (BufferFn)function, self, args);
    case KIND_RELEASE_BUFFER:
        return check_count(t, nargs, 1) ? UNDEF : wrapper_release_buffer(t, self, args[0]);
    case KIND_CALL:
    case KIND_INIT:
    case KIND_NEW:
        break;
    }
    return raise(t, SYSTEM_ERROR, "slot %s has no wrapper", row->name);
}

// ---- __new__ of native types: a builtin function that holds its type

static Value new_wrapper(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = value_as_type(self);
    if (nargs < 1) return raise(t, TYPE_ERROR, "%N.__new__(): not enough arguments", type);
    if (!value_is_type(args[0])) return raise(t, TYPE_ERROR, "%N.__new__(X): X is not a type object (%T)", type, args[0]);
    Type *wanted = value_as_type(args[0]);
    if (!type_is_subtype(wanted, type))
        return raise(t, TYPE_ERROR, "%N.__new__(%N): %N is not a subtype of %N", type, wanted, wanted, type);
    // The nearest native base decides how the instance is laid out: its __new__ must be this one.
    Type *native = wanted;
    while (native && native->ops.new == dispatch_new) native = type_base(native);
    if (native && !native->ops.new) return type_raise_no_instances(t, native);
    if (native && native->ops.new != type->ops.new)
        return raise(t, TYPE_ERROR, "%N.__new__(%N) is not safe, use %N.__new__()", type, wanted, native);
    return type->ops.new(t, args[0], args + 1, nargs - 1, kwnames);
}
static const NativeDef new_def = {"__new__", new_wrapper, "($type, *args, **kwargs)",
    "Makes a new object of the type. help(type) has the signature.", NATIVE_RAW};

int type_add_slot_wrappers(Thread *t, Type *type) {
    Dict *dict = value_dict(type->dict);
    const TypeOps *ops = &type->spec->ops;
    for (int i = 0; i < ROWS; i++) {
        void *function = slot_load(ops, rows[i].offset);
        if (rows[i].kind == KIND_NEW) function = (void *)type->ops.new;
        ValueRef name = row_name(i);
        if (!function || dict_get_str_borrow(dict, value_str(name))) continue;
        Value wrapper;
        if (rows[i].kind == KIND_NEW) {
            // Inherited ones are found in the base.
            Type *base = type_base(type);
            if (base && base->ops.new == type->ops.new) continue;
            wrapper = native_function_new(t, &new_def, value_dup(t, value_of(type)), UNDEF, value_of(type));
        } else if (function == (void *)object_hash_not_implemented) {
            wrapper = NONE;
        } else {
            wrapper = slot_wrapper_new(t, &rows[i], function, type);
        }
        if (!wrapper) return -1;
        int result = dict_set(t, dict, name, wrapper);
        value_release(t, wrapper);
        if (result < 0) return -1;
    }
    // A type that compares in its own way hashes in its own way, or not at all.
    if (ops->compare && !ops->hash && !dict_get_str_borrow(dict, value_str(NAME(__hash__)))) {
        type->ops.hash = object_hash_not_implemented;
        return dict_set(t, dict, NAME(__hash__), NONE);
    }
    return 0;
}

// ---- what stands in the slots of a class

// The native C function that a method found for row i stands for, in this type; NULL: call the method.
static void *native_of(Type *type, int i, ValueRef found) {
    if (value_is(found, SLOT_WRAPPER)) {
        SlotWrapper *w = (SlotWrapper *)value_object(found);
        return w->row == &rows[i] && type_is_subtype(type, w->owner) ? w->function : NULL;
    }
    if (rows[i].kind == KIND_NEW && value_is(found, NATIVE_FUNCTION)) {
        NativeFunction *f = (NativeFunction *)value_object(found);
        if (f->def != &new_def || !type_is_subtype(type, value_as_type(f->self))) return NULL;
        // The wrapper's check of layouts must find that nothing is wrong.
        Type *native = type_base(type);
        while (native && native->ops.new == dispatch_new) native = type_base(native);
        CallFn theirs = value_as_type(f->self)->ops.new;
        return native && native->ops.new == theirs ? (void *)theirs : NULL;
    }
    if (rows[i].kind == KIND_HASH && found == NONE) return (void *)object_hash_not_implemented;
    return NULL;
}

// A wrapper of the same name for another slot (list's __add__ is `concat`): that slot's rows take it.
static bool belongs_to_other_slot(Type *type, int i, ValueRef found) {
    if (!value_is(found, SLOT_WRAPPER)) return false;
    SlotWrapper *w = (SlotWrapper *)value_object(found);
    return w->row->offset != rows[i].offset && strcmp(w->row->name, rows[i].name) == 0 && type_is_subtype(type, w->owner);
}

// What belongs into the slot whose rows begin at `i`; *next: the first row of the next slot.
static void *wanted_in_slot(Thread *t, Type *type, int i, int *next) {
    size_t offset = rows[i].offset;
    void *native = NULL, *dispatcher = dispatchers[i];
    bool python = false;
    int row = i;
    for (; row < ROWS && rows[row].offset == offset; row++) {
        ValueRef found = type_lookup(t, type, row_name(row));
        if (!found || belongs_to_other_slot(type, row, found)) continue;
        void *function = native_of(type, row, found);
        if (function && (!native || native == function))
            native = function;
        else
            python = true;
    }
    void *value = python ? dispatcher : native;
    if (offset == offsetof(TypeOps, getattr) && type_lookup(t, type, NAME(__getattr__)))
        value = (void *)dispatch_getattr_hook;
    *next = row;
    return value;
}

// Sets the slot whose rows begin at `i`; returns the first row of the next slot.
static int update_slot(Thread *t, Type *type, int i) {
    int next;
    void *wanted = wanted_in_slot(t, type, i, &next), *set;
    do {
        set = wanted;
        if (slot_load(&type->ops, rows[i].offset) == set) break;
        bool stop = object_is_shared((const Object *)type);
        if (stop) stop_world(&t->core);
        slot_set(&type->ops, rows[i].offset, set);
        if (stop) start_world(&t->core);
        // The stop let go of the type's lock: who changed it meanwhile may have set the slot before this.
        wanted = wanted_in_slot(t, type, i, &next);
    } while (wanted != set);
    return next;
}

void type_update_slots(Thread *t, Type *type) {
    for (int i = 0; i < ROWS;) i = update_slot(t, type, i);
}

// Is the order that of the one base, behind the type itself?
static bool extends_base_order(Type *type) {
    if (value_tuple(slot_borrow(&type->bases))->length != 1) return false;
    ValueRef mro = slot_borrow(&type->mro), of_base = slot_borrow(&type_base(type)->mro);
    Tuple *mine = value_tuple(mro), *theirs = value_tuple(of_base);
    if (mine->length != theirs->length + 1) return false;
    for (int64_t i = 0; i < theirs->length; i++)
        if (tuple_item(mine, i + 1) != tuple_item(theirs, i)) return false;
    return true;
}

void type_copy_slots(Type *type, Type *from) {
    for (size_t offset = 0; offset < sizeof(TypeOps); offset += sizeof(void *)) slot_set(&type->ops, offset, slot_load(&from->ops, offset));
}

void type_update_slots_of_new(Thread *t, Type *type) {
    if (!extends_base_order(type)) {
        type_update_slots(t, type);
        return;
    }
    type_copy_slots(type, type_base(type));
    if (type_dict_get(type, NAME(__getattr__))) type_update_slots_for(t, type, NAME(__getattr__));
    for (int i = 0; i < ROWS;) {
        bool own = false;
        int next = i;
        for (; next < ROWS && rows[next].offset == rows[i].offset; next++) own |= type_dict_get(type, row_name(next)) != UNDEF;
        if (own) update_slot(t, type, i);
        i = next;
    }
}

// The first row of slot i's slot is wanted by update_slot.
static int first_row(int i) {
    while (i > 0 && rows[i - 1].offset == rows[i].offset) i--;
    return i;
}

static void update_slots_named(Thread *t, Type *type, ValueRef name, const int *slots, int count) {
    for (int k = 0; k < count; k++) update_slot(t, type, slots[k]);
    Value held = slot_get(t, &type->subclasses), ref;
    if (!held) return;
    int64_t position = 0;
    while (dict_next(t, value_dict(held), &position, NULL, &ref) == 1) {
        Value subclass = weakref_get(t, ref);
        // One that has the name itself is not changed, nor is anything below it.
        if (value_is_pointer(subclass) && !type_dict_get(value_as_type(subclass), name))
            update_slots_named(t, value_as_type(subclass), name, slots, count);
        value_release(t, subclass);
        value_release(t, ref);
    }
    value_release(t, held);
}

void type_update_slots_for(Thread *t, Type *type, ValueRef name) {
    int slots[8], count = 0;
    for (int i = 0; i < ROWS && count < 8; i++) {
        bool named = row_name(i) == name || (rows[i].kind == KIND_GETATTR && name == NAME(__getattr__));
        if (named && (count == 0 || slots[count - 1] != first_row(i))) slots[count++] = first_row(i);
    }
    if (count) update_slots_named(t, type, name, slots, count);
}

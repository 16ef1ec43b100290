// Making classes: type(name, bases, namespace), and the class statement's __build_class__. Data model, "Customizing class creation".
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/gc.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/super.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"

enum { INLINE_SLOTS_MAX = 30 };

Type *metaclass_of_bases(Thread *t, Type *metatype, ValueRef bases) {
    Tuple *tuple = value_tuple(bases);
    for (int64_t i = 0; i < tuple->length; i++) {
        Type *candidate = value_type(tuple_item(tuple, i));
        if (type_is_subtype(metatype, candidate)) continue;
        if (!type_is_subtype(candidate, metatype))
            return raise_null(t, TYPE_ERROR, "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                                             "metaclasses of all its bases");
        metatype = candidate;
    }
    return metatype;
}

// ---- __slots__

typedef struct SlotPlan {
    Value names;     // list of str: mangled, sorted; UNDEF: no __slots__
    bool attributes; // instances get a __dict__ that the base has not
    bool weakref;    // and can be weakly referenced
} SlotPlan;

// CPython lays items out behind these; no slots fit there. (A str is such a type only here.)
static bool has_items(Type *base) { return base->flags & TYPE_IS_TYPE || (base->flags & TYPE_VARSIZED && !(base->flags & TYPE_IS_STR)); }
static bool may_add_attributes(Type *base) { return !type_shows_attributes(base) && !type_has_own_dict(base); }
static bool may_add_weakref(Type *base) { return !(base->flags & TYPE_WEAKREFABLE) && !has_items(base); }

// Private names (Reference, "Identifiers (Names)"): __x in class _C is _C__x.
static Value mangle(Thread *t, const Str *class_name, ValueRef name) {
    const Str *s = value_str(name);
    size_t n = str_length(s), skip = 0, length = str_length(class_name);
    bool private = n > 2 && str_char(s, 0) == '_' && str_char(s, 1) == '_' && !(str_char(s, n - 1) == '_' && str_char(s, n - 2) == '_');
    while (skip < length && str_char(class_name, skip) == '_') skip++;
    if (!private || skip == length) return str_intern(t, str_substring(t, s, 0, n));
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_char(&b, '_');
    str_builder_slice(&b, class_name, skip, length);
    str_builder_str(&b, s);
    Value mangled = str_builder_finish(&b);
    return mangled ? str_intern(t, mangled) : UNDEF;
}

static int is_identifier(Thread *t, ValueRef s) {
    Value name = str_intern_text(t, "isidentifier");
    Value method = name ? object_getattr(t, value_of(TYPE_OF(STR)), name) : UNDEF;
    Value answer = method ? call_1(t, method, s) : UNDEF;
    int result = answer ? object_is_true(t, answer) : -1;
    value_release(t, answer);
    value_release(t, method);
    value_release(t, name);
    return result;
}

static int plan_slot(Thread *t, SlotPlan *plan, Type *base, const Str *class_name, Dict *namespace_, ValueRef name) {
    if (!value_is_any_str(name)) return raise_int(t, TYPE_ERROR, "__slots__ items must be strings, not '%T'", name);
    int identifier = is_identifier(t, name);
    if (identifier <= 0) return identifier < 0 ? -1 : raise_int(t, TYPE_ERROR, "__slots__ must be identifiers");
    if (str_equal(value_str(name), value_str(NAME(__dict__)))) {
        if (!may_add_attributes(base) || plan->attributes) return raise_int(t, TYPE_ERROR, "__dict__ slot disallowed: we already got one");
        plan->attributes = true;
        return 0;
    }
    if (str_equal(value_str(name), value_str(NAME(__weakref__)))) {
        if (!may_add_weakref(base) || plan->weakref) return raise_int(t, TYPE_ERROR, "__weakref__ slot disallowed: we already got one");
        plan->weakref = true;
        return 0;
    }
    Value mangled = mangle(t, class_name, name);
    if (!mangled) return -1;
    // These leave the namespace before the class is made.
    bool leaves = mangled == NAME(__qualname__) || mangled == NAME(__classcell__) || mangled == NAME(__classdictcell__);
    if (!leaves && dict_get_str_borrow(namespace_, value_str(mangled))) {
        value_release(t, mangled);
        return raise_int(t, VALUE_ERROR, "%R in __slots__ conflicts with class variable", name);
    }
    return list_append(t, value_list(plan->names), mangled);
}

static int plan_slots(Thread *t, SlotPlan *plan, Type *base, Tuple *bases, const Str *class_name, Dict *namespace_) {
    Value slots = value_dup(t, dict_get_str_borrow(namespace_, value_str(NAME(__slots__))));
    if (!slots) {
        plan->attributes = may_add_attributes(base);
        plan->weakref = may_add_weakref(base);
        return 0;
    }
    Value names = value_is_any_str(slots) ? tuple_from_refs(t, value_refs(&slots), 1) : tuple_from_iterable(t, slots);
    value_release(t, slots);
    if (!names) return -1;
    int result = 0;
    Tuple *tuple = value_tuple(names);
    plan->names = list_new(t, tuple->length);
    if (!plan->names) result = -1;
    if (result == 0 && tuple->length && has_items(base))
        result = raise_int(t, TYPE_ERROR, "nonempty __slots__ not supported for subtype of '%N'", base);
    for (int64_t i = 0; result == 0 && i < tuple->length; i++) result = plan_slot(t, plan, base, class_name, namespace_, tuple_item(tuple, i));
    if (result == 0) result = list_sort(t, value_list(plan->names), NONE, false);
    value_release(t, names);
    // What another base's instances have, this one's have too.
    for (int64_t i = 0; result == 0 && i < bases->length; i++) {
        Type *other = value_as_type(tuple_item(bases, i));
        if (other == base) continue;
        plan->attributes |= may_add_attributes(base) && type_shows_attributes(other);
        plan->weakref |= may_add_weakref(base) && other->flags & TYPE_WEAKREFABLE;
    }
    return result;
}

// Definitions of the members that __slots__ makes, by offset: process-wide, made once, never freed.
static const MemberDef *slot_member(Thread *t, uint32_t offset) {
    enum { CACHED = 1024 };
    static _Atomic(MemberDef *) cache[CACHED];
    uint32_t i = offset / sizeof(Value);
    MemberDef *def = i < CACHED ? atomic_load_acquire_ptr(&cache[i]) : NULL;
    if (def) return def;
    def = calloc(1, sizeof *def);
    if (!def) return raise_no_memory(t), NULL;
    *def = (MemberDef){.name = "", .offset = offset, .kind = MEMBER_VALUE_OR_ERROR, .writable = true, .doc = NULL};
    MemberDef *expected = NULL;
    if (i < CACHED && !atomic_cas_acq_rel_ptr(&cache[i], &expected, def)) {
        free(def);
        return expected;
    }
    return def;
}

static int add_slot_members(Thread *t, Type *type, SlotPlan *plan, uint32_t from) {
    int64_t n = plan->names ? list_length(value_list(plan->names)) : 0;
    static const MemberDef attribute = {.name = "", .kind = MEMBER_ATTRIBUTE, .writable = true, .doc = NULL};
    for (int64_t i = 0; i < n; i++) {
        Value name = list_get(t, value_list(plan->names), i);
        // Behind the characters of a str, or a float's number, lie no slots: such values hang where attributes do.
        const MemberDef *def = type->prefix ? &attribute : slot_member(t, from + (uint32_t)i * sizeof(Value));
        Value member = def ? member_descriptor_new(t, def, type, name) : UNDEF;
        int result = member ? dict_set(t, value_dict(type->dict), name, member) : -1;
        value_release(t, member);
        value_release(t, name);
        if (result < 0) return -1;
    }
    return 0;
}

// ---- the namespace becomes the type's dict

// Takes an entry out of the dict (owned), UNDEF where there is none.
static Value take(Thread *t, Dict *dict, ValueRef name) { return dict_pop(t, dict, name); }

static int set_qualname(Thread *t, Type *type, Dict *dict) {
    Value qualname = take(t, dict, NAME(__qualname__));
    if (!qualname) {
        if (error_pending(t)) return -1;
        qualname = slot_get(t, &type->name);
    } else if (!value_is_any_str(qualname)) {
        raise(t, TYPE_ERROR, "type __qualname__ must be a str, not %T", qualname);
        value_release(t, qualname);
        return -1;
    }
    slot_store(t, type, &type->qualname, qualname);
    return 0;
}

// __module__ is the __name__ of the globals of the code that makes the class.
static int set_module(Thread *t, Dict *dict) {
    if (dict_get_str_borrow(dict, value_str(NAME(__module__)))) return 0;
    Value *fp = frame_python(t->fp);
    if (!fp || !value_is(frame_function(fp)->globals, DICT)) return 0;
    Value name = value_dup(t, dict_get_str_borrow(value_dict(frame_function(fp)->globals), value_str(NAME(__name__))));
    if (!name) return 0;
    int result = dict_set(t, dict, NAME(__module__), name);
    value_release(t, name);
    return result;
}

static int set_doc_default(Thread *t, Dict *dict) {
    ValueRef doc = dict_get_str_borrow(dict, value_str(NAME(__doc__)));
    if (!doc) return dict_set(t, dict, NAME(__doc__), NONE);
    if (!value_is_any_str(doc)) return 0;
    Value held = value_dup(t, doc);
    size_t bytes;
    char *allocated = NULL;
    int result = str_utf8(t, value_str(held), &bytes, &allocated) ? 0 : -1; // lone surrogates are refused
    free(allocated);
    value_release(t, held);
    return result;
}

// Plain functions under these names are static or class methods without saying so.
static int wrap_function(Thread *t, Dict *dict, ValueRef name, Type *wrapper) {
    ValueRef found = dict_get_str_borrow(dict, value_str(name));
    if (!found || value_type(found) != TYPE_OF(FUNCTION)) return 0;
    Value function = value_dup(t, found), wrapped = call_1(t, value_of(wrapper), function);
    int result = wrapped ? dict_set(t, dict, name, wrapped) : -1;
    value_release(t, wrapped);
    value_release(t, function);
    return result;
}

static int fill_cell(Thread *t, Dict *dict, ValueRef name, const char *what, ValueRef value) {
    Value cell = take(t, dict, name);
    if (!cell) return error_pending(t) ? -1 : 0;
    int result = 0;
    if (value_is(cell, CELL))
        slot_store(t, value_cell(cell), &value_cell(cell)->value, value_dup(t, value));
    else
        result = raise_int(t, TYPE_ERROR, "%s must be a nonlocal cell, not %R", what, value_of(value_type(cell)));
    value_release(t, cell);
    return result;
}

// Attributes are found by exact strings: a key of a subclass of str is exchanged for its text; one that is no str is kept, for
// those who look into __dict__, with a warning.
static int check_keys(Thread *t, Type *type, Dict *dict) {
    if (!dict->table || atomic_load_relaxed_u8(&dict->table->str_keys)) return 0;
    Value items = dict_copy(t, dict), key, value;
    if (!items) return -1;
    int64_t position = 0;
    int result = 0;
    bool warned = false;
    while (result == 0 && dict_next(t, value_dict(items), &position, &key, &value) == 1) {
        if (!value_is_any_str(key) && !warned) {
            warned = true;
            result = warn(t, E_RUNTIME_WARNING, 1, "non-string key in the __dict__ of class %N", type);
        } else if (value_is_any_str(key) && !value_is(key, STR)) {
            Value exact = str_intern(t, str_substring(t, value_str(key), 0, str_length(value_str(key))));
            Value old = exact ? dict_pop(t, dict, key) : UNDEF;
            result = old ? dict_set(t, dict, exact, value) : -1;
            value_release(t, old);
            value_release(t, exact);
        }
        value_release(t, key);
        value_release(t, value);
    }
    value_release(t, items);
    return result;
}

// What the class itself says under that name stands.
static int set_getset(Thread *t, Type *type, const GetSetDef *def) {
    Value name = str_intern_text(t, def->name);
    if (!name) return -1;
    bool taken = dict_get_str_borrow(value_dict(type->dict), value_str(name)) != UNDEF;
    value_release(t, name);
    if (taken) return 0;
    Value descriptor = getset_descriptor_new(t, def, type);
    return dict_set_text(t, value_dict(type->dict), def->name, descriptor);
}

static int fill_dict(Thread *t, Type *type, SlotPlan *plan, uint32_t slots_from) {
    Dict *dict = value_dict(type->dict);
    if (check_keys(t, type, dict) < 0 || set_module(t, dict) < 0 || set_qualname(t, type, dict) < 0) return -1;
    if (wrap_function(t, dict, NAME(__new__), TYPE_OF(STATICMETHOD)) < 0) return -1;
    if (wrap_function(t, dict, NAME(__init_subclass__), TYPE_OF(CLASSMETHOD)) < 0) return -1;
    if (wrap_function(t, dict, NAME(__class_getitem__), TYPE_OF(CLASSMETHOD)) < 0) return -1;
    if (fill_cell(t, dict, NAME(__classcell__), "__classcell__", value_of(type)) < 0) return -1;
    if (fill_cell(t, dict, NAME(__classdictcell__), "__classdictcell__", type->dict) < 0) return -1;
    if (add_slot_members(t, type, plan, slots_from) < 0) return -1;
    if (plan->attributes && set_getset(t, type, &object_dict_getset) < 0) return -1;
    if (plan->weakref && set_getset(t, type, &object_weakref_getset) < 0) return -1;
    if (set_doc_default(t, dict) < 0) return -1;
    bool eq = dict_get_str_borrow(dict, value_str(NAME(__eq__))), hash = dict_get_str_borrow(dict, value_str(NAME(__hash__)));
    return eq && !hash ? dict_set(t, dict, NAME(__hash__), NONE) : 0;
}

// ---- prediction of the number of attributes

typedef struct Prediction { ValueRef names[INLINE_SLOTS_MAX]; int n; } Prediction; // UNDEF: a name that is not known
static void predict_name(Prediction *p, ValueRef name) {
    for (int i = 0; i < p->n; i++)
        if (p->names[i] == name) return;
    if (p->n < INLINE_SLOTS_MAX) p->names[p->n++] = name;
}
// The names with annotations in the class's body: those that the function which tells them puts into its dict.
static void predict_annotated(Prediction *p, Type *type) {
    ValueRef annotate = slot_borrow(&type->dict) ? type_dict_get(type, NAME(__annotate_func__)) : (ValueRef)UNDEF;
    if (!annotate || !value_is_function(annotate)) return;
    CodeData *data = value_function(annotate)->data;
    for (uint32_t i = 0; i < data->code->ninstructions; i++) {
        Ins set = code_plain_instruction(data->code, i), load;
        if (set.op != OP_DICT_SET) continue;
        uint32_t k = i;
        do load = k ? code_plain_instruction(data->code, --k) : set;
        while (k && (load.op != OP_LOADK || (load.a & OPERAND_INDEX) != (set.b & OPERAND_INDEX)));
        uint32_t constant = load.b | (uint32_t)load.c << 16;
        if (load.op == OP_LOADK && constant < data->code->nconstants && value_is(data->constants[constant], STR)) predict_name(p, data->constants[constant]);
    }
}
// How many attributes instances will likely have: the different names of __static_attributes__ along the bases, and those annotated.
static uint16_t predict_slots(Thread *t, Type *type, Tuple *bases) {
    Prediction p = {.n = 0};
    for (int64_t b = -1; b < bases->length; b++) {
        Type *of = b < 0 ? type : value_as_type(tuple_item(bases, b));
        // A base's own prediction counts its bases in: only the first one's names need telling apart.
        ValueRef attributes = slot_borrow(&of->dict) ? type_dict_get(of, NAME(__static_attributes__)) : (ValueRef)UNDEF;
        int before = p.n;
        int64_t of_base = 0;
        if (value_is(attributes, TUPLE)) {
            of_base = value_tuple(attributes)->length;
            for (int64_t i = 0; i < of_base; i++) predict_name(&p, tuple_item(value_tuple(attributes), i));
        }
        predict_annotated(&p, of);
        // Attributes of the base's bases, and what setattr gave it, are in its number alone.
        if (of_base < p.n - before) of_base = p.n - before;
        if (b >= 0 && of->flags & TYPE_HAS_ATTRIBUTES && of->inline_slots > of_base && of->inline_slots > 1)
            for (int64_t more = of->inline_slots - of_base; more > 0 && p.n < INLINE_SLOTS_MAX; more--) p.names[p.n++] = UNDEF;
    }
    return (uint16_t)(p.n ? p.n : 1);
}

// ---- __set_name__, __init_subclass__

static void note_set_name(Thread *t, Type *type, ValueRef key, ValueRef attribute) {
    Value e = error_take(t);
    Value note = str_of_format(t, "Error calling __set_name__ on '%T' instance %R in '%N'", attribute, key, type);
    Value result = note ? call_method_1(t, e, NAME(add_note), note) : UNDEF;
    value_release(t, result);
    value_release(t, note);
    error_clear(t);
    error_restore(t, e);
}

static int call_set_names(Thread *t, Type *type) {
    Value names = dict_copy(t, value_dict(type->dict)), key, attribute;
    if (!names) return -1;
    int64_t position = 0;
    int result = 0;
    while (result == 0 && dict_next(t, value_dict(names), &position, &key, &attribute) == 1) {
        if (type_lookup(t, value_type(attribute), NAME(__set_name__))) {
            ValueRef args[] = {value_of(type), key};
            Value done = type_call_special(t, attribute, NAME(__set_name__), args, 2, NULL);
            if (!done && error_pending(t)) {
                note_set_name(t, type, key, attribute);
                result = -1;
            }
            value_release(t, done);
        }
        value_release(t, key);
        value_release(t, attribute);
    }
    value_release(t, names);
    return result;
}

static int call_init_subclass(Thread *t, Type *type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    // A metaclass's mro() may leave the class out of its own order: then it is no argument for super().
    Tuple *mro = value_tuple(slot_borrow(&type->mro));
    bool member = false;
    for (int64_t i = 0; i < mro->length && !member; i++) member = tuple_item(mro, i) == value_of(type);
    if (!member)
        return raise_int(t, TYPE_ERROR, "super(type, obj): obj (type %N) is not an instance or subtype of type (%N).", type, type);
    Value function = super_lookup(t, type, value_of(type), type, NAME(__init_subclass__), NULL);
    if (!function) return error_pending(t) ? -1 : 0; // an order of a metaclass's making, without object behind the class
    Value result = call_object(t, function, args, nargs, kwnames);
    value_release(t, function);
    value_release(t, result);
    return result ? 0 : -1;
}

// ---- type.__new__

int type_check_name(Thread *t, Str *name) {
    for (size_t i = 0; i < str_length(name); i++)
        if (!str_char(name, i)) return raise_int(t, VALUE_ERROR, "type name must not contain null characters");
    size_t bytes;
    char *allocated = NULL;
    int result = str_utf8(t, name, &bytes, &allocated) ? 0 : -1;
    free(allocated);
    return result;
}

static int inherit_pattern_flags(Type *type) {
    Tuple *mro = value_tuple(slot_borrow(&type->mro));
    for (int64_t i = 1; i < mro->length; i++) {
        uint32_t kind = value_as_type(tuple_item(mro, i))->flags & (TYPE_SEQUENCE | TYPE_MAPPING);
        if (!kind) continue;
        type->flags = (type->flags & ~(uint32_t)(TYPE_SEQUENCE | TYPE_MAPPING)) | kind; // nobody else knows the type yet
        break;
    }
    return 0;
}

// The class before anybody can see it: fields and layout. NULL with an exception.
static Type *make(Thread *t, Type *metatype, Type *base, ValueRef name, ValueRef bases, ValueRef namespace_, SlotPlan *plan) {
    Type *type = object_new(t, metatype);
    if (!type) return NULL;
    object_make_deferred(t, (Object *)type);
    type_inherit_layout(type, base);
    type->spec = base->spec;
    type_copy_slots(type, base);
    type->flags |= TYPE_HEAP | TYPE_BASE | (plan->attributes ? TYPE_HAS_ATTRIBUTES : 0) | (plan->weakref ? TYPE_WEAKREFABLE : 0);
    int64_t slots = plan->names ? list_length(value_list(plan->names)) : 0;
    if (plan->attributes) type->flags &= ~(uint32_t)TYPE_ATTRIBUTES_HIDDEN;
    else if (slots && type->prefix && !(type->flags & TYPE_HAS_ATTRIBUTES)) type->flags |= TYPE_HAS_ATTRIBUTES | TYPE_ATTRIBUTES_HIDDEN;
    uint32_t from = (type->size + 7) & ~7u;
    if (slots && !type->prefix) type->size = from + (uint32_t)slots * sizeof(Value);
    type->slots_offset = (type->size + 7) & ~7u;
    slot_store(t, type, &type->base, value_dup(t, value_of(base)));
    slot_store(t, type, &type->bases, value_dup(t, bases));
    slot_store(t, type, &type->name, value_dup(t, name));
    Value dict = dict_copy(t, value_dict(namespace_));
    if (!dict) return NULL;
    slot_store(t, type, &type->dict, dict);
    type->inline_slots = type->flags & TYPE_HAS_ATTRIBUTES ? predict_slots(t, type, value_tuple(bases)) : 0;
    if (!type->prefix && !(type->flags & (TYPE_VARSIZED | TYPE_LEAF))) type->size = type->slots_offset;
    Shape *shape = shape_new_root(t, type, type->inline_slots, 0);
    if (!shape) return NULL;
    type->shape = shape->index;
    enum { HELD_BYTES = 2048 }; // about: its dict's table, its method cache, shapes
    gc_note_held(t, HELD_BYTES);
    return fill_dict(t, type, plan, from) < 0 ? NULL : type;
}

static int finish(Thread *t, Type *type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value mro = type_compute_mro(t, type);
    if (!mro) return -1;
    slot_store(t, type, &type->mro, mro);
    type_modified(t, type);
    inherit_pattern_flags(type);
    // Listed first: a change of a base that meets this finds the class, or is seen by it.
    Tuple *bases = value_tuple(type->bases);
    for (int64_t i = 0; i < bases->length; i++)
        if (type_list_subclass(t, value_as_type(tuple_item(bases, i)), type) < 0) return -1;
    type_update_slots_of_new(t, type);
    if (call_set_names(t, type) < 0) return -1;
    return call_init_subclass(t, type, args, nargs, kwnames);
}

// Calls another metaclass's __new__ with what this one was given.
static Value delegate(Thread *t, Type *winner, ValueRef name, ValueRef bases, ValueRef namespace_, const ValueRef *args, Tuple *kwnames) {
    int64_t keywords = kwnames ? kwnames->length : 0;
    ValueRef *all = storage_new(t, (size_t)(3 + keywords) * sizeof *all);
    if (!all) return UNDEF;
    all[0] = name;
    all[1] = bases;
    all[2] = namespace_;
    for (int64_t i = 0; i < keywords; i++) all[3 + i] = args[i];
    Value result = winner->ops.new(t, value_of(winner), all, 3, kwnames);
    storage_free(all);
    return result;
}

Value type_new_class(Thread *t, Type *metaclass, ValueRef name, ValueRef bases_given, ValueRef namespace_, const ValueRef *args, uint32_t nargs,
                     Tuple *kwnames) {
    Tuple *given = value_tuple(bases_given);
    for (int64_t i = 0; i < given->length; i++) {
        ValueRef item = tuple_item(given, i);
        if (value_is_type(item)) continue;
        int entries = object_hasattr(t, item, NAME(__mro_entries__));
        if (entries < 0) return UNDEF;
        if (entries) return raise(t, TYPE_ERROR, "type() doesn't support MRO entry resolution; use types.new_class()");
    }
    Type *winner = metaclass_of_bases(t, metaclass, bases_given);
    if (!winner) return UNDEF;
    if (winner != metaclass && winner->ops.new != TYPE_OF(TYPE)->ops.new) {
        if (!winner->ops.new) return raise(t, TYPE_ERROR, "cannot create '%N' instances", winner);
        return delegate(t, winner, name, bases_given, namespace_, args, kwnames);
    }
    Str *text = value_str(name);
    if (type_check_name(t, text) < 0) return UNDEF;
    ValueRef object = value_of(TYPE_OF(OBJECT));
    Value bases = given->length ? value_dup(t, bases_given) : tuple_from_refs(t, &object, 1);
    SlotPlan plan = {UNDEF, false, false};
    Type *base = bases ? type_best_base(t, value_tuple(bases)) : NULL, *type = NULL;
    if (base && plan_slots(t, &plan, base, value_tuple(bases), text, value_dict(namespace_)) == 0)
        type = make(t, winner, base, name, bases, namespace_, &plan);
    value_release(t, plan.names);
    value_release(t, bases);
    return type && finish(t, type, args, nargs, kwnames) == 0 ? value_of(type) : UNDEF;
}

// ---- the class statement

// PEP 560: bases that are no types are replaced by what their __mro_entries__ say. The same tuple where there are none.
static Value resolve_bases(Thread *t, ValueRef bases) {
    Tuple *tuple = value_tuple(bases);
    Value list = UNDEF;
    for (int64_t i = 0; i < tuple->length; i++) {
        ValueRef base = tuple_item(tuple, i);
        Value method = value_is_type(base) ? UNDEF : object_getattr_or_undef(t, base, NAME(__mro_entries__));
        if (!method) {
            if (error_pending(t)) goto fail;
            if (list && list_append(t, value_list(list), value_dup(t, base)) < 0) goto fail;
            continue;
        }
        Value entries = call_1(t, method, bases);
        value_release(t, method);
        if (!entries) goto fail;
        if (!value_is_any_tuple(entries)) {
            raise(t, TYPE_ERROR, "__mro_entries__ must return a tuple");
            value_release(t, entries);
            goto fail;
        }
        if (!list) {
            if (!(list = list_new(t, tuple->length))) {
                value_release(t, entries);
                goto fail;
            }
            for (int64_t k = 0; k < i; k++)
                if (list_append(t, value_list(list), value_dup(t, tuple_item(tuple, k))) < 0) {
                    value_release(t, entries);
                    goto fail;
                }
        }
        int result = list_extend(t, value_list(list), entries);
        value_release(t, entries);
        if (result < 0) goto fail;
    }
    if (!list) return value_dup(t, bases);
    Value resolved = list_snapshot(t, value_list(list));
    value_release(t, list);
    return resolved;
fail:
    value_release(t, list);
    return UNDEF;
}

static Value call_prepare(Thread *t, ValueRef metaclass, bool is_class, ValueRef name, ValueRef bases, ValueRef keywords) {
    Value prepare = object_getattr_or_undef(t, metaclass, NAME(__prepare__));
    if (!prepare) return error_pending(t) ? UNDEF : dict_new(t);
    ValueRef pair[] = {name, bases};
    Value args = tuple_from_refs(t, pair, 2);
    Value namespace_ = args ? call_tuple_dict(t, prepare, args, keywords) : UNDEF;
    value_release(t, args);
    value_release(t, prepare);
    if (!namespace_ || value_type(namespace_)->ops.getitem) return namespace_;
    if (is_class) raise(t, TYPE_ERROR, "%N.__prepare__() must return a mapping, not %T", value_as_type(metaclass), namespace_);
    else raise(t, TYPE_ERROR, "<metaclass>.__prepare__() must return a mapping, not %T", namespace_);
    value_release(t, namespace_);
    return UNDEF;
}

// The cell of `__class__` must hold the class by now.
static int check_class_cell(Thread *t, ValueRef class, ValueRef cell, ValueRef name) {
    if (!value_is_type(class) || !value_is(cell, CELL)) return 0;
    Value held = slot_get(t, &value_cell(cell)->value);
    int result = 0;
    if (!held)
        result = raise_int(t, RUNTIME_ERROR, "__class__ not set defining %R as %R. Was __classcell__ propagated to type.__new__?", name, class);
    else if (held != class)
        result = raise_int(t, TYPE_ERROR, "__class__ set to %R defining %R as %R", held, name, class);
    value_release(t, held);
    return result;
}

// The keywords of the class statement but `metaclass`, as a dict; UNDEF and 0 where there are none.
static int collect_keywords(Thread *t, const ValueRef *values, Tuple *kwnames, Value *keywords, Value *metaclass) {
    for (int64_t i = 0; kwnames && i < kwnames->length; i++) {
        ValueRef key = tuple_item(kwnames, i);
        if (str_equal(value_str(key), value_str(NAME(metaclass)))) {
            *metaclass = value_dup(t, values[i]);
            continue;
        }
        if (!*keywords && !(*keywords = dict_new(t))) return -1;
        if (dict_set(t, value_dict(*keywords), key, values[i]) < 0) return -1;
    }
    return 0;
}

Value builtin_build_class(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs < 2) return raise(t, TYPE_ERROR, "__build_class__: not enough arguments");
    ValueRef function = args[0], name = args[1];
    if (value_type(function) != TYPE_OF(FUNCTION)) return raise(t, TYPE_ERROR, "__build_class__: func must be a function");
    if (!value_is_any_str(name)) return raise(t, TYPE_ERROR, "__build_class__: name is not a string");
    Value class = UNDEF, keywords = UNDEF, metaclass = UNDEF, namespace_ = UNDEF, cell = UNDEF, arguments = UNDEF;
    Value original = tuple_from_refs(t, args + 2, nargs - 2);
    Value bases = original ? resolve_bases(t, original) : UNDEF;
    if (!bases || collect_keywords(t, args + nargs, kwnames, &keywords, &metaclass) < 0) goto done;
    bool is_class = !metaclass || value_is_type(metaclass);
    if (!metaclass) {
        Tuple *tuple = value_tuple(bases);
        metaclass = value_dup(t, value_of(tuple->length ? value_type(tuple_item(tuple, 0)) : TYPE_OF(TYPE)));
    }
    if (is_class) {
        Type *winner = metaclass_of_bases(t, value_as_type(metaclass), bases);
        if (!winner) goto done;
        value_release(t, metaclass);
        metaclass = value_dup(t, value_of(winner));
    }
    namespace_ = call_prepare(t, metaclass, is_class, name, bases, keywords);
    if (!namespace_) goto done;
    cell = call_1(t, function, namespace_);
    if (!cell) goto done;
    if (bases != original && object_setitem(t, namespace_, NAME(__orig_bases__), original) < 0) goto done;
    ValueRef three[] = {name, bases, namespace_};
    arguments = tuple_from_refs(t, three, 3);
    class = arguments ? call_tuple_dict(t, metaclass, arguments, keywords) : UNDEF;
    if (class && check_class_cell(t, class, cell, name) < 0) VALUE_CLEAR(t, class);
done:
    value_release(t, arguments);
    value_release(t, cell);
    value_release(t, namespace_);
    value_release(t, metaclass);
    value_release(t, keywords);
    value_release(t, bases);
    value_release(t, original);
    return class;
}

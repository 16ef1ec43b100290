// Method resolution orders, the choice of the base that gives the layout, and changes of a class's bases.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type_object.h"
#include "runtime/type.h"
#include "sync/critical.h"

// ---- C3

// One sequence to be merged, and how much of it is used up.
typedef struct Sequence { Tuple *types; int64_t at; } Sequence;

static bool in_tail(const Sequence *s, ValueRef type) {
    for (int64_t i = s->at + 1; i < s->types->length; i++)
        if (tuple_item(s->types, i) == type) return true;
    return false;
}

static Value inconsistent(Thread *t, Sequence *sequences, int64_t n) {
    StrBuilder text;
    str_builder_init(&text, t);
    str_builder_text(&text, "Cannot create a consistent method resolution order (MRO) for bases ", 67);
    bool first = true;
    for (int64_t i = 0; i < n; i++) {
        if (sequences[i].at >= sequences[i].types->length) continue;
        ValueRef head = tuple_item(sequences[i].types, sequences[i].at);
        bool told = false;
        for (int64_t k = 0; k < i && !told; k++)
            told = sequences[k].at < sequences[k].types->length && tuple_item(sequences[k].types, sequences[k].at) == head;
        if (told) continue;
        if (!first) str_builder_text(&text, ", ", 2);
        first = false;
        str_builder_str(&text, value_str(slot_borrow(&value_as_type(head)->name)));
    }
    Value message = str_builder_finish(&text);
    if (message) raise(t, TYPE_ERROR, "%U", value_str(message));
    value_release(t, message);
    return UNDEF;
}

static Value merge(Thread *t, Type *type, Sequence *sequences, int64_t n) {
    Value list = list_new(t, 8);
    if (!list || list_append(t, value_list(list), value_dup(t, value_of(type))) < 0) goto fail;
    for (;;) {
        ValueRef next = UNDEF;
        bool left = false;
        for (int64_t i = 0; i < n && !next; i++) {
            if (sequences[i].at >= sequences[i].types->length) continue;
            left = true;
            next = tuple_item(sequences[i].types, sequences[i].at);
            for (int64_t k = 0; k < n; k++) {
                if (!in_tail(&sequences[k], next)) continue;
                next = UNDEF;
                break;
            }
        }
        if (!left) break;
        if (!next) {
            inconsistent(t, sequences, n);
            goto fail;
        }
        if (list_append(t, value_list(list), value_dup(t, next)) < 0) goto fail;
        for (int64_t i = 0; i < n; i++)
            if (sequences[i].at < sequences[i].types->length && tuple_item(sequences[i].types, sequences[i].at) == next) sequences[i].at++;
    }
    Value mro = list_snapshot(t, value_list(list));
    value_release(t, list);
    return mro;
fail:
    value_release(t, list);
    return UNDEF;
}

Value type_linearise(Thread *t, Type *type, Tuple *bases) {
    int64_t n = bases->length;
    for (int64_t i = 0; i < n; i++) {
        Type *base = value_as_type(tuple_item(bases, i));
        if (!slot_borrow(&base->mro)) return raise(t, TYPE_ERROR, "Cannot extend an incomplete type '%N'", base);
        for (int64_t k = i + 1; k < n; k++)
            if (tuple_item(bases, k) == value_of(base)) return raise(t, TYPE_ERROR, "duplicate base class %N", base);
    }
    if (n <= 1) { // the bases' own order, after the type
        Value rest = n ? slot_get(t, &value_as_type(tuple_item(bases, 0))->mro) : UNDEF;
        int64_t length = rest ? value_tuple(rest)->length : 0;
        Tuple *mro = tuple_alloc(t, length + 1);
        if (mro) {
            slot_init(&mro->items[0], value_dup(t, value_of(type)));
            for (int64_t i = 0; i < length; i++) slot_init(&mro->items[i + 1], value_dup(t, tuple_item(value_tuple(rest), i)));
        }
        value_release(t, rest);
        return value_of(mro);
    }
    Sequence *sequences = storage_new(t, (size_t)(n + 1) * sizeof *sequences);
    if (!sequences) return UNDEF;
    for (int64_t i = 0; i < n; i++)
        sequences[i] = (Sequence){value_tuple(slot_get(t, &value_as_type(tuple_item(bases, i))->mro)), 0};
    sequences[n] = (Sequence){bases, 0};
    Value mro = merge(t, type, sequences, n + 1);
    for (int64_t i = 0; i < n; i++) object_release(t, sequences[i].types);
    storage_free(sequences);
    return mro;
}

static bool is_ancestor(Type *type, Type *other) {
    if (type == other) return true;
    ValueRef bases = slot_borrow(&type->bases);
    for (int64_t i = 0; value_is_pointer(bases) && i < value_tuple(bases)->length; i++)
        if (is_ancestor(value_as_type(tuple_item(value_tuple(bases), i)), other)) return true;
    return false;
}
// What a metaclass's own mro() gave, as a tuple whose members fit the layout of the type.
static Value check_custom_mro(Thread *t, Type *type, Value result_steal) {
    if (!result_steal) return UNDEF;
    Value mro = tuple_from_iterable(t, result_steal);
    value_release(t, result_steal);
    if (!mro) return UNDEF;
    Tuple *tuple = value_tuple(mro);
    Type *solid = type_solid_base(type);
    if (!tuple->length) raise(t, TYPE_ERROR, "type MRO must not be empty");
    for (int64_t i = 0; i < tuple->length && !error_pending(t); i++) {
        ValueRef item = tuple_item(tuple, i);
        if (!value_is_type(item))
            raise(t, TYPE_ERROR, "mro() returned a non-class ('%T')", item);
        else if (!type_is_subtype(solid, type_solid_base(value_as_type(item))))
            raise(t, TYPE_ERROR, "mro() returned base with unsuitable layout ('%N')", value_as_type(item));
    }
    bool foreign = false;
    for (int64_t i = 0; i < tuple->length && !error_pending(t) && !foreign; i++) foreign = !is_ancestor(type, value_as_type(tuple_item(tuple, i)));
    if (foreign) type_set_flags(t, type, TYPE_FOREIGN_MRO, 0);
    if (!error_pending(t)) return mro;
    value_release(t, mro);
    return UNDEF;
}

Value type_compute_mro(Thread *t, Type *type) {
    ValueRef self = value_of(type), bases = slot_borrow(&type->bases);
    uint32_t inherited = 0;
    for (int64_t i = 0; value_is_pointer(bases) && i < value_tuple(bases)->length; i++)
        inherited |= value_as_type(tuple_item(value_tuple(bases), i))->flags & TYPE_FOREIGN_MRO;
    type_set_flags(t, type, inherited, 0);
    if (value_type(self) == TYPE_OF(TYPE)) return type_linearise(t, type, value_tuple(slot_borrow(&type->bases)));
    return check_custom_mro(t, type, type_call_special(t, self, NAME(mro), NULL, 0, NULL));
}

// ---- layouts

// Does the type lay its instances out in another way than its base does, attributes aside?
static bool adds_layout(Type *type, Type *base) {
    return type->size != base->size || type->item_size != base->item_size || (type->spec != base->spec && type->spec->size != base->spec->size);
}

Type *type_solid_base(Type *type) {
    Type *base;
    while ((base = type_base(type)) && !adds_layout(type, base)) type = base;
    return type;
}

Type *type_best_base(Thread *t, Tuple *bases) {
    Type *best = NULL, *winner = NULL;
    for (int64_t i = 0; i < bases->length; i++) {
        ValueRef item = tuple_item(bases, i);
        if (!value_is_type(item)) return raise_null(t, TYPE_ERROR, "bases must be types");
        Type *base = value_as_type(item);
        if (!(base->flags & TYPE_BASE)) return raise_null(t, TYPE_ERROR, "type '%N' is not an acceptable base type", base);
        if (!slot_borrow(&base->mro)) return raise_null(t, TYPE_ERROR, "Cannot extend an incomplete type '%N'", base);
        Type *candidate = type_solid_base(base);
        if (!winner || (candidate != winner && type_is_subtype(candidate, winner))) {
            winner = candidate;
            best = base;
        } else if (!type_is_subtype(winner, candidate)) {
            return raise_null(t, TYPE_ERROR, "multiple bases have instance lay-out conflict");
        }
    }
    return best;
}

// The type up to which nothing is added to the instances' layout, attributes and weak references included.
static Type *layout_root(Type *type) {
    const uint32_t matter = TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE;
    Type *base;
    while ((base = type_base(type)) && !adds_layout(type, base) && (type->flags & matter) == (base->flags & matter)) type = base;
    return type;
}

// The same __slots__, at the same places.
static bool same_slots(Thread *t, Type *a, Type *b) {
    if (a->size != b->size || ((a->flags ^ b->flags) & (TYPE_HAS_ATTRIBUTES | TYPE_WEAKREFABLE))) return false;
    Value dict = slot_get(t, &a->dict), name, member;
    int64_t position = 0;
    bool same = true;
    while (same && dict_next(t, value_dict(dict), &position, &name, &member) == 1) {
        if (value_is(member, MEMBER_DESCRIPTOR) && value_is(name, STR)) {
            ValueRef other = type_dict_get(b, name);
            same = value_is(other, MEMBER_DESCRIPTOR) &&
                   ((MemberDescriptor *)value_object(other))->def->offset == ((MemberDescriptor *)value_object(member))->def->offset;
        }
        value_release(t, name);
        value_release(t, member);
    }
    value_release(t, dict);
    return same;
}

int type_check_same_layout(Thread *t, Type *from, Type *to, const char *what) {
    if (from->spec != to->spec && type_is_heap(from) && strcmp(what, "__bases__") == 0)
        return raise_int(t, TYPE_ERROR, "%s assignment: '%N' deallocator differs from '%N'", what, to, from);
    if (from->spec == to->spec && from->prefix == to->prefix) {
        Type *a = layout_root(from), *b = layout_root(to);
        if (a == b || (type_base(a) == type_base(b) && same_slots(t, a, b))) return 0;
    }
    return raise_int(t, TYPE_ERROR, "%s assignment: '%N' object layout differs from '%N'", what, to, from);
}

// ---- changing __bases__

// `done` collects (type, order before) of all that were recomputed, so that a failure puts them back.

static int recompute_orders(Thread *t, Type *type, Value done) {
    Value mro = type_compute_mro(t, type);
    if (!mro) return -1;
    Value pair = tuple_pair(t, value_dup(t, value_of(type)), slot_get(t, &type->mro));
    if (!pair || list_append(t, value_list(done), pair) < 0) {
        value_release(t, mro);
        return -1;
    }
    slot_store(t, type, &type->mro, mro);
    type_modified(t, type);
    Value subclasses = slot_get(t, &type->subclasses);
    int64_t position = 0;
    int result = 0;
    Type *subclass;
    while (result == 0 && (subclass = type_next_subclass(t, subclasses, &position))) {
        // Only direct ones: a class may be listed that has since lost this base.
        result = recompute_orders(t, subclass, done);
        object_release(t, subclass);
    }
    value_release(t, subclasses);
    return result;
}

static void update_all_slots(Thread *t, Type *type) {
    type_update_slots(t, type);
    Value subclasses = slot_get(t, &type->subclasses);
    int64_t position = 0;
    Type *subclass;
    while ((subclass = type_next_subclass(t, subclasses, &position))) {
        update_all_slots(t, subclass);
        object_release(t, subclass);
    }
    value_release(t, subclasses);
}

static void unlist_from(Thread *t, Tuple *bases, Type *type) {
    for (int64_t i = 0; i < bases->length; i++) type_unlist_subclass(t, value_as_type(tuple_item(bases, i)), type);
}
static int list_in(Thread *t, Tuple *bases, Type *type) {
    for (int64_t i = 0; i < bases->length; i++)
        if (type_list_subclass(t, value_as_type(tuple_item(bases, i)), type) < 0) return -1;
    return 0;
}

// By the bases themselves: orders that others are recomputing may still be the old ones.
static bool is_below(Type *type, Type *ancestor, int depth) {
    if (type == ancestor || depth > 1000) return true;
    ValueRef bases = slot_borrow(&type->bases);
    if (!value_is_pointer(bases)) return false;
    for (int64_t i = 0; i < value_tuple(bases)->length; i++)
        if (is_below(value_as_type(tuple_item(value_tuple(bases), i)), ancestor, depth + 1)) return true;
    return false;
}
// One assignment at a time in the whole process: two that are harmless alone could make a cycle together. No Python runs inside.
static int install_bases(Thread *t, Type *type, ValueRef bases, Type *base, Value *old_bases, Value *old_base) {
    CriticalSection all;
    bool cycle = false;
    critical_begin(&t->core, &all, &TYPE_OF(TYPE)->c.head);
    for (int64_t i = 0; !cycle && i < value_tuple(bases)->length; i++) cycle = is_below(value_as_type(tuple_item(value_tuple(bases), i)), type, 0);
    if (!cycle) {
        *old_bases = slot_get(t, &type->bases);
        *old_base = slot_get(t, &type->base);
        slot_store(t, type, &type->bases, value_dup(t, bases));
        slot_store(t, type, &type->base, value_dup(t, value_of(base)));
    }
    critical_end(&t->core, &all);
    return cycle ? raise_int(t, TYPE_ERROR, "a __bases__ item causes an inheritance cycle") : 0;
}

static int check_bases(Thread *t, Type *type, ValueRef bases) {
    if (!value_is_any_tuple(bases)) return raise_int(t, TYPE_ERROR, "can only assign tuple to %N.__bases__, not %T", type, bases);
    Tuple *tuple = value_tuple(bases);
    if (!tuple->length) return raise_int(t, TYPE_ERROR, "can only assign non-empty tuple to %N.__bases__, not ()", type);
    for (int64_t i = 0; i < tuple->length; i++) {
        ValueRef item = tuple_item(tuple, i);
        if (!value_is_type(item)) return raise_int(t, TYPE_ERROR, "%N.__bases__ must be tuple of classes, not '%T'", type, item);
        // The chain of bases, too: an order may be behind it while a metaclass's mro() assigns bases itself.
        bool cycle = type_is_subtype(value_as_type(item), type);
        for (Type *base = value_as_type(item); base && !cycle; base = type_base(base)) cycle = base == type;
        if (cycle) return raise_int(t, TYPE_ERROR, "a __bases__ item causes an inheritance cycle");
    }
    return 0;
}

int type_set_bases(Thread *t, Type *type, ValueRef bases) {
    if (check_bases(t, type, bases) < 0) return -1;
    Type *base = type_best_base(t, value_tuple(bases));
    if (!base || type_check_same_layout(t, type_base(type), base, "__bases__") < 0) return -1;
    Value done = list_new(t, 4);
    if (!done) return -1;
    Value old_bases, old_base;
    if (install_bases(t, type, bases, base, &old_bases, &old_base) < 0) {
        value_release(t, done);
        return -1;
    }
    CriticalSection cs;
    critical_begin(&t->core, &cs, &type->c.head);
    int result = recompute_orders(t, type, done);
    // A metaclass's mro() may have assigned bases itself: then that assignment stands.
    bool still_ours = slot_borrow(&type->bases) == bases;
    if (result == 0 && still_ours) {
        unlist_from(t, value_tuple(old_bases), type);
        result = list_in(t, value_tuple(bases), type);
        update_all_slots(t, type);
    } else if (result < 0) {
        Value pending = error_take(t);
        for (int64_t i = list_length(value_list(done)) - 1; i >= 0; i--) {
            Value pair = list_get(t, value_list(done), i);
            Type *changed = value_as_type(tuple_item(value_tuple(pair), 0));
            slot_store(t, changed, &changed->mro, value_dup(t, tuple_item(value_tuple(pair), 1)));
            type_modified(t, changed);
            value_release(t, pair);
        }
        if (still_ours) {
            slot_store(t, type, &type->bases, value_dup(t, old_bases));
            slot_store(t, type, &type->base, value_dup(t, old_base));
        }
        error_restore(t, pending);
    }
    critical_end(&t->core, &cs);
    if (result == 0) type_flush_slot_caches(t, type);
    value_release(t, old_bases);
    value_release(t, old_base);
    value_release(t, done);
    return result;
}

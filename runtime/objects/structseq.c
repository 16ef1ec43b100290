// Struct sequences. An instance is a tuple of its visible items whose block goes on with the rest of the fields: `length`
// counts the visible ones, the type's spec all of them.
#include "runtime/objects/structseq.h"
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/type.h"

// What a type's spec is part of; made once per type, lives as long as the process.
typedef struct SeqType {
    TypeSpec spec; // first: found from Type.spec
    const StructSeqSpec *fields;
    int count, unnamed;
    MemberDef members[];
} SeqType;
static const SeqType *seq_of(const Type *type) { return (const SeqType *)type->spec; }

static size_t structseq_bytes(const Object *o) {
    return offsetof(Tuple, items) + (size_t)seq_of(object_type(o))->count * sizeof(Value);
}
static void structseq_destroy(Thread *t, Object *o) {
    Tuple *tuple = (Tuple *)o;
    for (int i = seq_of(object_type(o))->count; i-- > 0;) value_release(t, tuple->items[i]);
}
static void structseq_traverse(Object *o, VisitFn visit, void *arg) {
    Tuple *tuple = (Tuple *)o;
    for (int i = 0, n = seq_of(object_type(o))->count; i < n; i++) visit(&tuple->items[i], arg);
}

Value structseq_new(Thread *t, Type *type, Value *items_steal) {
    const SeqType *seq = seq_of(type);
    bool complete = true;
    for (int i = 0; i < seq->count; i++) complete = complete && items_steal[i];
    Tuple *tuple = complete ? object_new_var(t, type, (size_t)seq->count) : NULL; // an item that could not be made: its exception is pending
    if (!tuple) {
        for (int i = 0; i < seq->count; i++) value_release(t, items_steal[i]);
        return UNDEF;
    }
    tuple->length = seq->fields->visible;
    for (int i = 0; i < seq->count; i++) slot_init(&tuple->items[i], items_steal[i]);
    return value_of(tuple);
}

static Value structseq_new_slot(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = (Type *)value_object(self);
    const SeqType *seq = seq_of(type);
    const char *name = seq->fields->name;
    ValueRef given[2];
    if (args_bind(t, name, "(sequence, dict={})", args, nargs, kwnames, given) < 0) return UNDEF;
    if (!value_is_any_tuple(given[0]) && !value_is_any_list(given[0]) && !value_type(given[0])->ops.iter && !value_type(given[0])->ops.getitem)
        return raise(t, TYPE_ERROR, "constructor requires a sequence");
    if (given[1] && !value_is_any_dict(given[1])) return raise(t, TYPE_ERROR, "%s() takes a dict as second arg, if any", name);
    Value list = list_from_iterable(t, given[0]);
    if (!list) return UNDEF;
    int64_t n = list_length(value_list(list));
    int visible = seq->fields->visible;
    if (n < visible || n > seq->count) {
        const char *bound = seq->count == visible ? "a " : n < visible ? "an at least " : "an at most ";
        raise(t, TYPE_ERROR, "%s() takes %s%d-sequence (%zd-sequence given)", name, bound, n < visible ? visible : seq->count, (ssize_t)n);
        value_release(t, list);
        return UNDEF;
    }
    int64_t extra = given[1] ? dict_length(value_dict(given[1])) : 0;
    Value *items = calloc((size_t)seq->count + 1, sizeof *items);
    if (!items) {
        value_release(t, list);
        return raise_no_memory(t);
    }
    for (int i = 0; i < seq->count; i++) {
        if (i < n) {
            items[i] = list_get(t, value_list(list), i);
            continue;
        }
        Value found = UNDEF;
        if (given[1]) {
            Value key = str_intern_text(t, seq->fields->fields[i]);
            if (key) found = dict_get(t, value_dict(given[1]), key);
            value_release(t, key);
            if (found) extra--;
        }
        items[i] = found ? found : NONE;
        if (error_pending(t)) break;
    }
    value_release(t, list);
    if (!error_pending(t) && extra > 0) raise(t, TYPE_ERROR, "%s() got duplicate or unexpected field name(s)", name);
    Value made = UNDEF;
    if (error_pending(t)) {
        for (int i = 0; i < seq->count; i++) value_release(t, items[i]);
    } else {
        made = structseq_new(t, type, items);
    }
    free(items);
    return made;
}

static Value structseq_repr(Thread *t, ValueRef self) {
    const SeqType *seq = seq_of(value_type(self));
    Tuple *tuple = value_tuple(self);
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_text(&b, seq->fields->name, strlen(seq->fields->name));
    str_builder_char(&b, '(');
    for (int64_t i = 0; i < tuple->length; i++) {
        const char *field = seq->fields->fields[i];
        Value text = object_repr(t, tuple->items[i]);
        if (!text) {
            str_builder_abandon(&b);
            return UNDEF;
        }
        if (i) str_builder_text(&b, ", ", 2);
        str_builder_text(&b, field, strlen(field));
        if (*field) str_builder_char(&b, '=');
        str_builder_str(&b, value_str(text));
        value_release(t, text);
    }
    str_builder_char(&b, ')');
    return str_builder_finish(&b);
}

// The fields [from, to) by name in a new dict.
static Value fields_dict(Thread *t, ValueRef self, int from, int to) {
    const SeqType *seq = seq_of(value_type(self));
    Value dict = dict_new(t);
    for (int i = from; dict && i < to; i++)
        if (*seq->fields->fields[i] && dict_set_text(t, value_dict(dict), seq->fields->fields[i], value_dup(t, value_tuple(self)->items[i])) < 0) VALUE_CLEAR(t, dict);
    return dict;
}

static Value structseq_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    const SeqType *seq = seq_of(value_type(self));
    Value visible = tuple_from_refs(t, value_refs(value_tuple(self)->items), seq->fields->visible);
    Value dict = visible ? fields_dict(t, self, seq->fields->visible, seq->count) : UNDEF;
    if (!dict) {
        value_release(t, visible);
        return UNDEF;
    }
    Value both = tuple_pair(t, visible, dict);
    return both ? tuple_pair(t, value_dup(t, value_of(value_type(self))), both) : UNDEF;
}

static Value structseq_replace(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Type *type = value_type(self);
    const SeqType *seq = seq_of(type);
    if (nargs) return raise(t, TYPE_ERROR, "__replace__() takes no positional arguments");
    if (seq->unnamed) return raise(t, TYPE_ERROR, "__replace__() is not supported for %s because it has unnamed field(s)", seq->fields->name);
    Value *items = calloc((size_t)seq->count + 1, sizeof *items);
    if (!items) return raise_no_memory(t);
    for (int i = 0; i < seq->count; i++) items[i] = value_dup(t, value_tuple(self)->items[i]);
    Value unknown = UNDEF;
    for (int64_t k = 0; kwnames && k < kwnames->length; k++) {
        int i = 0;
        while (i < seq->count && !str_equal_text(value_str(tuple_item(kwnames, k)), seq->fields->fields[i])) i++;
        if (i < seq->count) {
            value_release(t, items[i]);
            items[i] = value_dup(t, args[k]);
        } else if ((unknown || (unknown = list_new(t, 1))) && list_append(t, value_list(unknown), value_dup(t, tuple_item(kwnames, k))) < 0) {
            break;
        }
    }
    if (unknown && !error_pending(t)) raise(t, TYPE_ERROR, "Got unexpected field name(s): %R", unknown);
    value_release(t, unknown);
    Value made = UNDEF;
    if (error_pending(t)) {
        for (int i = 0; i < seq->count; i++) value_release(t, items[i]);
    } else {
        made = structseq_new(t, type, items);
    }
    free(items);
    return made;
}

static const NativeDef structseq_methods[] = {
    {"__reduce__", structseq_reduce, "($self, /)", "How to pickle it.", 0},
    {"__replace__", structseq_replace, "($self, /, **changes)", "A copy with some fields replaced.", NATIVE_RAW},
    NATIVE_END};

static int add_number(Thread *t, Type *type, const char *name, int n) { return dict_set_text(t, value_dict(type->dict), name, value_int(n)); }

Type *structseq_type(Thread *t, const StructSeqSpec *fields) {
    int count = 0, unnamed = 0, members = 0;
    for (; fields->fields[count]; count++) unnamed += !*fields->fields[count];
    SeqType *seq = calloc(1, sizeof *seq + ((size_t)count + 1) * sizeof(MemberDef));
    if (!seq) return raise_no_memory(t), NULL;
    seq->fields = fields;
    seq->count = count;
    seq->unnamed = unnamed;
    for (int i = 0; i < count; i++)
        if (*fields->fields[i])
            seq->members[members++] = (MemberDef){fields->fields[i], (uint32_t)(offsetof(Tuple, items) + (size_t)i * sizeof(Value)), MEMBER_VALUE, false, NULL};
    seq->spec = (TypeSpec){
        .name = fields->name, .doc = fields->doc, .size = offsetof(Tuple, items), .item_size = sizeof(Value), .base = T_TUPLE,
        .flags = TYPE_VARSIZED | TYPE_SEQUENCE | TYPE_IS_TUPLE | (fields->no_new ? TYPE_NO_NEW : 0),
        .ops = {.repr = structseq_repr, .new = structseq_new_slot}, .methods = structseq_methods, .members = seq->members,
        .new_signature = "(iterable=(), /)", .bytes = structseq_bytes, .destroy = structseq_destroy, .traverse = structseq_traverse};
    const char *dot = strrchr(fields->name, '.');
    Value module = dot ? str_intern(t, str_from_ascii(t, fields->name, (size_t)(dot - fields->name))) : value_dup(t, NAME(builtins));
    Type *type = module ? type_from_spec(t, &seq->spec, UNDEF, module) : NULL;
    value_release(t, module);
    if (!type) return NULL; // `seq` stays: a type that was begun may still point at it
    type->flags &= ~(uint32_t)TYPE_BASE;
    Tuple *names = tuple_alloc(t, fields->visible - unnamed);
    if (!names) return NULL;
    for (int i = 0, k = 0; i < fields->visible; i++)
        if (*fields->fields[i]) {
            Value name = str_intern_text(t, fields->fields[i]);
            if (!name) {
                value_release(t, value_of(names));
                return NULL;
            }
            slot_init(&names->items[k++], name);
        }
    if (dict_set_text(t, value_dict(type->dict), "__match_args__", value_of(names)) < 0 || add_number(t, type, "n_fields", count) < 0 ||
        add_number(t, type, "n_sequence_fields", fields->visible) < 0 || add_number(t, type, "n_unnamed_fields", unnamed) < 0)
        return NULL;
    return type;
}

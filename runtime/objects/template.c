// Template strings (PEP 750). Templates and interpolations are immutable: their slots are written once, by their makers.
#include "runtime/objects/template.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/names.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "sync/critical.h"

static Interpolation *value_interpolation(ValueRef v) { return (Interpolation *)value_object(v); }
static Template *value_template(ValueRef v) { return (Template *)value_object(v); }

// ---- Interpolation

Value interpolation_new(Thread *t, ValueRef value, ValueRef expression, ValueRef conversion, ValueRef format_spec) {
    Interpolation *i = object_new(t, TYPE_OF(INTERPOLATION));
    if (!i) return UNDEF;
    slot_init(&i->value, value_dup(t, value));
    slot_init(&i->expression, value_dup(t, expression));
    slot_init(&i->conversion, value_dup(t, conversion));
    slot_init(&i->format_spec, value_dup(t, format_spec));
    return value_of(i);
}

static Value interpolation_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[4];
    if (args_bind(t, "Interpolation", "(value, expression='', conversion=None, format_spec='')", args, nargs, kwnames, given) < 0) return UNDEF;
    static const char *const names[] = {"value", "expression", "conversion", "format_spec"};
    for (int i = 1; i < 4; i++) {
        if (!given[i]) given[i] = i == 2 ? (ValueRef)NONE : NAME(empty);
        if (i == 2 && given[i] == NONE) continue;
        if (!value_is_any_str(given[i])) return raise(t, TYPE_ERROR, "Interpolation() argument '%s' must be str, not %K", names[i], given[i]);
    }
    if (given[2] != NONE) {
        Str *s = value_str(given[2]);
        if (!str_equal_text(s, "s") && !str_equal_text(s, "r") && !str_equal_text(s, "a"))
            return raise(t, VALUE_ERROR, "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'");
    }
    return interpolation_new(t, given[0], given[1], given[2], given[3]);
}

static Value interpolation_repr(Thread *t, ValueRef self) {
    Interpolation *i = value_interpolation(self);
    return str_of_format(t, "Interpolation(%R, %R, %R, %R)", i->value, i->expression, i->conversion, i->format_spec);
}
static Value interpolation_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Interpolation *i = value_interpolation(self);
    ValueRef parts[] = {i->value, i->expression, i->conversion, i->format_spec};
    Value arguments = tuple_from_refs(t, parts, 4);
    return arguments ? tuple_pair(t, value_of(TYPE_OF(INTERPOLATION)), arguments) : UNDEF;
}
static void interpolation_traverse(Object *o, VisitFn visit, void *arg) {
    Interpolation *i = (Interpolation *)o;
    visit(&i->value, arg);
    visit(&i->expression, arg);
    visit(&i->conversion, arg);
    visit(&i->format_spec, arg);
}
static void interpolation_destroy(Thread *t, Object *o) {
    Interpolation *i = (Interpolation *)o;
    VALUE_CLEAR(t, i->value);
    VALUE_CLEAR(t, i->expression);
    VALUE_CLEAR(t, i->conversion);
    VALUE_CLEAR(t, i->format_spec);
}
static void interpolation_clear(Thread *t, Object *o) { slot_store(t, o, &((Interpolation *)o)->value, NONE); }

static int interpolation_ready(Thread *t, Type *type) {
    static const char *const names[] = {"value", "expression", "conversion", "format_spec"};
    Value all[4];
    for (int i = 0; i < 4; i++) {
        if ((all[i] = str_intern_text(t, names[i]))) continue;
        while (i-- > 0) value_release(t, all[i]);
        return -1;
    }
    return type_add(t, type, "__match_args__", tuple_from_values(t, all, 4));
}
static const NativeDef interpolation_methods[] = {
    {"__reduce__", interpolation_reduce, "($self, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
static const MemberDef interpolation_members[] = {
    {"value", offsetof(Interpolation, value), MEMBER_VALUE, false, "what the expression gave"},
    {"expression", offsetof(Interpolation, expression), MEMBER_VALUE, false, "the expression's text"},
    {"conversion", offsetof(Interpolation, conversion), MEMBER_VALUE, false, "'s', 'r', 'a' or None"},
    {"format_spec", offsetof(Interpolation, format_spec), MEMBER_VALUE, false, "the format"},
    MEMBER_END};
const TypeSpec interpolation_spec = {
    .name = "string.templatelib.Interpolation",
    .doc = "A value in a template string, with the text of its expression, conversion and format.",
    .size = sizeof(Interpolation),
    .ops = {.repr = interpolation_repr, .new = interpolation_make},
    .methods = interpolation_methods,
    .ready = interpolation_ready,
    .members = interpolation_members,
    .destroy = interpolation_destroy,
    .traverse = interpolation_traverse,
    .clear = interpolation_clear,
};

// ---- Template

Value template_new(Thread *t, ValueRef strings, ValueRef interpolations) {
    Template *template = object_new(t, TYPE_OF(TEMPLATE));
    if (!template) return UNDEF;
    slot_init(&template->strings, value_dup(t, strings));
    slot_init(&template->interpolations, value_dup(t, interpolations));
    return value_of(template);
}

// Adds a str to the last of `strings`.
static int extend_last(Thread *t, List *strings, ValueRef s) {
    int64_t last = list_length(strings) - 1;
    Value old = list_get(t, strings, last), joined = str_concat(t, old, s);
    value_release(t, old);
    return joined ? list_set(t, strings, last, joined) : -1;
}

static Value template_from_lists(Thread *t, Value strings, Value interpolations) {
    Value a = list_snapshot(t, value_list(strings)), b = list_snapshot(t, value_list(interpolations));
    Value template = a && b ? template_new(t, a, b) : UNDEF;
    value_release(t, a);
    value_release(t, b);
    return template;
}

static Value template_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (kwnames && kwnames->length) return raise(t, TYPE_ERROR, "Template.__new__ only accepts *args arguments");
    Value strings = list_new(t, 1), interpolations = list_new(t, 0), template = UNDEF;
    bool good = strings && interpolations && list_append(t, value_list(strings), value_assume_owned(NAME(empty))) == 0; // immortal
    for (uint32_t i = 0; good && i < nargs; i++) {
        if (value_is_any_str(args[i])) {
            good = extend_last(t, value_list(strings), args[i]) == 0;
        } else if (value_is(args[i], INTERPOLATION)) {
            good = list_append(t, value_list(interpolations), value_dup(t, args[i])) == 0 &&
                   list_append(t, value_list(strings), value_assume_owned(NAME(empty))) == 0;
        } else {
            raise(t, TYPE_ERROR, "Template.__new__ *args need to be of type 'str' or 'Interpolation', got %T", args[i]);
            good = false;
        }
    }
    if (good) template = template_from_lists(t, strings, interpolations);
    value_release(t, strings);
    value_release(t, interpolations);
    return template;
}

static Value template_concat(Thread *t, ValueRef a, ValueRef b) {
    if (!value_is(a, TEMPLATE) || !value_is(b, TEMPLATE))
        return raise(t, TYPE_ERROR, "can only concatenate string.templatelib.Template (not \"%T\") to string.templatelib.Template", b);
    Tuple *left = value_tuple(value_template(a)->strings), *right = value_tuple(value_template(b)->strings);
    Value strings = list_from_iterable(t, value_of(left)), interpolations = list_from_iterable(t, value_template(a)->interpolations);
    bool good = strings && interpolations && extend_last(t, value_list(strings), tuple_item(right, 0)) == 0;
    for (int64_t i = 1; good && i < right->length; i++) good = list_append(t, value_list(strings), value_dup(t, tuple_item(right, i))) == 0;
    good = good && list_extend(t, value_list(interpolations), value_template(b)->interpolations) == 0;
    Value template = good ? template_from_lists(t, strings, interpolations) : UNDEF;
    value_release(t, strings);
    value_release(t, interpolations);
    return template;
}

static Value template_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "Template(strings=%R, interpolations=%R)", value_template(self)->strings, value_template(self)->interpolations);
}
static Value template_values(Thread *t, ValueRef self) {
    Tuple *interpolations = value_tuple(value_template(self)->interpolations), *values = tuple_alloc(t, interpolations->length);
    if (!values) return UNDEF;
    for (int64_t i = 0; i < interpolations->length; i++)
        slot_init(&values->items[i], value_dup(t, value_interpolation(tuple_item(interpolations, i))->value));
    return value_of(values);
}
static Value template_reduce(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value maker = import_attribute(t, "string.templatelib", "_template_unpickle");
    Value parts = maker ? tuple_pair(t, value_dup(t, value_template(self)->strings), value_dup(t, value_template(self)->interpolations)) : UNDEF;
    if (parts) return tuple_pair(t, maker, parts);
    value_release(t, maker);
    return UNDEF;
}
static void template_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Template *)o)->strings, arg);
    visit(&((Template *)o)->interpolations, arg);
}
static void template_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((Template *)o)->strings);
    VALUE_CLEAR(t, ((Template *)o)->interpolations);
}

// ---- iteration: the strings that are not empty, and the interpolations, in their order

typedef struct TemplateIterator {
    Container c;
    Value template;
    int64_t position; // (o) even: string position / 2; odd: interpolation
} TemplateIterator;

static Value template_iter(Thread *t, ValueRef self) {
    TemplateIterator *iterator = object_new(t, TYPE_OF(TEMPLATE_ITERATOR));
    if (!iterator) return UNDEF;
    slot_init(&iterator->template, value_dup(t, self));
    return value_of(iterator);
}
static Value template_iterator_next(Thread *t, ValueRef self) {
    TemplateIterator *iterator = (TemplateIterator *)value_object(self);
    Template *template = value_template(iterator->template);
    Tuple *strings = value_tuple(template->strings), *interpolations = value_tuple(template->interpolations);
    ValueRef next = UNDEF;
    CriticalSection cs;
    bool shared = object_is_shared(value_object(self));
    if (shared) critical_begin(&t->core, &cs, &iterator->c.head);
    while (!next && iterator->position < strings->length + interpolations->length) {
        int64_t position = iterator->position++;
        next = position & 1 ? tuple_item(interpolations, position / 2) : tuple_item(strings, position / 2);
        if (!(position & 1) && !str_length(value_str(next))) next = UNDEF;
    }
    if (shared) critical_end(&t->core, &cs);
    return value_dup(t, next);
}
static void template_iterator_traverse(Object *o, VisitFn visit, void *arg) { visit(&((TemplateIterator *)o)->template, arg); }
static void template_iterator_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((TemplateIterator *)o)->template); }

const TypeSpec template_iterator_spec = {
    .name = "string.templatelib.TemplateIter",
    .doc = "Iterator over the parts of a template.",
    .size = sizeof(TemplateIterator),
    .flags = TYPE_NO_NEW,
    .ops = {.iter = iter_self, .next = template_iterator_next},
    .destroy = template_iterator_destroy,
    .traverse = template_iterator_traverse,
};

static const NativeDef template_methods[] = {
    {"__reduce__", template_reduce, "($self, /)", NULL, 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
static const MemberDef template_members[] = {
    {"strings", offsetof(Template, strings), MEMBER_VALUE, false, "the text between the interpolations"},
    {"interpolations", offsetof(Template, interpolations), MEMBER_VALUE, false, "the interpolations"},
    MEMBER_END};
static const GetSetDef template_getset[] = {{"values", template_values, NULL, "the values of the interpolations"}, GETSET_END};
const TypeSpec template_spec = {
    .name = "string.templatelib.Template",
    .doc = "A template string: text and interpolations.",
    .size = sizeof(Template),
    .ops = {.repr = template_repr, .iter = template_iter, .concat = template_concat, .new = template_make},
    .methods = template_methods,
    .getset = template_getset,
    .members = template_members,
    .destroy = template_destroy,
    .traverse = template_traverse,
};

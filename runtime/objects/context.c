// Context variables (PEP 567). A Context's variables lie in a dict that copies share until one of them is written: copying
// is one allocation, a first write after it copies the dict.
#include "runtime/objects/context.h"
#include <stdio.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/alias.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "sync/critical.h"

typedef struct ContextToken {
    Container c;
    Value context, var;
    Value old_value;          // UNDEF: the variable was not set
    _Atomic uint8_t used;     // (a)
} ContextToken;

static Context *value_context(ValueRef v) { return (Context *)value_object(v); }
static ContextVar *value_var(ValueRef v) { return (ContextVar *)value_object(v); }

static const char *address_text(char *buffer, size_t n, ValueRef v) {
    snprintf(buffer, n, "0x%llx", (unsigned long long)value_bits(v));
    return buffer;
}

// ---- Context

Value context_new(Thread *t) { return value_of(object_new(t, TYPE_OF(CONTEXT))); }

Value context_copy(Thread *t, ValueRef context) {
    Context *from = value_context(context), *copy = object_new(t, TYPE_OF(CONTEXT));
    if (!copy) return UNDEF;
    CriticalSection cs;
    critical_begin(&t->core, &cs, &from->c.head);
    Value vars = slot_get(t, &from->vars);
    if (vars) from->frozen = copy->frozen = true;
    critical_end(&t->core, &cs);
    slot_init(&copy->vars, vars);
    return value_of(copy);
}

// The context that the thread is in, made where there is none. Borrowed from the thread.
static Context *current(Thread *t) {
    if (!t->context) t->context = context_new(t);
    return t->context ? value_context(t->context) : NULL;
}

Value context_copy_current(Thread *t) { return current(t) ? context_copy(t, t->context) : UNDEF; }

int context_enter(Thread *t, ValueRef context) {
    Context *c = value_context(context);
    uint8_t free = 0;
    if (!atomic_cas_acq_rel_u8(&c->entered, &free, 1))
        return raise_int(t, RUNTIME_ERROR, "cannot enter context: %R is already entered", context);
    slot_store(t, c, &c->previous, value_dup(t, t->context));
    Value old = t->context;
    t->context = value_dup(t, context);
    value_release(t, old);
    return 0;
}

void context_leave(Thread *t, ValueRef context) {
    Context *c = value_context(context);
    Value previous = slot_get(t, &c->previous), left = t->context;
    t->context = previous;
    slot_store(t, c, &c->previous, UNDEF);
    atomic_store_release_u8(&c->entered, 0);
    value_release(t, left);
}

// An owned value, UNDEF without an exception where it is not set.
static Value context_get(Thread *t, Context *c, ValueRef var) {
    Value vars = slot_get(t, &c->vars);
    Value v = vars ? dict_get(t, value_dict(vars), var) : UNDEF;
    value_release(t, vars);
    return v;
}

static int context_write(Thread *t, Context *c, ValueRef var, ValueRef value_or_undef) {
    CriticalSection cs;
    critical_begin(&t->core, &cs, &c->c.head);
    Value vars = slot_get(t, &c->vars);
    int result = 0;
    if (!vars || c->frozen) {
        Value fresh = vars ? dict_copy(t, value_dict(vars)) : dict_new(t);
        value_release(t, vars);
        vars = fresh;
        if (vars) {
            slot_store(t, c, &c->vars, value_dup(t, vars));
            c->frozen = false;
        } else {
            result = -1;
        }
    }
    // Still in the section: a copy made after this write must not see the next one. The old value outlives it.
    Value displaced = vars ? dict_get(t, value_dict(vars), var) : UNDEF;
    if (result == 0 && value_or_undef) {
        result = dict_set(t, value_dict(vars), var, value_or_undef);
    } else if (result == 0) {
        Value taken = dict_pop(t, value_dict(vars), var);
        value_release(t, taken);
    }
    critical_end(&t->core, &cs);
    value_release(t, displaced);
    value_release(t, vars);
    return result;
}

static Value context_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs || (kwnames && kwnames->length)) return raise(t, TYPE_ERROR, "Context() does not accept any arguments");
    return context_new(t);
}

static int check_var(Thread *t, ValueRef v) {
    return value_is(v, CONTEXT_VAR) ? 0 : raise_int(t, TYPE_ERROR, "a ContextVar key was expected, got %R", v);
}

static Value context_getitem(Thread *t, ValueRef self, ValueRef var) {
    if (check_var(t, var) < 0) return UNDEF;
    Value v = context_get(t, value_context(self), var);
    return v || error_pending(t) ? v : raise_with_value(t, E_KEY_ERROR, value_dup(t, var));
}
static int context_contains(Thread *t, ValueRef self, ValueRef var) {
    if (check_var(t, var) < 0) return -1;
    Value v = context_get(t, value_context(self), var);
    value_release(t, v);
    return v ? 1 : error_pending(t) ? -1 : 0;
}
static int64_t context_length(Thread *t, ValueRef self) {
    ValueRef vars = slot_borrow(&value_context(self)->vars);
    return vars ? dict_length(value_dict(vars)) : 0;
}
static Value context_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!value_is(a, CONTEXT) || !value_is(b, CONTEXT) || (op != CMP_EQ && op != CMP_NE)) return NOT_IMPLEMENTED;
    Value left = slot_get(t, &value_context(a)->vars), right = slot_get(t, &value_context(b)->vars);
    int64_t n = left ? dict_length(value_dict(left)) : 0, m = right ? dict_length(value_dict(right)) : 0;
    int equal = n == m ? (n && left != right ? object_equal(t, left, right) : 1) : 0;
    value_release(t, left);
    value_release(t, right);
    return equal < 0 ? UNDEF : value_bool(equal == (op == CMP_EQ));
}

// A list of keys, values or pairs, as an iterator of it.
enum { KEYS, VALUES, ITEMS };
static Value iterate(Thread *t, ValueRef self, int what) {
    Value list = list_new(t, 0), vars = slot_get(t, &value_context(self)->vars), key, value;
    int64_t position = 0;
    while (list && vars && dict_next(t, value_dict(vars), &position, &key, &value) == 1) {
        Value item = what == KEYS ? value_dup(t, key) : what == VALUES ? value_dup(t, value) : tuple_pair(t, value_dup(t, key), value_dup(t, value));
        value_release(t, key);
        value_release(t, value);
        if (!item || list_append(t, value_list(list), item) < 0) VALUE_CLEAR(t, list);
    }
    value_release(t, vars);
    Value iterator = list ? object_iter(t, list) : UNDEF;
    value_release(t, list);
    return iterator;
}
static Value context_iter(Thread *t, ValueRef self) { return iterate(t, self, KEYS); }
static Value context_keys(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return iterate(t, self, KEYS); }
static Value context_values(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return iterate(t, self, VALUES); }
static Value context_items(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return iterate(t, self, ITEMS); }

static Value context_get_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (check_var(t, args[0]) < 0) return UNDEF;
    Value v = context_get(t, value_context(self), args[0]);
    return v || error_pending(t) ? v : args[1] ? value_dup(t, args[1]) : NONE;
}
static Value context_copy_method(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return context_copy(t, self); }

static Value context_run(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!nargs) return raise(t, TYPE_ERROR, "run() missing 1 required positional argument");
    if (context_enter(t, self) < 0) return UNDEF;
    Value result = call_object(t, args[0], args + 1, nargs - 1, kwnames);
    context_leave(t, self);
    return result;
}

static void context_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Context *)o)->vars, arg);
    visit(&((Context *)o)->previous, arg);
}
static void context_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((Context *)o)->vars);
    VALUE_CLEAR(t, ((Context *)o)->previous);
}
static void context_clear(Thread *t, Object *o) { slot_store(t, o, &((Context *)o)->vars, UNDEF); }

static const NativeDef context_methods[] = {
    {"run", context_run, "($self, callable, /, *args, **kwargs)", "Calls callable(*args, **kwargs) in this context.", NATIVE_RAW},
    {"copy", context_copy_method, "($self, /)", "A copy, made in constant time.", 0},
    {"get", context_get_method, "($self, key, default=None, /)", "The variable's value in this context, or the default.", 0},
    {"keys", context_keys, "($self, /)", "The variables that are set.", 0},
    {"values", context_values, "($self, /)", "Their values.", 0},
    {"items", context_items, "($self, /)", "Pairs of both.", 0},
    NATIVE_END};
const TypeSpec context_spec = {
    .name = "_contextvars.Context",
    .size = sizeof(Context),
    .flags = TYPE_WEAKREFABLE,
    .ops = {.new = context_make, .hash = object_hash_not_implemented, .compare = context_compare, .iter = context_iter, .length = context_length,
            .getitem = context_getitem, .contains = context_contains},
    .methods = context_methods,
    .destroy = context_destroy,
    .traverse = context_traverse,
    .clear = context_clear,
};

// ---- ContextVar

Value context_var_new(Thread *t, ValueRef name, ValueRef default_or_undef) {
    if (object_hash(t, name) == -1 && error_pending(t)) return UNDEF; // a str whose class is unhashable
    ContextVar *v = object_new(t, TYPE_OF(CONTEXT_VAR));
    if (!v) return UNDEF;
    slot_init(&v->name, value_dup(t, name));
    slot_init(&v->default_value, value_dup(t, default_or_undef));
    return value_of(v);
}

Value context_var_get(Thread *t, ValueRef var) {
    if (t->context) {
        Value v = context_get(t, value_context(t->context), var);
        if (v || error_pending(t)) return v;
    }
    return slot_get(t, &value_var(var)->default_value);
}

int context_var_set(Thread *t, ValueRef var, ValueRef value_or_undef) {
    Context *c = current(t);
    return c ? context_write(t, c, var, value_or_undef) : -1;
}

static Value var_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (nargs != 1)
        return raise(t, TYPE_ERROR, "ContextVar() takes %s 1 positional argument (%u given)", nargs ? "at most" : "exactly", nargs);
    ValueRef default_value = UNDEF;
    for (int64_t i = 0; kwnames && i < kwnames->length; i++) {
        ValueRef key = tuple_item(kwnames, i);
        if (!str_equal(value_str(key), value_str(NAME(default))))
            return raise(t, TYPE_ERROR, "ContextVar() got an unexpected keyword argument '%U'", value_str(key));
        default_value = args[nargs + i];
    }
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "context variable name must be a str");
    return context_var_new(t, args[0], default_value);
}

static Value var_get(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "ContextVar.get", kwnames) < 0 || args_count(t, "get", nargs, 0, 1) < 0) return UNDEF;
    Value v = t->context ? context_get(t, value_context(t->context), self) : UNDEF;
    if (v || error_pending(t)) return v;
    if (nargs) return value_dup(t, args[0]);
    if ((v = slot_get(t, &value_var(self)->default_value))) return v;
    return raise_with_value(t, E_LOOKUP_ERROR, value_dup(t, self));
}

static Value var_set(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Context *c = current(t);
    ContextToken *token = c ? object_new(t, TYPE_OF(CONTEXT_TOKEN)) : NULL;
    if (!token) return UNDEF;
    slot_init(&token->context, value_dup(t, t->context));
    slot_init(&token->var, value_dup(t, self));
    slot_init(&token->old_value, context_get(t, c, self));
    if (!error_pending(t) && context_write(t, c, self, args[0]) == 0) return value_of(token);
    object_release(t, token);
    return UNDEF;
}

static Value reset(Thread *t, ValueRef var, ValueRef token_value) {
    ContextToken *token = (ContextToken *)value_object(token_value);
    if (atomic_load_relaxed_u8(&token->used)) return raise(t, RUNTIME_ERROR, "%R has already been used once", token_value);
    if (token->var != var) return raise(t, VALUE_ERROR, "%R was created by a different ContextVar", token_value);
    if (!t->context || token->context != t->context) return raise(t, VALUE_ERROR, "%R was created in a different Context", token_value);
    uint8_t unused = 0;
    if (!atomic_cas_acq_rel_u8(&token->used, &unused, 1)) return raise(t, RUNTIME_ERROR, "%R has already been used once", token_value);
    return context_var_set(t, var, token->old_value) < 0 ? UNDEF : NONE;
}
static Value var_reset(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!value_is(args[0], CONTEXT_TOKEN)) return raise(t, TYPE_ERROR, "expected an instance of Token, got %R", args[0]);
    return reset(t, self, args[0]);
}

static Value var_repr(Thread *t, ValueRef self) {
    ContextVar *v = value_var(self);
    char address[32];
    address_text(address, sizeof address, self);
    Value default_value = slot_get(t, &v->default_value);
    Value text = default_value ? str_of_format(t, "<ContextVar name=%R default=%R at %s>", v->name, default_value, address)
                               : str_of_format(t, "<ContextVar name=%R at %s>", v->name, address);
    value_release(t, default_value);
    return text;
}
static int64_t var_hash(Thread *t, ValueRef self) { return pointer_hash(value_object(self)); }

static void var_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((ContextVar *)o)->name, arg);
    visit(&((ContextVar *)o)->default_value, arg);
}
static void var_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((ContextVar *)o)->name);
    VALUE_CLEAR(t, ((ContextVar *)o)->default_value);
}
static void var_clear(Thread *t, Object *o) { slot_store(t, o, &((ContextVar *)o)->default_value, UNDEF); }

static const NativeDef var_methods[] = {
    {"get", var_get, "($self, default, /)", "The value in the current context; else the default given, the variable's default, or LookupError.", NATIVE_RAW},
    {"set", var_set, "($self, value, /)", "Sets the value in the current context; gives a token to go back with.", 0},
    {"reset", var_reset, "($self, token, /)", "Goes back to what was before the set() that gave the token.", 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
static const MemberDef var_members[] = {{"name", offsetof(ContextVar, name), MEMBER_VALUE, false, NULL}, MEMBER_END};
const TypeSpec context_var_spec = {
    .name = "_contextvars.ContextVar",
    .size = sizeof(ContextVar),
    .flags = TYPE_WEAKREFABLE,
    .ops = {.repr = var_repr, .hash = var_hash, .new = var_make},
    .methods = var_methods,
    .members = var_members,
    .destroy = var_destroy,
    .traverse = var_traverse,
    .clear = var_clear,
};

// ---- Token

static Value token_make(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return raise(t, RUNTIME_ERROR, "Tokens can only be created by ContextVars");
}
static Value token_repr(Thread *t, ValueRef self) {
    ContextToken *token = (ContextToken *)value_object(self);
    char address[32];
    address_text(address, sizeof address, self);
    return str_of_format(t, "<Token%s var=%R at %s>", atomic_load_relaxed_u8(&token->used) ? " used" : "", token->var, address);
}
static Value token_old_value(Thread *t, ValueRef self) {
    Value old = slot_get(t, &((ContextToken *)value_object(self))->old_value);
    return old ? old : value_dup(t, type_dict_get(TYPE_OF(CONTEXT_TOKEN), NAME(MISSING)));
}
static Value token_enter(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) { return value_dup(t, self); }
static Value token_exit(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return reset(t, ((ContextToken *)value_object(self))->var, self);
}
static int token_ready(Thread *t, Type *type) { return type_add(t, type, "MISSING", value_of(object_new(t, TYPE_OF(CONTEXT_TOKEN_MISSING)))); }

static void token_traverse(Object *o, VisitFn visit, void *arg) {
    ContextToken *token = (ContextToken *)o;
    visit(&token->context, arg);
    visit(&token->var, arg);
    visit(&token->old_value, arg);
}
static void token_destroy(Thread *t, Object *o) {
    ContextToken *token = (ContextToken *)o;
    VALUE_CLEAR(t, token->context);
    VALUE_CLEAR(t, token->var);
    VALUE_CLEAR(t, token->old_value);
}
static void token_clear(Thread *t, Object *o) { slot_store(t, o, &((ContextToken *)o)->old_value, UNDEF); }

static const NativeDef token_methods[] = {
    {"__enter__", token_enter, "($self, /)", "For `with`: the token.", 0},
    {"__exit__", token_exit, "($self, type, value, traceback, /)", "Resets the variable.", 0},
    {"__class_getitem__", generic_alias_class_getitem, "($type, object, /)", "See PEP 585.", NATIVE_CLASS},
    NATIVE_END};
static const GetSetDef token_getset[] = {{"old_value", token_old_value, NULL, NULL}, GETSET_END};
static const MemberDef token_members[] = {{"var", offsetof(ContextToken, var), MEMBER_VALUE, false, NULL}, MEMBER_END};
const TypeSpec context_token_spec = {
    .name = "_contextvars.Token",
    .size = sizeof(ContextToken),
    .ops = {.repr = token_repr, .hash = object_hash_not_implemented, .new = token_make},
    .methods = token_methods,
    .getset = token_getset,
    .members = token_members,
    .destroy = token_destroy,
    .traverse = token_traverse,
    .clear = token_clear,
    .ready = token_ready,
};

static Value missing_repr(Thread *t, ValueRef self) { return str_from_text(t, "<Token.MISSING>"); }
const TypeSpec context_token_missing_spec = {
    .name = "Token.MISSING",
    .size = sizeof(Container),
    .flags = TYPE_NO_NEW,
    .ops = {.repr = missing_repr},
};

// The exception types: what BaseException does, and what each layout of exceptions.def adds. Library reference, "Built-in
// Exceptions". Fields are lone slots: each is read and stored on its own, without a lock. Groups stand in exception_group.c.
#include <errno.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_layouts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"

#define NATIVE(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)

// ---- what all share

// The name of an exception's class, for reprs: without a module.
static Str *class_name(ValueRef e) { return value_str(slot_borrow(&value_type(e)->name)); }

static int store_args(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs) {
    BaseException *e = value_exception(self);
    ValueRef there = slot_borrow(&e->args); // most often just what __new__ put there
    if (value_bits(there) && value_tuple(there)->length == nargs) {
        uint32_t same = 0;
        while (same < nargs && value_bits(tuple_item(value_tuple(there), same)) == value_bits(args[same])) same++;
        if (same == nargs) return 0;
    }
    Value tuple = tuple_from_refs(t, args, nargs);
    if (!value_bits(tuple)) return -1;
    slot_store(t, e, &e->args, tuple);
    return 0;
}

// The instance's arguments, owned: an exception made by __new__ alone, or half torn down, has ().
static Value get_args(Thread *t, ValueRef self) {
    Value args = slot_get(t, &value_exception(self)->args);
    return value_bits(args) ? args : value_dup(t, t->interp->empty_tuple);
}

static Value base_exception_alloc(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs) {
    if (!value_is_type(type)) return raise(t, TYPE_ERROR, "BaseException.__new__(X): X is not a type object (%T)", type);
    BaseException *e = object_new(t, (Type *)value_object(type));
    if (!e) return UNDEF;
    Value tuple = tuple_from_refs(t, args, nargs);
    if (!value_bits(tuple)) {
        object_release(t, e);
        return UNDEF;
    }
    slot_init(&e->args, tuple);
    return value_of(e);
}

static Value base_exception_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return base_exception_alloc(t, type, args, nargs);
}

static int no_keywords(Thread *t, ValueRef self, Tuple *kwnames) {
    if (LIKELY(!kwnames || kwnames->length == 0)) return 0;
    return raise_int(t, TYPE_ERROR, "%U() takes no keyword arguments", class_name(self));
}

static int base_exception_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return no_keywords(t, self, kwnames) < 0 ? -1 : store_args(t, self, args, nargs);
}

static Value base_exception_str(Thread *t, ValueRef self) {
    Value args = get_args(t, self), result;
    Tuple *tuple = value_tuple(args);
    if (tuple->length == 0)
        result = value_dup(t, NAME(empty));
    else
        result = object_str(t, tuple->length == 1 ? tuple_item(tuple, 0) : (ValueRef)args);
    value_release(t, args);
    return result;
}

static Value base_exception_repr(Thread *t, ValueRef self) {
    Value args = get_args(t, self), result;
    Tuple *tuple = value_tuple(args);
    if (tuple->length == 1)
        result = str_of_format(t, "%U(%R)", class_name(self), tuple_item(tuple, 0));
    else
        result = str_of_format(t, "%U%R", class_name(self), args);
    value_release(t, args);
    return result;
}

// The attributes that the program gave the exception, as a dict; NONE (counts nothing) where there are none.
static Value own_attributes(Thread *t, ValueRef self) {
    Value dict = instance_dict(t, self);
    if (!value_bits(dict)) return UNDEF;
    if (dict_length(value_dict(dict))) return dict;
    value_release(t, dict);
    return NONE;
}

// (class, args) or (class, args, state). Consumes args and state.
static Value reduced(Thread *t, ValueRef self, Value args_steal, Value state_steal) {
    Value parts[3] = {value_dup(t, value_of(value_type(self))), args_steal, state_steal};
    return tuple_from_values(t, parts, value_bits(state_steal) == value_bits(NONE) ? 2 : 3);
}

NATIVE(base_exception_reduce) {
    Value state = own_attributes(t, self);
    return value_bits(state) ? reduced(t, self, get_args(t, self), state) : UNDEF;
}

NATIVE(base_exception_setstate) {
    if (value_bits(args[0]) == value_bits(NONE)) return NONE;
    if (!value_is_any_dict(args[0])) return raise(t, TYPE_ERROR, "state is not a dictionary");
    int64_t position = 0;
    Value key, value;
    while (dict_next(t, value_dict(args[0]), &position, &key, &value) > 0) {
        int bad = value_is_any_str(key) ? object_setattr(t, self, key, value)
                                        : raise_int(t, TYPE_ERROR, "attribute name must be string, not '%T'", key);
        value_release(t, key);
        value_release(t, value);
        if (bad < 0) return UNDEF;
    }
    return NONE;
}

static int set_traceback(Thread *t, ValueRef self, ValueRef value) {
    if (!value_bits(value)) return raise_int(t, TYPE_ERROR, "__traceback__ may not be deleted");
    bool none = value_bits(value) == value_bits(NONE);
    if (!none && !value_is(value, TRACEBACK)) return raise_int(t, TYPE_ERROR, "__traceback__ must be a traceback or None");
    BaseException *e = value_exception(self);
    slot_store(t, e, &e->traceback, none ? UNDEF : value_dup(t, value));
    return 0;
}

NATIVE(with_traceback) { return set_traceback(t, self, args[0]) < 0 ? UNDEF : value_dup(t, self); }

NATIVE(add_note) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "add_note() argument must be str, not %K", args[0]);
    Value notes = object_getattr_or_undef(t, self, NAME(__notes__));
    if (!value_bits(notes)) {
        if (error_pending(t)) return UNDEF;
        notes = list_new(t, 1);
        if (!value_bits(notes)) return UNDEF;
        if (object_setattr(t, self, NAME(__notes__), notes) < 0) goto failed;
    } else if (!value_is_any_list(notes)) {
        raise(t, TYPE_ERROR, "Cannot add note: __notes__ is not a list");
        goto failed;
    }
    if (list_append(t, value_list(notes), value_dup(t, args[0])) < 0) goto failed;
    value_release(t, notes);
    return NONE;
failed:
    value_release(t, notes);
    return UNDEF;
}

static Value args_get(Thread *t, ValueRef self) { return get_args(t, self); }
static int args_set(Thread *t, ValueRef self, ValueRef value) {
    if (!value_bits(value)) return raise_int(t, TYPE_ERROR, "args may not be deleted");
    Value tuple = tuple_from_iterable(t, value);
    if (!value_bits(tuple)) return -1;
    BaseException *e = value_exception(self);
    slot_store(t, e, &e->args, tuple);
    return 0;
}

static Value or_none(Value v) { return value_bits(v) ? v : NONE; }
static Value traceback_get(Thread *t, ValueRef self) { return or_none(slot_get(t, &value_exception(self)->traceback)); }
static Value context_get(Thread *t, ValueRef self) { return or_none(slot_get(t, &value_exception(self)->context)); }
static Value cause_get(Thread *t, ValueRef self) { return or_none(slot_get(t, &value_exception(self)->cause)); }

static int exception_slot_set(Thread *t, ValueRef self, Value *slot, ValueRef value, const char *dunder, const char *what) {
    if (!value_bits(value)) return raise_int(t, TYPE_ERROR, "%s may not be deleted", dunder);
    bool none = value_bits(value) == value_bits(NONE);
    if (!none && !value_is_exception(value)) return raise_int(t, TYPE_ERROR, "exception %s must be None or derive from BaseException", what);
    slot_store(t, value_exception(self), slot, none ? UNDEF : value_dup(t, value));
    return 0;
}
static int context_set(Thread *t, ValueRef self, ValueRef value) {
    return exception_slot_set(t, self, &value_exception(self)->context, value, "__context__", "context");
}
static int cause_set(Thread *t, ValueRef self, ValueRef value) {
    if (exception_slot_set(t, self, &value_exception(self)->cause, value, "__cause__", "cause") < 0) return -1;
    __atomic_store_n(&value_exception(self)->suppress_context, true, __ATOMIC_RELAXED);
    return 0;
}

static const GetSetDef base_exception_getset[] = {
    {"args", args_get, args_set, NULL},
    {"__traceback__", traceback_get, set_traceback, NULL},
    {"__context__", context_get, context_set, "The exception that was being handled when this one was raised."},
    {"__cause__", cause_get, cause_set, "The exception named in `raise ... from`."},
    GETSET_END};
static const MemberDef base_exception_members[] = {
    {"__suppress_context__", offsetof(BaseException, suppress_context), MEMBER_BOOL8, true, NULL}, MEMBER_END};
static const NativeDef base_exception_methods[] = {
    {"__reduce__", base_exception_reduce, "($self, /)", NULL, 0},
    {"__setstate__", base_exception_setstate, "($self, state, /)", NULL, 0},
    {"with_traceback", with_traceback, "($self, tb, /)", "Sets __traceback__ and returns the exception.", 0},
    {"add_note", add_note, "($self, note, /)", "Adds a line of text that is printed with the exception.", 0},
    NATIVE_END};

// ---- StopIteration, SystemExit, KeyError

static int stop_iteration_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (base_exception_init(t, self, args, nargs, kwnames) < 0) return -1;
    StopIterationObject *e = (StopIterationObject *)value_object(self);
    slot_store(t, e, &e->value, nargs ? value_dup(t, args[0]) : NONE);
    return 0;
}
static const MemberDef stop_iteration_members[] = {{"value", offsetof(StopIterationObject, value), MEMBER_VALUE, true, "What the generator returned."}, MEMBER_END};

static int system_exit_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (base_exception_init(t, self, args, nargs, kwnames) < 0) return -1;
    SystemExitObject *e = (SystemExitObject *)value_object(self);
    if (nargs) slot_store(t, e, &e->code, nargs == 1 ? value_dup(t, args[0]) : slot_get(t, &e->base.args));
    return 0;
}
static const MemberDef system_exit_members[] = {{"code", offsetof(SystemExitObject, code), MEMBER_VALUE, true, "The exit code."}, MEMBER_END};

static Value key_error_str(Thread *t, ValueRef self) {
    Value args = get_args(t, self), result;
    if (value_tuple(args)->length == 1)
        result = object_repr(t, tuple_item(value_tuple(args), 0)); // a str key shows its quotes
    else
        result = base_exception_str(t, self);
    value_release(t, args);
    return result;
}

// ---- keyword-only fields: ImportError, AttributeError, NameError

typedef struct KeywordField { const char *name; uint32_t offset; } KeywordField;

// Stores the keyword arguments of an exception's constructor into its fields; those not given become UNDEF.
static int store_keywords(Thread *t, ValueRef self, const char *signature, const KeywordField *fields, int nfields, const ValueRef *values, Tuple *kwnames) {
    ValueRef given[4];
    char name[64];
    size_t n = str_length(class_name(self)) < sizeof name ? str_length(class_name(self)) : sizeof name - 1;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = str_char(class_name(self), i);
        name[i] = c < 128 ? (char)c : '?';
    }
    name[n] = 0;
    if (args_bind(t, name, signature, values, 0, kwnames, given) < 0) return -1;
    for (int i = 0; i < nfields; i++) {
        Value *slot = (Value *)((char *)value_object(self) + fields[i].offset);
        slot_store(t, value_object(self), slot, value_bits(given[i]) ? value_dup(t, given[i]) : UNDEF);
    }
    return 0;
}

static const KeywordField import_error_fields[] = {{"name", offsetof(ImportErrorObject, name)}, {"path", offsetof(ImportErrorObject, path)},
                                                   {"name_from", offsetof(ImportErrorObject, name_from)}};
static int import_error_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    static const char signature[] = "(*, name=None, path=None, name_from=None)";
    if (store_args(t, self, args, nargs) < 0 || store_keywords(t, self, signature, import_error_fields, 3, args + nargs, kwnames) < 0) return -1;
    ImportErrorObject *e = (ImportErrorObject *)value_object(self);
    slot_store(t, e, &e->msg, nargs == 1 ? value_dup(t, args[0]) : UNDEF);
    return 0;
}
static Value import_error_str(Thread *t, ValueRef self) {
    Value msg = slot_get(t, &((ImportErrorObject *)value_object(self))->msg);
    if (value_bits(msg) && value_is(msg, STR)) return msg;
    value_release(t, msg);
    return base_exception_str(t, self);
}

// The program's attributes, and those of `fields` that are set, as one dict; NONE where there is nothing.
static Value state_with_fields(Thread *t, ValueRef self, const KeywordField *fields, int nfields, bool with_args) {
    Value own = own_attributes(t, self), state = UNDEF;
    if (!value_bits(own)) return UNDEF;
    state = value_is_any_dict(own) ? dict_copy(t, value_dict(own)) : dict_new(t);
    value_release(t, own);
    if (!value_bits(state)) return UNDEF;
    for (int i = 0; i < nfields; i++) {
        Value v = slot_get(t, (Value *)((char *)value_object(self) + fields[i].offset));
        if (value_bits(v) && dict_set_text(t, value_dict(state), fields[i].name, v) < 0) goto failed;
    }
    if (with_args && dict_set_text(t, value_dict(state), "args", get_args(t, self)) < 0) goto failed;
    if (dict_length(value_dict(state))) return state;
    value_release(t, state);
    return NONE;
failed:
    value_release(t, state);
    return UNDEF;
}
NATIVE(import_error_reduce) {
    Value state = state_with_fields(t, self, import_error_fields, 3, false);
    return value_bits(state) ? reduced(t, self, get_args(t, self), state) : UNDEF;
}
static const NativeDef import_error_methods[] = {{"__reduce__", import_error_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const MemberDef import_error_members[] = {
    {"msg", offsetof(ImportErrorObject, msg), MEMBER_VALUE, true, "The message."},
    {"name", offsetof(ImportErrorObject, name), MEMBER_VALUE, true, "The module's name."},
    {"path", offsetof(ImportErrorObject, path), MEMBER_VALUE, true, "The module's path."},
    {"name_from", offsetof(ImportErrorObject, name_from), MEMBER_VALUE, true, "What was to be imported from the module."}, MEMBER_END};

static const KeywordField attribute_error_fields[] = {{"name", offsetof(AttributeErrorObject, name)}, {"obj", offsetof(AttributeErrorObject, object)}};
static int attribute_error_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    static const char signature[] = "(*, name=None, obj=None)";
    return store_args(t, self, args, nargs) < 0 ? -1 : store_keywords(t, self, signature, attribute_error_fields, 2, args + nargs, kwnames);
}
NATIVE(attribute_error_getstate) { return state_with_fields(t, self, attribute_error_fields, 1, true); } // obj may not be picklable
NATIVE(attribute_error_reduce) {
    Value state = attribute_error_getstate(t, self, NULL, 0, NULL);
    return value_bits(state) ? reduced(t, self, get_args(t, self), state) : UNDEF;
}
static const NativeDef attribute_error_methods[] = {{"__getstate__", attribute_error_getstate, "($self, /)", NULL, 0},
                                                    {"__reduce__", attribute_error_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const MemberDef attribute_error_members[] = {
    {"name", offsetof(AttributeErrorObject, name), MEMBER_VALUE, true, "The attribute's name."},
    {"obj", offsetof(AttributeErrorObject, object), MEMBER_VALUE, true, "The object."}, MEMBER_END};

static const KeywordField name_error_fields[] = {{"name", offsetof(NameErrorObject, name)}};
static int name_error_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    static const char signature[] = "(*, name=None)";
    return store_args(t, self, args, nargs) < 0 ? -1 : store_keywords(t, self, signature, name_error_fields, 1, args + nargs, kwnames);
}
static const MemberDef name_error_members[] = {{"name", offsetof(NameErrorObject, name), MEMBER_VALUE, true, "The name."}, MEMBER_END};

// ---- OSError

static enum ExceptionId os_error_for(int64_t code) {
    switch (code) {
    case EAGAIN: case EALREADY: case EINPROGRESS: return E_BLOCKING_IO_ERROR;
    case EPIPE: case ESHUTDOWN: return E_BROKEN_PIPE_ERROR;
    case ECHILD: return E_CHILD_PROCESS_ERROR;
    case ECONNABORTED: return E_CONNECTION_ABORTED_ERROR;
    case ECONNREFUSED: return E_CONNECTION_REFUSED_ERROR;
    case ECONNRESET: return E_CONNECTION_RESET_ERROR;
    case EEXIST: return E_FILE_EXISTS_ERROR;
    case ENOENT: return E_FILE_NOT_FOUND_ERROR;
    case EISDIR: return E_IS_A_DIRECTORY_ERROR;
    case ENOTDIR: return E_NOT_A_DIRECTORY_ERROR;
    case EINTR: return E_INTERRUPTED_ERROR;
    case EACCES: case EPERM: return E_PERMISSION_ERROR;
    case ESRCH: return E_PROCESS_LOOKUP_ERROR;
    case ETIMEDOUT: return E_TIMEOUT_ERROR;
    default: return E_OS_ERROR;
    }
}

// Arguments are taken by __new__, unless a subclass has an __init__ of its own over the inherited __new__.
static bool os_error_uses_init(Type *type);

static int os_error_fill(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs) {
    OsErrorObject *e = (OsErrorObject *)value_object(self);
    int64_t written = -1;
    uint32_t shown = nargs;
    if (nargs >= 2 && nargs <= 5) {
        slot_store(t, e, &e->errno_, value_dup(t, args[0]));
        slot_store(t, e, &e->strerror, value_dup(t, args[1]));
        if (nargs > 2 && value_bits(args[2]) != value_bits(NONE)) {
            if (value_is_instance(self, EXCEPTION(BLOCKING_IO_ERROR)) && (value_is_any_int(args[2]) || value_type(args[2])->ops.index)) {
                if (arg_index(t, args[2], &written) < 0) return -1;
            } else {
                slot_store(t, e, &e->filename, value_dup(t, args[2]));
                if (nargs == 5 && value_bits(args[4]) != value_bits(NONE)) slot_store(t, e, &e->filename2, value_dup(t, args[4]));
                shown = 2; // as before files had names
            }
        }
    }
    __atomic_store_n(&e->written, written, __ATOMIC_RELAXED);
    return store_args(t, self, args, shown);
}

static Value os_error_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!value_is_type(type)) return raise(t, TYPE_ERROR, "OSError.__new__(X): X is not a type object (%T)", type);
    bool later = os_error_uses_init((Type *)value_object(type));
    int64_t code;
    if (!later) {
        if (kwnames && kwnames->length) return raise(t, TYPE_ERROR, "%N() takes no keyword arguments", (Type *)value_object(type));
        if (value_bits(type) == value_bits(value_of(EXCEPTION(OS_ERROR))) && nargs >= 2 && nargs <= 5 && value_is_any_int(args[0]) &&
            int_as_int64(args[0], &code) == 0)
            type = value_of(&exception_types[os_error_for(code)]);
    }
    Value self = base_exception_alloc(t, type, NULL, 0);
    if (!value_bits(self)) return UNDEF;
    ((OsErrorObject *)value_object(self))->written = -1;
    if (!later && os_error_fill(t, self, args, nargs) < 0) {
        value_release(t, self);
        return UNDEF;
    }
    return self;
}

static int os_error_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (!os_error_uses_init(value_type(self))) return 0;
    return no_keywords(t, self, kwnames) < 0 ? -1 : os_error_fill(t, self, args, nargs);
}
static bool os_error_uses_init(Type *type) { return type->ops.init != os_error_init && type->ops.new == os_error_new; }

static Value os_error_str(Thread *t, ValueRef self) {
    OsErrorObject *e = (OsErrorObject *)value_object(self);
    Value code = or_none(slot_get(t, &e->errno_)), text = or_none(slot_get(t, &e->strerror)), result;
    Value filename = slot_get(t, &e->filename), filename2 = slot_get(t, &e->filename2);
    if (value_bits(filename) && value_bits(filename2))
        result = str_of_format(t, "[Errno %S] %S: %R -> %R", code, text, filename, filename2);
    else if (value_bits(filename))
        result = str_of_format(t, "[Errno %S] %S: %R", code, text, filename);
    else if (value_bits(slot_borrow(&e->errno_)) && value_bits(slot_borrow(&e->strerror)))
        result = str_of_format(t, "[Errno %S] %S", code, text);
    else
        result = base_exception_str(t, self);
    value_release(t, code);
    value_release(t, text);
    value_release(t, filename);
    value_release(t, filename2);
    return result;
}

NATIVE(os_error_reduce) {
    OsErrorObject *e = (OsErrorObject *)value_object(self);
    Value arguments = get_args(t, self), filename = slot_get(t, &e->filename);
    if (value_tuple(arguments)->length == 2 && value_bits(filename)) {
        Value filename2 = slot_get(t, &e->filename2);
        ValueRef all[5] = {tuple_item(value_tuple(arguments), 0), tuple_item(value_tuple(arguments), 1), filename, NONE, filename2};
        Value longer = tuple_from_refs(t, all, value_bits(filename2) ? 5 : 3);
        value_release(t, filename2);
        value_release(t, arguments);
        arguments = longer;
    }
    value_release(t, filename);
    if (!value_bits(arguments)) return UNDEF;
    Value state = own_attributes(t, self);
    if (value_bits(state)) return reduced(t, self, arguments, state);
    value_release(t, arguments);
    return UNDEF;
}

static Value written_get(Thread *t, ValueRef self) {
    int64_t n = __atomic_load_n(&((OsErrorObject *)value_object(self))->written, __ATOMIC_RELAXED);
    return n == -1 ? raise(t, ATTRIBUTE_ERROR, "characters_written") : int_from_int64(t, n);
}
static int written_set(Thread *t, ValueRef self, ValueRef value) {
    OsErrorObject *e = (OsErrorObject *)value_object(self);
    if (!value_bits(value)) {
        if (__atomic_exchange_n(&e->written, -1, __ATOMIC_RELAXED) == -1) return raise_int(t, ATTRIBUTE_ERROR, "characters_written");
        return 0;
    }
    int64_t n;
    if (arg_index(t, value, &n) < 0) return -1;
    __atomic_store_n(&e->written, n, __ATOMIC_RELAXED);
    return 0;
}
static const NativeDef os_error_methods[] = {{"__reduce__", os_error_reduce, "($self, /)", NULL, 0}, NATIVE_END};
static const MemberDef os_error_members[] = {
    {"errno", offsetof(OsErrorObject, errno_), MEMBER_VALUE, true, "The system's error number."},
    {"strerror", offsetof(OsErrorObject, strerror), MEMBER_VALUE, true, "Its text."},
    {"filename", offsetof(OsErrorObject, filename), MEMBER_VALUE, true, "The file."},
    {"filename2", offsetof(OsErrorObject, filename2), MEMBER_VALUE, true, "The second file."}, MEMBER_END};
static const GetSetDef os_error_getset[] = {{"characters_written", written_get, written_set, NULL}, GETSET_END};

// ---- SyntaxError

static int syntax_error_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (base_exception_init(t, self, args, nargs, kwnames) < 0) return -1;
    SyntaxErrorObject *e = (SyntaxErrorObject *)value_object(self);
    if (nargs >= 1) slot_store(t, e, &e->msg, value_dup(t, args[0]));
    if (nargs != 2) return 0;
    Value info = tuple_from_iterable(t, args[1]);
    if (!value_bits(info)) return -1;
    Tuple *tuple = value_tuple(info);
    int result = -1;
    if (tuple->length < 4 || tuple->length > 7) {
        raise(t, TYPE_ERROR, "function takes at %s %d arguments (%lld given)", tuple->length < 4 ? "least" : "most", tuple->length < 4 ? 4 : 7,
              (long long)tuple->length);
        goto done;
    }
    Value *const slots[7] = {&e->filename, &e->lineno, &e->offset, &e->text, &e->end_lineno, &e->end_offset, &e->metadata};
    for (int64_t i = 0; i < 7; i++) slot_store(t, e, slots[i], i < tuple->length ? value_dup(t, tuple_item(tuple, i)) : UNDEF);
    if (tuple->length == 5) {
        raise(t, TYPE_ERROR, "end_offset must be provided when end_lineno is provided");
        goto done;
    }
    result = 0;
done:
    value_release(t, info);
    return result;
}

static Value syntax_error_str(Thread *t, ValueRef self) {
    SyntaxErrorObject *e = (SyntaxErrorObject *)value_object(self);
    Value msg = or_none(slot_get(t, &e->msg)), filename = slot_get(t, &e->filename), lineno = slot_get(t, &e->lineno), base = UNDEF, result;
    if (value_bits(filename) && value_is_any_str(filename)) {
        Str *path = value_str(filename);
        size_t n = str_length(path), start = n;
        while (start > 0 && str_char(path, start - 1) != '/') start--;
        base = str_substring(t, path, start, n);
        if (!value_bits(base)) {
            result = UNDEF;
            goto done;
        }
    }
    bool line = value_bits(lineno) && (value_is_int(lineno) || value_is(lineno, INT));
    if (value_bits(base) && line)
        result = str_of_format(t, "%S (%U, line %S)", msg, value_str(base), lineno);
    else if (value_bits(base))
        result = str_of_format(t, "%S (%U)", msg, value_str(base));
    else if (line)
        result = str_of_format(t, "%S (line %S)", msg, lineno);
    else
        result = object_str(t, msg);
done:
    value_release(t, msg);
    value_release(t, filename);
    value_release(t, lineno);
    value_release(t, base);
    return result;
}
#define SYNTAX_FIELD(name) {#name, offsetof(SyntaxErrorObject, name), MEMBER_VALUE, true, NULL}
static const MemberDef syntax_error_members[] = {
    SYNTAX_FIELD(msg), SYNTAX_FIELD(filename), SYNTAX_FIELD(lineno), SYNTAX_FIELD(offset), SYNTAX_FIELD(text), SYNTAX_FIELD(end_lineno),
    SYNTAX_FIELD(end_offset), SYNTAX_FIELD(print_file_and_line), {"_metadata", offsetof(SyntaxErrorObject, metadata), MEMBER_VALUE, true, NULL}, MEMBER_END};

// ---- UnicodeError

static int unicode_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames, bool encoding, bool bytes) {
    if (base_exception_init(t, self, args, nargs, kwnames) < 0) return -1;
    UnicodeErrorObject *e = (UnicodeErrorObject *)value_object(self);
    uint32_t expected = encoding ? 5 : 4, at = encoding ? 1 : 0;
    if (nargs != expected) return raise_int(t, TYPE_ERROR, "function takes exactly %u arguments (%u given)", expected, nargs);
    if (encoding && !value_is_any_str(args[0])) return raise_int(t, TYPE_ERROR, "argument 1 must be str, not %K", args[0]);
    if (!bytes && !value_is_any_str(args[at])) return raise_int(t, TYPE_ERROR, "argument %u must be str, not %K", at + 1, args[at]);
    int64_t start, end;
    if (arg_index(t, args[at + 1], &start) < 0 || arg_index(t, args[at + 2], &end) < 0) return -1;
    if (!value_is_any_str(args[at + 3])) return raise_int(t, TYPE_ERROR, "argument %u must be str, not %K", at + 4, args[at + 3]);
    Value object = UNDEF;
    if (bytes && !value_is_any_bytes(args[at])) {
        Buffer view;
        if (buffer_get(t, args[at], &view, BUFFER_READ) < 0) return -1;
        object = bytes_new(t, view.data, (size_t)view.length);
        buffer_release(t, &view);
        if (!value_bits(object)) return -1;
    } else {
        object = value_dup(t, args[at]);
    }
    if (encoding) slot_store(t, e, &e->encoding, value_dup(t, args[0]));
    slot_store(t, e, &e->object, object);
    slot_store(t, e, &e->reason, value_dup(t, args[at + 3]));
    __atomic_store_n(&e->start, start, __ATOMIC_RELAXED);
    __atomic_store_n(&e->end, end, __ATOMIC_RELAXED);
    return 0;
}
static int unicode_decode_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return unicode_init(t, self, args, nargs, kwnames, true, true);
}
static int unicode_encode_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return unicode_init(t, self, args, nargs, kwnames, true, false);
}
static int unicode_translate_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    return unicode_init(t, self, args, nargs, kwnames, false, false);
}

static Value unicode_str(Thread *t, ValueRef self, const char *verb, bool bytes) {
    UnicodeErrorObject *e = (UnicodeErrorObject *)value_object(self);
    Value encoding = slot_get(t, &e->encoding), object = slot_get(t, &e->object), reason = slot_get(t, &e->reason), prefix = UNDEF, result;
    int64_t start = __atomic_load_n(&e->start, __ATOMIC_RELAXED), end = __atomic_load_n(&e->end, __ATOMIC_RELAXED);
    if (!value_bits(object) || !value_bits(reason)) { // __init__ was not called
        result = value_dup(t, NAME(empty));
        goto done;
    }
    // The texts first: they may run what changes the object.
    Value text = object_str(t, reason);
    value_release(t, reason);
    reason = text;
    if (!value_bits(reason)) {
        result = UNDEF;
        goto done;
    }
    prefix = value_bits(encoding) ? str_of_format(t, "'%S' codec can't %s", encoding, verb) : str_of_format(t, "can't %s", verb);
    if (!value_bits(prefix)) {
        result = UNDEF;
        goto done;
    }
    value_release(t, object);
    object = slot_get(t, &e->object);
    if (!value_bits(object) || !(bytes ? value_is_any_bytes(object) : value_is_any_str(object))) {
        result = value_bits(object) ? raise(t, TYPE_ERROR, "UnicodeError 'object' attribute must be a %s", bytes ? "bytes" : "string") : raise(t, TYPE_ERROR, "UnicodeError 'object' attribute is not set");
        goto done;
    }
    int64_t length = bytes ? (int64_t)value_bytes(object)->length : (int64_t)str_length(value_str(object));
    bool one = start >= 0 && start < length && end == start + 1;
    if (one && bytes) {
        result = str_of_format(t, "%U byte 0x%02x in position %lld: %S", value_str(prefix), value_bytes(object)->data[start], (long long)start, reason);
    } else if (one) {
        uint32_t c = str_char(value_str(object), (size_t)start);
        const char *format = c < 0x100     ? "%U character '\\x%02x' in position %lld: %S"
                             : c < 0x10000 ? "%U character '\\u%04x' in position %lld: %S"
                                           : "%U character '\\U%08x' in position %lld: %S";
        result = str_of_format(t, format, value_str(prefix), c, (long long)start, reason);
    } else {
        result = str_of_format(t, "%U %s in position %lld-%lld: %S", value_str(prefix), bytes ? "bytes" : "characters", (long long)start, (long long)end - 1,
                               reason);
    }
done:
    value_release(t, encoding);
    value_release(t, object);
    value_release(t, reason);
    value_release(t, prefix);
    return result;
}
static Value unicode_decode_str(Thread *t, ValueRef self) { return unicode_str(t, self, "decode", true); }
static Value unicode_encode_str(Thread *t, ValueRef self) { return unicode_str(t, self, "encode", false); }
static Value unicode_translate_str(Thread *t, ValueRef self) { return unicode_str(t, self, "translate", false); }
static const MemberDef unicode_members[] = {
    {"encoding", offsetof(UnicodeErrorObject, encoding), MEMBER_VALUE, true, "The codec."},
    {"object", offsetof(UnicodeErrorObject, object), MEMBER_VALUE, true, "What was being converted."},
    {"start", offsetof(UnicodeErrorObject, start), MEMBER_INT64, true, "Where the trouble begins."},
    {"end", offsetof(UnicodeErrorObject, end), MEMBER_INT64, true, "Where it ends."},
    {"reason", offsetof(UnicodeErrorObject, reason), MEMBER_VALUE, true, "Why."}, MEMBER_END};

// ---- the table of types

// Each layout: its struct, and how many Values stand behind BaseException's.
#define LAYOUT_TABLE(L, x)                                                                                                       \
    L(x, BASE, BaseException, 0) L(x, GROUP, ExceptionGroup, 3) L(x, STOP_ITERATION, StopIterationObject, 1)                     \
    L(x, SYSTEM_EXIT, SystemExitObject, 1) L(x, KEY_ERROR, BaseException, 0) L(x, IMPORT_ERROR, ImportErrorObject, 4)            \
    L(x, ATTRIBUTE_ERROR, AttributeErrorObject, 2) L(x, NAME_ERROR, NameErrorObject, 1) L(x, OS_ERROR, OsErrorObject, 4)         \
    L(x, SYNTAX_ERROR, SyntaxErrorObject, 9) L(x, UNICODE_DECODE_ERROR, UnicodeErrorObject, 3)                                   \
    L(x, UNICODE_ENCODE_ERROR, UnicodeErrorObject, 3) L(x, UNICODE_TRANSLATE_ERROR, UnicodeErrorObject, 3)
enum Layout {
    LAYOUT_NONE,
#define L(x, id, Struct, values) LAYOUT_##id,
    LAYOUT_TABLE(L, )
#undef L
};
static const uint8_t layout_values[] = {
#define L(x, id, Struct, values) [LAYOUT_##id] = values,
    LAYOUT_TABLE(L, )
#undef L
};
#define L(x, id, Struct, values) _Static_assert(sizeof(Struct) >= sizeof(BaseException) + values * sizeof(Value), "Values follow the base's fields");
LAYOUT_TABLE(L, )
#undef L

// A type without a layout of its own has its base's.
enum {
    LAYOUT_OF_BASE_EXCEPTION = LAYOUT_BASE,
#define EXC(ID, name, BASE, layout, text) LAYOUT_OF_##ID = LAYOUT_##layout == LAYOUT_NONE ? LAYOUT_OF_##BASE : LAYOUT_##layout,
#include "runtime/exceptions.def"
#undef EXC
};
enum {
    BASE_OF_BASE_EXCEPTION = T_BASE_EXCEPTION,
#define EXC(ID, name, BASE, layout, text) BASE_OF_##ID = EXCEPTION_SPEC_BASE + E_##ID,
#include "runtime/exceptions.def"
#undef EXC
};
static const uint8_t layout_of[E_COUNT] = {
#define EXC(ID, name, BASE, layout, text) [E_##ID] = LAYOUT_OF_##ID,
#include "runtime/exceptions.def"
#undef EXC
};

static int extra_values(const Type *type) {
    return type->spec == &base_exception_spec ? 0 : layout_values[layout_of[type->spec - exception_specs]];
}

static void exception_traverse(Object *o, VisitFn visit, void *arg) {
    BaseException *e = (BaseException *)o;
    visit(&e->args, arg);
    visit(&e->traceback, arg);
    visit(&e->context, arg);
    visit(&e->cause, arg);
    visit(&e->notes, arg);
    Value *more = (Value *)(e + 1);
    for (int i = 0, n = extra_values(object_type(o)); i < n; i++) visit(&more[i], arg);
}

static void exception_destroy(Thread *t, Object *o) {
    BaseException *e = (BaseException *)o;
    value_release(t, e->args);
    value_release(t, e->traceback);
    value_release(t, e->context);
    value_release(t, e->cause);
    value_release(t, e->notes);
    Value *more = (Value *)(e + 1);
    for (int i = 0, n = extra_values(object_type(o)); i < n; i++) value_release(t, more[i]);
}

static void exception_clear(Thread *t, Object *o) {
    BaseException *e = (BaseException *)o;
    slot_store(t, o, &e->traceback, UNDEF);
    slot_store(t, o, &e->context, UNDEF);
    slot_store(t, o, &e->cause, UNDEF);
    slot_store(t, o, &e->args, UNDEF);
    Value *more = (Value *)(e + 1);
    for (int i = 0, n = extra_values(object_type(o)); i < n; i++) slot_store(t, o, &more[i], UNDEF);
}

#define EXCEPTION_FLAGS (TYPE_BASE | TYPE_HAS_ATTRIBUTES | TYPE_EXCEPTION | TYPE_WEAKREFABLE)
#define COMMON_FIELDS .flags = EXCEPTION_FLAGS, .destroy = exception_destroy, .traverse = exception_traverse, .clear = exception_clear

// What a layout adds to its base's operations.
#define ADDS_NONE
#define ADDS_GROUP \
    .ops = {.new = exception_group_new_slot, .init = exception_group_init, .str = exception_group_str, .repr = exception_group_repr}, \
    .methods = exception_group_methods, .members = exception_group_members,
#define ADDS_STOP_ITERATION .ops = {.init = stop_iteration_init}, .members = stop_iteration_members,
#define ADDS_SYSTEM_EXIT .ops = {.init = system_exit_init}, .members = system_exit_members,
#define ADDS_KEY_ERROR .ops = {.str = key_error_str},
#define ADDS_IMPORT_ERROR .ops = {.init = import_error_init, .str = import_error_str}, .methods = import_error_methods, .members = import_error_members,
#define ADDS_ATTRIBUTE_ERROR .ops = {.init = attribute_error_init}, .methods = attribute_error_methods, .members = attribute_error_members,
#define ADDS_NAME_ERROR .ops = {.init = name_error_init}, .members = name_error_members,
#define ADDS_OS_ERROR \
    .ops = {.new = os_error_new, .init = os_error_init, .str = os_error_str}, .methods = os_error_methods, .members = os_error_members, .getset = os_error_getset,
#define ADDS_SYNTAX_ERROR .ops = {.init = syntax_error_init, .str = syntax_error_str}, .members = syntax_error_members,
#define ADDS_UNICODE_DECODE_ERROR .ops = {.init = unicode_decode_init, .str = unicode_decode_str}, .members = unicode_members,
#define ADDS_UNICODE_ENCODE_ERROR .ops = {.init = unicode_encode_init, .str = unicode_encode_str}, .members = unicode_members,
#define ADDS_UNICODE_TRANSLATE_ERROR .ops = {.init = unicode_translate_init, .str = unicode_translate_str}, .members = unicode_members,

#define SIZE_TERM(x, id, Struct, values) +(x == LAYOUT_##id) * sizeof(Struct)
const TypeSpec exception_specs[E_COUNT] = {
#define EXC(ID, text, BASE, layout, about) \
    [E_##ID] = {ADDS_##layout COMMON_FIELDS, .name = #text, .doc = about, .base = BASE_OF_##BASE, .size = 0 LAYOUT_TABLE(SIZE_TERM, LAYOUT_OF_##ID)},
#include "runtime/exceptions.def"
#undef EXC
};

const TypeSpec base_exception_spec = {
    .name = "BaseException", .doc = "Everything that can be raised.", .size = sizeof(BaseException), COMMON_FIELDS,
    .ops = {.new = base_exception_new, .init = base_exception_init, .str = base_exception_str, .repr = base_exception_repr},
    .methods = base_exception_methods, .getset = base_exception_getset, .members = base_exception_members};

// ---- for the rest of the runtime

Value exception_new(Thread *t, Type *type, Value argument_steal) {
    ValueRef args[1] = {argument_steal};
    uint32_t nargs = value_bits(argument_steal) ? 1 : 0;
    Value e;
    if (LIKELY(type->ops.new == base_exception_new && type->ops.init == base_exception_init)) {
        e = base_exception_alloc(t, value_of(type), args, nargs);
    } else {
        e = type->ops.new(t, value_of(type), args, nargs, NULL);
        if (value_bits(e) && type->ops.init && type->ops.init(t, e, args, nargs, NULL) < 0) {
            value_release(t, e);
            e = UNDEF;
        }
    }
    value_release(t, argument_steal);
    return e;
}

Value exception_type_of(ValueRef exception) { return value_of(value_type(exception)); }

int exception_given_matches(Thread *t, ValueRef exception, ValueRef type_or_tuple) {
    if (value_is_any_tuple(type_or_tuple)) {
        Tuple *tuple = value_tuple(type_or_tuple);
        if (native_stack_exhausted(t, " in an except clause")) return -1;
        int result = 0;
        for (int64_t i = 0; i < tuple->length && result == 0; i++) result = exception_given_matches(t, exception, tuple_item(tuple, i));
        return result;
    }
    if (!value_is_type(type_or_tuple)) return 0;
    return value_is_instance(exception, (Type *)value_object(type_or_tuple));
}

Value exception_from_raised(Thread *t, ValueRef v) {
    if (value_is_exception(v)) return value_dup(t, v);
    if (!value_is_type(v) || !(((Type *)value_object(v))->flags & TYPE_EXCEPTION))
        return raise(t, TYPE_ERROR, "exceptions must derive from BaseException");
    Value e = call_0(t, v);
    if (!value_bits(e) || value_is_exception(e)) return e;
    raise(t, TYPE_ERROR, "calling %R should have returned an instance of BaseException, not %R", v, (ValueRef)value_of(value_type(e)));
    value_release(t, e);
    return UNDEF;
}

int exceptions_startup(Thread *t) {
    Type *group = EXCEPTION(EXCEPTION_GROUP);
    ValueRef bases[2] = {value_of(EXCEPTION(BASE_EXCEPTION_GROUP)), value_of(EXCEPTION(EXCEPTION))};
    ValueRef mro[5] = {value_of(group), bases[0], bases[1], value_of(TYPE_OF(BASE_EXCEPTION)), value_of(TYPE_OF(OBJECT))};
    Value bases_tuple = tuple_from_refs(t, bases, 2), mro_tuple = tuple_from_refs(t, mro, 5);
    if (!value_bits(bases_tuple) || !value_bits(mro_tuple)) {
        value_release(t, bases_tuple);
        value_release(t, mro_tuple);
        return -1;
    }
    slot_store(t, group, &group->bases, bases_tuple);
    slot_store(t, group, &group->mro, mro_tuple);
    type_modified(t, group);
    t->interp->no_memory = exception_new(t, EXCEPTION(MEMORY_ERROR), UNDEF);
    return value_bits(t->interp->no_memory) ? 0 : -1;
}

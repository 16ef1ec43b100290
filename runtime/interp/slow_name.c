// Slow sides of name and import operations.
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/interp/ops_slow.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "sync/rcu.h"

Value slow_common_object(Thread *t, uint32_t which) {
    switch (which) {
    case COMMON_ASSERTION_ERROR: return value_of(EXCEPTION(ASSERTION_ERROR));
    case COMMON_NOT_IMPLEMENTED_ERROR: return value_of(EXCEPTION(NOT_IMPLEMENTED_ERROR));
    case COMMON_TUPLE: return value_of(TYPE_OF(TUPLE));
    case COMMON_LIST: return value_of(TYPE_OF(LIST));
    case COMMON_SET: return value_of(TYPE_OF(SET));
    case COMMON_ALL: return value_assume_owned(dict_get_str_borrow(value_dict(t->interp->builtins_dict), core_names[N_all]));
    default: return value_assume_owned(dict_get_str_borrow(value_dict(t->interp->builtins_dict), core_names[N_any]));
    }
}

static Value name_error(Thread *t, enum ExceptionId id, ValueRef name, const char *format) {
    raise_error(t, id, format, value_str(name));
    Value e = error_take(t);
    if (value_is_pointer(e) && value_is_instance(e, EXCEPTION(NAME_ERROR))) {
        NameErrorObject *n = (NameErrorObject *)value_object(e);
        slot_store(t, n, &n->name, value_dup(t, name));
    }
    error_restore(t, e);
    return UNDEF;
}
void slow_unbound_local(Thread *t, ValueRef name) {
    // without the name among its attributes: nothing is suggested for a local
    raise(t, UNBOUND_LOCAL_ERROR, "cannot access local variable '%U' where it is not associated with a value", value_str(name));
}
void slow_unbound_free(Thread *t, ValueRef name) {
    name_error(t, E_NAME_ERROR, name, "cannot access free variable '%U' where it is not associated with a value in enclosing scope");
}

uint64_t slow_dict_place(ValueRef dict, const Str *name) {
    if (!value_is(dict, DICT)) return 0;
    DictTable *table = storage_load(value_dict(dict)->table);
    int64_t entry = table ? dict_entry_of_str(table, name) : -1;
    uint32_t id = entry >= 0 ? dict_table_id(table) : 0;
    if (!id || id >> 31) return 0;
    uint64_t offset = (uint64_t)((char *)&table->entries[entry].value - (char *)table);
    return offset >> 31 ? 0 : (uint64_t)1 << 63 | (uint64_t)id << 32 | offset;
}

// What the cell may hold from now on, where both dicts are exact, keyed by str and can be told by table number.
static void cache_global(Thread *t, const Ins *pc, uint16_t op, Function *f, const Str *name, _Atomic uint64_t *cell) {
    if (!value_is(f->globals, DICT) || !value_is(f->builtins, DICT)) return;
    DictTable *globals = storage_load(value_dict(f->globals)->table), *builtins = storage_load(value_dict(f->builtins)->table);
    if (!globals || !builtins) return;
    uint32_t id = dict_table_id(globals), used = atomic_load_acquire_u32(&globals->used);
    if (!id || id >> 31) return;
    uint64_t word = slow_dict_place(f->globals, name);
    uint16_t to = OP_LOAD_GLOBAL_MODULE;
    if (!word) {
        if (!atomic_load_relaxed_u8(&globals->str_keys) || dict_entry_of_str(globals, name) >= 0) return;
        uint32_t builtins_id = dict_table_id(builtins);
        int64_t entry = dict_entry_of_str(builtins, name);
        if (!builtins_id || entry < 0) return;
        uint64_t offset = (uint64_t)((char *)&builtins->entries[entry].value - (char *)builtins);
        GlobalCache *cache = offset >> 32 ? NULL : entry_alloc(t);
        if (!cache) return;
        *cache = (GlobalCache){id, used, builtins_id, (uint32_t)offset};
        word = (uint64_t)cache;
        to = OP_LOAD_GLOBAL_BUILTIN;
    }
    cell_set(t, cell, OP_LOAD_GLOBAL, word);
    if (op != to) atomic_cas_relaxed_u16((_Atomic uint16_t *)(uintptr_t)&pc->op, &op, to);
}

// Globals may be a dict subclass (exec): then __getitem__ is not asked for by LOAD_GLOBAL in CPython either unless it is no exact dict.
static Value mapping_get(Thread *t, ValueRef mapping, ValueRef name) {
    if (LIKELY(value_is(mapping, DICT))) return dict_get(t, value_dict(mapping), name);
    Value v = object_getitem(t, mapping, name);
    if (!v && error_matches(t, EXCEPTION(KEY_ERROR))) error_clear(t);
    return v;
}

static Value load_global_uncached(Thread *t, Function *f, ValueRef name) {
    Value v = mapping_get(t, f->globals, name);
    if (v || error_pending(t)) return v;
    v = mapping_get(t, f->builtins, name);
    if (v || error_pending(t)) return v;
    return name_error(t, E_NAME_ERROR, name, "name '%U' is not defined");
}

Value slow_load_global(Thread *t, const Ins *pc, uint16_t op, Function *f, ValueRef name, _Atomic uint64_t *cell) {
    Value v = load_global_uncached(t, f, name);
    if (v && (op == OP_LOAD_GLOBAL || site_is_due(t))) cache_global(t, pc, op, f, value_str(name), cell);
    return v;
}

Value slow_load_builtin(Thread *t, Function *f, ValueRef name) {
    Value v = mapping_get(t, f->builtins, name);
    if (!v && !error_pending(t)) {
        if (name == NAME(__build_class__)) return raise(t, NAME_ERROR, "__build_class__ not found");
        return name_error(t, E_NAME_ERROR, name, "name '%U' is not defined");
    }
    return v;
}

int slow_delete_global(Thread *t, Function *f, ValueRef name) {
    Value old = dict_pop(t, value_dict(f->globals), name);
    if (!old) return error_pending(t) ? -1 : (name_error(t, E_NAME_ERROR, name, "name '%U' is not defined"), -1);
    value_release(t, old);
    return 0;
}

Value slow_load_name(Thread *t, Function *f, ValueRef locals, ValueRef name) {
    Value v = mapping_get(t, locals, name);
    return v || error_pending(t) ? v : load_global_uncached(t, f, name);
}
int slow_store_name(Thread *t, ValueRef locals, ValueRef name, ValueRef value) {
    if (LIKELY(value_is(locals, DICT))) return dict_set(t, value_dict(locals), name, value);
    return object_setitem(t, locals, name, value);
}
int slow_delete_name(Thread *t, ValueRef locals, ValueRef name) {
    int result;
    if (value_is(locals, DICT)) {
        Value old = dict_pop(t, value_dict(locals), name);
        if (!old && error_pending(t)) return -1;
        result = old ? 0 : 1;
        value_release(t, old);
    } else {
        result = object_setitem(t, locals, name, UNDEF);
        if (result < 0 && error_matches(t, EXCEPTION(KEY_ERROR))) {
            error_clear(t);
            result = 1;
        }
    }
    if (result == 1) name_error(t, E_NAME_ERROR, name, "name '%U' is not defined");
    return result ? -1 : 0;
}
Value slow_load_dict_or_global(Thread *t, Function *f, ValueRef dict, ValueRef name) {
    Value v = mapping_get(t, dict, name);
    return v || error_pending(t) ? v : load_global_uncached(t, f, name);
}
Value slow_load_dict_or_free(Thread *t, Function *f, ValueRef dict, uint32_t index) {
    ValueRef name = tuple_item(value_tuple(value_code(f->code)->freevars), index);
    Value v = mapping_get(t, dict, name);
    if (v || error_pending(t)) return v;
    v = slot_get(t, &value_cell(tuple_item(value_tuple(f->closure), index))->value);
    if (!v) slow_unbound_free(t, name);
    return v;
}
Value slow_load_dict_or_cell(Thread *t, CodeData *data, ValueRef dict, uint32_t reg, ValueRef cell) {
    ValueRef name = tuple_item(value_tuple(data->code->varnames), reg);
    Value v = mapping_get(t, dict, name);
    if (v || error_pending(t)) return v;
    v = slot_get(t, &value_cell(cell)->value);
    if (!v) slow_unbound_local(t, name);
    return v;
}
Value slow_load_locals(Thread *t, Value *fp) {
    if (!(frame_data(fp)->flags & CO_OPTIMIZED)) return value_dup(t, fp[0]);
    Frame *frame = frame_object(t, fp);
    return frame ? frame_locals_now(t, frame) : UNDEF;
}

// ---- import statements
Value slow_import_name(Thread *t, Value *fp, ValueRef name, Value *operands) {
    Value fromlist = operands[0], level = operands[1], result = UNDEF;
    operands[0] = operands[1] = UNDEF;
    Function *f = frame_function(fp);
    Value import = slow_load_builtin(t, f, NAME(__import__));
    if (!import && error_matches(t, EXCEPTION(NAME_ERROR))) {
        error_clear(t);
        raise(t, IMPORT_ERROR, "__import__ not found");
    }
    if (import) {
        ValueRef locals = frame_data(fp)->flags & CO_OPTIMIZED ? NONE : fp[0];
        if (import_is_builtin(t, import))
            result = import_module_level(t, name, f->globals, fromlist, level);
        else
            result = call_object(t, import, (ValueRef[]){name, f->globals, locals, fromlist, level}, 5, NULL);
        value_release(t, import);
    }
    value_release(t, fromlist);
    value_release(t, level);
    return result;
}

Value slow_import_from(Thread *t, ValueRef module, ValueRef name) {
    Value v = object_getattr_or_undef(t, module, name);
    if (v || error_pending(t)) return v;
    // A submodule in a circular import stands in sys.modules before it is an attribute of its package.
    Value package = object_getattr_or_undef(t, module, NAME(__name__));
    if (!package && error_pending(t)) return UNDEF;
    if (package && value_is_any_str(package)) {
        Value full = str_of_format(t, "%U.%U", value_str(package), value_str(name));
        if (full) v = object_getitem(t, t->interp->modules, full);
        value_release(t, full);
        if (!v && error_matches(t, EXCEPTION(KEY_ERROR))) error_clear(t);
    }
    if (!v && !error_pending(t)) import_from_error(t, module, package, name);
    value_release(t, package);
    return v;
}

int slow_import_star(Thread *t, ValueRef module, ValueRef locals) {
    Value names = object_getattr_or_undef(t, module, NAME(__all__));
    bool all = names != UNDEF;
    Value dict = UNDEF, list = UNDEF;
    int result = -1;
    if (!names) {
        if (error_pending(t)) return -1;
        dict = object_getattr_or_undef(t, module, NAME(__dict__));
        if (!dict) {
            if (!error_pending(t)) raise(t, IMPORT_ERROR, "from-import-* object has no __dict__ and no __all__");
            goto done;
        }
        names = call_method_0(t, dict, NAME(keys));
        if (!names) goto done;
    }
    list = list_from_iterable(t, names);
    if (!list) goto done;
    for (int64_t i = 0;; i++) {
        Value name = list_get(t, value_list(list), i);
        if (!name) break;
        if (!value_is_any_str(name)) {
            Value module_name = object_getattr_or_undef(t, module, NAME(__name__));
            raise(t, TYPE_ERROR, all ? "Item in %S.__all__ must be str, not %.100s" : "Key in %S.__dict__ must be str, not %.100s", module_name, value_type(name)->spec->name);
            value_release(t, module_name);
            value_release(t, name);
            goto done;
        }
        if (!all && str_length(value_str(name)) && str_char(value_str(name), 0) == '_') {
            value_release(t, name);
            continue;
        }
        Value v = object_getattr(t, module, name);
        int stored = v ? slow_store_name(t, locals, name, v) : -1;
        value_release(t, v);
        value_release(t, name);
        if (stored < 0) goto done;
    }
    result = 0;
done:
    value_release(t, list);
    value_release(t, names);
    value_release(t, dict);
    return result;
}

// The _symtable module. Each scope becomes an entry with its symbols' flags, as the library reads them: the numbers are its own.
#include "src/symtable_module.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "src/frontend.h"
#include "src/symtable.h"
#include <stdlib.h>

static const char module_text[] =
    "from posix import fspath\n"
    "class entry:\n"
    "    __slots__ = ('id', 'name', 'symbols', 'varnames', 'children', 'nested', 'type', 'lineno')\n"
    "    def __init__(self, *values):\n"
    "        for name, value in zip(self.__slots__, values):\n"
    "            setattr(self, name, value)\n"
    "    def __repr__(self):\n"
    "        return f'<symtable entry {self.name}({self.id}), line {self.lineno}>'\n"
    "entry.__name__ = entry.__qualname__ = 'symtable entry'\n"
    "def symtable(source, filename, startstr, /):\n"
    "    filename = fspath(filename)\n"
    "    if isinstance(filename, bytes):\n"
    "        filename = filename.decode('utf-8', 'surrogateescape')\n"
    "    if not isinstance(startstr, str):\n"
    "        raise TypeError(f'symtable() argument 3 must be str, not {type(startstr).__name__}')\n"
    "    if startstr not in ('exec', 'eval', 'single'):\n"
    "        raise ValueError(\"symtable() arg 3 must be 'exec' or 'eval' or 'single'\")\n"
    "    return _entries(source, filename, startstr, entry)\n";

enum { IS_LOCAL = 1, IS_GLOBAL_EXPLICIT, IS_GLOBAL_IMPLICIT, IS_FREE, IS_CELL, SCOPE_OFF = 12, SCOPE_MASK = 15, FREE_CLASS = 64, COMP_CELL = 2048 };
static const struct { const char *name; uint16_t number, flag; } flag_rows[] = { // flag: ours
    {"DEF_GLOBAL", 1, DEF_GLOBAL}, {"DEF_LOCAL", 2, DEF_LOCAL}, {"DEF_PARAM", 4, DEF_PARAM}, {"DEF_NONLOCAL", 8, DEF_NONLOCAL}, {"USE", 16, USE},
    {"DEF_IMPORT", 128, DEF_IMPORT}, {"DEF_ANNOT", 256, DEF_ANNOT}, {"DEF_COMP_ITER", 512, DEF_COMP_ITER}, {"DEF_TYPE_PARAM", 1024, DEF_TYPE_PARAM},
    {"DEF_FREE_CLASS", FREE_CLASS, 0}, {"DEF_COMP_CELL", COMP_CELL, 0}, {"DEF_BOUND", 2 | 4 | 128, 0},
    {"LOCAL", IS_LOCAL, 0}, {"GLOBAL_EXPLICIT", IS_GLOBAL_EXPLICIT, 0}, {"GLOBAL_IMPLICIT", IS_GLOBAL_IMPLICIT, 0}, {"FREE", IS_FREE, 0}, {"CELL", IS_CELL, 0},
    {"SCOPE_OFF", SCOPE_OFF, 0}, {"SCOPE_MASK", SCOPE_MASK, 0}};
static const struct { const char *name; uint8_t number; } kind_rows[] = {
    [SCOPE_FUNCTION] = {"TYPE_FUNCTION", 0}, [SCOPE_CLASS] = {"TYPE_CLASS", 1}, [SCOPE_MODULE] = {"TYPE_MODULE", 2}, [SCOPE_ANNOTATIONS] = {"TYPE_ANNOTATION", 3},
    [SCOPE_TYPE_ALIAS] = {"TYPE_TYPE_ALIAS", 4}, [SCOPE_TYPE_PARAMS] = {"TYPE_TYPE_PARAMETERS", 5}, [SCOPE_TYPE_VARIABLE] = {"TYPE_TYPE_VARIABLE", 6}};
enum { FLAG_ROWS = sizeof flag_rows / sizeof *flag_rows, KIND_ROWS = sizeof kind_rows / sizeof *kind_rows };

static int meaning(const Symbol *y)
{
    if (y->flags & DEF_GLOBAL || y->scope == NAME_GLOBAL_EXPLICIT)
        return IS_GLOBAL_EXPLICIT;
    if (y->flags & DEF_NONLOCAL || (!(y->flags & DEF_BOUND) && (y->scope == NAME_FREE || y->free_here)))
        return IS_FREE;
    return y->scope == NAME_CELL ? IS_CELL : y->flags & DEF_BOUND ? IS_LOCAL : IS_GLOBAL_IMPLICIT;
}

static int add_symbol(Thread *t, Dict *d, const Chars *name, uint32_t number)
{
    Value v = str_from_utf8_surrogates(t, name->s, name->length), key = value_bits(v) ? str_intern(t, v) : UNDEF;
    int result = !value_bits(key) ? -1 : dict_get_str_borrow(d, value_str(key)) ? 0 : dict_set(t, d, key, value_int(number));
    value_release(t, key);
    return result;
}

// The symbols of a scope, and behind them those that comprehensions inlined into it bind. 0, -1.
static int add_symbols(Thread *t, Dict *d, const Scope *s)
{
    for (size_t i = 0; i < s->symbols.n; i++) {
        const Symbol *y = s->symbols.at[i];
        uint32_t number = (uint32_t)meaning(y) << SCOPE_OFF;
        if (s->inlined && (!(y->flags & DEF_BOUND) || y->name->s[0] == '.'))
            continue;
        if (s->kind == SCOPE_CLASS && !y->flags && (y == s->class_cell || y == s->classdict_cell || y == s->conditional_cell))
            continue;
        for (int k = 0; k < FLAG_ROWS; k++)
            number |= y->flags & flag_rows[k].flag ? flag_rows[k].number : 0;
        if (s->inlined && y->scope == NAME_CELL)
            number |= COMP_CELL;
        if (s->kind == SCOPE_CLASS && y->free_here && y->flags & (DEF_BOUND | DEF_GLOBAL))
            number |= FREE_CLASS;
        if (add_symbol(t, d, y->name, number) < 0)
            return -1;
    }
    for (const Scope *c = s->first_child; c; c = c->sibling)
        if (c->inlined && add_symbols(t, d, c) < 0)
            return -1;
    return 0;
}

static Value name_of(Thread *t, const Scope *s)
{
    const Chars *name = s->name;
    if (s->kind == SCOPE_MODULE)
        return str_from_text(t, "top");
    if (s->kind == SCOPE_TYPE_PARAMS) {
        switch (s->node->kind) {
        case FunctionDef_kind: name = s->node->FunctionDef.name; break;
        case AsyncFunctionDef_kind: name = s->node->AsyncFunctionDef.name; break;
        case ClassDef_kind: name = s->node->ClassDef.name; break;
        case TypeAlias_kind: name = s->node->TypeAlias.name->Name.id; break;
        default: break;
        }
    }
    bool special = name->length > 2 && name->s[0] == '<'; // <lambda>, <genexpr>
    return str_from_utf8_surrogates(t, name->s + special, name->length - 2 * special);
}

// entry(id, name, symbols, varnames, children, nested, type, lineno); all but the class are taken, and failed where one is UNDEF.
static Value entry_new_steal(Thread *t, ValueRef entry_class, Value parts[8])
{
    Value result = UNDEF;
    bool whole = true;
    for (int i = 0; i < 8; i++)
        whole = whole && value_bits(parts[i]);
    if (whole)
        result = call_object(t, entry_class, value_refs(parts), 8, NULL);
    for (int i = 0; i < 8; i++)
        value_release(t, parts[i]);
    return result;
}

// A function without annotations has a scope for them all the same, as far as the library sees.
static Value bare_annotations(Thread *t, ValueRef entry_class, const Scope *function)
{
    const Scope *p = function->parent;
    Value parts[8] = {int_from_uint64(t, (uintptr_t)function + 1), str_from_text(t, "__annotate__"), dict_new(t), list_new(t, 0), list_new(t, 0),
                      value_bool(p->nested || scope_is_function(p)), value_int(kind_rows[SCOPE_ANNOTATIONS].number), value_int(function->pos.line)};
    Value format = str_from_text(t, ".format");
    if (value_bits(format) && value_bits(parts[2]) && value_bits(parts[3])) {
        if (dict_set(t, value_dict(parts[2]), format, value_int(16 | 4 | IS_LOCAL << SCOPE_OFF)) < 0 || list_append(t, value_list(parts[3]), value_dup(t, format)) < 0 ||
            ((p->kind == SCOPE_CLASS || p->sees_class) && dict_set_text(t, value_dict(parts[2]), "__classdict__", value_int(16 | IS_FREE << SCOPE_OFF)) < 0)) {
            value_release(t, parts[2]);
            parts[2] = UNDEF;
        }
    } else {
        value_release(t, parts[2]);
        parts[2] = UNDEF;
    }
    value_release(t, format);
    return entry_new_steal(t, entry_class, parts);
}

static Value entry_of(Thread *t, Front *f, ValueRef entry_class, const Scope *s);

static int append(Thread *t, ValueRef list, Value v_steal) { return value_bits(v_steal) ? list_append(t, value_list(list), v_steal) : -1; }

// The scopes inside; those of an inlined comprehension stand for it. 0, -1.
static int add_children(Thread *t, Front *f, ValueRef entry_class, const Scope *s, ValueRef list)
{
    for (const Scope *c = s->first_child; c; c = c->sibling) {
        bool defined = c->kind == SCOPE_FUNCTION && (c->node->kind == FunctionDef_kind || c->node->kind == AsyncFunctionDef_kind);
        if (c->inlined) {
            if (add_children(t, f, entry_class, c, list) < 0)
                return -1;
            continue;
        }
        if (defined && !symtable_scope(f, c->node, PART_ANNOTATIONS) && append(t, list, bare_annotations(t, entry_class, c)) < 0)
            return -1;
        if (append(t, list, entry_of(t, f, entry_class, c)) < 0)
            return -1;
    }
    return 0;
}

static Value entry_of(Thread *t, Front *f, ValueRef entry_class, const Scope *s)
{
    if (native_stack_exhausted(t, " while making symbol tables"))
        return UNDEF;
    Value parts[8] = {int_from_uint64(t, (uintptr_t)s), name_of(t, s), dict_new(t), list_new(t, 0), list_new(t, 0), value_bool(s->nested),
                      value_int(kind_rows[s->kind].number), value_int(s->kind == SCOPE_MODULE ? 0 : s->pos.line)};
    bool whole = value_bits(parts[2]) && value_bits(parts[3]) && value_bits(parts[4]) && add_symbols(t, value_dict(parts[2]), s) == 0;
    for (size_t i = 0; whole && i < s->params.n; i++)
        whole = append(t, parts[3], str_from_utf8_surrogates(t, s->params.at[i]->s, s->params.at[i]->length)) == 0;
    if (!whole || add_children(t, f, entry_class, s, parts[4]) < 0) {
        value_release(t, parts[4]);
        parts[4] = UNDEF;
    }
    return entry_new_steal(t, entry_class, parts);
}

static Value top_entry(Thread *t, Front *f, ValueRef entry_class) { return entry_of(t, f, entry_class, f->scopes->top); }

// _entries(source, filename, mode, class)
static Value symtable_entries(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
{
    size_t bytes;
    char *allocated = NULL;
    int mode = str_equal_text(value_str(args[2]), "exec") ? 'x' : str_equal_text(value_str(args[2]), "eval") ? 'e' : 's';
    if (value_is_any_str(args[0])) {
        const char *text = str_utf8(t, value_str(args[0]), &bytes, &allocated);
        if (!text)
            return UNDEF;
        Value result = frontend_scopes(t, text, bytes, true, args[1], mode, top_entry, args[3]);
        free(allocated);
        return result;
    }
    if (!value_is_any_bytes(args[0]))
        return raise(t, TYPE_ERROR, "symtable() arg 1 must be a string or bytes object");
    return frontend_scopes(t, (const char *)value_bytes(args[0])->data, (size_t)value_bytes(args[0])->length, false, args[1], mode, top_entry, args[3]);
}

static const NativeDef functions[] = {
    {"_entries", symtable_entries, "($module, source, filename, mode, entry_class, /)", "The entry of a text's outermost scope.", 0},
    NATIVE_END,
};

static int symtable_exec(Thread *t, ValueRef module)
{
    for (int i = 0; i < FLAG_ROWS; i++)
        if (module_add_int(t, module, flag_rows[i].name, flag_rows[i].number) < 0)
            return -1;
    for (int i = 0; i < KIND_ROWS; i++)
        if (module_add_int(t, module, kind_rows[i].name, kind_rows[i].number) < 0)
            return -1;
    return frontend_run_text(t, module, "<symtable>", module_text, sizeof module_text - 1);
}

const ModuleSpec _symtable_module = {.name = "_symtable", .doc = "Symbol tables for the symtable module.", .functions = functions, .exec = symtable_exec};

// Trees as Python objects. The classes are made by Python text that this file composes from ast.def's tables.
#include "src/ast_object.h"
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/frontend.h"
#include "runtime/import.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/type.h"
#include "src/frontend.h"
#include <stdio.h>
#include <stdlib.h>

enum { MAX_FIELDS = 8 };

static const struct { const char *enumeration, *member; int value; } enumerators[] = {
#define ENUMERATOR(name, Member) {#name, #Member, Member},
#include "src/ast.def"
};
static const char *const sums[] = {
#define SUM(sum, positioned) #sum,
#define ENUMERATION(name) #name,
#include "src/ast.def"
};
enum { ENUMERATORS = sizeof enumerators / sizeof *enumerators, SUMS = sizeof sums / sizeof *sums };

typedef struct AstState {
    Value classes[NODE_KINDS], sum_classes[SUMS], singletons[ENUMERATORS], base;
    Value names[NODE_KINDS][MAX_FIELDS];  // of fields, interned
    Value lineno, col_offset, end_lineno, end_col_offset;
    bool ready;
} AstState;

// ---- the module's text

static const char base_text[] =
    "class AST:\n"
    "    __module__ = 'ast'\n"
    "    _fields = __match_args__ = _attributes = ()\n"
    "    def __init__(self, /, *args, **kwargs):\n"
    "        cls = type(self)\n"
    "        fields = cls._fields\n"
    "        if len(args) > len(fields):\n"
    "            raise TypeError(f'{cls.__name__} constructor takes at most {len(fields)} positional argument{\"\" if len(fields) == 1 else \"s\"}')\n"
    "        given = set(fields[:len(args)])\n"
    "        for name, value in zip(fields, args):\n"
    "            setattr(self, name, value)\n"
    "        for name, value in kwargs.items():\n"
    "            if name in fields:\n"
    "                if name in given:\n"
    "                    raise TypeError(f'{cls.__name__} got multiple values for argument {name!r}')\n"
    "                given.add(name)\n"
    "            elif name not in cls._attributes:\n"
    "                import warnings\n"
    "                warnings.warn(f'{cls.__name__}.__init__ got an unexpected keyword argument {name!r}. Support for arbitrary keyword '\n"
    "                              'arguments is deprecated and will be removed in Python 3.15.', DeprecationWarning, stacklevel=2)\n"
    "            setattr(self, name, value)\n"
    "        if len(given) == len(fields):\n"
    "            return\n"
    "        types = getattr(cls, '_field_types', {})\n"
    "        for name in fields:\n"
    "            if name in given or name not in types:\n"
    "                continue\n"
    "            kind = types[name]\n"
    "            if getattr(kind, '__origin__', None) is list:\n"
    "                setattr(self, name, [])\n"
    "            elif kind is expr_context:\n"
    "                setattr(self, name, _load)\n"
    "            elif not hasattr(cls, name):\n"
    "                import warnings\n"
    "                warnings.warn(f'{cls.__name__}.__init__ missing 1 required positional argument: {name!r}. This will become an error '\n"
    "                              'in Python 3.15.', DeprecationWarning, stacklevel=2)\n"
    "    def __reduce__(self):\n"
    "        state = dict(self.__dict__)\n"
    "        count = 0\n"
    "        for name in type(self)._fields:\n"
    "            if name not in state:\n"
    "                break\n"
    "            count += 1\n"
    "        return type(self), (None,) * count, state\n"
    "    def __replace__(self, /, **changes):\n"
    "        cls = type(self)\n"
    "        known = set(cls._fields) | set(cls._attributes)\n"
    "        for name in changes:\n"
    "            if name not in known and name not in self.__dict__:\n"
    "                raise TypeError(f'{cls.__name__}.__replace__ got an unexpected keyword argument {name!r}.')\n"
    "        return cls(**(self.__dict__ | changes))\n"
    "    def __repr__(self):\n"
    "        return _show(self, 3)\n"
    "def _show(node, depth):\n"
    "    name = type(node).__name__\n"
    "    if depth <= 0:\n"
    "        return name + '(...)'\n"
    "    parts = []\n"
    "    for field in type(node)._fields:\n"
    "        value = getattr(node, field)\n"
    "        if isinstance(value, (list, tuple)):\n"
    "            items = [_show(v, depth - 1) if isinstance(v, AST) else repr(v) for v in (value if len(value) <= 2 else (value[0], value[-1]))]\n"
    "            if len(value) > 2:\n"
    "                items.insert(1, '...')\n"
    "            text = ', '.join(items)\n"
    "            text = '[' + text + ']' if isinstance(value, list) else '(' + text + ')'\n"
    "        else:\n"
    "            text = _show(value, depth - 1) if isinstance(value, AST) else repr(value)\n"
    "        parts.append(field + '=' + text)\n"
    "    return name + '(' + ', '.join(parts) + ')'\n";

static bool field_optional(const AstField *fd)
{
    return fd->kind == FIELD_OPT || fd->kind == FIELD_OPTID || fd->kind == FIELD_OPTTEXT || fd->kind == FIELD_OPTINT;
}

static const char *field_mark(const AstField *fd)
{
    switch ((FieldKind)fd->kind) {
    case FIELD_SEQ: case FIELD_IDSEQ: case FIELD_ENUMSEQ: return "*";
    case FIELD_SEQOPT: return "?*";
    default: return field_optional(fd) ? "?" : "";
    }
}

static void write_signature(FILE *out, const AstClass *c)  // Name(identifier id, expr_context ctx)
{
    fputs(c->name, out);
    const AstField *fd = c->fields();
    if (!fd->name)
        return;
    for (const char *before = "("; fd->name; fd++, before = ", ")
        fprintf(out, "%s%s%s %s", before, fd->type, field_mark(fd), fd->name);
    putc(')', out);
}

static void write_sum(FILE *out, const char *sum, bool positioned)
{
    fprintf(out, "class %s(AST):\n    __module__ = 'ast'\n    _fields = __match_args__ = ()\n    __doc__ = '''%s = ", sum, sum);
    const char *before = "";
    for (int k = 1; k < NODE_KINDS; k++)
        if (!strcmp(ast_classes[k].sum, sum)) {
            if (*before)
                fprintf(out, "\n%*s| ", (int)strlen(sum) + 1, "");
            write_signature(out, &ast_classes[k]);
            before = " | ";
        }
    for (int k = 0; k < ENUMERATORS; k++)
        if (!strcmp(enumerators[k].enumeration, sum)) {
            fprintf(out, "%s%s", before, enumerators[k].member);
            before = " | ";
        }
    fputs("'''\n", out);
    if (positioned)
        fputs("    _attributes = ('lineno', 'col_offset', 'end_lineno', 'end_col_offset')\n    end_lineno = end_col_offset = None\n", out);
    else
        fputs("    _attributes = ()\n", out);
}

static void write_class(FILE *out, const AstClass *c)
{
    bool product = !strcmp(c->name, c->sum);
    fprintf(out, "class %s(%s):\n    __module__ = 'ast'\n    __doc__ = '''", c->name, product ? "AST" : c->sum);
    write_signature(out, c);
    fputs("'''\n    _fields = __match_args__ = (", out);
    for (const AstField *fd = c->fields(); fd->name; fd++)
        fprintf(out, "'%s', ", fd->name);
    fputs(")\n", out);
    for (const AstField *fd = c->fields(); fd->name; fd++)
        if (field_optional(fd))
            fprintf(out, "    %s = None\n", fd->name);
    if (product && c->positioned)
        fputs("    _attributes = ('lineno', 'col_offset', 'end_lineno', 'end_col_offset')\n    end_lineno = end_col_offset = None\n", out);
}

static void write_types(FILE *out, const AstClass *c)
{
    fprintf(out, "%s._field_types = {", c->name);
    for (const AstField *fd = c->fields(); fd->name; fd++) {
        const char *type = !strcmp(fd->type, "identifier") || !strcmp(fd->type, "string") ? "str" : !strcmp(fd->type, "constant") ? "object" : fd->type;
        const char *mark = field_mark(fd);
        if (strchr(mark, '*'))
            fprintf(out, "'%s': list[%s], ", fd->name, type);
        else
            fprintf(out, "'%s': %s%s, ", fd->name, type, *mark ? " | None" : "");
    }
    fputs("}\n", out);
}

static bool is_product(const char *sum)
{
    for (int k = 1; k < NODE_KINDS; k++)
        if (!strcmp(ast_classes[k].name, sum))
            return true;
    return false;
}

static char *module_text(size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    fputs(base_text, out);
    for (int i = 0; i < SUMS; i++) {
        bool positioned = false;
        for (int k = 1; k < NODE_KINDS; k++)
            positioned |= !strcmp(ast_classes[k].sum, sums[i]) && ast_classes[k].positioned;
        if (!is_product(sums[i]))
            write_sum(out, sums[i], positioned);
    }
    for (int k = 1; k < NODE_KINDS; k++)
        write_class(out, &ast_classes[k]);
    for (int k = 0; k < ENUMERATORS; k++)
        fprintf(out, "class %s(%s):\n    __module__ = 'ast'\n    __doc__ = '%s'\n    _field_types = {}\n", enumerators[k].member, enumerators[k].enumeration,
                enumerators[k].member);
    for (int k = 1; k < NODE_KINDS; k++)
        write_types(out, &ast_classes[k]);
    fputs("_load = Load()\n", out);
    return fclose(out) ? (free(text), NULL) : text;
}

// ---- the module

static Value take(Thread *t, Dict *d, const char *name)
{
    Value key = str_intern_text(t, name);
    if (!value_bits(key))
        return UNDEF;
    Value v = dict_get(t, d, key);
    value_release(t, key);
    return value_bits(v) || error_pending(t) ? v : raise(t, SYSTEM_ERROR, "_ast has no %s", name);
}

static int fill_state(Thread *t, ValueRef module, AstState *s)
{
    Dict *d = value_dict(value_module(module)->dict);
#define KEEP(slot, expression) do { Value v_ = (expression); if (!value_bits(v_)) return -1; slot_store(t, value_object(module), &(slot), v_); } while (0)
    KEEP(s->base, take(t, d, "AST"));
    for (int k = 1; k < NODE_KINDS; k++) {
        KEEP(s->classes[k], take(t, d, ast_classes[k].name));
        int i = 0;
        for (const AstField *fd = ast_classes[k].fields(); fd->name; fd++)
            KEEP(s->names[k][i++], str_intern_text(t, fd->name));
    }
    for (int i = 0; i < SUMS; i++)
        KEEP(s->sum_classes[i], take(t, d, sums[i]));
    for (int k = 0; k < ENUMERATORS; k++) {
        if (!strcmp(enumerators[k].member, "Load"))
            KEEP(s->singletons[k], take(t, d, "_load"));
        else {
            Value class = take(t, d, enumerators[k].member);
            if (!value_bits(class))
                return -1;
            Value one = call_0(t, class);
            value_release(t, class);
            KEEP(s->singletons[k], one);
        }
    }
    KEEP(s->lineno, str_intern_text(t, "lineno"));
    KEEP(s->col_offset, str_intern_text(t, "col_offset"));
    KEEP(s->end_lineno, str_intern_text(t, "end_lineno"));
    KEEP(s->end_col_offset, str_intern_text(t, "end_col_offset"));
#undef KEEP
    s->ready = true;
    return 0;
}

static int ast_exec(Thread *t, ValueRef module)
{
    size_t size = 0;
    char *text = module_text(&size);
    if (!text)
        return (void)raise_no_memory(t), -1;
    Value filename = str_from_text(t, "<ast>"), code = UNDEF, run = UNDEF, result = UNDEF;
    int ok = -1;
    if (value_bits(filename))
        code = frontend_table.compile(t, text, size, true, filename, 'x', 0, 0);
    free(text);
    if (value_bits(code))
        run = import_attribute(t, "builtins", "exec");
    if (value_bits(run))
        result = call_2(t, run, code, value_module(module)->dict);
    if (value_bits(result) && module_add_int(t, module, "PyCF_ONLY_AST", 0x400) == 0 && module_add_int(t, module, "PyCF_TYPE_COMMENTS", 0x1000) == 0 &&
        module_add_int(t, module, "PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000) == 0 && module_add_int(t, module, "PyCF_OPTIMIZED_AST", 0x8400) == 0)
        ok = fill_state(t, module, module_state(module));
    value_release(t, filename);
    value_release(t, code);
    value_release(t, run);
    value_release(t, result);
    return ok;
}

static void ast_traverse(void *state, VisitFn visit, void *arg)
{
    AstState *s = state;
    for (Value *slot = s->classes; slot <= &s->end_col_offset; slot++)
        visit(slot, arg);
}

const ModuleSpec _ast_module = {.name = "_ast", .doc = "Classes of the abstract syntax tree.", .exec = ast_exec, .state_size = sizeof(AstState), .traverse = ast_traverse};

static AstState *ast_state(Thread *t, Value *module)  // *module: to be released
{
    *module = import_module(t, "_ast");
    if (!value_bits(*module))
        return NULL;
    AstState *s = module_state(*module);
    if (!s || !s->ready) {
        value_release(t, *module);
        return raise_null(t, SYSTEM_ERROR, "_ast is not initialized");
    }
    return s;
}

// ---- nodes to objects

static Value object_of(Thread *t, AstState *s, const Node *n);

static Value object_of_enum(Thread *t, AstState *s, const char *enumeration, int value)
{
    for (int k = 0; k < ENUMERATORS; k++)
        if (enumerators[k].value == value && !strcmp(enumerators[k].enumeration, enumeration))
            return value_dup(t, s->singletons[k]);
    return raise(t, SYSTEM_ERROR, "no such %s", enumeration);
}

static Value text_value(Thread *t, const Chars *s, bool intern)
{
    if (!s)
        return NONE;
    Value v = str_from_utf8_surrogates(t, s->s, s->length);
    return value_bits(v) && intern ? str_intern(t, v) : v;
}

static Value field_value(Thread *t, AstState *s, const AstField *fd, const void *at)
{
    switch ((FieldKind)fd->kind) {
    case FIELD_ONE:
    case FIELD_OPT: return *(Node *const *)at ? object_of(t, s, *(Node *const *)at) : NONE;
    case FIELD_ID:
    case FIELD_OPTID: return text_value(t, *(const Chars *const *)at, true);
    case FIELD_TEXT:
    case FIELD_OPTTEXT: return text_value(t, *(const Chars *const *)at, false);
    case FIELD_INT:
    case FIELD_OPTINT: return int_from_int64(t, *(const int32_t *)at);
    case FIELD_CONST: return frontend_const(t, at);
    case FIELD_ENUM: return object_of_enum(t, s, fd->type, *(const uint8_t *)at);
    default: break;
    }
    Value list = list_new(t, 0);
    if (!value_bits(list))
        return UNDEF;
    uint32_t n = fd->kind == FIELD_IDSEQ ? (*(NameSeq *const *)at)->n : fd->kind == FIELD_ENUMSEQ ? (*(EnumSeq *const *)at)->n : (*(Seq *const *)at)->n;
    for (uint32_t i = 0; i < n; i++) {
        Value v;
        if (fd->kind == FIELD_IDSEQ)
            v = text_value(t, (*(NameSeq *const *)at)->at[i], true);
        else if (fd->kind == FIELD_ENUMSEQ)
            v = object_of_enum(t, s, fd->type, (*(EnumSeq *const *)at)->at[i]);
        else
            v = (*(Seq *const *)at)->at[i] ? object_of(t, s, (*(Seq *const *)at)->at[i]) : NONE;
        if (!value_bits(v) || list_append(t, value_list(list), v) < 0) {
            value_release(t, list);
            return UNDEF;
        }
    }
    return list;
}

static int set_steal(Thread *t, ValueRef o, ValueRef name, Value v)
{
    if (!value_bits(v))
        return -1;
    int r = object_setattr(t, o, name, v);
    value_release(t, v);
    return r;
}

static Value object_of(Thread *t, AstState *s, const Node *n)
{
    Value o = object_new_instance(t, (Type *)value_object(s->classes[n->kind]));
    if (!value_bits(o))
        return UNDEF;
    int i = 0;
    for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++, i++)
        if (set_steal(t, o, s->names[n->kind][i], field_value(t, s, fd, (const char *)n + fd->offset)) < 0)
            goto failed;
    if (ast_classes[n->kind].positioned &&
        (set_steal(t, o, s->lineno, int_from_int64(t, n->pos.line)) < 0 || set_steal(t, o, s->col_offset, int_from_int64(t, n->pos.col)) < 0 ||
         set_steal(t, o, s->end_lineno, int_from_int64(t, n->pos.end_line)) < 0 || set_steal(t, o, s->end_col_offset, int_from_int64(t, n->pos.end_col)) < 0))
        goto failed;
    return o;
failed:
    value_release(t, o);
    return UNDEF;
}

Value ast_to_object(Thread *t, const Node *n)
{
    Value module;
    AstState *s = ast_state(t, &module);
    if (!s)
        return UNDEF;
    Value o = object_of(t, s, n);
    value_release(t, module);
    return o;
}

// ---- objects to nodes

typedef struct Reader {
    Thread *t;
    Front *f;
    AstState *s;
    VEC(Value) held;  // references owned while nodes are read: released where that fails
} Reader;

static Value hold(Reader *r, Value v) { return PUSH(r->f, &r->held, v), v; }
static void let_go(Reader *r) { value_release(r->t, r->held.at[--r->held.n]); }

_Noreturn static void raised(Reader *r)
{
    front_fail(r->f, FAIL_RAISED, "raised");
}

static Node *read_node(Reader *r, ValueRef o, const char *sum);

static const Chars *chars_of(Reader *r, ValueRef v, bool identifier, bool intern)
{
    if (!value_is_any_str(v)) {
        (void)raise(r->t, TYPE_ERROR, identifier ? "AST identifier must be of type str" : "AST string must be of type str");
        raised(r);
    }
    // UTF-8 with surrogates as three bytes, straight from the characters
    Str *s = value_str(v);
    VEC(char) out = {0};
    int kind = str_kind(s);
    for (size_t i = 0; i < str_length(s); i++) {
        uint32_t c = kind == 1 ? ((const uint8_t *)str_data(s))[i] : kind == 2 ? ((const uint16_t *)str_data(s))[i] : ((const uint32_t *)str_data(s))[i];
        if (c < 0x80)
            PUSH(r->f, &out, (char)c);
        else if (c < 0x800) {
            PUSH(r->f, &out, (char)(0xC0 | c >> 6));
            PUSH(r->f, &out, (char)(0x80 | (c & 0x3F)));
        } else if (c < 0x10000) {
            PUSH(r->f, &out, (char)(0xE0 | c >> 12));
            PUSH(r->f, &out, (char)(0x80 | ((c >> 6) & 0x3F)));
            PUSH(r->f, &out, (char)(0x80 | (c & 0x3F)));
        } else {
            PUSH(r->f, &out, (char)(0xF0 | c >> 18));
            PUSH(r->f, &out, (char)(0x80 | ((c >> 12) & 0x3F)));
            PUSH(r->f, &out, (char)(0x80 | ((c >> 6) & 0x3F)));
            PUSH(r->f, &out, (char)(0x80 | (c & 0x3F)));
        }
    }
    return intern ? front_intern(r->f, out.at ? out.at : "", out.n) : front_str(r->f, out.at ? out.at : "", out.n);
}

static const Chars *identifier_of(Reader *r, ValueRef v)
{
    const Chars *s = chars_of(r, v, true, true);
    static const char *const reserved[] = {"None", "True", "False"};
    for (int i = 0; i < 3; i++)
        if (str_is(s, reserved[i])) {
            (void)raise(r->t, VALUE_ERROR, "identifier field can't represent '%s' constant", reserved[i]);
            raised(r);
        }
    return s;
}

static void const_of(Reader *r, ValueRef v, Const *c, int depth)
{
    Thread *t = r->t;
    CHECK_DEPTH(r->f);
    if (v == NONE || v == TRUE_VALUE || v == FALSE_VALUE || v == ELLIPSIS) {
        *c = (Const){.kind = v == NONE ? CONST_NONE : v == TRUE_VALUE ? CONST_TRUE : v == FALSE_VALUE ? CONST_FALSE : CONST_ELLIPSIS};
    } else if (value_is(v, INT) || value_is_int(v)) {
        int64_t n;
        if (int_as_int64(v, &n) == 0) {
            *c = (Const){.kind = CONST_INT, .integer = n};
            return;
        }
        Value text = int_to_str(t, v, 16, true);
        if (!value_bits(text))
            raised(r);
        (void)hold(r, text);
        *c = (Const){.kind = CONST_BIGINT, .text = chars_of(r, text, false, false)};
        let_go(r);
    } else if (value_is_float(v) || value_is(v, FLOAT))
        *c = (Const){.kind = CONST_FLOAT, .real = value_is_float(v) ? value_get_float(v) : ((Float *)value_object(v))->value};
    else if (value_is(v, COMPLEX))
        *c = (Const){.kind = CONST_COMPLEX, .real = ((Complex *)value_object(v))->real, .imag = ((Complex *)value_object(v))->imag};
    else if (value_is(v, STR))
        *c = (Const){.kind = CONST_STR, .text = chars_of(r, v, false, false)};
    else if (value_is(v, BYTES))
        *c = (Const){.kind = CONST_BYTES, .text = front_str(r->f, (const char *)value_bytes(v)->data, value_bytes(v)->length)};
    else if (value_is(v, TUPLE) || value_is(v, FROZENSET)) {
        Value items = tuple_from_iterable(t, v);
        if (!value_bits(items))
            raised(r);
        (void)hold(r, items);
        int64_t n = value_tuple(items)->length;
        Const *list = NEW_N(r->f, Const, (size_t)n + 1);
        for (int64_t i = 0; i < n; i++)
            const_of(r, tuple_item(value_tuple(items), i), &list[i], depth + 1);
        *c = (Const){.kind = value_is(v, TUPLE) ? CONST_TUPLE : CONST_FROZENSET, .count = (uint32_t)n, .items = list};
        let_go(r);
    } else {
        (void)raise(t, TYPE_ERROR, "got an invalid type in Constant: %T", v);
        raised(r);
    }
}

static uint8_t enum_of(Reader *r, ValueRef v, const char *enumeration)
{
    for (int k = 0; k < ENUMERATORS; k++) {
        if (strcmp(enumerators[k].enumeration, enumeration))
            continue;
        int is = object_is_instance(r->t, v, value_of(value_type(r->s->singletons[k])));
        if (is < 0)
            raised(r);
        if (is)
            return (uint8_t)enumerators[k].value;
    }
    (void)raise(r->t, TYPE_ERROR, "expected some sort of %s, but got %R", enumeration, v);
    raised(r);
}

static int32_t int_of(Reader *r, ValueRef v)
{
    int64_t n;
    if (!value_is_any_int(v) && !value_is_bool(v)) {
        (void)raise(r->t, VALUE_ERROR, "invalid integer value: %R", v);
        raised(r);
    }
    if (value_is_bool(v))
        return v == TRUE_VALUE;
    if (int_as_int64(v, &n) != 0 || n != (int32_t)n) {
        (void)raise(r->t, OVERFLOW_ERROR, "Python int too large to convert to C int");
        raised(r);
    }
    return (int32_t)n;
}

// Whether a missing value of this attribute may pass; the value (owned), UNDEF where there is none.
static Value attribute_of(Reader *r, ValueRef o, ValueRef name)
{
    Value v = object_getattr_or_undef(r->t, o, name);
    if (!value_bits(v) && error_pending(r->t))
        raised(r);
    return value_bits(v) ? hold(r, v) : v;
}

static Seq *read_list(Reader *r, ValueRef list, const AstField *fd, bool optional)
{
    int64_t n = list_length(value_list(list));
    VEC(Node *) nodes = {0};
    for (int64_t i = 0; i < n; i++) {
        Value item = list_get(r->t, value_list(list), i);
        if (!value_bits(item)) {
            (void)raise(r->t, RUNTIME_ERROR, "field \"%s\" changed size during iteration", fd->name);
            raised(r);
        }
        Node *child = NULL;
        (void)hold(r, item);
        if (item == NONE && !optional) {
            (void)raise(r->t, VALUE_ERROR, "None disallowed in %s list", !strcmp(fd->type, "stmt") ? "statement" : !strcmp(fd->type, "expr") ? "expression" : fd->type);
            raised(r);
        }
        if (item != NONE)
            child = read_node(r, item, fd->type);
        let_go(r);
        PUSH(r->f, &nodes, child);
    }
    return ast_seq(r->f, nodes.at, nodes.n);
}

static void read_field(Reader *r, Node *n, const AstField *fd, ValueRef v)
{
    void *at = (char *)n + fd->offset;
    const char *class = ast_classes[n->kind].name;
    switch ((FieldKind)fd->kind) {
    case FIELD_OPT:
    case FIELD_ONE:
        if (v == NONE) {
            if (fd->kind == FIELD_ONE) {
                (void)raise(r->t, VALUE_ERROR, "field '%s' is required for %s", fd->name, class);
                raised(r);
            }
            *(Node **)at = NULL;
        } else
            *(Node **)at = read_node(r, v, fd->type);
        return;
    case FIELD_ID:
    case FIELD_OPTID:
        if (v == NONE && fd->kind == FIELD_ID) {
            (void)raise(r->t, VALUE_ERROR, "field '%s' is required for %s", fd->name, class);
            raised(r);
        }
        *(const Chars **)at = v == NONE ? NULL : identifier_of(r, v);
        return;
    case FIELD_TEXT:
    case FIELD_OPTTEXT: *(const Chars **)at = v == NONE ? NULL : chars_of(r, v, false, false); return;
    case FIELD_INT:
    case FIELD_OPTINT: *(int32_t *)at = v == NONE ? 0 : int_of(r, v); return;
    case FIELD_CONST: const_of(r, v, at, 0); return;
    case FIELD_ENUM: *(uint8_t *)at = enum_of(r, v, fd->type); return;
    default: break;
    }
    if (!value_is_any_list(v)) {
        (void)raise(r->t, TYPE_ERROR, "%s field \"%s\" must be a list, not a %T", class, fd->name, v);
        raised(r);
    }
    if (fd->kind == FIELD_SEQ || fd->kind == FIELD_SEQOPT) {
        *(Seq **)at = read_list(r, v, fd, fd->kind == FIELD_SEQOPT);
        return;
    }
    int64_t count = list_length(value_list(v));
    VEC(const Chars *) names = {0};
    VEC(uint8_t) values = {0};
    for (int64_t i = 0; i < count; i++) {
        Value item = list_get(r->t, value_list(v), i);
        if (!value_bits(item)) {
            (void)raise(r->t, RUNTIME_ERROR, "field \"%s\" changed size during iteration", fd->name);
            raised(r);
        }
        (void)hold(r, item);
        if (fd->kind == FIELD_IDSEQ)
            PUSH(r->f, &names, identifier_of(r, item));
        else
            PUSH(r->f, &values, enum_of(r, item, fd->type));
        let_go(r);
    }
    if (fd->kind == FIELD_IDSEQ)
        *(NameSeq **)at = ast_names(r->f, names.at, names.n);
    else {
        EnumSeq *list = front_alloc(r->f, sizeof *list + values.n);
        list->n = (uint32_t)values.n;
        if (values.n)
            memcpy(list->at, values.at, values.n);
        *(EnumSeq **)at = list;
    }
}

_Noreturn PRINTF_LIKE(2, 3) static void invalid(Reader *r, const char *format, ...)
{
    char text[256];
    __builtin_va_list args;
    __builtin_va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    __builtin_va_end(args);
    (void)raise(r->t, VALUE_ERROR, "%s", text);
    raised(r);
}

static void want_items(Reader *r, uint32_t n, const char *what, const Node *owner)
{
    if (!n)
        invalid(r, "empty %s on %s", what, ast_classes[owner->kind].name);
}

static void want_context(Reader *r, const Node *e, expr_context_ty ctx)
{
    int has = e->kind == Name_kind ? e->Name.ctx : e->kind == Attribute_kind ? e->Attribute.ctx : e->kind == Subscript_kind ? e->Subscript.ctx
              : e->kind == Starred_kind ? e->Starred.ctx : e->kind == List_kind ? e->List.ctx : e->kind == Tuple_kind ? e->Tuple.ctx : -1;
    static const char *const names[] = {"Load", "Store", "Del"};
    if (has < 0) {
        if (ctx != Load)
            invalid(r, "expression which can't be assigned to in %s context", names[ctx]);
        return;
    }
    if (has != ctx)
        invalid(r, "expression must have %s context but has %s instead", names[ctx], names[has]);
    if (has == Load)
        return;
    const Seq *elts = e->kind == List_kind ? e->List.elts : e->kind == Tuple_kind ? e->Tuple.elts : NULL;
    for (uint32_t i = 0; elts && i < elts->n; i++)
        want_context(r, elts->at[i], ctx);
    if (e->kind == Starred_kind)
        want_context(r, e->Starred.value, ctx);
}

static void want_names(Reader *r, const Node *n)
{
    if (n->kind != Name_kind)
        invalid(r, "%s target must be a Name", "NamedExpr");
}

// The rules that the parser keeps by itself and later passes rely on.
static void validate(Reader *r, Node *n)
{
    switch (n->kind) {
    case FunctionDef_kind: case AsyncFunctionDef_kind: want_items(r, n->FunctionDef.body->n, "body", n); break;
    case ClassDef_kind: want_items(r, n->ClassDef.body->n, "body", n); break;
    case For_kind: case AsyncFor_kind:
        want_items(r, n->For.body->n, "body", n);
        want_context(r, n->For.target, Store);
        break;
    case While_kind: want_items(r, n->While.body->n, "body", n); break;
    case If_kind: want_items(r, n->If.body->n, "body", n); break;
    case With_kind: case AsyncWith_kind:
        want_items(r, n->With.items->n, "items", n);
        want_items(r, n->With.body->n, "body", n);
        break;
    case withitem_kind: if (n->withitem.optional_vars) want_context(r, n->withitem.optional_vars, Store); break;
    case Match_kind: want_items(r, n->Match.cases->n, "cases", n); break;
    case match_case_kind: want_items(r, n->match_case.body->n, "body", n); break;
    case Try_kind: case TryStar_kind:
        want_items(r, n->Try.body->n, "body", n);
        if (!n->Try.handlers->n && !n->Try.finalbody->n)
            invalid(r, "%s has neither handlers nor finalbody", ast_classes[n->kind].name);
        if (!n->Try.handlers->n && n->Try.orelse->n)
            invalid(r, "%s has orelse but no except handlers", ast_classes[n->kind].name);
        if (n->kind == TryStar_kind)
            for (uint32_t i = 0; i < n->Try.handlers->n; i++)
                if (!n->Try.handlers->at[i]->ExceptHandler.type)
                    invalid(r, "except* needs a type");
        break;
    case ExceptHandler_kind: want_items(r, n->ExceptHandler.body->n, "body", n); break;
    case Delete_kind:
        want_items(r, n->Delete.targets->n, "targets", n);
        for (uint32_t i = 0; i < n->Delete.targets->n; i++)
            want_context(r, n->Delete.targets->at[i], Del);
        break;
    case Assign_kind:
        want_items(r, n->Assign.targets->n, "targets", n);
        for (uint32_t i = 0; i < n->Assign.targets->n; i++)
            want_context(r, n->Assign.targets->at[i], Store);
        break;
    case AugAssign_kind:
        want_context(r, n->AugAssign.target, Store);
        if (n->AugAssign.target->kind != Name_kind && n->AugAssign.target->kind != Attribute_kind && n->AugAssign.target->kind != Subscript_kind)
            invalid(r, "illegal target for augmented assignment");
        break;
    case AnnAssign_kind:
        if (n->AnnAssign.simple && n->AnnAssign.target->kind != Name_kind) {
            (void)raise(r->t, TYPE_ERROR, "AnnAssign with simple non-Name target");
            raised(r);
        }
        want_context(r, n->AnnAssign.target, Store);
        if (n->AnnAssign.target->kind != Name_kind && n->AnnAssign.target->kind != Attribute_kind && n->AnnAssign.target->kind != Subscript_kind)
            invalid(r, "illegal target for annotation");
        break;
    case TypeAlias_kind:
        if (n->TypeAlias.name->kind != Name_kind) {
            (void)raise(r->t, TYPE_ERROR, "TypeAlias with non-Name name");
            raised(r);
        }
        want_context(r, n->TypeAlias.name, Store);
        break;
    case Raise_kind: if (!n->Raise.exc && n->Raise.cause) invalid(r, "Raise with cause but no exception"); break;
    case Import_kind: want_items(r, n->Import.names->n, "names", n); break;
    case ImportFrom_kind:
        if (n->ImportFrom.level < 0)
            invalid(r, "Negative ImportFrom level");
        want_items(r, n->ImportFrom.names->n, "names", n);
        break;
    case Global_kind: case Nonlocal_kind: want_items(r, n->Global.names->n, "names", n); break;
    case BoolOp_kind: if (n->BoolOp.values->n < 2) invalid(r, "BoolOp with less than 2 values"); break;
    case NamedExpr_kind: want_names(r, n->NamedExpr.target); break;
    case Dict_kind: if (n->Dict.keys->n != n->Dict.values->n) invalid(r, "Dict doesn't have the same number of keys as values"); break;
    case ListComp_kind: case SetComp_kind: case GeneratorExp_kind:
        if (!n->ListComp.generators->n) invalid(r, "comprehension with no generators");
        break;
    case DictComp_kind: if (!n->DictComp.generators->n) invalid(r, "comprehension with no generators"); break;
    case comprehension_kind: want_context(r, n->comprehension.target, Store); break;
    case Compare_kind:
        if (!n->Compare.comparators->n) invalid(r, "Compare has no comparators");
        if (n->Compare.comparators->n != n->Compare.ops->n) invalid(r, "Compare has a different number of comparators and operands");
        break;
    case JoinedStr_kind: case TemplateStr_kind:
        for (uint32_t i = 0; i < n->JoinedStr.values->n; i++)
            if (n->JoinedStr.values->at[i]->kind == Constant_kind && n->JoinedStr.values->at[i]->Constant.value.kind != CONST_STR)
                invalid(r, "%s holds a constant that is no str", ast_classes[n->kind].name);
        break;
    case Interpolation_kind:
        if (n->Interpolation.str.kind != CONST_STR)
            invalid(r, "Interpolation str must be a str");
        break;
    case arguments_kind:
        if (n->arguments.defaults->n > n->arguments.posonlyargs->n + n->arguments.args->n)
            invalid(r, "more positional defaults than args on arguments");
        if (n->arguments.kw_defaults->n != n->arguments.kwonlyargs->n)
            invalid(r, "length of kwonlyargs is not the same as kw_defaults on arguments");
        break;
    case MatchSingleton_kind:
        if (n->MatchSingleton.value.kind > CONST_FALSE) invalid(r, "MatchSingleton can only contain True, False and None");
        break;
    case MatchMapping_kind:
        if (n->MatchMapping.keys->n != n->MatchMapping.patterns->n) invalid(r, "MatchMapping doesn't have the same number of keys as patterns");
        break;
    case MatchClass_kind:
        if (n->MatchClass.kwd_attrs->n != n->MatchClass.kwd_patterns->n)
            invalid(r, "MatchClass doesn't have the same number of keyword attributes as patterns");
        break;
    case MatchOr_kind: if (n->MatchOr.patterns->n < 2) invalid(r, "MatchOr requires at least 2 patterns"); break;
    case MatchAs_kind: if (!n->MatchAs.name && n->MatchAs.pattern) invalid(r, "MatchAs must specify a target name if a pattern is given"); break;
    default: break;
    }
    // Everything that is only read
    for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++) {
        if (strcmp(fd->type, "expr") || !strcmp(fd->name, "target") || !strcmp(fd->name, "targets") || !strcmp(fd->name, "optional_vars") ||
            (n->kind == TypeAlias_kind && !strcmp(fd->name, "name")))
            continue;
        const void *at = (const char *)n + fd->offset;
        bool container = (n->kind == List_kind && n->List.ctx != Load) || (n->kind == Tuple_kind && n->Tuple.ctx != Load) ||
                         (n->kind == Starred_kind && n->Starred.ctx != Load);
        if (container)
            continue;
        if (fd->kind == FIELD_ONE || fd->kind == FIELD_OPT) {
            if (*(Node *const *)at)
                want_context(r, *(Node *const *)at, Load);
        } else
            for (uint32_t i = 0; i < (*(Seq *const *)at)->n; i++)
                if ((*(Seq *const *)at)->at[i])
                    want_context(r, (*(Seq *const *)at)->at[i], Load);
    }
}

static int32_t position_of(Reader *r, ValueRef o, ValueRef name, bool required, int32_t otherwise, const char *sum)
{
    Value v = attribute_of(r, o, name);
    if (!value_bits(v) || v == NONE) {
        if (required) {
            (void)raise(r->t, TYPE_ERROR, "required field \"%U\" missing from %s", value_str(name), sum);
            raised(r);
        }
        if (value_bits(v))
            let_go(r);
        return otherwise;
    }
    int32_t n = int_of(r, v);
    let_go(r);
    return n;
}

static Node *read_node(Reader *r, ValueRef o, const char *sum)
{
    CHECK_DEPTH(r->f);
    int kind = 0;
    for (int k = 1; k < NODE_KINDS && !kind; k++) {
        if (strcmp(ast_classes[k].sum, sum))
            continue;
        if (value_of(value_type(o)) == r->s->classes[k])
            kind = k;
    }
    for (int k = 1; k < NODE_KINDS && !kind; k++) {
        if (strcmp(ast_classes[k].sum, sum))
            continue;
        int is = object_is_instance(r->t, o, r->s->classes[k]);
        if (is < 0)
            raised(r);
        if (is)
            kind = k;
    }
    if (!kind) {
        (void)raise(r->t, TYPE_ERROR, "expected some sort of %s, but got %R", sum, o);
        raised(r);
    }
    const AstClass *c = &ast_classes[kind];
    Node *n = ast_node(r->f, (NodeKind)kind, (Pos){0});
    if (c->positioned) {
        n->pos.line = position_of(r, o, r->s->lineno, true, 0, c->sum);
        n->pos.col = position_of(r, o, r->s->col_offset, true, 0, c->sum);
        n->pos.end_line = position_of(r, o, r->s->end_lineno, false, n->pos.line, c->sum);
        n->pos.end_col = position_of(r, o, r->s->end_col_offset, false, n->pos.col, c->sum);
        if (n->pos.line > n->pos.end_line)
            invalid(r, "AST node line range (%d, %d) is not valid", (int)n->pos.line, (int)n->pos.end_line);
        if ((n->pos.line < 0 && n->pos.end_line != n->pos.line) || (n->pos.col < 0 && n->pos.col != n->pos.end_col))
            invalid(r, "AST node column range (%d, %d) for line range (%d, %d) is not valid", (int)n->pos.col, (int)n->pos.end_col, (int)n->pos.line,
                    (int)n->pos.end_line);
    }
    int i = 0;
    for (const AstField *fd = c->fields(); fd->name; fd++, i++) {
        Value v = attribute_of(r, o, r->s->names[kind][i]);
        bool list = fd->kind == FIELD_SEQ || fd->kind == FIELD_SEQOPT || fd->kind == FIELD_IDSEQ || fd->kind == FIELD_ENUMSEQ;
        if (!value_bits(v)) {
            if (list) {  // an absent list is an empty one
                void *at = (char *)n + fd->offset;
                if (fd->kind == FIELD_IDSEQ)
                    *(NameSeq **)at = ast_no_names;
                else if (fd->kind == FIELD_ENUMSEQ)
                    *(EnumSeq **)at = NEW(r->f, EnumSeq);
                else
                    *(Seq **)at = ast_no_nodes;
                continue;
            }
            if (field_optional(fd) || fd->kind == FIELD_ENUM)
                continue;
            (void)raise(r->t, TYPE_ERROR, "required field \"%s\" missing from %s", fd->name, c->name);
            raised(r);
        }
        read_field(r, n, fd, v);
        let_go(r);
    }
    validate(r, n);
    return n;
}

Node *ast_from_object(Thread *t, Front *f, ValueRef object, const char *wanted)
{
    Value module;
    AstState *s = ast_state(t, &module);
    Reader *r = NEW(f, Reader);
    *r = (Reader){.t = t, .f = f, .s = s};
    if (!s)
        raised(r);
    BailFrame frame;
    if (!FRONT_TRY(f, frame)) {
        FRONT_END(f, frame);
        while (r->held.n)
            let_go(r);
        front_bail(f);
    }
    (void)hold(r, module);
    for (int k = 1; wanted && k < NODE_KINDS; k++)
        if (!strcmp(ast_classes[k].name, wanted)) {
            int is = object_is_instance(t, object, s->classes[k]);
            if (is == 0)
                (void)raise(t, TYPE_ERROR, "expected %s node, got %T", wanted, object);
            if (is <= 0)
                raised(r);
        }
    Node *n = read_node(r, object, "mod");
    FRONT_END(f, frame);
    let_go(r);
    return n;
}

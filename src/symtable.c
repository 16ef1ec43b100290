// The symbol table. First the tree is walked and what each scope says of each name is noted; then every name is resolved by
// looking outwards. List, set and dict comprehensions in functions and modules are part of the code around them (PEP 709):
// such a scope keeps only its own variables, and the others are its parent's.
#include "src/symtable.h"
#include <stdio.h>

typedef struct Walk {
    Front *f;
    ModuleScopes *m;
    Scope *now;
    const Chars *private_name;
    const Seq *mangle_only;  // as in Scope
    const Scope *annotating; // an annotation of this scope is being visited that its own code evaluates
    struct { const Chars *class_, *classdict, *conditional, *super, *annotate_name, *format, *debug, *defaults, *kwdefaults, *type_params, *generic_base; } names;
} Walk;

static void visit(Walk *w, Node *n);
static void visit_all(Walk *w, const Seq *s);

// ---- scopes and symbols

Symbol *scope_symbol(const Scope *s, const Chars *name)
{
    if (!s->table_size)
        return NULL;
    for (uint32_t i = name->hash & (s->table_size - 1);; i = (i + 1) & (s->table_size - 1)) {
        if (!s->table[i] || s->table[i]->name == name)
            return s->table[i];
    }
}

static Symbol *symbol_add(Front *f, Scope *s, const Chars *name)
{
    Symbol *found = scope_symbol(s, name);
    if (found)
        return found;
    if ((s->symbols.n + 1) * 2 > s->table_size) {
        uint32_t size = s->table_size ? s->table_size * 2 : 8;
        Symbol **table = NEW_N(f, Symbol *, size);
        for (size_t i = 0; i < s->symbols.n; i++) {
            uint32_t j = s->symbols.at[i]->name->hash & (size - 1);
            while (table[j])
                j = (j + 1) & (size - 1);
            table[j] = s->symbols.at[i];
        }
        s->table = table;
        s->table_size = size;
    }
    Symbol *y = NEW(f, Symbol);
    y->name = name;
    PUSH(f, &s->symbols, y);
    uint32_t j = name->hash & (s->table_size - 1);
    while (s->table[j])
        j = (j + 1) & (s->table_size - 1);
    s->table[j] = y;
    return y;
}

static uint32_t key_hash(const Node *n, int part) { return (uint32_t)(((uintptr_t)n >> 3) * 2654435761u + (unsigned)part * 40503u); }

Scope *symtable_scope(Front *f, const Node *node, int part)
{
    ModuleScopes *m = f->scopes;
    if (!m->size)
        return NULL;
    for (uint32_t i = key_hash(node, part) & (m->size - 1); m->table[i].scope; i = (i + 1) & (m->size - 1))
        if (m->table[i].node == node && m->table[i].part == part)
            return m->table[i].scope;
    return NULL;
}

static void remember(Front *f, const Node *node, int part, Scope *s)
{
    ModuleScopes *m = f->scopes;
    if (m->count * 2 >= m->size) {
        uint32_t old = m->size, size = old ? old * 2 : 64;
        __typeof__(m->table) was = m->table;
        m->table = front_array(f, size, sizeof *m->table);
        m->size = size;
        for (uint32_t i = 0; i < old; i++)
            if (was[i].scope) {
                uint32_t j = key_hash(was[i].node, was[i].part) & (size - 1);
                while (m->table[j].scope)
                    j = (j + 1) & (size - 1);
                m->table[j] = was[i];
            }
    }
    uint32_t j = key_hash(node, part) & (m->size - 1);
    while (m->table[j].scope)
        j = (j + 1) & (m->size - 1);
    m->table[j].node = node;
    m->table[j].part = part;
    m->table[j].scope = s;
    m->count++;
}

static Scope *enter(Walk *w, ScopeKind kind, const Chars *name, const Node *node, int part, Pos pos)
{
    Scope *s = NEW(w->f, Scope);
    s->kind = kind;
    s->name = name;
    s->node = node;
    s->pos = pos;
    s->parent = w->now;
    s->private_name = w->private_name;
    s->mangle_only = w->mangle_only;
    if (w->now) {
        if (w->now->last_child)
            w->now->last_child->sibling = s;
        else
            w->now->first_child = s;
        w->now->last_child = s;
        s->nested = scope_is_function(w->now) || w->now->nested;
        s->in_comp_iter = w->now->in_comp_iter;
    }
    remember(w->f, node, part, s);
    w->now = s;
    return s;
}

static void leave(Walk *w)
{
    Scope *s = w->now, *p = s->parent;
    w->now = p;
    if (s->inlined)  // what it does not bind itself is the parent's business
        for (size_t i = 0; i < s->symbols.n; i++)
            if (!(s->symbols.at[i]->flags & DEF_BOUND) && s->symbols.at[i]->flags & USE)
                symbol_add(w->f, p, s->symbols.at[i]->name)->flags |= USE;
}

const Chars *symtable_mangle(Front *f, const Chars *class_name, const Chars *name)
{
    if (!class_name || name->length < 3 || name->s[0] != '_' || name->s[1] != '_' ||
        (name->s[name->length - 1] == '_' && name->s[name->length - 2] == '_') || memchr(name->s, '.', name->length))
        return name;
    const char *c = class_name->s;
    while (*c == '_')
        c++;
    if (!*c)
        return name;
    size_t n = (size_t)class_name->length - (size_t)(c - class_name->s);
    char *text = front_alloc(f, n + name->length + 2);
    text[0] = '_';
    memcpy(text + 1, c, n);
    memcpy(text + 1 + n, name->s, name->length);
    return front_intern(f, text, n + 1 + name->length);
}

static const Chars *mangle_by(Front *f, const Chars *class_name, const Seq *only, const Chars *name)
{
    bool meant = !only;
    for (uint32_t i = 0; !meant && i < only->n; i++)
        meant = only->at[i]->TypeVar.name == name;
    return meant ? symtable_mangle(f, class_name, name) : name;
}
static const Chars *mangle(Walk *w, const Chars *name) { return mangle_by(w->f, w->private_name, w->mangle_only, name); }
const Chars *scope_mangle(Front *f, const Scope *s, const Chars *name) { return mangle_by(f, s->private_name, s->mangle_only, name); }

static Symbol *note_in(Walk *w, Scope *s, const Chars *name, uint32_t flags, Pos pos)
{
    name = mangle(w, name);
    Symbol *y = symbol_add(w->f, s, name);
    if (flags & DEF_PARAM && y->flags & DEF_PARAM)
        syntax_error_at(w->f, pos, "duplicate argument '%s' in function definition", name->s);
    if (flags & DEF_TYPE_PARAM && y->flags & DEF_TYPE_PARAM)
        syntax_error_at(w->f, pos, "duplicate type parameter '%s'", name->s);
    if (s->comp_target && flags & DEF_LOCAL) {
        if (y->flags & (DEF_GLOBAL | DEF_NONLOCAL | DEF_NAMED))
            syntax_error_at(w->f, pos, "comprehension inner loop cannot rebind assignment expression target '%s'", name->s);
        flags |= DEF_COMP_ITER;
    }
    y->flags |= flags;
    if (flags & DEF_GLOBAL && s != w->m->top)  // then the module's own code means the global too, whatever its namespace
        symbol_add(w->f, w->m->top, name)->flags |= DEF_GLOBAL;
    if (flags & DEF_PARAM)
        PUSH(w->f, &s->params, name);
    return y;
}

static Symbol *note(Walk *w, const Chars *name, uint32_t flags, Pos pos) { return note_in(w, w->now, name, flags, pos); }

static void check_name(Walk *w, const Chars *name, expr_context_ty ctx, Pos pos)  // __debug__ is a constant
{
    if (name == w->names.debug && ctx != Load)
        syntax_error_at(w->f, pos, "cannot %s __debug__", ctx == Del ? "delete" : "assign to");
}

static void bind_name(Walk *w, const Chars *name, Pos pos)
{
    check_name(w, name, Store, pos);
    note(w, name, DEF_LOCAL, pos);
}

// ---- functions, classes, annotations

static void params_of(Walk *w, const Node *args)
{
    const Seq *lists[] = {args->arguments.posonlyargs, args->arguments.args, args->arguments.kwonlyargs};
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < lists[k]->n; i++) {
            check_name(w, lists[k]->at[i]->arg.arg, Store, lists[k]->at[i]->pos);
            note(w, lists[k]->at[i]->arg.arg, DEF_PARAM, lists[k]->at[i]->pos);
        }
    if (args->arguments.vararg) {
        check_name(w, args->arguments.vararg->arg.arg, Store, args->arguments.vararg->pos);
        note(w, args->arguments.vararg->arg.arg, DEF_PARAM, args->arguments.vararg->pos);
        w->now->varargs = true;
    }
    if (args->arguments.kwarg) {
        check_name(w, args->arguments.kwarg->arg.arg, Store, args->arguments.kwarg->pos);
        note(w, args->arguments.kwarg->arg.arg, DEF_PARAM, args->arguments.kwarg->pos);
        w->now->varkeywords = true;
    }
}

static void visit_defaults(Walk *w, const Node *args)
{
    visit_all(w, args->arguments.defaults);
    for (uint32_t i = 0; i < args->arguments.kw_defaults->n; i++)
        if (args->arguments.kw_defaults->at[i])
            visit(w, args->arguments.kw_defaults->at[i]);
}

// A scope whose code, inside a class, sees the class's names.
static Scope *enter_late(Walk *w, ScopeKind kind, const Chars *name, const Node *node, int part, Pos pos)
{
    Scope *outer = w->now;
    Scope *s = enter(w, kind, name, node, part, pos);
    if (outer && (outer->kind == SCOPE_CLASS || outer->sees_class)) {
        s->sees_class = true;
        note(w, w->names.classdict, USE, pos);
    }
    return s;
}

static void enter_annotations(Walk *w, const Node *key, Pos pos)
{
    Scope *s = enter_late(w, SCOPE_ANNOTATIONS, w->names.annotate_name, key, PART_ANNOTATIONS, pos);
    note(w, w->names.format, DEF_PARAM, pos);
    note(w, w->names.format, USE, pos);
    (void)s;
}

static bool any_annotation(const Node *args, const Node *returns)
{
    if (returns)
        return true;
    const Seq *lists[] = {args->arguments.posonlyargs, args->arguments.args, args->arguments.kwonlyargs};
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < lists[k]->n; i++)
            if (lists[k]->at[i]->arg.annotation)
                return true;
    return (args->arguments.vararg && args->arguments.vararg->arg.annotation) || (args->arguments.kwarg && args->arguments.kwarg->arg.annotation);
}

static void visit_annotations(Walk *w, const Node *fn)
{
    const Node *args = fn->FunctionDef.args;
    if (!any_annotation(args, fn->FunctionDef.returns))
        return;
    enter_annotations(w, fn, fn->pos);
    const Seq *lists[] = {args->arguments.posonlyargs, args->arguments.args, args->arguments.kwonlyargs};
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < lists[k]->n; i++)
            if (lists[k]->at[i]->arg.annotation)
                visit(w, lists[k]->at[i]->arg.annotation);
    if (args->arguments.vararg && args->arguments.vararg->arg.annotation)
        visit(w, args->arguments.vararg->arg.annotation);
    if (args->arguments.kwarg && args->arguments.kwarg->arg.annotation)
        visit(w, args->arguments.kwarg->arg.annotation);
    if (fn->FunctionDef.returns)
        visit(w, fn->FunctionDef.returns);
    leave(w);
}

static void visit_type_variable(Walk *w, const Node *param, int part, Node *value, const char *what)
{
    const Chars *name = param->TypeVar.name;
    Scope *s = enter_late(w, SCOPE_TYPE_VARIABLE, name, param, part, value->pos);
    s->part_of = what;
    note(w, w->names.format, DEF_PARAM, value->pos);
    note(w, w->names.format, USE, value->pos);
    visit(w, value);
    leave(w);
}

static void visit_type_params(Walk *w, const Seq *params)
{
    bool defaulted = false;
    for (uint32_t i = 0; i < params->n; i++) {
        Node *p = params->at[i];
        check_name(w, p->TypeVar.name, Store, p->pos);
        note(w, p->TypeVar.name, DEF_TYPE_PARAM | DEF_LOCAL, p->pos);
        Node *value = NULL;
        const char *what;
        switch (p->kind) {
        case TypeVar_kind:
            if (p->TypeVar.bound)
                visit_type_variable(w, p, PART_BOUND, p->TypeVar.bound, p->TypeVar.bound->kind == Tuple_kind ? "a TypeVar constraint" : "a TypeVar bound");
            value = p->TypeVar.default_value;
            what = "a TypeVar default";
            break;
        case ParamSpec_kind:
            value = p->ParamSpec.default_value;
            what = "a ParamSpec default";
            break;
        default:
            value = p->TypeVarTuple.default_value;
            what = "a TypeVarTuple default";
        }
        if (value) {
            defaulted = true;
            visit_type_variable(w, p, PART_DEFAULT, value, what);
        } else if (defaulted)
            syntax_error_at(w->f, p->pos, "non-default type parameter '%s' follows default type parameter", p->TypeVar.name->s);
    }
}

static void enter_type_params(Walk *w, const Node *n, const Chars *name, bool defaults, bool kwdefaults, bool is_class)
{
    const char *text = front_format(w->f, "<generic parameters of %s>", name->s);
    enter_late(w, SCOPE_TYPE_PARAMS, front_intern(w->f, text, strlen(text)), n, PART_TYPE_PARAMS, n->pos);
    if (is_class) {
        note(w, w->names.type_params, DEF_LOCAL | USE, n->pos);
        note(w, w->names.generic_base, DEF_LOCAL | USE, n->pos);
    }
    if (defaults)
        note(w, w->names.defaults, DEF_PARAM, n->pos);
    if (kwdefaults)
        note(w, w->names.kwdefaults, DEF_PARAM, n->pos);
}

static bool first_is_docstring(const Seq *body)
{
    return body->n && body->at[0]->kind == Expr_kind && body->at[0]->Expr.value->kind == Constant_kind &&
           body->at[0]->Expr.value->Constant.value.kind == CONST_STR;
}

static void visit_function(Walk *w, Node *n)
{
    bind_name(w, n->FunctionDef.name, n->pos);
    visit_all(w, n->FunctionDef.decorator_list);
    visit_defaults(w, n->FunctionDef.args);
    Scope *outer = w->now;
    bool generic = n->FunctionDef.type_params->n, kwdefaults = false;
    for (uint32_t i = 0; i < n->FunctionDef.args->arguments.kw_defaults->n; i++)
        kwdefaults |= n->FunctionDef.args->arguments.kw_defaults->at[i] != NULL;
    if (generic) {
        enter_type_params(w, n, n->FunctionDef.name, n->FunctionDef.args->arguments.defaults->n, kwdefaults, false);
        visit_type_params(w, n->FunctionDef.type_params);
    }
    visit_annotations(w, n);
    Scope *s = enter(w, SCOPE_FUNCTION, n->FunctionDef.name, n, PART_BODY, n->pos);
    s->method = outer->kind == SCOPE_CLASS;
    s->in_generic = generic;
    s->coroutine = s->is_async = n->kind == AsyncFunctionDef_kind;
    s->has_docstring = first_is_docstring(n->FunctionDef.body);
    params_of(w, n->FunctionDef.args);
    visit_all(w, n->FunctionDef.body);
    leave(w);
    if (generic)
        leave(w);
}

static void visit_class(Walk *w, Node *n)
{
    bind_name(w, n->ClassDef.name, n->pos);
    visit_all(w, n->ClassDef.decorator_list);
    const Chars *outer_private = w->private_name;
    const Seq *outer_only = w->mangle_only;
    bool generic = n->ClassDef.type_params->n;
    if (generic) {
        // Around the class's own body, of private names only those of its parameters are the class's.
        w->private_name = n->ClassDef.name;
        w->mangle_only = n->ClassDef.type_params;
        enter_type_params(w, n, n->ClassDef.name, false, false, true);
        visit_type_params(w, n->ClassDef.type_params);
    }
    visit_all(w, n->ClassDef.bases);
    visit_all(w, n->ClassDef.keywords);
    Scope *s = enter(w, SCOPE_CLASS, n->ClassDef.name, n, PART_BODY, n->pos);
    w->private_name = n->ClassDef.name;
    w->mangle_only = NULL;
    s->private_name = n->ClassDef.name;
    s->mangle_only = NULL;
    s->in_generic = generic;
    s->has_docstring = first_is_docstring(n->ClassDef.body);
    if (generic) {
        note(w, INTERN_LITERAL(w->f, "__type_params__"), DEF_LOCAL, n->pos);
        note(w, w->names.type_params, USE, n->pos);
    }
    visit_all(w, n->ClassDef.body);
    leave(w);
    if (generic)
        leave(w);
    w->private_name = outer_private;
    w->mangle_only = outer_only;
}

static void visit_lambda(Walk *w, Node *n)
{
    visit_defaults(w, n->Lambda.args);
    Scope *s = enter(w, SCOPE_FUNCTION, INTERN_LITERAL(w->f, "<lambda>"), n, PART_BODY, n->pos);
    s->is_lambda = true;
    params_of(w, n->Lambda.args);
    visit(w, n->Lambda.body);
    leave(w);
}

// ---- comprehensions

static const char *comprehension_name(int kind)
{
    switch (kind) {
    case ListComp_kind: return "<listcomp>";
    case SetComp_kind: return "<setcomp>";
    case DictComp_kind: return "<dictcomp>";
    default: return "<genexpr>";
    }
}

// The first scope outwards that is no inlined comprehension: whose code runs.
static Scope *unit_of(Scope *s)
{
    while (s->inlined)
        s = s->parent;
    return s;
}

static void visit_comprehension(Walk *w, Node *n)
{
    Seq *generators = n->kind == DictComp_kind ? n->DictComp.generators : n->ListComp.generators;
    Node *first = generators->at[0];
    bool in_iter = w->now->in_comp_iter;
    w->now->in_comp_iter = true;
    visit(w, first->comprehension.iter);
    w->now->in_comp_iter = in_iter;
    Scope *unit = unit_of(w->now);
    const char *name = comprehension_name(n->kind);
    Scope *s = enter(w, SCOPE_FUNCTION, front_intern(w->f, name, strlen(name)), n, PART_BODY, n->pos);
    s->comprehension = n->kind;
    s->inlined = n->kind != GeneratorExp_kind && (unit->kind == SCOPE_FUNCTION || unit->kind == SCOPE_MODULE);
    s->generator = n->kind == GeneratorExp_kind;
    s->in_comp_iter = in_iter;
    if (!s->inlined) {
        note(w, INTERN_LITERAL(w->f, ".0"), DEF_PARAM, n->pos);
    }
    bool async = first->comprehension.is_async;
    s->comp_target = true;
    visit(w, first->comprehension.target);
    s->comp_target = false;
    visit_all(w, first->comprehension.ifs);
    for (uint32_t i = 1; i < generators->n; i++) {
        Node *g = generators->at[i];
        async |= g->comprehension.is_async;
        s->comp_target = true;
        visit(w, g->comprehension.target);
        s->comp_target = false;
        s->in_comp_iter = true;
        visit(w, g->comprehension.iter);
        s->in_comp_iter = in_iter;
        visit_all(w, g->comprehension.ifs);
    }
    if (n->kind == DictComp_kind) {
        visit(w, n->DictComp.key);
        visit(w, n->DictComp.value);
    } else
        visit(w, n->ListComp.elt);
    s->coroutine |= async;
    async = s->coroutine && n->kind != GeneratorExp_kind;
    leave(w);
    if (async) {
        // Only an asynchronous function, or another comprehension or generator (which is then asynchronous too), can hold it.
        Scope *p = w->now;
        bool top_await = p->kind == SCOPE_MODULE && w->f->flags & FRONT_TOP_LEVEL_AWAIT;
        if (p->comprehension)
            p->coroutine = true;
        else if (!p->is_async && !top_await)
            syntax_error_at(w->f, n->pos, "asynchronous comprehension outside of an asynchronous function");
        if (top_await)
            p->coroutine = true;
    }
}

static void fail_in_block(Walk *w, const char *what, Pos pos)  // yield, await, := where no function's code runs
{
    switch (w->now->kind) {
    case SCOPE_ANNOTATIONS: syntax_error_at(w->f, pos, "%s cannot be used within an annotation", what);
    case SCOPE_TYPE_VARIABLE: syntax_error_at(w->f, pos, "%s cannot be used within %s", what, w->now->part_of);
    case SCOPE_TYPE_ALIAS: syntax_error_at(w->f, pos, "%s cannot be used within a type alias", what);
    case SCOPE_TYPE_PARAMS: syntax_error_at(w->f, pos, "%s cannot be used within the definition of a generic", what);
    default:
        if (w->annotating == w->now)
            syntax_error_at(w->f, pos, "%s cannot be used within an annotation", what);
    }
}

static void fail_yield_in_comprehension(Walk *w, Pos pos)
{
    int kind = w->now->comprehension;
    syntax_error_at(w->f, pos, "'yield' inside %s",
                    kind == ListComp_kind ? "list comprehension" : kind == SetComp_kind ? "set comprehension"
                    : kind == DictComp_kind ? "dict comprehension" : "generator expression");
}

// x := value, in a comprehension: x belongs to the function, module or (an error) class around all comprehensions.
static void named_in_comprehension(Walk *w, const Node *target)
{
    const Chars *name = target->Name.id;
    const Chars *mangled = mangle(w, name);
    if (w->now->in_comp_iter)
        syntax_error_at(w->f, target->pos, "assignment expression cannot be used in a comprehension iterable expression");
    Scope *s = w->now;
    for (; s; s = s->parent) {
        if (s->comprehension) {
            Symbol *y = scope_symbol(s, mangled);
            if (y && y->flags & DEF_COMP_ITER)
                syntax_error_at(w->f, target->pos, "assignment expression cannot rebind comprehension iteration variable '%s'", name->s);
            continue;
        }
        break;
    }
    if (s->kind == SCOPE_CLASS)
        syntax_error_at(w->f, target->pos, "assignment expression within a comprehension cannot be used in a class body");
    if (s->kind == SCOPE_TYPE_VARIABLE)
        syntax_error_at(w->f, target->pos, "assignment expression within a comprehension cannot be used within the definition of a TypeVar bound");
    if (s->kind == SCOPE_TYPE_ALIAS)
        syntax_error_at(w->f, target->pos, "assignment expression within a comprehension cannot be used in a type alias");
    if (s->kind == SCOPE_TYPE_PARAMS)
        syntax_error_at(w->f, target->pos, "assignment expression within a comprehension cannot be used within the definition of a generic");
    Symbol *outer = scope_symbol(s, mangled);
    bool global = s->kind == SCOPE_MODULE || (outer && outer->flags & DEF_GLOBAL);
    for (Scope *c = w->now; c != s; c = c->parent)
        if (!c->inlined)
            note_in(w, c, name, global ? DEF_GLOBAL : DEF_NONLOCAL, target->pos);
        else
            note_in(w, c, name, USE | DEF_NAMED, target->pos);
    note_in(w, s, name, s->kind == SCOPE_MODULE ? DEF_GLOBAL : DEF_LOCAL, target->pos);
}

// ---- statements

static void declare(Walk *w, const Node *n, bool global)
{
    const NameSeq *names = n->Global.names;
    if (!global && w->now->kind == SCOPE_MODULE)
        syntax_error_at(w->f, n->pos, "nonlocal declaration not allowed at module level");
    for (uint32_t i = 0; i < names->n; i++) {
        const Chars *name = mangle(w, names->at[i]);
        Symbol *y = scope_symbol(w->now, name);
        uint32_t flags = y ? y->flags : 0;
        if (flags & (DEF_PARAM | DEF_LOCAL | USE | DEF_ANNOT)) {
            const char *word = global ? "global" : "nonlocal";
            if (flags & DEF_PARAM)
                syntax_error_at(w->f, n->pos, "name '%s' is parameter and %s", name->s, word);
            if (flags & DEF_ANNOT)
                syntax_error_at(w->f, n->pos, "annotated name '%s' can't be %s", name->s, word);
            if (flags & DEF_LOCAL)
                syntax_error_at(w->f, n->pos, "name '%s' is assigned to before %s declaration", name->s, word);
            syntax_error_at(w->f, n->pos, "name '%s' is used prior to %s declaration", name->s, word);
        }
        y = note(w, names->at[i], global ? DEF_GLOBAL : DEF_NONLOCAL, n->pos);
        if (!y->pos.line)
            y->pos = n->pos;
    }
}

static void visit_annotated(Walk *w, Node *n)
{
    Node *target = n->AnnAssign.target;
    if (target->kind == Name_kind) {
        const Chars *name = mangle(w, target->Name.id);
        Symbol *y = scope_symbol(w->now, name);
        if (y && y->flags & (DEF_GLOBAL | DEF_NONLOCAL) && w->now->kind != SCOPE_MODULE && n->AnnAssign.simple)
            syntax_error_at(w->f, n->pos, y->flags & DEF_GLOBAL ? "annotated name '%s' can't be global" : "annotated name '%s' can't be nonlocal", name->s);
        check_name(w, target->Name.id, Store, target->pos);
        if (n->AnnAssign.simple)
            note(w, target->Name.id, DEF_ANNOT | DEF_LOCAL, target->pos);
        else if (n->AnnAssign.value)
            note(w, target->Name.id, DEF_LOCAL, target->pos);
    } else
        visit(w, target);
    Scope *owner = w->now;
    if (n->AnnAssign.simple && !scope_is_function(owner)) {
        owner->has_annotations = true;
        if (owner->kind == SCOPE_MODULE || owner->in_conditional) {
            if (!owner->conditional_annotations) {
                owner->conditional_annotations = true;
                note(w, w->names.conditional, USE | DEF_LOCAL, n->pos);
            }
        }
    }
    // The annotation's code runs in __annotate__ (of a function's locals: nowhere, but its names are still checked).
    bool future = w->m->future & FRONT_FUTURE_ANNOTATIONS;
    if (!scope_is_function(owner) && !future && n->AnnAssign.simple) {
        if (!owner->annotations) {
            enter_annotations(w, owner->node, n->pos);
            owner->annotations = w->now;
        } else
            w->now = owner->annotations;
        if (owner->conditional_annotations)
            note(w, w->names.conditional, USE, n->pos);
        visit(w, n->AnnAssign.annotation);
        w->now = owner;
        n->paren = (uint8_t)(owner->annotated.n >> 16);
        n->scratch = (uint16_t)owner->annotated.n;
        PUSH(w->f, &owner->annotated, n);
    } else if (!scope_is_function(owner) && !n->AnnAssign.simple && !future) {
        const Scope *outer = w->annotating;
        w->annotating = owner;
        visit(w, n->AnnAssign.annotation);
        w->annotating = outer;
    } else {
        enter_annotations(w, n, n->pos);
        visit(w, n->AnnAssign.annotation);
        leave(w);
    }
    if (n->AnnAssign.value)
        visit(w, n->AnnAssign.value);
}

static void visit_alias(Walk *w, const Node *a)
{
    const Chars *name = a->alias.asname ? a->alias.asname : a->alias.name;
    if (str_is(name, "*")) {
        if (w->now->kind != SCOPE_MODULE)
            syntax_error_at(w->f, a->pos, "import * only allowed at module level");
        return;
    }
    if (!a->alias.asname) {
        const char *dot = memchr(name->s, '.', name->length);
        if (dot)
            name = front_intern(w->f, name->s, (size_t)(dot - name->s));
    }
    check_name(w, name, Store, a->pos);
    note(w, name, DEF_IMPORT, a->pos);
}

static void visit_fields(Walk *w, Node *n)
{
    for (const AstField *fd = ast_classes[n->kind].fields(); fd->name; fd++) {
        const void *at = (const char *)n + fd->offset;
        if (fd->kind == FIELD_ONE || fd->kind == FIELD_OPT) {
            Node *child = *(Node *const *)at;
            if (child)
                visit(w, child);
        } else if (fd->kind == FIELD_SEQ || fd->kind == FIELD_SEQOPT)
            visit_all(w, *(Seq *const *)at);
    }
}

static void visit_all(Walk *w, const Seq *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->at[i])
            visit(w, s->at[i]);
}

// await, async for, async with: what may stand in a coroutine only (or in a module that is to become one), also where the
// code is never made (assert statements that are left out).
static void visit_async(Walk *w, const char *what, Pos pos)
{
    Scope *s = w->now;
    if (s->kind == SCOPE_MODULE && w->f->flags & FRONT_TOP_LEVEL_AWAIT)
        s->coroutine = true;
    else if (s->kind == SCOPE_MODULE || s->kind == SCOPE_CLASS)
        syntax_error_at(w->f, pos, *what == '\'' && what[2] == 'w' ? "%s outside function" : "%s outside async function", what);
}

static void visit_await(Walk *w, Pos pos)
{
    fail_in_block(w, "await expression", pos);
    if (w->now->comprehension) {
        if (w->now->kind == SCOPE_FUNCTION)
            w->now->coroutine = true;
    } else
        visit_async(w, "'await'", pos);
}

static void visit(Walk *w, Node *n)
{
    CHECK_DEPTH(w->f);
    switch (n->kind) {
    case FunctionDef_kind:
    case AsyncFunctionDef_kind: visit_function(w, n); break;
    case ClassDef_kind: visit_class(w, n); break;
    case Lambda_kind: visit_lambda(w, n); break;
    case ListComp_kind:
    case SetComp_kind:
    case DictComp_kind:
    case GeneratorExp_kind: visit_comprehension(w, n); break;
    case TypeAlias_kind: {
        visit(w, n->TypeAlias.name);
        bool generic = n->TypeAlias.type_params->n;
        const Chars *name = n->TypeAlias.name->Name.id;
        if (generic) {
            enter_type_params(w, n, name, false, false, false);
            visit_type_params(w, n->TypeAlias.type_params);
        }
        enter_late(w, SCOPE_TYPE_ALIAS, name, n, PART_BODY, n->pos);
        note(w, w->names.format, DEF_PARAM, n->pos);
        note(w, w->names.format, USE, n->pos);
        visit(w, n->TypeAlias.value);
        leave(w);
        if (generic)
            leave(w);
        break;
    }
    case Name_kind:
        if (n->Name.ctx == Load) {
            note(w, n->Name.id, USE, n->pos);
            if (n->Name.id == w->names.super && scope_is_function(w->now))
                note(w, w->names.class_, USE, n->pos);
        } else {
            check_name(w, n->Name.id, n->Name.ctx, n->pos);
            note(w, n->Name.id, DEF_LOCAL | (n->Name.ctx == Del ? DEF_DELETED : 0), n->pos);
        }
        break;
    case Attribute_kind:
        check_name(w, n->Attribute.attr, n->Attribute.ctx, n->pos);
        visit(w, n->Attribute.value);
        break;
    case keyword_kind:
        if (n->keyword.arg)
            check_name(w, n->keyword.arg, Store, n->pos);
        visit(w, n->keyword.value);
        break;
    case NamedExpr_kind:
        fail_in_block(w, "named expression", n->pos);
        check_name(w, n->NamedExpr.target->Name.id, Store, n->NamedExpr.target->pos);
        if (w->now->in_comp_iter)
            syntax_error_at(w->f, n->pos, "assignment expression cannot be used in a comprehension iterable expression");
        if (w->now->comprehension) {
            named_in_comprehension(w, n->NamedExpr.target);
            visit(w, n->NamedExpr.value);
        } else {
            visit(w, n->NamedExpr.value);
            visit(w, n->NamedExpr.target);
        }
        break;
    case Global_kind: declare(w, n, true); break;
    case Nonlocal_kind: declare(w, n, false); break;
    case AnnAssign_kind: visit_annotated(w, n); break;
    case Assign_kind:
        visit(w, n->Assign.value);
        visit_all(w, n->Assign.targets);
        break;
    case AugAssign_kind:
        visit(w, n->AugAssign.value);
        if (n->AugAssign.target->kind == Name_kind)
            note(w, n->AugAssign.target->Name.id, USE, n->pos);
        visit(w, n->AugAssign.target);
        break;
    case Import_kind:
        for (uint32_t i = 0; i < n->Import.names->n; i++)
            visit_alias(w, n->Import.names->at[i]);
        break;
    case ImportFrom_kind:
        for (uint32_t i = 0; i < n->ImportFrom.names->n; i++)
            visit_alias(w, n->ImportFrom.names->at[i]);
        break;
    case If_kind:
    case While_kind:
    case For_kind:
    case AsyncFor_kind:
    case Try_kind:
    case TryStar_kind:
    case With_kind:
    case AsyncWith_kind:
    case Match_kind: {
        Scope *s = w->now;
        if (n->kind == AsyncFor_kind || n->kind == AsyncWith_kind)
            visit_async(w, n->kind == AsyncFor_kind ? "'async for'" : "'async with'", n->pos);
        s->in_conditional++;
        visit_fields(w, n);
        s->in_conditional--;
        break;
    }
    case ExceptHandler_kind:
        if (n->ExceptHandler.type)
            visit(w, n->ExceptHandler.type);
        if (n->ExceptHandler.name) {
            check_name(w, n->ExceptHandler.name, Store, n->pos);
            note(w, n->ExceptHandler.name, DEF_LOCAL | DEF_DELETED, n->pos);
        }
        visit_all(w, n->ExceptHandler.body);
        break;
    case MatchAs_kind:
        if (n->MatchAs.pattern)
            visit(w, n->MatchAs.pattern);
        if (n->MatchAs.name)
            bind_name(w, n->MatchAs.name, n->pos);
        break;
    case MatchStar_kind:
        if (n->MatchStar.name)
            bind_name(w, n->MatchStar.name, n->pos);
        break;
    case MatchClass_kind:
        for (uint32_t i = 0; i < n->MatchClass.kwd_attrs->n; i++)
            check_name(w, n->MatchClass.kwd_attrs->at[i], Store, n->MatchClass.kwd_patterns->at[i]->pos);
        visit_fields(w, n);
        break;
    case MatchMapping_kind:
        visit_fields(w, n);
        if (n->MatchMapping.rest)
            bind_name(w, n->MatchMapping.rest, n->pos);
        break;
    case Yield_kind:
    case YieldFrom_kind:
        fail_in_block(w, "yield expression", n->pos);
        if (w->now->comprehension)
            fail_yield_in_comprehension(w, n->pos);
        w->now->generator = true;
        visit_fields(w, n);
        break;
    case Await_kind:
        visit_await(w, n->pos);
        visit_fields(w, n);
        break;
    default: visit_fields(w, n);
    }
}

// ---- resolving

static bool binds(const Scope *s, const Symbol *y)
{
    (void)s;
    return y && y->flags & DEF_BOUND && !(y->flags & (DEF_GLOBAL | DEF_NONLOCAL));
}

// A class's implicit cells, which its functions see although they do not see its names.
static bool class_cell(Walk *w, Scope *s, const Chars *name)
{
    if (name == w->names.class_)
        return s->needs_class_closure = true;
    if (name == w->names.classdict)
        return s->needs_classdict = true;
    return name == w->names.conditional && s->conditional_annotations;
}

// Finds the scope outside of `s` whose variable `name` is: function, or class for an implicit cell; NULL: global.
static Scope *owner_of(Walk *w, Scope *s, const Chars *name)
{
    for (Scope *p = s->parent; p; p = p->parent) {
        if (p->kind == SCOPE_MODULE) {
            // A comprehension inlined into a module has its variables in registers; `p` itself has globals alone.
            return NULL;
        }
        Symbol *y = scope_symbol(p, name);
        if (p->kind == SCOPE_CLASS) {
            if (class_cell(w, p, name))
                return p;
            continue;
        }
        if (!y)
            continue;
        if (y->flags & DEF_GLOBAL)
            return NULL;
        if (binds(p, y))
            return p;
    }
    return NULL;
}

static void mark_free(Walk *w, Scope *s, Scope *owner, const Chars *name)
{
    Symbol *y = symbol_add(w->f, owner, name);
    if (owner->kind == SCOPE_CLASS) {
        if (name == w->names.class_)
            owner->class_cell = y;
        else if (name == w->names.classdict)
            owner->classdict_cell = y;
        else
            owner->conditional_cell = y;
        // the class's own use of the name stays a name of its namespace
    } else
        y->scope = NAME_CELL;
    for (Scope *p = s->parent; p != owner; p = p->parent) {
        if (p->inlined)
            continue;
        Symbol *through = symbol_add(w->f, p, name);
        through->free_here = true;
        if (!through->flags)
            through->scope = NAME_FREE;
    }
}

static void resolve(Walk *w, Scope *s)
{
    CHECK_DEPTH(w->f);
    // The list may grow while inner scopes hand names through: those are settled when they are added.
    for (size_t i = 0; i < s->symbols.n; i++) {
        Symbol *y = s->symbols.at[i];
        if (!y->flags)
            continue;
        if (y->flags & DEF_GLOBAL) {
            if (y->flags & DEF_NONLOCAL)
                syntax_error_at(w->f, y->pos, "name '%s' is nonlocal and global", y->name->s);
            y->scope = NAME_GLOBAL_EXPLICIT;
            continue;
        }
        if (y->flags & DEF_NONLOCAL) {
            Scope *owner = owner_of(w, s, y->name);
            if (!owner)
                syntax_error_at(w->f, y->pos, "no binding for nonlocal '%s' found", y->name->s);
            Symbol *target = scope_symbol(owner, y->name);
            if (target && target->flags & DEF_TYPE_PARAM)
                syntax_error_at(w->f, y->pos, "nonlocal binding not allowed for type parameter '%s'", y->name->s);
            mark_free(w, s, owner, y->name);
            y->scope = NAME_FREE;
            continue;
        }
        if (y->flags & DEF_BOUND) {
            if (y->scope != NAME_CELL)
                y->scope = s->kind == SCOPE_MODULE ? NAME_GLOBAL_IMPLICIT : NAME_LOCAL;
            continue;
        }
        if (s->inlined)
            continue;  // the parent's
        if (s->sees_class && y->name != w->names.classdict && y->name != w->names.class_ && y->name != w->names.conditional) {
            const Scope *c = s->parent;
            while (c && c->kind != SCOPE_CLASS)
                c = c->parent;
            Symbol *own = c ? scope_symbol(c, y->name) : NULL;
            Symbol *between = NULL;  // a type parameter that hides the class's name
            for (const Scope *p = s->parent; c && p != c && !between; p = p->parent) {
                Symbol *x = scope_symbol(p, y->name);
                if (binds(p, x))
                    between = x;
            }
            if (own && !between && own->flags & DEF_GLOBAL) {
                y->scope = NAME_GLOBAL_EXPLICIT;
                continue;
            }
            if (own && !between && binds(c, own)) {
                y->scope = NAME_GLOBAL_IMPLICIT;
                continue;
            }
        }
        Scope *owner = s->kind == SCOPE_MODULE ? NULL : owner_of(w, s, y->name);
        if (owner) {
            mark_free(w, s, owner, y->name);
            y->scope = NAME_FREE;
        } else
            y->scope = NAME_GLOBAL_IMPLICIT;
    }
    for (Scope *c = s->first_child; c; c = c->sibling)
        resolve(w, c);
}

void symtable_build(Front *f, Node *tree)
{
    ModuleScopes *m = NEW(f, ModuleScopes);
    f->scopes = m;
    Walk w = {.f = f, .m = m};
    w.names.class_ = INTERN_LITERAL(f, "__class__");
    w.names.classdict = INTERN_LITERAL(f, "__classdict__");
    w.names.conditional = INTERN_LITERAL(f, "__conditional_annotations__");
    w.names.super = INTERN_LITERAL(f, "super");
    w.names.annotate_name = INTERN_LITERAL(f, "__annotate__");
    w.names.format = INTERN_LITERAL(f, ".format");
    w.names.debug = INTERN_LITERAL(f, "__debug__");
    w.names.defaults = INTERN_LITERAL(f, ".defaults");
    w.names.kwdefaults = INTERN_LITERAL(f, ".kwdefaults");
    w.names.type_params = INTERN_LITERAL(f, ".type_params");
    w.names.generic_base = INTERN_LITERAL(f, ".generic_base");
    warn_finally(f, tree);
    m->future = future_features(f, tree, &m->future_line) | (f->flags & FRONT_FUTURE_ANNOTATIONS);
    m->top = enter(&w, SCOPE_MODULE, INTERN_LITERAL(f, "<module>"), tree, PART_BODY, (Pos){1, 0, 1, 0});
    if (tree->kind == Module_kind)
        m->top->has_docstring = first_is_docstring(tree->Module.body);
    visit_fields(&w, tree);
    resolve(&w, m->top);
}

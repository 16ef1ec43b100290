// _opcode: what the library's opcode and dis modules ask. Their tables number CPython's instructions, which Skein's code objects do
// not consist of (skein --dump=bytecode shows what they do): so no number is a valid instruction here.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/code.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
FUNCTION(no_opcode) {
    int op;
    return arg_int(t, args[0], &op) < 0 ? UNDEF : FALSE_VALUE;
}
FUNCTION(stack_effect) {
    int op;
    return arg_int(t, args[0], &op) < 0 ? UNDEF : raise(t, VALUE_ERROR, "invalid opcode or oparg");
}
FUNCTION(get_executor) { return raise(t, VALUE_ERROR, "no executor at given byte offset"); }
FUNCTION(get_specialization_stats) { return NONE; }

static Value text_list(Thread *t, const char *const *texts) {
    Value list = list_new(t, 8);
    for (; list && *texts; texts++) {
        Value s = str_intern_text(t, *texts);
        if (!s || list_append(t, value_list(list), s) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}
// Operands of CPython's BINARY_OP: (name, symbol) by number.
FUNCTION(get_nb_ops) {
    static const char *const names[] = {"ADD", "AND", "FLOOR_DIVIDE", "LSHIFT", "MATRIX_MULTIPLY", "MULTIPLY", "REMAINDER", "OR", "POWER", "RSHIFT", "SUBTRACT",
                                        "TRUE_DIVIDE", "XOR"};
    static const char *const symbols[] = {"+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^"};
    enum { COUNT = sizeof names / sizeof *names };
    Value list = list_new(t, 2 * COUNT + 1);
    for (int i = 0; list && i <= 2 * COUNT; i++) {
        bool last = i == 2 * COUNT, inplace = i >= COUNT;
        Value pair[2] = {last ? str_from_text(t, "NB_SUBSCR") : str_of_format(t, "NB_%s%s", inplace ? "INPLACE_" : "", names[i % COUNT]),
                         last ? str_from_text(t, "[]") : str_of_format(t, "%s%s", symbols[i % COUNT], inplace ? "=" : "")};
        Value tuple = pair[0] && pair[1] ? tuple_from_values(t, pair, 2) : UNDEF;
        if (!tuple || list_append(t, value_list(list), tuple) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}
FUNCTION(get_intrinsic1_descs) {
    return text_list(t, (const char *const[]){"INTRINSIC_1_INVALID", "INTRINSIC_PRINT", "INTRINSIC_IMPORT_STAR", "INTRINSIC_STOPITERATION_ERROR",
        "INTRINSIC_ASYNC_GEN_WRAP", "INTRINSIC_UNARY_POSITIVE", "INTRINSIC_LIST_TO_TUPLE", "INTRINSIC_TYPEVAR", "INTRINSIC_PARAMSPEC", "INTRINSIC_TYPEVARTUPLE",
        "INTRINSIC_SUBSCRIPT_GENERIC", "INTRINSIC_TYPEALIAS", NULL});
}
FUNCTION(get_intrinsic2_descs) {
    return text_list(t, (const char *const[]){"INTRINSIC_2_INVALID", "INTRINSIC_PREP_RERAISE_STAR", "INTRINSIC_TYPEVAR_WITH_BOUND",
        "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS", "INTRINSIC_SET_FUNCTION_TYPE_PARAMS", "INTRINSIC_SET_TYPEPARAM_DEFAULT", NULL});
}
FUNCTION(get_special_method_names) { return text_list(t, (const char *const[]){"__enter__", "__exit__", "__aenter__", "__aexit__", NULL}); }

// ---- Skein's own operations, for the disassembler (lib/dis.py)
// (name, kind of a, of b, of c) by number; kinds as in ops/ops.def, "" for none.
FUNCTION(get_operations) {
    static const char *const kinds[] = {"", "D", "R", "X", "W", "F", "K", "N", "I", "U", "J", "K32", "I32", "J32"};
    Value list = list_new(t, OP_COUNT);
    for (int i = 0; list && i < OP_COUNT; i++) {
        const OpInfo *info = &op_info[i];
        Value row[4] = {str_from_text(t, info->name), str_intern_text(t, kinds[info->a]), str_intern_text(t, kinds[info->b]), str_intern_text(t, kinds[info->c])};
        Value tuple = row[0] && row[1] && row[2] && row[3] ? tuple_from_values(t, row, 4) : UNDEF;
        if (!tuple || list_append(t, value_list(list), tuple) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}
static Code *code_argument(Thread *t, ValueRef v) { return value_is(v, CODE) ? value_code(v) : raise_null(t, TYPE_ERROR, "expected a code object, not '%T'", v); }
// What K and N operands number; the names of the first registers.
FUNCTION(get_operands) {
    Code *c = code_argument(t, args[0]);
    Tuple *tuple = c ? tuple_alloc(t, c->nconstants) : NULL;
    for (uint32_t i = 0; tuple && i < c->nconstants; i++) slot_init(&tuple->items[i], c->data->constants[i] ? value_dup(t, c->data->constants[i]) : NONE);
    return tuple ? value_of(tuple) : UNDEF;
}
FUNCTION(get_registers) {
    Code *c = code_argument(t, args[0]);
    return c ? slot_get(t, &c->varnames) : UNDEF;
}

#define QUESTION(name) {name, no_opcode, "($module, /, opcode)", "False: these are no instructions of Skein's.", 0}
static const NativeDef opcode_functions[] = {
    {"stack_effect", stack_effect, "($module, opcode, oparg=None, /, *, jump=None)", "Refuses.", 0},
    QUESTION("is_valid"), QUESTION("has_arg"), QUESTION("has_const"), QUESTION("has_name"), QUESTION("has_jump"), QUESTION("has_free"), QUESTION("has_local"),
    QUESTION("has_exc"),
    {"_get_operations", get_operations, "($module, /)", "Skein's operations: their names and kinds of operands.", 0},
    {"_get_operands", get_operands, "($module, code, /)", "The constants and names that the code's operands number.", 0},
    {"_get_registers", get_registers, "($module, code, /)", "The names of the code's first registers.", 0},
    {"get_executor", get_executor, "($module, /, code, offset)", "Refuses: there are no executors.", 0},
    {"get_specialization_stats", get_specialization_stats, "($module, /)", "None.", 0},
    {"get_nb_ops", get_nb_ops, "($module, /)", "Names and symbols of binary operators.", 0},
    {"get_intrinsic1_descs", get_intrinsic1_descs, "($module, /)", "Names of CPython's intrinsics of one operand.", 0},
    {"get_intrinsic2_descs", get_intrinsic2_descs, "($module, /)", "Names of CPython's intrinsics of two operands.", 0},
    {"get_special_method_names", get_special_method_names, "($module, /)", "Names of the methods of with statements.", 0},
    NATIVE_END};
// Specialised forms of instructions are used with threads as without them.
static int opcode_exec(Thread *t, ValueRef module) {
    return module_add(t, module, "ENABLE_SPECIALIZATION", TRUE_VALUE) < 0 ? -1 : module_add(t, module, "ENABLE_SPECIALIZATION_FT", TRUE_VALUE);
}
const ModuleSpec _opcode_module = {.name = "_opcode", .doc = "CPython's instructions, as far as the library asks.", .functions = opcode_functions, .exec = opcode_exec};

// Traceback objects: one for each frame that an exception passed.
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/traceback.h"

static Traceback *traceback_of(ValueRef v) { return (Traceback *)value_object(v); }
static Frame *frame_of(const Traceback *tb) { return (Frame *)value_object(slot_borrow(&tb->frame)); }

static Value traceback_new(Thread *t, Value next_steal, ValueRef frame, uint32_t instruction, int32_t lineno) {
    Traceback *tb = object_new(t, TYPE_OF(TRACEBACK));
    if (!tb) {
        value_release(t, next_steal);
        return UNDEF;
    }
    slot_init(&tb->next, next_steal);
    slot_init(&tb->frame, value_dup(t, frame));
    tb->instruction = instruction;
    tb->lineno = lineno;
    tb->lasti = -1;
    return value_of(tb);
}

int traceback_add(Thread *t, ValueRef exception, ValueRef frame, uint32_t instruction) {
    BaseException *e = value_exception(exception);
    Value tb = traceback_new(t, slot_get(t, &e->traceback), frame, instruction, -1);
    if (!value_bits(tb)) return -1;
    slot_store(t, e, &e->traceback, tb);
    return 0;
}

int32_t traceback_lineno(const Traceback *tb) {
    if (tb->lineno != -1) return tb->lineno;
    return code_position(value_code(slot_borrow(&frame_of(tb)->code)), tb->instruction).line;
}

static int next_argument(Thread *t, ValueRef v, const char *message) {
    if (value_bits(v) == value_bits(NONE) || value_is(v, TRACEBACK)) return 0;
    return raise_int(t, TYPE_ERROR, message, v);
}

static Value traceback_slot_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[4];
    int lasti, lineno;
    if (args_bind(t, "traceback", "(tb_next, tb_frame, tb_lasti, tb_lineno)", args, nargs, kwnames, given) < 0) return UNDEF;
    if (next_argument(t, given[0], "expected traceback object or None, got '%T'") < 0) return UNDEF;
    if (!value_is(given[1], FRAME)) return raise(t, TYPE_ERROR, "traceback() argument 'tb_frame' must be frame, not %T", given[1]);
    if (arg_int(t, given[2], &lasti) < 0 || arg_int(t, given[3], &lineno) < 0) return UNDEF;
    bool none = value_bits(given[0]) == value_bits(NONE);
    uint32_t count = value_code(slot_borrow(&((Frame *)value_object(given[1]))->code))->ninstructions, at = lasti < 0 ? 0 : (uint32_t)lasti / (uint32_t)sizeof(Ins);
    Value v = traceback_new(t, none ? UNDEF : value_dup(t, given[0]), given[1], at < count ? at : 0, lineno);
    if (value_bits(v)) traceback_of(v)->lasti = lasti;
    return v;
}

static Value get_next(Thread *t, ValueRef self) {
    Value next = slot_get(t, &traceback_of(self)->next);
    return value_bits(next) ? next : NONE;
}
static int set_next(Thread *t, ValueRef self, ValueRef value) {
    if (!value_bits(value)) return raise_int(t, TYPE_ERROR, "can't delete tb_next attribute");
    if (next_argument(t, value, "expected traceback object, got '%T'") < 0) return -1;
    bool none = value_bits(value) == value_bits(NONE);
    // No safepoint stands between the borrows: the chain is walked in one go.
    for (ValueRef at = none ? (ValueRef)UNDEF : value; value_bits(at); at = slot_borrow(&traceback_of(at)->next))
        if (value_bits(at) == value_bits(self)) return raise_int(t, VALUE_ERROR, "traceback loop detected");
    slot_store(t, traceback_of(self), &traceback_of(self)->next, none ? UNDEF : value_dup(t, value));
    return 0;
}
static Value get_frame(Thread *t, ValueRef self) { return slot_get(t, &traceback_of(self)->frame); }
static Value get_lineno(Thread *t, ValueRef self) {
    int32_t line = traceback_lineno(traceback_of(self));
    return line < 0 ? NONE : value_int(line);
}
static Value get_lasti(Thread *t, ValueRef self) {
    if (traceback_of(self)->lasti >= 0) return value_int(traceback_of(self)->lasti);
    return value_int((int64_t)code_offset(traceback_of(self)->instruction));
}
static const GetSetDef traceback_getset[] = {
    {"tb_next", get_next, set_next, NULL}, {"tb_frame", get_frame, NULL, NULL}, {"tb_lineno", get_lineno, NULL, NULL}, {"tb_lasti", get_lasti, NULL, NULL}, GETSET_END};

static Value traceback_dir(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Value list = list_new(t, 4);
    for (int i = 0; value_bits(list) && i < 4; i++) {
        Value name = str_from_text(t, traceback_getset[i].name);
        if (!value_bits(name) || list_append(t, value_list(list), name) < 0) VALUE_CLEAR(t, list);
    }
    return list;
}
static const NativeDef traceback_methods[] = {{"__dir__", traceback_dir, "($self, /)", NULL, 0}, NATIVE_END};

static void traceback_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Traceback *)o)->next, arg);
    visit(&((Traceback *)o)->frame, arg);
}
static void traceback_destroy(Thread *t, Object *o) {
    value_release(t, ((Traceback *)o)->next);
    value_release(t, ((Traceback *)o)->frame);
}
static void traceback_clear(Thread *t, Object *o) { slot_store(t, o, &((Traceback *)o)->next, UNDEF); }
const TypeSpec traceback_spec = {
    .name = "traceback", .doc = "Where an exception passed.", .size = sizeof(Traceback), .ops = {.new = traceback_slot_new}, .methods = traceback_methods,
    .getset = traceback_getset, .new_signature = "(tb_next, tb_frame, tb_lasti, tb_lineno)", .destroy = traceback_destroy, .traverse = traceback_traverse,
    .clear = traceback_clear};

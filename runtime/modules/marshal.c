// marshal: values as bytes. The data formats are CPython's versions 0 to 5 (facts: Library reference, and what it writes); code
// objects ('c') are Skein's own: instructions with their quickening undone, tables, constants.
#include "runtime/marshal.h"
#include "bytecode_id.h"
#include <stdlib.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/code.h"
#include "runtime/error.h"
#include "runtime/module.h"
#include "runtime/names.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/slice.h"
#include "runtime/objects/str.h"
#include "runtime/objects/str_internal.h"
#include "runtime/objects/tuple.h"

enum { VERSION = 5, DEPTH_MAX = 2000, FLAG_REF = 0x80 };
#define CODE_FORMAT ((uint32_t)(BYTECODE_ID >> 16)) // first word of a code object: whatever reaches it past the magic number is refused

uint32_t marshal_magic(void) { return (uint32_t)(BYTECODE_ID & 0xffff) | 0x0a0du << 16; }

// ================================================================ writing
typedef struct Seen { const Object *object; uint32_t index; } Seen;
typedef struct Writer {
    Thread *t;
    ByteBuffer *out;
    int version, depth;
    bool allow_code;
    Seen *seen;           // open addressing; the objects are held by `held`
    size_t seen_capacity;
    Value *held;
    size_t held_count, held_capacity;
} Writer;

static void put1(Writer *w, uint8_t b) { bytebuffer_put1(w->out, b); }
static void put4(Writer *w, uint32_t n) {
    uint8_t b[4] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24)};
    bytebuffer_put(w->out, b, 4);
}
static int put_size(Writer *w, size_t n) {
    if (n > INT32_MAX) return raise_int(w->t, VALUE_ERROR, "unmarshallable object");
    put4(w, (uint32_t)n);
    return 0;
}

static size_t seen_cell(const Writer *w, const Object *o) {
    size_t i = ((uintptr_t)o >> 4) * 0x9E3779B97F4A7C15u >> 20 & (w->seen_capacity - 1);
    while (w->seen[i].object && w->seen[i].object != o) i = (i + 1) & (w->seen_capacity - 1);
    return i;
}
static bool seen_grow(Writer *w) {
    size_t capacity = w->seen_capacity ? w->seen_capacity * 2 : 256;
    Seen *old = w->seen, *fresh = calloc(capacity, sizeof *fresh);
    if (!fresh) return false;
    size_t n = w->seen_capacity;
    w->seen = fresh;
    w->seen_capacity = capacity;
    for (size_t i = 0; i < n; i++)
        if (old[i].object) w->seen[seen_cell(w, old[i].object)] = old[i];
    free(old);
    return true;
}
// 1: written as a reference to an earlier one. 0: `*flag` goes with its type code. -1.
static int put_reference(Writer *w, ValueRef v, uint8_t *flag) {
    *flag = 0;
    if (w->version < 3 || !value_is_pointer(v)) return 0;
    if (w->held_count * 2 >= w->seen_capacity && !seen_grow(w)) return raise_no_memory(w->t), -1;
    size_t i = seen_cell(w, value_object(v));
    if (w->seen[i].object) {
        put1(w, 'r');
        put4(w, w->seen[i].index);
        return 1;
    }
    if (w->held_count == w->held_capacity) {
        size_t capacity = w->held_capacity ? w->held_capacity * 2 : 64;
        Value *grown = realloc(w->held, capacity * sizeof *grown);
        if (!grown) return raise_no_memory(w->t), -1;
        w->held = grown;
        w->held_capacity = capacity;
    }
    w->seen[i] = (Seen){value_object(v), (uint32_t)w->held_count};
    w->held[w->held_count++] = value_dup(w->t, v);
    *flag = FLAG_REF;
    return 0;
}

static int write_value(Writer *w, ValueRef v);

static int write_int(Writer *w, ValueRef v, uint8_t flag) {
    int64_t n;
    if (int_as_int64(v, &n) == 0 && n >= INT32_MIN && n <= INT32_MAX) {
        put1(w, 'i' | flag);
        put4(w, (uint32_t)(int32_t)n);
        return 0;
    }
    IntView view;
    int_view(v, &view);
    size_t limbs = (size_t)(view.size < 0 ? -view.size : view.size);
    size_t bits = 64 * limbs;
    while (bits && !(view.limbs[(bits - 1) / 64] >> (bits - 1) % 64 & 1)) bits--;
    size_t digits = (bits + 14) / 15;
    if (digits > INT32_MAX) return raise_int(w->t, VALUE_ERROR, "unmarshallable object");
    put1(w, 'l' | flag);
    put4(w, view.size < 0 ? -(uint32_t)digits : (uint32_t)digits);
    for (size_t i = 0; i < digits; i++) {
        size_t at = i * 15;
        uint64_t d = view.limbs[at / 64] >> at % 64;
        if (at % 64 > 49 && at / 64 + 1 < limbs) d |= view.limbs[at / 64 + 1] << (64 - at % 64);
        uint8_t b[2] = {(uint8_t)d, (uint8_t)(d >> 8 & 0x7f)};
        bytebuffer_put(w->out, b, 2);
    }
    return 0;
}
static int write_double_text(Writer *w, double d) {
    Value text = float_repr(w->t, d);
    if (!text) return -1;
    put1(w, (uint8_t)str_length(value_str(text)));
    bytebuffer_put(w->out, str_data(value_str(text)), str_length(value_str(text)));
    value_release(w->t, text);
    return 0;
}
static void write_double(Writer *w, double d) { bytebuffer_put(w->out, &d, sizeof d); }

static int write_str(Writer *w, ValueRef v, uint8_t flag) {
    const Str *s = value_str(v);
    size_t n = str_length(s);
    bool interned = str_is_interned(s);
    if (w->version >= 4 && str_is_ascii(s)) {
        if (n < 256) {
            put1(w, (interned ? 'Z' : 'z') | flag);
            put1(w, (uint8_t)n);
        } else {
            put1(w, (interned ? 'A' : 'a') | flag);
            if (put_size(w, n) < 0) return -1;
        }
        bytebuffer_put(w->out, str_data(s), n);
        return 0;
    }
    put1(w, (w->version >= 3 && interned ? 't' : 'u') | flag);
    Text text = str_text(s);
    size_t bytes = codec_utf8_size(text, true);
    if (put_size(w, bytes) < 0) return -1;
    if (!bytebuffer_reserve(w->out, bytes)) return 0; // `failed` tells
    codec_utf8_write(text, w->out->data + w->out->length);
    w->out->length += bytes;
    return 0;
}

static int write_items(Writer *w, ValueRef tuple) {
    for (int64_t i = 0, n = value_tuple(tuple)->length; i < n; i++)
        if (write_value(w, tuple_item(value_tuple(tuple), i)) < 0) return -1;
    return 0;
}

// ---- code
static int write_code(Writer *w, ValueRef v, uint8_t flag) {
    Code *c = value_code(v);
    put1(w, 'c' | flag);
    uint32_t numbers[] = {CODE_FORMAT, c->ninstructions, c->nconstants, c->nexceptions, c->positions_bytes, c->data->nregs, c->data->argcount, c->posonlyargcount,
                          c->kwonlyargcount, c->data->flags, c->data->nlocals, (uint32_t)c->firstlineno, c->ninline};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) put4(w, numbers[i]);
    for (uint32_t i = 0; i < c->ninstructions; i++) {
        Ins ins = code_plain_instruction(c, i);
        bytebuffer_put(w->out, &ins, sizeof ins);
    }
    bytebuffer_put(w->out, c->exceptions, c->nexceptions * sizeof *c->exceptions);
    bytebuffer_put(w->out, c->inline_variables, c->ninline * sizeof *c->inline_variables);
    bytebuffer_put(w->out, c->positions, c->positions_bytes);
    for (uint32_t i = 0; i < c->nconstants; i++) {
        ValueRef k = slot_borrow(&c->data->constants[i]);
        if (!k) put1(w, '0');
        else if (write_value(w, k) < 0) return -1;
    }
    ValueRef parts[] = {c->varnames, c->cellvars, c->freevars, c->names, c->inline_names, c->consts, c->name, c->qualname, c->filename};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (write_value(w, parts[i]) < 0) return -1;
    return 0;
}

static int write_slice(Writer *w, ValueRef v, uint8_t flag) {
    Slice *s = value_slice(v);
    put1(w, ':' | flag);
    return write_value(w, s->start) < 0 || write_value(w, s->stop) < 0 || write_value(w, s->step) < 0 ? -1 : 0;
}

static int write_container(Writer *w, ValueRef v, uint8_t flag) {
    Thread *t = w->t;
    int result = -1;
    if (value_is(v, TUPLE)) {
        size_t n = (size_t)value_tuple(v)->length;
        if (w->version >= 4 && n < 256) {
            put1(w, ')' | flag);
            put1(w, (uint8_t)n);
        } else {
            put1(w, '(' | flag);
            if (put_size(w, n) < 0) return -1;
        }
        return write_items(w, v);
    }
    if (value_is(v, LIST) || value_is_any_set(v)) {
        Value items = tuple_from_iterable(t, v);
        if (!items) return -1;
        put1(w, (value_is(v, LIST) ? '[' : value_is(v, FROZENSET) ? '>' : '<') | flag);
        result = put_size(w, (size_t)value_tuple(items)->length);
        if (result == 0) result = write_items(w, items);
        value_release(t, items);
        return result;
    }
    put1(w, '{' | flag);
    int64_t position = 0;
    Value key, value;
    result = 0;
    while (result == 0 && dict_next(t, value_dict(v), &position, &key, &value)) {
        if (write_value(w, key) < 0 || write_value(w, value) < 0) result = -1;
        value_release(t, key);
        value_release(t, value);
    }
    put1(w, '0');
    return result;
}

static int write_object(Writer *w, ValueRef v, uint8_t flag) {
    Thread *t = w->t;
    if (value_is(v, INT)) return write_int(w, v, flag);
    if (value_is(v, STR)) return write_str(w, v, flag);
    if (value_is(v, FLOAT) || value_is_float(v)) {
        put1(w, (w->version > 1 ? 'g' : 'f') | flag);
        if (w->version <= 1) return write_double_text(w, float_value(v));
        write_double(w, float_value(v));
        return 0;
    }
    if (value_is(v, COMPLEX)) {
        const Complex *c = (const Complex *)value_object(v);
        put1(w, (w->version > 1 ? 'y' : 'x') | flag);
        if (w->version <= 1) return write_double_text(w, c->real) < 0 || write_double_text(w, c->imag) < 0 ? -1 : 0;
        write_double(w, c->real);
        write_double(w, c->imag);
        return 0;
    }
    if (value_is(v, BYTES)) {
        put1(w, 's' | flag);
        if (put_size(w, value_bytes(v)->length) < 0) return -1;
        bytebuffer_put(w->out, value_bytes(v)->data, value_bytes(v)->length);
        return 0;
    }
    if (value_is(v, TUPLE) || value_is(v, LIST) || value_is(v, SET) || value_is(v, FROZENSET) || value_is(v, DICT)) return write_container(w, v, flag);
    if (value_is(v, CODE)) return w->allow_code ? write_code(w, v, flag) : raise_int(t, VALUE_ERROR, "marshalling code objects is disallowed");
    if (value_is(v, SLICE) && w->version >= 5) return write_slice(w, v, flag);
    if (value_is_pointer(v) && value_has_buffer(v)) {
        Buffer b;
        if (buffer_get(t, v, &b, BUFFER_READ) < 0) {
            error_clear(t);
            return raise_int(t, VALUE_ERROR, "unmarshallable object");
        }
        put1(w, 's' | flag);
        int result = put_size(w, (size_t)b.length);
        if (result == 0) bytebuffer_put(w->out, b.data, (size_t)b.length);
        buffer_release(t, &b);
        return result;
    }
    return raise_int(t, VALUE_ERROR, "unmarshallable object");
}

static int write_value(Writer *w, ValueRef v) {
    if (value_is_int(v)) return write_int(w, v, 0);
    if (v == NONE) return put1(w, 'N'), 0;
    if (v == TRUE_VALUE) return put1(w, 'T'), 0;
    if (v == FALSE_VALUE) return put1(w, 'F'), 0;
    if (v == ELLIPSIS) return put1(w, '.'), 0;
    if (value_is_pointer(v) && value_object(v) == (Object *)EXCEPTION(STOP_ITERATION)) return put1(w, 'S'), 0;
    uint8_t flag;
    int done = put_reference(w, v, &flag);
    if (done) return done < 0 ? -1 : 0;
    if (w->depth >= DEPTH_MAX) return raise_int(w->t, VALUE_ERROR, "object too deeply nested to marshal");
    if (native_stack_exhausted(w->t, " while marshalling")) return -1;
    w->depth++;
    int result = write_object(w, v, flag);
    w->depth--;
    return result;
}

static int dump_version(Thread *t, ValueRef v, ByteBuffer *out, int version, bool allow_code) {
    Writer w = {.t = t, .out = out, .version = version, .allow_code = allow_code};
    int result = write_value(&w, v);
    for (size_t i = 0; i < w.held_count; i++) value_release(t, w.held[i]);
    free(w.held);
    free(w.seen);
    if (result == 0 && out->failed) raise_no_memory(t), result = -1;
    return result;
}
int marshal_dump(Thread *t, ValueRef v, ByteBuffer *out) { return dump_version(t, v, out, VERSION, true); }

// ================================================================ reading
typedef struct Reader {
    Thread *t;
    const uint8_t *p, *end;
    ValueRef file;  // or UNDEF: then p..end is all
    Value chunk;    // bytes that p..end lies in, read from the file
    int depth;
    bool allow_code, own; // own: see marshal_loads_own
    Value refs;     // list; an entry of None that is not ready yet is marked in `open`
} Reader;

static int too_short(Reader *r) { return raise_int(r->t, EOF_ERROR, "marshal data too short"); }

// n more bytes at r->p (the caller advances). -1 with EOFError.
static int need(Reader *r, size_t n) {
    if (LIKELY((size_t)(r->end - r->p) >= n)) return 0;
    if (!r->file || n > INT64_MAX / 2) return too_short(r);
    // Nothing is left of an earlier chunk: each is asked for as it is needed.
    Value data = call_method_1(r->t, r->file, NAME(read), value_int((int64_t)n));
    if (!data) return -1;
    if (!value_is_any_bytes(data)) {
        raise(r->t, TYPE_ERROR, "file.read() returned not bytes but %T", data);
        value_release(r->t, data);
        return -1;
    }
    size_t got = value_bytes(data)->length;
    if (got != n) {
        value_release(r->t, data);
        if (got > n) return raise_int(r->t, VALUE_ERROR, "read() returned too much data: %zu bytes requested, %zu returned", n, got);
        return raise_int(r->t, EOF_ERROR, "EOF read where not expected");
    }
    value_release(r->t, r->chunk);
    r->chunk = data;
    r->p = value_bytes(data)->data;
    r->end = r->p + got;
    return 0;
}
static int get1(Reader *r) { return need(r, 1) < 0 ? -1 : *r->p++; }
static int get4(Reader *r, uint32_t *out) {
    if (need(r, 4) < 0) return -1;
    *out = (uint32_t)r->p[0] | (uint32_t)r->p[1] << 8 | (uint32_t)r->p[2] << 16 | (uint32_t)r->p[3] << 24;
    r->p += 4;
    return 0;
}
// A count of things of at least `least` bytes each: refused where the data cannot hold them.
static int get_size(Reader *r, size_t *out, size_t least, const char *what) {
    uint32_t n;
    if (get4(r, &n) < 0) return -1;
    if (n > INT32_MAX) return raise_int(r->t, VALUE_ERROR, "bad marshal data (%s size out of range)", what);
    if (!r->file && least && n > (size_t)(r->end - r->p) / least && least > 1) return too_short(r);
    *out = n;
    return 0;
}

static Value read_value(Reader *r);

// The place of an object that is made when its parts have been read; -1 with an exception.
static int64_t reserve(Reader *r, bool flagged) {
    if (!flagged) return 0;
    int64_t n = list_length(value_list(r->refs));
    return list_append(r->t, value_list(r->refs), NOT_IMPLEMENTED) < 0 ? -1 : n + 1;
}
// Puts the object there; gives it back, UNDEF where it is UNDEF or that failed.
static Value settle(Reader *r, int64_t place, Value v) {
    if (!v || !place) return v;
    if (list_set(r->t, value_list(r->refs), place - 1, value_dup(r->t, v)) < 0) VALUE_CLEAR(r->t, v);
    return v;
}
static Value remember(Reader *r, bool flagged, Value v) {
    if (v && flagged && list_append(r->t, value_list(r->refs), value_dup(r->t, v)) < 0) VALUE_CLEAR(r->t, v);
    return v;
}

static Value read_long(Reader *r) {
    uint32_t word;
    if (get4(r, &word) < 0) return UNDEF;
    int32_t count = (int32_t)word;
    if (count == INT32_MIN) return raise(r->t, VALUE_ERROR, "bad marshal data (long size out of range)");
    size_t n = (size_t)(count < 0 ? -(int64_t)count : count);
    if (need(r, n * 2) < 0) return UNDEF;
    size_t limbs = (n * 15 + 63) / 64 + 1;
    uint64_t *out = calloc(limbs, sizeof *out);
    if (!out) return raise_no_memory(r->t);
    uint32_t digit = 0;
    bool bad = false;
    for (size_t i = 0; i < n; i++) {
        digit = (uint32_t)r->p[2 * i] | (uint32_t)r->p[2 * i + 1] << 8;
        bad = bad || digit > 0x7fff;
        size_t at = i * 15;
        out[at / 64] |= (uint64_t)digit << at % 64;
        if (at % 64 > 49) out[at / 64 + 1] |= (uint64_t)digit >> (64 - at % 64);
    }
    r->p += n * 2;
    Value v = UNDEF;
    if (bad) {
        raise(r->t, VALUE_ERROR, "bad marshal data (digit out of range in long)");
    } else if (n && digit == 0) {
        raise(r->t, VALUE_ERROR, "bad marshal data (unnormalized long data)");
    } else {
        while (limbs && !out[limbs - 1]) limbs--;
        v = int_from_limbs(r->t, out, count < 0 ? -(int64_t)limbs : (int64_t)limbs);
    }
    free(out);
    return v;
}
static int read_double_text(Reader *r, double *out) {
    int n = get1(r);
    if (n < 0 || need(r, (size_t)n) < 0) return -1;
    Value text = str_from_latin1(r->t, r->p, (size_t)n);
    r->p += n;
    Value v = text ? float_from_str(r->t, text) : UNDEF;
    value_release(r->t, text);
    if (!v) return -1;
    *out = float_value(v);
    value_release(r->t, v);
    return 0;
}
static int read_double(Reader *r, double *out) {
    if (need(r, 8) < 0) return -1;
    memcpy(out, r->p, 8);
    r->p += 8;
    return 0;
}

static Value read_text(Reader *r, int type) {
    size_t n;
    bool interned = type == 'A' || type == 'Z' || type == 't';
    if (type == 'z' || type == 'Z') {
        int one = get1(r);
        if (one < 0) return UNDEF;
        n = (size_t)one;
    } else if (get_size(r, &n, 1, "string") < 0) {
        return UNDEF;
    }
    if (need(r, n) < 0) return UNDEF;
    Value v;
    if (type == 'u' || type == 't') {
        v = str_from_utf8_surrogates(r->t, (const char *)r->p, n);
    } else {
        v = codec_ascii_prefix(r->p, n) == n ? str_from_ascii(r->t, (const char *)r->p, n) : str_from_latin1(r->t, r->p, n);
    }
    r->p += n;
    return v && interned ? str_intern(r->t, v) : v;
}

static Value read_tuple(Reader *r, size_t n, bool flagged) {
    int64_t place = reserve(r, flagged);
    // The items are gathered in a list first: a false count must not cost memory.
    Value list = place < 0 ? UNDEF : list_new(r->t, n < 1024 ? (int64_t)n : 1024);
    for (size_t i = 0; list && i < n; i++) {
        Value v = read_value(r);
        if (!v || list_append(r->t, value_list(list), v) < 0) VALUE_CLEAR(r->t, list);
    }
    Value tuple = list ? list_snapshot(r->t, value_list(list)) : UNDEF;
    value_release(r->t, list);
    return settle(r, place, tuple);
}

static Value read_list(Reader *r, bool flagged) {
    size_t n;
    if (get_size(r, &n, 1, "list") < 0) return UNDEF;
    Value list = remember(r, flagged, list_new(r->t, 0));
    for (size_t i = 0; list && i < n; i++) {
        Value v = read_value(r);
        if (!v || list_append(r->t, value_list(list), v) < 0) VALUE_CLEAR(r->t, list);
    }
    return list;
}
static Value read_set(Reader *r, bool frozen, bool flagged) {
    size_t n;
    if (get_size(r, &n, 1, "set") < 0) return UNDEF;
    int64_t place = frozen ? reserve(r, flagged) : 0;
    Value set = place < 0 ? UNDEF : set_new(r->t);
    if (!frozen) set = remember(r, flagged, set);
    for (size_t i = 0; set && i < n; i++) {
        Value v = read_value(r);
        if (!v || set_add(r->t, value_set(set), v) < 0) VALUE_CLEAR(r->t, set);
        value_release(r->t, v);
    }
    if (frozen && set) {
        Value done = frozenset_from_iterable(r->t, set);
        value_release(r->t, set);
        set = settle(r, place, done);
    }
    return set;
}
// A value, or UNDEF without an exception where a dict's end mark stands.
static Value read_or_end(Reader *r) {
    if (!r->file || r->p < r->end) {
        if (r->p < r->end && (*r->p & ~FLAG_REF) == '0') return r->p++, UNDEF;
        return read_value(r);
    }
    if (need(r, 1) < 0) return UNDEF;
    if ((*r->p & ~FLAG_REF) == '0') return r->p++, UNDEF;
    return read_value(r);
}
static Value read_dict(Reader *r, bool flagged) {
    Value dict = remember(r, flagged, dict_new(r->t));
    while (dict) {
        Value key = read_or_end(r);
        if (!key && !error_pending(r->t)) return dict;
        Value value = key ? read_or_end(r) : UNDEF;
        bool ended = key && !value && !error_pending(r->t);
        if (!ended && (!value || dict_set(r->t, value_dict(dict), key, value) < 0)) VALUE_CLEAR(r->t, dict);
        value_release(r->t, key);
        value_release(r->t, value);
        if (ended) break;
    }
    return dict;
}

// ---- code
static Value bad_code(Reader *r) { return raise(r->t, VALUE_ERROR, "bad marshal data (invalid code object)"); }

static Value read_code(Reader *r, bool flagged) {
    Thread *t = r->t;
    if (!r->allow_code) return raise(t, VALUE_ERROR, "unmarshalling code objects is disallowed");
    int64_t place = reserve(r, flagged);
    uint32_t n[13];
    if (place < 0) return UNDEF;
    for (int i = 0; i < 13; i++)
        if (get4(r, &n[i]) < 0) return UNDEF;
    if (n[0] != CODE_FORMAT || n[1] > 1u << 28 || n[2] > 1u << 28 || n[3] > 1u << 26 || n[4] > 1u << 30 || n[5] > 1u << 22 || n[10] > n[5] || n[12] > 1u << 24) return bad_code(r);
    Ins *instructions = NULL;
    ExceptionRow *rows = NULL;
    InlineVariable *inlined = NULL;
    uint8_t *positions = NULL;
    Value constants = UNDEF, parts[9] = {UNDEF}, code = UNDEF;
    if (need(r, n[1] * sizeof(Ins)) < 0 || !(instructions = malloc(n[1] * sizeof(Ins) + 1))) goto done;
    memcpy(instructions, r->p, n[1] * sizeof(Ins));
    r->p += n[1] * sizeof(Ins);
    if (need(r, n[3] * sizeof *rows) < 0 || !(rows = malloc(n[3] * sizeof *rows + 1))) goto done;
    memcpy(rows, r->p, n[3] * sizeof *rows);
    r->p += n[3] * sizeof *rows;
    if (need(r, n[12] * sizeof *inlined) < 0 || !(inlined = malloc(n[12] * sizeof *inlined + 1))) goto done;
    memcpy(inlined, r->p, n[12] * sizeof *inlined);
    r->p += n[12] * sizeof *inlined;
    if (need(r, n[4]) < 0 || !(positions = malloc(n[4] + 1))) goto done;
    memcpy(positions, r->p, n[4]);
    r->p += n[4];
    if (!(constants = list_new(t, n[2] < 1024 ? n[2] : 1024))) goto done;
    for (uint32_t i = 0; i < n[2]; i++) {
        Value v = read_or_end(r);
        if (!v && error_pending(t)) goto done;
        if (list_append(t, value_list(constants), v ? v : NOT_IMPLEMENTED) < 0) goto done;
    }
    for (int i = 0; i < 9; i++)
        if (!(parts[i] = read_value(r))) goto done;
    bool good = value_is(parts[4], TUPLE) && value_tuple(parts[4])->length == n[12];
    for (uint32_t i = 0; good && i < n[12]; i++) good = value_is(tuple_item(value_tuple(parts[4]), i), STR);
    if (!good || (!r->own && !code_positions_valid(positions, n[4], n[1]))) {
        bad_code(r);
        goto done;
    }
    ValueRef *refs = malloc((n[2] + 1) * sizeof *refs);
    if (!refs) goto done;
    for (uint32_t i = 0; i < n[2]; i++) {
        ValueRef k = list_borrow(value_list(constants), i);
        refs[i] = k == NOT_IMPLEMENTED ? (ValueRef)UNDEF : k;
    }
    CodeSpec spec = {.instructions = instructions, .ninstructions = n[1], .compact_positions = positions, .compact_bytes = n[4], .constants = refs, .nconstants = n[2],
                     .exceptions = rows, .nexceptions = n[3], .nregs = n[5], .argcount = n[6], .posonlyargcount = n[7], .kwonlyargcount = n[8], .flags = n[9],
                     .nlocals = n[10], .firstlineno = (int32_t)n[11], .varnames = parts[0], .cellvars = parts[1], .freevars = parts[2], .names = parts[3],
                     .inline_variables = inlined, .ninline = n[12], .inline_names = parts[4], .consts = parts[5], .name = parts[6], .qualname = parts[7],
                     .filename = parts[8]};
    uint32_t at = 0;
    const char *why = r->own ? NULL : code_verify(&spec, &at);
    if (!why) code = code_new(t, &spec);
    else raise(t, VALUE_ERROR, "bad marshal data (invalid code object: %s, instruction %u)", why, at);
    free(refs);
done:
    if (!code && !error_pending(t)) raise_no_memory(t);
    for (int i = 0; i < 9; i++) value_release(t, parts[i]);
    value_release(t, constants);
    free(inlined);
    free(positions);
    free(rows);
    free(instructions);
    return settle(r, place, code);
}

static Value read_of_type(Reader *r, int type, bool flagged) {
    Thread *t = r->t;
    size_t n;
    uint32_t word;
    double d, e;
    switch (type) {
    case 'N': return NONE;
    case 'T': return TRUE_VALUE;
    case 'F': return FALSE_VALUE;
    case '.': return ELLIPSIS;
    case 'S': return value_dup(t, value_of(EXCEPTION(STOP_ITERATION)));
    case '0': return raise(t, TYPE_ERROR, "NULL object in marshal data for object");
    case 'i': return get4(r, &word) < 0 ? UNDEF : remember(r, flagged, value_int((int32_t)word));
    case 'I': {
        int64_t wide;
        if (need(r, 8) < 0) return UNDEF;
        memcpy(&wide, r->p, 8);
        r->p += 8;
        return remember(r, flagged, int_from_int64(t, wide));
    }
    case 'l': return remember(r, flagged, read_long(r));
    case 'f': return read_double_text(r, &d) < 0 ? UNDEF : remember(r, flagged, float_new(t, d));
    case 'g': return read_double(r, &d) < 0 ? UNDEF : remember(r, flagged, float_new(t, d));
    case 'x': return read_double_text(r, &d) < 0 || read_double_text(r, &e) < 0 ? UNDEF : remember(r, flagged, complex_new(t, d, e));
    case 'y': return read_double(r, &d) < 0 || read_double(r, &e) < 0 ? UNDEF : remember(r, flagged, complex_new(t, d, e));
    case 's': {
        if (get_size(r, &n, 1, "bytes object") < 0 || need(r, n) < 0) return UNDEF;
        Value v = bytes_new(t, r->p, n);
        r->p += n;
        return remember(r, flagged, v);
    }
    case 'a': case 'A': case 'z': case 'Z': case 'u': case 't': return remember(r, flagged, read_text(r, type));
    case ')': {
        int small = get1(r);
        return small < 0 ? UNDEF : read_tuple(r, (size_t)small, flagged);
    }
    case '(': return get_size(r, &n, 1, "tuple") < 0 ? UNDEF : read_tuple(r, n, flagged);
    case '[': return read_list(r, flagged);
    case '<': case '>': return read_set(r, type == '>', flagged);
    case '{': return read_dict(r, flagged);
    case ':': {
        int64_t place = reserve(r, flagged);
        Value parts[3] = {UNDEF, UNDEF, UNDEF}, slice = UNDEF;
        bool good = place >= 0;
        for (int i = 0; good && i < 3; i++) good = (parts[i] = read_value(r)) != UNDEF;
        if (good) slice = slice_new(t, parts[0], parts[1], parts[2]);
        for (int i = 0; i < 3; i++) value_release(t, parts[i]);
        return settle(r, place, slice);
    }
    case 'c': return read_code(r, flagged);
    case 'r': {
        if (get4(r, &word) < 0) return UNDEF;
        Value v = list_get(t, value_list(r->refs), word);
        return v && v != NOT_IMPLEMENTED ? v : raise(t, VALUE_ERROR, "bad marshal data (invalid reference)");
    }
    default: return raise(t, VALUE_ERROR, "bad marshal data (unknown type code)");
    }
}

static Value read_value(Reader *r) {
    if (r->p == r->end && !r->file) return raise(r->t, EOF_ERROR, "EOF read where object expected");
    int type = get1(r);
    if (type < 0) return UNDEF;
    if (r->depth >= DEPTH_MAX) return raise(r->t, VALUE_ERROR, "recursion limit exceeded");
    if (native_stack_exhausted(r->t, " while reading marshal data")) return UNDEF;
    r->depth++;
    Value v = read_of_type(r, type & ~FLAG_REF, type & FLAG_REF);
    r->depth--;
    return v;
}

static Value load_with(Reader *r) {
    r->refs = list_new(r->t, 0);
    Value v = r->refs ? read_value(r) : UNDEF;
    value_release(r->t, r->refs);
    value_release(r->t, r->chunk);
    return v;
}
Value marshal_loads(Thread *t, const uint8_t *data, size_t n) {
    Reader r = {.t = t, .p = data, .end = data + n, .allow_code = true};
    return load_with(&r);
}

Value marshal_loads_own(Thread *t, const uint8_t *data, size_t n) {
    Reader r = {.t = t, .p = data, .end = data + n, .allow_code = true, .own = true};
    return load_with(&r);
}

// ================================================================ the module
#define FUNCTION(name) static Value name(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames)
static int options(Thread *t, ValueRef version_arg, ValueRef allow_arg, int *version, bool *allow) {
    *version = VERSION;
    *allow = true;
    if (version_arg && arg_int(t, version_arg, version) < 0) return -1;
    return allow_arg ? arg_bool(t, allow_arg, allow) : 0;
}
static Value dump_bytes(Thread *t, ValueRef v, ValueRef version_arg, ValueRef allow_arg) {
    int version;
    bool allow;
    if (options(t, version_arg, allow_arg, &version, &allow) < 0) return UNDEF;
    ByteBuffer out = {0};
    Value bytes = dump_version(t, v, &out, version, allow) == 0 ? bytes_new(t, out.data, out.length) : UNDEF;
    bytebuffer_free(&out);
    return bytes;
}
FUNCTION(dumps) { return dump_bytes(t, args[0], args[1], args[2]); }
FUNCTION(dump) {
    Value bytes = dump_bytes(t, args[0], args[2], args[3]), done = bytes ? call_method_1(t, args[1], NAME(write), bytes) : UNDEF;
    value_release(t, bytes);
    return done;
}
FUNCTION(loads) {
    Reader r = {.t = t};
    int version;
    Buffer b;
    if (options(t, UNDEF, args[1], &version, &r.allow_code) < 0 || buffer_get(t, args[0], &b, BUFFER_READ) < 0) return UNDEF;
    r.p = b.data;
    r.end = b.data + b.length;
    Value v = load_with(&r);
    buffer_release(t, &b);
    return v;
}
FUNCTION(load) {
    Reader r = {.t = t, .file = args[0]};
    int version;
    if (options(t, UNDEF, args[1], &version, &r.allow_code) < 0) return UNDEF;
    return load_with(&r);
}
static const NativeDef marshal_functions[] = {
    {"dump", dump, "($module, value, file, version=version, /, *, allow_code=True)", "Writes the value to a binary file.", 0},
    {"dumps", dumps, "($module, value, version=version, /, *, allow_code=True)", "The value as bytes.", 0},
    {"load", load, "($module, file, /, *, allow_code=True)", "Reads one value from a binary file.", 0},
    {"loads", loads, "($module, bytes, /, *, allow_code=True)", "The value that the bytes stand for; more bytes are left alone.", 0},
    NATIVE_END};
static int marshal_exec(Thread *t, ValueRef module) { return module_add_int(t, module, "version", VERSION); }
const ModuleSpec marshal_module = {.name = "marshal", .doc = "Values as bytes, in the format of compiled modules.", .functions = marshal_functions, .exec = marshal_exec};

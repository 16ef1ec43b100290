// zlib: compression by the library of that name. A stream belongs to its object's own lock, which is held while the library
// works detached; data lent to it stays pinned.
#include <stdlib.h>
#include <zlib.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "sync/mutex.h"

typedef struct State { Value error, compress, decompress, decompressor; } State;
typedef struct Stream {   // Compress, Decompress and _ZlibDecompressor
    Container c;
    Value module;
    Value dictionary;     // bytes, or UNDEF
    Value unused, rest;   // (lock) bytes: what stands behind the end; what max_length left
    _Atomic uint8_t lock;
    bool ready, eof, needs_input; // (lock) ready: the library's state exists
    bool compresses;
    int wbits;
    z_stream z;           // (lock)
    ByteBuffer pending;   // (lock) _ZlibDecompressor: input not yet taken
} Stream;
static Stream *as_stream(ValueRef v) { return (Stream *)value_object(v); }
enum { DEFAULT_BUFFER = 16384, DETACH_FROM = 4096 };

static Value zlib_error(Thread *t, ValueRef module, const z_stream *z, int code, const char *what) {
    const char *why = code == Z_VERSION_ERROR ? "library version mismatch" : z ? z->msg : NULL;
    if (!why) why = code == Z_BUF_ERROR ? "incomplete or truncated stream" : code == Z_STREAM_ERROR ? "inconsistent stream state" : code == Z_DATA_ERROR ? "invalid input data" : NULL;
    Value text = why ? str_of_format(t, "Error %d %s: %s", code, what, why) : str_of_format(t, "Error %d %s", code, what);
    Value e = value_bits(text) ? call_1(t, ((State *)module_state(module))->error, text) : UNDEF;
    value_release(t, text);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}

// Runs the library until the input is used up (or the stream ends, or `most` bytes came out; -1: any number). The code it
// gave last, or INT32_MIN with MemoryError. `in` is advanced; output is added to `out`.
typedef struct Run { const uint8_t *in; size_t left; int64_t most; size_t first_room; } Run;
static int run(Thread *t, z_stream *z, bool deflating, int flush, Run *r, ByteBuffer *out) {
    bool detach = r->left >= DETACH_FROM || r->first_room >= DETACH_FROM * 4;
    size_t room = r->first_room ? r->first_room : DEFAULT_BUFFER;
    int code = Z_OK;
    if (detach) thread_detach(&t->core);
    for (;;) {
        size_t give = r->left > UINT32_MAX ? UINT32_MAX : r->left;
        z->next_in = (Bytef *)(uintptr_t)r->in;
        z->avail_in = (uInt)give;
        int now = give < r->left ? Z_NO_FLUSH : flush;
        bool full = false;
        for (;;) {
            size_t want = room;
            if (r->most >= 0 && (int64_t)(out->length + want) > r->most) want = (size_t)r->most - out->length;
            if (want > (1u << 30)) want = 1u << 30;
            if (!want) {
                full = true;
                break;
            }
            if (!bytebuffer_reserve(out, want)) {
                code = INT32_MIN;
                break;
            }
            z->next_out = out->data + out->length;
            z->avail_out = (uInt)want;
            code = deflating ? deflate(z, now) : inflate(z, now);
            out->length += want - z->avail_out;
            if (z->avail_out || (code != Z_OK && code != Z_BUF_ERROR)) break;
            if (room < (1u << 24)) room *= 2;
        }
        if (give) r->in += give - z->avail_in; // nothing at all may be given by NULL
        r->left -= give - z->avail_in;
        if (full || (code != Z_OK && code != Z_BUF_ERROR) || !r->left || z->avail_in) break;
    }
    if (detach) thread_attach(&t->core);
    if (code == INT32_MIN) raise_no_memory(t);
    return code;
}
static Value output(Thread *t, ByteBuffer *out, bool ok) {
    Value v = ok ? bytes_new(t, out->data, out->length) : UNDEF;
    bytebuffer_free(out);
    return v;
}

// ---- at once

NATIVE(zlib_compress) { // data, level, wbits
    int level = Z_DEFAULT_COMPRESSION, wbits = MAX_WBITS;
    Buffer in;
    if ((value_bits(args[1]) && arg_int(t, args[1], &level) < 0) || (value_bits(args[2]) && arg_int(t, args[2], &wbits) < 0) || buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0)
        return UNDEF;
    z_stream z = {0};
    int code = deflateInit2(&z, level, Z_DEFLATED, wbits, 8, Z_DEFAULT_STRATEGY);
    Value v = UNDEF;
    if (code == Z_OK) {
        ByteBuffer out = {0};
        Run r = {.in = in.data, .left = (size_t)in.length, .most = -1};
        code = run(t, &z, true, Z_FINISH, &r, &out);
        deflateEnd(&z);
        if (code == Z_STREAM_END) v = output(t, &out, true);
        else if (code != INT32_MIN) zlib_error(t, self, &z, code, "while compressing data");
        if (code != Z_STREAM_END) bytebuffer_free(&out);
    } else if (code == Z_MEM_ERROR) {
        raise(t, MEMORY_ERROR, "Out of memory while compressing data");
    } else if (code == Z_STREAM_ERROR) {
        Value text = str_from_text(t, "Bad compression level"), e = value_bits(text) ? call_1(t, ((State *)module_state(self))->error, text) : UNDEF;
        value_release(t, text);
        if (value_bits(e)) raise_object(t, e);
    } else {
        zlib_error(t, self, &z, code, "while compressing data");
    }
    buffer_release(t, &in);
    return v;
}
NATIVE(zlib_decompress) { // data, wbits, bufsize
    int wbits = MAX_WBITS;
    int64_t size = DEFAULT_BUFFER;
    Buffer in;
    if ((value_bits(args[1]) && arg_int(t, args[1], &wbits) < 0) || (value_bits(args[2]) && arg_index(t, args[2], &size) < 0)) return UNDEF;
    if (size < 0) return raise(t, VALUE_ERROR, "bufsize must be non-negative");
    if (buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    z_stream z = {0};
    Value v = UNDEF;
    int code = inflateInit2(&z, wbits);
    if (code != Z_OK) {
        zlib_error(t, self, &z, code, "while preparing to decompress data");
    } else {
        ByteBuffer out = {0};
        Run r = {.in = in.data, .left = (size_t)in.length, .most = -1, .first_room = size > (1 << 30) ? 1 << 30 : (size_t)(size ? size : 1)};
        code = run(t, &z, false, Z_SYNC_FLUSH, &r, &out);
        if (code == Z_STREAM_END) v = bytes_new(t, out.data, out.length);
        else if (code == Z_MEM_ERROR) raise(t, MEMORY_ERROR, "Out of memory while decompressing data");
        else if (code != INT32_MIN) zlib_error(t, self, &z, code == Z_OK ? Z_BUF_ERROR : code, "while decompressing data");
        bytebuffer_free(&out);
        inflateEnd(&z);
    }
    buffer_release(t, &in);
    return v;
}

// ---- streams

static Stream *stream_new(Thread *t, ValueRef module, Type *type, ValueRef dictionary) {
    Stream *s = object_new(t, type);
    if (!s) return NULL;
    slot_init(&s->module, value_dup(t, module));
    slot_init(&s->unused, value_dup(t, t->interp->empty_bytes));
    slot_init(&s->rest, value_dup(t, t->interp->empty_bytes));
    s->needs_input = true;
    if (value_bits(dictionary)) {
        if (!value_has_buffer(dictionary)) {
            object_release(t, s);
            return raise_null(t, TYPE_ERROR, "zdict argument must support the buffer protocol");
        }
        Value copy = bytes_from_object(t, dictionary);
        if (!value_bits(copy)) {
            object_release(t, s);
            return NULL;
        }
        slot_init(&s->dictionary, copy);
    }
    return s;
}
NATIVE(zlib_compressobj) { // level, method, wbits, memLevel, strategy, zdict
    int level = Z_DEFAULT_COMPRESSION, method = Z_DEFLATED, wbits = MAX_WBITS, memory = 8, strategy = Z_DEFAULT_STRATEGY, *const numbers[] = {&level, &method, &wbits, &memory, &strategy};
    for (int i = 0; i < 5; i++)
        if (value_bits(args[i]) && arg_int(t, args[i], numbers[i]) < 0) return UNDEF;
    Stream *s = stream_new(t, self, (Type *)value_object(((State *)module_state(self))->compress), args[5]);
    if (!s) return UNDEF;
    s->compresses = true;
    int code = deflateInit2(&s->z, level, method, wbits, memory, strategy);
    s->ready = code == Z_OK;
    if (s->ready && value_bits(s->dictionary)) code = deflateSetDictionary(&s->z, value_bytes(s->dictionary)->data, (uInt)value_bytes(s->dictionary)->length);
    if (code == Z_OK) return value_of(s);
    if (code == Z_MEM_ERROR) raise(t, MEMORY_ERROR, "Can't allocate memory for compression object");
    else if (code == Z_STREAM_ERROR) raise(t, VALUE_ERROR, s->ready ? "Invalid dictionary" : "Invalid initialization option");
    else zlib_error(t, self, &s->z, code, "while creating compression object");
    object_release(t, s);
    return UNDEF;
}
static Value decompress_make(Thread *t, ValueRef module, Type *type, ValueRef wbits_or_undef, ValueRef dictionary) {
    int wbits = MAX_WBITS;
    if (value_bits(wbits_or_undef) && arg_int(t, wbits_or_undef, &wbits) < 0) return UNDEF;
    Stream *s = stream_new(t, module, type, dictionary);
    if (!s) return UNDEF;
    s->wbits = wbits;
    int code = inflateInit2(&s->z, wbits);
    s->ready = code == Z_OK;
    if (s->ready && value_bits(s->dictionary) && wbits < 0) // raw streams do not ask for it
        code = inflateSetDictionary(&s->z, value_bytes(s->dictionary)->data, (uInt)value_bytes(s->dictionary)->length);
    if (code == Z_OK) return value_of(s);
    if (code == Z_STREAM_ERROR) raise(t, VALUE_ERROR, "Invalid initialization option");
    else if (code == Z_MEM_ERROR) raise(t, MEMORY_ERROR, "Can't allocate memory for decompression object");
    else zlib_error(t, module, &s->z, code, "while creating decompression object");
    object_release(t, s);
    return UNDEF;
}
NATIVE(zlib_decompressobj) { return decompress_make(t, self, (Type *)value_object(((State *)module_state(self))->decompress), args[0], args[1]); }

static void enter(Thread *t, Stream *s) { byte_lock(&t->core, &s->lock); }
static void leave(Stream *s) { byte_unlock(&s->lock); }

NATIVE(compress_compress) {
    Stream *s = as_stream(self);
    Buffer in;
    if (buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    enter(t, s);
    ByteBuffer out = {0};
    Run r = {.in = in.data, .left = (size_t)in.length, .most = -1};
    int code = s->ready ? run(t, &s->z, true, Z_NO_FLUSH, &r, &out) : Z_STREAM_ERROR;
    Value v = UNDEF;
    if (code == Z_OK || code == Z_BUF_ERROR) v = bytes_new(t, out.data, out.length);
    else if (code != INT32_MIN) zlib_error(t, s->module, s->ready ? &s->z : NULL, code, "while compressing data");
    bytebuffer_free(&out);
    leave(s);
    buffer_release(t, &in);
    return v;
}
NATIVE(compress_flush) {
    Stream *s = as_stream(self);
    int mode = Z_FINISH;
    if (value_bits(args[0]) && arg_int(t, args[0], &mode) < 0) return UNDEF;
    if (mode == Z_NO_FLUSH) return value_dup(t, t->interp->empty_bytes);
    enter(t, s);
    ByteBuffer out = {0};
    Run r = {.most = -1};
    int code = s->ready ? run(t, &s->z, true, mode, &r, &out) : Z_STREAM_ERROR;
    Value v = UNDEF;
    if (code == Z_STREAM_END && mode == Z_FINISH) {
        deflateEnd(&s->z);
        s->ready = false;
        v = bytes_new(t, out.data, out.length);
    } else if (code == Z_OK || code == Z_BUF_ERROR) {
        v = bytes_new(t, out.data, out.length);
    } else if (code != INT32_MIN) {
        zlib_error(t, s->module, s->ready ? &s->z : NULL, code, "while flushing");
    }
    bytebuffer_free(&out);
    leave(s);
    return v;
}
NATIVE(stream_copy) {
    Stream *s = as_stream(self);
    Stream *copy = stream_new(t, s->module, value_type(self), UNDEF);
    if (!copy) return UNDEF;
    enter(t, s);
    int code = !s->ready ? Z_STREAM_ERROR : s->compresses ? deflateCopy(&copy->z, &s->z) : inflateCopy(&copy->z, &s->z);
    copy->ready = code == Z_OK;
    copy->compresses = s->compresses;
    copy->wbits = s->wbits;
    copy->eof = s->eof;
    slot_store(t, copy, &copy->unused, value_dup(t, s->unused));
    slot_store(t, copy, &copy->rest, value_dup(t, s->rest));
    slot_store(t, copy, &copy->dictionary, value_dup(t, s->dictionary));
    leave(s);
    if (code == Z_OK) return value_of(copy);
    if (code == Z_STREAM_ERROR) raise(t, VALUE_ERROR, "Inconsistent stream state");
    else if (code == Z_MEM_ERROR) raise(t, MEMORY_ERROR, s->compresses ? "Can't allocate memory for compression object" : "Can't allocate memory for decompression object");
    else zlib_error(t, s->module, &s->z, code, "while copying compression object");
    object_release(t, copy);
    return UNDEF;
}
// Decompresses, giving the preset dictionary where the stream asks for it. With the lock.
static int inflate_run(Thread *t, Stream *s, int flush, Run *r, ByteBuffer *out) {
    if (!s->ready) return Z_STREAM_ERROR;
    int code = run(t, &s->z, false, flush, r, out);
    if (code == Z_NEED_DICT && value_bits(s->dictionary)) {
        code = inflateSetDictionary(&s->z, value_bytes(s->dictionary)->data, (uInt)value_bytes(s->dictionary)->length);
        if (code == Z_OK) code = run(t, &s->z, false, flush, r, out);
    }
    return code;
}
// What is left over of the input after a run: behind the stream's end, or held back by max_length.
static int keep_rest(Thread *t, Stream *s, const Run *r, bool ended) {
    if (ended && r->left) {
        Bytes *old = value_bytes(s->unused), *b = bytes_alloc(t, old->length + r->left);
        if (!b) return -1;
        memcpy(b->data, old->data, old->length);
        memcpy(b->data + old->length, r->in, r->left);
        slot_store(t, s, &s->unused, value_of(b));
    }
    Value rest = ended || !r->left ? value_dup(t, t->interp->empty_bytes) : bytes_new(t, r->in, r->left);
    if (!value_bits(rest)) return -1;
    slot_store(t, s, &s->rest, rest);
    return 0;
}
NATIVE(decompress_decompress) { // data, max_length
    Stream *s = as_stream(self);
    int64_t most = 0;
    Buffer in;
    if (value_bits(args[1]) && arg_index(t, args[1], &most) < 0) return UNDEF;
    if (most < 0) return raise(t, VALUE_ERROR, "max_length must be non-negative");
    if (buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    enter(t, s);
    ByteBuffer out = {0};
    Run r = {.in = in.data, .left = (size_t)in.length, .most = most ? most : -1};
    int code = inflate_run(t, s, Z_SYNC_FLUSH, &r, &out);
    Value v = UNDEF;
    if (code == Z_STREAM_END || code == Z_OK || code == Z_BUF_ERROR) {
        if (code == Z_STREAM_END) s->eof = true;
        if (keep_rest(t, s, &r, s->eof) == 0) v = bytes_new(t, out.data, out.length);
    } else if (code != INT32_MIN) {
        zlib_error(t, s->module, s->ready ? &s->z : NULL, code, "while decompressing data");
    }
    bytebuffer_free(&out);
    leave(s);
    buffer_release(t, &in);
    return v;
}
NATIVE(decompress_flush) {
    Stream *s = as_stream(self);
    int64_t length = DEFAULT_BUFFER;
    if (value_bits(args[0]) && arg_index(t, args[0], &length) < 0) return UNDEF;
    if (length <= 0) return raise(t, VALUE_ERROR, "length must be greater than zero");
    enter(t, s);
    Value rest = slot_get(t, &s->rest), v = UNDEF;
    ByteBuffer out = {0};
    Run r = {.in = value_bytes(rest)->data, .left = value_bytes(rest)->length, .most = -1, .first_room = length > (1 << 24) ? 1 << 24 : (size_t)length};
    int code = s->ready ? inflate_run(t, s, Z_FINISH, &r, &out) : Z_BUF_ERROR;
    if (code == Z_STREAM_END || code == Z_OK || code == Z_BUF_ERROR) {
        if (code == Z_STREAM_END) s->eof = true;
        if (keep_rest(t, s, &r, s->eof) == 0) v = bytes_new(t, out.data, out.length);
        if (code == Z_STREAM_END) {
            inflateEnd(&s->z);
            s->ready = false;
        }
    } else if (code != INT32_MIN) {
        zlib_error(t, s->module, &s->z, code, "while decompressing data");
    }
    bytebuffer_free(&out);
    leave(s);
    value_release(t, rest);
    return v;
}
static void stream_destroy(Thread *t, Object *o) {
    Stream *s = (Stream *)o;
    if (s->ready && s->compresses) deflateEnd(&s->z);
    else if (s->ready) inflateEnd(&s->z);
    bytebuffer_free(&s->pending);
    value_release(t, s->module);
    value_release(t, s->dictionary);
    value_release(t, s->unused);
    value_release(t, s->rest);
}
static void stream_traverse(Object *o, VisitFn visit, void *arg) {
    Stream *s = (Stream *)o;
    visit(&s->module, arg);
    visit(&s->dictionary, arg);
    visit(&s->unused, arg);
    visit(&s->rest, arg);
}

// ---- _ZlibDecompressor: keeps its own input

static Value decompressor_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "_ZlibDecompressor", "(wbits=MAX_WBITS, zdict=b'')", args, nargs, kwnames, given) < 0) return UNDEF;
    Value name = str_intern_text(t, "zlib"), module = value_bits(name) ? dict_get(t, value_dict(t->interp->modules), name) : UNDEF;
    value_release(t, name);
    if (!value_bits(module)) return error_pending(t) ? UNDEF : raise(t, RUNTIME_ERROR, "zlib is not imported");
    Value v = decompress_make(t, module, (Type *)value_object(type), given[0], given[1]);
    value_release(t, module);
    return v;
}
NATIVE(decompressor_decompress) {
    Stream *s = as_stream(self);
    int64_t most = -1;
    Buffer in;
    if (value_bits(args[1]) && arg_index(t, args[1], &most) < 0) return UNDEF;
    if (buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    enter(t, s);
    Value v = UNDEF;
    ByteBuffer out = {0};
    if (s->eof) {
        raise(t, EOF_ERROR, "End of stream already reached");
        goto done;
    }
    bool kept = s->pending.length > 0;
    if (kept) bytebuffer_put(&s->pending, in.data, (size_t)in.length);
    if (s->pending.failed) {
        raise_no_memory(t);
        goto done;
    }
    Run r = {.in = kept ? s->pending.data : in.data, .left = kept ? s->pending.length : (size_t)in.length, .most = most < 0 ? -1 : most};
    int code = inflate_run(t, s, Z_SYNC_FLUSH, &r, &out);
    if (code != Z_STREAM_END && code != Z_OK && code != Z_BUF_ERROR) {
        if (code != INT32_MIN) zlib_error(t, s->module, &s->z, code, "while decompressing data");
        goto done;
    }
    if (code == Z_STREAM_END) {
        s->eof = true;
        s->needs_input = false;
        Value unused = bytes_new(t, r.in, r.left);
        if (!value_bits(unused)) goto done;
        slot_store(t, s, &s->unused, unused);
        s->pending.length = 0;
    } else {
        if (!kept) bytebuffer_put(&s->pending, r.in, r.left);
        else memmove(s->pending.data, r.in, r.left);
        s->pending.length = r.left;
        // Full output may mean that the library holds more.
        s->needs_input = r.left == 0 && !(most >= 0 && (int64_t)out.length == most);
    }
    v = bytes_new(t, out.data, out.length);
done:
    bytebuffer_free(&out);
    leave(s);
    buffer_release(t, &in);
    return v;
}

// ---- check sums

static Value sum(Thread *t, const ValueRef *args, uint32_t start, bool adler) {
    Buffer in;
    uint32_t value = start;
    if (value_bits(args[1])) {
        Value n = object_index(t, args[1]);
        if (!value_bits(n)) return UNDEF;
        IntView view;
        int_view(n, &view);
        uint64_t low = view.size ? view.limbs[0] : 0;
        value = (uint32_t)(view.size < 0 ? 0 - low : low);
        value_release(t, n);
    }
    if (buffer_get(t, args[0], &in, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    bool detach = in.length > 5 * 1024;
    if (detach) thread_detach(&t->core);
    uLong result = adler ? adler32_z(value, in.data, (size_t)in.length) : crc32_z(value, in.data, (size_t)in.length);
    if (detach) thread_attach(&t->core);
    buffer_release(t, &in);
    return value_int((int64_t)(result & 0xffffffffu));
}
NATIVE(zlib_adler32) { return sum(t, args, 1, true); }
NATIVE(zlib_crc32) { return sum(t, args, 0, false); }

static const NativeDef compress_methods[] = {
    {"compress", compress_compress, "($self, data, /)", "Compresses; what comes out so far.", 0},
    {"flush", compress_flush, "($self, mode=zlib.Z_FINISH, /)", "The rest of the output.", 0}, {"copy", stream_copy, "($self, /)", NULL, 0},
    {"__copy__", stream_copy, "($self, /)", NULL, 0}, {"__deepcopy__", stream_copy, "($self, memo, /)", NULL, 0}, NATIVE_END};
static const NativeDef decompress_methods[] = {
    {"decompress", decompress_decompress, "($self, data, /, max_length=0)", "Decompresses; what comes out so far.", 0},
    {"flush", decompress_flush, "($self, length=zlib.DEF_BUF_SIZE, /)", "The rest of the output.", 0}, {"copy", stream_copy, "($self, /)", NULL, 0},
    {"__copy__", stream_copy, "($self, /)", NULL, 0}, {"__deepcopy__", stream_copy, "($self, memo, /)", NULL, 0}, NATIVE_END};
static const NativeDef decompressor_methods[] = {{"decompress", decompressor_decompress, "($self, /, data, max_length=-1)", "Decompresses.", 0}, NATIVE_END};
static const MemberDef decompress_members[] = {
    {"unused_data", offsetof(Stream, unused), MEMBER_VALUE, false, "What stands behind the end."},
    {"unconsumed_tail", offsetof(Stream, rest), MEMBER_VALUE, false, "Input that max_length held back."},
    {"eof", offsetof(Stream, eof), MEMBER_BOOL8, false, "Has the end come?"}, MEMBER_END};
static const MemberDef decompressor_members[] = {
    {"unused_data", offsetof(Stream, unused), MEMBER_VALUE, false, "What stands behind the end."}, {"eof", offsetof(Stream, eof), MEMBER_BOOL8, false, "Has the end come?"},
    {"needs_input", offsetof(Stream, needs_input), MEMBER_BOOL8, false, "Is more input needed?"}, MEMBER_END};
static const TypeSpec compress_spec = {.name = "zlib.Compress", .size = sizeof(Stream), .flags = TYPE_NO_NEW, .methods = compress_methods,
                                       .destroy = stream_destroy, .traverse = stream_traverse};
static const TypeSpec decompress_spec = {.name = "zlib.Decompress", .size = sizeof(Stream), .flags = TYPE_NO_NEW, .methods = decompress_methods,
                                         .members = decompress_members, .destroy = stream_destroy, .traverse = stream_traverse};
static const TypeSpec decompressor_spec = {
    .name = "zlib._ZlibDecompressor", .doc = "Decompresses, keeping its input.", .size = sizeof(Stream), .ops = {.new = decompressor_new}, .methods = decompressor_methods,
    .members = decompressor_members, .new_signature = "(wbits=15, zdict=b'')", .destroy = stream_destroy, .traverse = stream_traverse};

static const NativeDef functions[] = {
    {"compress", zlib_compress, "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)", "Compressed bytes.", 0},
    {"decompress", zlib_decompress, "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)", "Decompressed bytes.", 0},
    {"compressobj", zlib_compressobj,
     "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>)",
     "A stream that compresses.", 0},
    {"decompressobj", zlib_decompressobj, "($module, /, wbits=MAX_WBITS, zdict=b'')", "A stream that decompresses.", 0},
    {"adler32", zlib_adler32, "($module, data, value=1, /)", "Adler-32.", 0}, {"crc32", zlib_crc32, "($module, data, value=0, /)", "CRC-32.", 0}, NATIVE_END};
#define NUMBER(name) {#name, (int64_t)(name)}
static const struct { const char *name; int64_t value; } numbers[] = {
    NUMBER(MAX_WBITS), {"DEFLATED", Z_DEFLATED}, {"DEF_MEM_LEVEL", 8}, {"DEF_BUF_SIZE", DEFAULT_BUFFER}, NUMBER(Z_BEST_SPEED), NUMBER(Z_BEST_COMPRESSION),
    NUMBER(Z_DEFAULT_COMPRESSION), NUMBER(Z_NO_COMPRESSION), NUMBER(Z_FILTERED), NUMBER(Z_HUFFMAN_ONLY), NUMBER(Z_RLE), NUMBER(Z_FIXED), NUMBER(Z_DEFAULT_STRATEGY),
    NUMBER(Z_NO_FLUSH), NUMBER(Z_PARTIAL_FLUSH), NUMBER(Z_SYNC_FLUSH), NUMBER(Z_FULL_FLUSH), NUMBER(Z_FINISH), NUMBER(Z_BLOCK), NUMBER(Z_TREES)};
static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (module_add_int(t, module, numbers[i].name, numbers[i].value) < 0) return -1;
    if (!module_type(t, module, &s->compress, &compress_spec) || !module_type(t, module, &s->decompress, &decompress_spec) ||
        module_export_type(t, module, &s->decompressor, &decompressor_spec) < 0)
        return -1;
    Value base = value_of(EXCEPTION(EXCEPTION)), bases = tuple_from_refs(t, value_refs(&base), 1), namespace = dict_new(t), name = str_intern_text(t, "error");
    Value own = str_intern_text(t, "zlib"), type = UNDEF;
    if (value_bits(bases) && value_bits(namespace) && value_bits(name) && value_bits(own) && dict_set(t, value_dict(namespace), NAME(__module__), own) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), name, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, name);
    value_release(t, own);
    if (!value_bits(type)) return -1;
    slot_store(t, value_object(module), &s->error, value_dup(t, type));
    return module_add(t, module, "error", type) < 0 || module_add_text(t, module, "ZLIB_VERSION", ZLIB_VERSION) < 0 ||
                   module_add_text(t, module, "ZLIB_RUNTIME_VERSION", zlibVersion()) < 0
               ? -1
               : 0;
}
static void traverse(void *state, VisitFn visit, void *arg) {
    Value *slots = state;
    for (size_t i = 0; i < sizeof(State) / sizeof(Value); i++) visit(&slots[i], arg);
}
const ModuleSpec zlib_module = {
    .name = "zlib", .doc = "Compression.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};

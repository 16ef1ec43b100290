// TextIOWrapper: text over a buffered stream of bytes.
//
// Its state belongs to its lock. Over a native buffered stream the lock is held across that stream's work, so that what one
// thread writes keeps its order; over any other stream it is let go while foreign code runs, and what was read before is read
// again. UTF-8, ASCII and Latin-1 are coded here (support/codec.h), everything else by the incremental coders of its codec.
#include <langinfo.h>
#include <stdlib.h>
#include "runtime/codecs.h"
#include "runtime/modules/io.h"
#include "runtime/objects/str_internal.h"
#include "runtime/startup.h"
#include "runtime/support/codec.h"
#include "runtime/support/strsearch.h"
#include "runtime/sys.h"
#include "sync/mutex.h"

enum { CARRY_MAX = 8 };
typedef struct IoText {
    Container c;
    Value buffer, encoding, errors; // (o) UNDEF: not initialised
    Value decoder, encoder;         // (lock) incremental coders of codecs that are not native
    Value decoded;                  // (lock) str: decoded and not yet all given; UNDEF: nothing
    int64_t used;                   // (lock) characters of `decoded` given
    Value snapshot;                 // (lock) bytes: what `decoded` was decoded from; UNDEF: tell() needs no decoder
    uint64_t snapshot_flags;        // (lock) decoder's flags before them
    IoLock lock;
    Codec codec;                    // CODEC_NONE: by the coders
    bool ok, detached, finalizing, line_buffering, write_through;
    bool readable, writable, seekable, telling, has_read1, holds; // holds: the lock is kept over the buffer's work
    bool universal, translate;      // line ends are decoded; and translated
    bool at_start;                  // (lock) the encoder has written nothing: a byte order mark may be due
    const char *read_newline, *write_newline; // the only end of line; what '\n' is written as, NULL: itself
    IoNewlines newlines;            // (lock)
    uint8_t carry[CARRY_MAX], carried; // (lock) native: bytes of an incomplete character
    ByteBuffer pending;             // (lock) encoded and not yet written
    int64_t chunk;                  // bytes to read at a time
    double ratio;                   // bytes per character, as seen in the last chunk
} IoText;
static IoText *as_text(ValueRef v) { return (IoText *)value_object(v); }

// ---- the lock

static void enter(Thread *t, IoText *x) { io_lock_again(t, &x->lock); }
static void leave(Thread *t, IoText *x) { io_unlock_again(t, &x->lock); }
// Around foreign code.
static uint32_t let_go(Thread *t, IoText *x) {
    if (x->holds) return 0;
    uint32_t depth = x->lock.depth;
    x->lock.depth = 0;
    io_unlock(t, &x->lock);
    return depth;
}
static void take_back(Thread *t, IoText *x, uint32_t depth) {
    if (!depth) return;
    io_lock_again(t, &x->lock);
    x->lock.depth = depth;
}
static Value buffer_call(Thread *t, IoText *x, ValueRef method, const ValueRef *args, uint32_t nargs) {
    Value buffer = slot_get(t, &x->buffer), v;
    if (!value_bits(buffer)) return raise(t, VALUE_ERROR, "underlying buffer has been detached");
    uint32_t depth = let_go(t, x);
    do v = call_method(t, buffer, method, args, nargs);
    while (!value_bits(v) && io_trap_eintr(t));
    take_back(t, x, depth);
    value_release(t, buffer);
    return v;
}

static int check_attached(Thread *t, const IoText *x) {
    if (LIKELY(x->ok)) return 0;
    return x->detached ? raise_int(t, VALUE_ERROR, "underlying buffer has been detached") : raise_int(t, VALUE_ERROR, "I/O operation on uninitialized object");
}
static int is_closed(Thread *t, IoText *x) {
    ValueRef quick = slot_borrow(&x->buffer);
    if (value_bits(quick) && io_is_buffered(quick)) {
        int closed = io_buffered_closed_fast(quick);
        if (closed >= 0) return closed;
    }
    Value buffer = slot_get(t, &x->buffer);
    if (!value_bits(buffer)) return raise_int(t, VALUE_ERROR, "underlying buffer has been detached");
    int closed = io_closed(t, buffer);
    value_release(t, buffer);
    return closed;
}
static int check_open(Thread *t, IoText *x) {
    int closed = is_closed(t, x);
    return closed > 0 ? raise_int(t, VALUE_ERROR, "I/O operation on closed file.") : closed;
}
static int check(Thread *t, IoText *x) { return check_attached(t, x) < 0 ? -1 : check_open(t, x); }

// ---- decoding

static const char *text_of_str(ValueRef str) { return (const char *)str_data(value_str(str)); } // ASCII, NUL-terminated

// Natively: bytes in, str out; what is incomplete at the end is carried over.
static Value decode_native(Thread *t, IoText *x, ValueRef bytes, bool final) {
    Bytes *in = value_bytes(bytes);
    if (!x->carried && codec_ascii_prefix(in->data, in->length) == in->length) return str_from_ascii(t, (const char *)in->data, in->length);
    DecodeInput input = {in->data, in->length, UNDEF};
    if (x->carried) {
        Bytes *whole = bytes_alloc(t, x->carried + in->length);
        if (!whole) return UNDEF;
        memcpy(whole->data, x->carry, x->carried);
        memcpy(whole->data + x->carried, in->data, in->length);
        input = (DecodeInput){whole->data, whole->length, value_of(whole)};
    } else {
        input.object = value_dup(t, bytes);
    }
    Decoder d = codec_decoder(x->codec);
    TextBuffer out = {0};
    Value result = UNDEF;
    size_t position = 0;
    for (;;) {
        CodecError error;
        CodecStatus status = codec_decode(&d, input.data, input.n, final, &position, &out, &error);
        if (status == CODEC_DONE) break;
        if (status == CODEC_NO_MEMORY) {
            raise_no_memory(t);
            goto done;
        }
        if (codecs_decode_error(t, text_of_str(x->errors), codec_name(x->codec), &input, &error, &position, &out) < 0) goto done;
    }
    size_t rest = input.n - position;
    if (rest > CARRY_MAX) rest = 0;
    memcpy(x->carry, input.data + position, rest);
    x->carried = (uint8_t)rest;
    if (out.failed) raise_no_memory(t);
    else result = str_from_buffer(t, &out);
    out = (TextBuffer){0};
done:
    textbuffer_free(&out);
    value_release(t, input.object);
    return result;
}
static Value decode(Thread *t, IoText *x, ValueRef bytes, bool final) {
    Value text;
    if (x->codec != CODEC_NONE && value_is_any_bytes(bytes)) {
        text = decode_native(t, x, bytes, final);
    } else if (x->codec != CODEC_NONE) {
        Value exact = bytes_from_object(t, bytes);
        text = value_bits(exact) ? decode_native(t, x, exact, final) : UNDEF;
        value_release(t, exact);
    } else {
        Value decoder = slot_get(t, &x->decoder);
        ValueRef given[2] = {bytes, value_bool(final)};
        text = call_method(t, decoder, NAME(decode), given, 2);
        value_release(t, decoder);
        if (value_bits(text) && !value_is_any_str(text)) {
            raise(t, TYPE_ERROR, "decoder should return a string result, not '%T'", text);
            VALUE_CLEAR(t, text);
        }
    }
    if (!value_bits(text) || !x->universal) return text;
    return io_newlines_decode(t, &x->newlines, text, final);
}
// The decoder's state: bytes it holds (owned), and flags.
static int decoder_state(Thread *t, IoText *x, Value *held, uint64_t *flags) {
    *flags = 0;
    if (x->codec != CODEC_NONE) {
        *held = bytes_new(t, x->carry, x->carried);
        if (!value_bits(*held)) return -1;
    } else {
        Value decoder = slot_get(t, &x->decoder), state = call_method_0(t, decoder, NAME(getstate));
        value_release(t, decoder);
        if (!value_bits(state)) return -1;
        if (!value_is_any_tuple(state) || value_tuple(state)->length != 2 || !value_is_any_bytes(tuple_item(value_tuple(state), 0))) {
            value_release(t, state);
            return raise_int(t, TYPE_ERROR, "illegal decoder state");
        }
        int status = arg_uint64(t, tuple_item(value_tuple(state), 1), flags);
        *held = value_dup(t, tuple_item(value_tuple(state), 0));
        value_release(t, state);
        if (status < 0) {
            VALUE_CLEAR(t, *held);
            return -1;
        }
    }
    if (x->universal) *flags = *flags << 1 | x->newlines.pending_cr;
    return 0;
}
// With `begin`, at the start of the stream: as a new decoder.
static int decoder_set(Thread *t, IoText *x, ValueRef held, uint64_t flags, bool begin) {
    if (x->universal) {
        x->newlines.pending_cr = flags & 1;
        flags >>= 1;
    }
    if (x->codec != CODEC_NONE) {
        size_t n = value_bytes(held)->length;
        x->carried = n > CARRY_MAX ? 0 : (uint8_t)n;
        memcpy(x->carry, value_bytes(held)->data, x->carried);
        return 0;
    }
    Value decoder = slot_get(t, &x->decoder), result = UNDEF;
    if (begin && flags == 0 && value_bytes(held)->length == 0) {
        result = call_method_0(t, decoder, NAME(reset));
    } else {
        Value state = container_tuple_2(t, value_dup(t, held), int_from_uint64(t, flags));
        if (value_bits(state)) result = call_method_1(t, decoder, NAME(setstate), state);
        value_release(t, state);
    }
    value_release(t, decoder);
    bool failed = !value_bits(result);
    value_release(t, result);
    return failed ? -1 : 0;
}
static int decoder_reset(Thread *t, IoText *x) {
    x->carried = 0;
    x->newlines.pending_cr = false;
    x->newlines.seen = 0;
    if (x->codec != CODEC_NONE || !x->readable) return 0;
    return decoder_set(t, x, t->interp->empty_bytes, 0, true);
}
static void drop_decoded(Thread *t, IoText *x) {
    slot_store(t, x, &x->decoded, UNDEF);
    x->used = 0;
}
static void drop_snapshot(Thread *t, IoText *x) { slot_store(t, x, &x->snapshot, UNDEF); }
static int64_t decoded_left(const IoText *x) { return value_bits(x->decoded) ? (int64_t)str_length(value_str(x->decoded)) - x->used : 0; }

// ---- encoding

static int encode(Thread *t, IoText *x, ValueRef text) {
    size_t before = x->pending.length;
    if (x->codec != CODEC_NONE) {
        Text in = str_text(value_str(text));
        if (x->codec == CODEC_UTF_8) {
            size_t n = codec_utf8_size(in, false);
            if (n == 0) return 0;
            if (n != SIZE_MAX) {
                if (!bytebuffer_reserve(&x->pending, n)) goto no_memory;
                codec_utf8_write(in, x->pending.data + x->pending.length);
                x->pending.length += n;
                return 0;
            }
        } else {
            size_t position = 0;
            CodecError error;
            CodecStatus status = codec_encode(x->codec, in, &position, &x->pending, &error);
            if (x->pending.failed || status == CODEC_NO_MEMORY) goto no_memory;
            if (status == CODEC_DONE) return 0;
            x->pending.length = before;
        }
    }
    Value bytes;
    if (x->codec != CODEC_NONE) {
        bytes = str_encode(t, text, x->codec, text_of_str(x->errors));
    } else {
        Value encoder = slot_get(t, &x->encoder);
        bytes = call_method_1(t, encoder, NAME(encode), text);
        value_release(t, encoder);
    }
    if (!value_bits(bytes)) return -1;
    if (!value_is_any_bytes(bytes)) {
        raise(t, TYPE_ERROR, "encoder should return a bytes object, not '%T'", bytes);
        value_release(t, bytes);
        return -1;
    }
    bytebuffer_put(&x->pending, value_bytes(bytes)->data, value_bytes(bytes)->length);
    value_release(t, bytes);
    if (!x->pending.failed) return 0;
no_memory:
    x->pending.length = before;
    x->pending.failed = false;
    return raise_no_memory(t), -1;
}
static int encoder_at_start(Thread *t, IoText *x, bool start) {
    x->at_start = start;
    if (!value_bits(x->encoder)) return 0;
    Value encoder = slot_get(t, &x->encoder);
    Value v = start ? call_method_0(t, encoder, NAME(reset)) : call_method_1(t, encoder, NAME(setstate), value_int(0));
    value_release(t, encoder);
    bool failed = !value_bits(v);
    value_release(t, v);
    return failed ? -1 : 0;
}

// Hands what is pending to the buffer.
static int write_pending(Thread *t, IoText *x) {
    if (!x->pending.length) return 0;
    ByteBuffer out = x->pending; // foreign code may write more meanwhile
    x->pending = (ByteBuffer){0};
    Value v = UNDEF, buffer = slot_get(t, &x->buffer);
    if (!value_bits(buffer)) {
        raise(t, VALUE_ERROR, "underlying buffer has been detached");
    } else if (io_is(buffer, IO_BUFFERED_WRITER) || io_is(buffer, IO_BUFFERED_RANDOM)) {
        do v = io_buffered_write(t, buffer, out.data, (int64_t)out.length);
        while (!value_bits(v) && io_trap_eintr(t));
    } else {
        Value bytes = bytes_new(t, out.data, out.length);
        ValueRef given[1] = {bytes};
        if (value_bits(bytes)) v = buffer_call(t, x, NAME(write), given, 1);
        value_release(t, bytes);
    }
    value_release(t, buffer);
    if (!x->pending.data && out.room <= (1u << 20)) { // the memory serves again
        out.length = 0;
        x->pending = out;
    } else {
        bytebuffer_free(&out);
    }
    bool failed = !value_bits(v);
    value_release(t, v);
    return failed ? -1 : 0;
}
static int flush_buffer(Thread *t, IoText *x) {
    Value buffer = slot_get(t, &x->buffer), v;
    if (value_bits(buffer) && (io_is(buffer, IO_BUFFERED_WRITER) || io_is(buffer, IO_BUFFERED_RANDOM))) v = io_buffered_flush(t, buffer);
    else v = buffer_call(t, x, NAME(flush), NULL, 0);
    value_release(t, buffer);
    bool failed = !value_bits(v);
    value_release(t, v);
    return failed ? -1 : 0;
}

NATIVE(text_write) {
    IoText *x = as_text(self);
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "write() argument must be str, not %K", args[0]);
    if (check(t, x) < 0) return UNDEF;
    if (!x->writable) return io_unsupported(t, "not writable");
    size_t length = str_length(value_str(args[0]));
    Text in = str_text(value_str(args[0]));
    bool newline = (x->write_newline || x->line_buffering) && strsearch_char(in, '\n') != SEARCH_NONE;
    Value text;
    if (newline && x->write_newline) {
        StrBuilder b;
        str_builder_init(&b, t);
        size_t from = 0;
        for (size_t i = 0; i < length; i++) {
            if (text_at(in, i) != '\n') continue;
            str_builder_slice(&b, value_str(args[0]), from, i);
            str_builder_text(&b, x->write_newline, strlen(x->write_newline));
            from = i + 1;
        }
        str_builder_slice(&b, value_str(args[0]), from, length);
        text = str_builder_finish(&b);
    } else {
        text = value_is(args[0], STR) ? value_dup(t, args[0]) : str_exact(t, args[0]);
    }
    if (!value_bits(text)) return UNDEF;
    bool flush = x->line_buffering && (newline || strsearch_char(in, '\r') != SEARCH_NONE);
    enter(t, x);
    int status = 0;
    while (status == 0 && x->pending.length && (int64_t)x->pending.length + (int64_t)length > x->chunk) status = write_pending(t, x);
    if (status == 0) status = encode(t, x, text);
    if (status == 0 && ((int64_t)x->pending.length >= x->chunk || flush || x->write_through)) status = write_pending(t, x);
    if (status == 0 && flush) status = flush_buffer(t, x);
    if (status == 0 && value_bits(x->snapshot)) {
        drop_decoded(t, x);
        drop_snapshot(t, x);
    }
    if (status == 0 && x->readable && (x->carried || x->newlines.pending_cr || value_bits(x->decoder))) {
        uint8_t seen = x->newlines.seen;
        status = decoder_reset(t, x);
        x->newlines.seen = seen;
    }
    leave(t, x);
    value_release(t, text);
    return status < 0 ? UNDEF : value_int((int64_t)length);
}

// ---- reading

// Decodes one more chunk: 1, 0 at the end of the file, -1. What was decoded before is dropped.
static int read_chunk(Thread *t, IoText *x, int64_t hint) {
    if (!x->readable) return io_unsupported_int(t, "not readable");
    Value held = UNDEF;
    uint64_t flags = 0;
    if (x->telling && decoder_state(t, x, &held, &flags) < 0) return -1;
    int64_t size = x->chunk;
    if (hint > 0 && x->ratio > 0 && x->ratio * (double)hint > (double)size) size = x->ratio * (double)hint > 1e9 ? 1000000000 : (int64_t)(x->ratio * (double)hint);
    Value buffer = slot_get(t, &x->buffer), input = UNDEF, text = UNDEF;
    int result = -1;
    if (!value_bits(buffer)) {
        raise(t, VALUE_ERROR, "underlying buffer has been detached");
        goto done;
    }
    if (io_is(buffer, IO_BUFFERED_READER) || io_is(buffer, IO_BUFFERED_RANDOM)) {
        do input = io_buffered_read1(t, buffer, size);
        while (!value_bits(input) && io_trap_eintr(t));
    } else {
        ValueRef given[1] = {value_int(size)};
        input = buffer_call(t, x, x->has_read1 ? NAME(read1) : NAME(read), given, 1);
    }
    if (!value_bits(input)) goto done;
    if (!value_is_any_bytes(input)) {
        if (!value_has_buffer(input)) {
            raise(t, TYPE_ERROR, "underlying %s() should have returned a bytes-like object, not '%T'", x->has_read1 ? "read1" : "read", input);
            goto done;
        }
        Value exact = bytes_from_object(t, input);
        value_release(t, input);
        if (!value_bits(input = exact)) goto done;
    }
    bool end = value_bytes(input)->length == 0;
    size_t nbytes = value_bytes(input)->length;
    text = decode(t, x, input, end);
    if (!value_bits(text)) goto done;
    size_t nchars = str_length(value_str(text));
    x->ratio = nchars ? (double)nbytes / (double)nchars : 0.0;
    if (nchars) end = false;
    slot_store(t, x, &x->decoded, text);
    text = UNDEF;
    x->used = 0;
    if (value_bits(held)) {
        Value whole = UNDEF;
        if (value_bytes(held)->length == 0) {
            whole = value_dup(t, input);
        } else {
            Bytes *b = bytes_alloc(t, value_bytes(held)->length + nbytes);
            if (!b) goto done;
            memcpy(b->data, value_bytes(held)->data, value_bytes(held)->length);
            memcpy(b->data + value_bytes(held)->length, value_bytes(input)->data, nbytes);
            whole = value_of(b);
        }
        slot_store(t, x, &x->snapshot, whole);
        x->snapshot_flags = flags;
    }
    result = !end;
done:
    value_release(t, buffer);
    value_release(t, held);
    value_release(t, input);
    value_release(t, text);
    return result;
}
// Up to n of the decoded characters (-1: all).
static Value take_decoded(Thread *t, IoText *x, int64_t n) {
    int64_t have = decoded_left(x);
    if (!have) return value_dup(t, NAME(empty));
    if (n < 0 || n > have) n = have;
    Value v = str_substring(t, value_str(x->decoded), (size_t)x->used, (size_t)(x->used + n));
    if (value_bits(v)) x->used += n;
    return v;
}

static Value read_all(Thread *t, IoText *x) {
    Value bytes = buffer_call(t, x, NAME(read), NULL, 0);
    if (!value_bits(bytes)) return UNDEF;
    if (is_none(bytes)) return raise(t, BLOCKING_IO_ERROR, "Read returned None.");
    if (!value_is_any_bytes(bytes) && !value_has_buffer(bytes)) {
        raise(t, TYPE_ERROR, "underlying read() should have returned a bytes-like object, not '%T'", bytes);
        value_release(t, bytes);
        return UNDEF;
    }
    Value rest = decode(t, x, bytes, true), result = UNDEF;
    value_release(t, bytes);
    if (!value_bits(rest)) return UNDEF;
    if (decoded_left(x)) {
        Value head = take_decoded(t, x, -1);
        if (value_bits(head)) result = str_concat(t, head, rest);
        value_release(t, head);
        value_release(t, rest);
    } else {
        result = rest;
    }
    drop_decoded(t, x);
    drop_snapshot(t, x);
    return result;
}
NATIVE(text_read) {
    IoText *x = as_text(self);
    int64_t n = -1;
    if (io_size(t, args[0], &n) < 0 || check(t, x) < 0) return UNDEF;
    if (!x->readable) return io_unsupported(t, "not readable");
    enter(t, x);
    Value v = UNDEF;
    if (write_pending(t, x) < 0) goto done;
    if (n < 0) {
        v = read_all(t, x);
        goto done;
    }
    v = take_decoded(t, x, n);
    if (!value_bits(v)) goto done;
    int64_t left = n - (int64_t)str_length(value_str(v));
    if (left == 0) goto done;
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_str(&b, value_str(v));
    VALUE_CLEAR(t, v);
    while (left > 0) {
        int more = read_chunk(t, x, left);
        if (more <= 0) {
            if (more == 0) break;
            if (io_trap_eintr(t)) continue;
            str_builder_abandon(&b);
            goto done;
        }
        Value part = take_decoded(t, x, left);
        if (!value_bits(part)) {
            str_builder_abandon(&b);
            goto done;
        }
        left -= (int64_t)str_length(value_str(part));
        str_builder_str(&b, value_str(part));
        value_release(t, part);
    }
    v = str_builder_finish(&b);
done:
    leave(t, x);
    return v;
}

// One line of at most `limit` characters (-1: any). With the lock.
static Value read_line(Thread *t, IoText *x, int64_t limit) {
    if (write_pending(t, x) < 0) return UNDEF;
    StrBuilder b;
    bool built = false;    // `b` is in use
    int64_t gathered = 0;  // characters in it
    Value held = UNDEF;    // the end of a chunk that may be half of an end of line
    for (;;) {
        while (!decoded_left(x)) {
            int more = read_chunk(t, x, 0);
            if (more < 0) {
                if (io_trap_eintr(t)) continue;
                goto fail;
            }
            if (more == 0) {
                drop_decoded(t, x);
                drop_snapshot(t, x);
                if (!built && !value_bits(held)) return value_dup(t, NAME(empty));
                if (!built) return held;
                if (value_bits(held)) str_builder_str(&b, value_str(held));
                value_release(t, held);
                return str_builder_finish(&b);
            }
        }
        int64_t offset = 0, start = x->used;
        Value line;
        if (value_bits(held)) {
            offset = (int64_t)str_length(value_str(held));
            line = str_concat(t, held, x->decoded);
            VALUE_CLEAR(t, held);
            start = 0;
        } else {
            line = value_dup(t, x->decoded);
        }
        if (!value_bits(line)) goto fail;
        int64_t length = (int64_t)str_length(value_str(line)), consumed;
        int64_t end = io_line_end(text_slice(str_text(value_str(line)), (size_t)start, (size_t)length), x->translate, x->universal, x->read_newline, &consumed);
        bool found = end >= 0;
        end = start + (found ? end : consumed);
        if (limit >= 0 && end - start + gathered >= limit) {
            end = start + limit - gathered;
            found = true;
        }
        if (found) {
            x->used = end - offset;
            if (x->used < 0) x->used = 0;
            Value piece = UNDEF;
            if (!built) {
                piece = str_substring(t, value_str(line), (size_t)start, (size_t)end);
            } else {
                str_builder_slice(&b, value_str(line), (size_t)start, (size_t)end);
                piece = str_builder_finish(&b);
            }
            value_release(t, line);
            return piece;
        }
        if (end > start) {
            if (!built) str_builder_init(&b, t);
            built = true;
            str_builder_slice(&b, value_str(line), (size_t)start, (size_t)end);
            gathered += end - start;
        }
        if (end < length) held = str_substring(t, value_str(line), (size_t)end, (size_t)length);
        bool failed = end < length && !value_bits(held);
        value_release(t, line);
        drop_decoded(t, x);
        if (failed) goto fail;
    }
fail:
    if (built) str_builder_abandon(&b);
    value_release(t, held);
    return UNDEF;
}
NATIVE(text_readline) {
    IoText *x = as_text(self);
    int64_t limit = -1;
    if (value_bits(args[0]) && arg_index(t, args[0], &limit) < 0) return UNDEF;
    if (check(t, x) < 0) return UNDEF;
    enter(t, x);
    Value v = read_line(t, x, limit < 0 ? -1 : limit);
    leave(t, x);
    return v;
}
static Value text_next(Thread *t, ValueRef self) {
    IoText *x = as_text(self);
    if (check_attached(t, x) < 0) return UNDEF;
    x->telling = false;
    Value line;
    if (io_is(self, IO_TEXT)) {
        if (check_open(t, x) < 0) return UNDEF;
        enter(t, x);
        line = read_line(t, x, -1);
        leave(t, x);
    } else {
        line = call_method_0(t, self, NAME(readline));
        if (value_bits(line) && !value_is_any_str(line)) {
            raise(t, OS_ERROR, "readline() should have returned a str object, not '%T'", line);
            VALUE_CLEAR(t, line);
        }
    }
    if (!value_bits(line) || str_length(value_str(line))) return line;
    value_release(t, line);
    enter(t, x);
    drop_snapshot(t, x);
    x->telling = x->seekable;
    leave(t, x);
    return UNDEF;
}

// ---- position: a cookie of where the buffer was at a safe point of the decoder, and what to do from there

typedef struct Cookie {
    int64_t start;          // of the buffer
    uint32_t flags;         // the decoder's, with nothing held
    int32_t feed, skip;     // bytes to decode from there, characters of them to pass over
    bool end;               // the decoder is told that the input ends
} Cookie;
enum { COOKIE_BYTES = 8 + 4 + 4 + 4 + 1 };
static Value cookie_pack(Thread *t, const Cookie *c) {
    uint8_t b[COOKIE_BYTES];
    memcpy(b, &c->start, 8);
    memcpy(b + 8, &c->flags, 4);
    memcpy(b + 12, &c->feed, 4);
    memcpy(b + 16, &c->skip, 4);
    b[20] = c->end;
    return int_from_bytes(t, b, sizeof b, true, false);
}
static int cookie_unpack(Thread *t, ValueRef v, Cookie *c) {
    IntView view;
    uint64_t limbs[3] = {0};
    int_view(v, &view);
    if (view.size > 3 || (view.size == 3 && view.limbs[2] >> 40)) return raise_int(t, OVERFLOW_ERROR, "int too big to convert");
    for (int64_t i = 0; i < view.size; i++) limbs[i] = view.limbs[i];
    uint8_t b[24];
    memcpy(b, limbs, sizeof b);
    memcpy(&c->start, b, 8);
    memcpy(&c->flags, b + 8, 4);
    memcpy(&c->feed, b + 12, 4);
    memcpy(&c->skip, b + 16, 4);
    c->end = b[20];
    return c->start < 0 || c->feed < 0 || c->skip < 0 ? raise_int(t, VALUE_ERROR, "negative seek position %R", v) : 0;
}
// How many characters the decoder makes of input[from, to).
static int64_t decoded_count(Thread *t, IoText *x, const uint8_t *from, size_t n, bool final) {
    Value bytes = bytes_new(t, from, n), text = value_bits(bytes) ? decode(t, x, bytes, final) : UNDEF;
    value_release(t, bytes);
    if (!value_bits(text)) return -1;
    int64_t count = (int64_t)str_length(value_str(text));
    value_release(t, text);
    return count;
}
// Finds the safe point at or before the position, where the decoder holds nothing. The decoder's state is the caller's to restore.
static int cookie_find(Thread *t, IoText *x, Cookie *c, ValueRef input, int64_t used) {
    const uint8_t *data = value_bytes(input)->data;
    int64_t length = (int64_t)value_bytes(input)->length, guess = (int64_t)(x->ratio * (double)used), back = 1;
    uint64_t flags;
    Value held;
    if (guess > length) guess = length;
    // Near where it should be, going back until the decoder holds nothing there.
    while (guess > 0) {
        if (decoder_set(t, x, t->interp->empty_bytes, c->flags, c->start == 0) < 0) return -1;
        int64_t n = decoded_count(t, x, data, (size_t)guess, false);
        if (n < 0) return -1;
        if (n <= used) {
            if (decoder_state(t, x, &held, &flags) < 0) return -1;
            int64_t holds = (int64_t)value_bytes(held)->length;
            value_release(t, held);
            if (holds == 0) {
                c->flags = (uint32_t)flags;
                used -= n;
                break;
            }
            guess -= holds;
            back = 1;
        } else {
            guess -= back;
            back *= 2;
        }
    }
    if (guess <= 0) {
        guess = 0;
        if (decoder_set(t, x, t->interp->empty_bytes, c->flags, c->start == 0) < 0) return -1;
    }
    c->start += guess;
    c->skip = (int32_t)used;
    if (used == 0) return 0;
    int64_t seen = 0;
    for (int64_t i = guess; i < length; i++) {
        int64_t n = decoded_count(t, x, data + i, 1, false);
        if (n < 0 || decoder_state(t, x, &held, &flags) < 0) return -1;
        int64_t holds = (int64_t)value_bytes(held)->length;
        value_release(t, held);
        c->feed++;
        seen += n;
        if (holds == 0 && seen <= used) {
            c->start += c->feed;
            used -= seen;
            c->flags = (uint32_t)flags;
            c->feed = 0;
            seen = 0;
        }
        if (seen >= used) {
            c->skip = (int32_t)used;
            return 0;
        }
    }
    int64_t n = decoded_count(t, x, data, 0, true);
    if (n < 0) return -1;
    c->end = true;
    c->skip = (int32_t)used;
    return seen + n < used ? raise_int(t, OS_ERROR, "can't reconstruct logical file position") : 0;
}

NATIVE(text_tell) {
    IoText *x = as_text(self);
    if (check(t, x) < 0) return UNDEF;
    if (!x->seekable) return io_unsupported(t, "underlying stream is not seekable");
    if (!x->telling) return raise(t, OS_ERROR, "telling position disabled by next() call");
    Value flushed = call_method_0(t, self, NAME(flush));
    if (!value_bits(flushed)) return UNDEF;
    value_release(t, flushed);
    enter(t, x);
    Value v = UNDEF, input = UNDEF, held = UNDEF;
    Cookie c = {0};
    Value at = buffer_call(t, x, NAME(tell), NULL, 0);
    if (!value_bits(at)) goto done;
    if (!x->readable || !value_bits(x->snapshot)) {
        v = at;
        at = UNDEF;
        goto done;
    }
    if (arg_int64(t, at, &c.start) < 0) goto done;
    input = slot_get(t, &x->snapshot);
    c.start -= (int64_t)value_bytes(input)->length;
    c.flags = (uint32_t)x->snapshot_flags;
    if (x->used == 0) {
        v = cookie_pack(t, &c);
        goto done;
    }
    uint64_t flags;
    IoNewlines newlines = x->newlines;
    if (decoder_state(t, x, &held, &flags) < 0) goto done;
    int status = cookie_find(t, x, &c, input, x->used);
    Value failure = status < 0 ? error_take(t) : UNDEF;
    status = decoder_set(t, x, held, flags, false);
    x->newlines = newlines;
    if (value_bits(failure)) {
        if (status < 0) error_clear(t);
        error_restore(t, failure);
    } else if (status == 0) {
        v = cookie_pack(t, &c);
    }
done:
    leave(t, x);
    value_release(t, held);
    value_release(t, input);
    value_release(t, at);
    return v;
}

static Value seek_to(Thread *t, IoText *x, ValueRef self, ValueRef cookie) {
    Cookie c;
    if (cookie_unpack(t, cookie, &c) < 0) return UNDEF;
    Value start = int_from_int64(t, c.start);
    ValueRef given[1] = {start};
    Value moved = value_bits(start) ? buffer_call(t, x, NAME(seek), given, 1) : UNDEF;
    value_release(t, start);
    if (!value_bits(moved)) return UNDEF;
    value_release(t, moved);
    drop_decoded(t, x);
    drop_snapshot(t, x);
    if (x->readable) {
        if (decoder_set(t, x, t->interp->empty_bytes, c.flags, c.start == 0) < 0) return UNDEF;
        if (c.skip) {
            ValueRef count[1] = {value_int(c.feed)};
            Value input = buffer_call(t, x, NAME(read), count, 1);
            if (!value_bits(input)) return UNDEF;
            if (!value_is_any_bytes(input)) {
                raise(t, TYPE_ERROR, "underlying read() should have returned a bytes object, not '%T'", input);
                value_release(t, input);
                return UNDEF;
            }
            Value text = decode(t, x, input, c.end);
            slot_store(t, x, &x->snapshot, input);
            x->snapshot_flags = c.flags;
            if (!value_bits(text)) return UNDEF;
            int64_t n = (int64_t)str_length(value_str(text));
            slot_store(t, x, &x->decoded, text);
            if (n < c.skip) {
                drop_decoded(t, x);
                return raise(t, OS_ERROR, "can't restore logical file position");
            }
            x->used = c.skip;
        } else {
            slot_store(t, x, &x->snapshot, value_dup(t, t->interp->empty_bytes));
            x->snapshot_flags = c.flags;
        }
    }
    if (x->writable && encoder_at_start(t, x, c.start == 0 && c.flags == 0) < 0) return UNDEF;
    return value_dup(t, cookie);
}
NATIVE(text_seek) {
    IoText *x = as_text(self);
    int whence;
    if (io_whence(t, args[1], &whence) < 0 || check(t, x) < 0) return UNDEF;
    if (!x->seekable) return io_unsupported(t, "underlying stream is not seekable");
    Value cookie = object_index(t, args[0]), v = UNDEF;
    if (!value_bits(cookie)) return UNDEF;
    bool zero = int_sign(cookie) == 0;
    if (whence == 1) {
        if (!zero) {
            value_release(t, cookie);
            return io_unsupported(t, "can't do nonzero cur-relative seeks");
        }
        value_release(t, cookie);
        cookie = call_method_0(t, self, NAME(tell));
        if (!value_bits(cookie)) return UNDEF;
    } else if (whence == 2) {
        value_release(t, cookie);
        if (!zero) return io_unsupported(t, "can't do nonzero end-relative seeks");
        Value flushed = call_method_0(t, self, NAME(flush));
        if (!value_bits(flushed)) return UNDEF;
        value_release(t, flushed);
        enter(t, x);
        drop_decoded(t, x);
        drop_snapshot(t, x);
        if (decoder_reset(t, x) == 0) {
            ValueRef given[2] = {value_int(0), value_int(2)};
            v = buffer_call(t, x, NAME(seek), given, 2);
            if (value_bits(v) && x->writable && encoder_at_start(t, x, value_is_int(v) && value_get_int(v) == 0) < 0) VALUE_CLEAR(t, v);
        }
        leave(t, x);
        return v;
    } else if (whence != 0) {
        value_release(t, cookie);
        return raise(t, VALUE_ERROR, "invalid whence (%d, should be 0, 1 or 2)", whence);
    }
    if (!value_is_any_int(cookie) || int_sign(cookie) < 0) {
        raise(t, VALUE_ERROR, "negative seek position %R", cookie);
        value_release(t, cookie);
        return UNDEF;
    }
    Value flushed = call_method_0(t, self, NAME(flush));
    if (value_bits(flushed)) {
        value_release(t, flushed);
        enter(t, x);
        v = seek_to(t, x, self, cookie);
        leave(t, x);
    }
    value_release(t, cookie);
    return v;
}
NATIVE(text_truncate) {
    IoText *x = as_text(self);
    if (check(t, x) < 0) return UNDEF;
    Value flushed = call_method_0(t, self, NAME(flush));
    if (!value_bits(flushed)) return UNDEF;
    value_release(t, flushed);
    ValueRef given[1] = {value_bits(args[0]) ? args[0] : (ValueRef)NONE};
    enter(t, x);
    Value v = buffer_call(t, x, NAME(truncate), given, 1);
    leave(t, x);
    return v;
}

// ---- life

Value io_text_encoding(Thread *t, ValueRef encoding, int stack_level) {
    if (!not_given(encoding)) return value_dup(t, encoding);
    if (runtime_config.warn_default_encoding && warn(t, E_ENCODING_WARNING, stack_level, "'encoding' argument not specified") < 0) return UNDEF;
    return runtime_config.utf8_mode > 0 ? str_from_text(t, "utf-8") : value_dup(t, NAME(locale));
}

static void set_newline(IoText *x, const char *newline) {
    x->universal = !newline || !newline[0];
    x->translate = !newline;
    x->read_newline = newline;
    x->write_newline = newline && newline[0] == '\r' ? newline : NULL;
    x->newlines = (IoNewlines){.translate = x->translate};
}
// An encoding's or error handler's name as native code takes it: an exact ASCII str without NULs.
static Value plain_name(Thread *t, ValueRef v, const char *what) {
    if (!str_is_ascii(value_str(v))) return raise(t, LOOKUP_ERROR, "unknown %s: %A", what, v);
    if (strlen(str_data(value_str(v))) != str_length(value_str(v))) return raise(t, VALUE_ERROR, "embedded null character");
    return str_exact(t, v);
}
// Sets encoding and errors (names, consumed) and makes the coders.
static int set_codec(Thread *t, IoText *x, Value encoding_steal, Value errors_steal) {
    const char *name = text_of_str(encoding_steal);
    Codec codec = codec_of_name(name);
    if (codec != CODEC_UTF_8 && codec != CODEC_ASCII && codec != CODEC_LATIN_1) codec = CODEC_NONE;
    Value info = UNDEF, decoder = UNDEF, encoder = UNDEF;
    if (codec == CODEC_NONE) {
        info = codecs_lookup(t, encoding_steal);
        int text = value_bits(info) ? codecs_is_text(t, info) : -1;
        if (text == 0) raise(t, LOOKUP_ERROR, "'%s' is not a text encoding; use codecs.open() to handle arbitrary codecs", name);
        if (text <= 0) goto fail;
        if (x->readable && !value_bits(decoder = codecs_incremental(t, info, "incrementaldecoder", errors_steal))) goto fail;
        if (x->writable && !value_bits(encoder = codecs_incremental(t, info, "incrementalencoder", errors_steal))) goto fail;
    }
    value_release(t, info);
    x->codec = codec;
    x->carried = 0;
    slot_store(t, x, &x->decoder, decoder);
    slot_store(t, x, &x->encoder, encoder);
    slot_store(t, x, &x->encoding, encoding_steal);
    slot_store(t, x, &x->errors, errors_steal);
    return 0;
fail:
    value_release(t, info);
    value_release(t, decoder);
    value_release(t, encoder);
    value_release(t, encoding_steal);
    value_release(t, errors_steal);
    return -1;
}
static Value resolved_encoding(Thread *t, ValueRef encoding_or_none) {
    Value name = io_text_encoding(t, encoding_or_none, 1);
    if (!value_bits(name)) return UNDEF;
    if (str_equal_text(value_str(name), "locale")) {
        value_release(t, name);
        const char *codeset = runtime_config.utf8_mode > 0 ? "utf-8" : nl_langinfo(CODESET);
        return str_from_text(t, *codeset ? codeset : "utf-8");
    }
    Value plain = plain_name(t, name, "encoding");
    value_release(t, name);
    return plain;
}
// After a change of the encoder: no byte order mark in the middle of a file.
static int fix_encoder_start(Thread *t, IoText *x) {
    x->at_start = true;
    if (!x->seekable || !x->writable || !value_bits(x->encoder)) return 0;
    Value at = buffer_call(t, x, NAME(tell), NULL, 0);
    if (!value_bits(at)) return -1;
    bool zero = value_is_any_int(at) && int_sign(at) == 0;
    value_release(t, at);
    return zero ? 0 : encoder_at_start(t, x, false);
}

static int text_setup(Thread *t, ValueRef self, ValueRef buffer, ValueRef encoding, ValueRef errors, const char *newline, bool line_buffering, bool write_through) {
    IoText *x = as_text(self);
    x->ok = x->detached = false;
    Value name = resolved_encoding(t, encoding);
    if (!value_bits(name)) return -1;
    Value handler = not_given(errors) ? value_dup(t, NAME(strict)) : plain_name(t, errors, "error handler name");
    if (!value_bits(handler)) {
        value_release(t, name);
        return -1;
    }
    enter(t, x);
    set_newline(x, newline);
    slot_store(t, x, &x->buffer, value_dup(t, buffer));
    drop_decoded(t, x);
    drop_snapshot(t, x);
    x->pending.length = 0;
    x->line_buffering = line_buffering;
    x->write_through = write_through;
    x->chunk = 8192;
    x->ratio = 0;
    x->holds = io_is_buffered(buffer) || io_is(buffer, IO_BYTES);
    int readable, writable, seekable, status = -1;
    readable = io_truth(t, buffer_call(t, x, NAME(readable), NULL, 0));
    writable = readable < 0 ? -1 : io_truth(t, buffer_call(t, x, NAME(writable), NULL, 0));
    seekable = writable < 0 ? -1 : io_truth(t, buffer_call(t, x, NAME(seekable), NULL, 0));
    if (seekable < 0) {
        value_release(t, name);
        value_release(t, handler);
        goto done;
    }
    x->readable = readable;
    x->writable = writable;
    x->seekable = x->telling = seekable;
    if (set_codec(t, x, name, handler) < 0) goto done;
    if (x->holds) {
        x->has_read1 = true;
    } else {
        int has = object_hasattr(t, buffer, NAME(read1));
        if (has < 0) goto done;
        x->has_read1 = has;
    }
    if (fix_encoder_start(t, x) < 0) goto done;
    x->ok = true;
    status = 0;
done:
    leave(t, x);
    return status;
}
static int text_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[6];
    const char *newline;
    bool line_buffering = false, write_through = false;
    as_text(self)->ok = false;
    if (args_bind(t, "TextIOWrapper", "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)", args, nargs, kwnames, given) < 0)
        return -1;
    static const char *const names[] = {"encoding", "errors", "newline"};
    for (int i = 0; i < 3; i++)
        if (!not_given(given[1 + i]) && !(i == 1 ? value_is_any_str(given[2]) : value_is_any_str(given[1 + i])))
            return raise_int(t, TYPE_ERROR, "TextIOWrapper() argument '%s' must be str or None, not %T", names[i], given[1 + i]);
    if (io_newline_argument(t, given[3], &newline, "illegal newline value: %S") < 0) return -1;
    if (value_bits(given[4]) && arg_bool(t, given[4], &line_buffering) < 0) return -1;
    if (value_bits(given[5]) && arg_bool(t, given[5], &write_through) < 0) return -1;
    return text_setup(t, self, given[0], given[1], given[2], newline, line_buffering, write_through);
}
Value io_text_open(Thread *t, ValueRef buffer, ValueRef encoding, ValueRef errors, ValueRef newline, bool line_buffering) {
    const char *end;
    if (io_newline_argument(t, newline, &end, "illegal newline value: %S") < 0) return UNDEF;
    Value v = value_of(object_new(t, TYPE_OF(IO_TEXT)));
    if (!value_bits(v)) return UNDEF;
    if (text_setup(t, v, buffer, encoding, errors, end, line_buffering, false) == 0) return v;
    value_release(t, v);
    return UNDEF;
}

NATIVE(text_reconfigure) { // encoding, errors, newline, line_buffering, write_through
    IoText *x = as_text(self);
    const char *newline = x->read_newline;
    bool line_buffering = x->line_buffering, write_through = x->write_through, recode = !not_given(args[0]) || !not_given(args[1]);
    if (check_attached(t, x) < 0) return UNDEF;
    if ((value_bits(x->decoded) || value_bits(x->snapshot)) && (recode || value_bits(args[2])))
        return io_unsupported(t, "It is not possible to set the encoding or newline of stream after the first read");
    static const char *const names[] = {"encoding", "errors"};
    for (int i = 0; i < 2; i++)
        if (!not_given(args[i]) && !value_is_any_str(args[i]))
            return raise(t, TYPE_ERROR, "reconfigure() argument '%s' must be str or None, not %T", names[i], args[i]);
    if (value_bits(args[2]) && !is_none(args[2]) && !value_is_any_str(args[2])) return raise(t, TYPE_ERROR, "reconfigure() argument 'newline' must be str or None, not %T", args[2]);
    if (value_bits(args[2]) && io_newline_argument(t, args[2], &newline, "illegal newline value: %S") < 0) return UNDEF;
    if (!not_given(args[3]) && arg_bool(t, args[3], &line_buffering) < 0) return UNDEF;
    if (!not_given(args[4]) && arg_bool(t, args[4], &write_through) < 0) return UNDEF;
    Value flushed = call_method_0(t, self, NAME(flush));
    if (!value_bits(flushed)) return UNDEF;
    value_release(t, flushed);
    Value name = UNDEF, handler = UNDEF;
    if (recode) {
        name = not_given(args[0]) ? slot_get(t, &x->encoding) : resolved_encoding(t, args[0]);
        if (!value_bits(name)) return UNDEF;
        handler = !not_given(args[1]) ? plain_name(t, args[1], "error handler name") : !not_given(args[0]) ? value_dup(t, NAME(strict)) : slot_get(t, &x->errors);
        if (!value_bits(handler)) {
            value_release(t, name);
            return UNDEF;
        }
    }
    enter(t, x);
    int status = 0;
    if (value_bits(args[2])) set_newline(x, newline);
    if (recode) status = set_codec(t, x, name, handler);
    if (status == 0 && recode) status = fix_encoder_start(t, x);
    x->line_buffering = line_buffering;
    x->write_through = write_through;
    leave(t, x);
    return status < 0 ? UNDEF : NONE;
}
NATIVE(text_flush) {
    IoText *x = as_text(self);
    if (check(t, x) < 0) return UNDEF;
    enter(t, x);
    x->telling = x->seekable;
    int status = write_pending(t, x);
    if (status == 0) status = flush_buffer(t, x);
    leave(t, x);
    return status < 0 ? UNDEF : NONE;
}
NATIVE(text_detach) {
    IoText *x = as_text(self);
    if (check_attached(t, x) < 0) return UNDEF;
    Value flushed = call_method_0(t, self, NAME(flush));
    if (!value_bits(flushed)) return UNDEF;
    value_release(t, flushed);
    enter(t, x);
    Value buffer = slot_get(t, &x->buffer);
    slot_store(t, x, &x->buffer, UNDEF);
    x->detached = true;
    x->ok = false;
    leave(t, x);
    return value_bits(buffer) ? buffer : raise(t, VALUE_ERROR, "underlying buffer has been detached");
}
NATIVE(text_close) {
    IoText *x = as_text(self);
    if (check_attached(t, x) < 0) return UNDEF;
    int closed = is_closed(t, x);
    if (closed) return closed > 0 ? NONE : UNDEF;
    Value failure = UNDEF, buffer = slot_get(t, &x->buffer);
    if (!value_bits(buffer)) return NONE; // detached while it was asked
    if (x->finalizing) {
        Value warned = call_method_1(t, buffer, NAME(_dealloc_warn), self);
        if (!value_bits(warned)) error_clear(t);
        value_release(t, warned);
    }
    Value flushed = call_method_0(t, self, NAME(flush));
    if (!value_bits(flushed)) failure = error_take(t);
    value_release(t, flushed);
    Value result = call_method_0(t, buffer, NAME(close));
    value_release(t, buffer);
    if (!value_bits(failure)) return result;
    value_release(t, result);
    return io_chain(t, failure);
}

// ---- what it is

static Value attached_buffer(Thread *t, ValueRef self) {
    if (check_attached(t, as_text(self)) < 0) return UNDEF;
    Value buffer = slot_get(t, &as_text(self)->buffer);
    return value_bits(buffer) ? buffer : raise(t, VALUE_ERROR, "underlying buffer has been detached");
}
static Value ask(Thread *t, ValueRef self, ValueRef method) {
    Value buffer = attached_buffer(t, self), v = value_bits(buffer) ? call_method_0(t, buffer, method) : UNDEF;
    value_release(t, buffer);
    return v;
}
NATIVE(text_fileno) { return ask(t, self, NAME(fileno)); }
NATIVE(text_seekable) { return ask(t, self, NAME(seekable)); }
NATIVE(text_readable) { return ask(t, self, NAME(readable)); }
NATIVE(text_writable) { return ask(t, self, NAME(writable)); }
NATIVE(text_isatty) { return ask(t, self, NAME(isatty)); }
static Value shown(Thread *t, ValueRef self, ValueRef attribute) {
    Value buffer = attached_buffer(t, self), v = value_bits(buffer) ? object_getattr(t, buffer, attribute) : UNDEF;
    value_release(t, buffer);
    return v;
}
static Value text_name(Thread *t, ValueRef self) { return shown(t, self, NAME(name)); }
static Value text_closed(Thread *t, ValueRef self) {
    const IoText *x = as_text(self);
    return x->ok || x->detached ? shown(t, self, NAME(closed)) : TRUE_VALUE; // never opened
}
static Value text_errors(Thread *t, ValueRef self) {
    Value errors = slot_get(t, &as_text(self)->errors);
    return value_bits(errors) ? errors : raise(t, VALUE_ERROR, "I/O operation on uninitialized object");
}
static Value text_newlines(Thread *t, ValueRef self) {
    IoText *x = as_text(self);
    if (check_attached(t, x) < 0) return UNDEF;
    return x->universal && x->readable ? io_newlines_seen(t, x->newlines.seen) : NONE;
}
static Value text_buffer(Thread *t, ValueRef self) { return value_or_none(slot_get(t, &as_text(self)->buffer)); }
static Value text_chunk(Thread *t, ValueRef self) { return check_attached(t, as_text(self)) < 0 ? UNDEF : int_from_int64(t, as_text(self)->chunk); }
static int text_set_chunk(Thread *t, ValueRef self, ValueRef v) {
    int64_t n;
    if (check_attached(t, as_text(self)) < 0) return -1;
    if (!value_bits(v)) return raise_int(t, ATTRIBUTE_ERROR, "cannot delete attribute");
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer", v);
    if (arg_index_clipped(t, v, &n) < 0) return -1;
    if (n <= 0 || n == INT64_MAX) return raise_int(t, VALUE_ERROR, "a strictly positive integer is required");
    as_text(self)->chunk = n;
    return 0;
}
static Value text_repr(Thread *t, ValueRef self) {
    IoText *x = as_text(self);
    if (check_attached(t, x) < 0 && !x->detached) return UNDEF;
    error_clear(t);
    Value type = type_qualified_name(t, value_type(self)), text = UNDEF;
    if (!value_bits(type)) return UNDEF;
    int running = repr_enter(t, self);
    if (running) {
        if (running > 0) raise(t, RUNTIME_ERROR, "reentrant call inside %S.__repr__", type);
        value_release(t, type);
        return UNDEF;
    }
    text = str_of_format(t, "<%S", type);
    ValueRef shows[2] = {NAME(name), NAME(mode)};
    for (int i = 0; i < 2 && value_bits(text); i++) {
        Value v = object_getattr_or_undef(t, self, shows[i]);
        if (!value_bits(v)) {
            if (!error_pending(t)) continue;
            if (!error_matches(t, EXCEPTION(VALUE_ERROR))) {
                VALUE_CLEAR(t, text);
                break;
            }
            error_clear(t);
            continue;
        }
        Value longer = str_of_format(t, "%S %S=%R", text, shows[i], v);
        value_release(t, v);
        value_release(t, text);
        text = longer;
    }
    if (value_bits(text)) {
        Value longer = str_of_format(t, "%S encoding=%R>", text, x->encoding);
        value_release(t, text);
        text = longer;
    }
    repr_leave(t, self);
    value_release(t, type);
    return text;
}
static void text_destroy(Thread *t, Object *o) {
    IoText *x = (IoText *)o;
    Value *slots[] = {&x->buffer, &x->encoding, &x->errors, &x->decoder, &x->encoder, &x->decoded, &x->snapshot};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) value_release(t, *slots[i]);
    bytebuffer_free(&x->pending);
}
static void text_traverse(Object *o, VisitFn visit, void *arg) {
    IoText *x = (IoText *)o;
    Value *slots[] = {&x->buffer, &x->encoding, &x->errors, &x->decoder, &x->encoder, &x->decoded, &x->snapshot};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) visit(slots[i], arg);
}
static void text_clear(Thread *t, Object *o) {
    IoText *x = (IoText *)o;
    x->ok = false;
    Value *slots[] = {&x->buffer, &x->decoder, &x->encoder, &x->decoded, &x->snapshot};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) slot_store(t, o, slots[i], UNDEF);
}

static const NativeDef methods[] = {
    {"detach", text_detach, "($self, /)", "Flushes and gives the buffer back.", 0},
    {"reconfigure", text_reconfigure, "($self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)", "Changes how text is coded.", 0},
    {"write", text_write, "($self, text, /)", "Writes text; how many characters.", 0},
    {"read", text_read, "($self, size=-1, /)", "`size` characters, or all.", 0},
    {"readline", text_readline, "($self, size=-1, /)", "One line.", 0},
    {"flush", text_flush, "($self, /)", "Writes out what is held back.", 0}, {"close", text_close, "($self, /)", "Flushes and closes.", 0},
    {"fileno", text_fileno, "($self, /)", "The descriptor.", 0}, {"seekable", text_seekable, "($self, /)", "Can seek?", 0},
    {"readable", text_readable, "($self, /)", "Can read?", 0}, {"writable", text_writable, "($self, /)", "Can write?", 0},
    {"isatty", text_isatty, "($self, /)", "Is it a terminal?", 0},
    {"seek", text_seek, "($self, cookie, whence=os.SEEK_SET, /)", "Moves to where tell() said.", 0},
    {"tell", text_tell, "($self, /)", "The position, as a number that seek() takes.", 0},
    {"truncate", text_truncate, "($self, pos=None, /)", "Cuts the file off.", 0},
    {"__getstate__", io_cannot_pickle, "($self, /)", NULL, 0}, NATIVE_END};
static const GetSetDef getset[] = {
    {"name", text_name, NULL, "The buffer's name."}, {"closed", text_closed, NULL, "Is it closed?"}, {"newlines", text_newlines, NULL, "The line ends seen so far."},
    {"errors", text_errors, NULL, "What happens to what cannot be coded."}, {"buffer", text_buffer, NULL, "The stream of bytes."},
    {"_CHUNK_SIZE", text_chunk, text_set_chunk, NULL}, GETSET_END};
static const MemberDef members[] = {
    {"encoding", offsetof(IoText, encoding), MEMBER_VALUE, false, "The encoding's name."},
    {"line_buffering", offsetof(IoText, line_buffering), MEMBER_BOOL8, false, "Does a line's end flush?"},
    {"write_through", offsetof(IoText, write_through), MEMBER_BOOL8, false, "Is nothing held back?"},
    {"_finalizing", offsetof(IoText, finalizing), MEMBER_BOOL8, true, NULL}, MEMBER_END};
const TypeSpec io_text_spec = {
    .name = "_io.TextIOWrapper", .doc = "Text over a stream of bytes.", .size = sizeof(IoText), .flags = TYPE_BASE | TYPE_HAS_RESOURCE, .base = T_IO_TEXT_BASE,
    .ops = {.repr = text_repr, .init = text_init, .next = text_next}, .methods = methods, .getset = getset, .members = members,
    .new_signature = "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)", .destroy = text_destroy,
    .traverse = text_traverse, .clear = text_clear};

// ---- after a fork

void io_fork_child(Thread *t) {
    static const char *const names[] = {"stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ValueRef v = sys_get(t, names[i]);
        if (!value_bits(v) || !io_is(v, IO_TEXT)) continue;
        IoText *x = as_text(v);
        memset(&x->lock, 0, sizeof x->lock);
        ValueRef buffer = slot_borrow(&x->buffer);
        if (value_bits(buffer) && io_is_buffered(buffer)) io_buffered_unlock_after_fork(buffer);
    }
}

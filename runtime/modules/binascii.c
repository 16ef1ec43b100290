// binascii: bytes written as text: hexadecimal, base64 (RFC 4648), uuencode, quoted-printable (RFC 2045), and check sums.
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/container.h"
#include "runtime/objects/dict.h"

typedef struct State { Value error, incomplete; } State;

// Bytes of a bytes-like argument, or of an ASCII str. 0, -1.
typedef struct Input { const uint8_t *data; size_t n; Buffer buffer; bool lent; } Input;
static int input_open(Thread *t, Input *in, ValueRef v) {
    in->lent = false;
    if (value_is_any_str(v)) {
        if (!str_is_ascii(value_str(v))) return raise_int(t, VALUE_ERROR, "string argument should contain only ASCII characters");
        in->data = str_data(value_str(v));
        in->n = str_length(value_str(v));
        return 0;
    }
    if (!value_has_buffer(v)) return raise_int(t, TYPE_ERROR, "argument should be bytes, buffer or ASCII string, not '%T'", v);
    if (buffer_get(t, v, &in->buffer, BUFFER_C_CONTIGUOUS) < 0) return -1;
    in->lent = true;
    in->data = in->buffer.data;
    in->n = (size_t)in->buffer.length;
    return 0;
}
static int bytes_open(Thread *t, Input *in, ValueRef v) {
    if (buffer_get(t, v, &in->buffer, BUFFER_C_CONTIGUOUS) < 0) return -1;
    in->lent = true;
    in->data = in->buffer.data;
    in->n = (size_t)in->buffer.length;
    return 0;
}
static void input_close(Thread *t, Input *in) {
    if (in->lent) buffer_release(t, &in->buffer);
}
static Value error_new(Thread *t, ValueRef module, const char *message) {
    Value text = str_from_text(t, message), e = value_bits(text) ? call_1(t, ((State *)module_state(module))->error, text) : UNDEF;
    value_release(t, text);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}
static Value finish(Thread *t, Input *in, ByteBuffer *out, bool ok) {
    Value v = UNDEF;
    if (ok) v = out->failed ? raise_no_memory(t) : bytes_new(t, out->data, out->length);
    bytebuffer_free(out);
    input_close(t, in);
    return v;
}
static int flag(Thread *t, ValueRef v, bool *out) { return value_bits(v) ? arg_bool(t, v, out) : 0; }

// ---- hexadecimal

NATIVE(b2a_hex) { // data, sep, bytes_per_sep
    Input in;
    int group = 1, separator = -1;
    if (value_bits(args[1])) {
        int64_t n = object_len(t, args[1]);
        if (n < 0) return UNDEF;
        if (n != 1) return raise(t, VALUE_ERROR, "sep must be length 1.");
        if (value_is_any_str(args[1])) {
            uint32_t c = str_char(value_str(args[1]), 0);
            if (c > 255) return raise(t, VALUE_ERROR, "sep must be ASCII.");
            separator = (int)c;
        } else if (value_is_any_bytes(args[1])) {
            separator = value_bytes(args[1])->data[0];
        } else {
            return raise(t, TYPE_ERROR, "sep must be str or bytes.");
        }
    }
    if (value_bits(args[2]) && arg_int(t, args[2], &group) < 0) return UNDEF;
    if (bytes_open(t, &in, args[0]) < 0) return UNDEF;
    size_t size = group < 0 ? (size_t)-(int64_t)group : (size_t)group;
    bool split = separator >= 0 && size > 0 && in.n > 0;
    if (in.n > (size_t)INT64_MAX / 4) {
        input_close(t, &in);
        return raise_no_memory(t);
    }
    Bytes *b = bytes_alloc(t, in.n * 2 + (split ? (in.n - 1) / size : 0));
    if (b) {
        uint8_t *p = b->data;
        for (size_t i = 0; i < in.n; i++) {
            if (split && i && (group > 0 ? (in.n - i) % size == 0 : i % size == 0)) *p++ = (uint8_t)separator;
            *p++ = (uint8_t)"0123456789abcdef"[in.data[i] >> 4];
            *p++ = (uint8_t)"0123456789abcdef"[in.data[i] & 15];
        }
    }
    input_close(t, &in);
    return b ? value_of(b) : UNDEF;
}
static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
NATIVE(a2b_hex) {
    Input in;
    if (input_open(t, &in, args[0]) < 0) return UNDEF;
    if (in.n % 2) {
        input_close(t, &in);
        return error_new(t, self, "Odd-length string");
    }
    Bytes *b = bytes_alloc(t, in.n / 2);
    bool bad = false;
    for (size_t i = 0; b && i < in.n && !bad; i += 2) {
        int high = hex_digit(in.data[i]), low = hex_digit(in.data[i + 1]);
        bad = high < 0 || low < 0;
        b->data[i / 2] = (uint8_t)((uint32_t)high << 4 | (uint32_t)low);
    }
    input_close(t, &in);
    if (bad) {
        value_release(t, value_of(b));
        return error_new(t, self, "Non-hexadecimal digit found");
    }
    return b ? value_of(b) : UNDEF;
}

// ---- base64

static const char base64_text[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static int base64_digit(uint8_t c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}
NATIVE(b2a_base64) {
    Input in;
    bool newline = true;
    if (flag(t, args[1], &newline) < 0 || bytes_open(t, &in, args[0]) < 0) return UNDEF;
    Bytes *b = in.n > (size_t)INT64_MAX / 2 ? (raise_no_memory(t), NULL) : bytes_alloc(t, (in.n + 2) / 3 * 4 + newline);
    if (b) {
        uint8_t *p = b->data;
        for (size_t i = 0; i < in.n; i += 3) {
            size_t left = in.n - i;
            uint32_t bits = (uint32_t)in.data[i] << 16 | (left > 1 ? (uint32_t)in.data[i + 1] << 8 : 0) | (left > 2 ? in.data[i + 2] : 0u);
            *p++ = (uint8_t)base64_text[bits >> 18];
            *p++ = (uint8_t)base64_text[bits >> 12 & 63];
            *p++ = left > 1 ? (uint8_t)base64_text[bits >> 6 & 63] : '=';
            *p++ = left > 2 ? (uint8_t)base64_text[bits & 63] : '=';
        }
        if (newline) *p = '\n';
    }
    input_close(t, &in);
    return b ? value_of(b) : UNDEF;
}
NATIVE(a2b_base64) {
    Input in;
    bool strict = false;
    if (flag(t, args[1], &strict) < 0 || input_open(t, &in, args[0]) < 0) return UNDEF;
    ByteBuffer out = {0};
    bytebuffer_reserve(&out, in.n / 4 * 3 + 3);
    const char *error = NULL;
    char text[128];
    uint32_t bits = 0;
    size_t digits = 0, pads = 0; // pads since the last digit
    for (size_t i = 0; i < in.n && !error; i++) {
        uint8_t c = in.data[i];
        if (c == '=') {
            pads++;
            if (!strict) continue;
            if (i == 0) error = "Leading padding not allowed";
            else if (digits % 4 == 1) break;
            else if (digits % 4 == 0 || digits % 4 + pads > 4) error = "Excess padding not allowed";
            continue;
        }
        int digit = base64_digit(c);
        if (digit < 0) {
            if (strict) error = "Only base64 data is allowed";
            continue;
        }
        if (strict && pads) error = digits % 4 + pads == 4 ? "Excess data after padding" : "Discontinuous padding not allowed";
        pads = 0;
        bits = bits << 6 | (uint32_t)digit;
        digits++;
        if (digits % 4 == 2) bytebuffer_put1(&out, (uint8_t)(bits >> 4));
        else if (digits % 4 == 3) bytebuffer_put1(&out, (uint8_t)(bits >> 2));
        else if (digits % 4 == 0) bytebuffer_put1(&out, (uint8_t)bits);
    }
    if (!error && digits % 4 == 1) {
        snprintf(text, sizeof text, "Invalid base64-encoded string: number of data characters (%zu) cannot be 1 more than a multiple of 4", digits);
        error = text;
    } else if (!error && digits % 4 && digits % 4 + pads < 4) {
        error = "Incorrect padding";
    }
    Value v = finish(t, &in, &out, !error);
    return error ? error_new(t, self, error) : v;
}

// ---- uuencode

NATIVE(b2a_uu) {
    Input in;
    bool backtick = false;
    if (flag(t, args[1], &backtick) < 0 || bytes_open(t, &in, args[0]) < 0) return UNDEF;
    if (in.n > 45) {
        input_close(t, &in);
        return error_new(t, self, "At most 45 bytes at once");
    }
    ByteBuffer out = {0};
    uint8_t zero = backtick ? '`' : ' ';
#define UU(x) bytebuffer_put1(&out, (x) ? (uint8_t)(' ' + (x)) : zero)
    UU(in.n);
    for (size_t i = 0; i < in.n; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < in.n ? in.data[i + k] : 0u);
        UU(bits >> 18);
        UU(bits >> 12 & 63);
        UU(bits >> 6 & 63);
        UU(bits & 63);
    }
#undef UU
    bytebuffer_put1(&out, '\n');
    return finish(t, &in, &out, true);
}
NATIVE(a2b_uu) {
    Input in;
    if (input_open(t, &in, args[0]) < 0) return UNDEF;
    ByteBuffer out = {0};
    const char *error = in.n ? NULL : "Missing length byte";
    size_t want = in.n ? (in.data[0] - (size_t)' ') & 63 : 0, i = 1;
    uint32_t bits = 0;
    int have = 0;
    while (!error && out.length < want) {
        uint8_t c = i < in.n ? in.data[i] : 0;
        uint32_t digit = 0;
        // What lies behind the end of the line counts as blanks: mailers drop those.
        if (i < in.n && c != '\n' && c != '\r') {
            if (c < ' ' || c > ' ' + 64) {
                error = "Illegal char";
                break;
            }
            digit = (uint32_t)(c - ' ') & 63;
        }
        i++;
        bits = bits << 6 | digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytebuffer_put1(&out, (uint8_t)(bits >> have));
            bits &= (1u << have) - 1;
        }
        if (out.failed) break;
    }
    for (; !error && i < in.n; i++) {
        uint8_t c = in.data[i];
        if (c != ' ' && c != ' ' + 64 && c != '\n' && c != '\r') error = "Trailing garbage";
    }
    Value v = finish(t, &in, &out, !error);
    return error ? error_new(t, self, error) : v;
}

// ---- quoted-printable

NATIVE(a2b_qp) {
    Input in;
    bool header = false;
    if (flag(t, args[1], &header) < 0 || input_open(t, &in, args[0]) < 0) return UNDEF;
    ByteBuffer out = {0};
    bytebuffer_reserve(&out, in.n + 1);
    for (size_t i = 0; i < in.n;) {
        uint8_t c = in.data[i];
        if (c != '=') {
            bytebuffer_put1(&out, header && c == '_' ? ' ' : c);
            i++;
            continue;
        }
        if (++i >= in.n) break;
        c = in.data[i];
        if (c == '\n' || c == '\r') { // a soft line break
            if (c != '\n')
                while (i < in.n && in.data[i] != '\n') i++;
            if (i < in.n) i++;
        } else if (c == '=') {
            bytebuffer_put1(&out, '=');
            i++;
        } else if (i + 1 < in.n && hex_digit(c) >= 0 && hex_digit(in.data[i + 1]) >= 0) {
            bytebuffer_put1(&out, (uint8_t)(hex_digit(c) << 4 | hex_digit(in.data[i + 1])));
            i += 2;
        } else {
            bytebuffer_put1(&out, '=');
        }
    }
    return finish(t, &in, &out, true);
}
enum { QP_LINE = 76 };
NATIVE(b2a_qp) { // data, quotetabs, istext, header
    Input in;
    bool quotetabs = false, text = true, header = false;
    if (flag(t, args[1], &quotetabs) < 0 || flag(t, args[2], &text) < 0 || flag(t, args[3], &header) < 0 || bytes_open(t, &in, args[0]) < 0) return UNDEF;
    ByteBuffer out = {0};
    const uint8_t *p = memchr(in.data, '\n', in.n);
    bool crlf = p && p > in.data && p[-1] == '\r'; // lines end as the first one does
    size_t line = 0;
    for (size_t i = 0; i < in.n && !out.failed;) {
        uint8_t c = in.data[i];
        bool last = i + 1 == in.n, before_newline = !last && in.data[i + 1] == '\n';
        bool quote = c > 126 || c == '=' || (header && c == '_') || (c == '.' && line == 0 && (last || in.data[i + 1] == '\n' || in.data[i + 1] == '\r' || in.data[i + 1] == 0)) ||
                     (!text && (c == '\r' || c == '\n')) || ((c == '\t' || c == ' ') && last) ||
                     (c < 33 && c != '\r' && c != '\n' && c != '\t' && c != ' ') || (c < 33 && (quotetabs || (!quotetabs && c != '\t' && c != ' ')) && c != '\r' && c != '\n');
        if (quote) {
            if (line + 3 >= QP_LINE) {
                bytebuffer_put(&out, "=\r\n", crlf ? 3 : 0);
                if (!crlf) bytebuffer_put(&out, "=\n", 2);
                line = 0;
            }
            uint8_t hex[3] = {'=', (uint8_t)"0123456789ABCDEF"[c >> 4], (uint8_t)"0123456789ABCDEF"[c & 15]};
            bytebuffer_put(&out, hex, 3);
            line += 3;
            i++;
            continue;
        }
        bool newline = text && (c == '\n' || (c == '\r' && before_newline));
        if (newline) {
            // Blanks before the end of the line are written out, so that nobody drops them.
            if (out.length && (out.data[out.length - 1] == ' ' || out.data[out.length - 1] == '\t')) {
                uint8_t blank = out.data[--out.length];
                uint8_t hex[3] = {'=', (uint8_t)"0123456789ABCDEF"[blank >> 4], (uint8_t)"0123456789ABCDEF"[blank & 15]};
                bytebuffer_put(&out, hex, 3);
            }
            bytebuffer_put(&out, crlf ? "\r\n" : "\n", crlf ? 2 : 1);
            line = 0;
            i += c == '\r' ? 2 : 1;
            continue;
        }
        if (!last && !before_newline && line + 1 >= QP_LINE) {
            if (crlf) bytebuffer_put(&out, "=\r\n", 3);
            else bytebuffer_put(&out, "=\n", 2);
            line = 0;
        }
        line++;
        bytebuffer_put1(&out, header && c == ' ' ? '_' : c);
        i++;
    }
    return finish(t, &in, &out, true);
}

// ---- check sums

static int sum_argument(Thread *t, ValueRef v, uint32_t default_, uint32_t *out) {
    *out = default_;
    if (!value_bits(v)) return 0;
    Value n = object_index(t, v);
    if (!value_bits(n)) return -1;
    IntView view;
    int_view(n, &view);
    uint64_t low = view.size ? view.limbs[0] : 0;
    *out = (uint32_t)(view.size < 0 ? 0 - low : low);
    value_release(t, n);
    return 0;
}
NATIVE(binascii_crc32) {
    Input in;
    uint32_t sum;
    if (sum_argument(t, args[1], 0, &sum) < 0 || bytes_open(t, &in, args[0]) < 0) return UNDEF;
    bool large = in.n > 5 * 1024;
    if (large) thread_detach(&t->core);
    uLong result = crc32_z(sum, in.data, in.n);
    if (large) thread_attach(&t->core);
    input_close(t, &in);
    return value_int((int64_t)(result & 0xffffffffu));
}
NATIVE(crc_hqx) { // CCITT: x^16 + x^12 + x^5 + 1
    Input in;
    uint32_t crc;
    if (sum_argument(t, args[1], 0, &crc) < 0 || bytes_open(t, &in, args[0]) < 0) return UNDEF;
    crc &= 0xffff;
    for (size_t i = 0; i < in.n; i++) {
        crc ^= (uint32_t)in.data[i] << 8;
        for (int k = 0; k < 8; k++) crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021u : 0u)) & 0xffff;
    }
    input_close(t, &in);
    return value_int(crc);
}

static const NativeDef functions[] = {
    {"a2b_uu", a2b_uu, "($module, data, /)", "Decodes a uuencoded line.", 0}, {"b2a_uu", b2a_uu, "($module, data, /, *, backtick=False)", "A uuencoded line.", 0},
    {"a2b_base64", a2b_base64, "($module, data, /, *, strict_mode=False)", "Decodes base64.", 0},
    {"b2a_base64", b2a_base64, "($module, data, /, *, newline=True)", "Base64.", 0},
    {"a2b_hex", a2b_hex, "($module, hexstr, /)", "Decodes hexadecimal digits.", 0}, {"unhexlify", a2b_hex, "($module, hexstr, /)", "Decodes hexadecimal digits.", 0},
    {"b2a_hex", b2a_hex, "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)", "Hexadecimal digits.", 0},
    {"hexlify", b2a_hex, "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)", "Hexadecimal digits.", 0},
    {"a2b_qp", a2b_qp, "($module, /, data, header=False)", "Decodes quoted-printable.", 0},
    {"b2a_qp", b2a_qp, "($module, /, data, quotetabs=False, istext=True, header=False)", "Quoted-printable.", 0},
    {"crc_hqx", crc_hqx, "($module, data, crc, /)", "CRC-CCITT.", 0}, {"crc32", binascii_crc32, "($module, data, crc=0, /)", "CRC-32.", 0}, NATIVE_END};
static Value exception_class(Thread *t, const char *name, Type *base) {
    Value b = value_of(base), bases = tuple_from_refs(t, value_refs(&b), 1), namespace = dict_new(t), text = str_intern_text(t, name), own = str_intern_text(t, "binascii");
    Value type = UNDEF;
    if (value_bits(bases) && value_bits(namespace) && value_bits(text) && value_bits(own) && dict_set(t, value_dict(namespace), NAME(__module__), own) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), text, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, text);
    value_release(t, own);
    return type;
}
static int exec(Thread *t, ValueRef module) {
    State *s = module_state(module);
    Value error = exception_class(t, "Error", EXCEPTION(VALUE_ERROR)), incomplete = value_bits(error) ? exception_class(t, "Incomplete", EXCEPTION(EXCEPTION)) : UNDEF;
    if (!value_bits(incomplete)) return -1;
    slot_store(t, value_object(module), &s->error, value_dup(t, error));
    slot_store(t, value_object(module), &s->incomplete, value_dup(t, incomplete));
    return module_add(t, module, "Error", error) < 0 || module_add(t, module, "Incomplete", incomplete) < 0 ? -1 : 0;
}
static void traverse(void *state, VisitFn visit, void *arg) {
    visit(&((State *)state)->error, arg);
    visit(&((State *)state)->incomplete, arg);
}
const ModuleSpec binascii_module = {
    .name = "binascii", .doc = "Bytes written as text.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};

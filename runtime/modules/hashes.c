// _md5, _sha1, _sha2, _sha3, _blake2: hash objects over digest.c. An object's state belongs to its own lock; long input is
// taken detached, what lends it stays pinned.
#include <stdio.h>
#include "runtime/modules/digest.h"
#include "runtime/modules/native_module.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "sync/mutex.h"

typedef struct Hash {
    Container c;
    _Atomic uint8_t lock;
    uint8_t size;       // of the digest, in bytes; SHAKE: 0
    DigestState *state; // (lock)
} Hash;
typedef struct State { Value types[DIGEST_COUNT]; } State;
enum { DETACH_FROM = 4096, BLAKE2B_KEY = 64, BLAKE2S_KEY = 32, BLAKE2B_SALT = 16, BLAKE2S_SALT = 8 };
static const TypeSpec hash_specs[DIGEST_COUNT];

static Hash *hash_of(ValueRef v) { return (Hash *)value_object(v); }
static const Digest *digest_of(ValueRef self) { return &digests[value_type(self)->spec - hash_specs]; }

// The bytes of an argument. 0; -1 with TypeError.
static int input(Thread *t, ValueRef v, Buffer *in) {
    if (value_is_any_str(v)) return raise_int(t, TYPE_ERROR, "Strings must be encoded before hashing");
    if (!value_has_buffer(v)) return raise_int(t, TYPE_ERROR, "object supporting the buffer API required");
    if (buffer_get(t, v, in, BUFFER_READ) < 0) return -1;
    if (in->ndim <= 1) return 0;
    buffer_release(t, in);
    return raise_int(t, BUFFER_ERROR, "Buffer must be single dimension");
}
static int refused(Thread *t) { return raise_int(t, RUNTIME_ERROR, "the hash library failed"); }
static int take(Thread *t, ValueRef self, ValueRef v) {
    Buffer in;
    if (input(t, v, &in) < 0) return -1;
    Hash *h = hash_of(self);
    const Digest *digest = digest_of(self);
    bool detach = in.length >= DETACH_FROM;
    byte_lock(&t->core, &h->lock);
    if (detach) thread_detach(&t->core);
    bool taken = digest_update(digest, h->state, in.data, (size_t)in.length);
    if (detach) thread_attach(&t->core);
    byte_unlock(&h->lock);
    buffer_release(t, &in);
    return taken ? 0 : refused(t);
}
// A copy of the state, the caller's own; NULL with MemoryError.
static DigestState *state_of(Thread *t, ValueRef self) {
    Hash *h = hash_of(self);
    byte_lock(&t->core, &h->lock);
    DigestState *s = digest_copy(t, digest_of(self), h->state);
    byte_unlock(&h->lock);
    return s;
}
// A new object of the type, which takes the state; UNDEF where that is NULL.
static Value hash_new_steal(Thread *t, ValueRef type, DigestState *state, uint8_t size) {
    Hash *h = state ? object_new(t, (Type *)value_object(type)) : NULL;
    if (!h) {
        digest_free(&digests[((Type *)value_object(type))->spec - hash_specs], state);
        return UNDEF;
    }
    h->state = state;
    h->size = size;
    return value_of(h);
}
static void hash_destroy(Thread *t, Object *o) { digest_free(digest_of(value_of(o)), ((Hash *)o)->state); }
// data and string name the same argument: the input, UNDEF where neither is given. 0, -1.
static int first_input(Thread *t, ValueRef data, ValueRef string, ValueRef *out) {
    *out = data;
    if (not_given(string)) return 0;
    if (value_bits(data)) return raise_int(t, TYPE_ERROR, "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version.");
    *out = string;
    return 0;
}
// `params` is BLAKE2's, otherwise NULL.
static Value hash_make(Thread *t, ValueRef type, const Blake2Params *params, ValueRef data, ValueRef string) {
    ValueRef first;
    if (first_input(t, data, string, &first) < 0) return UNDEF;
    const Digest *digest = &digests[((Type *)value_object(type))->spec - hash_specs];
    Value self = hash_new_steal(t, type, digest_new(t, digest, params), params ? params->size : (uint8_t)digest->size);
    if (!self || !value_bits(first) || take(t, self, first) == 0) return self;
    value_release(t, self);
    return UNDEF;
}

// ---- methods
NATIVE(hash_update) { return take(t, self, args[0]) < 0 ? UNDEF : NONE; }
NATIVE(hash_copy) { return hash_new_steal(t, value_of(value_type(self)), state_of(t, self), hash_of(self)->size); }
static Value hex_of(Thread *t, const uint8_t *p, size_t n) {
    Str *s = str_alloc(t, 2 * n, 127);
    for (size_t i = 0; s && i < n; i++) {
        ((uint8_t *)str_data(s))[2 * i] = (uint8_t)"0123456789abcdef"[p[i] >> 4];
        ((uint8_t *)str_data(s))[2 * i + 1] = (uint8_t)"0123456789abcdef"[p[i] & 15];
    }
    return s ? value_of(s) : UNDEF;
}
static Value finish(Thread *t, ValueRef self, bool hex) {
    const Digest *digest = digest_of(self);
    uint8_t out[DIGEST_SIZE_MOST], size = hash_of(self)->size;
    DigestState *s = state_of(t, self);
    if (!s) return UNDEF;
    bool finished = digest_finish(digest, s, out, size);
    digest_free(digest, s);
    if (!finished) return refused(t), UNDEF;
    return hex ? hex_of(t, out, size) : bytes_new(t, out, size);
}
NATIVE(hash_digest) { return finish(t, self, false); }
NATIVE(hash_hexdigest) { return finish(t, self, true); }
// SHAKE: as much output as is asked for.
static Value squeeze(Thread *t, ValueRef self, ValueRef length, bool hex) {
    enum { LENGTH_MOST = 1 << 29 };
    int64_t n;
    Value index = object_index(t, length);
    if (!index) return UNDEF;
    bool negative = object_compare_bool(t, index, value_int(0), CMP_LT) == 1, fits = int_as_int64(index, &n) == 0;
    value_release(t, index);
    if (negative) return raise(t, VALUE_ERROR, "Cannot convert negative int");
    if (!fits || n >= LENGTH_MOST) return raise(t, VALUE_ERROR, "length is too large");
    Bytes *out = bytes_alloc(t, (size_t)n);
    DigestState *state = out ? state_of(t, self) : NULL;
    Value v = UNDEF;
    if (!state) goto done;
    bool detach = n >= DETACH_FROM;
    if (detach) thread_detach(&t->core);
    bool finished = !n || digest_finish(digest_of(self), state, out->data, (size_t)n);
    if (detach) thread_attach(&t->core);
    digest_free(digest_of(self), state);
    if (!finished) refused(t);
    else v = hex ? hex_of(t, out->data, (size_t)n) : value_dup(t, value_of(out));
done:
    if (out) value_release(t, value_of(out));
    return v;
}
NATIVE(shake_digest) { return squeeze(t, self, args[0], false); }
NATIVE(shake_hexdigest) { return squeeze(t, self, args[0], true); }

static Value get_name(Thread *t, ValueRef self) { return str_from_text(t, digest_of(self)->name); }
static Value get_block_size(Thread *t, ValueRef self) { return value_int(digest_of(self)->block); }
static Value get_digest_size(Thread *t, ValueRef self) { return value_int(hash_of(self)->size); }
// What is left of the sponge's 200 bytes, in bits, beside those that take input; both; and what follows the input.
static Value get_capacity(Thread *t, ValueRef self) { return value_int(1600 - 8 * digest_of(self)->block); }
static Value get_rate(Thread *t, ValueRef self) { return value_int(8 * digest_of(self)->block); }
static Value get_suffix(Thread *t, ValueRef self) { return bytes_new(t, digest_of(self)->size ? "\6" : "\37", 1); }

#define COMMON_METHODS {"copy", hash_copy, "($self, /)", "Another object in the same state.", 0}, {"update", hash_update, "($self, object, /)", "Takes more bytes.", 0}
#define FIXED_METHODS {"digest", hash_digest, "($self, /)", "The digest so far, as bytes.", 0}, {"hexdigest", hash_hexdigest, "($self, /)", "The digest so far, in hexadecimal.", 0}
static const NativeDef hash_methods[] = {COMMON_METHODS, FIXED_METHODS, NATIVE_END};
static const NativeDef shake_methods[] = {
    COMMON_METHODS, {"digest", shake_digest, "($self, /, length)", "So many bytes of the digest.", 0},
    {"hexdigest", shake_hexdigest, "($self, /, length)", "So many bytes of the digest, in hexadecimal.", 0}, NATIVE_END};
#define COMMON_GETSET {"name", get_name, NULL, "The algorithm."}, {"block_size", get_block_size, NULL, "Bytes of an input block."}, \
    {"digest_size", get_digest_size, NULL, "Bytes of the digest."}
static const GetSetDef hash_getset[] = {COMMON_GETSET, GETSET_END};
static const GetSetDef sponge_getset[] = {
    COMMON_GETSET, {"_capacity_bits", get_capacity, NULL, NULL}, {"_rate_bits", get_rate, NULL, NULL}, {"_suffix", get_suffix, NULL, NULL}, GETSET_END};

// ---- making
#define DATA_SIGNATURE "data=b'', *, usedforsecurity=True, string=None)"
static Value sponge_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef a[3];
    if (args_bind(t, digests[((Type *)value_object(type))->spec - hash_specs].name, "(" DATA_SIGNATURE, args, nargs, kwnames, a) < 0) return UNDEF;
    return hash_make(t, type, NULL, a[0], a[2]);
}

static int bounded(Thread *t, ValueRef v, int least, int most, const char *what, uint8_t *out) {
    int n;
    if (!value_bits(v)) return 0;
    if (arg_int(t, v, &n) < 0) return -1;
    if (n < least || n > most) return raise_int(t, VALUE_ERROR, "%s must be between %d and %d", what, least, most);
    *out = (uint8_t)n;
    return 0;
}
static int unsigned_argument(Thread *t, ValueRef v, uint64_t *out) {
    if (!value_bits(v)) return 0;
    Value index = object_index(t, v);
    if (!index) return -1;
    int negative = object_compare_bool(t, index, value_int(0), CMP_LT), failed = negative ? -1 : arg_uint64(t, index, out);
    value_release(t, index);
    if (negative > 0) return raise_int(t, VALUE_ERROR, "Cannot convert negative int");
    if (!failed || negative < 0) return failed;
    if (!error_matches(t, EXCEPTION(OVERFLOW_ERROR))) return -1;
    error_clear(t);
    return raise_int(t, OVERFLOW_ERROR, "Python int too large for C unsigned long long");
}
static int short_bytes(Thread *t, ValueRef v, size_t most, const char *what, uint8_t *out, uint8_t *length) {
    Buffer in;
    if (!value_bits(v)) return 0;
    if (buffer_get(t, v, &in, BUFFER_C_CONTIGUOUS) < 0) return -1;
    bool fits = (uint64_t)in.length <= most;
    if (fits) memcpy(out, in.data, (size_t)in.length);
    if (fits && length) *length = (uint8_t)in.length;
    buffer_release(t, &in);
    return fits ? 0 : raise_int(t, VALUE_ERROR, "maximum %s length is %d bytes", what, (int)most);
}
static Value blake2_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    enum { DATA, SIZE, KEY, SALT, PERSON, FANOUT, DEPTH, LEAF, OFFSET, NODE_DEPTH, INNER, LAST_NODE, SECURITY, STRING, COUNT };
    ValueRef a[COUNT], first;
    const Digest *digest = &digests[((Type *)value_object(type))->spec - hash_specs];
    bool wide = digest->id == DIGEST_BLAKE2B;
    size_t salt = wide ? BLAKE2B_SALT : BLAKE2S_SALT;
    if (args_bind(t, digest->name, "(data=b'', *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, "
        "inner_size=0, last_node=False, usedforsecurity=True, string=None)", args, nargs, kwnames, a) < 0) return UNDEF;
    Blake2Params p = {.size = (uint8_t)digest->size, .fanout = 1, .depth = 1};
    int size = digest->size;
    uint64_t leaf = 0;
    if (first_input(t, a[DATA], a[STRING], &first) < 0 || (value_bits(a[SIZE]) && arg_int(t, a[SIZE], &size) < 0)) return UNDEF;
    if (size < 1 || size > digest->size)
        return raise(t, VALUE_ERROR, "digest_size for %s must be between 1 and %d bytes, here it is %d", wide ? "Blake2b" : "Blake2s", (int)digest->size, size);
    p.size = (uint8_t)size;
    if (short_bytes(t, a[SALT], salt, "salt", p.salt, NULL) < 0 || short_bytes(t, a[PERSON], salt, "person", p.person, NULL) < 0 ||
        bounded(t, a[FANOUT], 0, 255, "fanout", &p.fanout) < 0 || bounded(t, a[DEPTH], 1, 255, "depth", &p.depth) < 0 || unsigned_argument(t, a[LEAF], &leaf) < 0) return UNDEF;
    if (leaf > UINT32_MAX) return raise(t, OVERFLOW_ERROR, "leaf_size is too large");
    p.leaf_size = (uint32_t)leaf;
    if (unsigned_argument(t, a[OFFSET], &p.node_offset) < 0) return UNDEF;
    if (!wide && p.node_offset >> 48) return raise(t, OVERFLOW_ERROR, "node_offset is too large");
    if (bounded(t, a[NODE_DEPTH], 0, 255, "node_depth", &p.node_depth) < 0) return UNDEF;
    int inner = 0;
    if (value_bits(a[INNER]) && arg_int(t, a[INNER], &inner) < 0) return UNDEF;
    if (inner < 0 || inner > digest->size) return raise(t, VALUE_ERROR, "inner_size must be between 0 and is %d", (int)digest->size);
    p.inner_size = (uint8_t)inner;
    if (value_bits(a[LAST_NODE]) && arg_bool(t, a[LAST_NODE], &p.last_node) < 0) return UNDEF;
    if (short_bytes(t, a[KEY], wide ? BLAKE2B_KEY : BLAKE2S_KEY, "key", p.key, &p.key_length) < 0) return UNDEF;
    return hash_make(t, type, &p, first, UNDEF);
}

#define PLAIN(ID, type_name) [DIGEST_##ID] = {.name = type_name, .size = sizeof(Hash), .flags = TYPE_NO_NEW, .destroy = hash_destroy, .methods = hash_methods, .getset = hash_getset}
#define SPONGE(ID, type_name, its_methods) [DIGEST_##ID] = {.name = type_name, .doc = "A hash object of the SHA-3 family.", .size = sizeof(Hash), .ops = {.new = sponge_new}, \
    .destroy = hash_destroy, .methods = its_methods, .getset = sponge_getset, .new_signature = "(" DATA_SIGNATURE}
#define BLAKE2(ID, type_name, size_text) [DIGEST_##ID] = {.name = type_name, .doc = "A BLAKE2 hash object.", .size = sizeof(Hash), .ops = {.new = blake2_new}, \
    .destroy = hash_destroy, .methods = hash_methods, .getset = hash_getset, .new_signature = "(data=b'', *, digest_size=" size_text ", key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, " \
    "node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)"}
static const TypeSpec hash_specs[DIGEST_COUNT] = {
    PLAIN(MD5, "_md5.md5"), PLAIN(SHA1, "_sha1.sha1"), PLAIN(SHA224, "_sha2.SHA224Type"), PLAIN(SHA256, "_sha2.SHA256Type"), PLAIN(SHA384, "_sha2.SHA384Type"),
    PLAIN(SHA512, "_sha2.SHA512Type"), SPONGE(SHA3_224, "_sha3.sha3_224", hash_methods), SPONGE(SHA3_256, "_sha3.sha3_256", hash_methods),
    SPONGE(SHA3_384, "_sha3.sha3_384", hash_methods), SPONGE(SHA3_512, "_sha3.sha3_512", hash_methods), SPONGE(SHAKE_128, "_sha3.shake_128", shake_methods),
    SPONGE(SHAKE_256, "_sha3.shake_256", shake_methods), BLAKE2(BLAKE2B, "_blake2.blake2b", "64"), BLAKE2(BLAKE2S, "_blake2.blake2s", "32")};

// ---- modules
static void state_traverse(void *state, VisitFn visit, void *arg) {
    for (int i = 0; i < DIGEST_COUNT; i++) visit(&((State *)state)->types[i], arg);
}
static int add_types(Thread *t, ValueRef module, int first, int last, bool shown) {
    State *s = module_state(module);
    for (int id = first; id <= last; id++)
        if (!module_type(t, module, &s->types[id], &hash_specs[id]) || (shown && module_add_type(t, module, (Type *)value_object(s->types[id])) < 0)) return -1;
    return module_add_int(t, module, "_GIL_MINSIZE", 2048);
}
static int add_named_type(Thread *t, ValueRef module, const char *name, int id) { return module_add(t, module, name, value_dup(t, ((State *)module_state(module))->types[id])); }

#define CONSTRUCTOR(function, ID) NATIVE(new_##function) { return hash_make(t, ((State *)module_state(self))->types[DIGEST_##ID], NULL, args[0], args[2]); }
CONSTRUCTOR(md5, MD5)
CONSTRUCTOR(sha1, SHA1)
CONSTRUCTOR(sha224, SHA224)
CONSTRUCTOR(sha256, SHA256)
CONSTRUCTOR(sha384, SHA384)
CONSTRUCTOR(sha512, SHA512)
#define CONSTRUCTOR_ROW(function) {#function, new_##function, "($module, /, " DATA_SIGNATURE, "A hash object, with its first bytes.", 0}

static int md5_exec(Thread *t, ValueRef module) { return add_types(t, module, DIGEST_MD5, DIGEST_MD5, false) < 0 ? -1 : add_named_type(t, module, "MD5Type", DIGEST_MD5); }
static const NativeDef md5_functions[] = {CONSTRUCTOR_ROW(md5), NATIVE_END};
const ModuleSpec _md5_module = {.name = "_md5", .doc = "MD5.", .functions = md5_functions, .exec = md5_exec, .state_size = sizeof(State), .traverse = state_traverse};

static int sha1_exec(Thread *t, ValueRef module) { return add_types(t, module, DIGEST_SHA1, DIGEST_SHA1, false) < 0 ? -1 : add_named_type(t, module, "SHA1Type", DIGEST_SHA1); }
static const NativeDef sha1_functions[] = {CONSTRUCTOR_ROW(sha1), NATIVE_END};
const ModuleSpec _sha1_module = {.name = "_sha1", .doc = "SHA-1.", .functions = sha1_functions, .exec = sha1_exec, .state_size = sizeof(State), .traverse = state_traverse};

static int sha2_exec(Thread *t, ValueRef module) { return add_types(t, module, DIGEST_SHA224, DIGEST_SHA512, true); }
static const NativeDef sha2_functions[] = {CONSTRUCTOR_ROW(sha224), CONSTRUCTOR_ROW(sha256), CONSTRUCTOR_ROW(sha384), CONSTRUCTOR_ROW(sha512), NATIVE_END};
const ModuleSpec _sha2_module = {.name = "_sha2", .doc = "SHA-2.", .functions = sha2_functions, .exec = sha2_exec, .state_size = sizeof(State), .traverse = state_traverse};

static int sha3_exec(Thread *t, ValueRef module) {
    return add_types(t, module, DIGEST_SHA3_224, DIGEST_SHAKE_256, true) < 0 ? -1 : module_add_text(t, module, "implementation", "Skein");
}
const ModuleSpec _sha3_module = {.name = "_sha3", .doc = "SHA-3 and SHAKE.", .exec = sha3_exec, .state_size = sizeof(State), .traverse = state_traverse};

static int blake2_exec(Thread *t, ValueRef module) {
    if (add_types(t, module, DIGEST_BLAKE2B, DIGEST_BLAKE2S, true) < 0) return -1;
    static const struct { const char *module_name, *type_name; int b, s; } rows[] = {
        {"SALT_SIZE", "SALT_SIZE", BLAKE2B_SALT, BLAKE2S_SALT}, {"PERSON_SIZE", "PERSON_SIZE", BLAKE2B_SALT, BLAKE2S_SALT},
        {"MAX_KEY_SIZE", "MAX_KEY_SIZE", BLAKE2B_KEY, BLAKE2S_KEY}, {"MAX_DIGEST_SIZE", "MAX_DIGEST_SIZE", 64, 32}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int id = DIGEST_BLAKE2B; id <= DIGEST_BLAKE2S; id++) {
            char name[40];
            int n = id == DIGEST_BLAKE2B ? rows[i].b : rows[i].s;
            Type *type = (Type *)value_object(((State *)module_state(module))->types[id]);
            snprintf(name, sizeof name, "BLAKE2%c_%s", id == DIGEST_BLAKE2B ? 'B' : 'S', rows[i].module_name);
            if (module_add_int(t, module, name, n) < 0 || dict_set_text(t, value_dict(slot_borrow(&type->dict)), rows[i].type_name, value_int(n)) < 0) return -1;
            type_modified(t, type);
        }
    return 0;
}
const ModuleSpec _blake2_module = {.name = "_blake2", .doc = "BLAKE2.", .exec = blake2_exec, .state_size = sizeof(State), .traverse = state_traverse};

// Hash functions by libraries (digest.h). libcrypto is loaded when the first hash object is made: starting a program does not pay for it.
#include "runtime/modules/digest.h"
#include <blake2.h>
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/error.h"
#include "sync/mutex.h"

const Digest digests[DIGEST_COUNT] = {
    [DIGEST_MD5] = {"md5", DIGEST_MD5, 16, 64, "MD5"}, [DIGEST_SHA1] = {"sha1", DIGEST_SHA1, 20, 64, "SHA1"},
    [DIGEST_SHA224] = {"sha224", DIGEST_SHA224, 28, 64, "SHA2-224"}, [DIGEST_SHA256] = {"sha256", DIGEST_SHA256, 32, 64, "SHA2-256"},
    [DIGEST_SHA384] = {"sha384", DIGEST_SHA384, 48, 128, "SHA2-384"}, [DIGEST_SHA512] = {"sha512", DIGEST_SHA512, 64, 128, "SHA2-512"},
    [DIGEST_SHA3_224] = {"sha3_224", DIGEST_SHA3_224, 28, 144, "SHA3-224"}, [DIGEST_SHA3_256] = {"sha3_256", DIGEST_SHA3_256, 32, 136, "SHA3-256"},
    [DIGEST_SHA3_384] = {"sha3_384", DIGEST_SHA3_384, 48, 104, "SHA3-384"}, [DIGEST_SHA3_512] = {"sha3_512", DIGEST_SHA3_512, 64, 72, "SHA3-512"},
    [DIGEST_SHAKE_128] = {"shake_128", DIGEST_SHAKE_128, 0, 168, "SHAKE-128"}, [DIGEST_SHAKE_256] = {"shake_256", DIGEST_SHAKE_256, 0, 136, "SHAKE-256"},
    [DIGEST_BLAKE2B] = {"blake2b", DIGEST_BLAKE2B, 64, 128, NULL}, [DIGEST_BLAKE2S] = {"blake2s", DIGEST_BLAKE2S, 32, 64, NULL}};

// ---- libcrypto
#define LIBRARY "libcrypto.so.3"
#define FUNCTIONS(F) F(OPENSSL_init_crypto) F(OSSL_LIB_CTX_new) F(EVP_MD_fetch) F(EVP_MD_CTX_new) F(EVP_MD_CTX_free) F(EVP_MD_CTX_copy_ex) \
    F(EVP_DigestInit_ex2) F(EVP_DigestUpdate) F(EVP_DigestFinal_ex) F(EVP_DigestFinalXOF)
static struct {
#define F(name) __typeof__(name) *name;
    FUNCTIONS(F)
#undef F
} crypto;                              // (loading_lock) not written once `loaded`
static EVP_MD *methods[DIGEST_COUNT];  // the same; NULL: the library was built without it
static _Atomic uint8_t loaded;
static Mutex loading_lock = MUTEX_INIT(LOCKRANK_MODULE);

// A library context of our own reads no configuration file, so what a digest is does not depend on the machine's. No at-exit function
// of the library's: threads that live on at the end may still be at work.
static const char *load_locked(void) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return "could not be loaded";
#define F(name) if (!(crypto.name = (__typeof__(name) *)dlsym(library, #name))) return "lacks " #name;
    FUNCTIONS(F)
#undef F
    OSSL_LIB_CTX *context = crypto.OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) ? crypto.OSSL_LIB_CTX_new() : NULL;
    if (!context) return "could not be set up";
    for (int i = 0; i < DIGEST_COUNT; i++)
        if (digests[i].crypto_name) methods[i] = crypto.EVP_MD_fetch(context, digests[i].crypto_name, NULL);
    return NULL;
}
static int load(Thread *t) {
    const char *problem = NULL;
    mutex_list_for_fork(&loading_lock);
    mutex_lock(&t->core, &loading_lock);
    if (!atomic_load_relaxed_u8(&loaded) && !(problem = load_locked())) atomic_store_release_u8(&loaded, 1); // for digest_new
    mutex_unlock(&t->core, &loading_lock);
    return problem ? raise_int(t, IMPORT_ERROR, "hash functions need OpenSSL 3: " LIBRARY " %s", problem) : 0;
}

// ---- BLAKE2 (RFC 7693); a key is a block of input in front
typedef union Blake2 { blake2b_state b; blake2s_state s; } Blake2;
static size_t blake2_size(const Digest *digest) { return digest->id == DIGEST_BLAKE2B ? sizeof(blake2b_state) : sizeof(blake2s_state); }
static void *blake2_allocate(Thread *t, const Digest *digest) {
    void *s = malloc(blake2_size(digest));
    if (!s) raise_no_memory(t);
    return s;
}
static DigestState *blake2_new(Thread *t, const Digest *digest, const Blake2Params *p) {
    bool wide = digest->id == DIGEST_BLAKE2B;
    Blake2 *s = blake2_allocate(t, digest);
    if (!s) return NULL;
    if (wide) {
        blake2b_param param = {.digest_length = p->size, .key_length = p->key_length, .fanout = p->fanout, .depth = p->depth, .leaf_length = p->leaf_size,
                               .node_offset = p->node_offset, .node_depth = p->node_depth, .inner_length = p->inner_size};
        memcpy(param.salt, p->salt, sizeof param.salt);
        memcpy(param.personal, p->person, sizeof param.personal);
        blake2b_init_param(&s->b, &param);
        s->b.last_node = p->last_node;
    } else {
        blake2s_param param = {.digest_length = p->size, .key_length = p->key_length, .fanout = p->fanout, .depth = p->depth, .leaf_length = p->leaf_size,
                               .node_depth = p->node_depth, .inner_length = p->inner_size};
        for (size_t i = 0; i < sizeof param.node_offset; i++) param.node_offset[i] = (uint8_t)(p->node_offset >> 8 * i);
        memcpy(param.salt, p->salt, sizeof param.salt);
        memcpy(param.personal, p->person, sizeof param.personal);
        blake2s_init_param(&s->s, &param);
        s->s.last_node = p->last_node;
    }
    if (p->key_length) {
        uint8_t block[BLAKE2B_BLOCKBYTES] = {0};
        memcpy(block, p->key, p->key_length);
        digest_update(digest, (DigestState *)s, block, digest->block);
        explicit_bzero(block, sizeof block);
    }
    return (DigestState *)s;
}

// ---- both
static EVP_MD_CTX *context_of(const DigestState *s) { return (EVP_MD_CTX *)(uintptr_t)s; }

DigestState *digest_new(Thread *t, const Digest *digest, const Blake2Params *params) {
    if (!digest->crypto_name) return blake2_new(t, digest, params);
    if (!atomic_load_acquire_u8(&loaded) && load(t) < 0) return NULL; // with load's release
    if (!methods[digest->id]) return raise_null(t, VALUE_ERROR, "unsupported hash type %s", digest->name);
    EVP_MD_CTX *context = crypto.EVP_MD_CTX_new();
    if (context && crypto.EVP_DigestInit_ex2(context, methods[digest->id], NULL)) return (DigestState *)context;
    crypto.EVP_MD_CTX_free(context);
    raise_no_memory(t);
    return NULL;
}
DigestState *digest_copy(Thread *t, const Digest *digest, const DigestState *s) {
    if (!digest->crypto_name) {
        void *copy = blake2_allocate(t, digest);
        return copy ? memcpy(copy, s, blake2_size(digest)) : NULL;
    }
    EVP_MD_CTX *context = crypto.EVP_MD_CTX_new();
    if (context && crypto.EVP_MD_CTX_copy_ex(context, context_of(s))) return (DigestState *)context;
    crypto.EVP_MD_CTX_free(context);
    raise_no_memory(t);
    return NULL;
}
void digest_free(const Digest *digest, DigestState *s) {
    if (s && digest->crypto_name) crypto.EVP_MD_CTX_free(context_of(s));
    if (!s || digest->crypto_name) return;
    explicit_bzero(s, blake2_size(digest)); // the key's block may stand there
    free(s);
}
bool digest_update(const Digest *digest, DigestState *s, const uint8_t *p, size_t n) {
    if (digest->crypto_name) return crypto.EVP_DigestUpdate(context_of(s), p, n);
    return (digest->id == DIGEST_BLAKE2B ? blake2b_update(&((Blake2 *)s)->b, p, n) : blake2s_update(&((Blake2 *)s)->s, p, n)) == 0;
}
bool digest_finish(const Digest *digest, DigestState *s, uint8_t *out, size_t size) {
    if (digest->crypto_name) return digest->size ? crypto.EVP_DigestFinal_ex(context_of(s), out, NULL) : crypto.EVP_DigestFinalXOF(context_of(s), out, size);
    return (digest->id == DIGEST_BLAKE2B ? blake2b_final(&((Blake2 *)s)->b, out, size) : blake2s_final(&((Blake2 *)s)->s, out, size)) == 0;
}

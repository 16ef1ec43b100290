// _random.Random: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998, with the initialisation of 2002).
#include <errno.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include "runtime/modules/native_module.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "sync/critical.h"

enum { WORDS = 624, SHIFT = 397 };
typedef struct Random {
    Container c;
    uint32_t state[WORDS]; // (o)
    uint32_t next;         // (o) WORDS: the state must be stirred first
} Random;
static Random *random_of(ValueRef v) { return (Random *)value_object(v); }

typedef struct Guard { CriticalSection cs; bool on; } Guard;
static void guard_begin(Thread *t, Guard *g, Random *r) {
    g->on = object_is_shared((Object *)r);
    if (g->on) critical_begin(&t->core, &g->cs, &r->c.head);
}
static void guard_end(Thread *t, Guard *g) {
    if (g->on) critical_end(&t->core, &g->cs);
}

static inline uint32_t stirred(uint32_t high, uint32_t low, uint32_t other) {
    uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return other ^ (y >> 1) ^ (-(y & 1) & 0x9908b0dfu);
}
static NOINLINE void stir(Random *r) {
    uint32_t *s = r->state;
    for (int i = 0; i < WORDS - SHIFT; i++) s[i] = stirred(s[i], s[i + 1], s[i + SHIFT]);
    for (int i = WORDS - SHIFT; i < WORDS - 1; i++) s[i] = stirred(s[i], s[i + 1], s[i + SHIFT - WORDS]);
    s[WORDS - 1] = stirred(s[WORDS - 1], s[0], s[SHIFT - 1]);
    r->next = 0;
}
static inline uint32_t word_locked(Random *r) {
    if (UNLIKELY(r->next >= WORDS)) stir(r);
    uint32_t y = r->state[r->next++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}
static void seed_word(Random *r, uint32_t seed) {
    r->state[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) r->state[i] = 1812433253u * (r->state[i - 1] ^ r->state[i - 1] >> 30) + i;
    r->next = WORDS;
}
static void seed_words_locked(Random *r, const uint32_t *key, size_t n) {
    seed_word(r, 19650218u);
    size_t i = 1, j = 0;
    for (size_t k = n > WORDS ? n : WORDS; k; k--) {
        r->state[i] = (r->state[i] ^ (r->state[i - 1] ^ r->state[i - 1] >> 30) * 1664525u) + key[j] + (uint32_t)j;
        if (++i == WORDS) r->state[0] = r->state[WORDS - 1], i = 1;
        if (++j == n) j = 0;
    }
    for (size_t k = WORDS - 1; k; k--) {
        r->state[i] = (r->state[i] ^ (r->state[i - 1] ^ r->state[i - 1] >> 30) * 1566083941u) - (uint32_t)i;
        if (++i == WORDS) r->state[0] = r->state[WORDS - 1], i = 1;
    }
    r->state[0] = 0x80000000u;
}
static void seed_key(Thread *t, Random *r, const uint32_t *key, size_t n) {
    Guard g;
    guard_begin(t, &g, r);
    seed_words_locked(r, key, n);
    guard_end(t, &g);
}

// 0, -1.
static int seed(Thread *t, Random *r, ValueRef v) {
    if (not_given(v)) {
        uint32_t key[WORDS];
        for (size_t have = 0; have < sizeof key;) {
            ssize_t n = getrandom((char *)key + have, sizeof key - have, 0);
            if (n > 0) {
                have += (size_t)n;
            } else if (errno != EINTR) { // no source of chance: the clock
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                uint32_t few[4] = {(uint32_t)now.tv_nsec, (uint32_t)now.tv_sec, (uint32_t)getpid(), (uint32_t)(uintptr_t)r};
                seed_key(t, r, few, 4);
                return 0;
            }
        }
        seed_key(t, r, key, WORDS);
        return 0;
    }
    Value n;
    if (value_is_any_int(v)) {
        n = object_index(t, v);
    } else {
        int64_t hash = object_hash(t, v);
        if (hash == -1 && error_pending(t)) return -1;
        n = int_from_uint64(t, (uint64_t)hash);
    }
    if (!value_bits(n)) return -1;
    IntView view;
    int_view(n, &view);
    size_t limbs = (size_t)(view.size < 0 ? -view.size : view.size), words = limbs * 2;
    uint32_t zero = 0, *key = words ? storage_new(t, words * sizeof *key) : &zero;
    if (!key) {
        value_release(t, n);
        return -1;
    }
    for (size_t i = 0; i < limbs; i++) key[2 * i] = (uint32_t)view.limbs[i], key[2 * i + 1] = (uint32_t)(view.limbs[i] >> 32);
    while (words > 1 && !key[words - 1]) words--;
    seed_key(t, r, key, words ? words : 1);
    if (key != &zero) storage_free(key);
    value_release(t, n);
    return 0;
}

static Value random_new(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    Random *r = object_new(t, (Type *)value_object(type));
    if (r) r->next = WORDS;
    return value_of(r);
}
static int random_init(Thread *t, ValueRef self, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    if (args_no_keywords(t, "Random", kwnames) < 0 || args_count(t, "Random", nargs, 0, 1) < 0) return -1;
    return seed(t, random_of(self), nargs ? args[0] : (ValueRef)UNDEF);
}
NATIVE(random_seed) { return seed(t, random_of(self), args[0]) < 0 ? UNDEF : NONE; }
NATIVE(random_random) {
    Guard g;
    guard_begin(t, &g, random_of(self));
    uint32_t a = word_locked(random_of(self)) >> 5, b = word_locked(random_of(self)) >> 6;
    guard_end(t, &g);
    return float_new(t, (a * 67108864.0 + b) * (1.0 / 9007199254740992.0));
}
NATIVE(random_getrandbits) {
    uint64_t k;
    if (arg_uint64(t, args[0], &k) < 0) {
        if (error_matches(t, EXCEPTION(OVERFLOW_ERROR)) && value_is_any_int(args[0]) && int_sign(args[0]) < 0) {
            error_clear(t);
            raise(t, VALUE_ERROR, "Cannot convert negative int");
        }
        return UNDEF;
    }
    if (k == 0) return value_int(0);
    Guard g;
    if (k <= 32) {
        guard_begin(t, &g, random_of(self));
        uint32_t w = word_locked(random_of(self));
        guard_end(t, &g);
        return value_int(w >> (32 - k));
    }
    if (k > (uint64_t)BIGINT_MAX_LIMBS * 32) return raise_no_memory(t);
    size_t words = (size_t)((k - 1) / 32 + 1), limbs = (words + 1) / 2;
    uint64_t *out = storage_new(t, limbs * sizeof *out);
    if (!out) return UNDEF;
    memset(out, 0, limbs * sizeof *out);
    guard_begin(t, &g, random_of(self));
    for (size_t i = 0; i < words; i++, k -= 32) {
        uint32_t w = word_locked(random_of(self));
        if (k < 32) w >>= 32 - k;
        out[i / 2] |= (uint64_t)w << (i % 2 * 32);
    }
    guard_end(t, &g);
    while (limbs && !out[limbs - 1]) limbs--;
    Value r = int_from_limbs(t, out, (int64_t)limbs);
    storage_free(out);
    return r;
}
NATIVE(random_getstate) {
    Tuple *tuple = tuple_alloc(t, WORDS + 1);
    if (!tuple) return UNDEF;
    Guard g;
    guard_begin(t, &g, random_of(self));
    for (int i = 0; i < WORDS; i++) slot_init(&tuple->items[i], value_int(random_of(self)->state[i]));
    slot_init(&tuple->items[WORDS], value_int(random_of(self)->next));
    guard_end(t, &g);
    return value_of(tuple);
}
NATIVE(random_setstate) {
    if (!value_is_any_tuple(args[0])) return raise(t, TYPE_ERROR, "state vector must be a tuple");
    Tuple *tuple = value_tuple(args[0]);
    if (tuple->length != WORDS + 1) return raise(t, VALUE_ERROR, "state vector is the wrong size");
    uint32_t state[WORDS];
    for (int i = 0; i < WORDS; i++) {
        uint64_t w;
        if (arg_uint64(t, tuple_item(tuple, i), &w) < 0) return UNDEF;
        state[i] = (uint32_t)w;
    }
    int64_t next;
    if (arg_int64(t, tuple_item(tuple, WORDS), &next) < 0) return UNDEF;
    if (next < 0 || next > WORDS) return raise(t, VALUE_ERROR, "invalid state");
    Guard g;
    guard_begin(t, &g, random_of(self));
    memcpy(random_of(self)->state, state, sizeof state);
    random_of(self)->next = (uint32_t)next;
    guard_end(t, &g);
    return NONE;
}
static const NativeDef random_methods[] = {
    {"random", random_random, "($self, /)", "A float from 0 up to, not including, 1.", 0}, {"seed", random_seed, "($self, n=None, /)", "Starts anew from a seed.", 0},
    {"getstate", random_getstate, "($self, /)", "The whole state.", 0}, {"setstate", random_setstate, "($self, state, /)", "Goes back to a state.", 0},
    {"getrandbits", random_getrandbits, "($self, k, /)", "An int of k random bits.", 0}, NATIVE_END};
static const TypeSpec random_spec = {.name = "_random.Random", .doc = "A source of random numbers.", .size = sizeof(Random), .flags = TYPE_BASE,
                                     .ops = {.new = random_new, .init = random_init}, .methods = random_methods};
static int exec(Thread *t, ValueRef module) { return module_export_type(t, module, NULL, &random_spec); }
const ModuleSpec _random_module = {.name = "_random", .doc = "The Mersenne Twister.", .exec = exec};

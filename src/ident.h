// What the front end asks of others about characters and codecs. The tables are the runtime's; codecs and character
// names come through hooks that the runtime fills in when it starts (before that: UTF-8, Latin-1 and no names).
#pragma once
#include "runtime/support/unicode.h"
#include "src/front.h"

typedef struct FrontHooks {
    // Decodes `n` bytes by a codec to UTF-8 in f's arena. Returns NULL with *out set; or *out NULL and the error's text
    // (NULL: there is no such codec).
    const char *(*decode)(Front *f, const char *encoding, const char *bytes, size_t n, const char **out, size_t *out_n);
    // The character (or several, for named sequences: not asked for here) with this name.
    bool (*character_named)(const char *name, size_t n, uint32_t *out);
} FrontHooks;

extern FrontHooks front_hooks;

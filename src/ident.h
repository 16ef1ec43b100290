// What the front end asks of others about characters and codecs. The tables are the runtime's; codecs come
// through a hook that is filled in when the runtime starts (before that: UTF-8 and Latin-1).
#pragma once
#include "runtime/support/unicode.h"
#include "src/front.h"

typedef struct FrontHooks {
    // Decodes `n` bytes by a codec to UTF-8 in f's arena. Returns NULL with *out set; or *out NULL and the error's text
    // (NULL: there is no such codec).
    const char *(*decode)(Front *f, const char *encoding, const char *bytes, size_t n, const char **out, size_t *out_n);
} FrontHooks;

extern FrontHooks front_hooks;

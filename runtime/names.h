// The core's own names, as interned immortal strings. Generated from names.def.
#pragma once
#include "runtime/object.h"
enum NameId {
#define NAME(id) N_##id,
#define NAME_TEXT(id, text) N_##id,
#include "runtime/names.def"
#undef NAME
#undef NAME_TEXT
    NAME_COUNT
};
// Process-wide, immortal and never written after start-up.
extern Str *core_names[NAME_COUNT];
int names_make(Thread *t); // once, at start-up
#define NAME(id) ((ValueRef)(uint64_t)core_names[N_##id])

// What the files of _functools share.
#pragma once
#include "runtime/modules/native_module.h"

extern const TypeSpec lru_link_spec, lru_cache_wrapper_spec; // lru_cache.c

// types.MappingProxyType: a read-only view of a mapping.
#pragma once
#include "runtime/store.h"

typedef struct MappingProxy {
    Container c;
    Value mapping; // never written after creation
} MappingProxy;
Value mapping_proxy_new(Thread *t, ValueRef mapping);

// types.SimpleNamespace: an object that is its attributes.
#pragma once
#include "runtime/store.h"

// A namespace with the attributes of the dict (str keys), e.g. for sys.implementation.
Value namespace_new(Thread *t, ValueRef dict_or_undef);

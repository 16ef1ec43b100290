#include "runtime/objects/capsule.h"
#include <string.h>
#include "runtime/error.h"
#include "runtime/objects/str.h"

Value capsule_new(Thread *t, void *pointer, const char *name, void (*destructor)(Thread *t, void *pointer)) {
    Capsule *c = object_new(t, TYPE_OF(NATIVE_CAPSULE));
    if (!c) return UNDEF;
    c->pointer = pointer;
    c->name = name;
    c->destructor = destructor;
    return value_of(c);
}

void *capsule_pointer(Thread *t, ValueRef capsule, const char *name) {
    if (value_is(capsule, NATIVE_CAPSULE)) {
        Capsule *c = (Capsule *)value_object(capsule);
        if (c->pointer && strcmp(c->name, name) == 0) return c->pointer;
    }
    return raise_null(t, VALUE_ERROR, "not a capsule named '%s'", name);
}

static Value capsule_repr(Thread *t, ValueRef self) {
    return str_of_format(t, "<capsule object \"%s\">", ((Capsule *)value_object(self))->name);
}
static void capsule_destroy(Thread *t, Object *o) {
    Capsule *c = (Capsule *)o;
    if (c->destructor && c->pointer) c->destructor(t, c->pointer);
}

const TypeSpec native_capsule_spec = {
    .name = "PyCapsule",
    .doc = "A pointer of native code.",
    .size = sizeof(Capsule),
    .flags = TYPE_NO_NEW,
    .ops = {.repr = capsule_repr},
    .destroy = capsule_destroy,
};

// The core's own names as objects.
#include "runtime/names.h"
#include "runtime/objects/str.h"
#include "runtime/store.h"

Str *core_names[NAME_COUNT];
#undef NAME
static const char *const name_texts[] = {
#define NAME(id) #id,
#define NAME_TEXT(id, text) text,
#include "runtime/names.def"
#undef NAME
#undef NAME_TEXT
};
int names_make(Thread *t) {
    for (int i = 0; i < NAME_COUNT; i++) {
        Value s = str_intern_text(t, name_texts[i]);
        if (!s) return -1;
        object_make_immortal(value_object(s));
        core_names[i] = value_str(s);
    }
    return 0;
}


// _suggestions: the nearest of several names, as the library's traceback module asks for it (suggest.h has the measure).
#include "runtime/modules/native_module.h"
#include "runtime/objects/list.h"
#include "runtime/suggest.h"

enum { MAX_CANDIDATES = 750 };
NATIVE(generate_suggestions) {
    if (!value_is(args[0], LIST)) return raise(t, TYPE_ERROR, "candidates must be a list");
    if (!value_is_any_str(args[1])) return raise(t, TYPE_ERROR, "_generate_suggestions() argument 2 must be str, not %K", args[1]);
    int64_t best = INT64_MAX, n = list_length(value_list(args[0]));
    Value found = NONE;
    for (int64_t i = 0; i < n; i++) {
        Value name = list_get(t, value_list(args[0]), i);
        if (!value_bits(name)) break;
        if (!value_is_any_str(name)) {
            value_release(t, name);
            value_release(t, found);
            return raise(t, TYPE_ERROR, "all elements in 'candidates' must be strings");
        }
        if (n < MAX_CANDIDATES && suggest_better(value_str(args[1]), value_str(name), &best)) {
            value_release(t, found);
            found = name;
        } else {
            value_release(t, name);
        }
    }
    return found;
}
static const NativeDef functions[] = {
    {"_generate_suggestions", generate_suggestions, "($module, candidates, item, /)", "The candidate that is nearest to item, or None.", 0}, NATIVE_END};
const ModuleSpec _suggestions_module = {.name = "_suggestions", .doc = "Names that are near to others.", .functions = functions};

// _locale: the C library's conventions and translated messages.
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"
#include "runtime/startup.h"

typedef struct State { Value error; } State;
static Value locale_error(Thread *t, ValueRef module, const char *message) {
    Value text = str_from_text(t, message), e = value_bits(text) ? call_1(t, ((State *)module_state(module))->error, text) : UNDEF;
    value_release(t, text);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}
// A str argument as C text (None allowed where `none`): in `p`.
static int text_argument(Thread *t, const char *function, const char *which, ValueRef v, bool none, PosixPath *p) {
    *p = (PosixPath){.fd = -1};
    if (none && is_none(v)) return 0;
    if (!value_is_any_str(v)) return raise_int(t, TYPE_ERROR, none ? "%s() argument%s must be str or None, not %T" : "%s() argument%s must be str, not %K", function, which, v);
    for (size_t i = 0, n = str_length(value_str(v)); i < n; i++)
        if (str_char(value_str(v), i) == 0) return raise_int(t, VALUE_ERROR, "embedded null character");
    p->path = str_fs_path(t, v, &p->allocated);
    return p->path ? 0 : -1;
}
NATIVE(locale_setlocale) {
    int category;
    PosixPath p;
    if (arg_int(t, args[0], &category) < 0) return UNDEF;
    if (category < 0 || category > LC_IDENTIFICATION) return locale_error(t, self, value_bits(args[1]) && !is_none(args[1]) ? "unsupported locale setting" : "locale query failed");
    if (text_argument(t, "setlocale", " 2", value_bits(args[1]) ? args[1] : (ValueRef)NONE, true, &p) < 0) return UNDEF;
    const char *result = setlocale(category, p.path);
    bool query = !p.path;
    posix_path_close(t, &p);
    return result ? posix_fs_text(t, result) : locale_error(t, self, query ? "locale query failed" : "unsupported locale setting");
}
static Value grouping(Thread *t, const char *s) {
    Value list = list_new(t, 0);
    if (!value_bits(list) || !s[0]) return list;
    for (;; s++) { // ends with CHAR_MAX, or with 0: the last one again and again
        if (list_append(t, value_list(list), value_int(*s)) < 0) {
            value_release(t, list);
            return UNDEF;
        }
        if (*s == 0 || *s == CHAR_MAX) return list;
    }
}
NATIVE(locale_localeconv) {
    const struct lconv *l = localeconv();
    const struct { const char *name, *text; } texts[] = {
        {"int_curr_symbol", l->int_curr_symbol}, {"currency_symbol", l->currency_symbol}, {"mon_decimal_point", l->mon_decimal_point},
        {"mon_thousands_sep", l->mon_thousands_sep}, {"mon_grouping", NULL}, {"positive_sign", l->positive_sign}, {"negative_sign", l->negative_sign}};
    const struct { const char *name; char value; } numbers[] = {
        {"int_frac_digits", l->int_frac_digits}, {"frac_digits", l->frac_digits}, {"p_cs_precedes", l->p_cs_precedes}, {"p_sep_by_space", l->p_sep_by_space},
        {"n_cs_precedes", l->n_cs_precedes}, {"n_sep_by_space", l->n_sep_by_space}, {"p_sign_posn", l->p_sign_posn}, {"n_sign_posn", l->n_sign_posn}};
    Value dict = dict_new(t);
    if (!value_bits(dict)) return UNDEF;
    Dict *d = value_dict(dict);
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof texts / sizeof *texts; i++)
        status = dict_set_text(t, d, texts[i].name, texts[i].text ? posix_fs_text(t, texts[i].text) : grouping(t, l->mon_grouping));
    for (size_t i = 0; status == 0 && i < sizeof numbers / sizeof *numbers; i++) status = dict_set_text(t, d, numbers[i].name, value_int(numbers[i].value));
    if (status == 0) status = dict_set_text(t, d, "decimal_point", posix_fs_text(t, l->decimal_point));
    if (status == 0) status = dict_set_text(t, d, "thousands_sep", posix_fs_text(t, l->thousands_sep));
    if (status == 0) status = dict_set_text(t, d, "grouping", grouping(t, l->grouping));
    if (status < 0) VALUE_CLEAR(t, dict);
    return dict;
}
// A str as wide characters: malloc, or NULL.
static wchar_t *wide(Thread *t, const char *function, ValueRef v) {
    if (!value_is_any_str(v)) return raise_null(t, TYPE_ERROR, "%s() argument must be str, not %K", function, v);
    size_t n = str_length(value_str(v));
    wchar_t *w = malloc((n + 1) * sizeof *w);
    if (!w) return raise_no_memory(t), NULL;
    for (size_t i = 0; i < n; i++) {
        w[i] = (wchar_t)str_char(value_str(v), i);
        if (w[i]) continue;
        free(w);
        return raise_null(t, VALUE_ERROR, "embedded null character");
    }
    w[n] = 0;
    return w;
}
NATIVE(locale_strcoll) {
    wchar_t *a = wide(t, "strcoll", args[0]), *b = a ? wide(t, "strcoll", args[1]) : NULL;
    Value v = b ? value_int(wcscoll(a, b)) : UNDEF;
    free(a);
    free(b);
    return v;
}
NATIVE(locale_strxfrm) {
    wchar_t *a = wide(t, "strxfrm", args[0]), *out = NULL;
    if (!a) return UNDEF;
    errno = 0;
    size_t n = wcsxfrm(NULL, a, 0);
    Value v = UNDEF;
    if (errno && errno != ERANGE) posix_error(t);
    else if (!(out = calloc(n + 1, sizeof *out))) raise_no_memory(t);
    else {
        wcsxfrm(out, a, n + 1);
        // Weights may be no code points: great ones are shown as a pair, which keeps their order.
        StrBuilder b;
        str_builder_init(&b, t);
        for (size_t i = 0; i < n; i++) {
            uint32_t c = (uint32_t)out[i];
            if (c > 0x10ffff - 0x10000) {
                str_builder_char(&b, (c >> 16) + 0x100000);
                c &= 0xffff;
            }
            str_builder_char(&b, c);
        }
        v = str_builder_finish(&b);
    }
    free(a);
    free(out);
    return v;
}
#define NUMBER(name) {#name, name}
static const struct { const char *name; int value; } items[] = {
    NUMBER(DAY_1), NUMBER(DAY_2), NUMBER(DAY_3), NUMBER(DAY_4), NUMBER(DAY_5), NUMBER(DAY_6), NUMBER(DAY_7), NUMBER(ABDAY_1), NUMBER(ABDAY_2), NUMBER(ABDAY_3),
    NUMBER(ABDAY_4), NUMBER(ABDAY_5), NUMBER(ABDAY_6), NUMBER(ABDAY_7), NUMBER(MON_1), NUMBER(MON_2), NUMBER(MON_3), NUMBER(MON_4), NUMBER(MON_5), NUMBER(MON_6),
    NUMBER(MON_7), NUMBER(MON_8), NUMBER(MON_9), NUMBER(MON_10), NUMBER(MON_11), NUMBER(MON_12), NUMBER(ABMON_1), NUMBER(ABMON_2), NUMBER(ABMON_3), NUMBER(ABMON_4),
    NUMBER(ABMON_5), NUMBER(ABMON_6), NUMBER(ABMON_7), NUMBER(ABMON_8), NUMBER(ABMON_9), NUMBER(ABMON_10), NUMBER(ABMON_11), NUMBER(ABMON_12), NUMBER(RADIXCHAR),
    NUMBER(THOUSEP), NUMBER(CRNCYSTR), NUMBER(D_FMT), NUMBER(D_T_FMT), NUMBER(T_FMT), NUMBER(AM_STR), NUMBER(PM_STR), NUMBER(CODESET), NUMBER(T_FMT_AMPM),
    NUMBER(ERA), NUMBER(ERA_D_FMT), NUMBER(ERA_D_T_FMT), NUMBER(ERA_T_FMT), NUMBER(ALT_DIGITS), NUMBER(YESEXPR), NUMBER(NOEXPR), NUMBER(_DATE_FMT)};
static const struct { const char *name; int value; } categories[] = {NUMBER(LC_CTYPE), NUMBER(LC_TIME), NUMBER(LC_COLLATE), NUMBER(LC_MONETARY),
                                                                      NUMBER(LC_MESSAGES), NUMBER(LC_NUMERIC), NUMBER(LC_ALL), NUMBER(CHAR_MAX)};
NATIVE(locale_nl_langinfo) {
    int key;
    if (arg_int(t, args[0], &key) < 0) return UNDEF;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (items[i].value == key) {
            const char *text = nl_langinfo(key);
            // Alternative digits are many strings behind each other: shown with ';' between them.
            if (key != ALT_DIGITS || !text[0]) return posix_fs_text(t, text);
            StrBuilder b;
            str_builder_init(&b, t);
            for (int n = 0; n < 100 && text[0]; n++, text += strlen(text) + 1) {
                Value digit = posix_fs_text(t, text);
                if (!value_bits(digit)) {
                    str_builder_abandon(&b);
                    return UNDEF;
                }
                if (n) str_builder_char(&b, ';');
                str_builder_str(&b, value_str(digit));
                value_release(t, digit);
            }
            return str_builder_finish(&b);
        }
    return raise(t, VALUE_ERROR, "unsupported langinfo constant");
}
NATIVE(locale_getencoding) {
    const char *codeset = nl_langinfo(CODESET);
    return codeset[0] ? str_from_text(t, codeset) : value_dup(t, NAME(utf_8_dash));
}
// ---- messages
NATIVE(locale_gettext) {
    PosixPath p;
    Value v = text_argument(t, "gettext", "", args[0], false, &p) < 0 ? UNDEF : posix_fs_text(t, gettext(p.path));
    posix_path_close(t, &p);
    return v;
}
static Value domain_gettext(Thread *t, const char *function, ValueRef domain, ValueRef message, int category) {
    PosixPath d, m = {.fd = -1};
    Value v = UNDEF;
    if (text_argument(t, function, " 1", domain, true, &d) == 0 && text_argument(t, function, " 2", message, false, &m) == 0)
        v = posix_fs_text(t, dcgettext(d.path, m.path, category));
    posix_path_close(t, &d);
    posix_path_close(t, &m);
    return v;
}
NATIVE(locale_dgettext) { return domain_gettext(t, "dgettext", args[0], args[1], LC_MESSAGES); }
NATIVE(locale_dcgettext) {
    int category;
    return arg_int(t, args[2], &category) < 0 ? UNDEF : domain_gettext(t, "dcgettext", args[0], args[1], category);
}
NATIVE(locale_textdomain) {
    PosixPath p;
    Value v = UNDEF;
    if (text_argument(t, "textdomain", "", args[0], true, &p) == 0) {
        const char *domain = textdomain(p.path);
        v = domain ? posix_fs_text(t, domain) : posix_error(t);
    }
    posix_path_close(t, &p);
    return v;
}
static Value bind(Thread *t, ValueRef module, const char *function, char *(*call)(const char *, const char *), ValueRef domain, ValueRef value) {
    PosixPath d, p = {.fd = -1};
    Value v = UNDEF;
    if (text_argument(t, function, " 1", domain, false, &d) == 0 && text_argument(t, function, " 2", value, true, &p) == 0) {
        if (!d.path[0]) {
            locale_error(t, module, "domain must be a non-empty string");
        } else {
            errno = 0;
            const char *result = call(d.path, p.path);
            v = result ? posix_fs_text(t, result) : errno ? posix_error(t) : NONE;
        }
    }
    posix_path_close(t, &d);
    posix_path_close(t, &p);
    return v;
}
NATIVE(locale_bindtextdomain) { return bind(t, self, "bindtextdomain", bindtextdomain, args[0], args[1]); }
NATIVE(locale_bind_codeset) { return bind(t, self, "bind_textdomain_codeset", bind_textdomain_codeset, args[0], args[1]); }

static const NativeDef functions[] = {
    {"setlocale", locale_setlocale, "($module, category, locale=None, /)", "Sets or asks for a locale.", 0},
    {"localeconv", locale_localeconv, "($module, /)", "How numbers and money are written.", 0}, {"strcoll", locale_strcoll, "($module, os1, os2, /)", NULL, 0},
    {"strxfrm", locale_strxfrm, "($module, string, /)", NULL, 0}, {"nl_langinfo", locale_nl_langinfo, "($module, key, /)", NULL, 0},
    {"getencoding", locale_getencoding, "($module, /)", "The locale's encoding.", 0}, {"gettext", locale_gettext, "($module, msg, /)", NULL, 0},
    {"dgettext", locale_dgettext, "($module, domain, msg, /)", NULL, 0}, {"dcgettext", locale_dcgettext, "($module, domain, msg, category, /)", NULL, 0},
    {"textdomain", locale_textdomain, "($module, domain, /)", NULL, 0}, {"bindtextdomain", locale_bindtextdomain, "($module, domain, dir, /)", NULL, 0},
    {"bind_textdomain_codeset", locale_bind_codeset, "($module, domain, codeset, /)", NULL, 0}, NATIVE_END};
static int exec(Thread *t, ValueRef module) {
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (module_add_int(t, module, items[i].name, items[i].value) < 0) return -1;
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
        if (module_add_int(t, module, categories[i].name, categories[i].value) < 0) return -1;
    Value base = value_of(EXCEPTION(EXCEPTION)), bases = tuple_from_refs(t, value_refs(&base), 1), namespace = dict_new(t), name = str_intern_text(t, "Error"), type = UNDEF;
    if (value_bits(bases) && value_bits(namespace) && value_bits(name) && dict_set(t, value_dict(namespace), NAME(__module__), NAME(locale)) == 0)
        type = type_new_class(t, TYPE_OF(TYPE), name, bases, namespace, NULL, 0, NULL);
    value_release(t, bases);
    value_release(t, namespace);
    value_release(t, name);
    if (!value_bits(type)) return -1;
    slot_store(t, value_object(module), &((State *)module_state(module))->error, value_dup(t, type));
    return module_add(t, module, "Error", type);
}
static void traverse(void *state, VisitFn visit, void *arg) { visit(&((State *)state)->error, arg); }
const ModuleSpec _locale_module = {
    .name = "_locale", .doc = "Locales.", .functions = functions, .exec = exec, .state_size = sizeof(State), .traverse = traverse};

// sys.stdin, sys.stdout and sys.stderr, made of the _io module's layers; importing site.
#include "runtime/stdio.h"
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/codecs.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/import.h"
#include "runtime/names.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/startup.h"
#include "runtime/sys.h"

// The locale's encoding, unless UTF-8 mode is on or PYTHONIOENCODING says otherwise: encoding[:errors], either may be empty.
typedef struct Encoding { char name[64], errors[64]; } Encoding;
static Encoding stream_encoding(void) {
    Encoding e = {"utf-8", ""};
    const char *codeset = runtime_config.utf8_mode > 0 ? "UTF-8" : nl_langinfo(CODESET);
    if (strcmp(codeset, "UTF-8")) snprintf(e.name, sizeof e.name, "%s", codeset);
    const char *given = runtime_config.ignore_environment ? NULL : getenv("PYTHONIOENCODING");
    if (given && *given) {
        const char *colon = strchrnul(given, ':');
        if (colon > given) {
            snprintf(e.name, sizeof e.name, "%.*s", (int)(colon - given), given);
            snprintf(e.errors, sizeof e.errors, "strict");
        }
        if (*colon && colon[1]) snprintf(e.errors, sizeof e.errors, "%s", colon + 1);
    }
    if (!*e.errors) {
        const char *locale = setlocale(LC_CTYPE, NULL);
        // Locales that stand for "none chosen" (PEP 538).
        static const char *const none[] = {"C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"};
        bool plain = !locale;
        for (size_t i = 0; locale && i < sizeof none / sizeof *none; i++) plain = plain || !strcmp(locale, none[i]);
        snprintf(e.errors, sizeof e.errors, "%s", plain || runtime_config.utf8_mode ? "surrogateescape" : "strict");
    }
    return e;
}

static int set_text(Thread *t, ValueRef o, const char *name, const char *text) {
    Value key = str_intern_text(t, name), v = key ? str_from_text(t, text) : UNDEF;
    int result = v ? object_setattr(t, o, key, v) : -1;
    value_release(t, v);
    value_release(t, key);
    return result;
}

// A text stream over a descriptor; None where the descriptor is closed.
static Value stream_new(Thread *t, int fd, bool writes, const char *name, const Encoding *encoding, const char *errors) {
    struct stat st;
    if (fstat(fd, &st) < 0) return NONE;
    bool unbuffered = runtime_config.unbuffered && writes;
    Value open = import_attribute(t, "_io", "open"), wrapper = open ? import_attribute(t, "_io", "TextIOWrapper") : UNDEF;
    Value mode = str_from_text(t, writes ? "wb" : "rb"), buffer = UNDEF, raw = UNDEF, text = UNDEF, tty = UNDEF;
    if (!wrapper || !mode) goto done;
    // open(fd, mode, buffering, encoding, errors, newline, closefd)
    ValueRef open_args[7] = {value_int(fd), mode, value_int(unbuffered ? 0 : -1), NONE, NONE, NONE, FALSE_VALUE};
    buffer = call_object(t, open, open_args, 7, NULL);
    if (!buffer) goto done;
    Value raw_name = str_intern_text(t, "raw");
    raw = unbuffered ? value_dup(t, buffer) : raw_name ? object_getattr(t, buffer, raw_name) : UNDEF;
    value_release(t, raw_name);
    if (!raw || set_text(t, raw, "name", name) < 0 || !(tty = call_method_0(t, raw, NAME(isatty)))) goto done;
    int interactive = object_is_true(t, tty);
    Value names[3] = {str_from_text(t, encoding->name), str_from_text(t, errors), writes ? str_from_text(t, "\n") : NONE};
    // TextIOWrapper(buffer, encoding, errors, newline, line_buffering, write_through)
    bool line_buffered = unbuffered || interactive || fd == 2 || runtime_config.interactive;
    ValueRef args[6] = {buffer, names[0], names[1], names[2], value_bool(line_buffered), value_bool(unbuffered)};
    if (names[0] && names[1] && names[2]) text = call_object(t, wrapper, args, 6, NULL);
    for (int i = 0; i < 3; i++) value_release(t, names[i]);
    if (text && set_text(t, text, "mode", writes ? "w" : "r") < 0) VALUE_CLEAR(t, text);
done:
    value_release(t, tty);
    value_release(t, raw);
    value_release(t, buffer);
    value_release(t, mode);
    value_release(t, wrapper);
    value_release(t, open);
    return text;
}

// The name that the codec itself has ("iso8859-1" for "latin-1"). 0, -1.
static int canonical_name(Thread *t, Encoding *e) {
    Value name = str_from_text(t, e->name), codec = name ? codecs_lookup(t, name) : UNDEF, key = str_intern_text(t, "name");
    Value own = codec && key ? object_getattr(t, codec, key) : UNDEF;
    char *allocated = NULL;
    size_t bytes;
    const char *utf8 = own && value_is_any_str(own) ? str_utf8(t, value_str(own), &bytes, &allocated) : NULL;
    if (utf8) snprintf(e->name, sizeof e->name, "%s", utf8);
    free(allocated);
    value_release(t, name);
    value_release(t, codec);
    value_release(t, key);
    value_release(t, own);
    return utf8 ? 0 : -1;
}
int stdio_init(Thread *t) {
    static const struct { int fd; const char *name, *kept, *shown; } rows[] = {
        {2, "stderr", "__stderr__", "<stderr>"}, {0, "stdin", "__stdin__", "<stdin>"}, {1, "stdout", "__stdout__", "<stdout>"}};
    Encoding encoding = stream_encoding();
    if (strcmp(encoding.name, "utf-8") && canonical_name(t, &encoding) < 0) {
        fputs("Fatal Python error: init_stdio_encoding: failed to get the Python codec name of the stdio encoding\n", stderr);
        return -1;
    }
    for (size_t i = 0; i < 3; i++) {
        Value stream = stream_new(t, rows[i].fd, rows[i].fd != 0, rows[i].shown, &encoding, rows[i].fd == 2 ? "backslashreplace" : encoding.errors);
        if (!stream) return -1;
        if (sys_set(t, rows[i].kept, value_dup(t, stream)) < 0 || sys_set(t, rows[i].name, stream) < 0) return -1;
    }
    return 0;
}

int site_import(Thread *t) {
    if (runtime_config.nwarnoptions) {
        Value warnings = import_module(t, "warnings");
        if (!warnings) error_write_unraisable(t, "while importing warnings", UNDEF);
        value_release(t, warnings);
    }
    if (runtime_config.no_site) return 0;
    Value site = import_module(t, "site");
    if (!site) return -1;
    value_release(t, site);
    return 0;
}

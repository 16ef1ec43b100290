// Decodes source bytes: byte order mark, PEP 263 cookie, newline forms. The result is UTF-8 with '\n' newlines.
#include "src/front.h"
#include <ctype.h>
#include <stdio.h>

static bool is_utf8_name(const char *name) { return !strcmp(name, "utf-8") || !strncmp(name, "utf-8-", 6); }

static bool is_latin1_name(const char *name)
{
    static const char *const spellings[] = {"latin-1", "iso-8859-1", "iso-latin-1"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(spellings[i]);
        if (!strncmp(name, spellings[i], n) && (!name[n] || name[n] == '-'))
            return true;
    }
    return false;
}

// The encoding that a comment line declares, in canonical spelling; NULL: none. *blank: the line has no code on it.
static const char *cookie_in_line(Front *f, const char *s, const char *end, bool *blank)
{
    const char *p = s;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\f'))
        p++;
    *blank = p == end || *p == '#';
    if (p == end || *p != '#')
        return NULL;
    for (; p + 7 <= end; p++) {
        if (memcmp(p, "coding", 6) || (p[6] != ':' && p[6] != '='))
            continue;
        const char *name = p + 7;
        while (name < end && (*name == ' ' || *name == '\t'))
            name++;
        const char *stop = name;
        while (stop < end && (isalnum((unsigned char)*stop) || *stop == '-' || *stop == '_' || *stop == '.'))
            stop++;
        if (stop == name)
            continue;
        char *out = front_alloc(f, (size_t)(stop - name) + 1);
        for (const char *q = name; q < stop; q++)
            out[q - name] = *q == '_' ? '-' : (char)tolower((unsigned char)*q);
        if (is_utf8_name(out))
            return "utf-8";
        if (is_latin1_name(out))
            return "iso-8859-1";
        memcpy(out, name, (size_t)(stop - name));  // another codec: its name as written
        return out;
    }
    return NULL;
}

static const char *find_cookie(Front *f, const char *s, const char *end)
{
    for (int line = 0; line < 2 && s < end; line++) {
        const char *stop = s;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        bool blank;
        const char *name = cookie_in_line(f, s, stop, &blank);
        if (name || !blank)
            return name;
        s = stop + (stop < end);
        if (s < end && stop[0] == '\r' && *s == '\n')
            s++;
    }
    return NULL;
}

// Length of the well-formed UTF-8 sequence at s, or 0.
static size_t utf8_sequence(const unsigned char *s, const unsigned char *end)
{
    size_t left = (size_t)(end - s);
#define FOLLOWS(i) ((s[i] & 0xC0) == 0x80)
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        return left >= 2 && FOLLOWS(1) ? 2 : 0;
    if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        if (left < 3 || !FOLLOWS(1) || !FOLLOWS(2) || (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F))
            return 0;
        return 3;
    }
    if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        if (left < 4 || !FOLLOWS(1) || !FOLLOWS(2) || !FOLLOWS(3) || (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
            return 0;
        return 4;
    }
#undef FOLLOWS
    return 0;
}

static _Noreturn void fail_null(Front *f, const char *start, const char *null)  // in a file: with the line so far; in a string: without a place
{
    f->failure = (Failure){.kind = FAIL_SYNTAX, .message = "source code string cannot contain null bytes"};
    if (f->flags & FRONT_FROM_FILE) {
        int32_t line = 1;
        const char *line_start = start;
        for (const char *p = start; (p = memchr(p, '\n', (size_t)(null - p))); line_start = ++p)
            line++;
        f->failure = (Failure){.kind = FAIL_SYNTAX, .message = "source code cannot contain null bytes", .line = line, .end_line = line};
        f->failure.text = front_str(f, line_start, (size_t)(null - line_start));
    }
    front_bail(f);
}

static _Noreturn void fail_in_line(Front *f, const char *start, const char *end, const char *bad, int32_t line, const char *message)
{
    VEC(char) text = {0};
    int32_t col = 0;
    for (const char *p = start; p < end && *p != '\n' && *p != '\r';) {
        size_t n = utf8_sequence((const unsigned char *)p, (const unsigned char *)end);
        if (p < bad)
            col++;
        if (!n) {
            PUSH(f, &text, '\xEF');
            PUSH(f, &text, '\xBF');
            PUSH(f, &text, '\xBD');
            p++;
        }
        for (size_t i = 0; i < n; i++)
            PUSH(f, &text, p[i]);
        p += n;
    }
    f->failure = (Failure){.kind = FAIL_SYNTAX, .message = message, .line = line, .offset = col + 1, .end_line = line, .end_offset = col + 1};
    f->failure.text = front_str(f, text.at, text.n);
    front_bail(f);
}

static void index_lines(Front *f)
{
    Source *s = &f->source;
    size_t n = 1;
    for (const char *p = s->text; (p = memchr(p, '\n', (size_t)(s->text + s->length - p))); p++)
        n++;
    uint32_t *lines = NEW_N(f, uint32_t, n);
    n = 1;
    for (const char *p = s->text; (p = memchr(p, '\n', (size_t)(s->text + s->length - p))); p++)
        lines[n++] = (uint32_t)(p + 1 - s->text);
    s->lines = lines;
    s->line_count = (int32_t)n;
}

void source_decode(Front *f, const char *bytes, size_t size)
{
    if (size > INT32_MAX - 16)
        front_fail(f, FAIL_OVERFLOW, "source code is too large");
    if (memchr(bytes, 0, size))
        fail_null(f, bytes, memchr(bytes, 0, size));
    const char *s = bytes, *end = bytes + size;
    bool mark = size >= 3 && !memcmp(s, "\xEF\xBB\xBF", 3);
    if (mark && !(f->flags & FRONT_IGNORE_COOKIE))
        s += 3;
    const char *encoding = f->flags & FRONT_IGNORE_COOKIE ? NULL : find_cookie(f, s, end);
    if (mark && encoding && strcmp(encoding, "utf-8")) {
        const char *stop = s;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        int32_t n = (int32_t)(stop - s);
        f->failure = (Failure){.kind = FAIL_SYNTAX, .message = front_format(f, "encoding problem: %s with BOM", encoding),
                               .line = 1, .offset = 0, .end_line = 1, .end_offset = n, .text = front_str(f, s, (size_t)n)};
        front_bail(f);
    }
    if (encoding && !strcmp(encoding, "iso-8859-1")) {
        size_t high = 0;
        for (const char *p = s; p < end; p++)
            high += (unsigned char)*p >= 0x80;
        char *out = front_alloc(f, (size_t)(end - s) + high + 1), *o = out;
        for (const char *p = s; p < end; p++) {
            unsigned char c = (unsigned char)*p;
            if (c < 0x80)
                *o++ = (char)c;
            else {
                *o++ = (char)(0xC0 | c >> 6);
                *o++ = (char)(0x80 | (c & 0x3F));
            }
        }
        s = out;
        end = o;
    } else if (encoding && strcmp(encoding, "utf-8")) {
        const char *out = NULL;
        size_t n = 0;
        const char *error = f->decode ? f->decode(f, encoding, s, (size_t)(end - s), &out, &n) : NULL;
        if (!out) {
            f->failure = (Failure){.kind = FAIL_SYNTAX, .line = 0, .offset = -1};
            f->failure.message = error ? error : front_format(f, "unknown encoding: %s", encoding);
            front_bail(f);
        }
        if (n > INT32_MAX - 16)
            front_fail(f, FAIL_OVERFLOW, "source code is too large");
        if (memchr(out, 0, n))
            fail_null(f, out, memchr(out, 0, n));
        s = out;
        end = out + n;
    }
    char *text = front_alloc(f, (size_t)(end - s) + 2), *o = text;
    int32_t line = 1;
    const char *line_start = s;
    for (const char *p = s; p < end;) {
        unsigned char c = (unsigned char)*p;
        if (c == '\r' || c == '\n') {
            p += c == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 1;
            *o++ = '\n';
            line++;
            line_start = p;
            continue;
        }
        if (c < 0x80) {
            *o++ = *p++;
            continue;
        }
        size_t n = utf8_sequence((const unsigned char *)p, (const unsigned char *)end);
        if (!n) {
            if (encoding)
                fail_in_line(f, line_start, end, p, line,
                             front_format(f, "(unicode error) '%s' codec can't decode byte 0x%02x in position %d: invalid start byte",
                                          encoding, c, (int)(p - s)));
            fail_in_line(f, line_start, end, p, line,
                         front_format(f, "Non-UTF-8 code starting with '\\x%02x'%s%s on line %d, but no encoding declared; "
                                         "see https://peps.python.org/pep-0263/ for details", c, f->flags & FRONT_FROM_FILE ? " in file " : "",
                                      f->flags & FRONT_FROM_FILE ? f->filename : "", (int)line));
        }
        while (n--)
            *o++ = *p++;
    }
    f->source.newline_added = o == text || o[-1] != '\n';
    if (o > text && o[-1] != '\n')
        *o++ = '\n';
    *o = 0;
    f->source.text = text;
    f->source.length = (uint32_t)(o - text);
    f->source.encoding = encoding ? encoding : mark ? "utf-8" : NULL;
    index_lines(f);
}

const Chars *source_line(Front *f, int32_t line)
{
    const Source *s = &f->source;
    if (!s->text || line < 1 || line > s->line_count)
        return NULL;
    uint32_t start = s->lines[line - 1], end = line < s->line_count ? s->lines[line] : s->length;
    if (start == end && line == s->line_count && line > 1)  // the empty line after the last newline
        return front_str(f, "", 0);
    if (s->as_given && s->newline_added && end == s->length && end > start)
        end--;
    return front_str(f, s->text + start, end - start);
}

// Exceptions as text: tracebacks with the marked part of their lines (PEP 657), causes and contexts, groups, notes, and syntax
// errors with their line. The form is that of the library's traceback module.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/abstract.h"
#include "runtime/call.h"
#include "runtime/error.h"
#include "runtime/interp/frame.h"
#include "runtime/names.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"
#include "runtime/objects/traceback.h"
#include "runtime/objects/traceback_anchor.h"
#include "runtime/objects/tuple.h"
#include "runtime/suggest.h"

enum { REPEATS_SHOWN = 3, GROUP_WIDTH = 15, GROUP_DEPTH = 10 };

typedef struct Printer {
    Thread *t;
    StrBuilder out;
    int depth;          // of nested groups
    bool need_close;    // the last member's frame is still open
    bool plain;         // lines without marks
    Value seen;         // list of exceptions printed or to be printed: no exception twice in a chain
    Value file_name;    // str: whose lines are at hand
    Value file_text;    // str or UNDEF where it cannot be read
} Printer;

// ---- source lines

static Value decode_source(Thread *t, const char *text, size_t n) {
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) text += 3, n -= 3;
    Value s = str_from_utf8(t, text, n);
    if (value_bits(s)) return s;
    error_clear(t);
    return str_from_latin1(t, (const uint8_t *)text, n);
}

static Value read_file(Thread *t, ValueRef name) {
    char *allocated = NULL;
    const char *path = str_fs_path(t, name, &allocated);
    if (!path) {
        error_clear(t);
        return UNDEF;
    }
    FILE *f = fopen(path, "rb");
    free(allocated);
    if (!f) return UNDEF;
    char *text = NULL;
    size_t n = 0, capacity = 0, got;
    do {
        if (capacity - n < 65536) {
            char *more = capacity > (64u << 20) ? NULL : realloc(text, capacity = capacity * 2 + 65536);
            if (!more) break;
            text = more;
        }
        got = fread(text + n, 1, capacity - n, f);
        n += got;
    } while (got);
    fclose(f);
    Value s = text ? decode_source(t, text, n) : UNDEF;
    free(text);
    if (!value_bits(s)) error_clear(t);
    return s;
}

// linecache.function(*args) joined, if that module is loaded and has something.
static Value linecache_text(Thread *t, const char *function, const ValueRef *args, uint32_t nargs) {
    Value key = str_intern_text(t, "linecache"), name = str_intern_text(t, function), module = UNDEF, lines = UNDEF, text = UNDEF;
    if (value_bits(key) && value_bits(name) && value_bits(t->interp->modules)) module = dict_get(t, value_dict(t->interp->modules), key);
    if (value_bits(module)) {
        lines = call_method(t, module, name, args, nargs);
        if (value_bits(lines)) text = str_join(t, NAME(empty), lines);
        if (value_bits(text) && str_length(value_str(text)) == 0) VALUE_CLEAR(t, text);
    }
    if (error_pending(t)) error_clear(t);
    value_release(t, key);
    value_release(t, name);
    value_release(t, module);
    value_release(t, lines);
    return text;
}
// What the library's linecache knows: the text that the code was made of (the prompt's, -c's), or of the file (loaders' sources).
static Value ask_linecache(Thread *t, ValueRef name, ValueRef globals, ValueRef code_or_undef) {
    Value text = value_bits(code_or_undef) ? linecache_text(t, "_getlines_from_code", &code_or_undef, 1) : UNDEF;
    return value_bits(text) ? text : linecache_text(t, "getlines", (ValueRef[]){name, value_bits(globals) ? globals : (ValueRef)NONE}, 2);
}

// The text of the file as a str, borrowed from the printer; UNDEF where there is none.
static ValueRef source_of(Printer *p, ValueRef name, ValueRef globals, ValueRef code_or_undef) {
    Thread *t = p->t;
    bool in_file = !(str_length(value_str(name)) && str_char(value_str(name), 0) == '<'); // else a name may stand for many texts
    if (in_file && value_bits(p->file_name) && str_equal(value_str(p->file_name), value_str(name))) return p->file_text;
    VALUE_CLEAR(t, p->file_name);
    VALUE_CLEAR(t, p->file_text);
    p->file_name = value_dup(t, name);
    if (in_file) p->file_text = read_file(t, name);
    if (!value_bits(p->file_text)) p->file_text = ask_linecache(t, name, globals, code_or_undef);
    return p->file_text;
}

// Line `number` (from 1) of the text, without its end and trailing blanks: [*start, *end). False where there is none.
static bool find_line(const Str *text, int32_t number, size_t *start, size_t *end) {
    size_t n = str_length(text), i = 0;
    for (int32_t line = 1; line < number; line++) {
        while (i < n && str_char(text, i) != '\n') i++;
        if (i >= n) return false;
        i++;
    }
    if (i >= n) return false;
    *start = i;
    while (i < n && str_char(text, i) != '\n') i++;
    while (i > *start && (str_char(text, i - 1) <= ' ')) i--;
    *end = i;
    return true;
}

Value traceback_source_line(Thread *t, ValueRef filename, int64_t number) {
    Printer p = {.t = t};
    Value line = UNDEF;
    size_t start, end;
    ValueRef text = value_is_any_str(filename) && number > 0 && number <= INT32_MAX ? source_of(&p, filename, UNDEF, UNDEF) : (ValueRef)UNDEF;
    if (value_bits(text) && find_line(value_str(text), (int32_t)number, &start, &end)) {
        while (start < end && str_char(value_str(text), start) <= ' ') start++;
        line = start < end ? str_substring(t, value_str(text), start, end) : UNDEF;
    }
    error_clear(t);
    value_release(t, p.file_name);
    value_release(t, p.file_text);
    return line;
}

static size_t utf8_width(uint32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

// ---- one frame

typedef struct Line { uint32_t *text; size_t n; } Line;

static size_t leading_blanks(const Line *l) {
    size_t i = 0;
    while (i < l->n && (l->text[i] == ' ' || l->text[i] == '\t' || l->text[i] == '\f')) i++;
    return i;
}
// Columns that the first n characters take on a terminal.
static size_t display_width(const Line *l, size_t n) {
    size_t width = 0;
    for (size_t i = 0; i < n && i < l->n; i++) {
        uint32_t c = l->text[i];
        bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) || (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) || (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1f64f) ||
                    (c >= 0x1f900 && c <= 0x1f9ff) || (c >= 0x20000 && c <= 0x3fffd);
        width += wide ? 2 : 1;
    }
    return width;
}

// What is marked in the lines of an expression.
typedef struct Marks {
    bool show, anchored;
    size_t first_column, last_column;   // display columns in the first and the last line
    size_t left_line, left_column, right_line, right_column; // of the anchor, in characters
    char primary, secondary;
} Marks;

static void put_margin(StrBuilder *b) { str_builder_text(b, "    ", 4); }

static void put_line(StrBuilder *b, const Line *lines, size_t nlines, size_t k, const Marks *m) {
    const Line *l = &lines[k];
    put_margin(b);
    for (size_t i = 0; i < l->n; i++) str_builder_char(b, l->text[i]);
    str_builder_char(b, '\n');
    if (!m->show) return;
    put_margin(b);
    size_t blanks = leading_blanks(l), carets = k == nlines - 1 ? m->last_column : display_width(l, l->n);
    for (size_t column = 0; column < carets; column++) {
        char c = m->primary;
        if (column < blanks || (k == 0 && column < m->first_column))
            c = ' ';
        else if (m->anchored && (k > m->left_line || (k == m->left_line && column >= m->left_column)) &&
                 (k < m->right_line || (k == m->right_line && column < m->right_column)))
            c = m->secondary;
        str_builder_char(b, (uint32_t)(unsigned char)c);
    }
    str_builder_char(b, '\n');
}

// The lines of an instruction, which are dedented already; start and end are characters in the first and the last.
static void put_marked_lines(Printer *p, StrBuilder *b, const Line *lines, size_t nlines, size_t start, size_t end) {
    const Line *first = &lines[0], *last = &lines[nlines - 1];
    if (start > first->n) start = first->n;
    if (end > last->n) end = last->n;
    Marks m = {.first_column = display_width(first, start), .last_column = display_width(last, end), .primary = '^', .secondary = '^'};
    size_t total = 0;
    for (size_t k = 0; k < nlines; k++) total += lines[k].n + 1;
    uint32_t *segment = malloc(total * sizeof *segment);
    Anchor anchor;
    bool *shown = calloc(nlines + 1, sizeof *shown);
    if (!segment || !shown) goto done; // the text is complete without its source
    size_t n = 0;
    for (size_t k = 0; k < nlines; k++) {
        size_t from = k == 0 ? start : 0, to = k == nlines - 1 ? end : lines[k].n;
        for (size_t i = from; i < to; i++) segment[n++] = lines[k].text[i];
        if (k + 1 < nlines) segment[n++] = '\n';
    }
    shown[0] = shown[nlines - 1] = true;
    m.anchored = n && anchor_find(segment, n, &anchor);
    if (m.anchored) {
        m.primary = '~';
        size_t line = 0, column = start; // of position i
        for (size_t i = 0; i <= anchor.end; i++) {
            if (i == anchor.start) m.left_line = line, m.left_column = column;
            if (i == anchor.end) m.right_line = line, m.right_column = column;
            if (i < n && segment[i] == '\n')
                line++, column = 0;
            else
                column++;
        }
        for (int d = -1; d <= 1; d++) {
            if (m.left_line + (size_t)d < nlines) shown[m.left_line + (size_t)d] = true;
            if (m.right_line + (size_t)d < nlines) shown[m.right_line + (size_t)d] = true;
        }
        m.left_column = display_width(&lines[m.left_line], m.left_column);
        m.right_column = display_width(&lines[m.right_line], m.right_column);
    }
    bool text_before = false, text_after = false;
    for (size_t i = 0; i < start; i++) text_before |= first->text[i] > ' ';
    for (size_t i = end; i < last->n; i++) text_after |= last->text[i] > ' ';
    m.show = m.anchored || text_before || text_after;
    if (!text_after && text_before && m.show && n && anchor_is_plain_statement(first->text, start, segment, n)) m.show = false;
    size_t previous = 0;
    for (size_t k = 0; k < nlines; k++) {
        if (!shown[k]) continue;
        if (k - previous == 2) put_line(b, lines, nlines, k - 1, &m);
        if (k - previous > 2) {
            char text[64];
            int wrote = snprintf(text, sizeof text, "    ...<%zu lines>...\n", k - previous - 1);
            str_builder_text(b, text, (size_t)wrote);
        }
        put_line(b, lines, nlines, k, &m);
        previous = k;
    }
done:
    free(segment);
    free(shown);
}

// The source of an instruction.
static void put_source(Printer *p, StrBuilder *b, ValueRef name, ValueRef globals, ValueRef code, Position where) {
    enum { MAX_LINES = 2000 };
    ValueRef text = source_of(p, name, globals, code);
    if (!value_bits(text) || where.line < 1) return;
    bool columns = !p->plain && where.column >= 0 && where.end_column >= 0 && where.end_line >= where.line;
    size_t wanted = columns ? (size_t)(where.end_line - where.line) + 1 : 1, nlines = 0;
    if (wanted > MAX_LINES) wanted = MAX_LINES, columns = false;
    Line *lines = calloc(wanted, sizeof *lines);
    if (!lines) return;
    for (; nlines < wanted; nlines++) {
        size_t start, end;
        if (!find_line(value_str(text), where.line + (int32_t)nlines, &start, &end)) break;
        Line *l = &lines[nlines];
        l->text = malloc((end - start + 1) * sizeof *l->text);
        if (!l->text) break;
        l->n = end - start;
        for (size_t i = 0; i < l->n; i++) l->text[i] = str_char(value_str(text), start + i);
    }
    if (nlines == 0 || (nlines == 1 && lines[0].n == 0)) goto done;
    if (nlines < wanted) columns = false;
    // byte offsets become characters
    size_t start = 0, end = 0, bytes = 0;
    if (columns) {
        const Line *last = &lines[nlines - 1];
        while (start < lines[0].n && bytes < (size_t)where.column) bytes += utf8_width(lines[0].text[start++]);
        for (bytes = 0; end < last->n && bytes < (size_t)where.end_column;) bytes += utf8_width(last->text[end++]);
    }
    size_t common = SIZE_MAX;
    for (size_t k = 0; k < nlines; k++)
        if (lines[k].n && leading_blanks(&lines[k]) < common) common = leading_blanks(&lines[k]);
    if (common == SIZE_MAX) common = 0;
    for (size_t k = 0; k < nlines; k++)
        if (lines[k].n) {
            lines[k].n -= common;
            memmove(lines[k].text, lines[k].text + common, lines[k].n * sizeof *lines[k].text);
        }
    start -= start < common ? start : common;
    end -= end < common ? end : common;
    if (columns) {
        put_marked_lines(p, b, lines, nlines, start, end);
    } else {
        Marks plain = {.show = false};
        for (size_t k = 0; k < nlines; k++) put_line(b, lines, nlines, k, &plain);
    }
done:
    for (size_t k = 0; k < nlines; k++) free(lines[k].text);
    free(lines);
}

static int put_frame(Printer *p, StrBuilder *b, Traceback *tb, ValueRef filename, ValueRef name, int32_t line) {
    Thread *t = p->t;
    Frame *frame = (Frame *)value_object(slot_borrow(&tb->frame));
    Value header = line < 0 ? str_of_format(t, "  File \"%S\", line None, in %S\n", filename, name) : str_of_format(t, "  File \"%S\", line %d, in %S\n", filename, line, name);
    if (!value_bits(header)) return -1;
    str_builder_str(b, value_str(header));
    value_release(t, header);
    Position where = code_position(value_code(slot_borrow(&frame->code)), tb->instruction);
    if (tb->lineno != -1 && tb->lineno != where.line) where = (Position){tb->lineno, tb->lineno, -1, -1};
    Value globals = UNDEF, function = slot_get(t, &frame->function);
    if (value_is_function(function)) globals = slot_get(t, &value_function(function)->globals);
    put_source(p, b, filename, globals, slot_borrow(&frame->code), where);
    value_release(t, function);
    value_release(t, globals);
    return 0;
}

static void put_repeats(StrBuilder *b, int64_t count) {
    if (count <= REPEATS_SHOWN) return;
    char text[96];
    count -= REPEATS_SHOWN;
    int n = snprintf(text, sizeof text, "  [Previous line repeated %lld more time%s]\n", (long long)count, count > 1 ? "s" : "");
    str_builder_text(b, text, (size_t)n);
}

// The frames of a traceback as a str.
// The exception's traceback from the entry on that is to be shown: sys.tracebacklimit, an int, says how many are. Owned; UNDEF: none.
static Value shown_traceback(Thread *t, ValueRef exception) {
    Value tb = slot_get(t, &value_exception(exception)->traceback);
    Value key = str_intern_text(t, "tracebacklimit"), limit = value_bits(key) && value_bits(t->interp->sys_dict) ? dict_get(t, value_dict(t->interp->sys_dict), key) : UNDEF;
    error_clear(t);
    int64_t most = INT64_MAX, skip = 0;
    if (value_bits(limit) && (value_is_bool(limit) || value_is_any_int(limit)) && int_as_int64(limit, &most) < 0) most = int_sign(limit) < 0 ? 0 : INT64_MAX;
    if (most < 0) most = 0;
    value_release(t, key);
    value_release(t, limit);
    // No safepoint stands between the borrows.
    for (ValueRef at = tb; most != INT64_MAX && value_bits(at); at = slot_borrow(&((Traceback *)value_object(at))->next)) skip++;
    for (skip = most < skip ? skip - most : 0; most != INT64_MAX && skip > 0 && value_bits(tb); skip--) {
        Value next = slot_get(t, &((Traceback *)value_object(tb))->next);
        value_release(t, tb);
        tb = next;
    }
    return tb;
}

static Value stack_text(Printer *p, ValueRef traceback) {
    Thread *t = p->t;
    StrBuilder b;
    str_builder_init(&b, t);
    Value tb = value_dup(t, traceback), last_file = UNDEF, last_name = UNDEF;
    int32_t last_line = -2;
    int64_t count = 0;
    int bad = 0;
    while (value_bits(tb) && !bad) {
        Traceback *entry = (Traceback *)value_object(tb);
        Frame *frame = (Frame *)value_object(slot_borrow(&entry->frame));
        Code *code = value_code(slot_borrow(&frame->code));
        Value file = slot_get(t, &code->filename), name = slot_get(t, &code->name);
        int32_t line = traceback_lineno(entry);
        bool again = value_bits(last_file) && line == last_line && str_equal(value_str(file), value_str(last_file)) && str_equal(value_str(name), value_str(last_name));
        if (!again) {
            put_repeats(&b, count);
            count = 0;
        }
        if (++count <= REPEATS_SHOWN) bad = put_frame(p, &b, entry, file, name, line);
        value_release(t, last_file);
        value_release(t, last_name);
        last_file = file;
        last_name = name;
        last_line = line;
        Value next = slot_get(t, &entry->next);
        value_release(t, tb);
        tb = next;
    }
    put_repeats(&b, count);
    value_release(t, tb);
    value_release(t, last_file);
    value_release(t, last_name);
    if (bad) {
        str_builder_abandon(&b);
        return UNDEF;
    }
    return str_builder_finish(&b);
}

// ---- the lines about the exception itself

// str(v), or a note that it failed: never fails itself but for memory.
static Value safe_text(Thread *t, ValueRef v, UnaryFn text_of, const char *what) {
    Value s = text_of(t, v);
    if (value_bits(s)) return s;
    error_clear(t);
    return str_of_format(t, "<%s %s() failed>", what, text_of == object_repr ? "repr" : "str");
}

// "module.QualName", bare for builtins and __main__.
static Value type_text(Thread *t, ValueRef e) {
    Type *type = value_type(e);
    Value module = object_getattr_or_undef(t, value_of(type), NAME(__module__)), name = slot_get(t, &type->qualname), result;
    if (!value_bits(module)) error_clear(t);
    bool bare = !value_bits(module) || !value_is_any_str(module) || str_equal_text(value_str(module), "builtins") || str_equal_text(value_str(module), "__main__");
    if (bare)
        result = value_dup(t, name);
    else
        result = str_of_format(t, "%S.%S", module, name);
    value_release(t, module);
    value_release(t, name);
    return result;
}

static bool is_blank(uint32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == '\v'; }

static int64_t int_field(ValueRef v, int64_t otherwise) {
    int64_t n;
    return value_bits(v) && (value_is_int(v) || value_is(v, INT)) && int_as_int64(v, &n) == 0 ? n : otherwise;
}

// What a SyntaxError says of the place, before its last line. *suffix: what follows the message.
static int put_syntax_error(Printer *p, StrBuilder *b, ValueRef e, Value *suffix) {
    Thread *t = p->t;
    SyntaxErrorObject *s = (SyntaxErrorObject *)value_object(e);
    Value filename = slot_get(t, &s->filename), lineno = slot_get(t, &s->lineno), text = slot_get(t, &s->text), offset_value = slot_get(t, &s->offset);
    Value end_offset_value = slot_get(t, &s->end_offset), end_lineno = slot_get(t, &s->end_lineno), head = UNDEF;
    bool has_line = value_bits(lineno) && value_bits(lineno) != value_bits(NONE);
    bool has_file = value_bits(filename) && value_bits(filename) != value_bits(NONE);
    int result = -1;
    if (has_line) {
        head = has_file ? str_of_format(t, "  File \"%S\", line %S\n", filename, lineno) : str_of_format(t, "  File \"<string>\", line %S\n", lineno);
        if (!value_bits(head)) goto done;
        str_builder_str(b, value_str(head));
    } else if (has_file) {
        *suffix = str_of_format(t, " (%S)", filename);
        if (!value_bits(*suffix)) goto done;
    }
    result = 0;
    Value read = UNDEF;
    if (has_line && has_file && (!value_bits(text) || value_bits(text) == value_bits(NONE)) && value_is_any_str(filename)) {
        // without the text in the exception, the file's line is shown
        ValueRef source = source_of(p, filename, UNDEF, UNDEF);
        size_t start, end;
        int64_t number = int_field(lineno, 0);
        if (value_bits(source) && number > 0 && number < INT32_MAX && find_line(value_str(source), (int32_t)number, &start, &end) && end > start)
            read = str_substring(t, value_str(source), start, end);
        if (error_pending(t)) error_clear(t);
    }
    ValueRef shown = value_bits(read) ? (ValueRef)read : (ValueRef)text;
    if (value_bits(shown) && value_is_any_str(shown)) {
        Str *line = value_str(shown);
        size_t n = str_length(line), start = 0;
        while (n && str_char(line, n - 1) == '\n') n--;
        while (start < n && (str_char(line, start) == ' ' || str_char(line, start) == '\n' || str_char(line, start) == '\f')) start++;
        put_margin(b);
        str_builder_slice(b, line, start, n);
        str_builder_char(b, '\n');
        int64_t offset = int_field(offset_value, -1), number = int_field(lineno, -1);
        if (offset >= 0 && number >= 0) {
            int64_t end = number == int_field(end_lineno, -2) ? int_field(end_offset_value, 0) : (int64_t)n + 1;
            // Made-up offsets end behind the line's last character.
            if (offset > (int64_t)n + 1) offset = (int64_t)n + 1;
            if (end > (int64_t)n + 1) end = (int64_t)n + 1;
            if (end <= offset) end = offset + 1;
            int64_t column = offset - 1 - (int64_t)start, end_column = end - 1 - (int64_t)start;
            if (column >= 0) {
                put_margin(b);
                for (int64_t i = 0; i < column; i++) {
                    uint32_t c = start + (size_t)i < n ? str_char(line, start + (size_t)i) : ' ';
                    str_builder_char(b, is_blank(c) ? c : ' ');
                }
                for (int64_t i = column; i < end_column; i++) str_builder_char(b, '^');
                str_builder_char(b, '\n');
            }
        }
    }
    value_release(t, read);
done:
    value_release(t, filename);
    value_release(t, lineno);
    value_release(t, text);
    value_release(t, offset_value);
    value_release(t, end_offset_value);
    value_release(t, end_lineno);
    value_release(t, head);
    return result;
}

static int put_notes(Printer *p, StrBuilder *b, ValueRef e) {
    Thread *t = p->t;
    Value notes = object_getattr_or_undef(t, e, NAME(__notes__)), items = UNDEF;
    int result = -1;
    if (!value_bits(notes) || value_bits(notes) == value_bits(NONE)) {
        error_clear(t);
        return 0;
    }
    if (!value_is_any_list(notes) && !value_is_any_tuple(notes)) {
        Value text = safe_text(t, notes, object_repr, "__notes__");
        if (value_bits(text)) {
            str_builder_str(b, value_str(text));
            str_builder_char(b, '\n');
            result = 0;
        }
        value_release(t, text);
        value_release(t, notes);
        return result;
    }
    if (!value_bits(items = tuple_from_iterable(t, notes))) goto done;
    for (int64_t i = 0; i < value_tuple(items)->length; i++) {
        Value text = safe_text(t, tuple_item(value_tuple(items), i), object_str, "note");
        if (!value_bits(text)) goto done;
        str_builder_str(b, value_str(text));
        str_builder_char(b, '\n');
        value_release(t, text);
    }
    result = 0;
done:
    value_release(t, notes);
    value_release(t, items);
    return result;
}

static Value only_text(Printer *p, ValueRef e) {
    Thread *t = p->t;
    StrBuilder b;
    str_builder_init(&b, t);
    Value type = type_text(t, e), message = UNDEF, suffix = UNDEF;
    if (!value_bits(type)) goto failed;
    bool syntax = value_is_instance(e, EXCEPTION(SYNTAX_ERROR));
    if (syntax) {
        if (put_syntax_error(p, &b, e, &suffix) < 0) goto failed;
        Value msg = slot_get(t, &((SyntaxErrorObject *)value_object(e))->msg);
        bool none = !value_bits(msg) || value_bits(msg) == value_bits(NONE);
        message = none ? str_from_text(t, "<no detail available>") : safe_text(t, msg, object_str, "exception");
        value_release(t, msg);
    } else {
        message = safe_text(t, e, object_str, "exception");
    }
    if (!value_bits(message)) goto failed;
    if (!p->plain && !syntax) {
        Value more = suggest_for_exception(t, e), longer = value_bits(more) ? str_concat(t, message, more) : UNDEF;
        value_release(t, more);
        value_release(t, message);
        if (!value_bits(message = longer)) goto failed;
    }
    str_builder_str(&b, value_str(type));
    if (str_length(value_str(message)) || syntax) {
        str_builder_text(&b, ": ", 2);
        str_builder_str(&b, value_str(message));
    }
    if (value_bits(suffix)) str_builder_str(&b, value_str(suffix));
    str_builder_char(&b, '\n');
    if (put_notes(p, &b, e) < 0) goto failed;
    value_release(t, type);
    value_release(t, message);
    value_release(t, suffix);
    return str_builder_finish(&b);
failed:
    value_release(t, type);
    value_release(t, message);
    value_release(t, suffix);
    str_builder_abandon(&b);
    return UNDEF;
}

// ---- chains and groups

static void put_indent(Printer *p) {
    for (int i = 0; i < p->depth; i++) str_builder_text(&p->out, "  ", 2);
}

// Text with the margin of the groups around it. Consumes the text; -1 where it is UNDEF.
static int emit(Printer *p, Value text_steal, char margin) {
    if (!value_bits(text_steal)) return -1;
    Str *s = value_str(text_steal);
    size_t n = str_length(s), i = 0;
    if (p->depth == 0) {
        str_builder_str(&p->out, s);
        i = n;
    }
    while (i < n) {
        size_t end = i;
        while (end < n && str_char(s, end) != '\n') end++;
        if (end < n) end++;
        put_indent(p);
        str_builder_char(&p->out, (uint32_t)(unsigned char)margin);
        str_builder_char(&p->out, ' ');
        str_builder_slice(&p->out, s, i, end);
        i = end;
    }
    value_release(p->t, text_steal);
    return 0;
}

static bool was_seen(Printer *p, ValueRef e) {
    List *l = value_list(p->seen);
    for (int64_t i = list_length(l); i-- > 0;)
        if (value_bits(slot_borrow(&l->items->item[i])) == value_bits(e)) return true;
    return false;
}

static int format_chain(Printer *p, ValueRef exception);

static int format_group(Printer *p, ValueRef e, ValueRef traceback) {
    Thread *t = p->t;
    if (p->depth > GROUP_DEPTH) return emit(p, str_of_format(t, "... (max_group_depth is %d)\n", GROUP_DEPTH), '|');
    bool top = p->depth == 0;
    if (top) p->depth++;
    Value members = UNDEF;
    int result = -1;
    if (value_bits(traceback) && (emit(p, str_from_text(t, "Exception Group Traceback (most recent call last):\n"), top ? '+' : '|') < 0 || emit(p, stack_text(p, traceback), '|') < 0))
        goto done;
    if (emit(p, only_text(p, e), '|') < 0) goto done;
    members = slot_get(t, &((ExceptionGroup *)value_object(e))->exceptions);
    int64_t all = value_bits(members) ? value_tuple(members)->length : 0, n = all <= GROUP_WIDTH ? all : GROUP_WIDTH + 1;
    p->need_close = false;
    for (int64_t i = 0; i < n; i++) {
        bool last = i == n - 1, truncated = i >= GROUP_WIDTH;
        char title[64];
        if (last) p->need_close = true; // perhaps closed by a member that is a group
        put_indent(p);
        int wrote = truncated ? snprintf(title, sizeof title, "%s+---------------- ... ----------------\n", i == 0 ? "+-" : "  ")
                              : snprintf(title, sizeof title, "%s+---------------- %lld ----------------\n", i == 0 ? "+-" : "  ", (long long)i + 1);
        str_builder_text(&p->out, title, (size_t)wrote);
        p->depth++;
        int bad = truncated ? emit(p, str_of_format(t, "and %lld more exception%s\n", (long long)(all - GROUP_WIDTH), all - GROUP_WIDTH > 1 ? "s" : ""), '|')
                            : format_chain(p, tuple_item(value_tuple(members), i));
        if (!bad && last && p->need_close) {
            put_indent(p);
            static const char line[] = "+------------------------------------\n";
            str_builder_text(&p->out, line, sizeof line - 1);
            p->need_close = false;
        }
        p->depth--;
        if (bad) goto done;
    }
    result = 0;
done:
    if (top) p->depth = 0;
    value_release(t, members);
    return result;
}

// An exception with those that led to it, the oldest first.
static int format_chain(Printer *p, ValueRef exception) {
    Thread *t = p->t;
    if (native_stack_exhausted(t, " while printing a traceback")) return -1;
    Value chain = list_new(t, 2), links = list_new(t, 2), e = UNDEF; // links: what is said before the exception: 1 cause, 2 context, 0 nothing
    int result = -1;
    if (!value_bits(chain) || !value_bits(links)) goto done;
    e = value_dup(t, exception);
    while (value_bits(e)) {
        if (list_append(t, value_list(p->seen), value_dup(t, e)) < 0 || list_append(t, value_list(chain), value_dup(t, e)) < 0) goto done;
        BaseException *x = value_exception(e);
        Value next = slot_get(t, &x->cause);
        int64_t link = 1;
        if (!value_bits(next) && !__atomic_load_n(&x->suppress_context, __ATOMIC_RELAXED)) {
            next = slot_get(t, &x->context);
            link = 2;
        }
        if (value_bits(next) && was_seen(p, next)) VALUE_CLEAR(t, next);
        if (list_append(t, value_list(links), value_int(value_bits(next) ? link : 0)) < 0) {
            value_release(t, next);
            goto done;
        }
        value_release(t, e);
        e = next;
    }
    for (int64_t i = list_length(value_list(chain)); i-- > 0;) {
        Value link = list_get(t, value_list(links), i);
        static const char *const said[3] = {NULL, "\nThe above exception was the direct cause of the following exception:\n\n",
                                            "\nDuring handling of the above exception, another exception occurred:\n\n"};
        const char *text = said[value_get_int(link)];
        if (text && emit(p, str_from_text(t, text), '|') < 0) goto done;
        e = list_get(t, value_list(chain), i);
        Value traceback = shown_traceback(t, e);
        int bad;
        if (value_is_instance(e, EXCEPTION(BASE_EXCEPTION_GROUP)))
            bad = format_group(p, e, traceback);
        else
            bad = (value_bits(traceback) && (emit(p, str_from_text(t, "Traceback (most recent call last):\n"), '|') < 0 || emit(p, stack_text(p, traceback), '|') < 0)) ||
                  emit(p, only_text(p, e), '|') < 0;
        value_release(t, traceback);
        VALUE_CLEAR(t, e);
        if (bad) goto done;
    }
    result = 0;
done:
    value_release(t, e);
    value_release(t, chain);
    value_release(t, links);
    return result;
}

Value exception_format(Thread *t, ValueRef exception) {
    Printer p = {.t = t, .seen = list_new(t, 4)};
    if (!value_bits(p.seen)) return UNDEF;
    str_builder_init(&p.out, t);
    Value text = UNDEF;
    if (format_chain(&p, exception) < 0)
        str_builder_abandon(&p.out);
    else
        text = str_builder_finish(&p.out);
    value_release(t, p.seen);
    value_release(t, p.file_name);
    value_release(t, p.file_text);
    return text;
}

// The traceback with bare lines and the exception alone.
static Value format_plain(Thread *t, ValueRef exception) {
    Printer p = {.t = t, .plain = true};
    str_builder_init(&p.out, t);
    Value traceback = shown_traceback(t, exception), text = UNDEF;
    bool bad = value_bits(traceback) && (emit(&p, str_from_text(t, "Traceback (most recent call last):\n"), '|') < 0 || emit(&p, stack_text(&p, traceback), '|') < 0);
    if (bad || emit(&p, only_text(&p, exception), '|') < 0)
        str_builder_abandon(&p.out);
    else
        text = str_builder_finish(&p.out);
    value_release(t, traceback);
    value_release(t, p.file_name);
    value_release(t, p.file_text);
    return text;
}

static int print_text(Thread *t, Value text, ValueRef file);
int exception_print(Thread *t, ValueRef exception, ValueRef file) { return print_text(t, exception_format(t, exception), file); }
int exception_print_plain(Thread *t, ValueRef exception, ValueRef file) { return print_text(t, format_plain(t, exception), file); }

// Writes the text (consumed; UNDEF fails) to the file, or to file descriptor 2.
static int print_text(Thread *t, Value text, ValueRef file) {
    if (!value_bits(text)) return -1;
    int result = 0;
    if (value_bits(file) && value_bits(file) != value_bits(NONE)) {
        Value r = call_method_1(t, file, NAME(write), text);
        result = value_bits(r) ? 0 : -1;
        value_release(t, r);
    } else {
        char *allocated = NULL;
        size_t n, done = 0;
        const char *bytes = str_utf8(t, value_str(text), &n, &allocated);
        if (!bytes) { // lone surrogates
            error_clear(t);
            Value ascii = object_ascii(t, text);
            VALUE_CLEAR(t, text);
            text = ascii;
            bytes = value_bits(text) ? str_utf8(t, value_str(text), &n, &allocated) : NULL;
        }
        while (bytes && done < n) {
            ssize_t wrote = write(2, bytes + done, n - done);
            if (wrote <= 0) break;
            done += (size_t)wrote;
        }
        free(allocated);
        result = bytes ? 0 : -1;
    }
    value_release(t, text);
    return result;
}

// datetime.time: a time of day, with or without a time zone.
#include "runtime/modules/datetime.h"
#include "runtime/objects/str_internal.h"

static Value time_make(Thread *t, Type *type, Clock clock, ValueRef zone) {
    Time *o = object_new(t, type);
    if (!o) return UNDEF;
    o->clock = clock;
    slot_init(&o->zone, value_dup(t, zone));
    return value_of(o);
}
Value time_new(Thread *t, Type *type, Clock c, ValueRef zone) {
    if (type == TYPE_OF(TIME)) return time_make(t, type, c, zone);
    ValueRef parts[6] = {value_int(c.hour), value_int(c.minute), value_int(c.second), value_int(c.microsecond), zone, value_int(c.fold)}, fold = NAME(fold);
    Value names = tuple_from_refs(t, &fold, 1);
    Value made = value_bits(names) ? call_object(t, value_of(type), parts, 5, value_tuple(names)) : UNDEF;
    value_release(t, names);
    return made;
}
static int read_clock(Thread *t, const ValueRef *given, ValueRef fold, Clock *out) { // hour, minute, second, microsecond
    int part[5] = {out->hour, out->minute, out->second, out->microsecond, out->fold};
    for (int i = 0; i < 4; i++)
        if (value_bits(given[i]) && arg_int(t, given[i], &part[i]) < 0) return -1;
    if (value_bits(fold) && arg_int(t, fold, &part[4]) < 0) return -1;
    if (clock_check(t, part[0], part[1], part[2], part[3], part[4]) < 0) return -1;
    *out = (Clock){(uint8_t)part[0], (uint8_t)part[1], (uint8_t)part[2], (uint8_t)part[4], part[3]};
    return 0;
}
static Value time_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    uint8_t s[6];
    bool bad_text;
    Clock c = {0};
    if (nargs >= 1 && nargs <= 2 && !kwnames && state_bytes(args[0], s, 6, &bad_text) && (s[0] & 0x7f) < 24) {
        if (bad_text)
            return raise(t, VALUE_ERROR, "Failed to encode latin1 string when unpickling a time object. pickle.load(data, encoding='latin1') is assumed.");
        ValueRef zone = nargs == 2 ? args[1] : (ValueRef)NONE;
        if (!is_none(zone) && !is_tzinfo(zone)) return raise(t, TYPE_ERROR, "bad tzinfo state arg");
        c = (Clock){s[0] & 0x7f, s[1], s[2], s[0] >> 7, s[3] << 16 | s[4] << 8 | s[5]};
        return time_make(t, (Type *)value_object(type), c, zone);
    }
    ValueRef given[6];
    if (args_bind(t, "time", "(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)", args, nargs, kwnames, given) < 0) return UNDEF;
    ValueRef zone = value_bits(given[4]) ? given[4] : (ValueRef)NONE;
    if (read_clock(t, given, given[5], &c) < 0 || zone_check(t, zone) < 0) return UNDEF;
    return time_make(t, (Type *)value_object(type), c, zone);
}

// ---- class methods
NATIVE(time_fromisoformat) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "fromisoformat: argument must be str");
    const Str *s = value_str(args[0]);
    size_t n = str_length(s), from = n && str_char(s, 0) == 'T';
    IsoTime iso;
    if (!iso_read_time(s, from, n, &iso)) return raise(t, VALUE_ERROR, "Invalid isoformat string: %R", args[0]);
    if (iso.bad_midnight) return raise(t, VALUE_ERROR, "minute, second, and microsecond must be 0 when hour is 24");
    if (clock_check(t, iso.hour, iso.minute, iso.second, iso.microsecond, 0) < 0) return UNDEF;
    Value zone = NONE;
    if (iso.zoned) {
        Value offset = delta_of_microseconds(t, iso.offset);
        zone = value_bits(offset) ? zone_of(t, offset, UNDEF) : UNDEF;
        value_release(t, offset);
        if (!value_bits(zone)) return UNDEF;
    }
    Value made = time_new(t, (Type *)value_object(self), (Clock){(uint8_t)iso.hour, (uint8_t)iso.minute, (uint8_t)iso.second, 0, iso.microsecond}, zone);
    value_release(t, zone);
    return made;
}
NATIVE(time_strptime) {
    Value read = import_from(t, "_strptime", "_strptime_datetime_time"), made = value_bits(read) ? call_3(t, read, self, args[0], args[1]) : UNDEF;
    value_release(t, read);
    return made;
}

// ---- methods
NATIVE(time_isoformat) {
    if (value_bits(args[0]) && !value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "isoformat() argument 'timespec' must be str, not %K", args[0]);
    Time *o = value_time(self);
    StrBuilder b;
    str_builder_init(&b, t);
    if (clock_text(t, &b, &o->clock, args[0]) == 0 && zone_text(t, &b, o->zone, NONE) == 0) return str_builder_finish(&b);
    str_builder_abandon(&b);
    return UNDEF;
}
static Value time_str(Thread *t, ValueRef self) { return call_method_0(t, self, NAME(isoformat)); }
NATIVE(time_strftime) {
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "strftime() argument 1 must be str, not %K", args[0]);
    Clock *c = &value_time(self)->clock;
    Value fields[9] = {value_int(1900), value_int(1), value_int(1), value_int(c->hour), value_int(c->minute), value_int(c->second), value_int(0), value_int(1), value_int(-1)};
    Value tuple = tuple_from_values(t, fields, 9);
    Value text = value_bits(tuple) ? moment_strftime(t, self, args[0], tuple, value_time(self)->zone, NONE) : UNDEF;
    value_release(t, tuple);
    return text;
}
NATIVE(time_format) { return moment_format(t, self, args[0]); }
NATIVE(time_utcoffset) { return zone_delta(t, value_time(self)->zone, NAME(utcoffset), NONE); }
NATIVE(time_dst) { return zone_delta(t, value_time(self)->zone, NAME(dst), NONE); }
NATIVE(time_tzname) { return zone_name(t, value_time(self)->zone, NONE); }
NATIVE(time_replace) {
    Time *o = value_time(self);
    Clock c = o->clock;
    ValueRef zone = value_bits(args[4]) ? args[4] : (ValueRef)o->zone;
    if (read_clock(t, args, args[5], &c) < 0 || zone_check(t, zone) < 0) return UNDEF;
    return time_new(t, value_type(self), c, zone);
}
static Value time_state(Thread *t, ValueRef self, int protocol) {
    Clock *c = &value_time(self)->clock;
    uint8_t s[6] = {c->hour, c->minute, c->second, (uint8_t)(c->microsecond >> 16), (uint8_t)(c->microsecond >> 8), (uint8_t)c->microsecond};
    if (protocol > 3 && c->fold) s[0] |= 0x80;
    Value bytes = bytes_new(t, s, sizeof s);
    if (!value_bits(bytes) || is_none(value_time(self)->zone)) return value_bits(bytes) ? tuple_from_values(t, &bytes, 1) : UNDEF;
    return container_tuple_2(t, bytes, value_dup(t, value_time(self)->zone));
}
NATIVE(time_reduce) { return container_tuple_2(t, value_dup(t, value_of(value_type(self))), time_state(t, self, 2)); }
NATIVE(time_reduce_ex) {
    int protocol;
    return arg_int(t, args[0], &protocol) < 0 ? UNDEF : container_tuple_2(t, value_dup(t, value_of(value_type(self))), time_state(t, self, protocol));
}
static Value time_repr(Thread *t, ValueRef self) {
    Time *o = value_time(self);
    Clock *c = &o->clock;
    char text[64];
    int n = snprintf(text, sizeof text, "(%d, %d", c->hour, c->minute);
    if (c->second || c->microsecond) n += snprintf(text + n, sizeof text - (size_t)n, ", %d", c->second);
    if (c->microsecond) n += snprintf(text + n, sizeof text - (size_t)n, ", %d", c->microsecond);
    Value name = str_of_format(t, "%T", self);
    if (!value_bits(name)) return UNDEF;
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_str(&b, value_str(name));
    value_release(t, name);
    str_builder_text(&b, text, (size_t)n);
    if (repr_zone(t, &b, o->zone) < 0) {
        str_builder_abandon(&b);
        return UNDEF;
    }
    if (c->fold) str_builder_text(&b, ", fold=1", 8);
    str_builder_char(&b, ')');
    return str_builder_finish(&b);
}

// ---- comparing: by the time in UTC where both are zoned
static int64_t clock_microseconds(const Clock *c) { return ((c->hour * 60 + c->minute) * INT64_C(60) + c->second) * 1000000 + c->microsecond; }
static Value time_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if (!is_time(b)) return NOT_IMPLEMENTED;
    Time *x = value_time(a), *y = value_time(b);
    int64_t p = clock_microseconds(&x->clock), q = clock_microseconds(&y->clock), of_x = 0, of_y = 0;
    if (value_bits(x->zone) != value_bits(y->zone)) {
        int known_x = zone_offset(t, x->zone, NAME(utcoffset), NONE, &of_x), known_y = known_x < 0 ? -1 : zone_offset(t, y->zone, NAME(utcoffset), NONE, &of_y);
        if (known_y < 0) return UNDEF;
        if (known_x != known_y) {
            if (op == CMP_EQ || op == CMP_NE) return value_bool(op == CMP_NE);
            return raise(t, TYPE_ERROR, "can't compare offset-naive and offset-aware times");
        }
        p -= of_x;
        q -= of_y;
    }
    switch (op) {
    case CMP_LT: return value_bool(p < q);
    case CMP_LE: return value_bool(p <= q);
    case CMP_EQ: return value_bool(p == q);
    case CMP_NE: return value_bool(p != q);
    case CMP_GT: return value_bool(p > q);
    default: return value_bool(p >= q);
    }
}
// As if fold were 0: times that differ in it alone are equal.
static int64_t time_hash(Thread *t, ValueRef self) {
    Time *o = value_time(self);
    Clock c = o->clock;
    c.fold = 0;
    int64_t us = clock_microseconds(&c), offset;
    int known = zone_offset(t, o->zone, NAME(utcoffset), NONE, &offset);
    if (known < 0) return -1;
    if (known) {
        us -= offset;
        return value_hash(t, value_int(us));
    }
    return str_hash_raw((const uint8_t *)&us, sizeof us);
}

static Value get_hour(Thread *t, ValueRef self) { return value_int(value_time(self)->clock.hour); }
static Value get_minute(Thread *t, ValueRef self) { return value_int(value_time(self)->clock.minute); }
static Value get_second(Thread *t, ValueRef self) { return value_int(value_time(self)->clock.second); }
static Value get_microsecond(Thread *t, ValueRef self) { return value_int(value_time(self)->clock.microsecond); }
static Value get_fold(Thread *t, ValueRef self) { return value_int(value_time(self)->clock.fold); }
static Value get_zone(Thread *t, ValueRef self) { return value_dup(t, value_time(self)->zone); }
static int time_ready(Thread *t, Type *type) {
    return type_add(t, type, "min", time_make(t, type, (Clock){0}, NONE)) < 0 || type_add(t, type, "max", time_make(t, type, (Clock){23, 59, 59, 0, 999999}, NONE)) < 0 ||
                   type_add(t, type, "resolution", delta_of_microseconds(t, 1)) < 0
               ? -1
               : 0;
}
#define REPLACE_SIGNATURE                                                                                                             \
    "($self, /, hour=<unrepresentable>, minute=<unrepresentable>, second=<unrepresentable>, microsecond=<unrepresentable>, "          \
    "tzinfo=<unrepresentable>, *, fold=<unrepresentable>)"
static const GetSetDef getset[] = {
    {"hour", get_hour, NULL, NULL}, {"minute", get_minute, NULL, NULL}, {"second", get_second, NULL, NULL}, {"microsecond", get_microsecond, NULL, NULL},
    {"tzinfo", get_zone, NULL, NULL}, {"fold", get_fold, NULL, NULL}, GETSET_END};
static const NativeDef methods[] = {
    {"fromisoformat", time_fromisoformat, "($type, string, /)", "The time that ISO 8601 text says.", NATIVE_CLASS},
    {"strptime", time_strptime, "($type, string, format, /)", "The time that text says by a format.", NATIVE_CLASS},
    {"isoformat", time_isoformat, "($self, /, timespec='auto')", "HH:MM:SS[.ffffff] with the offset behind; timespec says how exact.", 0},
    {"strftime", time_strftime, "($self, /, format)", "Text by a format.", 0},
    {"__format__", time_format, "($self, format, /)", "Formats by strftime.", 0},
    {"utcoffset", time_utcoffset, "($self, /)", "The zone's offset from UTC, or None.", 0},
    {"tzname", time_tzname, "($self, /)", "The zone's name, or None.", 0},
    {"dst", time_dst, "($self, /)", "The zone's daylight saving, or None.", 0},
    {"replace", time_replace, REPLACE_SIGNATURE, "The time with other parts.", 0},
    {"__replace__", time_replace, REPLACE_SIGNATURE, "The same as replace().", 0},
    {"__reduce__", time_reduce, "($self, /)", "How to pickle it.", 0},
    {"__reduce_ex__", time_reduce_ex, "($self, proto, /)", "How to pickle it.", 0},
    NATIVE_END};
static void time_destroy(Thread *t, Object *o) { VALUE_CLEAR(t, ((Time *)o)->zone); }
static void time_traverse(Object *o, VisitFn visit, void *arg) { visit(&((Time *)o)->zone, arg); }
const TypeSpec time_of_day_spec = {
    .name = "datetime.time",
    .doc = "A time of day: time([hour[, minute[, second[, microsecond[, tzinfo]]]]], *, fold=0).",
    .size = sizeof(Time),
    .flags = TYPE_BASE,
    .ops = {.repr = time_repr, .str = time_str, .hash = time_hash, .compare = time_compare, .new = time_new_slot},
    .methods = methods,
    .getset = getset,
    .destroy = time_destroy,
    .traverse = time_traverse,
    .ready = time_ready};

// datetime.tzinfo, the base of time zones, and datetime.timezone, those of a fixed offset; what is asked of any tzinfo.
#include <time.h>
#include "runtime/modules/datetime.h"
#include "runtime/support/hash.h"

int zone_check(Thread *t, ValueRef zone) {
    if (is_none(zone) || is_tzinfo(zone)) return 0;
    return raise_int(t, TYPE_ERROR, "tzinfo argument must be None or of a tzinfo subclass, not type '%T'", zone);
}
ValueRef zone_utc(void) { return type_dict_get(TYPE_OF(TIMEZONE), NAME(utc)); }

static int check_offset(Thread *t, ValueRef offset) {
    __int128 n = delta_microseconds(value_delta(offset));
    if (n > -(__int128)DAY_MICROSECONDS && n < DAY_MICROSECONDS) return 0;
    return raise_int(t, VALUE_ERROR, "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not %R", offset);
}

// ---- asking
Value zone_delta(Thread *t, ValueRef zone, ValueRef method, ValueRef argument) {
    if (is_none(zone)) return NONE;
    if (value_is(zone, TIMEZONE)) return method == NAME(dst) ? NONE : value_dup(t, value_zone(zone)->offset);
    Value offset = call_method_1(t, zone, method, argument);
    if (!value_bits(offset) || is_none(offset)) return offset;
    if (!is_delta(offset)) {
        raise(t, TYPE_ERROR, "tzinfo.%S() must return None or timedelta, not '%T'", method, (ValueRef)offset);
        VALUE_CLEAR(t, offset);
    } else if (check_offset(t, offset) < 0) {
        VALUE_CLEAR(t, offset);
    }
    return offset;
}
int zone_offset(Thread *t, ValueRef zone, ValueRef method, ValueRef argument, int64_t *microseconds) {
    *microseconds = 0;
    Value offset = zone_delta(t, zone, method, argument);
    if (!value_bits(offset)) return -1;
    if (is_none(offset)) return 0;
    *microseconds = (int64_t)delta_microseconds(value_delta(offset));
    value_release(t, offset);
    return 1;
}
static Value fixed_name(Thread *t, ValueRef self);
Value zone_name(Thread *t, ValueRef zone, ValueRef argument) {
    if (is_none(zone)) return NONE;
    if (value_is(zone, TIMEZONE)) return fixed_name(t, zone);
    Value name = call_method_1(t, zone, NAME(tzname), argument);
    if (!value_bits(name) || is_none(name) || value_is_any_str(name)) return name;
    raise(t, TYPE_ERROR, "tzinfo.tzname() must return None or a string, not '%T'", (ValueRef)name);
    value_release(t, name);
    return UNDEF;
}
void offset_text(StrBuilder *b, int64_t microseconds, const char *separator) {
    int64_t n = microseconds < 0 ? -microseconds : microseconds;
    int seconds = (int)(n / 1000000);
    char text[40];
    int length = snprintf(text, sizeof text, "%c%02d%s%02d", microseconds < 0 ? '-' : '+', seconds / 3600, separator, seconds / 60 % 60);
    if (seconds % 60 || n % 1000000) length += snprintf(text + length, sizeof text - (size_t)length, "%s%02d", separator, seconds % 60);
    if (n % 1000000) length += snprintf(text + length, sizeof text - (size_t)length, ".%06d", (int)(n % 1000000));
    str_builder_text(b, text, (size_t)length);
}

// ---- tzinfo
NATIVE(tzinfo_utcoffset) { return raise(t, NOT_IMPLEMENTED_ERROR, "a tzinfo subclass must implement utcoffset()"); }
NATIVE(tzinfo_dst) { return raise(t, NOT_IMPLEMENTED_ERROR, "a tzinfo subclass must implement dst()"); }
NATIVE(tzinfo_tzname) { return raise(t, NOT_IMPLEMENTED_ERROR, "a tzinfo subclass must implement tzname()"); }

static int check_from_utc(Thread *t, ValueRef self, ValueRef moment) {
    if (!is_datetime(moment)) return raise_int(t, TYPE_ERROR, "fromutc: argument must be a datetime");
    if (value_bits(value_datetime(moment)->zone) != value_bits(self)) return raise_int(t, VALUE_ERROR, "fromutc: dt.tzinfo is not self");
    return 0;
}
// moment.utcoffset() or .dst(), which must be known. Owned.
static Value known(Thread *t, ValueRef moment, ValueRef method, const char *complaint) {
    Value v = call_method_0(t, moment, method);
    if (!value_bits(v) || is_delta(v)) return v;
    if (is_none(v)) raise(t, VALUE_ERROR, "%s", complaint);
    else raise(t, TYPE_ERROR, "tzinfo.%S() must return None or timedelta, not '%T'", method, (ValueRef)v);
    value_release(t, v);
    return UNDEF;
}
// Local time is the moment plus its zone's standard offset, and plus what the zone then calls daylight saving there.
NATIVE(tzinfo_fromutc) {
    if (check_from_utc(t, self, args[0]) < 0) return UNDEF;
    Value offset = known(t, args[0], NAME(utcoffset), "fromutc: non-None utcoffset() result required"), dst = UNDEF, standard = UNDEF, result = UNDEF;
    if (value_bits(offset)) dst = known(t, args[0], NAME(dst), "fromutc: non-None dst() result required");
    if (value_bits(dst)) standard = object_binary(t, BIN_SUB, offset, dst);
    if (value_bits(standard)) result = object_binary(t, BIN_ADD, args[0], standard);
    value_release(t, dst);
    dst = value_bits(result) ? known(t, result, NAME(dst), "fromutc: tz.dst() gave inconsistent results; cannot convert") : UNDEF;
    if (!value_bits(dst)) {
        VALUE_CLEAR(t, result);
    } else if (delta_microseconds(value_delta(dst)) != 0) {
        Value sum = object_binary(t, BIN_ADD, result, dst);
        value_release(t, result);
        result = sum;
    }
    value_release(t, offset);
    value_release(t, dst);
    value_release(t, standard);
    return result;
}
NATIVE(tzinfo_reduce) {
    Value get = object_getattr_or_undef(t, self, NAME(__getinitargs__)), arguments = UNDEF;
    if (!value_bits(get) && error_pending(t)) return UNDEF;
    arguments = value_bits(get) ? call_0(t, get) : tuple_from_refs(t, NULL, 0);
    value_release(t, get);
    Value state = value_bits(arguments) ? call_method_0(t, self, NAME(__getstate__)) : UNDEF;
    return container_tuple_3(t, value_dup(t, value_of(value_type(self))), arguments, state);
}
static Value tzinfo_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    void *o = object_new(t, (Type *)value_object(type));
    return o ? value_of(o) : UNDEF;
}
static void tzinfo_destroy(Thread *t, Object *o) {}
static void tzinfo_traverse(Object *o, VisitFn visit, void *arg) {}
static const NativeDef tzinfo_methods[] = {
    {"tzname", tzinfo_tzname, "($self, dt, /)", "The zone's name at the datetime.", 0},
    {"utcoffset", tzinfo_utcoffset, "($self, dt, /)", "How far local time is ahead of UTC at the datetime, a timedelta or None.", 0},
    {"dst", tzinfo_dst, "($self, dt, /)", "How much of it is daylight saving, a timedelta or None.", 0},
    {"fromutc", tzinfo_fromutc, "($self, dt, /)", "The zone's local time of a datetime in UTC that has this zone attached.", 0},
    {"__reduce__", tzinfo_reduce, "($self, /)", "How to pickle it.", 0},
    NATIVE_END};
const TypeSpec tzinfo_spec = {
    .name = "datetime.tzinfo",
    .doc = "The base class of time zones: subclasses say utcoffset, dst and tzname.",
    .size = sizeof(Container),
    .flags = TYPE_BASE,
    .ops = {.new = tzinfo_new_slot},
    .methods = tzinfo_methods,
    .destroy = tzinfo_destroy,
    .traverse = tzinfo_traverse};

// ---- timezone
static Value zone_make(Thread *t, Type *type, ValueRef offset, ValueRef name_or_undef) {
    Zone *z = object_new(t, type);
    if (!z) return UNDEF;
    slot_init(&z->offset, value_dup(t, offset));
    slot_init(&z->name, value_dup(t, name_or_undef));
    return value_of(z);
}
Value zone_of(Thread *t, ValueRef offset, ValueRef name_or_undef) {
    if (!value_bits(name_or_undef) && delta_microseconds(value_delta(offset)) == 0) return value_dup(t, zone_utc());
    return check_offset(t, offset) < 0 ? UNDEF : zone_make(t, TYPE_OF(TIMEZONE), offset, name_or_undef);
}
static Value zone_new_slot(Thread *t, ValueRef type, const ValueRef *args, uint32_t nargs, Tuple *kwnames) {
    ValueRef given[2];
    if (args_bind(t, "timezone", "(offset, name=None)", args, nargs, kwnames, given) < 0) return UNDEF;
    if (!is_delta(given[0])) return raise(t, TYPE_ERROR, "timezone() argument 1 must be datetime.timedelta, not %T", given[0]);
    if (value_bits(given[1]) && !value_is_any_str(given[1])) return raise(t, TYPE_ERROR, "timezone() argument 2 must be str, not %K", given[1]);
    return zone_of(t, given[0], given[1]);
}
static Value fixed_name(Thread *t, ValueRef self) {
    Zone *z = value_zone(self);
    if (value_bits(z->name)) return value_dup(t, z->name);
    int64_t offset = (int64_t)delta_microseconds(value_delta(z->offset));
    StrBuilder b;
    str_builder_init(&b, t);
    str_builder_text(&b, "UTC", 3);
    if (offset) offset_text(&b, offset, ":");
    return str_builder_finish(&b);
}
static Value zone_repr(Thread *t, ValueRef self) {
    Zone *z = value_zone(self);
    if (value_bits(self) == value_bits(zone_utc())) return str_from_text(t, "datetime.timezone.utc");
    if (value_bits(z->name)) return str_of_format(t, "%T(%R, %R)", self, (ValueRef)z->offset, (ValueRef)z->name);
    return str_of_format(t, "%T(%R)", self, (ValueRef)z->offset);
}
static int64_t zone_hash(Thread *t, ValueRef self) { return object_hash(t, value_zone(self)->offset); }
static Value zone_compare(Thread *t, ValueRef a, ValueRef b, int op) {
    if ((op != CMP_EQ && op != CMP_NE) || !value_is_instance(b, TYPE_OF(TIMEZONE))) return NOT_IMPLEMENTED;
    bool equal = delta_microseconds(value_delta(value_zone(a)->offset)) == delta_microseconds(value_delta(value_zone(b)->offset));
    return value_bool(equal == (op == CMP_EQ));
}
static int check_moment(Thread *t, ValueRef v, const char *method) {
    return is_none(v) || is_datetime(v) ? 0 : raise_int(t, TYPE_ERROR, "%s(dt) argument must be a datetime instance or None, not %T", method, v);
}
NATIVE(fixed_utcoffset) { return check_moment(t, args[0], "utcoffset") < 0 ? UNDEF : value_dup(t, value_zone(self)->offset); }
NATIVE(fixed_tzname) { return check_moment(t, args[0], "tzname") < 0 ? UNDEF : fixed_name(t, self); }
NATIVE(fixed_dst) { return check_moment(t, args[0], "dst") < 0 ? UNDEF : NONE; }
NATIVE(fixed_fromutc) { return check_from_utc(t, self, args[0]) < 0 ? UNDEF : object_binary(t, BIN_ADD, args[0], value_zone(self)->offset); }
NATIVE(fixed_getinitargs) {
    Zone *z = value_zone(self);
    ValueRef parts[2] = {z->offset, z->name};
    return tuple_from_refs(t, parts, value_bits(z->name) ? 2 : 1);
}
static void zone_destroy(Thread *t, Object *o) {
    VALUE_CLEAR(t, ((Zone *)o)->offset);
    VALUE_CLEAR(t, ((Zone *)o)->name);
}
static void zone_traverse(Object *o, VisitFn visit, void *arg) {
    visit(&((Zone *)o)->offset, arg);
    visit(&((Zone *)o)->name, arg);
}
static Value zone_constant(Thread *t, Type *type, int64_t minutes) {
    Value offset = delta_of_microseconds(t, minutes * 60000000), zone = value_bits(offset) ? zone_make(t, type, offset, UNDEF) : UNDEF;
    if (value_bits(zone)) object_make_immortal(value_object(offset)); // as what holds it
    return zone;
}
static int zone_ready(Thread *t, Type *type) {
    return type_add(t, type, "utc", zone_constant(t, type, 0)) < 0 || type_add(t, type, "min", zone_constant(t, type, -23 * 60 - 59)) < 0 ||
                   type_add(t, type, "max", zone_constant(t, type, 23 * 60 + 59)) < 0
               ? -1
               : 0;
}
static const NativeDef zone_methods[] = {
    {"tzname", fixed_tzname, "($self, dt, /)", "The name that was given, or 'UTC' with the offset.", 0},
    {"utcoffset", fixed_utcoffset, "($self, dt, /)", "The offset.", 0},
    {"dst", fixed_dst, "($self, dt, /)", "None.", 0},
    {"fromutc", fixed_fromutc, "($self, dt, /)", "The zone's local time of a datetime in UTC.", 0},
    {"__getinitargs__", fixed_getinitargs, "($self, /)", "What pickle makes it again from.", 0},
    NATIVE_END};
const TypeSpec timezone_spec = {
    .name = "datetime.timezone",
    .doc = "A time zone of a fixed offset from UTC: timezone(offset[, name]).",
    .size = sizeof(Zone),
    .base = T_TZINFO,
    .ops = {.repr = zone_repr, .str = fixed_name, .hash = zone_hash, .compare = zone_compare, .new = zone_new_slot},
    .methods = zone_methods,
    .destroy = zone_destroy,
    .traverse = zone_traverse,
    .ready = zone_ready};

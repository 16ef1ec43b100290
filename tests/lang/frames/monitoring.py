# sys.monitoring (PEP 669): which events come, in which order, with what.
import sys

monitoring = sys.monitoring
E = monitoring.events
TOOL = 2
NAMES = ("PY_START PY_RESUME PY_RETURN PY_YIELD CALL LINE BRANCH_LEFT BRANCH_RIGHT RAISE EXCEPTION_HANDLED PY_UNWIND PY_THROW RERAISE "
         "C_RETURN C_RAISE").split()
log = []


def shown(value):
    if value is monitoring.MISSING:
        return "MISSING"
    if isinstance(value, (int, str, type(None))):
        return repr(value)
    return getattr(value, "__name__", type(value).__name__)


def recorder(name):
    def record(code, *args):
        if code in watched:
            if name == "LINE":
                log.append((name, code.co_name, str(args[0] - code.co_firstlineno)))
            elif name.startswith("BRANCH"):
                log.append((name, code.co_name, "taken" if name.endswith("RIGHT") else "not taken"))
            else:
                log.append((name, code.co_name, *map(shown, args[1:])))
    return record


def refuses(function, *args):
    try:
        print(function.__name__, function(*args))
    except (ValueError, TypeError) as e:
        print(function.__name__, type(e).__name__, e)


refuses(monitoring.use_tool_id, 6, "x")
refuses(monitoring.use_tool_id, 2, 3)
refuses(monitoring.set_events, TOOL, E.LINE)
monitoring.use_tool_id(TOOL, "test")
refuses(monitoring.use_tool_id, TOOL, "again")
refuses(monitoring.get_tool, TOOL)
refuses(monitoring.set_events, TOOL, -1)
refuses(monitoring.set_events, TOOL, E.C_RETURN)
refuses(monitoring.set_local_events, TOOL, shown.__code__, E.RAISE)
refuses(monitoring.set_local_events, TOOL, shown, E.LINE)
refuses(monitoring.register_callback, TOOL, 3, None)
refuses(monitoring.register_callback, TOOL, 1 << 20, None)
monitoring.set_events(TOOL, E.BRANCH)
refuses(monitoring.get_events, TOOL)
refuses(monitoring._all_events)
monitoring.set_events(TOOL, 0)


def numbers(n):
    try:
        yield n
        yield n + 1
    except KeyError:
        yield -1
    return 4


def loops():
    total = 0
    for i in (1, 2):
        if i == 1:
            total += i
        total += 0
    while total < 3:
        total += 1
    return total


def throws():
    g = numbers(5)
    next(g)
    return g.throw(KeyError("k"))


def raises():
    int("x")


def handles():
    try:
        raises()
    except ValueError:
        return str(5)
    finally:
        len("a")


class Point:
    def __init__(self, x):
        self.x = x

    def double(self):
        return self.x * 2


def calls():
    p = Point(3)
    bound = p.double
    return p.double() + bound() + max(*[1, 2])


def leaves():
    try:
        1 / 0
    finally:
        pass


watched = {f.__code__ for f in (numbers, loops, throws, raises, handles, calls, leaves, Point.__init__, Point.double)}
for name in NAMES:
    monitoring.register_callback(TOOL, getattr(E, name), recorder(name))


def run(function):
    log.clear()
    monitoring.set_events(TOOL, sum(getattr(E, name) for name in NAMES))
    try:
        function()
    except ZeroDivisionError:
        pass
    monitoring.set_events(TOOL, 0)
    print("--", function.__name__)
    for event in log:
        print("  ", *event)


for function in (loops, throws, raises if False else handles, calls):
    run(function)
log.clear()
monitoring.set_events(TOOL, E.RAISE | E.PY_UNWIND)
try:
    leaves()
except ZeroDivisionError:
    pass
monitoring.set_events(TOOL, 0)
print(log)

# Events of one code object; disabling them in a place, and enabling them again.
lines = []


def once(code, line):
    lines.append(line - code.co_firstlineno)
    return monitoring.DISABLE


monitoring.register_callback(TOOL, E.LINE, once)
monitoring.set_local_events(TOOL, loops.__code__, E.LINE)
loops()
loops()
handles()
print(lines)
monitoring.restart_events()
loops()
print(lines)
monitoring.set_local_events(TOOL, loops.__code__, 0)
loops()
print(len(lines), monitoring.get_local_events(TOOL, loops.__code__))

# What cannot be disabled; what a callback raises.
monitoring.register_callback(TOOL, E.RAISE, lambda *args: monitoring.DISABLE)
monitoring.set_events(TOOL, E.RAISE)
try:
    raises()
except ValueError as e:
    print(e)
monitoring.set_events(TOOL, 0)


def angry(code, offset):
    if code is shown.__code__:
        raise KeyError("angry")


monitoring.register_callback(TOOL, E.PY_START, angry)
monitoring.set_events(TOOL, E.PY_START)
try:
    shown(1)
except KeyError as e:
    print("raised", e)
monitoring.free_tool_id(TOOL)
print(shown(1), monitoring.get_tool(TOOL), monitoring.get_events(TOOL))

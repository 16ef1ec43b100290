# sys.settrace and sys.setprofile.
import sys
events, kept = [], []
def tracer(frame, event, arg):
    code = frame.f_code
    if code.co_filename != __file__: return None
    if event == "exception": arg = arg[0].__name__
    if type(arg) not in (str, int, type(None)): arg = type(arg).__name__
    events.append((code.co_name, event, frame.f_lineno - code.co_firstlineno, arg))
    return tracer
def run(function, *args):
    events.clear()
    sys.settrace(tracer)
    try: kept.append(function(*args))
    except Exception: pass
    finally: sys.settrace(None)
    print(function.__name__)
    for e in events: print("   ", *e)
def loop():
    n = 2
    while n:
        n -= 1
def one_line():
    for i in range(2): pass
def generator():
    x = yield 1
    y = (yield 2)
    return 3
def delegates():
    return (yield from generator())
def use():
    g = delegates()
    g.send(None)
    g.send(5)
    return g
def fails(): raise ValueError
def passes_on():
    x = 1
    fails()
def handles():
    y = 0
    try:
        1 / 0
    except ZeroDivisionError as e:
        y = 1
    return y
def manager():
    class Manager:
        def __enter__(self): return self
        def __exit__(self, *args):
            return True
    with Manager():
        raise KeyError
    return "end"
def branches(a):
    if a:
        return "yes"
    else:
        return "no"
def conditional(a):
    if a:
        b = 1
async def inner(): return 5
async def outer():
    await inner()
for f in loop, one_line, use, passes_on, manager: run(f)
run(branches, 0)
run(conditional, 1)
run(conditional, 0)
# (whether the try line is told, is not compared)
events.clear()
sys.settrace(tracer)
handles()
sys.settrace(None)
print([e for e in events if e[2] != 2 or e[1] != "line"])

# Local functions: None keeps, another replaces, f_trace of running frames, f_trace_lines, f_trace_opcodes.
def counts():
    a = 1
    b = 2
    return a + b
seen = []
def only_returns(frame, event, arg):
    seen.append((event, arg))
    frame.f_trace_lines = False
    return only_returns
sys.settrace(only_returns)
counts()
sys.settrace(None)
print(seen)
def from_here(frame, event, arg):
    seen.append((event, frame.f_lineno - start))
    return from_here
def begins():
    global start
    seen.clear()
    start = sys._getframe().f_lineno
    sys._getframe().f_trace = from_here
    sys.settrace(lambda *args: None)
    x = 1
    y = 2
    sys.settrace(None)
    return x
begins()
print(seen)
# A trace function that raises ends tracing.
def breaks(frame, event, arg):
    if event == "line": raise RuntimeError("from the tracer")
    return breaks
sys.settrace(breaks)
try: counts()
except RuntimeError as e: print(e, sys.gettrace())
print(counts())
# It sees and sets locals.
def sets(frame, event, arg):
    if event == "line" and "b" in frame.f_locals: frame.f_locals["a"] = 40
    return sets
sys.settrace(sets)
result = counts()
sys.settrace(None)
print(result)

profile = []
def profiler(frame, event, arg):
    if frame.f_code.co_filename == __file__ and getattr(arg, "__name__", "") != "setprofile":
        profile.append((frame.f_code.co_name, event, getattr(arg, "__name__", arg)))
def natives():
    [].append(len("ab"))
    try: "a".index("b")
    except ValueError: pass
    return max(1, 2)
sys.setprofile(profiler)
natives()
list(generator())
try: fails()
except ValueError: pass
sys.setprofile(None)
for e in profile: print(*e)
print(sys.getprofile(), sys.gettrace())

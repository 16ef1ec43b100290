# f_locals of optimized code is a proxy that writes through (PEP 667).
import sys
def show(what, f):
    try: print(what, "->", f())
    except Exception as e: print(what, "->", type(e).__name__, e)
class Odd(str):
    def __hash__(self): return 0
class Like:
    def __hash__(self): return hash("a")
    def __eq__(self, other): return other == "a"
def function(a, b=2, *rest, key=3, **more):
    c, d = 4, 5
    del d
    def inner(): return a, c
    p = sys._getframe().f_locals
    print(type(p).__name__, p is sys._getframe().f_locals, p == sys._getframe().f_locals)
    print(list(p), p.keys(), list(reversed(p)), len(p))
    p["a"], p["c"], p["d"], p["new"] = 10, 40, 50, 60
    print(inner(), d, p["new"], locals()["new"], "new" in p, "never" in p)
    p[Odd("b")], p[Like()] = 20, 11
    print(a, b, p.get("b"), len(p))
    show("missing", lambda: p["nothing"])
    show("unhashable", lambda: p[[]])
    show("delete", lambda: p.__delitem__("a"))
    show("pop local", lambda: p.pop("a", 1))
    show("pop", lambda: (p.pop("new"), p.pop("new", 7)))
    show("pop missing", lambda: p.pop("new"))
    show("update", lambda: p.update(5))
    p.update({"b": 21, "other": 1})
    p |= {"key": 30}
    print(b, key, p.setdefault("b", 0), p.setdefault("fresh"), p.get("zz", 9))
    print(p == dict(p), p != dict(p), p == 3, type(p | {}), type({} | p), type(p.copy()))
    match p:
        case {"b": value}: print("mapping", value)
    show("hash", lambda: hash(p))
    return p
p = function(1)
print(p["a"], p["rest"], p["more"])
p["a"] = 99
print(p["a"], p["c"])

# Free variables, generators, comprehensions.
def outer():
    x = 1
    def inner():
        q = sys._getframe().f_locals
        q["x"] = 2
        return x
    return inner(), x
print(outer())
def numbers():
    x = 1
    while True: yield x
g = numbers()
next(g)
g.gi_frame.f_locals["x"] = "changed"
print(next(g), g.gi_frame.f_locals)
frame = g.gi_frame
g.close()
print(frame.f_locals)
def comprehensions(n):
    k = "outside"
    print([(k, locals(), sys._getframe().f_locals["k"]) for k in range(1)])
    print([(sys._getframe().f_locals.update({"k": k + 1}), k) for k in range(3)])
    held = [sys._getframe().f_locals for k in [0]][0]
    print(k, held["k"], [[sorted(locals()) for inside in "x"] for between in "y"])
    print([(lambda: k)() for k in range(2)], [sys._getframe().f_locals["k"] for k in "ab" if (lambda: k)])
comprehensions(0)
print([sorted(locals()) for alone in [1]], "alone" in globals())
print(comprehensions.__code__.co_varnames, function.__code__.co_varnames, function.__code__.co_cellvars)

# What a write displaces stays alive while the caller's instruction uses it.
def first():
    items = [1, 2, 3]
    return second(items)
def second(items):
    sys._getframe().f_back.f_locals["items"] = None
    del items[0]
    return items, sys._getframe(1).f_locals["items"]
print(first())

# A frame that was left, and cleared.
def fails(z):
    y = [z]
    raise ValueError
try: fails(1)
except ValueError as e: frame = e.__traceback__.tb_next.tb_frame
print(frame.f_locals)
frame.f_locals["y"] = "set later"
print(frame.f_locals)
frame.clear()
print(frame.f_locals, frame.f_code.co_name)
frame.f_locals["y"] = "again"
print(frame.f_locals)

"""One of each form, as it compiles."""
import os.path as p, sys
from sys import argv as a, path
def plain(x, y=1, *args, z, **kw):
    s = x + y * 2 - -z
    s += 1; s <<= y
    if s < 3 and not y or x is None: return s
    while s > 0:
        s -= 1
        if s == 5: continue
        if s in args: break
    else: del s
    return x.attr[0](s, *args, key=kw, **kw) if kw else x.method(y)(z=1)
def closures(n):
    m = n
    def inner():
        nonlocal m
        m = n + 1
        return [m * i for i in range(n) if i], {k: v for k, v in x}, (i for i in y)
    return inner, lambda q: q and m
def handlers(f):
    try:
        with f() as g, f(): g()
    except (KeyError, ValueError) as e: raise RuntimeError from e
    except OSError: pass
    else: assert f, "message"
    finally: print("done")
    for i in f: return i
def generators():
    x = yield 1
    yield from x
    return f"{x!r:>{10}} {x}", t"{x}"
async def coroutines(c):
    async with c as d: await d
    async for e in c: yield [f async for f in e]
class Class[T](sys.Base, metaclass=type):
    field: int = 1
    def method(self: T) -> T: return super().method(__class__, self.__private)
def matching(v):
    match v:
        case [1, *rest] | (rest, "a"): return rest
        case {"k": Class(field=f), **others} if f: a.b[1:2] = f, others
        case None | -1.5: a, *b, (c, d) = v
try: (p := {1, *a}, {**path}, [*a])
except* OSError: print(p)
type Alias[X: int = str] = list[X]

# functions, closures, generators, comprehensions
def f(a, b=2, /, c=3, *args, d, e=5, **kw): return (a, b, c, args, d, e, kw)
print(f(1, d=4), f(1, 2, 3, 4, 5, d=6, z=7), f(*[1, 2], **{'d': 9, 'c': 8}))
try: f(1)
except TypeError as e: print(e)
try: f(1, 2, c=3, d=4, a=1)
except TypeError as e: print(e)
print(f(1, *[2], *(3, 4), d=1, **{'x': 1}, **{'y': 2}, w=3))
try: f(1, d=1, **{'d': 2})
except TypeError as e: print(e)
def counter():
    n = 0
    def inc(k=1):
        nonlocal n
        n += k
        return n
    def get(): return n
    return inc, get
i, g = counter(); i(); i(5); print(g())
fs = [lambda: x for x in range(3)]; print([q() for q in fs])
fs = [lambda x=x: x for x in range(3)]; print([q() for q in fs])
print([[y * 2 for y in range(x)] for x in range(4)], {k: v for k, v in zip(['a','b'], [1, 2])}, {x % 3 for x in range(10)})
print([(x, y) for x in range(3) if x for y in ['a','b'] if y != 'b' or x == 2], list(x + 1 for x in [1, 2, 3]))
def gen():
    x = yield 1
    print('got', x)
    y = yield x * 2 if x else 0
    print('y', y)
    return 'done'
it = gen(); print(next(it)); print(it.send(10))
try: it.send('last')
except StopIteration as e: print('stop', e.value)
def outer():
    r = yield from inner()
    print('r', r)
    yield from [7, 8]
def inner():
    try:
        yield 'a'
        yield 'b'
    except KeyError as e: yield 'caught'
    finally: print('inner finally')
    return 42
o = outer(); print(next(o)); print(o.throw(KeyError('k'))); print(list(o))
def g2():
    try: yield 1
    finally: print('closed')
q = g2(); next(q); q.close()
def g3():
    raise StopIteration
    yield
try: next(g3())
except RuntimeError as e: print(e, type(e.__cause__))
def fibg():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
import_ok = True
def take(n, it):
    return [x for _, x in zip(range(n), it)]
print(take(10, fibg()))
print((lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4))
def deco(n):
    def d(fn):
        def wrap(*a, **k): return (n, fn(*a, **k))
        return wrap
    return d
@deco(1)
@deco(2)
def dd(x): return x
print(dd(5))
if (n := 10) > 5: print(n)
print([y := 1, y ** 2], [last := v for v in range(3)], last)
def walrus():
    total = 0
    return [total := total + v for v in range(5)], total
print(walrus())
def wal2(a):
    return a + (a := 5) + a
print(wal2(1))
def defaults(a, b=[]): b.append(a); return b
print(defaults(1), defaults(2))
x = 'global'
def scope():
    x = 'local'
    class C:
        y = x
        x = 'class'
        def m(self): return x
    return C.y, C.x, C().m()
try: print(scope())
except NameError as e: print('NE', e)
def glob():
    global newg
    newg = 3
glob(); print(newg)
def fact(n): return 1 if n <= 1 else n * fact(n - 1)
print(fact(25))
def rec(n): return rec(n - 1) if n else 'bottom'
print(rec(500))
print(f.__name__, f.__defaults__, f.__kwdefaults__, scope.__qualname__, counter()[0].__qualname__)
def doc():
    """  Doc
       indented
         more
    """
print(repr(doc.__doc__))
def gexp():
    k = 3
    return sum(k * i for i in range(4)), max(x for x in [1, 5, 2]), list(a + b for a in [1, 2] for b in [k])
print(gexp())
class A:
    z = 5
    l = [z for _ in range(1)] if False else 0
    g = list(i for i in range(z))
print(A.g)
def star(*, k): return k
print(star(k=1))
d = {'a': 1, **{'b': 2}, 'c': 3}; print(d, [*range(3), *['a','b']], {*[1, 2], 3}, (*[1], 2))
print(f"{1+1} {'x'!r:>5} {3.14159:.2f} {n=} {n = !s:>4} {{}} {'nested ' + f'{n}'} {1:{'>'}{4}}")
print("%s %d %r" % ('a', 3, 'b'), 'a' 'b' f'{1}' 'c')
print(u'é', b'\x00\xff', r'\n', 'a\tb', '\N{BULLET}', '\u0041', 'line\
cont')
print(0x1F, 0b101, 0o17, 1_000, 1e3, 1.5e-3, 2j, 10**20, -5 // 2, -5 % 3, 2 ** -1, 7 / 2, 1 << 70, ~5, 6 ^ 3, 6 & 3, 6 | 1)

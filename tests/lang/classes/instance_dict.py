# x.__dict__: one dict per instance for as long as somebody holds it, whatever becomes of the attributes' place meanwhile.
import copy
import gc
import pickle
import threading
import weakref


class P:
    def __init__(self, *values):
        for i, v in enumerate(values):
            setattr(self, f'a{i}', v)

    def total(self):
        return sum(self.__dict__.values())


class Text(str):
    pass


def look(o, times=8):
    return [o.a0 for _ in range(times)][-1]


# ---- identity and content while it is held, and after it was let go of
p = P(1, 2, 3)
d = p.__dict__
look(p)
print(d is p.__dict__, d)
p.a1 = 20
p.new = 4
del p.a2
d['late'] = 5
print(d, p.late, sorted(dir(p))[-3:])
del d
print(look(p), p.__dict__, p.total())
for n in (0, 1, 2, 5, 40):
    o = P(*range(n + 1))
    vars(o)
    look(o)
    o.after = 'x'
    look(o)
    print(n, list(vars(o).items())[-2:], look(o), o.after, len(vars(o)))

# ---- the dict outlives the instance; two instances may share one
o = P(7)
d = o.__dict__
del o
print(d)
a, b = P(1), P(2)
b.__dict__ = a.__dict__
b.a0 = 9
look(a), look(b)
print(a.a0, a.__dict__ is b.__dict__)
del a
print(look(b), b.__dict__)

# ---- keys that are no attribute names
o = P(1)
o.__dict__[5] = 'five'
o.__dict__['with space'] = 1
look(o)
print(o.__dict__, getattr(o, 'with space'))

# ---- deleting, clearing, adding in another order
o = P(1, 2)
vars(o).clear()
print(vars(o), hasattr(o, 'a0'))
vars(o).update(a1=1, a0=2)
look(o)
print(vars(o), o.a0, o.a1)

# ---- methods and class attributes stay hidden by instance attributes
class M:
    kind = 'class'

    def m(self):
        return 'method'


def ask(o):
    return o.m() if callable(o.m) else o.m, o.kind


o = M()
for i in range(8):
    ask(o)
vars(o)['kind'] = 'instance'
print([ask(o) for _ in range(6)][-1])
vars(o)['m'] = 'shadow'
print([ask(o) for _ in range(6)][-1])
del vars(o)['m'], vars(o)['kind']
print([ask(o) for _ in range(6)][-1])

# ---- instances of types without room behind them, copies, pickles
t = Text('abc')
t.a0 = 1
vars(t)['b'] = 2
look(t)
print(t, t.a0, t.b, vars(t))
for c in (copy.copy(b), copy.deepcopy(b), pickle.loads(pickle.dumps(b))):
    look(c)
    c.extra = 1
    look(c)
    print(vars(c), look(c))

# ---- iterating over it while attributes are looked for
o = P(1, 2, 3)
for name in vars(o):
    print(name, [getattr(o, name) for _ in range(6)][-1], look(o))
try:
    for name in vars(o):
        look(o)
        o.more = 1
except RuntimeError as e:
    print(e)

# ---- an instance that is its own __dict__ is collected
class Self(dict):
    def __init__(self):
        self.__dict__ = self


s = Self()
s.a0 = 1
print(look(s), s)
w = weakref.ref(s)
del s
gc.collect()
print(w())

# ---- objects that other threads see
shared = [P(i) for i in range(50)]


def worker():
    for _ in range(20):
        for o in shared:
            vars(o)
            look(o, 6)
            o.seen = vars(o).get('seen', 0)


threads = [threading.Thread(target=worker) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(all(vars(o) == {'a0': i, 'seen': 0} for i, o in enumerate(shared)))

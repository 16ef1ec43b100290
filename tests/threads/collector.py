# Cycles of every kind are collected, alone and while threads make more; finalizers and callbacks run once.
import gc, threading, weakref, sys, time

class Node:
    def __init__(self): self.me = self
class Slotted:
    __slots__ = ("me", "__weakref__")
class Final:
    def __init__(self, log): self.log, self.me = log, self
    def __del__(self): self.log.append("final")
class Reviving:
    kept = []
    def __init__(self): self.me = self
    def __del__(self): Reviving.kept.append(self)

def cycles():
    "A weak reference into each kind of cycle; the function keeps nothing."
    refs = {}
    def add(name, o): refs[name] = weakref.ref(o)
    n = Node(); add("attribute", n)
    n = Node(); n.list = [n]; add("list", n)
    n = Node(); n.dict = {1: n}; add("dict", n)
    n = Node(); n.tuple = (n,); add("tuple", n)
    n = Node(); n.set = {n}; add("set", n)
    n = Node(); n.frozenset = frozenset({n}); add("frozenset", n)
    n = Node(); n.__dict__["view"] = n.__dict__; add("__dict__", n)
    s = Slotted(); s.me = s; add("slots", s)
    n = Node(); n.function = lambda: n; add("closure", n)
    n = Node(); n.method = n.__init__; add("method", n)
    n = Node(); n.builtin = [n].append; add("builtin method", n)
    def g(x): yield x; yield x
    n = Node(); n.generator = g(n); next(n.generator); add("generator", n)
    async def c(x): return x
    n = Node(); n.iterator = iter([n]); add("iterator", n)
    n = Node(); n.map = map(id, [n]); add("map", n)
    n = Node(); n.partial = __import__("functools").partial(print, n); add("partial", n)
    n = Node(); n.property = property(lambda self: n); add("property", n)
    n = Node(); n.slice = slice(n, n); add("slice", n)
    n = Node(); n.ref = weakref.ref(n, lambda r, n=n: None); add("callback", n)
    n = Node(); n.deque = __import__("collections").deque([n]); add("deque", n)
    try: raise ValueError
    except ValueError as e: error = e
    n = Node(); n.error = error; error.node = n; add("exception", n)
    del error
    class Class:
        def method(self): return Class
    add("class", Class)
    add("instance of class", Class())
    k = Class(); k.me = k; add("class and instance", k)
    class Meta(type): pass
    class Made(Node, metaclass=Meta): pass
    add("metaclass", Meta)
    m = type(sys)("m"); m.me = m; exec("def f(): return me", m.__dict__); add("module", m)
    return refs

def check(what):
    refs = cycles()
    for _ in range(3): gc.collect()
    print(what, [name for name, r in refs.items() if r() is not None])

check("alone")
log = []
Final(log)
gc.collect()
print(log)
calls = []
n = Node()
r = weakref.ref(n, lambda r: calls.append(r() is None))
del n
gc.collect(); gc.collect()
print(calls, r())
Reviving()
gc.collect()
print(len(Reviving.kept), Reviving.kept[0].me is Reviving.kept[0])
Reviving.kept.clear()
gc.collect()
print(len(Reviving.kept))

# A second thread: from here on things are shared.
t = threading.Thread(target=check, args=("a thread",)); t.start(); t.join()
check("after a thread")
log.clear()
f = Final(log); box = [f]
t = threading.Thread(target=lambda: box.append(box[0])); t.start(); t.join()
del f, box, t
gc.collect(); gc.collect()
print(log)

# Collections against threads that make cycles, change what is reached, run generators, start and end.
done = False
failures = []
world = {}
def load(k):
    try:
        for i in range(150):
            n = Node(); n.list = [n, Node(), {1: n}]
            world[k, i % 10] = n
            other = world.get(((k + 1) % 3, i % 10))
            if other is not None: other.friend = n
            def g():
                x = [n]
                yield x
                yield from ([m] for m in (n, n))
            assert sum(len(x) for x in g()) == 3
            sorted([[3], [1], [2]], key=lambda x: [x])
            if i % 50 == 0:
                t = threading.Thread(target=lambda: [Node() for _ in range(20)]); t.start(); t.join()
    except BaseException as e: failures.append(repr(e))
def collect():
    while not done:
        gc.collect()
        gc.get_count(), gc.get_stats()
threads = [threading.Thread(target=load, args=(k,)) for k in range(3)]
c = threading.Thread(target=collect); c.start()
for t in threads: t.start()
for t in threads: t.join()
done = True
c.join()
print(failures, all(type(n.list[0]) is Node for n in world.values()))
probe = weakref.ref(world[0, 0])
world.clear()
del threads, c, t
for _ in range(3): gc.collect()
print(probe())

# What the collector can be asked while others work.
done = False
marker = Node()
holder = [marker]
def work():
    while not done: [Node() for _ in range(10)]; {1: [2]}
t = threading.Thread(target=work); t.start()
for i in range(4):
    assert any(o is marker for o in gc.get_objects())
    assert any(o is holder for o in gc.get_referrers(marker))
done = True
t.join()
print(gc.get_referents(holder) == [marker], gc.is_tracked(holder), gc.is_tracked(3), gc.is_tracked("x"), gc.is_finalized(marker))

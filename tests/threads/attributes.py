# Attributes of shared instances, classes that change under calls, __class__ and __dict__ assignment, globals under loops.
import threading

def storm(*workers):
    start = threading.Barrier(len(workers))
    failures = []
    def run(worker):
        start.wait()
        try:
            worker()
        except BaseException as e:
            failures.append(repr(e))
    threads = [threading.Thread(target=run, args=(w,)) for w in workers]
    for t in threads: t.start()
    for t in threads: t.join()
    return failures

# An attribute reads as what was stored under its name, or is missing; never as another's value.
class Bag: pass
bag = Bag()
names = [f"a{i}" for i in range(24)]
def change():
    for i in range(900):
        name = names[i % 24]
        setattr(bag, name, (name, i))
        if i % 3 == 0:
            try: delattr(bag, names[(i * 5) % 24])
            except AttributeError: pass
def look():
    for i in range(1200):
        name = names[(i * 7) % 24]
        v = getattr(bag, name, None)
        assert v is None or v[0] == name, (name, v)
def view():
    for i in range(60):
        for k, v in list(vars(bag).items()): assert v[0] == k, (k, v)
        bag.__dict__["a3"] = ("a3", i)
        bag.__dict__.pop("a4", None)
print(storm(change, change, look, look))
print(storm(change, look, view, view))

# Many instances of one class, growing in different orders: shapes are made by all threads at once.
class Node:
    def __init__(self): self.first = 1
nodes = [Node() for _ in range(60)]
def shape(k):
    def work():
        for r in range(3):
            for i, n in enumerate(nodes):
                for j in range(6): setattr(n, f"s{(i * k + j) % 9}", (i * k + j) % 9)
                for j in range(9): assert getattr(n, f"s{j}", j) == j
    return work
print(storm(shape(1), shape(2), shape(5)))

# Slots.
class Slotted: __slots__ = ("x", "y")
s = Slotted()
def slots():
    for i in range(1500):
        s.x = ["x", i]
        assert getattr(s, "x", ["x"])[0] == "x"
        try: del s.x
        except AttributeError: pass
        s.y = ("y",)
        assert getattr(s, "y", "y")[0] == "y"
print(storm(slots, slots, slots))

# A class whose methods, attributes and bases change while it is called.
class Base:
    def kind(self): return 1
class Other:
    def kind(self): return 2
class Middle(Base): pass
class Leaf(Middle):
    limit = 0
leaf = Leaf()
done = False
def call():
    while not done:
        assert leaf.kind() in (1, 2, 3, 4)
        assert leaf.limit >= 0
        len(leaf) if hasattr(leaf, "never") else None
        isinstance(leaf, Other)
def mutate():
    global done
    for i in range(200):
        Base.kind = (lambda self: 3) if i % 2 else (lambda self: 4)
        Leaf.limit = i
        Middle.__bases__ = (Other,) if i % 2 else (Base,)
        Leaf.kind = lambda self: 3
        del Leaf.kind
        setattr(Leaf, f"attribute{i % 30}", i)
    done = True
print(storm(call, call, mutate))
done = False
class Adder:
    def __init__(self, n): self.n = n
    def __add__(self, other): return 5
    def __len__(self): return 3
    def __getattr__(self, name): return 7
adder = Adder(1)
def operate():
    while not done:
        assert adder + 1 in (5, 6)
        assert len(adder) in (3, 4)
        assert adder.missing in (7, 8)
def special():
    global done
    for i in range(300):
        Adder.__add__ = lambda a, b: 6
        Adder.__len__ = lambda a: 4
        Adder.__getattr__ = lambda a, name: 8
    done = True
print(storm(operate, operate, special))

# __class__ changes under readers.
class A:
    tag = "A"
    def who(self): return "A"
class B:
    tag = "B"
    def who(self): return "B"
thing = A()
thing.value = "value"
def turn():
    for i in range(200): thing.__class__ = B if i % 2 == 0 else A
def see():
    for i in range(1500):
        assert thing.tag in "AB"
        assert thing.who() in "AB"
        assert thing.value == "value"
        thing.extra = i
print(storm(turn, see, see), thing.value, type(thing) is A)
def replace():
    for i in range(200): thing.__dict__ = {"value": "value", "extra": i}
print(storm(replace, see, see), thing.value)

# Globals and builtins.
counter = 0
def use():
    for i in range(2000):
        assert counter >= 0
        assert helper() in (1, 2)
        assert len([1]) == 1
def helper(): return 1
def assign():
    global counter, helper
    for i in range(500):
        counter = i
        globals()[f"new{i % 60}"] = i
        def helper(): return 2
        globals().pop(f"new{(i * 7) % 60}", None)
def shadow():
    for i in range(300):
        globals()["len"] = lambda x: 1
        del globals()["len"]
print(storm(use, use, assign, shadow))

# Closures' cells.
def cells():
    n = ["n"]
    def read():
        for _ in range(2000): assert n[0] == "n"
    def write():
        nonlocal n
        for _ in range(2000): n = ["n"]
    return read, write
r, w = cells()
print(storm(r, r, w, w))

# Functions' own attributes.
def f(a, b=1, *, c=2): return a + b + c
def swap():
    for i in range(300):
        f.__defaults__ = (10,) if i % 2 else (1,)
        f.__kwdefaults__ = {"c": 11} if i % 2 else {"c": 2}
        f.note = i
def invoke():
    for i in range(1000):
        n = f(1)
        assert n in (4, 13, 22), n
print(storm(invoke, invoke, swap))

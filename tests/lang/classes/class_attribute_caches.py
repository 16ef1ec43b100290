# What a site keeps of classes' attributes, as the classes, their metaclasses and the instances change.
class Meta(type):
    there = "meta"
class A(metaclass=Meta):
    k = 1
    def m(self): return "m"
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(): return "s"
class B(A): pass
def k(o): return o.k
def m(o): return o.m
def there(o): return o.there
def name(o): return o.__class__.__name__

a, b = A(), B()
print([k(x) for x in (a, b, A, B, a, b, A, B)])
A.k = 2
print([k(x) for x in (a, b, A, B)])
B.k = 3
print([k(x) for x in (a, b, A, B)])
b.k = 4
print([k(x) for x in (a, b, A, B)])
del b.k, B.k
print([k(x) for x in (a, b, A, B)])
print([m(x)() for x in (a, b, a)], [m(x)(a) for x in (A, B, A)], A.c(), B.c(), a.c(), A.s(), b.s())
for _ in range(3): print(there(A), there(B))
A.there = "own"
print(there(A), there(B), there(a))
Meta.there = property(lambda cls: "property of " + cls.__name__)
print(there(A), there(B), there(a))
del Meta.there
print(there(A), there(a))
del A.there
try: there(A)
except AttributeError as e: print(e)

class Late:
    def __get__(self, o, t): return "got"
class C: pass
def x(o): return o.x
C.x = Late()
c = C()
print(x(c), x(C), x(c))
c.__dict__["x"] = "instance"
print(x(c), x(C))
Late.__set__ = lambda self, o, v: None
print(x(c), x(C))
del Late.__set__
print(x(c), x(C))
del Late.__get__
print(type(x(C)).__name__, x(c))

print([name(o) for o in (a, 1, 1.5, "s", None, A, name, [], a)])
a.__class__ = B
print(name(a), a.c(), [k(a), k(b)])
class Pretends:
    @property
    def __class__(self): return int
print(isinstance(Pretends(), int), isinstance(Pretends(), str), name(Pretends()))
class Base:
    shared = []
class Sub(Base):
    __slots__ = ("own",)
s = Sub()
s.own = 5
print([(o.shared, o.own) for o in (s, s)], Sub.shared is Base.shared)

import dataclasses, enum, collections
@dataclasses.dataclass
class P:
    x: int
    y: "list[str]" = None
    z: int = dataclasses.field(default=3)
print([P(1), P(1, 2), P(1, z=5)], P(1) == P(1), P(1) == P(2), P.y, P(4).z)
class Color(enum.Enum):
    RED = 1
    BLUE = 2
print([c for _ in range(2) for c in (Color.RED, Color.BLUE.value, Color.RED.name)])
N = collections.namedtuple("N", "a b")
print([(n.a, n.b) for n in (N(1, 2), N(b=3, a=4))], [type(N.a).__name__ for _ in range(2)])
class Wide:
    a: int; b: int; c: int
    def __init__(self):
        for i, n in enumerate("abcdefghijklmnop"): setattr(self, n, i)
print(sum(getattr(Wide(), n) for n in "abcdefghijklmnop"), Wide().__dict__ == Wide().__dict__, list(Wide().__dict__))

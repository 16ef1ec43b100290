# Classes, instances, attributes, methods.
class Point:
    """A point."""
    dims = 2
    def __init__(self, x, y=0):
        self.x = x
        self.y = y
    def add(self, other):
        return Point(self.x + other.x, self.y + other.y)
    def __repr__(self):
        return f"Point({self.x}, {self.y})"

p = Point(1, 2)
print(p, Point.__name__, Point.__qualname__, Point.__doc__, Point.__module__, Point.dims, p.dims)
print(p.add(Point(3)), Point.add(p, p))
p.z = 5
print(p.__dict__, p.z)
del p.z
print(hasattr(p, "z"), p.__dict__)
print(type(p), type(Point), isinstance(p, Point), issubclass(Point, object), isinstance(p, int))
print(Point.__mro__, Point.__bases__, Point.__base__)
print(list(Point.__dict__))

class Derived(Point):
    def __init__(self, *a):
        super().__init__(*a)
        self.name = "derived"
    def add(self, other):
        return ("derived", super().add(other))
d = Derived(7, 8)
print(d, d.name, d.add(p), isinstance(d, Point), Derived.__mro__)
Point.dims = 3
print(d.dims, Derived.dims)
Derived.dims = 4
print(p.dims, d.dims)
del Derived.dims
print(d.dims)
def later(self): return "later " + repr(self)
Point.later = later
print(d.later(), p.later())
del Point.later
print(hasattr(d, "later"))

for make in (lambda: Point(), lambda: Point(1, 2, 3), lambda: Point(1, w=2), lambda: p.nothing, lambda: Point.nothing,
             lambda: object(1), lambda: object().x, lambda: setattr(object(), "x", 1), lambda: delattr(p, "nothing")):
    try:
        make()
    except Exception as e:
        print(type(e).__name__, e)

class Empty: pass
for make in (lambda: Empty(1), lambda: Empty(a=1), lambda: Empty.__new__(), lambda: object.__new__(int), lambda: int.__new__(str),
             lambda: object.__new__(1), lambda: object.__init__(Empty(), 1)):
    try:
        print(make())
    except Exception as e:
        print(type(e).__name__, e)

class WithNew:
    def __new__(cls, *args):
        self = super().__new__(cls)
        self.args = args
        return self
print(WithNew(1, 2).args)
class Other:
    def __new__(cls): return 42
    def __init__(self): print("never")
print(Other())
class BadInit:
    def __init__(self): return 1
try: BadInit()
except TypeError as e: print(e)

# instance __dict__
e = Empty()
e.__dict__["a"] = 1
print(e.a, e.__dict__)
e.__dict__ = {"b": 2}
print(e.b, hasattr(e, "a"))
try: e.__dict__ = 1
except TypeError as err: print(err)
del e.__dict__
print(e.__dict__)
for i in range(40): setattr(e, f"n{i}", i)
print(sum(e.__dict__.values()), e.n17)
for i in range(0, 40, 2): delattr(e, f"n{i}")
print(len(e.__dict__), e.n17, hasattr(e, "n18"))

# __class__
class A:
    def who(self): return "A"
class B:
    def who(self): return "B"
a = A()
a.v = 1
a.__class__ = B
print(a.who(), a.v, type(a).__name__)
for v in (1, int, list):
    try: a.__class__ = v
    except TypeError as err: print(err)
try: del a.__class__
except TypeError as err: print(err)
print((1).__class__, "s".__class__, None.__class__, object().__class__)

# nested, and names
class Outer:
    class Inner:
        def f(self): pass
print(Outer.Inner.__qualname__, Outer.Inner.f.__qualname__, Outer.Inner)
Outer.__name__ = "Renamed"
print(Outer, Outer.__name__, Outer.__qualname__)
Outer.__qualname__ = "Q"
print(Outer)
T = type("Made", (Point,), {"k": 1, "f": lambda self: self.k})
t = T(1)
print(T, t.f(), t, T.__mro__)
print(type(T), type(3), type("a"))
print(repr(object())[:18])

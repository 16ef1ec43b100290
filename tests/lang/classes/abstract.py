# Abstract base classes.
import abc
from abc import ABC, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    @property
    @abstractmethod
    def name(self): ...
    def describe(self): return f"{self.name}: {self.area()}"
class Square(Shape):
    def __init__(self, s): self.s = s
    def area(self): return self.s ** 2
    name = "square"
class Half(Shape):
    name = "half"
print(Square(3).describe(), sorted(Shape.__abstractmethods__), sorted(Half.__abstractmethods__), Square.__abstractmethods__)
for c in (Shape, Half):
    try: c()
    except TypeError as e: print(e)
print(isinstance(Square(1), Shape), issubclass(Square, Shape), isinstance(3, Shape), issubclass(int, Shape))
class Duck: pass
before = abc.get_cache_token()
print(issubclass(Duck, Shape), Shape.register(Duck) is Duck, issubclass(Duck, Shape), isinstance(Duck(), Shape), abc.get_cache_token() - before)
class SubDuck(Duck): pass
print(issubclass(SubDuck, Shape), isinstance(SubDuck(), Shape))
class Hooked(ABC):
    @classmethod
    def __subclasshook__(cls, c): return True if hasattr(c, "quack") else NotImplemented
class Quacks:
    def quack(self): pass
print(issubclass(Quacks, Hooked), issubclass(int, Hooked), isinstance(Quacks(), Hooked))
for f in (lambda: Shape.register(1), lambda: Square.register(Shape), lambda: issubclass(1, Shape)):
    try: f()
    except Exception as e: print(type(e).__name__, e)
class BadHook(ABC):
    @classmethod
    def __subclasshook__(cls, c): return 1
try: issubclass(int, BadHook)
except AssertionError as e: print(e)
from collections.abc import Sized, Iterable, Container, Sequence, Mapping, Hashable, Callable
class L:
    def __len__(self): return 0
print(isinstance(L(), Sized), isinstance([], Sequence), isinstance({}, Mapping), isinstance([], Hashable), isinstance(len, Callable), isinstance((), Iterable))
class MySeq(Sequence):
    def __init__(self, *a): self.a = a
    def __getitem__(self, i): return self.a[i]
    def __len__(self): return len(self.a)
m = MySeq(1, 2, 3)
print(list(m), 2 in m, m.index(3), m.count(1), list(reversed(m)))
match m:
    case [x, *rest]: print(x, rest)
class Reg:
    def __getitem__(self, i): return [10, 20][i]
    def __len__(self): return 2
Sequence.register(Reg)
match Reg():
    case [x, y]: print(x, y)

# What every object can do: repr, hash, equality, reduction, dir; None and its kin; annotations of classes.
class A:
    def __init__(self): self.x = 1
a = A()
print(repr(a).startswith("<__main__.A object at 0x"), str(a) == repr(a), a == a, a != a, a == A(), hash(a) == hash(a))
print(object.__eq__(1, 1), object.__eq__(1, 2), object.__ne__(1, 1), object().__lt__(1))
print(sorted(set(dir(a)) - set(dir(object()))), "x" in dir(a), "__init__" in dir(A))
print(a.__sizeof__() > 0, object.__subclasshook__(1), object.__init_subclass__())
for f in (lambda: object.__init_subclass__(1), lambda: object.__init_subclass__(a=1), lambda: object().__format__("a"), lambda: object().__format__(1),
          lambda: type(None)(1), lambda: bool(NotImplemented), lambda: None.x, lambda: setattr(None, "x", 1), lambda: None < 1, lambda: type(iter([]))(),
          lambda: type(len)(), lambda: setattr(int, "foo", 1), lambda: delattr(int, "foo"), lambda: setattr(int, "__name__", "x"),
          lambda: setattr(A, "__name__", 1), lambda: setattr(A, "__qualname__", 1), lambda: delattr(A, "__name__"), lambda: setattr(A, "__mro__", 1),
          lambda: setattr(A, "__dict__", 1), lambda: delattr(A, "foo"), lambda: A.__abstractmethods__, lambda: delattr(A, "__abstractmethods__"),
          lambda: type.__abstractmethods__, lambda: int.__annotations__, lambda: setattr(int, "__annotations__", {}), lambda: A.__foo):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
print(type(None)(), type(...)(), type(NotImplemented)(), hash(None) == hash(None), (...).__reduce__(), NotImplemented.__reduce__())
print(int.__module__, int.__qualname__, int.__base__, int.__bases__, int.__mro__, object.__base__, object.__bases__, bool.__base__)
print(int.__type_params__, object.__text_signature__, A.__text_signature__)
print(type(int.__dict__).__name__, "__add__" in int.__dict__, type(type.__dict__["__doc__"]).__name__)
print(type(object.__dict__["__new__"]).__name__, type(int.__dict__["__add__"]).__name__, type(type.__dict__["mro"]).__name__)

A.__abstractmethods__ = ["f"]
try: A()
except TypeError as e: print(e)
A.__abstractmethods__ = ["g", "f"]
try: A()
except TypeError as e: print(e)
A.__abstractmethods__ = []
print(A().x)

# reduction
a = A()
print(a.__getstate__(), object().__getstate__(), (1).__getstate__())
f = a.__reduce_ex__(2)
print(f[0].__name__, f[1:])
class S:
    __slots__ = ("a", "b")
s = S(); s.a = 1
print(s.__getstate__(), s.__reduce_ex__(2)[1:])
class L(list): pass
l = L([1]); l.x = 2
r = l.__reduce_ex__(2)
print(r[1:3], type(r[3]).__name__, r[4])
class N:
    def __getnewargs__(self): return (1, 2)
print(N().__reduce_ex__(2)[1])
class NX:
    def __getnewargs_ex__(self): return (1,), {"k": 2}
print(NX().__reduce_ex__(2)[0].__name__, NX().__reduce_ex__(2)[1])
class I(int): pass
print(I(5).__reduce_ex__(2)[1])
for cls, name, v in ((type("Q", (), {}), "__getnewargs__", 1), (type("Q", (), {}), "__getnewargs_ex__", (1,)), (type("Q", (), {}), "__getnewargs_ex__", (1, 2))):
    setattr(cls, name, lambda self, v=v: v)
    try: cls().__reduce_ex__(2)
    except Exception as e: print(type(e).__name__, e)
try: (lambda: 0).__reduce_ex__(2)
except TypeError as e: print(e)

# annotations
class An:
    a: int
    b: "str" = 1
print(An.__annotations__, An.__annotate__(1))
An.__annotations__ = {"z": 1}
print(An.__annotations__, An.__annotate__)
class An2: pass
print(An2.__annotations__, An2.__annotate__)
An2.__annotate__ = lambda f: {"q": f}
print(An2.__annotations__)
for v in (1,):
    try: An2.__annotate__ = v
    except TypeError as e: print(e)
try: del An2.__annotate__
except TypeError as e: print(e)
class Sub(An): pass
print(Sub.__annotations__)
class P[T]:
    def m(self, x: T) -> T: return x
print(P.__type_params__, P().m(3))
# __doc__
class Doc:
    "text"
print(Doc.__doc__); Doc.__doc__ = "new"; print(Doc.__doc__, Doc().__doc__)

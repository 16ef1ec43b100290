# Method resolution orders, bases, layouts.
class A: pass
class B(A): pass
class C(A): pass
class D(B, C): pass
print([c.__name__ for c in D.__mro__])
print([c.__name__ for c in D.mro()])
class X: pass
class Y: pass
class XY(X, Y): pass
class YX(Y, X): pass
def attempt(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
attempt(lambda: type("Z", (XY, YX), {}))
attempt(lambda: type("Z", (object, A), {}))
attempt(lambda: type("Z", (A, A), {}))
attempt(lambda: type("Z", (int, str), {}))
attempt(lambda: type("Z", (bool,), {}))
attempt(lambda: type("Z", (type(None),), {}))
attempt(lambda: type("Z", (1,), {}))
attempt(lambda: type("Z", (), 3))
attempt(lambda: type("Z", 3, {}))
attempt(lambda: type(3, (), {}))
attempt(lambda: type("Z"))
attempt(lambda: type("Z", ()))
attempt(lambda: type())
attempt(lambda: type("a\0", (), {}))
class MyList(list, A): pass
print(MyList.__base__, MyList([1, 2]), len(MyList((1, 2, 3))))
class MyInt(A, int): pass
print(MyInt.__base__, MyInt(5) + 1, MyInt.__mro__)

# subclasses
print([c.__name__ for c in A.__subclasses__()])
print(B.__subclasses__() == [D], D.__subclasses__())

# assigning __bases__
class P1:
    def f(self): return "P1"
class P2:
    def f(self): return "P2"
    def g(self): return "g"
    def __len__(self): return 17
class K(P1): pass
class L(K): pass
k, l = K(), L()
print(k.f(), l.f(), hasattr(l, "g"))
K.__bases__ = (P2,)
print(k.f(), l.f(), l.g(), len(l), K.__mro__[1].__name__, L.__mro__[2].__name__)
print(P1.__subclasses__(), [c.__name__ for c in P2.__subclasses__()])
K.__bases__ = (P1, P2)
print(l.f(), l.g(), [c.__name__ for c in L.__mro__])
for v in (1, (), (1,), (L,), (int,)):
    try: K.__bases__ = v
    except TypeError as e: print(e)
try: A.__bases__ = (int,)
except TypeError as e: print(e)
try: del A.__bases__
except TypeError as e: print(e)
try: int.__bases__ = (object,)
except TypeError as e: print(e)
print([c.__name__ for c in L.__mro__])

# mro() of the metaclass
class Meta(type):
    def mro(cls):
        order = super().mro()
        return order
class WithMeta(A, metaclass=Meta): pass
print(WithMeta.__mro__)
for answer in ([1], [int], [], 1):
    class Bad(type):
        def mro(cls, answer=answer): return answer
    attempt(lambda: Bad("W", (), {}))
class Tricky(type):
    def mro(cls): return [cls, B, A, object]
class W(metaclass=Tricky): pass
print([c.__name__ for c in W.__mro__], issubclass(W, B))

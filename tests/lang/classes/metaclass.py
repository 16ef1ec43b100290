# Metaclasses, __prepare__, __init_subclass__, __set_name__, __mro_entries__, class cells.
class Meta(type):
    def __new__(mcls, name, bases, ns, **kw):
        print("new", name, [b.__name__ for b in bases], sorted(k for k in ns if not k.startswith("__")), kw)
        return super().__new__(mcls, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        print("init", name, kw)
        super().__init__(name, bases, ns)
    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        print("prepare", name, kw)
        return {"given": 1}
    def __call__(cls, *a, **k):
        print("call", cls.__name__, a, k)
        return super().__call__(*a, **k)
    def hello(cls): return "hello from " + cls.__name__
    @property
    def prop(cls): return "prop of " + cls.__name__

class A(metaclass=Meta, flag=True):
    x = 1
    def __init__(self, v): self.v = v
a = A(3)
print(a.v, A.given, A.hello(), A.prop, type(A).__name__)
class B(A): y = 2
print(type(B).__name__, B.hello())
try: a.hello()
except AttributeError as e: print(e)
try: A.prop = 1
except AttributeError as e: print(e)
try: A.nope
except AttributeError as e: print(e)

class M1(type): pass
class M2(type): pass
class C1(metaclass=M1): pass
class C2(metaclass=M2): pass
def attempt(body):
    try: exec(body, globals())
    except Exception as e: print(type(e).__name__, e, getattr(e, "__notes__", ""))
attempt("class Z(C1, C2): pass")
attempt("class Z(C1, metaclass=M2): pass")
attempt("class Z(metaclass=1): pass")
attempt("class Z(1): pass")
attempt("class Z(k=1): pass")
attempt("class M(type):\n def __prepare__(*a): return 1\nclass Z(metaclass=M): pass")
attempt("class X:\n def __mro_entries__(self, b): return 1\nclass Z(X()): pass")
attempt("class Z:\n __qualname__ = 1")
attempt("class Z:\n __classcell__ = 1")
attempt("class M(type):\n def __new__(m, n, b, d): return type.__new__(m, n, b, {})\nclass Z(metaclass=M):\n def f(self): return __class__")
attempt("class D:\n def __set_name__(self, o, n): 1/0\nclass Z:\n x = D()")
attempt("__build_class__()")
attempt("__build_class__(1, 2)")
attempt("__build_class__(lambda: 1, 2)")

# a function as metaclass
def fmeta(name, bases, ns, **kw):
    return (name, bases, sorted(k for k in ns if not k.startswith("__")), kw)
class F(int, metaclass=fmeta, q=1): z = 1
print(F)

# __init_subclass__
class Base:
    registry = []
    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        cls.tag = tag
        Base.registry.append(cls.__name__)
class S1(Base, tag="one"): pass
class S2(S1): pass
print(Base.registry, S1.tag, S2.tag)
attempt("class S3(Base, other=1): pass")

# __set_name__
class Named:
    def __set_name__(self, owner, name): self.where = (owner.__name__, name)
class H:
    first = Named()
    second = Named()
print(H.first.where, H.second.where)

# __mro_entries__
class Alias:
    def __init__(self, *targets): self.targets = targets
    def __mro_entries__(self, bases): return self.targets
class R(Alias(int), S1): pass
print([c.__name__ for c in R.__mro__], len(R.__orig_bases__))

# __class__ in methods
class Cell:
    def me(self): return __class__
    def sup(self): return super().__repr__()[:6]
print(Cell().me() is Cell, Cell().sup())
# __class_getitem__
class G:
    def __class_getitem__(cls, item): return (cls.__name__, item)
print(G[1, 2])
# isinstance hooks
class Hook(type):
    def __instancecheck__(cls, o): return o == 5
    def __subclasscheck__(cls, c): return c is int
class HH(metaclass=Hook): pass
print(isinstance(5, HH), isinstance(6, HH), issubclass(int, HH), issubclass(str, HH))
print(type.__call__(int, "12"), type.__prepare__(), type.__instancecheck__(int, 3))

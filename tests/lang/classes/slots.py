# __slots__
class S:
    __slots__ = ("a", "b")
    def __init__(self, a): self.a = a
s = S(1)
print(s.a, S.a, S.b)
s.b = 2
print(s.b)
del s.b
for f in (lambda: s.b, lambda: s.c, lambda: s.__dict__):
    try: print(f())
    except AttributeError as e: print(e)
try: s.c = 1
except AttributeError as e: print(e)
try: del s.b
except AttributeError as e: print(e)
print(S.__slots__, list(S.__dict__))

class S2(S):
    __slots__ = "c"
x = S2(5)
x.c = 6
print(x.a, x.c, S2.__slots__)
try: x.d = 1
except AttributeError as e: print(e)
class S3(S): pass
y = S3(7)
y.d = 8
print(y.a, y.d, y.__dict__)
class S4:
    __slots__ = ("__dict__", "q")
z = S4()
z.q = 1
z.w = 2
print(z.__dict__, z.q)
class P:
    __slots__ = ("__private",)
    def __init__(self): self.__private = 3
    def get(self): return self.__private
print(P().get(), P._P__private)
class E:
    __slots__ = ()
try: E().x = 1
except AttributeError as e: print(e)

def attempt(body):
    try:
        exec(body, {})
        print("ok")
    except Exception as e:
        print(type(e).__name__, e)
attempt("class A:\n __slots__='a','a'")
attempt("class A:\n __slots__=1")
attempt("class A:\n __slots__='1'")
attempt("class A:\n __slots__=(1,)")
attempt("class A:\n __slots__='__dict__','__dict__'")
attempt("class A:\n __slots__='__weakref__','__weakref__'")
attempt("class A:\n __slots__='a'\n a=1")
attempt("class A(int):\n __slots__='a'")
attempt("class A(tuple):\n __slots__='b'")
attempt("class A(tuple):\n __slots__=()")
attempt("class A(type):\n __slots__='b'")
attempt("class A:pass\nclass B(A):\n __slots__='__dict__'")
attempt("class A:\n __slots__='a'\nclass B:\n __slots__='b'\nclass C(A,B):pass")
attempt("class A:\n __slots__='a'\nclass B:\n __slots__=()\nclass C(A,B):pass")
attempt("class A:\n __slots__='a'\nA.a.__get__(1)")
class F(float):
    __slots__ = ()
print(F(1.5) + 1)
class M:
    __slots__ = {"x": "doc of x"}
print(M.__slots__)
m = M(); m.x = [1]; print(m.x)

# same layout: class assignment
class A1: __slots__ = ("p", "q")
class A2: __slots__ = ("p", "q")
class A3: __slots__ = ("p", "r")
o = A1(); o.p = 1; o.q = 2
o.__class__ = A2
print(type(o).__name__, o.p, o.q)
try: o.__class__ = A3
except TypeError as e: print(e)
import gc
class Node:
    __slots__ = ("next", "val")
n = Node(); n.next = n; n.val = 1
del n
print(gc.collect() >= 0)

# Attribute access that has been specialised sees later changes of the class.
class S:
    __slots__ = ("a", "b")
def read(o): return o.a
def write(o, v): o.a = v
s = S()
for i in range(100):
    write(s, i)
    assert read(s) == i
saved = S.a
del S.a
for f in (lambda: read(s), lambda: write(s, 1)):
    try: print("bad", f())
    except AttributeError as e: print(e)
S.a = saved
print(read(s))
write(s, 7)
print(read(s))
S.a = property(lambda self: "property")
print(read(s))
try: write(s, 1)
except AttributeError as e: print(e)
S.a = saved
print(read(s))
del s.a
try: read(s)
except AttributeError as e: print(e)
write(s, 3)
class T(S):
    pass
t = T()
for i in range(50): write(t, i); assert read(t) == i
T.a = 5
print(read(t), read(s))
T.a = property(lambda self: "T.a")
print(read(t), read(s))
del T.a
print(read(t))

class D:
    def __init__(self): self.x = 1
def get(o): return o.x
def put(o, v): o.x = v
d = D()
for i in range(50): put(d, i); assert get(d) == i
D.x = "class"
print(get(d))
D.x = property(lambda self: "prop")
print(get(d))
try: put(d, 1)
except AttributeError as e: print(e)
del D.x
print(get(d))
class Desc:
    def __get__(self, o, t): return "desc"
D.x = Desc()
print(get(d))
Desc.__set__ = lambda self, o, v: None
print(get(d))
del Desc.__set__
print(get(d))
del D.x
class E(D): pass
e = E()
for i in range(50): assert get(e) == 1
class Mix:
    x = property(lambda self: "mixed")
E.__bases__ = (Mix, D)
print(get(e))
E.__bases__ = (D,)
print(get(e))
def call(o): return o.m()
class M:
    def m(self): return 1
m = M()
for i in range(50): assert call(m) == 1
M.m = lambda self: 2
print(call(m))
m.m = lambda: 3
print(call(m))
del m.m, M.m
try: call(m)
except AttributeError as e: print(e)

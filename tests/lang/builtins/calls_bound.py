# Calls whose arguments are bound: defaults, keywords, * and **, names that are no plain str.
class S(str):
    def __hash__(self): return hash(str(self)+"") 
    def __eq__(self,o):
        def deep(a,b,c,d): return [a,b,c,d]
        deep(1,2,3,4)
        return str.__eq__(self,o)
    
def f(a=1,*r,k=3,**kw): return a,r,k,kw
for i in range(3):
    print(f(5,6,7,**{S('x'):[1],S('y'):[2]}))
    print(f(**{S('a'):[1],S('y'):[2]}))
def g():
    yield f(5,6,7,**{S('x'):[1],S('y'):[2]})
    yield f(*[1,2], **{'k':4,'z':[5]})
print(list(g()))
class M:
    def m(self,*a,**k): return a,k
print(M().m(*(1,2),**{'a':3}), (M().m)(b=2))
b=M().m
print(b(1,b=2), b(*(1,),**{'z':[1]}))
for args in [dict(),dict(k=1),dict(a=2,k=3),dict(r=1),dict(zz=1,a=2)]:
    print(f(**args))
def h(a,b,/,c,d=4,*,e,f=6): return a,b,c,d,e,f
for call in ["h(1,2,3,e=5)","h(1,2,c=3,e=5)","h(1,2,e=5,c=3,d=7)","h(1,b=2,c=3,e=5)","h()","h(1,2,3)","h(1,2,3,4,5,e=1)","h(1,2,3,c=1,e=2)","h(*[1,2,3],**{'e':1})","h(*[1],**{'e':1})", "h(1,2,3,f=1)"]:
    try: print(call, eval(call))
    except TypeError as e: print(call, e)
def q(a,b=[],c={}): return a,b,c
for i in range(5): print(q(i), q(i,2), q(i,c=3))
q.__defaults__=(9,)
try: print(q(1))
except TypeError as e: print(e)
print(q(1,2))
q.__defaults__=None
for i in range(3):
    try: print(q(1))
    except TypeError as e: print(e)


# Defaults that change under a call site; a function of other code in its place.
def site(f, *a): return [f(1) for _ in range(3)]
def one(a, b="b"): return a, b
def two(a, *, b="k"): return a, b
print(site(one), site(two), site(lambda a, b=3, c=4: (a, b, c)))
one.__defaults__ = ("x", "y")
try: print(one())
except TypeError as e: print(e)
one.__code__ = two.__code__
one.__kwdefaults__ = {"b": "new"}
print(site(one))


# Natives with optional arguments, and methods of subclasses.
class L(list): pass
class D(dict): pass
text = "a b,c d"
for _ in range(3):
    l = L()
    l.append(1); l.append(2)
    print(l, L.pop(l), text.split(), text.split(","), text.split(None, 1), text.find("b"), text.find("b", 3), D(a=1).get("a"), D().get("a"), D().get("a", 2))
for args in [(), (1, 2), (1, 2, 3, 4)]:
    try: text.find(*args)
    except TypeError as e: print(e)
def appends(o): return o.append(5)
class NotAList:
    append = list.append
for o in [[], [1], L(), [1] * 4]: print(appends(o), o)
try: appends(NotAList())
except TypeError as e: print(e)
def deep(n): return n if n == 0 else deep(*(n - 1,), **{})
print(deep(500))
def gen(*a, **k):
    yield from a
    yield from k.items()
def outer():
    yield from gen(*[1, 2], **{"x": 3})
    yield [*map(lambda *a, b=2: (a, b), "ab", "cd")]
print(list(outer()))

# Classes changed by some threads while others make, call and reclass their instances.
import threading
class Base:
    x = 0
    def f(self): return self.x
    def __len__(self): return 3
errors = []
def subclasses(i):
    for k in range(100):
        C = type(f"C{i}_{k}", (Base,), {"y": k, "__len__": lambda self: 5})
        o = C()
        o.v = k
        assert o.f() >= 0 and len(o) == 5 and o.v == k and C in Base.__subclasses__()
def mutate(i):
    for k in range(100):
        Base.x = k
        setattr(Base, f"a{i}", k)
        Base.__len__ = lambda self: k
        Base.__add__ = lambda self, o: k
        delattr(Base, f"a{i}")
        del Base.__add__
def use(i):
    b = Base()
    for k in range(700):
        assert b.f() >= 0 and len(b) >= 0 and isinstance(b, Base)
        try: b + 1
        except TypeError: pass
class P1:
    def g(self): return 1
class P2:
    def g(self): return 2
class K(P1): pass
k_object = K()
def bases(i):
    for k in range(60): K.__bases__ = (P2,) if k & 1 else (P1,)
def use_k(i):
    for k in range(700): assert k_object.g() in (1, 2)
class X:
    def h(self): return "x"
class Y:
    def h(self): return "y"
z = X()
z.a = 1
def reclass(i):
    for k in range(100):
        z.__class__ = Y if k & 1 else X
        z.b = k
def use_z(i):
    for k in range(700): assert z.h() in "xy" and z.a == 1
def run(work, i):
    try: work(i)
    except BaseException as e: errors.append((work.__name__, repr(e)))
threads = [threading.Thread(target=run, args=a) for a in
           ((subclasses, 0), (subclasses, 1), (mutate, 2), (use, 3), (bases, 4), (use_k, 5), (reclass, 6), (use_z, 7))]
for t in threads: t.start()
for t in threads: t.join()
print(errors, len(threads))

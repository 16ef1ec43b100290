# super()
class A:
    x = "A.x"
    def f(self): return ["A"]
    @classmethod
    def c(cls): return ("A.c", cls.__name__)
    @staticmethod
    def s(): return "A.s"
    @property
    def p(self): return "A.p"
class B(A):
    x = "B.x"
    def f(self): return ["B"] + super().f()
    @classmethod
    def c(cls): return ("B.c", super().c())
    @property
    def p(self): return "B.p " + super().p
    def s2(self): return super().s(), super().x
class C(A):
    def f(self): return ["C"] + super().f()
class D(B, C):
    def f(self): return ["D"] + super().f()
d = D()
print(d.f(), D.c(), d.p, d.s2())
print(super(B, d).f(), super(C, d).f(), super(D, D).c())
print(super(B, d), super(B), super(B, D))
print(super(B, d).__thisclass__, super(B, d).__self__ is d, super(B, d).__self_class__, super(B).__self__)
print(super(B, d).__class__, super(B).__class__)
u = super(B)
print(u.__get__(d, D).f())
for f in (lambda: super(1), lambda: super(int, "a"), lambda: super(int, str), lambda: super(), lambda: super(int, 1, 2), lambda: super(int, a=1),
          lambda: super(bool, True).foo, lambda: super(int).foo, lambda: super(B, d).nothing):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
class E:
    def f(self):
        del self
        super()
    def g(): super()
    def h(self): super().x = 1
for f in (lambda: E().f(), lambda: E.g(), lambda: E().h()):
    try: f()
    except Exception as e: print(type(e).__name__, e)
class Cell(A):
    def f(self):
        def inner(): return super(Cell, self).f()
        return inner(), [super(Cell, self).f() for _ in (1,)]
print(Cell().f())
class F(A):
    def f(self):
        me = lambda: self
        return super().f(), me() is self
print(F().f())
class Init(A):
    def __init__(self, *a, **k):
        super().__init__()
        self.a = a
print(Init(1).a)

# Special methods: operators, reflection, comparison, conversions, containers.
class N:
    def __init__(self, v): self.v = v
    def __repr__(self): return f"N({self.v})"
ops = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor", "matmul"]
for op in ops:
    def f(self, other, op=op): return (op, self.v, other.v if isinstance(other, N) else other)
    def r(self, other, op=op): return ("r" + op, self.v, other)
    def i(self, other, op=op): self.v = ("i" + op, other); return self
    setattr(N, f"__{op}__", f); setattr(N, f"__r{op}__", r); setattr(N, f"__i{op}__", i)
a, b = N(1), N(2)
print(a + b, a - 3, a * b, a / b, a // b, a % b, a ** b, a << b, a >> b, a & b, a | b, a ^ b, a @ b)
print(5 + b, 5 - b, 5 * b, 5 / b, 5 // b, 5 % b, 5 ** b, 5 << b, 5 >> b, 5 & b, 5 | b, 5 ^ b, 5 @ b)
c = N(0); c += 1; print(c); c -= 2; print(c); c **= 3; print(c); c @= 4; print(c)
N.__divmod__ = lambda s, o: ("divmod", o); N.__rdivmod__ = lambda s, o: ("rdivmod", o)
print(divmod(a, 1), divmod(1, a))
N.__neg__ = lambda s: "neg"; N.__pos__ = lambda s: "pos"; N.__abs__ = lambda s: "abs"; N.__invert__ = lambda s: "inv"
print(-a, +a, abs(a), ~a)
N.__pow__ = lambda s, o, m=None: ("pow", o, m)
print(pow(a, 2), pow(a, 2, 3))
del N.__add__
print((lambda: 7 + a)())
try: a + 7
except TypeError as e: print(e)

class L:
    def __add__(self, o): return NotImplemented
class R:
    def __radd__(self, o): return "R.radd"
print(L() + R())
for f in (lambda: L() + 1, lambda: R() + 1, lambda: 1 - R(), lambda: L() < R(), lambda: -L(), lambda: L()[0], lambda: len(L()), lambda: L()(),
          lambda: iter(L()), lambda: next(L()), lambda: 1 in L(), lambda: L().__setitem__, lambda: int(L()), lambda: float(L()), lambda: hash([]),
          lambda: [][L()], lambda: {}[[]]):
    try: print(f())
    except (TypeError, AttributeError) as e: print(type(e).__name__, e)
# a subclass's reflected method goes first
class P:
    def __add__(self, o): return "P.add"
    def __radd__(self, o): return "P.radd"
class Q(P):
    def __radd__(self, o): return "Q.radd"
class Q2(P): pass
print(P() + Q(), P() + Q2(), Q() + P(), P() + P())
class MyInt(int):
    def __add__(self, o): return "MyInt.add"
    def __radd__(self, o): return "MyInt.radd"
print(1 + MyInt(2), MyInt(2) + 1, MyInt(3) * 2, type(MyInt(3) * 2))
class MyList(list):
    def __radd__(self, o): return ("radd", o)
    def __iadd__(self, o): self.append(o); return self
m = MyList([1]); m += 2
print(m, [0] + m, m + [5], m * 2)

# comparison
class V:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return isinstance(o, V) and self.v == o.v
    def __lt__(self, o): return self.v < o.v if isinstance(o, V) else NotImplemented
print(V(1) == V(1), V(1) != V(1), V(1) == V(2), V(1) != V(2), V(1) < V(2), V(1) > V(2), V(1) == 1)
try: V(1) <= V(2)
except TypeError as e: print(e)
try: hash(V(1))
except TypeError as e: print(e)
print(V.__hash__)
class VH(V):
    def __hash__(self): return hash(self.v)
print(hash(VH(5)), {VH(1): 2}[VH(1)], VH(1) in [VH(1)])
class Sub(V):
    def __eq__(self, o): return "sub"
    __hash__ = None
print(V(1) == Sub(1), Sub(1) == V(1))
class H:
    def __hash__(self): return 2 ** 64 + 5
class H1:
    def __hash__(self): return -1
class HB:
    def __hash__(self): return "x"
print(hash(H()) == hash(2 ** 64 + 5), hash(H1()))
try: hash(HB())
except TypeError as e: print(e)

# truth and length
class B0:
    def __bool__(self): return False
class B1:
    def __bool__(self): return 1
class L0:
    def __len__(self): return 0
class LN:
    def __len__(self): return -1
class LB:
    def __len__(self): return 2 ** 70
class LX:
    def __len__(self): return "x"
print(bool(B0()), bool(L0()), len(L0()), not L0())
for f in (lambda: bool(B1()), lambda: len(LN()), lambda: len(LB()), lambda: len(LX()), lambda: bool(LN())):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)

# containers
class Seq:
    def __init__(self): self.log = []
    def __getitem__(self, k): self.log.append(k); return k
    def __setitem__(self, k, v): self.log.append((k, v))
    def __delitem__(self, k): self.log.append(("del", k))
    def __contains__(self, k): return k == 3
    def __len__(self): return 5
s = Seq()
s[1], s[1:2], s[1, 2], s[...]
s[4] = 5; del s[6]
print(s.log, 3 in s, 4 in s, s[-1])
class NoC:
    __contains__ = None
    __iter__ = None
for f in (lambda: 1 in NoC(), lambda: iter(NoC())):
    try: f()
    except TypeError as e: print(e)
class OldIter:
    def __getitem__(self, i):
        if i == 3: raise IndexError
        return i * i
print(list(OldIter()), 4 in OldIter(), 5 in OldIter())
class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
print(list(It()), sum(It()), max(It()), [*It()], tuple(It()))
class BadIter:
    def __iter__(self): return 1
try: iter(BadIter())
except TypeError as e: print(e)
# calls, attributes
class C:
    def __call__(self, *a, **k): return (a, k)
print(C()(1, 2, x=3), callable(C()), callable(L()))
class G:
    def __getattr__(self, n):
        if n.startswith("x"): return n * 2
        raise AttributeError(n)
g = G()
print(g.xy, getattr(g, "q", "default"), hasattr(g, "q"))
class GA:
    def __getattribute__(self, n):
        if n == "raise": raise AttributeError("no")
        return "got " + n
    def __getattr__(self, n): return "fallback " + n
print(GA().a, getattr(GA(), "raise"))
class SA:
    def __setattr__(self, n, v): object.__setattr__(self, n, v * 2)
    def __delattr__(self, n): print("del", n)
x = SA(); x.a = 4; del x.a; print(x.a)
# conversions
class Conv:
    def __int__(self): return 3
    def __float__(self): return 2.5
    def __index__(self): return 1
    def __complex__(self): return 1j
    def __str__(self): return "str"
    def __repr__(self): return "repr"
    def __format__(self, spec): return "fmt:" + spec
    def __bytes__(self): return b"bytes"
    def __round__(self, n=None): return ("round", n)
c = Conv()
print(int(c), float(c), [10, 20][c], complex(c), str(c), repr(c), f"{c:abc}", bytes(c), round(c), round(c, 2), f"{c!r}", format(c))
# wrappers called by hand
for f in (lambda: (1).__add__(), lambda: (1).__add__(1, 2), lambda: (1).__add__(a=1), lambda: (1).__pow__(2, 5), lambda: (1).__pow__(), lambda: (7).__radd__(3),
          lambda: (7).__rsub__(3), lambda: [].__setitem__(1), lambda: object().__setattr__(1, 2), lambda: object.__setattr__(int, "a", 2),
          lambda: [1] .__mul__("a"), lambda: [1].__mul__(2), lambda: [1].__rmul__(2), lambda: iter([]).__next__(), lambda: "".__len__(3), lambda: [1].__contains__(1),
          lambda: object().__lt__(1), lambda: (3).__lt__(4), lambda: (3).__eq__("a"), lambda: "abc".__getitem__(1), lambda: (lambda: 0).__get__(None, None),
          lambda: (5).__bool__(), lambda: (5).__hash__(), lambda: "ab".__len__(), lambda: int.__new__(int, "7"), lambda: (1).__repr__(2)):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
class Del:
    def __del__(self): print("deleted")
d = Del()
del d
class Del2:
    def __del__(self): print("gone", self.x)
d = Del2(); d.x = 3; d = None

# classes, match, annotations, type params
class A:
    """doc A"""
    attr = 1
    def __init__(self, v): self.v = v
    def m(self): return ('A.m', self.v)
    @property
    def p(self): return self.v * 2
    @p.setter
    def p(self, x): self.v = x
    @classmethod
    def c(cls, x): return cls(x)
    @staticmethod
    def s(x): return x + 1
    def __repr__(self): return f'A({self.v})'
    def __private(self): return 'priv'
    def call(self): return self.__private()
class B(A):
    def m(self): return ('B.m',) + super().m()
    def __init__(self, v, w): super().__init__(v); self.w = w
    @classmethod
    def c(cls, x): return super().c, cls.__name__
b = B(1, 2); print(b.m(), b.p, b.w, A.c(3), A.s(4), b.call(), B.__mro__, A.__doc__, A.__qualname__, B.__bases__)
b.p = 7; print(b.v, B.c(1)[1])
class Meta(type):
    def __new__(m, n, bases, ns, **kw): ns['kw'] = kw; return super().__new__(m, n, bases, ns)
    def __init__(c, n, bases, ns, **kw): super().__init__(n, bases, ns)
    @classmethod
    def __prepare__(m, n, bases, **kw): return {'prepared': True}
class M(metaclass=Meta, opt=5): pass
print(M.kw, M.prepared, type(M).__name__)
class I:
    subs = []
    def __init_subclass__(cls, /, tag=None, **kw): super().__init_subclass__(**kw); I.subs.append((cls.__name__, tag))
class J(I, tag='t'): pass
print(I.subs)
class D:
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, i, o): return ('get', self.name)
class E: d = D()
print(E().d, E.d)
def where(x):
    match x:
        case 0: return 'zero'
        case 1 | 2 | 3: return 'small'
        case -1: return 'neg'
        case 'a' | 'b' as s: return 'str ' + s
        case [] : return 'empty'
        case [a]: return ('one', a)
        case [a, b]: return ('two', a, b)
        case [1, *rest]: return ('rest', rest)
        case [*_, 9]: return 'ends 9'
        case {'k': v, 'l': [p, q]}: return ('map', v, p, q)
        case {'k': v, **rest}: return ('mapr', v, rest)
        case Point(x=0, y=0): return 'origin'
        case Point(x, y) if x == y: return ('diag', x)
        case Point(x=x, y=y): return ('pt', x, y)
        case str() | bytes(): return 'text'
        case int(n) if n > 100: return ('big', n)
        case None | True: return 'const'
        case float(): return 'float'
        case (A() as inst) | [A() as inst, _, _, _]: return ('A', inst)
        case _: return 'other'
class Point:
    __match_args__ = ('x', 'y')
    def __init__(self, x, y): self.x, self.y = x, y
for v in [0, 2, -1, 'a', 'zz', [], [5], (1, 2), [1, 2, 3], [4, 5, 9], {'k': 1, 'l': [2, 3]}, {'k': 1, 'z': 5}, Point(0, 0), Point(3, 3), Point(1, 2), 500, None, True, False, 1.5, A(3), [A(4), 1, 2, 3], {}]:
    print(where(v))
def capt(v):
    match v:
        case (1, x) | (x, 1): return x
        case x, y, *z if y: return x, y, z
    return 'none'
print(capt((1, 5)), capt((6, 1)), capt((2, 3, 4)), capt((2, 0)), capt(3))
match = 5; print(match); match[0:0] if False else None
case = type = 1; print(case, type)
def ann(a: int, b: 'str' = 1, *args: list, **kw: dict) -> None: pass
print(ann.__annotations__)
class Ann:
    x: int
    y: str = 'a'
    if True: z: float = 1.0
    else: w: int
print(Ann.__annotations__)
v: int = 3
def lazy(x: Undefined): pass
try: lazy.__annotations__
except NameError as e: print(e)
def gen[T](x: T) -> T: return x
print(gen(3), gen.__type_params__, gen.__annotations__)
type Alias[T] = list[T] | None
print(Alias, Alias.__value__, Alias.__type_params__)
type Rec = list[Rec]
print(Rec.__value__)
def bounded[T: int, U: (str, bytes) = str](x: T): pass
print([(p.__name__, p.__bound__, p.__constraints__) for p in bounded.__type_params__], bounded.__type_params__[1].__default__)
def dflt[T](x=1, *, y=2): return x, y
print(dflt(), dflt(5, y=6))
class Outer:
    class Inner:
        def f(self): return __class__.__qualname__
    def g(self): return [__class__.__name__ for _ in range(1)]
print(Outer.Inner().f(), Outer().g())
class Slots: __slots__ = ('a', 'b')
s = Slots(); s.a = 1
try: s.c = 1
except AttributeError as e: print(e)
def local_class():
    x = 3
    class L:
        def get(self): return x
        y = x
    return L().get(), L.y
print(local_class())
print(A.__firstlineno__, A.__static_attributes__, B.__static_attributes__, A.__module__)
class Cell:
    def f(self):
        def g(): return __class__, self
        return g()[0] is Cell
print(Cell().f())
@lambda c: (setattr(c, 'deco', 1), c)[1]
class Deco: pass
print(Deco.deco)
try:
    exec("x = 1\ny = x +")
except SyntaxError as e: print(e.msg, e.lineno, e.offset, e.text)
print(eval('1+2'), eval('[x for x in range(3)]', {'range': range}))
ns = {}; exec('def q(): return 5\nr = q()', ns); print(ns['r'])

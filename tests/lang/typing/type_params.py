# PEP 695 syntax: type parameters, aliases, generic classes (no import of typing until it is needed).
def f[T: int, *Ts, **P](x: T) -> T: return x
a = f.__type_params__
print([p.__name__ for p in a], a[0].__bound__, a[0].__constraints__, a[0].__infer_variance__, a[0].has_default(), repr(a[0]), repr(a[1]), repr(a[2]))
print(f(3), a[0].__module__, a[0].evaluate_bound(1))
def g[T: (int, str), U = int](): pass
b = g.__type_params__
print(b[0].__constraints__, b[1].__default__, b[1].has_default(), b[1].evaluate_default(1))
type X = int
print(X, X.__name__, X.__value__, X.__type_params__, X.__parameters__, X.__module__)
type Y[T] = list[T]
print(Y.__type_params__, Y.__value__, Y[int], Y.evaluate_value(1))
def lazy[T: 1 / 0](): pass
try: lazy.__type_params__[0].__bound__
except ZeroDivisionError as e: print(e)
try: X[int]
except TypeError as e: print(e)
try: a[0]()
except TypeError as e: print(e)
type Rec = list[Rec]
print(Rec.__value__)
P = a[2]
print(P.args, P.kwargs, P.args == P.args, P.args == P.kwargs, P.args.__origin__ is P)
for bad in (a[0], P, a[1], P.args):
    try:
        class Z(bad): pass
    except TypeError as e: print(e)
def generic_method():
    class C[T]:
        def m[U](self, x: T, y: U) -> tuple[T, U]: return (x, y)
    return C
C = generic_method()
print(C.__type_params__, C().m(1, "a"), C.m.__type_params__)
T = type(a[0])
for args, kw in (((), {}), ((1,), {}), (("T", int), {}), (("T",), {"covariant": True}), (("T",), {"contravariant": True}),
                 (("T",), {"covariant": True, "contravariant": True}), (("T",), {"infer_variance": True}), (("T",), {"x": 1}), (("T",), {})):
    try: print(T(*args, **kw))
    except Exception as e: print(type(e).__name__, e)

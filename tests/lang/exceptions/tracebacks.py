def f(x, y):
    return (x +
            y[3]
            ["a"])
def g(n):
    if n == 0:
        raise ValueError("deep")
    return g(n - 1)
class A:
    def m(self):
        a = [1, 2]
        return a[5] + 1
def h():
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise KeyError("x") from e
def k():
    try:
        h()
    except KeyError:
        undefined_name + 3
def multi():
    foo(1,
        2,
        3,
        4,
        5)(6)
def foo(*a): return None
def group():
    es = []
    for i in range(3):
        try:
            if i == 1: raise TypeError("t%d" % i)
            raise ValueError(i)
        except Exception as e: es.append(e)
    raise ExceptionGroup("gr", [es[0], ExceptionGroup("inner", es[1:])])
def noted():
    e = ValueError("n"); e.add_note("first note\nsecond line"); e.add_note("x")
    raise e
def syn():
    compile("a = (1,\nb c\n", "<x>", "exec")
def unicode():
    "é" + "ünïcode" + 1
def call():
    x = foo()
    x = len(5)
    return x
def call2():
    return len(5)
def call3():
    len(5)
def sub():
    d = {}
    d["a"]["b"]["c"]
def attr():
    x = 5
    x.foo.bar
def comp():
    return [1 / i for i in range(3) if i < 2]
def lam():
    (lambda: 1 / 0)()
def binop():
    a = 1; b = "x"
    return a + b * 2 - a
def power():
    return 2 ** "x" ** 3
def neg():
    return -"x"
def cmp_():
    return 1 < "x"
def aug():
    a = 1
    a += "x"
def unpack():
    a, b = 1
def imp():
    import nonexistent_mod
def assertion():
    assert 1 == 2, "message"
def multi2():
    return foo(
        1 / 0,
        2,
    )
def fstr():
    return f"{1/0!r:>{5}}"
def dele():
    del nosuch
def longline():
    return     foo  (   1   )   [  0  ]    
def awaitx():
    (yield 1)
def chain_method():
    return "abc".upper().lower().foo(1, 2).bar()
import io
import sys


def show(f, *args):
    print("==", f.__name__)
    try:
        f(*args)
    except BaseException as e:
        real, sys.stderr = sys.stderr, io.StringIO()
        try:
            sys.__excepthook__(type(e), e, e.__traceback__)
            text = sys.stderr.getvalue()
        finally:
            sys.stderr = real
        print(text.replace(__file__, "FILE"))


show(g, 8)
for f in [h, k, multi, group, noted, syn, unicode, call, call2, call3, sub, attr, comp, lam, binop, power, neg, cmp_, aug, unpack, imp,
          assertion, multi2, fstr, dele, longline, chain_method, A().m]:
    show(f)

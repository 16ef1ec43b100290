import io
import sys


def show(f):
    try:
        f()
    except BaseException as e:
        real, sys.stderr = sys.stderr, io.StringIO()
        try:
            sys.__excepthook__(type(e), e, None if f.__name__ == "<lambda>" else e.__traceback__)
            text = sys.stderr.getvalue()
        finally:
            sys.stderr = real
        print(text.splitlines()[-1])


class A:
    alpha = 1
    _hidden = 2
    Camel = 3

    def __init__(self): self.beta = 1

    def m(self): return beta

    def n(self): return self.hidden

    def o(self): return self._hiden


value_one = 1


def a(): return valu_one
def b(): return prnt(1)
def c():
    local_name = 1
    return locl_name
def d(): return A().alpah
def e(): return A().camel
def f(): return A().hidden
def g(): return [].apend(1)
def h(): return "".uper()
def i(): return collections
def j(): return maht
def k(): return math
def m(): return xyzzy_nothing
def p(): return A().m()
def q(): return A().n()
def r(): return A().o()
def s():
    x.append(1)
    x = 1
def t(): return dict(a=1).itms
def u(): sorted([1], revers=True)
def v(): "a".split(sepp=1)
def w(): print(1, ned="")
def x1(): import collection
def y(): return (5).reel
def z(): return A.alfa


for fn in [a, b, c, d, e, f, g, h, i, j, k, m, p, q, r, s, t, u, v, w, x1, y, z]:
    show(fn)

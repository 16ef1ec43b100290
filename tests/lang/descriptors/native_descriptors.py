import re


class A:
    @property
    def x(self):
        "doc"
        return 1
    y = property()

    @classmethod
    def c(cls): "d"

    @staticmethod
    def s(): "e"
    __slots__ = ('m',)


def t(f):
    try:
        print(re.sub("0x[0-9a-f]+", "0x...", repr(f())))
    except BaseException as e:
        print(type(e).__name__, re.sub("0x[0-9a-f]+", "0x...", str(e)))


a = A()


def se(o, n, *v):
    def f():
        (setattr if v else delattr)(o, n, *v)
    t(f)


se(a, 'x', 1)
se(a, 'x')
se(a, 'm')
for f in [lambda: a.y, lambda: property().__get__(1), lambda: property().__set__(1, 2), lambda: property().__delete__(1), lambda: a.m, lambda: A.m,
          lambda: A.m.__get__(5), lambda: A.m.__set__(5, 1), lambda: A.__dict__['c'], lambda: A.__dict__['s'], lambda: A.__dict__['s'](), lambda: A.c,
          lambda: A.__dict__['c'].__dict__, lambda: A.__dict__['s'].__wrapped__, lambda: A.x.__name__, lambda: A.x.__doc__,
          lambda: property(lambda s: 1).__name__, lambda: property().__name__, lambda: A.x.__isabstractmethod__, lambda: property.__set_name__(A.x, 1),
          lambda: property(1, 2, 3, 4, 5), lambda: classmethod(), lambda: classmethod(1, 2), lambda: staticmethod(x=1), lambda: int.real.__get__('a'),
          lambda: int.real.__set__(1, 2), lambda: [].append == [].append, lambda: int.__add__.__get__('a'), lambda: dict.__dict__['fromkeys'].__get__(None, int),
          lambda: dict.__dict__['fromkeys'].__get__(None), lambda: list.append.__get__(5), lambda: list.append.__get__(None),
          lambda: dict.__dict__['fromkeys'](), lambda: dict.__dict__['fromkeys'](5), lambda: dict.__dict__['fromkeys'](int, [1]),
          lambda: dict.__dict__['fromkeys'](dict, [1])]:
    t(f)
names = '__name__ __qualname__ __text_signature__ __self__ __objclass__ __module__ __func__ __wrapped__'.split()
for o in [len, [].append, list.append, dict.fromkeys, dict.__dict__['fromkeys'], int.__add__, (1).__add__, type.__dict__['__dict__'], A.m, int.real,
          property(), classmethod(5), staticmethod(5), int.__new__, object.__init_subclass__, type.__subclasses__]:
    print(re.sub("0x[0-9a-f]+", "0x...", repr(o)), type(o).__name__)
    for n in names:
        try:
            print('   ', n, re.sub("0x[0-9a-f]+", "0x...", repr(getattr(o, n))))
        except AttributeError:
            print('   ', n, '-')
    t(o.__reduce__)


class P:
    def __init__(self): self._v = 0

    @property
    def v(self): return self._v

    @v.setter
    def v(self, n): self._v = n

    @v.deleter
    def v(self): self._v = None


p = P()
p.v = 5
print(p.v)
del p.v
print(p.v, P.v.fget.__name__, P.v.fset is P.v.fget)


class Sub(property):
    "class doc"


class Q:
    @Sub
    def w(self): "getter doc"
    u = Sub(lambda s: 1, doc="own doc")


print(Q.w.__doc__, Q.u.__doc__, Sub(None).__doc__)

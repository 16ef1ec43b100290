# __slots__ in subclasses of str, float and complex, which have no room for slots behind their value.
import copy, pickle
class S(str):
    __slots__ = ('a', 'b')
class F(float):
    __slots__ = 'x',
class C(complex):
    __slots__ = ('x', '__weakref__')
class Sub(S):
    __slots__ = ('c',)
class WithDict(S): pass
class Mixed(str):
    __slots__ = ('a', '__dict__')
def attempt(f):
    try: return f()
    except Exception as e: return type(e).__name__, str(e)
for o in (S('t'), F(1.5), C(1j), Sub('u')):
    name = 'x' if isinstance(o, (F, C)) else 'a'
    print(type(o).__name__, hasattr(o, '__dict__'), attempt(lambda: getattr(o, name)))
    setattr(o, name, [1])
    print(getattr(o, name), attempt(lambda: setattr(o, 'other', 2)), attempt(lambda: o.other), attempt(lambda: o.__dict__))
    print(attempt(lambda: delattr(o, name)), attempt(lambda: delattr(o, name)), attempt(lambda: getattr(o, name)))
    setattr(o, name, 'v')
    for c in (copy.copy(o), pickle.loads(pickle.dumps(o))):
        print(repr(c), type(c).__name__, getattr(c, name), c == o)
u = Sub('u')
u.a, u.b, u.c = 1, 2, 3
print(u.a, u.b, u.c, type(Sub.c).__name__, Sub.c.__name__, type(Sub.__dict__['c']), '__dict__' in dir(u), Sub.__dictoffset__ == 0)
print(attempt(lambda: S.a.__get__(3)))
w = WithDict('w'); w.a = 5; w.free = 6
print(w.a, w.free, vars(w)['free'])
m = Mixed('m'); m.a = 5; m.free = 6
print(m.a, m.free, vars(m)['free'])
del S.a
print(attempt(lambda: u.a), u.b)
class N(int):
    try:
        class M(int): __slots__ = ('q',)
    except TypeError as e: print(e)

def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return type(e).__name__, str(e)


print((), (1,), (1, 2), tuple(), tuple("ab"), tuple([1, 2]), tuple({1: 2}), tuple(x for x in range(3)))
print(attempt(tuple, 5), attempt(tuple, 1, 2), attempt(tuple, a=1))
t = (1, 2, 3)
print(tuple(t) is t, t[:] is t, t * 1 is t, t + () is t, () + t is t, () is tuple())
print(t[0], t[-1], t[1:], t[::-1], t[::2], t[5:], t[True], attempt(lambda: t[3]), attempt(lambda: t["a"]), attempt(lambda: t[2 ** 70]))
print(t + (4,), t * 2, 3 * (0,), t * 0, attempt(lambda: t + [1]), attempt(lambda: t * "a"), attempt(lambda: t * 2 ** 62)[0])
print(t == (1, 2, 3), t == [1, 2, 3], t != (1, 2), t < (1, 2, 4), t < (1, 2), (1, 2) < t, t >= t, () < (1,), attempt(lambda: (1,) < ("a",)))
print(hash(()), hash((1,)), hash((1, 2, 3)), hash((1.5, -1, 2 ** 80)), hash(((), ((),))), attempt(hash, ([],)))
print(t.index(2), t.count(2), attempt(t.index, 9), t.index(3, -1), attempt(t.index, 1, 1), (1, 2, 1).index(1, 1, 5), attempt(t.index))
print(2 in t, 9 in t, 2.0 in t, t.__getnewargs__(), len(t), bool(()), bool(t))
nan = float("nan")
print((nan,) == (nan,), nan in (nan,), (nan,) < (nan,))
l = []
u = (l, 1)
l.append(u)
print(u, l)


class Sub(tuple):
    pass


class Pair(tuple):
    def __new__(cls, a, b):
        return super().__new__(cls, (a, b))


s = Sub((1, 2))
s.x = 5
print(s, type(s[:]).__name__, type(s * 1).__name__, type(s + ()).__name__, s == (1, 2), hash(s) == hash((1, 2)), s.x, Pair(3, 4), type(Pair(1, 2)).__name__)
print(tuple(s), tuple(s) is s, type(tuple(s)).__name__, Sub(), Sub("ab"))
print(tuple[int, ...], sorted([(2, 1), (1, 9), (1, 2)]), max((1, 2), (1, 3)), {(1, 2): "x"}[(1, 2)])
a, *b, c = (1, 2, 3, 4)
print(a, b, c)
deep = ()
for i in range(100000):
    deep = (deep,)
del deep
print("done")

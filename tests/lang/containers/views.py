import types


def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return type(e).__name__, str(e)


def show(x):
    return (type(x).__name__, sorted(x, key=repr)) if isinstance(x, (set, frozenset)) else x


d = {1: "a", 2: "b", 3: "c"}
k, v, i = d.keys(), d.values(), d.items()
print(k, v, i, len(k), len(v), len(i), {}.keys(), {}.values(), {}.items())
d[4] = "d"
print(k, v, i)
print(2 in k, 9 in k, "a" in v, "z" in v, (1, "a") in i, (1, "z") in i, (9, "a") in i, 5 in i, (1, 2, 3) in i, attempt(lambda: [] in k), attempt(lambda: ([], 1) in i))
print(list(reversed(k)), list(reversed(v)), list(reversed(i)), k.mapping, type(k.mapping).__name__)
for op in "&", "|", "-", "^":
    for other in (["x", 1, 2], {1, 9}, frozenset([2]), {2: 0, 7: 0}, {2: 0}.keys(), (x for x in (3, 3)), ()):
        a = list(other)
        print(op, show(eval(f"k {op} a")), show(eval(f"a {op} k")), end="; ")
        if not isinstance(other, types.GeneratorType):
            print(show(eval(f"k {op} other")), show(attempt(lambda: eval(f"other {op} k"))), end="; ")
        print()
    print(op, show(eval(f"i {op} [(1, 'a'), (2, 'z')]")), attempt(lambda: eval(f"k {op} 5")), attempt(lambda: eval(f"5 {op} k")), attempt(lambda: eval(f"v {op} v")))
for op in "<", "<=", "==", "!=", ">", ">=":
    print(op, [attempt(lambda: eval(f"k {op} o")) for o in ({1, 2, 3, 4}, {1}, {1, 2, 3, 4, 5}, {9, 8, 7, 6}, d.keys(), {1: 0}.keys(), [1], 5)], eval(f"i {op} set(i)"), eval(f"{{1}} {op} k"))
print(k.isdisjoint([9]), k.isdisjoint([1]), k.isdisjoint(k), i.isdisjoint([(1, "a")]), attempt(k.isdisjoint, 5), k.isdisjoint({9, 8, 7, 6, 5}), v == v, d.values() == d.values(), attempt(hash, k), hash(v) == hash(v))
e = {1: []}
print(attempt(lambda: e.items() | set()), ([] in e.values()), (1, []) in e.items())
e["self"] = e.values()
print(e)
print(attempt(type(k)), attempt(setattr, k, "x", 1)[0])

# mappingproxy
p = types.MappingProxyType(d)
print(p, str(p), len(p), p[1], attempt(lambda: p[9]), 1 in p, list(p), list(reversed(p)), p.get(1), p.get(9), p.get(9, 8), list(p.keys()), list(p.values()), list(p.items()))
print(p == d, d == p, p == types.MappingProxyType(d), p != {}, p | {9: 9}, {9: 9} | p, p.copy(), type(p.copy()).__name__, attempt(p.__ior__, {}), attempt(lambda: p < d)[0], attempt(hash, p))
print(attempt(types.MappingProxyType, 5), attempt(types.MappingProxyType, [1]), attempt(types.MappingProxyType), attempt(lambda: p.__setitem__)[0], types.MappingProxyType[int, str], attempt(eval, "p.__delitem__")[0])
try:
    p[1] = 2
except TypeError as e:
    print(e)
d[5] = "new"
print(p[5], int.__dict__["__add__"].__name__, type(int.__dict__).__name__)

# SimpleNamespace
N = types.SimpleNamespace
n = N(b=2, a=1)
print(n, n.a, n == N(a=1, b=2), n != N(), n == 5, vars(n), N(), N({"x": 1}, y=2), N([("x", 1)]), attempt(N, 5), attempt(N, {1: 1}), attempt(N, 1, 2))
n.c = [n]
del n.b
print(n, attempt(lambda: n.zz), attempt(hash, n), attempt(lambda: n < n)[0], n.__reduce__()[0], n.__reduce__()[1])
n = N(a=1)
print(n.__replace__(a=2, c=3), n, attempt(n.__replace__, 5), N(**{"a b": 1}))


class Sub(N):
    z = 5


s = Sub(q=1)
print(s, s.z, type(s.__replace__(q=2)).__name__, s == N(q=1))
n.__init__(a=7, w=8)
print(n)

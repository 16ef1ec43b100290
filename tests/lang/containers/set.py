# Orders of sets differ between implementations: elements are shown sorted.
def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return type(e).__name__, str(e)


def show(s):
    return type(s).__name__, sorted(s, key=repr)


print(set(), frozenset(), {1}, frozenset([1]), show(set("abca")), show({1, 1.0, True}), show(set({1: 2})))
print(attempt(set, 5), attempt(set, 1, 2), attempt(set, a=1), attempt(frozenset, 1, 2), attempt(frozenset, [[]]), attempt(set, [[]]), attempt(frozenset.__new__, frozenset, [1], a=2))
a, b, f = {1, 2, 3}, {2, 3, 4}, frozenset([3, 4, 5])
for op in "|", "&", "-", "^", "<", "<=", ">", ">=", "==", "!=":
    print(op, *[show(r) if isinstance(r := eval(f"x {op} y", {"x": x, "y": y}), (set, frozenset)) else r for x in (a, b, f, set()) for y in (a, b, f, {1, 2, 3, 9})])
for op in "|", "&", "-", "^", "<":
    print(attempt(lambda: eval(f"a {op} [1]")), attempt(lambda: eval(f"[1] {op} a")))
for op in "|=", "&=", "-=", "^=":
    for y in (b, f, {1}, set()):
        x = {1, 2, 3}
        z = x
        exec(f"x {op} y")
        print(op, show(x), x is z)
    x = {1, 2}
    exec(f"x {op} x")
    print(op, "self", show(x))
    x = frozenset([1, 2])
    z = x
    exec(f"x {op} b")
    print(op, show(x), show(z))
print(attempt(lambda: a.__ior__([1])), a.__or__([1]), a.__rsub__({9}), a.__and__(5))

for name in "union", "intersection", "difference":
    m = getattr(a, name)
    print(name, show(m()), show(m([2, 9])), show(m([2], (3, 9), {2: 1})), show(m(iter([1, 1, 2]))), attempt(m, 5), attempt(m, [2], 5), attempt(m, [[]]), m() is a)
    g = getattr(f, name)
    print(show(g([3])), show(g(b)))
for name in "update", "intersection_update", "difference_update":
    x = {1, 2, 3}
    print(name, getattr(x, name)([2, 9], {2, 7}), show(x), attempt(getattr(x, name), 5), getattr(x, name)(), show(x))
print(show(a.symmetric_difference([2, 2, 9])), show(f.symmetric_difference({3: 1, 9: 2})), attempt(a.symmetric_difference, [[]]), attempt(a.symmetric_difference))
x = {1, 2, 3}
x.symmetric_difference_update([3, 3, 4])
print(show(x))
print(a.isdisjoint([7]), a.isdisjoint([1]), a.isdisjoint({9}), a.isdisjoint(a), set().isdisjoint(set()), attempt(a.isdisjoint, 5), a.isdisjoint({1: 1}))
print(a.issubset([1, 2, 3, 4]), a.issubset({1}), a.issuperset([1, 1]), a.issuperset({9}), a.issubset(a), attempt(a.issubset, 5), attempt(a.issuperset, 5))

x = set()
print(x.add(1), x.add(1), x.add("a"), show(x), x.discard(5), x.discard(1), show(x), x.remove("a"), x, attempt(x.remove, 5), attempt(x.remove, (1, 2)), attempt(x.pop))
print(attempt(x.add, []), attempt(x.add, {1}), attempt(x.discard, []), attempt(x.remove, []), attempt(lambda: [] in x), x.discard({1}), attempt(x.add), attempt(x.add, 1, 2))
x = {frozenset([1]), 2}
print({1} in x, {2} in x, x.discard({1}), x)
x = set(range(100))
got = set()
while x:
    got.add(x.pop())
print(len(got), x, show(a.copy()), a.copy() is a, f.copy() is f, frozenset(f) is f)
x = {1, 2, 3}
x.clear()
print(x, attempt(x.clear, 1), attempt(x.pop, 1))

print(hash(frozenset()), hash(frozenset([1])), hash(frozenset([1, 2, 3])) == hash(frozenset([3, 2, 1])), hash(frozenset(range(100))), hash(frozenset([-1, 2.5, 2 ** 80, ()])), attempt(hash, a))
print({frozenset([1, 2]): "x"}[frozenset([2, 1])], frozenset([1]) == {1}, frozenset([1]) in {frozenset([1])}, a == [1, 2, 3], a != 5)


class S(set):
    pass


class F(frozenset):
    pass


s = S([1])
s.x = 5
print(s, S(), F([1]), F(), type(s | {2}).__name__, type(s.copy()).__name__, type(F([1]) & {1}).__name__, type(F([1]).copy()).__name__, s == {1}, s.__reduce__(), F([1]).__reduce__(), {1}.__reduce__(), type(s.union([3])).__name__)
s |= {2}
print(type(s).__name__, show(s), hash(F([1, 2])) == hash(frozenset([1, 2])))


class Own:
    def __init__(self, name, h=1):
        self.name, self.h = name, h

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        if self.do:
            do, self.do = self.do, None
            do()
        return isinstance(other, Own) and self.name == other.name

    def __repr__(self):
        return str(self.name)

    do = None


x = {Own(i % 10, i % 3) for i in range(30)}
print(len(x), Own(3, 0) in x, Own(3, 1) in x, Own(77, 1) in x)
k = Own("k")
x = {k}
k.do = x.clear
print(Own("k") in x, x)
x = {k}
k.do = lambda: x.update(range(100))
print(Own("k") in x, len(x))
x = {k, 5}
k.do = x.clear
print(x - {Own("k")}, x)
h = Own(None)
q = {h}
h.name = q
print(q)
q = frozenset([h])
h.name = q
print(q)
for change in (lambda x: x.add(9), lambda x: x.discard(0), set.clear):
    x = set(range(5))
    try:
        for i in x:
            change(x)
        print("finished")
    except RuntimeError as e:
        print(e)
it = iter({1, 2, 3})
next(it)
print(it.__length_hint__(), len(list(it)), it.__length_hint__(), type(it).__name__, iter({5}).__reduce__()[1])
x = set()
for i in range(50000):
    x.add(i)
    if i % 2:
        x.remove(i - 1)
assert x == set(range(1, 50000, 2)) and len(x) == 25000
x = {str(i) for i in range(30000)} | set(range(30000))
assert len(x) == 60000 and "777" in x and 777 in x and "x" not in x
print(set[int], frozenset[str], {1, 2} < {1, 2, 3}, {1}.__sizeof__() > 0, sorted({(1, 2), (0, 5)}), len({None, True, 1, 0, False, ""}))


class Fin:
    def __del__(self):
        print("del", len(box))


box = {1}
box.add(Fin())
box -= {x for x in box if x != 1}
x = None
box.clear()

def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return (type(e).__name__, str(e), *getattr(e, "__notes__", []))


print({}, {1: 2}, dict(), dict({1: 2}), dict([(1, 2), (3, 4)]), dict(a=1, b=2), dict({1: 2}, a=3), dict(zip("ab", (1, 2))), dict(["ab", "cd"]))
print(attempt(dict, 5), attempt(dict, [1]), attempt(dict, [(1, 2), 3]), attempt(dict, [(1, 2, 3)]), attempt(dict, 1, 2), attempt(dict, ["abc"]))
d = {"a": 1, "b": 2, 3: "c", (1, 2): 4, None: 5, 1.5: 6, True: 7}
print(d, len(d), d["a"], d[3], d[(1, 2)], d[None], d[1.5], d[1], d[True], d[1.0])
print(attempt(lambda: d["zz"]), attempt(lambda: d[(5, 6)]), attempt(lambda: d[[]]), attempt(lambda: [] in d), attempt(d.__setitem__, [], 1), attempt(d.__delitem__, "zz"))
print("a" in d, "zz" in d, 1 in d, 1.0 in d, None in d)
d["a"] = 10
d["new"] = 11
del d["b"]
print(d, list(d), list(reversed(d)))
d["b"] = 12
print(list(d.items()))

# methods
print(d.get("a"), d.get("q"), d.get("q", 5), attempt(d.get), attempt(d.get, 1, 2, 3), attempt(d.get, []))
print(d.setdefault("a", 5), d.setdefault("s"), d.setdefault("t", 6), d["s"], d["t"], attempt(d.setdefault, [], 1))
print(d.pop("a"), d.pop("a", "gone"), attempt(d.pop, "a"), attempt(d.pop), attempt(d.pop, 1, 2, 3), attempt({}.pop, []), attempt({}.pop, [], 5), attempt({1: 1}.pop, [], 5))
print(d.popitem(), d.popitem(), d.popitem(), len(d), attempt({}.popitem))
d.update({"x": 1}, y=2)
d.update([("z", 3)])
d.update()
print(d, attempt(d.update, 5), attempt(d.update, [1]), attempt(d.update, 1, 2))
c = d.copy()
c["only copy"] = 1
print("only copy" in d, len(c) - len(d))
d.clear()
print(d, c)
print(dict.fromkeys("abc"), dict.fromkeys([1, 2], 0), attempt(dict.fromkeys, 5), attempt(dict.fromkeys), attempt(dict.fromkeys, [[]]))
print({1: 2} | {3: 4}, {1: 2, 3: 4} | {1: 9}, attempt(lambda: {} | 1), attempt(lambda: {} | [(1, 2)]))
d = {1: 2}
d |= [(3, 4)]
d |= {5: 6}
print(d, attempt(d.__ior__, 5))
print({1: 2} == {1: 2.0}, {1: 2, 3: 4} == {3: 4, 1: 2}, {1: 2} == {1: 3}, {1: 2} != {2: 2}, {} == [], attempt(lambda: {} < {}), attempt(hash, {}))
d = {}
d["self"] = d
print(d, {"k": [d]})


# subclasses
class Missing(dict):
    def __missing__(self, key):
        return ("missing", key)


m = Missing(a=1)
m.attr = 1
print(m["a"], m["b"], m.get("b"), m, m.copy(), type(m.copy()).__name__, type(m | {}).__name__, attempt(m.pop, "zz"), dict(m))


class Keys:
    def keys(self):
        return ["p", "q"]

    def __getitem__(self, k):
        return k * 2


print(dict(Keys()), {**Keys()}, attempt(dict, type("K", (), {"keys": lambda s: [1]})()))


class Fancy(dict):
    def __iter__(self):
        return iter(["only"])

    def keys(self):
        return ["only"]

    def __getitem__(self, k):
        return "fancy"


print(dict(Fancy(a=1)), {**Fancy(a=1)}, Fancy.fromkeys("ab"))


# hashing and comparing
class Key:
    def __init__(self, name, h, log=None):
        self.name, self.h = name, h

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        return isinstance(other, Key) and self.name == other.name

    def __repr__(self):
        return f"Key({self.name})"


d = {}
for i in range(40):
    d[Key(i % 20, i % 3)] = i
print(d)
for i in range(0, 20, 2):
    d.pop(Key(i, i % 3), None)
    d.pop(Key(i, (i + 20) % 3), None)
print(len(d), Key(1, 1) in d, Key(2, 2) in d)


class BadHash:
    def __init__(self, e):
        self.e = e

    def __hash__(self):
        raise self.e


print(attempt({}.get, BadHash(TypeError("no"))), attempt({}.get, BadHash(ValueError("no"))), attempt({}.__setitem__, BadHash(KeyError("k")), 1))


class BadEq(Key):
    __hash__ = Key.__hash__

    def __eq__(self, other):
        raise RuntimeError("eq")


d = {BadEq(1, 5): 1}
print(attempt(d.get, BadEq(2, 5)), attempt(d.__setitem__, BadEq(2, 5), 1), attempt(d.pop, BadEq(2, 5)), attempt(d.setdefault, BadEq(2, 5)), len(d))


class Mutator(Key):
    __hash__ = Key.__hash__

    def __eq__(self, other):
        if self.do:
            do, self.do = self.do, None
            do()
        return self is other or (isinstance(other, Key) and self.name == other.name)

    do = None


d = {}
k = Mutator("m", 7)
d[k] = "value"
k.do = d.clear
print(d.get(Key("m", 7)), d)
d[k] = "value"
k.do = lambda: d.update({i: i for i in range(100)})
print(d.get(Key("m", 7)), len(d))
d = {k: 1}
k.do = lambda: (d.clear(), d.update({Key("m", 7): "other"}))
print(d.get(Key("m", 7)))
d = {k: 1}
k.do = lambda: d.pop(k)
d[Key("m", 7)] = 2
print(d)
d = {k: 1}
k.do = lambda: d.clear()
print(d.setdefault(Key("m", 7), 3), d)

# iteration while changing
d = {i: i for i in range(5)}


def walk(change, view=lambda d: d):
    d = {i: i for i in range(5)}
    try:
        for i, x in enumerate(view(d)):
            if i == 2:
                change(d)
        return "finished", d
    except RuntimeError as e:
        return str(e)


for view in (lambda d: d, dict.keys, dict.values, dict.items, reversed, lambda d: reversed(d.values()), lambda d: reversed(d.items())):
    print(walk(lambda d: d.__setitem__(9, 9), view), walk(lambda d: d.__delitem__(0), view), walk(lambda d: d.__setitem__(1, "x"), view), walk(dict.clear, view))
d = {0: 0}
try:
    for k in d:
        del d[k]
        d[k + 1] = 0
        if k > 20:
            break
    print("ended", d)
except RuntimeError as e:
    print(e, d)

# order and tombstones
d = {}
for i in range(1000):
    d[i] = i
for i in range(0, 1000, 3):
    del d[i]
for i in range(0, 1000, 3):
    d[i] = -i
assert list(d) == [i for i in range(1000) if i % 3] + list(range(0, 1000, 3))
assert list(reversed(d)) == list(d)[::-1]
assert all(d[i] == (i if i % 3 else -i) for i in range(1000))
while len(d) > 3:
    d.popitem()
    d.pop(next(iter(d)))
print(d)
q = {i: None for i in range(100)}
for i in range(100, 20000):  # a queue
    del q[next(iter(q))]
    q[i] = None
print(len(q), next(iter(q)), next(reversed(q)))
s = {}
for i in range(20000):  # a stack
    s[i] = 1
    s[-i - 1] = 2
    assert s.popitem() == (-i - 1, 2)
print(len(s))
big = {str(i): i for i in range(70000)}
big.update({i: str(i) for i in range(70000)})
assert len(big) == 140000 and all(big[str(i)] == i and big[i] == str(i) for i in range(70000))
copy = big.copy()
for i in range(70000):
    del big[str(i)]
assert len(big) == 70000 and len(copy) == 140000 and "5" not in big and big[5] == "5" and copy["5"] == 5
print({-1: 1, -2: 2, 2 ** 61 - 1: 3, 0: 4, 2 ** 70: 5, -2 ** 70: 6, 1e100: 7, 0.0: 8, -0.0: 9})
print(hash(2 ** 61 - 1), hash(-2 ** 61), hash(2 ** 61), hash(-1), hash(-(2 ** 61 - 1)))
nan = float("nan")
print({nan: 1}[nan], len({nan: 1, float("nan"): 2}))


class Fin:
    def __del__(self):
        print("del", len(box))


box = {}
box[1] = Fin()
box[1] = 2
box[2] = Fin()
del box[2]
box[3] = Fin()
box.pop(3)
box[Fin()] = 1
box.popitem()
box[4] = Fin()
box.clear()


def f(**kw):
    return kw


print(f(**{"a": 1}, **{"b": 2}), attempt(lambda: f(**{"a": 1}, **{"a": 2})), attempt(lambda: f(**5)), attempt(lambda: f(**{1: 2})), attempt(lambda: f(a=1, **{"a": 2})))
print(dict[str, int], {}.__sizeof__() > 0)
print({i: j for i, j in zip("abc", range(3))}, {**{"a": 1}, "b": 2, **{"a": 3}})

class Random:
    """The same numbers everywhere."""

    def __init__(self, seed):
        self.state = seed

    def random(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53

    def randrange(self, n):
        return int(self.random() * n)


def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return type(e).__name__, str(e)


print(sorted([3, 1, 2]), sorted("hello"), sorted([2.5, -1.0, 0.0]), sorted([]), sorted([1]), sorted({3: 1, 2: 2}), sorted((1, 2, 3), reverse=True))
print(sorted(["b", "A", "c"], key=str.lower), sorted([1, -2, 3], key=abs, reverse=True), sorted([(1, "b"), (1, "a"), (0, "z")]), sorted([[2], [1, 5], [1]]), sorted([True, 0, 2.5, -1]))
print(attempt(sorted, [1, "a"]), attempt(sorted, [1, 2], key=5), attempt([].sort, 1), attempt([3].sort, foo=1)[0], attempt(sorted, [1 + 1j, 2]))
print([3, 1].sort())

rng = Random(12345)


def check(l, **kw):
    got = l[:]
    got.sort(**kw)
    key = kw.get("key") or (lambda x: x)
    # insertion into the right place, the slow and sure way
    tagged = [(key(x), i, x) for i, x in enumerate(l)]
    for p, q in zip(got, got[1:]):
        if kw.get("reverse"):
            assert not key(p) < key(q)
        else:
            assert not key(q) < key(p)
    assert sorted(map(id, got)) == sorted(map(id, l))
    return got


class Item:
    def __init__(self, k, n):
        self.k, self.n = k, n

    def __lt__(self, other):
        return self.k < other.k


def stable(l, reverse=False):
    got = sorted(l, reverse=reverse)
    for p, q in zip(got, got[1:]):
        assert p.k < q.k or p.k == q.k and p.n < q.n if not reverse else p.k > q.k or p.k == q.k and p.n < q.n


def shapes(n):
    yield "random", [rng.randrange(n + 1) for _ in range(n)]
    yield "few", [rng.randrange(4) for _ in range(n)]
    yield "up", list(range(n))
    yield "down", list(range(n, 0, -1))
    yield "saw", [i % 17 for i in range(n)]
    yield "up, noise", [i if rng.random() < 0.98 else rng.randrange(n) for i in range(n)]
    yield "two runs", list(range(n // 2)) + list(range(n // 2))
    yield "organ", list(range(n // 2)) + list(range(n // 2, 0, -1))
    yield "same", [7] * n
    yield "blocks", [i // 10 * 10 - i % 10 for i in range(n)]


for n in (0, 1, 2, 3, 10, 63, 64, 65, 100, 1000, 3000):
    for name, ints in shapes(n):
        for l in (ints, [float(i) for i in ints], [str(i) for i in ints], [(i, str(i)) for i in ints], [chr(i % 50000 + 1) for i in ints]):
            for reverse in (False, True):
                assert check(l, reverse=reverse) == sorted(l, key=lambda x: (0, x), reverse=reverse), (n, name)
        check(ints, key=lambda x: -x)
        check(ints, key=str, reverse=True)
        items = [Item(k, i) for i, k in enumerate(ints)]
        stable(items)
        stable(items, True)
        pairs = [(k, i) for i, k in enumerate(ints)]
        for key in (lambda p: p[0], lambda p: str(p[0]), lambda p: float(p[0])):
            for reverse in (False, True):
                got = sorted(pairs, key=key, reverse=reverse)
                for p, q in zip(got, got[1:]):
                    assert (key(p) == key(q) and p[1] < q[1]) or ((key(p) > key(q)) if reverse else (key(p) < key(q)))
print("sorted")

# comparisons: few for what is nearly in order
count = 0


class Counted:
    def __init__(self, k):
        self.k = k

    def __lt__(self, other):
        global count
        count += 1
        return self.k < other.k


def comparisons(keys):
    global count
    count = 0
    [Counted(k) for k in keys].sort()
    items = [Counted(k) for k in keys]
    count = 0
    items.sort()
    return count


print(comparisons(range(1000)), comparisons(range(1000, 0, -1)), comparisons([rng.random() for _ in range(1000)]) < 9000, comparisons(list(range(500)) * 2) < 2500)

# the list is empty meanwhile, and changes are found out
seen = []
l = [3, 1, 2]
l.sort(key=lambda x: seen.append(len(l)) or x)
print(seen, l)
l = [3, 1, 2]
print(attempt(l.sort, key=lambda x: l.append(x) or x), l)
l = [3, 1, 2]
print(attempt(l.sort, key=lambda x: l.clear() or x), l)


class Boom(Exception):
    pass


class Fails:
    budget = 50

    def __init__(self, k):
        self.k = k

    def __lt__(self, other):
        Fails.budget -= 1
        if Fails.budget < 0:
            raise Boom
        return self.k < other.k


for budget in (0, 1, 5, 50, 500, 1500):
    Fails.budget = budget
    l = [Fails(rng.random()) for _ in range(300)]
    before = sorted(map(id, l))
    try:
        l.sort()
    except Boom:
        print("boom", budget, sorted(map(id, l)) == before)
print(attempt([1, 2, 3].sort, key=lambda x: 1 // (x - 2)))


class NoBool:
    def __lt__(self, other):
        return self

    def __bool__(self):
        raise Boom("no truth")


print(attempt([NoBool(), NoBool()].sort))
l = [float("nan"), 1.0, 2.0, 0.0]
l.sort()
print(len(l), sorted([0.0, -0.0]), sorted([-0.0, 0.0]), sorted([1, 1.0, True]), sorted([2 ** 70, 1, -2 ** 70, 2 ** 62]))
print(sorted(["\u00e9", "e", "z", "\U0001f600", "\uffff", ""]), sorted([b"b", b"a"]), sorted([None], key=lambda x: 0), [].sort(key=5))

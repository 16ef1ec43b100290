# Promises that hold with any number of threads, with and without a lock for all.
import threading

N = 4


def run(f, *args):
    errors = []

    def body(i):
        try:
            f(i, *args)
        except BaseException as e:
            errors.append(repr(e))

    threads = [threading.Thread(target=body, args=(i,)) for i in range(N)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        print(f.__name__, "failed:", errors)


def appends(i, l):
    for k in range(5000):
        l.append((i, k))


l = []
run(appends, l)
print("append", len(l), all([k for j, k in l if j == i] == list(range(5000)) for i in range(N)))


def pops(i, l, got):
    mine = []
    while True:
        try:
            mine.append(l.pop())
        except IndexError:
            break
    got.append(mine)


got = []
run(pops, l, got)
print("pop", len(l), sorted(x for m in got for x in m) == [(i, k) for i in range(N) for k in range(5000)])


def keys(i, d):
    for k in range(3000):
        d[i, k] = k
        d[k] = i
    for k in range(0, 3000, 2):
        del d[i, k]


d = {}
run(keys, d)
print("dict", len(d), all(d[i, k] == k for i in range(N) for k in range(1, 3000, 2)), sorted(k for k in d if isinstance(k, int)) == list(range(3000)))


def popitems(i, d, got):
    mine = []
    while True:
        try:
            mine.append(d.popitem())
        except KeyError:
            break
    got.append(mine)


got = []
d = {i: str(i) for i in range(20000)}
run(popitems, d, got)
print("popitem", len(d), dict(x for m in got for x in m) == {i: str(i) for i in range(20000)}, sum(map(len, got)))


def setdefaults(i, d, seen):
    seen[i] = [d.setdefault(k, object()) for k in range(3000)]


d, seen = {}, {}
run(setdefaults, d, seen)
print("setdefault", len(d), all(a is b is c is e for a, b, c, e in zip(*seen.values())))


def elements(i, s, left):
    for k in range(3000):
        s.add(k)
        s.add((i, k))
    for k in range(3000):
        s.discard((i, k))


def removals(i, s):
    for k in range(i, 2000, N):
        s.remove(k)


s = set()
run(elements, s, None)
print("set", len(s), s == set(range(3000)))
run(removals, s)
print("set", len(s), s == set(range(2000, 3000)))


def steps(i, it, got):
    got.append(list(it))


for make in (lambda: iter(list(range(20000))), lambda: iter(tuple(range(20000))), lambda: iter(range(20000)), lambda: iter({k: 1 for k in range(20000)}), lambda: reversed(list(range(20000))), lambda: iter(range(2 ** 70, 2 ** 70 + 20000))):
    got = []
    it = make()
    name = type(it).__name__
    run(steps, it, got)
    flat = sorted(x for m in got for x in m)
    first = flat[0]
    print(name, sum(map(len, got)), flat == list(range(first, first + 20000)))


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 7

    def __eq__(self, other):
        return self.n == other.n


def own_keys(i, d):
    for r in range(3):
        for k in range(60):
            d[Key(k)] = (i, k)
            assert d[Key(k)][1] == k
            d.get(Key(k + 100))


d = {}
run(own_keys, d)
print("keys with __eq__", len(d), sorted(k.n for k in d) == list(range(60)))


# Whatever happens to a container that others change, nothing breaks.
def chaos(i, l, d, s, stop):
    x = i + 1
    for r in range(1500):
        x = (x * 1103515245 + 12345) % 2 ** 31
        k, v = x >> 8 & 31, [x]
        try:
            match (x >> 16) % 24:
                case 0:
                    l.append(v)
                case 1:
                    l.insert(k, v)
                case 2:
                    l.pop(k)
                case 3:
                    l[k] = v
                case 4:
                    del l[k : k + 3]
                case 5:
                    l[k : k + 2] = [v, v, v]
                case 6:
                    l.sort(key=id, reverse=k & 1)
                case 7:
                    l.reverse()
                case 8:
                    l.extend(l[:9])
                case 9:
                    l *= 2
                    if len(l) > 200:
                        l.clear()
                case 10:
                    for y in l:
                        assert type(y) is list
                case 11:
                    assert repr(l)[0] == "["
                case 12:
                    l == l[::-1], l.count(v), v in l
                case 13:
                    d[k] = v
                case 14:
                    del d[k]
                case 15:
                    d.update({j: v for j in range(k)})
                case 16:
                    for y, z in d.items():
                        assert type(z) is list
                case 17:
                    d.popitem()
                case 18:
                    assert repr(d)[0] == "{" and len(d | d) >= 0 and list(d.copy()) is not None
                case 19:
                    d.clear() if k == 5 else d.pop(k)
                case 20:
                    s |= {k, k + 1, (k,)}
                case 21:
                    s ^= {k, k + 1}
                case 22:
                    for y in s:
                        pass
                case 23:
                    s.pop() if k else s.clear()
        except (IndexError, KeyError, ValueError, RuntimeError):
            pass


l, d, s = [], {}, set()
run(chaos, l, d, s, None)
print("chaos", all(type(x) is list for x in l), all(type(x) is list for x in d.values()), len(d) == len(list(d)), len(s) == len(list(s)))

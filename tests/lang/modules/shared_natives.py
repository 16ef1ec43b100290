# Native objects that threads share: nothing is lost where an operation is atomic, and nothing breaks where it is not.
import collections
import functools
import itertools
import random
import threading
import weakref


def run(n, f):
    threads = [threading.Thread(target=f, args=(i,)) for i in range(n)]
    for t in threads: t.start()
    for t in threads: t.join()


def deque_appends():
    d = collections.deque()
    run(4, lambda k: [d.append((k, i)) for i in range(3000)])
    return len(d), all(len({i for j, i in d if j == k}) == 3000 for k in range(4))


def deque_both_ends():
    d = collections.deque(range(100))
    taken = [[] for _ in range(4)]

    def work(k):
        for i in range(2000):
            if k % 2: d.append(i)
            else: d.appendleft(i)
            taken[k].append(d.popleft() if k % 3 else d.pop())
            if i % 50 == 0: d.rotate(k); len(d)
    try:
        run(4, work)
    except RuntimeError:
        pass
    return len(d) + sum(map(len, taken))


def deque_bounded():
    d = collections.deque(maxlen=10)
    run(4, lambda k: [d.append(i) for i in range(3000)])
    return len(d)


def counting():
    c = itertools.count()
    seen = [[] for _ in range(4)]
    run(4, lambda k: [seen[k].append(next(c)) for _ in range(3000)])
    return sorted(sum(seen, [])) == list(range(12000))


def products():
    p = itertools.product(range(20), repeat=3)
    seen = [[] for _ in range(4)]
    run(4, lambda k: seen[k].extend(p))
    return sorted(sum(seen, [])) == list(itertools.product(range(20), repeat=3))


def repeats():
    r = itertools.repeat("x", 8000)
    n = [0] * 4

    def work(k):
        for _ in r: n[k] += 1
    run(4, work)
    return sum(n)


def caches():
    calls = []

    @functools.lru_cache(maxsize=50)
    def f(x):
        calls.append(x)
        return x * x

    wrong = []

    def work(k):
        rng = random.Random(k)
        for _ in range(4000):
            x = rng.randrange(80)
            if f(x) != x * x: wrong.append(x)
    run(4, work)
    info = f.cache_info()
    f.cache_clear()
    return wrong, info.hits + info.misses, f.cache_info().currsize


def unlimited():
    @functools.cache
    def f(x): return [x]
    run(4, lambda k: [f(i % 100) for i in range(4000)])
    return f.cache_info().currsize


def default_dicts():
    d = collections.defaultdict(list)
    run(4, lambda k: [d[i % 50].append(k) for i in range(2000)])
    return sum(map(len, d.values()))


def ordered():
    o = collections.OrderedDict((i, i) for i in range(50))

    def work(k):
        rng = random.Random(k)
        for i in range(1500):
            o.move_to_end(rng.randrange(50), last=bool(k % 2))
    run(4, work)
    return sorted(o) == list(range(50))


def weak():
    class A: pass
    alive = [A() for _ in range(20)]
    called = []

    def work(k):
        for i in range(1500):
            refs = [weakref.ref(alive[(i + j) % 20], lambda r: called.append(1)) for j in range(3)]
            for r in refs:
                o = r()
                assert o is None or type(o) is A
            if i % 10 == k: alive[i % 20] = A()
            w = weakref.ref(alive[i % 20])
            p = weakref.proxy(alive[i % 20])
            del o
    run(4, work)
    return all(weakref.ref(a)() is a for a in alive)


def tees():
    parts = itertools.tee(iter(range(3000)), 4)
    out = [[] for _ in range(4)]

    def work(k):
        while True:
            try:
                out[k].append(next(parts[k]))
            except RuntimeError:
                continue
            except StopIteration:
                return
    run(4, work)
    return all(o == list(range(3000)) for o in out)


def errors():
    e = ValueError("shared")

    def work(k):
        for i in range(1500):
            try:
                raise e
            except ValueError as x:
                x.__context__
                x.args
    run(4, work)
    return e.args


for f in [deque_appends, deque_both_ends, deque_bounded, counting, products, repeats, caches, unlimited, default_dicts, ordered, weak, tees, errors]:
    print(f.__name__, f())

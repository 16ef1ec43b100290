# Sorts of ints and floats, small and large: stable, equal to a sort by keys. Displays and iterations in their special forms.
import random
random.seed(1)
total = 0
for n in [*range(70), 100, 127, 128, 129, 500, 1000, 5000]:
    for kind in range(6):
        l = [random.random() if kind % 2 else random.randrange(n + 1) for _ in range(n)]
        if kind == 2: l = [random.randrange(3) for _ in range(n)]
        if kind == 3: l = [random.choice((0.0, -0.0, 1.0)) for _ in range(n)]
        if kind == 4: l = sorted(l)[:n // 2] + sorted(l)[n // 3:]
        if kind == 5: l = [float(i % 37) - 18 for i in range(n)][::-1]
        order = sorted(range(len(l)), key=l.__getitem__)
        assert [str(x) for x in sorted(l)] == [str(l[i]) for i in order]
        assert sorted(l, reverse=True) == sorted(l)[::-1]
        assert all(order[i] < order[i + 1] for i in range(len(l) - 1) if l[order[i]] == l[order[i + 1]])
        total = (total * 31 + sum(i * x for i, x in enumerate(order))) % 1000003
print(total)
print(sorted([3, -1, 2**61, -2**61, 0]), sorted([1e300, -1e300, 0.5, -0.5, 5e-324, 1e-200]), sorted([2, 1.5, -1, 0.0]))

class X:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
for i in range(2):
    d = {"a": X(1), "b": X(2), "a": X(3), "c": 4}
    print({k: v.n if isinstance(v, X) else v for k, v in d.items()}, len(d))
    d = None
print({}, {"x": 1}, {"a": 1, "a": 2}, {1: 2, "a": 3}, {**{"a": 1}, "b": 2})

def each(it): return [x for x in it]
class I:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
for it in [(1, 2), "ab", {1: 2}, {3}, I(), iter([1]), range(2), b"ab", (x for x in "yz"), zip("a", "b"), map(str, (1, 2)), (5,)]: print(each(it))
class Bad(I):
    def __next__(self): raise ValueError("bad")
for it in [(1,), Bad(), "q"]:
    try: print(each(it))
    except ValueError as e: print(e)
print([x for x in [(), (1,), (1, 2)] for _ in range(2)], [sum((1.5, 2, True)), sum([0.1] * 10), max([1, 2.5, 2]), min((3, 1, 2)), max("b", "a", key=ord)])
try: max([])
except ValueError as e: print(e)
print([2 ** i for i in (0, 1, 61, 62)], [x ** 2 for x in (-1.5, 0.0, 3, -3)], (-8.0) ** 3, 2.0 ** -1)
for x, y in [(0.0, -1), (-8.0, 0.5), (1e300, 2)]:
    try: print(x ** y)
    except ArithmeticError as e: print(type(e).__name__, e)
import struct
print([struct.pack(f, 1) for f in ("<I", "<I", ">H", b"<B")], struct.unpack("<I", b"\1\0\0\0"), [struct.calcsize("%ds" % i) for i in range(0, 240, 60)])
struct._clearcache()
print(struct.calcsize("<IH"), " a\x1cb\x85c\xa0d\u2003e ".split(), b" a\x1cb\xa0 c".split(), "a\tb".split(maxsplit=0))

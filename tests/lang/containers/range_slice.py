def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return type(e).__name__, str(e)


big = 2 ** 70
print(range(5), range(1, 5), range(1, 5, 2), range(5, 0, -1), range(big), range(True), list(range(5)), list(range(5, 0, -2)), list(range(3, 3)), list(range(0, -5)))
print(attempt(range), attempt(range, 1, 2, 3, 4), attempt(range, "a"), attempt(range, 1, 2, 0), attempt(range, a=1), attempt(range, 2.0))
r = range(10, 50, 7)
print(r.start, r.stop, r.step, len(r), r[0], r[-1], r[True], attempt(lambda: r[6]), attempt(lambda: r[-7]), attempt(lambda: r["a"]), attempt(lambda: r[big]))
print(r[1:3], r[::-1], r[::2], r[5:100], r[big:], r[-big:big:2], range(5)[::-1], range(0)[::-1], range(big)[1:-1:3], range(0, 10, 3)[::2], attempt(lambda: r[::0]))
for r in (range(0), range(7), range(2, 20, 3), range(20, 2, -3), range(-5, 6), range(big, big + 20, 4), range(big, big - 9, -2), range(-big, -big + 5)):
    l = list(r)
    assert len(l) == len(r) and [r[i] for i in range(len(r))] == l and list(reversed(r)) == l[::-1]
    for x in l:
        assert x in r and r.index(x) == l.index(x) and r.count(x) == 1 and float(x) in r or x > 2 ** 53 or x < -2 ** 53
    for x in range(-25, 25):
        assert (x in r) == (x in l)
    for s in (slice(None, None, -1), slice(1, -1), slice(None, None, 3), slice(-3, None), slice(5, 1, -2)):
        assert list(r[s]) == l[s]
    it = iter(r)
    print(r, bool(r), hash(r) == hash(range(r.start, r.stop, r.step)), type(it).__name__, it.__length_hint__(), next(it, "end"), it.__length_hint__(), list(it), it.__length_hint__())
print(len(range(2 ** 61)), attempt(lambda: len(range(big))), range(big)[2 ** 69], list(range(2 ** 61 - 3, 2 ** 61 + 3)), list(range(-2 ** 61 + 2, -2 ** 61 - 3, -1)), list(range(2 ** 63 - 2, 2 ** 63 + 1)))
print(range(0) == range(2, 2), range(0, 3, 2) == range(0, 4, 2), range(3) == [0, 1, 2], range(3) != range(4), hash(range(5)), hash(range(0)), hash(range(1)), hash(range(1, 2, 5)), attempt(lambda: range(3) < range(4)))
print(range(10).count("a"), range(10).count(3.0), attempt(range(3).index, 5), attempt(range(3).index, "a"), "a" in range(3), 2.5 in range(3), range(3).index(True), range(5).index(3.0))


class Three(int):
    def __eq__(self, other):
        return other == 1

    __hash__ = int.__hash__


print(Three(3) in range(3), range(5).index(Three(7)), range(5).__reduce__(), iter(range(5)).__reduce__(), iter(range(big)).__reduce__(), reversed(range(5)).__reduce__())
it = iter(range(10))
next(it)
it.__setstate__(4)
print(list(it))
it = iter(range(big, big + 9))
it.__setstate__(4)
print(next(it), it.__reduce__())
it.__setstate__(100)
print(list(it))

s = slice(1, 2)
print(slice(1), slice(1, 2), slice(1, 2, 3), s.start, s.stop, s.step, slice("a", None, ()), attempt(slice), attempt(slice, 1, 2, 3, 4))
print(s == slice(1, 2, None), s < slice(1, 3), s != slice(2), attempt(lambda: s < 5), hash(s), hash(slice(1, 2, 3)), attempt(hash, slice([])), s.__reduce__())
print(slice(None).indices(5), slice(-3, None).indices(5), slice(None, None, -1).indices(5), slice(10, -10, -3).indices(5), slice(None, None, -2).indices(big), slice(big, -big).indices(7), slice(-big, big, big).indices(3))
print(attempt(s.indices, -1), attempt(slice("a").indices, 5), attempt(slice(1, 2, 0).indices, 5), attempt(s.indices, "a"), attempt(setattr, s, "start", 5))
for i in range(0, 3):
    for i in range(i, i + 2):
        print(i, end=" ")
print()
n = 0
for i in range(300000):
    n += i
print(n)

def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return type(e).__name__, str(e)


def plain(x):
    "Hides addresses."
    if isinstance(x, tuple):
        return tuple(plain(i) for i in x)
    return type(x).__name__ if hasattr(x, "__next__") else x


# list and tuple iterators
for make in (lambda: iter([1, 2, 3]), lambda: iter((1, 2, 3)), lambda: reversed([1, 2, 3]), lambda: reversed((1, 2, 3)), lambda: iter({1: 2, 3: 4, 5: 6}), lambda: iter({1: 2, 3: 4, 5: 6}.items()), lambda: reversed({1: 2, 3: 4, 5: 6}.values())):
    it = make()
    print(type(it).__name__, iter(it) is it, it.__length_hint__(), next(it), it.__length_hint__(), plain(it.__reduce__()), list(it), next(it, "end"), it.__length_hint__(), plain(it.__reduce__()))
    it = make()
    if hasattr(it, "__setstate__"):
        for state in (1, 100, -100):
            it.__setstate__(state)
            print(list(it), end=" ")
            it = make()
        print(attempt(it.__setstate__, "a")[0])
print(attempt(next, iter([])), attempt(iter([]).__next__), attempt(next, 5), attempt(iter, 5), attempt(iter, 5, 1))
l = [1, 2, 3]
it = iter(l)
next(it)
l.clear()
print(list(it))
l.extend([1, 2, 3])
print(list(it))
it = reversed(l)
next(it)
l.pop()
l.pop()
print(list(it), list(it))


class Old:
    def __init__(self, n):
        self.n = n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError
        return i * i

    def __len__(self):
        return self.n


it = iter(Old(4))
print(type(it).__name__, next(it), it.__length_hint__(), it.__reduce__()[2], list(it), it.__reduce__(), list(it))
r = reversed(Old(4))
print(type(r).__name__, r.__length_hint__(), next(r), r.__length_hint__(), list(r), r.__length_hint__(), plain(r.__reduce__()))
r = reversed(Old(5))
r.__setstate__(1)
print(list(r))


class Raises(Old):
    def __getitem__(self, i):
        if i == 1:
            raise StopIteration
        if i == 3:
            raise KeyError(i)
        return i


print(list(iter(Raises(9))), attempt(list, reversed(Raises(4))), list("ab"), attempt(reversed, 5), attempt(reversed, {1}), attempt(reversed), attempt(reversed, a=1), attempt(reversed, [1], [2]))


class NoReverse(Old):
    __reversed__ = None


class OwnReverse:
    def __reversed__(self):
        return "own"


print(attempt(reversed, NoReverse(3)), reversed(OwnReverse()), list(reversed("abc")), list(reversed(range(3))), list(reversed({1: 2, 3: 4})))

# iter(callable, sentinel)
values = iter([1, 2, 3, 0, 4])
it = iter(lambda: next(values), 0)
print(type(it).__name__, list(it), list(it), plain(it.__reduce__()), list(values))
it = iter(lambda: next(iter([])), 0)
print(list(it), plain(iter(int, 1).__reduce__()))

# enumerate
print(list(enumerate("ab")), list(enumerate("ab", 5)), list(enumerate(iterable="ab", start=-1)), list(enumerate("ab", 2 ** 61 - 1)), list(enumerate("abc", 2 ** 80)), list(enumerate([], start=3)))
print(attempt(enumerate), attempt(enumerate, 5), attempt(enumerate, [], "a"), attempt(enumerate, [1], 2, 3), plain(enumerate([1], 5).__reduce__()), enumerate[int])
e = enumerate("abc", True)
next(e)
print(e.__reduce__()[1][1], type(e).__name__, iter(e) is e)

# zip
print(list(zip()), list(zip("abc")), list(zip("abc", (1, 2))), list(zip("ab", [1, 2], (3, 4))), list(zip(*[range(i, i + 3) for i in range(10)])))
print(list(zip("ab", "cd", strict=True)), attempt(list, zip("ab", "c", strict=True)), attempt(list, zip("a", "cd", strict=True)), attempt(list, zip("ab", "ab", "c", strict=True)), attempt(list, zip("a", "a", "cd", strict=True)), list(zip(strict=True)))
print(attempt(zip, 5), attempt(zip, [], 5), attempt(zip, a=1), attempt(zip, [], strict=True, b=2)[0], plain(zip([1], (2,)).__reduce__()), plain(zip([1], strict=True).__reduce__()), attempt(next, zip()))
z = zip("ab", "c")
z.__setstate__(True)
print(attempt(list, z))
it = iter([1, 2, 3, 4, 5])
print(list(zip(it, it)), list(it))


def failing():
    yield 1
    raise ValueError("inside")


print(attempt(list, zip([1, 2], failing())), attempt(list, zip(failing(), [1, 2], strict=True)))

# map
print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])), list(map(max, *[range(i, i + 3) for i in range(10)])), attempt(map), attempt(map, int), attempt(map, int, 5), attempt(map, int, [1], foo=2))
print(attempt(list, map(int, ["1", "x"])), attempt(list, map(lambda a, b: a, [1, 2], [1], strict=True)), attempt(list, map(lambda a, b: a, [1], [1, 2], strict=True)), plain(map(int, [1]).__reduce__())[1][0], attempt(list, map(5, [1])))

# filter
print(list(filter(None, [0, 1, "", "a", [], [0]])), list(filter(lambda x: x % 2, range(6))), list(filter(bool, [0, 2])), attempt(filter, int), attempt(filter, int, 5), attempt(filter, a=1), plain(filter(None, [1]).__reduce__())[1][0])


class BadBool:
    def __bool__(self):
        raise ValueError("bool")


print(attempt(list, filter(None, [1, BadBool()])), attempt(list, filter(lambda x: BadBool(), [1])))


class Mine(zip):
    tag = 1


class MyMap(map):
    def __new__(cls, f, *a, extra):
        return super().__new__(cls, f, *a)

    def __init__(self, f, *a, extra):
        self.extra = extra


print(list(Mine("ab", "cd")), Mine("a").tag, type(Mine("a")).__name__, list(MyMap(str, [1], extra=5)), MyMap(str, [], extra=5).extra)


class SelfIter:
    n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n > 3:
            raise StopIteration
        return self.n


print(list(SelfIter()), tuple(SelfIter()), [*SelfIter(), *SelfIter()], sum(SelfIter()), list(zip(SelfIter(), SelfIter())), dict(enumerate(SelfIter())), list(map(lambda x: -x, SelfIter())))
a, *b = SelfIter()
print(a, b, 2 in SelfIter(), 9 in SelfIter())
print([i for i, c in enumerate("x" * 1000) if i % 333 == 0], sum(a * b for a, b in zip(range(1000), range(1000))))

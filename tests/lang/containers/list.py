# list: construction, subscripts, slices, operators, methods, and what goes wrong.
def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return type(e).__name__, str(e)


print(list(), list("abc"), list((1, 2)), list({1: 2}), list(range(5)), list(x * x for x in range(4)))
print(attempt(list, 5), attempt(list, 1, 2), attempt(list, a=1))

# subscripts
l = [10, 20, 30, 40]
print(l[0], l[-1], l[True], attempt(lambda: l[4]), attempt(lambda: l[-5]), attempt(lambda: l["a"]), attempt(lambda: l[2 ** 70]))


class Index:
    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n


print(l[Index(2)], l[Index(-1)], attempt(lambda: l[1.0]))
l[0] = 11
l[-1] = 44
print(l)


def set_item(l, i, v):
    l[i] = v


def del_item(l, i):
    del l[i]


print(attempt(set_item, l, 9, 1), attempt(set_item, l, "a", 1), attempt(del_item, l, 9), attempt(del_item, l, "a"))
del l[1]
del l[-1]
print(l)

# slices against a model
base = list(range(10))
bounds = [None, -20, -10, -5, -1, 0, 1, 4, 9, 10, 15]
steps = [None, 1, 2, 3, -1, -2, -7]
total = 0
for a in bounds:
    for b in bounds:
        for s in steps:
            got = base[a:b:s]
            start, stop, step = slice(a, b, s).indices(10)
            want = []
            i = start
            while (i < stop) if step > 0 else (i > stop):
                want.append(base[i])
                i += step
            assert got == want, (a, b, s, got, want)
            # delete
            copy = base[:]
            del copy[a:b:s]
            assert copy == [x for x in base if x not in want], (a, b, s)
            # assign
            copy = base[:]
            new = [-x for x in range(len(want))]
            copy[a:b:s] = new
            assert copy[a:b:s] == new and len(copy) == 10, (a, b, s, copy)
            if s in (None, 1):
                copy = base[:]
                copy[a:b] = "xyz"
                lo, hi, _ = slice(a, b).indices(10)
                assert copy == base[:lo] + ["x", "y", "z"] + base[max(lo, hi):]
            total += 1
print("slices", total)
l = [1, 2, 3, 4]
print(attempt(set_item, l, slice(0, 4, 2), [1]), attempt(set_item, l, slice(0, 1), 5), attempt(set_item, l, slice(0, 4, 2), 5))
print(attempt(lambda: l[::0]), attempt(lambda: l["a":]))
l[1:3] = l
print(l)
l[::2] = l[::-2]
print(l)
l[:] = []
print(l)

# operators
print([1] + [2, 3], [1, 2] * 3, 2 * [0], [1] * 0, [1] * -4, [] * 5)
print(attempt(lambda: [1] + (2,)), attempt(lambda: [1] * "a"), attempt(lambda: [1] * 1.5), attempt(lambda: [1, 2] * 2 ** 62)[0])
l = [1]
m = l
l += (2, 3)
l += "ab"
l *= 2
print(l, l is m)
l *= 0
print(l, m)
l += l
l += [7]
l += l
print(l)
print([1, 2] == [1, 2], [1, 2] == [1, 2.0], [1] == (1,), [1, 2] != [1, 3], [1, 2] < [1, 3], [1] < [1, 0], [2] > [1, 9], [1, 2] >= [1, 2], [] <= [])
print(attempt(lambda: [1] < ["a"]), attempt(lambda: [1] < 1), [1] == 1)
nan = float("nan")
print([nan] == [nan], nan in [nan], [nan].index(nan), [nan].count(nan), 1.0 in [1], True in [1], 3 in [1, 2])
print(attempt(hash, []))

# methods
l = [3, 1, 2]
l.append(5)
l.extend([6, 7])
l.extend(x for x in (8, 9))
l.insert(0, "first")
l.insert(-1, "before last")
l.insert(100, "last")
l.insert(-100, "very first")
print(l)
print(l.pop(), l.pop(0), l.pop(-2), l)
print(attempt([].pop), attempt([1].pop, 5), attempt([1].pop, -2), attempt([1].pop, "a"))
l.remove("first")
print(l, attempt(l.remove, "nothing"))
l.reverse()
print(l, l.index(1), attempt(l.index, 1, 2), attempt(l.index, 1, 99), attempt(l.index, 9, -2), attempt(l.index, 99), attempt(l.index, 1, "a"))
print([1, 2, 1, 1].count(1), [].count(1), [1, 2, 3].copy())
l.clear()
print(l, len(l))
print(attempt(l.append), attempt(l.append, 1, 2), attempt(l.extend, 5), attempt(l.insert, "a", 1), attempt(l.clear, 1), attempt(l.copy, 2))
print(attempt(list.append, 5, 1))

# repr, recursion
l = [1, "a", [2, (3,)], None]
l.append(l)
print(l, repr(l))
print([[]] * 2)

# subclass
class Sub(list):
    def __getitem__(self, i):
        return "got"

    def __iter__(self):
        return iter("xy")


s = Sub([1, 2, 3])
s.tag = "t"
print(s, s[0], list(s), len(s), s.tag, s + [4], type(s + [4]).__name__, s.copy(), type(s.copy()).__name__, [0] + s)
l = [0]
l.extend(s)
print(l, Sub() == [], Sub([1]) == [1])

# changed while compared, searched, printed, iterated
class Evil:
    def __init__(self, victim, answer=False):
        self.victim = victim
        self.answer = answer

    def __eq__(self, other):
        self.victim.clear()
        return self.answer

    def __repr__(self):
        self.victim.clear()
        return "evil"


v = []
v.extend([Evil(v), 1, 2, 3])
print(5 in v, v)
v.extend([Evil(v), 1, 2, 3])
print(v == [0, 1, 2, 3], v)
v.extend([Evil(v), 1, 2])
print(attempt(v.index, 7), v)
v.extend([Evil(v), 1, 2])
print(v.count(1), v)
v.extend([0, Evil(v), 1, 2])
print(repr(v), v)
v.extend([1, Evil(v, True), 2])
print(attempt(v.remove, 9), v)
l = [1, 2, 3]
for x in l:
    if x < 6:
        l.append(x + 3)
print(l)
for x in l:
    l.remove(x)
print(l)


class Grow:
    def __init__(self, l):
        self.l = l

    def __iter__(self):
        for i in range(3):
            self.l.append(-i)
            yield i


l = []
l.extend(Grow(l))
print(l)
l = [1, 2, 3, 4]
l[1:3] = Grow(l)
print(l)


class BadIter:
    def __iter__(self):
        yield 1
        raise ValueError("stop here")


l = [0]
print(attempt(l.extend, BadIter()), l)
print(attempt(set_item, l, slice(0, 0), BadIter()), l)


class Hint:
    def __iter__(self):
        return iter([1, 2])

    def __length_hint__(self):
        return self.hint


h = Hint()
for h.hint in (0, 1, 100, -1, "a", NotImplemented):
    print(attempt(list, h))

# finalizers run after the list is in order again
class Fin:
    def __init__(self, l):
        self.l = l

    def __del__(self):
        print("del sees", len(self.l))


l = []
l.append(Fin(l))
l.append(1)
l.clear()
l.extend([1, Fin(l), 2])
l[1] = 5
l.extend([Fin(l)])
l.pop()
l.extend([Fin(l)] * 3)
del l[3:]
l[1:2] = [Fin(l), Fin(l)]
l[1:3] = []
print(l)

# big ones
l = []
for i in range(100000):
    l.append(i)
assert l == list(range(100000)) and sum(l) == 4999950000
for i in range(99990):
    l.pop()
print(l)
l = list(range(1000))
while len(l) > 3:
    del l[len(l) // 2]
    l.insert(1, l.pop())
    del l[::3]
print(l)
deep = []
for i in range(100000):
    deep = [deep]
del deep
print("done", list[int], list[int, str], isinstance([].__sizeof__(), int), [1, 2].__contains__(2), [].__len__())

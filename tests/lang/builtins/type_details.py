# Corners of the builtin types: unions of what cannot be hashed, iterators that their own pickling exhausts, sums, hashes kept.
import builtins
import copy
import pickle
import types


def attempt(f):
    try:
        return f()
    except Exception as e:
        return type(e).__name__, str(e), getattr(e, '__notes__', [])


# ---- unions
class Unhashable(type):
    __hash__ = None


class A(metaclass=Unhashable):
    pass


class B(metaclass=Unhashable):
    pass


class Bad(type):
    def __eq__(self, other):
        return 1 / 0


bad, worse = Bad('bad', (), {}), Bad('worse', (), {})
print((A | B).__args__ == (A, B), (A | B | A).__args__ == (A, B), attempt(lambda: hash(A | int)), (A | int) == (int | A))
print(attempt(lambda: bad | worse), (int | bad).__args__[0], hash(int | str) == hash(str | int), int | str == str | int)
print(attempt(lambda: types.UnionType()), attempt(lambda: types.UnionType.__new__(types.UnionType)))
starred = next(iter(tuple[int, str]))
print(starred, pickle.loads(pickle.dumps(starred)) == starred, copy.copy(starred) == starred, list(iter(list[int])))
shrinking = []


class Shrink:
    def __repr__(self):
        shrinking.clear()
        return 'S'


shrinking += [Shrink(), 1]
print(attempt(lambda: repr(types.GenericAlias(int, shrinking))))

# ---- iterators
class Key:
    def __init__(self, it):
        self.it = it

    def __hash__(self):
        return hash('iter')

    def __eq__(self, other):
        list(self.it)
        return other == 'iter'


plain = iter
for o in ([1, 2], 'xy', b'xy', (1, 2), bytearray(3), tuple[int]):
    it = plain(o)
    del builtins.__dict__['iter']
    builtins.__dict__[Key(it)] = plain
    reduced = it.__reduce__()
    del builtins.__dict__[[k for k in builtins.__dict__ if isinstance(k, Key)][0]]
    builtins.iter = plain
    print(reduced[0] is plain, reduced[1:])


def once():
    if not once.inside:
        once.inside = True
        list(once.it)
        return 1
    return 2


once.inside = False
once.it = iter(once, 2)
print(attempt(lambda: next(once.it)))
d = dict.fromkeys(range(10))
for i in range(9):
    del d[i]
backwards = reversed(d)
d.clear()
d[1] = 1
print(list(backwards))
d = dict.fromkeys(range(10))
for i in range(7):
    del d[i]
backwards = reversed(d)
next(backwards)
d.clear()
d.update(dict.fromkeys(range(10)))
for i in range(3, 10):
    del d[i]
print(attempt(lambda: list(backwards)))

# ---- sums keep what rounding loses, of complex numbers too
print(sum([0.1] * 10), sum([1.0, 10E100, 1.0, -10E100]), sum([1.0, 10**100, 1.0, -10**100]), sum([1j, 1, 10E100j, 1j, 1.0, -10E100j]))
print(sum([complex(1, -0.0), 1]), sum([2j, 1., 10E100, 1., -10E100]), attempt(lambda: sum([1.0, 10**1000])), sum([True, 2, 0.5]), sum([], -0.0))

# ---- hashes are asked for once
class Counting(int):
    asked = 0

    def __hash__(self):
        Counting.asked += 1
        return int(self)


d = dict.fromkeys(map(Counting, range(5)))
s = set(d)
s.difference(d), s.symmetric_difference_update(d), dict.fromkeys(frozenset(d)), dict.fromkeys(d, 1)
print(Counting.asked, s)

# ---- others
class Short:
    def __eq__(self, other):
        one.clear(), two.clear()
        return NotImplemented


one, two = [Short()], [Short()]
print(one == two, attempt(lambda: {}.update([object()])), attempt(lambda: dict([iter('a'), 5])), f'{frozenset(b"ab").intersection() is None}')


class Named(list):
    def __new__(cls, items, name=None):
        self = super().__new__(cls, items)
        self.name = name
        return self


print(Named([1, 2], name='n'), Named([1], name='n').name, attempt(lambda: list(sequence=())))
print(type(complex.real).__name__, type(float.real).__name__, type(types.FunctionType.__globals__).__name__)


class Own:
    __dict__ = property(lambda self: {'own': 1})


print(vars(Own()), attempt(lambda: type('a\udcdc', (), {})), attempt(lambda: type.__new__(type, 5)))


class Described:
    def __get__(self, o, owner):
        raise MemoryError('asked')


class Compares:
    __eq__ = Described()


print(attempt(lambda: Compares() == 1))


class Mapping:
    def __getitem__(self, key):
        raise KeyError(key)

    def keys(self):
        return ['z', 'a']


print(eval('dir()', {}, Mapping()), attempt(lambda: bytearray(b',').join([b'a', 5])))
names = []


class Item:
    def __buffer__(self, flags):
        names.clear()
        return memoryview(b'x')


names += [b'a', Item(), b'c']
print(attempt(lambda: b''.join(names)))

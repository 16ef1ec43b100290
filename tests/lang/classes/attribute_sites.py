"""One attribute site that sees many shapes, while classes, descriptors and instances change under it."""
import threading


class A:
    kind = "A"

    def __init__(self):
        self.x = 1

    def name(self):
        return "a"


class B:
    __slots__ = ("x",)
    kind = "B"

    def __init__(self):
        self.x = 2

    def name(self):
        return "b"


class C(A):
    def __init__(self):
        self.y = 0
        super().__init__()
        self.x = 3

    @property
    def kind(self):
        return "C" + str(self.y)

    @staticmethod
    def name():
        return "c"


def read(o):
    return o.x, o.kind, o.name()


objects = [A(), B(), C(), A(), B(), C()]
for _ in range(150):
    seen = [read(o) for o in objects]
print(seen[:3])

# What an instance gains hides the class's; what it loses does not.
objects[0].kind = "own"
objects[0].name = lambda: "mine"
print(read(objects[0]), read(objects[3]))
del objects[0].kind, objects[0].name
print(read(objects[0]))
objects[3].__dict__["name"] = lambda: "by dict"
print(read(objects[3]), read(objects[0]))

# A class that changes, and a base of it.
A.kind = property(lambda self: "new A")
print([read(o)[1] for o in objects])
A.name = classmethod(lambda cls: cls.__name__)
print([o.name() for o in objects if type(o) is A])
A.extra = 5
print(objects[0].extra, objects[2].extra)
del A.extra
try:
    objects[2].extra
except AttributeError as e:
    print(e)


# An object on the class becomes a data descriptor, and hides the instance's.
class Late:
    pass


class Holder:
    value = Late()

    def __init__(self):
        self.value = "instance"


def value(o):
    return o.value


holders = [Holder(), A(), Holder()]
holders[1].value = "other"
for _ in range(150):
    got = [value(h) for h in holders]
print(got)
Late.__get__ = lambda self, o, owner=None: "descriptor"
print([value(h) for h in holders])
Late.__set__ = lambda self, o, v: print("set", v)
print([value(h) for h in holders])
holders[0].value = 7
del Late.__set__
print([value(h) for h in holders])
holders[0].value = 8
del Late.__get__
print([value(h) for h in holders])


class Early:
    def __get__(self, o, owner=None):
        return "early"

    def __set__(self, o, v):
        print("early set", v)


Holder.__dict__["value"].__class__ = Early
print([value(h) for h in holders])
holders[2].value = 9
Holder.__getattribute__ = lambda self, name: name.upper()
print([value(h) for h in holders])


# Constructors that subclasses share add to different shapes.
class Base:
    def __init__(self, n):
        self.n = n
        self.twice = 2 * n


class Left(Base):
    def __init__(self, n):
        self.left = n
        super().__init__(n)


class Right(Base):
    pass


for i in range(200):
    made = [cls(i) for cls in (Base, Left, Right, Left)]
print([vars(o) for o in made])


# Threads that run the same code over their own classes.
def work(results, i):
    class Own:
        tag = i

        def __init__(self):
            self.n = 0

        def step(self):
            self.n += self.tag

    o = Own()
    for k in range(3000):
        o.step()
        if k == 1500:
            Own.tag = i + 1
    results[i] = o.n


results = {}
threads = [threading.Thread(target=work, args=(results, i)) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results.items()))

# A finalizer that runs while a frame is being left may keep the frame's object: it must not look at registers that others use later.
import sys

saved = []


class Keeps:
    def __del__(self):
        saved.append(sys._getframe(1))


def raises(n):
    a = n
    return [Keeps(), Keeps(), 1 / 0]


def returns():
    a = 5
    x = Keeps()
    return 7


def yields():
    x = Keeps()
    yield 1


for i in range(3):
    try:
        raises(i)
    except ZeroDivisionError:
        pass
    returns()
    for _ in yields():
        pass
print(len(saved))


def deep(n):
    rows = [object() for _ in range(n)]
    if n:
        return deep(n - 1)
    names = {"raises": ("n", "a"), "returns": ("a",), "yields": ()}
    return [frame.f_code.co_name in (*names, "<module>") and
            all(isinstance(v, int) for k, v in frame.f_locals.items() if k in names.get(frame.f_code.co_name, ())) and
            set(frame.f_locals) <= {"n", "a", "x"} or frame.f_code.co_name == "<module>" for frame in saved]


print(all(deep(20)))


# An exception that passed no frame is reported where the thread stands.
class Hook:
    def __call__(self, info):
        print(info.err_msg.partition(" <")[0], info.exc_type.__name__, info.exc_traceback is not None)


def stubborn():
    try:
        yield 1
    finally:
        yield 2


sys.unraisablehook = Hook()
g = stubborn()
next(g)
del g


# throw() into a generator that delegates: its frame stands between the thrower and what it delegates to.
def names(frame):
    found = []
    while frame and frame.f_code.co_name != "<module>":
        found.append(frame.f_code.co_name)
        frame = frame.f_back
    return found


def inner():
    try:
        yield
    except KeyError:
        print(names(sys._getframe()))
        yield 3


def outer():
    yield from inner()


class Custom:
    def __iter__(self):
        return self

    def __next__(self):
        return 42

    def throw(self, *args):
        print(names(sys._getframe()))
        return 43


def custom():
    yield from Custom()


g = outer()
next(g)
print(g.throw(KeyError))
g = custom()
next(g)
print(g.throw(KeyError))

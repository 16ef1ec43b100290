# What a program makes and drops comes back: after a warm-up, rounds of each kind grow the process by no more than noise.
import gc
import sys
import threading
import types


def maps():
    try:
        with open("/proc/self/maps") as f:
            return f.read()
    except OSError:
        return ""


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096


# The sanitizers' allocators keep freed memory in quarantine: there the program runs, and what is resident says nothing.
measured = "mimalloc" in maps()


class R:
    pass


def classes(n):
    for i in range(n):
        C = type("C", (), {"f": lambda self: self.a, "x": i})
        c = C()
        c.a = 1
        c.b = 2
        c.f()


def class_statements(n):
    for i in range(n // 4):
        class M(type):
            def __call__(cls, *args):
                return super().__call__(*args)

        class A(metaclass=M):
            __slots__ = ("x", "__dict__")

            @property
            def p(self):
                return self.x

        class B(A):
            def m(self):
                return super().p

        b = B()
        b.x = 1
        b.y = 2
        b.m()


def functions(n):
    for i in range(n):
        space = {"R": R}
        exec("def f(o):\n    o.append(len(o))\n    x = R(); x.y = 1; x.z = 2; x.y = 3\n    return x.y + x.z\n", space)
        assert space["f"]([]) == 5


names = iter(range(1 << 60))


def interned(n):
    for i in range(20 * n):
        sys.intern("a name of its own %d" % next(names))


def attributes(n):
    r = R()
    for i in range(10 * n):
        name = "attribute%d" % next(names)
        setattr(r, name, 1)
        delattr(r, name)


def threads(n):
    for i in range(n // 10):
        t = threading.Thread(target=classes, args=(10,))
        t.start()
        t.join()


def modules(n):
    for i in range(n):
        m = types.ModuleType("m")
        exec("def g(): return h", m.__dict__)
        m.h = m
    for i in range(n // 100):
        for name in ("colorsys", "stat", "no such module"):
            sys.modules.pop(name, None)
            try:
                __import__(name)
            except ImportError:
                pass


def generators(n):
    def endless():
        try:
            while True:
                yield 1
        finally:
            pass

    for i in range(10 * n):
        g = endless()
        next(g)
        next(x for x in g)


def tracebacks(n):
    def deep(k):
        local = [k]
        if k:
            deep(k - 1)
        raise ValueError(k)

    for i in range(n):
        try:
            deep(5)
        except ValueError as e:
            kept = e
            kept.itself = kept


def rounds(f, n, count):
    for i in range(count):
        f(n)
        for again in range(3):  # what is not counted takes three collections
            gc.collect()


LIMIT = 4_000_000
for f in classes, class_statements, functions, interned, attributes, threads, modules, generators, tracebacks:
    n = 1200 if measured else 50
    rounds(f, n, 2)
    before = resident() if measured else 0
    rounds(f, n, 8)
    grown = resident() - before if measured else 0
    # A round that has fallen on a bad moment is given another chance: what leaks grows again.
    if grown > LIMIT:
        before = resident()
        rounds(f, n, 8)
        grown = resident() - before
    print(f.__name__, "level" if grown <= LIMIT else f"grew by {grown} bytes")

# Sites that read attributes of classes and call functions with defaults, while another thread changes both.
import threading
class Meta(type): pass
class A(metaclass=Meta):
    k = ("A", 0)
class B(A): pass
class C(A): k = ("C", 0)
class S:
    __slots__ = ("k",)
    def __init__(self): self.k = ("S", 0)
def f(a, b=("f", 0), *, c=("g", 0)): return a, b, c
objects = [A, B, C, A(), B(), C(), S(), S()]
names = ["A", "A", "C", "A", "A", "C", "S", "S"]
stop = threading.Event()
wrong = []
def read():
    last = {}
    while not stop.is_set():
        for i, o in enumerate(objects):
            name, n = o.k
            if name != names[i]: wrong.append((i, name))
        for args in ((1,), (1, ("f", -1))):
            a, b, c = f(*args)
            if a != 1 or b[0] != "f" or c[0] != "g": wrong.append((a, b, c))
        a, b, c = f(2)
        if b[0] != "f" or c[0] != "g": wrong.append((a, b, c))
        a, b, c = f(b=("f", 5), a=3)
        if (a, b) != (3, ("f", 5)): wrong.append((a, b, c))
        l = []
        for x in (1, 2): l.append(x)
        for x in "ab": l.append(x)
        for x in {3: 4}: l.append(x)
        if l != [1, 2, "a", "b", 3]: wrong.append(l)
def change():
    for n in range(10000):
        A.k = ("A", n)
        C.k = ("C", n)
        f.__defaults__ = (("f", n),)
        f.__kwdefaults__ = {"c": ("g", n)}
        if n % 50 == 0:
            Meta.k = ("meta", n)
            del Meta.k
            A.other = n
    stop.set()
readers = [threading.Thread(target=read) for _ in range(3)]
for t in readers: t.start()
change()
for t in readers: t.join()
print(wrong[:5], A.k, B().k, C.k, f(0))

"""Attributes deleted from instances: the last one, any other, more than fit, under cached sites, shared and not."""
import threading


class Plain:
    default = "of the class"


def names(o):
    return {n: getattr(o, n) for n in "abcdefghijklm" if hasattr(o, n)}


def filled(letters):
    o = Plain()
    for i, n in enumerate(letters):
        setattr(o, n, [i])
    return o


# Every position, of few and of many.
for letters in ("a", "ab", "abc", "abcdefghijklm"):
    for gone in letters:
        o = filled(letters)
        delattr(o, gone)
        assert not hasattr(o, gone)
        rest = {n: [i] for i, n in enumerate(letters) if n != gone}
        assert names(o) == rest, (letters, gone, names(o))
        try:
            delattr(o, gone)
        except AttributeError as e:
            assert gone in str(e)
        else:
            assert False
        setattr(o, gone, "again")
        assert list(vars(o)) == [*rest, gone]
print("positions")


# Sites that have seen the object before.
def read(o):
    return o.a, o.b, o.c


def write(o, v):
    o.b = v


o = filled("abc")
for _ in range(100):
    read(o), write(o, 1)
del o.a
for site in (lambda: read(o),):
    try:
        site()
    except AttributeError as e:
        print(e)
write(o, 2)
print(vars(o))
o = filled("abc")
o.default = "own"
for _ in range(50):
    assert o.default == "own"
del o.default
print(o.default, list(vars(o)))


# What was deleted dies at once; a finalizer sees the object without it.
class Loud:
    def __init__(self, owner):
        self.owner = owner

    def __del__(self):
        print("gone:", sorted(n for n in "abcxyz" if hasattr(self.owner, n)))
        self.owner.z = "set by the finalizer"


o = filled("ab")
o.x = Loud(o)
o.y = 1
del o.x
print(sorted(vars(o)), o.z)

# As a bag of names: many orders of adding and deleting.
o = Plain()
order = []
for i in range(3000):
    n = "abcdefghijklm"[i * 7919 % 13]
    if n in order and i % 3:
        order.remove(n)
        delattr(o, n)
    else:
        if n not in order:
            order.append(n)
        setattr(o, n, i)
    assert [m for m in "abcdefghijklm" if hasattr(o, m)] == sorted(order)
print(list(vars(o)) == order)

# A shared one: readers see a value or AttributeError.
shared, stop, bad = filled("abc"), threading.Event(), []


def look():
    while not stop.is_set():
        for n in "abc":
            try:
                v = getattr(shared, n)
            except AttributeError:
                continue
            if v[0] != "abc".index(n):
                bad.append((n, v))


threads = [threading.Thread(target=look) for _ in range(2)]
for t in threads:
    t.start()
for i in range(2000):
    n = "abc"[i % 3]
    delattr(shared, n)
    setattr(shared, n, ["abc".index(n)])
stop.set()
for t in threads:
    t.join()
print(bad, sorted(vars(shared)))

"""Two names bound at once: for a, b in ...; a, b = ..."""


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


def pairs(kind):
    rows = [(Loud("a1"), Loud("b1")), (Loud("a2"), Loud("b2"))]
    if kind == "list":
        return rows
    if kind == "items":
        return dict(rows).items()
    if kind == "zip":
        return zip([r[0] for r in rows], [r[1] for r in rows])
    if kind == "enumerate":
        return enumerate([r[1] for r in rows])
    if kind == "generator":
        return (r for r in rows)


def loop(source):
    a = b = None
    for a, b in source:
        source = None
        log.append((getattr(a, "name", a), b.name))
    log.append("end")
    return


def twice(source):
    for _ in range(3):
        for x, x in source:
            pass
    return x


for kind in ("list", "items", "zip", "enumerate", "generator"):
    log = []
    loop(pairs(kind))
    loop(pairs(kind))
    print(kind, [e for e in log if isinstance(e, tuple)], sorted(e for e in log if isinstance(e, str)))
print(twice([(1, 2), (3, 4)]), twice({5: 6}.items()), twice(zip("ab", "cd")))


def swap(a, b):
    for _ in range(3):
        a, b = b, a
    return a, b


def unpack(t):
    total = 0
    for _ in range(100):
        a, b = t
        total += a + b
        b, a = t
        c, (d, e) = b, t
        x, x = t
        total += x + c + d + e
    return total


def fresh(n):
    out = []
    for i in range(n):
        a, b = divmod(i, 7)
        out.append((a, b))
        a, b = [i, str(i)]
        out.append(b)
    return out[-4:]


def wrong(t):
    a = b = "kept"
    try:
        a, b = t
    except (ValueError, TypeError) as e:
        return a, b, type(e).__name__
    return a, b


print(swap(1, [2]), unpack((3, 4)), fresh(30))
for t in ((1, 2), (1,), (1, 2, 3), "xy", {1: 2, 3: 4}, 5, (1, 2)):
    print(wrong(t))


def captured():
    functions = []
    for a, b in [(1, 2), (3, 4)]:
        functions.append(lambda: (a, b))
    return [f() for f in functions]


print(captured(), [(a, b) for a, b in {1: 2}.items()])

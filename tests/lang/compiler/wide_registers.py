# More registers than a plain instruction can name: results of calls, what is yielded, sent and thrown.
n = 33000
src = "def g(x): return x + 1\ndef f():\n" + "".join(f"    v{i} = {i}\n" for i in range(n)) + f"""    a = g(v{n-1}) + g(g(v1))
    class C:
        def __init__(self, x): self.x = x
    b = C(g(5)).x
    return a, b, [g(i) for i in range(3)]
def h():
""" + "".join(f"    v{i} = {i}\n" for i in range(n)) + """
    z = yield v32999
    w = yield from inner()
    return z, w
def inner():
    try: yield 1
    except ValueError: return "caught"
"""
ns = {}
exec(src, ns)
print(ns["f"]())
g = ns["h"]()
print(next(g), g.send("sent"))
try: g.throw(ValueError)
except StopIteration as e: print(e.value)

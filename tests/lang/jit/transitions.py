# Where the interpreter and compiled code take over from each other: in the middle of loops, at exceptions, in generators, when tracing
# begins and ends, after a fork, when code objects come and go. The same with the compiler on and off.
import gc
import os
import subprocess
import sys

program = r'''
import gc, os, sys, threading

def sums(n):
    total = 0
    for i in range(n):
        if i % 3 == 0:
            total += i
        elif i % 3 == 1:
            total -= i * 2
        else:
            total ^= i
    return total
print(sums(10), sums(20000), sums(1 << 15))

# An operation that sees other types when it has been compiled.
def add(a, b):
    return a + b
print([add(i, 1) for i in range(500)][-1], add("a", "b"), add(1.5, 2), add([1], [2]), add((1,), ()), [add(2 ** i, 1) for i in range(100)][-1] == 2 ** 99 + 1)
class Vector:
    def __init__(self, x): self.x = x
    def __add__(self, other): return Vector(self.x + other.x)
print([add(Vector(i), Vector(1)).x for i in range(300)][-1])
try:
    add(1, "x")
except TypeError as e:
    print(e)

# Exceptions, out of and into compiled frames.
def risky(i):
    if i % 7 == 0:
        raise ValueError(i)
    return i
def guard(n):
    good = bad = 0
    for i in range(n):
        try:
            good += risky(i)
        except ValueError as e:
            bad += e.args[0]
        finally:
            good += 1
    return good, bad
print(guard(3000))

# Generators that are resumed from compiled loops, from natives, by throw(); and one that is left in its middle.
def numbers(n):
    try:
        for i in range(n):
            got = yield i
            if got: yield got
    finally:
        ended.append(n)
ended = []
print(sum(numbers(2000)), list(numbers(5)), sum(a * b for a, b in zip(numbers(1000), numbers(1000))))
g = numbers(10); next(g); print(g.send("x"), next(g))
try: g.throw(KeyError("k"))
except KeyError as e: print(repr(e))
def delegate(n): return (yield from numbers(n))
print(sum(delegate(1500)))
for i in numbers(3000):
    if i == 2500: break
gc.collect(); print(ended)

# Recursion to the limit, and back.
def deep(n): return n and 1 + deep(n - 1)
for i in range(300): deep(5)
def deeper(n): return deeper(n + 1)
try: deeper(0)
except RecursionError as e: print(e)
print(deep(500))

# Tracing begins and ends in a hot loop.
events = []
def tracer(frame, event, arg):
    if frame.f_code.co_name == "traced":
        events.append((event, frame.f_lineno - traced.__code__.co_firstlineno))
        return tracer
def traced(n):
    s = 0
    for i in range(n):
        s += i
    return s
for i in range(200): traced(20)
sys.settrace(tracer); traced(2); sys.settrace(None)
print(events)
for i in range(200): traced(20)
events.clear()
def outer(n):
    for i in range(n):
        if i == n - 3: sys.settrace(tracer)
        traced(1)
    sys.settrace(None)
outer(1000)
print(len(events), events[:5])

# Functions that are made, compiled and dropped.
def make(k):
    space = {}
    exec(f"def f(n):\n    t = {k}\n    for i in range(n): t += i * {k}\n    return t", space)
    return space["f"]
print(sum(make(k)(300) for k in range(200)))

# A child compiles for itself.
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    os._exit(0 if make(3)(2000) == 3 + 3 * sum(range(2000)) and sums(20000) == sums(20000) else 1)
print(os.waitpid(pid, 0)[1], make(4)(2000) == 4 + 4 * sum(range(2000)))

# Threads that compile at once.
def work():
    f = make(7)
    results.append(sum(f(400) for i in range(20)) + sums(5000))
results = []
threads = [threading.Thread(target=work) for i in range(6)]
for t in threads: t.start()
for t in threads: t.join()
print(len(results), len(set(results)))

# Class and global names that change under a hot loop.
class Shape:
    def area(self): return 1
def areas(n):
    s, o = 0, Shape()
    for i in range(n):
        if i == n // 2: Shape.area = lambda self: factor
        s += o.area() * factor
    return s
factor = 2
print(areas(4000)); factor = 3.5; print(areas(100))
'''
outputs = [subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
           for options in (("-X", "jit=0"), ("-X", "jit=1"), ("-X", "jit=1", "-X", "jit_threshold=1"), ("-X", "jit=1", "--gil"), ("-X", "jit=1", "-X", "jit_mem=1"))]
print(outputs[0].stdout, end="")
for o in outputs:
    print(o.returncode, o.stderr[-2000:], o.stdout == outputs[0].stdout or o.stdout)

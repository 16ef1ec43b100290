# Storms on shared lists: every operation against every other. What may vary is not printed; what must hold is.
import threading

def storm(*workers):
    start = threading.Barrier(len(workers))
    failures = []
    def run(worker):
        start.wait()
        try:
            worker()
        except BaseException as e:
            failures.append(repr(e))
    threads = [threading.Thread(target=run, args=(w,)) for w in workers]
    for t in threads: t.start()
    for t in threads: t.join()
    return failures

class Item:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return isinstance(other, Item) and self.n == other.n
    def __lt__(self, other): return self.n < other.n
    __hash__ = None

# Appends are never lost.
items = []
def appender(k):
    def work():
        for i in range(1500): items.append((k, i))
    return work
print(storm(*(appender(k) for k in range(4))), len(items), len(set(items)))
for k in range(4):
    mine = [i for j, i in items if j == k]
    assert mine == sorted(mine)

# Each item is popped once.
taken = []
def popper():
    while True:
        try: taken.append(items.pop())
        except IndexError: return
print(storm(popper, popper, popper), len(items), len(taken), len(set(taken)))

# Everything at once: only what the language allows may be seen.
shared = [Item(i) for i in range(40)]
def reader():
    for i in range(250):
        for x in shared: assert type(x) is Item
        try: assert type(shared[i % 30]) is Item
        except IndexError: pass
        assert all(type(x) is Item for x in shared[2:9])
def writer():
    for i in range(1500):
        try: shared[i % 40] = Item(i)
        except IndexError: pass
def grower():
    for i in range(500):
        shared.append(Item(i))
        shared.insert(i % 7, Item(i))
        if len(shared) > 100: del shared[20:80]
def shrinker():
    for i in range(500):
        try: shared.pop(i % 5)
        except IndexError: pass
        shared[3:3] = [Item(i), Item(i + 1)]
        shared.reverse()
print(storm(reader, writer, grower, shrinker))
def sorter():
    for i in range(25):
        try: shared.sort()
        except ValueError as e: assert "modified" in str(e)
def extender():
    for i in range(80):
        shared.extend([Item(i)] * 3)
        shared[:] = shared[:50]
        shared.copy().count(Item(3))
        Item(5) in shared
        if i % 20 == 19: shared.clear()
print(storm(reader, sorter, extender, extender))
print(all(type(x) is Item for x in shared))

# Two lists that extend each other.
a, b = [1], [2]
def cross(x, y):
    def work():
        for _ in range(200):
            x.extend(y)
            del x[8:]
            x == y
            x + y
    return work
print(storm(cross(a, b), cross(b, a), cross(a, b)), len(a) <= 32)

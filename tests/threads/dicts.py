# Storms on shared dicts.
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

# Inserts by several threads are all there.
d = {}
def insert(k):
    def work():
        for i in range(1200): d[k, i] = i
    return work
print(storm(*(insert(k) for k in range(4))), len(d), sum(d.values()))

# setdefault and pop give each key to one thread.
winners = {}
won = [0] * 4
def default(k):
    def work():
        for i in range(1000):
            if winners.setdefault(i, k) == k: won[k] += 1
    return work
print(storm(*(default(k) for k in range(4))), sum(won), len(winners))
got = [0] * 4
def pop(k):
    def work():
        for i in range(1000):
            if winners.pop(i, None) is not None: got[k] += 1
    return work
print(storm(*(pop(k) for k in range(4))), sum(got), len(winners))
for i in range(800): winners[i] = i
def popitem(k):
    def work():
        while True:
            try: winners.popitem()
            except KeyError: return
            got[k] += 1
    return work
print(storm(*(popitem(k) for k in range(3))), sum(got), len(winners))

# Readers, iterators, writers, clear, update, copies; keys whose __eq__ and __hash__ are Python.
class Key:
    def __init__(self, n): self.n = n
    def __hash__(self): return self.n % 7
    def __eq__(self, other): return isinstance(other, Key) and self.n == other.n
table = {Key(i): [i] for i in range(10)}
def write():
    for i in range(250):
        table[Key(i % 20)] = [i]
        table.pop(Key((i * 7) % 20), None)
def read():
    for i in range(250):
        v = table.get(Key(i % 20))
        assert v is None or type(v) is list
        try: table[Key(3)]
        except KeyError: pass
        Key(4) in table
def walk():
    for i in range(120):
        try:
            for k, v in table.items(): assert type(k) is Key and type(v) is list
            for k in reversed(table): assert type(k) is Key
        except RuntimeError as e: assert "changed" in str(e)
        assert all(type(k) is Key for k in list(table))
def whole():
    for i in range(100):
        c = table.copy()
        assert all(type(v) is list for v in c.values())
        table.update({Key(i % 9): [i], Key(50): [0]})
        table | c
        if i % 25 == 24: table.clear()
print(storm(write, read, walk, whole))
print(storm(write, write, walk, read))
print(all(table[k][0] >= 0 for k in table))

# Strings as keys: globals of a module in all but name.
names = [f"name{i}" for i in range(50)]
space = dict.fromkeys(names, 0)
def spell():
    for i in range(600):
        space[names[i % 50]] = i
        space.pop(names[(i * 3) % 50], None)
        space.get(names[(i * 11) % 50])
def grow():
    for i in range(1500): space[f"x{i % 300}"] = i
print(storm(spell, spell, grow), all(type(k) is str for k in space))

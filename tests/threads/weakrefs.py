# Weak references against the deallocation of what they refer to.
import threading, weakref, gc

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

class Target:
    def __init__(self, n): self.n = n

# A dereference gives the whole object or None.
cell = [Target(0)]
ref = [weakref.ref(cell[0])]
finished = False
def replace():
    global finished
    for i in range(1200):
        new = Target(i)
        ref[0] = weakref.ref(new)
        cell[0] = new
    finished = True
def deref():
    while not finished:
        o = ref[0]()
        assert o is None or type(o.n) is int
print(storm(replace, deref, deref))

# References and proxies to one object made by all threads at once: one and the same.
def make():
    for i in range(400):
        assert weakref.ref(one) is weakref.ref(one)
        assert weakref.ref(one)() is one
        weakref.proxy(one).n
        weakref.ref(one, lambda r: None)
one = Target(1)
print(storm(make, make, make), weakref.getweakrefcount(one) <= 2)

# Each callback runs once.
calls = []
def die():
    for i in range(200):
        o = Target(i)
        r = weakref.ref(o, lambda r, i=i: calls.append(i))
        box = [o, r]
        shared.append(box)
        del o
        try: other = shared.pop(0)
        except IndexError: continue
        other[0] = None
        waiting.append(other)
shared, waiting = [], []
print(storm(die, die, die))
for b in shared: b[0] = None
waiting += shared
b = None
gc.collect()
print(len(calls), all(b[1]() is None for b in waiting))

# WeakValueDictionary and WeakSet under load.
values, everyone = weakref.WeakValueDictionary(), weakref.WeakSet()
def fill():
    keep = []
    for i in range(250):
        o = Target(i)
        values[i % 20] = o
        everyone.add(o)
        keep.append(o)
        if len(keep) > 5: keep.pop(0)
        got = values.get((i * 3) % 20)
        assert got is None or type(got) is Target
        for x in list(everyone): assert type(x) is Target
        len(values)
print(storm(fill, fill, fill))
gc.collect()
print(len(values), len(everyone))

# Finalizers revive, run once, and run wherever the last reference goes.
ran, lock = [], threading.Lock()
class Final:
    def __init__(self, n): self.n = n
    def __del__(self):
        with lock: ran.append(self.n)
def churn(k):
    def work():
        for i in range(200):
            pool[i % 10] = Final(k * 1000 + i)
    return work
pool = [None] * 10
print(storm(*(churn(k) for k in range(4))))
pool.clear()
gc.collect()
import time
while len(ran) < 800: time.sleep(0.01)  # the finalizer thread's work; the runner's time limit ends it where some never run
print(len(ran), len(set(ran)))

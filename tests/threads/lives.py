# Threads that come and go; exceptions that cross threads; thread-locals.
import threading, sys

# Churn: short threads that leave objects behind for others to free.
kept = []
def brief(n):
    mine = [[n, i] for i in range(10)]
    kept.append(mine)
    return mine
for round in range(12):
    threads = [threading.Thread(target=brief, args=(round * 8 + k,)) for k in range(8)]
    for t in threads: t.start()
    for t in threads: t.join()
    if round % 4 == 3:
        assert all(m[i] == [m[0][0], i] for m in kept for i in range(10))
        kept.clear()
print(len(kept), threading.active_count())

# Threads that start threads.
lock, total = threading.Lock(), 0
def tree(depth):
    global total
    with lock: total += 1
    if depth:
        below = [threading.Thread(target=tree, args=(depth - 1,)) for _ in range(2)]
        for t in below: t.start()
        for t in below: t.join()
tree(5)
print(total)

# An exception made in one thread, raised in others at once: its traceback and context change under them.
class Trouble(Exception): pass
caught = []
def make():
    try: raise Trouble("made elsewhere")
    except Trouble as e: caught.append(e)
t = threading.Thread(target=make); t.start(); t.join()
shared = caught[0]
print(shared, [shared.__traceback__.tb_frame.f_code.co_name])
seen = []
def again():
    for i in range(300):
        try:
            try: raise shared
            except Trouble as e: raise KeyError(i) from e
        except KeyError as e:
            assert e.__cause__ is shared
            e.__traceback__.tb_lineno, shared.__traceback__, shared.__context__
            shared.add_note("n") if i % 100 == 0 else None
            shared.with_traceback(None)
    seen.append(True)
threads = [threading.Thread(target=again) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(seen, len(shared.__notes__) >= 3)

# Uncaught ones go to the hook, with the thread that they ended.
reports = []
threading.excepthook = lambda a: reports.append((a.exc_type.__name__, str(a.exc_value), a.thread.name))
def fail(n): raise ValueError(n)
threads = [threading.Thread(target=fail, args=(i,), name=f"T{i}") for i in range(6)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(reports))

# Frames and tracebacks looked at from elsewhere while they run.
stop = False
def spin():
    mine = {"a": [1]}
    n = 0
    while not stop:
        n += 1
        mine["a"] = [n]
        helper(mine)
def helper(d): return d["a"]
t = threading.Thread(target=spin); t.start()
for i in range(60):
    for ident, frame in sys._current_frames().items():
        while frame:
            frame.f_code.co_name, frame.f_lineno
            frame = frame.f_back
stop = True
t.join()
print("frames")

# Thread-local data: each its own, dropped at the thread's end.
import weakref
class Data: pass
local = threading.local()
refs, oks = [], []
def own(n):
    local.data = Data()
    local.data.n = n
    refs.append(weakref.ref(local.data))
    for i in range(200):
        assert local.data.n == n
        local.x = [n]
        assert local.x == [n]
        if i % 7 == 0: del local.x
    oks.append(n)
threads = [threading.Thread(target=own, args=(i,)) for i in range(8)]
for t in threads: t.start()
for t in threads: t.join()
import gc; gc.collect()
print(sorted(oks), hasattr(local, "data"), [r() for r in refs])
class Own(threading.local):
    def __init__(self, start): self.n = start
o, ends = Own(5), []
def count():
    for _ in range(100): o.n += 1
    ends.append(o.n)
threads = [threading.Thread(target=count) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(ends, o.n)

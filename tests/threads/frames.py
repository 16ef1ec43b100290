# Frames of running functions and generators, looked at from other threads.
import sys, threading
frames, done, failures = [], False, []
def inner(n):
    mine = [n]
    frames[:] = [sys._getframe()]
    for i in range(20): mine = [n, i, {"x": mine[0]}]
    return mine
def outer():
    n = 0
    while not done:
        n += 1
        try: inner(n)
        except ValueError: pass
def numbers():
    x = [0]
    while True:
        x = [x[0] + 1]
        yield x
generator = numbers()
def advance():
    while not done:
        try: next(generator)
        except ValueError: pass
def look():
    try:
        for i in range(150):
            for f in list(frames):
                for v in list(f.f_locals.values()): assert type(v) in (int, list), v
                f.f_lineno, f.f_lasti, f.f_code.co_name
                while f: f = f.f_back
            f = generator.gi_frame
            f.f_locals, f.f_lineno, f.f_back, generator.gi_yieldfrom
    except BaseException as e: failures.append(repr(e))
threads = [threading.Thread(target=w) for w in (outer, advance)]
lookers = [threading.Thread(target=look) for _ in range(2)]
for t in threads + lookers: t.start()
for t in lookers: t.join()
done = True
for t in threads: t.join()
print(failures)

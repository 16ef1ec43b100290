# Trace and profile functions come and go in some threads while others run, make and trace the same code.
import sys, threading
failures, done = [], False
def work(n):
    total = 0
    for i in range(n):
        try:
            if i % 3 == 0: raise ValueError(i)
            total += sum(x for x in (1, 2, 3))
        except ValueError as e: total += len(e.args)
    return total
def generator():
    for i in range(4):
        yield [j * i for j in range(2)]
expected = work(9)
def check():
    if work(9) != expected: failures.append("work")
    if len([a for a in generator()]) != 4: failures.append("generator")
    space = {}
    exec("def made(a):\n    b = a + 1\n    return b\nresult = made(1)", space)
    if space["result"] != 2: failures.append("made")
def plain():
    try:
        while not done: check()
    except BaseException as e: failures.append(repr(e))
def traces():
    counts = {}
    def tracer(frame, event, arg):
        counts[event] = counts.get(event, 0) + 1
        if event == "line": frame.f_locals.get("total")
        return tracer
    def profiler(frame, event, arg): counts[event] = counts.get(event, 0) + 1
    try:
        for i in range(25):
            counts.clear()
            sys.settrace(tracer)
            if i % 2: sys.setprofile(profiler)
            check()
            sys.settrace(None)
            sys.setprofile(None)
            if not (counts["call"] and counts["line"] and counts["return"] and counts["exception"]): failures.append(counts)
            check()
    except BaseException as e: failures.append(repr(e))
    sys.settrace(None)
def ends_traced():
    sys.settrace(lambda *args: None)
plains = [threading.Thread(target=plain) for _ in range(2)]
tracers = [threading.Thread(target=traces) for _ in range(3)]
for t in plains + tracers: t.start()
for _ in range(5):
    t = threading.Thread(target=ends_traced)
    t.start()
    t.join()
for t in tracers: t.join()
done = True
for t in plains: t.join()
print(failures, sys.gettrace())

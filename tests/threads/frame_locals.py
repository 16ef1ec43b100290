# f_locals of frames that other threads run, read and written; sys._current_frames and _current_exceptions.
import sys, threading
done, failures, ready = False, [], threading.Barrier(4)
def work(number):
    mine, other, count = [number], "x", 0
    ready.wait()
    while not done:
        count += 1
        mine = [mine, count] if count % 50 else [number]
        squares = [(value, [inner for inner in (1, 2)]) for value in range(3)]
        if type(other) not in (str, list): failures.append(other)
        try: raise ValueError(count)
        except ValueError: len(mine), squares
def look():
    me = threading.get_ident()
    try:
        for i in range(200):
            for ident, frame in sys._current_frames().items():
                while frame:
                    if frame.f_code is work.__code__:
                        p = frame.f_locals
                        p["other"] = [i, p["mine"]] if i % 2 else "y"
                        p["extra"] = i
                        p.get("value"), p.get("inner"), p.copy(), frame.f_lineno, list(p.items())
                        if "value" in p: p["value"] = i
                    frame = frame.f_back
            for ident, e in sys._current_exceptions().items():
                if e is not None and type(e) is not ValueError: failures.append(e)
            if sys._current_frames()[me] is not sys._getframe(): failures.append("own")
    except BaseException as e: failures.append(repr(e))
workers = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for t in workers: t.start()
ready.wait()
lookers = [threading.Thread(target=look) for _ in range(2)]
for t in lookers: t.start()
for t in lookers: t.join()
done = True
for t in workers: t.join()
print(failures, len(sys._current_frames()))

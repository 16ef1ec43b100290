# Frames and generators of threads that a fork left behind: seen as they stood, for ever.
import os, sys, threading, warnings, gc
warnings.simplefilter("ignore")
ev, ready = threading.Event(), threading.Event()
box = {}
def gen():
    x = 5
    ready.set(); ev.wait()
    yield x
def worker():
    secret = [1,2,3]
    box["frame"] = sys._getframe()
    g = box["gen"] = gen()
    next(g)
    return secret
t = threading.Thread(target=worker); t.start(); ready.wait()
pid = os.fork()
if pid == 0:
    f = box["frame"]
    print(f.f_code.co_name, f.f_lineno, sorted(f.f_locals), f.f_locals["secret"], flush=True)
    f.f_locals["secret"].append(4)
    print(f.f_back.f_code.co_name, flush=True)
    try: print(next(box["gen"]))
    except ValueError as e: print(e, flush=True)
    try: f.clear()
    except RuntimeError as e: print(e, flush=True)
    print(len(sys._current_frames()), flush=True)
    gc.collect()
    print(f.f_locals["secret"], flush=True)
    import traceback; print(len(traceback.extract_stack(f)) > 2, flush=True)
    del f, box; gc.collect()
    print("child ends", flush=True)
    sys.exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
ev.set(); t.join()

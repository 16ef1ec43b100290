import faulthandler, io, os, re, signal, subprocess, sys, tempfile, threading, time

def shown(text):
    text = re.sub(r"0x[0-9a-f]+( \[[^]]*\])?", "ID", text)
    text = re.sub(r'File "[^"]*?([^"/]+)"', r'File "\1"', text)
    return re.sub(r'(File "threading.py", line )\d+', r"\1N", text)
def captured(f, *args, **kw):
    with tempfile.TemporaryFile("w+") as file:
        result = f(*args, file=file, **kw)
        if result is not None: print("gave", result)
        file.seek(0)
        print(shown(file.read()), end="")
def deep(n, f):
    return deep(n - 1, f) if n else f()
def été(f): return f()
class Class:
    def method(self, f): return [f() for _ in (1,)]

# Now: this thread, all threads, generators, entries from native code.
captured(lambda file: deep(2, lambda: faulthandler.dump_traceback(file, all_threads=False)))
def generator(file):
    yield faulthandler.dump_traceback(file, all_threads=False)
captured(lambda file: été(lambda: sorted([1], key=lambda _: Class().method(lambda: next(generator(file))) or 0)) and None)
event = threading.Event()
t = threading.Thread(target=event.wait, name="waits")
t.start()
while t.ident is None: pass
def stands_in_wait():
    frame = sys._current_frames().get(t.ident)
    while frame and frame.f_code.co_name != "wait": frame = frame.f_back
    return frame is not None
while not stands_in_wait(): time.sleep(0.001)
with tempfile.TemporaryFile("w+") as file:
    faulthandler.dump_traceback(file)
    file.seek(0)
    text = shown(file.read())
    print([re.search(r"in (wait|run|_bootstrap|<module>)\n", part) is not None for part in text.split("\n\n")], text.count("Current thread ID"), "in _bootstrap\n" in text)
event.set()
t.join()
captured(lambda file: deep(105, lambda: faulthandler.dump_traceback(file, all_threads=False)))

# After a time.
def wait_for(path, what):
    while what not in open(path).read(): time.sleep(0.001)
path = os.path.join(tempfile.mkdtemp(), "out")
with open(path, "w") as file:
    faulthandler.dump_traceback_later(0.01, file=file)
    wait_for(path, "<module>")
    faulthandler.dump_traceback_later(3600.5, repeat=True, file=file)
    faulthandler.cancel_dump_traceback_later()
    faulthandler.cancel_dump_traceback_later()
print(open(path).read().split("\n")[0])
code = "import faulthandler, time; faulthandler.dump_traceback_later(0.01, exit=True)\nwhile True: time.sleep(0.001)"
r = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
print(r.returncode, r.stderr.split("\n")[0])

# On a signal of choice; chained to a handler of Python's.
with open(path, "w") as file:
    faulthandler.register(signal.SIGUSR1, file, all_threads=False)
    deep(1, lambda: os.kill(os.getpid(), signal.SIGUSR1))
print(shown(open(path).read()).split("\n")[:3])
print(faulthandler.unregister(signal.SIGUSR1), faulthandler.unregister(signal.SIGUSR1))
ran = []
signal.signal(signal.SIGUSR2, lambda *a: ran.append(a[0]))
with open(path, "w") as file:
    faulthandler.register(signal.SIGUSR2, file, chain=True)
    for _ in range(2): os.kill(os.getpid(), signal.SIGUSR2)
    while len(ran) < 1: time.sleep(0.001)
print(open(path).read().count("Current thread"), set(ran) == {signal.SIGUSR2}, faulthandler.unregister(signal.SIGUSR2))

# When the process dies.
for how in ("_sigsegv", "_sigabrt", "_sigfpe", "_read_null", "_stack_overflow"):
    for options, setup in ((["-X", "faulthandler"], ""), ([], "faulthandler.enable(all_threads=False, c_stack=False)")):
        r = subprocess.run([sys.executable, *options, "-c", f"import faulthandler\n{setup}\ndef f(): faulthandler.{how}()\nf()"], capture_output=True, text=True, errors="replace")
        part = shown(r.stderr.split("\n\nCurrent thread's C")[0]).split("\n")
        print(how, r.returncode != 0, part[:5], "C stack trace" in r.stderr)

# What is wrong.
for f, *args in ((faulthandler.dump_traceback, -1), (faulthandler.dump_traceback, "x"), (faulthandler.dump_traceback_later, 0), (faulthandler.dump_traceback_later, -1),
                 (faulthandler.dump_traceback_later, "x"), (faulthandler.dump_traceback_later, 1e20), (faulthandler.register, 0), (faulthandler.register, 100),
                 (faulthandler.register, signal.SIGSEGV), (faulthandler.unregister, signal.SIGABRT), (faulthandler.enable, io.StringIO())):
    try: f(*args)
    except Exception as e: print(type(e).__name__, e)
print(faulthandler.is_enabled(), faulthandler.disable())
with open(path, "w") as file: print(faulthandler.enable(file), faulthandler.is_enabled(), faulthandler.disable(), faulthandler.is_enabled())

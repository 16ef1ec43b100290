# KeyboardInterrupt, and other signals' handlers, while the main thread waits.
import threading, signal, os, time, queue
done = threading.Event()
# The library's Condition, interrupted between two of its steps, leaves its lock open and says so: on CPython too.
def in_condition(e): return isinstance(e.__context__, KeyboardInterrupt)
def killer(sig, after=lambda: None):
    # The pause lets the main thread get into its wait; nothing depends on its length: it begins when the main thread says so, inside its try.
    begin = threading.Lock(); begin.acquire()
    def work():
        begin.acquire()
        time.sleep(0.05)
        os.kill(os.getpid(), sig)
        after()
    threading.Thread(target=work).start()
    return begin.release
forever = threading.Thread(target=done.wait)
forever.start()
held = threading.Lock(); held.acquire()
def deep(): forever.join()
for name, wait in (("join", deep), ("lock", held.acquire), ("queue", queue.Queue().get), ("event", threading.Event().wait),
                   ("sleep", lambda: time.sleep(100)), ("timeout", lambda: held.acquire(timeout=100)), ("loop", lambda: [None for _ in iter(int, 1)])):
    begin = killer(signal.SIGINT)
    try:
        begin()
        wait()
    except (KeyboardInterrupt, RuntimeError) as e:
        if isinstance(e, RuntimeError) and not in_condition(e): raise
        print(name, "interrupted")
# A handler that returns: the wait goes on.
ran = []
signal.signal(signal.SIGUSR1, lambda *a: ran.append(threading.current_thread() is threading.main_thread()))
def release():
    while not ran: time.sleep(0.001)
    held.release()
killer(signal.SIGUSR1, release)()
print(held.acquire(), ran)
# A handler runs while other threads compute.
def spin():
    while not done.is_set(): [x for x in range(100)]
threads = [threading.Thread(target=spin) for _ in range(2)]
for t in threads: t.start()
for i in range(5): os.kill(os.getpid(), signal.SIGUSR1); time.sleep(0.01)
done.set()
for t in threads: t.join()
forever.join()
print(len(ran) >= 2, all(ran))

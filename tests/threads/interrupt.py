# KeyboardInterrupt, and other signals' handlers, while the main thread waits.
import threading, signal, os, time, queue
done = threading.Event()
def kill(sig, after=0.05):
    def work():
        time.sleep(after)
        os.kill(os.getpid(), sig)
    t = threading.Thread(target=work)
    t.start()
    return t
forever = threading.Thread(target=done.wait)
forever.start()
held = threading.Lock(); held.acquire()
def deep(): forever.join()
for name, wait in (("join", deep), ("lock", held.acquire), ("queue", queue.Queue().get), ("event", threading.Event().wait),
                   ("sleep", lambda: time.sleep(100)), ("timeout", lambda: held.acquire(timeout=100)), ("loop", lambda: [None for _ in iter(int, 1)])):
    k = kill(signal.SIGINT)
    try: wait()
    except KeyboardInterrupt: print(name, "interrupted")
    k.join()
# A handler that returns: the wait goes on.
ran = []
signal.signal(signal.SIGUSR1, lambda *a: ran.append(threading.current_thread() is threading.main_thread()))
k = kill(signal.SIGUSR1)
print(held.acquire(timeout=0.3), ran)
k.join()
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

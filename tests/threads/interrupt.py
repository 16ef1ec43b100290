# KeyboardInterrupt, and other signals' handlers, while the main thread waits.
import threading, signal, os, time, queue
done = threading.Event()
def killer(sig, after=lambda: None):
    # The pause lets the main thread get into its wait; nothing depends on its length: whoever waits is inside its try before the thread starts.
    def work():
        time.sleep(0.05)
        os.kill(os.getpid(), sig)
        after()
    return threading.Thread(target=work)
forever = threading.Thread(target=done.wait)
forever.start()
held = threading.Lock(); held.acquire()
def deep(): forever.join()
for name, wait in (("join", deep), ("lock", held.acquire), ("queue", queue.Queue().get), ("event", threading.Event().wait),
                   ("sleep", lambda: time.sleep(100)), ("timeout", lambda: held.acquire(timeout=100)), ("loop", lambda: [None for _ in iter(int, 1)])):
    k = killer(signal.SIGINT)
    try:
        k.start()
        wait()
    except KeyboardInterrupt: print(name, "interrupted")
    k.join()
# A handler that returns: the wait goes on.
ran = []
signal.signal(signal.SIGUSR1, lambda *a: ran.append(threading.current_thread() is threading.main_thread()))
def release():
    while not ran: time.sleep(0.001)
    held.release()
k = killer(signal.SIGUSR1, release)
k.start()
print(held.acquire(), ran)
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

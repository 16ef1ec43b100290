"""Splits work among SKEIN_THREADS threads.

SKEIN_SCALE (1 where it is not set) does the work that many times over. SKEIN_IDLE=1 starts a second thread at once, which waits for
an event that never comes: whatever sharing costs a program that runs on one thread shows then.
"""
import os
import threading

THREADS = int(os.environ.get("SKEIN_THREADS", "1"))
SCALE = int(os.environ.get("SKEIN_SCALE", "1"))

if os.environ.get("SKEIN_IDLE"):
    threading.Thread(target=threading.Event().wait, daemon=True).start()


def run(function, items):
    """function(item) for each item, SCALE times, on THREADS threads; each takes the next item when it is done with one. Results in the
    order of the items."""
    items = list(items) * SCALE
    results = [None] * len(items)

    if THREADS == 1:
        for i, item in enumerate(items):
            results[i] = function(item)
        return results
    left = iter(range(len(items)))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                i = next(left, None)
            if i is None:
                return
            results[i] = function(items[i])

    threads = [threading.Thread(target=work) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results

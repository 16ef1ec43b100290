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
    """function(item) for each item, SCALE times, on THREADS threads, item i on thread i % THREADS. Results in the order of the items."""
    items = list(items) * SCALE
    results = [None] * len(items)

    def work(first):
        for i in range(first, len(items), THREADS):
            results[i] = function(items[i])

    if THREADS == 1:
        work(0)
        return results
    threads = [threading.Thread(target=work, args=(i,)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results

"""Splits work among SKEIN_THREADS threads."""
import os
import threading

THREADS = int(os.environ.get("SKEIN_THREADS", "1"))


def run(function, items):
    """function(item) for each item, on THREADS threads, item i on thread i % THREADS. Results in the order of the items."""
    items = list(items)
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

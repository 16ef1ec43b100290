# lru_cache: threads that miss the same keys at once, evict and clear under each other.
import functools, gc, threading

class Result:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return self.n == other.n
for maxsize in (1, 3, 8, None):
    @functools.lru_cache(maxsize)
    def made(n, kind="r"): return Result(n)
    bad = []
    def work(k):
        for i in range(300):
            n = (i * (k + 1)) % 11
            if made(n).n != n or made(n=n).n != n: bad.append(n)
            if i % 50 == k: made.cache_clear()
            if i % 97 == 0: made.cache_info()
    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
    gc.collect()
    info = made.cache_info()
    print(maxsize, bad, info.maxsize == maxsize, maxsize is None or info.currsize <= maxsize + 4)
    made.cache_clear()
    for n in range(20): made(n)
    made.cache_clear()
    print([made(n).n for n in (1, 2, 3, 1)], made.cache_info())

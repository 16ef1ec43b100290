# fork from the main thread and from another, while others work.
import os, threading, sys, warnings, gc
warnings.simplefilter("ignore")
done = False
table, items, lock = {}, [], threading.Lock()
def busy(k):
    n = 0
    while not done:
        n += 1
        table[n % 40, k] = [n]
        items.append(n)
        if len(items) > 50: items.clear()
        with lock: pass
threads = [threading.Thread(target=busy, args=(k,)) for k in range(2)]
for t in threads: t.start()
def fork():
    statuses = []
    for i in range(5):
        pid = os.fork()
        if pid == 0:
            try:
                assert threading.active_count() == 1, threading.enumerate()
                items.append(1)
                table[1] = [2]
                out = []
                def child(): out.append(sum(range(100)))
                made = [threading.Thread(target=child) for _ in range(2)]
                for t in made: t.start()
                for t in made: t.join()
                assert out == [4950, 4950]
                gc.collect()
                os._exit(7)
            finally:
                os._exit(1)
        statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    return statuses
print(fork())
result = []
t = threading.Thread(target=lambda: result.append(fork()))
t.start()
t.join()
print(result)
done = True
for t in threads: t.join()
print("end")

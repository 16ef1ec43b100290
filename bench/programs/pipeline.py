"""A pipeline of worker threads over queue.Queue: parse, square, sum."""
import queue
import threading
from workers import SCALE, THREADS

ITEMS = 20000 * SCALE
todo, done = queue.Queue(100), queue.Queue(100)


def worker():
    while (item := todo.get()) is not None:
        n = int(item)
        done.put(n * n % 1000003)
    done.put(None)


def feed():
    for i in range(ITEMS):
        todo.put(str(i))
    for _ in range(THREADS):
        todo.put(None)


threads = [threading.Thread(target=worker) for _ in range(THREADS)] + [threading.Thread(target=feed)]
for thread in threads:
    thread.start()
total, ended = 0, 0
while ended < THREADS:
    result = done.get()
    if result is None:
        ended += 1
    else:
        total += result
for thread in threads:
    thread.join()
print("pipeline", total)

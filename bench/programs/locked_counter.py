"""A counter under a lock, shared by all threads."""
import threading
from workers import run

counter = 0
lock = threading.Lock()


def add(n):
    global counter
    for _ in range(n):
        with lock:
            counter += 1


run(add, [25000] * 16)
print("locked_counter", counter)

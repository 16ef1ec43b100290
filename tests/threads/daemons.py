# Daemon threads in the middle of everything when the program ends.
import threading, time, sys, atexit
shared, table = [], {}
lock = threading.Lock()
class Node:
    def __init__(self): self.me = self
def busy(k):
    n = 0
    while True:
        n += 1
        shared.append([n])
        table[n % 50, k] = Node()
        if len(shared) > 100: shared.clear()
        with lock: pass
def asleep():
    time.sleep(1000)
def waits():
    with lock2: pass
lock2 = threading.Lock()
lock2.acquire()
for k in range(3): threading.Thread(target=busy, args=(k,), daemon=True).start()
threading.Thread(target=asleep, daemon=True).start()
threading.Thread(target=waits, daemon=True).start()
atexit.register(lambda: print("atexit"))
said = threading.Event()
def late():
    said.wait()
    time.sleep(0.05)
    print("joined")
threading.Thread(target=late).start()
print("end")
sys.stdout.flush()
said.set()

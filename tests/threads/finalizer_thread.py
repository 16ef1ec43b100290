# Finalizers of garbage that an automatic collection finds while threads run side by side are called on a thread of the runtime's own: one that
# takes a lock does not meet its own thread holding it. Where one thread runs at a time they are called by the thread that collects.
import gc
import sys
import threading
import weakref

side_by_side = not sys._is_gil_enabled()
lock = threading.Lock()
finalized = threading.Event()
called_back = threading.Event()
ran_in = set()


class Node:
    def __del__(self):
        with lock:
            ran_in.add(threading.get_ident())
        self.other.note = "whole"
        finalized.set()


class Watched:
    pass


def callback(ref):
    assert ref() is None
    called_back.set()


def make_garbage():
    a, b = Node(), Node()
    a.other, b.other = b, a
    a.payload = [[] for _ in range(100)]
    w = Watched()
    w.itself = w
    watching.append(weakref.ref(w, callback))
    del watching[:-100]
    w.gone = weakref.ref(w, lambda ref: print("a callback that was garbage itself was called"))


def collections():
    return gc.get_stats()[2]["collections"]


watching = []
thread = threading.Thread(target=make_garbage)
thread.start()
thread.join()

if side_by_side:
    lock.acquire()
before = collections()
while collections() == before:
    make_garbage()
if side_by_side:
    print("while the lock is held:", finalized.is_set())
    lock.release()
else:
    print("while the lock is held: False")
while not (finalized.is_set() and called_back.is_set()):
    make_garbage()  # the first collection may have found none of these
print("finalized, and called back")
print("by another thread:", (threading.get_ident() not in ran_in) == side_by_side)


# A collection that the program asks for waits for what that thread is at, but not for ever.
class Slow:
    def __init__(self):
        self.itself = self

    def __del__(self):
        begun.set()
        with owned:
            pass


begun = threading.Event()
owned = threading.RLock()
with owned:
    while side_by_side and not begun.is_set():
        Slow()
    gc.collect()
print("collected beside a finalizer that waits")

# Garbage with finalizers is collected at the end while the modules are whole.
import threading
lock = threading.Lock()
class N:
    def __del__(self):
        print("del", lock is not None)
n = N(); n.me = n; del n

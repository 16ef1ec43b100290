import threading, sys, os, signal
l=threading.Lock(); l.acquire()
threading.Timer(0.2, lambda: os.kill(os.getpid(), int(signal.SIGINT))).start()
try: l.acquire()
except KeyboardInterrupt as e: print("KI in lock")
th=threading.Thread(target=lambda: l.acquire(timeout=1.0)); th.start()
threading.Timer(0.2, lambda: os.kill(os.getpid(), int(signal.SIGINT))).start()
try: th.join()
except KeyboardInterrupt as e: print("KI in join")
import _thread
threading.Timer(0.2, lambda: _thread.interrupt_main()).start()
try:
    while True: pass
except KeyboardInterrupt: print("KI in loop")
import queue
threading.Timer(0.2, lambda: os.kill(os.getpid(), int(signal.SIGINT))).start()
try: queue.Queue().get()
except KeyboardInterrupt as e: print("KI in queue")

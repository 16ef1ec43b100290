import threading, sys, os, signal, time, queue, _thread
l=threading.Lock(); l.acquire()
# The interrupt falls anywhere in the try, the wait among it: no pause is too short.
def interrupted(name, wait, interrupt=lambda: os.kill(os.getpid(), signal.SIGINT)):
    t=threading.Timer(0.1, interrupt)
    try:
        t.start()
        wait()
    except KeyboardInterrupt as e: print("KI in", name)
    t.join()
interrupted("lock", l.acquire)
th=threading.Thread(target=l.acquire); th.start()
interrupted("join", th.join)
def loop():
    while True: pass
interrupted("loop", loop, _thread.interrupt_main)
interrupted("queue", queue.Queue().get)
l.release(); th.join()
